// Which gaps between completions are kept, and since when somebody waited in them.
#include "engine/logs.h"

#include <catch2/catch.hpp>

#include "base/rng.h"
#include "poolgauge/measurement.h"
#include "stats/over_time.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

TimePoint at(Duration time) {
  return TimePoint{time};
}

/// From zero on, in a window that begins at one second.
struct Stream {
  GapLog log{at(1s)};
  void one(Duration from, Duration to) {
    log.began(at(from));
    log.completed(at(to));
  }
};

TEST_CASE("a gap lies between two completions and within the window", "[gaps]") {
  Stream stream;
  stream.one(0s, 500ms);
  stream.one(500ms, 1200ms);   // reaches into the window
  stream.one(1200ms, 1500ms);  // as long as its request
  stream.one(2500ms, 2600ms);  // nobody asked for a second
  stream.log.began(at(2600ms));
  const CompletionGaps gaps = stream.log.take(at(3s));
  CHECK(gaps.known);
  REQUIRE(gaps.longest.size() == 4);
  CHECK((gaps.longest[0].start == 0s && gaps.longest[0].length() == 200ms));
  CHECK(gaps.longest[1].length() == 300ms);
  CHECK((gaps.longest[2].start == 500ms && gaps.longest[2].waiting == 1500ms));
  CHECK((gaps.longest[2].length() == 100ms && gaps.longest[2].in_flight == 1));
  CHECK((gaps.longest[3].end == 2s && gaps.longest[3].length() == 400ms));
}

TEST_CASE("nothing is known before the first completion, nor where nobody waits", "[gaps]") {
  Stream stream;
  stream.log.began(at(0s));
  CHECK(stream.log.take(at(3s)).longest.empty());
  Stream idle;
  idle.one(0s, 1s);
  const CompletionGaps gaps = idle.log.take(at(3s));
  REQUIRE(gaps.longest.size() == 1);
  CHECK(gaps.longest[0].length() == 0s);
}

TEST_CASE("failures end no gap", "[gaps]") {
  Stream stream;
  stream.one(1s, 1100ms);
  for (Duration now = 1100ms; now < 2s; now += 100ms) {
    stream.log.began(at(now));
    stream.log.ended(at(now + 90ms));  // and the next one begins soon
  }
  stream.one(2s, 2500ms);
  const CompletionGaps gaps = stream.log.take(at(2500ms));
  REQUIRE(gaps.longest.size() == 1);
  CHECK(gaps.longest[0].length() == 1400ms);
}

TEST_CASE("what the thread itself stood still is no gap", "[gaps]") {
  Stream stream;
  stream.one(1s, 1100ms);
  stream.log.began(at(1100ms));
  stream.log.completed(at(1900ms));
  stream.log.stood_still(at(1900ms), 700ms);
  const CompletionGaps gaps = stream.log.take(at(1900ms));
  REQUIRE(gaps.longest.size() == 1);
  CHECK(gaps.longest[0].length() == 100ms);
}

TEST_CASE("of many gaps the longest are kept, and it is known which may be missing", "[gaps]") {
  GapLog log{at(0s)};
  Duration now = 0s;
  log.began(at(now));
  log.completed(at(now));
  for (int i = 1; i <= 10000; ++i) {
    log.began(at(now));
    now += Duration{(i * 7919) % 10000 + 1};
    log.completed(at(now));
  }
  const CompletionGaps gaps = log.take(at(now));
  CHECK(gaps.longest.size() < 2000);
  CHECK(gaps.longest.size() >= 1000);
  CHECK(gaps.least > 0s);
  for (std::size_t i = 0; i < gaps.longest.size(); ++i) {
    CHECK(gaps.longest[i].length() > gaps.least);
    if (i > 0) CHECK(gaps.longest[i - 1].end <= gaps.longest[i].start);
  }
  CHECK(gaps.longest.size() == 10000 - static_cast<std::size_t>(gaps.least.count()));
}

/// Completions at random, 2,000/s on each thread for 20 s, one request under way on each; none in
/// the `pause` after 10 s.
Measurement many_threads(int threads, Duration pause) {
  Measurement m;
  m.window = 20s;
  for (int thread = 0; thread < threads; ++thread) {
    Rng rng(static_cast<std::uint64_t>(thread) + 1);
    GapLog log{at(0s)};
    Duration now = 0s;
    log.began(at(now));
    for (;;) {
      const Duration took = from_s(rng.exponential() / 2000);
      const bool held = now < 10s && now + took >= 10s;
      now += took + (held ? pause : 0s);
      if (now >= m.window) break;
      log.completed(at(now));
      log.began(at(now));
      m.latency.record(took + (held ? pause : 0s));
      ++m.requests.completed;
    }
    if (thread == 0) {
      m.gaps = log.take(at(m.window));
    } else {
      m.gaps.merge(log.take(at(m.window)));
    }
  }
  return m;
}

TEST_CASE("a stall of many threads is seen, though few of their gaps coincide", "[gaps]") {
  for (const int threads : {1, 2, 4, 16}) {
    INFO(threads);
    const std::vector<Stall> stalls = stalls_of(many_threads(threads, 3s));
    REQUIRE(stalls.size() == 1);
    CHECK((stalls[0].start <= 10s && stalls[0].start > 9900ms));
    CHECK(stalls[0].end >= 13s);
    CHECK(stalls_of(many_threads(threads, 0s)).empty());
  }
}

}  // namespace
}  // namespace poolgauge
