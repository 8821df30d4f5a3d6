// The connection budget and the descriptor limit: arithmetic with its words.
#include "pg/target/budget.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "pg/session/connect_failure.h"
#include "pg/target/pool_places.h"

using namespace poolgauge;
using Catch::Matchers::Contains;

namespace {

Deployment fleet(std::uint32_t instances, std::uint32_t processes, std::int64_t pool_size,
                 std::int64_t max_overflow) {
  Deployment deployment;
  deployment.instances = instances;
  deployment.processes = processes;
  deployment.pool.kind = "sqlalchemy";
  deployment.pool.set("pool_size", pool_size);
  deployment.pool.set("max_overflow", max_overflow);
  return deployment;
}

Deployment without_pool(std::uint32_t processes) {
  Deployment deployment;
  deployment.processes = processes;
  deployment.pool.kind = "none";
  return deployment;
}

TargetInfo server(std::int64_t max_connections, std::int64_t reserved, std::int64_t in_use) {
  TargetInfo target;
  target.max_connections = max_connections;
  target.reserved_connections = reserved;
  target.in_use = in_use;
  return target;
}

}  // namespace

TEST_CASE("capacity is fleet times pool; pools without a size follow their clients", "[pg]") {
  CHECK(fleet_capacity(fleet(2, 3, 5, 10), 1000) == 90);
  CHECK(fleet_capacity(fleet(2, 3, 5, 10), std::nullopt) == 90);
  CHECK(fleet_capacity(without_pool(4), 10) == 12);
  CHECK(fleet_capacity(without_pool(4), std::nullopt) == std::nullopt);
  CHECK(fleet_capacity(fleet(1, 2, 5, -1), 7) == 8);
}

TEST_CASE("the budget holds up to the last slot and not one further", "[pg]") {
  CHECK(check_budget(fleet(1, 1, 20, 71), 100, 1, server(100, 3, 5)).ok());
  CHECK_FALSE(check_budget(fleet(1, 1, 20, 72), 100, 1, server(100, 3, 5)).ok());
  CHECK(check_budget(fleet(1, 1, 20, 72), 100, 0, server(100, 3, 5)).ok());
  CHECK(check_budget(without_pool(1), std::nullopt, 1, server(10, 3, 0)).ok());
}

TEST_CASE("the error shows the arithmetic, the largest pool and a split", "[pg]") {
  const Status status = check_budget(fleet(1, 10, 20, 40), 100, 1, server(100, 3, 5));
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().kind == ErrorKind::target);
  CHECK(status.error().message ==
        "cannot start: the pools may open 600 connections, but the server has only 92 available\n  "
        "1 instance × 10 processes × (20 + 40) = 600, plus 1 to monitor the server; "
        "max_connections 100 − 3 reserved − 5 in use = 92");
  CHECK(status.error().hint ==
        "use at most 9 connections per process (for example pool_size 6, max_overflow 3), or raise "
        "max_connections");
}

TEST_CASE("the error in other shapes of fleet", "[pg]") {
  Status status = check_budget(without_pool(1), 500, 1, server(100, 3, 0));
  REQUIRE_FALSE(status.ok());
  CHECK_THAT(status.error().message, Contains("1 instance × 1 process × 500 clients = 500"));
  CHECK(status.error().hint == "use at most 96 clients per process, or raise max_connections");

  status = check_budget(fleet(1, 200, 1, 0), 100, 1, server(100, 3, 0));
  REQUIRE_FALSE(status.ok());
  CHECK_THAT(status.error().hint, Contains("not even one connection per process fits"));

  status = check_budget(fleet(1, 1, 5, 10), 100, 1, server(100, 3, 120));
  REQUIRE_FALSE(status.ok());
  CHECK_THAT(status.error().message,
             Contains("the server has only 0 available") && Contains("= −23"));

  status = check_budget(fleet(1, 1, 5, -1), 200, 1, server(100, 3, 0));
  REQUIRE_FALSE(status.ok());
  CHECK_THAT(status.error().message, Contains("200 clients"));
}

TEST_CASE("a pool with a limit of its own is told under the library's name for it", "[pg]") {
  Deployment deployment;
  deployment.pool.kind = "hikari";
  deployment.pool.set("maximumPoolSize", std::int64_t{200});
  Status status = check_budget(deployment, 500, 1, server(100, 3, 0));
  REQUIRE_FALSE(status.ok());
  CHECK_THAT(status.error().message,
             Contains("1 instance × 1 process × maximumPoolSize 200 = 200"));
  CHECK(status.error().hint ==
        "use at most 96 connections per process (maximumPoolSize 96), or raise max_connections");

  deployment.pool.set("fallback", std::string("direct"));
  status = check_budget(deployment, 500, 1, server(100, 3, 0));
  REQUIRE_FALSE(status.ok());
  CHECK_THAT(status.error().message, Contains("× (maximumPoolSize 200 + 500 clients) = 700"));
  CHECK(status.error().hint == "use at most 96 connections per process, or raise max_connections");

  deployment.pool = {};
  deployment.pool.kind = "prisma";
  deployment.pool.set("version", std::string("v7"));
  deployment.pool.set("max", std::int64_t{300});
  status = check_budget(deployment, 500, 1, server(100, 3, 0));
  REQUIRE_FALSE(status.ok());
  CHECK_THAT(status.error().message, Contains("1 instance × 1 process × max 300 = 300"));
}

