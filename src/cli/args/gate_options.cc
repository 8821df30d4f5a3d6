// The flags of `gate`, `compare` and `history`.
#include <CLI/CLI.hpp>

#include "cli/args/options.h"
#include "cli/args/parsed_option.h"
#include "cli/args/size_values.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kJudge = "Judging";
constexpr const char* kRuns = "Measuring a scenario";
constexpr double kMostNoise = 1;

void add_judge(CLI::App& command, JudgeOptions& options) {
  command
      .add_option("--metric", options.metrics,
                  "metric to judge and how much worse it may get, for "
                  "example\n'p95(pool_wait)=10%'. '=10%,1ms' also ignores differences below 1 ms.\n"
                  "Repeatable. Default: p95(latency)=10%, rate(error)=0.1% (percentage points),\n"
                  "and throughput=5% (with an arrival rate: p50(latency)=5%)")
      ->allow_extra_args(false)
      ->type_name("FIGURE")
      ->group(kJudge);
  const auto noise = [&options](const std::string& text) {
    const Result<double> value = parse_fraction(text, kMostNoise);
    if (!value.ok()) throw CLI::ValidationError("--noise", value.error().message);
    options.noise = value.value();
  };
  command
      .add_option_function<std::string>("--noise", noise,
                                        "standard deviation between runs to assume when there are "
                                        "too few runs\nto estimate it, for example 3%")
      ->type_name("SHARE")
      ->group(kJudge);
}

void add_strictness(CLI::App& command, JudgeOptions& options) {
  command.add_flag("--strict", options.strict, "treat inconclusive as a regression")->group(kJudge);
  command.add_flag("--advisory", options.advisory, "report the verdict, but exit with 0")
      ->group(kJudge);
}

/// A number of runs.
void add_number(CLI::App& command, const std::string& flag, std::uint32_t& number,
                const char* help) {
  constexpr std::int64_t kMost = 1000;
  add_parsed<std::int64_t>(command, kRuns, flag, "N", help, number,
                           [](const std::string& text) { return parse_count(text, 1, kMost); });
}

void add_side(CLI::App& command, const std::string& side, std::vector<std::string>& set,
              std::optional<std::string>& target) {
  command
      .add_option("--" + side + "-set", set,
                  "change one scenario key or pool option for the " + side + " only;\nrepeatable")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE")
      ->group(kRuns);
  command.add_option("--" + side + "-target", target, "database for the " + side + " only")
      ->type_name("CONNINFO")
      ->group(kRuns);
}

void add_pairs(CLI::App& command, GateOptions& options) {
  add_number(command, "--pairs", options.pairs, "measure N pairs of baseline and candidate");
  add_side(command, "baseline", options.baseline_set, options.baseline_target);
  add_side(command, "candidate", options.candidate_set, options.candidate_target);
  command
      .add_option("--baseline-scenario", options.baseline_scenario,
                  "different scenario for the baseline, for example with the old SQL")
      ->type_name("SCENARIO")
      ->group(kRuns);
  command
      .add_flag("--no-extend", options.no_extend,
                "stop after --pairs; by default, an inconclusive result doubles the number of\n"
                "pairs")
      ->group(kRuns);
  add_number(command, "--runs", options.runs,
             "number of runs to compare with --baseline (default: 4; without --baseline: 1)");
  command
      .add_option("--keep-runs", options.keep_runs,
                  "save the report of every run in DIR, except runs that were cut short\nor whose "
                  "load generator was saturated")
      ->type_name("DIR")
      ->group(kRuns);
  command
      .add_flag("--simulated", options.simulated,
                "simulate on a virtual clock against a modeled server")
      ->group(kRuns);
  const auto cores = [&options](const std::string& text) {
    constexpr std::int64_t kMostCores = 4096;
    const Result<std::int64_t> value = parse_count(text, 1, kMostCores);
    if (!value.ok()) throw CLI::ValidationError("--cores", value.error().message);
    options.cores = static_cast<unsigned>(value.value());
  };
  command
      .add_option_function<std::string>("--cores", cores,
                                        "CPU cores of the modeled server (default: 2)")
      ->type_name("N")
      ->group(kRuns);
  add_costs(command, kRuns, options.costs);
}

}  // namespace

