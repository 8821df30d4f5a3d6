// What a run needs permission for: statements that write, a setup's effects, and a server that
// others use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/scenario.h"

namespace poolgauge::permit {

struct Token {
  std::string text;      ///< a word in lower case, a quoted name without its quotes, else as it is
  bool is_word = false;  ///< not quoted
  bool is_name = false;  ///< a word, or a quoted name
  std::size_t begin = 0, end = 0;  ///< byte offsets in the whole text
};

struct StatementTokens {
  std::vector<Token> tokens;  ///< never empty; without the semicolon
  bool unterminated = false;  ///< a quotation or a comment has no end
};

/// Split at semicolons outside brackets. Bodies of SQL functions that are not quoted (BEGIN
/// ATOMIC) fall apart into several statements.
std::vector<StatementTokens> statements_of(std::string_view sql);

// Which tables a statement names.

/// The names after FROM, JOIN, INTO, UPDATE, and TABLE, without schema and quotes, each once; names
/// of WITH queries among them. Functions and subqueries are not.
std::vector<std::string> tables_named(std::string_view sql);

/// The same names as identifiers in double quotes, with their schemas where the text has them.
std::vector<std::string> qualified_tables(std::string_view sql);

/// What planning a statement does not check: TRUNCATE of tables, named as above, and temporary
/// tables.
struct FurtherRights {
  std::vector<std::string> truncated;
  bool temporary = false;
};
FurtherRights further_rights(std::string_view sql);

// Whether an SQL text provably changes nothing: told from the text alone, and in doubt it is not.

/// Why the text may change something, as a phrase such as "INSERT" or "nextval(), whose effects
/// cannot be told"; empty: it provably only reads. A function that is not known to be without
/// effects counts as one that writes, and so does a row lock.
std::string why_may_write(std::string_view sql);

/// Whether the text is certain to need what a standby or a read-only transaction refuses. What may
/// write only because its effects cannot be told, such as a function's, is not.
bool surely_writes(std::string_view sql);

/// Whether PostgreSQL's own function of this name (in lower case) has no effect beyond its result.
bool is_function_without_effects(std::string_view name);

// What data.setup and data.teardown would do to things that are there already, and what they make.

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

// Whether a server looks as if others use it: what is known of it beforehand, judged.

struct SharedSigns {
  std::string host, database;
  std::int64_t others = 0;       ///< sessions of other users, by user and application
  std::int64_t busy_others = 0;  ///< of these: did something within the last minute
  bool sees_others = true;       ///< whether it is visible when others did something
  double foreign_per_s = 0;      ///< transactions in our database that are not ours
};

/// Whether the name has a part that says so: "prod", "production", "live", "prd", "primary-prod3".
bool looks_like_production(std::string_view name);

/// One phrase for each sign that others use the server; empty: it looks unused.
std::vector<std::string> signs_of_sharing(const SharedSigns& seen);

}  // namespace poolgauge::permit