TEST_CASE("an arrival rate on pools without a limit is checked like users", "[pg]") {
  Scenario scenario;
  scenario.deployment = without_pool(1);
  OpenLoad load;
  load.rate_per_s = 500;
  scenario.load = load;
  scenario.duration = std::chrono::seconds(10);
  scenario.deadline = std::chrono::milliseconds(190);
  CHECK(check_room(scenario, PoolTarget::primary, server(100, 3, 0), 1).ok());  // 95 in flight
  scenario.deadline = std::chrono::seconds(1);
  Status status = check_room(scenario, PoolTarget::primary, server(100, 3, 0), 1);
  REQUIRE_FALSE(status.ok());
  CHECK_THAT(status.error().message, Contains("the pools may open 500 connections"));
  CHECK_THAT(status.error().hint, Contains("or shorten the deadline"));
  scenario.deadline.reset();
  status = check_room(scenario, PoolTarget::primary, server(100, 3, 0), 1);
  REQUIRE_FALSE(status.ok());
  CHECK_THAT(status.error().message, Contains("the pools may open 5,000 connections"));
  CHECK_THAT(status.error().hint, Contains("or set a deadline"));
  scenario.deployment.pool = fleet(1, 1, 5, 10).pool;
  CHECK(check_room(scenario, PoolTarget::primary, server(100, 3, 0), 1).ok());
}

TEST_CASE("a role's or database's own limit binds, unless we are a superuser", "[pg]") {
  TargetInfo target = server(1000, 3, 0);
  target.role_limit = 10;
  target.role_in_use = 2;
  target.database_limit = 50;
  Status status = check_budget(fleet(1, 1, 5, 10), 100, 1, target);
  REQUIRE_FALSE(status.ok());
  CHECK_THAT(status.error().message, Contains("the role's connection limit 10 − 2 in use = 8"));
  CHECK_THAT(status.error().hint, Contains("raise the role's connection limit"));
  target.role_limit = -1;
  target.database_limit = 15;
  status = check_budget(fleet(1, 1, 5, 10), 100, 1, target);
  REQUIRE_FALSE(status.ok());
  CHECK_THAT(status.error().message, Contains("the database's connection limit 15"));
  target.superuser = true;
  CHECK(check_budget(fleet(1, 1, 5, 10), 100, 1, target).ok());
}

TEST_CASE("an embedded server gets room for its fleet", "[pg]") {
  CHECK(embedded_max_connections(fleet(1, 1, 20, 40), 100) == 100);
  CHECK(embedded_max_connections(fleet(1, 1, 92, 0), 100) == 100);
  CHECK(embedded_max_connections(fleet(1, 1, 93, 0), 100) == 101);
  CHECK(embedded_max_connections(fleet(1, 10, 20, 40), 100) == 608);
  CHECK(embedded_max_connections(without_pool(1), std::nullopt) == 100);
  CHECK(embedded_max_connections(without_pool(1), 10'000'000) == 262'143);
}

TEST_CASE("descriptors: enough, raised, or refused with the figures", "[pg]") {
  CHECK(plan_descriptors(100, 100, 200).value() == std::nullopt);
  CHECK(plan_descriptors(101, 100, 200).value() == 200U);
  const auto refused = plan_descriptors(10'064, 1'024, 4'096);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::target);
  CHECK_THAT(refused.error().message, Contains("10,064") && Contains("4,096"));
  CHECK_THAT(refused.error().hint, Contains("ulimit -n 10064"));
}

TEST_CASE("descriptors: the soft limit of this process is raised", "[pg]") {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit low{64, 128};
    rlimit after{};
    const bool good = ::setrlimit(RLIMIT_NOFILE, &low) == 0 && check_descriptors(100).ok() &&
                      ::getrlimit(RLIMIT_NOFILE, &after) == 0 && after.rlim_cur == 128 &&
                      !check_descriptors(129).ok();
    ::_exit(good ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("pools on one server add up, those on another count there", "[pg]") {
  Deployment deployment = fleet(1, 4, 5, 10);
  DeployedPool reports = deployment.pool;
  reports.name = "reports";
  reports.set("pool_size", std::int64_t{2});
  reports.set("max_overflow", std::int64_t{0});
  DeployedPool replica = deployment.pool;
  replica.name = "replica";
  replica.target = PoolTarget::replica;
  deployment.others = {reports, replica};
  const PoolSelection primary = pools_on(deployment, PoolTarget::primary);
  CHECK(primary == PoolSelection{0, 1});
  CHECK(fleet_capacity(deployment, std::nullopt) == 128);
  CHECK(fleet_capacity(deployment, std::nullopt, primary) == 68);
  CHECK(check_budget(deployment, std::nullopt, 1, server(72, 3, 0)).ok());
  const Status tight = check_budget(deployment, std::nullopt, 1, server(71, 3, 0));
  REQUIRE_FALSE(tight.ok());
  CHECK(tight.error().message ==
        "cannot start: the pools may open 68 connections, but the server has only 68 available\n  "
        "1 instance × 4 "
        "processes × (primary (5 + 10) + reports (2 + 0)) = 68, plus 1 to monitor the server; "
        "max_connections 71 − 3 reserved − 0 in use = 68");
  CHECK(tight.error().hint ==
        "use at most 16 connections per process for all of its pools together, or raise "
        "max_connections");
  const PoolSelection there = pools_on(deployment, PoolTarget::replica);
  const Status other = check_budget(deployment, std::nullopt, 0, server(40, 3, 0), there);
  REQUIRE_FALSE(other.ok());
  CHECK_THAT(other.error().message, Contains("4 processes × (5 + 10) = 60"));
  // Of two servers with the same settings the fuller one decides.
  CHECK(embedded_max_connections(fleet(2, 4, 5, 10), std::nullopt) == 128);
  deployment.others.back().set("pool_size", std::int64_t{50});
  CHECK(embedded_max_connections(deployment, std::nullopt) == 248);
}
