// Opening and closing the database of a run.
#include "cli/database.h"

#include <algorithm>
#include <utility>

#include "pg/budget.h"
#include "pg/conninfo.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kEmbedded = "embedded";

bool names_setting(const Scenario& scenario, const std::string& wanted) {
  return std::any_of(scenario.server_settings.begin(), scenario.server_settings.end(),
                     [&](const auto& setting) { return setting.first == wanted; });
}

}  // namespace

std::optional<std::string> chosen_target(const TargetOptions& options,
                                         const Environment& environment) {
  if (options.embedded) return std::nullopt;
  if (options.conninfo) return options.conninfo;
  if (auto variable = environment("POOLGAUGE_TARGET")) return variable;
  if (target_in_environment()) return std::string();
  return std::nullopt;
}

TargetFacts facts_before_opening(const std::optional<std::string>& target) {
  TargetFacts facts;
  facts.kind = target ? "server" : kEmbedded;
  facts.address = target ? describe(*target) : kEmbedded;
  return facts;
}

Result<Database> Database::open(const std::optional<std::string>& target, const Scenario& scenario,
                                const StopFlag& stop, ProgressPrinter& progress) {
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
  return database;
}

EmbeddedOptions embedded_options(const Scenario& scenario) {
  EmbeddedOptions options;
  options.settings = scenario.server_settings;
  if (!names_setting(scenario, "max_connections")) {
    const std::int64_t room = embedded_max_connections(scenario.deployment, scenario.max_clients());
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
  return facts;
}

bool Database::died() {
  if (server_) return !server_->running();
  const StopFlag never;
  return !read_target_info(conninfo_, never).ok();
}

Status Database::close() {
  return server_ ? server_->stop() : success();
}

}  // namespace poolgauge::cli
