// Clients of the modelled PgBouncer: each exchange finds the client's server connection, or waits
// for one in the pooler's line.
#include "sim/pooler_backend.h"

#include <algorithm>
#include <string>
#include <utility>

namespace poolgauge {

namespace {

constexpr const char* kPoolerState = "08P01";  // what PgBouncer gives all of its own errors

void set_state(Outcome& outcome) {
  std::copy_n(kPoolerState, 5, outcome.sqlstate.begin());
}

std::uint32_t level(std::int64_t value) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(0, value));
}

}  // namespace

/// One client connection.
class PooledSession final : public Session {
 public:
  PooledSession(PoolerBackend& pooler, ClientId client) : pooler_(pooler), client_(client) {}
  ~PooledSession() override;

  Task<Outcome> run(const Exchange& exchange, Patience& patience) override;
  Condition condition() const override {
    if (broken_) return Condition::broken;
    return lease_.held() ? lease_.session().condition() : Condition::clean;
  }
  std::string error_text() const override { return error_; }

 private:
  Task<Outcome> link(Patience& patience);
  Task<> unlink();
  Outcome refused(const Acquired& acquired);
  Outcome interrupted(WakeReason why);

  PoolerBackend& pooler_;
  ClientId client_;
  Lease lease_;
  TimePoint transaction_began_{};
  bool broken_ = false;
  std::string error_;
};

// The client hangs up: a server it still has goes back, or ends with it.
PooledSession::~PooledSession() {
  if (!lease_.held()) {
    pooler_.leave(client_);
    return;
  }
  const Condition condition = broken_ ? Condition::broken : lease_.session().condition();
  pooler_.scope_.spawn(pooler_.part(std::move(lease_), condition, client_));
}

Outcome PooledSession::interrupted(WakeReason why) {
  broken_ = true;
  error_ = "the request was canceled before the server answered";
  Outcome outcome;
  outcome.failure = why == WakeReason::deadline ? FailureClass::deadline : FailureClass::stopped;
  return outcome;
}

// PgBouncer ends the client's connection with every refusal.
Outcome PooledSession::refused(const Acquired& acquired) {
  if (acquired.refusal == Refusal::gave_up) return interrupted(acquired.gave_up);
  broken_ = true;
  error_ = pooler_.pool_.refusal_text(acquired.refusal);
  Outcome outcome;
  outcome.failure = classify_sqlstate(kPoolerState, error_);
  set_state(outcome);
  return outcome;
}

Task<Outcome> PooledSession::link(Patience& patience) {
  const TimePoint asked = pooler_.loop_.now();
  transaction_began_ = asked;
  Acquired acquired = co_await pooler_.pool_.acquire(client_, patience);
  if (!acquired.granted()) co_return refused(acquired);
  pooler_.totals_.wait_s += to_s(pooler_.loop_.now() - asked);
  lease_ = std::move(acquired.lease);
  co_return Outcome{};
}

Task<> PooledSession::unlink() {
  const Condition condition = broken_ ? Condition::broken : lease_.session().condition();
  if (pooler_.resets_in_passing_) {
    pooler_.scope_.spawn(pooler_.give_back(std::move(lease_), condition));
    co_return;
  }
  co_await pooler_.pool_.release(lease_, condition);
}

Task<Outcome> PooledSession::run(const Exchange& exchange, Patience& patience) {
  const ServerProfile& profile = pooler_.profile_;
  const TimePoint began = pooler_.loop_.now();
  const WakeReason why =
      co_await pooler_.processor_.work(profile.pooler_work, profile.pooler_delay, patience);
  if (why != WakeReason::done) co_return interrupted(why);
  const bool fresh = !lease_.held();
  if (fresh) {
    const Outcome linked = co_await link(patience);
    if (!linked.ok()) co_return linked;
  }
  if (!fresh && pooler_.mode_ == PoolerBackend::Mode::session &&
      lease_.session().condition() == Condition::clean) {
    transaction_began_ = began;
  }
  const Outcome outcome = co_await lease_.session().run(exchange, patience);
  const TimePoint now = pooler_.loop_.now();
  ++pooler_.totals_.queries;
  pooler_.totals_.query_s += to_s(now - began);
  const Condition condition = lease_.session().condition();
  broken_ = condition == Condition::broken;
  if (condition == Condition::in_transaction) co_return outcome;
  ++pooler_.totals_.transactions;
  pooler_.totals_.transaction_s += to_s(now - transaction_began_);
  const bool keeps = pooler_.mode_ == PoolerBackend::Mode::session && !broken_;
  if (!keeps) co_await unlink();
  co_return outcome;
}

