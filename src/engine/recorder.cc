// Accounting of requests.
#include "engine/recorder.h"

#include <algorithm>

namespace poolgauge {

void RequestTrace::reset(std::uint32_t request_index, TimePoint intended_at, TimePoint started_at) {
  request = request_index;
  intended = intended_at;
  started = started_at;
  pool_wait = connection = begin = sql = hold = pause = commit = release = Duration{0};
  std::fill(steps.begin(), steps.end(), Duration{0});
}

Recorder::Recorder(const Scenario& scenario, TimePoint begin, TimePoint end)
    : begin_(begin), end_(end) {
  std::uint32_t base = 0;
  for (const RequestSpec& request : scenario.requests) {
    step_base_.push_back(base);
    base += static_cast<std::uint32_t>(request.steps.size());
  }
  measured_.steps.resize(base);
  measured_.warmup = scenario.warmup;
  const auto seconds = static_cast<std::size_t>((to_s(end - begin)) + 0.999999);
  measured_.series.resize(seconds);
  follow(scenario);
}

// True when the request belongs to the window. What ends after it was in flight at its end.
bool Recorder::count(TimePoint now, TimePoint intended) {
  if (now < begin_) return false;
  if (now >= end_) {
    abandoned(intended);
    return false;
  }
  if (intended < begin_) ++measured_.requests.carried_in;
  return true;
}

SecondSample& Recorder::second_at(TimePoint now) {
  return second(static_cast<std::size_t>((now - begin_).count() / 1'000'000'000));
}

SecondSample& Recorder::second(std::size_t index) {
  if (index >= measured_.series.size()) measured_.series.resize(index + 1);
  return measured_.series[index];
}

void Recorder::completed(TimePoint now, const RequestTrace& trace) {
  ++totals_.completed;
  const Duration latency = now - trace.intended;
  recent_.record(latency);
  if (!count(now, trace.intended)) return;
  Measurement& m = measured_;
  ++m.requests.completed;
  m.latency.record(latency);
  m.response.record(now - trace.started);
  m.connection_time.record(trace.connection);
  SecondSample& second = second_at(now);
  ++second.completed;
  second.latency.record(latency);
  if (!tracked_.empty()) track_completed(now, trace);
  const std::uint32_t base = step_base_[trace.request];
  for (std::size_t i = 0; i < trace.steps.size(); ++i) m.steps[base + i].record(trace.steps[i]);
  const auto ns = [](Duration d) { return static_cast<double>(d.count()); };
  PhaseTotals& p = m.phases;
  p.pool_wait_ns += ns(trace.pool_wait);
  p.begin_ns += ns(trace.begin);
  p.sql_ns += ns(trace.sql);
  p.hold_ns += ns(trace.hold);
  p.pause_ns += ns(trace.pause);
  p.commit_ns += ns(trace.commit);
  p.release_ns += ns(trace.release);
  p.other_ns += ns(latency - trace.pool_wait - trace.begin - trace.sql - trace.hold - trace.pause -
                   trace.commit - trace.release);
}

void Recorder::failed(TimePoint now, const RequestTrace& trace, Phase phase, const Outcome& outcome,
                      const std::string& text) {
  if (outcome.failure == FailureClass::stopped) return abandoned(trace.intended);
  ++totals_.failed;
  if (outcome.failure == FailureClass::pool_timeout) ++totals_.pool_timeouts;
  if (!count(now, trace.intended)) return;
  ++measured_.requests.failed;
  ++second_at(now).failed;
  if (!tracked_.empty()) track_failed(now, trace.request, outcome.failure);
  FailureCount& entry = failure(phase, outcome);
  ++entry.count;
  if (entry.example.empty()) entry.example = text;
}

void Recorder::abandoned(TimePoint intended) {
  if (intended >= end_) return;
  ++measured_.requests.in_flight;
  if (intended < begin_) ++measured_.requests.carried_in;
}

void Recorder::shed(TimePoint now, TimePoint intended) {
  if (now < begin_) return;
  if (now >= end_) return abandoned(intended);
  ++measured_.requests.shed;
  if (intended < begin_) ++measured_.requests.carried_in;
}

FailureCount& Recorder::failure(Phase phase, const Outcome& outcome) {
  for (FailureCount& known : measured_.failures) {
    const bool same = known.phase == phase && known.failure == outcome.failure &&
                      known.sqlstate == outcome.sqlstate.data();
    if (same) return known;
  }
  FailureCount fresh;
  fresh.phase = phase;
  fresh.failure = outcome.failure;
  fresh.sqlstate = outcome.sqlstate.data();
  measured_.failures.push_back(fresh);
  return measured_.failures.back();
}

bool Recorder::wants_example(Phase phase, const Outcome& outcome) {
  return std::none_of(measured_.failures.begin(), measured_.failures.end(),
                      [&](const FailureCount& known) {
                        return known.phase == phase && known.failure == outcome.failure &&
                               known.sqlstate == outcome.sqlstate.data() && !known.example.empty();
                      });
}

void Recorder::cut(TimePoint now) {
  if (now >= end_) return;
  measured_.partial = true;
  end_ = std::max(now, begin_);
  const auto seconds = static_cast<std::size_t>(to_s(end_ - begin_) + 0.999999);
  if (measured_.series.size() > seconds) measured_.series.resize(seconds);
  for (GoalTrack& track : measured_.tracks) {
    if (track.seconds.size() > seconds) track.seconds.resize(seconds, kEmptySecond);
  }
}

}  // namespace poolgauge
