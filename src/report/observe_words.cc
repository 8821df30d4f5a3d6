// The sentences of `observe`.
#include "report/observe_words.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "observe/observe.h"

namespace poolgauge {
namespace {

constexpr double kWorthNaming = 0.005;
constexpr double kRarely = 0.01;  // of the time
constexpr double kWorthAClock_s = 600;
constexpr double kReliableCounters_s = 100;  // sessions hand in their times up to 10 s late

std::string open_line(const ObservedGroup& group) {
  const double idle = std::max(0.0, group.sessions_mean - group.in_use.value);
  const bool fixed =
      group.sessions_least == group.sessions_most &&
      observe_mean(group.sessions_mean) == observe_mean(static_cast<double>(group.sessions_most));
  std::string text = counted(group.sessions_most, "session") + " in every sample";
  if (!fixed) {
    // Samples before its first session do not count for the least.
    text = fmt::format(
        "{} sessions on average, {}", observe_mean(group.sessions_mean),
        group.sessions_least == group.sessions_most
            ? fmt::format("at most {}", group.sessions_most)
            : fmt::format("between {} and {}", group.sessions_least, group.sessions_most));
  }
  text += fmt::format("; {} idle on average", observe_mean(idle));
  if (group.new_sessions_per_s > 0) {
    text += fmt::format("; {} new sessions per second on average",
                        significant(group.new_sessions_per_s));
  }
  return text;
}

std::string in_use_line(const ObservedGroup& group, const Observed& observed) {
  if (group.in_use_most == 0) return "none in any sample";
  std::string text = observe_mean(group.in_use) + " sessions on average";
  if (has_busiest_minute(observed)) {
    text += fmt::format(", {} in the busiest minute", observe_mean(group.busiest_minute));
    if (observed.started_s && observed.seconds > kWorthAClock_s) {
      const auto at = *observed.started_s + static_cast<std::int64_t>(group.busiest_minute_at_s);
      text += fmt::format(" ({:02}:{:02} UTC)", at / 3600 % 24, at / 60 % 60);
    }
  }
  if (group.in_use_p999) {
    text += fmt::format(", p99.9 {}", observe_mean(*group.in_use_p999));
  } else if (group.in_use_p99) {
    text += fmt::format(", p99 {} (sample too small for p99.9)", observe_mean(*group.in_use_p99));
  }
  text += fmt::format(", at most {} at once", group.in_use_most);
  if (group.in_use_counted && observed.seconds >= kReliableCounters_s) {
    text += fmt::format("; {} on average by the server's counters",
                        observe_mean(*group.in_use_counted));
  }
  return text;
}

std::string hours_line(const ObservedGroup& group) {
  const auto less = [](const ObserveHour& a, const ObserveHour& b) { return a.in_use < b.in_use; };
  const auto [least, most] = std::minmax_element(group.hours.begin(), group.hours.end(), less);
  const auto words = [](const ObserveHour& hour) {
    return fmt::format("{:02}:00–{:02}:00 UTC ({} in use on average)", hour.hour,
                       (hour.hour + 1) % 24, observe_mean(hour.in_use));
  };
  return fmt::format("busiest {}, quietest {}", words(*most), words(*least));
}

std::string held_line(const ObservedGroup& group) {
  if (!group.hold_s) {
    return group.rate_per_s ? "too short to measure: no sample found a transaction running"
                            : "unknown, because the transaction rate is unknown";
  }
  std::string text = observe_duration(*group.hold_s) + " per transaction on average";
  if (!group.hold_quantiles_s.empty()) {
    text += fmt::format(", p50 {}, p95 {}", observe_duration(group.hold_p50_s),
                        observe_duration(group.hold_p95_s));
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
        fmt::format("{}{} {}", parts.empty() ? "" : ", ", observe_mean(group.waits[i]), kNames[i]);
  }
  return fmt::format("{} statements on average{}{}", observe_mean(group.active),
                     parts.empty() ? "" : ": ", parts);
}

/// "98 % of the time (95 % CI 96–99 %)".
std::string time_share(const ObserveFigure& share) {
  std::string text = percent(share.value) + " of the time";
  if (!share.low || !share.high) return text;
  return text + fmt::format(" (95 % CI {}–{} %)", significant(100 * *share.low),
                            significant(100 * *share.high));
}

bool has_no_pool(const ObservedGroup& group) {
  return group.guess.pattern.ends_with("so there is no pool");
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
      if (has_no_pool(group) && !group.limit)
        return "none: this application has no pool that limits its connections";
      // Without a known limit, "all" are the most that were ever open.
      if (group.all_in_use.value > 0) {
        return group.all_in_use.value < kRarely
                   ? "rarely reached: " + often
                   : "no sign of one: " + often + ", but the number of sessions kept changing";
      }
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

std::string gap_words(const ObservedGroup& group, const Observed& observed) {
  if (!group.size_high) return "";
  return fmt::format(
      " If the application keeps a connection between transactions that are less than {} apart, "
      "use {}.",
      observe_duration(observed.question.gap_s), observe_size(*group.size_high, group.processes));
}

std::string size_line(const ObservedGroup& group, const Observed& observed) {
  if (group.held_by_locks) {
    return fmt::format("keep {}: those of a larger pool would wait for the same locks",
                       observe_connections(group.size.total));
  }
  if (group.in_use_most == 0) {
    return "not sized: no sample found a session in use." + gap_words(group, observed);
  }
  std::string text = observe_size_reason(group, observed);
  text += gap_words(group, observed);
  if (group.size_guessed) {
    text += fmt::format(
        " The sessions' start times suggest {} processes, which would need {}; set --processes.",
        group.processes_guessed, observe_size(*group.size_guessed, group.processes_guessed));
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
      name, observe_mean(group.in_use.value), observe_mean(group.waiting_for_locks()));
  if (busy > 0 && group.idle_in_transaction > kWorthNaming * busy) {
    text += fmt::format(" ({} of the time in use is idle in transaction)",
                        percent(group.idle_in_transaction / busy));
  }
  return text + ", or let fewer of them touch the same rows.";
}

std::string server_place(const Observed& observed) {
  return fmt::format("PostgreSQL {} at {} as {} · {}, {} samples", observed.server.version,
                     observed.server.address, observed.server.role,
                     observe_duration(observed.seconds), with_thousands(observed.looks));
}

/// Where nothing tells kinds apart, one is assumed and not called probable.
std::string guess_words(const ObservedGroup& group) {
  const ObserveGuess& guess = group.guess;
  if (has_no_pool(group)) return "none: " + guess.pattern;
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
  if (group.waiting) return metrics_verdict(group);
  const std::string name = observe::group_name(group.key);
  const std::int64_t has = group.limit.value_or(group.sessions_most);
  if (group.held_by_locks) return {ObserveTone::bad, lock_verdict(group, name)};
  if (group.cut != ObserveCut::no) {
    const bool certain = group.cut == ObserveCut::certain;
    std::string text =
        fmt::format("{} is {}limited by its pool: {} in use {} of the time{}.", name,
                    certain ? "" : "probably ",
                    has == 1 ? std::string("its only connection was")
                             : fmt::format("all {} connections were", has),
                    percent(group.all_in_use.value), certain ? "" : ", and no more were opened");
    if (group.size.total > has) text += fmt::format(" It needs at least {}.", group.size.total);
    return {certain ? ObserveTone::bad : ObserveTone::doubtful, text};
  }
  if (group.in_use_most == 0) {
    return {ObserveTone::good,
            fmt::format("{} has {}, which no sample found in use", name, observe_connections(has))};
  }
  std::string text = fmt::format("{} needs {}", name, observe_connections(group.size.total));
  if (group.size.total <= has) return {ObserveTone::good, text + fmt::format(" and has {}", has)};
  if (group.limit) return {ObserveTone::doubtful, text + fmt::format(", but its limit is {}", has)};
  return {ObserveTone::good,
          text + fmt::format(" to allow for growth and bursts; in this window it had {}, which "
                             "were enough",
                             has)};
}

ObserveVerdict observe_headline(const Observed& observed) {
  if (observed.groups.empty() && observed.pooler && !observed.pooler->pools.empty()) {
    return pooler_verdict(observed.pooler->pools.front());
  }
  if (observed.groups.empty()) {
    return {ObserveTone::doubtful,
            fmt::format("no client session was seen in {}", observe_duration(observed.seconds))};
  }
  return observe_verdict(observed.groups.front());
}

std::string observe_place(const Observed& observed) {
  std::string text = observed.metrics_of.empty() ? server_place(observed) : metrics_place(observed);
  if (observed.interrupted) text += " · interrupted";
  return text;
}

ObserveLines observe_lines(const ObservedGroup& group, const Observed& observed) {
  if (group.waiting) return metrics_lines(group, observed);
  ObserveLines lines{{"open", open_line(group)}, {"in use", in_use_line(group, observed)}};
  if (group.hours.size() > 1) lines.emplace_back("hours", hours_line(group));
  const ObserveLines others{{"rate", rate_line(group)},           {"held", held_line(group)},
                            {"running", running_line(group)},     {"limit", limit_line(group)},
                            {"size", size_line(group, observed)}, {"pool", guess_words(group)}};
  lines.insert(lines.end(), others.begin(), others.end());
  return lines;
}

ObserveLines observe_server_lines(const Observed& observed) {
  const ObserveServer& server = observed.server;
  ObserveLines lines;
  std::string slots = fmt::format(
      "{} available to clients (max_connections {} − {} reserved); sessions occupy {} on "
      "average, at most {}",
      observed.room(), server.max_connections, server.reserved,
      observe_mean(observed.sessions_mean), observed.sessions_most);
  if (observed.could_open > observed.sessions_most) {
    slots += fmt::format("; the pools' limits allow {}", observed.could_open);
  }
  lines.emplace_back("slots", slots);
  if (!observed.groups.empty()) {
    lines.emplace_back(
        "needed", observe_connections(observed.needed) + " in total: " +
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
                            observe_duration(observed.cost.interval_s)));
  }
  return lines;
}

}  // namespace poolgauge
