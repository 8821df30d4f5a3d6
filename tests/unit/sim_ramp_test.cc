// A load that rises, one that is held back, and one that is ended in a hurry, on the virtual clock.
#include "engine/trial.h"
#include "engine/trial_watch.h"
#include "sim/sim_backend.h"
#include "sim/virtual_time.h"
#include "sim_bench.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

/// Holds of a millisecond, two seconds of warm-up, eight of measurement.
Scenario short_holds(Load load) {
  Scenario scenario = hold_scenario(FixedDuration{1ms}, 100, 0);
  scenario.load = std::move(load);
  scenario.warmup = 2s;
  scenario.duration = 8s;
  return scenario;
}

class EndAt final : public TrialWatch {
 public:
  EndAt(Loop& loop, TimePoint when, bool hurries) : loop_(loop), when_(when), hurries_(hurries) {}
  void look(Measurement /*so_far*/) override {}
  bool looks() const override { return false; }
  bool ended() const override { return loop_.now() >= when_; }
  bool hurries() const override { return hurries_; }

 private:
  Loop& loop_;
  TimePoint when_;
  bool hurries_;
};

struct Setting {
  Duration ramp{0};
  HoldBack* hold = nullptr;
  std::optional<TimePoint> end{};
  bool hurries = false;
};

struct Ran {
  Measurement measured;
  TimePoint ended{};
};

Ran run(const Scenario& scenario, const Setting& setting) {
  VirtualTime time;
  Loop loop(time);
  SimBackend server(loop, scenario, free_server(), 1);
  Trial trial(scenario, loop, time, {&server}, Shard{}, 1, TimePoint{}, nullptr);
  trial.ramps_up(setting.ramp);
  if (setting.hold != nullptr) trial.held_by(*setting.hold);
  std::optional<EndAt> watch;
  if (setting.end) trial.watched_by(watch.emplace(loop, *setting.end, setting.hurries));
  const StopFlag never;
  Ran ran;
  ran.measured = trial.run(never);
  ran.ended = loop.now();
  check_identities(ran.measured);
  return ran;
}

}  // namespace

TEST_CASE("an arrival rate rises within the ramp, evenly", "[ramp]") {
  const Scenario scenario = short_holds(rate(1000, false));
  const Measurement whole = run(scenario, {}).measured;
  const Measurement rising = run(scenario, {2s}).measured;
  CHECK(whole.ended_in_warmup == Approx(2000).margin(2));
  // A share that grows from nothing to all is half of them.
  CHECK(rising.ended_in_warmup == Approx(1000).margin(2));
  CHECK(rising.requests.completed == whole.requests.completed);
}

TEST_CASE("users begin one after the other within the ramp", "[ramp]") {
  Scenario scenario = short_holds(users(100, FixedDuration{99ms}));
  const Measurement whole = run(scenario, {}).measured;
  const Measurement rising = run(scenario, {2s}).measured;
  CHECK(whole.ended_in_warmup == Approx(2000).margin(110));
  CHECK(rising.ended_in_warmup == Approx(1000).margin(110));
  CHECK(static_cast<double>(rising.requests.completed) ==
        Approx(static_cast<double>(whole.requests.completed)).margin(110));
}

TEST_CASE("arrivals that are held back are counted apart", "[ramp]") {
  HoldBack hold;
  hold.set(true);
  const Measurement m = run(short_holds(rate(100, false)), {Duration{0}, &hold}).measured;
  CHECK(m.requests.scheduled() == 0);
  CHECK(hold.withheld() == 1000);
}

TEST_CASE("a run that is ended in a hurry cancels what is under way", "[ramp]") {
  Scenario scenario = short_holds(users(1));
  scenario.requests[0].steps = {timed_step(StepKind::hold, FixedDuration{100s})};
  const Ran patient = run(scenario, {Duration{0}, nullptr, TimePoint{4s}, false});
  const Ran hasty = run(scenario, {Duration{0}, nullptr, TimePoint{4s}, true});
  CHECK(patient.measured.partial);
  CHECK(hasty.measured.partial);
  CHECK(hasty.ended - TimePoint{} < 4200ms);
  CHECK(hasty.measured.requests.in_flight == 1);
}
