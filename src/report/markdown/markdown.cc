// A report as Markdown: a sentence for a pull request's comment list, then what stands behind it.
#include <fmt/format.h>

#include <algorithm>

#include "assess/describe.h"
#include "assess/diagnosis.h"
#include "base/letters.h"
#include "base/text.h"
#include "poolgauge/report.h"
#include "report/layout.h"
#include "report/markup.h"
#include "report/sentences.h"
#include "report/terminal/parts.h"
#include "report/terminal/screen.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr std::size_t kChartCells = 60;

/// The goal that decides, with its figure; the first reason where no goal does.
std::string deciding(const Report& report) {
  for (const GoalResult& goal : report.verdict.goals) {
    if (report.verdict.status != VerdictStatus::slo_missed || goal.met || !goal.judged()) continue;
    return fmt::format("{}, {} {}", code(goal.goal), how_known(report),
                       escaped(measured_text(goal)));
  }
  if (report.verdict.status == VerdictStatus::pass ||
      report.verdict.status == VerdictStatus::interrupted || report.verdict.reasons.empty())
    return "";
  return escaped(report.verdict.reasons.front());
}

/// The whole story in one line.
std::string first_line(const Report& report) {
  if (const std::string figures = one_beside_one(report); !figures.empty()) {
    return fmt::format(
        "**{}: {}.** One run on each side cannot distinguish a change from the noise between runs; "
        "poolgauge gate SCENARIO --pairs 6 can.",
        escaped(report.scenario_name), escaped(figures));
  }
  const std::string why = deciding(report);
  std::string line = fmt::format("**{} {}{}.**", escaped(report.scenario_name),
                                 verdict_words(report), why.empty() ? "" : ": " + why);
  if (!report.diagnosis.empty()) line += " " + escaped(headline(report.diagnosis.front()));
  if (report.pool_wait.p95 && report.connection_time.p95) {
    const std::string held = time_text(report.connection_time.p95);
    line += *report.pool_wait.p95 > 0 || report.pool_wait.p95.at_least
                ? fmt::format(" Requests waited {} for a connection (p95) and held it for {} (p95)",
                              time_text(report.pool_wait.p95), held)
                : fmt::format(
                      " At least 95 % of the requests did not wait for a connection; "
                      "requests held it for {} (p95)",
                      held);
    line += report.rate_pool_timeout > 0
                ? fmt::format("; {} timed out.", percent(report.rate_pool_timeout))
                : "; none timed out.";
  }
  return line;
}

std::string goals(const Report& report) {
  if (report.verdict.goals.empty()) return "";
  const std::string whose = report.gate ? gate_whose(*report.gate) : "";
  std::string out = fmt::format("| goal | {}{} | |\n| --- | --- | --- |\n", how_known(report),
                                whose.empty() ? "" : " (" + whose + ")");
  for (const GoalResult& goal : report.verdict.goals) {
    out += table_row({code(goal.goal), escaped(measured_text(goal) + goal_caveat(report, goal)),
                      goal_state(goal)});
  }
  return out + "\n";
}

/// Gates and comparisons list their reasons above.
bool is_said_by_gate(const Report& report, const std::string& reason) {
  if (!report.gate) return false;
  const std::vector<std::string>& said = report.gate->reasons;
  return reason == report.gate->headline ||
         std::find(said.begin(), said.end(), reason) != said.end();
}

std::string diagnosis(const Report& report) {
  std::string out;
  for (std::size_t i = 1; i < report.verdict.reasons.size(); ++i) {
    if (report.verdict.status == VerdictStatus::slo_missed) break;  // the table says it
    if (is_said_by_gate(report, report.verdict.reasons[i])) continue;
    out += escaped(sentence_case(report.verdict.reasons[i])) + ".\n\n";
  }
  if (const std::string which = gate_shown_run(report); !which.empty()) {
    out += escaped(which) + "\n\n";
  }
  for (const Finding& finding : report.diagnosis) {
    const bool first = &finding == &report.diagnosis.front();
    out +=
        fmt::format("**{}** {}\n\n", escaped(first ? headline(finding) : further_headline(finding)),
                    escaped(finding.evidence));
  }
  std::string advice;
  for (const Finding& finding : report.diagnosis) {
    if (!finding.advice.empty()) advice += "- " + escaped(finding.advice) + "\n";
  }
  if (!advice.empty()) out += "What to do:\n\n" + advice + "\n";
  std::string experiments;
  for (const Finding& finding : report.diagnosis) {
    if (finding.experiment.empty()) continue;
    experiments += fmt::format("- {}: {}\n", escaped(short_name(finding.finding)),
                               escaped(finding.experiment));
  }
  if (!experiments.empty()) out += folded("How to verify this", experiments + "\n");
  return out;
}

