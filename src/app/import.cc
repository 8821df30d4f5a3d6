// One source becomes the text of a scenario.
#include "app/saved.h"

#include <cstdlib>
#include <filesystem>
#include <utility>
#include <variant>

#include "app/surroundings.h"
#include "base/json_layout.h"
#include "base/quantities.h"
#include "base/visible_text.h"
#include "files/files.h"
#include "pg/target/existing_objects.h"
#include "poolgauge/import.h"
#include "poolgauge/scenario.h"
#include "scenario/csv.h"

namespace poolgauge::app {

namespace fs = std::filesystem;

namespace {

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

/// `file` as a scenario in the folder of `output` names it.
std::string beside_output(const std::string& file, const std::string& output) {
  std::error_code error;
  const fs::path folder = fs::absolute(output.empty() ? "x" : output, error).parent_path();
  const fs::path relative = fs::relative(fs::absolute(file, error), folder, error);
  return error || relative.empty() ? file : relative.string();
}

Result<ImportOptions> import_options(const ImportRequest& wishes) {
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

OrFailure<ImportedScenario> from_pgbench(const ImportRequest& wishes, ImportOptions options) {
  if (!wishes.protocol.empty()) options.protocol = wishes.protocol;
  std::vector<PgbenchFile> files;
  for (const std::string& typed : wishes.builtins) {
    const Result<PgbenchFile> named = weighted("--builtin", typed);
    if (!named.ok()) return named.error();
    std::optional<PgbenchFile> file = pgbench_builtin(named.value().path);
    if (!file) {
      return usage_error("--builtin: expected tpcb-like, simple-update, or select-only, found \"" +
                         named.value().path + "\"");
    }
    file->weight = named.value().weight;
    files.push_back(std::move(*file));
  }
  for (const std::string& typed : wishes.pgbench) {
    Result<PgbenchFile> file = weighted("--pgbench", typed);
    if (!file.ok()) return file.error();
    if (const Status readable = check_script(file.value().path); !readable.ok()) {
      return readable.error();
    }
    files.push_back(std::move(file).value());
    files.back().path = beside_output(files.back().path, wishes.output);
  }
  return import_pgbench(files, options);
}

/// Of a file: with a target that is named, the types of parameters and the keys come from there.
OrFailure<ImportedScenario> from_statistics_file(const ImportRequest& wishes,
                                                 const ImportOptions& options,
                                                 const Context& context) {
  const Result<std::string> content = read_file(wishes.statistics);
  if (!content.ok()) return content.error();
  const Result<Decoded> text = decoded(content.value(), "");
  if (!text.ok()) {
    return usage_error(wishes.statistics + ": " + text.error().message, text.error().hint);
  }
  auto read = read_statistics_file(text.value().text, wishes.statistics);
  if (const auto* problem = std::get_if<Diagnostic>(&read)) return Failure{Error{}, {*problem}};
  auto& server = std::get<ServerStatements>(read);
  std::optional<std::string> conninfo = wishes.target;
  if (!conninfo) conninfo = context.environment("POOLGAUGE_TARGET");
  if (!conninfo) {
    guess_parameters(server);
    return import_statements(server, options);
  }
  const auto described = describe_statements(*conninfo, context.stop, std::move(server));
  if (!described.ok()) return described.error();
  return import_statements(described.value(), options);
}

OrFailure<ImportedScenario> from_statistics(const ImportRequest& wishes,
                                            const ImportOptions& options, const Context& context,
                                            ProgressSink& progress) {
  if (!wishes.statistics.empty()) return from_statistics_file(wishes, options, context);
  TargetOptions target;
  target.conninfo = wishes.target;
  const Result<TargetChoice> choice = chosen_target(target, context.environment);
  if (!choice.ok()) return choice.error();
  progress.note_once(target_note(choice.value()));
  const std::optional<std::string>& conninfo = choice.value().conninfo;
  if (!conninfo) {
    return usage_error("--pg-stat-statements needs a server or a file",
                       "give the server with --target, libpq's PG* variables, or "
                       "DATABASE_URL, or use --pg-stat-statements FILE");
  }
  const Result<ServerStatements> server = read_statement_statistics(*conninfo, context.stop);
  if (!server.ok()) return server.error();
  return import_statements(server.value(), options);
}

OrFailure<ImportedScenario> from_log(const ImportRequest& wishes, ImportOptions options) {
  options.log_line_prefix = wishes.log_line_prefix;
  const LogFormat format = !wishes.csvlog.empty()    ? LogFormat::csv
                           : !wishes.jsonlog.empty() ? LogFormat::json
                                                     : LogFormat::text;
  const std::string& file = !wishes.csvlog.empty()    ? wishes.csvlog
                            : !wishes.jsonlog.empty() ? wishes.jsonlog
                                                      : wishes.stderrlog;
  if (!is_import_file(wishes.output)) {
    return usage_error(
        "importing a log writes two files, so --output is needed",
        "use --output replay.json; the arrival times go into replay.arrivals.csv next to it");
  }
  const Result<std::string> log = read_file(file);
  if (!log.ok()) return log.error();
  const Result<Decoded> text = decoded(log.value(), wishes.encoding);
  if (!text.ok()) {
    const bool of_flag = text.error().message.starts_with("--encoding");
    return usage_error((of_flag ? "" : file + ": ") + text.error().message, text.error().hint);
  }
  auto imported = import_log(text.value().text, file, format, options);
  if (const auto* diagnostic = std::get_if<Diagnostic>(&imported)) {
    return Failure{Error{}, {*diagnostic}};
  }
  auto scenario = std::get<ImportedScenario>(std::move(imported));
  if (!text.value().note.empty()) scenario.notes.push_back(file + ": " + text.value().note);
  return scenario;
}

int count_sources(const ImportRequest& wishes) {
  return int{!wishes.pgbench.empty() || !wishes.builtins.empty()} + int{wishes.pg_stat_statements} +
         int{!wishes.csvlog.empty()} + int{!wishes.jsonlog.empty()} +
         int{!wishes.stderrlog.empty()};
}

/// Options that belong to one source, and a source that is not there.
Status check_source_options(const ImportRequest& wishes) {
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

/// The files, and what is said of them.
OrFailure<Imported> written(ImportedScenario imported, const ImportOptions& options,
                            const ImportRequest& request) {
  Imported made{visible_json(pretty_json(imported.json)) + "\n", "", std::move(imported.notes)};
  if (!imported.arrivals.empty()) {
    made.arrivals = (fs::path(request.output).parent_path() / options.arrivals_file).string();
    if (const Status there = check_new_output(made.arrivals); !there.ok()) return there.error();
    const Status kept = write_new_output(made.arrivals, imported.arrivals);
    if (!kept.ok()) return kept.error();
  }
  const std::string file = request.output.empty() ? "imported.json" : request.output;
  const OrFailure<Scenario> runs = scenario_from_text(made.text, file);
  if (!runs.ok()) {
    if (!made.arrivals.empty()) fs::remove(made.arrivals);
    return runs.failure();
  }
  if (request.output.empty()) return made;
  const Status kept = write_new_output(request.output, made.text);
  if (!kept.ok()) return kept.error();
  return made;
}

}  // namespace

OrFailure<Imported> import_scenario(const ImportRequest& request, const Context& context,
                                    ProgressSink& progress) {
  if (count_sources(request) != 1) {
    return usage_error("scenario import needs exactly one source",
                       "use one of --pgbench FILE..., --builtin NAME..., --pg-stat-statements "
                       "[FILE], --csvlog FILE, --jsonlog FILE, or --stderrlog FILE");
  }
  if (const Status fits = check_source_options(request); !fits.ok()) return fits.error();
  if (const Status there = check_new_output(request.output); !there.ok()) return there.error();
  const Result<ImportOptions> options = import_options(request);
  if (!options.ok()) return options.error();
  const bool pgbench = !request.pgbench.empty() || !request.builtins.empty();
  OrFailure<ImportedScenario> imported =
      pgbench                      ? from_pgbench(request, options.value())
      : request.pg_stat_statements ? from_statistics(request, options.value(), context, progress)
                                   : from_log(request, options.value());
  if (!imported.ok()) return imported.failure();
  return written(std::move(imported).value(), options.value(), request);
}

}  // namespace poolgauge::app
