// Deadlines and the end of the run, delivered to whoever is waiting.
#include "loop/patience.h"

namespace poolgauge {

void StopList::stop_gently() {
  if (level_ != Level::none) return;
  level_ = Level::gentle;
  interrupt_all();
}

void StopList::stop_firmly() {
  level_ = Level::firm;
  interrupt_all();
}

void StopList::interrupt_all() {
  // Waking only posts, so the list does not change under us.
  for (Patience* p = first_; p != nullptr; p = p->next_) p->interrupt(WakeReason::stop);
}

Patience::Patience(Loop& loop, StopList& stops)
    : loop_(loop), stops_(stops), next_(stops.first_), timer_(at_deadline, *this) {
  if (next_ != nullptr) next_->previous_ = this;
  stops_.first_ = this;
}

Patience::~Patience() {
  loop_.cancel(timer_);
  if (previous_ != nullptr) {
    previous_->next_ = next_;
  } else {
    stops_.first_ = next_;
  }
  if (next_ != nullptr) next_->previous_ = previous_;
}

void Patience::set_deadline(TimePoint deadline) {
  deadline_ = deadline;
  expired_ = cancelled_;
  if (deadline == kNever) return;
  if (!timer_.armed() || timer_.at() > deadline) loop_.arm(timer_, deadline);
}

void Patience::cancel() {
  expired_ = cancelled_ = true;
  disturb();
}

void Patience::at_deadline(Timer& timer) {
  Patience& self = static_cast<DeadlineTimer&>(timer).patience;
  if (self.deadline_ == kNever) return;
  if (self.deadline_ > timer.at()) {
    self.loop_.arm(self.timer_, self.deadline_);
    return;
  }
  self.expired_ = true;
  self.interrupt(WakeReason::deadline);
}

void Patience::interrupt(WakeReason why) {
  if (current_ == nullptr) return;
  if (why == WakeReason::stop && verdict(current_is_statement_) != WakeReason::stop) return;
  current_->wake(why);
}

WakeReason Patience::verdict(bool statement) const {
  const StopList::Level level = stops_.level();
  if (level == StopList::Level::firm) return WakeReason::stop;
  if (level == StopList::Level::gentle && !statement) return WakeReason::stop;
  return expired_ ? WakeReason::deadline : WakeReason::done;
}

bool Patience::On::await_ready() {
  const WakeReason verdict = patience_.verdict(statement_);
  if (verdict == WakeReason::done) return false;
  wait_.set_why(verdict);
  return true;
}

Patience::Sleep::Sleep(Patience& patience, TimePoint at)
    : patience_(patience),
      at_(at),
      wait_(patience.loop_),
      timer_(at_fire, wait_),
      on_(patience, wait_, false) {}

void Patience::Sleep::await_suspend(std::coroutine_handle<> self) {
  patience_.loop_.arm(timer_, at_);
  on_.await_suspend(self);
}

WakeReason Patience::Sleep::await_resume() {
  patience_.loop_.cancel(timer_);
  return on_.await_resume();
}

}  // namespace poolgauge
