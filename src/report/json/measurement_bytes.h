// A measurement as bytes, exactly, and bytes as text: what the report of a part carries for
// `merge`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/measurement.h"

namespace poolgauge {

using Bytes = std::vector<std::uint8_t>;

Bytes deflated(const Bytes& bytes);
/// Nothing for what is damaged, or larger than `most` bytes.
std::optional<Bytes> inflated(const std::uint8_t* data, std::size_t size, std::size_t most);

std::string base64(const Bytes& bytes);
/// Nothing for what is no base64, or longer than that of `most` bytes.
std::optional<Bytes> from_base64(std::string_view text, std::size_t most);

// A measurement as bytes, exactly: what the report of a part carries for `merge`.

/// Everything that parts add up. Not in it, because the rest of the report has it: failures, the
/// server, the pooler, the generator's machine, and notes.
Bytes measurement_bytes(const Measurement& measured);

/// The measurement back; nothing for bytes that are damaged or of another version of the format.
/// Whatever the bytes are, no more memory is taken than a measurement of their size can need.
std::optional<Measurement> measurement_from(const Bytes& bytes);

}  // namespace poolgauge
