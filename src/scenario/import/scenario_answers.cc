// From a few answers to a scenario: checks, defaults, and the file.
#include "scenario/import/scenario_answers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/json_layout.h"
#include "base/quantities.h"
#include "base/text.h"
#include "poolgauge/policies.h"
#include "scenario/goal/goal.h"
#include "scenario/json.h"
#include "scenario/read/statement.h"
#include "sql/sql.h"

namespace poolgauge {

namespace {

constexpr std::uint64_t kMostUsers = 1'000'000;
constexpr std::uint64_t kMostOfFleet = 10'000;

Result<std::string> whole(const std::string& typed, std::uint64_t most) {
  std::uint64_t value = 0;
  const char* const end = typed.data() + typed.size();
  const auto [stop, error] = std::from_chars(typed.data(), end, value);
  if (error == std::errc() && stop == end && value >= 1 && value <= most) return typed;
  return usage_error(
      fmt::format("expected a whole number from 1 to {}, found \"{}\"", most, typed));
}

/// The names that the statement uses as :name.
void collect_variables(const std::string& sql, std::set<std::string>& names) {
  for (std::size_t at = 0; at < sql.size();) {
    const SqlToken token = next_sql_token(sql, at);
    if (token.kind == SqlToken::Kind::end) return;
    if (token.kind == SqlToken::Kind::variable) {
      names.insert(sql.substr(token.begin + 1, token.end - token.begin - 1));
    }
    at = token.end;
  }
}

std::set<std::string> variables_of(const ScenarioAnswers& answers) {
  std::set<std::string> names;
  for (const std::string& sql : answers.statements) collect_variables(sql, names);
  return names;
}

/// The statements, with the other work behind the first.
Json steps_of(const ScenarioAnswers& answers) {
  Json steps = Json::array();
  for (const std::string& sql : answers.statements) {
    steps.push_back({{"name", fmt::format("statement {}", steps.size() + 1)}, {"sql", sql}});
  }
  const bool keeps = !answers.hold.empty();
  if (keeps || !answers.pause.empty()) {
    Json work{{"name", "call"}, {keeps ? "hold" : "pause", keeps ? answers.hold : answers.pause}};
    steps.insert(steps.begin() + 1, std::move(work));
  }
  return steps;
}

Json load_of(const ScenarioAnswers& answers) {
  if (!answers.rate.empty()) return {{"rate", Json::parse(answers.rate)}, {"arrivals", "poisson"}};
  return {{"users", Json::parse(answers.users)}, {"think", answers.think}};
}

using Check = Result<std::string> (*)(const std::string&);

/// Replaces a value by what `check` makes of it; the error begins with the flag.
Status put_checked(const char* flag, std::string& value, Check check) {
  if (value.empty()) return success();
  Result<std::string> good = check(value);
  if (!good.ok()) {
    return usage_error(std::string(flag) + ": " + good.error().message, good.error().hint);
  }
  value = std::move(good).value();
  return success();
}

Status put_checked(const char* flag, std::vector<std::string>& values, Check check) {
  for (std::string& value : values) {
    if (Status one = put_checked(flag, value, check); !one.ok()) return one;
  }
  return success();
}

Status check_pairs(const ScenarioAnswers& answers) {
  if (!answers.users.empty() && !answers.rate.empty()) {
    return usage_error("--users and --rate cannot be used together", "use only one of them");
  }
  if (!answers.rate.empty() && !answers.think.empty()) {
    return usage_error("--think applies only to users", "use --users, or remove --think");
  }
  if (!answers.hold.empty() && !answers.pause.empty()) {
    return usage_error("--hold and --pause cannot be used together",
                       "use --hold if the connection is kept during the call, --pause if not");
  }
  return success();
}

}  // namespace

bool ScenarioAnswers::empty() const {
  return pool.empty() && users.empty() && rate.empty() && think.empty() && processes.empty() &&
         statements.empty() && hold.empty() && pause.empty() && goals.empty();
}

Result<std::string> checked_pool(const std::string& typed) {
  const std::vector<std::string> names = pool_kind_names();
  if (std::find(names.begin(), names.end(), typed) != names.end()) return typed;
  const std::optional<std::string> nearest = nearest_name(typed, names);
  const std::string guess = nearest ? "; did you mean \"" + *nearest + "\"?" : "";
  return usage_error("unknown pool kind \"" + typed + "\"" + guess,
                     fmt::format("expected one of {}", fmt::join(names, ", ")));
}

Result<std::string> checked_users(const std::string& typed) {
  return whole(typed, kMostUsers);
}

Result<std::string> checked_rate(const std::string& typed) {
  const std::string number = typed.ends_with("/s") ? typed.substr(0, typed.size() - 2) : typed;
  const Json value = Json::parse(number, nullptr, false);
  constexpr double kSlowest = 0.001;
  constexpr double kFastest = 1'000'000;
  const bool good =
      value.is_number() && value.get<double>() >= kSlowest && value.get<double>() <= kFastest;
  if (good) return number;
  return usage_error("expected requests per second, such as 200, found \"" + typed + "\"");
}

Result<std::string> checked_processes(const std::string& typed) {
  return whole(typed, kMostOfFleet);
}

Result<std::string> checked_time(const std::string& typed) {
  const Result<Duration> read = parse_duration(typed);
  if (read.ok()) return typed;
  const std::string guess =
      parse_duration(typed + "ms").ok() ? "; did you mean \"" + typed + "ms\"?" : "";
  return usage_error(read.error().message + ", found \"" + typed + "\"" + guess);
}

Result<std::string> checked_statement(const std::string& typed) {
  std::set<std::string> names;
  collect_variables(typed, names);
  const auto parsed = parse_statement(typed, {names.begin(), names.end()});
  const auto* problem = std::get_if<StatementProblem>(&parsed);
  if (problem == nullptr) return typed;
  Diagnostic d;
  d.message = fmt::format("at character {}: {}", problem->character, problem->message);
  d.found = problem->found;
  return usage_error(to_text(d));
}

Result<std::string> checked_goal(const std::string& typed) {
  const Result<Goal> read = parse_goal(typed);
  if (read.ok()) return typed;
  const std::string meant = suggested_goal(typed);
  if (!meant.empty() && parse_goal(meant).ok()) return meant;
  return usage_error(read.error().message, read.error().hint);
}

const ScenarioAnswers& usual_answers() {
  static const ScenarioAnswers usual = [] {
    ScenarioAnswers answers;
    answers.pool = PoolSpec().kind;
    answers.users = "20";
    answers.think = "0s";
    answers.processes = "1";
    answers.statements = {"SELECT 1"};
    answers.goals = {"p95(latency) < 500ms"};
    return answers;
  }();
  return usual;
}

Result<ScenarioAnswers> complete(ScenarioAnswers answers) {
  if (const Status fits = check_pairs(answers); !fits.ok()) return fits.error();
  for (const Status& one : {put_checked("--pool", answers.pool, checked_pool),
                            put_checked("--users", answers.users, checked_users),
                            put_checked("--rate", answers.rate, checked_rate),
                            put_checked("--think", answers.think, checked_time),
                            put_checked("--processes", answers.processes, checked_processes),
                            put_checked("--statement", answers.statements, checked_statement),
                            put_checked("--hold", answers.hold, checked_time),
                            put_checked("--pause", answers.pause, checked_time),
                            put_checked("--goal", answers.goals, checked_goal)}) {
    if (!one.ok()) return one.error();
  }
  const ScenarioAnswers& usual = usual_answers();
  if (answers.pool.empty()) answers.pool = usual.pool;
  if (answers.rate.empty() && answers.users.empty()) answers.users = usual.users;
  if (answers.think.empty()) answers.think = usual.think;
  if (answers.processes.empty()) answers.processes = usual.processes;
  if (answers.statements.empty()) answers.statements = usual.statements;
  if (answers.goals.empty()) answers.goals = usual.goals;
  return answers;
}

std::string scenario_text(const std::string& name, const ScenarioAnswers& answers) {
  Json root{{"version", 1}, {"name", name}};
  root["description"] = "Describe what this load represents";
  for (const std::string& variable : variables_of(answers)) {
    root["variables"][variable] = {{"uniform", {1, 1000}}};
  }
  // Without a transaction the connection can be released between two statements.
  Json request{
      {"name", "request"}, {"transaction", answers.pause.empty()}, {"steps", steps_of(answers)}};
  root["requests"] = Json::array({std::move(request)});
  root["load"] = load_of(answers);
  root["warmup"] = "2s";
  root["duration"] = "20s";
  root["deadline"] = "10s";
  root["deployment"] = {{"instances", 1},
                        {"processes", Json::parse(answers.processes)},
                        {"pool", {{"kind", answers.pool}}}};
  root["slo"] = answers.goals;
  return pretty_json(root.dump()) + "\n";
}

}  // namespace poolgauge
