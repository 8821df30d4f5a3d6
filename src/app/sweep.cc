// Which places are measured, in which order, and the verdict of the whole.
#include "app/trials.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "advise/score.h"
#include "assess/goals.h"
#include "assess/sentences.h"
#include "base/rng.h"
#include "poolgauge/exit_status.h"

namespace poolgauge::app {

namespace {

constexpr std::size_t kFirstPoints = 6;
constexpr std::size_t kMorePoints = 2;

/// One measured place.
struct Visit {
  double place = 0;
  Report report;
  CurvePoint point;
};

class Sweep {
 public:
  Sweep(const SweepRequest& request, const Context& context, const Scenario& scenario,
        SweepRange range, World& world, ProgressSink& progress, std::uint64_t seed)
      : request_(request),
        context_(context),
        scenario_(scenario),
        range_(std::move(range)),
        world_(world),
        progress_(progress),
        seed_(seed) {}

  Status run(std::time_t started);
  Report report() const;
  bool anything() const { return !visits_.empty(); }

 private:
  Status visit(double place, std::time_t started);
  Status drift(std::time_t started);
  std::vector<double> order() const;
  std::vector<CurvePoint> points() const;
  const Visit& shown(const Curve& curve) const;
  bool stopped() const {
    return context_.stop.requested() || world_.died() || !world_.guard_stop().empty();
  }

