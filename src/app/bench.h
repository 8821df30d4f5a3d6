// The database under test: opened once, loaded any number of times, restored afterwards.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/context.h"
#include "app/database.h"
#include "app/part_meeting.h"
#include "app/replica.h"
#include "app/requests.h"
#include "app/safety_check.h"
#include "app/surroundings.h"
#include "poolgauge/guard.h"
#include "poolgauge/live.h"
#include "poolgauge/measurement.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"

namespace poolgauge::app {

/// Which servers are meant; nullopt: the embedded one, and its own replica.
struct Targets {
  std::optional<std::string> primary;
  std::optional<std::string> replica;
  TargetChoice choice = {};  ///< how the primary was found
};
Result<Targets> chosen_targets(const TargetOptions& options, const Environment& environment,
                               const Scenario& scenario);

/// Whether our limit of open files is enough for the scenario's pools, or for a part of them.
Status check_descriptors_for(const Scenario& scenario, RunPart part = {});

/// open, prepare, measure as often as wanted, tidy_up, close. The scenarios of one bench differ in
/// load and pool sizes only: server settings and data are those of the first.
class Bench {
 public:
  Bench(const RunRequest& options, const StopFlag& stop, ProgressSink& progress, Targets targets)
      : options_(options), stop_(stop), progress_(progress), targets_(std::move(targets)) {}

  /// Goals with abort_on_fail count; searches want every run whole.
  void let_goals_end_runs() { goals_end_runs_ = true; }
  /// This run is one part of a larger one; the meeting outlives the bench.
  void meets_others(PartMeeting& meeting) { meeting_ = &meeting; }
  /// Starts or reaches the servers.
  Status open(const Scenario& scenario);
  /// The scenario with the pooler that was noticed before the server, as if it had been named
  /// there; after `open`.
  Scenario as_met(const Scenario& scenario) const;
  /// Whether the pools fit, then the data. Of a part that does not lead: waits for both.
  Status prepare(const Scenario& scenario);
  /// One run, after checking that its pools fit and that its statements can be prepared.
  Result<Measurement> measure(const Scenario& scenario, std::uint64_t seed);
  /// Removes the data. Errors are printed and returned.
  std::vector<std::string> tidy_up(const Scenario& scenario);
  /// Stops what was started. Harmless when nothing was.
  void close();

  /// Of the server as far as it is known; known before `open`, too.
  TargetFacts facts() const;
  /// After `open`.
  const TargetInfo& primary_info() const { return servers_->primary.info(); }
  /// The pooler before it, where there is one; after `open`.
  std::optional<PoolerInfo> pooler_info() const {
    const auto& between = servers_->primary.pooler();
    return between ? std::optional(between->info) : std::nullopt;
  }
  /// Whether a run lost its server, which can no longer be reached.
  bool died() const { return died_; }
  /// The end of a throwaway server's log, once it died.
  const std::string& last_words() const { return last_words_; }
  /// Our own connections at a pooler that we did not start: its console, and through it. Where only
  /// the scenario tells its places, those are meant for the load.
  std::int64_t pooler_watchers() const {
    const auto& between = servers_->primary.pooler();
    const bool told_by_itself = between && !between->started && !between->console.empty();
    return told_by_itself ? 2 * probes() : 0;
  }
  /// What the guards of the last run did.
  const GuardLog& guard_log() const { return guard_log_; }
  /// Our own connections on each server.
  std::int64_t probes() const { return options_.no_probe ? 0 : 1; }
  /// The same on the primary, where guards have one, too; through a pooler of somebody else they
  /// have none.
  std::int64_t watchers() const;

 private:
  /// Where the load goes.
  struct Servers {
    Database primary;
    Replica replica;
  };
  void look_at_the_end(Measurement& measured);
  Error explained(Error error);
  Status check_room(const Scenario& scenario) const;
  Status check_load(const Scenario& scenario) const;
  Status look_around(const Scenario& scenario);
  Status keep_safe(FittedScenario& fit, LiveOptions& live);
  Error guarded(Error error);
  SafetyOptions safety() const;
  Result<Measurement> put_load(const Scenario& scenario, LiveOptions live) const;
  Result<Measurement> put_load_through(const Scenario& scenario, std::uint64_t seed);
  FittedScenario fitted(const Scenario& scenario) const;
  bool shared_sessions() const;
  bool leads() const { return meeting_ == nullptr || meeting_->part().leads(); }
  Status make_part_of(const Scenario& scenario, LiveOptions& live) const;

  const RunRequest& options_;
  const StopFlag& stop_;
  ProgressSink& progress_;
  Targets targets_;
  std::optional<Servers> servers_;
  bool died_ = false;
  std::string last_words_;
  bool goals_end_runs_ = false;
  PartMeeting* meeting_ = nullptr;
  OtherUsers others_;
  std::vector<NamedObject> to_mark_;
  GuardLog guard_log_;
  bool loaded_ = false;      // at least once
  bool unprepared_ = false;  // statements that the pooler keeps from being prepared
};

/// For a run that was interrupted before its load began.
Measurement nothing_measured(const Scenario& scenario);

}  // namespace poolgauge::app
