// Phase histograms and example requests: recording and joining.
#include "stats/product_limit.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"

namespace poolgauge {

namespace {

using Why = RequestSample::Why;

/// Longest first, typical ones by the part of the window; then whatever makes the order one order.
bool before(const RequestSample& a, const RequestSample& b) {
  const auto key = [](const RequestSample& s) {
    const bool typical = s.why == Why::typical;
    return std::tuple(s.why, typical ? s.part : 0, typical ? s.started + s.latency : -s.latency,
                      s.started, s.user);
  };
  return key(a) < key(b);
}

std::size_t most(Why why) {
  switch (why) {
    case Why::slowest: return kSlowestSamples;
    case Why::typical: return kTypicalSamples;
    case Why::failed: return kFailedSamples;
  }
  return 0;
}

}  // namespace

std::string_view name_of(SpanKind kind) {
  switch (kind) {
    case SpanKind::pool_wait: return "pool_wait";
    case SpanKind::connect: return "connect";
    case SpanKind::begin: return "begin";
    case SpanKind::sql: return "sql";
    case SpanKind::hold: return "hold";
    case SpanKind::pause: return "pause";
    case SpanKind::commit: return "commit";
    case SpanKind::reset: return "reset";
    case SpanKind::backoff: return "backoff";
  }
  check_failed("a listed kind of span", "no such kind of span", __FILE__, __LINE__);
}

void PhaseTimes::merge(const PhaseTimes& from) {
  for (const auto part :
       {&PhaseTimes::start, &PhaseTimes::pool_wait, &PhaseTimes::connect, &PhaseTimes::begin,
        &PhaseTimes::sql, &PhaseTimes::hold, &PhaseTimes::pause, &PhaseTimes::commit,
        &PhaseTimes::release, &PhaseTimes::backoff, &PhaseTimes::other}) {
    (this->*part).merge(from.*part);
  }
}

// Without a clock of the socket's own there is nothing to tell apart.
void ConnectPhases::record(const ConnectTimes& times) {
  if (times.tcp <= Duration::zero()) return;
  tcp.record(times.tcp);
  if (times.tls > Duration::zero()) tls.record(times.tls);
  authentication.record(times.authentication);
  ready.record(times.ready);
}

void ConnectPhases::merge(const ConnectPhases& from) {
  tcp.merge(from.tcp);
  tls.merge(from.tls);
  authentication.merge(from.authentication);
  ready.merge(from.ready);
}

void join_samples(std::vector<RequestSample>& into, const std::vector<RequestSample>& from) {
  std::vector<RequestSample> all = std::move(into);
  all.insert(all.end(), from.begin(), from.end());
  std::sort(all.begin(), all.end(), before);
  into.clear();
  std::size_t kept = 0;
  for (RequestSample& sample : all) {
    const bool first = into.empty() || into.back().why != sample.why;
    kept = first ? 0 : kept;
    const bool same_part = !first && sample.why == Why::typical && into.back().part == sample.part;
    if (same_part || kept == most(sample.why)) continue;
    ++kept;
    into.push_back(std::move(sample));
  }
}

}  // namespace poolgauge
