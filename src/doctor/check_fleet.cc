// B4 and B7: whether the planned fleet fits the slots and the memory.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "doctor/slots.h"

namespace poolgauge::doctor {

namespace {

Applies judge_fleet(const Case& c) {
  if (!c.plan.connections) return Applies::no;
  if (is_through_pooler(c.facts)) {
    if (c.facts.pooler_asked && c.facts.pooler_trouble.empty()) return Applies::no;  // H4 and H5
    cannot_tell(c, "the pools connect to a pooler, whose limits were not read",
                "Use --pgbouncer CONNINFO to read them from its admin console.");
    return Applies::yes;
  }
  const auto [slots, whose] = slots_of(c.facts).tightest();
  const std::int64_t free = std::max<std::int64_t>(slots.free(), 0);
  const std::int64_t more =
      static_cast<std::int64_t>(std::ceil(c.plan.surge * static_cast<double>(c.plan.instances)));
  const std::int64_t surge = *c.plan.connections + more * c.plan.per_instance.value_or(0);
  figure(c, "needed", static_cast<double>(*c.plan.connections));
  figure(c, "needed_in_deployment", static_cast<double>(surge));
  figure(c, "free", static_cast<double>(free));
  const std::string seen =
      fmt::format("the pools may open {} ({}), and {} while a rolling deployment runs {}",
                  count_text(static_cast<double>(*c.plan.connections), "connection"),
                  c.plan.arithmetic, surge, counted(more, "extra instance"));
  const std::string limit = "at most " + counted(free, "connection");
  c.finding.source = whose == SlotsOf::server
                         ? std::string("max_connections − reserved − in use")
                         : fmt::format("CONNECTION LIMIT of the {} − in use",
                                       whose == SlotsOf::role ? "role" : "database");
  const std::string cure = fmt::format(
      "Lower pool_size or max_overflow so that {} connections are enough, or put a pooler in "
      "front of the server.",
      free);
  const DoctorLevel level = *c.plan.connections > free ? DoctorLevel::stop
                            : surge > free             ? DoctorLevel::warn
                                                       : DoctorLevel::ok;
  found(c, level, seen, limit, level == DoctorLevel::ok ? "" : cure);
  return Applies::yes;
}

/// shared_buffers in MiB: its unit is a block of 8 KiB.
double blocks_mib(double blocks) {
  constexpr double kBlocksPerMib = 128;
  return blocks / kBlocksPerMib;
}

Applies judge_memory(const Case& c) {
  if (!c.plan.memory_mib) return Applies::no;
  constexpr double kBackend = 5;  // MiB, as `size` has it
  constexpr double kWarn = 0.8;
  const auto buffers = setting_number(c.facts.first, "F1", "shared_buffers");
  const auto work_mem_kib = setting_number(c.facts.first, "F1", "work_mem");
  if (!buffers || !work_mem_kib) {
    cannot_tell(c, "shared_buffers or work_mem is not visible");
    return Applies::yes;
  }
  const double multiplier = setting_number(c.facts.first, "F1", "hash_mem_multiplier").value_or(1);
  const std::int64_t limit = slots_of(c.facts).server.limit;
  const double slots = static_cast<double>(std::max<std::int64_t>(limit, 0));
  // Without a plan everybody may sort at once.
  const double active = std::min(slots, static_cast<double>(c.plan.connections.value_or(limit)));
  const double work_mib = *work_mem_kib / 1024 * (2 + multiplier);
  const double needed = blocks_mib(*buffers) + slots * kBackend + active * work_mib;
  const double share = needed / *c.plan.memory_mib;
  figure(c, "needed_mib", needed);
  figure(c, "memory_mib", *c.plan.memory_mib);
  const std::string seen = fmt::format(
      "up to {:.0f} MiB: shared_buffers {:.0f} + {} sessions × 5 + {} busy sessions × {:.1f}",
      needed, blocks_mib(*buffers), slots, active, work_mib);
  const DoctorLevel level = share > 1       ? DoctorLevel::stop
                            : share > kWarn ? DoctorLevel::warn
                                            : DoctorLevel::ok;
  found(c, level, seen, fmt::format("at most 80 % of {:.0f} MiB", *c.plan.memory_mib),
        level == DoctorLevel::ok ? "" : "Lower work_mem or max_connections.");
  return Applies::yes;
}

constexpr std::array kChecksOfFleet = {
    Check{
        "B4",
        "the fleet's pools",
        {"B1", "B2", "B3"},
        false,
        judge_fleet,
        "Poolgauge",
        "If the pools may open more connections than the server accepts, connects fail under peak "
        "load, or while a deployment runs old and new instances side by side."},
    Check{"B7",
          "memory",
          {"B1", "F1"},
          false,
          judge_memory,
          "Poolgauge, with the formula of poolgauge size",
          "If memory runs out, the kernel's OOM killer ends the server."}};

}  // namespace

std::span<const Check> checks_of_fleet() {
  return kChecksOfFleet;
}

}  // namespace poolgauge::doctor
