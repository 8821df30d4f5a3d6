// Registration of all options with CLI11.
#include "cli/args/options.h"

#include <CLI/CLI.hpp>

#include "cli/args/choices.h"
#include "cli/args/formats.h"
#include "cli/args/overrides.h"
#include "cli/args/part_options.h"
#include "poolgauge/policies.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kOutput = "Output";
constexpr const char* kTarget = "Database";

void add_output(CLI::App& command, OutputOptions& output) {
  command.add_option("--out", output.directory, "directory for the report (default: reports)")
      ->type_name("DIR")
      ->envname("POOLGAUGE_OUT")
      ->group(kOutput);
  add_report_files(command, output);
  command
      .add_option("--label", output.label, "name for this run in comparisons and in the history")
      ->type_name("TEXT")
      ->envname("POOLGAUGE_LABEL")
      ->group(kOutput);
  command
      .add_flag("--quiet", output.quiet,
                "print neither progress nor summary; if the exit status is not 0, print\none line "
                "on standard error that says why")
      ->group(kOutput);
  add_terminal(command, output);
  command.add_option("--progress", output.progress, "how to show progress: auto, plain, or none")
      ->check(one_of({"auto", "plain", "none"}))
      ->type_name("HOW")
      ->group(kOutput);
}

void add_seed(CLI::App& command, std::uint64_t& seed) {
  command.add_option("--seed", seed, "random seed (default: 1)")
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
  if (key == "pool") names = pool_kind_names();
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
  command.add_option("--markdown", output.markdown, "also write it as Markdown")
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
  command.add_flag("--explain", output.explain, "explain what each figure means")->group(kOutput);
  command.add_flag("--no-color", output.no_color, "turn off colors (like NO_COLOR)")
      ->group(kOutput);
}

void add_measuring(CLI::App& command, RunOptions& options, const char* positional) {
  add_scenario_file(command, positional, options.scenario,
                    "scenario file or name of a built-in scenario");
  command
      .add_option("--target", options.target.conninfo,
                  "libpq URI or keywords; PG* variables and .pgpass work as in psql;\nif none is "
                  "set, DATABASE_URL is used (Env:POOLGAUGE_TARGET)")
      ->type_name("CONNINFO")
      ->group(kTarget);
  command
      .add_option("--replica-target", options.target.replica,
                  "streaming standby for pools with \"target\": "
                  "\"replica\"\n(Env:POOLGAUGE_REPLICA_TARGET)")
      ->type_name("CONNINFO")
      ->group(kTarget);
  command
      .add_flag("--embedded", options.target.embedded,
                "use a throwaway PostgreSQL, even if a target is set in the environment")
      ->group(kTarget);
  command.add_flag("--no-probe", options.no_probe, "do not monitor the server during the run")
      ->group(kTarget);
  add_safety(command, options.safety);
  add_seed(command, options.seed);
  add_threads(command, options.threads, "worker threads (default: number of CPU cores)");
  add_overrides(command, options.flags);
  add_output(command, options.output);
}

void add_run(CLI::App& app, RunOptions& options) {
  CLI::App& command = *app.add_subcommand("run", "measure a deployment under load");
  command.group(kCommands);
  command.footer(
      "If --target, the PG* variables, and DATABASE_URL name no server, run starts a "
      "throwaway\nPostgreSQL and removes it afterwards; --embedded forces that.\nFlags that "
      "replace scenario keys can also be set as variables: POOLGAUGE_USERS=50.\n\n"
      "Example:\n"
      "  poolgauge run chat-100 --pool-size 20 --max-overflow 40\n"
      "  poolgauge run scenarios/chat-100.json --target postgresql://app@db.example/app "
      "--allow-writes");
  add_measuring(command, options);
  add_safety_budget(command, options.safety);
  add_parts(command, options.parts);
}

