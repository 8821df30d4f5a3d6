// A time in which nothing went on is not the pool's, whoever stood still.
#include "diagnosis_figures.h"

namespace poolgauge {
namespace {

using namespace test;
using namespace std::chrono_literals;

Standstill still(const char* whose, Duration start, std::optional<Duration> end) {
  Standstill one;
  one.whose = whose;
  one.start = start;
  one.end = end;
  return one;
}

/// What a freeze of three seconds looks like to the rules about pools: a full one, long waits.
Figures frozen() {
  Figures f = calm();
  f.mean_ms.pool_wait = 200;
  f.mean_ms.sql = 100;
  f.pool_wait_p95_ms = 2900;
  f.waited_fraction = 0.2;
  f.peak_checked_out = 10;
  f.peak_waiting = 60;
  return f;
}

TEST_CASE("a frozen server is a standstill with its times, and no pool is too small") {
  CHECK(names(frozen()).front() == "pool_bound");
  Figures f = frozen();
  f.standstills = {still("server", 4s, 7s)};
  f.waiting_otherwise = 0;
  CHECK(names(f) == Names{"standstill"});
  CHECK(found(f, "standstill").evidence ==
        "The server did not respond from 4.0 s to 7.0 s. The monitoring connection got no response "
        "either.");
  f.standstills = {still("pooler", 4s, std::nullopt)};
  CHECK(has(found(f, "standstill").evidence, "The pooler did not respond from 4.0 s to the end."));
}

TEST_CASE("a pool that is too small is so beside a standstill, too") {
  Figures f = drowning();
  f.standstills = {still("server", 4s, 7s)};
  f.waiting_otherwise = 1;
  const Names all = names(f);
  CHECK(all.at(0) == "standstill");
  CHECK(all.at(1) == "pool_bound");
}

TEST_CASE("a short standstill in a long run comes last") {
  Figures f = drowning();
  f.window_s = 300;
  f.standstills = {still("server", 4s, 5s)};
  f.waiting_otherwise = 1;
  CHECK(names(f).front() == "pool_bound");
  CHECK(names(f).back() == "standstill");
}

TEST_CASE("the tool's own standstill is the tool's") {
  Figures f = frozen();
  f.client_saturated = true;
  f.client_troubles = "it was paused for 3 s";
  f.standstills = {still("client", 4s, 7s)};
  CHECK(names(f) == Names{"client_standstill"});
  CHECK(has(found(f, "client_standstill").evidence, "It was paused from 4.0 s to 7.0 s"));
}

TEST_CASE("what nobody confirmed may be a lock, and is said so") {
  Figures f = frozen();
  f.standstills = {still("server", 4s, 7s)};
  f.standstills[0].confirmed = false;
  CHECK(has(found(f, "standstill").evidence, "waiting for the same lock"));
}

TEST_CASE("many standstills are counted, not listed") {
  Figures f = frozen();
  for (int i = 0; i < 5; ++i) {
    f.standstills.push_back(still("server", std::chrono::seconds(2 * i), 1500ms + i * 2s));
  }
  CHECK(has(found(f, "standstill").evidence, "from 4.0 s to 5.5 s. This happened 2 more times."));
}

TEST_CASE("where no request ended a standstill still says why") {
  Figures f;
  f.window_s = 10;
  f.standstills = {still("server", 0s, std::nullopt)};
  CHECK(names(f) == Names{"standstill"});
}

}  // namespace
}  // namespace poolgauge
