// What goes together in a request, and what an answer is worth as a scenario.
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "app/observe.h"
#include "base/text.h"
#include "files/files.h"
#include "poolgauge/pool_sizing.h"

namespace poolgauge::app {

bool is_url(const std::string& place) {
  return place.find("://") != std::string::npos;
}

std::string observe_line(double elapsed_s, double length_s, const std::string& seen) {
  return fmt::format("observing, {} of {}: {}", seconds_text(std::floor(elapsed_s)),
                     seconds_text(length_s), seen);
}

Status check_observe(const ObserveRequest& request) {
  if (!request.scenario.empty() && request.scenario != "-") {
    const Status writable = check_writable(parent_of(request.scenario));
    if (!writable.ok()) return usage_error("--scenario: " + writable.error().message);
  }
  if (request.every_given_s) {
    return usage_error("--every needs --metrics", "omit --every, or add --metrics");
  }
  if (request.file.empty()) return success();
  if (request.for_given_s || request.gap_given_s) {
    return usage_error(fmt::format("{} does not apply to a recording: it was chosen when recording",
                                   request.for_given_s ? "--for" : "--gap"),
                       "omit it, or omit FILE to observe a server");
  }
  if (!request.record.empty() || request.pgbouncer || request.target.conninfo) {
    return usage_error(
        "a recording is read without a server: --target, --pgbouncer, and --record do not apply",
        "omit FILE to observe a server");
  }
  return success();
}

Status check_metrics(const ObserveRequest& request) {
  const bool urls = is_url(request.metrics.front());
  const std::pair<bool, const char*> others[] = {{!request.file.empty(), "FILE"},
                                                 {request.target.conninfo.has_value(), "--target"},
                                                 {request.pgbouncer.has_value(), "--pgbouncer"},
                                                 {!request.record.empty(), "--record"},
                                                 {request.gap_given_s.has_value(), "--gap"}};
  for (const auto& [given, name] : others) {
    if (!given) continue;
    return usage_error(fmt::format("--metrics and {} exclude each other", name),
                       "metrics are about pools inside applications; observe the server with a "
                       "second command");
  }
  for (const std::string& place : request.metrics) {
    if (is_url(place) == urls) continue;
    return usage_error(fmt::format("--metrics: {} is a {}, but {} is a {}", request.metrics.front(),
                                   urls ? "URL" : "file", place, urls ? "file" : "URL"),
                       "give only files, or only URLs");
  }
  if (!urls && request.for_given_s) {
    return usage_error("--for does not apply to files: they cover the time between their scrapes",
                       "omit --for, or give a URL");
  }
  if (urls && request.every_s() > request.for_s()) {
    return usage_error(fmt::format("--every {} is longer than --for {}: two scrapes are needed",
                                   seconds_text(request.every_s()), seconds_text(request.for_s())),
                       "scrape more often, or observe for longer");
  }
  return success();
}

Status check_listen(const ObserveRequest& request, bool writes) {
  const std::pair<bool, const char*> others[] = {{!request.file.empty(), "FILE"},
                                                 {!request.metrics.empty(), "--metrics"},
                                                 {!request.record.empty(), "--record"},
                                                 {!request.scenario.empty(), "--scenario"},
                                                 {request.every_given_s.has_value(), "--every"},
                                                 {writes, "a file to write"}};
  for (const auto& [given, name] : others) {
    if (!given) continue;
    return usage_error(fmt::format("--listen and {} exclude each other", name),
                       "--listen serves metrics until it is stopped, and prints no report");
  }
  return success();
}

namespace {

/// The groups of the largest one's database, as a scenario has them.
ObservedLoad load_of(const Observed& observed, const std::string& name) {
  ObservedLoad load;
  load.name = name;
  load.seconds = observed.seconds;
  if (observed.question.profile == "high-traffic") load.goal = "p99";
  for (const ObservedGroup& group : observed.groups) {
    if (group.key.database != observed.groups.front().key.database) continue;
    if (!group.rate_per_s || !group.hold_s || group.in_use.value <= 0) continue;
    ObservedRequests requests;
    requests.name = group.key.application.empty() ? group.key.role : group.key.application;
    requests.rate_per_s = group.rate_per_s->value;
    requests.hold_s = group.hold_s->value;
    requests.hold_spread =
        group.hold_spread ? std::optional(group.hold_spread->value) : std::nullopt;
    requests.hold_quantiles_s = group.hold_quantiles_s;
    requests.processor_s = group.hold_s->value * group.waits[0] / group.in_use.value;
    requests.in_transaction = !group.autocommit;
    requests.processes = group.processes;
    requests.kind = group.guess.kind;
    requests.pattern = group.guess.pattern;
    const std::int64_t most =
        std::max<std::int64_t>(1, group.limit.value_or(group.sessions_most) / group.processes);
    requests.connections = most;
    if (sizing_options(requests.kind)) {
      PoolSettings settings;
      settings.kept = settings.total = most;
      requests.options = named_options(requests.kind, settings);
    }
    load.requests.push_back(std::move(requests));
  }
  return load;
}

/// What the only group's role ran in its database.
void add_statements(const Observed& observed, const std::vector<ObservedStatement>& statements,
                    ObservedLoad& load) {
  const ObserveKey& key = observed.groups.front().key;
  if (load.requests.size() != 1 || key.database != observed.server.database) return;
  load.statements.seconds = observed.seconds;
  for (const ObservedStatement& one : statements) {
    if (one.role != key.role) continue;
    load.statements.statements.push_back({one.text, one.calls, 0, {}, 0, one.rows / one.calls});
  }
}

}  // namespace

Result<ImportedScenario> observed_scenario(const ObserveAnswer& answer, const std::string& name) {
  ObservedLoad load = load_of(answer.observed, name);
  if (load.requests.empty()) {
    return Error{
        ErrorKind::usage,
        "--scenario: nothing to write, because no group's transaction rate and hold time are known",
        "observe for longer with --for, while the application is busy"};
  }
  add_statements(answer.observed, answer.statements, load);
  return import_observed(load);
}

}  // namespace poolgauge::app
