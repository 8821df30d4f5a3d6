// The smallest pools that meet the goals.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>

#include "app/context.h"
#include "app/requests.h"
#include "app/world.h"
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

}  // namespace poolgauge::app
