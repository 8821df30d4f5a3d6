// Histograms as the stock HdrHistogram libraries write and read them: V2, compressed, in base64.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "poolgauge/histogram.h"

namespace poolgauge {

/// Three significant digits, from 1 ns to one hour: the layout of our default histograms, so that
/// every count stays in its bucket.
std::string hdr_encoded(const PackedHistogram& packed);

/// The counts back; sum, minimum and maximum are not in the encoding. Nothing for what is damaged,
/// of another version or of another layout.
std::optional<std::vector<std::uint8_t>> hdr_counts(std::string_view base64);

}  // namespace poolgauge
