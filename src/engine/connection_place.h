// One of the connections that a pool may hold, for as long as it is held.
#pragma once

#include <utility>

namespace poolgauge {

class LimitedBackend;

/// Moves, never copies; frees the place when it is destroyed.
class ConnectionPlace {
 public:
  ConnectionPlace() = default;
  explicit ConnectionPlace(LimitedBackend& room) : room_(&room) {}
  ConnectionPlace(ConnectionPlace&& other) noexcept : room_(std::exchange(other.room_, nullptr)) {}
  ConnectionPlace& operator=(ConnectionPlace&& other) noexcept {
    std::swap(room_, other.room_);
    return *this;
  }
  ~ConnectionPlace();

 private:
  LimitedBackend* room_ = nullptr;
};

}  // namespace poolgauge
