// Flags and environment variables into overrides of the scenario.
#include "app/load.h"

#include <filesystem>
#include <string_view>

#include "base/quantities.h"

namespace poolgauge::app {

namespace {

constexpr const char* kLoad = "Load (replaces the scenario's)";
constexpr const char* kPool = "Deployment and pool (replaces the scenario's)";

constexpr OverrideName kNames[] = {
    {"--users", "POOLGAUGE_USERS", "users", "N", FlagShape::one, kLoad,
     "virtual users; each sends its next request when the previous one completes"},
    {"--rate", "POOLGAUGE_RATE", "rate", "R", FlagShape::one, kLoad,
     "arrival rate in requests per second, independent of completions"},
    {"--arrivals", "POOLGAUGE_ARRIVALS", "arrivals", "KIND", FlagShape::one, kLoad,
     "with --rate: poisson or constant"},
    {"--burst", "POOLGAUGE_BURST", "burst", "N", FlagShape::one, kLoad, "send N requests at once"},
    {"--every", "POOLGAUGE_EVERY", "every", "TIME", FlagShape::one, kLoad,
     "with --burst: time between bursts (default: a single burst)"},
    {"--stages", "POOLGAUGE_STAGES", "stages", "JSON", FlagShape::one, kLoad,
     "users or rate that change over time, for example '[{\"for\": \"30s\", \"rate\": 100, "
     "\"ramp\": "
     "true}]'; the run ends with the last stage, unless --duration is given"},
    {"--replay", "POOLGAUGE_REPLAY", "replay", "FILE", FlagShape::one, kLoad,
     "arrival times from a CSV file: seconds, optionally with the request's name; the run ends "
     "with "
     "the last one, unless --duration is given"},
    {"--speed", "POOLGAUGE_SPEED", "speed", "N", FlagShape::one, kLoad,
     "with --replay: speed factor; 2 replays twice as fast"},
    {"--think", "POOLGAUGE_THINK", "think", "TIME", FlagShape::one, kLoad,
     "idle time of a user between two requests"},
    {"--duration", "POOLGAUGE_DURATION", "duration", "TIME", FlagShape::one, kLoad,
     "how long to measure, for example 30s"},
    {"--warmup", "POOLGAUGE_WARMUP", "warmup", "TIME", FlagShape::one, kLoad,
     "load before the measurement starts; auto: until steady state"},
    {"--deadline", "POOLGAUGE_DEADLINE", "deadline", "TIME", FlagShape::one, kLoad,
     "time after which a request fails"},
    {"--slo", "POOLGAUGE_SLO", "slo", "GOAL", FlagShape::repeated, kLoad,
     "additional goal, for example 'p95(latency) < 500ms'; repeatable"},
    {"--instances", "POOLGAUGE_INSTANCES", "instances", "N", FlagShape::one, kPool,
     "application instances"},
    {"--processes", "POOLGAUGE_PROCESSES", "processes", "N", FlagShape::one, kPool,
     "processes per instance, each with its own pool"},
    {"--pool", "POOLGAUGE_POOL", "pool", "KIND", FlagShape::one, kPool,
     "sqlalchemy, sqlalchemy-async, sqlalchemy-null, psycopg, psycopg-null, hikari, asyncpg, "
     "node-postgres, pgx, database-sql, rails, prisma, adaptive, none, or fixed"},
    {"--pool-size", "POOLGAUGE_POOL_SIZE", "pool:pool_size", "N", FlagShape::one, kPool,
     "pool size; sets the option that this kind has for it (hikari: maximumPoolSize)"},
    {"--max-overflow", "POOLGAUGE_MAX_OVERFLOW", "pool:max_overflow", "N", FlagShape::one, kPool,
     "connections above the pool size, for kinds with an overflow"},
    {"--pool-timeout", "POOLGAUGE_POOL_TIMEOUT", "pool:pool_timeout", "TIME", FlagShape::one, kPool,
     "how long a request waits for a connection"},
    {"--pool-recycle", "POOLGAUGE_POOL_RECYCLE", "pool:pool_recycle", "TIME", FlagShape::one, kPool,
     "maximum age of a connection before it is replaced"},
    {"--pre-ping", "POOLGAUGE_PRE_PING", "pool:pre_ping", "", FlagShape::boolean, kPool,
     "test a connection before handing it out; --pre-ping=false turns it off"},
    {"--pool-option", "POOLGAUGE_POOL_OPTION", nullptr, "NAME=VALUE", FlagShape::repeated, kPool,
     "any option of the pool, or POOL.NAME=VALUE for a named pool; repeatable"},
};

Result<Override> replacement_of(const OverrideName& name, const char* source,
                                const std::string& value) {
  if (name.key != nullptr && name.key == std::string_view("replay")) {
    // The scenario's own files lie beside it; one that is typed, where it was typed.
    return Override{source, name.key, std::filesystem::absolute(value).string()};
  }
  if (name.key != nullptr) return Override{source, name.key, value};
  const std::size_t equals = value.find('=');
  if (equals == std::string::npos || equals == 0) {
    return usage_error(std::string(source) + ": expected NAME=VALUE, found \"" + value + "\"",
                       "for example --pool-option max_overflow=4 or replica.max_overflow=4");
  }
  const std::string option = value.substr(0, equals);
  return Override{std::string(source) + " " + option, "option:" + option, value.substr(equals + 1)};
}

}  // namespace

std::span<const OverrideName> override_names() {
  return kNames;
}

Result<std::vector<Override>> overrides_of(const FlagValues& flags,
                                           const Environment& environment) {
  std::vector<Override> overrides;
  for (const OverrideName& name : kNames) {
    const auto value = environment ? environment(name.environment) : std::nullopt;
    if (!value) continue;
    Result<Override> parsed = replacement_of(name, name.environment, *value);
    if (!parsed.ok()) return parsed.error();
    overrides.push_back(std::move(parsed).value());
  }
  for (std::size_t row = 0; row < flags.by_row.size(); ++row) {
    for (const std::string& value : flags.by_row[row]) {
      Result<Override> parsed = replacement_of(kNames[row], kNames[row].flag, value);
      if (!parsed.ok()) return parsed.error();
      overrides.push_back(std::move(parsed).value());
    }
  }
  return overrides;
}

}  // namespace poolgauge::app
