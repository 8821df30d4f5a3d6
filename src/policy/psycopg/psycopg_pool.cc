// The decisions of psycopg_pool's ConnectionPool; the rules are stated in the header.
#include "policy/psycopg/psycopg_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace poolgauge {

namespace {

/// As the library adds up: each duration cut to whole milliseconds.
std::int64_t whole_ms(Duration length) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(length).count();
}

/// As Python prints a float.
std::string python_float(double value) {
  const std::string text = fmt::format("{}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

}  // namespace

PsycopgPool::PsycopgPool(const PsycopgConfig& config, std::uint64_t seed)
    : config_(config), rng_(seed, 3), fewest_idle_(config.min_size) {}

void PsycopgPool::on_start(TimePoint now, Actions& act) {
  for (std::int64_t i = 0; i < config_.min_size; ++i) tasks_.push_back({});
  places_ = config_.min_size;
  Task shrinks;
  shrinks.shrinks = true;
  later(now + config_.max_idle, shrinks, act);
  run_tasks(now, act);
}

void PsycopgPool::on_acquire(TimePoint now, WaiterId waiter, ClientId, Actions& act) {
  ++counted_.requests;
  Asking& self = asking(waiter);
  self = {};
  self.serial = waiter.serial;
  self.deadline = now + config_.timeout;
  ask(now, waiter, config_.timeout, act);
}

void PsycopgPool::ask(TimePoint now, WaiterId waiter, Duration remaining, Actions& act) {
  if (out_of_time(waiter, remaining, act)) return;
  if (idle_.empty()) {
    join_line(now, waiter, remaining, act);
    if (asking(waiter).state == Asking::State::in_line) grow(act, now);
    return;
  }
  const ConnId conn = idle_.front();
  idle_.pop_front();
  fewest_idle_ = std::min(fewest_idle_, static_cast<std::int64_t>(idle_.size()));
  hand_over(now, waiter, conn, act);
}

// Since 3.2 without any time left nothing is given, idle or not.
bool PsycopgPool::out_of_time(WaiterId waiter, Duration remaining, Actions& act) {
  if (config_.version_3_1 || remaining > Duration::zero()) return false;
  act.refuse(waiter, Refusal::timeout);
  return true;
}

void PsycopgPool::join_line(TimePoint now, WaiterId waiter, Duration remaining, Actions& act) {
  if (config_.max_waiting > 0 && line_.length() >= config_.max_waiting) {
    ++counted_.errors;
    return act.refuse(waiter, Refusal::overloaded);
  }
  ++counted_.queued;
  Asking& self = asking(waiter);
  self.state = Asking::State::in_line;
  self.place = line_.push_back(waiter);
  self.queued = now;
  act.park(waiter, now + remaining);
}

void PsycopgPool::leave_line(TimePoint now, Asking& self) {
  line_.give_up(self.place);
  ++counted_.errors;
  counted_.wait_ms += whole_ms(now - self.queued);
  self.state = Asking::State::none;
}

void PsycopgPool::on_deadline(TimePoint now, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  if (self.state == Asking::State::pausing) {
    --pausing_;
    self.state = Asking::State::none;
    return ask(now, waiter, self.deadline - now, act);
  }
  leave_line(now, self);
  act.refuse(waiter, Refusal::timeout);
}

void PsycopgPool::on_give_up(TimePoint now, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  if (self.state == Asking::State::in_line) leave_line(now, self);
  if (self.state == Asking::State::pausing) --pausing_;
  if (self.state == Asking::State::checking) connection(self.conn).has_waiter = false;
  self.state = Asking::State::none;
  act.refuse(waiter, Refusal::gave_up);
}

// Waiters in line ask for growth; one at a time, or returns would starve.
void PsycopgPool::grow(Actions& act, TimePoint now) {
  if (growing_ || places_ >= config_.max_size) return;
  growing_ = true;
  ++places_;
  Task adds;
  adds.growing = true;
  tasks_.push_back(adds);
  run_tasks(now, act);
}

void PsycopgPool::grow_on() {
  const bool wanted = places_ < config_.min_size || !line_.empty();
  growing_ = wanted && places_ < config_.max_size;
  if (!growing_) return;
  ++places_;
  Task adds;
  adds.growing = true;
  tasks_.push_back(adds);
}

void PsycopgPool::replace(TimePoint now, Actions& act) {
  tasks_.push_back({});
  run_tasks(now, act);
}

void PsycopgPool::run_tasks(TimePoint now, Actions& act) {
  while (!tasks_.empty() && busy_workers_ < config_.num_workers) {
    const Task task = tasks_.front();
    tasks_.pop_front();
    if (task.shrinks) {
      later(now + config_.max_idle, task, act);
      shrink(act);
    } else {
      connect(now, task, act);
    }
  }
}

void PsycopgPool::connect(TimePoint now, const Task& task, Actions& act) {
  const ConnId conn = new_conn(now);
  Connection& made = connection(conn);
  made.series = task.series.value_or(PsycopgBackoff(config_.reconnect_timeout));
  made.growing = task.growing;
  ++busy_workers_;
  act.open(conn, nullptr);
}

void PsycopgPool::shrink(Actions& act) {
  const bool some_unused = fewest_idle_ > 0;
  fewest_idle_ = static_cast<std::int64_t>(idle_.size());
  if (places_ <= config_.min_size || !some_unused || idle_.empty()) return;
  const ConnId conn = idle_.front();
  idle_.pop_front();
  --places_;
  --fewest_idle_;
  discard(conn, CloseReason::idle, act);
}

void PsycopgPool::later(TimePoint when, const Task& task, Actions& act) {
  const auto added = later_.emplace(when, task);
  if (added == later_.begin()) act.tick_at(when);
}

void PsycopgPool::on_tick(TimePoint now, Actions& act) {
  while (!later_.empty() && later_.begin()->first <= now) {
    tasks_.push_back(later_.begin()->second);
    later_.erase(later_.begin());
  }
  if (!later_.empty()) act.tick_at(later_.begin()->first);
  run_tasks(now, act);
}

ConnId PsycopgPool::new_conn(TimePoint now) {
  const ConnId conn = ids_.make();
  if (conn.slot >= connections_.size()) connections_.resize(conn.slot + 1);
  connections_[conn.slot] = {};
  connections_[conn.slot].began = now;
  ++counted_.connects;
  return conn;
}

// The age limit of each connection is up to 5 % shorter, so that not all end together.
void PsycopgPool::note_opened(TimePoint now, ConnId conn) {
  Connection& made = connection(conn);
  counted_.connect_ms += whole_ms(now - made.began);
  const double share = 0.95 + 0.05 * rng_.uniform();
  made.expires = now + from_s(to_s(config_.max_lifetime) * share);
}

void PsycopgPool::note_open_failed(ConnId conn) {
  ++counted_.connect_errors;
  ids_.retire(conn);
}

void PsycopgPool::on_opened(TimePoint now, ConnId conn, Actions& act) {
  note_opened(now, conn);
  const bool growing = connection(conn).growing;
  put(now, conn, act);
  if (growing) grow_on();
  --busy_workers_;
  run_tasks(now, act);
}

void PsycopgPool::on_open_failed(TimePoint now, ConnId conn, Actions& act) {
  Connection& failed = connection(conn);
  note_open_failed(conn);
  if (failed.series.gives_up(failed.began)) {
    --places_;
    if (failed.growing) growing_ = false;
  } else {
    failed.series.lengthen(failed.began, rng_);
    Task again;
    again.growing = failed.growing;
    again.series = failed.series;
    later(now + failed.series.delay(), again, act);
  }
  --busy_workers_;
  run_tasks(now, act);
}

void PsycopgPool::put(TimePoint now, ConnId conn, Actions& act) {
  if (!serve_first(now, conn, act)) idle_.push_back(conn);
}

bool PsycopgPool::serve_first(TimePoint now, ConnId conn, Actions& act) {
  const std::optional<WaiterId> waiter = line_.pop_alive();
  if (!waiter) return false;
  counted_.wait_ms += whole_ms(now - asking(*waiter).queued);
  hand_over(now, *waiter, conn, act);
  return true;
}

// The connection is this caller's now; it may want to test it, however long that takes.
void PsycopgPool::hand_over(TimePoint now, WaiterId waiter, ConnId conn, Actions& act) {
  ++out_;
  if (!config_.check) return granted(now, waiter, conn, act);
  Asking& self = asking(waiter);
  self.state = Asking::State::checking;
  self.conn = conn;
  connection(conn).has_waiter = true;
  connection(conn).waiter = waiter;
  act.unpark(waiter);
  act.check(conn);
}

void PsycopgPool::granted(TimePoint now, WaiterId waiter, ConnId conn, Actions& act) {
  asking(waiter).state = Asking::State::none;
  connection(conn).granted = now;
  act.grant(waiter, conn);
}

void PsycopgPool::on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) {
  const bool wanted = std::exchange(connection(conn).has_waiter, false);
  const WaiterId waiter = connection(conn).waiter;
  if (alive && wanted) return granted(now, waiter, conn, act);
  take_back(now, conn, alive ? Condition::clean : Condition::broken, Origin::check, act);
  if (wanted) try_again(now, waiter, act);
}

