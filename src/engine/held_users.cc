// A queue of places that are part of their users' coroutines.
#include "engine/held_users.h"

namespace poolgauge {

namespace {

constexpr Duration kHeldLook = std::chrono::milliseconds(20);

}  // namespace

void HeldUsers::enter(Place& place, Loop& loop, const HoldBack& hold) {
  loop_ = &loop;
  hold_ = &hold;
  place.queue_ = this;
  place.previous_ = last_;
  (last_ != nullptr ? last_->next_ : first_) = &place;
  last_ = &place;
  if (!timer_.armed()) loop.arm(timer_, loop.now() + kHeldLook);
}

void HeldUsers::leave(Place& place) {
  (place.previous_ != nullptr ? place.previous_->next_ : first_) = place.next_;
  (place.next_ != nullptr ? place.next_->previous_ : last_) = place.previous_;
  place.queue_ = nullptr;
  if (first_ == nullptr && timer_.armed()) loop_->cancel(timer_);
}

void HeldUsers::at_look(Timer& timer) {
  static_cast<LookTimer&>(timer).users.look();
}

void HeldUsers::look() {
  if (hold_->holding()) {
    loop_->arm(timer_, loop_->now() + kHeldLook);
    return;
  }
  // Woken ones are only posted: they leave when they are resumed.
  for (Place* place = first_; place != nullptr; place = place->next_) place->wait.wake();
}

}  // namespace poolgauge
