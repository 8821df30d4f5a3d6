// Gaps of several threads, and which of them chance explains.
#include "stats/over_time.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/rng.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

CompletionGaps gaps_of(std::vector<CompletionGap> all, Duration least = Duration{0}) {
  CompletionGaps gaps;
  gaps.known = true;
  gaps.least = least;
  gaps.longest = std::move(all);
  return gaps;
}

/// One after the other, with so many requests under way.
CompletionGaps row_of(const std::vector<double>& lengths_s, std::uint32_t in_flight) {
  std::vector<CompletionGap> all;
  Duration now{0};
  for (const double length_s : lengths_s) {
    const Duration end = now + from_s(length_s);
    all.push_back({now, end, now, in_flight});
    now = end;
  }
  return gaps_of(std::move(all));
}

TEST_CASE("what one thread completes ends the other's gap", "[gaps]") {
  CompletionGaps gaps = gaps_of({{0s, 3s, 1s, 2}, {3s, 5s, 9s, 0}});
  gaps.merge(gaps_of({{500ms, 4s, 2s, 1}, {4s, 4500ms, 4s, 1}}, 600ms));
  CHECK(gaps.known);
  CHECK(gaps.least == 600ms);
  REQUIRE(gaps.longest.size() == 2);
  CHECK((gaps.longest[0].start == 500ms && gaps.longest[0].end == 3s));
  CHECK((gaps.longest[0].waiting == 1s && gaps.longest[0].in_flight == 3));
  CHECK(gaps.longest[0].length() == 2s);
  // The first one's users were idle then, the second one's were not.
  CHECK((gaps.longest[1].start == 3s && gaps.longest[1].end == 4s));
  CHECK(gaps.longest[1].length() == 1s);
  gaps.merge(CompletionGaps{});
  CHECK_FALSE(gaps.known);
  CHECK(gaps.longest.empty());
}

TEST_CASE("beside exponential gaps one of a hundred means is none of them, one of ten may be",
          "[gaps]") {
  Rng rng(1, 1);
  std::vector<double> lengths;
  for (int i = 0; i < 1000; ++i) lengths.push_back(-0.01 * std::log(1 - rng.uniform()));
  lengths.push_back(0.1);
  lengths.push_back(1);
  const CompletionGaps gaps = row_of(lengths, 15);
  Histogram latency;
  latency.record_n(150ms, lengths.size());
  const UsualGaps usual(gaps, latency);
  CHECK(usual.by_chance(gaps.longest[1000]).value_or(0) > 0.01);
  CHECK(usual.by_chance(gaps.longest[1001]).value_or(1) < 1e-4);
  // With one request of fifteen left it is as good as nothing.
  CompletionGap lonely = gaps.longest[1001];
  lonely.in_flight = 1;
  CHECK(usual.by_chance(lonely).value_or(0) > 0.1);
}

TEST_CASE("completions in lockstep hide no freeze", "[gaps]") {
  std::vector<double> lengths;
  for (int i = 0; i < 1000; ++i) lengths.push_back(i % 15 == 0 ? 0.02 : 0);
  lengths.push_back(0.5);
  const CompletionGaps gaps = row_of(lengths, 15);
  Histogram latency;
  latency.record_n(20ms, lengths.size());
  CHECK(UsualGaps(gaps, latency).by_chance(gaps.longest.back()).value_or(1) < 1e-4);
  CHECK(UsualGaps(gaps, latency).extraordinary(gaps.longest.back()));
  // Where requests take as long, each by itself, it is ordinary for a few of them.
  CompletionGap few = gaps.longest.back();
  few.in_flight = 2;
  latency.record_n(10s, 40);
  CHECK_FALSE(UsualGaps(gaps, latency).extraordinary(few));
}

TEST_CASE("a few gaps tell nothing of their tail", "[gaps]") {
  const CompletionGaps gaps = row_of({0.1, 0.1, 0.1, 0.1, 0.1, 5}, 2);
  Histogram latency;
  latency.record_n(150ms, 6);
  CHECK_FALSE(UsualGaps(gaps, latency).by_chance(gaps.longest.back()));
  CHECK(UsualGaps(gaps, latency).extraordinary(gaps.longest.back()));
  latency.record(2s);
  CHECK_FALSE(UsualGaps(gaps, latency).extraordinary(gaps.longest.back()));
}

/// Eight seconds at 200/s with gaps of `pause` in between, every so many completions.
Measurement paused(Duration pause, int every, Duration latency) {
  Measurement m;
  std::vector<double> lengths;
  double now = 0;
  for (int i = 1; now < 8; ++i) {
    lengths.push_back(every > 0 && i % every == 0 ? to_s(pause) : 0.005);
    now += lengths.back();
  }
  m.gaps = row_of(lengths, 2);
  m.window = m.gaps.longest.back().end;
  m.requests.completed = lengths.size();
  m.latency.record_n(latency, lengths.size());
  return m;
}

TEST_CASE("gaps below a second are stalls where they take a part of the window", "[stalls]") {
  const std::vector<Stall> pulses = stalls_of(paused(400ms, 120, 10ms));
  CHECK(pulses.size() >= 7);
  for (const Stall& stall : pulses) CHECK(stall.length() == 400ms);
  CHECK(stalls_of(paused(400ms, 1000, 10ms)).empty());       // one
  CHECK(stalls_of(paused(1200ms, 1000, 10ms)).size() == 1);  // one that lies across the seconds
  CHECK(stalls_of(paused(400ms, 120, 250ms)).empty());       // requests take half as long
  CHECK(stalls_of(paused(400ms, 0, 10ms)).empty());
}

TEST_CASE("at the window's end a gap below a second is a stall", "[stalls]") {
  Measurement m = paused(0ms, 0, 10ms);
  const Duration end = m.window;
  m.gaps.longest.push_back({end, end + 700ms, end, 2});
  m.window += 700ms;
  const std::vector<Stall> stalls = stalls_of(m);
  REQUIRE(stalls.size() == 1);
  CHECK(stalls[0].to_the_end);
  CHECK(stalls[0].length() == 700ms);
  CHECK(ends_stalled(stalls));
  CHECK(stalled_beyond(stalls, 1s, 0s, m.window) == Approx(0.7 / to_s(m.window)));
  m.gaps.longest.back().end = end + 60ms;
  CHECK(stalls_of(m).empty());
}

}  // namespace
}  // namespace poolgauge
