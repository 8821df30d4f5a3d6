// Health for programs.
#include "cli/commands/doctor_health.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands/given_server.h"
#include "cli/shell/messages.h"
#include "cli/shell/wall_clock.h"
#include "pg/doctor/health_look.h"
#include "poolgauge/time.h"
#include "report/json/json_parts.h"

namespace poolgauge::cli {

namespace {

doctor::HealthPlan health_plan(const DoctorOptions& options) {
  doctor::HealthPlan plan;
  plan.application = options.application;
  const std::int64_t fleet = options.instances.value_or(1) * options.processes.value_or(1);
  if (options.pool_size) plan.size = fleet * *options.pool_size;
  if (plan.size) plan.capacity = *plan.size + fleet * options.max_overflow.value_or(0);
  return plan;
}

}  // namespace

int doctor_ping(const DoctorOptions& options, const std::string& conninfo, const StopFlag& stop) {
  const Result<doctor::HealthFacts> facts = look_at_health(conninfo, "", stop);
  if (!facts.ok()) return fail(about_given(facts.error()));
  const doctor::HealthFacts& seen = facts.value();
  if (!seen.connected) {
    print_err("poolgauge: " + seen.trouble + "\n");
    return kExitTarget;
  }
  if (options.output.quiet) return 0;
  const Status printed = print_lines(fmt::format("{}: round trip {}, connect {}\n", seen.address,
                                                 human_duration(from_ms(seen.round_trip_ms)),
                                                 human_duration(from_ms(seen.connect_ms))));
  return printed.ok() ? 0 : fail(printed.error());
}

int doctor_health(const DoctorOptions& options, const std::string& conninfo, const StopFlag& stop) {
  const Result<doctor::HealthFacts> facts = look_at_health(conninfo, options.application, stop);
  if (!facts.ok()) return fail(about_given(facts.error()));
  const doctor::HealthPlan plan = health_plan(options);
  const doctor::Health health = doctor::judge_health(facts.value(), plan);
  if (!options.output.quiet) {
    const Status printed =
        print_out(health_json(facts.value(), plan, health, iso_time(wall_clock())));
    if (!printed.ok()) return fail(printed.error());
  }
  if (health.status == DoctorVerdict::unhealthy) return kExitTarget;
  return options.strict && health.status == DoctorVerdict::warning ? kExitMissed : 0;
}

}  // namespace poolgauge::cli
