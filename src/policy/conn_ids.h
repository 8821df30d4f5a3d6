// Numbers for connection attempts: counted from 1, in slots that are reused.
#pragma once

#include <cstdint>
#include <vector>

#include "poolgauge/pool_policy.h"

namespace poolgauge {

class ConnIds {
 public:
  ConnId make() {
    std::uint32_t slot = used_;
    if (free_.empty()) {
      ++used_;
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    return {slot, ++attempts_};
  }
  /// The connection was closed, or its attempt failed.
  void retire(ConnId conn) { free_.push_back(conn.slot); }

 private:
  std::vector<std::uint32_t> free_;
  std::uint32_t used_ = 0;
  std::uint32_t attempts_ = 0;
};

}  // namespace poolgauge
