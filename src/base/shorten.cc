// Cutting between characters.
#include "base/shorten.h"

namespace poolgauge {

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t end = most;
  const auto inside = [&text](std::size_t at) {  // a UTF-8 character, not its first byte
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  constexpr std::size_t kLongestCharacter = 4;
  while (end > 0 && most - end < kLongestCharacter && inside(end)) --end;
  return std::string(text.substr(0, end)) + " … (" + std::to_string(text.size()) + " bytes)";
}

}  // namespace poolgauge
