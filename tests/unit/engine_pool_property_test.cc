// Facts that hold for every pool, in thousands of random timelines through the real driver.
#include "policy/static_pool.h"
#include "pool_storm.h"
#include "random_pools.h"

namespace poolgauge {
namespace {

using namespace test;

std::int64_t pick(Rng& rng, std::int64_t low, std::int64_t high) {
  return rng.uniform_int(low, high);
}

PoolSpec random_queue_pool(const std::string& kind, const std::string& python, Rng& rng) {
  PoolSpec spec;
  spec.kind = kind;
  if (!python.empty()) spec.set("python", python);
  spec.set("pool_size", pick(rng, 0, 5));
  spec.set("max_overflow", pick(rng, -1, 5));
  const std::int64_t timeout_ms = pick(rng, 0, 3) == 0 ? 0 : pick(rng, 1, 50);
  spec.set("timeout", Duration{timeout_ms * 1'000'000});
  if (pick(rng, 0, 2) == 0) spec.set("recycle", Duration{pick(rng, 0, 80) * 1'000'000});
  spec.set("pre_ping", pick(rng, 0, 1) == 0);
  spec.set("use_lifo", pick(rng, 0, 1) == 0);
  const char* const resets[] = {"rollback", "commit", "none"};
  spec.set("reset_on_return", std::string(resets[pick(rng, 0, 2)]));
  spec.set("version", std::string(pick(rng, 0, 3) == 0 ? "1.4" : "2.0"));
  if (check_options(spec)) spec.set("max_overflow", std::int64_t{1});
  return spec;
}

PoolSpec random_psycopg_pool(const std::string& kind, Rng& rng) {
  PoolSpec spec;
  spec.kind = kind;
  const bool keeps = kind == "psycopg";
  const std::int64_t least = keeps ? pick(rng, 0, 4) : 0;
  spec.set("min_size", least);
  spec.set("max_size",
           keeps ? std::max<std::int64_t>(1, least + pick(rng, 0, 4)) : pick(rng, 0, 5));
  const std::int64_t timeout_ms = pick(rng, 0, 5) == 0 ? 0 : pick(rng, 1, 50);
  spec.set("timeout", Duration{timeout_ms * 1'000'000});
  if (pick(rng, 0, 2) == 0) spec.set("max_waiting", pick(rng, 1, 5));
  if (pick(rng, 0, 2) == 0) spec.set("max_lifetime", Duration{pick(rng, 0, 80) * 1'000'000});
  if (pick(rng, 0, 1) == 0) spec.set("max_idle", Duration{pick(rng, 1, 50) * 1'000'000});
  if (pick(rng, 0, 2) == 0) spec.set("reconnect_timeout", Duration{pick(rng, 0, 60) * 1'000'000});
  spec.set("num_workers", pick(rng, 1, 4));
  spec.set("check", pick(rng, 0, 1) == 0);
  spec.set("version", std::string(pick(rng, 0, 3) == 0 ? "3.1" : "3.2"));
  if (check_options(spec)) spec.set("check", false);
  return spec;
}

void random_pgx(PoolSpec& spec, Rng& rng) {
  spec.set("pool_max_conns", pick(rng, 1, 6));
  if (pick(rng, 0, 1) == 0) spec.set("pool_min_conns", pick(rng, 0, 8));
  if (pick(rng, 0, 1) == 0) spec.set("pool_min_idle_conns", pick(rng, 0, 4));
  if (pick(rng, 0, 1) == 0) spec.set("pool_max_conn_lifetime", some_ms(rng, 0, 60));
  if (pick(rng, 0, 2) == 0) spec.set("pool_max_conn_lifetime_jitter", some_ms(rng, 0, 3000));
  if (pick(rng, 0, 1) == 0) spec.set("pool_max_conn_idle_time", some_ms(rng, 0, 40));
  if (pick(rng, 0, 2) == 0) spec.set("pool_ping_timeout", some_ms(rng, 0, 2));
  spec.set("pool_health_check_period", some_ms(rng, 1, 2000));
  if (pick(rng, 0, 3) == 0) spec.set("version", std::string("5.9"));
}

void random_database_sql(PoolSpec& spec, Rng& rng) {
  spec.set("MaxOpenConns", pick(rng, -1, 6));
  spec.set("MaxIdleConns", pick(rng, -1, 6));
  if (pick(rng, 0, 1) == 0) spec.set("ConnMaxLifetime", some_ms(rng, 0, 60));
  if (pick(rng, 0, 1) == 0) spec.set("ConnMaxIdleTime", some_ms(rng, 0, 40));
  if (pick(rng, 0, 1) == 0) spec.set("driver", std::string("pgx"));
}

void random_adaptive(PoolSpec& spec, Rng& rng) {
  const std::int64_t least = pick(rng, 1, 4);
  spec.set("min_size", least);
  spec.set("max_size", least + pick(rng, 0, 6));
  spec.set("target_utilization", pick(rng, 1, 100));
  spec.set("interval", some_ms(rng, 1, 40));
  spec.set("shrink_after", pick(rng, 1, 3));
  spec.set("timeout", pick(rng, 0, 3) == 0 ? Duration{0} : some_ms(rng, 1, 50));
}

StormPlan random_plan(Rng& rng) {
  StormPlan plan;
  const bool slow = pick(rng, 0, 7) == 0;  // where pools care about seconds
  plan.clients = static_cast<std::uint32_t>(pick(rng, 1, 14));
  plan.rounds = static_cast<int>(pick(rng, 2, 12));
  // Some storms are calm in one way or another, so that rules meet each other undisturbed.
  for (double* chance : {&plan.gives_up, &plan.loses, &plan.discards, &plan.leaves_open,
                         &plan.connect_fails, &plan.exchange_fails}) {
    if (pick(rng, 0, 1) == 0) *chance = 0;
  }
  for (Duration* length : {&plan.connect, &plan.exchange, &plan.hold, &plan.rest}) {
    const std::int64_t kind = pick(rng, 0, 3);
    if (kind == 0) *length = Duration{0};
    if (kind == 1) *length *= 4;
    if (slow && kind == 2) *length *= 100;
  }
  return plan;
}

std::string describe(const PoolSpec& spec, const StormPlan& plan) {
  std::string text = spec.kind + " clients " + std::to_string(plan.clients);
  for (const auto& [name, value] : spec.options) {
    text += " " + name + " ";
    if (const auto* number = std::get_if<std::int64_t>(&value)) text += std::to_string(*number);
    if (const auto* flag = std::get_if<bool>(&value)) text += *flag ? "yes" : "no";
    if (const auto* name_of = std::get_if<std::string>(&value)) text += *name_of;
    if (const auto* time = std::get_if<Duration>(&value)) text += std::to_string(to_ms(*time));
  }
  return text;
}

void weather(const std::string& kind, const std::string& python, std::uint64_t seeds,
             Duration task_time = Duration{0}, bool fallback = false) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Rng rng(seed, 77);
    PoolSpec spec;
    spec.kind = kind;
    if (kind.starts_with("sqlalchemy")) spec = random_queue_pool(kind, python, rng);
    if (kind.starts_with("psycopg")) spec = random_psycopg_pool(kind, rng);
    if (kind == "asyncpg") spec = random_asyncpg(rng);
    if (kind == "node-postgres") spec = random_pg_pool(rng);
    if (kind == "prisma") spec = random_prisma(rng);
    if (kind == "pgx") random_pgx(spec, rng);
    if (kind == "database-sql") random_database_sql(spec, rng);
    if (kind == "adaptive") random_adaptive(spec, rng);
    if (fallback) spec.set("fallback", std::string("direct"));
    StormPlan plan = random_plan(rng);
    plan.task_time = task_time;
    Storm storm(make_policy(spec, seed), spec, plan, seed);
    const std::string trouble = storm.run();
    INFO("seed " << seed << ": " << describe(spec, plan));
    REQUIRE(trouble == "");
  }
}

