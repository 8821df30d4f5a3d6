// Opening and closing the database of a run.
#include "app/database.h"

#include <algorithm>
#include <utility>

#include "base/visible_text.h"
#include "engine/trial_watch.h"
#include "pg/conninfo/conninfo.h"
#include "pg/target/budget.h"
#include "pg/target/target_info.h"

namespace poolgauge::app {

namespace {

constexpr const char* kEmbedded = "embedded";

bool names_setting(const Scenario& scenario, const std::string& wanted) {
  return std::any_of(scenario.server_settings.begin(), scenario.server_settings.end(),
                     [&](const auto& setting) { return setting.first == wanted; });
}

}  // namespace

TargetFacts facts_before_opening(const std::optional<std::string>& target) {
  TargetFacts facts;
  facts.kind = target ? "server" : kEmbedded;
  facts.address = target ? describe(*target) : kEmbedded;
  return facts;
}

Status check_pooler_target(const std::optional<std::string>& target, const Scenario& scenario) {
  const std::optional<Pooler>& pooler = scenario.deployment.pooler;
  if (!pooler) return success();
  if (pooler->given && !target) {
    return Error{ErrorKind::usage,
                 "deployment.pooler has \"target\": \"given\", but there is no target",
                 "give PgBouncer's address with --target, or remove \"target\" to start PgBouncer "
                 "in front of the throwaway PostgreSQL"};
  }
  if (!pooler->given && target) {
    return Error{ErrorKind::usage,
                 "deployment.pooler starts PgBouncer only in front of the throwaway PostgreSQL, "
                 "but there is a target",
                 "if the target is PgBouncer, add \"target\": \"given\" to deployment.pooler; "
                 "otherwise use --embedded"};
  }
  if (pooler->given) return success();
  const Result<std::string> program = find_pgbouncer(BinarySearch::from_environment());
  return program.ok() ? success() : Status(program.error());
}

Result<Database> Database::open(const std::optional<std::string>& target, const Scenario& scenario,
                                const StopFlag& stop, ProgressSink& progress) {
  const Status fits = check_pooler_target(target, scenario);
  if (!fits.ok()) return fits.error();
  Database database;
  if (target) {
    progress.phase("connecting to " + describe(*target));
    database.conninfo_ = *target;
  } else {
    progress.phase("starting a throwaway PostgreSQL");
    const Status started = database.start_embedded(scenario, stop);
    if (!started.ok()) return started.error();
  }
  Result<TargetInfo> info = read_target_info(database.conninfo_, stop);
  if (!info.ok()) return info.error();
  database.info_ = std::move(info).value();
  if (const std::optional<Pooler>& pooler = scenario.deployment.pooler) {
    if (!target) progress.phase("starting PgBouncer");
    const Status between =
        target ? database.meet(*pooler, stop) : database.start_pooler(*pooler, stop);
    if (!between.ok()) return between.error();
  } else if (target && database.info_.through_pooler) {
    if (const Status noticed = database.notice(stop); !noticed.ok()) return noticed.error();
  }
  return database;
}

Status Database::start_pooler(const Pooler& pooler, const StopFlag& stop) {
  Result<EmbeddedPooler> started =
      EmbeddedPooler::start(pooler.spec, *server_, BinarySearch::from_environment(), stop);
  if (!started.ok()) return started.error();
  pooler_.emplace(std::move(started).value());
  between_ = Between{pooler_->info(),   true, false, pooler_->conninfo(), pooler_->console(),
                     kEmbeddedDatabase, ""};
  return success();
}

Status Database::meet(const Pooler& pooler, const StopFlag& stop) {
  Result<GivenPooler> met = meet_pooler(conninfo_, pooler.spec, stop);
  if (!met.ok()) return met.error();
  GivenPooler& given = met.value();
  between_ =
      Between{given.info, false, false, conninfo_, given.console, given.database, given.note};
  return success();
}

Status Database::notice(const StopFlag& stop) {
  Result<GivenPooler> met = notice_pooler(conninfo_, stop);
  if (!met.ok()) return met.error();
  GivenPooler& given = met.value();
  between_ = Between{given.info, false, true, conninfo_, given.console, given.database, given.note};
  return success();
}

EmbeddedOptions embedded_options(const Scenario& scenario) {
  EmbeddedOptions options;
  options.settings = scenario.server_settings;
  if (!names_setting(scenario, "max_connections")) {
    const std::int64_t room =
        embedded_max_connections(scenario.deployment, most_in_flight(scenario));
    options.settings.emplace_back("max_connections", std::to_string(room));
  }
  return options;
}

Status Database::start_embedded(const Scenario& scenario, const StopFlag& stop) {
  Result<EmbeddedServer> server = EmbeddedServer::start(embedded_options(scenario), stop);
  if (!server.ok()) return server.error();
  server_ = std::move(server).value();
  conninfo_ = server_->conninfo();
  return success();
}

TargetFacts Database::facts() const {
  TargetFacts facts;
  facts.kind = server_ ? kEmbedded : "server";
  facts.address = server_ ? kEmbedded : describe(conninfo_);
  facts.server_version = info_.server_version;
  facts.max_connections = info_.max_connections;
  facts.reserved_connections = info_.reserved_connections;
  facts.settings = info_.settings;
  facts.over_socket = server_ || facts.address.starts_with("local socket");
  facts.own_limit = info_.slots().own_free().value_or(-1);
  if (between_) {
    PoolerFacts pooler;
    pooler.kind = between_->info.kind;
    pooler.version = between_->info.version;
    pooler.origin = between_->started ? "started" : between_->noticed ? "noticed" : "given";
    pooler.pool_mode = between_->info.pool_mode;
    pooler.pool_size = between_->info.pool_size;
    pooler.max_client_conn = between_->info.max_client_conn;
    pooler.tracks_prepared = between_->info.tracks_prepared();
    pooler.config = between_->info.config;
    facts.pooler = std::move(pooler);
  }
  return facts;
}

// One of our own that runs may still be frozen. While it recovers from a crash it answers so.
ServerEnd end_of(std::optional<EmbeddedServer>& server, const std::string& conninfo,
                 const StopFlag& stop) {
  constexpr std::size_t kLogLines = 3;
  constexpr Duration kPatience = std::chrono::seconds(3);
  const StopFlag second(stop, 2);
  if (!server) {
    const TargetState state = state_of_target(conninfo, second, kPatience);
    return {state.gone, "", state.refusal};
  }
  if (server->running()) return {!server_answers(conninfo, second, kPatience), "", ""};
  std::string words = server->log_tail(kLogLines);
  for (std::size_t at = 0; (at = words.find('\n', at)) != std::string::npos; at += 3) {
    words.replace(at, 1, " / ");
  }
  return {true, shortened(words), ""};
}

ServerEnd Database::end(const StopFlag& stop) {
  constexpr Duration kPatience = std::chrono::seconds(3);
  if (pooler_ && !pooler_->running()) return {true, "", ""};
  if (pooler_ && !server_answers(pooler_->conninfo(), StopFlag(stop, 2), kPatience)) {
    return {true, "", ""};
  }
  return end_of(server_, conninfo_, stop);
}

Status Database::close(const StopFlag& stop) {
  if (pooler_) pooler_->stop(&stop);
  return server_ ? server_->stop(&stop) : success();
}

}  // namespace poolgauge::app
