// The cure for a failure, where its SQLSTATE tells more than its class.
#include "assess/sentences.h"
#include "diagnosis_figures.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

FailureCount rejected(const std::string& sqlstate, std::uint64_t count) {
  return {Phase::step, FailureClass::sql_error, sqlstate, count, "words"};
}

}  // namespace

TEST_CASE("prepared statements that met a pooler are not to be corrected") {
  for (const char* state : {"42P05", "26000"}) {
    CAPTURE(state);
    Figures f = calm();
    f.requests.failed = 5000;
    f.failures = {rejected(state, 4990), rejected("42601", 10)};
    const std::string advice = found(f, "failing").advice;
    CHECK(has(advice, "send them unprepared"));
    CHECK(has(advice, "max_prepared_statements"));
    CHECK_FALSE(has(advice, "correct the statement"));
  }
}

TEST_CASE("a few of them beside other mistakes change no advice") {
  const std::vector<FailureCount> failures = {rejected("42P05", 10), rejected("42601", 4990)};
  CHECK(cure_of(failures, FailureClass::sql_error) ==
        "correct the statement that fails with SQLSTATE 42601");
  CHECK(cure_of(failures, FailureClass::deadlock) == cure_of(FailureClass::deadlock));
}
