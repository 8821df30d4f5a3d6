// Inputs of `size` from a report: what it knows about the server.
#pragma once

#include <string>

#include "poolgauge/result.h"
#include "poolgauge/sizing.h"

namespace poolgauge::cli {

/// The inputs, and what the report `file` has measured or read where they say nothing: memory per
/// connection, connect time, max_connections and reserved slots, shared_buffers and work_mem, and
/// the machine's memory where the server runs on it. `file` empty: the inputs as they are. The
/// error: the file is no report, or one of a simulation, which has no server.
Result<SizeInputs> with_report(SizeInputs inputs, const std::string& file);

}  // namespace poolgauge::cli
