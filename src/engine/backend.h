// Seam 2 of two: the server. A real PostgreSQL, a model of one, or a script in a test.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/logs.h"
#include "loop/patience.h"
#include "loop/task.h"
#include "poolgauge/outcome.h"
#include "poolgauge/pool_policy.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

class LimitedBackend;

/// Moves, never copies; frees the place when it is destroyed.
class ConnectionPlace {
 public:
  ConnectionPlace() = default;
  explicit ConnectionPlace(LimitedBackend& room) : room_(&room) {}
  ConnectionPlace(ConnectionPlace&& other) noexcept : room_(std::exchange(other.room_, nullptr)) {}
  ConnectionPlace& operator=(ConnectionPlace&& other) noexcept {
    std::swap(room_, other.room_);
    return *this;
  }
  ~ConnectionPlace();

 private:
  LimitedBackend* room_ = nullptr;
};

/// A value that binds as NULL: no text of PostgreSQL's holds a NUL.
inline void assign_null(std::string& value) {
  value.assign(1, '\0');
}
inline bool is_null(const std::string& value) {
  return value.size() == 1 && value[0] == '\0';
}

/// Where the columns go that a step keeps of its result.
struct Capture {
  std::vector<std::string>* values = nullptr;  ///< by variable index
  std::int64_t rows = -1;                      ///< -1: the backend has no results
};

/// One message exchange with the server: sent, then its whole answer awaited.
struct Exchange {
  enum class Kind : std::uint8_t { begin, step, commit, rollback, ping, reset_query, discard_all };
  Kind kind = Kind::ping;
  /// For begin; for a step: of the BEGIN that travels with it, none: there is none.
  TransactionMode mode = TransactionMode::none;
  DriverHabits::Ping ping = DriverHabits::Ping::single;  ///< for ping
  const Step* step = nullptr;                            ///< for step: what to run
  std::uint32_t step_index = 0;                          ///< its place in the flattened step list
  std::uint32_t request = 0;  ///< of begin, step and commit: which request they belong to
  std::uint32_t place = 0;    ///< its place in TransactionSample::exchanges
  const std::vector<std::string>* values = nullptr;  ///< by variable index, for the step's $n

  Capture* capture = nullptr;  ///< for a step that keeps results

  bool begins() const {
    return kind == Kind::begin || (kind == Kind::step && mode != TransactionMode::none);
  }
};

/// Told that a connection died while no exchange was in progress on it.
class LossListener {
 public:
  virtual ~LossListener() = default;
  /// Called in the middle of other work: must only take a note.
  virtual void connection_lost(ConnId conn) = 0;
};

/// An established connection. Used by one coroutine at a time.
class Session {
 public:
  virtual ~Session() = default;
  /// Runs one exchange. On FailureClass::deadline or stopped the statement may still be running on
  /// the server: the session is then broken and must be closed.
  virtual Task<Outcome> run(const Exchange& exchange, Patience& patience) = 0;
  /// Its state if it were released now.
  virtual Condition condition() const = 0;
  /// True when rolling back needs an exchange (live: a transaction is open).
  virtual bool reset_needs_exchange() const { return condition() == Condition::in_transaction; }
  /// The text of the last failure, for people. No secrets.
  virtual std::string error_text() const = 0;
  /// The phase to which the last failure belongs, reported by an exchange of the phase `own`: what
  /// traveled with the exchange may have failed instead of it.
  virtual Phase failed_phase(Phase own) const { return own; }
  /// False while the connection is still to be made, by the first exchange.
  virtual bool established() const { return true; }
  /// From now on the session also watches its connection while it is idle. `listener` outlives it.
  virtual void watch_idle(LossListener& /*listener*/, ConnId /*conn*/) {}
  /// Takes over the place among the connections that its pool may hold.
  void keep(ConnectionPlace place) { place_ = std::move(place); }

 private:
  ConnectionPlace place_;  // released after the derived session has closed its socket
};

/// A connect that succeeded, or why it did not.
struct Connected {
  std::unique_ptr<Session> session;
  Outcome outcome;
  std::string error;
  ConnectTimes times;
  Duration exchanged{0};  ///< with a first exchange, after the parts in `times`
  Duration waited{0};     ///< for a slot, before it was started
  bool begun = true;      ///< false: there was no slot for it, nothing was sent

  /// How long it took. The backend's own parts where it has them: `elapsed` ends when the caller's
  /// turn has come, which is later by whatever other users of the loop did meanwhile.
  Duration took(Duration elapsed) const {
    const Duration parts = times.tcp + times.tls + times.authentication + times.ready;
    return parts > Duration{0} ? parts + exchanged : elapsed;
  }
};

class Backend {
 public:
  virtual ~Backend() = default;
  /// `conn` names the attempt, for scripts and traces.
  virtual Task<Connected> connect(ConnId conn, Patience& patience) = 0;
  /// When the server was down, as its connects and sessions saw it.
  virtual OutageLog& outages() { return own_outages_; }

 private:
  OutageLog own_outages_;
};

}  // namespace poolgauge
