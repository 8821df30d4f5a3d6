// Reading /proc/PID/stat and its neighbours.
#include "pg/probe/server_counters.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <vector>

#include "pg/probe/machine_watch.h"

namespace poolgauge {

namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct ProcessStat {
  std::string name;
  pid_t parent = 0;
  double own_s = 0;
  double ended_children_s = 0;
};

std::optional<ProcessStat> stat_of(pid_t pid) {
  const std::string text = read_text(fmt::format("/proc/{}/stat", pid));
  const auto times = parse_process_times(text);
  if (!times) return std::nullopt;
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  return ProcessStat{std::string(times->name), static_cast<pid_t>(times->parent),
                     static_cast<double>(times->own) / ticks,
                     static_cast<double>(times->ended_children) / ticks};
}

}  // namespace

std::vector<pid_t> children_of(pid_t pid) {
  std::istringstream text(read_text(fmt::format("/proc/{0}/task/{0}/children", pid)));
  std::vector<pid_t> children;
  for (pid_t child = 0; text >> child;) children.push_back(child);
  return children;
}

// The 22nd field, in ticks. A name may hold spaces and brackets, so the last bracket ends it.
std::optional<double> seconds_after_boot(std::string_view stat) {
  constexpr int kFieldsBetween = 19;
  const std::size_t close = stat.rfind(')');
  if (close == std::string_view::npos) return std::nullopt;
  std::size_t at = close + 2;
  for (int i = 0; i < kFieldsBetween; ++i) {
    const std::size_t space = stat.find(' ', at);
    if (space == std::string_view::npos) return std::nullopt;
    at = space + 1;
  }
  std::istringstream field{std::string(stat.substr(at))};
  double ticks = 0;
  if (!(field >> ticks)) return std::nullopt;
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::optional<ServerProcesses> ServerProcesses::of_backend(pid_t backend) {
  constexpr double kYoung = 60;
  const auto began = seconds_after_boot(read_text(fmt::format("/proc/{}/stat", backend)));
  std::istringstream uptime(read_text("/proc/uptime"));
  double now = 0;
  if (!began || !(uptime >> now) || now - *began > kYoung) return std::nullopt;
  const auto stat = stat_of(backend);
  if (!stat || stat->name.find("postgres") == std::string::npos) return std::nullopt;
  const auto parent = stat_of(stat->parent);
  if (!parent || parent->name.find("postgres") == std::string::npos) return std::nullopt;
  return ServerProcesses(backend, stat->parent);
}

std::optional<double> ServerProcesses::cpu_s() const {
  // Children first: one that ends meanwhile is counted twice rather than lost, for a tick or two.
  double sum = 0;
  const std::vector<pid_t> children = children_of(postmaster_);
  if (children.empty()) return std::nullopt;
  for (const pid_t child : children) {
    const auto stat = stat_of(child);
    if (stat) sum += stat->own_s;
  }
  const auto postmaster = stat_of(postmaster_);
  if (!postmaster) return std::nullopt;
  return sum + postmaster->own_s + postmaster->ended_children_s;
}

std::optional<double> ServerProcesses::backend_cpu_s() const {
  std::istringstream text(read_text(fmt::format("/proc/{}/schedstat", backend_)));
  double ns = 0;
  if (text >> ns) return ns / 1e9;
  const auto stat = stat_of(backend_);
  if (!stat) return std::nullopt;
  return stat->own_s;
}

}  // namespace poolgauge
