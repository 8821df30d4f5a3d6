// Fitting a scenario to the pooler before it, and finding out who that is.
#include "pg/target/pooler_fit.h"

#include <algorithm>

#include <fmt/core.h>

#include "pg/conninfo/conninfo.h"
#include "pg/target/pool_places.h"
#include "pg/target/target_info.h"

namespace poolgauge {
namespace {

std::string name_of(const PoolerInfo& pooler) {
  if (pooler.kind != "pgbouncer") return "The pooler";
  return pooler.version.empty() ? "This PgBouncer" : "PgBouncer " + pooler.version;
}

std::string unprepared_note(const PoolerInfo& pooler) {
  const bool bouncer = pooler.kind == "pgbouncer";
  return fmt::format(
      "{} does not support prepared statements in {} mode: every statement is sent unprepared and "
      "is parsed and planned each time.{}",
      name_of(pooler), pooler.pool_mode,
      bouncer ? " Prepared statements need PgBouncer 1.21 or later with max_prepared_statements "
                "above 0."
              : "");
}

PoolerInfo as_told(const PoolSpec& spec) {
  PoolerInfo info;
  info.pool_mode = spec.choice("pool_mode");
  info.pool_size = pool_permanent_size(spec);
  info.reserve_pool_size = spec.integer("reserve_pool_size");
  info.max_client_conn = spec.integer("max_client_conn");
  info.max_prepared_statements = spec.integer("max_prepared_statements");
  return info;
}

/// PgBouncer's words to a user whom its console does not know; others pass the database's name on,
/// and the server has none of that name.
bool is_bouncers_refusal(const std::string& message) {
  return message.ends_with("not allowed") || message.find("not allowed\n") != std::string::npos;
}

struct ConsoleAnswer {
  std::optional<PoolerInfo> info;
  bool is_bouncer = true;
  bool interrupted = false;
};
ConsoleAnswer ask_console(const std::string& console, const std::string& database,
                          const StopFlag& stop) {
  ConsoleAnswer answer;
  Result<PoolerConsole> opened = PoolerConsole::open(console, stop);
  Result<PoolerInfo> info = opened ? opened.value().info(database) : opened.error();
  if (info) {
    answer.info = std::move(info).value();
    constexpr std::int64_t kOurs = 2;  // this one, and the one that asked for the database's name
    answer.info->clients = std::max<std::int64_t>(0, answer.info->clients - kOurs);
    return answer;
  }
  answer.interrupted = info.error().kind == ErrorKind::interrupted;
  answer.is_bouncer = is_bouncers_refusal(info.error().message);
  return answer;
}

/// What is seen where nothing is told.
void add_signs(PoolerInfo& info, const PoolerSigns& signs) {
  info.renames_prepared = signs.renames_prepared;
  if (signs.mode_seen || info.pool_mode.empty()) info.pool_mode = signs.pool_mode;
}

bool runs_on(const Scenario& scenario, const Step& step, PoolTarget target) {
  return step.kind == StepKind::sql && scenario.deployment.pool_at(step.pool).target == target;
}

void note_session_state(FittedScenario& fitted, const PoolerInfo& pooler, PoolTarget target) {
  constexpr std::size_t kMostSteps = 5;
  std::size_t found = 0;
  for (const RequestSpec& request : fitted.scenario.requests) {
    for (const Step& step : request.steps) {
      if (!runs_on(fitted.scenario, step, target)) continue;
      const std::string what = session_state_of(step.sql.text);
      if (what.empty() || ++found > kMostSteps) continue;
      fitted.notes.push_back(
          fmt::format("Request \"{}\" step \"{}\": {} outlives its transaction, and in {} mode the "
                      "pooler passes it on to the next client of the same server connection.",
                      request.name, step.name, what, pooler.pool_mode));
    }
  }
}

struct AskedConsole {
  GivenPooler given;
  bool told = false;  ///< the console named everything
  bool is_bouncer = false;
};

Result<AskedConsole> ask_console_of(const std::string& conninfo, const StopFlag& stop) {
  Result<ControlConnection> connection = ControlConnection::open(conninfo, stop);
  if (!connection) return connection.error();
  AskedConsole asked;
  asked.given.database = PQdb(connection.value().raw());
  const std::string console = console_of(conninfo);
  const ConsoleAnswer answer = ask_console(console, asked.given.database, stop);
  if (answer.interrupted) return interrupted_error();
  asked.is_bouncer = answer.is_bouncer;
  asked.told = answer.info.has_value();
  if (answer.info) {
    asked.given.info = *answer.info;
    asked.given.console = console;
  }
  return asked;
}

}  // namespace

FittedScenario fit_to_pooler(const Scenario& scenario, const PoolerInfo& pooler,
                             PoolTarget target) {
  FittedScenario fitted{scenario, {}, false};
  if (pooler.keeps_sessions()) return fitted;
  for (RequestSpec& request : fitted.scenario.requests) {
    for (Step& step : request.steps) {
      if (!runs_on(scenario, step, target) || step.protocol != Protocol::prepared) continue;
      if (pooler.tracks_prepared()) continue;
      step.protocol = Protocol::extended;
      fitted.unprepared = true;
    }
  }
  if (fitted.unprepared) fitted.notes.push_back(unprepared_note(pooler));
  note_session_state(fitted, pooler, target);
  return fitted;
}

Status check_pooler_mode(const Scenario& scenario, const PoolerInfo& pooler, PoolTarget target) {
  if (pooler.keeps_sessions()) return success();
  const Deployment& deployment = scenario.deployment;
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    const DeployedPool& pool = deployment.pool_at(i);
    const bool here = pool.target == target && !pool.role.empty();
    if (!here || pool.role_by != RoleBy::set_role) continue;
    return Error{
        ErrorKind::usage,
        fmt::format(
            "pool \"{}\" runs SET ROLE once per connection, but the target is a pooler in {} mode: "
            "the role would stay set on a server connection that other clients use next",
            pool.name, pooler.pool_mode),
        "use \"role_by\": \"connect\", or connect directly to the server with --target"};
  }
  if (pooler.pool_mode != "statement") return success();
  for (const RequestSpec& request : scenario.requests) {
    if (request.transaction == TransactionMode::none) continue;
    return Error{ErrorKind::usage,
                 fmt::format("the target is a pooler in statement mode, which does not allow "
                             "transactions, but request \"{}\" uses one",
                             request.name),
                 "use \"transaction\": false, or a pooler in transaction mode"};
  }
  return success();
}

