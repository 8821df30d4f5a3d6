// Reading /proc: who used the processors between two looks.
#include "pg/probe/machine_watch.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace poolgauge {

namespace {

namespace fs = std::filesystem;

constexpr Duration kDescriptorsEvery = std::chrono::seconds(1);

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;  // reading through it, a process that has gone is no exception
  out << in.rdbuf();
  return out.str();
}

/// The whole numbers that follow each other in a text; stops at the first that is none.
template <std::size_t N>
std::array<long long, N> numbers_in(std::string_view text) {
  std::array<long long, N> numbers{};
  const char* at = text.data();
  const char* end = text.data() + text.size();
  for (long long& number : numbers) {
    while (at != end && *at == ' ') ++at;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc{}) break;
    at = next;
  }
  return numbers;
}

double seconds_of(long long ticks) {
  static const auto per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  return static_cast<double>(ticks) / per_second;
}

bool is_number(const std::string& name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
}

/// Of every process whose name is a database's. A backend that ended is in its postmaster's times.
double database_time() {
  long long ticks = 0;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string pid = entry.path().filename().string();
    if (!is_number(pid)) continue;
    const std::string stat = content_of("/proc/" + pid + "/stat");
    const auto times = parse_process_times(stat);
    if (!times || (times->name != "postgres" && times->name != "pgbouncer")) continue;
    ticks += times->own + times->ended_children;
  }
  return seconds_of(ticks);
}

/// Files and sockets of this process. Linux 6.2 and later say it as the folder's size; before, each
/// has to be looked at, which thousands of connections would feel.
std::uint64_t open_descriptors() {
  struct stat folder {};
  if (::stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0) {
    return static_cast<std::uint64_t>(folder.st_size);
  }
  std::error_code ignored;
  std::uint64_t count = 0;
  for (auto at = fs::directory_iterator("/proc/self/fd", ignored); at != fs::directory_iterator();
       at.increment(ignored)) {
    ++count;
  }
  return count > 0 ? count - 1 : 0;  // without the one of this look
}

}  // namespace

// "PID (name) state ..."; a name may hold spaces and brackets, so the last bracket ends it.
std::optional<ProcessTimes> parse_process_times(std::string_view stat) {
  const std::size_t open = stat.find('(');
  const std::size_t close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  constexpr std::size_t kAfterState = 4;  // ") S "
  if (stat.size() < close + kAfterState) return std::nullopt;
  // ppid is the 4th field, utime, stime, cutime and cstime are the 14th to 17th.
  const auto fields = numbers_in<14>(stat.substr(close + kAfterState));
  return ProcessTimes{stat.substr(open + 1, close - open - 1), fields[10] + fields[11],
                      fields[12] + fields[13], fields[0]};
}

std::optional<ProcessorUse> processor_use() {
  const std::string all = content_of("/proc/stat");
  const std::string self = content_of("/proc/self/stat");
  const auto own = parse_process_times(self);
  if (!all.starts_with("cpu ") || !own) return std::nullopt;
  // user, nice, system, idle, iowait, irq, softirq, steal: interrupts belong to nobody.
  const auto fields = numbers_in<8>(std::string_view(all).substr(4));
  ProcessorUse use;
  use.all = seconds_of(fields[0] + fields[1] + fields[2]);
  use.stolen = seconds_of(fields[7]);
  use.own = seconds_of(own->own);
  use.databases = database_time();
  return use;
}

void MachineWatch::look(TimePoint now) {
  if (now < begin_) return;
  look_at_descriptors(now);
  if (!first_) {
    first_ = processor_use();
    first_at_ = now;
  } else if (!last_ && now >= end_) {
    last_ = processor_use();
    last_at_ = now;
  }
}

void MachineWatch::look_at_descriptors(TimePoint now) {
  if (now < next_descriptors_) return;
  next_descriptors_ = now + kDescriptorsEvery;
  descriptors_ = std::max(descriptors_, open_descriptors());
}

void MachineWatch::write(TimePoint now, ClientView& client) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) client.descriptors_limit = limit.rlim_cur;
  client.descriptors_peak = descriptors_;
  if (!first_) return;
  if (!last_) {
    last_ = processor_use();
    last_at_ = now;
  }
  const double seconds = to_s(last_at_ - first_at_);
  if (!last_ || seconds <= 0) return;
  const auto rate = [seconds](double from, double to) {
    return std::max(0.0, to - from) / seconds;
  };
  MachineView& machine = client.machine;
  machine.own = rate(first_->own, last_->own);
  machine.databases = rate(first_->databases, last_->databases);
  machine.stolen = rate(first_->stolen, last_->stolen);
  const double all = rate(first_->all, last_->all);
  machine.others = std::max(0.0, all - machine.own - machine.databases);
  machine.processors = static_cast<unsigned>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
}

}  // namespace poolgauge
