// When a server answered nothing: plain values, no server.
#include <catch2/catch.hpp>

#include "pg/probe/live_probe.h"
#include "pg/session/silence_log.h"

using namespace poolgauge;
using namespace std::chrono_literals;

namespace {

TimePoint at(double seconds) {
  return TimePoint{from_s(seconds)};
}

/// Asked each tenth of a second up to `last`, and answered at once.
SilenceLog busy_until(double last) {
  SilenceLog log(at(0));
  for (double now = 0; now <= last + 1e-9; now += 0.1) {
    log.asked(at(now));
    log.answered(at(now + 0.001));
  }
  return log;
}

std::vector<Standstill> judged(const std::vector<Gap>& gaps, const Witnesses& witnesses,
                               const std::vector<Standstill>& client = {}) {
  return silences_of(gaps, witnesses, client, at(0), 10s);
}

TEST_CASE("a silence begins with the question that is not answered", "[silence]") {
  SilenceLog log = busy_until(4.0);
  log.asked(at(4.1));
  log.asked(at(4.2));
  log.answered(at(7.0));
  const std::vector<Gap> gaps = log.gaps(at(7.5));
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].waiting == at(4.1));
  CHECK(gaps[0].end == at(7.0));
}

TEST_CASE("where nobody asked nobody was silent", "[silence]") {
  SilenceLog log = busy_until(4.0);
  log.asked(at(8.0));
  log.answered(at(8.5));
  const std::vector<Gap> gaps = log.gaps(at(9.0));
  REQUIRE(gaps.size() == 1);  // without an answer, but waited for half a second only
  CHECK(judged(gaps, {}).empty());
}

TEST_CASE("parts of a long answer are answers", "[silence]") {
  SilenceLog log = busy_until(1.0);
  log.asked(at(1.1));
  for (const double now : {1.5, 2.0, 2.5, 3.0, 3.5}) log.heard(at(now));
  log.answered(at(4.0));
  CHECK(log.gaps(at(4.1)).empty());
}

TEST_CASE("a question that is given up and asked again goes on", "[silence]") {
  SilenceLog log = busy_until(2.0);
  log.asked(at(2.1));
  log.gave_up(at(2.6));
  log.asked(at(2.6));  // a new connect
  log.gave_up(at(3.6));
  log.asked(at(3.7));
  log.answered(at(5.0));
  REQUIRE(log.gaps(at(5.0)).size() == 1);
  CHECK(log.gaps(at(5.0))[0].waiting == at(2.1));
}

TEST_CASE("between a question that was given up and one much later nobody waited", "[silence]") {
  SilenceLog log = busy_until(2.0);
  log.asked(at(2.1));
  log.gave_up(at(2.6));
  log.asked(at(9.0));
  log.answered(at(9.1));
  REQUIRE(log.gaps(at(9.2)).size() == 1);
  CHECK(log.gaps(at(9.2))[0].waiting == at(9.0));
}

TEST_CASE("one thread's answer ends the other's silence", "[silence]") {
  const std::vector<Gap> one{{at(1), at(8), at(1)}};
  const std::vector<Gap> other{{at(0), at(3), kNever}, {at(5), at(6.5), at(6)}};
  const std::vector<Gap> both = common_gaps(one, other);
  REQUIRE(both.size() == 2);
  CHECK(both[0].start == at(1));
  CHECK(both[0].end == at(3));
  CHECK(both[0].waiting == at(1));
  CHECK(both[1].start == at(5));
  CHECK(both[1].end == at(6.5));
}

TEST_CASE("the probe tells a frozen server from statements that wait", "[silence]") {
  const std::vector<Gap> gaps{{at(4), at(7), at(4)}};
  Witnesses witnesses;
  witnesses.server = {{at(3.9), at(3.91)}, {at(4.1), at(7.01)}};
  const std::vector<Standstill> frozen = judged(gaps, witnesses);
  REQUIRE(frozen.size() == 1);
  CHECK(frozen[0].whose == "server");
  CHECK(frozen[0].start == 4s);
  CHECK(frozen[0].end == Duration(3s + 4s));
  CHECK(frozen[0].confirmed);
  witnesses.server = {{at(4.1), at(4.11)}, {at(5.1), at(5.11)}};
  CHECK(judged(gaps, witnesses).empty());  // all wait for a lock, or for each other
}

TEST_CASE("the console tells a frozen pooler, whatever the server says", "[silence]") {
  Witnesses witnesses;
  witnesses.server = {{at(4.1), at(4.11)}};
  witnesses.pooler = {{at(5), kNever}};
  const std::vector<Standstill> seen = judged({{at(4), at(12), at(4)}}, witnesses);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].whose == "pooler");
  CHECK_FALSE(seen[0].end);
}

TEST_CASE("without a witness only what is far from usual is a silence", "[silence]") {
  Witnesses witnesses;
  witnesses.usual_statement = 2ms;
  const std::vector<Standstill> seen = judged({{at(4), at(7), at(4)}}, witnesses);
  REQUIRE(seen.size() == 1);
  CHECK_FALSE(seen[0].confirmed);
  witnesses.usual_statement = 2s;
  CHECK(judged({{at(4), at(7), at(4)}}, witnesses).empty());
}

TEST_CASE("what the client stood still is not the server's", "[silence]") {
  Standstill own;
  own.whose = "client";
  own.start = 4s;
  own.end = 7s;
  CHECK(judged({{at(3.9), at(7.1), at(3.9)}}, {}, {own}).empty());
  const std::vector<Standstill> rest = judged({{at(3.9), at(9), at(3.9)}}, {}, {own});
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].start == 7s);
}

TEST_CASE("only what lies in the window counts", "[silence]") {
  CHECK(silences_of({{at(1), at(5.5), at(1)}}, {}, {}, at(5), 10s).empty());
  const auto seen = silences_of({{at(1), at(7), at(1)}}, {}, {}, at(5), 10s);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].start == 0s);
}

TEST_CASE("a gap of the probe is told within the window", "[silence]") {
  CHECK(gap_text(1s, 2500ms, 10s) == "from 1.0 s to 2.5 s");
  CHECK(gap_text(1s, 10s, 10s) == "from 1.0 s on");
  CHECK(gap_text(9s, 12s, 10s) == "from 9.0 s on");  // back only after it
  CHECK(gap_text(10s, 12s, 10s).empty());
}

}  // namespace
