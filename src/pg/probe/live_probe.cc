// The probe's thread: pacing, counters, and what it costs.
#include "pg/probe/live_probe.h"

#include <algorithm>
#include <numeric>

#include <fmt/core.h>

#include "pg/probe/server_counters.h"

namespace poolgauge {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kLookEvery = milliseconds(100);
constexpr Duration kLongestPause = seconds(5);
constexpr std::uint32_t kLooksPerLockLook = 10;
constexpr int kLooksBeforeGivingUp = 5;
constexpr Duration kFirstPause = milliseconds(200);  // before a lost connection is made again
constexpr Duration kLongestReconnectPause = seconds(2);
constexpr std::uint32_t kMostGapsNamed = 5;
constexpr double kMostCost = 0.005;  // of a core
// Of the time, where most of a look is its wait in the pooler's line, which costs nobody anything.
constexpr double kMostThroughPooler = 0.05;
constexpr std::size_t kCostsKept = 8;

constexpr const char* kSeesLittle =
    "this user cannot see the activity of other users' connections; GRANT pg_read_all_stats to see "
    "it";

constexpr const char* kThroughPooler =
    "The server was monitored through the pooler: every sample waited in its queue like any client "
    "and used one of its server connections for a moment, so busy moments are underrepresented. "
    "All of the pooler's connections for this user and database count as the load's.";

std::optional<double> server_cpu(const ServerProbe& probe) {
  return probe.processes() ? probe.processes()->cpu_s() : std::nullopt;
}

std::optional<double> own_cpu(const ServerProbe& probe) {
  return probe.processes() ? probe.processes()->backend_cpu_s() : std::nullopt;
}

}  // namespace

void ProbeThread::join(const StopFlag* hurry) {
  alarm_.end();
  if (!thread_.joinable()) return;
  const TimePoint until = monotonic_now() + seconds(1);
  for (TimePoint now = monotonic_now(); now < until; now = monotonic_now()) {
    if (hurry != nullptr && hurry->requests() > 1) break;
    if (!last_.sleep_until(std::min(now + milliseconds(20), until))) break;
  }
  hurry_.request();
  hurry_.request();  // what it asks is of no more use to anybody
  thread_.join();
}

std::optional<double> ProbeThread::active_now() const {
  const double active = active_now_.load(std::memory_order_relaxed);
  return active < 0 ? std::nullopt : std::optional<double>(active);
}

std::string gap_text(Duration from, Duration to, Duration window) {
  if (from >= window) return "";
  if (to >= window) return fmt::format("from {:.1f} s on", to_s(from));
  return fmt::format("from {:.1f} s to {:.1f} s", to_s(from), to_s(to));
}

void ProbeThread::work() {
  watch();
  last_.end();
}

/// False when told to end before it came.
bool ProbeThread::wait_for_window(TimePoint& begin) {
  while (!window_.begin()) {
    if (!alarm_.sleep_until(monotonic_now() + kLookEvery)) return false;
  }
  begin = *window_.begin();
  return alarm_.sleep_until(begin);
}

Result<ServerProbe> ProbeThread::open() {
  return ServerProbe::open(plan_.conninfo, plan_.load_name, plan_.through_pooler, hurry_);
}

void ProbeThread::watch() {
  const TimePoint asked = monotonic_now();
  Result<ServerProbe> opened = open();
  const TimePoint connected = monotonic_now();
  if (opened) connect_took_ = connected - asked;
  // A server where connecting always takes long is not one that answers nothing.
  const bool slow = opened && connect_took_ >= kLeastSilence;
  if (!slow) looks_seen_.push_back({asked, opened ? connected : kNever});
  if (!opened) return view_.note("the server was not monitored: " + opened.error().message);
  std::optional<ServerProbe> probe(std::move(opened).value());
  const Result<bool> all = probe->sees_all();
  if (all.ok() && !all.value()) view_.note(kSeesLittle);
  TimePoint begin{};
  if (!wait_for_window(begin)) return;
  const TimePoint read = monotonic_now();
  const ServerCounters before = CounterReader(probe->connection()).read();
  looks_seen_.push_back({read, monotonic_now()});
  const auto cpu_before = server_cpu(*probe);
  const auto own_before = own_cpu(*probe);
  const TimePoint from = monotonic_now();
  sample(probe, begin);
  for (const std::string& finding : standby_.findings()) view_.remark(finding);
  if (looks_ > 0) view_.view().memory = memory_.result();
  if (looks_ > 0) view_.view().look_ms = looks_s_ / looks_ * 1000;
  if (plan_.through_pooler && looks_ > 0) view_.remark(kThroughPooler);
  if (!probe) return;
  const double passed_s = to_s(monotonic_now() - from);
  ServerView& view = view_.view();
  const auto cpu = server_cpu(*probe);
  const auto own = gaps_ == 0 ? own_cpu(*probe) : std::nullopt;  // of another process since
  if (cpu && cpu_before && *cpu >= *cpu_before) {
    view.cpu_s = *cpu - *cpu_before;
    view.cores = std::max(1U, std::thread::hardware_concurrency());
  }
  if (own && own_before && passed_s > 0) view.look_cpu = (*own - *own_before) / passed_s;
  add_difference(view, before, CounterReader(probe->connection()).read());
}

