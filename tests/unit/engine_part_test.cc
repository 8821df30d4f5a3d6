// Parts of a run: together they are the run of one machine, byte for byte.
#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "engine/part_share.h"
#include "engine/trial.h"
#include "engine_bench.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;
using test::ManualTime;
using test::ScriptedServer;

/// A line for each request that was sent: when it was due, who sent it, and what it drew.
using Schedule = std::vector<std::string>;

Schedule sorted(Schedule lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// As in Trial: an arrival of each process, with the random numbers of its request.
Schedule arrivals_of(const Load& load, std::uint32_t fleet, Shard shard, Duration until) {
  Schedule lines;
  for (std::uint32_t process = shard.index; process < fleet; process += shard.count) {
    Arrivals arrivals = Arrivals::of(load, process, fleet, 7);
    std::uint32_t number = 0;
    for (Duration due = arrivals.next(); due < until; due = arrivals.next(), ++number) {
      Rng rng(7, (static_cast<std::uint64_t>(process) << 32) | number);
      lines.push_back(fmt::format("{} process {} number {} request {} turn {} draws {}",
                                  due.count(), process, number, arrivals.request(), arrivals.turn(),
                                  rng.next()));
    }
  }
  return lines;
}

Load replay() {
  auto arrivals = std::make_shared<std::vector<ReplayLoad::Arrival>>();
  for (std::uint32_t i = 0; i < 500; ++i) {
    ReplayLoad::Arrival arrival;
    arrival.at = std::chrono::milliseconds(i * i % 7 + i * 13);
    arrival.request = i % 3;
    arrival.turn = i / 3;
    arrivals->push_back(arrival);
  }
  ReplayLoad load;
  load.arrivals = std::move(arrivals);
  return load;
}

Load load_named(const std::string& name) {
  if (name == "poisson") return OpenLoad{150, true};
  if (name == "constant") return OpenLoad{150, false};
  if (name == "burst") return BurstLoad{77, 2s, {}};
  if (name == "replay") return replay();
  RateStages stages;
  stages.stages = {{3s, 200, true}, {4s, 50, false}};
  stages.poisson = name == "staged poisson";
  return stages;
}

constexpr std::uint32_t kFleet = 24;

TEST_CASE("the parts' schedules together are byte for byte that of one machine", "[part]") {
  const std::uint32_t count = GENERATE(1U, 3U, 8U);
  const std::string name =
      GENERATE("poisson", "constant", "burst", "replay", "staged poisson", "staged constant");
  CAPTURE(count, name);
  const Load load = load_named(name);
  const Schedule whole = sorted(arrivals_of(load, kFleet, Shard{}, 10s));
  REQUIRE(whole.size() > 100);
  Schedule together;
  for (std::uint32_t index = 0; index < count; ++index) {
    const std::uint32_t threads = index % 3 + 1;  // each machine has as many as it has
    for (std::uint32_t thread = 0; thread < threads; ++thread) {
      const Shard shard = shard_of(RunPart{index, count}, thread, threads);
      const Schedule part = arrivals_of(load, kFleet, shard, 10s);
      together.insert(together.end(), part.begin(), part.end());
    }
  }
  CHECK(sorted(std::move(together)) == whole);
}

TEST_CASE("every process is in one share, whatever the threads of each machine", "[part]") {
  const std::uint32_t count = GENERATE(1U, 3U, 8U);
  std::vector<int> owners(kFleet + 5);
  for (std::uint32_t index = 0; index < count; ++index) {
    const RunPart part{index, count};
    const std::uint32_t threads = 2 * index + 1;
    std::uint32_t mine = 0;
    for (std::uint32_t thread = 0; thread < threads; ++thread) {
      const Shard shard = shard_of(part, thread, threads);
      for (std::uint32_t p = shard.index; p < owners.size(); p += shard.count) {
        ++owners[p];
        ++mine;
      }
    }
    CHECK(mine == part.processes(static_cast<std::uint32_t>(owners.size())));
  }
  CHECK(std::all_of(owners.begin(), owners.end(), [](int owned) { return owned == 1; }));
}

TEST_CASE("a part's processes and clients are its share, and all shares are the whole", "[part]") {
  Deployment deployment;
  deployment.instances = 3;
  deployment.processes = 5;
  std::int64_t clients = 0;
  std::uint32_t processes = 0;
  for (std::uint32_t index = 0; index < 4; ++index) {
    const RunPart part{index, 4};
    processes += share_of(deployment, part).fleet();
    clients += share_of(std::int64_t{101}, deployment.fleet(), part).value_or(0);
  }
  CHECK(processes == 15);
  CHECK(clients == 101);
  CHECK(share_of(deployment, RunPart{}).instances == 3);
  CHECK(share_of(deployment, RunPart{3, 4}).fleet() == 3);
  CHECK_FALSE(share_of(std::optional<std::int64_t>(), 15, RunPart{1, 4}));
  CHECK(RunPart{4, 8}.processes(4) == 0);
}

/// What the scripted server was asked and the recorder counted, with the times of all of it.
Measurement run_part(const Scenario& scenario, Shard shard, Schedule& asked) {
  ManualTime time;
  Loop loop(time);
  ScriptedServer server(loop);
  server.connect_takes = 3ms;
  server.exchange_takes = 20ms;
  Trial trial(scenario, loop, time, {&server}, shard, 11, TimePoint{}, nullptr);
  Measurement measured = trial.run(StopFlag{});
  // The connections' numbers are counted anew in each world.
  for (const std::string& line : server.log) asked.push_back(line.substr(0, line.find(' ')));
  return measured;
}

std::string counts_of(const Measurement& m) {
  std::string text = fmt::format("{} {} {} {} {}", m.requests.completed, m.requests.failed,
                                 m.requests.in_flight, m.requests.carried_in, m.ended_in_warmup);
  for (const Histogram* histogram : {&m.latency, &m.pool_wait, &m.connection_time}) {
    for (const Histogram::Bucket& bucket : histogram->buckets()) {
      text += fmt::format(" {}:{}", bucket.low.count(), bucket.count);
    }
  }
  for (const SecondSample& second : m.series) {
    text += fmt::format(" {}/{}/{}", second.completed, second.failed, second.latency.count());
  }
  return text;
}

TEST_CASE("parts that run apart measure together what one machine does", "[part]") {
  const bool open = GENERATE(false, true);
  const std::uint32_t count = GENERATE(3U, 8U);
  Scenario scenario = test::scenario_of({test::sql_step("read"), test::hold_step(30ms)});
  test::set_pool(scenario, 1, 1, 40ms);
  scenario.deployment.instances = 8;
  scenario.deployment.processes = 2;
  scenario.warmup = 1s;
  scenario.duration = 5s;
  ClosedLoad users;
  users.users = 77;
  users.think = ExponentialDuration{100ms};
  if (open) {
    scenario.load = OpenLoad{500, true};
  } else {
    scenario.load = users;
  }
  Schedule one, together;
  const Measurement whole = run_part(scenario, Shard{}, one);
  REQUIRE(whole.requests.completed > 100);
  REQUIRE(whole.requests.failed > 10);
  Measurement sum;
  for (std::uint32_t index = 0; index < count; ++index) {
    const Measurement part = run_part(scenario, shard_of(RunPart{index, count}, 0, 1), together);
    if (index == 0) {
      sum = part;
    } else {
      sum.merge(part);
    }
  }
  CHECK(counts_of(sum) == counts_of(whole));
  CHECK(sorted(std::move(together)) == sorted(std::move(one)));
}

}  // namespace
}  // namespace poolgauge
