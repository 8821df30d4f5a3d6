// A measurement as bytes, exactly: what the report of a part carries for `merge`.
#pragma once

#include <memory>
#include <optional>

#include "poolgauge/measurement.h"
#include "report/json/deflated_text.h"

namespace poolgauge {

/// Everything that parts add up. Not in it, because the rest of the report has it: failures, the
/// server, the pooler, the generator's machine, and notes.
Bytes measurement_bytes(const Measurement& measured);

/// The measurement back; nothing for bytes that are damaged or of another version of the format.
/// Whatever the bytes are, no more memory is taken than a measurement of their size can need.
std::optional<Measurement> measurement_from(const Bytes& bytes);

}  // namespace poolgauge
