// An open connection: exchanges that a worker thread runs while the loop goes on.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/backend.h"
#include "sqlite/connection.h"
#include "sqlite/sqlite_backend.h"

namespace poolgauge::sqlite {

/// A deferred BEGIN takes no lock and reads nothing, so it is sent with the statement after it, in
/// one call of the worker: what SQLite sees is the same. What cannot wait (the end of a transaction
/// that only read, a ping) is done by the loop's own thread.
class SqliteSession final : public Session {
 public:
  SqliteSession(SqliteBackend& backend, std::unique_ptr<Connection> connection);
  ~SqliteSession() override;
  Task<Outcome> run(const Exchange& exchange, Patience& patience) override;
  Condition condition() const override {
    return open_ || begins_ ? Condition::in_transaction : Condition::clean;
  }
  std::string error_text() const override;
  Phase failed_phase(Phase own) const override { return begin_failed_ ? Phase::begin : own; }

 private:
  class ExchangeJob final : public AwaitedJob {
   public:
    explicit ExchangeJob(SqliteSession& session) : session_(session) {}
    void run() override { outcome = session_.block(*exchange); }
    const Exchange* exchange = nullptr;
    Outcome outcome;

   private:
    SqliteSession& session_;
  };
  std::optional<Outcome> run_at_once(const Exchange& exchange);
  Outcome block(const Exchange& exchange);
  Outcome block_step(const Exchange& exchange);
  std::optional<Connection::Control> control_of(const Exchange& exchange) const;
  Outcome abandoned(WakeReason why);

  SqliteBackend& backend_;
  std::unique_ptr<Connection> connection_;
  ExchangeJob job_;
  bool begins_ = false;  // a deferred BEGIN is still to be sent
  bool open_ = false;    // a transaction is
  bool begin_failed_ = false;
  const char* gave_up_ = "";
};

/// On a worker: closing may write the log back.
void close_aside(WorkerTime& time, std::unique_ptr<Connection> connection);

}  // namespace poolgauge::sqlite
