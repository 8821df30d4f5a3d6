// One vector of pool behaviour: a pool, a timeline of operations, the events that must follow.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace poolgauge::vectors {

using Json = nlohmann::json;

/// Something that happened, with the fields of the vector format that apply to it.
struct Event {
  double t_ms = 0;
  std::string event;
  std::optional<std::string> client, conn, by, kind, message;
  std::optional<bool> ok;
  Json values;  ///< for stat
};

/// The events of one vector's timeline on our pool in virtual time, or why there are none.
struct Replay {
  std::vector<Event> events;
  std::string trouble;
};
Replay replay(const Json& vector);

/// Empty when the replay shows what the vector expects (or its other legal outcome); else the
/// first thing that is missing or unexpected.
std::string compare(const Json& vector, const std::vector<Event>& events);

}  // namespace poolgauge::vectors
