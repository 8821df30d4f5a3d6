// Carrying out what PartRoll decides.
#include "app/part_meeting.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "app/part_choice.h"
#include "base/text.h"
#include "pg/session/control_connection.h"
#include "pg/session/epoll_time.h"

namespace poolgauge::app {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kUsualPatience = std::chrono::minutes(2);
constexpr Duration kLookEvery = milliseconds(50);    // before the start
constexpr Duration kWatchEvery = milliseconds(250);  // during the load
/// From the decision to the start: every part looks often enough to read it in time.
constexpr Duration kNotice = seconds(1);
/// A part that learns of the start with less than 50 ms left comes too late.
constexpr Duration kLatest = -milliseconds(50);
constexpr Duration kLateWake = milliseconds(500);
/// Before the load a stop request has to be seen.
constexpr Duration kLoadWakes = milliseconds(300);
constexpr Duration kUnseenGrace = seconds(5);
constexpr Duration kSettles = seconds(10);  // the last look of everybody

}  // namespace

PartMeeting::PartMeeting(const PartOptions& options, RunPrint print, const StopFlag& stop,
                         ProgressSink& progress)
    : self_(options.part.value_or(RunPart{})),
      print_(print),
      meets_(!options.start_at_us),
      stop_(stop),
      progress_(progress),
      roll_(self_, print, options.join.value_or(kUsualPatience)),
      start_us_(options.start_at_us.value_or(0)) {}

std::string PartMeeting::load_name() const {
  return fmt::format("poolgauge-{:08x}-{:04x}", print_.scenario, print_.seed);
}

Status PartMeeting::show(PartStage stage) {
  shown_ = stage;
  if (!meets_ || !session_) return success();
  return session_->show(part_name({self_, print_, stage, start_us_}));
}

Result<std::vector<PartSeen>> PartMeeting::look() {
  Result<std::vector<std::string>> names = session_->names();
  if (!names.ok()) return names.error();
  std::vector<PartSeen> all;
  for (const std::string& name : names.value()) {
    if (const auto seen = part_seen(name)) all.push_back(*seen);
  }
  return all;
}

Status PartMeeting::enter(PartStage stage) {
  Result<PartSession> opened = PartSession::open(conninfo_, second_stop_);
  if (!opened.ok()) return opened.error();
  session_.emplace(std::move(opened).value());
  if (!meets_) return success();
  // The name first: whoever has the lock is known by it.
  if (const Status shown = show(stage); !shown.ok()) return shown;
  const Result<bool> taken = session_->take(self_.number());
  if (!taken.ok()) return taken.error();
  return taken.value() ? success() : Status(part_twice(self_));
}

Status PartMeeting::join(const std::string& conninfo, bool shared_sessions) {
  if (meets_ && shared_sessions) {
    return Error{
        ErrorKind::target,
        "the parts of the run cannot meet behind a pooler in transaction mode: it does not "
        "keep their advisory locks",
        "use --start-at, with which the parts need not meet, or give the server itself with "
        "--target"};
  }
  conninfo_ = conninfo;
  if (const Status entered = enter(PartStage::here); !entered.ok()) return entered;
  joined_ = monotonic_now();
  Result<ClockReading> clock = session_->clock();
  if (!clock.ok()) return clock.error();
  clock_ = clock.value();
  return meets_ ? success() : refuse_late(kLatest);
}

TimePoint PartMeeting::start() const {
  return clock_->monotonic +
         microseconds(start_us_ - (meets_ ? clock_->server_us : clock_->local_us));
}

Status PartMeeting::refuse_late(Duration most) const {
  const Duration ago = monotonic_now() - start();
  if (ago < most) return success();
  return Error{
      ErrorKind::target,
      fmt::format("part {} of {} came too late: the start was {}, {} ago", self_.number(),
                  self_.count, start_text(start_us_), human_duration(std::max(ago, Duration{0}))),
      meets_ ? "start all parts within --join of each other"
             : "choose a later --start-at for all parts"};
}

void PartMeeting::tell_absent(const std::vector<PartSeen>& all) {
  std::string absent = roll_.absent(all);
  if (absent == absent_) return;
  absent_ = std::move(absent);
  progress_.phase(absent_.empty() ? "waiting until all parts are ready" : "waiting for " + absent_);
}

Status PartMeeting::wait_for(PartTurn (PartRoll::*turn)(Duration, const std::vector<PartSeen>&),
                             std::int64_t& start_us) {
  for (;;) {
    Result<std::vector<PartSeen>> all = look();
    if (!all.ok()) return all.error();
    if (shown_ == PartStage::ready) tell_absent(all.value());
    PartTurn now = (roll_.*turn)(monotonic_now() - joined_, all.value());
    if (now.what == PartTurn::What::refuse) return std::move(now.error);
    if (now.what == PartTurn::What::go) {
      start_us = now.start_us;
      return success();
    }
    if (!rest_until(monotonic_now() + kLookEvery, stop_)) return interrupted_error();
  }
}

Status PartMeeting::await_setup() {
  if (meets_) {
    progress_.phase("waiting for part 1 to set up");
    std::int64_t unused = 0;
    return wait_for(&PartRoll::await_setup, unused);
  }
  progress_.phase("waiting for the start at " + start_text(start_us_));
  return rest_until(start() - seconds(3), stop_) ? success() : Status(interrupted_error());
}

/// Only of the leading part, when all are ready.
Status PartMeeting::tell_start() {
  Result<ClockReading> now = session_->clock();
  if (!now.ok()) return now.error();
  clock_ = now.value();
  const Duration since = monotonic_now() - clock_->monotonic;
  start_us_ = clock_->server_us + (since + kNotice) / microseconds(1);
  return show(PartStage::start);
}

