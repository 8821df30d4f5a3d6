// The decisions of pgxpool; the rules are stated in the header. Keeping the minimum and closing
// what is stale is in pgx_health.cc.
#include "policy/pgx/pgx_pool.h"

namespace poolgauge {

namespace {

constexpr Duration kPingAfter = std::chrono::seconds(1);

}  // namespace

PgxPool::PgxPool(const PgxConfig& config, std::uint64_t seed)
    : config_(config), rng_(seed, 0x706778), places_(config.max_conns) {}

PgxPool::Asking& PgxPool::asking(WaiterId waiter) {
  if (waiter.slot >= askings_.size()) askings_.resize(waiter.slot + 1);
  return askings_[waiter.slot];
}

void PgxPool::on_acquire(TimePoint now, WaiterId waiter, ClientId, Actions& act) {
  asking(waiter) = {};
  seek(now, waiter, false, act);
}

// The loop of pgxpool's Acquire; `admitted`: the semaphore has just let this one in.
void PgxPool::seek(TimePoint now, WaiterId waiter, bool admitted, Actions& act) {
  std::vector<std::uint32_t> stale;
  while (true) {
    Asking& self = asking(waiter);
    if (!admitted) {
      self.state = Asking::State::none;
      if (self.tries > config_.max_conns) {
        act.refuse(waiter, Refusal::connect_failed);
        break;
      }
      ++self.tries;
      self.tried_at = now;
      self.waited = !take_place();
      if (self.waited) {
        self.state = Asking::State::in_line;
        line_.push_back(waiter);
        break;
      }
    }
    admitted = false;
    if (idle_.empty()) {
      construct(now, &waiter, act);
      break;
    }
    const std::uint32_t slot = pop_idle(now, waiter);
    if (!config_.looks_at_age_on_acquire || !expired(now, resources_[slot])) {
      ping_or_grant(now, slot, act);
      break;
    }
    ++lifetime_destroys_;
    resources_[slot].has_waiter = false;
    stale.push_back(slot);
  }
  // Destroyed by goroutines of their own, so their places come free only now.
  for (const std::uint32_t slot : stale) destroy(now, slot, CloseReason::recycled, act);
}

bool PgxPool::take_place() {
  if (places_ == 0 || !line_.empty()) return false;
  --places_;
  return true;
}

void PgxPool::free_place(TimePoint now, Actions& act) {
  ++places_;
  if (line_.empty()) return;
  --places_;
  seek(now, line_.pop_front(), true, act);
}

std::uint32_t PgxPool::pop_idle(TimePoint now, WaiterId waiter) {
  const std::uint32_t slot = idle_.back();
  idle_.pop_back();
  Resource& resource = resources_[slot];
  resource.state = Resource::State::acquired;
  resource.has_waiter = true;
  resource.waiter = waiter;
  Asking& self = asking(waiter);
  self.state = Asking::State::preparing;
  self.slot = slot;
  note_acquired(now, self, self.waited);
  return slot;
}

void PgxPool::push_idle(std::uint32_t slot) {
  resources_[slot].state = Resource::State::idle;
  resources_[slot].of_pool = false;
  idle_.push_back(slot);
}

std::uint32_t PgxPool::construct(TimePoint now, const WaiterId* waiter, Actions& act) {
  const ConnId conn = ids_.make();
  if (conn.slot >= resources_.size()) resources_.resize(conn.slot + 1);
  Resource& resource = resources_[conn.slot];
  resource = {};
  resource.conn = conn;
  resource.state = Resource::State::constructing;
  resource.last_used = now;
  resource.of_pool = waiter == nullptr;
  if (waiter != nullptr) {
    resource.has_waiter = true;
    resource.waiter = *waiter;
    asking(*waiter).state = Asking::State::preparing;
    asking(*waiter).slot = conn.slot;
  } else {
    ++unclaimed_;
  }
  ++total_;
  ++constructing_;
  ++new_conns_;
  act.open(conn, waiter);
  return conn.slot;
}

// It is no longer being made: it was opened, failed or was broken off.
void PgxPool::deconstruct(std::uint32_t slot) {
  --constructing_;
  if (!resources_[slot].has_waiter) --unclaimed_;
}

void PgxPool::on_opened(TimePoint now, ConnId conn, Actions& act) {
  Resource& resource = resources_[conn.slot];
  deconstruct(conn.slot);
  if (config_.max_conn_lifetime > Duration::zero()) {
    const auto jitter_s =
        static_cast<std::int64_t>(rng_.uniform() * to_s(config_.max_conn_lifetime_jitter));
    resource.expires = now + config_.max_conn_lifetime + std::chrono::seconds(jitter_s);
  }
  if (resource.has_waiter) {
    resource.state = Resource::State::acquired;
    note_acquired(now, asking(resource.waiter), true);
    return ping_or_grant(now, conn.slot, act);
  }
  const bool of_pool = resource.of_pool;
  push_idle(conn.slot);
  free_place(now, act);
  if (of_pool && --creating_ == 0) creations_ended(now, act);
}

void PgxPool::on_open_failed(TimePoint now, ConnId conn, Actions& act) {
  const Resource failed = resources_[conn.slot];
  deconstruct(conn.slot);
  resources_[conn.slot].state = Resource::State::absent;
  --total_;
  ids_.retire(conn);
  if (failed.has_waiter) {
    asking(failed.waiter).state = Asking::State::none;
    act.refuse(failed.waiter, Refusal::connect_failed);
  }
  free_place(now, act);
  if (!failed.of_pool) return;
  --creating_;
  cancel_creations(now, act);
  creations_ended(now, act);
}

void PgxPool::ping_or_grant(TimePoint now, std::uint32_t slot, Actions& act) {
  Resource& resource = resources_[slot];
  if (now - resource.last_used <= kPingAfter) return grant(slot, act);
  act.check(resource.conn);
  if (config_.ping_timeout <= Duration::zero()) return;
  resource.ping_until = now + config_.ping_timeout;
  pings_.push_back({resource.ping_until, resource.conn});
  arm(act);
}

void PgxPool::grant(std::uint32_t slot, Actions& act) {
  Resource& resource = resources_[slot];
  resource.has_waiter = false;
  resource.ping_until = kNever;
  asking(resource.waiter).state = Asking::State::none;
  act.grant(resource.waiter, resource.conn);
}

void PgxPool::on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) {
  Resource& resource = resources_[conn.slot];
  // An interrupted ping closes the connection: its caller left, or its time was over.
  if (!resource.has_waiter) return destroy(now, conn.slot, CloseReason::broken, act);
  if (alive) return grant(conn.slot, act);
  resource.has_waiter = false;
  seek(now, resource.waiter, false, act);
  destroy(now, conn.slot, CloseReason::broken, act);
}

