// Registration of all options with CLI11.
#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <charconv>

#include "cli/choices.h"
#include "cli/formats.h"
#include "cli/overrides.h"
#include "poolgauge/policies.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kCommands = "Commands";
constexpr const char* kOutput = "Output";
constexpr const char* kTarget = "Database";

/// Accepts whole numbers in [low, high] and says so when it is none.
CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
  const auto check = [low, high](std::string& text) -> std::string {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end && value >= low && value <= high) return {};
    return "expected a whole number from " + std::to_string(low) + " to " + std::to_string(high) +
           ", found \"" + text + "\"";
  };
  return CLI::Validator(check, "");
}

void add_output(CLI::App& command, OutputOptions& output) {
  command.add_option("--out", output.directory, "where the report goes (default: reports)")
      ->type_name("DIR")
      ->envname("POOLGAUGE_OUT")
      ->group(kOutput);
  add_report_files(command, output);
  command
      .add_option("--label", output.label,
                  "what this state of things is called in comparisons and the\nhistory")
      ->type_name("TEXT")
      ->envname("POOLGAUGE_LABEL")
      ->group(kOutput);
  command
      .add_flag("--quiet", output.quiet,
                "neither progress nor summary; where the status is not 0, one line that\n"
                "says why, on standard error")
      ->group(kOutput);
  add_terminal(command, output);
  command.add_option("--progress", output.progress, "auto, plain or none")
      ->check(one_of({"auto", "plain", "none"}))
      ->type_name("HOW")
      ->group(kOutput);
}

void add_seed(CLI::App& command, std::uint64_t& seed) {
  command.add_option("--seed", seed, "start of everything random (default: 1)")
      ->check(whole_number(0, UINT64_MAX))
      ->type_name("N")
      ->envname("POOLGAUGE_SEED");
}

void add_threads(CLI::App& command, unsigned& threads, const char* help) {
  constexpr std::uint64_t kMost = 1024;
  command.add_option("--threads", threads, help)
      ->check(whole_number(1, kMost))
      ->type_name("N")
      ->envname("POOLGAUGE_THREADS");
}

/// What completion offers for a key; the scenario's reader decides what is right.
std::vector<std::string> names_for(const OverrideName& name) {
  const std::string_view key = name.key == nullptr ? "" : name.key;
  std::vector<std::string> names;
  if (key == "arrivals") names = {"poisson", "constant"};
  if (key != "pool") return names;
  for (const KindInfo* kind : pool_kinds()) names.push_back(kind->name);
  return names;
}

void add_override(CLI::App& command, const OverrideName& name, std::vector<std::string>& values) {
  if (name.shape == FlagShape::boolean) {
    command.add_flag(name.flag, values, name.help)->group(name.group);
    return;
  }
  command.add_option(name.flag, values, name.help)
      ->allow_extra_args(false)
      ->check(offer(names_for(name)))
      ->type_name(name.value_name)
      ->group(name.group);
}

void add_overrides(CLI::App& command, FlagValues& flags) {
  const std::span<const OverrideName> names = override_names();
  flags.by_row.resize(names.size());  // before the options point into it
  for (std::size_t row = 0; row < names.size(); ++row) {
    add_override(command, names[row], flags.by_row[row]);
  }
}

void add_file(CLI::App& command, const char* name, std::string& file, const char* help) {
  command.add_option(name, file, help)->required()->type_name("");
}

void add_scenario_file(CLI::App& command, const char* name, std::string& file, const char* help) {
  add_file(command, name, file, help);
  command.get_option(name)->check(offer_scenarios());
}

}  // namespace

void add_requested_files(CLI::App& command, OutputOptions& output) {
  command.add_option("--json", output.json, "also write the report as JSON; - is standard output")
      ->type_name("FILE")
      ->group(kOutput);
  command.add_option("--markdown", output.markdown, "the same as Markdown")
      ->type_name("FILE")
      ->group(kOutput);
}

