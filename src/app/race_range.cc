// HikariCP's race at both ends, simulated.
#include "app/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <variant>

#include "base/text.h"
#include "poolgauge/policies.h"
#include "stats/product_limit.h"

namespace poolgauge::app {

namespace {

constexpr const char* kShare = "called_first";
/// Measured on the real library, HikariCP 2.7.9 and Java 17 (docs/pools.md): two idle processors
/// and a busy machine.
constexpr std::int64_t kFewest = 6, kMost = 45;

/// Nothing: the kind has no such race.
std::optional<std::int64_t> usual_share(const std::string& kind) {
  const KindInfo* info = find_kind(kind);
  if (info == nullptr) return std::nullopt;
  for (const OptionInfo& option : info->options) {
    if (option.name == kShare) return std::get<std::int64_t>(option.default_value);
  }
  return std::nullopt;
}

/// The share that is played, where it is the default and somebody waits. A report names every
/// option, so whether it was set cannot be told from its being there.
std::optional<std::int64_t> played_share(const Scenario& scenario, const Measurement& measured) {
  constexpr Duration kNoticed = std::chrono::milliseconds(1);
  if (measured.pool_wait.empty() || measured.pool_wait.quantile(0.95) < kNoticed) return {};
  const Deployment& deployment = scenario.deployment;
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    const DeployedPool& pool = deployment.pool_at(i);
    const auto usual = usual_share(pool.kind);
    if (usual && pool.integer(kShare) == *usual) return usual;
  }
  return {};
}

struct End {
  double p95_s = 0, timeouts = 0;
};

/// As in a report: requests still in flight count for as long as they have taken.
End end_of(const Measurement& m) {
  End end;
  const BoundedQuantile p95 = bounded_quantile(m.latency, latency_ages(m), 0.95);
  end.p95_s = to_s(p95.value.value_or(p95.at_least.value_or(Duration{0})));
  std::uint64_t refused = 0;
  for (const FailureCount& failure : m.failures) {
    if (failure.failure == FailureClass::pool_timeout) refused += failure.count;
  }
  const auto ended = static_cast<double>(m.requests.ended());
  if (ended > 0) end.timeouts = static_cast<double>(refused) / ended;
  return end;
}

/// "p95(latency) is 2.1 s, 3 s, and 5.3 s", or that it stays where all read alike.
std::string figures_words(std::string_view figure, const std::array<std::string, 3>& all) {
  return all[0] == all[1] && all[1] == all[2]
             ? fmt::format("{} stays at {}", figure, all[0])
             : fmt::format("{} is {}, {}, and {}", figure, all[0], all[1], all[2]);
}

End played(Scenario scenario, const ServerProfile& profile, std::uint64_t seed, std::int64_t share,
           const StopFlag& stop) {
  const auto set = [share](DeployedPool& pool) {
    if (usual_share(pool.kind)) pool.set(kShare, OptionValue(share));
  };
  set(scenario.deployment.pool);
  for (DeployedPool& pool : scenario.deployment.others) set(pool);
  return end_of(simulate(scenario, profile, seed, stop, {}, Keep::figures));
}

}  // namespace

std::string race_note(const Scenario& scenario, const ServerProfile& profile, std::uint64_t seed,
                      const Measurement& simulated, const StopFlag& stop) {
  const auto share = played_share(scenario, simulated);
  if (!share) return "";
  const End few = played(scenario, profile, seed, kFewest, stop);
  const End here = end_of(simulated);
  const End many = played(scenario, profile, seed, kMost, stop);
  constexpr double kTenth = 0.1, kPoint = 0.01;
  const bool same_p95 =
      std::abs(few.p95_s - many.p95_s) <= kTenth * std::max(few.p95_s, many.p95_s);
  if (stop.requested() || (same_p95 && std::abs(few.timeouts - many.timeouts) <= kPoint)) return "";
  const bool none = few.timeouts <= 0 && here.timeouts <= 0 && many.timeouts <= 0;
  const std::string timeouts =
      none ? "; no request times out"
           : "; " + figures_words(
                        "the share of pool timeouts",
                        {percent(few.timeouts), percent(here.timeouts), percent(many.timeouts)});
  return fmt::format(
      "In HikariCP, a returned connection goes either to a waiter or to a running thread, "
      "whichever is faster. How often the waiter wins depends on the JVM and the machine "
      "(called_first, here {} %). With called_first at {} %, {} %, and {} %, {}{}.",
      *share, kFewest, *share, kMost,
      figures_words("p95(latency)",
                    {human_duration(from_s(few.p95_s)), human_duration(from_s(here.p95_s)),
                     human_duration(from_s(many.p95_s))}),
      timeouts);
}

std::string race_pointer(const Scenario& scenario, const Measurement& measured) {
  // Only a thread that asks again at once races.
  const auto* users = std::get_if<ClosedLoad>(&scenario.load);
  if (users == nullptr || mean_of(users->think) > Duration::zero()) return "";
  if (!played_share(scenario, measured)) return "";
  return "In HikariCP, a returned connection goes either to a waiter or to a running thread, "
         "whichever is faster. How often the waiter wins depends on the JVM and the machine; run "
         "`poolgauge simulate` on this report to see how much it matters.";
}

}  // namespace poolgauge::app
