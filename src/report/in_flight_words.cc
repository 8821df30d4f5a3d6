// Requests in flight, times without completions, and outages in words.

#include <fmt/format.h>

#include "assess/sentences.h"
#include "base/text.h"
#include "report/sentences.h"

namespace poolgauge {

std::string in_flight_text(const Report& report) {
  if (report.requests.in_flight == 0) return "";
  const InFlightSummary& in_flight = report.in_flight;
  std::string text = with_thousands(report.requests.in_flight) + " in flight at the end";
  if (in_flight.ages.max) {
    text += fmt::format(", the oldest for {}", human_duration(from_ms(*in_flight.ages.max)));
  }
  if (in_flight.older_than_completed > 0 && report.requests.completed > 0) {
    const LatencySummary& latency = report.latency;
    const bool bounds = latency.p95.at_least || latency.p99.at_least || latency.max.at_least;
    text +=
        fmt::format("; {} of them had already taken longer than the slowest completed request{}",
                    with_thousands(in_flight.older_than_completed),
                    bounds ? ", so figures with > are lower bounds" : "");
  }
  return text;
}

std::string stall_line(const Report& report) {
  return stalls_text(report.stalls, from_s(report.window_s));
}

namespace {

constexpr std::size_t kShown = 5;
// A shorter one with no failed connect is the loss of connections of a server that went on.
constexpr Duration kBriefest = std::chrono::milliseconds(100);

std::string losses(const Outage& outage) {
  const auto lost = static_cast<std::int64_t>(outage.lost_connections);
  const auto failed = static_cast<std::int64_t>(outage.failed_connects);
  std::string text = lost == 0 ? "" : counted(lost, "connection") + " lost";
  if (failed == 0) return text;
  if (lost > 0) text += ", ";
  return text + counted(failed, "connection attempt") + " failed";
}

/// Through a pooler nobody sees which of the two it was; the pooler's own notes tell.
std::string_view name_of(const Outage& outage, const Report& report) {
  if (report.target.replica) return outage.target;
  return report.target.pooler ? "pooler or server" : "server";
}

/// `server`: its name where there are several.
std::string line_of(const Outage& outage, std::string_view server) {
  const double start = to_s(outage.start);
  if (!outage.end) {
    return fmt::format("{} down from {:.1f} s to the end: {}", server, start, losses(outage));
  }
  const Duration length = *outage.end - outage.start;
  if (length < kBriefest && outage.failed_connects == 0) {
    return fmt::format("{} at {:.1f} s; the {} kept responding", losses(outage), start, server);
  }
  return fmt::format("{} down from {:.1f} s to {:.1f} s ({}): {}", server, start, to_s(*outage.end),
                     human_duration(length), losses(outage));
}

}  // namespace

std::vector<std::string> outage_lines(const Report& report) {
  std::vector<std::string> lines;
  for (const Outage& outage : report.outages) {
    if (lines.size() == kShown) {
      const std::size_t more = report.outages.size() - kShown;
      lines.push_back(fmt::format("and {} more: see the JSON report", with_thousands(more)));
      break;
    }
    lines.push_back(line_of(outage, name_of(outage, report)));
  }
  return lines;
}

}  // namespace poolgauge
