// The decisions of asyncpg's pool; the rules are stated in the header.
#include "policy/asyncpg/asyncpg_pool.h"

#include <algorithm>

#include "base/check.h"

namespace poolgauge {

AsyncpgPool::AsyncpgPool(const AsyncpgConfig& config)
    : config_(config), holders_(static_cast<std::size_t>(config.max_size)) {}

// The holders that will lie on top of the queue are connected, the topmost first.
void AsyncpgPool::on_start(TimePoint, Actions& act) {
  to_fill_ = config_.min_size;
  if (to_fill_ > 0) {
    connect(static_cast<std::uint32_t>(config_.max_size - 1), nullptr, act);
  } else {
    filled_one(act);
  }
}

void AsyncpgPool::fill_rest(Actions& act) {
  for (std::int64_t i = 1; i < config_.min_size; ++i) {
    connect(static_cast<std::uint32_t>(config_.max_size - 1 - i), nullptr, act);
  }
}

// Once the last initial connect has ended the pool can be used, by those who came early too.
void AsyncpgPool::filled_one(Actions& act) {
  if (to_fill_ > 0) --to_fill_;
  if (filling()) return;
  for (std::uint32_t index = 0; index < holders_.size(); ++index) {
    queue_.push_back(index);
    wake_next(act);
  }
}

void AsyncpgPool::on_acquire(TimePoint now, WaiterId waiter, ClientId client, Actions& act) {
  if (waiter.slot >= askings_.size()) askings_.resize(waiter.slot + 1);
  askings_[waiter.slot] = {Asking::State::none, 0, client};
  // wait_for() with no time left cancels before anything has begun.
  if (config_.timeout == Duration::zero()) return act.refuse(waiter, Refusal::timeout);
  if (limited()) act.park(waiter, now + config_.timeout);
  if (filling()) return join(waiter);
  if (looks_later(client)) return call(waiter, act);
  if (queue_.empty()) return join(waiter);
  take(waiter, act);
}

bool AsyncpgPool::looks_later(ClientId client) const {
  if (limited() && config_.waits_in_new_task) return true;
  // A task that has just returned a holder goes on after the waiter that this has woken.
  return woken_ > 0 && !queue_.empty() && holders_[queue_.back()].user == client;
}

void AsyncpgPool::join(WaiterId waiter) {
  askings_[waiter.slot].state = Asking::State::in_line;
  line_.push_back(waiter);
}

void AsyncpgPool::call(WaiterId waiter, Actions& act) {
  askings_[waiter.slot].state = Asking::State::woken;
  ++woken_;
  act.wake(waiter);
}

void AsyncpgPool::wake_next(Actions& act) {
  if (!line_.empty()) call(line_.pop_front(), act);
}

void AsyncpgPool::on_wake(TimePoint, WaiterId waiter, Actions& act) {
  if (askings_[waiter.slot].state != Asking::State::woken) return;
  --woken_;
  if (queue_.empty()) return join(waiter);  // somebody was quicker: to the back
  take(waiter, act);
}

void AsyncpgPool::take(WaiterId waiter, Actions& act) {
  const std::uint32_t index = queue_.back();
  queue_.pop_back();
  ++in_use_;
  if (holders_[index].connected) return grant(index, waiter, act);
  askings_[waiter.slot].state = Asking::State::connecting;
  askings_[waiter.slot].holder = index;
  connect(index, &waiter, act);
}

void AsyncpgPool::grant(std::uint32_t index, WaiterId waiter, Actions& act) {
  Asking& self = askings_[waiter.slot];
  self.state = Asking::State::none;
  holders_[index].user = self.client;
  idle_timers_.cancel(index);
  act.grant(waiter, holders_[index].conn);
}

void AsyncpgPool::connect(std::uint32_t index, const WaiterId* payer, Actions& act) {
  Holder& holder = holders_[index];
  holder.conn = ids_.make();
  holder.queries = 0;
  holder.has_waiter = payer != nullptr;
  if (payer != nullptr) holder.waiter = *payer;
  if (holder.conn.slot >= holder_by_slot_.size()) holder_by_slot_.resize(holder.conn.slot + 1);
  holder_by_slot_[holder.conn.slot] = index;
  ++connecting_;
  act.open(holder.conn, payer);
}

void AsyncpgPool::on_opened(TimePoint now, ConnId conn, Actions& act) {
  const std::uint32_t index = holder_of(conn);
  Holder& holder = holders_[index];
  holder.connected = true;
  --connecting_;
  ++connected_;
  if (holder.has_waiter) {
    holder.has_waiter = false;
    return grant(index, holder.waiter, act);
  }
  start_idle_timer(now, index, act);
  if (to_fill_ == config_.min_size) fill_rest(act);
  filled_one(act);
}

void AsyncpgPool::on_open_failed(TimePoint, ConnId conn, Actions& act) {
  const std::uint32_t index = holder_of(conn);
  Holder& holder = holders_[index];
  ids_.retire(conn);
  --connecting_;
  if (!holder.has_waiter) {
    // The first initial connect shows the error to whoever made the pool; no others follow.
    if (to_fill_ == config_.min_size) to_fill_ = 1;
    return filled_one(act);
  }
  holder.has_waiter = false;
  askings_[holder.waiter.slot].state = Asking::State::none;
  put(index, act);
  act.refuse(holder.waiter, Refusal::connect_failed);
}

void AsyncpgPool::on_checked(TimePoint, ConnId, bool, Actions&) {}

void AsyncpgPool::on_deadline(TimePoint, WaiterId waiter, Actions& act) {
  leave(waiter, Refusal::timeout, act);
}

void AsyncpgPool::on_give_up(TimePoint, WaiterId waiter, Actions& act) {
  leave(waiter, Refusal::gave_up, act);
}

// The acquiring task is cancelled, wherever it is.
void AsyncpgPool::leave(WaiterId waiter, Refusal why, Actions& act) {
  Asking& self = askings_[waiter.slot];
  const Asking::State was = std::exchange(self.state, Asking::State::none);
  act.refuse(waiter, why);
  if (was == Asking::State::in_line) line_.remove(waiter);
  if (was == Asking::State::woken) {
    --woken_;
    if (!queue_.empty()) wake_next(act);  // it passes the call on
  }
  if (was != Asking::State::connecting) return;
  Holder& holder = holders_[self.holder];
  holder.has_waiter = false;
  act.abandon(holder.conn);
  ids_.retire(holder.conn);
  --connecting_;
  put(self.holder, act);
}

void AsyncpgPool::on_release(TimePoint, ConnId conn, Condition condition, Actions& act) {
  const std::uint32_t index = holder_of(conn);
  Holder& holder = holders_[index];
  holder.queries += 2;
  const bool discarded = condition == Condition::broken || condition == Condition::invalidated;
  if (!discarded && holder.queries < config_.max_queries) return act.reset(conn);
  CloseReason why = CloseReason::recycled;
  if (condition == Condition::broken) why = CloseReason::broken;
  if (condition == Condition::invalidated) why = CloseReason::invalidated;
  disconnect(index, why, act);
  put(index, act);
}

void AsyncpgPool::on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) {
  const std::uint32_t index = holder_of(conn);
  if (!alive) disconnect(index, CloseReason::broken, act);
  put(index, act);
  if (alive) start_idle_timer(now, index, act);
}

