// Cures that are pasted as they stand must cure, and harm nothing.
#include <catch2/catch.hpp>

#include "doctor_planted.h"

namespace poolgauge::doctor {
namespace {

DoctorFinding finding_in(const World& world, const std::string& id) {
  const Diagnosed diagnosed = judge(world.facts, world.plan, {{id}, {}});
  REQUIRE(diagnosed.findings.size() == 1);
  return diagnosed.findings[0];
}

TEST_CASE("a timeout that is to be set lets pass what the scenario needs") {
  World world;
  world.timeout("idle_in_transaction_session_timeout", "0");
  world.timeout("statement_timeout", "0");
  CHECK(finding_in(world, "C2").cure ==
        "ALTER ROLE \"app\" SET idle_in_transaction_session_timeout = '30000ms';");
  world.plan.longest_hold_s = 45;
  world.plan.statement_s = 100;
  CHECK(finding_in(world, "C2").cure ==
        "ALTER ROLE \"app\" SET idle_in_transaction_session_timeout = '90000ms';");
  CHECK(finding_in(world, "C1").cure == "ALTER ROLE \"app\" SET statement_timeout = '200000ms';");
  world.facts.first["D3"].rows = {{"7", "web", "app", "400", "1"}};
  CHECK(finding_in(world, "D3").cure.find("'90s'") != std::string::npos);
}

TEST_CASE("a timeout is set where it counts: in the database that has its own") {
  World world;
  world.timeout("statement_timeout", "5");
  world.facts.role = "My Role";
  world.facts.database = "a\"b";
  world.facts.first["C0"].rows = {{"(all)", "My Role", "statement_timeout", "1s"}};
  CHECK(finding_in(world, "C1").cure == "ALTER ROLE \"My Role\" SET statement_timeout = '20ms';");
  world.facts.first["C0"].rows.push_back({"a\"b", "My Role", "statement_timeout", "5ms"});
  CHECK(finding_in(world, "C1").cure ==
        "ALTER ROLE \"My Role\" IN DATABASE \"a\"\"b\" SET statement_timeout = '20ms';");
}

TEST_CASE("the cure of a deadlock_timeout is no longer than the deadline") {
  World world;
  world.plan.deadline_s = 0.5;
  CHECK(finding_in(world, "C4").cure.find("'500ms'") != std::string::npos);
  world.timeout("deadlock_timeout", "20000");
  world.plan.deadline_s = 10;
  CHECK(finding_in(world, "C4").cure.find("'1000ms'") != std::string::npos);
}

TEST_CASE("what may be larger already is not set to a size") {
  World world;
  world.value("D7b", "requested", "60");
  CHECK(finding_in(world, "D7").level == DoctorLevel::warn);
  CHECK(finding_in(world, "D7").cure.find("ALTER SYSTEM") == std::string::npos);
  CHECK(finding_in(world, "D7").cure.find("Raise max_wal_size") == 0);
}

TEST_CASE("a setting that is read at the next login is loaded before the passwords are set") {
  World world;
  world.timeout("scram_iterations", "100000");
  CHECK(finding_in(world, "C7").cure.find("4096; SELECT pg_reload_conf(); Then") !=
        std::string::npos);
}

TEST_CASE("sslmode=require is asked of a server that can do it") {
  World world;
  world.value("G3", "ssl", "f");
  CHECK(finding_in(world, "G3").cure == "Add sslmode=require to the target.");
  world.timeout("ssl", "off");
  CHECK(finding_in(world, "G3").cure.find("SET ssl = on") != std::string::npos);
}

TEST_CASE("a read-only role is left alone by a scenario that only reads") {
  World world;
  world.value("A5", "read_only", "on");
  CHECK(finding_in(world, "A5").cure.empty());
  world.plan.writes = true;
  CHECK(finding_in(world, "A5").cure ==
        "ALTER ROLE \"app\" SET default_transaction_read_only = off;");
}

TEST_CASE(
    "PgBouncer is told of its rights only where it refuses, and waits no longer than callers") {
  World world;
  world.config("query_wait_timeout", "120");
  world.plan.deadline_s = 2.5;
  CHECK(finding_in(world, "H7").cure == "Set query_wait_timeout = 2.5.");
  world.facts.pooler_trouble = "cannot connect";
  CHECK(finding_in(world, "H1").cure.empty());
  world.facts.pooler_refuses = true;
  CHECK(finding_in(world, "H1").cure.find("stats_users") != std::string::npos);
}

TEST_CASE("figures that are whole lose no digit") {
  World world;
  world.value("D6", "xid_age", "123456789");
  const DoctorFinding finding = finding_in(world, "D6");
  CHECK(finding.figures.at(0).second == "123456789");
}

TEST_CASE("behind a pooler whose console was read its own limits are judged, not the server's") {
  World world;
  world.facts.second_pid = 1;
  world.plan.connections = 100;
  CHECK(judge(world.facts, world.plan, {{"B4"}, {}}).findings.empty());
}

TEST_CASE("every setting that is meant is in the cure") {
  World world;
  world.setting("fsync", "off");
  world.setting("synchronous_commit", "off");
  CHECK(finding_in(world, "F1").cure ==
        "ALTER SYSTEM SET fsync = on; ALTER SYSTEM SET synchronous_commit = on; SELECT "
        "pg_reload_conf();");
  put_setting(world.facts.first, "A6", "track_counts", "off");
  CHECK(finding_in(world, "A6").cure ==
        "ALTER SYSTEM SET track_counts = on; SELECT pg_reload_conf();");
}

TEST_CASE("a connection limit is raised to a number, not removed") {
  World world;
  world.facts.first["B2"].rows = {{"app", "10", "f", "4"}};
  world.plan.connections = 12;
  CHECK(finding_in(world, "B2").cure == "ALTER ROLE \"app\" CONNECTION LIMIT 20;");
  world.plan.connections = 5;
  CHECK(finding_in(world, "B2").cure == "ALTER ROLE \"app\" CONNECTION LIMIT 12;");
}

TEST_CASE("locks and index builds count on the scenario's tables") {
  World world;
  world.facts.first["D3"].rows = {{"7", "web", "app", "400", "2", "public.a, public.\"B c\""}};
  CHECK(finding_in(world, "D3").level == DoctorLevel::stop);
  world.plan.tables = {"orders"};
  CHECK(finding_in(world, "D3").level == DoctorLevel::warn);
  world.plan.tables = {"B c"};
  CHECK(finding_in(world, "D3").level == DoctorLevel::stop);
  world.facts.first["D5"].rows = {{"CREATE INDEX", "public.orders", "building index"}};
  CHECK(finding_in(world, "D5").level == DoctorLevel::warn);
  world.plan.tables = {"orders"};
  CHECK(finding_in(world, "D5").level == DoctorLevel::stop);
}

TEST_CASE("nothing but unknowns is not healthy") {
  World world;
  for (auto& [id, answer] : world.facts.first) answer.unknown = "no answer within 3 s";
  const Diagnosed diagnosed = judge(world.facts, world.plan, {{"C1", "F1"}, {}});
  CHECK(diagnosed.count(DoctorLevel::unknown) == diagnosed.findings.size());
  CHECK(diagnosed.verdict() == DoctorVerdict::warning);
  CHECK(Diagnosed{}.verdict() == DoctorVerdict::healthy);
}

}  // namespace
}  // namespace poolgauge::doctor
