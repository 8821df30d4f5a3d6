// Each check, with a fault planted in a server that nothing is wrong with.
#include <catch2/catch.hpp>
#include <set>

#include "doctor/slots.h"
#include "doctor_planted.h"

namespace poolgauge::doctor {
namespace {

void expect(const Planted& planted) {
  World world;
  planted.plant(world);
  const Diagnosed diagnosed = judge(world.facts, world.plan, {{planted.id}, {}});
  INFO(planted.id << ": " << planted.seen);
  REQUIRE(diagnosed.findings.size() == 1);
  const DoctorFinding& finding = diagnosed.findings[0];
  INFO(finding.seen << " | " << finding.limit);
  CHECK(name_of(finding.level) == name_of(planted.level));
  CHECK(finding.seen.find(planted.seen) != std::string::npos);
  if (planted.level == Level::warn || planted.level == Level::stop) CHECK(!finding.cure.empty());
}

TEST_CASE("a server that nothing is wrong with is healthy, and every check says so") {
  World world;
  const Diagnosed diagnosed = judge(world.facts, world.plan, {});
  std::set<std::string> ids;
  for (const DoctorFinding& finding : diagnosed.findings) {
    INFO(finding.id << ": " << finding.seen << " | " << finding.limit);
    CHECK(finding.level == Level::ok);
    CHECK(finding.cure.empty());
    CHECK_FALSE(finding.seen.empty());
    CHECK_FALSE(finding.why.empty());
    CHECK_FALSE(finding.source.empty());
    CHECK(ids.insert(finding.id).second);
  }
  for (const Check& check : checks()) CHECK(ids.contains(std::string(check.id)));
  CHECK(diagnosed.verdict() == DoctorVerdict::healthy);
}

TEST_CASE("the limit that leaves the fewest connections counts") {
  SlotLimits limits;
  limits.server = {97, 20};
  CHECK(limits.tightest().first.free() == 77);
  CHECK(limits.tightest().second == SlotsOf::server);
  CHECK_FALSE(limits.own_free());
  limits.database = Slots{50, 10};
  CHECK(limits.tightest().second == SlotsOf::database);
  CHECK(limits.own_free() == 40);
  limits.role = Slots{10, 12};  // lowered while they were open
  CHECK(limits.tightest().second == SlotsOf::role);
  CHECK(limits.tightest().first.free() == -2);
  CHECK(limits.own_free() == 0);
}

TEST_CASE("a planted fault is found: server, slots, timeouts") {
  for (const Planted& planted : kPlantedOnServer) expect(planted);
}

TEST_CASE("a planted fault is found: activity, counters, replication") {
  for (const Planted& planted : kPlantedInActivity) expect(planted);
}

TEST_CASE("a planted fault is found: settings and path") {
  for (const Planted& planted : kPlantedInSettings) expect(planted);
}

TEST_CASE("a planted fault is found: PgBouncer") {
  for (const Planted& planted : kPlantedInPooler) expect(planted);
}

TEST_CASE("a planted fault is found: scenario") {
  for (const Planted& planted : kPlantedInScenario) expect(planted);
}

TEST_CASE(
    "a missing pg_stat_statements needs both steps, a young server is told by its own limit") {
  World world;
  world.value("A7", "schema", "");
  world.value("A7", "loaded", "f");
  world.value("A8", "up_s", "100");
  const Diagnosed diagnosed = judge(world.facts, world.plan, {{"A7", "A8"}, {}});
  REQUIRE(diagnosed.findings.size() == 2);
  for (const DoctorFinding& finding : diagnosed.findings) {
    INFO(finding.cure << " | " << finding.why);
    if (finding.id == "A7") {
      CHECK(finding.cure.find("shared_preload_libraries, restart the server, and run CREATE "
                              "EXTENSION pg_stat_statements;") != std::string::npos);
    } else {
      CHECK(finding.why.find("day") == std::string::npos);
      CHECK(finding.cure.find("the server's caches") != std::string::npos);
    }
  }
}

TEST_CASE("each check has a planted fault") {
  std::set<std::string_view> provoked = {"F10"};  // a fingerprint is never wrong
  for (const auto* list : {&kPlantedOnServer, &kPlantedInActivity, &kPlantedInSettings,
                           &kPlantedInPooler, &kPlantedInScenario}) {
    for (const Planted& planted : *list) {
      if (planted.level != Level::ok && planted.level != Level::unknown) {
        provoked.insert(planted.id);
      }
    }
  }
  for (const Check& check : checks()) {
    INFO(check.id);
    CHECK(provoked.contains(check.id));
  }
}

}  // namespace
}  // namespace poolgauge::doctor