Result<GivenPooler> meet_pooler(const std::string& conninfo, const PoolSpec& otherwise,
                                const StopFlag& stop) {
  Result<AskedConsole> asked = ask_console_of(conninfo, stop);
  if (!asked) return asked.error();
  GivenPooler given = std::move(asked.value().given);
  if (asked.value().told) return given;
  given.info = as_told(otherwise);
  const Result<TargetInfo> target = read_target_info(conninfo, stop);
  if (!target) return target.error();
  if (!target.value().through_pooler) {
    return Error{
        ErrorKind::target,
        fmt::format(
            "according to deployment.pooler the target is PgBouncer, but {} is PostgreSQL itself",
            scrub(describe(conninfo), conninfo)),
        "give PgBouncer's host and port with --target, or remove the pooler from the "
        "scenario"};
  }
  const Result<PoolerSigns> signs = read_pooler_signs(conninfo, stop);
  if (!signs) return signs.error();
  const std::string told = given.info.pool_mode;
  add_signs(given.info, signs.value());
  given.note =
      "PgBouncer's counters are missing: its admin console does not accept this user (stats_users "
      "or admin_users). Its sizes are taken from the scenario.";
  if (given.info.pool_mode != told) {
    given.note += fmt::format(" The scenario says {} mode, but PgBouncer runs in {} mode.", told,
                              given.info.pool_mode);
  }
  return given;
}

Result<GivenPooler> notice_pooler(const std::string& conninfo, const StopFlag& stop) {
  Result<AskedConsole> asked = ask_console_of(conninfo, stop);
  if (!asked) return asked.error();
  GivenPooler given = std::move(asked.value().given);
  if (asked.value().told) return given;
  const Result<PoolerSigns> signs = read_pooler_signs(conninfo, stop);
  if (!signs) return signs.error();
  given.info.kind = asked.value().is_bouncer ? "pgbouncer" : "unknown";
  add_signs(given.info, signs.value());
  given.note = fmt::format(
      "{} sits in front of the server{}. Its limits are unknown: {} (stats_users or "
      "admin_users).",
      asked.value().is_bouncer ? "A PgBouncer" : "A pooler",
      signs.value().mode_seen
          ? fmt::format(", in {} mode judging by its server connections", given.info.pool_mode)
          : "; transaction mode is assumed",
      asked.value().is_bouncer
          ? "its admin console does not accept this user"
          : "there is no admin console like PgBouncer's that accepts this user");
  return given;
}

std::optional<Pooler> as_deployed(const PoolerInfo& pooler, const Deployment& deployment) {
  const bool one = deployment.others.empty() && deployment.pool.role.empty() &&
                   deployment.pool.target == PoolTarget::primary;
  const bool known = pooler.pool_size > 0 && pooler.max_client_conn > 0;
  if (!one || !known || pooler.kind != "pgbouncer" || pooler.pool_mode == "statement") {
    return std::nullopt;
  }
  Pooler met;
  met.given = true;
  met.spec.kind = pooler.kind;
  met.spec.set("pool_mode", pooler.pool_mode);
  met.spec.set("default_pool_size", pooler.pool_size);
  met.spec.set("reserve_pool_size", pooler.reserve_pool_size);
  met.spec.set("max_client_conn", pooler.max_client_conn);
  met.spec.set("max_prepared_statements", pooler.max_prepared_statements);
  return met;
}

std::string beyond_server_note(const PoolerInfo& pooler, const TargetInfo& target) {
  const std::int64_t servers = pooler.pool_size + pooler.reserve_pool_size;
  if (pooler.pool_size <= 0) return "";
  const auto beyond = [&](const std::string& whose, std::int64_t limit) {
    return fmt::format(
        "The pooler may open {} server connections, but {} allows only {}: further connections "
        "will fail when they are needed.",
        servers, whose, limit);
  };
  const std::int64_t slots = target.max_connections - target.reserved_connections;
  if (servers > slots) return beyond("the server's max_connections", slots);
  if (target.superuser) return "";
  if (target.role_limit >= 0 && servers > target.role_limit) {
    return beyond("the role's connection limit", target.role_limit);
  }
  if (target.database_limit >= 0 && servers > target.database_limit) {
    return beyond("the database's connection limit", target.database_limit);
  }
  return "";
}

}  // namespace poolgauge
