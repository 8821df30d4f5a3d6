// Asking for what run checks before a load, and a few more things.
#include "app/doctor.h"

#include <algorithm>
#include <utility>

#include "app/safety_check.h"
#include "doctor/slots.h"
#include "permit/permit.h"
#include "pg/target/existing_objects.h"
#include "pg/target/pool_places.h"
#include "pg/target/target_info.h"

namespace poolgauge::app {

namespace {

/// The statement waited for a lock, or took too long: that says nothing of it.
bool is_timeout(const std::string& sqlstate) {
  return sqlstate == "55P03" || sqlstate == "57014";
}

class ScenarioLook {
 public:
  ScenarioLook(const std::string& conninfo, const Scenario& scenario, bool through_pooler,
               const StopFlag& stop)
      : conninfo_(conninfo), scenario_(scenario), pooled_(through_pooler), stop_(stop) {}
  Status look();
  DoctorScenario take() { return std::move(found_); }

 private:
  Status look_at_statements();
  Status look_at_sharing();
  Status look_at_setup();
  Status look_at_tables();

  const std::string& conninfo_;
  const Scenario& scenario_;
  const bool pooled_;
  const StopFlag& stop_;
  DoctorScenario found_;
};

Status ScenarioLook::look_at_statements() {
  const Deployment& deployment = scenario_.deployment;
  found_.rights_seen = !pooled_;
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    const DeployedPool& pool = deployment.pool_at(i);
    if (pool.target != PoolTarget::primary) continue;
    StatementChecks checks;
    checks.pool = i;
    checks.gently = !pooled_;
    checks.rights = !pooled_ && pool.role.empty();
    const ServerAddresses servers{conninfo_, ""};
    Result<std::vector<StatementTrouble>> troubles =
        statement_troubles(pool_conninfo(pool, servers), scenario_, stop_, checks);
    if (!troubles.ok()) return troubles.error();
    for (StatementTrouble& trouble : troubles.value()) {
      if (is_timeout(trouble.sqlstate)) {
        found_.trouble = trouble.where + ": " + trouble.message;
        continue;
      }
      auto& list = trouble.sqlstate == "42501" ? found_.forbidden
                   : trouble.missing_name      ? found_.missing
                                               : found_.unprepared;
      list.push_back({std::move(trouble.where), std::move(trouble.message)});
    }
  }
  return success();
}

Status ScenarioLook::look_at_sharing() {
  const Result<OtherUsers> seen = look_for_others(conninfo_, pooled_, stop_);
  if (!seen.ok()) return seen.error();
  found_.sharing = signs_of_others(seen.value());
  return success();
}

Status ScenarioLook::look_at_setup() {
  Result<SetupLook> seen = look_at_setup_effects(scenario_, conninfo_, stop_);
  if (!seen.ok()) return seen.error();
  found_.changes = std::move(seen.value().changes);
  return success();
}

Status ScenarioLook::look_at_tables() {
  TablesWanted wanted;
  wanted.gently = !pooled_;
  for (const RequestSpec& request : scenario_.requests) {
    for (const Step& step : request.steps) {
      if (step.kind != StepKind::sql) continue;
      for (std::string& name : permit::qualified_tables(step.sql.text)) {
        const auto known = std::find(wanted.named.begin(), wanted.named.end(), name);
        if (known == wanted.named.end()) wanted.named.push_back(std::move(name));
      }
      permit::FurtherRights rights = permit::further_rights(step.sql.text);
      wanted.temporary = wanted.temporary || rights.temporary;
      for (std::string& name : rights.truncated) wanted.truncated.push_back(std::move(name));
    }
  }
  Result<TablesFound> found = poolgauge::look_at_tables(conninfo_, wanted, stop_);
  if (!found.ok()) return found.error();
  found_.tables = std::move(found.value().tables);
  for (auto& trouble : found.value().forbidden) found_.forbidden.push_back(std::move(trouble));
  return success();
}

Status ScenarioLook::look() {
  for (const auto part : {&ScenarioLook::look_at_statements, &ScenarioLook::look_at_sharing,
                          &ScenarioLook::look_at_setup, &ScenarioLook::look_at_tables}) {
    if (const Status seen = (this->*part)(); !seen.ok()) return seen;
  }
  return success();
}

}  // namespace

Result<DoctorScenario> look_at_scenario(const std::string& conninfo, const Scenario& scenario,
                                        const DoctorFacts& facts, const StopFlag& stop) {
  ScenarioLook look(conninfo, scenario, doctor::is_through_pooler(facts), stop);
  const Status looked = look.look();
  if (stop.requested()) return interrupted_error();
  DoctorScenario found = look.take();
  if (!looked.ok()) found.trouble = looked.error().message;
  return found;
}

}  // namespace poolgauge::app
