// Prepares statements and turns what the server says into places in the scenario.
#include "pg/target/target_info.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "pg/session/control_connection.h"
#include "sql/sql.h"

namespace poolgauge {
namespace {

constexpr std::size_t kShownMax = 20;  ///< statements; the rest is counted

struct Failures {
  std::vector<std::string> texts;
  std::vector<StatementTrouble> troubles;  ///< the same, in their parts
  bool missing_name = false;
  bool unknown_type = false;
  bool missing_table = false;
  bool of_script = false;  ///< of a pgbench script that is not sent by the simple protocol
  bool no_right = false;
};

/// pgbench itself puts values into the text unless it is told otherwise.
bool is_of_parsed_script(const RequestSpec& request, std::size_t step) {
  return std::any_of(request.includes.begin(), request.includes.end(),
                     [step](const Include& include) {
                       return include.protocol != Protocol::simple && step >= include.first_step &&
                              step < include.first_step + include.steps;
                     });
}

std::string first_word(std::string_view sql) {
  const SplitSql split = split_sql(sql);
  if (split.pieces.empty()) return "";
  std::string word;
  for (const char c : split.pieces.front().text) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) break;
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return word;
}

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& known) {
  return std::find(known.begin(), known.end(), text) != known.end();
}

/// Undefined schema, table, column, function or other object.
bool is_missing_name(std::string_view sqlstate) {
  constexpr std::array<std::string_view, 6> kStates = {"42P01", "42703", "42883",
                                                       "42704", "3F000", "26000"};
  return is_one_of(sqlstate, kStates);
}

/// After it, names may mean something else than they mean now.
bool changes_names(const std::string& word) {
  constexpr std::array<std::string_view, 5> kWords = {"create", "alter", "drop", "set", "prepare"};
  return is_one_of(word, kWords);
}

/// Simple protocol puts values into the text, so what cannot take parameters or holds several
/// statements still runs; only a single plain query is comparable.
bool can_judge(const Step& step, const std::string& word) {
  if (step.protocol != Protocol::simple) return true;
  if (step.verbatim && !step.sql.variables.empty()) return false;
  constexpr std::array<std::string_view, 7> kWords = {"select", "insert", "update", "delete",
                                                      "merge",  "with",   "values"};
  return split_sql(step.sql.text).pieces.size() == 1 && is_one_of(word, kWords);
}

/// "$2" in the server's words, as the scenario names it: " ($2 is :body)".
std::string parameter_names(const Scenario& scenario, const Statement& statement,
                            const std::string& message) {
  std::string names;
  for (std::size_t i = 0; i < statement.variables.size(); ++i) {
    const std::string parameter = fmt::format("${}", i + 1);
    const std::size_t at = message.find(parameter);
    if (at == std::string::npos) continue;
    const std::size_t end = at + parameter.size();
    if (end < message.size() && std::isdigit(static_cast<unsigned char>(message[end])) != 0) {
      continue;
    }
    names +=
        fmt::format(" ({} is :{})", parameter, scenario.variables.at(statement.variables[i]).name);
  }
  return names;
}

std::string describe_failure(const Scenario& scenario, const RequestSpec& request, const Step& step,
                             const ServerComplaint& complaint) {
  std::string text =
      fmt::format("{}: request \"{}\" step \"{}\": {}{}", scenario.file, request.name, step.name,
                  complaint.message, parameter_names(scenario, step.sql, complaint.message));
  if (complaint.position > 0) {
    const std::size_t position = step.sql.source_position(complaint.position);
    text += "\n" + caret_lines(step.sql.source, offset_of_character(step.sql.source, position));
  }
  if (!complaint.detail.empty()) text += "\n  " + complaint.detail;
  if (!complaint.hint.empty()) text += "\n  " + complaint.hint;
  return text;
}

std::string hint_for(const Failures& failures) {
  if (failures.no_right) return "grant the role the missing permission";
  if (failures.of_script && !failures.missing_table) {
    return "pgbench uses the simple protocol; add \"protocol\": \"simple\" next to the script's "
           "\"include\"";
  }
  if (failures.unknown_type)
    return "add a type to the variable in the statement, for example :name::int";
  if (failures.missing_name) {
    return "check that data.setup creates it and that the database and search_path are right";
  }
  return "";
}

Error all_failures(const Failures& failures) {
  std::string message;
  for (std::size_t i = 0; i < failures.texts.size() && i < kShownMax; ++i) {
    message += (i > 0 ? "\n" : "") + failures.texts[i];
  }
  if (failures.texts.size() > kShownMax) {
    message += fmt::format("\nand {} more", failures.texts.size() - kShownMax);
  }
  const ErrorKind kind = failures.no_right ? ErrorKind::target : ErrorKind::usage;
  return Error{kind, message, hint_for(failures)};
}

