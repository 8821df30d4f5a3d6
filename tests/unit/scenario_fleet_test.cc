// Several pools in a process: their names, places and roles, and who uses which.
#include "scenario_text.h"

using namespace scenario_test;

namespace {

/// A primary and a replica; the reading request is on the replica, its last step on the primary.
const std::string kFleet = R"({
  "version": 1,
  "name": "fleet",
  "requests": [
    { "name": "write", "transaction": true, "steps": [ { "name": "w", "sql": "SELECT 1" } ] },
    { "name": "read", "pool": "replica", "transaction": "read only", "steps": [
      { "name": "r", "sql": "SELECT 2" },
      { "name": "note", "sql": "SELECT 3", "pool": "primary" } ] }
  ],
  "load": { "users": 5 },
  "deployment": { "pools": {
    "replica": { "kind": "sqlalchemy", "target": "replica", "role": "reader" },
    "primary": { "kind": "sqlalchemy-async", "pool_size": 3, "role": "app", "role_by": "set role" }
  } }
}
)";

std::string fleet_complaint(const std::string& part, const std::string& other) {
  return complaint(with(part, other, kFleet));
}

}  // namespace

TEST_CASE("pools have names, places and roles; primary comes first") {
  const Scenario s = good(kFleet);
  const Deployment& deployment = s.deployment;
  REQUIRE(deployment.pool_count() == 2);
  CHECK(deployment.pool.name == "primary");
  CHECK(deployment.pool.kind == "sqlalchemy-async");
  CHECK(deployment.pool.integer("pool_size") == 3);
  CHECK(deployment.pool.target == PoolTarget::primary);
  CHECK(deployment.pool.role == "app");
  CHECK(deployment.pool.role_by == RoleBy::set_role);
  CHECK(deployment.pool_at(1).name == "replica");
  CHECK(deployment.pool_at(1).target == PoolTarget::replica);
  CHECK(deployment.pool_at(1).role == "reader");
  CHECK(deployment.pool_at(1).role_by == RoleBy::connect);
  CHECK(deployment.uses(PoolTarget::replica));
  CHECK_FALSE(good(kValid).deployment.uses(PoolTarget::replica));
}

TEST_CASE("requests and steps say which pool; a step is on its request's own otherwise") {
  const Scenario s = good(kFleet);
  CHECK(s.requests[0].pool == 0);
  CHECK(s.requests[0].steps[0].pool == 0);
  CHECK(s.requests[1].pool == 1);
  CHECK(s.requests[1].steps[0].pool == 1);
  CHECK(s.requests[1].steps[1].pool == 0);
}

TEST_CASE("the resolved form of several pools reads back") {
  const Scenario s = good(kFleet);
  const Scenario again = good(s.resolved_json);
  CHECK(again.resolved_json == s.resolved_json);
  CHECK(again.deployment.pool_at(1).role == "reader");
  CHECK(again.deployment.pool.role_by == RoleBy::set_role);
  CHECK(again.requests[1].steps[1].pool == 0);
  const std::string one = with(R"("pool_size": 2)", R"("role": "app")");
  CHECK(good(good(one).resolved_json).deployment.pool.role == "app");
  const std::string other = with(R"("pool": {)", R"("pools": { "main": {)");
  const std::string named = with("\"pool_size\": 2 }", "\"pool_size\": 2 } }", other);
  CHECK(good(good(named).resolved_json).deployment.pool.name == "main");
}

TEST_CASE("without a pool named primary every request must say which") {
  const std::string text =
      with("\"primary\": {", "\"main\": {", with(", \"pool\": \"primary\"", "", kFleet));
  CHECK(complaint(text) ==
        "s.json:5:5: /requests/0/pool\n  missing; expected replica or main (no pool is named "
        "primary)\n");
  const std::string named = with("\"write\",", "\"write\", \"pool\": \"main\",", text);
  CHECK(good(named).deployment.pool.name == "replica");
  CHECK(good(named).requests[0].pool == 1);
}

