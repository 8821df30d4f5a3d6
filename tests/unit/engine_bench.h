// What the engine's tests share: a scripted server, small scenarios, and a world with one process.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/backend.h"
#include "engine/user.h"
#include "manual_time.h"

namespace poolgauge::test {

/// How the server answers one exchange or connect; the default is success in the usual time.
struct Reply {
  FailureClass failure = FailureClass::none;
  const char* sqlstate = "";
  bool breaks = false;           ///< the connection is gone afterwards
  Duration takes{-1};            ///< negative: the usual time
  std::optional<Phase> phase{};  ///< of what travelled with the exchange and failed
};

inline Outcome outcome_of_reply(const Reply& reply) {
  Outcome outcome;
  outcome.failure = reply.failure;
  for (std::size_t i = 0; reply.sqlstate[i] != '\0'; ++i) outcome.sqlstate[i] = reply.sqlstate[i];
  return outcome;
}

/// Answers by script and writes down what it was asked: "connect 1", "begin 1", "step0 1", ...,
/// "close 1", where the number is the connection's.
class ScriptedServer final : public Backend {
 public:
  explicit ScriptedServer(Loop& l) : loop(l) {}
  Task<Connected> connect(ConnId conn, Patience& patience) override;

  Loop& loop;
  Duration connect_takes{0};
  Duration exchange_takes{0};
  int failed_connects = 0;
  std::map<std::string, std::deque<Reply>> replies;  ///< by what is asked, without the number
  std::vector<std::string> log;
  int open = 0;
  std::map<std::uint32_t, LossListener*> watched;  ///< by the connection's number

  Reply reply_to(const std::string& what) {
    std::deque<Reply>& waiting = replies[what];
    if (waiting.empty()) return {};
    const Reply reply = waiting.front();
    waiting.pop_front();
    return reply;
  }
};

class ScriptedSession final : public Session {
 public:
  ScriptedSession(ScriptedServer& server, ConnId conn) : server_(server), conn_(conn) {
    ++server_.open;
  }
  ~ScriptedSession() override {
    --server_.open;
    note("close");
  }
  Task<Outcome> run(const Exchange& exchange, Patience& patience) override {
    const std::string what = name_of_exchange(exchange);
    note(what);
    const Reply reply = server_.reply_to(what);
    const Duration takes = reply.takes < Duration{0} ? server_.exchange_takes : reply.takes;
    Wait wait(server_.loop);
    Alarm alarm(wait);
    server_.loop.arm(alarm, server_.loop.now() + takes);
    const WakeReason why = co_await patience.on_statement(wait);
    server_.loop.cancel(alarm);
    Outcome outcome = outcome_of_reply(reply);
    if (why != WakeReason::done) {
      broken_ = true;
      outcome = Outcome{};
      outcome.failure =
          why == WakeReason::deadline ? FailureClass::deadline : FailureClass::stopped;
      co_return outcome;
    }
    broken_ = broken_ || reply.breaks;
    phase_ = reply.phase;
    if (outcome.ok()) settle(exchange);
    error_ = outcome.ok() ? "" : "failed: " + what;
    co_return outcome;
  }
  Condition condition() const override {
    if (broken_) return Condition::broken;
    return in_transaction_ ? Condition::in_transaction : Condition::clean;
  }
  std::string error_text() const override { return error_; }
  Phase failed_phase(Phase own) const override { return phase_.value_or(own); }
  void watch_idle(LossListener& listener, ConnId conn) override {
    server_.watched[conn.number] = &listener;
  }

