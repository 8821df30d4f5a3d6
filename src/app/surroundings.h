// What a report says of where and of what it was made: machine, commit under test, pools.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/context.h"
#include "app/requests.h"
#include "poolgauge/report.h"

namespace poolgauge::app {

/// This machine's class; nothing that names it.
MachineFacts machine_facts();

/// The commit of the project under test: POOLGAUGE_COMMIT, or what the CI systems call it. Empty:
/// not told, or not the name of a commit.
std::string commit_under_test(const Environment& environment);

/// What a report shows of the pools: every option of each, defaults included.
std::vector<std::vector<std::pair<std::string, OptionValue>>> options_of_pools(
    const Deployment& deployment);

}  // namespace poolgauge::app
