// The modelled server's connects and exchanges.
#include "sim/sim_backend.h"

#include <algorithm>
#include <string>

namespace poolgauge {

class SimSession final : public Session {
 public:
  /// `role`'s slot is taken; it outlives this.
  SimSession(SimBackend& backend, const std::string& role) : backend_(backend), role_(role) {}
  ~SimSession() override { backend_.slots_.leave(role_); }

  Task<Outcome> run(const Exchange& exchange, Patience& patience) override;
  Condition condition() const override {
    if (broken_) return Condition::broken;
    return in_transaction_ ? Condition::in_transaction : Condition::clean;
  }
  std::string error_text() const override { return error_; }

 private:
  Outcome refused();
  void tell_lag(const Exchange& exchange, bool ends);
  Outcome interrupted(WakeReason why);
  SimBackend& backend_;
  const std::string& role_;
  SimBackend::Part part_;
  bool in_transaction_ = false;
  bool wrote_ = false;  // in this transaction
  bool broken_ = false;
  const char* error_ = "";
};

Outcome SimSession::interrupted(WakeReason why) {
  broken_ = true;
  error_ = "the request was canceled before the server answered";
  Outcome outcome;
  outcome.failure = why == WakeReason::deadline ? FailureClass::deadline : FailureClass::stopped;
  return outcome;
}

// As PostgreSQL does.
Outcome SimSession::refused() {
  error_ = "DISCARD ALL cannot run inside a transaction block";
  Outcome outcome;
  outcome.failure = FailureClass::sql_error;
  outcome.sqlstate = {'2', '5', '0', '0', '1', '\0'};
  return outcome;
}

void SimSession::tell_lag(const Exchange& exchange, bool ends) {
  const bool step = exchange.kind == Exchange::Kind::step;
  const TimePoint now = backend_.loop_.now();
  if (backend_.standby_) {
    if (step) backend_.lag_->asked(now);
    return;
  }
  wrote_ = wrote_ || (step && backend_.lag_->writes(exchange.step_index));
  if (in_transaction_ || !wrote_) return;
  if (exchange.kind != Exchange::Kind::rollback && (ends || step)) backend_.lag_->committed(now);
  wrote_ = false;
}

Task<Outcome> SimSession::run(const Exchange& exchange, Patience& patience) {
  const SimBackend::Cost cost = backend_.cost_of(exchange, part_);
  const WakeReason why = co_await backend_.cores_.work(cost.work, cost.delay, patience);
  if (why != WakeReason::done) co_return interrupted(why);
  if (exchange.kind == Exchange::Kind::discard_all && in_transaction_) co_return refused();
  const TransactionEffect effect =
      exchange.kind == Exchange::Kind::step ? exchange.step->effect : TransactionEffect::none;
  if (exchange.begins() || effect == TransactionEffect::begins) in_transaction_ = true;
  const bool ends = exchange.kind == Exchange::Kind::commit ||
                    exchange.kind == Exchange::Kind::rollback || effect == TransactionEffect::ends;
  if (ends) in_transaction_ = false;
  if (backend_.lag_ != nullptr) tell_lag(exchange, ends);
  co_return Outcome{};
}

SimBackend::SimBackend(Loop& loop, const Scenario& scenario, const ServerProfile& profile,
                       std::uint64_t seed)
    : profile_(profile),
      cores_(loop, profile.cores, profile.speed),
      rng_(seed, 0x53455256ULL),
      measured_(scenario.requests.size()),
      step_cost_(step_costs(scenario, profile)),
      slots_(profile_),
      loop_(loop) {
  for (const ServerProfile::Transaction& transaction : profile_.transactions) {
    if (transaction.request >= measured_.size()) continue;
    measured_[transaction.request].push_back(&transaction);
  }
}

Task<Connected> SimBackend::connect(ConnId, Patience& patience) {
  static const std::string superuser;
  return connect_as(superuser, patience);
}

// Forking, authentication and the catalog are the server's work whether or not it then refuses.
Task<Connected> SimBackend::connect_as(const std::string& role, Patience& patience) {
  Connected connected;
  const std::string refusal = slots_.take(role);
  const WakeReason why =
      co_await cores_.work(profile_.connect_work, profile_.connect_delay, patience);
  if (why != WakeReason::done) {
    if (refusal.empty()) slots_.leave(role);
    const bool timeout = why == WakeReason::deadline;
    connected.outcome.failure = timeout ? FailureClass::connect_timeout : FailureClass::stopped;
    co_return connected;
  }
  if (!refusal.empty()) {
    connected.outcome.failure = FailureClass::too_many_connections;
    connected.outcome.sqlstate = {'5', '3', '3', '0', '0', '\0'};
    connected.error = refusal;
    co_return connected;
  }
  connected.session = std::make_unique<SimSession>(*this, role);
  co_return connected;
}

SimBackend::Cost SimBackend::cost_of(const Exchange& exchange, Part& part) {
  Cost cost;
  if (measured(exchange, part, cost)) return cost;
  cost = modelled(exchange);
  cost.work += profile_.client_work;
  return cost;
}

// A connection plays one measured request from its first exchange to its last: a step that does not
// follow the one before it belongs to the next request. False: nothing of the kind was measured.
bool SimBackend::measured(const Exchange& exchange, Part& part, Cost& cost) {
  switch (exchange.kind) {
    case Exchange::Kind::ping: cost.work = profile_.ping_alone; return cost.work > Duration{0};
    case Exchange::Kind::reset_query:
    case Exchange::Kind::discard_all:
    case Exchange::Kind::rollback: cost.work = profile_.reset_alone; return cost.work > Duration{0};
    case Exchange::Kind::begin:
    case Exchange::Kind::step:
    case Exchange::Kind::commit: break;
  }
  const bool pools_own = exchange.place == 0 && exchange.kind != Exchange::Kind::begin;
  const auto& known = measured_[exchange.request];
  if (pools_own || known.empty()) return false;
  const bool follows = part.transaction != nullptr &&
                       part.transaction->request == exchange.request && exchange.place > part.place;
  if (!follows) {
    const auto last = static_cast<std::int64_t>(known.size()) - 1;
    part.transaction = known[static_cast<std::size_t>(rng_.uniform_int(0, last))];
  }
  part.place = exchange.place;
  const std::vector<Duration>& alone = part.transaction->alone;
  if (exchange.place >= alone.size() || alone[exchange.place] <= Duration{0}) return false;
  constexpr Duration kLeast = std::chrono::microseconds(1);
  const Duration delay = profile_.exchange_delay;
  cost = {alone[exchange.place], std::max(delay, Duration{0})};
  if (delay < Duration{0}) cost.work = std::max(kLeast, cost.work + delay);
  return true;
}

SimBackend::Cost SimBackend::modelled(const Exchange& exchange) {
  switch (exchange.kind) {
    case Exchange::Kind::begin:
      return {profile_.begin_work, profile_.round_trip + profile_.begin_delay};
    case Exchange::Kind::commit:
      return {profile_.commit_work, profile_.round_trip + profile_.commit_delay};
    case Exchange::Kind::rollback: return {profile_.begin_work, profile_.round_trip};
    // Beside a BEGIN's 12 us, PostgreSQL 15 took 26 us for asyncpg's reset and 19 us for this one.
    case Exchange::Kind::reset_query: return {profile_.begin_work * 2, profile_.round_trip};
    case Exchange::Kind::discard_all: return {profile_.begin_work * 3 / 2, profile_.round_trip};
    case Exchange::Kind::ping:
      return {profile_.begin_work, exchange.ping == DriverHabits::Ping::single
                                       ? profile_.round_trip
                                       : profile_.round_trip * 3};
    case Exchange::Kind::step: break;
  }
  const StepCost& step = step_cost_[exchange.step_index];
  Cost cost{draw(step.work, rng_), step.delay};
  if (exchange.mode != TransactionMode::none) cost.work += profile_.begin_work;
  return cost;
}

}  // namespace poolgauge
