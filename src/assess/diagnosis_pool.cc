// Rules about pools and their connections.
#include <fmt/format.h>

#include <algorithm>

#include "assess/diagnosis_rules.h"
#include "base/text.h"
#include "poolgauge/pool_traits.h"

namespace poolgauge::rules {
namespace {

constexpr double kHoldShare = 0.30;
/// Waiters of a fair pool are served shortly before the limit that others miss; these are not.
constexpr double kUnfairWaitShare = 0.10;

std::string usage_text(const Figures& f) {
  const bool always = f.checked_out_mean >= 0.98 * static_cast<double>(f.capacity);
  std::string text =
      always
          ? fmt::format("{} of {} connections were in use the whole time", f.capacity, f.capacity)
          : fmt::format("{} of {} connections were in use on average and all of them at the peak",
                        amount(f.checked_out_mean), f.capacity);
  text += always ? fmt::format(", with {} requests waiting on average", amount(f.waiting_mean))
                 : fmt::format(", with up to {} requests waiting", with_thousands(f.peak_waiting));
  // The server is sampled and sees all pools; the pools' mean is exact: a part of it stays one.
  const double all = f.checked_out_mean + f.checked_out_elsewhere_mean;
  const double idle = std::min(f.server_idle_in_transaction_mean, all);
  if (f.server_seen && idle >= 0.3 * all) {
    const bool alone = always && f.checked_out_elsewhere_mean == 0;
    text += fmt::format("; {} of the {} connections were idle in transaction", amount(idle),
                        alone ? fmt::format("{}", f.capacity) : amount(all));
    if (f.longest_hold) text += fmt::format(" (step \"{}\")", f.longest_hold->name);
  }
  return text + ".";
}

std::string server_text(const Figures& f) {
  if (!f.server_seen) return "";
  const double locked = std::min(f.server_lock_mean, f.server_active_mean);
  const std::string locks =
      locked <= 0 ? "no lock waits" : fmt::format("{} of them waiting for locks", amount(locked));
  const bool busy = f.server_active_mean >= 0.5 * f.checked_out_mean || cpu_bound(f);
  return fmt::format(" The database was {}: {} statements running on average, {}.",
                     busy ? "also busy" : "not busy", amount(f.server_active_mean), locks);
}

/// What to do about the hold: an instruction with its effect.
std::string release_advice(const Figures& f) {
  const double left = std::max(0.0, f.connection_time_mean_ms - f.mean_ms.hold);
  return fmt::format(
      "release the connection during \"{}\" (commit before the step and acquire again after it): "
      "requests then hold a connection for {} instead of {} (longer if more statements run at once "
      "and slow each other down)",
      f.longest_hold->name, ms(left), ms(f.connection_time_mean_ms));
}

bool held_mostly(const Figures& f) {
  constexpr double kMostly = 0.5;
  return f.longest_hold && hold_share(f) >= kMostly;
}

/// The connections work, and there is nothing left for more of them to work with.
bool server_has_no_more(const Figures& f) {
  if (statements_at_a_time(f) < 0.8 * f.checked_out_mean) return false;
  const bool idle_processors = f.server_seen && f.server_cores > 0 &&
                               f.server_cpu_mean < 0.5 * f.server_cores &&
                               f.server_lock_mean < 0.2 * f.server_active_mean;
  return !idle_processors;
}

std::string pool_advice(const Figures& f) {
  if (server_has_no_more(f)) {
    return "make the statements cheaper: the connections are already busy in the database, so a "
           "larger pool helps only if the server has idle cores";
  }
  // What the server lacks is said before; more connections would only add to it.
  if (cpu_bound(f) || lock_bound(f) || lwlock_bound(f)) {
    return held_mostly(f) ? release_advice(f) : "";
  }
  const std::string larger = larger_pool(f);
  if (held_mostly(f)) return release_advice(f) + (larger.empty() ? "" : "; or " + larger);
  const std::string shorter = "shorten the time each request holds its connection";
  if (larger.starts_with("put a pooler")) return shorter + ", or " + larger;
  return larger.empty() ? shorter : larger;
}

/// All connections were in use only at times, and the goals are met all the same.
bool binds_at_peaks(const Figures& f) {
  constexpr double kMostly = 0.8;
  return f.goals.all_met && f.checked_out_mean < kMostly * static_cast<double>(f.capacity);
}

/// What the connections are busy with, where that is no work of the server.
std::string pool_headline(const Figures& f) {
  if (binds_at_peaks(f)) {
    return "Requests wait for a connection at peaks, although the goals are met.";
  }
  if (held_mostly(f)) {
    return "The pool is the bottleneck: its connections are held while the application does other "
           "work.";
  }
  if (on_the_way_ms(f) > 0) {
    return fmt::format(
        "The pool is the bottleneck: network round trips take up {} of the connection hold time.",
        most_or_much(f));
  }
  return "";
}

std::string requests(std::uint64_t count) {
  return with_thousands(count) + (count == 1 ? " request" : " requests");
}

std::string of_ended(const Figures& f, std::uint64_t count) {
  return percent(share(static_cast<double>(count), static_cast<double>(f.requests.ended())));
}

/// Those that were still waiting at the end, and those that waited until their deadline.
std::string starved_text(const Figures& f) {
  const std::uint64_t stuck = f.in_flight.older_than_completed;
  const std::uint64_t expired = expired_waiters(f);
  std::string text;
  if (stuck > 0) {
    text = fmt::format("{} {} still waiting for a connection at the end, for up to {}",
                       requests(stuck), stuck == 1 ? "was" : "were",
                       ms(f.in_flight.ages.max.value_or(0)));
  }
  if (expired == 0) return text;
  return text + (text.empty() ? "" : ", and ") +
         fmt::format("{} waited for {} until the deadline of {}", requests(expired),
                     text.empty() ? "a connection" : "one", ms(f.deadline_ms.value_or(0)));
}

/// A step's name as an argument of a command line.
std::string argument(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
  return plain ? name : "'" + name + "'";
}

Finding held(const Figures& f) {
  const std::string work = ms(std::min(f.mean_ms.hold, f.connection_time_mean_ms));
  const std::string all = ms(f.connection_time_mean_ms);
  Finding finding{"hold_bound",
                  fmt::format("Requests spend {} of their connection hold time on application work "
                              "(step \"{}\"): {}.",
                              percent(hold_share(f)), f.longest_hold->name,
                              work == all ? "nearly all of the " + all + " per request"
                                          : fmt::format("{} of {} per request", work, all)),
                  ""};
  finding.experiment = fmt::format(
      "run poolgauge simulate REPORT --release-during {}, then make the change and measure: the "
      "number of connections in use should drop as predicted",
      argument(f.longest_hold->name));
  return finding;
}

/// A wait for a server connection that nobody's console shows: BEGIN (or each statement) takes long
/// while the server does next to nothing.
Verdict pooler_wait_unseen(const Figures& f) {
  constexpr double kBeginTimes = 3, kAway = 0.5, kFewest = 2;
  if (!f.pooler_between || f.pooler_size > 0 || f.client_saturated) return std::nullopt;
  const bool begin_waits = f.mean_ms.begin >= kBeginTimes * f.mean_ms.commit &&
                           weight(f, f.mean_ms.begin) >= kWeight && f.mean_ms.begin >= 1;
  const double away_share = share(away(f), f.exchanges_under_way);
  const double gone = (sql_ms(f) - f.way_ms.value_or(0) * f.exchanges_per_request) * away_share;
  const bool statements_wait = f.mean_ms.begin == 0 && f.exchanges_under_way >= kFewest &&
                               away_share >= kAway && weight(f, gone) >= kWeight;
  if (!begin_waits && !statements_wait) return std::nullopt;
  std::string evidence;
  if (begin_waits) {
    evidence = fmt::format(
        "BEGIN takes {} per request ({} of the latency), COMMIT only {}: transactions wait for one "
        "of the pooler's server connections before they begin.",
        ms(f.mean_ms.begin), percent(share(f.mean_ms.begin, f.mean_ms.total())),
        ms(f.mean_ms.commit));
  } else {
    evidence = fmt::format(
        "{} statements were in progress on average, but the server was running only {}: the others "
        "were waiting for one of the pooler's server connections.",
        amount(f.exchanges_under_way), amount(f.server_active_mean));
  }
  Finding finding{
      "pooler_bound", evidence,
      "raise the pooler's default_pool_size for this database and user if the server has capacity, "
      "or shorten the transactions; a larger application pool only moves the queue"};
  finding.headline = "Requests wait for one of the pooler's server connections.";
  return finding;
}

}  // namespace

Verdict pooler_bound(const Figures& f) {
  const bool full =
      f.pooler_size > 0 && f.pooler_servers_mean >= 0.9 * static_cast<double>(f.pooler_size);
  const bool sampled = full && f.pooler_waiting_mean >= 1;
  // The counters see every wait, the samples those of an instant each second.
  const bool counted = f.pooler_size > 0 && f.pooler_servers_peak >= f.pooler_size &&
                       f.pooler_wait_share.value_or(0) >= kWeight;
  if (!sampled && !counted) return pooler_wait_unseen(f);
  if (f.pooler_wait_share && *f.pooler_wait_share < kWeight) return std::nullopt;
  std::string wait = "their wait is part of the statement, BEGIN, and COMMIT times";
  if (f.pooler_wait_ms && f.pooler_wait_share) {
    wait = fmt::format("transactions waited {} for one on average, {} of the latency",
                       ms(*f.pooler_wait_ms), percent(*f.pooler_wait_share));
  }
  return Finding{"pooler_bound",
                 fmt::format("On average, {:.1f} of the pooler's {} server connections were in use "
                             "and {:.1f} clients were waiting for one; {}.",
                             f.pooler_servers_mean, f.pooler_size, f.pooler_waiting_mean, wait),
                 "raise default_pool_size if the server has capacity, or shorten the transactions"};
}

Verdict pool_bound(const Figures& f) {
  if (!queue_matters(f)) return std::nullopt;
  std::string evidence;
  if (f.pool_wait_p95_ms && f.connection_time_p95_ms) {
    evidence = fmt::format("Requests wait {} for a connection (p95) and hold it for {} (p95). ",
                           ms(*f.pool_wait_p95_ms), ms(*f.connection_time_p95_ms));
  }
  if (const std::uint64_t timeouts = count_of(f, FailureClass::pool_timeout); timeouts > 0) {
    evidence +=
        fmt::format("{} ({}) hit the pool timeout. ", requests(timeouts), of_ended(f, timeouts));
  }
  if (const std::uint64_t expired = expired_waiters(f); expired > 0) {
    evidence += fmt::format("{} ({}) waited for one until the deadline. ", requests(expired),
                            of_ended(f, expired));
  }
  if (!f.pool_name.empty()) evidence += fmt::format("In pool \"{}\", ", f.pool_name);
  evidence += usage_text(f) + server_text(f);
  Finding finding{"pool_bound", evidence, pool_advice(f)};
  finding.headline = pool_headline(f);
  return finding;
}

bool lets_others_overtake(const Figures& f) {
  return !pool_traits(f.pool_kind).overtaker.empty();
}

Verdict unfair_pool(const Figures& f) {
  const std::string& who = pool_traits(f.pool_kind).overtaker;
  const std::string why = fmt::format(
      "a {} that releases a connection can acquire it again before a waiter wakes up", who);
  const std::string cure = fmt::format(
      "use as many connections as there are concurrent {}s, or a pool that serves waiters in "
      "order (psycopg's does)",
      who);
  if (starved_waiters(f)) {
    return Finding{"unfair_pool",
                   fmt::format("{}, while no completed request took longer than {}: {}.",
                               starved_text(f), ms(*f.latency_max_ms), why),
                   (held_mostly(f) ? release_advice(f) + "; or " : "") + cure};
  }
  const std::uint64_t unserved = unserved_waiters(f);
  const double limit = unserved_limit_ms(f);
  if (!lets_others_overtake(f) || !failures_matter(f, unserved) || limit <= 0 ||
      !f.pool_wait_p50_ms || *f.pool_wait_p50_ms > kUnfairWaitShare * limit) {
    return std::nullopt;
  }
  const bool expired = expired_waiters(f) > 0;
  return Finding{
      "unfair_pool",
      fmt::format(
          "{} ({}) {} {}, while half of the others waited less than {}: {}.", requests(unserved),
          of_ended(f, unserved),
          expired ? "gave up waiting for a connection, most of them after" : "timed out after",
          format_duration(from_ms(limit)), ms(std::max(*f.pool_wait_p50_ms, 0.001)), why),
      cure + "; a longer timeout only delays the failures"};
}

Verdict hold_bound(const Figures& f) {
  if (hold_share(f) < kHoldShare || !f.longest_hold || !queue_matters(f)) return std::nullopt;
  Finding finding = held(f);
  // Where it is most of the time, the pool's own advice begins with it.
  if (!held_mostly(f) || server_has_no_more(f)) finding.advice = release_advice(f);
  return finding;
}

Verdict hold_unwaited(const Figures& f) {
  if (starved_waiters(f)) return std::nullopt;  // somebody waits
  if (hold_share(f) < kHoldShare || !f.longest_hold || queue_matters(f)) return std::nullopt;
  Finding finding = held(f);
  const bool opening = f.connect_in_wait > 0 && f.pool_wait_p95_ms.value_or(0) > 0;
  finding.evidence +=
      fmt::format(" {}, but longer holds or more load will fill the pool.",
                  opening               ? "Requests wait only while connections are opened"
                  : f.peak_waiting == 0 ? "No request queues for a connection yet"
                                        : "Few requests queue for a connection yet");
  finding.advice = release_advice(f);
  return finding;
}

// The peak stands for the 99th percentile: more cautious, and known exactly.
Verdict over_provisioned(const Figures& f) {
  constexpr std::int64_t kFewest = 4;
  const bool own_limit = pool_traits(f.pool_kind).limits_connections;
  const bool roomy =
      f.capacity >= kFewest && 2 * static_cast<std::int64_t>(f.peak_checked_out) < f.capacity;
  if (!own_limit || !roomy || f.peak_waiting > 0 || f.requests.failed > 0) return std::nullopt;
  const std::int64_t least = std::max<std::int64_t>(
      f.processes, static_cast<std::int64_t>(f.peak_checked_out) * 5 / 4 + 1);
  return Finding{
      "over_provisioned",
      fmt::format("At most {} of {} connections were in use; {} were open on average.",
                  with_thousands(f.peak_checked_out), f.capacity, amount(f.open_mean)),
      fmt::format("{} connections are enough for this load and free {} {}", least,
                  f.capacity - least,
                  f.pooler_between ? "of the pooler's client connections" : "server slots")};
}

}  // namespace poolgauge::rules
