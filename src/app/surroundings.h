// Where and of what a report is made: machine, commit under test, pools, and which database.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/context.h"
#include "app/requests.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"

namespace poolgauge::app {

/// This machine's class; nothing that names it.
MachineFacts machine_facts();

/// The commit of the project under test: POOLGAUGE_COMMIT, or what the CI systems call it. Empty:
/// not told, or not the name of a commit.
std::string commit_under_test(const Environment& environment);

/// What a report shows of the pools: every option of each, defaults included.
std::vector<std::vector<std::pair<std::string, OptionValue>>> options_of_pools(
    const Deployment& deployment);

// Which database is meant, and which setting named it.

struct TargetChoice {
  std::optional<std::string> conninfo;  ///< nullopt: the embedded server
  std::string source;                   ///< "--target", "DATABASE_URL"; empty: PG* variables
};

/// What is named first, in the order below, unchecked.
TargetChoice named_target(const TargetOptions& options, const Environment& environment);

/// --embedded, then --target, then POOLGAUGE_TARGET, then PG* variables, then DATABASE_URL, then
/// embedded. An empty --target or POOLGAUGE_TARGET is refused, and so is what libpq cannot read.
Result<TargetChoice> chosen_target(const TargetOptions& options, const Environment& environment);

/// A line for the user where the target was found in variables that are not this program's own:
/// libpq's, or DATABASE_URL; else empty.
std::string target_note(const TargetChoice& choice);

/// The conninfo of the server that is meant, and a note where it was found; a throwaway one would
/// tell nothing, so none is an error that begins with `purpose` ("doctor checks a server").
/// `pgbouncer` (--pgbouncer) is checked, too.
Result<std::string> given_server(const char* purpose, const TargetOptions& target,
                                 const std::optional<std::string>& pgbouncer,
                                 const Environment& environment, ProgressSink& progress);
/// The error of a server that was given: without the advice to use a throwaway one.
Error about_given(Error error);

}  // namespace poolgauge::app
