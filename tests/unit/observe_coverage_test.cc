// Whether the 95 % intervals hold the truth in about 95 % of the worlds.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

#include "observe_world.h"

namespace poolgauge::observe {
namespace {

/// How many worlds' intervals hold the truth.
struct Coverage {
  std::array<int, 4> held{};  // in use, hold, spread, all in use
  int worlds = 0;
  double share(std::size_t figure) const { return double(held[figure]) / worlds; }
};

constexpr std::array<const char*, 4> kFigures = {"in use", "hold", "spread", "all in use"};

bool holds(const ObserveFigure& figure, double truth) {
  return figure.low && figure.high && *figure.low <= truth && truth <= *figure.high;
}

Coverage coverage_of(const WorldSpec& spec, int worlds) {
  std::vector<Observed> answers;
  double all_in_use = 0;
  for (int i = 0; i < worlds; ++i) {
    World world(spec, static_cast<std::uint64_t>(i) + 1);
    answers.push_back(observed_world(spec, static_cast<std::uint64_t>(i) + 1, world));
    // Of all worlds together: what each of them estimates from a small part.
    all_in_use += world.full_share() / worlds;
  }
  const double spread = spec.holds == Holds::constant ? 0 : spec.holds == Holds::wide ? 2 : 1;
  Coverage coverage;
  coverage.worlds = worlds;
  for (const Observed& answer : answers) {
    const ObservedGroup& group = answer.groups.at(0);
    coverage.held[0] += holds(group.in_use, spec.demand);
    coverage.held[1] += group.hold_s && holds(*group.hold_s, spec.hold_s);
    coverage.held[2] += group.hold_spread && holds(*group.hold_spread, spread);
    coverage.held[3] += holds(group.all_in_use, all_in_use);
  }
  return coverage;
}

WorldSpec spec_of(double hold_s, Arrivals arrivals, Holds kind) {
  WorldSpec spec;
  spec.hold_s = hold_s;
  spec.arrivals = arrivals;
  spec.holds = kind;
  // Long holds need long observation.
  spec.seconds = hold_s < 0.05 ? 60 : hold_s < 1 ? 300 : 3600;
  spec.batch_s = spec.seconds < 300 ? 1 : 5;
  return spec;
}

std::string name_of(const WorldSpec& spec) {
  const char* const arrivals = spec.arrivals == Arrivals::poisson    ? "Poisson"
                               : spec.arrivals == Arrivals::constant ? "constant"
                                                                     : "bursty";
  return fmt::format("holds of {} ms, {} arrivals, kind {}", spec.hold_s * 1000, arrivals,
                     static_cast<int>(spec.holds));
}

}  // namespace

TEST_CASE("intervals hold the truth in most of a few worlds", "[observe]") {
  constexpr int kWorlds = 60;
  for (const WorldSpec& spec : {spec_of(0.005, Arrivals::poisson, Holds::exponential),
                                spec_of(0.1, Arrivals::bursty, Holds::wide)}) {
    const Coverage coverage = coverage_of(spec, kWorlds);
    for (std::size_t figure = 0; figure < kFigures.size(); ++figure) {
      INFO(name_of(spec) << ": " << kFigures[figure] << " " << coverage.share(figure));
      CHECK(coverage.held[figure] >= 51);  // of Binomial(60, 0.95): 0.1 % are below
    }
  }
}

TEST_CASE("intervals hold the truth in 93 to 97 % of 400 worlds", "[.][observe_coverage]") {
  constexpr int kWorlds = 400;
  std::string table;
  std::array<double, 4> mean{};
  int cells = 0;
  for (const double hold_s : {0.005, 0.1, 10.0}) {
    for (const Arrivals arrivals : {Arrivals::poisson, Arrivals::constant, Arrivals::bursty}) {
      const WorldSpec spec = spec_of(hold_s, arrivals, Holds::exponential);
      const Coverage coverage = coverage_of(spec, kWorlds);
      ++cells;
      table += name_of(spec);
      for (std::size_t figure = 0; figure < kFigures.size(); ++figure) {
        mean[figure] += coverage.share(figure);
        table += fmt::format(", {} {:.1f} %", kFigures[figure], 100 * coverage.share(figure));
        INFO(table);
        // 400 worlds show a coverage to within 2.2 points (two standard errors).
        CHECK(coverage.share(figure) >= 0.91);
        CHECK(coverage.share(figure) <= 0.99);
      }
      table += "\n";
    }
  }
  WARN(table);
  for (std::size_t figure = 0; figure < kFigures.size(); ++figure) {
    INFO(kFigures[figure]);
    CHECK(mean[figure] / cells >= 0.93);
    CHECK(mean[figure] / cells <= 0.97);
  }
}

}  // namespace poolgauge::observe
