// Decisions of psycopg_pool's pools that need one exact order of events, or their random part.
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "policy/psycopg/psycopg_null_pool.h"
#include "policy/psycopg/psycopg_pool.h"
#include "poolgauge/policies.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TimePoint at(Duration since_start) {
  return TimePoint{} + since_start;
}

/// Writes orders down: "grant w1 c1", "open c2 for w1", ...; keeps the last times ordered.
class Orders final : public Actions {
 public:
  void grant(WaiterId w, ConnId c) override { add("grant " + name(w) + " " + name(c)); }
  void refuse(WaiterId w, Refusal why) override {
    const char* const words[] = {"timeout ", "full ", "failed ", "left "};
    add(words[static_cast<int>(why)] + name(w));
  }
  void park(WaiterId, TimePoint deadline) override { parked = deadline; }
  void unpark(WaiterId) override {}
  void wake(WaiterId w) override { add("wake " + name(w)); }
  void open(ConnId c, const WaiterId* payer) override {
    opened = c;
    add("open " + name(c) + (payer != nullptr ? " for " + name(*payer) : ""));
  }
  void abandon(ConnId c) override { add("abandon " + name(c)); }
  void close(ConnId c, CloseReason) override { add("close " + name(c)); }
  void check(ConnId c) override { add("check " + name(c)); }
  void reset(ConnId c) override { add("reset " + name(c)); }
  void tick_at(TimePoint when) override { tick = when; }
  Log take() { return std::exchange(log_, {}); }
  TimePoint parked{}, tick{};
  ConnId opened;

 private:
  static std::string name(WaiterId w) { return "w" + std::to_string(w.slot); }
  static std::string name(ConnId c) { return "c" + std::to_string(c.number); }
  void add(const std::string& order) { log_.push_back(order); }
  Log log_;
};

PsycopgConfig sized(std::int64_t min, std::int64_t max) {
  PsycopgConfig config;
  config.min_size = min;
  config.max_size = max;
  return config;
}

constexpr WaiterId w0{0, 1}, w1{1, 1}, w2{2, 1};

TEST_CASE("a retry series doubles from about a second and is cut to the time allowed", "[policy]") {
  Rng rng(1);
  PsycopgBackoff series(10s);
  CHECK_FALSE(series.gives_up(at(0s)));
  series.lengthen(at(0s), rng);
  const Duration first = series.delay();
  CHECK(first >= 900ms);
  CHECK(first <= 1100ms);
  series.lengthen(at(first), rng);
  CHECK(series.delay() == 2 * first);
  series.lengthen(at(9s), rng);
  CHECK(series.delay() == 1s);
  CHECK_FALSE(series.gives_up(at(9999ms)));
  CHECK(series.gives_up(at(10s)));
}

TEST_CASE("nothing allowed still means one retry", "[policy]") {
  PsycopgConfig config = sized(1, 1);
  config.reconnect_timeout = 0s;
  PsycopgPool pool(config, 0);
  Orders act;
  pool.on_start(at(0s), act);
  pool.on_open_failed(at(20ms), act.opened, act);
  CHECK(act.tick == at(20ms));
  CHECK(pool.counts().open == 1);
  pool.on_tick(at(20ms), act);
  CHECK(act.take() == Log{"open c1", "open c2"});
  pool.on_open_failed(at(40ms), act.opened, act);
  CHECK(pool.counts().open == 0);
}

TEST_CASE("the end of a series is judged by when its attempts began", "[policy]") {
  PsycopgConfig config = sized(1, 1);
  config.reconnect_timeout = 1500ms;
  PsycopgPool pool(config, 0);
  Orders act;
  pool.on_start(at(0s), act);
  pool.on_open_failed(at(400ms), act.opened, act);
  const TimePoint second = act.tick;  // about 1 s later
  pool.on_tick(second, act);
  pool.on_open_failed(second + 400ms, act.opened, act);  // ends late, but began in time
  CHECK(pool.counts().open == 1);
  const TimePoint third = second + 400ms + (at(1500ms) - second);
  CHECK(act.tick == third);
  pool.on_tick(third, act);
  pool.on_open_failed(third, act.opened, act);
  CHECK(pool.counts().open == 0);
}

