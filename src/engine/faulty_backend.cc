// Deciding where trouble strikes, and making it look like the server's.
#include "engine/faulty_backend.h"

#include <algorithm>
#include <string>
#include <utility>

namespace poolgauge {

class FaultySession final : public Session {
 public:
  FaultySession(FaultyBackend& backend, std::unique_ptr<Session> inner)
      : backend_(backend), inner_(std::move(inner)) {
    backend_.sessions_.push_back(this);
  }
  ~FaultySession() override { std::erase(backend_.sessions_, this); }

  Task<Outcome> run(const Exchange& exchange, Patience& patience) override;
  Condition condition() const override { return broken_ ? Condition::broken : inner_->condition(); }
  bool reset_needs_exchange() const override { return !broken_ && inner_->reset_needs_exchange(); }
  std::string error_text() const override { return text_.empty() ? inner_->error_text() : text_; }
  Phase failed_phase(Phase own) const override { return broken_ ? own : inner_->failed_phase(own); }
  void watch_idle(LossListener& listener, ConnId conn) override {
    listener_ = &listener;
    conn_ = conn;
  }
  /// The server is gone: whoever waits for an answer, or watches, hears of it now.
  void kill();

 private:
  Outcome lost(TimePoint now);

  FaultyBackend& backend_;
  std::unique_ptr<Session> inner_;
  LossListener* listener_ = nullptr;
  ConnId conn_;
  Patience* under_way_ = nullptr;  // of the exchange
  bool broken_ = false;
  bool noticed_ = false;  // somebody on this side knows
  std::string text_;
};

void FaultySession::kill() {
  if (broken_) return;
  broken_ = true;
  text_ = "the server crashed as planned";
  ++backend_.struck_.killed;
  if (under_way_ != nullptr) return under_way_->disturb();
  if (listener_ == nullptr) return;
  lost(backend_.loop_->now());
  listener_->connection_lost(conn_);
}

Outcome FaultySession::lost(TimePoint now) {
  if (!noticed_) backend_.outages().lost(now);
  noticed_ = true;
  Outcome outcome;
  outcome.failure = FailureClass::connection_lost;
  return outcome;
}

// The exchange takes its time; only its answer is replaced. A step that fails leaves an open
// transaction open, as a real one does.
Task<Outcome> FaultySession::run(const Exchange& exchange, Patience& patience) {
  Loop& loop = patience.loop();
  if (broken_) co_return lost(loop.now());
  const FaultPlan& plan = backend_.plan_;
  const bool breaks = backend_.strikes(plan.broken);
  const bool errs = exchange.kind == Exchange::Kind::step && backend_.strikes(plan.sql_error);
  text_.clear();
  under_way_ = &patience;
  Outcome outcome = co_await inner_->run(exchange, patience);
  under_way_ = nullptr;
  if (broken_) co_return lost(loop.now());
  if (!outcome.ok()) co_return outcome;
  if (breaks) {
    ++backend_.struck_.broken;
    broken_ = true;
    text_ = "the connection was lost as planned";
    co_return lost(loop.now());
  }
  if (errs) {
    ++backend_.struck_.sql_errors;
    text_ = "a statement failed as planned";
    outcome.failure = FailureClass::sql_error;
    outcome.sqlstate = SqlState{'X', 'X', '0', '0', '0', '\0'};
    co_return outcome;
  }
  if (backend_.outages().open()) backend_.outages().succeeded(loop.now());
  co_return outcome;
}

FaultyBackend::FaultyBackend(Backend& inner, const FaultPlan& plan, std::uint64_t seed)
    : inner_(inner), plan_(plan), rng_(seed, 0x4641554cULL) {}

FaultyBackend::~FaultyBackend() {
  if (loop_ != nullptr) loop_->cancel(fall_timer_);
}

bool FaultyBackend::down(TimePoint now) const {
  return std::any_of(plan_.down.begin(), plan_.down.end(), [now](const DownWindow& window) {
    return now >= window.from && now < window.until;
  });
}

void FaultyBackend::await_fall(Loop& loop) {
  loop_ = &loop;
  if (fall_timer_.armed() || falls_ >= plan_.down.size()) return;
  loop.arm(fall_timer_, plan_.down[falls_].from);
}

// Sessions end only later, so the list stays as it is.
void FaultyBackend::fall() {
  ++falls_;
  for (FaultySession* session : sessions_) session->kill();
  await_fall(*loop_);
}

Task<Connected> FaultyBackend::connect(ConnId conn, Patience& patience) {
  Loop& loop = patience.loop();
  if (loop_ == nullptr) await_fall(loop);
  Connected connected = co_await try_to_connect(conn, patience);
  const TimePoint now = loop.now();
  if (connected.session != nullptr) {
    outages().succeeded(now);
  } else {
    outages().connect_failed(now, connected.outcome.failure);
  }
  co_return connected;
}

Task<Connected> FaultyBackend::try_to_connect(ConnId conn, Patience& patience) {
  Loop& loop = patience.loop();
  const std::size_t falls = falls_;
  Connected connected;
  if (strikes(plan_.connect_refused) || down(loop.now())) {
    ++struck_.refused;
    connected.outcome.failure = FailureClass::connection_refused;
    connected.error = "the connection was refused as planned";
    co_return connected;
  }
  if (strikes(plan_.connect_slow)) {
    ++struck_.slow;
    const TimePoint until = loop.now() + plan_.slow_connect;
    const WakeReason why = co_await patience.sleep_until(until);
    if (why != WakeReason::done) {
      connected.outcome.failure =
          why == WakeReason::deadline ? FailureClass::connect_timeout : FailureClass::stopped;
      co_return connected;
    }
  }
  Connected answered = co_await inner_.connect(conn, patience);
  if (answered.session == nullptr) co_return answered;
  if (falls_ != falls) {
    ++struck_.refused;
    connected.outcome.failure = FailureClass::connection_lost;
    connected.error = "the server crashed as planned";
    co_return connected;
  }
  connected.session = std::make_unique<FaultySession>(*this, std::move(answered.session));
  co_return connected;
}

}  // namespace poolgauge
