// From what was in use to how many connections are needed.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "advise/size_case.h"
#include "base/text.h"
#include "math/queues.h"
#include "observe/observe.h"

namespace poolgauge::observe {
namespace {

constexpr double kBursty = 1.2;   // peakedness from which on Hayward's rule is used
constexpr double kCutOff = 0.01;  // share of the looks with every connection in use
constexpr double kBusiest = 0.1;  // of the looks, in which the number of sessions must stand
constexpr double kStands = 0.95;  // share of those with the most sessions
constexpr double kMinute_s = 60;
constexpr double kLong_s = 3600;
constexpr double kOneSided = 1.645;  // 95 %
constexpr double kMuchHigher = 1.5;
constexpr double kMostlyLocks = 0.5;  // of the sessions in use: more would only wait, too
constexpr std::int64_t kMost = 100'000;
constexpr double kFewSessions = 2;  // of one process, to tell it from single late starts

/// Whether the number of sessions stood at its most in the busiest tenth of the looks.
bool stands_when_busy(const GroupTally& tally, double looks) {
  double seen = 0, standing = 0;
  for (auto it = tally.looks_by_both.rbegin(); it != tally.looks_by_both.rend(); ++it) {
    const auto count = static_cast<double>(it->second);
    if (it->first.second >= tally.sessions_most) standing += count;
    seen += count;
    if (seen >= kBusiest * looks) break;
  }
  return seen > 0 && standing >= kStands * seen;
}

void judge_limit(ObservedGroup& group, const GroupTally& tally) {
  const std::int64_t limit = group.limit.value_or(group.sessions_most);
  if (limit < 1) return;
  std::vector<Batch> batches = tally.batches;
  double looks = 0;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const std::vector<std::uint32_t>& counts = tally.batch_looks_by_busy[i];
    for (auto busy = static_cast<std::size_t>(limit); busy < counts.size(); ++busy) {
      batches[i].full += counts[busy];
    }
    looks += batches[i].looks;
  }
  group.all_in_use = share_of(batches, &Batch::full, group.effective_looks);
  if (group.all_in_use.value < kCutOff) return;
  if (group.limit) {
    group.cut = ObserveCut::certain;
  } else if (!has_no_pool(group.key) && stands_when_busy(tally, looks)) {
    group.cut = ObserveCut::likely;
  }
}

/// Of the mean of one minute. That of the whole window, taken for so short a time; in a long window
/// it would count the course of the day as an accident, so there the holds alone tell it.
double minute_error(const ObservedGroup& group, double looks_seen, double seconds) {
  const double scaled =
      group.in_use.error * std::sqrt(std::clamp(seconds / kMinute_s, 1.0, kLong_s / kMinute_s));
  if (seconds <= kLong_s || !group.hold_s) return scaled;
  const double spread = group.hold_spread ? group.hold_spread->value : 1;
  const double holds = group.busiest_minute * group.hold_s->value * (1 + spread) / kMinute_s;
  const double looks = std::max(1.0, looks_seen * kMinute_s / seconds);
  return std::min(scaled, std::sqrt(holds + group.busiest_minute / looks));
}

/// Of one process's load: a random part of a bursty load is less bursty.
double peakedness_of(const ObservedGroup& group, double processes) {
  return 1 + (std::max(1.0, group.peakedness) - 1) / processes;
}

/// How many of the requests wait with pools of this size.
void add_waiting(const ObservedGroup& group, std::int64_t processes, ObserveSize& size) {
  const auto count = static_cast<double>(processes);
  size.wait_probability =
      wait_probability(size.per_process, size.demand / count, peakedness_of(group, count));
}

}  // namespace

double demand_of(const ObservedGroup& group, double looks, double seconds, double growth) {
  const double error = minute_error(group, looks, seconds);
  return (group.busiest_minute + kOneSided * error) * (1 + growth);
}

