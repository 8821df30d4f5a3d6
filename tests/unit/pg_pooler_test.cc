// The pooler between: its settings, what it makes of a scenario, and its place in the budget.
#include <unistd.h>
#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "pg/server/embedded_pooler.h"
#include "pg/target/budget.h"
#include "pg/target/pool_places.h"
#include "pg/target/pooler_fit.h"
#include "pg/target/target_info.h"
#include "pg_server_fixture.h"

using namespace poolgauge;
using namespace poolgauge::test;
using Catch::Matchers::Contains;

namespace {

PoolSpec bouncer(const std::string& mode = "transaction") {
  PoolSpec spec;
  spec.kind = "pgbouncer";
  spec.set("pool_mode", mode);
  return spec;
}

PoolerInfo info_of(const std::string& mode, std::int64_t prepared) {
  PoolerInfo info;
  info.version = "1.18.0";
  info.pool_mode = mode;
  info.pool_size = 20;
  info.max_client_conn = 100;
  info.max_prepared_statements = prepared;
  return info;
}

Scenario two_steps() {
  Scenario scenario;
  scenario.requests.resize(1);
  scenario.requests[0].steps.resize(2);
  scenario.requests[0].steps[1].protocol = Protocol::simple;
  return scenario;
}

Deployment clients_of_their_own() {
  Deployment deployment;
  deployment.pool.kind = "fixed";
  return deployment;
}

TargetInfo server(std::int64_t max_connections) {
  TargetInfo target;
  target.max_connections = max_connections;
  target.reserved_connections = 3;
  return target;
}

bool has_pgbouncer() {
  const bool has = find_pgbouncer(BinarySearch::from_environment()).ok();
  if (has) return true;
  WARN("skipped: pgbouncer is not installed");
  const char* notes = std::getenv("POOLGAUGE_TEST_NOTES");
  if (notes != nullptr) {
    std::ofstream(notes, std::ios::app)
        << "skipped: unit.pg: " << Catch::getResultCapture().getCurrentTestName()
        << ": pgbouncer is not installed\n";
  }
  return false;
}

}  // namespace

