// Series of trials: the smallest pools that meet the goals, and a range of sizes, users, or rates.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "advise/fleet.h"
#include "app/context.h"
#include "app/requests.h"
#include "app/world.h"
#include "poolgauge/curve.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// The scenario with the load that the search shall prepare for.
struct AdviseQuestion {
  Scenario grown;
  double growth = 0;  ///< a share of the load
};
/// What can be seen to be wrong before anything is started is an error: no goals, goals that
/// contradict each other, a kind of pool without a size, runs too short to judge.
Result<AdviseQuestion> advise_question(const Scenario& scenario, const AdviseRequest& request);

/// Opens the world, searches it, and leaves it. `started`: when the command began, `seed`: of the
/// first run. `early` has the report before a real world is left: tidying up may fail, or never
/// end. A search that was interrupted, or ended by a guard, has the report of what it found until
/// then.
Result<Report> advise(const AdviseRequest& request, const Context& context,
                      const AdviseQuestion& question, World& world, ProgressSink& progress,
                      std::uint64_t seed, std::time_t started,
                      const std::function<void(const Report&)>& early = {});

// What a sweep goes over, and from where to where.

struct SweepRange {
  double least = 1, most = 1;
  std::vector<double> listed;  ///< exactly these; empty: the points are chosen
  bool asked = false;          ///< somebody named it: what does not fit is an error
};

/// "5..60", "5,10,20" or "12"; ascending, without repetition. Whole numbers only, but for rates.
Result<SweepRange> parse_sizes(const std::string& text, bool whole);

/// Where nothing was said: around what the scenario has.
Result<SweepRange> usual_range(const Scenario& scenario, const std::string& over);
/// Whether a scenario can be swept so.
Status check_over(const Scenario& scenario, const std::string& over);
/// The scenario at one place.
Scenario at_place(const Scenario& scenario, const std::string& over, double place);

/// The arithmetic of a fleet that does not fit; success if it does. `others` of the slots count
/// what is in use now.
Status check_fleet(const Scenario& scenario, const ServerSlots& slots, std::int64_t total);
/// The most connections of one process that fit, `headroom` (a share) kept free; 0: none.
std::int64_t largest_total(const Scenario& scenario, const ServerSlots& slots);

// A range of sizes, users or rates, and the curve through them.

/// Opens the world, measures the range as far as the server goes, and leaves the world. The report
/// of a sweep that was interrupted, or ended by a guard, has the points until then; an error where
/// there is none, or where a range that was asked for by name does not fit. `started`: when the
/// command began, `seed`: of the first run. `early` has the report before a real world is left:
/// tidying up may fail, or never end.
Result<Report> sweep(const SweepRequest& request, const Context& context, const Scenario& asked,
                     SweepRange range, World& world, ProgressSink& progress, std::uint64_t seed,
                     std::time_t started, const std::function<void(const Report&)>& early = {});

// What sweep and advise make of each run.

/// The report of one run; command and command line are the whole command's.
Report trial_report(const Scenario& scenario, const Measurement& measured, const World& world,
                    const Context& context, std::uint64_t seed, std::time_t started);

/// Its figures as a point of a curve.
CurvePoint curve_point(double at, const Report& report);

/// Why a run's figures say nothing about its pool; empty: they do.
std::string unusable_because(const Report& report);

}  // namespace poolgauge::app
