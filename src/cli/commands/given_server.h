// The server that `doctor` and `observe` look at.
#pragma once

#include <optional>
#include <string>

#include "app/context.h"
#include "cli/args/options.h"
#include "poolgauge/result.h"

namespace poolgauge::cli {

/// The conninfo of the server that is meant, and a note where it was found; a throwaway one would
/// tell nothing, so none is an error that begins with `purpose` ("doctor checks a server").
/// `pgbouncer` (--pgbouncer) is checked, too.
Result<std::string> given_server(const char* purpose, const TargetOptions& target,
                                 const std::optional<std::string>& pgbouncer, bool quiet,
                                 const Environment& environment);

/// The error of a server that was given: without the advice to use a throwaway one.
Error about_given(Error error);

}  // namespace poolgauge::cli
