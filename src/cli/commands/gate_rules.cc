// Rules as they are typed, and the answer on the screen and in files.
#include "cli/commands/gate_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "assess/goals.h"
#include "base/text.h"
#include "cli/args/metric_margin.h"
#include "cli/commands/outputs.h"
#include "cli/shell/messages.h"
#include "cli/shell/redaction.h"
#include "gate/differences.h"

namespace poolgauge::cli {

namespace {

/// The figure that a goal speaks of, without its limit: "p95(latency)", "p95(latency) for request
/// browse".
Result<Goal> figure_of(const std::string& name) {
  const char* limit = name.starts_with("throughput") ? " > 1/s"
                      : name.starts_with("rate")     ? " < 1%"
                                                     : " < 1s";
  std::string text = name;
  const std::size_t narrowing = name.find(" for request ");
  text.insert(std::min(narrowing, text.size()), limit);
  return parse_goal(text);
}

/// The guess in a goal's error, without the limit that was put behind the figure.
std::string meant_figure(const Error& error) {
  const std::size_t guess = error.message.find("; did you mean ");
  if (guess == std::string::npos) return {};
  std::string meant = error.message.substr(guess);
  const std::size_t limit = meant.find_first_of("<>");
  if (limit == std::string::npos) return meant;
  const std::size_t rest = meant.find(" for request ");
  const std::string narrowing = rest == std::string::npos ? "\"?" : meant.substr(rest);
  return meant.substr(0, limit - 1) + narrowing;
}

/// "p95(latency)=8%,1ms": a figure, and how much worse it may become.
Result<GateRule> rule_of(const std::string& typed) {
  const std::size_t equals = typed.rfind('=');
  const std::string name = typed.substr(0, equals);
  Result<Goal> figure = figure_of(name);
  if (!figure.ok() || figure.value().over > Duration{0}) {
    return usage_error("--metric " + typed +
                           ": expected a metric such as p95(latency), throughput, or rate(error), "
                           "optionally followed by \"for request NAME\"" +
                           (figure.ok() ? std::string() : meant_figure(figure.error())),
                       "for example --metric 'p95(pool_wait)=10%'");
  }
  GateRule rule{name, std::move(figure).value(), true, 0};
  rule.margin = usual_margin(rule.figure);
  if (equals == std::string::npos) return rule;
  if (const Status read = read_margin(typed.substr(equals + 1), rule); !read.ok()) {
    return usage_error("--metric " + typed + ": " + read.error().message, read.error().hint);
  }
  return rule;
}

/// A request that the scenario does not have is a slip.
Status check_kind(const GateRule& rule, const Report& sample, const std::string& typed) {
  const std::string& name = rule.figure.request;
  if (name.empty() || sample.kinds.empty()) return success();
  std::string names;
  for (const RequestKind& kind : sample.kinds) {
    if (kind.request == name) return success();
    names += (names.empty() ? "" : ", ") + kind.request;
  }
  return usage_error(fmt::format("--metric {}: the scenario has no request \"{}\"", typed, name),
                     "its requests are " + names);
}

}  // namespace

Result<std::vector<GateRule>> rules_of(const JudgeOptions& options, const Report& sample) {
  std::vector<GateRule> usual = usual_rules(sample.steps, has_open_load(sample), sample.kinds);
  if (options.metrics.empty()) return usual;
  std::vector<GateRule> rules;
  for (const std::string& typed : options.metrics) {
    Result<GateRule> rule = rule_of(typed);
    if (!rule.ok()) return rule.error();
    if (const Status known = check_kind(rule.value(), sample, typed); !known.ok()) {
      return known.error();
    }
    rules.push_back(std::move(rule).value());
  }
  for (GateRule& rule : usual) {
    const bool named = std::any_of(rules.begin(), rules.end(), [&rule](const GateRule& known) {
      return known.name == rule.name;
    });
    rule.gated = false;
    if (!named) rules.push_back(std::move(rule));
  }
  return rules;
}

Status check_allowed(const std::vector<std::string>& allowed,
                     const std::vector<std::string>& fields) {
  std::vector<std::string> names = fields;
  for (const std::string& field : fields) {
    for (std::size_t dot = field.find('.'); dot != std::string::npos;
         dot = field.find('.', dot + 1)) {
      names.push_back(field.substr(0, dot));
    }
  }
  for (const std::string& name : allowed) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::optional<std::string> nearest = nearest_name(name, names);
    return usage_error(fmt::format("--allow {}: the reports have no such field{}", shown_word(name),
                                   nearest ? "; did you mean \"" + *nearest + "\"?" : ""),
                       "use a field that gate lists under \"differs\", such as "
                       "deployment.pool.pool_size, or a group of fields, such as deployment.pool");
  }
  return success();
}

Status check_compares(const GateOptions& options) {
  const std::pair<bool, const char*> given[] = {{!options.allowed.empty(), "--allow"},
                                                {!options.judge.metrics.empty(), "--metric"},
                                                {options.judge.noise.has_value(), "--noise"}};
  for (const auto& [is_given, flag] : given) {
    if (!is_given) continue;
    if (options.pairs > 0 && std::string(flag) == "--allow") {
      return usage_error(
          "--allow and --pairs cannot be used together: with --pairs, every difference between "
          "baseline and candidate is intended",
          "remove --allow");
    }
    if (options.pairs > 0 || !options.baselines.empty()) continue;
    return usage_error(
        std::string(flag) +
            " needs a baseline: without one, gate judges the goals "
            "alone",
        "give reports to compare with (--baseline), or measure both sides (--pairs)");
  }
  return success();
}

int show_judged(const Report& judged, const OutputOptions& output, const std::string& more) {
  const Report report = as_saved(judged);  // so that `report` shows the very same later
  return show_judged(report, output,
                     [&](const TerminalStyle& style) { return to_terminal(report, style) + more; });
}

int show_judged(const Report& judged, const OutputOptions& output, const Rendering& text) {
  const Report report = as_saved(judged);
  const Status printed = show_answer(report, output, text);
  if (!printed.ok()) return fail(printed.error());
  const Status written = write_requested(output, report);
  return written.ok() ? report.verdict.exit_code : fail(written.error());
}

}  // namespace poolgauge::cli
