// Text of others in a bounded length.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace poolgauge {

/// What a report or an error quotes of a server's message, in bytes.
inline constexpr std::size_t kMostQuoted = 1000;

/// The text, or as much of its beginning as fits into `most` bytes without cutting a UTF-8
/// character, and then " … (N bytes)" with its whole length.
std::string shortened(std::string_view text, std::size_t most = kMostQuoted);

}  // namespace poolgauge
