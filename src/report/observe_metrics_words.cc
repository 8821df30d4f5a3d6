// What a pool's own metrics say, in words.
#include "report/observe_words.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "observe/observe.h"

namespace poolgauge {
namespace {

std::string waited_words(const ObservedWaiting& waiting) {
  return fmt::format("{} {} waited", percent(waiting.share.value), waiting.share_of);
}

std::string pool_open_line(const ObservedGroup& group) {
  const double idle = std::max(0.0, group.sessions_mean - group.in_use.value);
  std::string text = group.sessions_least == group.sessions_most
                         ? observe_connections(group.sessions_most) + " in every scrape"
                         : fmt::format("{} connections on average, between {} and {}",
                                       observe_mean(group.sessions_mean), group.sessions_least,
                                       group.sessions_most);
  text += fmt::format("; {} idle on average", observe_mean(idle));
  if (group.processes > 1) text += fmt::format("; in {} processes", group.processes);
  return text;
}

std::string pool_in_use_line(const ObservedGroup& group, const Observed& observed) {
  std::string text = observe_mean(group.in_use) + " connections on average";
  text += group.waiting->from_counters ? ", by the pool's counters" : ", in the scrapes";
  if (has_busiest_minute(observed)) {
    text += fmt::format("; {} in the busiest minute", observe_mean(group.busiest_minute));
  }
  return text + fmt::format("; at most {} in one scrape", group.in_use_most);
}

std::string pool_held_line(const ObservedGroup& group) {
  if (!group.hold_s) return "unknown: its metrics do not count requests";
  std::string text = observe_duration(*group.hold_s) + " per request on average";
  if (!group.hold_quantiles_s.empty()) {
    text += fmt::format(", p50 {}, p95 {}", observe_duration(group.hold_p50_s),
                        observe_duration(group.hold_p95_s));
  }
  return text;
}

std::string waiting_line(const ObservedWaiting& waiting) {
  std::string text =
      observe_mean(waiting.waiting) + " requests waiting for a connection on average";
  if (waiting.mean_s) {
    text += fmt::format("; requests wait {} on average", observe_duration(*waiting.mean_s));
  }
  if (waiting.p95_s) text += fmt::format(", p95 {}", observe_duration(*waiting.p95_s));
  if (waiting.p99_s) text += fmt::format(", p99 {}", observe_duration(*waiting.p99_s));
  if (waiting.share_of == "of the scrapes") {
    text += fmt::format("; {} of the scrapes found one waiting", percent(waiting.share.value));
  } else if (!waiting.share_of.empty()) {
    text += "; " + waited_words(waiting);
    if (waiting.waiters_mean_s) {
      text += fmt::format(", {} on average", observe_duration(*waiting.waiters_mean_s));
    }
  }
  if (waiting.timeouts_per_s.value_or(0) > 0) {
    text += fmt::format("; {} requests per second gave up", significant(*waiting.timeouts_per_s));
  }
  if (waiting.bursts && waiting.predicted_s) {
    text += fmt::format(
        ". Random arrivals would cause a wait of {}: requests arrive in bursts, so the size allows "
        "for bursts",
        observe_duration(*waiting.predicted_s));
  }
  return text;
}

std::string pool_limit_line(const ObservedGroup& group) {
  if (!group.limit) return "unknown; set it with --group NAME=LIMIT";
  const std::string each =
      group.processes > 1 ? fmt::format(" ({} in each process)", *group.limit / group.processes)
                          : std::string();
  return fmt::format("{}{}; {} of the scrapes found a pool with all of its connections in use",
                     observe_connections(*group.limit), each, percent(group.all_in_use.value));
}

std::string pool_size_line(const ObservedGroup& group, const Observed& observed) {
  std::string text = observe_size_reason(group, observed);
  if (group.size_high) {
    text += fmt::format(
        " Nearly all connections were always in use, so the demand is not known. If every request "
        "that waited had had a connection, {} would be needed at most.",
        observe_size(*group.size_high, group.processes));
  }
  return text;
}

}  // namespace

ObserveVerdict metrics_verdict(const ObservedGroup& group) {
  const std::string name = observe::group_name(group.key);
  const std::string needs =
      fmt::format("{} needs {}{}", name, group.size.lower_bound ? "at least " : "",
                  observe_connections(group.size.total));
  if (!group.limit) return {ObserveTone::good, needs};
  const std::string has = fmt::format("{} and has {}", needs, *group.limit);
  if (group.cut == ObserveCut::no) return {ObserveTone::good, has};
  const ObservedWaiting& waiting = *group.waiting;
  std::string why;
  if (waiting.timeouts_per_s.value_or(0) > 0) {
    why = fmt::format("; {} requests per second gave up waiting",
                      significant(*waiting.timeouts_per_s));
  } else if (waiting.share_of == "of the scrapes") {
    why = fmt::format("; requests waited in {} of the scrapes", percent(waiting.share.value));
  } else if (!waiting.share_of.empty()) {
    why = "; " + waited_words(waiting);
  } else {
    why = fmt::format("; all of its connections were in use in {} of the scrapes",
                      percent(group.all_in_use.value));
  }
  return {group.size.total > *group.limit ? ObserveTone::bad : ObserveTone::good, has + why};
}

std::string metrics_place(const Observed& observed) {
  std::string libraries;
  for (const ObservedGroup& group : observed.groups) {
    if (!group.waiting || libraries.find(group.waiting->library) != std::string::npos) continue;
    libraries += (libraries.empty() ? "" : ", ") + group.waiting->library;
  }
  if (observed.pooler) libraries += libraries.empty() ? "PgBouncer" : ", PgBouncer";
  return fmt::format("{} at {} · {}, {} scrapes", libraries, observed.metrics_of,
                     observe_duration(observed.seconds), with_thousands(observed.looks));
}

ObserveLines metrics_lines(const ObservedGroup& group, const Observed& observed) {
  ObserveLines lines{{"open", pool_open_line(group)},
                     {"in use", pool_in_use_line(group, observed)}};
  if (group.rate_per_s) {
    lines.emplace_back("rate", observe_figure(*group.rate_per_s) + " requests per second");
  }
  lines.emplace_back("held", pool_held_line(group));
  lines.emplace_back("waiting", waiting_line(*group.waiting));
  lines.emplace_back("limit", pool_limit_line(group));
  lines.emplace_back("size", pool_size_line(group, observed));
  return lines;
}

}  // namespace poolgauge
