// The timeline as comma-separated values: one line a second, RFC 4180 without anything to quote.
#include <fmt/format.h>

#include <cmath>

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

}  // namespace poolgauge