/// When the pool of one, made with this seed, begins to replace what comes back.
Duration lifetime(std::uint64_t seed) {
  PsycopgConfig config = sized(1, 1);
  config.max_lifetime = 1000s;
  PsycopgPool pool(config, seed);
  Orders act;
  pool.on_start(at(0s), act);
  pool.on_opened(at(0s), {0, 1}, act);
  for (Duration age = 900s; age <= 1000s; age += 1s) {
    pool.on_acquire(at(age), w0, {0}, act);
    act.take();
    pool.on_release(at(age), {0, 1}, Condition::clean, act);
    if (!act.take().empty()) return age;
  }
  return 0s;
}

TEST_CASE("each seed has its own lifetimes, up to 5 % shorter than asked", "[policy]") {
  std::set<Duration> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Duration age = lifetime(seed);
    CHECK(age >= 950s);
    CHECK(age <= 1000s);
    CHECK(age == lifetime(seed));
    seen.insert(age);
  }
  CHECK(seen.size() > 5);
}

TEST_CASE("shrinking is work for a worker, and the next period begins when it is done",
          "[policy]") {
  PsycopgConfig config = sized(0, 3);
  config.max_idle = 1s;
  config.num_workers = 1;
  PsycopgPool pool(config, 0);
  Orders act;
  pool.on_start(at(0s), act);
  CHECK(act.tick == at(1s));
  pool.on_acquire(at(900ms), w0, {0}, act);
  pool.on_tick(at(1s), act);
  CHECK(act.tick == at(1s));  // the only worker is connecting
  pool.on_opened(at(1500ms), act.opened, act);
  CHECK(act.tick == at(2500ms));
}

TEST_CASE("a checked connection whose caller has left goes to the next in line", "[policy]") {
  PsycopgConfig config = sized(1, 1);
  config.check = true;
  PsycopgPool pool(config, 0);
  Orders act;
  pool.on_start(at(0s), act);
  pool.on_opened(at(0s), act.opened, act);
  pool.on_acquire(at(1s), w0, {0}, act);
  pool.on_acquire(at(1s), w1, {1}, act);
  pool.on_give_up(at(2s), w0, act);
  CHECK(act.take() == Log{"open c1", "check c1", "left w0"});
  pool.on_checked(at(3s), act.opened, true, act);
  CHECK(act.take() == Log{"check c1"});  // w1 tests it for itself
  pool.on_checked(at(4s), act.opened, true, act);
  CHECK(act.take() == Log{"grant w1 c1"});
}

TEST_CASE("no deadline ends a check or the pause after it", "[policy]") {
  PsycopgConfig config = sized(2, 2);
  config.check = true;
  config.timeout = 500ms;
  PsycopgPool pool(config, 0);
  Orders act;
  pool.on_start(at(0s), act);
  pool.on_opened(at(0s), {0, 1}, act);
  pool.on_opened(at(0s), {1, 2}, act);
  pool.on_acquire(at(0s), w0, {0}, act);
  pool.on_checked(at(100ms), {0, 1}, false, act);  // 400 ms are left from here
  pool.on_checked(at(300ms), {1, 2}, false, act);
  CHECK(act.parked == at(700ms));
  act.take();
  pool.on_deadline(at(700ms), w0, act);
  CHECK(act.take() == Log{"timeout w0"});
}

