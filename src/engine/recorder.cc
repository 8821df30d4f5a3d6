// Accounting of requests.
#include "engine/recorder.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "stats/interval.h"
#include "stats/over_time.h"

namespace poolgauge {

namespace {

// Joins what a slice had already, so that it may be handed over more than once.
void hand_over(Histogram& current, PackedHistogram& slice, Histogram& whole) {
  if (current.empty()) return;
  whole.merge(current);
  POOLGAUGE_CHECK(current.merge(slice), "a slice's own histogram can be read back");
  slice = current.packed();
  current.clear();
}

void count_in(std::vector<ClassCount>& failures, FailureClass failure) {
  const auto known = std::find_if(failures.begin(), failures.end(),
                                  [&](const auto& kind) { return kind.failure == failure; });
  if (known == failures.end()) {
    failures.push_back({failure, 1});
  } else {
    ++known->count;
  }
}

/// The parts of a latency that are apart from each other.
struct Part {
  Duration RequestTrace::*time;
  double PhaseTotals::*total;
  Histogram PhaseTimes::*times;
};
constexpr std::array kParts{
    Part{&RequestTrace::pool_wait, &PhaseTotals::pool_wait_ns, &PhaseTimes::pool_wait},
    Part{&RequestTrace::begin, &PhaseTotals::begin_ns, &PhaseTimes::begin},
    Part{&RequestTrace::sql, &PhaseTotals::sql_ns, &PhaseTimes::sql},
    Part{&RequestTrace::hold, &PhaseTotals::hold_ns, &PhaseTimes::hold},
    Part{&RequestTrace::pause, &PhaseTotals::pause_ns, &PhaseTimes::pause},
    Part{&RequestTrace::commit, &PhaseTotals::commit_ns, &PhaseTimes::commit},
    Part{&RequestTrace::release, &PhaseTotals::release_ns, &PhaseTimes::release},
    Part{&RequestTrace::backoff, &PhaseTotals::backoff_ns, &PhaseTimes::backoff}};

void book(Duration time, Histogram& times) {
  if (time != Duration::zero()) times.record(time);
}

}  // namespace

void RequestTrace::reset(std::uint32_t request_index, TimePoint intended_at, TimePoint started_at) {
  request = request_index;
  intended = intended_at;
  started = started_at;
  spans.clear();
  spans_left_out = 0;
  pool_wait = connect = connection = begin = sql = hold = pause = commit = release = backoff =
      Duration{0};
  retries = 0;
  at_end.reset();
  under_way = true;
  asked.reset();
  gave_up_waiting = false;
  std::fill(steps.begin(), steps.end(), kNotRun);
  std::fill(exchanges.begin(), exchanges.end(), ExchangeSample{});
}

Recorder::Recorder(const Scenario& scenario, TimePoint begin, TimePoint end)
    : begin_(begin), end_(end), samples_(begin, end), gaps_(begin), sampler_(scenario, begin, end) {
  std::uint32_t base = 0;
  for (const RequestSpec& request : scenario.requests) {
    step_base_.push_back(base);
    base += static_cast<std::uint32_t>(request.steps.size());
  }
  measured_.steps.resize(base);
  measured_.in_flight.steps.resize(base);
  measured_.in_flight.requests.resize(scenario.requests.size());
  measured_.failed_times.requests.resize(scenario.requests.size());
  measured_.warmup = scenario.warmup;
  const auto seconds = static_cast<std::size_t>((to_s(end - begin)) + 0.999999);
  measured_.series.resize(seconds);
  current_.steps.resize(base);
  measured_.kinds.resize(scenario.requests.size());
  if (scenario.requests.size() > 1) current_.kinds.resize(scenario.requests.size());
  measured_.slice_length = slice_length(end - begin);
  measured_.slices.resize(1);
  slice_end_ = begin + measured_.slice_length;
  second_end_ = begin + kSecond;
  follow(scenario);
}

void Recorder::hand_over() {
  Slice& into = slice();
  Measurement& m = measured_;
  if (!current_.responses_differ) current_.response = current_.latency;
  current_.responses_differ = false;
  poolgauge::hand_over(current_.latency, into.latency, m.latency);
  poolgauge::hand_over(current_.response, into.response, m.response);
  poolgauge::hand_over(current_.pool_wait, into.pool_wait, m.pool_wait);
  poolgauge::hand_over(current_.connection_time, into.connection_time, m.connection_time);
  poolgauge::hand_over(current_.schedule_lag, into.schedule_lag, m.client.schedule_lag);
  for (std::size_t i = 0; i < current_.steps.size(); ++i) {
    if (current_.steps[i].empty()) continue;
    poolgauge::hand_over(current_.steps[i], packed_at(into.steps, i), m.steps[i]);
  }
  for (std::size_t i = 0; i < current_.kinds.size(); ++i) {
    if (current_.kinds[i].empty()) continue;
    poolgauge::hand_over(current_.kinds[i], packed_at(into.kinds, i), m.kinds[i].latency);
  }
}

void Recorder::next_slice(TimePoint now) {
  hand_over();
  slice_ = static_cast<std::size_t>((now - begin_) / measured_.slice_length);
  measured_.slices.resize(slice_ + 1);
  slice_end_ = begin_ + (static_cast<std::int64_t>(slice_) + 1) * measured_.slice_length;
}

void Recorder::move_window(TimePoint begin) {
  end_ += begin - begin_;
  slice_end_ += begin - begin_;
  second_end_ += begin - begin_;
  begin_ = begin;
  samples_ = SampleKeeper(begin_, end_);
  gaps_.move_window(begin_);
  sampler_.move_window(begin_);
}

void Recorder::end_slices(TimePoint now) {
  const auto length = measured_.slice_length.count();
  const auto parts = ((now - begin_).count() + length - 1) / length;
  const std::size_t wanted = parts > 0 ? static_cast<std::size_t>(parts) : 0;
  measured_.slices.resize(std::max(wanted, measured_.slices.size()));
}

Measurement& Recorder::measured() {
  hand_over();
  measured_.ended_in_warmup = ended_before_;
  // What a histogram has added up need not be added up once more for every request.
  PhaseTotals& totals = measured_.phases;
  const PhaseTimes& times = measured_.phase_times;
  totals.start_ns = times.start.sum_ns();
  for (const Part& part : kParts) totals.*part.total = (times.*part.times).sum_ns();
  return measured_;
}

void Recorder::due(TimePoint intended) {
  if (intended >= end_) return;
  ++due_;
  if (intended < latest_due_) return;
  due_at_latest_ = intended > latest_due_ ? 1 : due_at_latest_ + 1;
  latest_due_ = intended;
}

void Recorder::finish() {
  measured_.samples = samples_.take();
  if (over_time_ && details_) measured_.gaps = gaps_.take(end_);
}

void Recorder::check_books() const {
  POOLGAUGE_CHECK(due_ == ended_before_ + measured_.requests.scheduled(),
                  "every request that was due is completed, failed, shed or in flight");
  POOLGAUGE_CHECK(measured_.in_flight.latency.count() == measured_.requests.in_flight,
                  "every request in flight has an age");
}

// True when the request belongs to the window. What ends after it was in flight at its end.
bool Recorder::count(TimePoint now, TimePoint intended, const RequestTrace* trace) {
  if (now < begin_) {
    ++ended_before_;
    return false;
  }
  if (now >= end_) {
    abandoned(now, intended, trace);
    return false;
  }
  if (intended < begin_) ++measured_.requests.carried_in;
  return true;
}

void Recorder::keep_only_goals(const std::vector<Goal>& goals) {
  const bool on_steps = std::any_of(
      goals.begin(), goals.end(), [](const Goal& goal) { return goal.metric == GoalMetric::step; });
  parts_ = on_steps;
  keep_no_slices();
}

SecondSample& Recorder::second_at(TimePoint now) {
  if (now >= second_end_) {
    second_ = static_cast<std::size_t>((now - begin_) / kSecond);
    second_end_ = begin_ + (static_cast<std::int64_t>(second_) + 1) * kSecond;
  }
  return second(second_);
}

SecondSample& Recorder::second(std::size_t index) {
  if (index >= measured_.series.size()) measured_.series.resize(index + 1);
  return measured_.series[index];
}

void Recorder::completed(TimePoint now, const RequestTrace& trace) {
  ++totals_.completed;
  const Duration latency = now - trace.intended;
  if (keeps_recent_) recent_.record(latency);
  if (over_time_ && now < end_) gaps_.completed(now);
  if (!count(now, trace.intended, &trace)) return;
  Measurement& m = measured_;
  ++m.requests.completed;
  ++m.kinds[trace.request].completed;
  if (trace.retries > 0) {
    ++m.retries.requests;
    ++m.retries.completed;
  }
  if (!details_) return;
  if (now >= slice_end_) next_slice(now);
  ++slice().completed;
  record_response(now - trace.started, latency);
  current_.latency.record(latency);
  current_.connection_time.record(trace.connection);
  if (!over_time_) return;
  SecondSample& second = second_at(now);
  ++second.completed;
  second.latency.record(latency);
  if (!tracked_.empty()) track_completed(now, trace);
  if (!parts_) return;
  if (!current_.kinds.empty()) current_.kinds[trace.request].record(latency);
  const std::uint32_t base = step_base_[trace.request];
  for (std::size_t i = 0; i < trace.steps.size(); ++i) {
    if (trace.steps[i] != kNotRun) current_.steps[base + i].record(trace.steps[i]);
  }
  sampler_.completed(now, trace.request, trace.exchanges);
  add_phases(trace, latency);
  samples_.completed(now, trace, latency);
}

void Recorder::record_response(Duration response, Duration latency) {
  if (response == latency && !current_.responses_differ) return;
  if (!current_.responses_differ) current_.response = current_.latency;
  current_.responses_differ = true;
  current_.response.record(response);
}

void Recorder::add_phases(const RequestTrace& trace, Duration latency) {
  PhaseTimes& times = measured_.phase_times;
  const Duration start = trace.started - trace.intended;
  Duration other = latency - start;
  book(start, times.start);
  for (const Part& part : kParts) {
    book(trace.*part.time, times.*part.times);
    other -= trace.*part.time;
  }
  if (trace.connect > Duration::zero()) times.connect.record(trace.connect);
  book(other, times.other);
  measured_.phases.other_ns += static_cast<double>(other.count());  // below zero, too
}

void Recorder::failed(TimePoint now, const RequestTrace& trace, Phase phase, const Outcome& outcome,
                      const std::string& text) {
  if (outcome.failure == FailureClass::stopped) return abandoned(now, trace.intended, &trace);
  ++totals_.failed;
  if (outcome.failure == FailureClass::pool_timeout) ++totals_.pool_timeouts;
  if (outcome.sqlstate[0] == '5' && outcome.sqlstate[1] == '3') ++totals_.lacks_resources;
  if (over_time_) gaps_.ended(now);
  if (!count(now, trace.intended, &trace)) return;
  ++measured_.requests.failed;
  if (trace.retries > 0) ++measured_.retries.requests;
  ++second_at(now).failed;
  if (now >= slice_end_) next_slice(now);
  ++slice().failed;
  count_in(slice().failures, outcome.failure);
  count_in(measured_.kinds[trace.request].failures, outcome.failure);
  samples_.failed(trace, now - trace.intended, outcome.failure);
  keep_failed_times(now, trace, phase);
  if (!tracked_.empty()) track_failed(now, trace.request, outcome.failure);
  FailureCount& entry = failure(phase, outcome);
  ++entry.count;
  if (outcome.failure == FailureClass::deadline && trace.gave_up_waiting) ++entry.waiting;
  if (entry.example.empty()) entry.example = text;
}

void Recorder::keep_failed_times(TimePoint now, const RequestTrace& trace, Phase phase) {
  FailedTimes& times = measured_.failed_times;
  times.latency.record(now - trace.intended);
  times.response.record(now - trace.started);
  times.requests[trace.request].record(now - trace.intended);
  if (phase == Phase::checkout) times.pool_wait.record(trace.pool_wait);
}

void Recorder::abandoned(TimePoint now, TimePoint intended, const RequestTrace* trace) {
  if (intended >= end_) return;
  ++measured_.requests.in_flight;
  if (intended < begin_) ++measured_.requests.carried_in;
  measured_.in_flight.latency.record(end_ - intended);
  if (trace != nullptr) keep_ages(now, *trace);
}

// Told after the end, of how things stood at the end: the trace has noted what was under way then.
void Recorder::keep_ages(TimePoint now, const RequestTrace& trace) {
  InFlightAges& ages = measured_.in_flight;
  ages.requests[trace.request].record(end_ - trace.intended);
  if (trace.started < end_) ages.response.record(end_ - trace.started);
  // At least this much of its connection time was before the end.
  const Duration used = trace.connection - std::max(now - end_, Duration{0});
  if (used > Duration{0}) ages.connection_time.record(used);
  if (!tracked_.empty()) track_ages(trace, now);
  if (!trace.at_end || !over_time_) return;
  const Duration age = end_ - trace.at_end->since;
  switch (trace.at_end->kind) {
    case SpanKind::pool_wait: ages.pool_wait.record(age); break;
    case SpanKind::sql:
    case SpanKind::hold:
    case SpanKind::pause:
      ages.steps[step_base_[trace.request] + trace.at_end->place].record(age);
      break;
    case SpanKind::connect:
    case SpanKind::begin:
    case SpanKind::commit:
    case SpanKind::reset:
    case SpanKind::backoff: break;
  }
}

void Recorder::never_begun(TimePoint intended) {
  due(intended);
  abandoned(end_, intended, nullptr);
  if (intended < end_) ++measured_.requests.not_started;
}

void Recorder::shed(TimePoint now, TimePoint intended) {
  due(intended);
  if (count(now, intended, nullptr)) ++measured_.requests.shed;
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

void Recorder::stood_still(TimePoint from, TimePoint to) {
  Standstill own;
  own.whose = "client";
  own.start = std::max(from, begin_) - begin_;
  if (to < end_) own.end = to - begin_;
  if (to <= begin_ || from >= end_) return;
  join_standstills(measured_.standstills, {own});
}

void Recorder::cut(TimePoint now) {
  if (now >= end_) return;
  measured_.partial = true;
  if (now < begin_) move_window(now);  // in the warm-up: what was planned after now never was
  end_ = now;
  // Due at the very end: belongs to nobody.
  if (latest_due_ >= end_) due_ -= due_at_latest_;
  const auto seconds = static_cast<std::size_t>(to_s(end_ - begin_) + 0.999999);
  if (measured_.series.size() > seconds) measured_.series.resize(seconds);
  for (GoalTrack& track : measured_.tracks) {
    if (track.seconds.size() > seconds) track.seconds.resize(seconds, kEmptySecond);
  }
}

}  // namespace poolgauge
