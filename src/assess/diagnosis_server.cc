// Rules about what the server's processes do: processors, locks, disk.
#include <fmt/format.h>

#include <algorithm>

#include "assess/diagnosis_rules.h"
#include "assess/sentences.h"
#include "base/text.h"

namespace poolgauge::rules {
namespace {

constexpr double kSqlShare = 0.50;
/// Fewer statements at a time than this is one user's own work, not a busy server.
constexpr double kBusyStatements = 1.5;
/// A share of the connections' time below which the server is not what to look at.
constexpr double kServerMatters = 0.30;

/// The server was looked at, works on several statements at a time, and that matters.
bool server_busy(const Figures& f) {
  return f.server_seen && f.server_active_mean >= kBusyStatements &&
         database_share(f) >= kServerMatters && weight(f, sql_ms(f)) >= kWeight;
}

/// Statements that wait for something take so much of a user's time.
bool waits_weigh(const Figures& f, double waiting) {
  return weight(f, sql_ms(f) * share(waiting, f.server_active_mean)) >= kWeight;
}

/// "3.2 of 7.8 running statements (41 %)"
std::string part_text(double waiting, const Figures& f) {
  const double part = std::min(waiting, f.server_active_mean);
  return fmt::format("{} of {} running statements ({})", amount(part), amount(f.server_active_mean),
                     percent(share(part, f.server_active_mean)));
}

std::string busiest_step(const Figures& f) {
  if (!f.longest_sql) return "";
  return fmt::format(", starting with step \"{}\" (mean {})", f.longest_sql->name,
                     ms(f.longest_sql->mean_ms));
}

/// Waits for the log to reach the disk, or a standby.
bool waits_for_log(std::string_view event) {
  return wait_family(event) == WaitFamily::log_flush;
}

/// ": Lock:transactionid 1.2, Lock:tuple 0.4", the longest waits of some types of event. Storage is
/// not the log, which has a rule of its own.
std::string events_text(const Figures& f, std::initializer_list<std::string_view> types) {
  constexpr int kMost = 4;
  std::string all;
  int named = 0;
  for (const auto& [event, mean] : f.server_events) {
    const std::string_view type = std::string_view(event).substr(0, event.find(':'));
    const bool asked = std::find(types.begin(), types.end(), type) != types.end();
    if (!asked || waits_for_log(event) || ++named > kMost) continue;
    all += (all.empty() ? "" : ", ") + fmt::format("{} {}", event, amount(mean));
  }
  return all.empty() ? "" : ": " + all;
}

/// Of one type of event, or of all.
double log_waits(const Figures& f, std::string_view type = "") {
  double sum = 0;
  for (const auto& [event, mean] : f.server_events) {
    if (waits_for_log(event) && event.starts_with(type)) sum += mean;
  }
  return sum;
}

/// Who runs on a busy machine is a matter of its processors only if the server is much of it.
bool processors_busy(const Figures& f) {
  constexpr double kOfMachine = 0.85, kOfBusy = 1.0 / 3;
  if (!f.server_cpu_busy) return true;
  return *f.server_cpu_busy >= kOfMachine &&
         f.server_cpu_share.value_or(1) >= kOfBusy * *f.server_cpu_busy;
}

}  // namespace

// 0.8 of the cores is where published alarms begin as well.
Verdict cpu_bound(const Figures& f) {
  constexpr double kOfCores = 0.8;
  if (!server_busy(f) || f.server_cores == 0) return std::nullopt;
  const bool running = f.server_cpu_mean >= kOfCores * f.server_cores;
  if (!running || !processors_busy(f)) return std::nullopt;
  std::string evidence = fmt::format(
      "{} statements were running or ready to run on average, but the server has only "
      "{} {}",
      amount(f.server_cpu_mean), f.server_cores, f.server_cores == 1 ? "core" : "cores");
  if (f.server_cpu_busy) evidence += fmt::format(", {} busy", percent(*f.server_cpu_busy));
  if (f.server_cpu_busy && f.server_cpu_share) {
    // Two clocks: the server's part is not above the whole.
    evidence += fmt::format(" ({} by its own processes)",
                            percent(std::min(*f.server_cpu_share, *f.server_cpu_busy)));
  }
  return Finding{
      "cpu_bound", evidence + ".",
      "more connections would only queue inside the database: make the statements cheaper" +
          busiest_step(f) + ", or add cores"};
}

Verdict lock_bound(const Figures& f) {
  constexpr double kShare = 0.2;
  if (!server_busy(f) || share(f.server_lock_mean, f.server_active_mean) < kShare ||
      !waits_weigh(f, f.server_lock_mean)) {
    return std::nullopt;
  }
  const std::string cure = cure_of_waits(f, {"Lock"});
  return Finding{"lock_bound",
                 part_text(f.server_lock_mean, f) + " waited for locks held by other transactions" +
                     events_text(f, {"Lock"}) + ".",
                 cure.empty() ? std::string(cure_of(WaitFamily::row_lock)) : cure};
}

Verdict lwlock_bound(const Figures& f) {
  constexpr double kShare = 0.2;
  const double waiting = f.server_lwlock_mean - log_waits(f, "LWLock:");
  if (!server_busy(f) || share(waiting, f.server_active_mean) < kShare ||
      !waits_weigh(f, waiting)) {
    return std::nullopt;
  }
  const std::string cure = cure_of_waits(f, {"LWLock", "BufferPin"});
  return Finding{"lwlock_bound",
                 part_text(waiting, f) + " waited for the server's internal locks" +
                     events_text(f, {"LWLock", "BufferPin"}) + ".",
                 cure.empty() ? "use fewer connections" : cure};
}

Verdict io_bound(const Figures& f) {
  constexpr double kShare = 0.4, kIdleMachine = 0.6;
  const double storage = f.server_io_mean - log_waits(f, "IO:");
  if (!server_busy(f) || share(storage, f.server_active_mean) < kShare ||
      !waits_weigh(f, storage)) {
    return std::nullopt;
  }
  const bool idle = f.server_cpu_busy && *f.server_cpu_busy < kIdleMachine;
  std::string evidence =
      part_text(storage, f) + " waited for storage" + events_text(f, {"IO"}) + ".";
  if (idle)
    evidence += fmt::format(" The server's CPUs were only {} busy.", percent(*f.server_cpu_busy));
  std::string cure = cure_of_waits(f, {"IO"});
  if (cure.empty()) cure = cure_of(WaitFamily::data_read);
  if (idle)
    cure += "; more connections help only while the disks can serve more requests in parallel";
  return Finding{"io_bound", evidence, cure};
}

// The server's own events where it names them, else our own timing.
Verdict commit_bound(const Figures& f) {
  constexpr double kOfActive = 0.2, kOfDatabaseTime = 0.4;
  if (f.on_sqlite || database_share(f) < kServerMatters) return std::nullopt;
  const double waits = log_waits(f);
  const bool seen =
      server_busy(f) && share(waits, f.server_active_mean) >= kOfActive && waits_weigh(f, waits);
  // What COMMIT spends on the network is the network's.
  const double commit_ms = std::max(0.0, f.mean_ms.commit - on_the_way_ms(f));
  const double committing = share(commit_ms, sql_ms(f));
  const bool timed = committing >= kOfDatabaseTime && statements_at_a_time(f) >= kBusyStatements &&
                     weight(f, commit_ms) >= kWeight;
  if (!seen && !timed) return std::nullopt;
  std::string evidence;
  if (timed || committing >= kOfActive) {
    evidence = fmt::format("COMMIT takes {} per request, {} of the database time. ", ms(commit_ms),
                           percent(committing));
  }
  if (seen)
    evidence += part_text(waits, f) + " waited for the write-ahead log to reach disk or a standby.";
  if (evidence.ends_with(' ')) evidence.pop_back();
  return Finding{"commit_bound", evidence, std::string(cure_of(WaitFamily::log_flush))};
}

Verdict database_bound(const Figures& f) {
  if (starved_waiters(f)) return std::nullopt;  // those that completed are not all there were
  const double running = statements_at_a_time(f);
  const double sql_share = share(sql_ms(f), f.mean_ms.total());
  // Users who think, or a rate that is served in time, ask for no more than they get.
  const bool served = f.goals.any && f.goals.all_met && (f.open_rate_per_s || f.think_ms > 0);
  if (served || network_bound(f) || pooler_bound(f)) return std::nullopt;
  if (sql_share < kSqlShare || wait_share(f) >= kWaitShare || running < kBusyStatements ||
      running < 0.5 * (f.checked_out_mean + f.checked_out_elsewhere_mean)) {
    return std::nullopt;
  }
  // The rule looks at the window after its first second; what is said is what the report shows.
  const double waiting = shown_wait_share(f);
  std::string evidence =
      fmt::format("SQL takes {} of the latency, {} statements were running on average, and ",
                  percent(sql_share), amount(running));
  evidence += waiting > 0
                  ? fmt::format("waiting for a connection takes {}{} of the latency{}.",
                                waiting < kWaitShare ? "only " : "", percent(waiting),
                                waiting < kWaitShare ? "" : ", most of it in the first second")
                  : "no request waited for a connection.";
  if (f.server_lock_mean >= 0.1 * running) {
    evidence += fmt::format(" {} of them were waiting for locks.",
                            amount(std::min(f.server_lock_mean, running)));
  }
  std::string advice = "more connections will not help: make the statements cheaper";
  if (f.longest_sql) {
    advice += fmt::format(", starting with step \"{}\" (mean {})", f.longest_sql->name,
                          ms(f.longest_sql->mean_ms));
  }
  return Finding{"database_bound", evidence, advice};
}

}  // namespace poolgauge::rules