 private:
  struct Alarm : Timer {
    explicit Alarm(Wait& w) : Timer(fire), wait(w) {}
    static void fire(Timer& timer) { static_cast<Alarm&>(timer).wait.wake(); }
    Wait& wait;
  };
  static std::string name_of_exchange(const Exchange& exchange) {
    switch (exchange.kind) {
      case Exchange::Kind::begin: return "begin";
      case Exchange::Kind::step: {
        const std::string begin = exchange.mode != TransactionMode::none ? "begin+" : "";
        return begin + "step" + std::to_string(exchange.step_index);
      }
      case Exchange::Kind::commit: return "commit";
      case Exchange::Kind::rollback: return "rollback";
      case Exchange::Kind::ping: return "ping";
      case Exchange::Kind::reset_query: return "reset";
      case Exchange::Kind::discard_all: return "discard";
    }
    return "";
  }
  void settle(const Exchange& exchange) {
    const bool opens_by_sql =
        exchange.kind == Exchange::Kind::step && exchange.step->sql.text == "BEGIN";
    if (exchange.begins() || opens_by_sql) in_transaction_ = true;
    const bool ends =
        exchange.kind == Exchange::Kind::commit || exchange.kind == Exchange::Kind::rollback;
    if (ends) in_transaction_ = false;
  }
  void note(const std::string& what) {
    server_.log.push_back(what + " " + std::to_string(conn_.number));
  }
  ScriptedServer& server_;
  ConnId conn_;
  bool in_transaction_ = false;
  bool broken_ = false;
  std::string error_;
  std::optional<Phase> phase_;
};

inline Task<Connected> ScriptedServer::connect(ConnId conn, Patience& patience) {
  log.push_back("connect " + std::to_string(conn.number));
  const Reply reply = reply_to("connect");
  const Duration takes = reply.takes < Duration{0} ? connect_takes : reply.takes;
  Patience::Sleep nap(patience, loop.now() + takes);
  const WakeReason why = co_await nap;
  Connected connected;
  connected.outcome = outcome_of_reply(reply);
  if (why != WakeReason::done) connected.outcome.failure = FailureClass::stopped;
  if (connected.outcome.ok()) {
    connected.session = std::make_unique<ScriptedSession>(*this, conn);
  } else {
    ++failed_connects;
    connected.error = "no connection, says the script (" + std::to_string(failed_connects) + ")";
  }
  co_return connected;
}

inline Step sql_step(const std::string& name, const std::string& text = "SELECT 1") {
  Step step;
  step.name = name;
  step.sql.source = step.sql.text = text;
  return step;
}
inline Step time_step(StepKind kind, const DurationSpec& time) {
  Step step;
  step.name = kind == StepKind::hold ? "hold" : "pause";
  step.kind = kind;
  step.time = time;
  return step;
}
inline Step hold_step(Duration time) {
  return time_step(StepKind::hold, FixedDuration{time});
}
inline Step pause_step(Duration time) {
  return time_step(StepKind::pause, FixedDuration{time});
}

/// One request of these steps, one closed user without think time, ten seconds, pool 5+10.
inline Scenario scenario_of(std::vector<Step> steps,
                            TransactionMode transaction = TransactionMode::none) {
  Scenario scenario;
  RequestSpec request;
  request.name = "request";
  request.transaction = transaction;
  request.steps = std::move(steps);
  scenario.requests.push_back(std::move(request));
  scenario.deployment.pool.set("task_time", Duration{0});  // an infinitely fast application
  return scenario;
}

inline void set_pool(Scenario& scenario, std::int64_t size, std::int64_t overflow,
                     Duration timeout = std::chrono::seconds(30)) {
  PoolSpec& pool = scenario.deployment.pool;
  pool.set("pool_size", size);
  pool.set("max_overflow", overflow);
  pool.set("timeout", timeout);
}

/// One process with its pool in front of a scripted server; the window is the whole time.
struct EngineWorld : ManualWorld {
  explicit EngineWorld(const Scenario& s, Duration window = std::chrono::hours(1))
      : scenario(s),
        recorder(scenario, at(0ns), at(window)),
        world{loop, scope, stops, scenario, recorder, values, {1.0}, plan_requests(scenario)} {
    for (auto& pool : process.pools) pool->start();
  }
  ~EngineWorld() {
    for (auto& pool : process.pools) pool->shut_down();
  }
  Seat& seat(std::uint32_t number) {
    while (seats.size() <= number) {
      const auto next = static_cast<std::uint32_t>(seats.size());
      seats.push_back(std::make_unique<Seat>(process, ClientId{next}, 1, next));
    }
    return *seats[number];
  }
  Measurement& measured() { return recorder.measured(); }

  Scenario scenario;
  StopList stops;
  ScriptedServer server{loop};
  ValueSource values{scenario, 0, 1};
  Recorder recorder;
  World world;
  Process process{world, 0, Backends(scenario.deployment.pool_count(), &server)};
  std::vector<std::unique_ptr<Seat>> seats;
};

}  // namespace poolgauge::test
