// A report as JUnit XML: one test case for each goal and for each figure that a gate judged, so
// that any CI shows which one it was.
#include <fmt/format.h>

#include <algorithm>

#include "assess/diagnosis.h"
#include "assess/goals.h"
#include "poolgauge/report.h"
#include "report/advice_words.h"
#include "report/markup.h"
#include "report/terminal/parts.h"
#include "report/words.h"

namespace poolgauge {
namespace {

/// The strict readers want a date without its zone; ours is always UTC.
std::string timestamp(const std::string& iso) {
  return iso.ends_with('Z') ? iso.substr(0, iso.size() - 1) : iso;
}

bool conclusive(const Report& report) {
  switch (report.verdict.status) {
    case VerdictStatus::pass:
    case VerdictStatus::slo_missed:
    case VerdictStatus::regression: return true;
    case VerdictStatus::inconclusive:
    case VerdictStatus::guard:
    case VerdictStatus::interrupted: return false;
  }
  return false;
}

/// Whether a figure's own case says that the candidate became worse.
bool says_worse(const Report& report) {
  return report.gate && std::any_of(report.gate->metrics.begin(), report.gate->metrics.end(),
                                    [](const GateMetric& metric) {
                                      return metric.gated &&
                                             metric.verdict == GateVerdict::regression;
                                    });
}

/// Cases beside the others': a run that shows nothing must not look like one that passed.
bool has_case_of_its_own(const Report& report) {
  const bool worse = report.verdict.status == VerdictStatus::regression && !says_worse(report);
  return (report.verdict.goals.empty() && !report.gate) || !conclusive(report) || worse;
}

/// "1.20 s → 1.35 s, +12.4 % (+8.11 % to +15.9 %), allowed +10 %"
std::string gate_figures(const GateMetric& metric) {
  const std::vector<std::string> cells = gate_cells(metric);
  std::string text = fmt::format("{} → {}, {}", cells[1], cells[2], cells[3]);
  if (!cells[4].empty()) text += ", allowed " + cells[4];
  if (!cells[5].empty()) text += ": " + cells[5];
  return text;
}

/// What a developer reads first: figure and limit, then what bound the run and what to do.
std::string explanation(const Report& report, const std::string& first) {
  std::string text = first + "\n";
  if (report.gate) {
    for (const std::string& place : report.gate->look_at) text += "Look at: " + place + "\n";
  }
  for (const Finding& finding : report.diagnosis) {
    const bool first_finding = &finding == &report.diagnosis.front();
    text += (first_finding ? headline(finding) : further_headline(finding)) + " " +
            finding.evidence + "\n";
    if (!finding.advice.empty()) text += "What to do: " + finding.advice + "\n";
  }
  return text + "Requests: " + joined(request_parts(report)) + "\n";
}

struct Counts {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
};

class Suite {
 public:
  explicit Suite(const Report& report) : report_(report) {}

  void add(std::string_view name, std::string_view inside) {
    ++counts_.tests;
    cases_ += fmt::format("    <testcase{}{} time=\"{:.6g}\"", markup_attribute("name", name),
                          markup_attribute("classname", "poolgauge." + report_.scenario_name),
                          report_.window_s);
    cases_ += inside.empty() ? "/>\n" : fmt::format(">\n{}    </testcase>\n", inside);
  }

  void add_goal(const GoalResult& goal) {
    if (!goal.judged()) {
      ++counts_.skipped;
      std::string why = open_label(goal);
      if (why.empty()) {
        why = goal.at_least ? "too many requests were still in flight at the end"
                            : "the sample is too small";
      }
      add(goal.goal, fmt::format("      <skipped message=\"not judged: {}\"/>\n", why));
    } else if (goal.met) {
      add(goal.goal, "");
    } else {
      ++counts_.failures;
      const std::string what =
          how_known(report_) + (" " + measured_text(goal)) + ", goal " + goal.goal;
      add(goal.goal, body("failure", what, "goal missed"));
    }
  }

  /// A figure that decides whether the candidate became worse.
  void add_figure(const GateMetric& metric) {
    const std::string name = metric.metric + " compared with the baseline";
    const std::string what = metric.metric + ": " + gate_figures(metric);
    switch (metric.verdict) {
      case GateVerdict::pass: return add(name, "");
      case GateVerdict::regression:
        ++counts_.failures;
        return add(name, body("failure", what, "worse than the baseline"));
      case GateVerdict::inconclusive:
      case GateVerdict::invalid:
        ++counts_.skipped;
        return add(name, fmt::format("      <skipped{}/>\n",
                                     markup_attribute("message", "inconclusive: " + what)));
    }
  }

