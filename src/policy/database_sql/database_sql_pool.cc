// The decisions of database/sql; the rules are stated in the header.
#include "policy/database_sql/database_sql_pool.h"

#include <algorithm>

namespace poolgauge {

namespace {

constexpr int kTriesFromPool = 2;                            // maxBadConnRetries
constexpr Duration kCleanerPause = std::chrono::seconds(1);  // at least
constexpr Duration kPingAfter = std::chrono::seconds(1);     // pgx/stdlib, ResetSession

}  // namespace

DatabaseSqlPool::DatabaseSqlPool(const DatabaseSqlConfig& config, std::uint64_t seed)
    : config_(config), rng_(seed, 0x73716c) {
  config_.max_idle = std::max<std::int64_t>(config_.max_idle, 0);
  if (limited()) config_.max_idle = std::min(config_.max_idle, config_.max_open);
}

DatabaseSqlPool::Asking& DatabaseSqlPool::asking(WaiterId waiter) {
  if (waiter.slot >= askings_.size()) askings_.resize(waiter.slot + 1);
  return askings_[waiter.slot];
}

void DatabaseSqlPool::on_acquire(TimePoint now, WaiterId waiter, ClientId, Actions& act) {
  asking(waiter) = {};
  get(now, waiter, act);
}

// Conn(): from the pool while there are tries left, then only a connection of its own.
void DatabaseSqlPool::get(TimePoint now, WaiterId waiter, Actions& act) {
  while (asking(waiter).tries < kTriesFromPool && !free_.empty()) {
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    if (!expired(now, conns_[slot])) return use(now, slot, waiter, act);
    ++lifetime_closed_;
    close(slot, CloseReason::recycled, act);
    ++asking(waiter).tries;
  }
  if (limited() && open_ >= config_.max_open) {
    ++wait_count_;
    return join_requests(now, waiter);
  }
  ++open_;
  open(&waiter, act);
}

void DatabaseSqlPool::join_requests(TimePoint now, WaiterId waiter) {
  Asking& self = asking(waiter);
  self.state = Asking::State::requested;
  self.place = static_cast<std::uint32_t>(requests_.size());
  self.since = now;
  requests_.push_back(waiter);
}

WaiterId DatabaseSqlPool::leave_requests(TimePoint now, std::uint32_t place) {
  const WaiterId leaving = requests_[place];
  requests_[place] = requests_.back();
  asking(requests_[place]).place = place;
  requests_.pop_back();
  asking(leaving).state = Asking::State::none;
  wait_time_ += now - asking(leaving).since;
  return leaving;
}

WaiterId DatabaseSqlPool::any_request(TimePoint now) {
  const auto last = static_cast<std::int64_t>(requests_.size()) - 1;
  return leave_requests(now, static_cast<std::uint32_t>(rng_.uniform_int(0, last)));
}

// To this waiter, after the driver's session reset where the connection was used before.
void DatabaseSqlPool::use(TimePoint now, std::uint32_t slot, WaiterId waiter, Actions& act) {
  Conn& conn = conns_[slot];
  const bool pings =
      config_.pings_on_reset && conn.needs_reset && now - conn.last_reset > kPingAfter;
  if (conn.needs_reset) conn.last_reset = now;
  if (!pings) {
    asking(waiter).state = Asking::State::none;
    return act.grant(waiter, conn.id);
  }
  conn.has_waiter = true;
  conn.waiter = waiter;
  asking(waiter).state = Asking::State::resetting;
  asking(waiter).slot = slot;
  act.check(conn.id);
}

void DatabaseSqlPool::retry(TimePoint now, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  self.state = Asking::State::none;
  if (self.tries >= kTriesFromPool) return act.refuse(waiter, Refusal::connect_failed);
  ++self.tries;
  get(now, waiter, act);
}

void DatabaseSqlPool::on_checked(TimePoint now, ConnId id, bool alive, Actions& act) {
  Conn& conn = conns_[id.slot];
  const bool wanted = conn.has_waiter;
  const WaiterId waiter = conn.waiter;
  conn.has_waiter = false;
  if (wanted && alive) {
    asking(waiter).state = Asking::State::none;
    return act.grant(waiter, id);
  }
  // A ping that its caller interrupted leaves a closed connection, too.
  close(id.slot, CloseReason::broken, act);
  if (wanted) retry(now, waiter, act);
}

void DatabaseSqlPool::on_give_up(TimePoint now, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  const Asking::State was = std::exchange(self.state, Asking::State::none);
  act.refuse(waiter, Refusal::gave_up);
  switch (was) {
    case Asking::State::none: break;
    case Asking::State::requested: leave_requests(now, self.place); break;
    case Asking::State::resetting: conns_[self.slot].has_waiter = false; break;
    case Asking::State::connecting:
      // The connect has the caller's context.
      act.abandon(conns_[self.slot].id);
      ids_.retire(conns_[self.slot].id);
      --open_;
      open_for_requests(act);
      break;
  }
}

void DatabaseSqlPool::open(const WaiterId* waiter, Actions& act) {
  const ConnId id = ids_.make();
  if (id.slot >= conns_.size()) conns_.resize(id.slot + 1);
  Conn& conn = conns_[id.slot];
  conn = {};
  conn.id = id;
  conn.of_opener = waiter == nullptr;
  if (waiter != nullptr) {
    conn.has_waiter = true;
    conn.waiter = *waiter;
    asking(*waiter).state = Asking::State::connecting;
    asking(*waiter).slot = id.slot;
  }
  act.open(id, waiter);
}

// One order for each request that fits below the limit, whatever is on its way already.
void DatabaseSqlPool::open_for_requests(Actions& act) {
  if (!limited()) return;
  const auto wanted = static_cast<std::int64_t>(requests_.size());
  const std::int64_t more = std::min(wanted, config_.max_open - open_);
  if (more <= 0) return;
  open_ += more;
  orders_ += more;
  run_opener(act);
}

void DatabaseSqlPool::run_opener(Actions& act) {
  if (opener_busy_ || orders_ == 0) return;
  --orders_;
  opener_busy_ = true;
  open(nullptr, act);
}

void DatabaseSqlPool::on_opened(TimePoint now, ConnId id, Actions& act) {
  Conn& conn = conns_[id.slot];
  conn.created = conn.returned = conn.last_reset = now;
  if (!conn.of_opener) {
    conn.has_waiter = false;
    asking(conn.waiter).state = Asking::State::none;
    return act.grant(conn.waiter, id);
  }
  opener_busy_ = false;
  if (!put_good(now, id.slot, act)) {
    // Closed by the opener itself, which looks for no requests then.
    --open_;
    act.close(id, CloseReason::overflow);
    ids_.retire(id);
  }
  run_opener(act);
}

void DatabaseSqlPool::on_open_failed(TimePoint now, ConnId id, Actions& act) {
  const Conn failed = conns_[id.slot];
  ids_.retire(id);
  --open_;
  if (!failed.of_opener) {
    asking(failed.waiter).state = Asking::State::none;
    act.refuse(failed.waiter, Refusal::connect_failed);
    return open_for_requests(act);
  }
  opener_busy_ = false;
  if (!requests_.empty()) act.refuse(any_request(now), Refusal::connect_failed);
  open_for_requests(act);
  run_opener(act);
}

void DatabaseSqlPool::on_release(TimePoint now, ConnId id, Condition condition, Actions& act) {
  if (condition == Condition::in_transaction) return act.reset(id);
  put(now, id.slot, condition != Condition::clean, act);
}

void DatabaseSqlPool::on_reset(TimePoint now, ConnId id, bool alive, Actions& act) {
  put(now, id.slot, !alive, act);
}

void DatabaseSqlPool::put(TimePoint now, std::uint32_t slot, bool bad, Actions& act) {
  Conn& conn = conns_[slot];
  conn.returned = now;
  conn.needs_reset = true;
  if (bad) return close(slot, CloseReason::broken, act);
  if (expired(now, conn)) {
    ++lifetime_closed_;
    return close(slot, CloseReason::recycled, act);
  }
  if (!put_good(now, slot, act)) close(slot, CloseReason::overflow, act);
}

// putConnDBLocked: to any request, else to the idle ones; false when there are enough of them.
bool DatabaseSqlPool::put_good(TimePoint now, std::uint32_t slot, Actions& act) {
  if (!requests_.empty()) {
    use(now, slot, any_request(now), act);
    return true;
  }
  if (static_cast<std::int64_t>(free_.size()) >= config_.max_idle) {
    ++idle_closed_;
    return false;
  }
  free_.push_back(slot);
  start_cleaner(now, act);
  return true;
}

void DatabaseSqlPool::close(std::uint32_t slot, CloseReason why, Actions& act) {
  act.close(conns_[slot].id, why);
  ids_.retire(conns_[slot].id);
  --open_;
  open_for_requests(act);
}

Duration DatabaseSqlPool::shortest_time() const {
  if (config_.max_idle_time <= Duration::zero()) return config_.max_lifetime;
  if (config_.max_lifetime <= Duration::zero()) return config_.max_idle_time;
  return std::min(config_.max_idle_time, config_.max_lifetime);
}

void DatabaseSqlPool::start_cleaner(TimePoint now, Actions& act) {
  if (cleaning_ || shortest_time() <= Duration::zero()) return;
  cleaning_ = true;
  act.tick_at(now + std::max(shortest_time(), kCleanerPause));
}

void DatabaseSqlPool::on_tick(TimePoint now, Actions& act) {
  if (open_ == 0) {
    cleaning_ = false;
    return;
  }
  std::vector<std::uint32_t> closing;
  Duration next = clean_idle(now, shortest_time(), closing);
  const std::size_t idle_too_long = closing.size();
  next = clean_old(now, next, closing);
  for (std::size_t i = 0; i < closing.size(); ++i) {
    close(closing[i], i < idle_too_long ? CloseReason::idle : CloseReason::recycled, act);
  }
  act.tick_at(now + std::max(next, kCleanerPause));
}

// The idle ones are in order of their return. Gives the time until the next may be due.
Duration DatabaseSqlPool::clean_idle(TimePoint now, Duration next,
                                     std::vector<std::uint32_t>& closing) {
  if (config_.max_idle_time <= Duration::zero()) return next;
  const TimePoint idle_since = now - config_.max_idle_time;
  const auto kept = std::find_if(free_.begin(), free_.end(), [&](std::uint32_t slot) {
    return conns_[slot].returned >= idle_since;
  });
  closing.assign(free_.begin(), kept);
  free_.erase(free_.begin(), kept);
  idle_time_closed_ += static_cast<std::int64_t>(closing.size());
  if (free_.empty()) return next;
  return std::min(next, conns_[free_.front()].returned - idle_since);
}

Duration DatabaseSqlPool::clean_old(TimePoint now, Duration next,
                                    std::vector<std::uint32_t>& closing) {
  if (config_.max_lifetime <= Duration::zero()) return next;
  const TimePoint expired_since = now - config_.max_lifetime;
  std::vector<std::uint32_t> kept;
  for (const std::uint32_t slot : free_) {
    const TimePoint created = conns_[slot].created;
    if (created < expired_since) {
      closing.push_back(slot);
      ++lifetime_closed_;
      continue;
    }
    next = std::min(next, created - expired_since);
    kept.push_back(slot);
  }
  free_ = std::move(kept);
  return next;
}

PoolCounts DatabaseSqlPool::counts() const {
  PoolCounts counts;
  counts.open = open_;
  counts.idle = static_cast<std::int64_t>(free_.size());
  counts.checked_out = open_ - counts.idle - orders_ - (opener_busy_ ? 1 : 0);
  counts.waiting = static_cast<std::int64_t>(requests_.size());
  counts.size = std::max<std::int64_t>(config_.max_open, 0);
  return counts;
}

// Durations in nanoseconds, as Go counts them.
std::vector<PoolStatistic> DatabaseSqlPool::statistics() const {
  const auto idle = static_cast<std::int64_t>(free_.size());
  return {{"MaxOpenConnections", std::max<std::int64_t>(config_.max_open, 0)},
          {"OpenConnections", open_},
          {"InUse", open_ - idle},
          {"Idle", idle},
          {"WaitCount", wait_count_},
          {"WaitDuration", wait_time_.count()},
          {"MaxIdleClosed", idle_closed_},
          {"MaxIdleTimeClosed", idle_time_closed_},
          {"MaxLifetimeClosed", lifetime_closed_}};
}

std::string DatabaseSqlPool::refusal_text(Refusal why) const {
  return why == Refusal::gave_up ? "context deadline exceeded" : "";
}

}  // namespace poolgauge
