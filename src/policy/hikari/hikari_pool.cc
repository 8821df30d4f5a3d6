// Taking and returning in HikariCP; the rules are stated in the header. Growth and background work
// are in hikari_upkeep.cc.
#include "policy/hikari/hikari_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace poolgauge {

namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kQueueOf5_0 = 16;

HikariAdder::Rules adder_rules(const HikariConfig& config) {
  HikariAdder::Rules rules;
  rules.longest_queue = config.maximum_pool_size;
  if (config.version == HikariConfig::Version::v5_0) {
    rules = {kQueueOf5_0, milliseconds(10), true, true};
  }
  return rules;
}

}  // namespace

HikariPool::HikariPool(const HikariConfig& config, std::uint64_t seed)
    : config_(config), rng_(seed), race_(seed, 1), adder_(adder_rules(config)) {}

void HikariPool::on_acquire(TimePoint now, WaiterId waiter, ClientId client, Actions& act) {
  if (waiter.slot >= askings_.size()) askings_.resize(waiter.slot + 1);
  Asking& self = asking(waiter);
  self = Asking{};
  self.serial = waiter.serial;
  self.client = client;
  self.asked = now;
  if (phase_ == Phase::running) {
    borrow(now, waiter, act);
  } else {
    self.state = Asking::State::constructing;
    before_.push_back(waiter);
    if (phase_ == Phase::failed) construct(now, act);
  }
  agenda_.arm(act);
}

void HikariPool::borrow(TimePoint now, WaiterId waiter, Actions& act) {
  const ClientId client = asking(waiter).client;
  for (;;) {
    const std::optional<ConnId> conn = find_free(client, act);
    if (!conn) return stand_in_line(waiter, act);
    if (present(now, waiter, *conn, act)) return;
    if (now >= deadline_of(asking(waiter))) return time_out(now, waiter, act);
  }
}

std::optional<ConnId> HikariPool::find_free(ClientId client, Actions& act) {
  if (const auto own = bag_.take_own(client)) return own;
  const auto oldest = bag_.take_oldest();
  // It may have been meant for somebody who waits, so one more is ordered.
  if (oldest && waiters() > 0) add_item(waiters(), act);
  return oldest;
}

void HikariPool::stand_in_line(WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  self.state = Asking::State::in_line;
  line_.push_back(waiter);
  act.park(waiter, deadline_of(self));
  add_item(waiters(), act);
}

// The waiter has the connection in use: grants it, or tests it first. False: it had to be closed.
bool HikariPool::present(TimePoint now, WaiterId waiter, ConnId conn, Actions& act) {
  HikariBag::Entry& entry = bag_[conn];
  if (entry.evicted) {
    discard(conn, CloseReason::recycled, act);
    return false;
  }
  Asking& self = asking(waiter);
  entry.holder = self.client;
  // Both times are compared in whole milliseconds.
  if (whole_ms(now - entry.last_accessed) > whole_ms(config_.alive_bypass_window)) {
    self.state = Asking::State::testing;
    self.offered = conn;
    entry.tested_for = waiter;
    entry.has_tester = true;
    act.unpark(waiter);
    act.check(conn);
    return true;
  }
  self.state = Asking::State::none;
  act.grant(waiter, conn);
  return true;
}

// The waiter goes on running with what it was called for, or with what is being offered just now.
std::optional<ConnId> HikariPool::take_offered(const Asking& self) {
  if (self.has_it || bag_.take(self.offered)) return self.offered;
  while (!offers_.empty()) {
    const ConnId conn = offers_.front();
    offers_.pop_front();
    if (bag_.take(conn)) return conn;
  }
  return std::nullopt;
}

void HikariPool::on_wake(TimePoint now, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  if (self.serial != waiter.serial || self.state != Asking::State::woken) return;
  const auto conn = take_offered(self);
  if (!conn) {
    // Somebody who was running took it: to the back, with the time that is left.
    --woken_;
    self.state = Asking::State::in_line;
    line_.push_back(waiter);
    return;
  }
  stop_waiting(self);
  if (!present(now, waiter, *conn, act)) borrow(now, waiter, act);
  agenda_.arm(act);
}

void HikariPool::on_deadline(TimePoint now, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  const bool called = self.state == Asking::State::woken;
  const auto conn = called ? take_offered(self) : std::nullopt;
  line_.remove(waiter);
  stop_waiting(self);
  if (!conn || !present(now, waiter, *conn, act)) time_out(now, waiter, act);
  agenda_.arm(act);
}

void HikariPool::time_out(TimePoint now, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  self.state = Asking::State::none;
  last_timed_out_ = {whole_ms(now - self.asked), bag_.total(), bag_.active(), bag_.idle(),
                     waiters()};
  act.refuse(waiter, Refusal::timeout);
}

