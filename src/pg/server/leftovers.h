// Removes what an embedded server left behind when its tool was killed before it could clean up.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "poolgauge/stop.h"

namespace poolgauge {

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

}  // namespace poolgauge