TEST_CASE("SQLAlchemy's threaded pool keeps the facts in any storm", "[storm]") {
  weather("sqlalchemy", "", 1500);
}
TEST_CASE("SQLAlchemy's asyncio pool on Python 3.11 does, too", "[storm]") {
  weather("sqlalchemy-async", "3.11", 1500);
}
TEST_CASE("SQLAlchemy's asyncio pool on Python 3.12 does, too", "[storm]") {
  weather("sqlalchemy-async", "3.12", 1500);
}
TEST_CASE("asyncio pools of a slow application do, too", "[storm]") {
  weather("sqlalchemy-async", "3.11", 500, 110us);
  weather("sqlalchemy-async", "3.12", 500, 3ms);
}
TEST_CASE("psycopg's pool does, too", "[storm]") {
  weather("psycopg", "", 1500);
}
TEST_CASE("psycopg's null pool does, too", "[storm]") {
  weather("psycopg-null", "", 1500);
}
TEST_CASE("no pool at all does, too", "[storm]") {
  weather("none", "", 500);
}
TEST_CASE("private connections do, too", "[storm]") {
  weather("fixed", "", 500);
}
TEST_CASE("pgxpool does, too", "[storm]") {
  weather("pgx", "", 1500);
}
TEST_CASE("database/sql does, too", "[storm]") {
  weather("database-sql", "", 1500);
}
TEST_CASE("a pool that sizes itself does, too", "[storm]") {
  weather("adaptive", "", 1500);
}
TEST_CASE("pools that fall back to direct connections do, too", "[storm]") {
  weather("sqlalchemy", "", 1000, Duration{0}, true);
  weather("sqlalchemy-async", "3.11", 500, Duration{0}, true);
  weather("sqlalchemy-async", "3.12", 500, 110us, true);
  weather("pgx", "", 500, Duration{0}, true);
  weather("database-sql", "", 500, Duration{0}, true);
  weather("adaptive", "", 1000, Duration{0}, true);
}

