// Which exchanges block, and what becomes of them.
#include "sqlite/sqlite_session.h"

#include <utility>

#include "base/visible_text.h"

namespace poolgauge::sqlite {

namespace {

using Control = Connection::Control;

class CloseJob final : public Job {
 public:
  explicit CloseJob(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
  void run() override { connection_.reset(); }
  void finished() override { delete this; }

 private:
  std::unique_ptr<Connection> connection_;
};

/// What BEGIN becomes; SQLite's transactions are serializable, whatever less is asked for.
Control begin_of(TransactionMode mode, const Habits& habits) {
  if (mode == TransactionMode::exclusive) return Control::begin_exclusive;
  const bool immediate = mode == TransactionMode::immediate ||
                         (mode == TransactionMode::read_write && habits.begins_immediately);
  return immediate ? Control::begin_immediate : Control::begin;
}

bool ends(const Exchange& exchange) {
  return exchange.kind == Exchange::Kind::commit || exchange.kind == Exchange::Kind::rollback ||
         exchange.kind == Exchange::Kind::reset_query ||
         exchange.kind == Exchange::Kind::discard_all;
}

}  // namespace

void close_aside(WorkerTime& time, std::unique_ptr<Connection> connection) {
  time.submit(*new CloseJob(std::move(connection)));
}

SqliteSession::SqliteSession(SqliteBackend& backend, std::unique_ptr<Connection> connection)
    : backend_(backend), connection_(std::move(connection)), job_(*this) {}

SqliteSession::~SqliteSession() {
  close_aside(backend_.time(), std::move(connection_));
}

std::string SqliteSession::error_text() const {
  return *gave_up_ != '\0' ? gave_up_ : shortened(connection_->error());
}

/// The statement of an exchange that is not a step; nullopt: it needs none.
std::optional<Control> SqliteSession::control_of(const Exchange& exchange) const {
  switch (exchange.kind) {
    case Exchange::Kind::begin: return begin_of(exchange.mode, backend_.habits());
    case Exchange::Kind::commit: return Control::commit;
    case Exchange::Kind::rollback:
    case Exchange::Kind::reset_query:
    case Exchange::Kind::discard_all:
      return open_ ? std::optional(Control::rollback) : std::nullopt;
    case Exchange::Kind::ping:
    case Exchange::Kind::step: break;
  }
  return std::nullopt;
}

/// Nothing of this takes a lock, reads the file, or waits for the disk.
std::optional<Outcome> SqliteSession::run_at_once(const Exchange& exchange) {
  if (exchange.kind == Exchange::Kind::step) return std::nullopt;
  const std::optional<Control> control = control_of(exchange);
  if (control == Control::begin) {
    begins_ = true;
    return Outcome{};
  }
  if (ends(exchange) && std::exchange(begins_, false)) return Outcome{};
  if (!control) return Outcome{};
  if (!ends(exchange) || !open_ || connection_->wrote()) return std::nullopt;
  const Outcome outcome = connection_->control(*control);
  open_ = connection_->in_transaction();
  return outcome;
}

// On a worker's thread; the coroutine waits for it.
Outcome SqliteSession::block(const Exchange& exchange) {
  Outcome outcome = exchange.kind == Exchange::Kind::step
                        ? block_step(exchange)
                        : connection_->control(*control_of(exchange));
  open_ = connection_->in_transaction();
  return outcome;
}

Outcome SqliteSession::block_step(const Exchange& exchange) {
  if (exchange.mode != TransactionMode::none) begins_ = true;
  const bool waits = backend_.habits().begins_at_first_write &&
                     connection_->reads_only(*exchange.step, exchange.step_index);
  if (begins_ && !waits) {
    begins_ = false;
    const Control begin = begin_of(exchange.mode, backend_.habits());
    const Outcome begun = connection_->control(begin);
    begin_failed_ = !begun.ok();
    if (begin_failed_) return begun;
  }
  return connection_->run(*exchange.step, exchange.step_index, *exchange.values, exchange.capture);
}

Task<Outcome> SqliteSession::run(const Exchange& exchange, Patience& patience) {
  gave_up_ = "";
  begin_failed_ = false;
  const std::optional<Outcome> at_once = run_at_once(exchange);
  if (at_once) co_return *at_once;
  const WakeReason now = patience.verdict(true);
  if (now != WakeReason::done) co_return abandoned(now);
  connection_->forget_interrupt();
  Wait wait(patience.loop());
  job_.exchange = &exchange;
  job_.begin(wait);
  backend_.time().submit(job_);
  const WakeReason why = co_await patience.on_statement(wait);
  if (why == WakeReason::done) co_return job_.outcome;
  connection_->interrupt();
  backend_.time().wake_sleepers();
  co_await job_.ended(wait);
  co_return abandoned(why);
}

/// Unlike a server, the database has stopped working on it: the connection is as good as before.
Outcome SqliteSession::abandoned(WakeReason why) {
  gave_up_ = "the request's deadline passed while a statement was running";
  Outcome outcome;
  outcome.failure = why == WakeReason::deadline ? FailureClass::deadline : FailureClass::stopped;
  return outcome;
}

}  // namespace poolgauge::sqlite
