// F, what runs beside the statements: F5 to F8.
#include <array>
#include <vector>

#include <fmt/format.h>

#include "doctor/slots.h"

namespace poolgauge::doctor {

namespace {

std::optional<std::string> shown_value(const Case& c, std::string_view name) {
  auto value = setting_of(c.facts.first, "F1", name);
  if (value) figure(c, std::string(name), *value);
  return value;
}

Applies judge_build(const Case& c) {
  const auto assertions = shown_value(c, "debug_assertions");
  const auto jit = shown_value(c, "jit");
  if (assertions == "on") {
    found(c, DoctorLevel::warn, "the server was built with assertions", "built without assertions",
          "Measure on a release build.");
  } else if (jit == "on") {
    c.finding.why = "JIT compilation can add milliseconds to short statements.";
    found(c, DoctorLevel::note, "jit is on", "",
          "For short statements: ALTER SYSTEM SET jit = off; SELECT pg_reload_conf();");
  } else {
    found(c, DoctorLevel::ok, "a release build, jit off", "");
  }
  return Applies::yes;
}

Applies judge_io_timing(const Case& c) {
  const auto timing = shown_value(c, "track_io_timing");
  shown_value(c, "track_wal_io_timing");
  const bool off = timing == "off";
  found(c, off ? DoctorLevel::note : DoctorLevel::ok,
        off ? "track_io_timing is off" : "track_io_timing is on", "",
        off ? alter_system("track_io_timing = on") : "");
  return Applies::yes;
}

Applies judge_huge_pages(const Case& c) {
  constexpr double kManyBlocks = 1024.0 * 1024;  // 8 GiB
  constexpr std::int64_t kManySlots = 200;
  const auto wanted = shown_value(c, "huge_pages");
  const auto status = shown_value(c, "huge_pages_status");
  const double blocks = setting_number(c.facts.first, "F1", "shared_buffers").value_or(0);
  const std::int64_t slots = slots_of(c.facts).server.limit;
  figure(c, "slots", static_cast<double>(slots));
  const bool off = status ? *status == "off" : wanted == "off";
  const bool matters = blocks >= kManyBlocks && slots > kManySlots;
  const std::string seen =
      status ? "huge_pages_status is " + *status : "huge_pages is " + wanted.value_or("unknown");
  found(c, off && matters ? DoctorLevel::warn : DoctorLevel::ok, seen,
        "used if shared_buffers is at least 8 GB and there are more than 200 slots",
        off && matters ? "Reserve huge pages (vm.nr_hugepages), set huge_pages = on, and restart."
                       : "");
  return Applies::yes;
}

Applies judge_background(const Case& c) {
  const auto autovacuum = shown_value(c, "autovacuum");
  shown_value(c, "io_method");
  shown_value(c, "max_parallel_workers_per_gather");
  const double workers =
      setting_number(c.facts.first, "F1", "max_parallel_workers_per_gather").value_or(0);
  if (autovacuum == "off") {
    found(c, DoctorLevel::warn, "autovacuum is off", "autovacuum on",
          alter_system("autovacuum = on"));
  } else if (workers > 0) {
    c.finding.why = "Parallel statements use several cores for one connection.";
    found(c, DoctorLevel::note,
          fmt::format(
              "one statement may use {} parallel workers, which occupy cores but no connection "
              "slots",
              workers),
          "");
  } else {
    found(c, DoctorLevel::ok, "autovacuum is on, no parallel workers", "");
  }
  return Applies::yes;
}

constexpr std::array kChecksOfTuning = {
    Check{"F5",
          "build and jit",
          {"F1"},
          false,
          judge_build,
          "Poolgauge",
          "Assertions slow down every statement, and JIT compilation can add milliseconds to short "
          "ones."},
    Check{"F6",
          "I/O timing",
          {"F1"},
          false,
          judge_io_timing,
          "PostgreSQL manual, statistics",
          "Without it, time spent waiting for I/O is not recorded."},
    Check{"F7",
          "huge pages",
          {"B1", "F1"},
          false,
          judge_huge_pages,
          "Poolgauge",
          "Each session keeps page tables of its own for shared_buffers."},
    Check{"F8",
          "autovacuum and parallel workers",
          {"F1"},
          false,
          judge_background,
          "PostgreSQL manual",
          "Without autovacuum, tables bloat during the run. Parallel statements use several cores "
          "for one connection."}};

}  // namespace

std::span<const Check> checks_of_tuning() {
  return kChecksOfTuning;
}

}  // namespace poolgauge::doctor
