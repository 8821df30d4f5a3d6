// D, what counters show: D7 to D10, D12 and D13. All but D7 need two looks.
#include <array>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "doctor/answers.h"

namespace poolgauge::doctor {

namespace {

/// What a counter grew by; the finding is unknown without it.
std::optional<double> grown_or_unknown(const Case& c, std::string_view id,
                                       std::string_view column) {
  const auto grown = growth_of(c.facts, id, column);
  if (!grown) cannot_tell(c, "the counters were not read twice, or were reset in between");
  return grown;
}

Applies judge_checkpoints_of(const Case& c, std::string_view id) {
  constexpr double kHalf = 0.5;
  constexpr double kFewest = 10;  // of fewer no share is worth anything
  const Row row = first_row(c.facts.first, id);
  const double timed = row.number_or("timed", 0);
  const double requested = row.number_or("requested", 0);
  figure(c, "timed", timed);
  figure(c, "requested", requested);
  const double all = timed + requested;
  const std::string seen = fmt::format("{:.0f} of {} were requested before they were due",
                                       requested, count_text(all, "checkpoint"));
  const bool many = all >= kFewest && requested > kHalf * all;
  found(c, many ? DoctorLevel::warn : DoctorLevel::ok, seen,
        "at most 50 %, judged from 10 checkpoints on",
        many ? "Raise max_wal_size to about twice its value; SELECT pg_reload_conf();" : "");
  return Applies::yes;
}

Applies judge_checkpoints(const Case& c) {
  return judge_checkpoints_of(c, "D7");
}

Applies judge_checkpoints_new(const Case& c) {
  return judge_checkpoints_of(c, "D7b");
}

Applies judge_cache(const Case& c) {
  constexpr double kHits = 0.99;
  constexpr double kBlocks = 10'000;
  const auto hit = grown_or_unknown(c, "D8", "blks_hit");
  const auto read = grown_or_unknown(c, "D8", "blks_read");
  if (!hit || !read) return Applies::yes;
  const double blocks = *hit + *read;
  figure(c, "blocks", blocks);
  figure(c, "read", *read);
  const bool cold = blocks >= kBlocks && *hit < kHits * blocks;
  found(c, cold ? DoctorLevel::warn : DoctorLevel::ok,
        fmt::format("{} of {} came from shared_buffers, in {:.1f} s",
                    with_thousands(static_cast<std::uint64_t>(*hit)), count_text(blocks, "block"),
                    c.facts.between_s),
        "at least 99 % of the blocks, judged from 10,000 blocks on",
        cold ? "Raise shared_buffers (needs a restart), or add memory." : "");
  return Applies::yes;
}

Applies judge_failures(const Case& c) {
  constexpr double kShare = 0.10;
  constexpr double kFewest = 50;  // transactions; a few of them are ours
  constexpr double kDeadlocksPerMinute = 5;
  constexpr double kMinute = 60;
  const auto commits = grown_or_unknown(c, "D8", "xact_commit");
  const auto rollbacks = grown_or_unknown(c, "D8", "xact_rollback");
  const auto deadlocks = grown_or_unknown(c, "D8", "deadlocks");
  const auto files = grown_or_unknown(c, "D8", "temp_files");
  if (!commits || !rollbacks || !deadlocks || !files || c.facts.between_s <= 0) {
    return Applies::yes;
  }
  const double all = *commits + *rollbacks;
  const double per_minute = *deadlocks / c.facts.between_s * kMinute;
  figure(c, "transactions", all);
  figure(c, "rollbacks", *rollbacks);
  figure(c, "deadlocks", *deadlocks);
  figure(c, "temp_files", *files);
  const bool many = all >= kFewest && *rollbacks > kShare * all;
  const bool locked = per_minute > kDeadlocksPerMinute;
  found(c, many || locked ? DoctorLevel::warn : DoctorLevel::ok,
        fmt::format("{:.0f} of {} were rolled back, {}, {}, in {:.1f} s", *rollbacks,
                    count_text(all, "transaction"), count_text(*deadlocks, "deadlock"),
                    count_text(*files, "temporary file"), c.facts.between_s),
        "at most 10 % rolled back, judged from 50 transactions on; at most 5 deadlocks per minute",
        many || locked ? "Find their causes in the server's log before measuring." : "");
  return Applies::yes;
}

Applies judge_new_sessions(const Case& c) {
  constexpr double kPerSecond = 1;
  constexpr double kShare = 0.05;  // of a core
  const auto sessions = grown_or_unknown(c, "D10", "sessions");
  if (!sessions || c.facts.between_s <= 0) return Applies::yes;
  const double killed = growth_of(c.facts, "D10", "killed").value_or(0);
  const double rate = *sessions / c.facts.between_s;
  double login_s = 0;
  for (const DoctorConnect& each : c.facts.connects) login_s += each.login_ms / 1000;
  if (!c.facts.connects.empty()) login_s /= static_cast<double>(c.facts.connects.size());
  figure(c, "sessions_per_s", rate);
  figure(c, "killed", killed);
  const bool many = rate > kPerSecond || (*sessions > 0 && rate * login_s > kShare);
  found(c, many ? DoctorLevel::warn : DoctorLevel::ok,
        fmt::format("{:.1f} new sessions per second, {:.0f} killed, in {:.1f} s", rate, killed,
                    c.facts.between_s),
        "at most 1 per second, and logins take at most 5 % of a core",
        many ? "Give that application a pool, or put a pooler in front of the server." : "");
  return Applies::yes;
}

Applies judge_wal_buffers(const Case& c) {
  const auto full = grown_or_unknown(c, "D12", "wal_buffers_full");
  if (!full) return Applies::yes;
  figure(c, "wal_buffers_full", *full);
  found(c, *full > 0 ? DoctorLevel::warn : DoctorLevel::ok,
        fmt::format("the WAL buffers were full {:.0f} times in {:.1f} s", *full, c.facts.between_s),
        "never",
        *full > 0 ? "ALTER SYSTEM SET wal_buffers = '64MB'; then restart the server." : "");
  return Applies::yes;
}

Applies judge_fsyncs_of(const Case& c, std::string_view id) {
  const auto fsyncs = grown_or_unknown(c, id, "fsyncs");
  if (!fsyncs) return Applies::yes;
  figure(c, "fsyncs", *fsyncs);
  found(c, *fsyncs > 0 ? DoctorLevel::warn : DoctorLevel::ok,
        fmt::format("{:.0f} fsyncs by client sessions in {:.1f} s", *fsyncs, c.facts.between_s),
        "none", *fsyncs > 0 ? "Raise shared_buffers, or use faster storage." : "");
  return Applies::yes;
}

Applies judge_fsyncs(const Case& c) {
  return judge_fsyncs_of(c, "D13");
}

Applies judge_fsyncs_new(const Case& c) {
  return judge_fsyncs_of(c, "D13b");
}

constexpr std::string_view kCheckpointWhy =
    "max_wal_size is too small for the writes, so latency comes in waves.";
constexpr std::string_view kFsyncWhy =
    "The checkpointer's queue was full, so statements themselves waited for the disk.";

}  // namespace

// Where a statistic moved to another view with a version, two entries have the same id; a server
// has the query of one of them.
namespace {

constexpr std::array kChecksOfCounters = {
    Check{"D7",
          "checkpoints",
          {"D7"},
          false,
          judge_checkpoints,
          "awesome-prometheus-alerts, postgres_exporter's mixin",
          kCheckpointWhy},
    Check{"D7",
          "checkpoints",
          {"D7b"},
          false,
          judge_checkpoints_new,
          "awesome-prometheus-alerts, postgres_exporter's mixin",
          kCheckpointWhy},
    Check{"D8",
          "cache hits",
          {"D8"},
          false,
          judge_cache,
          "PgHero: 99 %; postgres_exporter's mixin: 98 %",
          "A server that waits for its disks does not get faster with more connections."},
    Check{"D9",
          "rollbacks and deadlocks",
          {"D8"},
          false,
          judge_failures,
          "postgres_exporter's mixin",
          "They would be mistaken for errors of the load."},
    Check{"D10",
          "new sessions",
          {"D10"},
          false,
          judge_new_sessions,
          "Poolgauge",
          "An application opens a connection for every request: it needs a pool."},
    Check{"D12",
          "WAL buffers",
          {"D12"},
          false,
          judge_wal_buffers,
          "Poolgauge",
          "Commits wait for space in the WAL buffers."},
    Check{"D13",
          "fsyncs by sessions",
          {"D13"},
          false,
          judge_fsyncs,
          "PostgreSQL manual, statistics",
          kFsyncWhy},
    Check{"D13",
          "fsyncs by sessions",
          {"D13b"},
          false,
          judge_fsyncs_new,
          "PostgreSQL manual, statistics",
          kFsyncWhy}};

}  // namespace

std::span<const Check> checks_of_counters() {
  return kChecksOfCounters;
}

}  // namespace poolgauge::doctor
