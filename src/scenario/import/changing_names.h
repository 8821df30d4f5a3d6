// Names that an application generates for each request: they do not distinguish statements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/sql_scanner.h"

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

}  // namespace poolgauge
