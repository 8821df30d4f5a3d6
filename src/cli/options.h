// The options of every command, as values, and their registration with CLI11.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "poolgauge/scenario.h"
#include "poolgauge/sizing.h"

namespace CLI {
class App;
}

namespace poolgauge::cli {

/// Which database.
struct TargetOptions {
  std::optional<std::string> conninfo;  ///< --target; may hold a password
  bool embedded = false;
  std::optional<std::string> replica;  ///< --replica-target; may hold a password
};

/// Where results go and what the terminal shows.
struct OutputOptions {
  std::string directory = "reports";
  std::string json;  ///< empty: not asked for; "-": standard output
  std::string markdown, html, junit, prometheus, github_benchmark, bencher, csv, hdr,
      hgrm;  ///< the same
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

struct RunOptions {
  std::string scenario;
  TargetOptions target;
  OutputOptions output;
  FlagValues flags;
  std::uint64_t seed = 1;
  unsigned threads = 0;
  bool no_probe = false;
};

struct SimulateOptions {
  std::string file;  ///< a scenario or a report
  OutputOptions output;
  FlagValues flags;
  std::uint64_t seed = 1;
  bool seed_given = false;                  ///< else a report's own is taken
  unsigned threads = 0;                     ///< taken for symmetry with run; a simulation uses one
  std::vector<std::string> release_during;  ///< hold steps that become pauses
  unsigned cores = 0;                       ///< of the modelled server; 0: the model's default
  std::optional<std::string> target;        ///< always a mistake, but one with a clear answer
  bool embedded = false;
};

struct SweepOptions {
  RunOptions run;
  std::string over = "pool";  ///< pool, users or rate
  std::string sizes;          ///< as typed; empty: around what the scenario has
  std::size_t points = 0;     ///< 0: six, and two more where they are worth most
  bool simulated = false;
  unsigned cores = 0;  ///< of the modelled server
};

struct AdviseOptions {
  RunOptions run;
  bool simulated = false;
  unsigned cores = 0;
  std::optional<double> time_limit_s;  ///< of the whole search
  std::optional<double> confidence;    ///< that rates must be shown with
  std::optional<double> headroom;      ///< share of the server's connections to keep free
  std::optional<double> surge;         ///< of a deployment: a share of the instances
  std::optional<std::int64_t> budget;  ///< connections the whole fleet may open
  std::string snippet;                 ///< an id; empty: the pool's own
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

struct SizeOptions {
  SizeInputs inputs;
  OutputOptions output;
  std::string snippet = "sqlalchemy";  ///< an id, "all" or "none"
};

enum class ScenarioAction { none, list, show, check, schema };

struct ScenarioOptions {
  ScenarioAction action = ScenarioAction::none;
  std::string scenario;
  bool report_schema = false;
  FlagValues flags;
};

void add_run(CLI::App& app, RunOptions& options);
void add_sweep(CLI::App& app, SweepOptions& options);
void add_advise(CLI::App& app, AdviseOptions& options);
void add_simulate(CLI::App& app, SimulateOptions& options);
void add_report(CLI::App& app, ReportOptions& options);
void add_merge(CLI::App& app, MergeOptions& options);
void add_size(CLI::App& app, SizeOptions& options);
void add_scenario(CLI::App& app, ScenarioOptions& options);

/// What every command has that puts a scenario on a database: scenario, target, load, output.
void add_measuring(CLI::App& command, RunOptions& options);
/// --json and --markdown: what an answer that is no report has.
void add_requested_files(CLI::App& command, OutputOptions& output);
/// An option for each form of a report.
void add_report_files(CLI::App& command, OutputOptions& output);
/// How the terminal looks.
void add_terminal(CLI::App& command, OutputOptions& output);

/// How the environment is read: nullopt when unset.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

/// What replaces the scenario's values, in the order to apply: environment, then flags.
/// The error names a malformed --pool-option.
Result<std::vector<Override>> overrides_of(const FlagValues& flags, const Environment& environment);

}  // namespace poolgauge::cli