void AsyncpgPool::put(std::uint32_t index, Actions& act) {
  --in_use_;
  queue_.push_back(index);
  wake_next(act);
}

void AsyncpgPool::start_idle_timer(TimePoint now, std::uint32_t index, Actions& act) {
  if (config_.max_inactive_connection_lifetime <= Duration::zero()) return;
  idle_timers_.set(index, now + config_.max_inactive_connection_lifetime);
  idle_timers_.arm(act);
}

void AsyncpgPool::disconnect(std::uint32_t index, CloseReason why, Actions& act) {
  Holder& holder = holders_[index];
  idle_timers_.cancel(index);
  act.close(holder.conn, why);
  ids_.retire(holder.conn);
  holder.connected = false;
  --connected_;
}

void AsyncpgPool::on_tick(TimePoint now, Actions& act) {
  idle_timers_.fired();
  while (const auto index = idle_timers_.take_due(now)) disconnect(*index, CloseReason::idle, act);
  idle_timers_.arm(act);
}

// The event loop sees the socket close; the holder stays where it is, empty.
void AsyncpgPool::on_lost(TimePoint, ConnId conn, Actions& act) {
  disconnect(holder_of(conn), CloseReason::broken, act);
}

PoolCounts AsyncpgPool::counts() const {
  PoolCounts counts;
  counts.size = config_.max_size;
  counts.open = connected_ + connecting_;
  counts.checked_out = in_use_;
  // While the pool fills itself nothing can be taken; later every connect is part of a checkout.
  counts.idle = filling() ? 0 : counts.open - in_use_;
  const std::int64_t asking = static_cast<std::int64_t>(line_.size()) + woken_;
  counts.waiting = std::max<std::int64_t>(0, asking - static_cast<std::int64_t>(queue_.size()));
  return counts;
}

std::vector<PoolStatistic> AsyncpgPool::statistics() const {
  return {{"get_size", connected_},
          {"get_min_size", config_.min_size},
          {"get_max_size", config_.max_size},
          {"get_idle_size", filling() ? connected_ : counts().idle}};
}

std::string AsyncpgPool::refusal_text(Refusal why) const {
  const bool time = why == Refusal::timeout || why == Refusal::gave_up;
  return time ? "asyncio.TimeoutError" : "";
}

DriverHabits AsyncpgPool::habits() const {
  DriverHabits habits;
  habits.reset = DriverHabits::Reset::reset_query;
  return habits;
}

}  // namespace poolgauge
