// What was gone, when, and for how long.
#include "report/outage_words.h"

#include <fmt/format.h>

#include "base/text.h"

namespace poolgauge {

namespace {

constexpr std::size_t kShown = 5;
// A shorter one with no failed connect is the loss of connections of a server that went on.
constexpr Duration kBriefest = std::chrono::milliseconds(100);

std::string counted(std::uint64_t n, std::string_view what) {
  return fmt::format("{} {}{}", with_thousands(n), what, n == 1 ? "" : "s");
}

std::string losses(const Outage& outage) {
  const bool only_connects = outage.lost_connections == 0;
  std::string text = only_connects ? "" : counted(outage.lost_connections, "connection") + " lost";
  if (outage.failed_connects == 0) return text;
  if (!only_connects) text += ", ";
  return text + counted(outage.failed_connects, "connection attempt") + " failed";
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
