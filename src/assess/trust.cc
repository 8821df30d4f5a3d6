// The limits beyond which a run says more about its generator than about its target.
#include "assess/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "stats/interval.h"
#include "stats/over_time.h"

namespace poolgauge {
namespace {

constexpr double kBusyLimit = 0.95;
constexpr Duration kLagLimit = std::chrono::milliseconds(10);
constexpr double kLagShareOfMedian = 0.05;
constexpr double kShortfallLimit = 0.01;
// Of the window.
constexpr double kStarvedLimit = 0.20;
// The same for a thread with little to do that waited for a processor much longer than it had one.
constexpr double kStarvedLimitOfIdle = 0.04;
constexpr double kStarvedTimesBusy = 1.5;
constexpr double kStolenLimit = 0.10;
constexpr double kStillLimit = 0.01;

Duration allowed_lag(const Measurement& measured) {
  const double median_s = to_s(measured.latency.quantile(0.5));
  return std::max(kLagLimit, from_s(median_s * kLagShareOfMedian));
}

/// Of so few starts that they have no p99, the latest one is meant.
std::string late_starts_text(const Histogram& schedule_lag, Duration lag) {
  return quantile_supported(schedule_lag.count(), 0.99)
             ? fmt::format("requests started up to {} late (p99)", human_duration(lag))
             : fmt::format("a request started {} late", human_duration(schedule_lag.max()));
}

/// The worker that others starved most, if they starved one. Its time in the run queue is shared
/// out to those that used the processors: waiting for the database on the same machine is the
/// deployment's own matter.
const ThreadView* most_starved(const ClientView& client) {
  const double share = other_programs_share(client.machine);
  const ThreadView* most = nullptr;
  for (const ThreadView& thread : client.by_thread) {
    const double waited = thread.run_wait_ratio * share;
    const double much = std::max(kStarvedLimitOfIdle, kStarvedTimesBusy * thread.cpu_busy_ratio);
    const bool starved = waited > std::min(kStarvedLimit, much);
    const bool more = most == nullptr || thread.run_wait_ratio > most->run_wait_ratio;
    if (starved && more) most = &thread;
  }
  return most;
}

}  // namespace

double other_programs_share(const MachineView& machine) {
  const double used = machine.others + machine.databases + machine.own;
  return machine.others < 0 || used <= 0 ? 0 : machine.others / used;
}

bool more_threads_help(const Measurement& measured) {
  constexpr double kBusy = 0.8, kIdleProcessors = 0.5;
  const ClientView& client = measured.client;
  if (client.cpu_busy_ratio_max < kBusy) return false;
  const MachineView& machine = client.machine;
  if (machine.processors == 0 || machine.others < 0) return true;  // nobody can tell
  const double used = machine.others + std::max(0.0, machine.databases) +
                      std::max(0.0, machine.own) + std::max(0.0, machine.stolen);
  return static_cast<double>(machine.processors) - used >= kIdleProcessors;
}

std::string client_cure(bool threads_help) {
  return threads_help
             ? "use more --threads"
             : "reduce the load, or run the load generator on a machine with more free CPU time";
}

std::uint32_t parts_needed(const Measurement& measured, std::uint32_t fleet) {
  constexpr double kComfortable = 0.7;  // of a machine's processors
  const ClientView& client = measured.client;
  if (measured.simulated || client.cpu_busy_ratio_max <= kBusyLimit || fleet < 2) return 0;
  if (more_threads_help(measured)) return 0;
  const MachineView& machine = client.machine;
  const double processors = std::max({machine.processors, client.threads, 1U});
  const double own = machine.own > 0 ? machine.own : client.cpu_busy_ratio_mean * client.threads;
  // What never started would have taken its share as well.
  const auto scheduled = static_cast<double>(measured.requests.scheduled());
  const auto missing = static_cast<double>(measured.requests.shed + measured.requests.not_started);
  const double started = scheduled > missing ? 1 - missing / scheduled : 1;
  const double parts = std::ceil(own / started / (kComfortable * processors));
  return static_cast<std::uint32_t>(std::clamp(parts, 2.0, static_cast<double>(fleet)));
}

std::string parts_cure(std::uint32_t parts) {
  if (parts < 2) return "";
  return fmt::format(
      ", or split the run over {0} machines with --part 1/{0} to --part {0}/{0} (docs/machines.md)",
      parts);
}

std::vector<std::string> client_troubles(const Measurement& measured) {
  std::vector<std::string> troubles;
  if (measured.simulated) return troubles;
  const ClientView& client = measured.client;
  if (client.cpu_busy_ratio_max > kBusyLimit) {
    troubles.push_back(
        fmt::format("its busiest thread was {} busy", percent(client.cpu_busy_ratio_max)));
  }
  if (const Duration lag = client.schedule_lag.quantile(0.99); lag > allowed_lag(measured)) {
    troubles.push_back(late_starts_text(client.schedule_lag, lag));
  }
  const double still_s = stood_still_s(measured.standstills, true, measured.window);
  if (still_s > 0 && still_s >= kStillLimit * to_s(measured.window)) {
    troubles.push_back(fmt::format("it was paused for {}", human_duration(from_s(still_s))));
  }
  if (const ThreadView* thread = most_starved(client)) {
    troubles.push_back(fmt::format(
        "one of its threads waited for a CPU {} of the time, {} of the time because of other "
        "programs, which used {} of the {} CPUs",
        percent(thread->run_wait_ratio),
        percent(thread->run_wait_ratio * other_programs_share(client.machine)),
        fmt::format("{:.1f}", client.machine.others), client.machine.processors));
  }
  if (client.machine.processors > 0 &&
      client.machine.stolen > kStolenLimit * client.machine.processors) {
    troubles.push_back(fmt::format(
        "steal time was {} of CPU time",
        percent(client.machine.stolen / static_cast<double>(client.machine.processors))));
  }
  return troubles;
}

std::string client_troubles_text(const Measurement& measured) {
  std::string text;
  for (const std::string& trouble : client_troubles(measured)) {
    text += (text.empty() ? "" : "; ") + trouble;
  }
  return text;
}

bool client_saturated(const Measurement& measured) {
  return !client_troubles(measured).empty();
}

std::string arrival_shortfall(const RequestCounts& requests) {
  const std::uint64_t missing = requests.shed + requests.not_started;
  const auto scheduled = static_cast<double>(requests.scheduled());
  if (static_cast<double>(missing) <= kShortfallLimit * scheduled) return "";
  return fmt::format(
      "the arrival rate was not reached: {} of the {} scheduled requests never started",
      with_thousands(missing), with_thousands(requests.scheduled()));
}

}  // namespace poolgauge
