// A backend whose connections execute a statement before they are handed over, such as SET ROLE.
#pragma once

#include <string>
#include <utility>

#include "engine/backend.h"

namespace poolgauge {

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
