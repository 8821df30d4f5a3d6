// The options of every command, as values, and their registration with CLI11.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/context.h"
#include "app/requests.h"
#include "cli/args/safety_options.h"
#include "cli/args/scenario_answers.h"
#include "gate/judged.h"
#include "poolgauge/scenario.h"
#include "poolgauge/sizing.h"

namespace CLI {
class App;
}

namespace poolgauge::cli {

using namespace app;

/// Where results go and what the terminal shows.
struct OutputOptions {
  std::string directory = "reports";
  std::string json;  ///< empty: not requested; "-": standard output
  std::string markdown, html, junit, prometheus, github_benchmark, bencher, csv, hdr,
      hgrm;           ///< the same
  std::string label;  ///< --label: the user's name for this run
  std::string progress = "auto";
  bool quiet = false;
  bool no_color = false;
  bool explain = false;

  bool uses_stdout() const;
};

/// The scenario's own keys as flags: (row of the table of names, value), as typed.
struct FlagValues {
  std::vector<std::vector<std::string>> by_row;
};

struct RunOptions : RunRequest {
  std::string scenario;
  OutputOptions output;
  FlagValues flags;
};

struct SimulateOptions {
  std::string file;  ///< a scenario or a report
  OutputOptions output;
  FlagValues flags;
  std::uint64_t seed = 1;
  bool seed_given = false;                  ///< else a report's own is taken
  unsigned threads = 0;                     ///< taken for symmetry with run; a simulation uses one
  std::vector<std::string> release_during;  ///< hold steps that become pauses
  unsigned cores = 0;                       ///< of the modeled server; 0: the model's default
  CostOptions costs;
  std::optional<std::string> target;  ///< where --calibrate measures; else a mistake
  bool embedded = false;
  SafetyOptions safety;  ///< of that target
};

struct SweepOptions : SweepRequest {
  RunOptions run;
  std::string sizes;  ///< as typed; empty: around what the scenario has
  CostOptions costs;
};

struct AdviseOptions : AdviseRequest {
  RunOptions run;
  CostOptions costs;
};

struct ReportOptions {
  std::string report;
  std::string beside;
  std::string format = "text";
  OutputOptions output;
};

struct MergeOptions {
  std::vector<std::string> reports;
  OutputOptions output;
};

/// What decides, and how strictly; of gate and compare.
struct JudgeOptions : Strictness {
  std::vector<std::string> metrics;  ///< "p95(latency)" or "p95(latency)=8%", as typed
};

struct GateOptions {
  RunOptions run;  ///< scenario: a report, several, or a scenario
  JudgeOptions judge;
  std::vector<std::string> baselines;  ///< files, lists, directories
  std::vector<std::string> allowed;    ///< fields that may differ
  // For a scenario:
  std::uint32_t pairs = 0, runs = 0;                             ///< 0: not given
  std::vector<std::string> baseline_set, candidate_set;          ///< KEY=VALUE
  std::optional<std::string> baseline_target, candidate_target;  ///< may hold passwords
  std::string baseline_scenario;                                 ///< empty: the same
  std::string keep_runs;                                         ///< a directory; empty: no
  bool no_extend = false;
  bool simulated = false;
  unsigned cores = 0;  ///< of the modeled server
  CostOptions costs;
};

struct CompareOptions {
  std::string before, after;
  bool paired = false;
  JudgeOptions judge;
  OutputOptions output;
};

struct HistoryOptions {
  std::string source;    ///< a directory, or a history file
  std::string scenario;  ///< empty: the only one there is
  std::string series;    ///< what the id of a series begins with; empty: that of the latest run
  bool mixed = false;    ///< all series together
  std::string metric = "p95(latency)";
  std::string append;      ///< a history file
  std::uint64_t keep = 0;  ///< 0: all
  OutputOptions output;
};

struct SizeOptions {
  SizeInputs inputs;
  std::string from;  ///< a report; empty: none
  OutputOptions output;
  std::string snippet;  ///< an id, "all" or "none"; empty: the pool's own, else sqlalchemy
  bool check = false;   ///< exit 10 if the setting cannot work
  bool rules = false;   ///< the rules of thumb whole
};

enum class ScenarioAction { none, list, show, check, schema, start, import };

/// What `scenario import` takes.
struct ImportWishes {
  std::vector<std::string> pgbench;   ///< files, each may end in @WEIGHT
  std::vector<std::string> builtins;  ///< pgbench's own, likewise
  std::string protocol;               ///< of pgbench scripts; empty: simple
  bool pg_stat_statements = false;
  std::string statistics;  ///< a file of pg_stat_statements; empty: of the target
  std::string csvlog;
  std::string jsonlog;
  std::string stderrlog;
  std::string log_line_prefix;  ///< of stderrlog; empty: detected
  std::string encoding;         ///< of the log; empty: UTF8, or what it looks like
  std::string output;           ///< empty: standard output
  std::string name;             ///< of the scenario; empty: after its file
  std::vector<std::string> defines;
  double scale = 1;
  unsigned top = 20;
  std::optional<std::string> target;  ///< may hold a password
};

/// What `scenario new` takes.
struct NewWishes {
  std::string file;  ///< empty: asked for, or standard output
  ScenarioAnswers answers;
  bool force = false;  ///< replace a file
};

struct ScenarioOptions {
  ScenarioAction action = ScenarioAction::none;
  std::string scenario;
  bool report_schema = false;
  FlagValues flags;
  ImportWishes import;
  NewWishes start;
};

struct CompletionOptions {
  std::string shell;
};

struct ManOptions {
  std::vector<std::string> command;  ///< its words; empty: the program itself
  std::string all;                   ///< a directory for all pages; empty: one, printed
};

/// The group of the commands in --help.
inline constexpr const char* kCommands = "Commands";

void add_run(CLI::App& app, RunOptions& options);
void add_sweep(CLI::App& app, SweepOptions& options);
void add_advise(CLI::App& app, AdviseOptions& options);
void add_simulate(CLI::App& app, SimulateOptions& options);
void add_report(CLI::App& app, ReportOptions& options);
void add_merge(CLI::App& app, MergeOptions& options);
void add_gate(CLI::App& app, GateOptions& options);
void add_compare(CLI::App& app, CompareOptions& options);
void add_history(CLI::App& app, HistoryOptions& options);
void add_size(CLI::App& app, SizeOptions& options);
void add_scenario(CLI::App& app, ScenarioOptions& options);
void add_completion(CLI::App& app, CompletionOptions& options);
void add_man(CLI::App& app, ManOptions& options);

/// What every command has that puts a scenario on a database: scenario, target, load, output.
/// `positional`: the name that the help gives to the scenario.
void add_measuring(CLI::App& command, RunOptions& options, const char* positional = "SCENARIO");
/// The scenario's own keys as flags.
void add_overrides(CLI::App& command, FlagValues& flags);
/// --statement-cost, --calibrate, and --replica-lag.
void add_costs(CLI::App& command, const char* group, CostOptions& costs);
/// --json and --markdown: what an answer that is no report has.
void add_requested_files(CLI::App& command, OutputOptions& output);
/// An option for each form of a report.
void add_report_files(CLI::App& command, OutputOptions& output);
/// How the terminal looks.
void add_terminal(CLI::App& command, OutputOptions& output);

Environment process_environment();

/// What replaces the scenario's values, in the order to apply: environment, then flags.
/// The error names a malformed --pool-option.
Result<std::vector<Override>> overrides_of(const FlagValues& flags, const Environment& environment);

}  // namespace poolgauge::cli
