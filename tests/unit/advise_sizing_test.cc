// Sizing: budgets, demands, profiles; and what may never be recommended.
#include <catch2/catch.hpp>

#include "advise/fleet.h"
#include "advise/rules.h"
#include "math/queues.h"
#include "poolgauge/sizing.h"

using namespace poolgauge;

namespace {

Sizing sized(const SizeInputs& in) {
  Result<Sizing> sizing = size_pools(in);
  REQUIRE(sizing.ok());
  return std::move(sizing).value();
}

SizeInputs with_load(double rate, double hold) {
  SizeInputs in;
  in.rate_per_s = rate;
  in.hold_s = hold;
  return in;
}

bool mentions(const std::vector<std::string>& lines, const std::string& piece) {
  for (const std::string& line : lines) {
    if (line.find(piece) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("What is recommended fits, whatever was asked") {
  for (const std::int64_t processes : {1, 3, 10, 30}) {
    for (const std::int64_t instances : {1, 2}) {
      for (const double rate : {1.0, 100.0, 5000.0}) {
        SizeInputs in = with_load(rate, 0.05);
        in.processes = processes;
        in.instances = instances;
        in.max_connections = 120;
        in.surge = 0.25;
        in.memory_mib = 4096;
        const Sizing sizing = sized(in);
        const Recommendation& r = sizing.recommendation;
        CHECK(r.budget.fits());
        CHECK(sizing.recommendable);
        CHECK(sizing.memory.total <= 0.9 * 4096);
        CHECK(r.pool_size >= 1);
        CHECK(r.max_overflow >= 0);
        CHECK(r.capacity >= processes * instances * r.total());
      }
    }
  }
}

TEST_CASE("A pool whose library counts no overflow is spoken of in its own words") {
  SizeInputs in = with_load(200, 0.04);
  in.kind = "hikari";
  in.names = {};
  in.names.kept = "minimumIdle";
  in.names.most = "maximumPoolSize";
  in.names.wait = "connectionTimeout";
  in.names.age = "maxLifetime";
  in.processes = 4;
  in.threads = 10;
  in.connections_per_request = 2;
  in.pool_size = 8;
  const Sizing sizing = sized(in);
  const Recommendation& r = sizing.recommendation;
  CHECK(r.max_overflow == 0);
  REQUIRE(sizing.judged);
  CHECK(sizing.judged->arithmetic.find("4 processes × 8 = 32") != std::string::npos);
  CHECK(mentions(r.why, "all connections stay open"));
  std::vector<std::string> all = r.why;
  all.insert(all.end(), sizing.timeouts.begin(), sizing.timeouts.end());
  all.insert(all.end(), r.warnings.begin(), r.warnings.end());
  for (const Alternative& one : r.alternatives) all.push_back(one.change + one.effect);
  for (const Hop& hop : sizing.hops) all.push_back(hop.arithmetic);
  for (const char* foreign :
       {"pool_size", "max_overflow", "pool_timeout", "recycle", "ping", " + 0"}) {
    INFO(foreign);
    CHECK_FALSE(mentions(all, foreign));
  }
  CHECK(mentions(all, "connectionTimeout"));
  CHECK(mentions(all, "maximumPoolSize"));
}

TEST_CASE("Profiles change circumstances, not sizes") {
  SizeInputs in = with_load(200, 0.04);
  const auto total = [&in](const char* profile) {
    in.profile = profile;
    return sized(in).recommendation.total();
  };
  CHECK(total("dev") < total("staging"));
  CHECK(total("staging") == total("production"));  // one instance: none can be lost
  CHECK(total("production") < total("high-traffic"));
  in.instances = 4;
  CHECK(total("staging") < total("production"));
}

TEST_CASE("A load that no pool can carry is refused, not answered") {
  const Result<Sizing> sizing = size_pools(with_load(100'000, 1));
  REQUIRE_FALSE(sizing.ok());
  CHECK(sizing.error().message.find("no pool of up to 100,000 can carry this load") !=
        std::string::npos);
  CHECK(size_pools(with_load(100'000, 0.1)).ok());
}

TEST_CASE("What is said of a size agrees with its figures") {
  SizeInputs in;
  in.cores = 8;
  in.processes = 4;
  in.instances = 2;
  const Sizing small = sized(in);
  CHECK(small.recommendation.total() == 2);
  for (const AlertLine& line : small.alerts) {
    INFO(line.name);
    CHECK(line.utilization >= 0.5);  // no alert that is never silent
  }
  for (const FormulaAnswer& rule : small.recommendation.formulas) {
    if (rule.id == "cores-x2-plus-1") CHECK(rule.name == "(cores × 2 + 1) / 2 instances");
  }
  in.instances = 1;
  for (const FormulaAnswer& rule : sized(in).recommendation.formulas) {
    if (rule.id == "cores-x2-plus-1") CHECK(rule.name == "cores × 2 + 1");
  }
  // The database's cores are not the application's.
  const auto app_rule = [](const SizeInputs& inputs) {
    for (const FormulaAnswer& rule : sized(inputs).recommendation.formulas) {
      if (rule.id == "cores-x2-plus-1") return rule;
    }
    return FormulaAnswer{};
  };
  CHECK(app_rule(in).note == "needs --app-cores");
  CHECK_FALSE(app_rule(in).pool_size);
  in.app_cores = 2;
  CHECK(app_rule(in).pool_size == 5);
}

TEST_CASE("A lost instance's share goes to the others") {
  SizeInputs in = with_load(300, 0.1);
  in.instances = 3;
  // 300/s with 25 % growth on two instances: 18.75 erlangs each.
  const Recommendation r = sized(in).recommendation;
  CHECK(math::erlang_c(static_cast<std::uint64_t>(r.total()), 18.75) <= 0.05);
  CHECK(math::erlang_c(static_cast<std::uint64_t>(r.total() - 1), 18.75) > 0.05);
}

TEST_CASE("The server is sized with the pools where nobody fixed it") {
  SizeInputs in = with_load(1000, 0.2);
  Recommendation r = sized(in).recommendation;
  CHECK(r.max_connections > 250);
  CHECK(r.max_connections % 10 == 0);
  CHECK(r.budget.headroom() >= 0);
  in.max_connections = 100;
  r = sized(in).recommendation;
  CHECK(r.max_connections == 100);
  CHECK(mentions(r.warnings, "each pool would need"));
}

TEST_CASE("Requests that take several connections at once cannot deadlock") {
  SizeInputs in;
  in.cores = 2;
  in.threads = 8;
  in.connections_per_request = 3;
  CHECK(sized(in).recommendation.total() >= 17);
  in.threads = 1;
  in.connections_per_request = 1;
  in.cores = 64;
  CHECK(sized(in).recommendation.total() == 1);  // one request at a time needs one
}

TEST_CASE("A database that is short of processors is said so") {
  SizeInputs in = with_load(1000, 0.02);
  in.sql_s = 0.02;
  in.cores = 8;
  CHECK(mentions(sized(in).recommendation.warnings, "CPU-bound database"));
  in.cores = 64;
  CHECK_FALSE(mentions(sized(in).recommendation.warnings, "CPU-bound database"));
}

TEST_CASE("The setting that was asked about is judged by all its processes") {
  SizeInputs in;
  in.processes = 10;
  in.pool_size = 20;
  in.max_overflow = 40;
  Sizing sizing = sized(in);
  REQUIRE(sizing.judged);
  CHECK(sizing.judged->needed == 600);
  CHECK(sizing.judged->largest_pool == 8);
  CHECK_FALSE(sizing.judged->fits());
  CHECK(sizing.recommendation.warnings.at(0) ==
        "10 processes × 60 = 600 connections, but max_connections is 100 and 92 are available: 100 "
        "− 3 reserved = 97, − 5 other clients = 92");
  in.instances = 2;
  CHECK(sized(in).recommendation.warnings.at(0).starts_with(
      "2 instances × 10 processes × 60 = 1,200 connections, but max_connections is 100 and 92"));
}

TEST_CASE("Nothing left for the fleet is an error with its arithmetic") {
  SizeInputs in;
  in.max_connections = 20;
  in.other_clients = 30;
  const Result<Sizing> sizing = size_pools(in);
  REQUIRE_FALSE(sizing.ok());
  CHECK(sizing.error().kind == ErrorKind::usage);
  CHECK(sizing.error().message.find("20 − 3 reserved − 30 other clients = −13") !=
        std::string::npos);
}

TEST_CASE("Behind a pooler the application's pools are no server connections") {
  SizeInputs in = with_load(400, 0.05);
  in.processes = 50;
  in.max_connections = 100;
  CHECK_FALSE(sized(in).recommendation.warnings.empty());
  in.pgbouncer = true;
  const Recommendation r = sized(in).recommendation;
  CHECK(r.warnings.empty());
  REQUIRE(r.pooler);
  CHECK(r.budget.needed == r.pooler->default_pool_size + r.pooler->reserve_pool_size);
  CHECK(r.pooler->max_client_conn >= r.capacity);
  CHECK(r.pooler->query_wait_timeout_s <= r.pool_timeout_s);
}

TEST_CASE("A surge starts whole instances") {
  CHECK(surged(3, 0) == 3);
  CHECK(surged(3, 0.25) == 4);
  CHECK(surged(4, 0.25) == 5);
  CHECK(surged(10, 0.1) == 11);
  CHECK(surged(2, 1) == 4);
}

TEST_CASE("A budget's verdict") {
  const auto verdict = [](std::int64_t pool) {
    return fleet_budget({100, 3, 7, 0.1}, {{1, 1, {{pool, 0}}}}).verdict;
  };
  CHECK(verdict(81) == BudgetVerdict::ok);
  CHECK(verdict(82) == BudgetVerdict::warn);
  CHECK(verdict(90) == BudgetVerdict::warn);
  CHECK(verdict(91) == BudgetVerdict::fail);
  CHECK(fleet_budget({10, 3, 9, 0}, {{1, 1, {{1, 0}}}}).largest_pool == 0);
  CHECK(max_connections_for(600, {100, 3, 5, 0.1}) == 680);
}

TEST_CASE("Providers' ceilings") {
  CHECK(rules::rds_max_connections(1024.0 * 1024 * 1024) == 112);
  CHECK(rules::azure_max_connections(2) == 35);
  CHECK(rules::azure_max_connections(8) == 843);
  CHECK(rules::azure_max_connections(512) == 4985);
  CHECK(rules::pgtune_work_mem_mib(rules::PgtuneLoad::web, {1024, 256, 200}) == 4);  // its floor
  CHECK(rules::next_multiple(90, 50) == 100);
  CHECK(rules::next_multiple(100, 50) == 100);
}

TEST_CASE("A recommendation behind a pooler fits, whatever was asked") {
  for (const char* mode : {"transaction", "session"}) {
    for (const std::int64_t poolers : {1, 3, 10}) {
      for (const std::int64_t asked : {1, 20, 500}) {
        SizeInputs in;
        in.processes = 5;
        in.pgbouncer = true;
        in.pool_mode = mode;
        in.pgbouncer_processes = poolers;
        in.default_pool_size = asked;
        in.reserve_pool_size = asked / 2;
        const Sizing sizing = sized(in);
        INFO(mode << " " << poolers << " " << asked);
        CHECK(sizing.recommendable);
        CHECK(sizing.recommendation.budget.fits());
        CHECK(sizing.recommendation.budget.needed <= 82);
      }
    }
  }
}

TEST_CASE("Nothing is offered to be pasted that cannot work") {
  SizeInputs in;
  in.processes = 200;
  const Sizing none = sized(in);
  CHECK_FALSE(none.recommendable);
  CHECK(none.recommendation.snippets.empty());
  REQUIRE_FALSE(none.recommendation.alternatives.empty());
  in.processes = 4;
  in.threads = 50;
  in.connections_per_request = 2;
  const Sizing deadlock = sized(in);
  CHECK_FALSE(deadlock.recommendable);
  REQUIRE_FALSE(deadlock.problems.empty());
  CHECK(deadlock.problems.front().deadlocks());
}

TEST_CASE("The fail-over of a replica is counted with the setting that is judged") {
  SizeInputs in;
  in.instances = 2;
  in.pool_size = 5;
  in.max_overflow = 5;
  in.max_connections = 50;
  in.replica_pool_size = 10;
  const Sizing sizing = sized(in);
  CHECK(sizing.recommendation.warnings.empty());
  CHECK(sizing.recommendation.capacity + 20 <= 42);
}

TEST_CASE("No alternative exceeds the memory, and no share is below zero") {
  SizeInputs in = with_load(300, 0.05);
  in.processes = 10;
  in.pool_size = 60;
  in.sql_s = 0.01;
  in.memory_mib = 1024;
  const Sizing sizing = sized(in);
  CHECK(*sizing.judged->forecast.wait_probability >= 0);
  for (const Alternative& one : sizing.recommendation.alternatives) {
    INFO(one.change);
    CHECK(one.needed.value_or(0) <= *sizing.memory.connections);
  }
}

TEST_CASE("How many connections stay open is said in figures") {
  SizeInputs in;
  in.cores = 4;
  const Sizing sizing = sized(in);
  const Recommendation& r = sizing.recommendation;
  REQUIRE(r.max_overflow > 1);
  CHECK(mentions(r.why, std::to_string(r.pool_size) + " of the " + std::to_string(r.total()) +
                            " connections stay open, the other " + std::to_string(r.max_overflow)));
}

TEST_CASE("An overflow that somebody ruled out is not brought back without a word") {
  SizeInputs in = with_load(100, 0.05);
  in.pool_size = 5;
  in.max_overflow = 0;
  const Sizing sizing = sized(in);
  REQUIRE(sizing.recommendation.max_overflow > 0);
  CHECK(mentions(sizing.recommendation.why,
                 "with fewer kept open, more than 0.5 % of checkouts would open a new connection; "
                 "max_overflow " +
                     std::to_string(sizing.recommendation.max_overflow) +
                     " would replace the given 0"));
  in.max_overflow = 3;
  CHECK_FALSE(mentions(sized(in).recommendation.why, "would replace"));
}
