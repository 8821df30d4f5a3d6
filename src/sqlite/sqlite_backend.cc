// Connecting: the file is opened and the pragmas are sent by a worker.
#include "sqlite/sqlite_backend.h"

#include <utility>

#include "base/visible_text.h"
#include "sqlite/sqlite_session.h"

namespace poolgauge::sqlite {

/// Named for the frame of connect(), in which it lives.
class OpenJob final : public AwaitedJob {
 public:
  explicit OpenJob(Connection& connection) : connection_(connection) {}
  void run() override {
    const TimePoint begin = monotonic_now();
    outcome_ = connection_.open(false);
    took_ = monotonic_now() - begin;
  }
  const Outcome& outcome() const { return outcome_; }
  Duration took() const { return took_; }

 private:
  Connection& connection_;
  Outcome outcome_;
  Duration took_{0};
};

namespace {

Outcome gave_up(WakeReason why) {
  Outcome outcome;
  const bool timeout = why == WakeReason::deadline;
  outcome.failure = timeout ? FailureClass::connect_timeout : FailureClass::stopped;
  return outcome;
}

}  // namespace

SqliteBackend::SqliteBackend(WorkerTime& time, const Scenario& scenario, const Settings& settings,
                             const std::vector<Binding>& bindings, Counters& counters)
    : time_(time),
      settings_(settings),
      bindings_(bindings),
      counters_(counters),
      steps_(scenario.step_count()) {}

Task<Connected> SqliteBackend::connect(ConnId, Patience& patience) {
  auto connection = std::make_unique<Connection>(settings_, counters_, bindings_, steps_);
  Connection* const opening = connection.get();
  // Outlives the connection, whose end it runs; this does not.
  WorkerTime* const time = &time_;
  connection->sleep_with([time, opening](Duration length) {
    return time->idle_for(length, [opening] { return opening->interrupted(); });
  });
  Connected connected;
  OpenJob job(*connection);
  Wait wait(patience.loop());
  job.begin(wait);
  time_.submit(job);
  const WakeReason why = co_await patience.on_statement(wait);
  if (why != WakeReason::done) {
    connection->interrupt_opening();
    time_.wake_sleepers();
    co_await job.ended(wait);
    connected.outcome = gave_up(why);
    if (why == WakeReason::deadline) connected.error = "the database was not opened in time";
  } else if (!job.outcome().ok()) {
    connected.outcome = job.outcome();
    connected.error = shortened(connection->error());
  }
  connected.times.ready = job.took();
  if (connected.outcome.ok()) {
    connected.session = std::make_unique<SqliteSession>(*this, std::move(connection));
  } else {
    close_aside(time_, std::move(connection));
  }
  co_return connected;
}

}  // namespace poolgauge::sqlite