std::string prediction(const Report& report) {
  if (!report.prediction) return "";
  const Prediction& claim = *report.prediction;
  std::string out = escaped(prediction_origin(claim)) + "\n\n";
  const bool beside = claim.same_question;
  const auto row_of = [beside](std::vector<std::string> cells) {
    if (!beside) cells.pop_back();
    return table_row(cells);
  };
  out += row_of({"figure", "predicted", "in 9 of 10 cases", "measured"}) +
         row_of({"---", "---:", "---:", "---:"});
  for (const PredictionRow& row : prediction_rows(claim)) {
    out += row_of({row.figure, row.value, row.interval, row.measured});
  }
  out += "\n";
  for (const std::string& beyond : claim.beyond) out += "- caution: " + escaped(beyond) + "\n";
  return claim.beyond.empty() ? out : out + "\n";
}

std::vector<std::string> time_cells(const LatencySummary& s) {
  std::vector<std::string> cells;
  for (const auto& value : {s.mean, s.p50, s.p90, s.p95, s.p99, s.p999, s.max}) {
    cells.push_back(s.count > 0 ? time_text(value) : "");
  }
  return cells;
}

std::string breakdown(const Report& report) {
  if (report.latency.count == 0) {
    return "No request completed, so there are no latencies to show.\n\n";
  }
  std::string out =
      "| where the time went | p50 | p95 | p99 | max | mean of completed requests | share |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  const auto figures = [](const LatencySummary& s) {
    std::vector<std::string> cells;
    for (const auto& value : {s.p50, s.p95, s.p99, s.max}) {
      cells.push_back(s.count > 0 ? time_text(value) : "");
    }
    return cells;
  };
  std::vector<std::string> cells = figures(report.latency);
  cells.insert(cells.begin(), "**latency**");
  cells.push_back(time_text(report.breakdown_ms.total()));
  cells.emplace_back("");
  out += table_row(cells);
  for (const TimeRow& row : time_rows(report)) {
    cells = figures(row.times);
    cells.insert(cells.begin(), escaped(row.label));
    cells.push_back(time_text(row.mean_ms));
    cells.push_back(percent(row.share));
    out += table_row(cells);
  }
  return out + "\n";
}

/// One line of the chart: the curve from zero to its top, and the top as a figure.
std::string curve(std::string_view label, const std::vector<std::optional<double>>& values,
                  const std::string& unit, bool times) {
  double top = 0;
  for (const auto& value : values) top = std::max(top, value.value_or(0));
  const std::string figure = (times ? time_text(top) : fmt::format("{:.0f}", top)) + unit;
  return fmt::format("{} {} up to {}\n", pad_right(label, 12), sparkline(values, kChartCells),
                     figure);
}

std::string chart(const Report& report) {
  if (report.timeline.size() < 2) return "";
  std::vector<std::optional<double>> completed, failed, p95, waiting;
  bool any_p95 = false, any_failed = false;
  for (const SeriesPoint& point : report.timeline) {
    completed.emplace_back(static_cast<double>(point.completed));
    failed.emplace_back(static_cast<double>(point.failed));
    p95.push_back(point.latency_p95_ms);
    waiting.emplace_back(static_cast<double>(point.waiting));
    any_p95 = any_p95 || point.latency_p95_ms.has_value();
    any_failed = any_failed || point.failed > 0;
  }
  std::string out = "```text\n" + curve("throughput", completed, "/s", false);
  if (any_failed) out += curve("failures", failed, "/s", false);
  if (any_p95) out += curve("latency p95", p95, " (completed requests)", true);
  out += curve("waiting", waiting, " requests (at the end of each second)", false);
  const std::string span = fmt::format("0 to {:.6g} s", report.timeline.back().t_s);
  return out + std::string(13, ' ') + span + "\n```\n\n";
}