TEST_CASE("pgbouncer.ini has what was set, a private socket, and one place for ourselves", "[pg]") {
  PoolSpec spec = bouncer();
  spec.set("pool_size", std::int64_t{4});
  spec.set("query_wait_timeout", Duration{1'500'000'000});
  spec.set("server_round_robin", true);
  spec.set("server_reset_query", std::string());
  spec.set("version", std::string("1.25"));
  const std::string text = pooler_settings(spec, "/tmp/it's");
  CHECK_THAT(text,
             Contains("postgres = host='/tmp/it''s' port=5432 dbname=postgres pool_size=4\n"));
  CHECK_THAT(text, Contains("\npool_mode = transaction\n"));
  CHECK_THAT(text, Contains("\nquery_wait_timeout = 1.5\n"));
  CHECK_THAT(text, Contains("\nserver_round_robin = 1\n"));
  CHECK_THAT(text, Contains("\nserver_reset_query = \n"));
  CHECK_THAT(text, Contains("\nmax_client_conn = 101\n"));
  CHECK_THAT(text, Contains("\nlisten_addr =\n"));
  CHECK_THAT(text, !Contains("version") && !Contains("server_lifetime"));
}

TEST_CASE("prepared statements are sent unprepared where they are not tracked", "[pg]") {
  const FittedScenario fitted = fit_to_pooler(two_steps(), info_of("transaction", 0));
  CHECK(fitted.scenario.requests[0].steps[0].protocol == Protocol::extended);
  CHECK(fitted.scenario.requests[0].steps[1].protocol == Protocol::simple);
  REQUIRE(fitted.notes.size() == 1);
  CHECK_THAT(fitted.notes[0], Contains("PgBouncer 1.18.0 does not support prepared statements"));
  CHECK(fit_to_pooler(two_steps(), info_of("session", 0)).notes.empty());
  const FittedScenario tracked = fit_to_pooler(two_steps(), info_of("transaction", 200));
  CHECK(tracked.notes.empty());
  CHECK(tracked.scenario.requests[0].steps[0].protocol == Protocol::prepared);
}

TEST_CASE("through a pooler the server has to bear its size only, it the clients", "[pg]") {
  const Deployment deployment = clients_of_their_own();
  const PoolerInfo pooler = info_of("transaction", 0);
  CHECK(check_pooler_budget(deployment, 100, 1, server(24), pooler, true).ok());
  const Status full = check_pooler_budget(deployment, 100, 1, server(23), pooler, true);
  REQUIRE_FALSE(full.ok());
  CHECK(full.error().kind == ErrorKind::target);
  CHECK_THAT(full.error().message, Contains("PgBouncer may open 20 connections"));
  CHECK_THAT(full.error().hint, Contains("default_pool_size to at most 19"));
  // A given one may have its servers open already.
  CHECK(check_pooler_budget(deployment, 100, 0, server(10), pooler, false).ok());
  const Status many = check_pooler_budget(deployment, 101, 1, server(100), pooler, true);
  REQUIRE_FALSE(many.ok());
  CHECK_THAT(many.error().message,
             Contains("101 clients = 101; max_client_conn 100 − 0 connected"));
}

TEST_CASE("the embedded server is made for its pooler, not for the clients behind it", "[pg]") {
  Deployment deployment = clients_of_their_own();
  CHECK(embedded_max_connections(deployment, 1000) == 1008);
  deployment.pooler = Pooler{bouncer(), false};
  CHECK(embedded_max_connections(deployment, 1000) == 100);
}

TEST_CASE("a console's address differs from the pooler's by its database", "[pg]") {
  const std::string console = console_of("host=/tmp user=me dbname=app password='a b'");
  CHECK_THAT(console, Contains("host=/tmp") && Contains("password='a b'") &&
                          Contains("dbname=pgbouncer") && !Contains("app"));
}

TEST_CASE("the pooler's settings are told without passwords", "[pg]") {
  CHECK(shown_setting("pool_mode", "session") == "session");
  CHECK(shown_setting("auth_ldap_options", "").empty());
  const std::string options = "ldapurl=\"ldap://a\" ldapbindpasswd=\"horse\"";
  CHECK(shown_setting("auth_ldap_options", options) == "(not shown)");
}

TEST_CASE("without the program the cure is named", "[pg]") {
  BinarySearch search;
  search.path = "/nowhere";
  search.daemons = "/nowhere/else";
  const Result<std::string> found = find_pgbouncer(search);
  REQUIRE_FALSE(found.ok());
  CHECK_THAT(found.error().message, Contains("/nowhere/else"));
  CHECK_THAT(found.error().hint, Contains("apt-get install pgbouncer"));
}

TEST_CASE("a pooler serves, tells what it is, and ends with its object", "[pg]") {
  if (!has_pgbouncer()) return;
  const TemporaryBase base;
  Result<EmbeddedServer> server = EmbeddedServer::start(prepared_in(base), never());
  REQUIRE(server.ok());
  pid_t pid = 0;
  {
    PoolSpec spec = bouncer();
    spec.set("default_pool_size", std::int64_t{3});
    Result<EmbeddedPooler> started =
        EmbeddedPooler::start(spec, server.value(), BinarySearch::from_environment(), never());
    if (!started.ok()) FAIL(started.error().message);
    EmbeddedPooler& pooler = started.value();
    pid = pooler.pid();
    CHECK(pooler.info().pool_mode == "transaction");
    CHECK(pooler.info().pool_size == 3);
    CHECK(pooler.info().max_client_conn == 100);
    Result<ControlConnection> client = ControlConnection::open(pooler.conninfo(), never());
    REQUIRE(client.ok());
    CHECK(client.value().run("SELECT 41 + 1").rows.at(0).at(0) == "42");
    Result<PoolerConsole> console = PoolerConsole::open(pooler.console(), never());
    REQUIRE(console.ok());
    const Result<PoolerSample> sample = console.value().pools(kEmbeddedDatabase);
    REQUIRE(sample.ok());
    CHECK(sample.value().sv_idle + sample.value().sv_used == 1);
    CHECK(console.value().totals(kEmbeddedDatabase).value().queries >= 2);
  }
  CHECK(::kill(pid, 0) != 0);
  CHECK(server.value().stop().ok());
  CHECK(base.empty());
}

TEST_CASE("settings that PgBouncer refuses are an error with its own words", "[pg]") {
  if (!has_pgbouncer()) return;
  const TemporaryBase base;
  Result<EmbeddedServer> server = EmbeddedServer::start(prepared_in(base), never());
  REQUIRE(server.ok());
  PoolSpec spec = bouncer("no such mode");
  const Result<EmbeddedPooler> started =
      EmbeddedPooler::start(spec, server.value(), BinarySearch::from_environment(), never());
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().kind == ErrorKind::target);
  CHECK_THAT(started.error().message, Contains("did not start") && Contains("pool_mode"));
}

TEST_CASE("only the steps of the server behind the pooler go unprepared", "[pg]") {
  Scenario scenario = two_steps();
  scenario.deployment.others.resize(1);
  scenario.deployment.others[0].target = PoolTarget::replica;
  scenario.requests[0].steps[1].protocol = Protocol::prepared;
  scenario.requests[0].steps[1].pool = 1;
  const FittedScenario primary = fit_to_pooler(scenario, info_of("transaction", 0));
  CHECK(primary.scenario.requests[0].steps[0].protocol == Protocol::extended);
  CHECK(primary.scenario.requests[0].steps[1].protocol == Protocol::prepared);
  const FittedScenario replica =
      fit_to_pooler(scenario, info_of("transaction", 0), PoolTarget::replica);
  CHECK(replica.unprepared);
  CHECK(replica.scenario.requests[0].steps[0].protocol == Protocol::prepared);
}

TEST_CASE("statements whose effect stays in a session are told by their first words", "[pg]") {
  const std::string example =
      GENERATE("set search_path = a", "SELECT 1; SET SESSION x.y = 1", "listen c",
               "prepare p AS SELECT 1", "/* a */ create temp table t (n int)",
               "CREATE LOCAL TEMPORARY TABLE t (n int)", "LOAD 'auto_explain'");
  CAPTURE(example);
  CHECK_FALSE(session_state_of(example).empty());
}

TEST_CASE("statements that leave a session as it was are not accused", "[pg]") {
  const std::string example =
      GENERATE("SET LOCAL lock_timeout = 1", "SET TRANSACTION READ ONLY",
               "set constraints all deferred", "SELECT 'SET x = 1'", "UPDATE t SET a = 1",
               "PREPARE TRANSACTION 'a'", "CREATE TABLE temp (n int)", "");
  CAPTURE(example);
  CHECK(session_state_of(example).empty());
}

TEST_CASE("a pooler whose limits are not known binds no pool", "[pg]") {
  PoolerInfo unknown = info_of("transaction", 0);
  unknown.max_client_conn = unknown.pool_size = 0;
  CHECK(check_pooler_budget(clients_of_their_own(), 5000, 1, server(20), unknown, false).ok());
  CHECK_FALSE(as_deployed(unknown, clients_of_their_own()).has_value());
  const auto met = as_deployed(info_of("transaction", 0), clients_of_their_own());
  REQUIRE(met.has_value());
  CHECK(met->given);
  CHECK(met->spec.integer("default_pool_size") == 20);
}

TEST_CASE("a pooler with more server connections than it may open is named", "[pg]") {
  const PoolerInfo pooler = info_of("transaction", 0);
  CHECK(beyond_server_note(pooler, server(100)).empty());
  CHECK_THAT(beyond_server_note(pooler, server(20)), Contains("max_connections allows only 17"));
  TargetInfo limited = server(100);
  limited.role_limit = 5;
  CHECK_THAT(beyond_server_note(pooler, limited),
             Contains("role's connection limit allows only 5"));
  limited.superuser = true;
  CHECK(beyond_server_note(pooler, limited).empty());
}

TEST_CASE("how a pooler works is seen without asking it", "[pg]") {
  if (!has_pgbouncer()) return;
  const TemporaryBase base;
  Result<EmbeddedServer> server = EmbeddedServer::start(prepared_in(base), never());
  REQUIRE(server.ok());
  for (const char* mode : {"transaction", "session", "statement"}) {
    CAPTURE(mode);
    Result<EmbeddedPooler> started = EmbeddedPooler::start(
        bouncer(mode), server.value(), BinarySearch::from_environment(), never());
    if (!started.ok()) FAIL(started.error().message);
    const Result<PoolerSigns> signs = read_pooler_signs(started.value().conninfo(), never());
    REQUIRE(signs.ok());
    CHECK(signs.value().pool_mode == mode);
    CHECK(signs.value().mode_seen);
    CHECK_FALSE(signs.value().renames_prepared);
    const Result<GivenPooler> met = notice_pooler(started.value().conninfo(), never());
    REQUIRE(met.ok());
    CHECK(met.value().info.pool_mode == mode);
    CHECK(met.value().info.pool_size == 20);
    started.value().stop();
    const std::string files = server.value().directory();
    for (const char* name : {"/pgbouncer.ini", "/pgbouncer.users", "/pgbouncer.log"}) {
      ::unlink((files + name).c_str());
    }
  }
  CHECK(server.value().stop().ok());
}
