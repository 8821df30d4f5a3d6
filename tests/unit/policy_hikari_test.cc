// Decisions of HikariCP's pool that need one exact order of events, and what it makes of options.
#include "policy/hikari/hikari_pool.h"

#include <catch2/catch.hpp>

#include "policy_orders.h"
#include "poolgauge/policies.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;
using Log = test::Orders;
using Version = HikariConfig::Version;

/// A pool with its world: time passes only in until(), which brings the ticks that are due.
struct World {
  explicit World(const HikariConfig& config, std::uint64_t seed = 1) : pool(config, seed) {
    pool.on_start(now, act);
  }
  static HikariConfig config(std::int64_t most, std::int64_t idle,
                             Version version = Version::v7_0) {
    HikariConfig config;
    config.version = version;
    config.maximum_pool_size = most;
    config.minimum_idle = idle;
    config.keepalive_time = Duration::zero();
    config.initialization_fail_timeout = Duration{-1};
    return config;
  }
  static WaiterId waiter(std::uint32_t slot) { return {slot, 1}; }
  void ask(std::uint32_t slot) { pool.on_acquire(now, waiter(slot), {slot}, act); }
  void wake(std::uint32_t slot) { pool.on_wake(now, waiter(slot), act); }
  ConnId opened() {
    const ConnId conn = act.last_opened;
    pool.on_opened(now, conn, act);
    if (conn.number == 1) pool.on_checked(now, conn, true, act);
    return conn;
  }
  void until(Duration since_start) {
    const TimePoint then = TimePoint{} + since_start;
    while (act.tick <= then) {
      now = act.tick;
      act.tick = kNever;
      pool.on_tick(now, act);
    }
    now = then;
  }
  void after(Duration length) { until(now - TimePoint{} + length); }
  void give_back(ConnId conn) { pool.on_release(now, conn, Condition::clean, act); }
  /// Opens for the waiter in slot `slot` a connection of its own.
  ConnId serve(std::uint32_t slot) {
    after(100ms);
    ask(slot);
    const ConnId conn = opened();
    wake(slot);
    return conn;
  }

  HikariPool pool;
  test::OrderLog act;
  TimePoint now{};
};

TEST_CASE("a called waiter that comes too late stands behind the others", "[policy]") {
  World at(World::config(1, 0));
  const ConnId c1 = at.serve(0);
  at.ask(1);
  at.ask(2);
  at.act.take();
  at.give_back(c1);
  at.ask(0);  // the thread that returned it goes on running
  CHECK(at.act.take() == Log{"wake w1", "grant w0 c1"});
  at.wake(1);
  CHECK(at.act.take().empty());
  at.give_back(c1);
  CHECK(at.act.take() == Log{"wake w2"});
}

TEST_CASE("a called waiter may be quicker than the thread that called it", "[policy]") {
  HikariConfig config = World::config(1, 0);
  config.called_first = 1;
  World at(config);
  const ConnId c1 = at.serve(0);
  at.ask(1);
  at.act.take();
  at.give_back(c1);
  at.ask(0);
  CHECK(at.act.take() == Log{"wake w1", "park w0"});
  at.pool.on_give_up(at.now, World::waiter(1), at.act);
  CHECK(at.act.take() == Log{"gave up w1", "wake w0"});
  at.wake(0);
  CHECK(at.act.take() == Log{"grant w0 c1"});
}

TEST_CASE("a called waiter that gives up passes the offer on", "[policy]") {
  World at(World::config(1, 0));
  const ConnId c1 = at.serve(0);
  at.ask(1);
  at.ask(2);
  at.give_back(c1);
  at.act.take();
  at.pool.on_give_up(at.now, World::waiter(1), at.act);
  CHECK(at.act.take() == Log{"gave up w1", "wake w2"});
  at.wake(1);
  at.wake(2);
  CHECK(at.act.take() == Log{"grant w2 c1"});
}

TEST_CASE("what is returned while all who wait are called goes to the one that was beaten",
          "[policy]") {
  World at(World::config(2, 0));
  const ConnId c1 = at.serve(0);
  const ConnId c2 = at.serve(1);
  at.ask(2);
  at.act.take();
  at.give_back(c1);
  at.give_back(c2);
  at.ask(0);  // c2 is on its thread's list, c1 on nobody's
  CHECK(at.act.take() == Log{"wake w2", "grant w0 c1"});
  at.wake(2);
  CHECK(at.act.take() == Log{"grant w2 c2"});
}

TEST_CASE("a waiter whose time is up takes what it was called for", "[policy]") {
  World at(World::config(1, 0));
  const ConnId c1 = at.serve(0);
  at.ask(1);
  at.give_back(c1);
  at.act.take();
  at.pool.on_deadline(at.now, World::waiter(1), at.act);
  CHECK(at.act.take() == Log{"grant w1 c1"});
}

