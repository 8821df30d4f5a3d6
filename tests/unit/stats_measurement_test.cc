// Merging measurements: identities hold, nothing is counted twice or lost.
#include <catch2/catch.hpp>

#include "poolgauge/measurement.h"

using namespace poolgauge;
using namespace std::chrono_literals;

namespace {

SecondSample second_of(std::uint64_t completed, double server_active) {
  SecondSample sample;
  sample.completed = completed;
  sample.failed = 1;
  sample.latency.record_n(5ms, completed);
  sample.checked_out = 3;
  sample.open = 4;
  sample.overflow = 1;
  sample.waiting = 7;
  sample.server_active = server_active;
  return sample;
}

PoolMeasurement pool_of(std::string name, std::int64_t capacity) {
  PoolMeasurement pool;
  pool.name = std::move(name);
  pool.processes = 2;
  pool.capacity = capacity;
  pool.peak_checked_out = 15;
  pool.peak_open = 16;
  pool.peak_overflow = 10;
  pool.peak_waiting = 85;
  pool.peak_demand = 90;
  pool.connects = 17;
  pool.connect_failures = 1;
  pool.closes = 2;
  pool.checkouts = 100;
  pool.pings = 99;
  pool.resets = 98;
  pool.checked_out_mean = 14.5;
  pool.open_mean = 15.5;
  pool.waiting_mean = 80.25;
  return pool;
}

Measurement one_thread() {
  Measurement m;
  m.warmup = 2s;
  m.window = 20s;
  m.requests = {100, 5, 2, 3, 4};
  m.latency.record_n(10ms, 100);
  m.response.record_n(9ms, 100);
  m.pool_wait.record_n(4ms, 105);
  m.connect.record_n(1ms, 17);
  m.connection_time.record_n(6ms, 100);
  m.steps.resize(2);
  m.steps[0].record_n(1ms, 100);
  m.steps[1].record_n(2ms, 99);
  m.phases = {9, 1, 2, 3, 4, 5, 6, 7, 8, 10};
  m.phase_times.hold.record_n(3ms, 100);
  m.connect_phases.tcp.record_n(20us, 17);
  RequestSample slow;
  slow.why = RequestSample::Why::slowest;
  slow.latency = 10ms;
  m.samples = {slow};
  m.failures = {{Phase::checkout, FailureClass::pool_timeout, "", 4, "waited 30 s"},
                {Phase::step, FailureClass::sql_error, "23505", 1, ""}};
  m.series = {second_of(50, -1), second_of(50, -1)};
  m.pools = {pool_of("primary", 15)};
  m.client.threads = 1;
  m.client.cpu_busy_ratio_max = 0.2;
  m.client.cpu_busy_ratio_mean = 0.2;
  m.client.cpu_s = 4;
  m.client.schedule_lag.record_n(100us, 105);
  m.notes = {"The run was short."};
  return m;
}

}  // namespace

TEST_CASE("counts add up, and scheduled stays the sum of its parts") {
  Measurement a = one_thread();
  const Measurement b = one_thread();
  a.merge(b);
  CHECK(a.requests.completed == 200);
  CHECK(a.requests.failed == 10);
  CHECK(a.requests.shed == 4);
  CHECK(a.requests.in_flight == 6);
  CHECK(a.requests.carried_in == 8);
  CHECK(a.requests.scheduled() == 2 * b.requests.scheduled());
  CHECK(a.latency.count() == a.requests.completed);
  CHECK(a.response.count() == 200);
  CHECK(a.pool_wait.count() == 210);
  CHECK(a.connect.count() == 34);
  CHECK(a.connection_time.count() == 200);
  CHECK(a.phases.pool_wait_ns == 2);
  CHECK(a.phases.begin_ns == 4);
  CHECK(a.phases.sql_ns == 6);
  CHECK(a.phases.hold_ns == 8);
  CHECK(a.phases.pause_ns == 10);
  CHECK(a.phases.commit_ns == 12);
  CHECK(a.phases.release_ns == 14);
  CHECK(a.phases.other_ns == 16);
  CHECK(a.phases.start_ns == 18);
  CHECK(a.phase_times.hold.count() == 200);
  CHECK(a.connect_phases.tcp.count() == 34);
  CHECK(a.samples.size() == 2);
  CHECK(a.phases.backoff_ns == 20);
}

