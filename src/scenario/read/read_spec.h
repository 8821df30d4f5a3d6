// Readers of the parts of a scenario. Each reports what is wrong and gives what it could read; the
// result counts only when no problem was added.
#pragma once

#include <optional>
#include <string>
#include <vector>

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

Deployment read_deployment(const Node& node);
/// Checks that the scenario is possible through its pooler. `node`: the deployment.
void check_pooler(const Node& node, const Scenario& scenario);

/// `requests` to check that the steps named by goals exist.
std::vector<Goal> read_goals(const Node& node, const std::vector<RequestSpec>& requests);

}  // namespace poolgauge
