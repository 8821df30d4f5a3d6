// The circumstances of a report: the machine, and the commit under test.
#pragma once

#include <string>

#include "cli/options.h"
#include "poolgauge/report.h"

namespace poolgauge::cli {

/// This machine's class; nothing that names it.
MachineFacts machine_facts();

/// The commit of the project under test: POOLGAUGE_COMMIT, or what the CI systems call it. Empty:
/// not told, or not the name of a commit.
std::string commit_under_test(const Environment& environment);

}  // namespace poolgauge::cli
