// Whole sentences; the ones that change what a run means come first.
#include "scenario/import/log_notes.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace poolgauge {

namespace {

std::string share_text(std::size_t part, std::size_t whole) {
  return fmt::format("{:.3g} %", 100.0 * static_cast<double>(part) /
                                     static_cast<double>(std::max<std::size_t>(whole, 1)));
}

/// The shortest time of a statement; nothing: no message has both.
std::optional<double> shortest_s(const LoggedRequests& logged, std::size_t& count) {
  std::optional<double> shortest;
  count = 0;
  for (const LoggedRequest& request : logged.requests) {
    for (const LoggedStatement* statement : request.statements) {
      if (!statement->duration_s) continue;
      ++count;
      shortest = std::min(shortest.value_or(*statement->duration_s), *statement->duration_s);
    }
  }
  return shortest;
}

/// 1, 2 or 5 times a power of ten milliseconds, at most the time.
double round_below_ms(double seconds) {
  const double ms = seconds * 1000;
  const double power = std::pow(10.0, std::floor(std::log10(ms)));
  for (const double factor : {7.5, 5.0, 3.0, 2.5, 2.0, 1.5}) {
    if (factor * power <= ms) return factor * power;
  }
  return power;
}

std::string slow_only_warning(const LoggedRequests& logged) {
  constexpr double kSlow_s = 0.005;
  constexpr std::size_t kEnough = 10;
  std::size_t count = 0;
  const std::optional<double> shortest = shortest_s(logged, count);
  if (!shortest || *shortest < kSlow_s || count < kEnough) return "";
  return fmt::format(
      "warning: the log contains only slow statements: none of its {} took less than {:.3g} ms, so "
      "log_min_duration_statement was probably {:.3g} ms. All faster statements and most BEGINs "
      "and COMMITs are missing, so rates, transactions, and hold times are wrong. To replay the "
      "whole load, log with log_min_duration_statement = 0 for a while",
      count, *shortest * 1000, round_below_ms(*shortest));
}

std::string left_out_warning(const LogFacts& facts, const LoggedRequests& logged) {
  std::vector<std::string> parts;
  const auto part = [&parts](std::size_t count, const std::string& what) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, what));
  };
  part(facts.rare,
       fmt::format("in {} less frequent {} (use --top {} to keep them)",
                   facts.all_kinds - facts.kinds,
                   facts.all_kinds - facts.kinds == 1 ? "kind" : "kinds", facts.all_kinds));
  part(facts.too_long, "of more than 200 statements");
  part(facts.unwritable, "with several statements in one string, or a truncated statement");
  part(logged.unfinished, "still open at the end of the log");
  if (parts.empty()) return "";
  const std::size_t missing = facts.requests - std::min(facts.requests, facts.replayed);
  constexpr std::size_t kMild = 100;  // one in so many is no warning yet
  return fmt::format("{}{} of the load is skipped: {} of {} requests ({})",
                     missing * kMild > facts.requests ? "warning: " : "",
                     share_text(missing, facts.requests), missing, facts.requests,
                     fmt::join(parts, "; "));
}

/// The most requests of the log that were under way at once.
std::size_t most_at_once(const LoggedRequests& logged) {
  std::vector<std::pair<double, int>> events;
  for (const LoggedRequest& request : logged.requests) {
    if (!request.end_s) continue;
    events.emplace_back(request.start_s, 1);
    events.emplace_back(*request.end_s, -1);
  }
  std::sort(events.begin(), events.end());
  std::int64_t now = 0;
  std::int64_t most = 0;
  for (const auto& [time, change] : events) most = std::max(most, now += change);
  return static_cast<std::size_t>(most);
}

void add_log_notes(const LoggedRequests& logged, const ServerLog& log,
                   std::vector<std::string>& notes) {
  if (log.unread > 0) {
    notes.push_back(fmt::format("{} {} truncated and skipped (the first: line {})", log.unread,
                                log.unread == 1 ? "entry is" : "entries are", log.first_unread));
  }
  if (!log.prefix.empty()) {
    notes.push_back(fmt::format("detected log_line_prefix = '{}'", log.prefix));
  }
  if (log.whole_seconds) {
    notes.push_back(
        "the log has only whole seconds (%t): arrivals are spread evenly over each second, and "
        "idle times within transactions are unknown; log with %m to get them");
  }
  const bool timed = std::any_of(logged.requests.begin(), logged.requests.end(),
                                 [](const LoggedRequest& r) { return r.end_s.has_value(); });
  if (!timed) {
    notes.push_back(
        "the log has no durations, so idle times within transactions are unknown; set "
        "log_min_duration_statement = 0 to get them");
  }
}

}  // namespace

std::string changes_warning(const std::set<std::string>& changes) {
  if (changes.empty()) return "";
  constexpr std::size_t kShown = 5;
  std::vector<std::string> names;
  for (const std::string& name : changes) {
    if (names.size() < kShown) names.push_back(name);
  }
  const std::size_t more = changes.size() - names.size();
  return fmt::format(
      "warning: a run permanently changes rows of the target ({}{}); run it on a copy of the "
      "database",
      fmt::join(names, ", "), more > 0 ? fmt::format(", and {} more", more) : "");
}

std::vector<std::string> log_notes(const LogFacts& facts, const LoggedRequests& logged,
                                   const ServerLog& log) {
  std::vector<std::string> notes;
  const auto add = [&notes](const std::string& note) {
    if (!note.empty()) notes.push_back(note);
  };
  add(slow_only_warning(logged));
  add(left_out_warning(facts, logged));
  add(changes_warning(facts.changes));
  add(fmt::format(
      "{} requests of {} {} from {} sessions over {:.1f} s; at most {} in flight at once",
      facts.replayed, facts.kinds, facts.kinds == 1 ? "kind" : "kinds", logged.sessions,
      facts.lasted_s, most_at_once(logged)));
  add_log_notes(logged, log, notes);
  const auto count = [&notes](std::size_t n, const std::string& what) {
    if (n > 0) notes.push_back(fmt::format("{} {}", n, what));
  };
  count(logged.unreplayable,
        "statements that cannot be replayed (COPY, DDL, settings) are skipped");
  count(logged.failed, "statements failed in the log; they are replayed like the others");
  count(facts.dropped_tables,
        "temporary tables are dropped at the end of each request; the log does not show when");
  add("requests use the values from the log, in the same order. Rows they refer to (foreign keys) "
      "must exist on the target, and keys they insert must not: use a copy of the database from "
      "the time at which the log starts");
  add("the scenario and its arrivals contain values from the log: review them before you pass them "
      "on");
  return notes;
}

}  // namespace poolgauge
