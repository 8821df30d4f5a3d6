// How far a run can be trusted: the load generator, the steady state, and the sample.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "assess/verdict.h"
#include "base/text.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr double kSmallestWait = 0.005;

/// "20 s" rather than "20.0 s".
std::string whole_seconds(double s) {
  return std::abs(s - std::round(s)) < 0.05 ? fmt::format("{:.0f} s", s)
                                            : human_duration(from_s(s));
}

double longest_run_wait(const ClientFigures& client) {
  double longest = 0;
  for (const ThreadView& thread : client.by_thread) {
    longest = std::max(longest, thread.run_wait_ratio);
  }
  return longest;
}

/// How much of it is the fault of other programs: that alone makes a run inconclusive.
std::string starved_text(const MachineView& machine, double waited) {
  const std::string text = fmt::format("CPU-starved {} of the time", percent(waited));
  if (machine.others < 0) return text;
  return text + fmt::format(" ({} because of other programs)",
                            percent(waited * other_programs_share(machine)));
}

std::string lowest_unsupported(const LatencySummary& latency) {
  const auto unsupported = [](const TimeFigure& figure) { return !figure && !figure.at_least; };
  if (unsupported(latency.p50)) return "no percentile";
  if (unsupported(latency.p90)) return "p90";
  if (unsupported(latency.p95)) return "p95";
  if (unsupported(latency.p99)) return "p99";
  if (unsupported(latency.p999)) return "p99.9";
  return "";
}

/// Nothing where a fixed warm-up led into a window that is too short to say.
std::string steady_text(const Report& report) {
  const Steadiness& steady = report.steady;
  if (!steady.reached) {
    return fmt::format("not in steady state after {} of warm-up", whole_seconds(report.warmup_s));
  }
  if (!steady.known) return "";
  if (!steady.after_s)
    return "not in steady state: throughput or latency drifted during the measurement";
  if (*steady.after_s > 0)
    return fmt::format("steady state after {}", whole_seconds(*steady.after_s));
  return "steady state";
}

}  // namespace

std::vector<std::string> trust_parts(const Report& report) {
  std::vector<std::string> parts;
  if (report.target.kind == "simulated") {
    parts.emplace_back("simulated on a virtual clock with a model of the server, not measured");
  } else {
    parts.push_back(fmt::format("load generator {} CPU", percent(report.client_cpu_busy)));
    const std::optional<double>& p99 = report.schedule_lag.p99;
    const std::optional<double>& lag = p99 ? p99 : report.schedule_lag.max;
    if (const double waited = longest_run_wait(report.client); waited >= kSmallestWait) {
      parts.push_back(starved_text(report.client.machine, waited));
    }
    if (lag)
      parts.push_back(fmt::format("schedule lag {} {}", p99 ? "p99" : "max", time_text(lag)));
  }
  const std::string steady = steady_text(report);
  if (!steady.empty()) parts.push_back(steady);
  std::string samples = fmt::format("{} samples", with_thousands(report.latency.count));
  const std::string lowest = lowest_unsupported(report.latency);
  if (!lowest.empty()) {
    samples += lowest == "no percentile" ? ": too few for percentiles"
                                         : fmt::format(": too few for {}", lowest);
  }
  parts.push_back(samples);
  if (report.partial) parts.emplace_back("partial: ended early");
  if (report.server.samples == 0 && report.target.kind != "simulated" &&
      report.target.kind != "sqlite") {
    parts.push_back("no data from the server" +
                    (report.server.note.empty() ? "" : " (" + report.server.note + ")"));
  }
  return parts;
}

}  // namespace poolgauge