PoolerBackend::PoolerBackend(Loop& loop, const Scenario& scenario, const ServerProfile& profile,
                             Backend& server)
    : loop_(loop),
      profile_(profile),
      scope_(loop),
      app_(loop, stops_, {}, 0),
      processor_(loop, 1),
      pool_(scope_, stops_, server, app_, make_policy(scenario.deployment.pooler->spec),
            pool_permanent_size(scenario.deployment.pooler->spec), nullptr) {
  const PoolSpec& spec = scenario.deployment.pooler->spec;
  const std::string mode = spec.choice("pool_mode");
  mode_ = mode == "session"       ? Mode::session
          : mode == "transaction" ? Mode::transaction
                                  : Mode::statement;
  resets_in_passing_ = mode_ != Mode::session && spec.boolean("server_reset_query_always");
  max_client_conn_ = spec.integer("max_client_conn");
}

ClientId PoolerBackend::enter() {
  ++clients_;
  if (free_clients_.empty()) return {clients_made_++};
  const std::uint32_t client = free_clients_.back();
  free_clients_.pop_back();
  return {client};
}

void PoolerBackend::leave(ClientId client) {
  --clients_;
  free_clients_.push_back(client.value);
}

Task<Connected> PoolerBackend::connect(ConnId, Patience& patience) {
  Connected connected;
  const WakeReason why =
      co_await processor_.work(profile_.pooler_login_work, profile_.pooler_delay, patience);
  if (why != WakeReason::done) {
    const bool timeout = why == WakeReason::deadline;
    connected.outcome.failure = timeout ? FailureClass::connect_timeout : FailureClass::stopped;
    co_return connected;
  }
  if (clients_ >= max_client_conn_) {
    connected.outcome.failure = FailureClass::pooler_refused;
    set_state(connected.outcome);
    connected.error = "no more connections allowed (max_client_conn)";
    co_return connected;
  }
  const ClientId client = enter();
  connected.session = std::make_unique<PooledSession>(*this, client);
  co_return connected;
}

Task<> PoolerBackend::give_back(Lease lease, Condition condition) {
  co_await pool_.release(lease, condition);
}

Task<> PoolerBackend::part(Lease lease, Condition condition, ClientId client) {
  co_await pool_.release(lease, condition);
  pool_.client_gone(client);
  leave(client);
}

void PoolerBackend::begin(const WindowStart& window, Duration length) {
  pool_.start();
  scope_.spawn(watch(window, length));
}

void PoolerBackend::end() {
  stops_.stop_firmly();
  loop_.run(scope_.live());
  pool_.shut_down();
}

// One look each second of the window, and at its ends.
Task<> PoolerBackend::watch(const WindowStart& start, Duration length) {
  Patience patience(loop_, stops_);
  while (!start.begin() && !patience.stopped()) {
    const TimePoint soon = loop_.now() + std::chrono::milliseconds(100);
    co_await patience.sleep_until(soon);
  }
  const TimePoint window = start.begin().value_or(start.latest());
  co_await patience.sleep_until(window);
  totals_at_begin_ = totals_;
  constexpr Duration kEvery = std::chrono::seconds(1);
  for (Duration at = std::min(kEvery, length); !patience.stopped();) {
    const TimePoint due = window + at;
    const WakeReason why = co_await patience.sleep_until(due);
    if (why != WakeReason::done) co_return;
    sample(to_s(at));
    if (at >= length) co_return;
    at = std::min(at + kEvery, length);
  }
}

void PoolerBackend::sample(double t_s) {
  PoolerSample now;
  now.t_s = t_s;
  for (const auto& [name, value] : pool_.statistics()) {
    if (name == "sv_active") now.sv_active = level(value);
    if (name == "sv_idle") now.sv_idle = level(value);
    if (name == "sv_used") now.sv_used = level(value);
    if (name == "sv_tested") now.sv_tested = level(value);
    if (name == "sv_login") now.sv_login = level(value);
    if (name == "cl_waiting") now.cl_waiting = level(value);
  }
  now.cl_active = level(clients_ - now.cl_waiting);
  view_.series.push_back(now);
  view_.seconds = t_s;
  view_.transactions = totals_.transactions - totals_at_begin_.transactions;
  view_.queries = totals_.queries - totals_at_begin_.queries;
  view_.wait_s = totals_.wait_s - totals_at_begin_.wait_s;
  view_.transaction_s = totals_.transaction_s - totals_at_begin_.transaction_s;
  view_.query_s = totals_.query_s - totals_at_begin_.query_s;
}

}  // namespace poolgauge
