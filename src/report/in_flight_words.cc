// Requests in flight, and stalls.
#include "report/in_flight_words.h"

#include <fmt/format.h>

#include "assess/stall_words.h"
#include "base/text.h"

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

}  // namespace poolgauge