// Call after it has left the line, if it was there.
void HikariPool::stop_waiting(Asking& self) {
  if (self.state == Asking::State::woken) --woken_;
  self.state = Asking::State::none;
  if (waiters() == 0) offers_.clear();
}

void HikariPool::on_give_up(TimePoint, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  const Asking::State state = self.state;
  const bool has_it = self.has_it;
  if (state == Asking::State::constructing) before_.remove(waiter);
  if (state == Asking::State::testing) bag_[self.offered].has_tester = false;
  line_.remove(waiter);
  stop_waiting(self);
  act.refuse(waiter, Refusal::gave_up);
  // A thread that had been called would take it, and return it.
  if (state == Asking::State::woken && (has_it || bag_.take(self.offered))) {
    bag_.set_free(self.offered);
    offer(self.offered, nullptr, act);
  }
}

void HikariPool::on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) {
  switch (condition) {
    case Condition::broken: discard(conn, CloseReason::broken, act); break;
    case Condition::invalidated: discard(conn, CloseReason::invalidated, act); break;
    case Condition::in_transaction: act.reset(conn); break;
    case Condition::clean: recycle(now, conn, act); break;
  }
  agenda_.arm(act);
}

void HikariPool::on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) {
  alive ? recycle(now, conn, act) : discard(conn, CloseReason::broken, act);
  agenda_.arm(act);
}

void HikariPool::recycle(TimePoint now, ConnId conn, Actions& act) {
  HikariBag::Entry& entry = bag_[conn];
  entry.last_accessed = now;
  if (entry.evicted && !before(Version::v6_0)) return discard(conn, CloseReason::recycled, act);
  bag_.set_free(conn);
  const ClientId holder = entry.holder;
  offer(conn, &holder, act);
}

void HikariPool::offer(ConnId conn, const ClientId* returned_by, Actions& act) {
  if (!line_.empty()) return call(line_.pop_front(), conn, act);
  // With nobody parked, the offer lasts until those who were called have had their turn; only then
  // the thread that offers can ask for anything, and finds it on its list.
  if (woken_ > 0) offers_.push_back(conn);
  if (returned_by != nullptr) bag_.remember(*returned_by, conn);
}

void HikariPool::call(WaiterId waiter, ConnId conn, Actions& act) {
  Asking& self = asking(waiter);
  self.state = Asking::State::woken;
  self.offered = conn;
  self.has_it = config_.called_first > 0 && race_.uniform() < config_.called_first;
  if (self.has_it) bag_.take(conn);
  ++woken_;
  act.wake(waiter);
}

void HikariPool::on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) {
  if (!bag_.contains(conn)) {
    probed(now, conn, alive, act);
  } else if (bag_[conn].state == HikariBag::State::reserved) {
    kept_alive(now, conn, alive, act);
  } else {
    tested(now, conn, alive, act);
  }
  agenda_.arm(act);
}

void HikariPool::tested(TimePoint now, ConnId conn, bool alive, Actions& act) {
  HikariBag::Entry& entry = bag_[conn];
  const bool wanted = std::exchange(entry.has_tester, false);
  const WaiterId waiter = entry.tested_for;
  if (wanted) asking(waiter).state = Asking::State::none;
  if (alive) return wanted ? act.grant(waiter, conn) : recycle(now, conn, act);
  discard(conn, CloseReason::broken, act);
  if (!wanted) return;
  const bool in_time = now < deadline_of(asking(waiter));
  in_time ? borrow(now, waiter, act) : time_out(now, waiter, act);
}

PoolCounts HikariPool::counts() const {
  PoolCounts counts;
  counts.size = config_.maximum_pool_size;
  counts.open = bag_.total() + (making_ ? 1 : 0);
  counts.idle = bag_.idle();
  counts.checked_out = bag_.active();
  // Who was called for a connection that is free is about to have it.
  counts.waiting = std::max<std::int64_t>(0, waiters() - counts.idle) +
                   static_cast<std::int64_t>(before_.size());
  return counts;
}

std::vector<PoolStatistic> HikariPool::statistics() const {
  return {{"total", bag_.total()},
          {"idle", bag_.idle()},
          {"active", bag_.active()},
          {"waiting", waiters()}};
}

std::string HikariPool::refusal_text(Refusal why) const {
  if (why == Refusal::connect_failed) return "Failed to initialize pool";
  if (why != Refusal::timeout) return {};
  const TimedOut& last = last_timed_out_;
  const std::string text = fmt::format(
      "HikariPool-1 - Connection is not available, request timed out after {}ms", last.after_ms);
  if (before(Version::v5_1)) return text + ".";
  return text + fmt::format(" (total={}, active={}, idle={}, waiting={})", last.total, last.active,
                            last.idle, last.waiting);
}

DriverHabits HikariPool::habits() const {
  DriverHabits habits;
  habits.begin_with_first_statement = true;  // pgjdbc; its isValid() is one empty query
  return habits;
}

}  // namespace poolgauge
