// Sentences about stalls.
#include "assess/stall_words.h"

#include <fmt/format.h>

#include "base/text.h"
#include "stats/stalls.h"

namespace poolgauge {

std::string stalls_text(const std::vector<Stall>& stalls, Duration window) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < stalls.size() && i < kShown; ++i) {
    const Stall& stall = stalls[i];
    const Duration end = stall.to_the_end ? window : stall.end;
    text += fmt::format("{}from {:.1f} s to {:.1f} s{}", i == 0 ? "no request completed " : ", ",
                        to_s(stall.start), to_s(end),
                        stall.to_the_end ? ", the end of the window" : "");
  }
  if (stalls.size() > kShown) text += fmt::format(", and {} more times", stalls.size() - kShown);
  return text;
}

std::string mostly_stalled(const std::vector<Stall>& stalls, Duration window) {
  const double share = window > Duration{0} ? to_s(stalled(stalls)) / to_s(window) : 0;
  constexpr double kMost = 0.5;
  if (share < kMost) return "";
  if (window - stalled(stalls) < std::chrono::milliseconds(1)) {
    return fmt::format(
        "no request completed during the whole window ({:.1f} s), so there are no figures. Look "
        "for a lock or a stopped server, then measure again",
        to_s(window));
  }
  return fmt::format(
      "{}: the figures cover only the remaining {}. Look for a lock or a stopped server, then "
      "measure again",
      stalls_text(stalls, window), human_duration(window - stalled(stalls)));
}

}  // namespace poolgauge
