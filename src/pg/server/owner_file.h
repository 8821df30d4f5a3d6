// The owner of an embedded server's directory, so that the next start can recognize dead owners.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

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

}  // namespace poolgauge