TEST_CASE("asyncpg's pool does, too", "[storm]") {
  weather("asyncpg", "", 1500);
}
TEST_CASE("pg-pool does, too", "[storm]") {
  weather("node-postgres", "", 1500);
}
TEST_CASE("Prisma's pool does, too", "[storm]") {
  weather("prisma", "", 1000);
}

TEST_CASE("one connection shared by all does, too", "[storm]") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Rng rng(seed, 78);
    PoolSpec spec;
    spec.kind = "none";  // no options, no limit of its own
    const StormPlan plan = random_plan(rng);
    Storm storm(std::make_unique<StaticPool>(), spec, plan, seed);
    INFO("seed " << seed);
    REQUIRE(storm.run() == "");
  }
}

}  // namespace

namespace test {

namespace {

/// The limit of an acquire where the kind has one: a refusal for time comes exactly then.
std::optional<Duration> limit_of(const PoolSpec& spec) {
  if (spec.kind.starts_with("sqlalchemy")) return spec.duration("timeout");
  const bool off_at_0 =
      spec.kind == "adaptive" || spec.kind == "node-postgres" || spec.kind == "prisma";
  Duration limit{-1};
  if (spec.kind == "adaptive") limit = spec.duration("timeout");
  if (spec.kind == "asyncpg") limit = spec.duration("timeout");
  if (spec.kind == "node-postgres") limit = spec.duration("connectionTimeoutMillis");
  if (spec.kind == "prisma") limit = spec.duration("pool_timeout");
  const bool limited = limit > Duration::zero() || (limit == Duration::zero() && !off_at_0);
  return limited ? std::optional(limit) : std::nullopt;
}

bool serves_idle(const PoolSpec& spec) {
  return spec.kind.starts_with("sqlalchemy") || spec.kind == "asyncpg" ||
         spec.kind == "node-postgres" || spec.kind == "prisma";
}

}  // namespace

class Storm::StormSession final : public Session {
 public:
  StormSession(Storm& storm, ConnId conn) : storm_(storm), conn_(conn) { ++storm_.sessions_; }
  ~StormSession() override { --storm_.sessions_; }
  Task<Outcome> run(const Exchange&, Patience& patience) override {
    const bool fails = dead || storm_.rng_.uniform() < storm_.plan_.exchange_fails;
    const Duration takes = storm_.some(storm_.rng_, storm_.plan_.exchange);
    Patience::Sleep nap(patience, patience.loop().now() + takes);
    const WakeReason why = co_await nap;
    Outcome outcome;
    if (why != WakeReason::done) outcome.failure = FailureClass::stopped;
    if (fails) outcome.failure = FailureClass::connection_lost;
    if (outcome.ok()) open_transaction = false;
    dead = dead || fails;
    co_return outcome;
  }
  Condition condition() const override {
    if (dead) return Condition::broken;
    return open_transaction ? Condition::in_transaction : Condition::clean;
  }
  std::string error_text() const override { return "lost in the storm"; }
  bool dead = false;
  bool open_transaction = false;

