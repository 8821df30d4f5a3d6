// Which database is meant, and which setting named it.
#pragma once

#include <optional>
#include <string>

#include "app/context.h"
#include "app/requests.h"
#include "poolgauge/result.h"

namespace poolgauge::app {

struct TargetChoice {
  std::optional<std::string> conninfo;  ///< nullopt: the embedded server
  std::string source;                   ///< "--target", "DATABASE_URL"; empty: PG* variables
};

/// --embedded, then --target, then POOLGAUGE_TARGET, then PG* variables, then DATABASE_URL, then
/// embedded. An empty --target or POOLGAUGE_TARGET is refused, and so is what libpq cannot read.
Result<TargetChoice> chosen_target(const TargetOptions& options, const Environment& environment);

/// A line for the user where the target was found in variables that are not this program's own:
/// libpq's, or DATABASE_URL; else empty.
std::string target_note(const TargetChoice& choice);

}  // namespace poolgauge::app
