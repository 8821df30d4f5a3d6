// Where the installed PostgreSQL server programs are.
#pragma once

#include <string>

#include "poolgauge/result.h"

namespace poolgauge {

/// Where to look. The defaults are what every run uses; tests name other places.
struct BinarySearch {
  std::string path;                                   ///< colon-separated, as $PATH
  std::string versions_root = "/usr/lib/postgresql";  ///< holds VERSION/bin, newest is preferred
  /// Where daemons are that a user's path may not contain; colon-separated, searched after `path`.
  std::string daemons = "/usr/sbin:/usr/local/sbin";
  /// $POOLGAUGE_PGBOUNCER: this program and no other.
  std::string pgbouncer = {};
  /// The process's own $PATH and Debian's root.
  static BinarySearch from_environment();
};

/// Two programs of one installation, absolute paths.
struct PostgresBinaries {
  std::string initdb;
  std::string postgres;
};

/// $PATH first, then the newest version under the root. Only an initdb with a postgres next to it
/// (symbolic links resolved) counts. The error says what was looked for and where.
Result<PostgresBinaries> find_postgres(const BinarySearch& search);

/// The PgBouncer to start, an absolute path.
Result<std::string> find_pgbouncer(const BinarySearch& search);

}  // namespace poolgauge