 private:
  Storm& storm_;
  ConnId conn_;
};

Storm::Storm(std::unique_ptr<PoolPolicy> policy, const PoolSpec& spec, const StormPlan& plan,
             std::uint64_t seed)
    : plan_(plan),
      spec_(spec),
      rng_(seed),
      app_(world_.loop, stops_, AppLoop::costs_for(plan.task_time), seed),
      shares_(policy->shares_connections()),
      queue_pool_(spec.kind.starts_with("sqlalchemy")),
      psycopg_(spec.kind.starts_with("psycopg")),
      serves_idle_(serves_idle(spec)),
      limit_(limit_of(spec)),
      most_(pool_capacity(spec, std::nullopt)),
      pool_(world_.scope, stops_, *this, app_, std::move(policy), pool_permanent_size(spec), this) {
  for (std::uint32_t i = 0; i < plan.clients; ++i) {
    clients_.push_back(std::make_unique<Client>(*this, i, seed));
  }
}

Task<Connected> Storm::connect(ConnId conn, Patience& patience) {
  const bool fails = rng_.uniform() < plan_.connect_fails;
  Patience::Sleep nap(patience, world_.loop.now() + some(rng_, plan_.connect));
  const WakeReason why = co_await nap;
  Connected connected;
  if (fails || why != WakeReason::done) {
    connected.outcome.failure = FailureClass::connect_error;
    co_return connected;
  }
  connected.session = std::make_unique<StormSession>(*this, conn);
  co_return connected;
}

std::string Storm::run() {
  pool_.start();
  for (auto& client : clients_) world_.scope.spawn(live(*client));
  world_.loop.run(world_.scope.live());
  look();
  const PoolCounts counts = pool_.counts();
  expect(counts.waiting == 0, "somebody waits after all have left");
  expect(counts.checked_out == 0, "something is checked out after all have left");
  expect(counts.open >= sessions_, "more sessions than places");
  std::int64_t asked = 0;
  for (auto& client : clients_) asked += client->asking ? 1 : 0;
  expect(asked == 0, "somebody was never answered");
  expect(answers_ == static_cast<std::int64_t>(clients_.size()) * plan_.rounds,
         "not every request for a connection was answered once");
  pool_.shut_down();
  expect(sessions_ == 0, "a connection outlives the pool's end");
  return trouble_;
}

Task<> Storm::live(Client& client) {
  for (int round = 0; round < plan_.rounds; ++round) {
    SleepUntil rest(world_.loop, world_.loop.now() + some(client.rng, plan_.rest));
    // Now and then without giving up the processor, as a thread that returns and asks again.
    const bool rests = client.rng.uniform() < 0.7;
    if (rests) co_await rest;
    Lease lease;
    co_await ask(client, lease);
    if (!lease.held()) continue;
    SleepUntil hold(world_.loop, world_.loop.now() + some(client.rng, plan_.hold));
    co_await hold;
    auto& session = static_cast<StormSession&>(lease.session());
    const double fate = client.rng.uniform();
    if (fate < plan_.loses) session.dead = true;
    session.open_transaction = client.rng.uniform() < plan_.leaves_open;
    Condition condition = session.condition();
    const bool discards = client.rng.uniform() < plan_.discards;
    if (discards) condition = Condition::invalidated;
    --alive_[lease.conn().number];
    ++releasing_;
    co_await pool_.release(lease, condition);
    --releasing_;
  }
}

Task<> Storm::ask(Client& client, Lease& lease) {
  client.asking = true;
  client.asked = world_.loop.now();
  const bool impatient = client.rng.uniform() < plan_.gives_up;
  const Duration patience = some(client.rng, Duration{60'000'000});
  client.patience.set_deadline(impatient ? client.asked + patience : kNever);
  Acquired acquired = co_await pool_.acquire(client.id, client.patience);
  client.patience.set_deadline(kNever);
  client.asking = false;
  ++answers_;
  if (acquired.granted()) {
    judge_grant(client, acquired.lease.conn());
    lease = std::move(acquired.lease);
  } else {
    judge_refusal(client, acquired);
  }
}

void Storm::judge_grant(Client& client, ConnId conn) {
  const auto found = alive_.find(conn.number);
  expect(found != alive_.end(), "a connection was granted that is not open");
  if (found == alive_.end()) return;
  expect(found->second == 0 || shares_, "a connection has two holders");
  ++found->second;
  if (!queue_pool_) return;
  const Duration waited = world_.loop.now() - client.asked;
  const bool prepared =
      client.last_opening >= client.asked ||
      (last_check_.contains(conn.number) && last_check_[conn.number] >= client.asked);
  expect(waited <= spec_.duration("timeout") || prepared || !most_,
         "a waiter was served after its timeout without connecting");
}

void Storm::judge_refusal(Client& client, const Acquired& acquired) {
  const Duration waited = world_.loop.now() - client.asked;
  if (psycopg_ && acquired.refusal != Refusal::gave_up) {
    return judge_psycopg_refusal(client, acquired.refusal, waited);
  }
  if (acquired.refusal == Refusal::timeout) {
    expect(limit_.has_value(), "a pool without a limit timed out");
    if (!limit_) return;
    expect(waited == *limit_, "a pool timeout came early or late");
    expect(most_.has_value(), "a pool without a limit timed out");
  } else if (acquired.refusal == Refusal::gave_up) {
    expect(acquired.gave_up == WakeReason::deadline, "gave up for no reason");
  } else {
    expect(acquired.refusal == Refusal::connect_failed, "refused for no reason");
    expect(plan_.connect_fails > 0, "a connect failed that could not");
  }
}

void Storm::judge_psycopg_refusal(Client& client, Refusal refusal, Duration waited) {
  const Duration timeout = spec_.duration("timeout");
  if (refusal == Refusal::timeout) {
    expect(waited >= timeout, "a pool timeout came early");
    const bool two_clocks = spec_.boolean("check") || spec_.kind == "psycopg-null";
    expect(waited == timeout || two_clocks, "a pool timeout came late");
  } else if (refusal == Refusal::overloaded) {
    expect(spec_.integer("max_waiting") > 0, "a line without a limit was full");
  } else {
    expect(spec_.kind == "psycopg-null", "a connect error reached a caller");
    expect(client.last_opening >= client.asked, "a caller got somebody else's connect error");
  }
}

// Whatever has just happened, these hold; when nothing is ready any more, nobody waits in vain.
void Storm::look() {
  const PoolCounts counts = pool_.counts();
  const PoolGauges::Level& level = pool_.gauges().level();
  expect(level.open == static_cast<std::uint32_t>(counts.open), "the gauge of open is behind");
  expect(level.checked_out == static_cast<std::uint32_t>(counts.checked_out),
         "the gauge of checked out is behind");
  expect(level.waiting == static_cast<std::uint32_t>(counts.waiting), "gauge of waiting is behind");
  const auto existing = static_cast<std::int64_t>(alive_.size());
  const auto made = static_cast<std::int64_t>(pool_.gauges().connects);
  const auto gone = static_cast<std::int64_t>(pool_.gauges().closes);
  expect(made - gone == existing, "connects minus closes are not what is open");
  expect(existing <= sessions_, "an open connection without a session");
  expect(existing + connecting_ <= counts.open, "a connection without a place");
  if (most_ && !shares_) expect(counts.open <= *most_, "more open than the maximum");
  expect(counts.idle >= 0 && counts.checked_out >= 0 && counts.waiting >= 0, "a count below zero");
  if (queue_pool_) {
    expect(counts.open == counts.idle + counts.checked_out, "open is not idle and checked out");
  } else if (psycopg_) {
    // Places exist without connections: before a worker is free and between two attempts.
    expect(counts.idle + counts.checked_out <= counts.open, "more in use than open");
    if (counts.waiting > 0 && !spec_.boolean("check")) {
      expect(counts.idle == 0, "somebody waits while a connection is idle");
    }
  } else if (spec_.kind != "database-sql") {  // counts what its opener has still to begin
    expect(counts.open == existing + connecting_, "open is not what exists or is being made");
  }
  std::int64_t held = 0;
  for (const auto& [number, holders] : alive_) held += holders;
  std::int64_t asking = 0;
  for (const auto& client : clients_) asking += client->asking ? 1 : 0;
  const std::int64_t preparing = counts.checked_out - held - releasing_;
  // With a slow application a waiter may have been called and not have had its turn yet.
  if (serves_idle_ && asking > preparing && plan_.task_time == Duration{0}) {
    expect(counts.idle == 0, "somebody waits while a connection is idle");
  }
}

void Storm::opening(TimePoint now, ConnId conn, const ClientId* payer) {
  ++connecting_;
  expect(!alive_.contains(conn.number), "a connection number was used twice");
  if (payer != nullptr) clients_[payer->value]->last_opening = now;
}
void Storm::opened(TimePoint, ConnId conn, Duration) {
  --connecting_;
  alive_[conn.number] = 0;
}
void Storm::closed(TimePoint, ConnId conn, CloseReason) {
  expect(alive_.contains(conn.number), "what is not open was closed");
  expect(alive_[conn.number] == 0, "a connection was closed while it is held");
  alive_.erase(conn.number);
}

}  // namespace test
}  // namespace poolgauge
