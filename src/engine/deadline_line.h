// The waiters of one pool by deadline. Their timeouts are nearly always equal, so the line is in
// order by itself, and one timer serves all: joining and leaving need no heap operation.
#pragma once

#include "poolgauge/time.h"

namespace poolgauge {

/// An intrusive list in ascending order of deadline; equal deadlines in order of arrival.
class DeadlineLine {
 public:
  class Place {
   public:
    Place() = default;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    TimePoint at() const { return at_; }

   private:
    friend class DeadlineLine;
    TimePoint at_{};
    Place* previous_ = nullptr;
    Place* next_ = nullptr;
    bool linked_ = false;
  };

  Place* first() const { return first_; }

  /// A place that is in the list already is moved.
  void insert(Place& place, TimePoint at) {
    remove(place);
    Place* before = last_;
    while (before != nullptr && before->at_ > at) before = before->previous_;
    place.at_ = at;
    place.linked_ = true;
    place.previous_ = before;
    place.next_ = before != nullptr ? before->next_ : first_;
    (before != nullptr ? before->next_ : first_) = &place;
    (place.next_ != nullptr ? place.next_->previous_ : last_) = &place;
  }
  void remove(Place& place) {
    if (!place.linked_) return;
    (place.previous_ != nullptr ? place.previous_->next_ : first_) = place.next_;
    (place.next_ != nullptr ? place.next_->previous_ : last_) = place.previous_;
    place.linked_ = false;
  }

 private:
  Place* first_ = nullptr;
  Place* last_ = nullptr;
};

}  // namespace poolgauge
