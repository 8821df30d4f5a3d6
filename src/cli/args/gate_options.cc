// The flags of `gate`, `compare` and `history`.
#include <CLI/CLI.hpp>

#include "cli/args/option_table.h"

#include "base/quantities.h"
#include "cli/args/options.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kJudge = "Judging";
constexpr const char* kRuns = "Measuring a scenario";
constexpr double kMostNoise = 1;
constexpr std::int64_t kMostRuns = 1000;

void add_judge(CLI::App& command, JudgeOptions& options) {
  add_list(command, kJudge, "--metric", options.metrics, "FIGURE",
           "metric to judge and how much worse it may get, for "
           "example\n'p95(pool_wait)=10%'. '=10%,1ms' also ignores differences below 1 ms.\n"
           "Repeatable. Default: p95(latency)=10%, rate(error)=0.1% (percentage points),\n"
           "and throughput=5% (with an arrival rate: p50(latency)=5%)");
  add_share(
      command, kJudge, "--noise", options.noise, kMostNoise,
      "standard deviation between runs to assume when there are too few runs\nto estimate it, "
      "for example 3%");
}

void add_strictness(CLI::App& command, JudgeOptions& options) {
  add_switch(command, kJudge, "--strict", options.strict, "treat inconclusive as a regression");
  add_switch(command, kJudge, "--advisory", options.advisory,
             "report the verdict, but exit with 0");
}

void add_side(CLI::App& command, const std::string& side, std::vector<std::string>& set,
              std::optional<std::string>& target) {
  add_list(command, kRuns, "--" + side + "-set", set, "KEY=VALUE",
           "change one scenario key or pool option for the " + side + " only;\nrepeatable");
  add_value(command, kRuns, "--" + side + "-target", target, "CONNINFO",
            "database for the " + side + " only");
}

void add_pairs(CLI::App& command, GateOptions& options) {
  add_count(command, kRuns, "--pairs", options.pairs, 1, kMostRuns,
            "measure N pairs of baseline and candidate");
  add_side(command, "baseline", options.baseline_set, options.baseline_target);
  add_side(command, "candidate", options.candidate_set, options.candidate_target);
  add_value(command, kRuns, "--baseline-scenario", options.baseline_scenario, "SCENARIO",
            "different scenario for the baseline, for example with the old SQL");
  add_switch(command, kRuns, "--no-extend", options.no_extend,
             "stop after --pairs; by default, an inconclusive result doubles the number of\n"
             "pairs");
  add_count(command, kRuns, "--runs", options.runs, 1, kMostRuns,
            "number of runs to compare with --baseline (default: 4; without --baseline: 1)");
  add_value(command, kRuns, "--keep-runs", options.keep_runs, "DIR",
            "save the report of every run in DIR, except runs that were cut short\nor whose "
            "load generator was saturated");
  add_switch(command, kRuns, "--simulated", options.simulated,
             "simulate on a virtual clock against a modeled server");
  constexpr std::int64_t kMostCores = 4096;
  add_count(command, kRuns, "--cores", options.cores, 1, kMostCores,
            "CPU cores of the modeled server (default: 2)");
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
      "regression.\nAn inconclusive result doubles the number of pairs once. Judging twice makes a "
      "false alarm more\nlikely, so the doubled run needs at least seven pairs: --pairs 3, which "
      "doubles to six, is too few.\n\n"
      "Exit status: 0 pass, 10 a goal missed, 11 regression, 12 inconclusive (also if more "
      "than\n1 % of the requests failed or the wait queue kept growing, and no goal covers that), "
      "2 "
      "not comparable.\nIf several apply, 2 comes first, then 11, 10, and 12.\n\n"
      "Example:\n"
      "  poolgauge gate reports/new.json --baseline baselines/ --slo 'p99(latency) < 2s'\n"
      "  poolgauge gate chat-100 --pairs 6 --baseline-set pool_size=20 --candidate-set "
      "pool_size=15");
  constexpr const char* kJudged = "REPORT|SCENARIO";
  add_measuring(command, options.run, kJudged);
  add_safety_budget(command, options.run.safety);
  command.get_option(kJudged)->description(
      "one report, several (a,b,c or a directory), or a scenario to measure");
  add_list(command, kJudge, "--baseline", options.baselines, "FILE",
           "reports to compare with: one file, several (a,b,c), or a directory;\nrepeatable");
  add_list(command, kJudge, "--allow", options.allowed, "FIELD",
           "report field that is allowed to differ, for example deployment.pool;\nrepeatable");
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
  add_value(command, kOptions, "A", options.before, "",
            "one or more reports from before the change")
      ->required();
  add_value(command, kOptions, "B", options.after, "", "one or more reports from after the change")
      ->required();
  add_switch(command, kJudge, "--paired", options.paired,
             "pair the reports of both sides in the order given");
  add_judge(command, options.judge);
  add_requested_files(command, options.output);
  add_value(command, "Output", "--html", options.output.html, "FILE",
            "also write it as a self-contained HTML page");
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
  add_value(command, kOptions, "DIR", options.source, "",
            "a directory of reports, or a history file")
      ->required();
  add_value(command, kHistory, "--scenario", options.scenario, "NAME",
            "which scenario to show, if there are several");
  add_value(command, kHistory, "--series", options.series, "ID",
            "show only the series with this id; history lists the ids\n(default: the series of "
            "the latest run)");
  add_switch(command, kHistory, "--all", options.mixed,
             "show all series together: runs, simulations, and sweeps with any pool "
             "settings,\ntarget, and version");
  add_value(command, kHistory, "--metric", options.metric, "FIGURE",
            "metric to chart (default: p95(latency))");
  add_value(command, kHistory, "--append", options.append, "FILE",
            "append new runs to this history file and show the whole file");
  constexpr std::int64_t kMostKept = 1'000'000;
  add_count(command, kHistory, "--keep", options.keep, 1, kMostKept,
            "keep only the latest N runs of each scenario in the file");
  add_requested_files(command, options.output);
  add_terminal(command, options.output);
}

}  // namespace poolgauge::cli
