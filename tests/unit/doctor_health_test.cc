// A pool's health from a handful of counts.
#include <catch2/catch.hpp>

#include "doctor/health.h"

namespace poolgauge::doctor {
namespace {

HealthFacts facts_of(std::int64_t sessions, std::int64_t busy) {
  HealthFacts facts;
  facts.connected = facts.sees_states = true;
  facts.sessions = sessions;
  facts.busy = busy;
  return facts;
}

}  // namespace

TEST_CASE("a pool's use, with lines that fit its size", "[health]") {
  const HealthPlan plan{"web", 20, 100};
  const Health health = judge_health(facts_of(30, 12), plan);
  CHECK(health.status == DoctorVerdict::healthy);
  CHECK(health.checked_out == 12);
  CHECK(health.checked_in == 18);
  CHECK(health.overflow == 10);
  CHECK(*health.utilization == Approx(0.12));
  CHECK(*health.warning_at == Approx(1 - 0.13));
  CHECK(*health.critical_at == Approx(0.9));
  CHECK(judge_health(facts_of(90, 87), plan).status == DoctorVerdict::warning);
  CHECK(judge_health(facts_of(90, 86), plan).status == DoctorVerdict::healthy);
  CHECK(judge_health(facts_of(95, 90), plan).status == DoctorVerdict::unhealthy);
  CHECK(*judge_health(facts_of(5, 5), {"web", 20, 100}).overflow == 0);
}

TEST_CASE("of a tiny pool only its end is critical", "[health]") {
  const HealthPlan plan{"web", 2, 2};
  CHECK(judge_health(facts_of(2, 1), plan).status == DoctorVerdict::healthy);
  CHECK(judge_health(facts_of(2, 2), plan).status == DoctorVerdict::unhealthy);
}

TEST_CASE("what cannot be seen is absent, and no server is unhealthy", "[health]") {
  HealthFacts hidden = facts_of(3, 0);
  hidden.sees_states = false;
  const Health health = judge_health(hidden, {"web", 20, 100});
  CHECK(health.status == DoctorVerdict::healthy);
  CHECK_FALSE(health.checked_out);
  CHECK_FALSE(health.utilization);
  CHECK(judge_health(HealthFacts{}, {"web", 20, 100}).status == DoctorVerdict::unhealthy);
  const Health nobody = judge_health(facts_of(0, 0), HealthPlan{});
  CHECK(nobody.status == DoctorVerdict::healthy);
  CHECK_FALSE(nobody.critical_at);
}

}  // namespace poolgauge::doctor
