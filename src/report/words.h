// The words and figures that every renderer shares, so that all of them say the same.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// "1.71 s"; "–" for nothing.
std::string time_text(const std::optional<double>& ms);
/// The same; "> 1.71 s" where it is known only from below.
std::string time_text(const TimeFigure& figure);
/// The same in the unit of a column ("s", "ms", "µs") with at most two decimals; a value that
/// would show fewer than two digits there takes its own unit.
std::string column_time(const std::optional<double>& ms, std::string_view unit);
std::string column_time(const TimeFigure& figure, std::string_view unit);
/// "67.1/s"
std::string per_second(double value);

/// "1.71 s (95 % CI 1.69–1.73), 71 % over the limit", "sample too small".
std::string measured_text(const GoalResult& goal);
/// The distance to the limit: "42 % below the limit", "71 % over the limit"; empty without a
/// figure, or where the limit is zero.
std::string margin_text(const GoalResult& goal);
/// ", counting only the requests that completed (17.3 % of all)": what a goal on a time does not
/// say where many requests failed; empty where few did.
std::string goal_caveat(const Report& report, const GoalResult& goal);
/// A goal's state: "GOAL MISSED", "goal met", "NOT JUDGED".
std::string goal_state(const GoalResult& goal);

/// "chat-100 · 100 users · sqlalchemy-async 5+10 · PostgreSQL 15.8 embedded · ..."
std::vector<std::string> context_parts(const Report& report);
/// "part 2 of 4", "merged from 4 parts", "merged from 3 of 4 parts"; empty for any other run.
std::string part_text(const Report& report);
/// The verdict in a few words, without the goals: "goals met", "a goal was missed", ...
std::string verdict_words(const Report& report);
/// The same without a verb before it, for a title or a table: "inconclusive", "interrupted".
std::string verdict_label(const Report& report);
/// "1,342 completed", "0 failed", "67.1/s", ...: how the requests ended.
std::vector<std::string> request_parts(const Report& report);
/// Of all pools together.
std::vector<std::string> connection_parts(const Report& report);
/// What the pooler showed; empty without one.
std::vector<std::string> pooler_parts(const Report& report);
/// Of each pool, where there are several: "replica (on the replica, as reader): at most ...".
std::vector<std::string> pool_lines(const Report& report);
/// "on the replica, as reader"; empty for a pool with nothing special.
std::string place_text(const PoolSummary& pool);
/// The most connections of the pool that a sample of the server's own statistics found.
std::optional<std::uint32_t> seen_by_server(const Report& report, const PoolSummary& pool);
/// How far to trust the figures.
std::vector<std::string> trust_parts(const Report& report);

/// One line of the table of times.
struct TimeRow {
  std::string label;
  LatencySummary times;  ///< all empty where a part has no distribution of its own
  double mean_ms = 0;    ///< per request
  double share = 0;      ///< of the mean latency
};
/// Pool wait, holds, pauses, SQL and what remains, in the order of a request's life; parts below
/// half a percent that have no distribution of their own are omitted.
std::vector<TimeRow> time_rows(const Report& report);

/// Joins with " · ".
std::string joined(const std::vector<std::string>& parts);

}  // namespace poolgauge
