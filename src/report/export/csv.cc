// Seconds as CSV.

#include <fmt/format.h>
#include <cmath>

#include "poolgauge/observe.h"
#include "poolgauge/report.h"

namespace poolgauge {

namespace {

/// Six significant digits, as in the JSON; empty: not seen.
std::string cell(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return "";
  return fmt::format("{:.6g}", *value);
}

}  // namespace

std::string to_csv(const Report& report) {
  std::string text =
      "t_s,completed,failed,latency_p50_ms,latency_p95_ms,latency_p99_ms,checked_out,overflow,"
      "waiting,server_active,server_idle_in_transaction,server_lock_waits\r\n";
  for (const SeriesPoint& point : report.timeline) {
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\r\n", cell(point.t_s), point.completed,
                        point.failed, cell(point.latency_p50_ms), cell(point.latency_p95_ms),
                        cell(point.latency_p99_ms), point.checked_out, point.overflow,
                        point.waiting, cell(point.server_active),
                        cell(point.server_idle_in_transaction), cell(point.server_lock_waits));
  }
  return text;
}

namespace {

/// RFC 4180: names of strangers are quoted, always.
std::string quoted_cell(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string to_csv(const Observed& observed) {
  std::string text =
      "t_s,seconds,database,role,application_name,client_addr,sessions,in_use,"
      "idle_in_transaction";
  text += observed.metrics_of.empty() ? "\r\n" : ",waiting\r\n";
  for (const ObservePoint& point : observed.points) {
    for (std::size_t i = 0; i < point.in_use.size() && i < observed.groups.size(); ++i) {
      const ObserveKey& key = observed.groups[i].key;
      text += fmt::format("{:.6g},{:.6g},{},{},{},{},{:.6g},{:.6g},{:.6g}", point.t_s,
                          point.seconds, quoted_cell(key.database), quoted_cell(key.role),
                          quoted_cell(key.application), quoted_cell(key.address), point.sessions[i],
                          point.in_use[i], point.idle_in_transaction[i]);
      if (i < point.waiting.size()) text += fmt::format(",{:.6g}", point.waiting[i]);
      text += "\r\n";
    }
  }
  return text;
}

}  // namespace poolgauge
