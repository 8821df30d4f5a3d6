// `observe --listen`: watches until it is stopped; what is seen goes to whoever answers.
#include "app/observe.h"

#include <utility>

#include "app/surroundings.h"
#include "base/visible_text.h"
#include "pg/session/control_connection.h"
#include "pg/session/epoll_time.h"

namespace poolgauge::app {

namespace {

constexpr Duration kPublishEvery = std::chrono::seconds(1);
constexpr Duration kTryAgain = std::chrono::seconds(5);
constexpr Duration kStale = std::chrono::seconds(15);  // beyond the longest time between samples
constexpr Duration kForever = std::chrono::hours(24 * 365 * 50);

/// Watches until it is stopped; a server that does not come back is tried again and again.
class LiveWatch {
 public:
  LiveWatch(const ObserveRequest& request, std::string conninfo, const Context& context,
            LivePublisher& publisher)
      : conninfo_(std::move(conninfo)),
        context_(context),
        publisher_(publisher),
        tally_(observe_question(request), to_s(ObserveWishes().interval) / 2) {
    wishes_.length = kForever;
    wishes_.seed = request.seed;
    wishes_.console = request.pgbouncer.value_or("");
    wishes_.met = [this](const ObserveServer& server) { meet(server); };
    wishes_.progress = [this](double) { publish_sample(); };
  }

  /// The error: the server could not be reached, or refused, before anything was seen.
  Status watch() {
    while (true) {
      const Result<ObserveEnd> end = watch_sessions(conninfo_, wishes_, context_.stop, tally_);
      if (context_.stop.requested()) return success();
      if (!end.ok() && !met_) return end.error();
      target_.connected = false;
      target_.trouble = shortened(end.ok() ? end.value().lost : end.error().message);
      publisher_.publish(tally_.state(), target_);
      if (!rest_until(monotonic_now() + kTryAgain, context_.stop)) return success();
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
    target_.last_sample_at_s = static_cast<double>(context_.wall_clock());
    publisher_.publish(tally_.state(), target_);
  }

  std::string conninfo_;
  const Context& context_;
  LivePublisher& publisher_;
  observe::LiveTally tally_;
  ObserveWishes wishes_;
  observe::LiveTarget target_;
  TimePoint next_{};
  bool met_ = false;
};

}  // namespace

void LivePublisher::publish(const observe::LiveState& state, const observe::LiveTarget& target) {
  auto copy = std::make_shared<const Published>(Published{state, target, monotonic_now()});
  const std::lock_guard lock(mutex_);
  published_ = std::move(copy);
}

LivePublisher::Published LivePublisher::latest() const {
  std::shared_ptr<const Published> published;
  {
    const std::lock_guard lock(mutex_);
    published = published_;
  }
  Published latest = *published;
  if (latest.target.connected && monotonic_now() - latest.at > kStale) {
    latest.target.connected = false;
    latest.target.trouble = "the server has not answered for 15 s";
  }
  return latest;
}

Status watch_live(const ObserveRequest& request, const std::string& conninfo,
                  const Context& context, LivePublisher& publisher) {
  LiveWatch watch(request, conninfo, context, publisher);
  const Status watched = watch.watch();
  return watched.ok() ? watched : about_given(watched.error());
}

}  // namespace poolgauge::app
