// Arithmetic on limits, and the statements that change them.
#include "advise/settings.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace poolgauge {

namespace {

std::string number(std::int64_t value) {
  return value < 0 ? "−" + number(-value) : with_thousands(static_cast<std::uint64_t>(value));
}

/// What the limit must be for so many connections of the fleet.
std::int64_t enough_for(const ConnectionLimit& limit, std::int64_t wanted, double headroom) {
  if (limit.of == "server") {
    return max_connections_for(static_cast<double>(wanted),
                               {0, limit.reserved, limit.others, headroom});
  }
  constexpr double kSlack = 1e-9;
  const double needed = std::ceil(static_cast<double>(wanted) / (1 - headroom) - kSlack);
  return static_cast<std::int64_t>(needed) + limit.others;
}

/// Whether the connections fit, the headroom kept free.
bool roomy(const ConnectionLimit& limit, std::int64_t wanted, double headroom) {
  return wanted <= usable_connections({limit}, headroom);
}

}  // namespace

ConnectionLimit server_limit(const ServerSlots& slots, bool known) {
  ConnectionLimit limit;
  limit.of = "server";
  limit.setting = "max_connections";
  if (known) limit.present = slots.max_connections;
  limit.reserved = slots.reserved;
  limit.others = slots.others;
  return limit;
}

std::int64_t usable_connections(const std::vector<ConnectionLimit>& limits, double headroom) {
  constexpr double kSlack = 1e-9;
  std::int64_t usable = INT64_MAX;
  for (const ConnectionLimit& limit : limits) {
    if (!limit.present) continue;
    const auto available = static_cast<double>(*limit.available());
    const double share = limit.of == "memory" ? 0 : headroom;
    usable =
        std::min(usable, static_cast<std::int64_t>(std::floor(available * (1 - share) + kSlack)));
  }
  return std::max<std::int64_t>(0, usable);
}

const ConnectionLimit* tightest(const std::vector<ConnectionLimit>& limits) {
  const ConnectionLimit* least = nullptr;
  for (const ConnectionLimit& limit : limits) {
    if (!limit.present) continue;
    if (least == nullptr || *limit.available() < *least->available()) least = &limit;
  }
  return least;
}

void add_limits(std::vector<ConnectionLimit> limits, std::int64_t needed, std::int64_t wanted,
                double headroom, Recommendation& r) {
  for (ConnectionLimit& limit : limits) {
    limit.needed = needed;
    limit.recommended = limit.present.value_or(0);
    const bool fixed = limit.of == "memory";
    if (!fixed && (!limit.present || !roomy(limit, wanted, headroom))) {
      limit.recommended = std::max(limit.recommended, enough_for(limit, wanted, headroom));
    }
    if (limit.of == "server") {
      r.max_connections = limit.recommended;
      r.present_max_connections = limit.present;
      r.budget = {limit.present.value_or(limit.recommended), limit.reserved, limit.others,
                  limit.present.value_or(limit.recommended) - limit.reserved - limit.others,
                  needed};
    }
    r.limits.push_back(std::move(limit));
  }
}

std::string limit_owner(const ConnectionLimit& limit) {
  if (limit.of == "server") return "the server";
  if (limit.of == "pooler") return limit.name.empty() ? "PgBouncer" : "the pooler";
  if (limit.of == "memory") return "the server's memory";
  return limit.of + (limit.name.empty() ? "" : " \"" + limit.name + "\"");
}

std::string limit_arithmetic(const ConnectionLimit& limit) {
  if (limit.of == "memory") {
    return fmt::format("{} connections at most ({})", number(limit.present.value_or(0)),
                       limit.setting);
  }
  std::string text = fmt::format("{} {}", limit.setting, number(limit.present.value_or(0)));
  if (limit.of == "role" || limit.of == "database") text += " of " + limit_owner(limit);
  if (limit.reserved > 0) text += fmt::format(" − {} reserved", number(limit.reserved));
  if (limit.others > 0) text += fmt::format(" − {} in use", number(limit.others));
  if (limit.reserved > 0 || limit.others > 0) {
    text += " = " + number(limit.available().value_or(0));
  }
  return text;
}

std::string limits_sql(const Recommendation& r) {
  std::string text;
  for (const ConnectionLimit& limit : r.limits) {
    if (!limit.must_change()) continue;
    if (limit.of == "role") {
      text += fmt::format("ALTER ROLE {} CONNECTION LIMIT {};  -- now {}\n",
                          quoted_identifier(limit.name), limit.recommended, *limit.present);
    } else if (limit.of == "database") {
      text += fmt::format("ALTER DATABASE {} CONNECTION LIMIT {};  -- now {}\n",
                          quoted_identifier(limit.name), limit.recommended, *limit.present);
    } else if (limit.of == "server") {
      text += fmt::format(
          "ALTER SYSTEM SET max_connections = {};  -- now {}; takes effect with a restart\n",
          limit.recommended, *limit.present);
    }
  }
  return text;
}

std::string limits_pgbouncer(const Recommendation& r) {
  std::string text;
  for (const ConnectionLimit& limit : r.limits) {
    if (limit.of != "pooler" || !limit.must_change()) continue;
    // A comment has a line of its own there.
    text += fmt::format("; now {}\n{} = {}\n", *limit.present, limit.setting, limit.recommended);
  }
  return text.empty() ? "" : "[pgbouncer]\n" + text;
}

}  // namespace poolgauge
