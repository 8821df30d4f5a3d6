// The decisions of SQLAlchemy's queue pools; the rules are stated in the header.
#include "policy/sqlalchemy/sqlalchemy_queue_pool.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace poolgauge {

SqlAlchemyQueuePool::SqlAlchemyQueuePool(const QueuePoolConfig& config)
    : config_(config),
      limited_(config.max_overflow > -1 && !(config.pool_size == 0 && !config.version_1_4)),
      overflow_(-config.pool_size) {}

SqlAlchemyQueuePool::Asking& SqlAlchemyQueuePool::asking(WaiterId waiter) {
  if (waiter.slot >= askings_.size()) askings_.resize(waiter.slot + 1);
  return askings_[waiter.slot];
}

void SqlAlchemyQueuePool::on_acquire(TimePoint now, WaiterId waiter, ClientId, Actions& act) {
  asking(waiter) = {waiter.serial, Asking::State::none, 0};
  if (!at_limit()) {
    // The queue is read without waiting; nothing there and below the limit: connect.
    return queue_.empty() ? create(now, waiter, act) : take(now, waiter, act);
  }
  const bool reads_in_new_task = config_.world == QueuePoolConfig::World::asyncio_311;
  const bool no_time = config_.timeout <= Duration::zero();
  const bool threads = config_.world == QueuePoolConfig::World::threads;
  // asyncio's wait_for() with no time left cancels its read before it begins: idle or not.
  const bool looks_now = threads || (!reads_in_new_task && !no_time);
  if (!queue_.empty() && looks_now) return take(now, waiter, act);
  if (no_time) return found_empty(now, waiter, act);
  act.park(waiter, now + config_.timeout);
  if (reads_in_new_task) {
    asking(waiter).state = Asking::State::woken;
    ++woken_;
    act.wake(waiter);
  } else {
    asking(waiter).state = Asking::State::in_line;
    line_.push_back(waiter);
  }
}

void SqlAlchemyQueuePool::on_wake(TimePoint now, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  if (self.serial != waiter.serial || self.state != Asking::State::woken) return;
  --woken_;
  if (!queue_.empty()) return take(now, waiter, act);
  // Somebody who was running took it: to the back, with the time that is left.
  self.state = Asking::State::in_line;
  line_.push_back(waiter);
}

void SqlAlchemyQueuePool::on_deadline(TimePoint now, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  const bool was_woken = self.state == Asking::State::woken;
  if (was_woken) --woken_;
  line_.remove(waiter);
  self.state = Asking::State::none;
  const bool threads = config_.world == QueuePoolConfig::World::threads;
  if (!queue_.empty() && (threads || was_woken)) return take(now, waiter, act);
  found_empty(now, waiter, act);
}

// The wait ended with nothing: fail, unless a place has become free meanwhile.
void SqlAlchemyQueuePool::found_empty(TimePoint now, WaiterId waiter, Actions& act) {
  if (at_limit()) return act.refuse(waiter, Refusal::timeout);
  act.unpark(waiter);
  create(now, waiter, act);
}

void SqlAlchemyQueuePool::on_give_up(TimePoint, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  if (self.state == Asking::State::preparing) entries_[self.entry].has_waiter = false;
  const bool was_woken = self.state == Asking::State::woken;
  if (was_woken) --woken_;
  line_.remove(waiter);
  self.state = Asking::State::none;
  act.refuse(waiter, Refusal::gave_up);
  // A cancelled reader that had been woken passes the call on (asyncio.Queue.get).
  if (was_woken && !queue_.empty()) wake_next(act);
}

void SqlAlchemyQueuePool::take(TimePoint now, WaiterId waiter, Actions& act) {
  const std::uint32_t entry = config_.use_lifo ? queue_.back() : queue_.front();
  config_.use_lifo ? queue_.pop_back() : queue_.pop_front();
  entries_[entry].in_queue_before = true;
  prepare(now, waiter, entry, act);
}

void SqlAlchemyQueuePool::create(TimePoint now, WaiterId waiter, Actions& act) {
  ++overflow_;
  const std::uint32_t entry = new_entry();
  prepare(now, waiter, entry, act);
}

void SqlAlchemyQueuePool::prepare(TimePoint now, WaiterId waiter, std::uint32_t index,
                                  Actions& act) {
  Entry& entry = entries_[index];
  Asking& self = asking(waiter);
  if (self.state != Asking::State::none) act.unpark(waiter);
  self.state = Asking::State::preparing;
  self.entry = index;
  entry.has_waiter = true;
  entry.waiter = waiter;
  if (!entry.connected) return connect(now, index, act);
  const bool too_old = config_.recycle >= Duration::zero() && now - entry.started > config_.recycle;
  if (too_old || invalidated_at_ > entry.started) {
    empty_entry(index, too_old ? CloseReason::recycled : CloseReason::invalidated, act);
    return connect(now, index, act);
  }
  if (config_.pre_ping) return act.check(entry.conn);
  answer(index, act);
}

void SqlAlchemyQueuePool::connect(TimePoint now, std::uint32_t index, Actions& act) {
  Entry& entry = entries_[index];
  entry.conn = ids_.make();
  entry.started = now;
  if (entry.conn.slot >= entry_by_slot_.size()) entry_by_slot_.resize(entry.conn.slot + 1);
  entry_by_slot_[entry.conn.slot] = index;
  act.open(entry.conn, entry.has_waiter ? &entry.waiter : nullptr);
}

