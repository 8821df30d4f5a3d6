// Users who think and ask, and who come and go.
#include <algorithm>
#include <optional>

#include "engine/stages.h"
#include "engine/user.h"

namespace poolgauge {

namespace {

/// Requests and thinks until the stop, or until it is time to leave.
Task<> stay(Seat& seat, const DurationSpec& think, TimePoint first, TimePoint leaves) {
  World& world = seat.process.world;
  const bool thinks = mean_of(think) > Duration::zero();
  TimePoint intended = first;
  if (first > world.loop.now()) {
    const WakeReason why = co_await seat.patience.sleep_until(first);
    if (why != WakeReason::done) co_return;
  }
  while (!seat.patience.stopped()) {
    while (world.held()) {
      HeldUsers::Place place(world.loop);
      world.held_users.enter(place, world.loop, *world.hold);
      const WakeReason why = co_await seat.patience.on(place.wait);
      if (why != WakeReason::done) co_return;
      intended = world.loop.now();
    }
    if (intended >= leaves) break;
    const TimePoint started = world.loop.now();
    const std::uint64_t turns = world.loop.resumes();
    seat.begin_draws();
    const Duration thinking = thinks ? draw(think, seat.rng) : Duration::zero();
    co_await run_request(seat, intended);
    const TimePoint ended = world.loop.now();
    intended = ended + thinking;
    // A request that took no time at all, or that never waited (a pool that refuses at once), must
    // not stop the clock, nor keep the loop from everything else: an application's own loop takes
    // time, too.
    const bool at_once = ended == started || world.loop.resumes() == turns;
    if (at_once && intended == ended) intended += std::chrono::milliseconds(1);
    if (intended >= leaves) break;
    if (intended == ended) continue;
    const WakeReason why = co_await seat.patience.sleep_until(intended);
    if (why != WakeReason::done) break;
    const TimePoint woken = world.loop.now();
    if (thinks) world.recorder.lag(woken, woken - intended);
    // A user of a closed load is a task of the application, and thinks there.
    co_await seat.process.app.thought();
  }
}

}  // namespace

Task<> closed_user(Seat& seat, TimePoint first) {
  return stay(seat, std::get<ClosedLoad>(seat.process.world.scenario.load).think, first, kNever);
}

Task<> staged_user(Seat& seat, std::uint32_t user, TimePoint start) {
  World& world = seat.process.world;
  const UserStages& load = std::get<UserStages>(world.scenario.load);
  Duration after{0};
  while (!seat.patience.stopped()) {
    const std::optional<Presence> presence = next_presence(load.stages, user, after);
    if (!presence) break;
    const TimePoint joins = start + presence->from;
    if (joins > world.loop.now()) {
      const WakeReason why = co_await seat.patience.sleep_until(joins);
      if (why != WakeReason::done) break;
      const TimePoint woken = world.loop.now();
      world.recorder.lag(woken, woken - joins);
      co_await seat.process.app.requested();
    }
    const TimePoint leaves = start + presence->until;
    co_await stay(seat, load.think, joins, leaves);
    // The last request may have outlasted the absence.
    after = std::max(presence->until, world.loop.now() - start);
  }
}

}  // namespace poolgauge
