// Joining what several threads of one trial observed into one Measurement.
#include "poolgauge/measurement.h"

#include <algorithm>

#include "base/check.h"
#include "stats/interval.h"
#include "stats/over_time.h"
#include "stats/product_limit.h"

namespace poolgauge {

namespace {

void add(RequestCounts& into, const RequestCounts& from) {
  into.completed += from.completed;
  into.failed += from.failed;
  into.shed += from.shed;
  into.in_flight += from.in_flight;
  into.carried_in += from.carried_in;
  into.not_started += from.not_started;
}

void add(PhaseTotals& into, const PhaseTotals& from) {
  into.start_ns += from.start_ns;
  into.pool_wait_ns += from.pool_wait_ns;
  into.begin_ns += from.begin_ns;
  into.sql_ns += from.sql_ns;
  into.hold_ns += from.hold_ns;
  into.pause_ns += from.pause_ns;
  into.commit_ns += from.commit_ns;
  into.release_ns += from.release_ns;
  into.other_ns += from.other_ns;
  into.backoff_ns += from.backoff_ns;
}

// A gauge below zero was not seen; only one thread watches the server.
double seen(double a, double b) {
  return a < 0 ? b : a;
}

void add(Histogram& into, const Histogram& from) {
  into.merge(from);
}

void add(SecondSample& into, const SecondSample& from) {
  into.completed += from.completed;
  into.failed += from.failed;
  into.latency.merge(from.latency);
  into.checked_out += from.checked_out;
  into.open += from.open;
  into.overflow += from.overflow;
  into.waiting += from.waiting;
  into.server_active = seen(into.server_active, from.server_active);
  into.server_idle_in_transaction =
      seen(into.server_idle_in_transaction, from.server_idle_in_transaction);
  into.server_lock_waits = seen(into.server_lock_waits, from.server_lock_waits);
}

/// Ours are never damaged.
void add(PackedHistogram& into, const PackedHistogram& from) {
  if (from.count == 0) return;
  Histogram both;
  const bool good = both.merge(into) && both.merge(from);
  POOLGAUGE_CHECK(good, "packed histograms can be read back");
  into = both.packed();
}

void add(GoalTally& into, const GoalTally& from) {
  into.completed += from.completed;
  into.failed += from.failed;
  into.hits += from.hits;
  into.times.merge(from.times);
  into.ages.merge(from.ages);
}

void add(std::vector<ClassCount>& into, const std::vector<ClassCount>& from) {
  for (const ClassCount& more : from) {
    const auto same = std::find_if(
        into.begin(), into.end(), [&](const auto& known) { return known.failure == more.failure; });
    if (same == into.end()) {
      into.push_back(more);
    } else {
      same->count += more.count;
    }
  }
}

void add(std::vector<PackedAt>& into, const std::vector<PackedAt>& from) {
  for (const PackedAt& more : from) add(packed_at(into, more.index), more.values);
}

void add(KindMeasurement& into, const KindMeasurement& from) {
  into.completed += from.completed;
  add(into.failures, from.failures);
  into.latency.merge(from.latency);
}

template <typename T>
void add_by_position(std::vector<T>& into, const std::vector<T>& from);

void add(GoalTrack& into, const GoalTrack& from) {
  add(into.whole, from.whole);
  add_by_position(into.seconds, from.seconds);
}

void add(Slice& into, const Slice& from);

template <typename T>
void add_by_position(std::vector<T>& into, const std::vector<T>& from) {
  const std::size_t shared = std::min(into.size(), from.size());
  for (std::size_t i = 0; i < shared; ++i) add(into[i], from[i]);
  for (std::size_t i = shared; i < from.size(); ++i) into.push_back(from[i]);
}

void add(Slice& into, const Slice& from) {
  into.completed += from.completed;
  into.failed += from.failed;
  add(into.failures, from.failures);
  add(into.latency, from.latency);
  add(into.response, from.response);
  add(into.pool_wait, from.pool_wait);
  add(into.connection_time, from.connection_time);
  add(into.schedule_lag, from.schedule_lag);
  add(into.steps, from.steps);
  add(into.kinds, from.kinds);
}

void add_failure(std::vector<FailureCount>& into, const FailureCount& from) {
  const auto same = std::find_if(into.begin(), into.end(), [&](const FailureCount& known) {
    return known.phase == from.phase && known.failure == from.failure &&
           known.sqlstate == from.sqlstate;
  });
  if (same == into.end()) {
    into.push_back(from);
    return;
  }
  same->count += from.count;
  same->waiting += from.waiting;
  if (same->example.empty()) same->example = from.example;
}

void add(PoolMeasurement& into, const PoolMeasurement& from) {
  const bool unlimited = into.capacity < 0 || from.capacity < 0;
  into.capacity = unlimited ? -1 : into.capacity + from.capacity;
  into.processes += from.processes;
  into.peak_checked_out += from.peak_checked_out;
  into.peak_open += from.peak_open;
  into.peak_overflow += from.peak_overflow;
  into.peak_waiting += from.peak_waiting;
  into.peak_demand += from.peak_demand;
  into.connects += from.connects;
  into.connect_failures += from.connect_failures;
  into.direct_connects += from.direct_connects;
  into.closes += from.closes;
  into.checkouts += from.checkouts;
  into.pings += from.pings;
  into.resets += from.resets;
  into.checked_out_mean += from.checked_out_mean;
  into.open_mean += from.open_mean;
  into.waiting_mean += from.waiting_mean;
}

void add_pool(std::vector<PoolMeasurement>& into, const PoolMeasurement& from) {
  const auto same = std::find_if(into.begin(), into.end(), [&](const PoolMeasurement& known) {
    return known.name == from.name;
  });
  if (same == into.end()) {
    into.push_back(from);
  } else {
    add(*same, from);
  }
}

void add(ClientView& into, const ClientView& from) {
  const unsigned threads = into.threads + from.threads;
  if (threads > 0) {
    into.cpu_busy_ratio_mean =
        (into.cpu_busy_ratio_mean * into.threads + from.cpu_busy_ratio_mean * from.threads) /
        threads;
  }
  into.threads = threads;
  into.cpu_busy_ratio_max = std::max(into.cpu_busy_ratio_max, from.cpu_busy_ratio_max);
  into.cpu_s += from.cpu_s;
  into.schedule_lag.merge(from.schedule_lag);
  into.loop_lag.merge(from.loop_lag);
  into.by_thread.insert(into.by_thread.end(), from.by_thread.begin(), from.by_thread.end());
}

void add_note(std::vector<std::string>& into, const std::string& note) {
  if (std::find(into.begin(), into.end(), note) == into.end()) into.push_back(note);
}

}  // namespace

Duration slice_length(Duration window) {
  using std::chrono::hours;
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  if (window > hours(10)) return seconds(60);
  if (window > hours(1)) return seconds(10);
  if (window >= seconds(40)) return seconds(1);
  if (window >= seconds(20)) return milliseconds(500);
  if (window >= seconds(8)) return milliseconds(200);
  return milliseconds(100);
}

std::uint64_t KindMeasurement::failed() const {
  std::uint64_t sum = 0;
  for (const ClassCount& each : failures) sum += each.count;
  return sum;
}

void RetryCounts::add(std::string_view sqlstate, std::uint64_t count) {
  const auto same = std::find_if(causes.begin(), causes.end(),
                                 [&](const Cause& cause) { return cause.sqlstate == sqlstate; });
  if (same == causes.end()) {
    causes.push_back({std::string(sqlstate), count});
  } else {
    same->count += count;
  }
}

void InFlightAges::merge(const InFlightAges& from) {
  latency.merge(from.latency);
  response.merge(from.response);
  pool_wait.merge(from.pool_wait);
  connection_time.merge(from.connection_time);
  add_by_position(steps, from.steps);
  add_by_position(requests, from.requests);
}

void FailedTimes::merge(const FailedTimes& from) {
  latency.merge(from.latency);
  response.merge(from.response);
  pool_wait.merge(from.pool_wait);
  add_by_position(requests, from.requests);
}

void Measurement::merge(const Measurement& other) {
  warmup = std::max(warmup, other.warmup);
  window = std::max(window, other.window);
  partial = partial || other.partial;
  simulated = simulated || other.simulated;
  costs_assumed = costs_assumed || other.costs_assumed;
  if (ended_by.empty()) ended_by = other.ended_by;
  add(requests, other.requests);
  ended_in_warmup += other.ended_in_warmup;
  latency.merge(other.latency);
  response.merge(other.response);
  pool_wait.merge(other.pool_wait);
  connect.merge(other.connect);
  connection_time.merge(other.connection_time);
  add_by_position(steps, other.steps);
  add_by_position(kinds, other.kinds);
  in_flight.merge(other.in_flight);
  failed_times.merge(other.failed_times);
  gaps.merge(other.gaps);
  add(phases, other.phases);
  phase_times.merge(other.phase_times);
  connect_phases.merge(other.connect_phases);
  join_samples(samples, other.samples);
  for (const FailureCount& failure : other.failures) add_failure(failures, failure);
  retries.requests += other.retries.requests;
  retries.completed += other.retries.completed;
  for (const RetryCounts::Cause& cause : other.retries.causes) {
    retries.add(cause.sqlstate, cause.count);
  }
  add_by_position(series, other.series);
  slice_length = std::max(slice_length, other.slice_length);
  add_by_position(slices, other.slices);
  add_by_position(tracks, other.tracks);
  for (const PoolMeasurement& pool : other.pools) add_pool(pools, pool);
  join_outages(outages, other.outages);
  join_standstills(standstills, other.standstills);
  // One thread asks the server; a view without samples may still say why it has none.
  const bool theirs_says_more = server.note.empty() && !other.server.note.empty();
  if (server.samples == 0 && (other.server.samples > 0 || theirs_says_more)) server = other.server;
  if (pooler.series.empty() && pooler.note.empty()) pooler = other.pooler;
  add(client, other.client);
  calibration.merge(other.calibration);
  for (const std::string& note : other.notes) add_note(notes, note);
}

}  // namespace poolgauge
