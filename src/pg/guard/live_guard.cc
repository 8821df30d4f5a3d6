// Look, decide, act; and a book of what was done.
#include "pg/guard/live_guard.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "guard/guard.h"
#include "pg/guard/guard_looks.h"
#include "pg/session/epoll_time.h"

namespace poolgauge {

namespace {

using std::chrono::milliseconds;

constexpr Duration kFileEvery = milliseconds(200);
constexpr Duration kHttpLimit = milliseconds(900);
constexpr std::size_t kMostGuardEvents = 100;
constexpr const char* kOwnConnection = "the guards' own connection";

bool asks_server(const GuardOrders& orders) {
  return !orders.conninfo.empty() &&
         std::any_of(orders.rules.begin(), orders.rules.end(), [](const GuardRule& rule) {
           return rule.gauge != Gauge::http && rule.gauge != Gauge::stop_file &&
                  rule.gauge != Gauge::errors_53;
         });
}

}  // namespace

GuardThread::GuardThread(Plan plan, HoldBack& hold, StopFlag& ended)
    : plan_(std::move(plan)), hold_(hold), ended_(ended), decider_(plan_.orders.rules) {
  if (!plan_.orders.http.empty()) {
    const Result<guard::HttpUrl> url = guard::parse_http_url(plan_.orders.http);
    if (url.ok()) url_ = url.value();
  }
  last_seen_ = monotonic_now();
  if (plan_.orders.any()) thread_ = std::thread([this] { work(); });
}

void GuardThread::join() {
  alarm_.end();
  if (thread_.joinable()) thread_.join();
}

void GuardThread::work() {
  for (TimePoint next = monotonic_now(); alarm_.sleep_until(next);) {
    look();
    const Duration pause = decider_.doubts() ? guard::kSecondLookAfter : guard::kLookEvery;
    const TimePoint due = std::max(next + pause, monotonic_now());
    // In between only the stop file is looked for.
    for (next = due; !plan_.orders.stop_file.empty() && monotonic_now() + kFileEvery < due;) {
      if (!alarm_.sleep_until(monotonic_now() + kFileEvery)) return;
      if (!stop_file_is_there()) continue;
      GuardLook seen;
      seen[static_cast<std::size_t>(Gauge::stop_file)] = 1;
      decider_.look(seen);
      act(monotonic_now());
    }
  }
}

void GuardThread::look() {
  const TimePoint asked = monotonic_now();
  const GuardLook seen = see();
  const TimePoint now = monotonic_now();
  if (alarm_.ending().requested()) return;
  ++looks_;
  looks_s_ += to_s(now - asked);
  decider_.look(seen);
  act(now);
  if (!asks_server(plan_.orders) || now - last_seen_ < guard::kLongestBlindness) return;
  stop_run(kOwnConnection, "the server had not answered for 5 s", now);
}

GuardLook GuardThread::see() {
  GuardLook seen;
  const auto put = [&seen](Gauge gauge, double value) {
    seen[static_cast<std::size_t>(gauge)] = value;
  };
  if (!plan_.orders.stop_file.empty()) put(Gauge::stop_file, stop_file_is_there() ? 1 : 0);
  if (asks_server(plan_.orders)) see_server(seen);
  const OwnCounts own = plan_.own();
  put(Gauge::errors_53, static_cast<double>(own.lacks_resources - last_own_.lacks_resources));
  last_own_ = own;
  if (url_) put(Gauge::http, http_status(*url_, alarm_.ending(), kHttpLimit));
  return seen;
}

/// A connection that was lost is made again at the next look.
void GuardThread::see_server(GuardLook& seen) {
  if (!reader_) {
    Result<GuardReader> opened =
        GuardReader::open(plan_.orders.conninfo, plan_.load_name, alarm_.ending());
    if (!opened.ok()) return;
    reader_.emplace(std::move(opened).value());
  }
  Result<GuardLook> look = reader_->look();
  if (!look.ok()) {
    if (!reader_->usable()) reader_.reset();
    return;
  }
  last_seen_ = monotonic_now();
  for (std::size_t i = 0; i < kGauges; ++i) {
    if (look.value()[i]) seen[i] = look.value()[i];
  }
  guard::Traffic traffic = reader_->traffic();
  traffic.ours = static_cast<double>(plan_.own().ended) * plan_.orders.own_per_request;
  others_.add(traffic);
  if (const auto mean_ms = others_.mean_ms(); mean_ms && plan_.orders.usual_ms > 0) {
    seen[static_cast<std::size_t>(Gauge::others_slowdown)] = *mean_ms / plan_.orders.usual_ms;
  }
  if (plan_.orders.query.empty()) return;
  const Result<double> answer = reader_->ask(plan_.orders.query);
  if (answer.ok()) seen[static_cast<std::size_t>(Gauge::query)] = answer.value();
  if (!answer.ok() && !reader_->usable()) reader_.reset();
}

bool GuardThread::stop_file_is_there() const {
  return ::access(plan_.orders.stop_file.c_str(), F_OK) == 0;
}

void GuardThread::act(TimePoint now) {
  const std::vector<GuardRule>& rules = decider_.rules();
  const auto seen = [&rules](const guard::Effect& effect) {
    return guard::seen_text(rules[effect.rule].gauge, effect.value);
  };
  if (const auto stops = decider_.stopping()) {
    return stop_run(rules[stops->rule].text, seen(*stops), now);
  }
  const auto holds = decider_.holding();
  const std::lock_guard lock(mutex_);
  if (holds.has_value() == guard_holds_) return;
  guard_holds_ = holds.has_value();
  if (holds) {
    begin_event(rules[holds->rule].text, "hold", seen(*holds), now);
  } else {
    end_event("hold", now);
  }
  apply();
}

void GuardThread::stop_run(const std::string& guard, const std::string& seen, TimePoint now) {
  if (stopped_.load()) return;
  const std::lock_guard lock(mutex_);
  begin_event(guard, "stop", seen, now);
  stopped_.store(true);
  ended_.request();
}

void GuardThread::pause(bool paused) {
  const std::lock_guard lock(mutex_);
  if (paused == paused_) return;
  paused_ = paused;
  const TimePoint now = monotonic_now();
  if (paused) {
    begin_event("SIGUSR2", "pause", "paused by hand", now);
  } else {
    end_event("pause", now);
  }
  apply();
}

void GuardThread::begin_event(const std::string& guard, const char* action, const std::string& seen,
                              TimePoint now) {
  // A stop is the last event, and must not be lost.
  if (events_.size() >= kMostGuardEvents && std::string_view(action) != "stop") {
    ++left_out_;
    return;
  }
  events_.push_back({guard, action, seen, now, std::nullopt});
}

void GuardThread::end_event(const char* action, TimePoint now) {
  for (auto event = events_.rbegin(); event != events_.rend(); ++event) {
    if (event->action != action || event->end) continue;
    event->end = now;
    return;
  }
}

void GuardThread::apply() {
  hold_.set(guard_holds_ || paused_);
}

GuardLog GuardThread::log(TimePoint begin, std::uint64_t withheld) const {
  const std::lock_guard lock(mutex_);
  GuardLog log;
  log.rules = plan_.orders.rules;
  log.events_left_out = left_out_;
  log.withheld = withheld;
  log.looks = looks_;
  if (looks_ > 0) log.look_ms = looks_s_ / looks_ * 1000;
  for (const Event& event : events_) {
    GuardEvent written{event.guard, event.action, to_s(event.start - begin), {}, event.seen};
    if (event.end) written.end_s = to_s(*event.end - begin);
    log.events.push_back(written);
    if (event.action != "stop") continue;
    const bool early = written.start_s < 0;
    log.stopped_by = fmt::format(
        "{}{} stopped the run {:.1f} s {}: {}", event.guard == kOwnConnection ? "" : "the guard ",
        event.guard, early ? -written.start_s : written.start_s,
        early ? "before the measurement began" : "into the measurement", event.seen);
  }
  return log;
}

}  // namespace poolgauge
