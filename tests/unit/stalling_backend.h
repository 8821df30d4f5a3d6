// A server that answers nothing for a while: wraps the modelled one.
#pragma once

#include <memory>
#include <utility>

#include "engine/backend.h"
#include "engine/trial.h"
#include "sim/sim_backend.h"
#include "sim/virtual_time.h"
#include "sim_bench.h"

namespace poolgauge::test {

/// Exchanges that begin in [from, until) wait for `until`; connects, too, where it is frozen. With
/// `every`, only in the first `lasts` of each such stretch from `from` on.
struct StallPlan {
  TimePoint from = TimePoint::max();
  TimePoint until = TimePoint::max();
  bool connects = false;
  Duration every{0}, lasts{0};
  bool stands(TimePoint now) const {
    if (now < from || now >= until) return false;
    return every == Duration{0} || (now - from) % every < lasts;
  }
  TimePoint free_at(TimePoint now) const {
    return every == Duration{0} ? until : now - (now - from) % every + lasts;
  }
};

class StallingSession final : public Session {
 public:
  StallingSession(const StallPlan& plan, std::unique_ptr<Session> inner)
      : plan_(plan), inner_(std::move(inner)) {}
  Task<Outcome> run(const Exchange& exchange, Patience& patience) override {
    if (plan_.stands(patience.loop().now())) {
      Patience::Sleep nap(patience, plan_.free_at(patience.loop().now()));
      const WakeReason why = co_await nap;
      if (why != WakeReason::done) {
        broken_ = true;
        Outcome outcome;
        outcome.failure =
            why == WakeReason::deadline ? FailureClass::deadline : FailureClass::stopped;
        co_return outcome;
      }
    }
    const Outcome outcome = co_await inner_->run(exchange, patience);
    co_return outcome;
  }
  Condition condition() const override { return broken_ ? Condition::broken : inner_->condition(); }
  std::string error_text() const override { return broken_ ? "" : inner_->error_text(); }

 private:
  const StallPlan& plan_;
  std::unique_ptr<Session> inner_;
  bool broken_ = false;
};

class StallingBackend final : public Backend {
 public:
  StallingBackend(Backend& inner, const StallPlan& plan) : inner_(inner), plan_(plan) {}
  Task<Connected> connect(ConnId conn, Patience& patience) override {
    if (plan_.connects && plan_.stands(patience.loop().now())) {
      Patience::Sleep nap(patience, plan_.free_at(patience.loop().now()));
      const WakeReason why = co_await nap;
      if (why != WakeReason::done) {
        Connected refused;
        refused.outcome.failure = FailureClass::stopped;
        co_return refused;
      }
    }
    Connected connected = co_await inner_.connect(conn, patience);
    if (connected.session) {
      connected.session = std::make_unique<StallingSession>(plan_, std::move(connected.session));
    }
    co_return connected;
  }

 private:
  Backend& inner_;
  const StallPlan& plan_;
};

inline Measurement run_stalling(const Scenario& scenario, const StallPlan& plan,
                                std::uint64_t seed = 1) {
  VirtualTime time;
  Loop loop(time);
  SimBackend server(loop, scenario, ServerProfile{}, seed);
  StallingBackend stalling(server, plan);
  Trial trial(scenario, loop, time, {&stalling}, Shard{}, seed, TimePoint{}, nullptr);
  const StopFlag never;
  Measurement measured = trial.run(never);
  measured.simulated = true;
  return measured;
}

}  // namespace poolgauge::test
