// Which exchange needs which lock, and waiting for it.
#include "sim/sqlite_locks_backend.h"

#include <string>
#include <string_view>
#include <utility>

#include "engine/busy_wait.h"

namespace poolgauge {

namespace {

using Answer = SqliteLocks::Answer;

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

class SqliteLocksSession final : public Session {
 public:
  SqliteLocksSession(SqliteLocksBackend& backend, std::unique_ptr<Session> inner)
      : backend_(backend), inner_(std::move(inner)) {}
  ~SqliteLocksSession() override { backend_.locks_.end(part_, false); }

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

  SqliteLocksBackend& backend_;
  std::unique_ptr<Session> inner_;
  SqliteLocks::Part part_;
  bool transaction_ = false;  // BEGIN was sent, so locks stay until its end
  bool refused_ = false;
};

/// The lock that it needs before it runs. BEGIN begins the transaction, unless the driver keeps it
/// for the first statement that writes.
SqliteLocksSession::Want SqliteLocksSession::wanted(const Exchange& exchange) {
  const SqliteModel& model = backend_.model_;
  const bool step = exchange.kind == Exchange::Kind::step;
  const bool writes = step && backend_.writes(exchange);
  const bool immediate = exchange.mode == TransactionMode::immediate ||
                         exchange.mode == TransactionMode::exclusive ||
                         (exchange.mode == TransactionMode::read_write && model.begins_immediately);
  if (exchange.begins()) transaction_ = immediate || !model.begins_at_first_write;
  if (exchange.begins() && immediate) return Want::write;
  if (exchange.kind == Exchange::Kind::commit) return Want::commit;
  if (!step) return Want::nothing;
  if (writes && inner_->condition() == Condition::in_transaction) transaction_ = true;
  return writes ? Want::write : Want::read;
}

Task<Outcome> SqliteLocksSession::acquire(Want want, Patience& patience) {
  const SqliteModel& model = backend_.model_;
  for (int looks = 0;; ++looks) {
    const Answer answer = ask(want);
    if (answer == Answer::granted) co_return Outcome{};
    const Duration nap = answer == Answer::wait
                             ? busy_sleep(looks, model.busy_timeout, model.looks_every_ms)
                             : Duration{0};
    if (nap <= Duration{0}) co_return busy(answer == Answer::stale);
    Patience::Sleep rest(patience, patience.loop().now() + nap);
    const WakeReason why = co_await rest;
    if (why != WakeReason::done) co_return ended(why);
  }
}

/// Locks of a statement outside of a transaction end with it.
void SqliteLocksSession::settle(const Exchange& exchange, const Outcome& outcome) {
  const bool ends = exchange.kind == Exchange::Kind::commit ||
                    exchange.kind == Exchange::Kind::rollback || !transaction_;
  if (!ends) return;
  backend_.locks_.end(part_, outcome.ok() && exchange.kind != Exchange::Kind::rollback);
  transaction_ = false;
}

Task<Outcome> SqliteLocksSession::run(const Exchange& exchange, Patience& patience) {
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

SqliteLocksBackend::SqliteLocksBackend(Backend& inner, const Scenario& scenario,
                                       const SqliteModel& model)
    : inner_(inner), model_(model), locks_(model.log) {
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) writes_.push_back(takes_write_lock(step));
  }
}

Task<Connected> SqliteLocksBackend::connect(ConnId conn, Patience& patience) {
  Connected connected = co_await inner_.connect(conn, patience);
  if (connected.session != nullptr) {
    connected.session = std::make_unique<SqliteLocksSession>(*this, std::move(connected.session));
  }
  co_return connected;
}

}  // namespace poolgauge