constexpr const char* kChecked = "poolgauge_check";

/// The server plans a prepared statement as for a run, which checks the role's rights; nothing is
/// executed. What else it complains of is left to the run: the values are not those of the run.
ControlReply check_rights(ControlConnection& connection, const Step& step) {
  std::string values;
  for (std::size_t i = 0; i < step.sql.variables.size(); ++i) values += i > 0 ? ", NULL" : "NULL";
  ControlReply planned = connection.run(
      fmt::format("EXPLAIN EXECUTE {}{}", kChecked, values.empty() ? "" : "(" + values + ")"));
  if (planned.ending == ControlReply::Ending::failed && planned.complaint.sqlstate != "42501") {
    planned = ControlReply{};
  }
  connection.run(fmt::format("DEALLOCATE {}", kChecked));
  return planned;
}

/// Adds what is wrong with the request's statements; an error only when the connection ended.
Status check_request(ControlConnection& connection, const Scenario& scenario,
                     const RequestSpec& request, const StatementChecks& checks,
                     Failures& failures) {
  bool names_changed = false;
  for (const Step& step : request.steps) {
    if (step.kind != StepKind::sql) continue;
    const std::string word = first_word(step.sql.text);
    const bool names_uncertain = names_changed;
    names_changed = names_changed || changes_names(word);
    if ((checks.pool && step.pool != *checks.pool) || !can_judge(step, word)) continue;
    ControlReply reply = connection.prepare(step.sql.text, checks.rights ? kChecked : "");
    if (reply.ok() && checks.rights) reply = check_rights(connection, step);
    if (reply.ok()) continue;
    if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
    if (reply.ending == ControlReply::Ending::lost) {
      return Error{ErrorKind::target,
                   fmt::format("the server {} while it checked request \"{}\" step \"{}\"\n  {}",
                               reply.silent ? "did not answer" : "ended the connection",
                               request.name, step.name, reply.complaint.message),
                   reply.silent
                       ? "check whether the server hangs or a table of the statement is locked"
                       : ""};
    }
    const std::string& state = reply.complaint.sqlstate;
    if (names_uncertain && is_missing_name(state)) continue;
    if (step.protocol == Protocol::simple && state == "42P18") continue;
    failures.no_right = failures.no_right || state == "42501";
    failures.missing_name = failures.missing_name || is_missing_name(state);
    failures.missing_table = failures.missing_table || state == "42P01" || state == "3F000";
    const auto index = static_cast<std::size_t>(&step - request.steps.data());
    failures.of_script = failures.of_script || is_of_parsed_script(request, index);
    failures.unknown_type = failures.unknown_type || state == "42P18";
    failures.texts.push_back(describe_failure(scenario, request, step, reply.complaint));
    failures.troubles.push_back({fmt::format("request \"{}\" step \"{}\"", request.name, step.name),
                                 reply.complaint.message, state, is_missing_name(state)});
  }
  return success();
}

Status find_failures(const std::string& conninfo, const Scenario& scenario, const StopFlag& stop,
                     const StatementChecks& checks, Failures& failures) {
  Result<ControlConnection> connection = ControlConnection::open(conninfo, stop);
  if (!connection) return connection.error();
  if (checks.gently) {
    connection.value().run(
        "SET default_transaction_read_only = on; SET statement_timeout = '3s'; "
        "SET lock_timeout = '200ms'; SET idle_in_transaction_session_timeout = '10s'");
  }
  for (const RequestSpec& request : scenario.requests) {
    if (stop.requested()) return interrupted_error();
    const Status status = check_request(connection.value(), scenario, request, checks, failures);
    if (!status) return status;
  }
  return success();
}

}  // namespace

Status check_statements(const std::string& conninfo, const Scenario& scenario, const StopFlag& stop,
                        const StatementChecks& checks) {
  Failures failures;
  const Status found = find_failures(conninfo, scenario, stop, checks, failures);
  if (!found.ok() || failures.texts.empty()) return found;
  return all_failures(failures);
}

Result<std::vector<StatementTrouble>> statement_troubles(const std::string& conninfo,
                                                         const Scenario& scenario,
                                                         const StopFlag& stop,
                                                         const StatementChecks& checks) {
  Failures failures;
  const Status found = find_failures(conninfo, scenario, stop, checks, failures);
  if (!found.ok()) return found.error();
  return std::move(failures.troubles);
}

}  // namespace poolgauge
