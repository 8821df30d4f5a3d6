// A scenario's text into a value, or every mistake in it.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/json_layout.h"
#include "base/text.h"
#include "poolgauge/scenario.h"
#include "scenario/csv.h"
#include "scenario/files.h"
#include "scenario/read/read_spec.h"
#include "scenario/read/resolve.h"
#include "scenario/read/statement.h"
#include "sqlite/presets/presets.h"

namespace poolgauge {

namespace {

std::vector<std::pair<std::string, std::string>> read_settings(const Node& node) {
  std::vector<std::pair<std::string, std::string>> settings;
  const ObjectReader object(node, "an object with server settings");
  for (const auto& [name, value] : object.members()) {
    const bool good =
        !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string::npos;
    if (!good) {
      node.problems->add({value.pointer, Part::key,
                          "expected the name of a setting: lowercase letters, digits, _, and .",
                          shown_text(name)});
    }
    auto text = read_scalar_as_text(value);
    if (!text) continue;
    if (value.json->is_boolean()) text = value.json->get<bool>() ? "on" : "off";
    if (text->find_first_of("\r\n") != std::string::npos) value.expected("a value on one line");
    const bool digits =
        !text->empty() && text->find_first_not_of("0123456789") == std::string::npos;
    if (name == "max_connections" && !digits) value.expected("a whole number such as 100");
    settings.emplace_back(name, std::move(*text));
  }
  return settings;
}

std::vector<SqlFile> read_sql_files(const Node& node, const std::string& scenario_file) {
  std::vector<SqlFile> files;
  const auto elements = read_list(node, 0, "a list of SQL files");
  if (!elements) return files;
  for (const Node& element : *elements) {
    const auto path = read_text(element, "the name of an SQL file next to the scenario");
    if (!path) continue;
    Result<std::string> content = read_file(beside(scenario_file, *path), kLargestSqlFile);
    if (content.ok()) {
      files.push_back({*path, std::move(content).value()});
    } else {
      element.refuse(
          content.error().message, shown_text(*path), "",
          "paths are relative to the scenario file; looked for " + beside(scenario_file, *path));
    }
  }
  return files;
}

/// For each kind of database a list of its own, or one for both.
void read_data(ObjectReader& data, const std::string& key, const std::string& scenario_file,
               std::vector<SqlFile>& files, std::optional<std::vector<SqlFile>>& on_sqlite) {
  const auto node = data.take(key);
  if (!node) return;
  if (!node->json->is_object()) {
    files = read_sql_files(*node, scenario_file);
    return;
  }
  ObjectReader each(*node);
  if (const auto list = each.take("postgresql")) files = read_sql_files(*list, scenario_file);
  if (const auto list = each.take("sqlite")) on_sqlite = read_sql_files(*list, scenario_file);
  each.finish();
}

SqliteServer read_sqlite(ObjectReader& server) {
  SqliteServer sqlite;
  server.refuse_here({"settings"}, "settings belong to PostgreSQL; SQLite has pragmas");
  if (const auto preset = server.take("preset")) {
    std::vector<std::string> names;
    for (const sqlite::Preset& each : sqlite::presets()) names.push_back(each.name);
    sqlite.preset = read_word(*preset, names).value_or("");
  }
  const auto pragmas = server.take("pragmas");
  if (!pragmas) return sqlite;
  const ObjectReader object(*pragmas, "an object with pragmas");
  for (const auto& [name, value] : object.members()) {
    const std::vector<std::string> known = sqlite::pragma_names();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      value.problems->add({value.pointer, Part::key, "unknown pragma; known are " + listed(known),
                           shown_text(name), nearest_or_empty(name, known)});
      continue;
    }
    const auto text = read_scalar_as_text(value);
    std::string expected;
    const auto sent = sqlite::pragma_value(name, text.value_or(""), expected);
    if (text && !sent) value.expected(expected);
    if (sent) sqlite.pragmas.emplace_back(name, *sent);
  }
  return sqlite;
}

void read_heading(ObjectReader& root, Scenario& scenario) {
  if (const auto schema = root.take("$schema")) read_text(*schema);  // for editors
  if (const auto version = root.require("version", "1")) {
    if (*version->json != 1) version->expected("1 (the only version)");
  }
  if (const auto name = root.require("name", "the scenario's name")) {
    scenario.name = read_name(*name).value_or("");
  }
  if (const auto text = root.take("description")) {
    scenario.description = read_text(*text).value_or("");
  }
}

void read_surroundings(ObjectReader& root, Scenario& scenario) {
  if (const auto server = root.take("server")) {
    ObjectReader object(*server, "an object with settings");
    const auto kind = object.take("kind");
    if (kind && read_word(*kind, {"postgresql", "sqlite"}) == "sqlite") {
      scenario.sqlite = read_sqlite(object);
    } else if (const auto s = object.take("settings")) {
      scenario.server_settings = read_settings(*s);
    }
    object.finish();
  }
  if (const auto data = root.take("data")) {
    ObjectReader object(*data, "an object with setup and teardown");
    read_data(object, "setup", scenario.file, scenario.setup, scenario.setup_on_sqlite);
    read_data(object, "teardown", scenario.file, scenario.teardown, scenario.teardown_on_sqlite);
    object.finish();
  }
}

void read_requests_into(ObjectReader& root, Scenario& scenario) {
  if (const auto variables = root.take("variables")) {
    scenario.variables = read_variables(*variables, scenario.file);
  }
  if (const auto requests = root.require("requests", "a list of requests")) {
    scenario.requests =
        read_requests(*requests, scenario.variables, scenario.deployment, scenario.file);
  }
}

void read_times(ObjectReader& root, Scenario& scenario) {
  if (const auto d = root.take("warmup")) {
    scenario.warmup_auto = *d->json == "auto";
    if (!scenario.warmup_auto) {
      scenario.warmup = read_duration(*d, Zero::allowed).value_or(Duration{0});
    }
  }
  if (const auto d = root.take("duration")) {
    scenario.duration = read_duration(*d, Zero::refused).value_or(scenario.duration);
  }
  if (const auto d = root.take("deadline")) scenario.deadline = read_duration(*d, Zero::refused);
}

/// What comes and goes by a plan of its own has no steady state to wait for.
void check_warmup(const Node& root, const Scenario& scenario) {
  const bool even = std::holds_alternative<ClosedLoad>(scenario.load) ||
                    std::holds_alternative<OpenLoad>(scenario.load);
  if (!scenario.warmup_auto || even) return;
  const Node warmup{&root.json->at("warmup"), "/warmup", root.problems};
  warmup.expected(
      "a duration such as \"5s\" (\"auto\" needs a load with users or a constant rate)");
}

/// Needs the times. Stages and replays have a length of their own, warm-up included.
void read_load_into(ObjectReader& root, Scenario& scenario) {
  const auto load = root.require("load", "users, a rate, a burst, stages, or a replay");
  if (!load) return;
  scenario.load = read_load(*load, {scenario.warmup, scenario.file, scenario.requests});
  const std::optional<Duration> length = own_length(scenario.load);
  if (!length || root.node().json->contains("duration")) return;
  scenario.duration = *length - scenario.warmup;
  if (scenario.duration > Duration{0}) return;
  load->refuse(fmt::format(
      "expected a load that lasts longer than the warm-up ({}), found {}; use a shorter warm-up",
      format_duration(scenario.warmup), format_duration(*length)));
}

Scenario read_document(const Json& document, const std::string& file, Problems& problems) {
  Scenario scenario;
  scenario.file = file;
  ObjectReader root(Node{&document, "", &problems}, "a scenario: an object in { }");
  if (!root.is_object()) return scenario;
  read_heading(root, scenario);
  read_surroundings(root, scenario);
  const auto deployment = root.take("deployment");
  if (deployment) scenario.deployment = read_deployment(*deployment);
  read_requests_into(root, scenario);
  read_times(root, scenario);
  read_load_into(root, scenario);
  check_warmup(Node{&document, "", &problems}, scenario);
  if (deployment) check_pooler(*deployment, scenario);
  if (const auto slo = root.take("slo")) scenario.goals = read_goals(*slo, scenario.requests);
  root.finish();
  return scenario;
}

void add_duplicate_keys(std::string_view text, Problems& problems) {
  for (const DuplicateKey& duplicate : duplicate_keys(text)) {
    const Place first = place_at(text, duplicate.first);
    problems.add({duplicate.pointer, Part::key,
                  fmt::format("duplicate key; it first appears at line {}, column {}", first.line,
                              first.column)});
  }
}

}  // namespace

