// `observe --listen`: watches until it is stopped, and serves what it sees.
#include <sys/stat.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/visible_text.h"
#include "cli/commands/given_server.h"
#include "cli/commands/observe_report.h"
#include "cli/shell/http_listener.h"
#include "cli/shell/messages.h"
#include "cli/shell/wall_clock.h"
#include "files/files.h"
#include "observe/live.h"
#include "pg/observe/observe_read.h"
#include "pg/session/control_connection.h"
#include "pg/session/epoll_time.h"
#include "report/export/live_metrics.h"
#include "report/json/live_health.h"

namespace poolgauge::cli {

namespace {

constexpr Duration kPublishEvery = std::chrono::seconds(1);
constexpr Duration kTryAgain = std::chrono::seconds(5);
constexpr Duration kStale = std::chrono::seconds(15);  // beyond the longest time between samples
constexpr Duration kForever = std::chrono::hours(24 * 365 * 50);

/// What the last sample showed, for the threads that answer.
class LivePublisher {
 public:
  void publish(const observe::LiveState& state, const LiveTarget& target) {
    auto copy = std::make_shared<const Published>(Published{state, target, monotonic_now()});
    const std::lock_guard lock(mutex_);
    published_ = std::move(copy);
  }
  HttpReply answer(const HttpRequest& request) const;

 private:
  struct Published {
    observe::LiveState state;
    LiveTarget target;
    TimePoint at;
  };
  std::shared_ptr<const Published> latest() const {
    const std::lock_guard lock(mutex_);
    return published_;
  }
  static doctor::HealthFacts facts_of(const Published& published, const LiveTarget& target);

  mutable std::mutex mutex_;
  std::shared_ptr<const Published> published_ =
      std::make_shared<const Published>(Published{{}, {}, monotonic_now()});
};

doctor::HealthFacts LivePublisher::facts_of(const Published& published, const LiveTarget& target) {
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

HttpReply health_reply(const LiveHealth& health) {
  return {health.healthy ? 200 : 503, "application/json", health.json};
}

HttpReply LivePublisher::answer(const HttpRequest& request) const {
  const std::shared_ptr<const Published> now = latest();
  LiveTarget target = now->target;
  if (target.connected && monotonic_now() - now->at > kStale) {
    target.connected = false;
    target.trouble = "the server has not answered for 15 s";
  }
  const std::string timestamp = iso_time(wall_clock());
  if (request.path == "/metrics") {
    const std::string text = live_metrics(now->state, target);
    if (!request.open_metrics) return {200, "text/plain; version=0.0.4; charset=utf-8", text};
    return {200, "application/openmetrics-text; version=1.0.0; charset=utf-8", open_metrics(text)};
  }
  const doctor::HealthFacts facts = facts_of(*now, target);
  if (request.path == "/health" || request.path == "/health/") {
    return health_reply(live_health(now->state, facts, timestamp));
  }
  if (request.path == "/health/pool") {
    return health_reply(live_pools(now->state, facts, timestamp, request.query_application));
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
  Result<std::string> token = token_in(text.value());
  return token;
}

Status check_listen(const ObserveOptions& options) {
  const std::pair<bool, const char*> others[] = {
      {!options.file.empty(), "FILE"},
      {!options.metrics.empty(), "--metrics"},
      {!options.record.empty(), "--record"},
      {!options.scenario.empty(), "--scenario"},
      {options.every_given_s.has_value(), "--every"},
      {options.output.uses_stdout() || !options.output.json.empty() ||
           !options.output.markdown.empty() || !options.output.html.empty() ||
           !options.output.prometheus.empty() || !options.output.csv.empty(),
       "a file to write"}};
  for (const auto& [given, name] : others) {
    if (!given) continue;
    return usage_error(fmt::format("--listen and {} exclude each other", name),
                       "--listen serves metrics until it is stopped, and prints no report");
  }
  return success();
}

/// Watches until it is stopped; a server that does not come back is tried again and again.
class LiveWatch {
 public:
  LiveWatch(const ObserveOptions& options, std::string conninfo, const StopFlag& stop,
            LivePublisher& publisher)
      : conninfo_(std::move(conninfo)),
        stop_(stop),
        publisher_(publisher),
        tally_(observe_question(options), to_s(ObserveWishes().interval) / 2) {
    wishes_.length = kForever;
    wishes_.seed = options.seed;
    wishes_.console = options.pgbouncer.value_or("");
    wishes_.met = [this](const ObserveServer& server) { meet(server); };
    wishes_.progress = [this](double) { publish_sample(); };
  }

  /// The error: the server could not be reached, or refused, before anything was seen.
  Status watch() {
    while (true) {
      const Result<ObserveEnd> end = watch_sessions(conninfo_, wishes_, stop_, tally_);
      if (stop_.requested()) return success();
      if (!end.ok() && !met_) return end.error();
      target_.connected = false;
      target_.trouble = shortened(end.ok() ? end.value().lost : end.error().message);
      publisher_.publish(tally_.state(), target_);
      if (!rest_until(monotonic_now() + kTryAgain, stop_)) return success();
    }
  }

 private:
  void meet(const ObserveServer& server) {
    met_ = true;
    target_.server = server;
    tally_.restart(server);
  }
  void publish_sample() {
    const TimePoint now = monotonic_now();
    if (now < next_) return;
    next_ = now + kPublishEvery;
    target_.connected = true;
    target_.trouble.clear();
    target_.last_sample_at_s = static_cast<double>(wall_clock());
    publisher_.publish(tally_.state(), target_);
  }

  std::string conninfo_;
  const StopFlag& stop_;
  LivePublisher& publisher_;
  observe::LiveTally tally_;
  ObserveWishes wishes_;
  LiveTarget target_;
  TimePoint next_{};
  bool met_ = false;
};

}  // namespace

int observe_listen(const ObserveOptions& options, const Context& context) {
  if (const Status checked = check_listen(options); !checked.ok()) return fail(checked.error());
  const Result<ListenPlace> place = parse_listen_place(options.listen);
  if (!place.ok()) return fail(place.error());
  const Result<std::string> token = token_of(options);
  if (!token.ok()) return fail(token.error());
  const Result<std::string> conninfo =
      given_server("observe watches a server", options.target, options.pgbouncer,
                   options.output.quiet, context.environment);
  if (!conninfo.ok()) return fail(conninfo.error());
  LivePublisher publisher;
  const auto listener = HttpListener::start(
      place.value(), token.value(),
      [&publisher](const HttpRequest& request) { return publisher.answer(request); });
  if (!listener.ok()) return fail(listener.error());
  if (!options.output.quiet) {
    print_err(fmt::format("serving {}/metrics, and /health, /health/pool, /health/ping\n",
                          listener.value()->address()));
  }
  LiveWatch watch(options, conninfo.value(), context.stop, publisher);
  const Status watched = watch.watch();
  return watched.ok() ? 0 : fail(about_given(watched.error()));
}

}  // namespace poolgauge::cli
