// A script's commands into steps and the lines between them.
#include "scenario/read/read_spec.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/letters.h"
#include "scenario/read/statement.h"
#include "script/expression.h"
#include "sql/sql.h"

namespace poolgauge {

namespace {

using Kind = PgbenchCommand::Kind;

std::string first_word(std::string_view sql) {
  std::string_view word;
  for (SqlToken t = next_sql_token(sql, 0); t.kind != SqlToken::Kind::end;
       t = next_sql_token(sql, t.end)) {
    if (t.kind == SqlToken::Kind::blank) continue;
    if (t.kind == SqlToken::Kind::word) word = sql.substr(t.begin, t.end - t.begin);
    break;
  }
  return lower_case(word);
}

/// Steps without a line get theirs; all come in their order.
void add_missing_lines(RequestSpec& request) {
  const auto with_line =
      std::count_if(request.lines.begin(), request.lines.end(),
                    [](const ScriptLine& l) { return l.kind == ScriptLine::Kind::step; });
  for (auto i = static_cast<std::size_t>(with_line); i < request.steps.size(); ++i) {
    ScriptLine line;
    line.step = static_cast<std::uint32_t>(i);
    request.lines.push_back(std::move(line));
  }
}

class Compiler {
 public:
  Compiler(RequestSpec& request, const IncludedScript& script, const ScriptUse& use)
      : request_(request), script_(script), use_(use) {
    for (const VariableSpec& variable : use.variables) names_.push_back(variable.name);
  }

  void run() {
    add_missing_lines(request_);
    for (const PgbenchCommand& command : script_.script.commands) add(command);
  }

 private:
  void add(const PgbenchCommand& command) {
    switch (command.kind) {
      case Kind::sql: return add_sql(command);
      case Kind::sleep: return add_sleep(command);
      case Kind::gset: return add_results(command);
      case Kind::set: {
        ScriptLine line = line_of(ScriptLine::Kind::set, command);
        line.variable = index_of(command.name).value_or(0);
        line.expression = expression(command);
        request_.lines.push_back(std::move(line));
        return;
      }
      case Kind::if_true: open_.push_back({}); return add_condition(command);
      case Kind::or_if:
        if (!leave_branch(command)) return;
        return add_condition(command);
      case Kind::otherwise: leave_branch(command); return;
      case Kind::end_if: return end_branch();
    }
  }

  void add_condition(const PgbenchCommand& command) {
    open_.back().unless = request_.lines.size();
    ScriptLine line = line_of(ScriptLine::Kind::unless, command);
    line.expression = expression(command);
    request_.lines.push_back(std::move(line));
  }

  /// The branch so far ends with a jump to the end; its condition, when false, leads to here.
  bool leave_branch(const PgbenchCommand& command) {
    if (open_.empty()) return false;  // reported by the splitter
    open_.back().to_end.push_back(request_.lines.size());
    request_.lines.push_back(line_of(ScriptLine::Kind::skip, command));
    lead_here(open_.back().unless);
    open_.back().unless.reset();
    return true;
  }

  void end_branch() {
    if (open_.empty()) return;
    lead_here(open_.back().unless);
    for (const std::size_t jump : open_.back().to_end) lead_here(jump);
    open_.pop_back();
  }

  void lead_here(std::optional<std::size_t> from) {
    if (!from) return;
    request_.lines[*from].ahead = static_cast<std::uint32_t>(request_.lines.size() - *from - 1);
  }

  void add_sql(const PgbenchCommand& command) {
    Step step;
    step.pool = use_.pool;
    step.protocol = use_.protocol;
    const std::string word = first_word(command.text);
    step.effect = effect_of(command.text);
    // What parameters cannot do runs as pgbench's default does it: values put into the text.
    const bool simple = use_.protocol == Protocol::simple || command.combined ||
                        names_variable_in_quotes(command.text, names_);
    if (simple) step.protocol = Protocol::simple;
    step.verbatim = simple;
    auto parsed =
        simple ? parse_verbatim(command.text, names_) : parse_statement(command.text, names_);
    if (auto* problem = std::get_if<StatementProblem>(&parsed)) {
      return refuse(command.offset + problem->offset, problem->message, problem->found,
                    problem->nearest);
    }
    step.sql = std::get<Statement>(std::move(parsed));
    add_step(std::move(step), command, word.empty() ? "sql" : word);
  }

