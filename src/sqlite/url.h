// Addresses of SQLite databases, as SQLAlchemy writes them.
#pragma once

#include <string>
#include <string_view>

#include "poolgauge/result.h"

namespace poolgauge::sqlite {

/// Where a database is. A name for one in memory, so that several connections share it.
struct Place {
  std::string path;     ///< of the file; empty in memory
  bool memory = false;  ///< gone with its last connection

  /// "sqlite:///dev.db"; "sqlite://" in memory.
  std::string url() const;
};

/// Whether a target's text is meant to be one of these: it begins with "sqlite:".
bool is_sqlite_url(std::string_view text);

/// "sqlite:///relative.db", "sqlite:////absolute.db", "sqlite://" and "sqlite:///:memory:". The
/// error (kind usage) says which part is wrong; percent escapes are decoded.
Result<Place> parse_url(std::string_view text);

}  // namespace poolgauge::sqlite
