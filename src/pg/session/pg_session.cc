// Sending and receiving. On the fast path one send, one receive, and a share of one epoll_wait.
#include "pg/session/pg_session.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "base/visible_text.h"
#include "pg/conninfo/conninfo.h"
#include "pg/session/ask.h"

namespace poolgauge {

namespace {

// How the asyncpg dialect pings outside autocommit.
constexpr std::array kInSessionPing{"BEGIN", ";", "ROLLBACK"};

// What asyncpg sends whenever a connection returns to its pool (connection.py get_reset_query).
constexpr const char* kResetQuery =
    "SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL;";

const char* begin_text(TransactionMode mode) {
  for (const TransactionWords& words : kTransactionWords) {
    if (words.mode == mode) return words.begin;
  }
  return "BEGIN";
}

Outcome failed_with(const char* sqlstate, const std::string& message) {
  Outcome outcome;
  if (sqlstate == nullptr || std::strlen(sqlstate) != 5) {
    outcome.failure = FailureClass::connection_lost;
    return outcome;
  }
  outcome.failure = classify_sqlstate(sqlstate, message);
  std::copy_n(sqlstate, 5, outcome.sqlstate.begin());
  return outcome;
}

/// Of a message that may have megabytes; more than is ever quoted, so that a secret which the cut
/// goes through is not.
std::string kept(const char* message) {
  constexpr std::size_t kMostKept = 8 * kMostQuoted;
  return message != nullptr ? std::string(message, ::strnlen(message, kMostKept)) : std::string();
}

/// Server and poolers end connections that overstay: one is gone then, and nobody else.
bool ended_by_rule(FailureClass why) {
  return why != FailureClass::connection_lost && why != FailureClass::server_shutdown &&
         why != FailureClass::server_starting;
}

void gather(const Exchange& exchange, std::vector<const char*>& parameters) {
  const std::vector<std::uint32_t>& variables = exchange.step->sql.variables;
  parameters.clear();
  for (const std::uint32_t variable : variables) {
    const std::string& value = (*exchange.values)[variable];
    parameters.push_back(is_null(value) ? nullptr : value.c_str());
  }
}

}  // namespace

PgSession::PgSession(PgBackend& backend, ConnectionHandle connection)
    : backend_(backend), connection_(std::move(connection)), prepared_(backend.step_count()) {
  PQsetNoticeReceiver(connection_.get(), hear_notice, this);
  want(EpollTime::Interest::read);
}

PgSession::~PgSession() {
  backend_.time().forget(watch_);
}

Condition PgSession::condition() const {
  if (broken_) return Condition::broken;
  switch (PQtransactionStatus(connection_.get())) {
    case PQTRANS_IDLE: return Condition::clean;
    case PQTRANS_INTRANS:
    case PQTRANS_INERROR: return Condition::in_transaction;
    case PQTRANS_ACTIVE:
    case PQTRANS_UNKNOWN: break;
  }
  return Condition::broken;
}

Phase PgSession::failed_phase(Phase own) const {
  const FailureClass why = outcome_.failure;  // a syntax error comes first, BEGIN needs no space
  const bool by_statement = why == FailureClass::sql_error || why == FailureClass::disk_full ||
                            why == FailureClass::out_of_memory || why == FailureClass::server_limit;
  return begin_unanswered_ && !by_statement ? Phase::begin : own;
}

std::string PgSession::error_text() const {
  return shortened(scrub(error_, backend_.conninfo()));
}

void PgSession::want(EpollTime::Interest interest) {
  backend_.time().watch(watch_, PQsocket(connection_.get()), interest);
}

// The common exchange is one coroutine: a frame less to touch for each reply.
Task<Outcome> PgSession::run(const Exchange& exchange, Patience& patience) {
  capture_ = exchange.capture;
  captured_step_ = exchange.step;
  const bool in_steps =
      exchange.kind == Exchange::Kind::discard_all || exchange.kind == Exchange::Kind::ping ||
      (exchange.kind == Exchange::Kind::step && exchange.step->protocol == Protocol::prepared &&
       !prepared_[exchange.step_index]);
  if (in_steps || broken_ || !send(exchange)) return run_in_steps(exchange, patience, in_steps);
  return receive(patience);
}

Task<Outcome> PgSession::run_in_steps(const Exchange& exchange, Patience& patience, bool sendable) {
  if (broken_ || !sendable) co_return lost();
  const bool is_step = exchange.kind == Exchange::Kind::step;
  if (is_step && exchange.step->protocol == Protocol::prepared && !prepared_[exchange.step_index]) {
    const Outcome ready = co_await prepare(exchange, patience);
    if (!ready.ok()) co_return ready;
  }
  const bool in_session_ping =
      exchange.kind == Exchange::Kind::ping && exchange.ping == DriverHabits::Ping::in_session;
  if (in_session_ping) {
    for (const char* text : kInSessionPing) {
      if (PQsendQuery(connection_.get(), text) == 0) co_return lost();
      const Outcome part = co_await receive(patience);
      if (!part.ok()) co_return part;
    }
    co_return Outcome{};
  }
  if (!send(exchange)) co_return lost();
  const Outcome outcome = co_await receive(patience);
  // What was prepared is gone, too.
  const bool discarded = exchange.kind == Exchange::Kind::discard_all && outcome.ok();
  if (discarded) std::fill(prepared_.begin(), prepared_.end(), false);
  co_return outcome;
}

bool PgSession::send(const Exchange& exchange) {
  PGconn* connection = connection_.get();
  switch (exchange.kind) {
    case Exchange::Kind::begin: return PQsendQuery(connection, begin_text(exchange.mode)) != 0;
    case Exchange::Kind::commit: return PQsendQuery(connection, "COMMIT") != 0;
    case Exchange::Kind::rollback: return PQsendQuery(connection, "ROLLBACK") != 0;
    case Exchange::Kind::ping: return PQsendQuery(connection, ";") != 0;
    case Exchange::Kind::reset_query: return PQsendQuery(connection, kResetQuery) != 0;
    case Exchange::Kind::discard_all: return PQsendQuery(connection, "DISCARD ALL") != 0;
    case Exchange::Kind::step: break;
  }
  return send_step(exchange);
}

bool PgSession::send_step(const Exchange& exchange) {
  gather(exchange, backend_.parameters());
  begin_unanswered_ = exchange.mode != TransactionMode::none;
  return begin_unanswered_ ? send_with_begin(exchange) : send_statement(exchange);
}

// One flight of messages, one answer: libpq's pipeline mode for this exchange alone, or one text.
// A statement that is not prepared yet was so in an exchange of its own before.
bool PgSession::send_with_begin(const Exchange& exchange) {
  PGconn* connection = connection_.get();
  const char* begin = begin_text(exchange.mode);
  if (exchange.step->protocol == Protocol::simple) {
    const std::string text =
        substitute_literals(exchange.step->sql, backend_.parameters(), exchange.step->verbatim);
    return PQsendQuery(connection, (std::string(begin) + "; " + text).c_str()) != 0;
  }
  pipelined_ = PQenterPipelineMode(connection) != 0;
  return pipelined_ &&
         PQsendQueryParams(connection, begin, 0, nullptr, nullptr, nullptr, nullptr, 0) != 0 &&
         send_statement(exchange) && PQpipelineSync(connection) != 0;
}

bool PgSession::send_statement(const Exchange& exchange) {
  PGconn* connection = connection_.get();
  const Step& step = *exchange.step;
  const std::vector<const char*>& parameters = backend_.parameters();
  const int count = static_cast<int>(parameters.size());
  switch (step.protocol) {
    case Protocol::prepared: {
      const std::string& name = backend_.statement_name(exchange.step_index);
      return PQsendQueryPrepared(connection, name.c_str(), count, parameters.data(), nullptr,
                                 nullptr, 0) != 0;
    }
    case Protocol::extended:
      return PQsendQueryParams(connection, step.sql.text.c_str(), count, nullptr, parameters.data(),
                               nullptr, nullptr, 0) != 0;
    case Protocol::simple: break;
  }
  const std::string text = substitute_literals(step.sql, parameters, step.verbatim);
  return PQsendQuery(connection, text.c_str()) != 0;
}

Task<Outcome> PgSession::prepare(const Exchange& exchange, Patience& patience) {
  const std::string& name = backend_.statement_name(exchange.step_index);
  const char* text = exchange.step->sql.text.c_str();
  begin_unanswered_ = false;
  if (PQsendPrepare(connection_.get(), name.c_str(), text, 0, nullptr) == 0) co_return lost();
  const Outcome outcome = co_await receive(patience);
  if (outcome.ok()) prepared_[exchange.step_index] = true;
  co_return outcome;
}

// Waits for the whole answer. The socket is edge-triggered, so nothing waits that may be there.
Task<Outcome> PgSession::receive(Patience& patience) {
  outcome_ = Outcome{};
  SilenceLog& silences = backend_.silences();
  silences.asked(patience.loop().now());
  int unsent = PQflush(connection_.get());
  for (;;) {
    if (unsent > 0) want(EpollTime::Interest::read_write);
    if (!watch_.take_ready()) {
      Wait wait(patience.loop());
      watch_.set_waiter(&wait);
      const WakeReason why = co_await patience.on_statement(wait);
      watch_.set_waiter(nullptr);
      if (why != WakeReason::done) {
        silences.gave_up(patience.loop().now());
        co_return abandon(why);
      }
      watch_.take_ready();
    }
    if (unsent > 0) {
      unsent = PQflush(connection_.get());
      if (unsent <= 0) want(EpollTime::Interest::read);
    }
    Reading reading = read();
    while (reading == Reading::more && more_in_socket()) reading = read();
    if (reading == Reading::done) break;
    silences.heard(patience.loop().now());
  }
  silences.answered(patience.loop().now());
  OutageLog& outages = backend_.outages();
  if (outages.open() && outcome_.ok()) outages.succeeded(backend_.time().now());
  co_return outcome_;
}

// Takes in what is there; done when the server is ready for the next exchange.
PgSession::Reading PgSession::read() {
  PGconn* connection = connection_.get();
  if (PQconsumeInput(connection) == 0 && outcome_.ok()) outcome_ = lost();
  while (PQisBusy(connection) == 0) {
    PGresult* result = PQgetResult(connection);
    if (pipelined_) {
      if (at_end_of_pipeline(result)) return Reading::done;
      if (result == nullptr) continue;
    }
    if (result == nullptr) return Reading::done;
    take(result);
    PQclear(result);
    if (broken_) return Reading::done;  // a COPY under way would be reported for ever
  }
  return broken_ ? Reading::done : Reading::more;
}

// In a pipeline each statement's results end with nothing, and the whole with the sync, taken here.
bool PgSession::at_end_of_pipeline(PGresult* result) {
  if (result == nullptr) return broken_;
  if (PQresultStatus(result) != PGRES_PIPELINE_SYNC) return false;
  PQclear(result);
  pipelined_ = false;
  if (PQexitPipelineMode(connection_.get()) == 0 && outcome_.ok()) outcome_ = lost();
  return true;
}

void PgSession::take(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  const bool failed = status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
  const bool copies =
      status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
  if (copies) {
    broken_ = true;
    outcome_.failure = FailureClass::sql_error;
    error_ = "COPY FROM STDIN and COPY TO STDOUT cannot be steps";
    return;
  }
  if (!failed) {
    if (capture_ != nullptr && status == PGRES_TUPLES_OK) keep_row(result);
    // What follows a failure in a pipeline is reported as aborted.
    if (outcome_.ok()) begin_unanswered_ = false;
    return;
  }
  const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const bool first = outcome_.ok() || outcome_.failure == FailureClass::connection_lost;
  if (first && sqlstate != nullptr) {
    error_ = kept(message);
    outcome_ = failed_with(sqlstate, error_);
  } else if (outcome_.ok()) {
    outcome_ = lost();
  }
  if (PQstatus(connection_.get()) != CONNECTION_BAD) return;
  if (ended_by_rule(outcome_.failure)) broken_ = true;
  gone();
}

// How many rows there should have been is for the engine to say.
void PgSession::keep_row(const PGresult* result) {
  capture_->rows = PQntuples(result);
  if (capture_->rows != 1) return;
  for (const ResultColumn& kept : captured_step_->results) {
    for (int column = 0; column < PQnfields(result); ++column) {
      if (kept.column != PQfname(result, column)) continue;
      std::string& value = (*capture_->values)[kept.variable];
      if (PQgetisnull(result, 0, column) != 0) {
        assign_null(value);
      } else {
        value = PQgetvalue(result, 0, column);
      }
    }
  }
}

bool PgSession::more_in_socket() const {
  char byte = 0;
  return recv(PQsocket(connection_.get()), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

// The first who notices counts it, unless it is broken already. libpq has closed its socket, and
// the number may soon be another's.
void PgSession::gone() {
  if (!broken_) backend_.outages().lost(backend_.time().now());
  broken_ = true;
  if (PQsocket(connection_.get()) < 0) backend_.time().closed(watch_);
}

void PgSession::watch_idle(LossListener& listener, ConnId conn) {
  listener_ = &listener;
  conn_ = conn;
  watch_.set_unawaited([](void* self) { static_cast<PgSession*>(self)->look_while_idle(); }, this);
  look_while_idle();
}

// Nobody waits for an answer, so what comes is the connection's end or a message of the server.
void PgSession::look_while_idle() {
  while (!broken_ && more_in_socket()) {
    if (PQconsumeInput(connection_.get()) == 0 || PQstatus(connection_.get()) == CONNECTION_BAD) {
      lost();
      listener_->connection_lost(conn_);
      return;
    }
    PQisBusy(connection_.get());  // takes a notice or a parameter's change out of the buffer
  }
}

// To libpq a FATAL that comes right behind an answer is a notice: nobody had asked for anything.
void PgSession::hear_notice(void* session, const PGresult* notice) {
  PgSession& self = *static_cast<PgSession*>(session);
  const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  const char* state = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
  const char* words = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
  const std::string_view kind = severity != nullptr ? severity : "";
  if ((kind != "FATAL" && kind != "PANIC") || state == nullptr) return;
  self.last_words_ = {state, kept(words)};
}

// What the server said last says why, even where nobody read it while the connection stood.
Outcome PgSession::lost() {
  PQisBusy(connection_.get());  // takes what came before the end out of the buffer
  if (!last_words_.sqlstate.empty()) {
    error_ = last_words_.message;
  } else if (error_.empty() || PQstatus(connection_.get()) == CONNECTION_BAD) {
    error_ = kept(PQerrorMessage(connection_.get()));
    error_.erase(std::min(error_.find('\n'), error_.size()));  // what follows is libpq's guesses
  }
  const char* sqlstate = last_words_.sqlstate.empty() ? nullptr : last_words_.sqlstate.c_str();
  const Outcome outcome = failed_with(sqlstate, error_);
  if (ended_by_rule(outcome.failure)) broken_ = true;
  gone();
  return outcome;
}

// The statement is still running there: tell the server to stop it, and give the connection up.
Outcome PgSession::abandon(WakeReason why) {
  broken_ = true;
  backend_.canceller().cancel(PQgetCancel(connection_.get()));
  Outcome outcome;
  outcome.failure = why == WakeReason::deadline ? FailureClass::deadline : FailureClass::stopped;
  error_ = "the request's deadline passed while a statement was running";
  return outcome;
}

}  // namespace poolgauge
