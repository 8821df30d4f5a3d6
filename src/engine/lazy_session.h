// A connection that is made by its first exchange (Rails): granted before it exists.
#pragma once

#include <memory>
#include <string>

#include "engine/backend.h"

namespace poolgauge {

/// Told of a lazy session's connects, of which there are several until one succeeds.
class LazyOwner {
 public:
  virtual ~LazyOwner() = default;
  virtual void lazy_connecting(ConnId conn) = 0;
  virtual void lazy_connected(ConnId conn, const Outcome& outcome, Duration took,
                              const ConnectTimes& times) = 0;
};

/// Once connected it only passes on. A failed connect is the failure of the exchange that needed
/// it, in the phase connect; the next exchange tries again.
class LazySession final : public Session {
 public:
  /// All references outlive it.
  LazySession(Backend& backend, StopList& stops, LazyOwner& owner, ConnId conn)
      : backend_(backend), stops_(stops), owner_(owner), conn_(conn) {}

  Task<Outcome> run(const Exchange& exchange, Patience& patience) override {
    return inner_ != nullptr ? inner_->run(exchange, patience) : first_run(exchange, patience);
  }
  Condition condition() const override {
    return inner_ != nullptr ? inner_->condition() : Condition::clean;
  }
  bool reset_needs_exchange() const override {
    return inner_ != nullptr && inner_->reset_needs_exchange();
  }
  std::string error_text() const override {
    return inner_ != nullptr ? inner_->error_text() : error_;
  }
  Phase failed_phase(Phase own) const override {
    return inner_ != nullptr ? inner_->failed_phase(own) : Phase::connect;
  }
  bool established() const override { return inner_ != nullptr; }
  void watch_idle(LossListener& listener, ConnId conn) override {
    listener_ = &listener;
    if (inner_ != nullptr) inner_->watch_idle(listener, conn);
  }

 private:
  Task<Outcome> first_run(const Exchange& exchange, Patience& patience);
  Task<Outcome> connect(Patience& patience);

  Backend& backend_;
  StopList& stops_;
  LazyOwner& owner_;
  ConnId conn_;
  LossListener* listener_ = nullptr;
  std::unique_ptr<Session> inner_;
  std::string error_;
};

}  // namespace poolgauge
