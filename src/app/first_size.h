// The sizes that a search begins with, before a model of the server is there.
#pragma once

#include <cstdint>

#include "poolgauge/report.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// Requests per second of the whole load when nobody waits, by the scenario's own times (a
/// statement: 1 ms).
double rate_without_wait(const Scenario& scenario);

/// A size of one process's pool that is probably ample, from Little's law; at most `most`.
std::int64_t ample_total(const Scenario& scenario, std::int64_t most);

/// The size for one more calibration after a run of `total` that had all its connections in use all
/// the time: that run shows what this many do, and nothing about more. 0: not all were in use.
std::int64_t roomier_total(const Scenario& scenario, const Report& seen, std::int64_t total,
                           std::int64_t most);

/// `most`, or what all clients together can use.
std::int64_t useful_total(const Scenario& scenario, std::int64_t most);

}  // namespace poolgauge::app
