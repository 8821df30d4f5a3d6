// The sentences of `observe`.
#include "report/observe_words.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "advise/size_case.h"
#include "base/text.h"
#include "observe/observe.h"

namespace poolgauge {
namespace {

constexpr double kWorthNaming = 0.005;
constexpr double kWhole = 0.005;
constexpr double kMinute_s = 60;
constexpr double kWorthAClock_s = 600;
constexpr double kReliableCounters_s = 100;  // sessions hand in their times up to 10 s late

std::string duration_text(double s) {
  return human_duration(from_s(std::max(0.0, s)));
}

std::string duration_figure(const ObserveFigure& figure) {
  if (!figure.low) return duration_text(figure.value);
  return fmt::format("{} (95 % CI {}–{})", duration_text(figure.value), duration_text(*figure.low),
                     duration_text(*figure.high));
}

std::string connections(std::int64_t count) {
  return counted(count, "connection");
}

/// A mean number of sessions: whole where it is, and never with more digits than it deserves.
std::string mean_text(double value) {
  if (std::abs(value - std::round(value)) < kWhole) return fmt::format("{:.0f}", value);
  return significant(value, value < 1 ? 2 : 3);
}

std::string mean_figure(const ObserveFigure& figure) {
  const std::string mean = mean_text(figure.value);
  if (!figure.low) return mean;
  const std::string low = mean_text(*figure.low), high = mean_text(*figure.high);
  return low == high ? mean : fmt::format("{} (95 % CI {}–{})", mean, low, high);
}

std::string open_line(const ObservedGroup& group) {
  const double idle = std::max(0.0, group.sessions_mean - group.in_use.value);
  std::string text =
      group.sessions_least == group.sessions_most
          ? counted(group.sessions_most, "session") + " all the time"
          : fmt::format("{} sessions on average, between {} and {}", mean_text(group.sessions_mean),
                        group.sessions_least, group.sessions_most);
  text += fmt::format("; {} idle on average", mean_text(idle));
  if (group.new_sessions_per_s > 0) {
    text += fmt::format("; {} new sessions per second", significant(group.new_sessions_per_s));
  }
  return text;
}

std::string in_use_line(const ObservedGroup& group, const Observed& observed) {
  if (group.in_use_most == 0) return "none in any sample";
  std::string text = mean_figure(group.in_use) + " sessions on average";
  if (observed.seconds > kMinute_s) {
    text += fmt::format(", {} in the busiest minute", mean_text(group.busiest_minute));
    if (observed.started_s && observed.seconds > kWorthAClock_s) {
      const auto at = *observed.started_s + static_cast<std::int64_t>(group.busiest_minute_at_s);
      text += fmt::format(" ({:02}:{:02} UTC)", at / 3600 % 24, at / 60 % 60);
    }
  }
  if (group.in_use_p999) {
    text += fmt::format(", p99.9 {}", mean_text(*group.in_use_p999));
  } else if (group.in_use_p99) {
    text += fmt::format(", p99 {} (sample too small for p99.9)", mean_text(*group.in_use_p99));
  }
  text += fmt::format(", at most {} at once", group.in_use_most);
  if (group.in_use_counted && observed.seconds >= kReliableCounters_s) {
    text +=
        fmt::format("; {} on average by the server's counters", mean_text(*group.in_use_counted));
  }
  return text;
}

std::string hours_line(const ObservedGroup& group) {
  const auto less = [](const ObserveHour& a, const ObserveHour& b) { return a.in_use < b.in_use; };
  const auto [least, most] = std::minmax_element(group.hours.begin(), group.hours.end(), less);
  const auto words = [](const ObserveHour& hour) {
    return fmt::format("{:02}:00–{:02}:00 UTC ({} in use on average)", hour.hour,
                       (hour.hour + 1) % 24, mean_text(hour.in_use));
  };
  return fmt::format("busiest {}, quietest {}", words(*most), words(*least));
}

std::string held_line(const ObservedGroup& group) {
  if (!group.hold_s) {
    return group.rate_per_s ? "too short to measure: no sample found a transaction running"
                            : "unknown, because the transaction rate is unknown";
  }
  std::string text = duration_figure(*group.hold_s) + " per transaction on average";
  if (!group.hold_quantiles_s.empty()) {
    text += fmt::format(", p50 {}, p95 {}", duration_text(group.hold_p50_s),
                        duration_text(group.hold_p95_s));
  }
  const double busy = group.active + group.idle_in_transaction;
  if (busy > 0) {
    text += fmt::format("; {} of that time idle in transaction",
                        percent(group.idle_in_transaction / busy));
  }
  return text;
}

std::string rate_line(const ObservedGroup& group) {
  if (!group.rate_per_s) {
    return "unknown: the samples do not show how many of the transactions that the server counted "
           "are this group's";
  }
  return observe_figure(*group.rate_per_s) + " transactions per second";
}

std::string running_line(const ObservedGroup& group) {
  static constexpr std::array<const char*, kObserveWaits> kNames = {
      "on CPU",
      "waiting for a lock",
      "waiting for I/O",
      "waiting for the client",
      "waiting for something else",
      "waiting for a lock inside the server (LWLock)"};
  if (group.active <= 0) return "no statement in any sample";
  std::string parts;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (group.waits[i] < kWorthNaming) continue;
    parts +=
        fmt::format("{}{} {}", parts.empty() ? "" : ", ", mean_text(group.waits[i]), kNames[i]);
  }
  return fmt::format("{} statements on average{}{}", mean_text(group.active),
                     parts.empty() ? "" : ": ", parts);
}

/// "98 % of the time (95 % CI 96–99 %)".
std::string time_share(const ObserveFigure& share) {
  std::string text = percent(share.value) + " of the time";
  if (!share.low || !share.high) return text;
  return text + fmt::format(" (95 % CI {}–{} %)", significant(100 * *share.low),
                            significant(100 * *share.high));
}

std::string limit_line(const ObservedGroup& group) {
  const std::int64_t most = group.limit.value_or(group.sessions_most);
  const std::string all =
      most == 1 ? "the only connection" : fmt::format("all {} connections", most);
  const std::string often =
      fmt::format("{} {} in use {}", all, most == 1 ? "was" : "were", time_share(group.all_in_use));
  constexpr const char* kHidden =
      "; requests that waited for a connection are not visible to the server";
  switch (group.cut) {
    case ObserveCut::no:
      if (group.all_in_use.value > 0) return "not reached: " + often;
      return fmt::format("not reached: no sample found {} in use{}", all,
                         group.all_in_use.high ? fmt::format(" (95 % CI: at most {} of the time)",
                                                             percent(*group.all_in_use.high))
                                               : "");
    case ObserveCut::likely:
      return "probably reached: " + often + ", and no more were opened" + kHidden;
    case ObserveCut::certain: return "reached: " + often + kHidden;
  }
  return "";
}

/// "20 connections (10 in each of 2 processes)".
std::string size_words(const ObserveSize& size, std::int64_t processes) {
  std::string text = (size.lower_bound ? "at least " : "") + connections(size.total);
  if (processes > 1)
    text += fmt::format(" ({} in each of {} processes)", size.per_process, processes);
  return text;
}

std::string gap_words(const ObservedGroup& group, const Observed& observed) {
  if (!group.size_high) return "";
  return fmt::format(
      " If the application keeps a connection between transactions that are less than {} apart, "
      "use "
      "{}.",
      duration_text(observed.question.gap_s), size_words(*group.size_high, group.processes));
}

std::string size_line(const ObservedGroup& group, const Observed& observed) {
  if (group.held_by_locks) {
    return fmt::format("keep {}: those of a larger pool would wait for the same locks",
                       connections(group.size.total));
  }
  if (group.in_use_most == 0) {
    return "not sized: no sample found a session in use." + gap_words(group, observed);
  }
  const SizeProfile& profile = profile_named(observed.question.profile);
  std::string text = size_words(group.size, group.processes);
  text += fmt::format(
      ": with {} in use ({} plus its error{}), {} of requests would wait; profile {} allows {}.",
      mean_text(group.size.demand),
      observed.seconds > kMinute_s ? "busiest minute" : "observed mean",
      profile.growth > 0 ? fmt::format(" and {} growth", percent(profile.growth)) : "",
      percent(group.size.wait_probability), profile.name, percent(profile.wait_goal));
  if (group.size_now && group.size_now->total < group.size.total) {
    text += fmt::format(" Without growth, {} would be enough.", group.size_now->total);
  }
  text += gap_words(group, observed);
  if (group.size_guessed) {
    text += fmt::format(
        " The sessions' start times suggest {} processes, which would need {}; set --processes.",
        group.processes_guessed, size_words(*group.size_guessed, group.processes_guessed));
  } else if (!group.processes_told) {
    text += " One process is assumed (--processes).";
  }
  return text;
}

/// What to do where most sessions in use wait for locks.
std::string lock_verdict(const ObservedGroup& group, const std::string& name) {
  const double busy = group.active + group.idle_in_transaction;
  std::string text = fmt::format(
      "{} waits for locks, not for connections: of {} sessions in use, {} wait for a lock on "
      "average. A larger pool would only add waiters. Shorten the transactions that hold the locks",
      name, mean_text(group.in_use.value), mean_text(group.waiting_for_locks()));
  if (busy > 0 && group.idle_in_transaction > kWorthNaming * busy) {
    text += fmt::format(" ({} of the time in use is idle in transaction)",
                        percent(group.idle_in_transaction / busy));
  }
  return text + ", or let fewer of them touch the same rows.";
}

/// Where nothing tells kinds apart, one is assumed and not called probable.
std::string guess_words(const ObserveGuess& guess) {
  if (guess.pattern.ends_with("the order of reuse is not visible")) {
    return "unknown, " + guess.kind + " is assumed: " + guess.pattern;
  }
  return "probably " + guess.kind + " or similar: " + guess.pattern;
}

}  // namespace

