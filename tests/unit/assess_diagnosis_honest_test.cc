// No cause and no advice that the figures beside it do not show.
#include <algorithm>

#include "diagnosis_figures.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

/// A long exchange whose time the server did not work, on a Unix socket of a busy machine.
Figures starved_socket() {
  Figures f = calm();
  f.mean_ms.sql = 7.38;
  f.mean_ms.pause = 0;
  f.connection_time_mean_ms = 7.38;
  f.exchanges_per_request = 1;
  f.exchanges_under_way = 4;
  f.server_active_mean = 0.1;
  f.server_near = f.over_socket = true;
  return f;
}

TEST_CASE("a Unix socket has no network, whatever an exchange or a ping takes") {
  Figures f = starved_socket();
  CHECK(names(f) == Names{"healthy"});
  f.round_trip_ms = 5.3;
  CHECK(names(f) == Names{"healthy"});
  f.over_socket = false;
  CHECK(names(f) == Names{"network_bound"});
  // Nor has a machine whose CPUs are busy: both ends wait for one.
  f.server_cpu_busy = 0.99;
  CHECK(names(f) == Names{"healthy"});
}

TEST_CASE("one round trip cannot become fewer, and what shares a machine has no nearer place") {
  Figures f = starved_socket();
  f.over_socket = f.server_near = false;
  const Finding far = found(f, "network_bound");
  CHECK(far.advice == "move the client closer to the server");
  CHECK(
      far.experiment ==
      "run on a machine next to the server: the connection hold time should fall by about 97.5 %");
  f.server_near = true;
  f.exchanges_per_request = 3;
  f.round_trip_ms = 2;
  const std::string near = found(f, "network_bound").advice;
  CHECK(has(near, "use fewer round trips per request"));
  CHECK_FALSE(has(near, "closer"));
}

TEST_CASE("a COMMIT that is on the way is not blamed on the log as well") {
  Figures f = calm();
  f.mean_ms.pause = 0;
  f.mean_ms.sql = 16;
  f.mean_ms.commit = 26;
  f.connection_time_mean_ms = 42;
  f.exchanges_per_request = 5;
  f.server_active_mean = 5;
  CHECK(found(f, "commit_bound").evidence ==
        "COMMIT takes 26.0 ms per request, 61.9 % of the "
        "database time.");
  f.round_trip_ms = 8;
  const Names both = names(f);
  CHECK(std::find(both.begin(), both.end(), "network_bound") != both.end());
  for (const Finding& finding : diagnose(f)) {
    if (finding.finding == "commit_bound") CHECK(has(finding.evidence, "COMMIT takes 18.0 ms"));
  }
  f.round_trip_ms = 26;
  for (const Finding& finding : diagnose(f)) CHECK(finding.finding != "commit_bound");
}

TEST_CASE("CPUs that other programs keep busy are no limit of this load") {
  Figures f = calm();
  f.server_near = true;
  f.server_cores = 2;
  f.server_cpu_busy = 0.997;
  f.server_cpu_share = 0.05;
  const std::string others = found(f, "healthy").evidence;
  CHECK(has(others,
            "Other programs keep this machine's CPUs busy (99.7 % in total, 5 % by the "
            "database)"));
  CHECK(has(others, "the first bottleneck will be the pool, at 12.5×"));
  CHECK_FALSE(has(others, "at 1.00×"));
  // What the load itself uses up leaves no room, and is not called health.
  f.server_cpu_share = 0.9;
  const Finding full = found(f, "healthy");
  CHECK(has(full.evidence,
            "There is little room for more load: this machine's CPUs are 99.7 % busy"));
  CHECK(full.headline ==
        "The pool is not the bottleneck: connections are available when requests need them.");
}

TEST_CASE("no larger pool is advised where the server has no more to give") {
  Figures f = drowning();
  f.longest_hold.reset();
  f.mean_ms.hold = 0;
  f.mean_ms.sql = 193;
  f.server_cores = 2;
  f.server_cpu_mean = 8.4;
  f.server_active_mean = 9;
  CHECK(has(found(f, "cpu_bound").advice, "more connections would only queue"));
  CHECK_FALSE(has(found(f, "pool_bound").advice, "enlarge the pool"));
  CHECK(further_headline(found(f, "pool_bound")) == "The pool is a further limit.");
}

TEST_CASE("the pool's room ends at the role's limit, and a burst needs no more than it has") {
  Figures f = drowning();
  f.longest_hold.reset();
  f.own_limit = 59;
  CHECK(
      has(found(f, "pool_bound").advice,
          "up to the 59 connections that the CONNECTION LIMIT of the role or the database allows"));
  f.own_limit = -1;
  f.capacity = f.peak_checked_out = 10;
  f.checked_out_mean = 9.9;
  f.peak_waiting = 280;
  f.peak_demand = 290;
  f.burst = 100;
  CHECK(has(found(f, "pool_bound").advice,
            "only with 100 connections would no request wait (one per request of a burst)"));
}

TEST_CASE("more threads are advised only where they can help") {
  Figures f = calm();
  f.client_saturated = true;
  f.client_troubles = "steal time was 30 % of CPU time";
  CHECK(found(f, "client_bound").advice ==
        "reduce the load, or run the load generator on a machine with more free CPU time");
  CHECK_FALSE(has(found(f, "client_bound").experiment, "--threads"));
  f.threads_help = true;
  CHECK(found(f, "client_bound").advice == "use more --threads");
  CHECK(has(found(f, "client_bound").experiment, "double --threads"));
}

TEST_CASE("waits for a new connection are not denied") {
  Figures f = calm();
  f.connection_time_mean_ms = 10;
  f.longest_hold = StepFigure{"a step", 3.1, 5.0};
  f.mean_ms.hold = 3.1;
  f.connect_in_wait = 1;
  f.pool_wait_p95_ms = 3.97;
  const Finding hold = found(f, "hold_bound");
  CHECK(has(hold.evidence, "Requests wait only while connections are opened"));
  CHECK(has(hold.experiment, "poolgauge simulate REPORT --release-during 'a step'"));
}

}  // namespace
