// The search against truths that are known exactly: Erlang C and machine repair. The model it is
// given is wrong by some percent, its runs are noisy, and it must land all the same.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "advise/search.h"
#include "advise/size_evidence.h"
#include "math/pool_queue.h"
#include "math/queues.h"

using namespace poolgauge;

namespace {

double score(double value, double limit) {
  return std::clamp(std::log(std::max(value, 1e-6) / limit), -kFarScore, kFarScore);
}

/// The p95 of the wait for a connection, by the number of connections.
using Wait = std::function<double(std::int64_t)>;

Wait open_wait(double rate, double service) {
  return [=](std::int64_t total) {
    const math::OpenQueue queue{rate, service, static_cast<std::uint64_t>(total)};
    return queue.stable() ? queue.wait_quantile_s(0.95) : 1e3;
  };
}

Wait closed_wait(std::uint64_t users, double think, double service) {
  return [=](std::int64_t total) {
    const math::PoolQueue pool{math::independent_servers(service),
                               static_cast<std::uint64_t>(total), std::nullopt};
    if (static_cast<std::uint64_t>(total) >= users) return 0.0;
    return math::closed_pool(pool, users, think).wait_quantile_s(0.95);
  };
}

/// Computed once for each size: a machine-repair queue takes milliseconds, and is asked for often.
Wait remembered(const Wait& wait) {
  return [wait, known = std::make_shared<std::map<std::int64_t, double>>()](std::int64_t total) {
    const auto found = known->find(total);
    return found != known->end() ? found->second : known->emplace(total, wait(total)).first->second;
  };
}

struct World {
  Wait truth, model;
  double limit = 0.01;
  double scatter = 0.15;  // of one run
  std::uint32_t seed = 1;
};

/// The smallest that meets the limit with as much room as 95 of 100 runs need.
std::int64_t smallest(const Wait& truth, double limit, double scatter) {
  std::int64_t total = 1;
  while (std::max(std::log(truth(total) / limit), -kFarScore) > -kNinetyFive * scatter) ++total;
  return total;
}

struct Landed {
  SearchStep step;
  int runs = 0;
};

Landed search(const World& world, SearchLimits limits) {
  std::mt19937 random(world.seed);
  std::normal_distribution<double> noise(0, world.scatter);
  const SizeModel model = [&world](std::int64_t total) {
    return std::vector<GoalScore>{{score(world.model(total), world.limit), world.scatter}};
  };
  std::vector<SearchTrial> trials;
  Landed landed;
  for (;;) {
    landed.step = next_step(limits, model, trials);
    if (landed.step.outcome != SearchOutcome::measure) break;
    SearchTrial trial;
    trial.total = landed.step.total;
    trial.purpose = landed.step.purpose;
    const double seen = world.truth(trial.total) * std::exp(noise(random));
    trial.scores = {score(seen, world.limit)};
    trial.met = seen <= world.limit;
    trials.push_back(trial);
    ++landed.runs;
    --limits.runs_left;
    REQUIRE(landed.runs < 40);
  }
  return landed;
}

SearchLimits up_to(std::int64_t most) {
  SearchLimits limits;
  limits.most = most;
  return limits;
}

struct Tally {
  int cases = 0, within = 0, confirmed = 0, runs = 0;
  void add(const Landed& landed, std::int64_t truth) {
    ++cases;
    runs += landed.runs;
    const double away = std::abs(static_cast<double>(landed.step.total - truth));
    if (away <= std::max(1.0, 0.05 * static_cast<double>(truth))) ++within;
    if (landed.step.outcome == SearchOutcome::confirmed) ++confirmed;
  }
  void check() const {
    INFO(within << " of " << cases << " within, " << confirmed << " confirmed, " << runs
                << " runs");
    CHECK(within >= 0.9 * cases);
    CHECK(confirmed >= 0.9 * cases);
    CHECK(runs <= 8 * cases);
  }
};

}  // namespace

TEST_CASE("Open load: the search lands on Erlang C's answer") {
  Tally tally;
  std::uint32_t seed = 0;
  for (const double erlangs : {1.5, 4.0, 8.0, 15.0, 30.0, 60.0}) {
    for (const double limit : {0.002, 0.01, 0.04}) {
      for (const double off : {0.97, 1.0, 1.04}) {
        const double service = 0.04;
        World world;
        world.truth = open_wait(erlangs / service, service);
        world.model = open_wait(erlangs / service, service * off);
        world.limit = limit;
        world.seed = ++seed;
        tally.add(search(world, up_to(300)), smallest(world.truth, limit, world.scatter));
      }
    }
  }
  REQUIRE(tally.cases == 54);
  tally.check();
}

TEST_CASE("Closed load: the search lands on machine repair's answer") {
  Tally tally;
  std::uint32_t seed = 100;
  for (const std::uint64_t users : {10U, 40U, 100U, 400U}) {
    for (const double think : {0.1, 0.5}) {
      const Wait truth = remembered(closed_wait(users, think, 0.05));
      const Wait fast = remembered(closed_wait(users, think, 0.05 * 0.96));
      const Wait slow = remembered(closed_wait(users, think, 0.05 * 1.03));
      for (const double limit : {0.005, 0.05}) {
        for (const Wait& model : {fast, slow}) {
          World world;
          world.truth = truth;
          world.model = model;
          world.limit = limit;
          world.seed = ++seed;
          tally.add(search(world, up_to(500)), smallest(world.truth, limit, world.scatter));
        }
      }
    }
  }
  REQUIRE(tally.cases == 32);
  tally.check();
}