void add_report_files(CLI::App& command, OutputOptions& output) {
  for (const ReportFormat& format : report_formats()) {
    command.add_option(std::string("--") + format.name, output.*format.path, format.help)
        ->type_name("FILE")
        ->group(kOutput);
  }
}

void add_terminal(CLI::App& command, OutputOptions& output) {
  command.add_flag("--explain", output.explain, "say what each figure means")->group(kOutput);
  command.add_flag("--no-color", output.no_color, "no colours (as does NO_COLOR)")->group(kOutput);
}

void add_measuring(CLI::App& command, RunOptions& options) {
  add_scenario_file(command, "SCENARIO", options.scenario,
                    "a scenario file, or the name of a shipped one");
  command
      .add_option("--target", options.target.conninfo,
                  "libpq URI or keywords; PG* variables and .pgpass work as with psql,\n"
                  "then DATABASE_URL (Env:POOLGAUGE_TARGET)")
      ->type_name("CONNINFO")
      ->group(kTarget);
  command
      .add_option("--replica-target", options.target.replica,
                  "the same for pools with \"target\": \"replica\": a streaming standby\n"
                  "(Env:POOLGAUGE_REPLICA_TARGET)")
      ->type_name("CONNINFO")
      ->group(kTarget);
  command.add_flag("--embedded", options.target.embedded, "a throwaway PostgreSQL, in any case")
      ->group(kTarget);
  command.add_flag("--no-probe", options.no_probe, "do not sample the server's own statistics")
      ->group(kTarget);
  add_seed(command, options.seed);
  add_threads(command, options.threads, "worker threads (default: the machine's cores)");
  add_overrides(command, options.flags);
  add_output(command, options.output);
}

void add_run(CLI::App& app, RunOptions& options) {
  CLI::App& command = *app.add_subcommand("run", "measure one deployment under load");
  command.group(kCommands);
  command.footer(
      "Without --target, PG* variables, and DATABASE_URL a throwaway PostgreSQL is started and\n"
      "removed; --embedded asks for it in any case.\n"
      "Every key of the scenario that has a flag also has a variable: POOLGAUGE_USERS=50.\n\n"
      "Example:\n"
      "  poolgauge run chat-100 --pool-size 20 --max-overflow 40\n"
      "  poolgauge run scenarios/chat-100.json --target postgresql://app@db.example/app");
  add_measuring(command, options);
}

void add_simulate(CLI::App& app, SimulateOptions& options) {
  CLI::App& command =
      *app.add_subcommand("simulate", "play a scenario on a virtual clock, without a database");
  command.group(kCommands);
  command.footer(
      "FILE may be a report: then its own settings and what its statements cost are played again,\n"
      "with the flags in place of what they name; each figure comes with the interval in which a\n"
      "measured run is expected nine times in ten, and what lies beyond the measured range is "
      "named. Of a scenario it knows only the costs that it is given, and judges no goal on time\n"
      "without them.\n\n"
      "Example:\n"
      "  poolgauge simulate chat-100 --pool-size 40\n"
      "  poolgauge simulate my-app.json --calibrate\n"
      "  poolgauge simulate reports/chat-100-20260131T120000Z.json --users 200\n"
      "  poolgauge simulate reports/chat-100-20260131T120000Z.json --release-during model");
  add_scenario_file(command, "FILE", options.file,
                    "a scenario, the name of a shipped one, or a report");
  add_seed(command, options.seed);
  command.get_option("--seed")->each([&options](const std::string&) { options.seed_given = true; });
  constexpr std::uint64_t kMostCores = 4096;
  command
      .add_option("--cores", options.cores, "processor cores of the modelled server (default: 2)")
      ->check(whole_number(1, kMostCores))
      ->type_name("N");
  command
      .add_option("--release-during", options.release_during,
                  "give the connection back during this hold step, with the transaction ended\n"
                  "before it and another begun after it; repeatable")
      ->allow_extra_args(false)
      ->type_name("STEP");
  add_costs(command, "", options.costs);
  add_threads(command, options.threads, "taken as in run; a simulation needs one thread");
  command
      .add_option("--target", options.target,
                  "with --calibrate: where the costs are measured; as in run")
      ->type_name("CONNINFO")
      ->group(kTarget);
  command
      .add_flag("--embedded", options.embedded,
                "with --calibrate: on a throwaway PostgreSQL, in any case")
      ->group(kTarget);
  add_overrides(command, options.flags);
  add_output(command, options.output);
}

