// Example requests of several threads in one list.
#include "stats/product_limit.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <set>
#include <string>

using namespace poolgauge;
using namespace std::chrono_literals;
using Why = RequestSample::Why;

namespace {

RequestSample sample(Why why, Duration started, Duration latency, std::uint32_t user,
                     std::uint32_t part = 0) {
  RequestSample made;
  made.why = why;
  made.started = started;
  made.latency = latency;
  made.user = user;
  made.part = part;
  return made;
}

std::string text(const std::vector<RequestSample>& samples) {
  std::string all;
  for (const RequestSample& s : samples) {
    const char* why = s.why == Why::slowest ? "S" : s.why == Why::typical ? "T" : "F";
    all += why + std::to_string(s.user) + " ";
  }
  return all;
}

}  // namespace

TEST_CASE("the slowest of all threads, longest first, and no more than are kept") {
  std::vector<RequestSample> a;
  std::vector<RequestSample> b;
  for (std::uint32_t i = 0; i < kSlowestSamples; ++i) {
    a.push_back(sample(Why::slowest, 1s, std::chrono::milliseconds(10 + 2 * i), i));
    b.push_back(sample(Why::slowest, 1s, std::chrono::milliseconds(11 + 2 * i), 100 + i));
  }
  std::vector<RequestSample> ab = a;
  join_samples(ab, b);
  CHECK(text(ab) == "S104 S4 S103 S3 S102 ");
  std::vector<RequestSample> ba = b;
  join_samples(ba, a);
  CHECK(text(ba) == text(ab));
}

TEST_CASE("of typical ones one for each part of the window, the first to end in it") {
  std::vector<RequestSample> a{sample(Why::typical, 1s, 500ms, 1, 0),
                               sample(Why::typical, 5s, 10ms, 2, 2)};
  const std::vector<RequestSample> b{sample(Why::typical, 1200ms, 100ms, 3, 0),
                                     sample(Why::typical, 3s, 10ms, 4, 1)};
  join_samples(a, b);
  CHECK(text(a) == "T3 T4 T2 ");
}

TEST_CASE("slowest, typical and failed ones do not push each other out") {
  std::vector<RequestSample> a{sample(Why::failed, 1s, 30s, 1), sample(Why::failed, 2s, 30s, 2),
                               sample(Why::failed, 3s, 31s, 3), sample(Why::failed, 4s, 30s, 4)};
  const std::vector<RequestSample> b{sample(Why::slowest, 1s, 1ms, 5),
                                     sample(Why::typical, 1s, 1ms, 6)};
  join_samples(a, b);
  CHECK(text(a) == "S5 T6 F3 F1 F2 ");
}

TEST_CASE("every kind of span has a name of its own") {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(SpanKind::reset); ++kind) {
    names.insert(name_of(static_cast<SpanKind>(kind)));
  }
  CHECK(names.size() == 8);
}

TEST_CASE("connects without times of their parts are in no part's histogram") {
  ConnectPhases phases;
  phases.record({});
  CHECK(phases.ready.empty());
  phases.record({20us, 0us, 3ms, 0us});
  CHECK(phases.tcp.count() == 1);
  CHECK(phases.tls.empty());
  CHECK(phases.authentication.count() == 1);
  CHECK(phases.ready.count() == 1);
}