std::string latencies(const Report& report) {
  std::string out =
      "| | count | mean | p50 | p90 | p95 | p99 | p99.9 | max |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  const auto add = [&out](const std::string& label, const LatencySummary& s) {
    std::vector<std::string> cells = time_cells(s);
    cells.insert(cells.begin(), {label, with_thousands(s.count)});
    out += table_row(cells);
  };
  add("latency", report.latency);
  add("response", report.response);
  add("pool wait", report.pool_wait);
  add("connect", report.connect);
  add("connection hold time", report.connection_time);
  for (const StepSummary& step : report.steps) {
    add(escaped(fmt::format("{}: {} ({})", step.request, step.name, step.kind)), step.latency);
  }
  if (report.in_flight.ages.count == 0) return out;
  return out +
         "\nExcept for connect, means and percentiles include requests that had not finished at "
         "the "
         "end of the measurement, with the time they had taken until then; count does not.\n";
}

std::string failures(const Report& report) {
  if (report.failures.empty()) return "";
  std::string out =
      "| count | class | phase | SQLSTATE | first message |\n"
      "| ---: | --- | --- | --- | --- |\n";
  for (const FailureCount& failure : report.failures) {
    out += table_row({with_thousands(failure.count), code(std::string(name_of(failure.failure))),
                      std::string(name_of(failure.phase)), escaped(failure.sqlstate),
                      escaped(failure.example)});
  }
  return out;
}

std::string pools(const Report& report) {
  std::string out;
  for (const PoolSummary& pool : report.pools) {
    const std::string place = place_text(pool);
    out += fmt::format("Pool {} ({}){}, {} {}", code(pool.measured.name), code(pool.kind),
                       place.empty() ? "" : ", " + escaped(place), pool.measured.processes,
                       pool.measured.processes == 1 ? "process" : "processes");
    std::string separator = ": ";
    for (const auto& [name, value] : pool.options) {
      out += separator + code(name + " " + option_text(value));
      separator = ", ";
    }
    out += fmt::format(". On average, {} connections in use and {} requests waiting.\n\n",
                       amount(pool.measured.checked_out_mean), amount(pool.measured.waiting_mean));
  }
  return out;
}

/// How the server tells our connections apart; worth a table where it tells several kinds.
std::string own_connections(const ServerView& view) {
  if (view.connections.size() < 2) return "";
  std::string out =
      "| connections on | pool | user | application\\_name | at most | mean |\n"
      "| --- | --- | --- | --- | ---: | ---: |\n";
  for (const ServerView::Connections& ours : view.connections) {
    out += table_row({escaped(ours.target), escaped(ours.pool), escaped(ours.user),
                      escaped(ours.application_name), fmt::format("{}", ours.peak),
                      amount(ours.mean)});
  }
  return out + "\n";
}

std::string server(const Report& report) {
  const ServerView& view = report.server;
  std::string out;
  if (view.samples > 0) {
    out = fmt::format(
        "Server: on average, {} statements running, {} connections idle in transaction, {} idle; "
        "{} connections at peak.",
        amount(view.active_mean), amount(view.idle_in_transaction_mean), amount(view.idle_mean),
        view.connections_peak);
    std::string separator = " Running statements by wait event, on average: ";
    for (const ServerView::WaitEvent& event : view.wait_events) {
      const bool none = event.type == "CPU";
      out +=
          separator + (none ? "none (on a CPU)" : escaped(event.type)) + " " + amount(event.mean);
      separator = ", ";
    }
    if (separator == ", ") out += ".";
    out += "\n\n" + own_connections(view);
  }
  const std::string memory = memory_sentences(report);
  if (!memory.empty()) out += escaped(memory) + "\n\n";
  if (!report.target.settings.empty()) {
    std::string settings;
    for (const auto& [name, value] : report.target.settings) {
      if (value.empty()) continue;
      settings += (settings.empty() ? "" : ", ") + code(name + " = " + value);
    }
    out += "Server settings: " + settings + "\n\n";
  }
  return out;
}