void PgxPool::on_give_up(TimePoint, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  ++canceled_;
  if (self.state == Asking::State::in_line) line_.remove(waiter);
  if (self.state == Asking::State::preparing) {
    Resource& resource = resources_[self.slot];
    resource.has_waiter = false;
    if (resource.state == Resource::State::constructing) ++unclaimed_;
  }
  self.state = Asking::State::none;
  act.refuse(waiter, Refusal::gave_up);
}

void PgxPool::on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) {
  Resource& resource = resources_[conn.slot];
  if (condition != Condition::clean) {
    const bool broken = condition == Condition::broken;
    destroy(now, conn.slot, broken ? CloseReason::broken : CloseReason::invalidated, act);
    return ask_for_check(now, act);
  }
  if (expired(now, resource)) {
    ++lifetime_destroys_;
    destroy(now, conn.slot, CloseReason::recycled, act);
    return ask_for_check(now, act);
  }
  resource.last_used = now;
  push_idle(conn.slot);
  free_place(now, act);
}

void PgxPool::destroy(TimePoint now, std::uint32_t slot, CloseReason why, Actions& act) {
  Resource& resource = resources_[slot];
  resource.state = Resource::State::absent;
  --total_;
  act.close(resource.conn, why);
  ids_.retire(resource.conn);
  free_place(now, act);
}

void PgxPool::note_acquired(TimePoint now, const Asking& self, bool empty) {
  const Duration took = now - self.tried_at;
  ++acquires_;
  acquire_time_ += took;
  if (!empty) return;
  ++empty_acquires_;
  empty_acquire_time_ += took;
}

PoolCounts PgxPool::counts() const {
  PoolCounts counts;
  counts.open = total_;
  counts.idle = static_cast<std::int64_t>(idle_.size());
  counts.checked_out = total_ - counts.idle - unclaimed_;
  counts.waiting = static_cast<std::int64_t>(line_.size());
  counts.size = config_.max_conns;
  return counts;
}

// Durations in nanoseconds, as Go counts them.
std::vector<PoolStatistic> PgxPool::statistics() const {
  const auto idle = static_cast<std::int64_t>(idle_.size());
  return {{"AcquireCount", acquires_},
          {"AcquireDuration", acquire_time_.count()},
          {"AcquiredConns", total_ - idle - constructing_},
          {"CanceledAcquireCount", canceled_},
          {"ConstructingConns", constructing_},
          {"EmptyAcquireCount", empty_acquires_},
          {"EmptyAcquireWaitTime", empty_acquire_time_.count()},
          {"IdleConns", idle},
          {"MaxConns", config_.max_conns},
          {"TotalConns", total_},
          {"NewConnsCount", new_conns_},
          {"MaxLifetimeDestroyCount", lifetime_destroys_},
          {"MaxIdleDestroyCount", idle_destroys_}};
}

std::string PgxPool::refusal_text(Refusal why) const {
  return why == Refusal::gave_up ? "context deadline exceeded" : "";
}

}  // namespace poolgauge
