// `scenario import`: scenarios from what other programs keep.
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "app/target_choice.h"
#include "base/file_form.h"
#include "base/visible_text.h"
#include "cli/commands/commands.h"
#include "cli/commands/load.h"
#include "cli/shell/destination.h"
#include "cli/shell/files.h"
#include "cli/shell/json_layout.h"
#include "cli/shell/messages.h"
#include "pg/target/statement_statistics.h"
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
bool is_import_file(const std::string& output) {
  if (output.empty()) return false;
  const Result<Destination> destination = destination_of(output);
  return destination.ok() && destination.value().kind == Destination::Kind::whole_file;
}

int print_import(const std::string& text) {
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

/// "select.sql@9": the name and its weight.
Result<PgbenchFile> weighted(const char* flag, const std::string& typed) {
  const std::size_t at = typed.rfind('@');
  PgbenchFile file{typed, 1};
  if (at == std::string::npos || typed.find('/', at) != std::string::npos) return file;
  char* end = nullptr;
  file.weight = std::strtod(typed.c_str() + at + 1, &end);
  file.path = typed.substr(0, at);
  if (*end == '\0' && end != typed.c_str() + at + 1 && file.weight > 0) return file;
  return usage_error(std::string(flag) + ": expected a weight above 0 after the @, found \"" +
                     typed + "\"");
}

/// That the file can be read, and is no log.
Status check_script(const std::string& file) {
  const Result<std::string> script = read_file(file);
  if (!script.ok()) {
    return usage_error("--pgbench: " + script.error().message,
                       "use --pgbench FILE or --pgbench FILE@WEIGHT");
  }
  const std::optional<FileForm> form = form_of(script.value());
  const char* const flag = form == FileForm::server_log ? "--stderrlog"
                           : form == FileForm::csvlog   ? "--csvlog"
                           : form == FileForm::jsonlog  ? "--jsonlog"
                                                        : nullptr;
  if (flag == nullptr) return success();
  return usage_error("--pgbench " + file + ": expected a pgbench script, but this looks like " +
                         std::string(name_of(*form)),
                     std::string("use ") + flag + " " + file + " --output replay.json");
}

Imported from_pgbench(const ImportWishes& wishes, ImportOptions options) {
  if (!wishes.protocol.empty()) options.protocol = wishes.protocol;
  std::vector<PgbenchFile> files;
  for (const std::string& typed : wishes.builtins) {
    const Result<PgbenchFile> named = weighted("--builtin", typed);
    if (!named.ok()) return fail(named.error());
    std::optional<PgbenchFile> file = pgbench_builtin(named.value().path);
    if (!file) {
      return fail(
          usage_error("--builtin: expected tpcb-like, simple-update, or select-only, found \"" +
                      named.value().path + "\""));
    }
    file->weight = named.value().weight;
    files.push_back(std::move(*file));
  }
  for (const std::string& typed : wishes.pgbench) {
    Result<PgbenchFile> file = weighted("--pgbench", typed);
    if (!file.ok()) return fail(file.error());
    if (const Status readable = check_script(file.value().path); !readable.ok()) {
      return fail(readable.error());
    }
    files.push_back(std::move(file).value());
    files.back().path = beside_output(files.back().path, wishes.output);
  }
  return import_pgbench(files, options);
}

/// Of a file: with a target that is named, the types of parameters and the keys come from there.
Imported from_statistics_file(const ImportWishes& wishes, const ImportOptions& options,
                              const Context& context) {
  const Result<std::string> content = read_file(wishes.statistics);
  if (!content.ok()) return fail(content.error());
  const Result<Decoded> text = decoded(content.value(), "");
  if (!text.ok()) {
    return fail(usage_error(wishes.statistics + ": " + text.error().message, text.error().hint));
  }
  auto read = read_statistics_file(text.value().text, wishes.statistics);
  if (const auto* problem = std::get_if<Diagnostic>(&read)) return fail(std::span(problem, 1));
  auto& server = std::get<ServerStatements>(read);
  std::optional<std::string> conninfo = wishes.target;
  if (!conninfo) conninfo = context.environment("POOLGAUGE_TARGET");
  if (!conninfo) {
    guess_parameters(server);
    return import_statements(server, options);
  }
  const auto described = describe_statements(*conninfo, context.stop, std::move(server));
  if (!described.ok()) return fail(described.error());
  return import_statements(described.value(), options);
}

Imported from_statistics(const ImportWishes& wishes, const ImportOptions& options,
                         const Context& context) {
  if (!wishes.statistics.empty()) return from_statistics_file(wishes, options, context);
  TargetOptions target;
  target.conninfo = wishes.target;
  const Result<TargetChoice> choice = chosen_target(target, context.environment);
  if (!choice.ok()) return fail(choice.error());
  print_err_once(target_note(choice.value()));
  const std::optional<std::string>& conninfo = choice.value().conninfo;
  if (!conninfo) {
    return fail(usage_error("--pg-stat-statements needs a server or a file",
                            "give the server with --target, libpq's PG* variables, or "
                            "DATABASE_URL, or use --pg-stat-statements FILE"));
  }
  const Result<ServerStatements> server = read_statement_statistics(*conninfo, context.stop);
  if (!server.ok()) return fail(server.error());
  return import_statements(server.value(), options);
}

Imported from_log(const ImportWishes& wishes, ImportOptions options) {
  options.log_line_prefix = wishes.log_line_prefix;
  const LogFormat format = !wishes.csvlog.empty()    ? LogFormat::csv
                           : !wishes.jsonlog.empty() ? LogFormat::json
                                                     : LogFormat::text;
  const std::string& file = !wishes.csvlog.empty()    ? wishes.csvlog
                            : !wishes.jsonlog.empty() ? wishes.jsonlog
                                                      : wishes.stderrlog;
  if (!is_import_file(wishes.output)) {
    return fail(usage_error(
        "importing a log writes two files, so --output is needed",
        "use --output replay.json; the arrival times go into replay.arrivals.csv next to it"));
  }
  const Result<std::string> log = read_file(file);
  if (!log.ok()) return fail(log.error());
  const Result<Decoded> text = decoded(log.value(), wishes.encoding);
  if (!text.ok()) {
    const bool of_flag = text.error().message.starts_with("--encoding");
    return fail(
        usage_error((of_flag ? "" : file + ": ") + text.error().message, text.error().hint));
  }
  auto imported = import_log(text.value().text, file, format, options);
  if (const auto* diagnostic = std::get_if<Diagnostic>(&imported)) {
    return fail(std::span(diagnostic, 1));
  }
  auto scenario = std::get<ImportedScenario>(std::move(imported));
  if (!text.value().note.empty()) scenario.notes.push_back(file + ": " + text.value().note);
  return scenario;
}

int count_sources(const ImportWishes& wishes) {
  return int{!wishes.pgbench.empty() || !wishes.builtins.empty()} + int{wishes.pg_stat_statements} +
         int{!wishes.csvlog.empty()} + int{!wishes.jsonlog.empty()} +
         int{!wishes.stderrlog.empty()};
}

/// Options that belong to one source, and a source that is not there.
Status check_source_options(const ImportWishes& wishes) {
  const bool log = !wishes.csvlog.empty() || !wishes.jsonlog.empty() || !wishes.stderrlog.empty();
  if (!wishes.encoding.empty() && !log) {
    return usage_error("--encoding applies only to logs",
                       "use it with --csvlog, --jsonlog, or --stderrlog");
  }
  if (!wishes.log_line_prefix.empty() && wishes.stderrlog.empty()) {
    return usage_error("--log-line-prefix applies only to text logs", "use it with --stderrlog");
  }
  if (!wishes.protocol.empty() && wishes.pgbench.empty() && wishes.builtins.empty()) {
    return usage_error("--protocol applies only to pgbench scripts",
                       "use it with --pgbench or --builtin");
  }
  return success();
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
  const int status = wishes.output.empty() ? print_import(text) : write_new(wishes.output, text);
  if (status != 0) return status;
  for (const std::string& note : imported.notes) {
    print_err((note.starts_with("warning: ") ? "" : "note: ") + note + "\n");
  }
  if (!wishes.output.empty()) print_err("wrote " + wishes.output + "\n");
  if (!arrivals.empty()) print_err("wrote " + arrivals + "\n");
  return 0;
}

}  // namespace

int import_command(const ScenarioOptions& command, const Context& context) {
  ImportWishes wishes = command.import;
  if (is_stdout(wishes.output)) wishes.output.clear();
  if (count_sources(wishes) != 1) {
    return fail(usage_error("scenario import needs exactly one source",
                            "use one of --pgbench FILE..., --builtin NAME..., --pg-stat-statements "
                            "[FILE], --csvlog FILE, --jsonlog FILE, or --stderrlog FILE"));
  }
  if (const Status fits = check_source_options(wishes); !fits.ok()) return fail(fits.error());
  if (const Status there = check_new_output(wishes.output); !there.ok()) return fail(there.error());
  const Result<ImportOptions> options = import_options(wishes);
  if (!options.ok()) return fail(options.error());
  Imported outcome;
  if (!wishes.pgbench.empty() || !wishes.builtins.empty()) {
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
