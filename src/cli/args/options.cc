// Registration of all options with CLI11.
#include "cli/args/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "app/load.h"
#include "cli/args/choices.h"
#include "cli/args/option_table.h"
#include "cli/args/safety_options.h"
#include "files/outputs.h"
#include "poolgauge/policies.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kOutput = "Output";
constexpr const char* kTarget = "Database";

void add_output(CLI::App& command, OutputOptions& output) {
  add_value(command, kOutput, "--out", output.directory, "DIR",
            "directory for the report (default: reports)")
      ->envname("POOLGAUGE_OUT");
  add_report_files(command, output);
  add_value(command, kOutput, "--label", output.label, "TEXT",
            "name for this run in comparisons and in the history")
      ->envname("POOLGAUGE_LABEL");
  add_switch(command, kOutput, "--quiet", output.quiet,
             "print neither progress nor summary; if the exit status is not 0, print\none line "
             "on standard error that says why");
  add_terminal(command, output);
  add_value(command, kOutput, "--progress", output.progress, "HOW",
            "how to show progress: auto, plain, or none")
      ->check(one_of({"auto", "plain", "none"}));
}

void add_seed(CLI::App& command, std::uint64_t& seed) {
  add_value(command, kOptions, "--seed", seed, "N", "random seed (default: 1)")
      ->check(whole_number(0, UINT64_MAX))
      ->envname("POOLGAUGE_SEED");
}

void add_threads(CLI::App& command, unsigned& threads, const char* help) {
  constexpr std::uint64_t kMost = 1024;
  add_value(command, kOptions, "--threads", threads, "N", help)
      ->check(whole_number(1, kMost))
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
    add_switch(command, name.group, name.flag, values, name.help);
    return;
  }
  add_list(command, name.group, name.flag, values, name.value_name, name.help)
      ->check(offer(names_for(name)));
}

void add_file(CLI::App& command, const char* name, std::string& file, const char* help) {
  add_value(command, kOptions, name, file, "", help)->required();
}

void add_scenario_file(CLI::App& command, const char* name, std::string& file, const char* help) {
  add_file(command, name, file, help);
  command.get_option(name)->check(offer_scenarios());
}

}  // namespace

void add_requested_files(CLI::App& command, OutputOptions& output) {
  add_value(command, kOutput, "--json", output.json, "FILE",
            "also write the report as JSON; - is standard output");
  add_value(command, kOutput, "--markdown", output.markdown, "FILE", "also write it as Markdown");
}

void add_report_files(CLI::App& command, OutputOptions& output) {
  for (const ReportFormat& format : report_formats()) {
    add_value(command, kOutput, std::string("--") + format.name, output.*format.path, "FILE",
              format.help);
  }
}

void add_terminal(CLI::App& command, OutputOptions& output) {
  add_switch(command, kOutput, "--explain", output.explain, "explain what each figure means");
  add_switch(command, kOutput, "--no-color", output.no_color, "turn off colors (like NO_COLOR)");
}

void add_measuring(CLI::App& command, RunOptions& options, const char* positional) {
  add_scenario_file(command, positional, options.scenario,
                    "scenario file or name of a built-in scenario");
  add_value(command, kTarget, "--target", options.target.conninfo, "CONNINFO",
            "libpq URI or keywords; PG* variables and .pgpass work as in psql;\nif none is "
            "set, DATABASE_URL is used (Env:POOLGAUGE_TARGET)");
  add_value(command, kTarget, "--replica-target", options.target.replica, "CONNINFO",
            "streaming standby for pools with \"target\": "
            "\"replica\"\n(Env:POOLGAUGE_REPLICA_TARGET)");
  add_switch(command, kTarget, "--embedded", options.target.embedded,
             "use a throwaway PostgreSQL, even if a target is set in the environment");
  add_switch(command, kTarget, "--no-probe", options.no_probe,
             "do not monitor the server during the run");
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
      "whatever\nthe flags change. The predicted figures come with 90 % prediction intervals, "
      "except those in\nthe table of where the time goes. Settings outside the measured range are "
      "pointed out. If FILE is a\nscenario, only the statement costs in it are known; without "
      "costs, goals "
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
  add_value(command, kOptions, "--cores", options.cores, "N",
            "CPU cores of the modeled server (default: 2)")
      ->check(whole_number(1, kMostCores));
  add_list(command, kOptions, "--release-during", options.release_during, "STEP",
           "release the connection during this hold step: commit before the step "
           "and\nacquire a connection again after it; repeatable");
  add_costs(command, kOptions, options.costs);
  add_threads(command, options.threads,
              "accepted for symmetry with run; simulations use one thread");
  add_value(command, kTarget, "--target", options.target, "CONNINFO",
            "with --calibrate: server to measure the costs on (see run --help)");
  add_switch(command, kTarget, "--embedded", options.embedded,
             "with --calibrate: use a throwaway PostgreSQL");
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
  add_value(command, kOptions, "--beside", options.beside, "OTHER",
            "earlier report to show side by side");
  std::vector<std::string> forms{"text"};
  for (const ReportFormat& format : report_formats()) forms.emplace_back(format.name);
  add_value(command, kOptions, "--format", options.format, "FORMAT",
            "text, or one of the formats below (default: text)")
      ->check(one_of(forms));
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
      "intervals are only\napproximate, and the timeline has no per-second percentiles.\n\n"
      "Example:\n"
      "  poolgauge merge part-1.json part-2.json --json whole.json");
  add_value(command, kOptions, "REPORT", options.reports, "", "report files to merge (JSON)")
      ->required();
  add_output(command, options.output);
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    // An empty target is a slip, and must not lead to another server.
    const bool target = name == "POOLGAUGE_TARGET" || name == "POOLGAUGE_REPLICA_TARGET";
    if (value == nullptr || (*value == '\0' && !target)) return std::nullopt;
    return std::string(value);
  };
}

void add_overrides(CLI::App& command, FlagValues& flags) {
  const std::span<const OverrideName> names = override_names();
  flags.by_row.resize(names.size());  // before the options point into it
  for (std::size_t row = 0; row < names.size(); ++row) {
    add_override(command, names[row], flags.by_row[row]);
  }
}

}  // namespace poolgauge::cli