std::string pooler_config(const Report& report) {
  if (!report.target.pooler || report.target.pooler->config.empty()) return "";
  std::string config;
  for (const auto& [name, value] : report.target.pooler->config) {
    config += (config.empty() ? "" : ", ") + code(name + " = " + value);
  }
  return "PgBouncer's settings: " + config + "\n\n";
}

/// Single requests with a bar of their time.
std::string examples(const Report& report) {
  std::string out;
  for (const ExampleRequest& example : report.samples) {
    out +=
        fmt::format("- {}  \n  {}  \n  {}\n", escaped(example_title(example)),
                    code(time_bar(example, kChartCells)), escaped(joined(example_parts(example))));
  }
  return out + "\n" + std::string(time_bar_legend()) + "\n";
}

std::string meanings(const Report& report) {
  std::string out;
  for (const Explanation& entry : page_explanations(report)) {
    out += fmt::format("- {}: {}\n", escaped(entry.figure), entry.meaning);
  }
  return out;
}

std::string reproduction(const Report& report) {
  std::string out;
  if (!report.command_line.empty()) out += fenced("sh", report.command_line) + "\n\n";
  out += fmt::format("- scenario: {} (SHA-256 {})\n", code(report.scenario_file),
                     code(report.scenario_sha256));
  out += fmt::format("- seed: {}\n- started: {}\n- poolgauge {}\n", report.seed,
                     escaped(report.started_at), escaped(report.tool_version));
  if (report.target.kind == "sqlite") {
    out += fmt::format("- SQLite {}, {}\n", escaped(report.target.server_version),
                       escaped(report.target.address));
  } else if (!report.target.server_version.empty()) {
    out += fmt::format("- PostgreSQL {}, {}; max\\_connections {}, {} reserved\n",
                       escaped(report.target.server_version), escaped(report.target.address),
                       report.target.max_connections, report.target.reserved_connections);
  }
  if (report.target.replica) {
    out += fmt::format("- replica: PostgreSQL {}, {}\n",
                       escaped(report.target.replica->server_version),
                       escaped(report.target.replica->address));
  }
  return out;
}

}  // namespace

std::string to_markdown(const Report& report) {
  if (report.curve)
    return sweep_markdown(report) + folded("How to reproduce", reproduction(report));
  std::string out;
  if (report.recommendation) out = advice_markdown(report);
  // An advice has said its verdict.
  if (!report.recommendation) out += first_line(report) + "\n\n";
  out += escaped(joined(context_parts(report))) + "\n\n" + gate_markdown(report);
  if (report.command == "compare" && report.gate) {
    out += "### Report of the candidate alone\n\n";
  }
  out += goals(report) + diagnosis(report) + prediction(report) + breakdown(report) +
         kinds_markdown(report) + chart(report);
  out += "- requests: " + escaped(joined(request_parts(report))) + "\n";
  if (!report.pools.empty())
    out += "- connections: " + escaped(joined(connection_parts(report))) + "\n";
  for (const std::string& line : pool_lines(report)) out += "  - pool " + escaped(line) + "\n";
  const std::string stall = stall_line(report);
  if (!stall.empty()) out += "- stall: " + stall + "\n";
  for (const std::string& line : outage_lines(report)) out += "- outage: " + escaped(line) + "\n";
  for (const std::string& line : guard_lines(report)) out += "- guards: " + escaped(line) + "\n";
  const std::string pooler = joined(pooler_parts(report));
  if (!pooler.empty()) out += "- pooler: " + escaped(pooler) + "\n";
  out += "- trust: " + escaped(joined(trust_parts(report))) + "\n";
  for (const std::string& note : report.notes) out += "- note: " + escaped(note) + "\n";
  out += "\n";
  if (!report.failures.empty()) out += folded("Failures", failures(report));
  out += folded("All times", latencies(report));
  if (!report.samples.empty()) out += folded("Single requests", examples(report));
  const std::string settings = pools(report) + pooler_config(report) + server(report);
  if (!settings.empty()) out += folded("Pools and server", settings);
  out += folded("What the figures mean", meanings(report));
  out += folded("How to reproduce", reproduction(report));
  return out;
}

}  // namespace poolgauge
