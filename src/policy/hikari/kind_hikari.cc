// HikariCP's kind: options, ranges and defaults as its HikariConfig has them, and what that rejects
// or adjusts.
#include <fmt/core.h>

#include <algorithm>

#include "policy/hikari/hikari_pool.h"
#include "policy/kind.h"
#include "policy/snippets.h"

namespace poolgauge {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Version = HikariConfig::Version;

constexpr Duration kSmallestTimeout = milliseconds(250);
constexpr Duration kDefaultIdleTimeout = minutes(10);
constexpr Duration kDefaultMaxLifetime = minutes(30);

OptionInfo time_option(std::string name, Duration value, std::string help,
                       bool minus_one_is_off = false) {
  return duration_option(std::move(name), value, minus_one_is_off, std::move(help),
                         milliseconds(1));
}

std::vector<OptionInfo> options() {
  return {
      integer_option("maximumPoolSize", 10, 1, "maximum number of connections"),
      integer_option("minimumIdle", -1, -1,
                     "minimum number of idle connections; -1 (the default): maximumPoolSize"),
      time_option("connectionTimeout", seconds(30),
                  "checkout timeout, including connecting; 0: practically no timeout"),
      time_option(
          "validationTimeout", seconds(5),
          "timeout of a liveness test; has no effect, because tests that hang are not emulated"),
      time_option(
          "idleTimeout", kDefaultIdleTimeout,
          "idle time after which the housekeeper closes connections above minimumIdle; 0: never"),
      time_option(
          "maxLifetime", kDefaultMaxLifetime,
          "maximum age of a connection, randomly reduced by up to 25 % (2.5 % before 6.1); 0: no "
          "limit"),
      time_option("keepaliveTime", minutes(2),
                  "how often an idle connection is tested; 0: never (the default before 6.2)"),
      time_option("initializationFailTimeout", milliseconds(1),
                  "how long the constructor tries to connect; 0: tries once and continues without "
                  "a connection; -1: does not try",
                  true),
      flag_option("autoCommit", true,
                  "has no effect: an open transaction is rolled back on return with either value"),
      time_option("aliveBypassWindowMs", milliseconds(500),
                  "idle time up to which a checkout skips the liveness test (system property)"),
      time_option("housekeepingPeriodMs", seconds(30),
                  "time between housekeeper runs (system property)"),
      integer_option("called_first", 12, 0,
                     "percentage of returns where the waiter gets the connection before a thread "
                     "that asks at the same moment; depends on the JVM and the machine",
                     100),
      choice_option("version", {"7.0", "6.3", "6.2", "6.1", "6.0", "5.1", "5.0"}, "7.0",
                    "HikariCP version; 7.0 includes 7.1, and 6.2 includes 6.2.1"),
  };
}

Version version_of(const PoolSpec& spec) {
  const std::string name = spec.choice("version");
  constexpr std::pair<std::string_view, Version> kVersions[] = {
      {"5.0", Version::v5_0}, {"5.1", Version::v5_1}, {"6.0", Version::v6_0},
      {"6.1", Version::v6_1}, {"6.2", Version::v6_2}, {"6.3", Version::v6_3}};
  for (const auto& [known, version] : kVersions) {
    if (known == name) return version;
  }
  return Version::v7_0;
}

bool is_set(const PoolSpec& spec, std::string_view option) {
  return std::any_of(spec.options.begin(), spec.options.end(),
                     [&](const auto& set) { return set.first == option; });
}

Duration keepalive_time(const PoolSpec& spec, const HikariConfig& config) {
  if (!is_set(spec, "keepaliveTime") && config.version < Version::v6_2) return Duration::zero();
  const Duration wanted = spec.duration("keepaliveTime");
  const bool outlives = config.max_lifetime > Duration::zero() && wanted >= config.max_lifetime;
  return wanted < seconds(30) || outlives ? Duration::zero() : wanted;
}

Duration idle_timeout(const PoolSpec& spec, const HikariConfig& config) {
  const Duration wanted = spec.duration("idleTimeout");
  if (config.minimum_idle >= config.maximum_pool_size) return wanted;  // without effect
  const bool outlives =
      config.max_lifetime > Duration::zero() && wanted + seconds(1) > config.max_lifetime;
  if (outlives || wanted == Duration::zero()) return Duration::zero();
  return wanted < seconds(10) ? kDefaultIdleTimeout : wanted;
}

// HikariConfig.validateNumerics: what it only warns of, it replaces.
HikariConfig config_of(const PoolSpec& spec) {
  HikariConfig config;
  config.version = version_of(spec);
  config.maximum_pool_size = spec.integer("maximumPoolSize");
  config.minimum_idle = spec.integer("minimumIdle");
  if (config.minimum_idle < 0 || config.minimum_idle > config.maximum_pool_size) {
    config.minimum_idle = config.maximum_pool_size;
  }
  config.connection_timeout = spec.duration("connectionTimeout");
  if (config.connection_timeout == Duration::zero()) {
    config.connection_timeout = milliseconds(std::numeric_limits<std::int32_t>::max());
  }
  config.max_lifetime = spec.duration("maxLifetime");
  if (config.max_lifetime > Duration::zero() && config.max_lifetime < seconds(30)) {
    config.max_lifetime = kDefaultMaxLifetime;
  }
  config.keepalive_time = keepalive_time(spec, config);
  config.idle_timeout = idle_timeout(spec, config);
  config.initialization_fail_timeout = spec.duration("initializationFailTimeout");
  config.alive_bypass_window = spec.duration("aliveBypassWindowMs");
  config.called_first = static_cast<double>(spec.integer("called_first")) / 100;
  config.housekeeping_period = spec.duration("housekeepingPeriodMs");
  return config;
}

std::unique_ptr<PoolPolicy> make(const PoolSpec& spec, std::uint64_t seed) {
  return std::make_unique<HikariPool>(config_of(spec), seed);
}

std::optional<std::int64_t> capacity(const PoolSpec& spec) {
  return spec.integer("maximumPoolSize");
}

std::int64_t permanent(const PoolSpec& spec) {
  return config_of(spec).minimum_idle;
}

std::optional<std::string> check(const PoolSpec& spec) {
  const Duration timeout = spec.duration("connectionTimeout");
  if (timeout > Duration::zero() && timeout < kSmallestTimeout) {
    return "connectionTimeout cannot be less than 250ms (0: practically no limit)";
  }
  if (spec.duration("validationTimeout") < kSmallestTimeout) {
    return "validationTimeout cannot be less than 250ms";
  }
  if (spec.duration("housekeepingPeriodMs") <= Duration::zero()) {
    return "housekeepingPeriodMs must be more than 0";
  }
  return std::nullopt;
}

std::string option_to_keep_open(std::int64_t connections) {
  return fmt::format("minimumIdle {}", connections);
}

std::string cure_to_keep_open(const PoolSpec& pool, std::int64_t connections) {
  const std::int64_t idle = pool.integer("minimumIdle");
  if (idle < 0 || idle >= connections) {
    return "raise maxLifetime (30 minutes by default): connections are closed because of their age";
  }
  return fmt::format("set minimumIdle = {} (the same as maximumPoolSize): they then stay open",
                     connections);
}

/// HikariCP's lower limits: a connection timeout of 250 ms, a lifetime of 30 s.
double hikari_timeout_ms(const Recommendation& r) {
  return std::max(250.0, whole_ms(r.pool_timeout_s));
}
double hikari_lifetime_ms(const Recommendation& r) {
  return std::max(30'000.0, whole_ms(r.pool_recycle_s));
}

std::string hikari_snippet(const Recommendation& r) {
  return fmt::format(
      "maximumPoolSize={}\n"
      "minimumIdle={}\n"
      "connectionTimeout={:.0f}\n"
      "maxLifetime={:.0f}\n"
      "{}",
      r.total(), r.pool_size, hikari_timeout_ms(r), hikari_lifetime_ms(r),
      behind_pooler(r, "# {}:\ndataSource.prepareThreshold=0\n"));
}

std::string spring_snippet(const Recommendation& r) {
  return fmt::format(
      "spring.datasource.hikari.maximum-pool-size={}\n"
      "spring.datasource.hikari.minimum-idle={}\n"
      "spring.datasource.hikari.connection-timeout={:.0f}\n"
      "spring.datasource.hikari.max-lifetime={:.0f}\n"
      "{}",
      r.total(), r.pool_size, hikari_timeout_ms(r), hikari_lifetime_ms(r),
      behind_pooler(r,
                    "# {}:\nspring.datasource.hikari.data-source-properties.prepareThreshold=0\n"));
}

}  // namespace

std::vector<PoolKind> hikari_kinds() {
  std::vector<PoolKind> kinds;
  kinds.push_back(
      {{"hikari", "HikariCP 7.0, threads, pgjdbc", options()}, make, capacity, permanent, check});
  PoolKind& kind = kinds.back();
  kind.traits.overtaker = "thread";
  kind.traits.driver_name = "PostgreSQL JDBC Driver";
  kind.traits.snippet = "hikari";
  kind.traits.metrics = "hikaricp";
  kind.sizing = SizingOptions{
      "minimumIdle", "", "maximumPoolSize", "connectionTimeout", "maxLifetime", "", false};
  kind.flags = {
      {PoolFlag::ping, "",
       "HikariCP always tests connections idle for longer than aliveBypassWindowMs (500 ms); use "
       "--pool-option aliveBypassWindowMs=0 to test at every checkout"}};
  kind.zero_age_is_never = true;
  kind.lowers_kept_itself = true;
  kind.keep_open_option = option_to_keep_open;
  kind.keep_open_cure = cure_to_keep_open;
  kind.snippets = {{"hikari", "HikariCP", "properties", hikari_snippet},
                   {"spring", "Spring Boot", "properties", spring_snippet}};
  return kinds;
}

}  // namespace poolgauge
