// Admission in order, and places that come back when a socket is closed.
#include "engine/limited_backend.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"

namespace poolgauge {

namespace {

// As long as a connect that nobody answers.
constexpr Duration kLongestWait = std::chrono::seconds(60);

Connected no_room(WakeReason why, std::int64_t most) {
  Connected connected;
  connected.begun = false;
  const bool timeout = why == WakeReason::deadline;
  connected.outcome.failure = timeout ? FailureClass::connect_timeout : FailureClass::stopped;
  connected.error = "no further connection allowed: all " + std::to_string(most) +
                    " connections of the pool are open, being opened, or being closed";
  return connected;
}

}  // namespace

ConnectionPlace::~ConnectionPlace() {
  if (room_ != nullptr) room_->leave();
}

LimitedBackend::~LimitedBackend() {
  POOLGAUGE_CHECK(taken_ == 0 && queue_.empty(), "a connection outlives the pool that opened it");
}

// The place is given back after the session or the broken connect has closed its socket: whoever
// holds it is destroyed before.
Task<Connected> LimitedBackend::connect(ConnId conn, Patience& patience) {
  const TimePoint asked = patience.loop().now();
  if (full()) {
    const WakeReason why = co_await wait_for_place(conn, patience);
    if (why != WakeReason::done) co_return no_room(why, *most_);
  } else {
    ++taken_;
    listener_.connect_proceeds(conn);
  }
  ConnectionPlace place(*this);
  const TimePoint begun = patience.loop().now();
  Connected connected = co_await inner_.connect(conn, patience);
  connected.waited = begun - asked;
  if (connected.session != nullptr) connected.session->keep(std::move(place));
  co_return connected;
}

// A gentle stop lets it wait: a pool that fills itself would ask again at once, for ever.
Task<WakeReason> LimitedBackend::wait_for_place(ConnId conn, Patience& patience) {
  const TimePoint own = patience.deadline();
  patience.set_deadline(std::min(own, patience.loop().now() + kLongestWait));
  Queued self(patience.loop());
  queue_.push_back(&self);
  listener_.connect_waits(conn);
  const WakeReason why = co_await patience.on_statement(self.wait);
  std::erase(queue_, &self);
  patience.set_deadline(own);
  if (why == WakeReason::done) {
    listener_.connect_proceeds(conn);
  } else if (self.admitted) {
    leave();
  }
  co_return why;
}

// Whoever is first in line takes the place over.
void LimitedBackend::leave() {
  if (queue_.empty()) {
    --taken_;
    return;
  }
  Queued* first = queue_.front();
  queue_.pop_front();
  first->admitted = true;
  first->wait.wake();
}

}  // namespace poolgauge