  /// `element`: failure or error; empty for a case that passed.
  void add_run(const std::string& element) {
    std::string why;
    for (const std::string& reason : report_.verdict.reasons) {
      why += (why.empty() ? "" : "; ") + reason;
    }
    if (why.empty()) why = verdict_words(report_);
    counts_.failures += element == "failure" ? 1U : 0U;
    counts_.errors += element == "error" ? 1U : 0U;
    const bool worse = report_.verdict.status == VerdictStatus::regression;
    add(worse ? "no regression" : "the measurement is usable",
        element.empty() ? "" : body(element, why, type_of_run()));
  }

  const Counts& counts() const { return counts_; }
  const std::string& cases() const { return cases_; }

 private:
  /// In a word or two, as the types of the other cases.
  std::string type_of_run() const {
    switch (report_.verdict.status) {
      case VerdictStatus::regression: return "regression";
      case VerdictStatus::guard: return "stopped by a safety guard";
      case VerdictStatus::interrupted: return "interrupted";
      case VerdictStatus::pass:
      case VerdictStatus::slo_missed:
      case VerdictStatus::inconclusive: break;
    }
    return "inconclusive";
  }

  std::string body(const std::string& element, const std::string& what,
                   const std::string& type) const {
    return fmt::format("      <{0}{1}{2}>{3}</{0}>\n", element, markup_attribute("message", what),
                       markup_attribute("type", type), markup_text(explanation(report_, what)));
  }

  const Report& report_;
  Counts counts_;
  std::string cases_;
};

std::string properties(const Report& report) {
  std::string out = "    <properties>\n";
  const auto add = [&out](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += fmt::format("      <property{}{}/>\n", markup_attribute("name", name),
                       markup_attribute("value", value));
  };
  add("poolgauge", report.tool_version);
  add("command", report.command_line);
  add("scenario.sha256", report.scenario_sha256);
  add("seed", fmt::format("{}", report.seed));
  add("part", part_text(report));
  add("load", report.load_text);
  add("pool", report.pool_text);
  add("server", report.target.server_version);
  if (report.recommendation) {
    const Recommendation& r = *report.recommendation;
    add("advice", advice_title(r));
    add("advice.settings", joined(own_parts(r)));
    add("advice.certainty", trust_words(r));
  }
  return out + "    </properties>\n";
}

/// What an advice says, before the figures of one of its runs.
std::string advice_output(const Report& report) {
  if (!report.recommendation) return "";
  const Recommendation& r = *report.recommendation;
  std::string text =
      fmt::format("{}: {} ({})\n", advice_title(r), joined(own_parts(r)), trust_words(r));
  if (const std::string first = first_words(r); !first.empty()) text += first + "\n";
  if (r.search) {
    for (const std::string& one : sentences_of(r.search->sentence)) text += one + "\n";
    for (const std::string& note : run_notes(r)) text += "note: " + note + "\n";
  }
  return text + shown_run_words(report) + ":\n";
}

std::string output(const Report& report) {
  std::string text = advice_output(report) + joined(context_parts(report)) + "\n";
  if (const std::string which = gate_shown_run(report); !which.empty()) text += which + "\n";
  text += "requests: " + joined(request_parts(report)) + "\n";
  text += fmt::format("latency: p50 {}, p95 {}, p99 {}, max {}\n", time_text(report.latency.p50),
                      time_text(report.latency.p95), time_text(report.latency.p99),
                      time_text(report.latency.max));
  text += fmt::format("pool wait: p50 {}, p95 {}, p99 {}\n", time_text(report.pool_wait.p50),
                      time_text(report.pool_wait.p95), time_text(report.pool_wait.p99));
  text += "trust: " + joined(trust_parts(report)) + "\n";
  for (const std::string& note : report.notes) text += "note: " + note + "\n";
  return markup_text(text);
}

}  // namespace

std::string to_junit(const Report& report) {
  Suite suite(report);
  for (const GoalResult& goal : report.verdict.goals) suite.add_goal(goal);
  if (report.gate) {
    for (const GateMetric& metric : report.gate->metrics) {
      if (metric.gated) suite.add_figure(metric);
    }
  }
  if (has_case_of_its_own(report)) {
    const bool worse = report.verdict.status == VerdictStatus::regression;
    suite.add_run(worse ? "failure" : conclusive(report) ? "" : "error");
  }
  const Counts& counts = suite.counts();
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  out +=
      fmt::format("  <testsuite{}{} id=\"0\"{}{}", markup_attribute("name", report.scenario_name),
                  markup_attribute("package", "poolgauge"),
                  markup_attribute("timestamp", timestamp(report.started_at)),
                  markup_attribute("hostname", "localhost"));
  out +=
      fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.6g}\">\n",
                  counts.tests, counts.failures, counts.errors, counts.skipped, report.window_s);
  out += properties(report) + suite.cases();
  out += "    <system-out>" + output(report) + "</system-out>\n    <system-err></system-err>\n";
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace poolgauge
