// Users who wait until requests are no longer held back.
#pragma once

#include "engine/trial_watch.h"
#include "loop/loop.h"
#include "loop/wait.h"

namespace poolgauge {

/// The hold belongs to another thread, which cannot wake anybody here: one timer looks for all
/// users of a loop, and wakes them in the order in which they came.
class HeldUsers {
 public:
  /// A user's place in the queue; left when it is destroyed.
  class Place {
   public:
    explicit Place(Loop& loop) : wait(loop) {}
    ~Place() {
      if (queue_ != nullptr) queue_->leave(*this);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    Wait wait;  ///< woken when the hold has ended

   private:
    friend class HeldUsers;
    HeldUsers* queue_ = nullptr;
    Place* previous_ = nullptr;
    Place* next_ = nullptr;
  };

  HeldUsers() : timer_(at_look, *this) {}
  HeldUsers(const HeldUsers&) = delete;
  HeldUsers& operator=(const HeldUsers&) = delete;

  /// `loop` and `hold`: the same for all, and outlive the place.
  void enter(Place& place, Loop& loop, const HoldBack& hold);

 private:
  struct LookTimer : Timer {
    LookTimer(Fire fire, HeldUsers& u) : Timer(fire), users(u) {}
    HeldUsers& users;
  };
  static void at_look(Timer& timer);
  void look();
  void leave(Place& place);

  Loop* loop_ = nullptr;
  const HoldBack* hold_ = nullptr;
  Place* first_ = nullptr;
  Place* last_ = nullptr;
  LookTimer timer_;
};

}  // namespace poolgauge