TEST_CASE("taking what others may wait for orders one more", "[policy]") {
  World at(World::config(3, 0));
  const ConnId c1 = at.serve(0);
  at.after(100ms);
  at.ask(1);  // c2 is being made
  at.give_back(c1);
  at.act.take();
  at.ask(2);  // from the shared list
  CHECK(at.act.take() == Log{"grant w2 c1"});
  at.opened();
  at.wake(1);  // was called for c1
  at.act.take();
  at.after(30ms);
  CHECK(at.act.take().empty());  // the order is looked at, and its need has gone
}

Duration lifetime(Version version, std::uint64_t seed) {
  World at(World::config(1, 1, version), seed);
  at.until(100ms);
  at.opened();
  at.act.take();
  const TimePoint born = at.now;
  while (at.act.take() != Log{"close c1", "open c2"}) at.after(100ms);
  return at.now - born;
}

TEST_CASE("a lifetime varies by a fortieth, from 6.1 on by a quarter", "[policy]") {
  Duration least_6_0 = 1800s, least_7_0 = 1800s;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    least_6_0 = std::min(least_6_0, lifetime(Version::v6_0, seed));
    least_7_0 = std::min(least_7_0, lifetime(Version::v7_0, seed));
    CHECK(lifetime(Version::v7_0, seed) <= 1800s + 100ms);
  }
  CHECK(least_6_0 > 1800s * 39 / 40);
  CHECK(least_6_0 < 1800s * 79 / 80);
  CHECK(least_7_0 > 1800s * 3 / 4);
  CHECK(least_7_0 < 1800s * 7 / 8);
}

TEST_CASE(
    "what has outlived its time in use is closed at its return, before 6.0 at the next "
    "checkout",
    "[policy]") {
  const auto version = GENERATE(Version::v7_0, Version::v5_1);
  World at(World::config(1, 0, version));
  const ConnId c1 = at.serve(0);
  at.after(31min);
  at.act.take();
  at.give_back(c1);
  const bool at_return = version == Version::v7_0;
  CHECK(at.act.take() == (at_return ? Log{"close c1"} : Log{}));
  at.ask(0);
  CHECK(at.act.take() ==
        (at_return ? Log{"park w0", "open c2"} : Log{"close c1", "park w0", "open c2"}));
}

TEST_CASE("keepalive takes an idle connection out, tests it and puts it back", "[policy]") {
  HikariConfig config = World::config(1, 0);
  config.keepalive_time = 2min;
  config.idle_timeout = Duration::zero();
  World at(config);
  const ConnId c1 = at.serve(0);
  at.give_back(c1);
  at.act.take();
  at.after(2min);
  CHECK(at.act.take() == Log{"check c1"});
  CHECK(at.pool.counts().idle == 0);
  at.ask(0);
  at.act.take();
  at.pool.on_checked(at.now, c1, true, at.act);
  CHECK(at.act.take() == Log{"wake w0"});
  at.wake(0);
  CHECK(at.act.take() ==
        Log{"unpark w0", "check c1"});  // the keepalive is no use: idle for too long
  at.pool.on_checked(at.now, c1, true, at.act);
  CHECK(at.act.take() == Log{"grant w0 c1"});
}

TEST_CASE("a connection that fails its keepalive is replaced for those who wait", "[policy]") {
  HikariConfig config = World::config(1, 0);
  config.keepalive_time = 2min;
  config.idle_timeout = Duration::zero();
  World at(config);
  const ConnId c1 = at.serve(0);
  at.give_back(c1);
  at.after(2min);
  at.ask(0);
  at.act.take();
  at.pool.on_checked(at.now, c1, false, at.act);
  CHECK(at.act.take() == Log{"close c1", "open c2"});
}

TEST_CASE("a test for somebody who has given up ends with a return", "[policy]") {
  World at(World::config(1, 0));
  const ConnId c1 = at.serve(0);
  at.give_back(c1);
  at.after(600ms);
  at.ask(1);
  at.ask(2);
  at.act.take();
  at.pool.on_give_up(at.now, World::waiter(1), at.act);
  at.pool.on_checked(at.now, c1, true, at.act);
  CHECK(at.act.take() == Log{"gave up w1", "wake w2"});
}

