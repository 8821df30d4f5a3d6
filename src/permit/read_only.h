// Whether an SQL text provably changes nothing: told from the text alone, and in doubt it is not.
#pragma once

#include <string>
#include <string_view>

namespace poolgauge::permit {

/// Why the text may change something, as a phrase such as "INSERT" or "nextval(), whose effects
/// cannot be told"; empty: it provably only reads. A function that is not known to be without
/// effects counts as one that writes, and so does a row lock.
std::string why_may_write(std::string_view sql);

/// Whether the text is certain to need what a standby or a read-only transaction refuses. What may
/// write only because its effects cannot be told, such as a function's, is not.
bool surely_writes(std::string_view sql);

/// Whether PostgreSQL's own function of this name (in lower case) has no effect beyond its result.
bool is_function_without_effects(std::string_view name);

}  // namespace poolgauge::permit
