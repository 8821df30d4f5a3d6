// Two reports beside each other: what was set, and what it did.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "assess/diagnosis.h"
#include "base/text.h"
#include "gate/gate_words.h"
#include "poolgauge/report.h"
#include "report/layout.h"
#include "report/sentences.h"
#include "report/terminal/parts.h"
#include "report/terminal/screen.h"
#include "report/words.h"

namespace poolgauge {
namespace {

/// Differences below this are called no change in words; the figures still stand beside.
constexpr double kSame = 0.02;

struct Row {
  std::string label, before, after, change;
};

/// "4.33 ×" from twice upwards, else "+12 %" or "−82 %"; empty where there is nothing to divide by.
std::string change_text(const std::optional<double>& before, const std::optional<double>& after) {
  if (!before || !after || *before <= 0) return "";
  const double ratio = *after / *before;
  if (ratio >= 2) return significant(ratio) + " ×";
  if (std::abs(ratio - 1) < 0.0005) return "same";
  return (ratio < 1 ? "−" : "+") + percent(std::abs(ratio - 1));
}

Row time_row(const std::string& label, const TimeFigure& before, const TimeFigure& after) {
  const double largest = std::max({before.value_or(0), after.value_or(0),
                                   before.at_least.value_or(0), after.at_least.value_or(0)});
  const std::string_view unit = duration_unit(from_ms(largest));
  return {label, column_time(before, unit), column_time(after, unit), change_text(before, after)};
}

std::uint64_t timeouts(const Report& report) {
  std::uint64_t sum = 0;
  for (const FailureCount& failure : report.failures) {
    if (failure.failure == FailureClass::pool_timeout) sum += failure.count;
  }
  return sum;
}

std::uint64_t peak_waiting(const Report& report) {
  // Of the pool where it was the most: peaks of several need not fall together.
  std::uint64_t most = 0;
  for (const PoolSummary& pool : report.pools) {
    most = std::max<std::uint64_t>(most, pool.measured.peak_waiting);
  }
  return most;
}

Row count_row(const std::string& label, std::uint64_t before, std::uint64_t after) {
  return {label, with_thousands(before), with_thousands(after),
          change_text(static_cast<double>(before), static_cast<double>(after))};
}

std::string bottleneck(const Report& report) {
  return report.diagnosis.empty() ? "–" : short_name(report.diagnosis.front().finding);
}

/// The p95 of each kind of request that both have, where there are several; the busiest first where
/// there are many.
void add_kinds(std::vector<Row>& rows, const Report& before, const Report& after) {
  constexpr std::size_t kMostKinds = 8;
  for (const RequestKind* kind : shown_kinds(after, kMostKinds)) {
    for (const RequestKind& other : before.kinds) {
      if (other.request != kind->request) continue;
      rows.push_back(time_row("- p95 " + kind->request, other.latency.p95, kind->latency.p95));
    }
  }
}

/// What tells the two apart: their scenarios, else their labels, commits, or when they started.
std::pair<std::string, std::string> names_of(const Report& before, const Report& after) {
  for (std::string Report::*name :
       {&Report::scenario_name, &Report::label, &Report::commit, &Report::started_at}) {
    const std::string &a = before.*name, &b = after.*name;
    if (a == b || a.empty() || b.empty()) continue;
    constexpr std::size_t kShownCommit = 12;
    const bool commit = name == &Report::commit;
    return commit ? std::pair(a.substr(0, kShownCommit), b.substr(0, kShownCommit))
                  : std::pair(a, b);
  }
  return {"before", "after"};
}

std::vector<Row> rows_of(const Report& before, const Report& after) {
  std::vector<Row> rows;
  const auto [first, second] = names_of(before, after);
  rows.push_back({"", first, second, "change"});
  rows.push_back({"pool", before.pool_text, after.pool_text, ""});
  if (before.load_text != after.load_text) {
    rows.push_back({"load", before.load_text, after.load_text, ""});
  }
  if (before.fleet_text != after.fleet_text) {
    rows.push_back({"processes", before.fleet_text.empty() ? "1 process" : before.fleet_text,
                    after.fleet_text.empty() ? "1 process" : after.fleet_text, ""});
  }
  rows.push_back({"verdict", verdict_label(before), verdict_label(after), ""});
  rows.push_back({"throughput", per_second(before.throughput_per_s),
                  per_second(after.throughput_per_s),
                  change_text(before.throughput_per_s, after.throughput_per_s)});
  rows.push_back(time_row("latency p50", before.latency.p50, after.latency.p50));
  rows.push_back(time_row("latency p95", before.latency.p95, after.latency.p95));
  rows.push_back(time_row("latency p99", before.latency.p99, after.latency.p99));
  add_kinds(rows, before, after);
  rows.push_back(time_row("pool wait p95", before.pool_wait.p95, after.pool_wait.p95));
  rows.push_back(
      time_row("connection hold time p95", before.connection_time.p95, after.connection_time.p95));
  rows.push_back(count_row("pool timeouts", timeouts(before), timeouts(after)));
  rows.push_back(count_row("all failures", before.requests.failed, after.requests.failed));
  rows.push_back(count_row("waiting at peak", peak_waiting(before), peak_waiting(after)));
  rows.push_back({"bottleneck", bottleneck(before), bottleneck(after), ""});
  return rows;
}

void add_table(Screen& screen, const std::vector<Row>& rows) {
  std::size_t label = 0, left = 0, right = 0, change = 0;
  for (const Row& row : rows) {
    label = std::max(label, display_width(row.label));
    left = std::max(left, display_width(row.before));
    right = std::max(right, display_width(row.after));
    change = std::max(change, display_width(row.change));
  }
  if (label + left + right + change + 9 <= screen.width()) {
    for (const Row& row : rows) {
      screen.line(pad_right(row.label, label) + "   " + pad_left(row.before, left) + "   " +
                  pad_left(row.after, right) + "   " + pad_left(row.change, change));
    }
    return;
  }
  for (const Row& row : rows) {
    const bool head = row.label.empty();
    std::string text = (head ? "" : row.label + ": ") + row.before + " → " + row.after;
    if (!head && !row.change.empty()) text += " (" + row.change + ")";
    screen.text(text, 2);
  }
}

/// What was set differently: "20+40 instead of 5+10".
std::string difference(const Report& before, const Report& after) {
  if (before.pool_text != after.pool_text) {
    const std::size_t space = before.pool_text.find(' ');
    const std::string kind = before.pool_text.substr(0, space == std::string::npos ? 0 : space + 1);
    const bool same_kind = !kind.empty() && after.pool_text.starts_with(kind);
    const std::size_t skip = same_kind ? kind.size() : 0;
    return after.pool_text.substr(skip) + " instead of " + before.pool_text.substr(skip);
  }
  if (before.fleet_text != after.fleet_text) {
    const std::string one = "1 process";
    return (after.fleet_text.empty() ? one : after.fleet_text) + " instead of " +
           (before.fleet_text.empty() ? one : before.fleet_text);
  }
  if (before.load_text != after.load_text) {
    return after.load_text + " instead of " + before.load_text;
  }
  return "Same pool and load";
}

/// The settings, servers and machines that differ; names and descriptions change no figure.
void add_settings(Screen& screen, const Report& before, const Report& after) {
  constexpr std::size_t kMostSettings = 8;
  constexpr std::size_t kDiffersWidth = 13;
  std::vector<GateDifference> all = report_differences(before, after);
  std::erase_if(all, [](const GateDifference& d) {
    return d.field == "name" || d.field == "description" || d.field == "version";
  });
  for (std::size_t i = 0; i < std::min(all.size(), kMostSettings); ++i) {
    screen.labelled(i == 0 ? "differs" : "", kDiffersWidth,
                    fmt::format("{}: {} → {}", all[i].field, all[i].baseline, all[i].candidate));
  }
  if (all.size() > kMostSettings) {
    screen.labelled("", kDiffersWidth,
                    fmt::format("and {} more (poolgauge compare --json FILE lists all)",
                                all.size() - kMostSettings));
  }
  if (all.empty()) screen.labelled("differs", kDiffersWidth, "no setting, server, or machine");
}

std::string moved(const std::string& what, double before, double after, const std::string& from,
                  const std::string& to) {
  if (before > 0 && std::abs(after / before - 1) < kSame) {
    return fmt::format("{} stayed at {}", what, to);
  }
  return fmt::format("{} {} from {} to {}", what, after < before ? "fell" : "rose", from, to);
}

/// The latency's change, also where a side is known only from below; empty where that leaves it
/// open.
std::vector<std::string> p95_parts(const TimeFigure& before, const TimeFigure& after) {
  const bool known = before.has_value() && after.has_value();
  const bool rose = before.has_value() && after.at_least && *after.at_least > *before;
  const bool fell = after.has_value() && before.at_least && *before.at_least > *after;
  if (!known && !rose && !fell) return {};
  const double a = before.value_or(before.at_least.value_or(0));
  const double b = after.value_or(after.at_least.value_or(0));
  const std::string_view unit = duration_unit(from_ms(std::max(a, b)));
  const auto figure = [unit](const TimeFigure& time) {
    return time.has_value() ? column_time(time, unit)
                            : "more than " + column_time(time.at_least, unit);
  };
  return {moved("p95 latency", a, b, figure(before), figure(after))};
}

std::string effect(const Report& before, const Report& after) {
  std::vector<std::string> parts = p95_parts(before.latency.p95, after.latency.p95);
  parts.push_back(moved("throughput", before.throughput_per_s, after.throughput_per_s,
                        per_second(before.throughput_per_s), per_second(after.throughput_per_s)));
  if (timeouts(before) != timeouts(after)) {
    parts.push_back(moved("pool timeouts", before.rate_pool_timeout, after.rate_pool_timeout,
                          percent(before.rate_pool_timeout), percent(after.rate_pool_timeout)));
  }
  std::string text = difference(before, after) + ": ";
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i > 0 ? ", " : "") + parts[i];
  return text + ".";
}

void add_doubts(Screen& screen, const Report& report) {
  if (report.verdict.status == VerdictStatus::pass ||
      report.verdict.status == VerdictStatus::slo_missed ||
      report.verdict.status == VerdictStatus::regression) {
    return;
  }
  std::string why;
  for (const std::string& reason : report.verdict.reasons) {
    if (reason != "interrupted") why += (why.empty() ? ": " : "; ") + reason;
  }
  screen.text(fmt::format("? {} {}{}", report.scenario_name, verdict_words(report), why), 2,
              Tone::doubtful);
}

}  // namespace

std::string side_by_side(const Report& before, const Report& after, const TerminalStyle& style) {
  Screen screen(style);
  add_doubts(screen, before);
  add_doubts(screen, after);
  screen.gap();
  add_table(screen, rows_of(before, after));
  screen.gap();
  add_settings(screen, before, after);
  screen.gap();
  screen.text(effect(before, after), 0, Tone::strong);
  screen.text(
      "One run on each side cannot distinguish a change from the noise between runs; poolgauge "
      "gate SCENARIO --pairs 6 can.");
  if (style.explain) {
    screen.gap();
    add_explanations(screen, comparison_explanations(after));
  }
  return screen.str();
}

}  // namespace poolgauge
