// A range of sizes, users or rates, and the curve through them.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>

#include "app/context.h"
#include "app/requests.h"
#include "app/sweep_plan.h"
#include "app/world.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// Opens the world, measures the range as far as the server goes, and leaves the world. The report
/// of a sweep that was interrupted, or ended by a guard, has the points until then; an error where
/// there is none, or where a range that was asked for by name does not fit. `started`: when the
/// command began, `seed`: of the first run. `early` has the report before a real world is left:
/// tidying up may fail, or never end.
Result<Report> sweep(const SweepRequest& request, const Context& context, const Scenario& asked,
                     SweepRange range, World& world, ProgressSink& progress, std::uint64_t seed,
                     std::time_t started, const std::function<void(const Report&)>& early = {});

}  // namespace poolgauge::app