std::string observe_figure(const ObserveFigure& figure) {
  if (!figure.low) return significant(figure.value);
  return fmt::format("{} (95 % CI {}–{})", significant(figure.value), significant(*figure.low),
                     significant(*figure.high));
}

ObserveVerdict observe_verdict(const ObservedGroup& group) {
  const std::string name = observe::group_name(group.key);
  const std::int64_t has = group.limit.value_or(group.sessions_most);
  if (group.held_by_locks) return {ObserveTone::bad, lock_verdict(group, name)};
  if (group.cut != ObserveCut::no) {
    return {ObserveTone::bad,
            fmt::format("{} is limited by its own pool: {} in use {} of the time. It needs at "
                        "least {}.",
                        name,
                        has == 1 ? std::string("its only connection was")
                                 : fmt::format("all {} connections were", has),
                        percent(group.all_in_use.value), group.size.total)};
  }
  if (group.in_use_most == 0) {
    return {ObserveTone::good,
            fmt::format("{} has {}, which no sample found in use", name, connections(has))};
  }
  std::string text = fmt::format("{} needs {}", name, connections(group.size.total));
  if (group.size.total <= has) return {ObserveTone::good, text + fmt::format(" and has {}", has)};
  if (group.limit) return {ObserveTone::doubtful, text + fmt::format(", but its limit is {}", has)};
  return {ObserveTone::good,
          text + fmt::format(" to allow for growth and bursts; in this window it had {}, which "
                             "were enough",
                             has)};
}

