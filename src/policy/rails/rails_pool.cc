// Checkout and return in Rails; the rules are stated in the header. The reaper is in
// rails_reaper.cc.
#include "policy/rails/rails_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace poolgauge {

namespace {
// Of a wait for a connection in maintenance, "with (functionally) no timeout" in its words.
constexpr Duration kMaintenanceWait = std::chrono::seconds(100);
}  // namespace

RailsPool::RailsPool(const RailsConfig& config, std::uint64_t seed)
    : config_(config), rng_(seed), last_waited_(config.checkout_timeout) {}

void RailsPool::on_acquire(TimePoint now, WaiterId waiter, ClientId, Actions& act) {
  if (waiter.slot >= askings_.size()) askings_.resize(waiter.slot + 1);
  asking(waiter) = {waiter.serial, Asking::State::none, 0, now};
  if (static_cast<std::int64_t>(queue_.size()) > waiting()) {
    return give(now, waiter, take_newest(), act);
  }
  if (maintaining_ > waiting()) return wait(waiter, now + kMaintenanceWait, act);
  if (has_room()) {
    activated_ = true;
    return give(now, waiter, make_adapter(), act);
  }
  wait(waiter, now + config_.checkout_timeout, act);
}

void RailsPool::wait(WaiterId waiter, TimePoint deadline, Actions& act) {
  asking(waiter).state = Asking::State::in_line;
  line_.push_back(waiter);
  act.park(waiter, deadline);
}

void RailsPool::stop_waiting(WaiterId waiter) {
  if (asking(waiter).state == Asking::State::woken) --woken_;
  line_.remove(waiter);
  asking(waiter).state = Asking::State::none;
}

// The adapter is the waiter's. 7.0 connects or tests it first.
void RailsPool::give(TimePoint now, WaiterId waiter, Index index, Actions& act) {
  if (config_.lazy) return lease(now, waiter, index, act);
  Adapter& adapter = adapters_[index];
  asking(waiter).state = Asking::State::preparing;
  asking(waiter).adapter = index;
  adapter.state = Adapter::State::preparing;
  adapter.has_waiter = true;
  adapter.waiter = waiter;
  act.unpark(waiter);
  adapter.connected ? act.check(adapter.conn) : connect(index, act);
}

void RailsPool::lease(TimePoint now, WaiterId waiter, Index index, Actions& act) {
  Adapter& adapter = adapters_[index];
  adapter.state = Adapter::State::leased;
  adapter.has_waiter = false;
  if (!adapter.connected) adapter.connected_at = now;
  adapter.connected = true;  // by its first statement, when it has no socket yet
  asking(waiter).state = Asking::State::none;
  act.grant(waiter, adapter.conn);
}

void RailsPool::on_wake(TimePoint now, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  if (self.serial != waiter.serial || self.state != Asking::State::woken) return;
  if (queue_.empty()) {  // taken by a thread whose time was up: waits on, behind the others
    --woken_;
    self.state = Asking::State::in_line;
    line_.push_back(waiter);
    return;
  }
  stop_waiting(waiter);
  give(now, waiter, take_newest(), act);
}

void RailsPool::on_deadline(TimePoint now, WaiterId waiter, Actions& act) {
  stop_waiting(waiter);
  if (!queue_.empty()) return give(now, waiter, take_newest(), act);
  last_waited_ = now - asking(waiter).asked;
  act.refuse(waiter, Refusal::timeout);
}

void RailsPool::on_give_up(TimePoint, WaiterId waiter, Actions& act) {
  const Asking self = asking(waiter);
  if (self.state == Asking::State::preparing) adapters_[self.adapter].has_waiter = false;
  stop_waiting(waiter);
  act.refuse(waiter, Refusal::gave_up);
  if (self.state == Asking::State::woken && !queue_.empty()) signal(act);
}

void RailsPool::signal(Actions& act) {
  if (line_.empty()) return;
  const WaiterId waiter = line_.pop_front();
  asking(waiter).state = Asking::State::woken;
  ++woken_;
  act.wake(waiter);
}

void RailsPool::on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) {
  const Index index = adapter_of(conn);
  if (condition == Condition::broken) disconnect(index, CloseReason::broken, act);
  if (condition == Condition::invalidated) disconnect(index, CloseReason::invalidated, act);
  check_in(now, index, act);
}

void RailsPool::check_in(TimePoint now, Index index, Actions& act) {
  adapters_[index].idle_since = now;
  enqueue(index, false);
  signal(act);
}