TEST_CASE("A model that is far off costs runs, not the answer") {
  Tally tally;
  std::uint32_t seed = 200;
  for (const double off : {0.5, 0.7, 1.5, 2.0}) {
    for (const double erlangs : {4.0, 12.0, 40.0}) {
      World world;
      world.truth = open_wait(erlangs / 0.04, 0.04);
      world.model = open_wait(erlangs / 0.04, 0.04 * off);
      world.scatter = 0.05;
      world.seed = ++seed;
      SearchLimits limits = up_to(300);
      limits.runs_left = 20;
      const Landed landed = search(world, limits);
      const auto truth = static_cast<double>(smallest(world.truth, world.limit, world.scatter));
      INFO("off by " << off << ", " << erlangs << " erlangs: " << landed.step.total << " for "
                     << truth << " after " << landed.runs);
      CHECK(std::abs(static_cast<double>(landed.step.total) - truth) <=
            std::max(3.0, 0.15 * truth));
      CHECK(landed.runs <= 12);
    }
  }
}

TEST_CASE("Goals that no size within the budget meets are seen to be so") {
  World world;
  world.truth = world.model = open_wait(1000, 0.04);  // 40 erlangs
  const Landed landed = search(world, up_to(38));
  CHECK(landed.step.outcome == SearchOutcome::impossible);
  CHECK(landed.step.total == 38);
  CHECK(landed.runs == 1);
}

TEST_CASE("A model made from a few busy connections is no reason to give up") {
  // It takes what they did for all that the server can do; ten connections do.
  World world;
  world.truth = open_wait(180, 0.02);
  world.model = [](std::int64_t) { return 10.0; };
  world.limit = 0.005;
  const Landed landed = search(world, up_to(176));
  CHECK(landed.step.outcome != SearchOutcome::impossible);
  CHECK(world.truth(landed.step.total) <= world.limit);
}

TEST_CASE("Too many connections may be as bad as too few") {
  // Best at 20, sufficient from 12 to 33.
  const auto valley = [](std::int64_t total) {
    const double off = std::log(static_cast<double>(total) / 20.0);
    return 0.01 * std::exp(4 * (std::abs(off) - 0.5));
  };
  World world;
  world.truth = world.model = valley;
  world.scatter = 0.03;
  const Landed landed = search(world, up_to(200));
  CHECK(landed.step.outcome == SearchOutcome::confirmed);
  CHECK(landed.step.total >= 12);
  CHECK(landed.step.total <= 14);
  world.truth = world.model = [&valley](std::int64_t total) { return valley(total) * 20; };
  const Landed hopeless = search(world, up_to(200));
  CHECK(hopeless.step.outcome == SearchOutcome::impossible);
  CHECK(std::abs(static_cast<double>(hopeless.step.total) - 20) <= 1);
}

TEST_CASE("The last runs that time allows are the confirmation, and one of them is not enough") {
  World world;
  world.truth = world.model = open_wait(200, 0.04);
  SearchLimits limits = up_to(100);
  limits.runs_left = 1;
  Landed landed = search(world, limits);
  CHECK(landed.runs == 1);
  CHECK(landed.step.outcome == SearchOutcome::unconfirmed);
  limits.runs_left = 3;
  landed = search(world, limits);
  CHECK(landed.runs == 3);
  CHECK(landed.step.outcome == SearchOutcome::confirmed);
  limits.runs_left = 0;
  landed = search(world, limits);
  CHECK(landed.step.outcome == SearchOutcome::unconfirmed);
  CHECK(landed.step.total == smallest(world.truth, world.limit, world.scatter));
}

TEST_CASE("Unusable runs are repeated, but not for ever") {
  const SizeModel model = [](std::int64_t total) {
    return std::vector<GoalScore>{{total < 10 ? 1.0 : -1.0, 0.1}};
  };
  std::vector<SearchTrial> trials;
  const SearchLimits limits = up_to(50);
  for (int i = 0; i < limits.most_unusable; ++i) {
    const SearchStep step = next_step(limits, model, trials);
    REQUIRE(step.outcome == SearchOutcome::measure);
    CHECK(step.total == 10);
    trials.push_back({step.total, step.purpose, {3.0}, false, false, 1});
  }
  const SearchStep step = next_step(limits, model, trials);
  CHECK(step.outcome == SearchOutcome::inconclusive);
  CHECK(step.total == 10);
}

TEST_CASE("A run corrects the model most where it was made") {
  const SizeModel flat = [](std::int64_t) { return std::vector<GoalScore>{{0.0, 0.02}}; };
  std::vector<SearchTrial> trials = {{10, TrialPurpose::verify, {0.4}, false, true, 1}};
  const CorrectedModel corrected(flat, trials);
  CHECK(corrected.bias(0, 10) == Approx(0.4).epsilon(0.05));
  CHECK(corrected.bias(0, 20) < corrected.bias(0, 12));
  CHECK(corrected.bias(0, 20) > 0);
  CHECK(corrected.at(10)[0].error < corrected.at(40)[0].error);
  CHECK(corrected.chance(10) < 0.01);
}
