// Backends around another one: a limit on sockets, and a first exchange on each connection.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "engine/backend.h"
#include "loop/wait.h"

namespace poolgauge {

/// Told when a connect has to wait for a slot, and when it starts. One that never starts is not
/// reported again: its connect has failed.
class RoomListener {
 public:
  virtual ~RoomListener() = default;
  virtual void connect_waits(ConnId conn) = 0;
  virtual void connect_proceeds(ConnId conn) = 0;
};

/// Connects through another backend, but never holds more than `most` connections: those open,
/// being opened, and being broken off until their socket is closed. A further connect waits its
/// turn, at most a minute; then it fails as one that the server did not answer.
class LimitedBackend final : public Backend {
 public:
  /// nullopt: no bound. Both references outlive it, and it outlives its sessions.
  LimitedBackend(Backend& inner, std::optional<std::int64_t> most, RoomListener& listener)
      : inner_(inner), most_(most), listener_(listener) {}
  ~LimitedBackend() override;

  OutageLog& outages() override { return inner_.outages(); }
  Task<Connected> connect(ConnId conn, Patience& patience) override;
  /// Connections that are open, being opened or being broken off.
  std::int64_t taken() const { return taken_; }
  /// Whether a connect would have to wait, if so many others came before it.
  bool full(std::int64_t coming = 0) const { return most_ && taken_ + coming >= *most_; }

 private:
  friend class ConnectionPlace;
  struct Queued {
    explicit Queued(Loop& loop) : wait(loop) {}
    Wait wait;
    bool admitted = false;
  };
  Task<WakeReason> wait_for_place(ConnId conn, Patience& patience);
  void leave();

  Backend& inner_;
  std::optional<std::int64_t> most_;
  RoomListener& listener_;
  std::int64_t taken_ = 0;
  std::deque<Queued*> queue_;
};

// A backend whose connections execute a statement before they are handed over, such as SET ROLE.

/// Connects through another backend, then runs one exchange. It is part of the connecting: its time
/// counts there, and when it fails, so has the connect.
class FirstExchangeBackend final : public Backend {
 public:
  /// Both must outlive this. `doing`: for the error, such as "SET ROLE app".
  FirstExchangeBackend(Backend& inner, Exchange first, std::string doing)
      : inner_(inner), first_(first), doing_(std::move(doing)) {}

  OutageLog& outages() override { return inner_.outages(); }
  Task<Connected> connect(ConnId conn, Patience& patience) override {
    Connected connected = co_await inner_.connect(conn, patience);
    if (connected.session == nullptr) co_return connected;
    Session& session = *connected.session;
    const TimePoint began = patience.loop().now();
    const Outcome outcome = co_await session.run(first_, patience);
    connected.exchanged = patience.loop().now() - began;
    if (outcome.ok()) co_return connected;
    Connected failed;
    failed.outcome = outcome;
    if (outcome.failure == FailureClass::deadline) {
      failed.outcome.failure = FailureClass::connect_timeout;
    }
    failed.error = doing_ + ": " + session.error_text();
    co_return failed;
  }

 private:
  Backend& inner_;
  Exchange first_;
  std::string doing_;
};

}  // namespace poolgauge
