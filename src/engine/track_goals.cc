// Tallies for goals that look at sliding windows or at one kind of request.
#include <algorithm>

#include "engine/recorder.h"

namespace poolgauge {

namespace {

/// The request's steps that a goal's "step:name" or "step:request.name" means.
std::vector<std::uint32_t> steps_of(const RequestSpec& request, const std::string& wanted) {
  std::vector<std::uint32_t> steps;
  for (std::uint32_t i = 0; i < request.steps.size(); ++i) {
    const std::string& name = request.steps[i].name;
    if (name == wanted || request.name + "." + name == wanted) steps.push_back(i);
  }
  return steps;
}

std::optional<std::uint32_t> request_of(const Scenario& scenario, const std::string& name) {
  for (std::uint32_t i = 0; i < scenario.requests.size(); ++i) {
    if (scenario.requests[i].name == name) return i;
  }
  return std::nullopt;
}

bool is_hit(const Goal& goal, FailureClass failure) {
  return goal.failure == "error" || goal.failure == name_of(failure);
}

}  // namespace

void Recorder::follow(const Scenario& scenario) {
  bool any = false;
  for (const Goal& goal : scenario.goals) any = any || goal.narrowed();
  if (!any) return;
  measured_.tracks.resize(scenario.goals.size());
  for (std::size_t i = 0; i < scenario.goals.size(); ++i) {
    const Goal& goal = scenario.goals[i];
    if (!goal.narrowed()) continue;
    Tracked tracked{&goal, i, request_of(scenario, goal.request)};
    for (const RequestSpec& request : scenario.requests) {
      tracked.steps.push_back(steps_of(request, goal.step));
    }
    if (goal.over > Duration{0}) {
      measured_.tracks[i].seconds.resize(measured_.series.size(), kEmptySecond);
    }
    tracked_.push_back(std::move(tracked));
  }
}

GoalTally& Recorder::tally(const Tracked& tracked, TimePoint now) {
  GoalTrack& track = measured_.tracks[tracked.place];
  if (track.seconds.empty()) return track.whole;
  const auto second = static_cast<std::size_t>((now - begin_).count() / 1'000'000'000);
  if (second >= track.seconds.size()) track.seconds.resize(second + 1, kEmptySecond);
  return track.seconds[second];
}

void Recorder::track_wait(TimePoint now, Duration waited, std::uint32_t request) {
  for (const Tracked& tracked : tracked_) {
    if (tracked.goal->metric != GoalMetric::pool_wait || !tracked.counts(request)) continue;
    tally(tracked, now).times.record(waited);
    track_age(measured_.tracks[tracked.place], now - waited, now);
  }
}

// At the end of each second what was under way from `from` to `to` had an age; the last one is that
// of the whole window where it had not ended by then.
void Recorder::track_age(GoalTrack& track, TimePoint from, TimePoint to) const {
  if (track.seconds.empty()) {
    if (to >= end_ && from < end_) track.whole.ages.record(end_ - from);
    return;
  }
  const TimePoint last = std::min(to, end_);
  auto second = static_cast<std::size_t>((std::max(from, begin_) - begin_) / kSecond);
  TimePoint at = begin_ + (static_cast<std::int64_t>(second) + 1) * kSecond;
  for (; at <= last && second < track.seconds.size(); at += kSecond, ++second) {
    track.seconds[second].ages.record(at - from);
  }
}

// Of a request that was completed, or that the window's end found in flight.
void Recorder::track_ages(const RequestTrace& trace, TimePoint now) {
  for (const Tracked& tracked : tracked_) {
    if (!tracked.counts(trace.request)) continue;
    GoalTrack& track = measured_.tracks[tracked.place];
    switch (tracked.goal->metric) {
      case GoalMetric::latency: track_age(track, trace.intended, now); break;
      case GoalMetric::response: track_age(track, trace.started, now); break;
      case GoalMetric::connection_time: track_age(track, now - trace.connection, now); break;
      case GoalMetric::step:
        for (const Span& span : trace.spans) {
          const bool timed = span.kind == SpanKind::sql || span.kind == SpanKind::hold ||
                             span.kind == SpanKind::pause;
          const auto& steps = tracked.steps[trace.request];
          if (!timed || std::find(steps.begin(), steps.end(), span.place) == steps.end()) continue;
          const TimePoint began = trace.intended + span.start;
          track_age(track, began, began + span.length);
        }
        break;
      case GoalMetric::pool_wait:  // of granted ones by granted()
        if (trace.at_end && trace.at_end->kind == SpanKind::pool_wait) {
          track_age(track, trace.at_end->since, now);
        }
        break;
      case GoalMetric::connect:  // never narrowed
      case GoalMetric::none: break;
    }
  }
}

void Recorder::add_under_way(Measurement& so_far, const RequestTrace& trace, TimePoint now) const {
  InFlightAges& ages = so_far.in_flight;
  ++so_far.requests.in_flight;
  ages.latency.record(now - trace.intended);
  ages.requests[trace.request].record(now - trace.intended);
  ages.response.record(now - trace.started);
  if (trace.asked) ages.pool_wait.record(now - *trace.asked);
  for (const Tracked& tracked : tracked_) {
    std::optional<TimePoint> from;
    if (tracked.goal->metric == GoalMetric::latency) from = trace.intended;
    if (tracked.goal->metric == GoalMetric::response) from = trace.started;
    if (tracked.goal->metric == GoalMetric::pool_wait) from = trace.asked;
    if (!from || !tracked.counts(trace.request)) continue;
    GoalTrack& track = so_far.tracks[tracked.place];
    if (track.seconds.empty()) {
      track.whole.ages.record(now - *from);
    } else {
      track_age(track, *from, now);
    }
  }
}

void Recorder::track_completed(TimePoint now, const RequestTrace& trace) {
  track_ages(trace, now);
  for (const Tracked& tracked : tracked_) {
    if (!tracked.counts(trace.request)) continue;
    GoalTally& into = tally(tracked, now);
    ++into.completed;
    switch (tracked.goal->metric) {
      case GoalMetric::latency: into.times.record(now - trace.intended); break;
      case GoalMetric::response: into.times.record(now - trace.started); break;
      case GoalMetric::connection_time: into.times.record(trace.connection); break;
      case GoalMetric::step:
        for (const std::uint32_t step : tracked.steps[trace.request]) {
          into.times.record(trace.steps[step]);
        }
        break;
      case GoalMetric::pool_wait:  // by granted()
      case GoalMetric::connect:    // never narrowed
      case GoalMetric::none: break;
    }
  }
}

void Recorder::track_failed(TimePoint now, std::uint32_t request, FailureClass failure) {
  for (const Tracked& tracked : tracked_) {
    if (!tracked.counts(request)) continue;
    GoalTally& into = tally(tracked, now);
    ++into.failed;
    if (is_hit(*tracked.goal, failure)) ++into.hits;
  }
}

}  // namespace poolgauge
