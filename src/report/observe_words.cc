// The sentences of `observe`.
#include "report/observe_words.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "observe/observe.h"

namespace poolgauge {
namespace {

constexpr double kWorthNaming = 0.005;

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

std::string open_line(const ObservedGroup& group) {
  const double idle = std::max(0.0, group.sessions_mean - group.in_use.value);
  std::string text =
      fmt::format("{} on average, at most {}; {} of them idle", significant(group.sessions_mean),
                  group.sessions_most, significant(idle));
  if (group.new_sessions_per_s > 0) {
    text += fmt::format("; {} new sessions/s seen", significant(group.new_sessions_per_s));
  }
  return text;
}

std::string in_use_line(const ObservedGroup& group) {
  std::string text = fmt::format("{} on average, {} in the busiest minute",
                                 observe_figure(group.in_use), significant(group.busiest_minute));
  if (group.in_use_p999) {
    text += fmt::format(", p99.9 {}", significant(*group.in_use_p999));
  } else if (group.in_use_p99) {
    text += fmt::format(", p99 {} (too few looks for p99.9)", significant(*group.in_use_p99));
  }
  text += fmt::format(", at most {} in one look", group.in_use_most);
  if (group.in_use_counted) {
    text += fmt::format("; {} by the server's counters", significant(*group.in_use_counted));
  }
  if (group.size_high) {
    text +=
        fmt::format("; {} with sessions that had just become idle", significant(group.in_use_high));
  }
  return text;
}

std::string held_line(const ObservedGroup& group) {
  if (!group.hold_s || !group.rate_per_s) {
    return "unknown: too few transactions were counted";
  }
  std::string text = duration_figure(*group.hold_s) + " per transaction";
  if (!group.hold_quantiles_s.empty()) {
    text += fmt::format(", p50 {}, p95 {}", duration_text(group.hold_p50_s),
                        duration_text(group.hold_p95_s));
  }
  text += fmt::format("; {} transactions/s", significant(group.rate_per_s->value));
  const double busy = group.active + group.idle_in_transaction;
  if (busy > 0) {
    text += fmt::format("; {} of the time idle in transaction",
                        percent(group.idle_in_transaction / busy));
  }
  return text;
}

std::string running_line(const ObservedGroup& group) {
  static constexpr const char* kNames[] = {"on a processor", "waiting for locks", "waiting for I/O",
                                           "waiting for the client", "waiting for something else"};
  std::string text = fmt::format("{} statements at a time", significant(group.active));
  std::string parts;
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (group.waits[i] < kWorthNaming) continue;
    parts +=
        fmt::format("{}{} {}", parts.empty() ? "" : ", ", significant(group.waits[i]), kNames[i]);
  }
  return parts.empty() ? text : text + ": " + parts;
}

std::string limit_line(const ObservedGroup& group) {
  const std::int64_t most = group.limit.value_or(group.sessions_most);
  const std::string looks =
      group.all_in_use.high
          ? fmt::format("{} of the looks (at most {})", percent(group.all_in_use.value),
                        percent(*group.all_in_use.high))
          : percent(group.all_in_use.value) + " of the looks";
  switch (group.cut) {
    case ObserveCut::no: return fmt::format("not reached: all {} were in use in {}", most, looks);
    case ObserveCut::likely:
      return fmt::format(
          "probably reached: the number of sessions stood at {} when it was busy, and "
          "all were in use in {}; what waited in the application is not visible",
          most, looks);
    case ObserveCut::certain:
      return fmt::format(
          "reached: all {} were in use in {}; what waited in the application is not "
          "visible",
          most, looks);
  }
  return "";
}

std::string size_words(const ObserveSize& size, std::int64_t processes) {
  std::string text = size.lower_bound ? "at least " : "";
  text += connections(size.per_process);
  if (processes > 1) text += fmt::format(" in each of {} processes, {}", processes, size.total);
  return text;
}

std::string size_line(const ObservedGroup& group, const Observed& observed) {
  std::string text = size_words(group.size, group.processes);
  text += fmt::format(
      ": for {} in use at a time (busiest minute, error, and growth of profile {}) "
      "{} of the requests would wait",
      significant(group.size.demand), observed.question.profile,
      percent(group.size.wait_probability));
  if (group.size_now && group.size_now->total < group.size.total) {
    text += fmt::format("; {} without growth", group.size_now->total);
  }
  if (group.size_high) {
    text += fmt::format(
        "; {} if sessions that were idle for less than {} are held by the "
        "application",
        size_words(*group.size_high, group.processes), duration_text(observed.question.gap_s));
  }
  if (group.size_guessed) {
    text += fmt::format(
        "; {} if these are {} processes, as the sessions' starts suggest "
        "(--processes decides)",
        size_words(*group.size_guessed, group.processes_guessed), group.processes_guessed);
  } else if (!group.processes_told) {
    text += "; one process is assumed (--processes)";
  }
  return text;
}

}  // namespace

std::string observe_figure(const ObserveFigure& figure) {
  if (!figure.low) return significant(figure.value);
  return fmt::format("{} (95 % CI {}–{})", significant(figure.value), significant(*figure.low),
                     significant(*figure.high));
}

