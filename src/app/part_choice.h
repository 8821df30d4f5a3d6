// Which part of a run this machine makes: said by a flag, or by whatever started it.
#pragma once

#include <cstdint>
#include <string>

#include "app/context.h"
#include "poolgauge/part.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// "2/4"; "auto": from the variables that a Kubernetes Indexed Job, Slurm, Open MPI, or another MPI
/// (PMI) sets; "auto/4" where they tell the number but not how many there are. The error says what
/// was expected.
Result<RunPart> chosen_part(const std::string& text, const Environment& environment);

/// "2026-01-31T12:00:00Z", also with fractions of a second, in microseconds since 1970.
Result<std::int64_t> start_time(const std::string& text);
/// The same back, with microseconds.
std::string start_text(std::int64_t us);

/// Whether a run of this scenario can be cut into so many parts.
Status check_parts(const Scenario& scenario, RunPart part);

}  // namespace poolgauge::app