void PsycopgPool::try_again(TimePoint now, WaiterId waiter, Actions& act) {
  Asking& self = asking(waiter);
  self.state = Asking::State::none;
  if (self.checks) {
    self.checks->lengthen(now, rng_);
  } else {
    self.checks.emplace(self.deadline - now);
  }
  if (self.checks->gives_up(now)) return act.refuse(waiter, Refusal::timeout);
  if (self.checks->delay() == Duration::zero()) return ask(now, waiter, self.deadline - now, act);
  self.state = Asking::State::pausing;
  ++pausing_;
  act.park(waiter, now + self.checks->delay());
}

void PsycopgPool::on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) {
  const bool resets = condition == Condition::in_transaction;
  // Since 3.1.9 the work of returning counts as usage.
  if (!resets || config_.version_3_1) count_usage(now, conn);
  if (resets) return act.reset(conn);
  take_back(now, conn, condition, Origin::user, act);
}

void PsycopgPool::count_usage(TimePoint now, ConnId conn) {
  counted_.usage_ms += whole_ms(now - connection(conn).granted);
}

void PsycopgPool::on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) {
  if (!config_.version_3_1) count_usage(now, conn);
  take_back(now, conn, alive ? Condition::clean : Condition::broken, Origin::user, act);
}

void PsycopgPool::take_back(TimePoint now, ConnId conn, Condition condition, Origin origin,
                            Actions& act) {
  --out_;
  if (condition == Condition::broken || condition == Condition::invalidated) {
    ++(origin == Origin::check ? counted_.lost : counted_.returns_bad);
    const bool broken = condition == Condition::broken;
    discard(conn, broken ? CloseReason::broken : CloseReason::invalidated, act);
    return replace(now, act);
  }
  if (connection(conn).expires <= now) {
    discard(conn, CloseReason::recycled, act);
    return replace(now, act);
  }
  put(now, conn, act);
}

