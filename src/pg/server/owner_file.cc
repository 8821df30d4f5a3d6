// Reads /proc and the owner file.
#include "pg/server/leftovers.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <sstream>

#include <fmt/core.h>

namespace poolgauge {
namespace {

/// The whole of a small file; never through a link, since a directory may belong to another user.
std::optional<std::string> read_small_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return std::nullopt;
  std::array<char, 4096> buffer{};
  const ssize_t got = ::read(file, buffer.data(), buffer.size());
  ::close(file);
  if (got < 0) return std::nullopt;
  return std::string(buffer.data(), static_cast<std::size_t>(got));
}

struct ProcessStat {
  char state = 'X';
  unsigned long long start_ticks = 0;
};

/// The name in field 2 may hold spaces and brackets, so fields are counted from the last ')'.
std::optional<ProcessStat> read_stat(pid_t pid) {
  const auto text = read_small_file(fmt::format("/proc/{}/stat", pid));
  if (!text) return std::nullopt;
  const std::size_t name_end = text->rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text->substr(name_end + 1));
  ProcessStat stat;
  fields >> stat.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  if (!(fields >> stat.start_ticks)) return std::nullopt;
  return stat;
}

std::string own_pid_namespace() {
  std::array<char, 128> buffer{};
  const ssize_t size = ::readlink("/proc/self/ns/pid", buffer.data(), buffer.size());
  return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : "unknown";
}

}  // namespace

std::optional<Owner> this_process() {
  const pid_t pid = ::getpid();
  const auto stat = read_stat(pid);
  if (!stat) return std::nullopt;
  return Owner{pid, stat->start_ticks, own_pid_namespace()};
}

bool may_be_alive(const Owner& owner) {
  if (owner.pid_namespace != own_pid_namespace()) return true;
  const auto stat = read_stat(owner.pid);
  return stat && stat->start_ticks == owner.start_ticks && stat->state != 'Z' && stat->state != 'X';
}

bool write_owner(const std::string& directory, const Owner& owner) {
  const std::string path = directory + "/owner";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const std::string text =
      fmt::format("{} {} {}\n", owner.pid, owner.start_ticks, owner.pid_namespace);
  const ssize_t written = ::write(file, text.data(), text.size());
  return ::close(file) == 0 && written == static_cast<ssize_t>(text.size());
}

std::optional<Owner> read_owner(const std::string& directory) {
  const auto text = read_small_file(directory + "/owner");
  if (!text) return std::nullopt;
  std::istringstream fields(*text);
  Owner owner;
  if (!(fields >> owner.pid >> owner.start_ticks >> owner.pid_namespace) || owner.pid <= 0) {
    return std::nullopt;
  }
  return owner;
}

}  // namespace poolgauge
