// What a throwaway server needs of the machine, and what it may leave there.
#pragma once

#include <sys/types.h>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// A process that cannot be mistaken for a later one with the same number: its start time (clock
/// ticks since boot, /proc/PID/stat field 22) and its pid namespace tell them apart.
struct Owner {
  pid_t pid = 0;
  unsigned long long start_ticks = 0;
  std::string pid_namespace;
};

/// nullopt without a readable /proc.
std::optional<Owner> this_process();
/// Alive, or in another pid namespace, where we cannot know. A zombie is dead.
bool may_be_alive(const Owner& owner);

/// Writes DIRECTORY/owner; false when it cannot.
bool write_owner(const std::string& directory, const Owner& owner);
/// nullopt when there is none, it is a link, or it is damaged.
std::optional<Owner> read_owner(const std::string& directory);

// Removes what an embedded server left behind when its tool was killed before it could clean up.

/// Directories of embedded servers are BASE/poolgauge-XXXXXX.
inline constexpr const char* kDirectoryPrefix = "poolgauge-";
/// In it, the settings of a pooler in front of the server.
inline constexpr const char* kPoolerSettings = "/pgbouncer.ini";

/// Stops the server and removes the directory of every dead owner under `base`; returns the
/// directories it removed. Only real directories (no links) of one of `users` are looked at, and
/// only processes of its user that were started with -D and its data directory, or with its
/// pooler's settings, are stopped. `newest` is a directory made just now: one without an owner file
/// counts as left over only when it is ten minutes older. What a second request to stop
/// interrupts is left for the next start.
std::vector<std::string> remove_leftovers(const std::string& base, const std::vector<uid_t>& users,
                                          const std::string& newest,
                                          const StopFlag* stop = nullptr);

/// Removes a directory and all in it, never following links; true when nothing is left.
bool remove_tree(const std::string& directory);

// The end of the log of a server that we started, for the error if it does not start.

/// The last `lines` lines of an open log file; empty when there is none. Without those that refuse
/// a client because the server starts or stops: a pool that tries again fills the log with them.
std::string log_tail(int log_fd, std::size_t lines);
/// The same of a text.
std::string last_lines(const std::string& text, std::size_t lines);

/// Each line that says something on a line of its own, indented for an error text.
std::string indented(const std::string& text);

// Where the installed PostgreSQL server programs are.

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

// The user an embedded server runs as when we are root, which PostgreSQL refuses.

struct UserIds {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;
};

/// `postgres` if that user exists, else `nobody`; nullopt when we are not root and stay who we are.
std::optional<UserIds> unprivileged_user();

}  // namespace poolgauge
