// pgxpool's health checker: fills up to the minimum, closes what is idle too long or too old.
// One goroutine does it, so that a check waits for the connects it ordered, and pauses after it
// destroyed something; what asks for a check meanwhile is remembered once.
#include <algorithm>
#include <utility>

#include "policy/pgx/pgx_pool.h"

namespace poolgauge {

namespace {

constexpr Duration kPause = std::chrono::milliseconds(500);

}  // namespace

void PgxPool::on_start(TimePoint now, Actions& act) {
  phase_ = Phase::starting;
  create_idle(now, std::max(config_.min_conns, config_.min_idle_conns), act);
}

// Each new request puts the check off again.
void PgxPool::ask_for_check(TimePoint now, Actions& act) {
  check_at_ = now + kPause;
  arm(act);
}

void PgxPool::on_tick(TimePoint now, Actions& act) {
  armed_ = kNever;
  for (; next_tick_ <= now; next_tick_ += config_.health_check_period) tick_due_ = true;
  if (check_at_ <= now) {
    check_at_ = kNever;
    check_due_ = true;
  }
  end_late_pings(now, act);
  if (phase_ == Phase::pausing && pause_until_ <= now) {
    pause_until_ = kNever;
    check_health(now, act);
  } else if (phase_ == Phase::waiting) {
    end_check(now, act);
  }
  arm(act);
}

void PgxPool::check_health(TimePoint now, Actions& act) {
  phase_ = Phase::creating;
  const auto idle = static_cast<std::int64_t>(idle_.size());
  create_idle(now, std::max(config_.min_conns - total_, config_.min_idle_conns - idle), act);
}

// In parallel; whoever finds no place is content.
void PgxPool::create_idle(TimePoint now, std::int64_t wanted, Actions& act) {
  creations_.clear();
  creation_failed_ = false;
  for (; wanted > 0 && total_ < config_.max_conns && take_place(); --wanted) {
    creations_.push_back(resources_[construct(now, nullptr, act)].conn);
  }
  creating_ = creations_.size();
  if (creating_ == 0) creations_ended(now, act);
}

// The first failure ends the others of its batch, and the check with them.
void PgxPool::cancel_creations(TimePoint now, Actions& act) {
  creation_failed_ = true;
  for (const ConnId conn : creations_) {
    Resource& resource = resources_[conn.slot];
    const bool under_way = resource.conn == conn && resource.of_pool &&
                           resource.state == Resource::State::constructing;
    if (!under_way) continue;
    deconstruct(conn.slot);
    resource.state = Resource::State::absent;
    --total_;
    --creating_;
    act.abandon(conn);
    ids_.retire(conn);
    free_place(now, act);
  }
}

void PgxPool::creations_ended(TimePoint now, Actions& act) {
  if (phase_ == Phase::starting) {
    next_tick_ = now + config_.health_check_period;
    end_check(now, act);
  } else if (!creation_failed_ && destroy_stale(now, act)) {
    phase_ = Phase::pausing;
    pause_until_ = now + kPause;
  } else {
    end_check(now, act);
  }
  arm(act);
}

// True when something was destroyed.
bool PgxPool::destroy_stale(TimePoint now, Actions& act) {
  std::vector<std::uint32_t> taken = std::exchange(idle_, {});
  std::vector<std::uint32_t> stale;
  std::int64_t total = total_;
  for (auto slot = taken.rbegin(); slot != taken.rend(); ++slot) {
    const Resource& resource = resources_[*slot];
    const bool too_old = expired(now, resource) && total >= config_.min_conns;
    const bool idle_too_long =
        now - resource.last_used > config_.max_conn_idle_time && total > config_.min_conns;
    if (!too_old && !idle_too_long) {
      idle_.push_back(*slot);  // a new generation: newest first, so the oldest is on top
      continue;
    }
    --total;
    ++(too_old ? lifetime_destroys_ : idle_destroys_);
    stale.push_back(*slot);
    // Nobody is in line while something is idle, so no place changes hands here.
    places_ -= 1;
  }
  for (const std::uint32_t slot : stale) {
    const bool too_old = expired(now, resources_[slot]);
    destroy(now, slot, too_old ? CloseReason::recycled : CloseReason::idle, act);
  }
  return !stale.empty();
}

// Back to waiting, unless another check was asked for meanwhile.
void PgxPool::end_check(TimePoint now, Actions& act) {
  phase_ = Phase::waiting;
  if (!tick_due_ && !check_due_) return;
  (tick_due_ ? tick_due_ : check_due_) = false;
  check_health(now, act);
}

// The caller moves on; the connection keeps its place until the ping has ended.
void PgxPool::end_late_pings(TimePoint now, Actions& act) {
  while (!pings_.empty() && pings_.front().until <= now) {
    const Ping ping = pings_.front();
    pings_.pop_front();
    Resource& resource = resources_[ping.conn.slot];
    const bool under_way =
        resource.conn == ping.conn && resource.has_waiter && resource.ping_until == ping.until;
    if (!under_way) continue;
    resource.has_waiter = false;
    seek(now, resource.waiter, false, act);
  }
}

void PgxPool::arm(Actions& act) {
  TimePoint earliest = std::min({next_tick_, check_at_, pause_until_});
  if (!pings_.empty()) earliest = std::min(earliest, pings_.front().until);
  if (earliest == armed_ || earliest == kNever) return;
  armed_ = earliest;
  act.tick_at(earliest);
}

}  // namespace poolgauge