ObserveVerdict observe_headline(const Observed& observed) {
  if (observed.groups.empty()) {
    return {ObserveTone::doubtful,
            fmt::format("no client session was seen in {}", duration_text(observed.seconds))};
  }
  return observe_verdict(observed.groups.front());
}

std::string observe_place(const Observed& observed) {
  std::string text =
      fmt::format("PostgreSQL {} at {} as {} · {}, {} samples", observed.server.version,
                  observed.server.address, observed.server.role, duration_text(observed.seconds),
                  with_thousands(observed.looks));
  if (observed.interrupted) text += " · interrupted";
  return text;
}

ObserveLines observe_lines(const ObservedGroup& group, const Observed& observed) {
  ObserveLines lines{{"open", open_line(group)}, {"in use", in_use_line(group, observed)}};
  if (group.hours.size() > 1) lines.emplace_back("hours", hours_line(group));
  const ObserveLines others{
      {"rate", rate_line(group)},           {"held", held_line(group)},
      {"running", running_line(group)},     {"limit", limit_line(group)},
      {"size", size_line(group, observed)}, {"pool", guess_words(group.guess)}};
  lines.insert(lines.end(), others.begin(), others.end());
  return lines;
}

namespace {

std::string pool_words(const ObservedPool& pool) {
  const std::string of = pool.pool_size ? fmt::format(" of {}", *pool.pool_size) : std::string();
  std::string text =
      fmt::format("{}{} server connections in use on average", mean_figure(pool.servers_busy), of);
  if (pool.busy_counted) {
    text += fmt::format(" ({} by PgBouncer's totals)", mean_text(*pool.busy_counted));
  }
  text += fmt::format(
      "; {} clients waiting on average, some client waiting {} of the time, longest "
      "wait {}",
      mean_text(pool.clients_waiting.value), percent(pool.waiting_looks.value),
      duration_text(pool.longest_wait_s));
  if (pool.hold_s && pool.transactions_per_s) {
    text += fmt::format("; {} transactions per second, each holding a server connection for {}",
                        significant(*pool.transactions_per_s), duration_text(*pool.hold_s));
    if (pool.mean_wait_s) {
      text += fmt::format(" after waiting {} for it", duration_text(*pool.mean_wait_s));
    }
  }
  text += fmt::format(". With random arrivals, pool_size {} would be enough.", pool.size);
  // Well apart from what random arrivals would make of it: bursts, or a server that slows down.
  constexpr double kShortest_s = 0.001;
  if (pool.predicted_wait_s && pool.mean_wait_s && *pool.mean_wait_s > kShortest_s &&
      *pool.mean_wait_s > 1.5 * *pool.predicted_wait_s) {
    text += fmt::format(
        " But clients wait {}, not the {} that random arrivals would cause: they arrive in bursts, "
        "or the server slows down under load.",
        duration_text(*pool.mean_wait_s), duration_text(*pool.predicted_wait_s));
  }
  return text;
}

}  // namespace

