// The options of every command, as values, and their registration with CLI11.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/context.h"
#include "app/gate.h"
#include "app/requests.h"
#include "app/saved.h"
#include "app/simulation.h"
#include "cli/args/safety_options.h"
#include "files/outputs.h"
#include "poolgauge/sizing.h"
#include "scenario/import/scenario_answers.h"

namespace CLI {
class App;
}

namespace poolgauge::cli {

using namespace app;

/// Where results go and what the terminal shows.
struct OutputOptions : OutputFiles {
  std::string label;  ///< --label: the user's name for this run
  std::string progress = "auto";
  bool quiet = false;
  bool no_color = false;
  bool explain = false;
};

struct RunOptions : RunRequest {
  OutputOptions output;
};

struct SimulateOptions : SimulateRequest {
  OutputOptions output;
  unsigned threads = 0;  ///< taken for symmetry with run; a simulation uses one
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

struct GateOptions : GateRequest {
  RunOptions run;  ///< scenario: a report, several, or a scenario
};

struct CompareOptions : CompareRequest {
  OutputOptions output;
};

struct HistoryOptions : HistoryRequest {
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
  ImportRequest import;
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

}  // namespace poolgauge::cli
