// What sweep and advise make of each run.
#pragma once

#include <ctime>

#include "app/context.h"
#include "app/world.h"
#include "poolgauge/curve.h"
#include "poolgauge/report.h"

namespace poolgauge::app {

/// The report of one run; command and command line are the whole command's.
Report trial_report(const Scenario& scenario, const Measurement& measured, const World& world,
                    const Context& context, std::uint64_t seed, std::time_t started);

/// Its figures as a point of a curve.
CurvePoint curve_point(double at, const Report& report);

/// Why a run's figures say nothing about its pool; empty: they do.
std::string unusable_because(const Report& report);

}  // namespace poolgauge::app
