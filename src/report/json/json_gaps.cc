// Gaps as short lists of whole microseconds.
#include "report/json/json_parts.h"

#include "assess/verdict.h"

#include <algorithm>
#include <string>
#include <vector>

namespace poolgauge {

namespace {

using std::chrono::microseconds;

constexpr std::int64_t kLongest_us = std::int64_t{1} << 46;  // two years; their sums fit Duration

std::int64_t us(Duration time) {
  return time / microseconds(1);
}

Duration read_time(const JsonNode& node) {
  const std::int64_t found = node.integer();
  if (found >= 0 && found <= kLongest_us) return microseconds(found);
  node.expected("microseconds, 0 or more");
  return Duration{0};
}

}  // namespace

nlohmann::ordered_json gaps_json(const CompletionGaps& gaps) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const CompletionGap& gap : gaps.longest) {
    const std::int64_t start = us(gap.start);
    const std::int64_t length = us(gap.end) - start;
    const std::int64_t idle = std::clamp(us(gap.waiting) - start, std::int64_t{0}, length);
    list.push_back({start, length, idle, gap.in_flight});
  }
  return {{"least_us", us(gaps.least)}, {"longest", std::move(list)}};
}

CompletionGaps read_gaps(const JsonNode& node) {
  CompletionGaps gaps;
  if (node.is_null()) return gaps;
  gaps.known = true;
  gaps.least = read_time(node["least_us"]);
  const std::vector<JsonNode> items = node["longest"].items();
  if (items.size() > kSavedGaps) {
    node["longest"].expected("at most " + std::to_string(kSavedGaps) + " gaps");
    return gaps;
  }
  Duration until{0};
  for (const JsonNode& item : items) {
    const std::vector<JsonNode> parts = item.items();
    if (parts.size() != 4) {
      item.expected("start, length, idle time and requests in flight");
      return gaps;
    }
    CompletionGap gap;
    gap.start = read_time(parts[0]);
    gap.end = gap.start + read_time(parts[1]);
    gap.waiting = gap.start + read_time(parts[2]);
    gap.in_flight = parts[3].small_count();
    if (gap.start < until)
      item.expected("a gap that begins where the one before it ends, or later");
    until = gap.end;
    gaps.longest.push_back(gap);
  }
  return gaps;
}

}  // namespace poolgauge
