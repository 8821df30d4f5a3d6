// The limits of an advice, and the arithmetic of what is left.
#include "app/advice_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "app/surroundings.h"
#include "base/text.h"

namespace poolgauge::app {

namespace {

constexpr double kSlack = 1e-9;

/// A setting of the server in MiB, as SHOW writes it ("128MB").
double setting_mib(const TargetFacts& target, std::string_view name, double unset) {
  for (const auto& [key, value] : target.settings) {
    if (key != name) continue;
    char* rest = nullptr;
    const double number = std::strtod(value.c_str(), &rest);
    const std::string_view unit(rest);
    constexpr double kStep = 1024;
    if (unit == "kB") return number / kStep;
    if (unit == "MB") return number;
    if (unit == "GB") return number * kStep;
    if (unit == "TB") return number * kStep * kStep;
  }
  return unset;
}

std::string megabytes(double mib) {
  return with_thousands(static_cast<std::uint64_t>(std::llround(mib)));
}

}  // namespace

std::optional<double> known_memory_mib(const std::optional<double>& said,
                                       const TargetFacts& target) {
  if (said) return said;
  const bool socket = target.address.starts_with("local socket") || target.address.starts_with("/");
  if (target.kind != "server" || !socket) return std::nullopt;
  const std::uint64_t ours = machine_facts().memory_mib;
  if (ours == 0) return std::nullopt;
  return static_cast<double>(ours);
}

ConnectionLimit memory_limit(double memory_mib, const TargetFacts& target) {
  constexpr double kMostInAll = 0.9;  // as `size` warns
  constexpr double kPagesPerEntry = 512;
  ServerMemory one;
  one.connections = one.active = 1;
  one.shared_buffers = setting_mib(target, "shared_buffers", one.shared_buffers);
  one.work_mem = setting_mib(target, "work_mem", one.work_mem);
  const MemoryFigures figures = memory_figures(one);
  const double each = figures.backends + figures.work + one.shared_buffers / kPagesPerEntry;
  const double left = kMostInAll * memory_mib - one.shared_buffers;
  ConnectionLimit limit;
  limit.of = "memory";
  limit.setting = fmt::format(
      "{:.3g} MiB for each active connection in {} % of {} MiB, minus {} MiB of shared_buffers",
      each, std::lround(kMostInAll * 100), megabytes(memory_mib), megabytes(one.shared_buffers));
  limit.present = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(left / each)));
  return limit;
}

void set_frame_limits(const World& world, std::optional<double> memory_mib, AdviceFrame& frame) {
  std::vector<ConnectionLimit> server = world.server_limits();
  if (const auto memory = known_memory_mib(memory_mib, world.facts())) {
    ConnectionLimit limit = memory_limit(*memory, world.facts());
    if (!server.empty()) limit.others = server.front().others;
    server.push_back(std::move(limit));
  }
  frame.probes = world.probes();
  std::vector<ConnectionLimit> pooler = world.pooler_limits();
  if (pooler.empty()) {
    frame.limits = std::move(server);
    return;
  }
  frame.limits = {pooler.front()};
  frame.behind.assign(pooler.begin() + 1, pooler.end());
  frame.behind.insert(frame.behind.end(), server.begin(), server.end());
}

std::int64_t cap_of(const AdviceFrame& frame) {
  constexpr std::int64_t kMostSearched = 10'000;  // where no limit is known
  std::int64_t usable = std::min(kMostSearched * frame.peak_processes,
                                 usable_connections(frame.limits, frame.headroom));
  if (frame.slots) {  // our own monitoring counts here
    const auto available = static_cast<double>(frame.slots->max_connections -
                                               frame.slots->reserved - frame.slots->others);
    usable = std::min(
        usable, static_cast<std::int64_t>(std::floor(available * (1 - frame.headroom) + kSlack)));
  }
  if (frame.budget) usable = std::min(usable, *frame.budget);
  return std::max<std::int64_t>(0, usable / frame.peak_processes);
}

Error no_room(const Scenario& scenario, const AdviceFrame& frame) {
  const Deployment& deployment = scenario.deployment;
  const ConnectionLimit* binding = tightest(frame.limits);
  std::string arithmetic = fmt::format("--budget {}", frame.budget.value_or(0));
  if (binding != nullptr) {
    arithmetic = limit_arithmetic(*binding);
  } else if (frame.slots) {
    arithmetic = limit_arithmetic(server_limit(*frame.slots, true));
  }
  const std::string raise =
      binding == nullptr || binding->of == "server" ? "raise max_connections"
      : binding->of == "memory"
          ? "add memory"
          : fmt::format("raise the {} of {}", binding->setting, limit_owner(*binding));
  return {
      ErrorKind::target,
      fmt::format(
          "too few connections: {} process{} need at least {}\n  {}, of which {:g} % stay "
          "free for other clients{}",
          frame.peak_processes, frame.peak_processes == 1 ? "" : "es", frame.peak_processes,
          arithmetic, frame.headroom * 100,
          frame.probes > 0 ? fmt::format("; monitoring the server takes {}", frame.probes) : ""),
      deployment.fleet() > 1 ? fmt::format("use fewer processes, put a pooler in front of the "
                                           "server, {}, or close other clients",
                                           raise)
                             : fmt::format("{}, or close other clients", raise)};
}

}  // namespace poolgauge::app