ObserveLines observe_pooler_lines(const Observed& observed) {
  ObserveLines lines;
  if (!observed.pooler) return lines;
  for (const ObservedPool& pool : observed.pooler->pools) {
    lines.emplace_back(
        fmt::format("database {}, user {} ({} mode)", pool.database, pool.user, pool.mode),
        pool_words(pool));
  }
  for (const std::string& note : observed.pooler->notes) lines.emplace_back("note", note);
  if (lines.empty()) lines.emplace_back("pools", "no pool has a client or a server connection");
  return lines;
}

ObserveLines observe_server_lines(const Observed& observed) {
  const ObserveServer& server = observed.server;
  ObserveLines lines;
  std::string slots = fmt::format(
      "{} available to clients (max_connections {} − {} reserved); {} in use on average, at most "
      "{}",
      observed.room(), server.max_connections, server.reserved, mean_text(observed.sessions_mean),
      observed.sessions_most);
  if (observed.could_open > observed.sessions_most) {
    slots += fmt::format("; the pools' limits allow {}", observed.could_open);
  }
  lines.emplace_back("slots", slots);
  if (!observed.groups.empty()) {
    lines.emplace_back(
        "needed", connections(observed.needed) + " in total: " +
                      (observed.needed <= observed.room()
                           ? "they fit"
                           : "they do not fit. Raise max_connections, or put a pooler in front of "
                             "the server"));
  }
  if (observed.idle_surplus >= 1) {
    constexpr double kMib = 5;  // of an idle session, as `size` counts it
    const auto surplus = static_cast<std::int64_t>(observed.idle_surplus);
    lines.emplace_back(
        "unused", fmt::format("at least {} {} always idle (about {} MiB of memory). Reduce the "
                              "pools only if this window included the daily peak",
                              counted(surplus, "session"), surplus == 1 ? "was" : "were",
                              significant(static_cast<double>(surplus) * kMib)));
  }
  if (observed.cost.server > 0 || observed.cost.here > 0) {
    lines.emplace_back(
        "cost", fmt::format("observing took {} of a CPU core on the server and {} here (one sample "
                            "every {})",
                            percent(observed.cost.server), percent(observed.cost.here),
                            duration_text(observed.cost.interval_s)));
  }
  return lines;
}

}  // namespace poolgauge
