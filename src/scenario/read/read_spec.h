// Readers of the parts of a scenario.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/load.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "scenario/reader.h"

namespace poolgauge {

/// "250ms" or a distribution.
DurationSpec read_duration_spec(const Node& node);

/// `file` is the scenario's, to find CSV files next to it.
std::vector<VariableSpec> read_variables(const Node& node, const std::string& file);

/// `deployment` for the pools that requests and steps name; `scenario_file` to find scripts next to
/// it, whose variables are added.
std::vector<RequestSpec> read_requests(const Node& node, std::vector<VariableSpec>& variables,
                                       const Deployment& deployment,
                                       const std::string& scenario_file);

/// What the load's reading needs of the rest of the scenario.
struct LoadContext {
  Duration warmup;          ///< after which a single burst is scheduled
  const std::string& file;  ///< the scenario's, to find a replay next to it
  const std::vector<RequestSpec>& requests;
};
Load read_load(const Node& node, const LoadContext& context);
/// How long the load lasts by itself; none: as long as one likes.
std::optional<Duration> own_length(const Load& load);

/// The SQL of a step: one text, or one for each kind of database.
void read_texts(const Node& node, const std::vector<std::string>& variables, Step& step);

Deployment read_deployment(const Node& node);
/// Checks that the scenario is possible through its pooler. `node`: the deployment.
void check_pooler(const Node& node, const Scenario& scenario);

/// `requests` to check that the steps named by goals exist.
std::vector<Goal> read_goals(const Node& node, const std::vector<RequestSpec>& requests);

// A pgbench script into its commands, or everything that is wrong with its lines.

struct PgbenchCommand {
  enum class Kind { sql, set, sleep, if_true, or_if, otherwise, end_if, gset };
  Kind kind = Kind::sql;
  /// The SQL without its semicolon; of a meta-command what follows its first words.
  std::string text;
  std::size_t offset = 0;  ///< of text in the file
  std::size_t line = 1;    ///< where the command begins
  std::string name;        ///< of the variable that \set sets
  bool combined = false;   ///< SQL of several statements, joined by \;
};

struct PgbenchProblem {
  std::size_t offset = 0;
  std::string message;
  std::string found = {};
  std::string nearest = {};
};

struct PgbenchScript {
  std::vector<PgbenchCommand> commands;
  std::vector<PgbenchProblem> problems;
};

PgbenchScript split_pgbench_script(std::string_view content);

/// "select.sql@3": the file and its weight; a weight of -1: what follows the @ is none.
struct WeightedFile {
  std::string file;
  double weight = 1;
  bool has_weight = false;
};
WeightedFile weighted_file(const std::string& text);

// pgbench scripts that a scenario includes: read, then made part of its requests.

struct IncludedScript {
  std::string file;     ///< as the scenario names it, without its weight
  std::string content;  ///< the whole text
  PgbenchScript script;
};

/// By the JSON pointer of the object that includes it.
using IncludedScripts = std::map<std::string, IncludedScript>;

/// Reads every script that `requests` or one of their steps include. What is wrong with a script is
/// reported with its own file and line. `variables` grows by those that scripts set and by
/// pgbench's own: scale, client_id, random_seed, default_seed.
IncludedScripts read_included_scripts(const Node& requests, const std::string& scenario_file,
                                      std::vector<VariableSpec>& variables);

/// How a script becomes part of a request.
struct ScriptUse {
  Protocol protocol = Protocol::prepared;
  std::uint32_t pool = 0;
  std::string prefix;  ///< of its steps' names
  std::function<std::string(const std::string& wanted)> fresh_name;
  const std::vector<VariableSpec>& variables;
  Problems& problems;
};

/// Appends the script's steps, and the lines that decide about them.
void add_script(RequestSpec& request, const IncludedScript& script, const ScriptUse& use);

/// Call when all steps are there: those after the last script become lines as well, and a request
/// without any decision needs no lines at all.
void finish_lines(RequestSpec& request);

// The file of a replayed load: when requests are due, and which.

/// A CSV text: seconds since the start of the load, and perhaps the request's name; either without
/// a heading (first column, second column) or with one (`at` or `arrival_s`, `request`; others are
/// skipped). Errors name the line. `speed` 2 makes it last half as long.
Result<std::vector<ReplayLoad::Arrival>> read_arrivals(
    std::string_view text, double speed, const std::vector<std::string>& request_names);

}  // namespace poolgauge
