// pgbench scripts that a scenario includes: read, then made part of its requests.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "poolgauge/scenario.h"
#include "scenario/read/pgbench_script.h"
#include "scenario/reader.h"

namespace poolgauge {

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

}  // namespace poolgauge
