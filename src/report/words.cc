// Figures put into words: what every renderer says about a run.
#include "report/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "assess/describe.h"
#include "assess/goals.h"
#include "base/text.h"
#include "report/sentences.h"

namespace poolgauge {
namespace {

constexpr double kSmallestShare = 0.005;
constexpr double kShownResidual = 0.01;

/// The number without its unit, to stand in a range beside one that has it.
std::string without_unit(const std::string& text) {
  return text.substr(0, text.rfind(' '));
}

std::string range_text(const GoalResult& goal) {
  if (goal.unit != "s") {
    return fmt::format(" (95 % CI {}–{})", without_unit(goal_value_text(*goal.low, goal.unit)),
                       without_unit(goal_value_text(*goal.high, goal.unit)));
  }
  const std::string_view unit = duration_unit(from_s(*goal.measured));
  return fmt::format(" (95 % CI {}–{})", without_unit(human_duration_in(from_s(*goal.low), unit)),
                     without_unit(human_duration_in(from_s(*goal.high), unit)));
}

double failures_of(const Report& report, FailureClass which) {
  double sum = 0;
  for (const FailureCount& failure : report.failures) {
    if (failure.failure == which) sum += static_cast<double>(failure.count);
  }
  return sum;
}

std::string counted(double value) {
  return with_thousands(static_cast<std::uint64_t>(value));
}

std::string target_text(const TargetFacts& target) {
  if (target.simulation) return "simulated: " + target.simulation->assumes;
  if (target.kind == "simulated") return "simulated";
  if (target.kind == "sqlite") return "SQLite " + target.server_version;
  const std::string version = target.server_version.empty() ? std::string("PostgreSQL")
                                                            : "PostgreSQL " + target.server_version;
  return version + (target.kind == "embedded" ? " embedded" : "");
}

/// "20 s" rather than "20.0 s".
std::string whole(double s) {
  return std::abs(s - std::round(s)) < 0.05 ? fmt::format("{:.0f} s", s)
                                            : human_duration(from_s(s));
}

std::string window_text(const Report& report) {
  if (report.warmup_s <= 0) return whole(report.window_s) + " without warm-up";
  return fmt::format("{} after {} warm-up", whole(report.window_s), whole(report.warmup_s));
}

std::vector<TimeRow> step_rows(const Report& report, const std::string& kind, double total_ms) {
  std::vector<TimeRow> rows;
  const double completed = static_cast<double>(report.requests.completed);
  for (const StepSummary& step : report.steps) {
    if (step.kind != kind || step.latency.count == 0) continue;
    TimeRow row{fmt::format("{} ({})", kind, step.name), step.latency, 0, 0};
    if (completed > 0) {
      row.mean_ms =
          step.latency.mean.value_or(0) * static_cast<double>(step.latency.count) / completed;
    }
    rows.push_back(std::move(row));
  }
  // Step figures include requests that failed later; scale them to what completed ones spent.
  double sum = 0;
  for (const TimeRow& row : rows) sum += row.mean_ms;
  for (TimeRow& row : rows) row.mean_ms = sum > 0 ? row.mean_ms / sum * total_ms : 0;
  return rows;
}

/// The figures of all pools in one, without their peaks, which need not fall together.
PoolMeasurement all_pools(const Report& report) {
  PoolMeasurement sum;
  for (const PoolSummary& pool : report.pools) {
    const PoolMeasurement& m = pool.measured;
    const bool unlimited = sum.capacity < 0 || m.capacity < 0;
    sum.capacity = unlimited ? -1 : sum.capacity + m.capacity;
    sum.connects += m.connects;
    sum.direct_connects += m.direct_connects;
    sum.connect_failures += m.connect_failures;
    sum.closes += m.closes;
  }
  return sum;
}

std::vector<std::string> peak_parts(const PoolMeasurement& m) {
  std::vector<std::string> parts;
  const std::string of =
      m.capacity >= 0
          ? fmt::format(" of {}", with_thousands(static_cast<std::uint64_t>(m.capacity)))
          : std::string();
  const std::string beside = m.direct_connects > 0 ? ", including direct ones," : "";
  parts.push_back(fmt::format("at most {}{}{} in use", m.peak_checked_out, of, beside));
  parts.push_back(fmt::format("{} waiting at peak", with_thousands(m.peak_waiting)));
  return parts;
}

/// What the connections of one pool, or of all of them, went through.
std::vector<std::string> opened_parts(const PoolMeasurement& m,
                                      const std::optional<double>& connect_mean,
                                      bool requests_failed) {
  std::vector<std::string> parts;
  parts.push_back(with_thousands(m.connects) + " opened" +
                  (connect_mean ? fmt::format(" ({} each)", time_text(connect_mean)) : ""));
  if (m.direct_connects > 0) {
    parts.push_back(with_thousands(m.direct_connects) + " of them direct, outside the pool");
  }
  if (m.connect_failures > 0) {
    parts.push_back(with_thousands(m.connect_failures) + " connection attempts failed" +
                    (requests_failed ? "" : " (no request did)"));
  }
  parts.push_back(with_thousands(m.closes) + " closed");
  return parts;
}

}  // namespace

std::string time_text(const std::optional<double>& ms) {
  return ms ? human_duration(from_ms(*ms)) : "–";
}

std::string time_text(const TimeFigure& figure) {
  if (figure.at_least) return "> " + time_text(figure.at_least);
  return time_text(static_cast<const std::optional<double>&>(figure));
}

std::string column_time(const TimeFigure& figure, std::string_view unit) {
  if (figure.at_least) return "> " + column_time(figure.at_least, unit);
  return column_time(static_cast<const std::optional<double>&>(figure), unit);
}

std::string column_time(const std::optional<double>& ms, std::string_view unit) {
  if (!ms) return "–";
  const double value = unit == "s" ? *ms / 1e3 : unit == "ms" ? *ms : *ms * 1e3;
  if ((value != 0 && value < 0.095) || value >= 999.5) return human_duration(from_ms(*ms));
  const std::string three = significant(value);
  const std::string two = fmt::format("{:.2f}", value);
  return fmt::format("{} {}", value < 10 ? two : three, unit);
}

std::string per_second(double value) {
  return significant(value) + "/s";
}

std::string measured_text(const GoalResult& goal) {
  if (!goal.measured && goal.at_least) {
    const std::string bound = "> " + goal_value_text(*goal.at_least, goal.unit);
    const std::string margin = margin_text(goal);
    return margin.empty() ? bound + ": too many requests were still in flight to tell"
                          : bound + " (not all requests had finished), at least " + margin;
  }
  if (const std::string label = open_label(goal); !goal.measured && !label.empty()) return label;
  if (!goal.measured) return "sample too small";
  std::string text = goal_value_text(*goal.measured, goal.unit);
  if (goal.unit == "fraction" && *goal.measured <= 0 && goal.high) {
    const bool open = goal.met && goal.limit && *goal.high > *goal.limit;
    return text +
           fmt::format(
               " (95 % CI up to {}{})", percent(*goal.high),
               open ? ": too few requests to be sure that the rate is within the limit" : "");
  }
  if (goal.low && goal.high) text += range_text(goal);
  const std::string margin = margin_text(goal);
  return margin.empty() ? text : text + ", " + margin;
}

std::string margin_text(const GoalResult& goal) {
  if (!goal.judged() || !goal.margin || !goal.limit || *goal.limit <= 0) return "";
  const double share = *goal.margin / *goal.limit;
  const bool above = !goal.measured || *goal.measured > *goal.limit;
  if (goal.unit == "fraction") {
    const std::string points = significant(std::abs(*goal.margin) * 100) + " percentage points ";
    if (share < 0) return points + (above ? "over the limit" : "below the minimum");
    return goal.met ? points + (above ? "above the minimum" : "below the limit") : "";
  }
  if (share < 0) return percent(-share) + (above ? " over the limit" : " below the minimum");
  if (!goal.met) return "";
  return percent(share) + (above ? " above the minimum" : " below the limit");
}

std::string goal_state(const GoalResult& goal) {
  if (!goal.judged()) return "NOT JUDGED";
  return goal.met ? "goal met" : "GOAL MISSED";
}

std::vector<std::string> context_parts(const Report& report) {
  std::vector<std::string> parts{report.scenario_name};
  if (const std::string share = part_text(report); !share.empty()) parts.push_back(share);
  for (const std::string& part : {report.load_text, report.fleet_text, report.pool_text}) {
    if (!part.empty()) parts.push_back(part);
  }
  if (report.target.pooler) parts.push_back(pooler_text(*report.target.pooler));
  parts.push_back(target_text(report.target));
  parts.push_back(window_text(report));
  return parts;
}

std::string part_text(const Report& report) {
  if (report.part) {
    return fmt::format("part {} of {}", report.part->part.number(), report.part->part.count);
  }
  if (!report.parts) return "";
  const JoinedParts& parts = *report.parts;
  if (parts.missing.empty()) return fmt::format("merged from {} parts", parts.of);
  return fmt::format("merged from {} of {} parts", parts.joined.size(), parts.of);
}

std::string verdict_words(const Report& report) {
  switch (report.verdict.status) {
    case VerdictStatus::pass:
      if (report.part) return "is " + part_text(report) + ", judged when all are merged";
      return report.verdict.goals.empty()       ? "has no goals to judge"
             : report.verdict.goals.size() == 1 ? "met its goal"
                                                : "met all its goals";
    case VerdictStatus::slo_missed: return "missed a goal";
    case VerdictStatus::regression: return "is worse than the baseline";
    case VerdictStatus::inconclusive: return "is inconclusive";
    case VerdictStatus::guard: return "was stopped by a safety guard";
    case VerdictStatus::interrupted: return "was interrupted";
  }
  return "";
}

std::string verdict_label(const Report& report) {
  std::string words = verdict_words(report);
  for (const std::string_view verb : {"is ", "was "}) {
    if (words.starts_with(verb)) return words.substr(verb.size());
  }
  return words;
}

namespace {

/// "12 with retries (9 × 40001, 5 × 40P01)"
std::string retry_text(const RetryCounts& retries) {
  std::string causes;
  for (const RetryCounts::Cause& cause : retries.causes) {
    causes += fmt::format("{}{} × {}", causes.empty() ? "" : ", ", with_thousands(cause.count),
                          cause.sqlstate);
  }
  return fmt::format("{} with retries ({})", with_thousands(retries.requests), causes);
}

}  // namespace

std::vector<std::string> request_parts(const Report& report) {
  const double timeouts = failures_of(report, FailureClass::pool_timeout);
  const RequestCounts& requests = report.requests;
  std::vector<std::string> parts;
  parts.push_back(with_thousands(requests.completed) + " completed");
  parts.push_back(per_second(report.throughput_per_s));
  parts.push_back(fmt::format(
      "{} pool timeouts{}", counted(timeouts),
      timeouts > 0 ? fmt::format(" ({})", percent(report.rate_pool_timeout)) : std::string()));
  const double others = static_cast<double>(requests.failed) - timeouts;
  parts.push_back(counted(others) + " other failures");
  if (report.retries && report.retries->requests > 0) parts.push_back(retry_text(*report.retries));
  if (requests.shed > 0) parts.push_back(with_thousands(requests.shed) + " dropped");
  if (requests.in_flight > 0) parts.push_back(in_flight_text(report));
  return parts;
}

std::vector<std::string> connection_parts(const Report& report) {
  if (report.pools.empty()) return {};
  const PoolMeasurement all = all_pools(report);
  std::vector<std::string> parts;
  if (report.pools.size() > 1) {
    parts = {fmt::format("{} pools", report.pools.size())};
    if (all.capacity >= 0) {
      parts.push_back(with_thousands(static_cast<std::uint64_t>(all.capacity)) +
                      " connections allowed");
    }
  } else {
    parts = peak_parts(report.pools.front().measured);
  }
  const std::vector<std::string> opened =
      opened_parts(all, report.connect.mean, report.requests.failed > 0);
  parts.insert(parts.end(), opened.begin(), opened.end());
  if (const std::string memory = memory_part(report); !memory.empty()) parts.push_back(memory);
  return parts;
}

std::string place_text(const PoolSummary& pool) {
  std::string text = pool.target == "primary" ? "" : "on the " + pool.target;
  if (pool.role.empty()) return text;
  if (!text.empty()) text += ", ";
  return text + (pool.role_by == "connect" ? "as " : "SET ROLE ") + pool.role;
}

std::optional<std::uint32_t> seen_by_server(const Report& report, const PoolSummary& pool) {
  std::optional<std::uint32_t> seen;
  for (const ServerView::Connections& ours : report.server.connections) {
    if (ours.pool != pool.measured.name) continue;
    if (seen) return std::nullopt;  // several peaks need not fall together: their sum is no peak
    seen = ours.peak;
  }
  return seen;
}

std::vector<std::string> pool_lines(const Report& report) {
  std::vector<std::string> lines;
  if (report.pools.size() < 2) return lines;
  for (const PoolSummary& pool : report.pools) {
    const std::string place = place_text(pool);
    std::vector<std::string> parts = peak_parts(pool.measured);
    const std::vector<std::string> opened =
        opened_parts(pool.measured, std::nullopt, report.requests.failed > 0);
    parts.insert(parts.end(), opened.begin(), opened.end());
    const auto seen = seen_by_server(report, pool);
    if (seen) parts.push_back(fmt::format("at most {} in the samples of the server", *seen));
    lines.push_back(fmt::format("{}{}: {}", pool.measured.name,
                                place.empty() ? "" : " (" + place + ")", joined(parts)));
  }
  return lines;
}

std::vector<TimeRow> time_rows(const Report& report) {
  const Breakdown& mean = report.breakdown_ms;
  std::vector<TimeRow> rows{{"pool wait", report.pool_wait, mean.pool_wait, 0}};
  for (TimeRow& row : step_rows(report, "hold", mean.hold)) rows.push_back(std::move(row));
  for (TimeRow& row : step_rows(report, "pause", mean.pause)) rows.push_back(std::move(row));
  rows.push_back({"SQL statement", report.statement, mean.sql, 0});
  const double total = mean.total();
  rows.push_back({"begin, commit", {}, mean.begin + mean.commit + mean.release, 0});
  rows.push_back({"late start", {}, mean.start, 0});
  if (mean.backoff > 0) rows.push_back({"backoff", {}, mean.backoff, 0});
  rows.push_back({"unaccounted", {}, mean.other, 0});
  std::vector<TimeRow> shown;
  for (TimeRow& row : rows) {
    row.share = total > 0 ? row.mean_ms / total : 0;
    const double smallest = row.label == "unaccounted" ? kShownResidual : kSmallestShare;
    if (row.times.count > 0 || row.share >= smallest) shown.push_back(std::move(row));
  }
  return shown;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += " · ";
    text += part;
  }
  return text;
}

}  // namespace poolgauge
