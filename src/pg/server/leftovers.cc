// Walks the base directory; judges each candidate by its owner file and /proc.
#include "pg/server/leftovers.h"

#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include <fmt/core.h>

#include "pg/probe/server_counters.h"
#include "pg/server/child_process.h"
#include "pg/session/epoll_time.h"

namespace poolgauge {
namespace {

namespace fs = std::filesystem;

constexpr long kForgottenAfterS = 600;
constexpr int kLeftoverTickMs = 10;

std::optional<struct stat> directory_stat(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return std::nullopt;
  return info;
}

bool is_left_over(const std::string& directory, const std::vector<uid_t>& users,
                  const std::string& newest) {
  const auto info = directory_stat(directory);
  if (!info || directory == newest) return false;
  if (std::find(users.begin(), users.end(), info->st_uid) == users.end()) return false;
  if (const auto owner = read_owner(directory)) return !may_be_alive(*owner);
  // Half made or half removed. The newest directory's time is the present, by the file's clock.
  const auto present = directory_stat(newest);
  return present && present->st_mtime - info->st_mtime > kForgottenAfterS;
}

bool runs_on(pid_t pid, const std::string& directory, uid_t user) {
  const std::string data = directory + "/data";
  const std::string settings = directory + kPoolerSettings;
  const auto process = directory_stat(fmt::format("/proc/{}", pid));
  if (!process || process->st_uid != user) return false;
  std::ifstream file(fmt::format("/proc/{}/cmdline", pid));
  std::string argument;
  std::string previous;
  while (std::getline(file, argument, '\0')) {
    if (previous == "-D" && argument == data) return true;
    if (!previous.empty() && argument == settings) return true;
    previous = argument;
  }
  return false;
}

/// The server, the initdb that still makes its files, or the pooler before it. Their command lines
/// are asked, not postmaster.pid: that appears late, and anyone who owns the directory could have
/// written it.
std::vector<pid_t> processes_on(const std::string& directory, uid_t user) {
  std::vector<pid_t> found;
  std::error_code error;
  for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    const pid_t pid = static_cast<pid_t>(std::atoi(it->path().filename().c_str()));
    if (pid > 1 && runs_on(pid, directory, user)) found.push_back(pid);
  }
  return found;
}

/// To all of them SIGINT says: end in order. Files must not vanish under them, or they crash and
/// leave shared memory behind. False when a second request to stop came first.
bool stop_processes(const std::string& directory, uid_t user, const StopFlag* stop) {
  for (const pid_t pid : processes_on(directory, user)) {
    // One that was frozen hears nothing else.
    for (const pid_t child : children_of(pid)) ::kill(child, SIGCONT);
    if (runs_on(pid, directory, user)) ::kill(pid, SIGCONT);
    for (const ChildProcess::Plea plea :
         {ChildProcess::Plea{SIGINT, 5000}, ChildProcess::Plea{SIGQUIT, 6000},
          ChildProcess::Plea{SIGKILL, 2000}}) {
      if (runs_on(pid, directory, user)) ::kill(pid, plea.signal);
      for (int waited = 0; waited < plea.wait_ms && runs_on(pid, directory, user);
           waited += kLeftoverTickMs) {
        if (stop != nullptr && stop->requests() > 1) return false;
        wait_ms(kLeftoverTickMs);
      }
    }
  }
  return true;
}

}  // namespace

std::vector<std::string> remove_leftovers(const std::string& base, const std::vector<uid_t>& users,
                                          const std::string& newest, const StopFlag* stop) {
  std::vector<std::string> removed;
  if (!this_process()) return removed;  // without /proc every owner would look dead
  std::error_code error;
  for (fs::directory_iterator it(base, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with(kDirectoryPrefix)) continue;
    const std::string directory = it->path().string();
    if (!is_left_over(directory, users, newest)) continue;
    const auto info = directory_stat(directory);
    if (!info) continue;
    if (!stop_processes(directory, info->st_uid, stop)) break;
    if (remove_tree(directory)) removed.push_back(directory);
  }
  return removed;
}

bool remove_tree(const std::string& directory) {
  std::error_code error;
  fs::remove_all(directory, error);
  return !fs::exists(fs::symlink_status(directory, error));
}

}  // namespace poolgauge