  const SweepRequest& request_;
  const Context& context_;
  const Scenario& scenario_;
  SweepRange range_;
  World& world_;
  ProgressSink& progress_;
  std::uint64_t seed_;
  std::vector<Visit> visits_;
  std::size_t planned_ = 0;
  std::string note_;
};

/// In random order, so that a machine that slows down does not bend the curve.
std::vector<double> Sweep::order() const {
  std::vector<double> places = range_.listed;
  if (places.empty()) {
    const std::size_t count = request_.points > 0 ? request_.points : kFirstPoints;
    places = first_places(range_.least, range_.most, count);
  }
  Rng rng(seed_, 0x53574550ULL);
  for (std::size_t i = places.size(); i > 1; --i) {
    const auto other = rng.uniform_int(0, static_cast<std::int64_t>(i) - 1);
    std::swap(places[i - 1], places[static_cast<std::size_t>(other)]);
  }
  return places;
}

Status Sweep::visit(double place, std::time_t started) {
  const Scenario at = at_place(scenario_, request_.over, place);
  const std::size_t number = visits_.size() + 1;
  const std::string which = number <= planned_ ? fmt::format("point {} of {}", number, planned_)
                                               : fmt::format("extra point {}", number - planned_);
  progress_.phase(fmt::format("{}: {:.6g} {}", which, place, place_unit(request_.over)));
  const Result<Measurement> measured = world_.measure(at, seed_ + visits_.size());
  if (!measured.ok()) return measured.error();
  Visit visit;
  visit.place = place;
  visit.report = trial_report(at, measured.value(), world_, context_, seed_, started);
  visit.report.command = "sweep";
  visit.point = curve_point(place, visit.report);
  visits_.push_back(std::move(visit));
  return success();
}

/// The first place once more: has the machine changed meanwhile?
Status Sweep::drift(std::time_t started) {
  constexpr std::size_t kWorthIt = 4;
  constexpr double kAllowed = 0.05;
  if (world_.simulated() || visits_.size() < kWorthIt) return success();
  const double before = visits_.front().point.throughput_per_s;
  const Status again = visit(visits_.front().place, started);
  if (!again.ok()) return again;
  const double after = visits_.back().point.throughput_per_s;
  if (before <= 0 || !visits_.back().point.usable) return success();
  if (std::abs(after / before - 1) < kAllowed) {
    note_ =
        "the first point was measured again at the end, and gave about the same throughput: the "
        "machine's performance did not drift";
    return success();
  }
  note_ = fmt::format(
      "the first point, measured again at the end, gave {:.3g}/s instead of {:.3g}/s: the "
      "machine's performance drifted",
      after, before);
  return success();
}

Status Sweep::run(std::time_t started) {
  const std::vector<double> places = order();
  planned_ = places.size();
  for (const double place : places) {
    if (stopped()) return success();
    if (const Status seen = visit(place, started); !seen.ok()) return seen;
  }
  const bool adaptive = range_.listed.empty() && request_.points == 0;
  for (std::size_t i = 0; adaptive && i < kMorePoints && !stopped(); ++i) {
    const auto place = next_place(points(), range_.least, range_.most);
    if (!place) break;
    if (const Status seen = visit(*place, started); !seen.ok()) return seen;
  }
  return stopped() ? success() : drift(started);
}

std::vector<CurvePoint> Sweep::points() const {
  std::vector<CurvePoint> all;
  for (const Visit& one : visits_) all.push_back(one.point);
  return all;
}

/// The point whose figures the report has: where the goals begin to be met, else the knee.
const Visit& Sweep::shown(const Curve& curve) const {
  double wanted = visits_.back().place;
  if (curve.knee) wanted = curve.knee->at;
  if (curve.smallest_meeting_goals) {
    wanted = request_.over == "pool" ? *curve.smallest_meeting_goals : *curve.largest_meeting_goals;
  }
  return *std::min_element(visits_.begin(), visits_.end(), [wanted](const auto& a, const auto& b) {
    return std::abs(a.place - wanted) < std::abs(b.place - wanted);
  });
}

/// Whether a goal is open for what the simulation does not have: costs, or locks.
bool lacks_something(const Verdict& verdict) {
  return std::any_of(verdict.goals.begin(), verdict.goals.end(),
                     [](const GoalResult& goal) { return !open_label(goal).empty(); });
}

Report Sweep::report() const {
  Curve curve = make_curve(request_.over, points());
  if (!note_.empty()) curve.notes.push_back(note_);
  Report report = shown(curve).report;
  const auto usable = std::count_if(visits_.begin(), visits_.end(),
                                    [](const Visit& one) { return one.point.usable; });
  const bool all_usable = usable == static_cast<std::ptrdiff_t>(visits_.size());
  Verdict& verdict = report.verdict;
  verdict.reasons.clear();
  verdict.status = VerdictStatus::pass;
  verdict.exit_code = 0;
  if (const std::string guard = world_.guard_stop(); !guard.empty()) {
    verdict.status = VerdictStatus::guard;
    verdict.exit_code = kExitGuard;
    verdict.reasons.push_back(guard);
    report.partial = true;
    report.guards = world_.guard_log();
  } else if (context_.stop.requested()) {
    verdict.status = VerdictStatus::interrupted;
    verdict.exit_code = kExitInterrupted;
    verdict.reasons.emplace_back("interrupted");
    report.partial = true;
  } else if (usable == 0 || world_.died()) {
    verdict.status = VerdictStatus::inconclusive;
    verdict.exit_code = kExitInconclusive;
    verdict.reasons.emplace_back(world_.died() ? "the target died during the sweep"
                                               : "no point was usable");
  } else if (!verdict.goals.empty() && !curve.smallest_meeting_goals && lacks_something(verdict)) {
    verdict.status = VerdictStatus::inconclusive;
    verdict.exit_code = kExitInconclusive;
    verdict.reasons.push_back(
        "goals on time and throughput are not judged: statement costs are only assumed; " +
        how_to_give_costs());
  } else if (!verdict.goals.empty() && !curve.smallest_meeting_goals && !all_usable) {
    // What an unusable run showed is no proof: it may be what meets the goals.
    verdict.status = VerdictStatus::inconclusive;
    verdict.exit_code = kExitInconclusive;
    const std::size_t spoiled = visits_.size() - static_cast<std::size_t>(usable);
    verdict.reasons.push_back(
        fmt::format("the goals are not decided: {} of {} points {} not usable", spoiled,
                    visits_.size(), spoiled == 1 ? "was" : "were"));
  } else if (!verdict.goals.empty() && !curve.smallest_meeting_goals) {
    verdict.status = VerdictStatus::slo_missed;
    verdict.exit_code = kExitMissed;
    verdict.reasons.emplace_back("no point meets the goals");
  }
  report.curve = std::move(curve);
  return report;
}

/// The most a run of the sweep will ask of the server.
Scenario widest_of(const Scenario& scenario, const SweepRequest& request, const SweepRange& range) {
  return at_place(scenario, request.over, range.most);
}

/// The chosen range ends where the server does; what was asked for by name is refused instead.
Status fit_range(const Scenario& scenario, const SweepRequest& request, const World& world,
                 SweepRange& range) {
  const std::optional<ServerSlots> slots = world.slots();
  if (request.over != "pool" || !slots) return success();
  if (range.asked) {
    return check_fleet(scenario, *slots, static_cast<std::int64_t>(range.most));
  }
  const auto largest = static_cast<double>(largest_total(scenario, *slots));
  if (largest < 1) return check_fleet(scenario, *slots, 1);
  range.most = std::min(range.most, largest);
  range.least = std::min(range.least, range.most);
  return success();
}

/// What kept the sweep from having an answer.
Status answered(const Sweep& sweep, const Status& ran, const Context& context, const World& world) {
  if (!sweep.anything()) {
    if (!ran.ok()) return ran.error();
    const std::string guard = world.guard_stop();
    if (!context.stop.requested() && !guard.empty()) return Error{ErrorKind::guard, guard, ""};
    if (!context.stop.requested() && world.died()) {
      return Error{ErrorKind::target, "the target died before anything was measured", ""};
    }
    return Error{ErrorKind::interrupted, "interrupted before anything was measured", ""};
  }
  const bool ended = ran.ok() || ran.error().kind == ErrorKind::interrupted ||
                     ran.error().kind == ErrorKind::guard || context.stop.requested();
  return ended ? success() : ran;
}

}  // namespace

Result<Report> sweep(const SweepRequest& request, const Context& context, const Scenario& asked,
                     SweepRange range, World& world, ProgressSink& progress, std::uint64_t seed,
                     std::time_t started, const std::function<void(const Report&)>& early) {
  Status ready = world.open(widest_of(asked, request, range));
  if (!ready.ok()) return ready.error();
  const Scenario scenario = world.as_met(asked);
  ready = fit_range(scenario, request, world, range);
  if (ready.ok()) ready = world.prepare(widest_of(scenario, request, range));
  if (!ready.ok()) return ready.error();
  Sweep sweep(request, context, scenario, range, world, progress, seed);
  const Status ran = sweep.run(started);
  const Status answer = answered(sweep, ran, context, world);
  if (answer.ok() && !world.simulated() && early) early(sweep.report());
  const std::vector<std::string> troubles = world.close(scenario);
  progress.finish();
  if (!answer.ok()) return answer.error();
  Report report = sweep.report();
  report.notes.insert(report.notes.end(), troubles.begin(), troubles.end());
  return report;
}

}  // namespace poolgauge::app
