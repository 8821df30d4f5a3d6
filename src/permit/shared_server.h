// Whether a server looks as if others use it: what is known of it beforehand, judged.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace poolgauge::permit {

struct SharedSigns {
  std::string host, database;
  std::int64_t others = 0;       ///< sessions of other users, by user and application
  std::int64_t busy_others = 0;  ///< of these: did something within the last minute
  bool sees_others = true;       ///< whether it is visible when others did something
  double foreign_per_s = 0;      ///< transactions in our database that are not ours
};

/// Whether the name has a part that says so: "prod", "production", "live", "prd", "primary-prod3".
bool looks_like_production(std::string_view name);

/// One phrase for each sign that others use the server; empty: it looks unused.
std::vector<std::string> signs_of_sharing(const SharedSigns& seen);

}  // namespace poolgauge::permit