void add_report(CLI::App& app, ReportOptions& options) {
  CLI::App& command = *app.add_subcommand("report", "show a saved report again");
  command.group(kCommands);
  command.footer(
      "Example:\n"
      "  poolgauge report reports/chat-100-20260131T120000Z.json\n"
      "  poolgauge report after.json --beside before.json\n"
      "  poolgauge report after.json --junit goals.xml --format markdown");
  add_file(command, "REPORT", options.report, "a report's JSON file");
  command.add_option("--beside", options.beside, "an earlier report to show beside it")
      ->type_name("OTHER");
  std::vector<std::string> forms{"text"};
  for (const ReportFormat& format : report_formats()) forms.emplace_back(format.name);
  command
      .add_option("--format", options.format, "text, or a form below by its name (default: text)")
      ->check(one_of(forms))
      ->type_name("FORMAT");
  add_report_files(command, options.output);
  add_terminal(command, options.output);
}

void add_merge(CLI::App& app, MergeOptions& options) {
  CLI::App& command =
      *app.add_subcommand("merge", "join the parts of one run that several machines made");
  command.group(kCommands);
  command.footer(
      "Each machine runs the same scenario with its own --seed; requests, failures and histograms\n"
      "add up exactly, and the goals are judged anew.\n\n"
      "Example:\n"
      "  poolgauge merge machine-1.json machine-2.json --json whole.json");
  command.add_option("REPORT", options.reports, "the parts' JSON files")->required()->type_name("");
  add_output(command, options.output);
}

namespace {

constexpr const char* kSource = "Source";

void add_pgbench_source(CLI::App& command, ImportWishes& wishes) {
  command.add_option("--pgbench", wishes.pgbench, "pgbench scripts, each perhaps with its @WEIGHT")
      ->type_name("FILE...")
      ->group(kSource);
  command
      .add_option("--builtin,-b", wishes.builtins,
                  "pgbench's own scripts, as its -b: tpcb-like, simple-update, select-only, each\n"
                  "perhaps with its @WEIGHT")
      ->type_name("NAME...")
      ->group(kSource);
  command
      .add_option("--protocol,-M", wishes.protocol,
                  "of pgbench scripts, as its -M: simple, extended, prepared (default: simple)")
      ->check(one_of({"simple", "extended", "prepared"}))
      ->type_name("PROTOCOL")
      ->group(kSource);
}

void add_log_source(CLI::App& command, ImportWishes& wishes) {
  command.add_option("--csvlog", wishes.csvlog, "a server's log, log_destination = csvlog")
      ->type_name("FILE")
      ->group(kSource);
  command.add_option("--jsonlog", wishes.jsonlog, "the same, log_destination = jsonlog")
      ->type_name("FILE")
      ->group(kSource);
  command.add_option("--stderrlog", wishes.stderrlog, "the same as text, log_destination = stderr")
      ->type_name("FILE")
      ->group(kSource);
  command
      .add_option("--log-line-prefix", wishes.log_line_prefix,
                  "for --stderrlog: the server's log_line_prefix (default: detected)")
      ->type_name("PREFIX")
      ->group(kSource);
  command
      .add_option("--encoding", wishes.encoding,
                  "encoding of the log, by its PostgreSQL name, such as UTF8, LATIN1, LATIN9,\n"
                  "WIN1252 or SQL_ASCII (default: detected)")
      ->type_name("NAME")
      ->group(kSource);
}

void add_sources(CLI::App& command, ImportWishes& wishes) {
  add_pgbench_source(command, wishes);
  const auto take_statistics = [&wishes](const std::vector<std::string>& files) {
    wishes.pg_stat_statements = true;
    if (!files.empty()) wishes.statistics = files.front();
  };
  command
      .add_option_function<std::vector<std::string>>(
          "--pg-stat-statements", take_statistics,
          "the most frequent statements of the target's database, or of a FILE: the view as CSV\n"
          "or as psql prints it")
      ->expected(0, 1)
      ->type_name("[FILE]")
      ->group(kSource);
  add_log_source(command, wishes);
  command
      .add_option("--target", wishes.target,
                  "for --pg-stat-statements: libpq URI or keywords; PG* variables and\n"
                  "DATABASE_URL work\n"
                  "(Env:POOLGAUGE_TARGET)")
      ->type_name("CONNINFO")
      ->group(kSource);
}

void add_import(CLI::App& command, ImportWishes& wishes) {
  constexpr std::uint64_t kMostKinds = 1000;
  add_sources(command, wishes);
  command.add_option("--output", wishes.output, "the scenario's file (default: standard output)")
      ->type_name("FILE")
      ->group(kOutput);
  command.add_option("--name", wishes.name, "the scenario's name (default: its file's)")
      ->type_name("NAME")
      ->group(kOutput);
  command
      .add_option("--define,-D", wishes.defines, "a variable of pgbench scripts, as pgbench's -D")
      ->type_name("NAME=VALUE")
      ->group(kOutput);
  command.add_option("--scale", wishes.scale, "of the rate: 2 is twice as fast (default: 1)")
      ->check(CLI::Range(0.001, 1000.0))
      ->type_name("FACTOR")
      ->group(kOutput);
  command.add_option("--top", wishes.top, "kinds of requests that are kept (default: 20)")
      ->check(whole_number(1, kMostKinds))
      ->type_name("N")
      ->group(kOutput);
}

}  // namespace