void PsycopgPool::discard(ConnId conn, CloseReason why, Actions& act) {
  act.close(conn, why);
  ids_.retire(conn);
}

PsycopgPool::Asking& PsycopgPool::asking(WaiterId waiter) {
  if (waiter.slot >= askings_.size()) askings_.resize(waiter.slot + 1);
  return askings_[waiter.slot];
}

PoolCounts PsycopgPool::counts() const {
  PoolCounts counts;
  counts.open = places_;
  counts.size = places_;
  counts.idle = static_cast<std::int64_t>(idle_.size());
  counts.checked_out = out_;
  counts.waiting = line_.alive() + pausing_;
  return counts;
}

std::vector<PoolStatistic> PsycopgPool::statistics() const {
  return {{"pool_min", config_.min_size},
          {"pool_max", config_.max_size},
          {"pool_size", places_},
          {"pool_available", static_cast<std::int64_t>(idle_.size())},
          {"requests_waiting", line_.length()},
          {"requests_num", counted_.requests},
          {"requests_queued", counted_.queued},
          {"requests_wait_ms", counted_.wait_ms},
          {"requests_errors", counted_.errors},
          {"usage_ms", counted_.usage_ms},
          {"returns_bad", counted_.returns_bad},
          {"connections_num", counted_.connects},
          {"connections_ms", counted_.connect_ms},
          {"connections_errors", counted_.connect_errors},
          {"connections_lost", counted_.lost}};
}

std::string PsycopgPool::refusal_text(Refusal why) const {
  if (why == Refusal::overloaded) {
    return fmt::format("the pool 'pool-1' has already {} requests waiting", line_.length());
  }
  if (why != Refusal::timeout) return {};
  const double limit = to_s(config_.timeout);
  const std::string shown =
      config_.version_3_1 ? python_float(limit) : fmt::format("{:.2f}", limit);
  return fmt::format("couldn't get a connection after {} sec", shown);
}

}  // namespace poolgauge
