// Which exchange needs which lock, and waiting for it.
#include "sqlite/locks_backend.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "sqlite/busy_wait.h"

namespace poolgauge::sqlite {

namespace {

using Answer = Locks::Answer;

/// By its first word: everything but a query takes the write lock.
bool takes_write_lock(const Step& step) {
  const std::string& text = step.on_sqlite ? step.on_sqlite->source : step.sql.source;
  std::string word;
  for (const char c : text) {
    const char lower = static_cast<char>(c | 0x20);
    const bool letter = lower >= 'a' && lower <= 'z';
    if (!letter && !word.empty()) break;
    if (letter) word += lower;
  }
  return word == "insert" || word == "update" || word == "delete" || word == "replace";
}

/// journal_mode = wal: readers and the writer do not wait for each other.
bool has_log(const Settings& settings) {
  const std::pair<std::string, std::string> wal("journal_mode", "wal");
  return std::find(settings.pragmas.begin(), settings.pragmas.end(), wal) != settings.pragmas.end();
}

Outcome busy(bool snapshot) {
  Outcome outcome;
  outcome.failure = FailureClass::database_busy;
  outcome.sqlstate = snapshot ? SqlState{'5', '1', '7'} : SqlState{'5'};
  return outcome;
}

Outcome ended(WakeReason why) {
  Outcome outcome;
  outcome.failure = why == WakeReason::deadline ? FailureClass::deadline : FailureClass::stopped;
  return outcome;
}

}  // namespace

class LocksSession final : public Session {
 public:
  LocksSession(LocksBackend& backend, std::unique_ptr<Session> inner)
      : backend_(backend), inner_(std::move(inner)) {}
  ~LocksSession() override { backend_.locks_.end(part_, false); }

  Task<Outcome> run(const Exchange& exchange, Patience& patience) override;
  Condition condition() const override { return inner_->condition(); }
  std::string error_text() const override {
    return refused_ ? "database is locked" : inner_->error_text();
  }

 private:
  enum class Want : std::uint8_t { nothing, read, write, commit };
  Want wanted(const Exchange& exchange);
  Answer ask(Want want) {
    switch (want) {
      case Want::nothing: break;
      case Want::read: return backend_.locks_.read(part_);
      case Want::write: return backend_.locks_.write(part_);
      case Want::commit: return backend_.locks_.commit(part_);
    }
    return Answer::granted;
  }
  Task<Outcome> acquire(Want want, Patience& patience);
  void settle(const Exchange& exchange, const Outcome& outcome);

  LocksBackend& backend_;
  std::unique_ptr<Session> inner_;
  Locks::Part part_;
  bool transaction_ = false;  // BEGIN was sent, so locks stay until its end
  bool refused_ = false;
};

/// The lock that it needs before it runs. BEGIN begins the transaction, unless the driver keeps it
/// for the first statement that writes.
LocksSession::Want LocksSession::wanted(const Exchange& exchange) {
  const Settings& settings = backend_.settings_;
  const bool step = exchange.kind == Exchange::Kind::step;
  const bool writes = step && backend_.writes(exchange);
  const bool immediate =
      exchange.mode == TransactionMode::immediate || exchange.mode == TransactionMode::exclusive ||
      (exchange.mode == TransactionMode::read_write && settings.habits.begins_immediately);
  if (exchange.begins()) transaction_ = immediate || !settings.habits.begins_at_first_write;
  if (exchange.begins() && immediate) return Want::write;
  if (exchange.kind == Exchange::Kind::commit) return Want::commit;
  if (!step) return Want::nothing;
  if (writes && inner_->condition() == Condition::in_transaction) transaction_ = true;
  return writes ? Want::write : Want::read;
}

Task<Outcome> LocksSession::acquire(Want want, Patience& patience) {
  const Settings& settings = backend_.settings_;
  for (int looks = 0;; ++looks) {
    const Answer answer = ask(want);
    if (answer == Answer::granted) co_return Outcome{};
    const Duration nap = answer == Answer::wait ? busy_sleep(looks, settings.busy_timeout,
                                                             settings.habits.looks_every_ms)
                                                : Duration{0};
    if (nap <= Duration{0}) co_return busy(answer == Answer::stale);
    Patience::Sleep rest(patience, patience.loop().now() + nap);
    const WakeReason why = co_await rest;
    if (why != WakeReason::done) co_return ended(why);
  }
}

/// Locks of a statement outside of a transaction end with it.
void LocksSession::settle(const Exchange& exchange, const Outcome& outcome) {
  const bool ends = exchange.kind == Exchange::Kind::commit ||
                    exchange.kind == Exchange::Kind::rollback || !transaction_;
  if (!ends) return;
  backend_.locks_.end(part_, outcome.ok() && exchange.kind != Exchange::Kind::rollback);
  transaction_ = false;
}

Task<Outcome> LocksSession::run(const Exchange& exchange, Patience& patience) {
  const Want want = wanted(exchange);
  const Outcome locked = co_await acquire(want, patience);
  refused_ = !locked.ok();
  if (refused_) {
    if (exchange.begins()) transaction_ = false;  // there is none then
    if (!transaction_) settle(exchange, locked);
    co_return locked;
  }
  const bool alone = exchange.kind == Exchange::Kind::step && !transaction_ && part_.writes;
  if (alone) {
    const Outcome committed = co_await acquire(Want::commit, patience);
    refused_ = !committed.ok();
    if (refused_) {
      settle(exchange, committed);
      co_return committed;
    }
  }
  const Outcome outcome = co_await inner_->run(exchange, patience);
  settle(exchange, outcome);
  co_return outcome;
}

LocksBackend::LocksBackend(Backend& inner, const Scenario& scenario, const Settings& settings)
    : inner_(inner), settings_(settings), locks_(has_log(settings)) {
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) writes_.push_back(takes_write_lock(step));
  }
}

void put_locks(ServerProfile& profile, const Scenario& scenario) {
  if (!scenario.sqlite) return;
  profile.in_front = [settings = settings_of(scenario, {})](Backend& server, const Scenario& run) {
    return std::unique_ptr<Backend>(std::make_unique<LocksBackend>(server, run, settings));
  };
  // No network and no server process: a call is its own time. Opening a file takes 0.1 ms.
  profile.round_trip = profile.begin_delay = profile.connect_delay = Duration{0};
  profile.begin_work = std::chrono::microseconds(1);
  profile.connect_work = std::chrono::microseconds(100);
}

Task<Connected> LocksBackend::connect(ConnId conn, Patience& patience) {
  Connected connected = co_await inner_.connect(conn, patience);
  if (connected.session != nullptr) {
    connected.session = std::make_unique<LocksSession>(*this, std::move(connected.session));
  }
  co_return connected;
}

}  // namespace poolgauge::sqlite
