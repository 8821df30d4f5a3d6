// A share, a floor in the figure's own unit, or both.
#include "gate/gate_words.h"

#include <fmt/format.h>

#include <optional>

#include "base/quantities.h"

namespace poolgauge {

namespace {

constexpr double kMostMargin = 10;

/// "1ms", "5/s": in the unit of the figure; nothing for a share.
std::optional<double> floor_in(const std::string& piece, GoalStatistic statistic) {
  if (statistic == GoalStatistic::throughput) {
    if (!piece.ends_with("/s")) return std::nullopt;
    const Result<double> rate = parse_rate(piece);
    return rate.ok() ? std::optional<double>(rate.value()) : std::nullopt;
  }
  const bool unit = !piece.empty() && (piece.back() == 's' || piece.back() == 'm');
  if (!unit) return std::nullopt;
  const Result<double> seconds = parse_positive_seconds(piece);
  return seconds.ok() ? std::optional<double>(seconds.value()) : std::nullopt;
}

/// "10" without a unit: more likely 10 % or 10 ms than the tenfold that the number says.
bool is_ambiguous(const std::string& piece, double share) {
  return share >= 1 && !piece.ends_with('%');
}

Status refuse_ambiguous(const std::string& piece, const GateRule& rule) {
  const std::string cure =
      rule.figure.statistic == GoalStatistic::rate ? fmt::format("write {}%", piece)
      : rule.figure.statistic == GoalStatistic::throughput
          ? fmt::format("write {0}% for a percentage, or {0}/s to ignore smaller differences",
                        piece)
          : fmt::format("write {0}% for a percentage, or {0}ms to ignore smaller differences",
                        piece);
  return usage_error("allowed margin: \"" + piece + "\" has no unit", cure);
}

Status read_piece(const std::string& piece, GateRule& rule) {
  const bool rate = rule.figure.statistic == GoalStatistic::rate;
  if (!rate) {
    if (const auto floor = floor_in(piece, rule.figure.statistic)) {
      rule.floor = floor;
      return success();
    }
  }
  const Result<double> share = parse_fraction(piece, kMostMargin);
  if (share.ok()) {
    if (is_ambiguous(piece, share.value())) return refuse_ambiguous(piece, rule);
    rule.margin = share.value();
    return success();
  }
  if (rate) return usage_error("allowed margin: " + share.error().message);
  const bool throughput = rule.figure.statistic == GoalStatistic::throughput;
  return usage_error(
      "allowed margin: expected a percentage (10%), an absolute difference to ignore (" +
          std::string(throughput ? "5/s" : "1ms") + "), or both, found \"" + piece + "\"",
      "for example --metric '" +
          std::string(throughput ? "throughput=5%,5/s" : "p95(latency)=10%,1ms") + "'");
}

}  // namespace

Status read_margin(const std::string& text, GateRule& rule) {
  std::size_t from = 0;
  while (true) {
    const std::size_t comma = text.find(',', from);
    std::string piece = text.substr(from, comma == std::string::npos ? comma : comma - from);
    while (piece.starts_with(' ')) piece.erase(0, 1);
    while (piece.ends_with(' ')) piece.pop_back();
    if (const Status read = read_piece(piece, rule); !read.ok()) return read;
    if (comma == std::string::npos) return success();
    from = comma + 1;
  }
}

}  // namespace poolgauge
