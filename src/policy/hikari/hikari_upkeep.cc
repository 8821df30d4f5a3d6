// HikariCP's constructor, its adder thread and its housekeeper.
#include "policy/hikari/hikari_pool.h"

namespace poolgauge {

namespace {

using std::chrono::milliseconds;

constexpr Duration kFirstPass = milliseconds(100);                // of the housekeeper
constexpr Duration kPauseAfterFailure = std::chrono::seconds(1);  // of the constructor

}  // namespace

void HikariPool::on_start(TimePoint now, Actions& act) {
  if (config_.initialization_fail_timeout < Duration::zero()) {
    constructed(now, act);
  } else {
    construct(now, act);
  }
  agenda_.arm(act);
}

void HikariPool::construct(TimePoint now, Actions& act) {
  phase_ = Phase::constructing;
  construction_began_ = now;
  connect(act);
}

void HikariPool::constructed(TimePoint now, Actions& act) {
  phase_ = Phase::running;
  agenda_.add(now + kFirstPass, {Task::housekeeper, {}});
  while (!before_.empty()) {
    const WaiterId waiter = before_.pop_front();
    asking(waiter).asked = now;  // its connectionTimeout begins only here
    borrow(now, waiter, act);
  }
}

void HikariPool::constructor_made(TimePoint now, ConnId conn, Actions& act) {
  if (config_.minimum_idle > 0) {
    join(now, conn, act);
  } else {
    act.close(conn, CloseReason::idle);
    ids_.retire(conn);
  }
  constructed(now, act);
}

void HikariPool::constructor_failed(TimePoint now) {
  agenda_.add(now + kPauseAfterFailure, {Task::constructor, {}});
}

// Everybody who asked gets the exception; who asks next constructs the pool anew.
void HikariPool::give_up_constructing(Actions& act) {
  phase_ = Phase::failed;
  while (!before_.empty()) {
    const WaiterId waiter = before_.pop_front();
    asking(waiter).state = Asking::State::none;
    act.refuse(waiter, Refusal::connect_failed);
  }
}

void HikariPool::connect(Actions& act) {
  making_ = true;
  act.open(ids_.make(), nullptr);
}

// The first connection of a pool is tested, to learn whether the driver can.
void HikariPool::on_opened(TimePoint now, ConnId conn, Actions& act) {
  if (!probed_) return act.check(conn);
  created(now, conn, act);
  agenda_.arm(act);
}

void HikariPool::probed(TimePoint now, ConnId conn, bool alive, Actions& act) {
  probed_ = alive;
  if (alive) return created(now, conn, act);
  act.close(conn, CloseReason::broken);
  ids_.retire(conn);
  if (phase_ == Phase::running) return creation_failed(now);
  making_ = false;
  give_up_constructing(act);  // at once, whatever initializationFailTimeout allows
}

void HikariPool::on_open_failed(TimePoint now, ConnId conn, Actions& act) {
  ids_.retire(conn);
  creation_failed(now);
  agenda_.arm(act);
}

void HikariPool::created(TimePoint now, ConnId conn, Actions& act) {
  making_ = false;
  if (phase_ == Phase::constructing) return constructor_made(now, conn, act);
  join(now, conn, act);
  agenda_.add(now + adder_.pause_after_success(), {Task::adder, {}});
}

void HikariPool::creation_failed(TimePoint now) {
  making_ = false;
  if (phase_ == Phase::constructing) return constructor_failed(now);
  agenda_.add(now + adder_.pause_after_failure(), {Task::adder, {}});
}

void HikariPool::join(TimePoint now, ConnId conn, Actions& act) {
  schedule(now, bag_.add(conn, now));
  offer(conn, nullptr, act);
}

bool HikariPool::need_one() const {
  return bag_.total() < config_.maximum_pool_size &&
         (bag_.idle() < config_.minimum_idle || waiters() > bag_.idle());
}

void HikariPool::add_item(std::int64_t waiting, Actions& act) {
  const std::int64_t at_work = adder_.busy() ? 1 : 0;
  const bool wanted =
      before(Version::v5_1) ? waiting >= adder_.queued() + at_work : waiting > adder_.queued();
  if (wanted) order(act);
}

// Runs after each close and at each pass of the housekeeper.
void HikariPool::fill(Actions& act) {
  if (bag_.total() >= config_.maximum_pool_size) return;
  const std::int64_t lacking = config_.minimum_idle - bag_.idle();
  if (!before(Version::v5_1)) {
    for (std::int64_t i = 0; i < lacking; ++i) order(act);
    return;
  }
  const std::int64_t at_work = adder_.busy() ? 1 : 0;
  if (lacking > 0 || waiters() - adder_.queued() - at_work > bag_.idle()) order(act);
}

void HikariPool::order(Actions& act) {
  if (adder_.order()) work(act);
}

// Orders whose need has gone are dropped.
void HikariPool::work(Actions& act) {
  do {
    if (need_one()) return connect(act);
  } while (adder_.next());
}

void HikariPool::on_tick(TimePoint now, Actions& act) {
  agenda_.fired();
  while (agenda_.due(now)) {
    const HikariTask task = agenda_.take_first();
    switch (task.kind) {
      case Task::housekeeper: keep_house(now, act); break;
      case Task::end_of_life: end_life(task.conn, act); break;
      case Task::keepalive: keep_alive(now, task.conn, act); break;
      case Task::adder:
        if (!adder_.done() || adder_.next()) work(act);
        break;
      case Task::constructor:
        if (whole_ms(now - construction_began_) < whole_ms(config_.initialization_fail_timeout)) {
          connect(act);
        } else if (config_.initialization_fail_timeout > Duration::zero()) {
          give_up_constructing(act);
        } else {
          constructed(now, act);
        }
        break;
    }
  }
  agenda_.arm(act);
}

void HikariPool::keep_house(TimePoint now, Actions& act) {
  agenda_.add(now + config_.housekeeping_period, {Task::housekeeper, {}});
  const bool shrinks =
      config_.idle_timeout > Duration::zero() && config_.minimum_idle < config_.maximum_pool_size;
  std::int64_t too_many = shrinks ? bag_.idle() - config_.minimum_idle : 0;
  if (too_many > 0) {
    for (const ConnId conn : bag_.newest_first()) {
      const bool old = whole_ms(now - bag_[conn].last_accessed) > whole_ms(config_.idle_timeout);
      if (!old || !bag_.reserve(conn)) continue;
      discard(conn, CloseReason::idle, act);
      if (--too_many == 0) break;
    }
  }
  fill(act);
}

void HikariPool::discard(ConnId conn, CloseReason why, Actions& act) {
  HikariBag::Entry& entry = bag_[conn];
  if (entry.end_of_life) agenda_.strike(*entry.end_of_life);
  if (entry.keepalive) agenda_.strike(*entry.keepalive);
  bag_.remove(conn);
  act.close(conn, why);
  ids_.retire(conn);
  fill(act);
}

// By up to one part of `parts`, in whole milliseconds.
Duration HikariPool::shortened(Duration length, std::int64_t parts) {
  return length - milliseconds(rng_.uniform_int(0, whole_ms(length) / parts - 1));
}

void HikariPool::schedule(TimePoint now, HikariBag::Entry& entry) {
  if (config_.max_lifetime > Duration::zero()) {
    const Duration lifetime = shortened(config_.max_lifetime, before(Version::v6_1) ? 40 : 4);
    entry.end_of_life = agenda_.add(now + lifetime, {Task::end_of_life, entry.conn});
  }
  if (config_.keepalive_time > Duration::zero()) {
    entry.keepalive_every = shortened(config_.keepalive_time, before(Version::v6_3) ? 10 : 5);
    entry.keepalive = agenda_.add(now + entry.keepalive_every, {Task::keepalive, entry.conn});
  }
}

// What is in use is only marked.
void HikariPool::end_life(ConnId conn, Actions& act) {
  bag_[conn].end_of_life.reset();
  bag_[conn].evicted = true;
  if (!bag_.reserve(conn)) return;
  discard(conn, CloseReason::recycled, act);
  add_item(waiters(), act);
}

void HikariPool::keep_alive(TimePoint now, ConnId conn, Actions& act) {
  HikariBag::Entry& entry = bag_[conn];
  entry.keepalive.reset();
  if (bag_.reserve(conn)) return act.check(conn);
  entry.keepalive = agenda_.add(now + entry.keepalive_every, {Task::keepalive, conn});
}

void HikariPool::kept_alive(TimePoint now, ConnId conn, bool alive, Actions& act) {
  HikariBag::Entry& entry = bag_[conn];
  if (!alive) {
    discard(conn, CloseReason::broken, act);
    return add_item(waiters(), act);
  }
  entry.keepalive = agenda_.add(now + entry.keepalive_every, {Task::keepalive, conn});
  bag_.set_free(conn);
  offer(conn, nullptr, act);
}

}  // namespace poolgauge
