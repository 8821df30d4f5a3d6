// Rules about SQLite: one writer at a time, transactions that read before they write, and a log
// that cannot be written back.
#include <fmt/format.h>

#include <string_view>

#include "assess/diagnosis_rules.h"
#include "base/text.h"

namespace poolgauge::rules {
namespace {

constexpr std::string_view kSnapshot = "517";  // SQLITE_BUSY_SNAPSHOT

double counted(const Figures& f, std::string_view name) {
  for (const auto& [each, value] : f.sqlite) {
    if (each == name) return value;
  }
  return 0;
}

std::string whole(double value) {
  return with_thousands(static_cast<std::uint64_t>(value));
}

std::uint64_t snapshots(const Figures& f) {
  std::uint64_t sum = 0;
  for (const FailureCount& failure : f.failures) {
    if (failure.failure == FailureClass::database_busy && failure.sqlstate == kSnapshot) {
      sum += failure.count;
    }
  }
  return sum;
}

}  // namespace

// Neither waits for the busy timeout: a transaction that has read keeps what it has read.
Verdict read_upgrade(const Figures& f) {
  if (!f.on_sqlite) return std::nullopt;
  const std::uint64_t busy = count_of(f, FailureClass::database_busy);
  const double refused = counted(f, "upgrades_refused");
  if (refused == 0 || !failures_matter(f, busy)) return std::nullopt;
  return Finding{
      "read_upgrade",
      fmt::format("{} statements could not write because their transaction had read before and "
                  "another connection was writing or had written (SQLITE_BUSY; {} of them as "
                  "SQLITE_BUSY_SNAPSHOT). The busy timeout does not apply to them.",
                  whole(refused), with_thousands(snapshots(f))),
      "begin transactions that write with BEGIN IMMEDIATE, or write before reading"};
}

Verdict writer_bound(const Figures& f) {
  constexpr double kShareOfLatency = 0.25;
  if (!f.on_sqlite) return std::nullopt;
  const double wait_s = counted(f, "lock_wait_s");
  const double all_s = f.mean_ms.total() / 1e3 * static_cast<double>(f.requests.completed);
  const std::uint64_t busy = count_of(f, FailureClass::database_busy) - snapshots(f);
  const bool failed =
      failures_matter(f, busy) && counted(f, "upgrades_refused") < 0.5 * static_cast<double>(busy);
  if (!failed && share(wait_s, all_s) < kShareOfLatency) return std::nullopt;
  std::string evidence = fmt::format(
      "Connections waited for the lock {} times, {} s in total, {:.1f} connections at "
      "a time.",
      whole(counted(f, "lock_waits")), significant(wait_s), share(wait_s, f.window_s));
  if (busy > 0) {
    evidence += fmt::format(" {} requests failed with SQLITE_BUSY.", with_thousands(busy));
  }
  if (wait_s > 0) {
    evidence +=
        " A waiting connection sleeps up to 100 ms between two looks, so those that wait longest "
        "are not served first.";
  }
  return Finding{"writer_bound", evidence,
                 "only one connection can write at a time: hold nothing and call nothing inside "
                 "write transactions, batch small writes, use journal_mode = wal and "
                 "synchronous = normal; where that is not enough, use PostgreSQL"};
}

Verdict log_kept(const Figures& f) {
  constexpr double kLarge = 16.0 * 1024 * 1024;  // four times what a checkpoint starts at
  if (!f.on_sqlite || counted(f, "wal_bytes_max") < kLarge) return std::nullopt;
  const double cut = counted(f, "checkpoints_cut_short");
  if (cut < 0.5 * counted(f, "checkpoints")) return std::nullopt;
  return Finding{
      "log_kept",
      fmt::format("The write-ahead log grew to {:.0f} MiB: {} of {} checkpoints could not finish, "
                  "because a transaction was still reading.",
                  counted(f, "wal_bytes_max") / 1024 / 1024, whole(cut),
                  whole(counted(f, "checkpoints"))),
      "end read transactions soon: a log that cannot be written back slows down every read"};
}

}  // namespace poolgauge::rules