void add_scenario(CLI::App& app, ScenarioOptions& options) {
  CLI::App& group = *app.add_subcommand("scenario", "list, show and check scenarios");
  group.group(kCommands);
  group.footer("Example:\n  poolgauge scenario list\n  poolgauge scenario check my-scenario.json");
  group.require_subcommand(1);
  const auto add = [&group, &options](const char* name, ScenarioAction action, const char* help,
                                      const char* example) {
    CLI::App& command = *group.add_subcommand(name, help);
    command.group("Actions");
    command.footer(std::string("Example:\n  poolgauge scenario ") + example);
    command.callback([&options, action] { options.action = action; });
    return &command;
  };
  add("list", ScenarioAction::list, "the scenarios at hand", "list");
  CLI::App& show = *add("show", ScenarioAction::show, "a scenario as it would run, flags applied",
                        "show chat-100 --users 50");
  CLI::App& check = *add("check", ScenarioAction::check, "say ok, or everything that is wrong",
                         "check my-scenario.json");
  CLI::App& schema = *add("schema", ScenarioAction::schema, "the JSON Schema of scenario files",
                          "schema > scenario.schema.json");
  CLI::App& start =
      *add("new", ScenarioAction::start, "a commented scenario to start from", "new my-app.json");
  start.add_option("FILE", options.import.output, "where it goes (default: standard output)")
      ->type_name("");
  CLI::App& import = *add(
      "import", ScenarioAction::import, "make a scenario of pgbench scripts, statistics or a log",
      "import --pgbench select.sql@9 update.sql --output mix.json\n"
      "  poolgauge scenario import --pg-stat-statements --target service=app\n"
      "  poolgauge scenario import --csvlog postgresql.csv --output replay.json\n"
      "  poolgauge scenario import --stderrlog postgresql.log --output replay.json");
  add_import(import, options.import);
  add_scenario_file(show, "SCENARIO", options.scenario,
                    "a scenario file, or the name of a shipped one");
  add_scenario_file(check, "SCENARIO", options.scenario,
                    "a scenario file, or the name of a shipped one");
  add_overrides(show, options.flags);
  schema.add_flag("--report", options.report_schema, "that of reports instead");
}

}  // namespace poolgauge::cli