TEST_CASE("a line of ten thousand loses its middle and keeps its order", "[policy]") {
  PsycopgLine line;
  std::vector<PsycopgLine::Place> places;
  for (std::uint32_t i = 0; i < 10'000; ++i) places.push_back(line.push_back({i, 1}));
  for (std::uint32_t i = 0; i < 9'999; ++i) {
    if (i % 2 == 0) line.give_up(places[i]);
  }
  CHECK(line.length() == 10'000);
  CHECK(line.alive() == 5'000);
  for (std::uint32_t i = 1; i < 10'000; i += 2) REQUIRE(line.pop_alive() == WaiterId{i, 1});
  CHECK_FALSE(line.pop_alive().has_value());
}

TEST_CASE("the null pool's connect has the time of the wait, in whole seconds", "[policy]") {
  const std::pair<Duration, Duration> cases[] = {{200ms, 1s}, {1600ms, 2s}, {2500ms, 2s}};
  for (const auto& [timeout, limit] : cases) {
    PsycopgConfig config = sized(0, 2);
    config.timeout = timeout;
    PsycopgNullPool pool(config, 0);
    Orders act;
    pool.on_acquire(at(0s), w0, {0}, act);
    pool.on_acquire(at(0s), w1, {1}, act);
    CHECK(act.parked == at(limit));
    pool.on_deadline(at(limit), w0, act);
    CHECK(act.take() == Log{"open c1 for w0", "abandon c1", "timeout w0", "open c2 for w1"});
    CHECK(pool.counts().open == 1);
  }
}

TEST_CASE("who leaves the null pool's lock is not connected for", "[policy]") {
  PsycopgNullPool pool(sized(0, 0), 0);
  Orders act;
  pool.on_acquire(at(0s), w0, {0}, act);
  pool.on_acquire(at(0s), w1, {1}, act);
  pool.on_acquire(at(0s), w2, {2}, act);
  CHECK(pool.counts().waiting == 2);
  pool.on_give_up(at(0s), w1, act);
  pool.on_give_up(at(0s), w0, act);  // its connect goes on, and is closed
  CHECK(pool.counts().waiting == 1);
  pool.on_opened(at(1s), {0, 1}, act);
  CHECK(act.take() == Log{"open c1 for w0", "left w1", "left w0", "close c1", "open c2 for w2"});
}

TEST_CASE("what psycopg's pools would raise", "[policy]") {
  PsycopgConfig config = sized(1, 1);
  CHECK(PsycopgPool(config, 0).refusal_text(Refusal::timeout) ==
        "couldn't get a connection after 30.00 sec");
  config.version_3_1 = true;
  CHECK(PsycopgPool(config, 0).refusal_text(Refusal::timeout) ==
        "couldn't get a connection after 30.0 sec");
  CHECK(PsycopgPool(config, 0).refusal_text(Refusal::overloaded) ==
        "the pool 'pool-1' has already 0 requests waiting");
}

PoolSpec spec_of(const char* kind, std::int64_t min, std::int64_t max) {
  PoolSpec spec;
  spec.kind = kind;
  spec.set("min_size", min);
  spec.set("max_size", max);
  return spec;
}

TEST_CASE("psycopg's own rules for its sizes", "[policy]") {
  CHECK(check_options(spec_of("psycopg", 5, 4)) ==
        "max_size must be greater or equal than min_size");
  CHECK(check_options(spec_of("psycopg", 0, -1)) ==
        "if min_size is 0 max_size must be greater than 0");
  CHECK(check_options(spec_of("psycopg-null", 1, 2)) == "null pools must have min_size = 0");
  CHECK_FALSE(check_options(spec_of("psycopg-null", 0, 0)));
  CHECK(pool_capacity(spec_of("psycopg", 5, -1), 100) == 5);
  CHECK(pool_capacity(spec_of("psycopg", 5, 15), 100) == 15);
  CHECK(pool_permanent_size(spec_of("psycopg", 5, 15)) == 5);
  CHECK(pool_capacity(spec_of("psycopg-null", 0, 0), 100) == 100);
  CHECK(pool_capacity(spec_of("psycopg-null", 0, 7), 100) == 7);
}

TEST_CASE("psycopg's rules for its other options", "[policy]") {
  PoolSpec spec = spec_of("psycopg", 1, 2);
  spec.set("max_idle", Duration{0});
  CHECK(check_options(spec).has_value());
  spec.set("max_idle", Duration{1s});
  CHECK_FALSE(check_options(spec).has_value());
  spec.set("check", true);
  CHECK_FALSE(check_options(spec).has_value());
  spec.set("version", std::string("3.1"));
  CHECK(check_options(spec).has_value());
}

}  // namespace
}  // namespace poolgauge