ObserveSize size_for(const ObservedGroup& group, double demand, std::int64_t processes,
                     double wait_goal) {
  ObserveSize size;
  size.demand = demand;
  const auto count = static_cast<double>(processes);
  size.per_process = connections_for(demand / count, peakedness_of(group, count), wait_goal);
  size.lower_bound = group.cut != ObserveCut::no;
  if (size.lower_bound) {
    const std::int64_t most = std::max(group.sessions_most, group.limit.value_or(0));
    size.per_process = std::max(size.per_process, (most + processes - 1) / processes);
  }
  add_waiting(group, processes, size);
  size.total = size.per_process * processes;
  return size;
}

std::int64_t connections_for(double demand, double peakedness, double wait_goal) {
  const double z = peakedness > kBursty ? peakedness : 1;
  const auto servers =
      static_cast<double>(math::servers_for(demand / z, wait_goal).value_or(kMost));
  // The smallest number of which the z-th part, rounded up, is enough.
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor((servers - 1) * z)) + 1);
}

double wait_probability(std::int64_t connections, double demand, double peakedness) {
  const double z = peakedness > kBursty ? peakedness : 1;
  const auto servers = std::ceil(static_cast<double>(connections) / z);
  return math::erlang_c(static_cast<std::uint64_t>(servers), demand / z);
}

std::string waiting_formula(const ObservedGroup& group, std::int64_t processes) {
  const double z = peakedness_of(group, static_cast<double>(processes));
  return z > kBursty ? fmt::format("Hayward's rule, peakedness {}", significant(z)) : "Erlang C";
}

namespace {

/// Where most sessions in use wait for locks, those of a larger pool would wait as well: the size
/// is what it has, and no other is named.
void keep_for_locks(ObservedGroup& group) {
  const std::int64_t has = group.limit.value_or(group.sessions_most);
  const bool mostly =
      group.in_use.value > 0 && group.waiting_for_locks() >= kMostlyLocks * group.in_use.value;
  group.held_by_locks = mostly && (group.cut != ObserveCut::no || group.size.total > has);
  if (!group.held_by_locks) return;
  group.size.total = std::max<std::int64_t>(1, has);
  group.size.per_process =
      std::max<std::int64_t>(1, (group.size.total + group.processes - 1) / group.processes);
  group.size.lower_bound = false;
  add_waiting(group, group.processes, group.size);
  group.size_now.reset();
  group.size_high.reset();
  group.size_guessed.reset();
}

}  // namespace

void size_group(ObservedGroup& group, const GroupTally& tally, const Circumstances& circumstances,
                double seconds) {
  judge_limit(group, tally);
  const SizeProfile& profile = profile_named(circumstances.question.profile);
  group.processes_told = circumstances.question.processes.has_value();
  group.processes = circumstances.question.processes.value_or(1);
  const auto clusters = static_cast<std::int64_t>(tally.starts_apart);
  const bool whole = tally.new_sessions == 0 && clusters > 1 &&
                     group.sessions_mean >= kFewSessions * static_cast<double>(clusters);
  group.processes_guessed = whole ? clusters : 1;
  double looks = 0;
  for (const Batch& batch : tally.batches) looks += batch.looks;
  const double demand = demand_of(group, looks, seconds, profile.growth);
  group.size = size_for(group, demand, group.processes, profile.wait_goal);
  if (profile.growth > 0) {
    group.size_now =
        size_for(group, demand / (1 + profile.growth), group.processes, profile.wait_goal);
  }
  const double higher = group.in_use.value > 0 ? group.in_use_high / group.in_use.value : 1;
  if (group.in_use.value <= 0 && group.in_use_high > 0) {
    group.size_high = size_for(group, group.in_use_high * (1 + profile.growth), group.processes,
                               profile.wait_goal);
  } else if (higher > kMuchHigher) {
    // The error is of what was in use: it does not grow with what may be.
    const double more = group.busiest_minute * (higher - 1) * (1 + profile.growth);
    group.size_high = size_for(group, demand + more, group.processes, profile.wait_goal);
  }
  if (!group.processes_told && group.processes_guessed > 1) {
    group.size_guessed = size_for(group, demand, group.processes_guessed, profile.wait_goal);
  }
  keep_for_locks(group);
}

}  // namespace poolgauge::observe
