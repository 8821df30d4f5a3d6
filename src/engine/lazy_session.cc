// Connecting inside an exchange.
#include "engine/lazy_session.h"

#include <utility>

namespace poolgauge {

// A new connection needs no test.
Task<Outcome> LazySession::first_run(const Exchange& exchange, Patience& patience) {
  Outcome outcome = co_await connect(patience);
  if (!outcome.ok() || exchange.kind == Exchange::Kind::ping) co_return outcome;
  outcome = co_await inner_->run(exchange, patience);
  co_return outcome;
}

// The connect has a limit of its own beside the request's deadline, so it has its own patience.
Task<Outcome> LazySession::connect(Patience& patience) {
  Loop& loop = patience.loop();
  Patience attempt(loop, stops_);
  attempt.set_deadline(patience.deadline());
  owner_.lazy_connecting(conn_);
  const TimePoint began = loop.now();
  Connected connected = co_await backend_.connect(conn_, attempt);
  const TimePoint now = loop.now();
  inner_ = std::move(connected.session);
  error_ = std::move(connected.error);
  Outcome outcome = connected.outcome;
  owner_.lazy_connected(conn_, outcome, connected.took(now - began), connected.times);
  if (inner_ != nullptr && listener_ != nullptr) inner_->watch_idle(*listener_, conn_);
  const bool overdue =
      outcome.failure == FailureClass::connect_timeout && now >= patience.deadline();
  if (overdue) outcome.failure = FailureClass::deadline;
  co_return outcome;
}

}  // namespace poolgauge
