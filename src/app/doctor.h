// `doctor`: what is read of a server, and what a scenario needs of it. Nothing is changed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/context.h"
#include "app/load.h"
#include "app/requests.h"
#include "doctor/checks.h"
#include "doctor/health.h"
#include "pg/doctor/doctor_read.h"
#include "poolgauge/doctor.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"

namespace poolgauge::app {

struct DoctorRequest {
  std::string scenario;  ///< empty: the server alone
  TargetOptions target;
  std::optional<std::string> pgbouncer;  ///< its console; may hold a password
  std::vector<std::string> only, skip;   ///< ids or groups
  bool strict = false;                   ///< a warning is status 10
  bool shared = false;                   ///< the load will be made with --shared
  bool allow_setup = false;              ///< the same with --allow-setup
  std::string application;               ///< whose sessions are a pool's, for health
  std::optional<Duration> watch;         ///< look again after this time
  // The deployment, where no scenario says it or another is meant.
  std::optional<std::int64_t> instances, processes, pool_size, max_overflow;
  std::optional<double> surge;
  // The server, which does not tell these.
  std::optional<std::int64_t> cores;
  std::optional<double> memory_mib;
};

/// A usage error where checks are named that do not exist, or options lack what they need.
Status check_doctor(const DoctorRequest& request);

/// The options that replace what a scenario says.
std::vector<Override> deployment_overrides(const DoctorRequest& request);
/// `scenario` may be nullptr: then the options alone.
DoctorPlan doctor_plan(const DoctorRequest& request, const Scenario* scenario);
/// The pool that health is judged against.
doctor::HealthPlan health_plan(const DoctorRequest& request);

/// What the server is compared with.
struct DoctorCase {
  std::optional<Scenario> scenario;
  DoctorPlan plan;
};
/// Reads the scenario that the request names, if it names one.
OrFailure<DoctorCase> doctor_case(const DoctorRequest& request, const Context& context);

/// One round of checks: the server, and the scenario on it. `clock_s`: seconds since 1970.
Result<Diagnosed> diagnose_server(const DoctorRequest& request, const DoctorCase& asked,
                                  const std::string& conninfo,
                                  const std::function<double()>& clock_s, const StopFlag& stop);

/// Every query of the selected checks with the versions it is for and the checks that read it, and
/// a comment for each check that looks otherwise. psql can run all of it.
std::string doctor_queries_text(const doctor::Selection& selection);

// What a load needs, before it begins.

/// Whether counters, samples, and times are read as well, which takes seconds.
enum class DoctorPace : std::uint8_t { one_look, watch };

/// What the selected checks read; no console and no clock.
DoctorWishes wishes_for(const doctor::Selection& selection, DoctorPace pace);

/// Runs the checks of doctor for what a scenario needs of its server: that it is no standby where
/// it writes, that no timeout is shorter than what it must let pass, that commits do not wait for
/// standbys that are not there. The error (kind target) lists the findings at level stop with
/// their cures; what cannot be seen stops nothing.
Status check_with_doctor(const std::string& conninfo, const Scenario& scenario,
                         const StopFlag& stop);

/// Statements are prepared and planned, names are looked up. `facts`: of the same server, already
/// read. Pools on a replica are not looked at. A server that stops answering is said in `trouble`;
/// the error is a stop request.
Result<DoctorScenario> look_at_scenario(const std::string& conninfo, const Scenario& scenario,
                                        const DoctorFacts& facts, const StopFlag& stop);

/// Fills in what the scenario says: connections, holds, deadline, writes, tables.
void take_needs(const Scenario& scenario, DoctorPlan& plan);

}  // namespace poolgauge::app