TEST_CASE("retries are added by their SQLSTATE") {
  Measurement a = one_thread();
  a.retries = {5, 4, {{"40001", 7}}};
  Measurement b = one_thread();
  b.retries = {2, 2, {{"40P01", 1}, {"40001", 2}}};
  a.merge(b);
  CHECK(a.retries.requests == 7);
  CHECK(a.retries.completed == 6);
  REQUIRE(a.retries.causes.size() == 2);
  CHECK(a.retries.causes[0].count == 9);
  CHECK(a.retries.causes[1].sqlstate == "40P01");
  CHECK(a.retries.causes[1].count == 1);
}

TEST_CASE("merging into an empty measurement is a copy") {
  Measurement empty;
  empty.merge(one_thread());
  const Measurement whole = one_thread();
  CHECK(empty.warmup == whole.warmup);
  CHECK(empty.window == whole.window);
  CHECK(empty.requests.scheduled() == whole.requests.scheduled());
  CHECK(empty.latency.quantile(0.5) == whole.latency.quantile(0.5));
  CHECK(empty.steps.size() == 2);
  CHECK(empty.failures.size() == 2);
  CHECK(empty.series.size() == 2);
  REQUIRE(empty.pools.size() == 1);
  CHECK(empty.pools[0].capacity == 15);
  CHECK(empty.client.threads == 1);
  CHECK(empty.client.cpu_busy_ratio_mean == Approx(0.2));
  CHECK(empty.notes == whole.notes);
}

TEST_CASE("merging an empty measurement changes nothing") {
  Measurement whole = one_thread();
  whole.merge(Measurement{});
  CHECK(whole.window == 20s);
  CHECK_FALSE(whole.partial);
  CHECK(whole.requests.scheduled() == 110);
  CHECK(whole.latency.count() == 100);
  CHECK(whole.pools[0].peak_waiting == 85);
  CHECK(whole.client.cpu_busy_ratio_mean == Approx(0.2));
  CHECK(whole.notes.size() == 1);
}

TEST_CASE("the window is the longest, partial and simulated are sticky") {
  Measurement a = one_thread();
  Measurement b = one_thread();
  b.window = 21s;
  b.partial = true;
  b.simulated = true;
  a.merge(b);
  CHECK(a.window == 21s);
  CHECK(a.partial);
  CHECK(a.simulated);
  a.merge(one_thread());
  CHECK(a.window == 21s);
  CHECK(a.partial);
}

TEST_CASE("steps and seconds meet by position, the longer list wins") {
  Measurement a = one_thread();
  Measurement b = one_thread();
  b.steps.emplace_back().record_n(7ms, 11);
  b.series.push_back(second_of(30, 0.5));
  a.merge(b);
  REQUIRE(a.steps.size() == 3);
  CHECK(a.steps[0].count() == 200);
  CHECK(a.steps[1].count() == 198);
  CHECK(a.steps[2].count() == 11);
  REQUIRE(a.series.size() == 3);
  CHECK(a.series[1].completed == 100);
  CHECK(a.series[1].failed == 2);
  CHECK(a.series[1].latency.count() == 100);
  CHECK(a.series[1].checked_out == 6);
  CHECK(a.series[1].open == 8);
  CHECK(a.series[1].overflow == 2);
  CHECK(a.series[1].waiting == 14);
  CHECK(a.series[2].completed == 30);
  b.merge(one_thread());
  CHECK(b.steps.size() == 3);
  CHECK(b.series.size() == 3);
}

TEST_CASE("what was not seen of the server does not hide what was") {
  Measurement a = one_thread();
  Measurement b = one_thread();
  b.series[0].server_active = 0.0;
  b.series[0].server_idle_in_transaction = 14.0;
  a.merge(b);
  CHECK(a.series[0].server_active == 0.0);
  CHECK(a.series[0].server_idle_in_transaction == 14.0);
  CHECK(a.series[1].server_active == -1.0);
  a.merge(one_thread());
  CHECK(a.series[0].server_idle_in_transaction == 14.0);
}

