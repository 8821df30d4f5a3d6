// What every import writes.
#pragma once

#include <string>

#include "poolgauge/import.h"
#include "scenario/import/changing_names.h"
#include "scenario/json.h"

namespace poolgauge {

/// Version, name, description, and empty variables (filled with the defines) and requests.
Json new_scenario(const ImportOptions& options, const std::string& description);

/// A name for a request or a variable: letters, digits, _ and `joint`, at most `most` bytes.
std::string plain_name(std::string_view text, char joint, std::size_t most);

/// The first words of a statement that say what it does to which table: "select message".
std::string statement_name(std::string_view sql);

/// Whether a request may run it: queries, changes of rows, and what belongs to their transactions.
bool is_replayable(std::string_view sql);

/// Whether the statement may be part of a replayed request: the above, and what needs the request's
/// own session or transaction, with the cursors and temporary tables that it knows by `names`.
bool is_replayable_within(std::string_view sql, const ChangingNames& names, bool in_block);

/// Whether the statement changes rows: its first word, or of a WITH any word of it.
bool changes_rows(std::string_view sql);

/// "$1" where `names` has its variable becomes ":name"; text in quotes stays. A parameter right
/// after the name of a type, as in "interval $1", is cast instead.
std::string with_variables(std::string_view sql, const std::vector<std::string>& names);

}  // namespace poolgauge
