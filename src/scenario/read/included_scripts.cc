// Finding the scripts, and the variables they bring.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "scenario/csv.h"
#include "scenario/files.h"
#include "scenario/read/read_spec.h"
#include "script/expression.h"
#include "sql/sql.h"

namespace poolgauge {

namespace {

constexpr std::size_t kLargestScript = std::size_t{1} << 20U;

using Kind = PgbenchCommand::Kind;
using Names = std::set<std::string, std::less<>>;

/// Every object that includes a script: requests and their steps.
std::vector<Node> including_nodes(const Node& requests) {
  std::vector<Node> found;
  const auto look = [&found](const Node& node) {
    const bool includes = node.json->is_object() && node.json->contains("include");
    if (includes) found.push_back(node);
  };
  if (!requests.json->is_array()) return found;
  for (std::size_t i = 0; i < requests.json->size(); ++i) {
    const Node request = requests.element(i);
    look(request);
    if (!request.json->is_object() || !request.json->contains("steps")) continue;
    const Node steps{&request.json->at("steps"), child_pointer(request.pointer, "steps"),
                     requests.problems};
    if (!steps.json->is_array()) continue;
    for (std::size_t s = 0; s < steps.json->size(); ++s) look(steps.element(s));
  }
  return found;
}

void report(const IncludedScript& script, Problems& problems) {
  for (const PgbenchProblem& p : script.script.problems) {
    const Place place = place_at(script.content, p.offset);
    problems.add_in_file({script.file, place.line, place.column, "",
                          p.found.empty() ? "" : shown_text(p.found), p.message, p.nearest});
  }
}

std::optional<IncludedScript> read_one(const Node& node, const std::string& scenario_file) {
  const Node include{&node.json->at("include"), child_pointer(node.pointer, "include"),
                     node.problems};
  const auto named = read_text(include, "the name of a pgbench script next to the scenario");
  if (!named) return std::nullopt;
  IncludedScript script;
  script.file = weighted_file(*named).file;
  if (node.json->contains("text")) {
    const Node text{&node.json->at("text"), child_pointer(node.pointer, "text"), node.problems};
    script.content = read_text(text, "the script's text").value_or("");
  } else {
    Result<std::string> content = read_file(beside(scenario_file, script.file), kLargestScript);
    if (!content.ok()) {
      include.refuse(content.error().message, shown_text(script.file));
      return std::nullopt;
    }
    script.content = std::move(content).value();
  }
  if (script.content.find('\0') != std::string::npos) {
    include.refuse("this is not a text file: it contains a NUL byte", shown_text(script.file));
    return std::nullopt;
  }
  if (const auto bad = first_bad_byte(script.content)) {
    node.problems->add_in_file(
        {script.file, bad->line, bad->byte, "", fmt::format("the byte 0x{:02x}", bad->value),
         "expected UTF-8 (convert the script: iconv -f LATIN1 -t UTF-8)", ""});
    return std::nullopt;
  }
  script.script = split_pgbench_script(script.content);
  report(script, *node.problems);
  return script;
}

/// Adds the variable, unless there is one of that name.
void add_variable(std::vector<VariableSpec>& variables, std::string name, ScriptVariable value) {
  const bool known = std::any_of(variables.begin(), variables.end(),
                                 [&name](const VariableSpec& v) { return v.name == name; });
  if (!known) variables.push_back({std::move(name), value});
}

void refuse_declared(const IncludedScript& script, const PgbenchCommand& command,
                     const Names& declared, Problems& problems) {
  if (!declared.contains(command.name)) return;
  problems.add_in_file({script.file, command.line, 1, "", shown_text(command.name),
                        "the scenario declares this variable, so a script cannot set it", ""});
}

/// What looks like a variable in the command.
Names named_in(const PgbenchCommand& command) {
  Names names;
  std::size_t at = 0;
  if (command.kind == Kind::sql) {
    for (SqlToken t = next_sql_token(command.text, 0); t.kind != SqlToken::Kind::end;
         t = next_sql_token(command.text, t.end)) {
      if (t.kind != SqlToken::Kind::variable) continue;
      names.insert(command.text.substr(t.begin + 1, t.end - t.begin - 1));
    }
    return names;
  }
  while (true) {
    const ExpressionToken token = next_expression_token(command.text, at);
    if (token.kind == ExpressionToken::Kind::end) return names;
    if (token.kind == ExpressionToken::Kind::variable) names.insert(token.text);
    at = token.end;
  }
}

/// A name that begins like a \gset's columns may be one of them: only the server knows.
void add_columns(std::vector<VariableSpec>& variables, const IncludedScripts& scripts) {
  std::vector<std::string> prefixes;
  Names used;
  for (const auto& [pointer, script] : scripts) {
    for (const PgbenchCommand& command : script.script.commands) {
      if (command.kind == Kind::gset) {
        prefixes.push_back(command.text);
      } else {
        used.merge(named_in(command));
      }
    }
  }
  for (const std::string& name : used) {
    const bool may_be = std::any_of(prefixes.begin(), prefixes.end(), [&name](const auto& prefix) {
      return name.size() > prefix.size() && name.starts_with(prefix);
    });
    if (may_be) add_variable(variables, name, {});
  }
}

}  // namespace

IncludedScripts read_included_scripts(const Node& requests, const std::string& scenario_file,
                                      std::vector<VariableSpec>& variables) {
  IncludedScripts scripts;
  for (const Node& node : including_nodes(requests)) {
    if (auto script = read_one(node, scenario_file)) {
      scripts.emplace(node.pointer, std::move(*script));
    }
  }
  if (scripts.empty()) return scripts;
  Names declared;
  for (const VariableSpec& variable : variables) declared.insert(variable.name);
  for (const auto& [pointer, script] : scripts) {
    for (const PgbenchCommand& command : script.script.commands) {
      if (command.kind != Kind::set) continue;
      refuse_declared(script, command, declared, *requests.problems);
      add_variable(variables, command.name, {});
    }
  }
  add_variable(variables, "scale", {ScriptVariable::Origin::scale});
  add_variable(variables, "client_id", {ScriptVariable::Origin::client_id});
  add_variable(variables, "random_seed", {ScriptVariable::Origin::random_seed});
  add_variable(variables, "default_seed", {ScriptVariable::Origin::default_seed});
  add_columns(variables, scripts);
  return scripts;
}

}  // namespace poolgauge
