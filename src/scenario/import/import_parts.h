// What every import writes, and names that an application generates for each request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/import.h"
#include "scenario/json.h"
#include "sql/sql.h"

namespace poolgauge {

/// The tokens of a statement that are not blank, at most `most`.
std::vector<SqlToken> tokens_of(std::string_view sql, std::size_t most);

/// The savepoints, cursors and temporary tables of one request, numbered as they come.
class ChangingNames {
 public:
  enum class Kind : std::uint8_t { savepoint, cursor, temporary };

  /// Takes in what the statement declares; to be called before number_of() for the same statement.
  void see(std::string_view sql);
  /// The number of the name at `token` (a word or a quoted name) in a statement whose first word
  /// was seen last; none: a name that stays the same.
  std::optional<std::size_t> number_of(std::string_view token) const;
  bool knows(std::string_view token, Kind kind) const;
  /// Temporary tables that nobody dropped and that the end of the transaction does not drop.
  std::vector<std::string> left_behind() const;

 private:
  struct Name {
    std::size_t number;
    std::string text;  ///< as written
    bool stays = false;
  };
  void add(std::string_view token, Kind kind, bool stays = false);
  void see_create(std::string_view sql, const std::vector<SqlToken>& tokens);
  void see_into(std::string_view sql, const std::vector<SqlToken>& tokens);
  void see_drop(std::string_view sql, const std::vector<SqlToken>& tokens);
  std::map<std::pair<Kind, std::string>, Name> names_;
  bool of_savepoints_ = false;  // the statement seen last names a savepoint
};

// What every import writes.

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
