// The virtual user: acquires a connection, runs a request's steps, and releases it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"
#include "engine/held_users.h"
#include "engine/pool.h"
#include "engine/recorder.h"
#include "engine/trial_watch.h"
#include "engine/values.h"
#include "loop/patience.h"
#include "loop/task.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// One thing a request does while it has a connection; made once per request of the scenario.
struct Action {
  StepKind kind = StepKind::sql;  ///< sql means any exchange
  Exchange exchange;
  Phase phase = Phase::step;
  std::uint32_t pool = 0;  ///< whose connection it uses; for hold and pause: keeps, takes again
  Duration RequestTrace::*total = nullptr;  ///< where its time is booked
  int step = -1;                       ///< index among the request's steps, -1: begin or commit
  const DurationSpec* time = nullptr;  ///< for hold and pause
  const ScriptLine* line = nullptr;    ///< a script's command other than a step
};
/// By request: begin, the steps, commit; without begin where
/// BEGIN travels with the first statement. A hold or a pause belongs to the pool of the next SQL
/// step, or to the request's own when there is none.
std::vector<std::vector<Action>> plan_requests(const Scenario& scenario);
/// The same with the habits of each pool's driver given.
std::vector<std::vector<Action>> plan_requests(const Scenario& scenario,
                                               const std::vector<DriverHabits>& habits);

/// What the users of one thread share.
struct World {
  Loop& loop;
  Scope& scope;
  StopList& stops;
  const Scenario& scenario;
  Recorder& recorder;
  ValueSource& values;
  std::vector<double> request_ladder;      ///< cumulative weights
  std::vector<std::vector<Action>> plans;  ///< by request
  std::uint64_t seed = 0;
  HoldBack* hold = nullptr;  ///< may hold new requests back
  HeldUsers held_users = {};
  bool held() const { return hold != nullptr && hold->holding(); }
};

/// The server of each pool, by Deployment::pool_at.
using Backends = std::vector<Backend*>;

/// One application process: its pools, by Deployment::pool_at, around one event loop.
struct Process {
  Process(World& w, std::uint32_t i, const Backends& backends);
  World& world;
  std::uint32_t index;
  AppLoop app;
  std::vector<std::unique_ptr<Pool>> pools;
};

/// What a request has of one pool: at most one connection at a time.
struct Holding {
  Lease lease;
  TimePoint since{};
};

/// One user, or one place for a request of an open load. Reused from request to request.
struct Seat {
  Seat(Process& p, ClientId c, std::uint64_t seed, std::uint64_t stream);
  /// What the n-th request of a user draws does not depend on how its earlier ones went: two pools
  /// under the same users are compared on the same requests (common random numbers).
  void begin_draws() { rng = Rng(draws_seed, ++requests_drawn); }
  Process& process;
  ClientId client;
  Rng rng;
  std::uint64_t draws_seed;
  std::uint64_t requests_drawn = 0;
  Patience patience;
  RequestTrace trace;
  std::vector<std::string> values;
  ScriptState script;
  std::vector<Holding> holdings;  ///< by pool
  // The first thing that went wrong in the present request.
  Phase failed_phase = Phase::checkout;
  Outcome failure;
  std::string failure_text;
};

/// One request from its intended start to its end, recorded once. `turn`: ReplayLoad::Arrival.
Task<> run_request(Seat& seat, TimePoint intended, std::uint32_t request = kAnyRequest,
                   std::uint32_t turn = kNoTurn);
/// A closed user: think, request, think, ... until the stop.
Task<> closed_user(Seat& seat, TimePoint first);
/// User number `user` of a load whose users come and go; the load began at `start`.
Task<> staged_user(Seat& seat, std::uint32_t user, TimePoint start);

}  // namespace poolgauge
