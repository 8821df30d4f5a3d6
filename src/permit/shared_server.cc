// Check I4 of doctor's list, for those who are about to load the server.
#include "permit/permit.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/letters.h"
#include "base/text.h"

namespace poolgauge::permit {
namespace {

constexpr double kQuiet_per_s = 1;  ///< transactions that a monitoring agent alone makes

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

}  // namespace

bool looks_like_production(std::string_view name) {
  constexpr auto kWords = std::to_array<std::string_view>({"prod", "production", "live", "prd"});
  const std::string lower = lower_case(name);
  for (std::size_t at = 0; at < lower.size();) {
    std::size_t end = at;
    while (end < lower.size() && is_letter(lower[end])) ++end;
    const std::string_view part = std::string_view(lower).substr(at, end - at);
    if (std::find(kWords.begin(), kWords.end(), part) != kWords.end()) return true;
    at = end + 1;
  }
  return false;
}

std::vector<std::string> signs_of_sharing(const SharedSigns& seen) {
  std::vector<std::string> signs;
  if (looks_like_production(seen.database)) {
    signs.push_back(fmt::format("the database is named \"{}\"", seen.database));
  }
  if (!seen.host.starts_with("/") && looks_like_production(seen.host)) {
    signs.push_back(fmt::format("the host is named \"{}\"", seen.host));
  }
  if (seen.busy_others > 0) {
    signs.push_back(fmt::format("{} of other users within the last minute",
                                counted(seen.busy_others, "active session")));
  } else if (seen.others > 0 && !seen.sees_others) {
    signs.push_back(
        "other users are connected, and this role cannot see what they do (GRANT pg_monitor)");
  }
  if (seen.foreign_per_s > kQuiet_per_s) {
    signs.push_back(fmt::format("{:.0f} transactions per second by others", seen.foreign_per_s));
  }
  return signs;
}

}  // namespace poolgauge::permit
