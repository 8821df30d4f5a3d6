// Whose processes they are, and reading their smaps_rollup.
#include "pg/probe/backend_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "pg/probe/machine_watch.h"
#include "pg/probe/server_counters.h"
#include "pg/session/ask.h"
#include "pg/session/epoll_time.h"

namespace poolgauge {

namespace {

constexpr double kKibPerMib = 1024;
constexpr std::array kMoments = {0.1, 0.5, 0.9};  // of the window
constexpr Duration kLongestLook = std::chrono::milliseconds(10);
/// A process that began this near to when its server says so is the one that it means.
constexpr double kSameStartS = 2;

/// The load's backends, as ServerProbe knows them: by the name that this session, too, was given.
constexpr const char* kBackends =
    "SELECT pid, extract(epoch FROM backend_start) FROM pg_stat_activity, "
    "(SELECT coalesce(nullif(nullif(reset_val, ''), 'poolgauge'), '{0}') AS name "
    "FROM pg_settings WHERE name = 'application_name') AS load "
    "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
    "AND (application_name = load.name OR starts_with(application_name, '{0}-')) "
    "ORDER BY random() LIMIT 8";

/// The text of a file in /proc; `error` becomes errno, 0 when it was read.
std::string text_of(const std::string& path, int& error) {
  error = 0;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    error = errno;
    return "";
  }
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t length = 0; (length = ::read(file, part.data(), part.size())) != 0;) {
    if (length < 0) {
      error = errno;
      break;
    }
    text.append(part.data(), static_cast<std::size_t>(length));
  }
  ::close(file);
  return text;
}

/// The number after "Name:" at the beginning of a line.
std::optional<double> figure(std::string_view text, std::string_view name) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(name)) continue;
    line.remove_prefix(name.size());
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    long long value = 0;
    const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (error == std::errc{} && value >= 0) return static_cast<double>(value);
  }
  return std::nullopt;
}

}  // namespace

std::optional<ProcessMemory> parse_process_memory(std::string_view rollup,
                                                  std::string_view status) {
  const auto pss = figure(rollup, "Pss:");
  if (!pss) return std::nullopt;
  ProcessMemory memory;
  memory.pss = *pss / kKibPerMib;
  const auto shared = figure(rollup, "Pss_Shmem:");
  const double alone =
      figure(rollup, "Private_Clean:").value_or(0) + figure(rollup, "Private_Dirty:").value_or(0);
  memory.own = (shared ? std::max(0.0, *pss - *shared) : alone) / kKibPerMib;
  memory.page_tables = figure(status, "VmPTE:").value_or(0) / kKibPerMib;
  return memory;
}

std::optional<double> process_start_s(std::string_view stat, std::string_view machine_stat) {
  const auto booted = figure(machine_stat, "btime");
  const auto after = seconds_after_boot(stat);
  if (!booted || !after) return std::nullopt;
  return *booted + *after;
}

bool BackendMemoryWatch::look(ControlConnection& connection, Duration passed) {
  if (moments_ == kMoments.size() || to_s(passed) < kMoments[moments_] * to_s(window_)) {
    return false;
  }
  ++moments_;
  trouble_ = read_all(connection);
  if (trouble_ == Trouble::none) ++sums_.looks;
  return true;
}

BackendMemoryWatch::Trouble BackendMemoryWatch::read_all(ControlConnection& connection) {
  const ControlReply reply = ask(connection, fmt::format(kBackends, load_name_), 2);
  if (!reply.ok() || reply.rows.empty()) return Trouble::no_backend;
  const TimePoint until = monotonic_now() + kLongestLook;
  const std::uint32_t before = sums_.readings;
  Trouble worst = Trouble::no_backend;
  for (const std::vector<std::string>& row : reply.rows) {
    if (row[1].empty()) {
      worst = std::max(worst, Trouble::hidden);
      continue;
    }
    const auto pid = static_cast<pid_t>(std::strtol(row[0].c_str(), nullptr, 10));
    worst = std::max(worst, read_one(pid, std::strtod(row[1].c_str(), nullptr)));
    if (monotonic_now() > until) break;
  }
  return sums_.readings > before ? Trouble::none : worst;
}

BackendMemoryWatch::Trouble BackendMemoryWatch::read_one(pid_t pid, double began_s) {
  int error = 0;
  const std::string folder = fmt::format("/proc/{}/", pid);
  const std::string stat = text_of(folder + "stat", error);
  const auto process = parse_process_times(stat);
  // The same number may be another process of this machine, even another server's backend.
  const auto began = process_start_s(stat, text_of("/proc/stat", error));
  if (!process || process->name.find("postgres") == std::string_view::npos || !began ||
      std::abs(*began - began_s) > kSameStartS) {
    return Trouble::elsewhere;
  }
  const std::string rollup = text_of(folder + "smaps_rollup", error);
  if (error == EACCES || error == EPERM) return Trouble::denied;
  if (error == ENOENT) return Trouble::no_rollup;
  const auto memory = parse_process_memory(rollup, text_of(folder + "status", error));
  if (!memory) return Trouble::no_backend;  // it ended just now
  ++sums_.readings;
  sums_.pss += memory->pss;
  sums_.own += memory->own;
  sums_.own_max = std::max(sums_.own_max, memory->own);
  sums_.page_tables += memory->page_tables;
  return Trouble::none;
}

BackendMemory BackendMemoryWatch::result() const {
  BackendMemory means = sums_;
  if (means.seen()) {
    means.pss /= means.readings;
    means.own /= means.readings;
    means.page_tables /= means.readings;
    return means;
  }
  switch (trouble_) {
    case Trouble::none:
    case Trouble::no_backend: means.note = "none of the load's connections was visible"; break;
    case Trouble::hidden:
      means.note = "this user has no permission to see when other users' connections started";
      break;
    case Trouble::elsewhere:
      means.note =
          "the server's processes are not visible: the server runs on another machine, in a "
          "container, or in another PID namespace";
      break;
    case Trouble::denied:
      means.note =
          "permission denied for /proc/PID/smaps_rollup of the server's processes: run as the "
          "server's user, or as root with CAP_SYS_PTRACE";
      break;
    case Trouble::no_rollup:
      means.note = "this kernel has no /proc/PID/smaps_rollup (needs Linux 4.14 or later)";
      break;
  }
  return means;
}

}  // namespace poolgauge
