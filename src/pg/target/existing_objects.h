// Things of a database that a setup file names: whether they are there, and who made them.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// A thing by its kind ("table", "schema", "function", …) and its name as SQL has it.
struct NamedObject {
  std::string kind, name;
};

/// Of each: whether it exists and was not made by this program. A kind that cannot be looked up
/// counts as one that exists. Errors: the server cannot be reached, or a stop request.
Result<std::vector<bool>> exist_and_are_foreign(const std::string& conninfo,
                                                const std::vector<NamedObject>& objects,
                                                const StopFlag& stop);

/// Leaves this program's mark on each, as its comment, where it has none: tables, views, sequences
/// and schemas. What cannot be marked is left as it is.
void mark_as_ours(const std::string& conninfo, const std::vector<NamedObject>& objects,
                  const StopFlag& stop);

}  // namespace poolgauge