ScenarioResult parse_scenario(std::string_view text, const std::string& file,
                              const std::vector<Override>& overrides) {
  const std::string checksum = sha256(text);
  text = without_byte_order_mark(text);
  const std::optional<FileForm> form = form_of(text);
  const bool binary = form == FileForm::compressed || form == FileForm::utf16;
  if (binary) {
    return std::vector<Diagnostic>{Diagnostic{
        file, 1, 1, "", "",
        "expected a scenario in JSON, but this looks like " + std::string(name_of(*form)), "",
        cure_of(*form, file)}};
  }
  if (const auto bad = first_bad_byte(text)) {
    return std::vector<Diagnostic>{
        Diagnostic{file, bad->line, bad->byte, "", fmt::format("the byte 0x{:02x}", bad->value),
                   "expected UTF-8 (convert the file: iconv -f LATIN1 -t UTF-8)", ""}};
  }
  std::variant<Json, Diagnostic> parsed = parse_json(text, file);
  if (auto* diagnostic = std::get_if<Diagnostic>(&parsed)) {
    return std::vector<Diagnostic>{std::move(*diagnostic)};
  }
  Json& document = std::get<Json>(parsed);
  if (document.is_object() && document.contains("schema_version")) {
    return std::vector<Diagnostic>{
        Diagnostic{file, 1, 1, "", "", "expected a scenario, but this is a saved report", "",
                   "use a report with poolgauge simulate, report, compare, or gate"}};
  }
  if (document.is_object() && document.contains("error_severity")) {
    return std::vector<Diagnostic>{Diagnostic{
        file, 1, 1, "", "", "expected a scenario, but this looks like a PostgreSQL jsonlog", "",
        cure_of(FileForm::jsonlog, file)}};
  }
  Problems problems;
  AppliedOverrides applied;
  if (document.is_object()) applied = apply_overrides(document, overrides, problems);
  add_duplicate_keys(text, problems);
  Scenario scenario = read_document(document, file, problems);
  if (!problems.empty()) return problems.diagnostics(text, file, applied.sources);
  scenario.sha256 = checksum;
  scenario.flags_note = std::move(applied.note);
  scenario.resolved_json = resolved(scenario);
  return scenario;
}

ScenarioResult load_scenario(const std::string& file, const std::vector<Override>& overrides) {
  const Result<std::string> text = read_file(file, kLargestScenario);
  if (!text.ok()) {
    return std::vector<Diagnostic>{Diagnostic{
        file, 0, 0, "", "", text.error().message, "",
        "give a scenario file or the name of a built-in scenario (poolgauge scenario list)"}};
  }
  return parse_scenario(text.value(), file, overrides);
}

}  // namespace poolgauge