TEST_CASE("failures meet by phase, class and SQLSTATE, with the first example") {
  Measurement a = one_thread();
  Measurement b = one_thread();
  b.failures = {{Phase::step, FailureClass::sql_error, "23505", 2, "duplicate key"},
                {Phase::step, FailureClass::sql_error, "42P01", 3, "no table"},
                {Phase::commit, FailureClass::sql_error, "23505", 4, ""},
                {Phase::checkout, FailureClass::pool_timeout, "", 5, "another text"}};
  a.merge(b);
  REQUIRE(a.failures.size() == 4);
  CHECK(a.failures[0].count == 9);
  CHECK(a.failures[0].example == "waited 30 s");
  CHECK(a.failures[1].count == 3);
  CHECK(a.failures[1].example == "duplicate key");
  CHECK(a.failures[2].sqlstate == "42P01");
  CHECK(a.failures[3].phase == Phase::commit);
  CHECK(a.failures[3].count == 4);
}

TEST_CASE("pools meet by name") {
  Measurement a = one_thread();
  Measurement b = one_thread();
  b.pools.push_back(pool_of("replica", 5));
  a.merge(b);
  REQUIRE(a.pools.size() == 2);
  const PoolMeasurement& primary = a.pools[0];
  CHECK(primary.processes == 4);
  CHECK(primary.capacity == 30);
  CHECK(primary.peak_checked_out == 30);
  CHECK(primary.peak_open == 32);
  CHECK(primary.peak_overflow == 20);
  CHECK(primary.peak_waiting == 170);
  CHECK(primary.peak_demand == 180);
  CHECK(primary.connects == 34);
  CHECK(primary.connect_failures == 2);
  CHECK(primary.closes == 4);
  CHECK(primary.checkouts == 200);
  CHECK(primary.pings == 198);
  CHECK(primary.resets == 196);
  CHECK(primary.checked_out_mean == 29.0);
  CHECK(primary.open_mean == 31.0);
  CHECK(primary.waiting_mean == 160.5);
  CHECK(a.pools[1].name == "replica");
  CHECK(a.pools[1].capacity == 5);
}

TEST_CASE("an unlimited pool stays unlimited from either side") {
  Measurement limited = one_thread();
  Measurement unlimited = one_thread();
  unlimited.pools[0].capacity = -1;
  Measurement merged = limited;
  merged.merge(unlimited);
  CHECK(merged.pools[0].capacity == -1);
  unlimited.merge(limited);
  CHECK(unlimited.pools[0].capacity == -1);
  unlimited.merge(merged);
  CHECK(unlimited.pools[0].capacity == -1);
}

TEST_CASE("the client's busy ratio is weighted by threads") {
  Measurement a = one_thread();
  Measurement b = one_thread();
  b.client.threads = 3;
  b.client.cpu_busy_ratio_mean = 0.6;
  b.client.cpu_busy_ratio_max = 0.9;
  b.client.cpu_s = 6;
  a.merge(b);
  CHECK(a.client.threads == 4);
  CHECK(a.client.cpu_busy_ratio_mean == Approx(0.5));
  CHECK(a.client.cpu_busy_ratio_max == 0.9);
  CHECK(a.client.cpu_s == 10);
  CHECK(a.client.schedule_lag.count() == 210);
}

TEST_CASE("the server's view comes from whoever looked") {
  Measurement blind = one_thread();
  Measurement watching = one_thread();
  watching.server.samples = 20;
  watching.server.connections_peak = 17;
  watching.server.wait_events = {{"Lock", 0.5}};
  Measurement merged = blind;
  merged.merge(watching);
  CHECK(merged.server.samples == 20);
  CHECK(merged.server.wait_events.size() == 1);
  merged.merge(blind);
  CHECK(merged.server.connections_peak == 17);

  Measurement refused = one_thread();
  refused.server.note = "no right to read pg_stat_activity";
  blind.merge(refused);
  CHECK(blind.server.note == "no right to read pg_stat_activity");
  blind.merge(watching);
  CHECK(blind.server.samples == 20);
}

TEST_CASE("each note is said once") {
  Measurement a = one_thread();
  Measurement b = one_thread();
  b.notes = {"The client was late.", "The run was short."};
  a.merge(b);
  CHECK(a.notes == std::vector<std::string>{"The run was short.", "The client was late."});
}