void ProbeThread::sample(std::optional<ServerProbe>& probe, TimePoint begin) {
  const TimePoint end = begin + plan_.length;
  int failed_looks = 0;
  for (TimePoint next = begin;;) {
    if (!alarm_.sleep_until(std::min(next, end)) || next >= end) return;
    const TimePoint asked = monotonic_now();
    const auto cpu_before = own_cpu(*probe);
    const bool thorough = looks_ % kLooksPerLockLook == 0;
    const Result<ServerSample> seen = probe->look(thorough);
    const TimePoint now = monotonic_now();
    const bool ended = !seen && PQstatus(probe->connection().raw()) == CONNECTION_BAD;
    looks_seen_.push_back({asked, seen || ended ? now : kNever});  // an end is an answer, too
    if (seen) active_now_.store(seen.value().active, std::memory_order_relaxed);
    if (seen && now < end) {
      view_.add(seen.value(), static_cast<std::size_t>((now - begin).count() / 1'000'000'000));
      add_cost(*probe, now - asked, cpu_before);
      if (thorough) look_at_recovery(*probe, begin);
      look_at_memory(*probe, begin);
    } else if (!seen && !probe->connection().usable()) {
      if (!come_back(probe, begin, asked, seen.error().message)) return;
    } else if (!seen && ++failed_looks == kLooksBeforeGivingUp) {
      return view_.note("server monitoring ended early: " + seen.error().message);
    }
    next = std::max(next + pause(), monotonic_now());
  }
}

void ProbeThread::look_at_recovery(ServerProbe& probe, TimePoint begin) {
  const std::optional<StandbySample> seen = look_at_standby(probe.connection());
  if (seen) standby_.add(to_s(monotonic_now() - begin), *seen);
}

void ProbeThread::look_at_memory(ServerProbe& probe, TimePoint begin) {
  const TimePoint asked = monotonic_now();
  if (!memory_.look(probe.connection(), asked - begin)) return;
  looks_seen_.push_back({asked, monotonic_now()});
}

// The old connection is closed before a new one is asked for: the probe never holds two. False when
// it was still gone at the end.
bool ProbeThread::come_back(std::optional<ServerProbe>& probe, TimePoint begin, TimePoint lost,
                            const std::string& why) {
  active_now_.store(-1, std::memory_order_relaxed);
  probe.reset();
  ++gaps_;
  for (Duration pause = kFirstPause;; pause = std::min(pause * 2, kLongestReconnectPause)) {
    const TimePoint next = monotonic_now() + pause;
    if (next >= begin + plan_.length || !alarm_.sleep_until(next)) {
      note_gap(lost - begin, plan_.length, why);
      return false;
    }
    const TimePoint asked = monotonic_now();
    Result<ServerProbe> again = open();
    looks_seen_.push_back({asked, again ? monotonic_now() : kNever});
    if (!again) continue;
    probe.emplace(std::move(again).value());
    note_gap(lost - begin, monotonic_now() - begin, why);
    return true;
  }
}

void ProbeThread::note_gap(Duration from, Duration to, const std::string& why) {
  const std::string when = gap_text(from, to, plan_.length);
  if (when.empty() || gaps_ > kMostGapsNamed) return;
  const bool last = gaps_ == kMostGapsNamed;
  view_.note(fmt::format("missing {} of the window: {}", when, why));
  view_.remark(fmt::format(
      "The server was not monitored {} of the window: the monitoring connection was lost ({}){}.",
      when, why, last ? "; later gaps are not listed" : ""));
}

void ProbeThread::add_cost(ServerProbe& probe, Duration taken, std::optional<double> cpu_before) {
  ++looks_;
  looks_s_ += to_s(taken);
  const auto cpu = own_cpu(probe);
  cpu_known_ = cpu && cpu_before && *cpu > *cpu_before;
  costs_s_.push_back(cpu_known_ ? *cpu - *cpu_before : to_s(taken));
  if (costs_s_.size() > kCostsKept) costs_s_.erase(costs_s_.begin());
}

// On another machine a look's own time stands for its cost; the shortest of the latest ones, since
// the others waited for a busy server.
Duration ProbeThread::pause() const {
  if (costs_s_.empty()) return kLookEvery;
  double cost_s = *std::min_element(costs_s_.begin(), costs_s_.end());
  if (cpu_known_) {
    cost_s = std::accumulate(costs_s_.begin(), costs_s_.end(), 0.0) /
             static_cast<double>(costs_s_.size());
  }
  const double most = plan_.through_pooler ? kMostThroughPooler : kMostCost;
  return std::clamp(from_s(cost_s / most), kLookEvery, kLongestPause);
}

}  // namespace poolgauge