Result<TimePoint> PartMeeting::agree_on_start(Duration load) {
  load_ = load;
  if (meets_) {
    progress_.phase(fmt::format("waiting for all {} parts", self_.count));
    // The clocks once more, right before the start, and before anybody waits for it.
    Result<ClockReading> clock = session_->clock();
    if (!clock.ok()) return clock.error();
    clock_ = clock.value();
    if (const Status shown = show(PartStage::ready); !shown.ok()) return shown.error();
    std::int64_t told_us = 0;
    if (const Status met = wait_for(&PartRoll::await_start, told_us); !met.ok()) return met.error();
    if (self_.leads()) {
      if (const Status told = tell_start(); !told.ok()) return told.error();
    } else {
      start_us_ = told_us;
    }
  }
  if (const Status late = refuse_late(kLatest); !late.ok()) return late.error();
  if (!rest_until(start() - kLoadWakes, stop_)) return interrupted_error();
  // Who was stopped meanwhile is late all the same; a busy machine may take a moment.
  if (const Status late = refuse_late(kLateWake); !late.ok()) return late.error();
  if (meets_) watcher_ = std::thread([this] { watch(); });
  return start();
}

void PartMeeting::note_vanished(const std::vector<PartSeen>& all) {
  const Duration since = monotonic_now() - start();
  std::vector<std::uint32_t> gone = roll_.vanished(all);
  // Once the run ends, they leave; how each of them ended may have gone unseen.
  const bool ends = since > load_ || relay_.here.load(std::memory_order_relaxed) ||
                    relay_.elsewhere.load(std::memory_order_relaxed);
  if (ends) gone.clear();
  const std::lock_guard lock(mutex_);
  for (const std::uint32_t number : gone) lost_.emplace(number, lost_text(number, since));
  // One whose session broke comes back as what it was; one that came too late is only here.
  for (const PartSeen& seen : all) {
    if (seen.stage != PartStage::here) lost_.erase(seen.part.number());
  }
}

/// Near the planned end it may simply be done.
void PartMeeting::stop_without_leader(const std::vector<PartSeen>& all) {
  if (!needs_leader_ || self_.leads() || monotonic_now() > start() + load_ - kNotice) return;
  if (!roll_.has_no_leader(all)) return;
  lost_leader_.store(true, std::memory_order_relaxed);
  relay_.elsewhere.store(true, std::memory_order_relaxed);
}

// Whatever fails here ends nothing: the load goes on, and the merge sees who is missing.
void PartMeeting::watch() {
  while (!ended_.load(std::memory_order_relaxed)) {
    const Result<std::vector<PartSeen>> all = look();
    if (all.ok()) {
      note_vanished(all.value());
      if (roll_.is_stopped(all.value())) relay_.elsewhere.store(true, std::memory_order_relaxed);
      stop_without_leader(all.value());
    } else {
      static_cast<void>(enter(shown_));  // the session broke; tried again at the next look
    }
    const bool stops = relay_.here.load(std::memory_order_relaxed);
    if (stops && shown_ != PartStage::stopped) static_cast<void>(show(PartStage::stopped));
    const TimePoint next = monotonic_now() + kWatchEvery;
    while (monotonic_now() < next && !ended_.load(std::memory_order_relaxed)) wait_ms(20);
  }
}

void PartMeeting::stop_watching() {
  ended_.store(true, std::memory_order_relaxed);
  if (watcher_.joinable()) watcher_.join();
}

/// Nobody tells us how the others get on: their load ends as planned, and their last requests have
/// a little longer.
void PartMeeting::wait_for_unseen() {
  if (start_us_ == 0) return;  // nobody has begun
  progress_.phase("waiting for the planned end of the other parts before the teardown");
  static_cast<void>(
      rest_until(std::max(monotonic_now(), start() + load_) + kUnseenGrace, second_stop_));
}

void PartMeeting::end(bool tears_down) {
  if (!meets_ && tears_down) wait_for_unseen();
  const bool watched = watcher_.joinable();
  stop_watching();
  if (!watched || !session_) return;
  const bool stops = relay_.here.load(std::memory_order_relaxed);
  const PartStage last = stops ? PartStage::stopped : PartStage::done;
  if (!show(last).ok() && !enter(last).ok()) {
    if (tears_down) wait_for_unseen();
    return;
  }
  if (tears_down) progress_.phase("waiting for the other parts before the teardown");
  const TimePoint until = tears_down ? std::max(monotonic_now(), start() + load_) + kSettles
                                     : monotonic_now() + kSettles;
  while (monotonic_now() < until && stop_.requests() < 2) {
    const Result<std::vector<PartSeen>> all = look();
    if (!all.ok()) {
      if (tears_down) wait_for_unseen();
      return;
    }
    note_vanished(all.value());
    if (roll_.all_ended(all.value())) break;
    wait_ms(50);
  }
}

PartFacts PartMeeting::facts() const {
  PartFacts facts;
  facts.part = self_;
  if (start_us_ > 0) facts.start = start_text(start_us_);
  facts.met = meets_;
  if (clock_) {
    facts.clock = ClockOffset{static_cast<double>(clock_->server_us - clock_->local_us) / 1e3,
                              to_ms(clock_->error)};
  }
  const std::lock_guard lock(mutex_);
  for (const auto& [number, text] : lost_) facts.lost.push_back(text);
  return facts;
}

std::vector<std::string> PartMeeting::notes() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> notes;
  for (const auto& [number, text] : lost_) notes.push_back(lost_note(text));
  return notes;
}

}  // namespace poolgauge::app
