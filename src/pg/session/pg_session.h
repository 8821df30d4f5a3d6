// One established connection: exchanges over libpq, waiting in the loop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include "engine/backend.h"
#include "pg/session/connect_failure.h"
#include "pg/session/epoll_time.h"
#include "pg/session/pg_backend.h"

namespace poolgauge {

class PgSession final : public Session {
 public:
  PgSession(PgBackend& backend, ConnectionHandle connection);
  ~PgSession() override;
  Task<Outcome> run(const Exchange& exchange, Patience& patience) override;
  Condition condition() const override;
  std::string error_text() const override;
  Phase failed_phase(Phase own) const override;
  void watch_idle(LossListener& listener, ConnId conn) override;

 private:
  enum class Reading : std::uint8_t { done, more };
  Task<Outcome> run_in_steps(const Exchange& exchange, Patience& patience, bool sendable);
  bool send(const Exchange& exchange);
  bool send_step(const Exchange& exchange);
  bool send_with_begin(const Exchange& exchange);
  bool send_statement(const Exchange& exchange);
  Task<Outcome> prepare(const Exchange& exchange, Patience& patience);
  Task<Outcome> receive(Patience& patience);
  Reading read();
  void take(const PGresult* result);
  void keep_row(const PGresult* result);
  bool at_end_of_pipeline(PGresult* result);
  void look_while_idle();
  bool more_in_socket() const;
  void want(EpollTime::Interest interest);
  static void hear_notice(void* session, const PGresult* notice);
  Outcome lost();
  void gone();
  Outcome abandon(WakeReason why);

  Capture* capture_ = nullptr;           // of the exchange in progress
  const Step* captured_step_ = nullptr;  // whose it is
  PgBackend& backend_;
  ConnectionHandle connection_;
  Watch watch_;
  std::vector<bool> prepared_;  // by flattened step
  Outcome outcome_;             // of the exchange in progress
  LossListener* listener_ = nullptr;
  ConnId conn_;        // its name for the listener
  std::string error_;  // of the last failure
  struct LastWords {
    std::string sqlstate, message;
  };
  LastWords last_words_;  // of a server that ended the connection while it was idle
  bool broken_ = false;
  bool pipelined_ = false;         // BEGIN and a statement are in progress together
  bool begin_unanswered_ = false;  // of such a pair
};

}  // namespace poolgauge