// The entry is ready: to its waiter, or to the queue if that one has gone.
void SqlAlchemyQueuePool::answer(std::uint32_t index, Actions& act) {
  Entry& entry = entries_[index];
  if (!entry.has_waiter) return put(index, act);
  entry.has_waiter = false;
  asking(entry.waiter).state = Asking::State::none;
  act.grant(entry.waiter, entry.conn);
}

void SqlAlchemyQueuePool::on_opened(TimePoint, ConnId conn, Actions& act) {
  const std::uint32_t index = entry_of(conn);
  entries_[index].connected = true;
  answer(index, act);  // a connection made during this checkout is not pinged
}

void SqlAlchemyQueuePool::on_open_failed(TimePoint, ConnId conn, Actions& act) {
  const std::uint32_t index = entry_of(conn);
  Entry& entry = entries_[index];
  ids_.retire(conn);
  if (entry.has_waiter) {
    entry.has_waiter = false;
    asking(entry.waiter).state = Asking::State::none;
    act.refuse(entry.waiter, Refusal::connect_failed);
  }
  if (entry.in_queue_before) return put(index, act);
  --overflow_;
  free_entries_.push_back(index);
}

void SqlAlchemyQueuePool::on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) {
  const std::uint32_t index = entry_of(conn);
  if (alive) return answer(index, act);
  invalidate_generation(now, entries_[index]);
  empty_entry(index, CloseReason::broken, act);
  if (!entries_[index].has_waiter) return put(index, act);
  connect(now, index, act);
}

void SqlAlchemyQueuePool::on_release(TimePoint now, ConnId conn, Condition condition,
                                     Actions& act) {
  const std::uint32_t index = entry_of(conn);
  if (condition == Condition::broken || condition == Condition::invalidated) {
    if (condition == Condition::broken) invalidate_generation(now, entries_[index]);
    empty_entry(index,
                condition == Condition::broken ? CloseReason::broken : CloseReason::invalidated,
                act);
    return put(index, act);
  }
  // The rollback call is always made, in the returning thread, before anybody can reuse the
  // connection; the driver sends something only when a transaction is open.
  if (config_.reset_on_return) return act.reset(conn);
  put(index, act);
}

void SqlAlchemyQueuePool::on_reset(TimePoint, ConnId conn, bool alive, Actions& act) {
  const std::uint32_t index = entry_of(conn);
  if (!alive) empty_entry(index, CloseReason::broken, act);
  put(index, act);
}

void SqlAlchemyQueuePool::put(std::uint32_t index, Actions& act) {
  const bool full =
      config_.pool_size > 0 && static_cast<std::int64_t>(queue_.size()) >= config_.pool_size;
  if (full) {
    if (entries_[index].connected) empty_entry(index, CloseReason::overflow, act);
    --overflow_;
    free_entries_.push_back(index);
    return;
  }
  queue_.push_back(index);
  wake_next(act);
}

void SqlAlchemyQueuePool::wake_next(Actions& act) {
  if (line_.empty()) return;
  const WaiterId waiter = line_.pop_front();
  asking(waiter).state = Asking::State::woken;
  ++woken_;
  act.wake(waiter);
}

void SqlAlchemyQueuePool::empty_entry(std::uint32_t index, CloseReason why, Actions& act) {
  Entry& entry = entries_[index];
  act.close(entry.conn, why);
  ids_.retire(entry.conn);
  entry.connected = false;
}

// Only a connection of the present generation can end it.
void SqlAlchemyQueuePool::invalidate_generation(TimePoint now, const Entry& seen) {
  if (invalidated_at_ < seen.started) invalidated_at_ = now;
}

std::uint32_t SqlAlchemyQueuePool::new_entry() {
  if (free_entries_.empty()) {
    entries_.emplace_back();
    return static_cast<std::uint32_t>(entries_.size() - 1);
  }
  const std::uint32_t index = free_entries_.back();
  free_entries_.pop_back();
  entries_[index] = Entry{};
  return index;
}

PoolCounts SqlAlchemyQueuePool::counts() const {
  PoolCounts counts;
  counts.size = config_.pool_size;
  counts.idle = static_cast<std::int64_t>(queue_.size());
  counts.open = config_.pool_size + overflow_;
  counts.checked_out = config_.pool_size - counts.idle + overflow_;
  counts.overflow = config_.pool_size == 0 && !config_.version_1_4 ? 0 : overflow_;
  // Who was woken for an entry on the queue is about to have it.
  const std::int64_t asking = static_cast<std::int64_t>(line_.size()) + woken_;
  counts.waiting = std::max<std::int64_t>(0, asking - counts.idle);
  return counts;
}

std::vector<PoolStatistic> SqlAlchemyQueuePool::statistics() const {
  const PoolCounts now = counts();
  return {{"size", now.size},
          {"checkedin", now.idle},
          {"checkedout", now.checked_out},
          {"overflow", now.overflow}};
}

std::string SqlAlchemyQueuePool::refusal_text(Refusal why) const {
  if (why != Refusal::timeout) return {};
  return fmt::format(
      "QueuePool limit of size {} overflow {} reached, connection timed out, timeout {:.2f}",
      config_.pool_size, counts().overflow, to_s(config_.timeout));
}

DriverHabits SqlAlchemyQueuePool::habits() const {
  DriverHabits habits;
  // psycopg2 pings with one SELECT 1; the asyncpg dialect, outside autocommit, opens a transaction.
  if (config_.world != QueuePoolConfig::World::threads) {
    habits.ping = DriverHabits::Ping::in_session;
  }
  if (config_.commit_on_return) habits.reset = DriverHabits::Reset::commit;
  return habits;
}

}  // namespace poolgauge