ObserveVerdict observe_verdict(const ObservedGroup& group) {
  const std::string name = observe::group_name(group.key);
  if (group.cut != ObserveCut::no) {
    return {
        ObserveTone::bad,
        fmt::format("{} is held back by its own pool: all {} were in use in {} of the looks; it "
                    "needs at least {}",
                    name, connections(group.limit.value_or(group.sessions_most)),
                    percent(group.all_in_use.value), group.size.total)};
  }
  if (group.size.total > group.sessions_most && !group.limit) {
    return {ObserveTone::good,
            fmt::format("{} needs {}; it had at most {} open and was not held back", name,
                        connections(group.size.total), group.sessions_most)};
  }
  const std::int64_t has = group.limit.value_or(group.sessions_most);
  if (group.size.total > has) {
    return {ObserveTone::doubtful,
            fmt::format("{} needs {}; its limit is {}", name, connections(group.size.total), has)};
  }
  return {ObserveTone::good,
          fmt::format("{} needs {}; it has {}", name, connections(group.size.total), has)};
}

ObserveVerdict observe_headline(const Observed& observed) {
  if (observed.groups.empty()) {
    return {ObserveTone::doubtful,
            fmt::format("no session of a client was seen in {}", duration_text(observed.seconds))};
  }
  return observe_verdict(observed.groups.front());
}

std::string observe_place(const Observed& observed) {
  std::string text = fmt::format(
      "PostgreSQL {} at {} as {} · {}, {} looks", observed.server.version, observed.server.address,
      observed.server.role, duration_text(observed.seconds), with_thousands(observed.looks));
  if (observed.interrupted) text += " · interrupted";
  return text;
}

ObserveLines observe_lines(const ObservedGroup& group, const Observed& observed) {
  return {{"open", open_line(group)},
          {"in use", in_use_line(group)},
          {"held", held_line(group)},
          {"running", running_line(group)},
          {"limit", limit_line(group)},
          {"size", size_line(group, observed)},
          {"pool", "behaves like " + group.guess.kind + " (a guess): " + group.guess.pattern}};
}

namespace {

std::string pool_words(const ObservedPool& pool) {
  const std::string of = pool.pool_size ? fmt::format(" of {}", *pool.pool_size) : std::string();
  std::string text =
      fmt::format("{}{} server connections busy on average", observe_figure(pool.servers_busy), of);
  if (pool.busy_counted)
    text += fmt::format(" ({} by its totals)", significant(*pool.busy_counted));
  text += fmt::format("; {} clients waiting on average, in {} of the looks, longest {}",
                      significant(pool.clients_waiting.value), percent(pool.waiting_looks.value),
                      duration_text(pool.longest_wait_s));
  if (pool.hold_s && pool.transactions_per_s) {
    text += fmt::format("; {} transactions/s hold a server for {}",
                        significant(*pool.transactions_per_s), duration_text(*pool.hold_s));
  }
  if (pool.mean_wait_s) {
    text += fmt::format(" and wait {} for it", duration_text(*pool.mean_wait_s));
  }
  text += fmt::format("; pool_size {} would be enough", pool.size);
  // Well apart from what random arrivals would make of it: bursts, or a server that slows down.
  constexpr double kShortest_s = 0.001;
  if (pool.predicted_wait_s && pool.mean_wait_s && *pool.mean_wait_s > kShortest_s &&
      *pool.mean_wait_s > 1.5 * *pool.predicted_wait_s) {
    text += fmt::format(
        ", if arrivals were random: they wait {} instead of the {} that would then "
        "be expected, so there are bursts, or the server slows down under load",
        duration_text(*pool.mean_wait_s), duration_text(*pool.predicted_wait_s));
  }
  return text;
}

}  // namespace

ObserveLines observe_pooler_lines(const Observed& observed) {
  ObserveLines lines;
  if (!observed.pooler) return lines;
  for (const ObservedPool& pool : observed.pooler->pools) {
    lines.emplace_back(fmt::format("{} as {} ({} mode)", pool.database, pool.user, pool.mode),
                       pool_words(pool));
  }
  for (const std::string& note : observed.pooler->notes) lines.emplace_back("note", note);
  if (lines.empty()) lines.emplace_back("pools", "none has a client or a server connection");
  return lines;
}

ObserveLines observe_server_lines(const Observed& observed) {
  const ObserveServer& server = observed.server;
  ObserveLines lines;
  lines.emplace_back(
      "slots", fmt::format("{} for clients (max_connections {} − {} reserved); {} sessions on "
                           "average, at most {}; the pools could open {}",
                           observed.room(), server.max_connections, server.reserved,
                           significant(observed.sessions_mean), observed.sessions_most,
                           observed.could_open));
  lines.emplace_back("needed", fmt::format("{} by the sizes above: {}", observed.needed,
                                           observed.needed <= observed.room()
                                               ? "they fit"
                                               : "they do not fit; raise max_connections, or put a "
                                                 "pooler in front"));
  if (observed.idle_surplus >= 1) {
    constexpr double kMib = 5;  // of an idle session, as `size` counts it
    lines.emplace_back(
        "unused",
        fmt::format("{} sessions were idle beyond the most that were in use, about {} MiB "
                    "of memory; close them only if this window held the day's peak",
                    significant(observed.idle_surplus), significant(observed.idle_surplus * kMib)));
  }
  lines.emplace_back("cost", fmt::format("{} of a core on the server, {} here; a look each {}",
                                         percent(observed.cost.server), percent(observed.cost.here),
                                         duration_text(observed.cost.interval_s)));
  return lines;
}

}  // namespace poolgauge
