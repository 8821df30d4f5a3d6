// Bytes as text in a report: deflated, in base64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace poolgauge {

using Bytes = std::vector<std::uint8_t>;

Bytes deflated(const Bytes& bytes);
/// Nothing for what is damaged, or larger than `most` bytes.
std::optional<Bytes> inflated(const std::uint8_t* data, std::size_t size, std::size_t most);

std::string base64(const Bytes& bytes);
/// Nothing for what is no base64, or longer than that of `most` bytes.
std::optional<Bytes> from_base64(std::string_view text, std::size_t most);

}  // namespace poolgauge
