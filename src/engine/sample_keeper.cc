// Copying what qualifies; nothing here allocates after the constructor.
#include "engine/sample_keeper.h"

#include <algorithm>

#include "engine/recorder.h"

namespace poolgauge {

namespace {

bool shorter(const RequestSample& a, const RequestSample& b) {
  return a.latency < b.latency;
}

}  // namespace

SampleKeeper::SampleKeeper(TimePoint begin, TimePoint end)
    : begin_(begin), part_((end - begin) / kTypicalSamples), next_typical_(begin + part_ / 2) {
  const auto prepare = [](auto& samples, RequestSample::Why why) {
    for (RequestSample& sample : samples) {
      sample.why = why;
      sample.spans.reserve(kMostSpans);
    }
  };
  prepare(slow_.samples, RequestSample::Why::slowest);
  prepare(failed_.samples, RequestSample::Why::failed);
  prepare(typical_, RequestSample::Why::typical);
}

// A free place, or that of the shortest.
template <std::size_t N>
RequestSample& SampleKeeper::place_for(Longest<N>& longest) {
  if (longest.used < N) return longest.samples[longest.used++];
  return *std::min_element(longest.samples.begin(), longest.samples.end(), shorter);
}

// What a request must exceed to be kept.
template <std::size_t N>
Duration SampleKeeper::limit_of(const Longest<N>& longest) {
  if (longest.used < N) return Duration{-1};
  return std::min_element(longest.samples.begin(), longest.samples.end(), shorter)->latency;
}

void SampleKeeper::fill(RequestSample& sample, const RequestTrace& trace, Duration latency) const {
  sample.request = trace.request;
  sample.user = trace.user;
  sample.started = trace.intended - begin_;
  sample.latency = latency;
  sample.spans.assign(trace.spans.begin(), trace.spans.end());
  sample.spans_left_out = trace.spans_left_out;
}

void SampleKeeper::keep_slow(const RequestTrace& trace, Duration latency) {
  fill(place_for(slow_), trace, latency);
  shortest_slow_ = limit_of(slow_);
}

void SampleKeeper::keep_failed(const RequestTrace& trace, Duration latency, FailureClass why) {
  RequestSample& sample = place_for(failed_);
  fill(sample, trace, latency);
  sample.outcome = why;
  shortest_failed_ = limit_of(failed_);
}

// The first to complete after the middle of a part, or, where none did, early in the next one.
void SampleKeeper::keep_typical(TimePoint now, const RequestTrace& trace, Duration latency) {
  const auto part = static_cast<std::size_t>((now - begin_) / std::max(part_, Duration{1}));
  next_typical_ = begin_ + part_ * static_cast<std::int64_t>(part + 1) + part_ / 2;
  if (part >= kTypicalSamples || seen_[part]) return;
  seen_[part] = true;
  typical_[part].part = static_cast<std::uint32_t>(part);
  fill(typical_[part], trace, latency);
}

std::vector<RequestSample> SampleKeeper::take() const {
  std::vector<RequestSample> kept;
  std::vector<RequestSample> all(slow_.samples.begin(),
                                 slow_.samples.begin() + static_cast<std::ptrdiff_t>(slow_.used));
  for (std::size_t i = 0; i < kTypicalSamples; ++i) {
    if (seen_[i]) all.push_back(typical_[i]);
  }
  all.insert(all.end(), failed_.samples.begin(),
             failed_.samples.begin() + static_cast<std::ptrdiff_t>(failed_.used));
  join_samples(kept, all);
  return kept;
}

}  // namespace poolgauge
