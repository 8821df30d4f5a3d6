// Finding scenarios: by path, or by the bare name of one that is shipped.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/result.h"

namespace poolgauge::cli {

/// Where shipped scenarios may be, in the order of search: ./scenarios, next to the program's
/// source or build tree, in the installed share directory.
std::vector<std::string> scenario_directories();

/// All scenario files in `directories`; of two with the same name the first counts.
std::vector<std::string> scenarios_in(const std::vector<std::string>& directories);

/// The file meant by what was typed. A path that does not exist is returned as it is, so that
/// reading it says so; a bare name that is not found is an error naming the nearest.
Result<std::string> find_scenario(const std::string& typed,
                                  const std::vector<std::string>& directories);

/// "scenarios/chat-100.json" -> "chat-100"
std::string scenario_name_of(const std::string& file);

}  // namespace poolgauge::cli
