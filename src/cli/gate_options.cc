// The flags of `gate`, `compare` and `history`.
#include <CLI/CLI.hpp>

#include "cli/options.h"
#include "cli/size_values.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kCommands = "Commands";
constexpr const char* kJudge = "Judging";
constexpr const char* kRuns = "Runs, for a scenario";
constexpr double kMostNoise = 1;

void add_judge(CLI::App& command, JudgeOptions& options) {
  command
      .add_option("--metric", options.metrics,
                  "a figure that decides, and how much worse it may become, for example\n"
                  "'p95(pool_wait)=10%'; '=1ms' or '=10%,1ms': differences below 1 ms are no\n"
                  "regression; repeatable (default: throughput=5%, p95(latency)=10%,\n"
                  "rate(error)=0.1%)")
      ->allow_extra_args(false)
      ->type_name("FIGURE")
      ->group(kJudge);
  const auto noise = [&options](const std::string& text) {
    const Result<double> value = parse_fraction(text, kMostNoise);
    if (!value.ok()) throw CLI::ValidationError("--noise", value.error().message);
    options.noise = value.value();
  };
  command
      .add_option_function<std::string>(
          "--noise", noise,
          "the runs' standard deviation to assume where they are too few to show\n"
          "it, for example 3%")
      ->type_name("SHARE")
      ->group(kJudge);
}

void add_strictness(CLI::App& command, JudgeOptions& options) {
  command.add_flag("--strict", options.strict, "inconclusive counts as a regression")
      ->group(kJudge);
  command.add_flag("--advisory", options.advisory, "says what it found, but exits with 0")
      ->group(kJudge);
}

/// A number of runs.
void add_number(CLI::App& command, const std::string& flag, std::uint32_t& number,
                const char* help) {
  const auto store = [&number, flag](const std::string& text) {
    constexpr std::int64_t kMost = 1000;
    const Result<std::int64_t> value = parse_count(text, 1, kMost);
    if (!value.ok()) throw CLI::ValidationError(flag, value.error().message);
    number = static_cast<std::uint32_t>(value.value());
  };
  command.add_option_function<std::string>(flag, store, help)->type_name("N")->group(kRuns);
}

void add_side(CLI::App& command, const std::string& side, std::vector<std::string>& set,
              std::optional<std::string>& target) {
  command
      .add_option("--" + side + "-set", set,
                  "of the " + side + " alone: a scenario's key or a pool's option;\nrepeatable")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE")
      ->group(kRuns);
  command.add_option("--" + side + "-target", target, "its own database")
      ->type_name("CONNINFO")
      ->group(kRuns);
}

void add_pairs(CLI::App& command, GateOptions& options) {
  add_number(command, "--pairs", options.pairs, "measure N pairs of baseline and candidate");
  add_side(command, "baseline", options.baseline_set, options.baseline_target);
  add_side(command, "candidate", options.candidate_set, options.candidate_target);
  command
      .add_option("--baseline-scenario", options.baseline_scenario,
                  "another scenario for the baseline, for example with the old SQL")
      ->type_name("SCENARIO")
      ->group(kRuns);
  command
      .add_flag("--no-extend", options.no_extend,
                "do not measure as many pairs again when the first are inconclusive")
      ->group(kRuns);
  add_number(command, "--runs", options.runs,
             "runs to hold against --baseline (default: 4; without one: 1)");
  command
      .add_option("--keep-runs", options.keep_runs,
                  "keep the report of each run there; not of one whose load\n"
                  "generator was saturated or that was cut short")
      ->type_name("DIR")
      ->group(kRuns);
  command
      .add_flag("--simulated", options.simulated, "on the virtual clock, against a modelled server")
      ->group(kRuns);
  const auto cores = [&options](const std::string& text) {
    constexpr std::int64_t kMostCores = 4096;
    const Result<std::int64_t> value = parse_count(text, 1, kMostCores);
    if (!value.ok()) throw CLI::ValidationError("--cores", value.error().message);
    options.cores = static_cast<unsigned>(value.value());
  };
  command
      .add_option_function<std::string>("--cores", cores,
                                        "processor cores of the modelled server (default: 2)")
      ->type_name("N")
      ->group(kRuns);
  add_costs(command, kRuns, options.costs);
}

}  // namespace

