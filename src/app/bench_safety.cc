// Bench, where the server is not our own: what is looked at before a load, and what watches it.
#include <utility>

#include "app/bench.h"
#include "app/doctor.h"
#include "app/guard_plan.h"

namespace poolgauge::app {

/// What speaks against loading a server that is not our own.
Status Bench::look_around(const Scenario& scenario) {
  const Database& primary = servers_->primary;
  Result<OtherUsers> seen =
      look_for_others(primary.conninfo(), primary.pooler().has_value(), stop_, meeting_ != nullptr);
  if (!seen.ok()) return seen.error();
  others_ = std::move(seen).value();
  // Of several parts the leading one has looked for all.
  const Status unused =
      leads() ? check_sharing(others_, options_.safety, facts().address) : success();
  if (!unused.ok()) return unused;
  if (!primary.pooler()) {
    const Status fits = check_with_doctor(primary.conninfo(), scenario, stop_);
    if (!fits.ok()) return fits;
  }
  Result<std::vector<NamedObject>> made =
      check_setup_allowed(scenario, options_.safety, primary.conninfo(), stop_);
  if (!made.ok()) return made.error();
  to_mark_ = std::move(made).value();
  return success();
}

/// A throwaway server is shared with nobody.
SafetyOptions Bench::safety() const {
  SafetyOptions safety = options_.safety;
  safety.shared = safety.shared && targets_.primary.has_value();
  return safety;
}

std::int64_t Bench::watchers() const {
  const bool guarded = guards_ask_server(safety());
  const auto& between = servers_->primary.pooler();
  const std::int64_t parts = meeting_ != nullptr ? meeting_->sessions() : 0;
  return probes() + parts + (guarded && (!between || between->started) ? 1 : 0);
}

/// Before its first run a command is refused; later its guards end it, as they end a run.
Error Bench::guarded(Error error) {
  if (error.kind != ErrorKind::guard) return error;
  if (loaded_ || options_.safety.under_way) {
    guard_log_.stopped_by = error.message;
  } else {
    error.kind = ErrorKind::target;
  }
  return error;
}

/// Read-only where nothing writes, a slow rise, guards; and the time that the rise takes.
Status Bench::keep_safe(FittedScenario& fit, LiveOptions& live) {
  const auto& between = servers_->primary.pooler();
  const SafetyOptions wanted = safety();
  if (targets_.primary) {
    ReadOnly reads = with_read_only(fit.scenario, others_, between.has_value());
    fit.scenario = std::move(reads.scenario);
    live.session_options = std::move(reads.session_options);
  }
  live.ramp = ramp_of(fit.scenario, wanted);
  if (!fit.scenario.warmup_auto) fit.scenario.warmup += live.ramp;
  if (live.ramp < asked_ramp(wanted)) {
    fit.notes.emplace_back("The load was not ramped up: it has a shape of its own.");
  }
  const GuardPlace place{servers_->primary.conninfo(), between && !between->started};
  Result<GuardOrders> orders = guard_orders(wanted, fit.scenario, place, stop_, fit.notes);
  if (!orders.ok()) return guarded(orders.error());
  live.guards = std::move(orders).value();
  live.paused = progress_.pause_request();
  live.guard_log = &guard_log_;
  return success();
}

}  // namespace poolgauge::app