void RailsPool::on_opened(TimePoint now, ConnId conn, Actions& act) {
  const Index index = adapter_of(conn);
  Adapter& adapter = adapters_[index];
  adapter.connected = true;
  adapter.connected_at = now;
  if (adapter.state == Adapter::State::maintained) return chore_done(now, index, act);
  if (std::exchange(adapter.fresh, false) && adapter.has_waiter) return act.check(conn);
  adapter.has_waiter ? lease(now, adapter.waiter, index, act) : check_in(now, index, act);
}

void RailsPool::on_open_failed(TimePoint now, ConnId conn, Actions& act) {
  const Index index = adapter_of(conn);
  Adapter& adapter = adapters_[index];
  ids_.retire(conn);
  if (adapter.state == Adapter::State::maintained) {
    name_anew(index);
    return chore_done(now, index, act);
  }
  const bool was_new = adapter.fresh;
  if (adapter.has_waiter) {
    asking(adapter.waiter).state = Asking::State::none;
    act.refuse(adapter.waiter, Refusal::connect_failed);
  }
  remove(index);
  // One that cannot reconnect is replaced if somebody waits for it; one that never was is not.
  if (!was_new && waiting() > maintaining_) connect(make_adapter(), act);
}

void RailsPool::on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) {
  const Index index = adapter_of(conn);
  Adapter& adapter = adapters_[index];
  if (!alive) disconnect(index, CloseReason::broken, act);
  if (adapter.state == Adapter::State::maintained) return chore_done(now, index, act);
  if (!adapter.has_waiter) return check_in(now, index, act);
  alive ? lease(now, adapter.waiter, index, act) : connect(index, act);
}

RailsPool::Index RailsPool::make_adapter() {
  if (free_adapters_.empty()) {
    free_adapters_.push_back(static_cast<Index>(adapters_.size()));
    adapters_.emplace_back();
  }
  const Index index = free_adapters_.back();
  free_adapters_.pop_back();
  Adapter& adapter = adapters_[index];
  adapter = Adapter{};
  adapter.state = Adapter::State::preparing;
  adapter.fresh = true;
  adapter.jitter = rng_.uniform();
  ++adapters_here_;
  name_anew(index);
  return index;
}

// What connects next gets a number of its own.
void RailsPool::name_anew(Index index) {
  const ConnId conn = ids_.make();
  adapters_[index].conn = conn;
  if (conn.slot >= adapter_by_slot_.size()) adapter_by_slot_.resize(conn.slot + 1);
  adapter_by_slot_[conn.slot] = index;
}

void RailsPool::remove(Index index) {
  adapters_[index] = Adapter{};
  free_adapters_.push_back(index);
  --adapters_here_;
}

void RailsPool::connect(Index index, Actions& act) {
  const Adapter& adapter = adapters_[index];
  act.open(adapter.conn, adapter.has_waiter ? &adapter.waiter : nullptr);
}

void RailsPool::disconnect(Index index, CloseReason why, Actions& act) {
  Adapter& adapter = adapters_[index];
  act.close(adapter.conn, why);
  ids_.retire(adapter.conn);
  adapter.connected = false;
  name_anew(index);
}

void RailsPool::enqueue(Index index, bool at_far_end) {
  Adapter& adapter = adapters_[index];
  adapter.state = Adapter::State::idle;
  adapter.place = at_far_end ? --queue_front_ : queue_back_++;
  queue_.emplace(adapter.place, index);
}

void RailsPool::dequeue(Index index) {
  queue_.erase(adapters_[index].place);
}

RailsPool::Index RailsPool::take_newest() {
  const auto newest = std::prev(queue_.end());
  const Index index = newest->second;
  queue_.erase(newest);
  return index;
}

PoolCounts RailsPool::counts() const {
  PoolCounts counts;
  counts.size = std::max<std::int64_t>(config_.max_connections, 0);
  counts.open = adapters_here_;
  counts.idle = static_cast<std::int64_t>(queue_.size());
  counts.checked_out = adapters_here_ - counts.idle - maintaining_;
  // Who was called for a connection that is idle is about to have it.
  counts.waiting = std::max<std::int64_t>(0, waiting() - counts.idle);
  return counts;
}

std::vector<PoolStatistic> RailsPool::statistics() const {
  const PoolCounts now = counts();
  return {{"size", now.size},
          {"connections", now.open},
          {"busy", now.open - now.idle},
          {"dead", 0},
          {"idle", now.idle},
          {"waiting", waiting()},
          {"checkout_timeout",
           std::chrono::duration_cast<std::chrono::seconds>(config_.checkout_timeout).count()}};
}

std::string RailsPool::refusal_text(Refusal why) const {
  if (why != Refusal::timeout) return {};
  return fmt::format(
      "could not obtain a connection from the pool within {:.3f} seconds (waited {:.3f} seconds); "
      "all pooled connections were in use",
      to_s(config_.checkout_timeout), to_s(last_waited_));
}

}  // namespace poolgauge