void add_gate(CLI::App& app, GateOptions& options) {
  CLI::App& command =
      *app.add_subcommand("gate", "judge a report against its goals and a baseline");
  command.group(kCommands);
  command.footer(
      "The sample are the runs: one on each side says nothing about the noise between runs. "
      "--pairs\n"
      "runs baseline and candidate in turn (A B B A) in one go, which a drifting machine deceives\n"
      "least; six are the fewest that can show a regression. Exit status: 0 pass, 10 a goal "
      "missed,\n"
      "11 regression, 12 inconclusive (also: more than 1 % failed, or the queue only grew, with "
      "no\n"
      "goal on it), 2 not comparable.\n\n"
      "Example:\n"
      "  poolgauge gate reports/new.json --baseline baselines/ --slo 'p99(latency) < 2s'\n"
      "  poolgauge gate chat-100 --pairs 6 --baseline-set pool_size=20 --candidate-set "
      "pool_size=15");
  add_measuring(command, options.run);
  command.get_option("SCENARIO")
      ->description("a report, several (a,b,c or a directory), or a scenario to measure");
  command
      .add_option("--baseline", options.baselines,
                  "reports to compare with: a file, several (a,b,c), or a directory;\nrepeatable")
      ->allow_extra_args(false)
      ->type_name("FILE")
      ->group(kJudge);
  command
      .add_option("--allow", options.allowed,
                  "a field of the report that may differ, for example deployment.pool;\nrepeatable")
      ->allow_extra_args(false)
      ->type_name("FIELD")
      ->group(kJudge);
  add_judge(command, options.judge);
  add_strictness(command, options.judge);
  add_pairs(command, options);
}

void add_compare(CLI::App& app, CompareOptions& options) {
  CLI::App& command = *app.add_subcommand("compare", "what changed between two reports");
  command.group(kCommands);
  command.footer(
      "Each side is a report, several (a,b,c), or a directory. It decides nothing: the exit "
      "status\n"
      "is 0 whatever changed; gate decides.\n\n"
      "Example:\n"
      "  poolgauge compare before.json after.json\n"
      "  poolgauge compare baselines/ reports/");
  command.add_option("A", options.before, "before")->required()->type_name("");
  command.add_option("B", options.after, "after")->required()->type_name("");
  command
      .add_flag("--paired", options.paired,
                "the reports of both sides belong together one by one, in order")
      ->group(kJudge);
  add_judge(command, options.judge);
  add_requested_files(command, options.output);
  add_terminal(command, options.output);
}

void add_history(CLI::App& app, HistoryOptions& options) {
  constexpr const char* kHistory = "The history";
  CLI::App& command =
      *app.add_subcommand("history", "how a scenario's figures moved over many reports");
  command.group(kCommands);
  command.footer(
      "A history file has one line for each run: it grows at its end and diffs well.\n\n"
      "Example:\n"
      "  poolgauge history reports/ --scenario chat-100\n"
      "  poolgauge history reports/ --append history.jsonl --keep 200");
  command.add_option("DIR", options.source, "a directory of reports, or a history file")
      ->required()
      ->type_name("");
  command.add_option("--scenario", options.scenario, "which, where there are several")
      ->type_name("NAME")
      ->group(kHistory);
  command
      .add_option("--series", options.series,
                  "the runs that were asked the same, by the id that the history shows (default:\n"
                  "those of the latest run)")
      ->type_name("ID")
      ->group(kHistory);
  command
      .add_flag("--all", options.mixed,
                "mix runs, simulations, and sweeps, all pool settings, targets, and versions")
      ->group(kHistory);
  command.add_option("--metric", options.metric, "the figure of the chart (default: p95(latency))")
      ->type_name("FIGURE")
      ->group(kHistory);
  command
      .add_option("--append", options.append,
                  "add the runs to this history file, each once, and show all of it")
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
                                        "of each scenario only the latest N runs stay in the file")
      ->type_name("N")
      ->group(kHistory);
  add_requested_files(command, options.output);
  add_terminal(command, options.output);
}

}  // namespace poolgauge::cli
