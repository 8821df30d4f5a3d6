// Deciding where trouble strikes, and making it look like the server's.
#include "engine/faulty_backend.h"

#include <string>
#include <utility>

namespace poolgauge {

class FaultySession final : public Session {
 public:
  FaultySession(FaultyBackend& backend, std::unique_ptr<Session> inner)
      : backend_(backend), inner_(std::move(inner)) {}

  Task<Outcome> run(const Exchange& exchange, Patience& patience) override;
  Condition condition() const override { return broken_ ? Condition::broken : inner_->condition(); }
  bool reset_needs_exchange() const override { return !broken_ && inner_->reset_needs_exchange(); }
  std::string error_text() const override { return text_.empty() ? inner_->error_text() : text_; }

 private:
  FaultyBackend& backend_;
  std::unique_ptr<Session> inner_;
  bool broken_ = false;
  std::string text_;
};

// The exchange takes its time; only its answer is replaced. A step that fails leaves an open
// transaction open, as a real one does.
Task<Outcome> FaultySession::run(const Exchange& exchange, Patience& patience) {
  Outcome outcome;
  if (broken_) {
    outcome.failure = FailureClass::connection_lost;
    co_return outcome;
  }
  const FaultPlan& plan = backend_.plan_;
  const bool breaks = backend_.strikes(plan.broken);
  const bool errs = exchange.kind == Exchange::Kind::step && backend_.strikes(plan.sql_error);
  text_.clear();
  outcome = co_await inner_->run(exchange, patience);
  if (!outcome.ok()) co_return outcome;
  if (breaks) {
    ++backend_.struck_.broken;
    broken_ = true;
    text_ = "the connection was lost by plan";
    outcome.failure = FailureClass::connection_lost;
  } else if (errs) {
    ++backend_.struck_.sql_errors;
    text_ = "a statement failed by plan";
    outcome.failure = FailureClass::sql_error;
    outcome.sqlstate = SqlState{'X', 'X', '0', '0', '0', '\0'};
  }
  co_return outcome;
}

FaultyBackend::FaultyBackend(Backend& inner, const FaultPlan& plan, std::uint64_t seed)
    : inner_(inner), plan_(plan), rng_(seed, 0x4641554cULL) {}

Task<Connected> FaultyBackend::connect(ConnId conn, Patience& patience) {
  Connected connected;
  if (strikes(plan_.connect_refused)) {
    ++struck_.refused;
    connected.outcome.failure = FailureClass::connection_refused;
    connected.error = "the connection was refused by plan";
    co_return connected;
  }
  if (strikes(plan_.connect_slow)) {
    ++struck_.slow;
    const TimePoint until = patience.loop().now() + plan_.slow_connect;
    const WakeReason why = co_await patience.sleep_until(until);
    if (why != WakeReason::done) {
      connected.outcome.failure =
          why == WakeReason::deadline ? FailureClass::connect_timeout : FailureClass::stopped;
      co_return connected;
    }
  }
  Connected answered = co_await inner_.connect(conn, patience);
  if (answered.session == nullptr) co_return answered;
  connected.session = std::make_unique<FaultySession>(*this, std::move(answered.session));
  co_return connected;
}

}  // namespace poolgauge