TEST_CASE("a failed constructor throws at all who ask, and the next one constructs anew",
          "[policy]") {
  HikariConfig config = World::config(2, 2);
  config.initialization_fail_timeout = 1500ms;
  World at(config);
  at.ask(0);
  CHECK(at.act.take() == Log{"open c1"});
  at.pool.on_open_failed(at.now, at.act.last_opened, at.act);
  at.until(1s);
  CHECK(at.act.take() == Log{"open c2"});  // once a second
  at.pool.on_open_failed(at.now, at.act.last_opened, at.act);
  at.until(2s);
  CHECK(at.act.take() == Log{"failed w0"});
  at.ask(1);
  CHECK(at.act.take() == Log{"open c3"});
  at.pool.on_opened(at.now, at.act.last_opened, at.act);
  at.pool.on_checked(at.now, at.act.last_opened, true, at.act);
  CHECK(at.act.take() == Log{"check c3", "grant w1 c3"});
}

TEST_CASE("initializationFailTimeout 0 tries once, pauses and goes on", "[policy]") {
  HikariConfig config = World::config(1, 1);
  config.initialization_fail_timeout = Duration::zero();
  World at(config);
  at.ask(0);
  at.pool.on_open_failed(at.now, at.act.last_opened, at.act);
  at.act.take();
  at.until(1s);
  CHECK(at.act.take() == Log{"park w0", "open c2"});
  CHECK(at.act.parked_until == TimePoint{} + 31s);  // its time begins with the pool's
}

TEST_CASE("with minimumIdle 0 the constructor's connection is closed again", "[policy]") {
  HikariConfig config = World::config(1, 0);
  config.initialization_fail_timeout = 1ms;
  World at(config);
  at.opened();
  CHECK(at.act.take() == Log{"open c1", "check c1", "close c1"});
  CHECK(at.pool.counts().open == 0);
}

PoolSpec hikari(const char* option, const OptionValue& value) {
  PoolSpec spec;
  spec.kind = "hikari";
  spec.set(option, value);
  return spec;
}

TEST_CASE("HikariConfig refuses what HikariConfig refuses", "[policy]") {
  CHECK(check_options(hikari("connectionTimeout", Duration{249ms})) ==
        "connectionTimeout cannot be less than 250ms (0: practically no limit)");
  CHECK_FALSE(check_options(hikari("connectionTimeout", Duration{250ms})));
  CHECK_FALSE(check_options(hikari("connectionTimeout", Duration{0})));
  CHECK(check_options(hikari("validationTimeout", Duration{249ms})) ==
        "validationTimeout cannot be less than 250ms");
}

TEST_CASE("minimumIdle is maximumPoolSize unless it is less", "[policy]") {
  CHECK(pool_permanent_size(hikari("maximumPoolSize", std::int64_t{7})) == 7);
  PoolSpec spec = hikari("minimumIdle", std::int64_t{20});
  CHECK(pool_permanent_size(spec) == 10);
  CHECK(pool_capacity(spec, 1000) == 10);
  spec.set("minimumIdle", std::int64_t{3});
  CHECK(pool_permanent_size(spec) == 3);
}

/// Whether a pool of these options ever tests its one connection, which lies idle.
bool keeps_alive(const PoolSpec& base, const char* version) {
  PoolSpec spec = base;
  spec.set("version", std::string(version));
  spec.set("maximumPoolSize", std::int64_t{1});
  spec.set("maxLifetime", Duration{0});
  const auto policy = make_policy(spec, 1);
  test::OrderLog act;
  TimePoint now{};
  policy->on_start(now, act);
  policy->on_opened(now, act.last_opened, act);
  policy->on_checked(now, act.last_opened, true, act);
  act.take();
  while (now < TimePoint{} + 5min) {
    now = act.tick;
    policy->on_tick(now, act);
    if (act.take() == Log{"check c1"}) return true;
  }
  return false;
}

TEST_CASE("keepalive is on by default from 6.2 on, and off when too short", "[policy]") {
  const PoolSpec defaults = hikari("autoCommit", true);
  CHECK(keeps_alive(defaults, "7.0"));
  CHECK(keeps_alive(defaults, "6.2"));
  CHECK_FALSE(keeps_alive(defaults, "6.1"));
  CHECK(keeps_alive(hikari("keepaliveTime", Duration{2min}), "5.0"));
  CHECK_FALSE(keeps_alive(hikari("keepaliveTime", Duration{29s}), "7.0"));
}

TEST_CASE("the text of HikariCP's timeout has counts from 5.1 on", "[policy]") {
  World at(World::config(1, 0));
  at.serve(0);
  at.ask(1);
  at.ask(2);
  at.after(30s);
  at.pool.on_deadline(at.now, World::waiter(1), at.act);
  CHECK(at.pool.refusal_text(Refusal::timeout) ==
        "HikariPool-1 - Connection is not available, request timed out after 30000ms (total=1, "
        "active=1, idle=0, waiting=1)");
}

}  // namespace
}  // namespace poolgauge
