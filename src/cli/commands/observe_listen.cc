// `observe --listen`: what is seen of a server, served to monitoring.
#include <sys/stat.h>

#include <string>

#include <fmt/format.h>

#include "app/surroundings.h"
#include "cli/commands/commands.h"
#include "cli/commands/finish.h"
#include "cli/shell/messages.h"
#include "files/files.h"
#include "http/http_listener.h"
#include "report/export/live_metrics.h"
#include "report/json/live_health.h"

namespace poolgauge::cli {

namespace {

doctor::HealthFacts facts_of(const LivePublisher::Published& published) {
  const observe::LiveTarget& target = published.target;
  doctor::HealthFacts facts;
  facts.connected = target.connected;
  facts.trouble =
      target.connected || !target.trouble.empty() ? target.trouble : "not connected yet";
  facts.address = target.server.address;
  facts.database = target.server.database;
  facts.server_version = target.server.version;
  facts.connect_ms = target.server.connect_s * 1e3;
  facts.round_trip_ms = published.state.took_s * 1e3;
  return facts;
}

http::HttpReply health_reply(const LiveHealth& health) {
  return {health.healthy ? 200 : 503, "application/json", health.json};
}

http::HttpReply answer_of(const LivePublisher& publisher, const http::HttpRequest& request,
                          std::time_t now_s) {
  const LivePublisher::Published now = publisher.latest();
  const std::string timestamp = iso_time(now_s);
  if (request.path == "/metrics") {
    const std::string text = live_metrics(now.state, now.target);
    if (!request.open_metrics) return {200, "text/plain; version=0.0.4; charset=utf-8", text};
    return {200, "application/openmetrics-text; version=1.0.0; charset=utf-8", open_metrics(text)};
  }
  const doctor::HealthFacts facts = facts_of(now);
  if (request.path == "/health" || request.path == "/health/") {
    return health_reply(live_health(now.state, facts, timestamp));
  }
  if (request.path == "/health/pool") {
    return health_reply(live_pools(now.state, facts, timestamp, request.query_application));
  }
  if (request.path == "/health/ping") return health_reply(live_ping(facts, timestamp));
  return {404, "text/plain", "not found; see /metrics, /health, /health/pool, /health/ping\n"};
}

/// Empty without --token-file.
Result<std::string> token_of(const ObserveOptions& options) {
  if (options.token_file.empty()) return std::string();
  const Result<std::string> text = read_file(options.token_file);
  if (!text.ok()) return usage_error("--token-file: " + text.error().message);
  struct stat status {};
  if (::stat(options.token_file.c_str(), &status) == 0 && (status.st_mode & 077U) != 0) {
    return usage_error(fmt::format("--token-file: other users may read {}", options.token_file),
                       fmt::format("chmod 600 {}", options.token_file));
  }
  return http::token_in(text.value());
}

}  // namespace

int observe_listen(const ObserveOptions& options, const Context& context) {
  const OutputOptions& output = options.output;
  const bool writes = output.uses_stdout() || !output.json.empty() || !output.markdown.empty() ||
                      !output.html.empty() || !output.prometheus.empty() || !output.csv.empty();
  if (const Status checked = check_listen(options, writes); !checked.ok()) {
    return fail(checked.error());
  }
  const Result<http::ListenPlace> place = http::parse_listen_place(options.listen);
  if (!place.ok()) return fail(place.error());
  const Result<std::string> token = token_of(options);
  if (!token.ok()) return fail(token.error());
  ProgressPrinter progress(progress_printer(output));
  const Result<std::string> conninfo = given_server(
      "observe watches a server", options.target, options.pgbouncer, context.environment, progress);
  if (!conninfo.ok()) return fail(conninfo.error());
  LivePublisher publisher;
  const auto listener = http::HttpListener::start(
      place.value(), token.value(), [&](const http::HttpRequest& request) {
        return answer_of(publisher, request, context.wall_clock());
      });
  if (!listener.ok()) return fail(listener.error());
  progress.note(fmt::format("serving {}/metrics, and /health, /health/pool, /health/ping\n",
                            listener.value()->address()));
  const Status watched = watch_live(options, conninfo.value(), context, publisher);
  return watched.ok() ? 0 : fail(watched.error());
}

}  // namespace poolgauge::cli