void add_simulate(CLI::App& app, SimulateOptions& options) {
  CLI::App& command =
      *app.add_subcommand("simulate", "predict a run on a virtual clock, without a database");
  command.group(kCommands);
  command.footer(
      "If FILE is a report, simulate replays it with its measured statement costs and with "
      "whatever\nthe flags change. The predicted figures come with 90 % prediction intervals (the "
      "table of where\nthe time goes does not), and settings outside the measured range are "
      "pointed "
      "out. If FILE is a\nscenario, only the statement costs in it are known; without costs, goals "
      "on latency and other\ntimes are not judged. Add --calibrate to measure the costs first.\n\n"
      "Example:\n"
      "  poolgauge simulate chat-100 --pool-size 40\n"
      "  poolgauge simulate my-app.json --calibrate\n"
      "  poolgauge simulate reports/chat-100-20260131T120000Z.json --users 200\n"
      "  poolgauge simulate reports/chat-100-20260131T120000Z.json --release-during model");
  add_scenario_file(command, "FILE", options.file,
                    "scenario file, name of a built-in scenario, or report");
  add_seed(command, options.seed);
  command.get_option("--seed")->each([&options](const std::string&) { options.seed_given = true; });
  constexpr std::uint64_t kMostCores = 4096;
  command.add_option("--cores", options.cores, "CPU cores of the modeled server (default: 2)")
      ->check(whole_number(1, kMostCores))
      ->type_name("N");
  command
      .add_option("--release-during", options.release_during,
                  "release the connection during this hold step: commit before the step "
                  "and\nacquire a connection again after it; repeatable")
      ->allow_extra_args(false)
      ->type_name("STEP");
  add_costs(command, "", options.costs);
  add_threads(command, options.threads,
              "accepted for symmetry with run; simulations use one thread");
  command
      .add_option("--target", options.target,
                  "with --calibrate: server to measure the costs on (see run --help)")
      ->type_name("CONNINFO")
      ->group(kTarget);
  command.add_flag("--embedded", options.embedded, "with --calibrate: use a throwaway PostgreSQL")
      ->group(kTarget);
  add_safety(command, options.safety);
  add_overrides(command, options.flags);
  add_output(command, options.output);
}

void add_report(CLI::App& app, ReportOptions& options) {
  CLI::App& command = *app.add_subcommand("report", "show a saved report again, in any format");
  command.group(kCommands);
  command.footer(
      "Example:\n"
      "  poolgauge report reports/chat-100-20260131T120000Z.json\n"
      "  poolgauge report after.json --beside before.json\n"
      "  poolgauge report after.json --junit goals.xml --format markdown");
  add_file(command, "REPORT", options.report, "report file (JSON)");
  command.add_option("--beside", options.beside, "earlier report to show side by side")
      ->type_name("OTHER");
  std::vector<std::string> forms{"text"};
  for (const ReportFormat& format : report_formats()) forms.emplace_back(format.name);
  command
      .add_option("--format", options.format, "text, or one of the formats below (default: text)")
      ->check(one_of(forms))
      ->type_name("FORMAT");
  add_report_files(command, options.output);
  add_terminal(command, options.output);
}

void add_merge(CLI::App& app, MergeOptions& options) {
  CLI::App& command =
      *app.add_subcommand("merge", "merge reports of one run made on several machines");
  command.group(kCommands);
  command.footer(
      "Run the same scenario with the same --seed on each machine, with --part 1/4, --part "
      "2/4,\nand so on. merge adds up what all parts measured, exactly, as if one machine had "
      "made\nthe run, and judges it. Without --part, every machine runs the whole scenario: use a "
      "different\n--seed on each. merge then adds up the load of all machines, but confidence "
      "intervals are only\napproximate, and there are no percentiles of single seconds.\n\n"
      "Example:\n"
      "  poolgauge merge part-1.json part-2.json --json whole.json");
  command.add_option("REPORT", options.reports, "report files to merge (JSON)")
      ->required()
      ->type_name("");
  add_output(command, options.output);
}

void add_overrides(CLI::App& command, FlagValues& flags) {
  const std::span<const OverrideName> names = override_names();
  flags.by_row.resize(names.size());  // before the options point into it
  for (std::size_t row = 0; row < names.size(); ++row) {
    add_override(command, names[row], flags.by_row[row]);
  }
}

}  // namespace poolgauge::cli
