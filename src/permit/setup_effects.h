// What data.setup and data.teardown would do to things that are there already, and what they make.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "poolgauge/scenario.h"

namespace poolgauge::permit {

/// A statement that removes, replaces, empties or changes something by its name.
struct SetupEffect {
  std::string verb;  ///< "drop", "replace", "empty", "delete from", "update", "alter", "run"
  std::string kind;  ///< "table", "schema", "function", "DO block"; lower case but for the last
  std::string name;  ///< as written, quotes included; empty: it cannot be told
  std::string file;
  std::size_t line = 0;  ///< from 1
};

/// In the order of the files' statements; each (verb, kind, name) once.
std::vector<SetupEffect> effects_of(const std::vector<SqlFile>& files);

/// A table, view, sequence or schema that a file creates; `name` as written.
struct Created {
  std::string kind, name;
};
std::vector<Created> created_by(const std::vector<SqlFile>& files);

}  // namespace poolgauge::permit
