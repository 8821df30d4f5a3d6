// `scenario new` and `scenario import`: scenarios to start from.
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/visible_text.h"
#include "cli/commands.h"
#include "cli/destination.h"
#include "cli/files.h"
#include "cli/json_layout.h"
#include "cli/load.h"
#include "cli/messages.h"
#include "cli/target_choice.h"
#include "pg/statement_statistics.h"
#include "poolgauge/import.h"
#include "poolgauge/scenario.h"
#include "scenario/encoding.h"

namespace poolgauge::cli {

namespace fs = std::filesystem;

namespace {

/// An import, or the exit status after the reason has been printed.
using Imported = std::variant<ImportedScenario, int>;

/// The name of a scenario in `file`: without folder and ending.
std::string name_after(const std::string& file, const std::string& otherwise) {
  const std::string stem = fs::path(file).stem().string();
  return stem.empty() ? otherwise : stem;
}

/// Whether it is, or will be, a file beside which others can lie.
bool is_file(const std::string& output) {
  if (output.empty()) return false;
  const Result<Destination> destination = destination_of(output);
  return destination.ok() && destination.value().kind == Destination::Kind::whole_file;
}

int print(const std::string& text) {
  const Status printed = print_out(text);
  return printed.ok() ? 0 : fail(printed.error());
}

int write_new(const std::string& file, const std::string& text) {
  const Status written = write_new_output(file, text);
  return written.ok() ? 0 : fail(written.error());
}

/// `file` as a scenario in the folder of `output` names it.
std::string beside_output(const std::string& file, const std::string& output) {
  std::error_code error;
  const fs::path folder = fs::absolute(output.empty() ? "x" : output, error).parent_path();
  const fs::path relative = fs::relative(fs::absolute(file, error), folder, error);
  return error || relative.empty() ? file : relative.string();
}

Result<ImportOptions> import_options(const ImportWishes& wishes) {
  ImportOptions options;
  options.name = !wishes.name.empty() ? wishes.name : name_after(wishes.output, "imported");
  options.scale = wishes.scale;
  options.top = wishes.top;
  for (const std::string& define : wishes.defines) {
    const std::size_t equals = define.find('=');
    if (equals == std::string::npos || equals == 0) {
      return usage_error("--define: expected NAME=VALUE, found \"" + define + "\"");
    }
    options.defines.emplace_back(define.substr(0, equals), define.substr(equals + 1));
  }
  const fs::path arrivals = fs::path(wishes.output).replace_extension(".arrivals.csv");
  options.arrivals_file = arrivals.filename().string();
  return options;
}

Imported from_pgbench(const ImportWishes& wishes, const ImportOptions& options) {
  std::vector<PgbenchFile> files;
  for (const std::string& typed : wishes.pgbench) {
    const std::size_t at = typed.rfind('@');
    PgbenchFile file{typed, 1};
    if (at != std::string::npos && typed.find('/', at) == std::string::npos) {
      char* end = nullptr;
      file.weight = std::strtod(typed.c_str() + at + 1, &end);
      file.path = typed.substr(0, at);
      if (*end != '\0' || end == typed.c_str() + at + 1 || !(file.weight > 0)) {
        return fail(usage_error("--pgbench: expected a weight above 0 after the @, found \"" +
                                typed + "\""));
      }
    }
    if (const Result<std::string> script = read_file(file.path); !script.ok()) {
      return fail(usage_error("--pgbench: " + script.error().message,
                              "give scripts as --pgbench FILE or FILE@WEIGHT"));
    }
    file.path = beside_output(file.path, wishes.output);
    files.push_back(std::move(file));
  }
  return import_pgbench(files, options);
}

Imported from_statistics(const ImportWishes& wishes, const ImportOptions& options,
                         const Context& context) {
  TargetOptions target;
  target.conninfo = wishes.target;
  const Result<TargetChoice> choice = chosen_target(target, context.environment);
  if (!choice.ok()) return fail(choice.error());
  say_target(choice.value(), false);
  const std::optional<std::string>& conninfo = choice.value().conninfo;
  if (!conninfo) {
    return fail(usage_error("--pg-stat-statements needs a server",
                            "name it with --target, libpq's PG* variables, or DATABASE_URL"));
  }
  const Result<ServerStatements> server = read_statement_statistics(*conninfo, context.stop);
  if (!server.ok()) return fail(server.error());
  return import_statements(server.value(), options);
}

Imported from_log(const ImportWishes& wishes, const ImportOptions& options) {
  const bool csv = !wishes.csvlog.empty();
  const std::string& file = csv ? wishes.csvlog : wishes.jsonlog;
  if (!is_file(wishes.output)) {
    return fail(usage_error("a log becomes two files, so the scenario needs a name",
                            "give --output replay.json; the arrivals go beside it"));
  }
  const Result<std::string> log = read_file(file);
  if (!log.ok()) return fail(log.error());
  const Result<Decoded> text = decoded(log.value(), wishes.encoding);
  if (!text.ok()) {
    const bool of_flag = text.error().message.starts_with("--encoding");
    return fail(
        usage_error((of_flag ? "" : file + ": ") + text.error().message, text.error().hint));
  }
  auto imported =
      import_log(text.value().text, file, csv ? LogFormat::csv : LogFormat::json, options);
  if (const auto* diagnostic = std::get_if<Diagnostic>(&imported)) {
    return fail(std::span(diagnostic, 1));
  }
  auto scenario = std::get<ImportedScenario>(std::move(imported));
  if (!text.value().note.empty()) scenario.notes.push_back(file + ": " + text.value().note);
  return scenario;
}

int count_sources(const ImportWishes& wishes) {
  return int{!wishes.pgbench.empty()} + int{wishes.pg_stat_statements} +
         int{!wishes.csvlog.empty()} + int{!wishes.jsonlog.empty()};
}

/// The scenario is read once before it is written, so that none is written that will not run.
int check(const std::string& text, const ImportWishes& wishes) {
  const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
  const std::string file = wishes.output.empty() ? "imported.json" : wishes.output;
  const Loaded loaded = load_text(text, file, {}, nothing);
  const int* status = std::get_if<int>(&loaded);
  return status != nullptr ? *status : 0;
}

int write(const ImportedScenario& imported, const ImportOptions& options,
          const ImportWishes& wishes) {
  const std::string text = visible_json(pretty_json(imported.json)) + "\n";
  std::string arrivals;
  if (!imported.arrivals.empty()) {
    arrivals = (fs::path(wishes.output).parent_path() / options.arrivals_file).string();
    if (const Status there = check_new_output(arrivals); !there.ok()) return fail(there.error());
    if (const int status = write_new(arrivals, imported.arrivals); status != 0) return status;
  }
  if (const int status = check(text, wishes); status != 0) {
    if (!arrivals.empty()) fs::remove(arrivals);
    return status;
  }
  const int status = wishes.output.empty() ? print(text) : write_new(wishes.output, text);
  if (status != 0) return status;
  for (const std::string& note : imported.notes) print_err("note: " + note + "\n");
  if (!wishes.output.empty()) print_err("wrote " + wishes.output + "\n");
  if (!arrivals.empty()) print_err("wrote " + arrivals + "\n");
  return 0;
}

}  // namespace

int new_scenario_command(const ScenarioOptions& options) {
  const std::string file = is_stdout(options.import.output) ? "" : options.import.output;
  const std::string text = starter_scenario(name_after(file, "my-app"));
  if (file.empty()) return print(text);
  if (const Status there = check_new_output(file); !there.ok()) return fail(there.error());
  if (const int status = write_new(file, text); status != 0) return status;
  print_err("wrote " + file + "; try: poolgauge run " + file + "\n");
  return 0;
}

int import_command(const ScenarioOptions& command, const Context& context) {
  ImportWishes wishes = command.import;
  if (is_stdout(wishes.output)) wishes.output.clear();
  if (count_sources(wishes) != 1) {
    return fail(usage_error("scenario import: expected one source",
                            "one of --pgbench FILE..., --pg-stat-statements, --csvlog FILE, "
                            "--jsonlog FILE"));
  }
  if (!wishes.encoding.empty() && wishes.csvlog.empty() && wishes.jsonlog.empty()) {
    return fail(usage_error("--encoding needs a log", "use it with --csvlog or --jsonlog"));
  }
  if (const Status there = check_new_output(wishes.output); !there.ok()) return fail(there.error());
  const Result<ImportOptions> options = import_options(wishes);
  if (!options.ok()) return fail(options.error());
  Imported outcome;
  if (!wishes.pgbench.empty()) {
    outcome = from_pgbench(wishes, options.value());
  } else if (wishes.pg_stat_statements) {
    outcome = from_statistics(wishes, options.value(), context);
  } else {
    outcome = from_log(wishes, options.value());
  }
  if (const int* status = std::get_if<int>(&outcome)) return *status;
  return write(std::get<ImportedScenario>(outcome), options.value(), wishes);
}

}  // namespace poolgauge::cli