TEST_CASE("mistakes around pools name their place") {
  CHECK(fleet_complaint("\"pool\": \"replica\"", "\"pool\": \"repica\"") ==
        "s.json:6:31: /requests/1/pool\n  expected primary or replica, found \"repica\"; did you "
        "mean \"replica\"?\n");
  CHECK(fleet_complaint("\"pool\": \"primary\"", "\"pool\": 1") ==
        "s.json:8:52: /requests/1/steps/1/pool\n  expected primary or replica, found 1\n");
  CHECK(fleet_complaint("\"target\": \"replica\"", "\"target\": \"replca\"") ==
        "s.json:12:50: /deployment/pools/replica/target\n  expected primary or replica, found "
        "\"replca\"; did you mean \"replica\"?\n");
  CHECK(fleet_complaint("\"role\": \"reader\"", "\"role_by\": \"connect\"") ==
        "s.json:12:61: /deployment/pools/replica/role_by\n  role_by needs a role\n");
  CHECK(fleet_complaint("\"role\": \"reader\"", "\"role\": \"\"") ==
        "s.json:12:69: /deployment/pools/replica/role\n  expected a role's name, at most 63 bytes, "
        "found \"\"\n");
  CHECK(fleet_complaint("\"set role\"", "\"set_role\"") ==
        "s.json:13:88: /deployment/pools/primary/role_by\n  expected connect or set role, found "
        "\"set_role\"; did you mean \"set role\"?\n");
  CHECK(fleet_complaint("\"pools\"", "\"pool\": {}, \"pools\"") ==
        "s.json:11:31: /deployment/pools\n  use either pool or pools, not both\n");
  CHECK(
      fleet_complaint("\"replica\": {", "\"re.plica\": {")
          .find(
              "expected a pool's name: at most 30 letters, digits, _, and -, found \"re.plica\"") !=
      std::string::npos);
  CHECK(fleet_complaint("\"read only\"", "\"serializable\"") ==
        "s.json:6:57: /requests/1/transaction\n  a standby cannot run serializable transactions, "
        "but pool \"replica\" is on the replica: \"serializable\"; did you mean "
        "\"repeatable read, read only\"?\n");
  CHECK(fleet_complaint("\"pool_size\": 3", "\"maxsize\": 3")
            .find("s.json:13:46: /deployment/pools/primary/maxsize\n  unknown option for kind") ==
        0);
  CHECK(complaint(with(R"("hold": "10ms")", R"("hold": "10ms", "pool": "primary")")) ==
        "s.json:8:42: /requests/0/steps/1/pool\n  pool applies only to an sql step\n");
  CHECK(mistakes(with("{ \"kind\": \"sqlalchemy\", \"pool_size\": 2 }", "{}",
                      with("\"pool\"", "\"pools\"")))
            .size() == 1);
}

TEST_CASE("flags apply to the pool named primary, others by NAME.OPTION") {
  const auto option = [](const std::string& name, const std::string& value) {
    return Override{"--pool-option " + name, "option:" + name, value};
  };
  const Scenario s = good(kFleet, {option("pool_size", "7"),
                                   option("replica.pool_size", "10"),
                                   {"--pool", "pool", "fixed"},
                                   option("replica.role", "other")});
  CHECK(s.deployment.pool.kind == "fixed");
  CHECK(s.deployment.pool.role == "app");
  CHECK(s.deployment.pool_at(1).integer("pool_size") == 10);
  CHECK(s.deployment.pool_at(1).kind == "sqlalchemy");
  CHECK(s.deployment.pool_at(1).role == "other");
  const Scenario kind = good(kFleet, {option("replica.kind", "none")});
  CHECK(kind.deployment.pool_at(1).kind == "none");
  CHECK(kind.deployment.pool_at(1).target == PoolTarget::replica);
  CHECK(good(kValid, {option("primary.pool_size", "4")}).deployment.pool.integer("pool_size") == 4);
}

TEST_CASE("a flag for a pool that is not there names the nearest") {
  const Override bad{"--pool-option repica.pool_size", "option:repica.pool_size", "10"};
  CHECK(complaint(kFleet, {bad}) ==
        "--pool-option repica.pool_size\n  unknown pool \"repica\"; did you mean \"replica\"? "
        "The scenario has the pools \"replica\", \"primary\"\n");
  const std::string unnamed = with("\"primary\": {", "\"main\": {",
                                   with("\"write\",", "\"write\", \"pool\": \"main\",", kFleet));
  CHECK(complaint(with(", \"pool\": \"primary\"", "", unnamed),
                  {{"--pool-size", "option:pool_size", "4"}})
            .find("--pool-size\n  no pool is named primary") == 0);
}