  void add_sleep(const PgbenchCommand& command) {
    Step step;
    step.kind = StepKind::hold;
    step.pool = use_.pool;
    std::string_view text = command.text;
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    std::string_view amount = text.substr(0, end);
    const std::size_t next = std::min(text.find_first_not_of(" \t", end), text.size());
    std::string_view unit = text.substr(next);
    const bool variable = amount.starts_with(':');
    const std::size_t letters = amount.find_first_not_of("0123456789");
    if (!variable && unit.empty() && letters != std::string_view::npos && letters > 0) {
      unit = amount.substr(letters);
      amount = amount.substr(0, letters);
    }
    const std::optional<Duration> one = unit_of(unit);
    if (!one) return refuse(command.offset, "expected us, ms, or s after the number", unit);
    if (variable) {
      const auto index = index_of(amount.substr(1));
      if (!index) return refuse(command.offset, "expected a variable that is set", amount);
      step.time_variable = *index;
      step.time_unit = *one;
    } else {
      std::int64_t number = 0;
      const auto [stop, error] =
          std::from_chars(amount.data(), amount.data() + amount.size(), number);
      const bool good = error == std::errc() && stop == amount.data() + amount.size() &&
                        number >= 0 && number <= kLongestDuration / *one;
      if (!good) return refuse(command.offset, "expected a whole number or :variable", amount);
      step.time = FixedDuration{number * *one};
    }
    add_step(std::move(step), command, "sleep");
  }

  static std::optional<Duration> unit_of(std::string_view written) {
    const std::string unit = lower_case(written);
    if (unit.empty() || unit == "s") return std::chrono::seconds(1);
    if (unit == "ms") return std::chrono::milliseconds(1);
    if (unit == "us") return std::chrono::microseconds(1);
    return std::nullopt;
  }

  void add_results(const PgbenchCommand& command) {
    if (request_.steps.empty() || request_.steps.back().kind != StepKind::sql) return;
    Step& step = request_.steps.back();
    const std::string& prefix = command.text;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const bool settable = std::holds_alternative<ScriptVariable>(use_.variables[i].value);
      const bool named = names_[i].size() > prefix.size() && names_[i].starts_with(prefix);
      if (!settable || !named) continue;
      step.results.push_back({names_[i].substr(prefix.size()), static_cast<std::uint32_t>(i)});
    }
    step.wants_row = true;
  }

  void add_step(Step step, const PgbenchCommand& command, const std::string& word) {
    const std::string prefix = use_.prefix.empty() ? "" : use_.prefix + " ";
    step.name = use_.fresh_name(fmt::format("{}line {} {}", prefix, command.line, word));
    request_.steps.push_back(std::move(step));
    add_missing_lines(request_);
  }

  ScriptLine line_of(ScriptLine::Kind kind, const PgbenchCommand& command) const {
    ScriptLine line;
    line.kind = kind;
    line.place = fmt::format("{}:{}", script_.file, command.line);
    return line;
  }

  Expression expression(const PgbenchCommand& command) {
    const auto lookup = [this](std::string_view name) { return index_of(name); };
    auto parsed = parse_expression(command.text, lookup);
    if (auto* good = std::get_if<Expression>(&parsed)) return std::move(*good);
    const auto& problem = std::get<ExpressionProblem>(parsed);
    refuse(command.offset + problem.offset, problem.message, problem.found, problem.nearest);
    return {};
  }

  std::optional<std::uint32_t> index_of(std::string_view name) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) return std::nullopt;
    return static_cast<std::uint32_t>(found - names_.begin());
  }

  void refuse(std::size_t offset, const std::string& message, std::string_view found,
              const std::string& nearest = {}) {
    // One mistake is one error: a variable is missed once, and not where the command that would
    // have set it was not understood.
    const bool is_missing = message.find(" variable") != std::string::npos && !found.empty();
    if (is_missing && !script_.script.problems.empty()) return;
    std::string name(found);
    std::erase_if(name, [](char c) { return !in_script_name(c); });
    if (is_missing && !missed_.insert(name).second) return;
    const Place place = place_at(script_.content, offset);
    const bool at_end = found == kEndOfLine;  // a place, not a text
    use_.problems.add_in_file({script_.file, place.line, place.column, "",
                               found.empty() ? ""
                               : at_end      ? std::string(found)
                                             : shown_text(found),
                               message, nearest});
  }

  struct Open {
    std::optional<std::size_t> unless;
    std::vector<std::size_t> to_end;
  };
  RequestSpec& request_;
  const IncludedScript& script_;
  const ScriptUse& use_;
  std::vector<std::string> names_;
  std::vector<Open> open_;
  std::set<std::string> missed_;  // variables that nobody sets
};

}  // namespace

void add_script(RequestSpec& request, const IncludedScript& script, const ScriptUse& use) {
  const std::size_t first = request.steps.size();
  Compiler(request, script, use).run();
  request.includes.push_back({script.file, script.content, use.prefix, use.protocol, use.pool,
                              first, request.steps.size() - first});
}

void finish_lines(RequestSpec& request) {
  const bool decides =
      std::any_of(request.lines.begin(), request.lines.end(),
                  [](const ScriptLine& l) { return l.kind != ScriptLine::Kind::step; });
  if (decides) {
    add_missing_lines(request);
  } else {
    request.lines.clear();
  }
}

}  // namespace poolgauge