void add_gate(CLI::App& app, GateOptions& options) {
  CLI::App& command =
      *app.add_subcommand("gate", "judge a report by its goals and against a baseline");
  command.group(kCommands);
  command.footer(
      "Each run counts as one observation, so one run per side cannot show how much results vary "
      "from\nrun to run. --pairs runs baseline and candidate alternately (A B B A) in one session, "
      "which cancels\nout drift of the machine. At least six pairs are needed to show a "
      "regression. "
      "An inconclusive\nresult doubles the number of pairs; after that, at least seven are needed. "
      "So --pairs 3, which\ndoubles to six, is too few.\n\n"
      "Exit status: 0 pass, 10 a goal missed, 11 regression, 12 inconclusive (also if more than 1 "
      "% "
      "of the\nrequests failed or the wait queue kept growing and no goal covers that), 2 not "
      "comparable.\nIf several apply, 2 comes first, then 11, 10, and 12.\n\n"
      "Example:\n"
      "  poolgauge gate reports/new.json --baseline baselines/ --slo 'p99(latency) < 2s'\n"
      "  poolgauge gate chat-100 --pairs 6 --baseline-set pool_size=20 --candidate-set "
      "pool_size=15");
  constexpr const char* kJudged = "REPORT|SCENARIO";
  add_measuring(command, options.run, kJudged);
  add_safety_budget(command, options.run.safety);
  command.get_option(kJudged)->description(
      "one report, several (a,b,c or a directory), or a scenario to measure");
  command
      .add_option("--baseline", options.baselines,
                  "reports to compare with: one file, several (a,b,c), or a directory;\nrepeatable")
      ->allow_extra_args(false)
      ->type_name("FILE")
      ->group(kJudge);
  command
      .add_option(
          "--allow", options.allowed,
          "report field that is allowed to differ, for example deployment.pool;\nrepeatable")
      ->allow_extra_args(false)
      ->type_name("FIELD")
      ->group(kJudge);
  add_judge(command, options.judge);
  add_strictness(command, options.judge);
  add_pairs(command, options);
}

void add_compare(CLI::App& app, CompareOptions& options) {
  CLI::App& command = *app.add_subcommand("compare", "show what changed between two reports");
  command.group(kCommands);
  command.footer(
      "Each side is one report, several (a,b,c), or a directory. compare only shows: the exit "
      "status\n"
      "is 0 whatever changed. Use gate to decide.\n\n"
      "Example:\n"
      "  poolgauge compare before.json after.json\n"
      "  poolgauge compare baselines/ reports/");
  command.add_option("A", options.before, "one or more reports from before the change")
      ->required()
      ->type_name("");
  command.add_option("B", options.after, "one or more reports from after the change")
      ->required()
      ->type_name("");
  command.add_flag("--paired", options.paired, "pair the reports of both sides in the order given")
      ->group(kJudge);
  add_judge(command, options.judge);
  add_requested_files(command, options.output);
  command.add_option("--html", options.output.html, "also write it as a self-contained HTML page")
      ->type_name("FILE")
      ->group("Output");
  add_terminal(command, options.output);
}

void add_history(CLI::App& app, HistoryOptions& options) {
  constexpr const char* kHistory = "History";
  CLI::App& command =
      *app.add_subcommand("history", "show how a scenario's metrics changed over many reports");
  command.group(kCommands);
  command.footer(
      "A history file has one line per run: new runs are appended, so it diffs well in Git.\n\n"
      "Example:\n"
      "  poolgauge history reports/ --scenario chat-100\n"
      "  poolgauge history reports/ --append history.jsonl --keep 200");
  command.add_option("DIR", options.source, "a directory of reports, or a history file")
      ->required()
      ->type_name("");
  command
      .add_option("--scenario", options.scenario, "which scenario to show, if there are several")
      ->type_name("NAME")
      ->group(kHistory);
  command
      .add_option(
          "--series", options.series,
          "show only the series with this id; history lists the ids\n(default: the series of "
          "the latest run)")
      ->type_name("ID")
      ->group(kHistory);
  command
      .add_flag("--all", options.mixed,
                "show all series together: runs, simulations, and sweeps with any pool "
                "settings,\ntarget, and version")
      ->group(kHistory);
  command.add_option("--metric", options.metric, "metric to chart (default: p95(latency))")
      ->type_name("FIGURE")
      ->group(kHistory);
  command
      .add_option("--append", options.append,
                  "append new runs to this history file and show the whole file")
      ->type_name("FILE")
      ->group(kHistory);
  const auto keep = [&options](const std::string& text) {
    constexpr std::int64_t kMost = 1'000'000;
    const Result<std::int64_t> value = parse_count(text, 1, kMost);
    if (!value.ok()) throw CLI::ValidationError("--keep", value.error().message);
    options.keep = static_cast<std::uint64_t>(value.value());
  };
  command
      .add_option_function<std::string>("--keep", keep,
                                        "keep only the latest N runs of each scenario in the file")
      ->type_name("N")
      ->group(kHistory);
  add_requested_files(command, options.output);
  add_terminal(command, options.output);
}

}  // namespace poolgauge::cli
