// The storm itself: what its clients do, and what is looked at after every step.
#include "pool_storm.h"

namespace poolgauge {
namespace test {

namespace {

bool is_queue_pool(const PoolSpec& spec) {
  return spec.kind == "sqlalchemy" || spec.kind == "sqlalchemy-async";
}

/// The limit of an acquire where the kind has one: a refusal for time comes exactly then.
std::optional<Duration> limit_of(const PoolSpec& spec) {
  if (is_queue_pool(spec)) return spec.duration("timeout");
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

bool falls_back(const PoolSpec& spec) {
  for (const OptionInfo& option : find_kind(spec.kind)->options) {
    if (option.name == "fallback") return spec.choice("fallback") != "none";
  }
  return false;
}

bool serves_idle(const PoolSpec& spec) {
  return is_queue_pool(spec) || spec.kind == "asyncpg" || spec.kind == "node-postgres" ||
         spec.kind == "prisma";
}

}  // namespace

class Storm::StormSession final : public Session {
 public:
  StormSession(Storm& storm, ConnId conn) : storm_(storm), conn_(conn) {
    ++storm_.sessions_;
    storm_.standing_.push_back(this);
  }
  ~StormSession() override {
    --storm_.sessions_;
    std::erase(storm_.standing_, this);
  }
  ConnId conn() const { return conn_; }
  void strike() {
    dead = true;
    if (listener_ != nullptr) listener_->connection_lost(conn_);
  }
  void watch_idle(LossListener& listener, ConnId) override { listener_ = &listener; }
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
  LossListener* listener_ = nullptr;
};

Storm::Storm(std::unique_ptr<PoolPolicy> policy, const PoolSpec& spec, const StormPlan& plan,
             std::uint64_t seed)
    : plan_(plan),
      spec_(spec),
      rng_(seed),
      app_(world_.loop, stops_, loop_costs({"sqlalchemy-async", {{"task_time", plan.task_time}}}),
           seed),
      shares_(policy->shares_connections()),
      lazy_(policy->connects_lazily()),
      plain_((spec.kind == "none" || spec.kind == "fixed") && !lazy_),
      queue_pool_(is_queue_pool(spec)),
      psycopg_(spec.kind.starts_with("psycopg")),
      falls_back_(falls_back(spec)),
      serves_idle_(serves_idle(spec)),
      limit_(limit_of(spec)),
      most_(pool_capacity(spec, std::nullopt)),
      pool_(world_.scope, stops_, *this, app_, std::move(policy), pool_permanent_size(spec), this,
            plan.most) {
  for (std::uint32_t i = 0; i < plan.clients; ++i) {
    clients_.push_back(std::make_unique<Client>(*this, i, seed));
  }
}

Task<Connected> Storm::connect(ConnId conn, Patience& patience) {
  const bool fails = rng_.uniform() < plan_.connect_fails;
  ++under_way_;
  look_at_sockets();
  Patience::Sleep nap(patience, world_.loop.now() + some(rng_, plan_.connect));
  const WakeReason why = co_await nap;
  --under_way_;
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
  clients_left_ = clients_.size();
  for (auto& client : clients_) world_.scope.spawn(live(*client));
  if (plan_.lightning > 0) world_.scope.spawn(thunder());
  if (plan_.ends != StormPlan::kForever) world_.scope.spawn(end());
  world_.loop.run(world_.scope.live());
  look();
  const PoolCounts counts = pool_.counts();
  expect(counts.waiting == 0, "somebody waits after all have left");
  expect(counts.checked_out == 0, "something is checked out after all have left");
  expect(counts.open >= sessions_, "more sessions than places");
  expect(static_cast<std::int64_t>(alive_.size()) == sessions_, "a session that nobody knows");
  std::int64_t asked = 0;
  for (auto& client : clients_) asked += client->asking ? 1 : 0;
  expect(asked == 0, "somebody was never answered");
  expect(cut_short_ || answers_ == static_cast<std::int64_t>(clients_.size()) * plan_.rounds,
         "not every request for a connection was answered once");
  pool_.shut_down();
  expect(sessions_ == 0, "a connection outlives the pool's end");
  return trouble_;
}

Task<> Storm::live(Client& client) {
  for (int round = 0; round < plan_.rounds && !client.stopped; ++round) {
    SleepUntil rest(world_.loop, world_.loop.now() + some(client.rng, plan_.rest));
    // Now and then without giving up the processor, as a thread that returns and asks again.
    const bool rests = client.rng.uniform() < 0.7;
    if (rests) co_await rest;
    Lease lease;
    co_await ask(client, lease);
    if (!lease.held()) continue;
    co_await hold(client, lease);
    Condition condition = lease.session().condition();
    const bool discards = client.rng.uniform() < plan_.discards;
    if (discards) condition = Condition::invalidated;
    --holders_[lease.conn().number];
    ++releasing_;
    co_await pool_.release(lease, condition);
    --releasing_;
  }
  pool_.client_gone(client.id);
  if (--clients_left_ == 0) world_.scope.spawn(calm());
}

Task<> Storm::hold(Client& client, Lease& lease) {
  const bool works = client.rng.uniform() < plan_.works;
  if (works) {
    Exchange exchange;
    exchange.kind = Exchange::Kind::step;
    co_await lease.session().run(exchange, client.patience);
  }
  SleepUntil rest(world_.loop, world_.loop.now() + some(client.rng, plan_.hold));
  co_await rest;
  const double fate = client.rng.uniform();
  const bool leaves_open = client.rng.uniform() < plan_.leaves_open;
  StormSession* session = session_of(lease.conn());
  if (session == nullptr) co_return;  // never connected
  if (fate < plan_.loses) session->dead = true;
  session->open_transaction = leaves_open;
}

Storm::StormSession* Storm::session_of(ConnId conn) {
  for (StormSession* session : standing_) {
    if (session->conn() == conn) return session;
  }
  return nullptr;
}

// Strikes any session: idle, held, or just being made.
Task<> Storm::thunder() {
  while (clients_left_ > 0) {
    SleepUntil calm(world_.loop, world_.loop.now() + Duration{1'000'000} + some(rng_, plan_.hold));
    co_await calm;
    if (standing_.empty() || rng_.uniform() > plan_.lightning) continue;
    const auto last = static_cast<std::int64_t>(standing_.size()) - 1;
    standing_[static_cast<std::size_t>(rng_.uniform_int(0, last))]->strike();
  }
}

// A pool that goes on looking after its connections (Rails 8.1) never comes to rest by itself.
Task<> Storm::calm() {
  SleepUntil after(world_.loop, world_.loop.now() + Duration{2'000'000'000});
  co_await after;
  stops_.stop_firmly();
}

// As a run ends: first gently, then firmly.
Task<> Storm::end() {
  SleepUntil load(world_.loop, TimePoint{} + plan_.ends);
  co_await load;
  cut_short_ = clients_left_ > 0;
  stops_.stop_gently();
  SleepUntil grace(world_.loop, world_.loop.now() + Duration{10'000'000});
  co_await grace;
  stops_.stop_firmly();
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
  client.stopped = client.patience.stopped();
  if (acquired.granted()) {
    judge_grant(client, acquired.lease.conn());
    lease = std::move(acquired.lease);
  } else {
    judge_refusal(client, acquired);
  }
}

void Storm::judge_grant(Client& client, ConnId conn) {
  expect(lazy_ || alive_.contains(conn.number), "a connection was granted that is not open");
  int& holders = holders_[conn.number];
  expect(holders == 0 || shares_, "a connection has two holders");
  ++holders;
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
  if (falls_back_ && acquired.refusal != Refusal::gave_up) {
    // Whom the pool refuses is refused only by the server.
    return expect(acquired.refusal == Refusal::connect_failed, "a fallback was not tried");
  }
  if (psycopg_ && acquired.refusal != Refusal::gave_up) {
    return judge_psycopg_refusal(client, acquired.refusal, waited);
  }
  if (acquired.refusal == Refusal::timeout && spec_.kind == "hikari") {
    // Later when it was in a liveness test by then, or had to wait for the constructor.
    return expect(waited >= spec_.duration("connectionTimeout"), "a pool timeout came early");
  }
  if (acquired.refusal == Refusal::timeout && spec_.kind == "rails") {
    return expect(waited == spec_.duration("checkout_timeout"), "a timeout came early or late");
  }
  if (acquired.refusal == Refusal::timeout) {
    expect(limit_.has_value(), "a pool without a limit timed out");
    if (!limit_) return;
    expect(waited == *limit_, "a pool timeout came early or late");
    expect(most_.has_value(), "a pool without a limit timed out");
  } else if (acquired.refusal == Refusal::gave_up) {
    const bool stopped = acquired.gave_up == WakeReason::stop && client.patience.stopped();
    expect(acquired.gave_up == WakeReason::deadline || stopped, "gave up for no reason");
  } else if (acquired.refusal == Refusal::connect_failed) {
    judge_failed_connect(client, acquired);
  } else {
    expect(!plain_ && !queue_pool_, "refused for no reason");
  }
}

void Storm::judge_failed_connect(const Client& client, const Acquired& acquired) {
  expect(!acquired.connect_outcome.ok(), "a failed connect was reported as a success");
  // HikariCP's constructor fails with its connection's first test, too; to PgBouncer a login that
  // it broke off after server_connect_timeout has failed.
  const bool tested = spec_.kind == "hikari" && plan_.exchange_fails > 0;
  const bool broken_off = spec_.kind == "pgbouncer" && broken_off_ > 0;
  // A pool without a limit may fill the budget with connections that it keeps.
  const bool no_room =
      plan_.most && !most_ && acquired.connect_outcome.failure == FailureClass::connect_timeout;
  expect(plan_.connect_fails > 0 || tested || broken_off || no_room || client.patience.stopped(),
         "a connect failed that could not");
}

void Storm::judge_psycopg_refusal(Client& client, Refusal refusal, Duration waited) {
  const Duration timeout = spec_.duration("timeout");
  if (refusal == Refusal::timeout) {
    expect(waited >= timeout || client.patience.stopped(), "a pool timeout came early");
    const bool two_clocks = spec_.boolean("check") || spec_.kind == "psycopg-null";
    expect(waited == timeout || two_clocks || client.patience.stopped(),
           "a pool timeout came late");
  } else if (refusal == Refusal::overloaded) {
    expect(spec_.integer("max_waiting") > 0, "a line without a limit was full");
  } else {
    expect(spec_.kind == "psycopg-null", "a connect error reached a caller");
    expect(client.last_opening >= client.asked, "a caller got somebody else's connect error");
  }
}

// Open, being opened and being closed: a promise to the server, kept at every moment.
void Storm::look_at_sockets() {
  if (plan_.most) expect(under_way_ + sessions_ <= *plan_.most, "more sockets than the budget");
}

// Whatever has just happened, these hold; when nothing is ready any more, nobody waits in vain.
void Storm::look() {
  const PoolCounts counts = pool_.counts();
  const PoolGauges::Level& level = pool_.gauges().level();
  const Pool::Queued& queued = pool_.queued();
  look_at_sockets();
  expect(level.open == counts.open - queued.all, "the gauge of open is behind");
  expect(level.checked_out == counts.checked_out - queued.paid,
         "the gauge of checked out is behind");
  expect(level.waiting == counts.waiting + queued.paid, "gauge of waiting is behind");
  const auto existing = static_cast<std::int64_t>(alive_.size());
  const auto made = static_cast<std::int64_t>(pool_.gauges().connects);
  const auto gone = static_cast<std::int64_t>(pool_.gauges().closes);
  expect(made - gone == existing, "connects minus closes are not what is open");
  expect(existing <= sessions_, "an open connection without a session");
  expect(existing + connecting_ <= counts.open, "a connection without a place");
  if (most_ && !shares_) expect(counts.open <= *most_, "more open than the maximum");
  expect(counts.idle >= 0 && counts.checked_out >= 0 && counts.waiting >= 0, "a count below zero");
  if (queue_pool_) {
    // A direct connect whose client gave up is neither.
    const std::int64_t left = counts.open - counts.idle - counts.checked_out;
    expect(left == 0 || (falls_back_ && left > 0), "open is not idle and checked out");
  } else if (psycopg_) {
    // Places exist without connections: before a worker is free and between two attempts.
    expect(counts.idle + counts.checked_out <= counts.open, "more in use than open");
    if (counts.waiting > 0 && !spec_.boolean("check")) {
      expect(counts.idle == 0, "somebody waits while a connection is idle");
    }
  } else if (spec_.kind == "rails") {
    expect(counts.open >= existing + connecting_, "a connection without an adapter");
  } else if (!lazy_ && spec_.kind != "database-sql" &&
             stops_.level() !=
                 StopList::Level::firm) {  // counts what its opener has still to begin
    expect(counts.open == existing + connecting_, "open is not what exists or is being made");
  }
  std::int64_t held = 0;
  for (const auto& [number, holders] : holders_) held += holders;
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
void Storm::abandoned(TimePoint, ConnId) {
  --connecting_;
  ++broken_off_;
}
void Storm::opened(TimePoint, ConnId conn, Duration) {
  --connecting_;
  alive_.insert(conn.number);
}
void Storm::closed(TimePoint, ConnId conn, CloseReason) {
  expect(alive_.contains(conn.number), "what is not open was closed");
  expect(holders_[conn.number] == 0, "a connection was closed while it is held");
  alive_.erase(conn.number);
}

}  // namespace test
}  // namespace poolgauge
