// Carrying out a policy's orders, and checking the facts that are true of every pool.
#include "engine/pool.h"

#include <utility>

#include "base/check.h"

namespace poolgauge {

Pool::Pool(Scope& scope, StopList& stops, Backend& backend, AppLoop& app,
           std::unique_ptr<PoolPolicy> policy, std::int64_t permanent_size, PoolObserver* observer,
           std::optional<std::int64_t> most)
    : scope_(scope),
      loop_(scope.loop()),
      stops_(stops),
      backend_(backend, most, *this),
      app_(app),
      policy_(std::move(policy)),
      habits_(policy_->habits()),
      watches_idle_(policy_->watches_idle()),
      lazy_(policy_->connects_lazily()),
      observer_(observer),
      permanent_size_(permanent_size),
      tick_timer_(at_tick, *this),
      deadline_timer_(at_deadline, *this) {}

Pool::~Pool() {
  loop_.cancel(tick_timer_);
  loop_.cancel(deadline_timer_);
}

void Pool::start() {
  decide([&](TimePoint now) { policy_->on_start(now, *this); });
}

void Pool::grant(WaiterId waiter, ConnId conn) {
  orders_.push_back({Verb::grant, {}, {}, false, waiter, conn, {}});
}
void Pool::refuse(WaiterId waiter, Refusal why) {
  orders_.push_back({Verb::refuse, why, {}, false, waiter, {}, {}});
}
void Pool::park(WaiterId waiter, TimePoint deadline) {
  orders_.push_back({Verb::park, {}, {}, false, waiter, {}, deadline});
}
void Pool::unpark(WaiterId waiter) {
  orders_.push_back({Verb::unpark, {}, {}, false, waiter, {}, {}});
}
void Pool::wake(WaiterId waiter) {
  orders_.push_back({Verb::wake, {}, {}, false, waiter, {}, {}});
}
void Pool::open(ConnId conn, const WaiterId* payer) {
  const WaiterId waiter = payer != nullptr ? *payer : WaiterId{};
  orders_.push_back({Verb::open, {}, {}, payer != nullptr, waiter, conn, {}});
}
void Pool::abandon(ConnId conn) {
  orders_.push_back({Verb::abandon, {}, {}, false, {}, conn, {}});
}
void Pool::close(ConnId conn, CloseReason why) {
  orders_.push_back({Verb::close, {}, why, false, {}, conn, {}});
}
void Pool::check(ConnId conn) {
  orders_.push_back({Verb::check, {}, {}, false, {}, conn, {}});
}
void Pool::reset(ConnId conn) {
  orders_.push_back({Verb::reset, {}, {}, false, {}, conn, {}});
}
void Pool::tick_at(TimePoint when) {
  orders_.push_back({Verb::tick, {}, {}, false, {}, {}, when});
}

void Pool::carry_out(TimePoint now) {
  // A reset without an exchange is reported at once, so the list may grow while it is walked.
  for (std::size_t i = 0; i < orders_.size(); ++i) {
    const Order order = orders_[i];
    carry_out(now, order);
  }
  orders_.clear();
  note_level(now);
}

void Pool::carry_out(TimePoint now, const Order& order) {
  switch (order.verb) {
    case Verb::grant: do_grant(now, order); break;
    case Verb::refuse:
      if (Waiter* waiter = find(order.waiter)) refused(*waiter, order.refusal);
      break;
    case Verb::park:
      if (Waiter* waiter = find(order.waiter)) deadlines_.insert(*waiter, order.when);
      watch_deadlines();
      break;
    case Verb::unpark:
      if (Waiter* waiter = find(order.waiter)) deadlines_.remove(*waiter);
      break;
    case Verb::wake: do_wake(order.waiter); break;
    case Verb::open: do_open(now, order); break;
    case Verb::abandon: do_abandon(now, order.conn); break;
    case Verb::close: do_close(now, order.conn, order.reason); break;
    case Verb::check: scope_.spawn(check_task(order.conn)); break;
    case Verb::reset: do_reset(now, order.conn); break;
    case Verb::tick: loop_.arm(tick_timer_, order.when); break;
  }
}

void Pool::do_grant(TimePoint, const Order& order) {
  Waiter* waiter = find(order.waiter);
  POOLGAUGE_CHECK(waiter != nullptr, "a connection was granted to somebody who does not wait");
  if (lazy_) make_lazy(order.conn);
  Slot& slot = slot_of(order.conn);
  POOLGAUGE_CHECK(slot.session != nullptr, "a connection was granted that is not open");
  POOLGAUGE_CHECK(slot.holders == 0 || policy_->shares_connections(),
                  "a connection was granted to two holders");
  ++slot.holders;
  ++gauges_.checkouts;
  waiter->granted = true;
  waiter->conn = order.conn;
  answer(*waiter);
}

// The failure is kept with the waiter: another one may follow before it looks. A pool may also
// give up where nothing has failed yet (pgxpool after so many tries); that is no success either.
void Pool::refused(Waiter& waiter, Refusal why) {
  waiter.refusal = why;
  if (why == Refusal::connect_failed) {
    waiter.connect_outcome = connect_outcome_;
    if (connect_outcome_.ok()) waiter.connect_outcome.failure = FailureClass::connect_error;
    waiter.connect_error = std::make_unique<const std::string>(connect_error_);
  }
  answer(waiter);
}

void Pool::answer(Waiter& waiter) {
  POOLGAUGE_CHECK(!waiter.answered, "a waiter was answered twice");
  waiter.answered = true;
  // A connect that still waits for room is from now on nobody's.
  const bool pays = names(waiter.paying) && slots_[waiter.paying.slot].queued;
  if (pays && std::exchange(slots_[waiter.paying.slot].paid, false)) --queued_.paid;
  deadlines_.remove(waiter);
  waiter.wait.wake();
}

void Pool::do_wake(WaiterId waiter) {
  wakes_.push_back(waiter);
  app_.call_soon(run_wake, this);
}

void Pool::run_wake(void* pool) {
  Pool& self = *static_cast<Pool*>(pool);
  const WaiterId waiter = self.wakes_.front();
  self.wakes_.pop_front();
  const Waiter* woken = self.find(waiter);
  if (woken == nullptr || woken->answered) return;
  self.decide([&](TimePoint now) { self.policy_->on_wake(now, waiter, self); });
}

void Pool::client_gone(ClientId client) {
  decide([&](TimePoint now) { policy_->on_client_gone(now, client, *this); });
}

void Pool::note_level(TimePoint now) {
  const PoolCounts counts = policy_->counts();
  const auto level = [](std::int64_t n) { return static_cast<std::uint32_t>(n > 0 ? n : 0); };
  const std::int64_t overflow = permanent_size_ > 0 ? counts.open - permanent_size_ : 0;
  // Whose connect waits for room waits for a connection; there is none yet.
  gauges_.set(now, {level(counts.checked_out - queued_.paid), level(counts.open - queued_.all),
                    level(overflow), level(counts.waiting + queued_.paid)});
}

WaiterId Pool::enlist(Waiter& waiter) {
  if (free_waiters_.empty()) {
    free_waiters_.push_back(static_cast<std::uint32_t>(waiters_.size()));
    waiters_.push_back(nullptr);
    waiter_serials_.push_back(0);
  }
  const std::uint32_t slot = free_waiters_.back();
  free_waiters_.pop_back();
  waiters_[slot] = &waiter;
  waiter.id = {slot, ++waiter_serials_[slot]};
  return waiter.id;
}

void Pool::dismiss(Waiter& waiter) {
  deadlines_.remove(waiter);
  waiters_[waiter.id.slot] = nullptr;
  free_waiters_.push_back(waiter.id.slot);
}

Pool::Waiter* Pool::find(WaiterId id) {
  Waiter* waiter = id.slot < waiters_.size() ? waiters_[id.slot] : nullptr;
  return waiter != nullptr && waiter->id == id ? waiter : nullptr;
}

Pool::Slot& Pool::slot_of(ConnId conn) {
  POOLGAUGE_CHECK(names(conn), "an order names a connection that does not exist");
  return slots_[conn.slot];
}

void Pool::watch_deadlines() {
  const DeadlineLine::Place* first = deadlines_.first();
  if (first == nullptr) return;
  if (deadline_timer_.armed() && deadline_timer_.at() <= first->at()) return;
  loop_.arm(deadline_timer_, first->at());
}

// What a policy parks meanwhile may arm this very timer again: what is due was settled before.
void Pool::at_deadline(Timer& timer) {
  Pool& pool = static_cast<PoolTimer&>(timer).pool;
  const TimePoint due = timer.at();
  while (pool.deadlines_.first() != nullptr && pool.deadlines_.first()->at() <= due) {
    Waiter& waiter = static_cast<Waiter&>(*pool.deadlines_.first());
    pool.deadlines_.remove(waiter);
    const WaiterId id = waiter.id;
    pool.decide([&](TimePoint now) { pool.policy_->on_deadline(now, id, pool); });
  }
  pool.watch_deadlines();
}

void Pool::at_tick(Timer& timer) {
  Pool& pool = static_cast<PoolTimer&>(timer).pool;
  pool.decide([&](TimePoint now) { pool.policy_->on_tick(now, pool); });
}

void Pool::shut_down() {
  loop_.cancel(tick_timer_);
  loop_.cancel(deadline_timer_);
  for (Slot& slot : slots_) {
    POOLGAUGE_CHECK(slot.holders == 0, "the run ended while a connection was held");
    slot.session.reset();
  }
}

bool Pool::Acquire::await_ready() {
  const WaiterId id = pool_.enlist(waiter_);
  if (patience_.verdict(false) != WakeReason::done) {
    waiter_.wait.set_why(patience_.verdict(false));
    waiter_.answered = true;
    waiter_.refusal = Refusal::gave_up;
    return true;
  }
  const ClientId client = waiter_.client;
  pool_.decide([&](TimePoint now) { pool_.policy_->on_acquire(now, id, client, pool_); });
  return waiter_.answered;
}

void Pool::Acquire::await_suspend(std::coroutine_handle<> self) {
  waiter_.waited = true;
  patience_.enter(waiter_.wait);
  waiter_.wait.suspend(self);
}

Acquired Pool::Acquire::await_resume() {
  patience_.leave();
  const WakeReason why = waiter_.wait.why();
  if (!waiter_.answered) {
    const WaiterId id = waiter_.id;
    pool_.decide([&](TimePoint now) { pool_.policy_->on_give_up(now, id, pool_); });
    POOLGAUGE_CHECK(waiter_.answered, "a policy did not answer a waiter that gave up");
    pool_.drop_queued(waiter_.paying);
  }
  pool_.dismiss(waiter_);
  Acquired acquired;
  acquired.refusal = waiter_.refusal;
  acquired.gave_up = why;
  acquired.connect_outcome = waiter_.connect_outcome;
  acquired.connect_error = std::move(waiter_.connect_error);
  acquired.waited = waiter_.waited;
  if (waiter_.granted) {
    const Slot& slot = pool_.slots_[waiter_.conn.slot];
    acquired.lease = Lease(waiter_.conn, slot.session.get());
    acquired.connecting = slot.connecting_time;
  }
  return acquired;
}

bool Pool::Release::await_ready() {
  POOLGAUGE_CHECK(lease_.held(), "a lease was released twice");
  conn_ = lease_.conn();
  lease_.forget();
  Slot& slot = pool_.slot_of(conn_);
  --slot.holders;
  const ConnId conn = conn_;
  const Condition condition = condition_;
  pool_.decide([&](TimePoint now) { pool_.policy_->on_release(now, conn, condition, pool_); });
  return !pool_.slots_[conn_.slot].resetting || !(pool_.slots_[conn_.slot].conn == conn_);
}

void Pool::Release::await_suspend(std::coroutine_handle<> self) {
  pool_.slots_[conn_.slot].releaser = &wait_;
  wait_.suspend(self);
}

}  // namespace poolgauge
