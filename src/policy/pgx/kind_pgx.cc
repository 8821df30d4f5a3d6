// The kind "pgx": options and defaults as pgxpool.ParseConfig reads them from a connection string.
#include <fmt/core.h>

#include "policy/kind.h"
#include "policy/pgx/pgx_pool.h"
#include "policy/snippets.h"

namespace poolgauge {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

std::vector<OptionInfo> options() {
  return {
      integer_option("pool_max_conns", 4, 1,
                     "maximum number of connections; pgxpool's default is the number of CPUs if "
                     "that is above 4, so set it for such machines"),
      integer_option("pool_min_conns", 0, 0,
                     "minimum number of connections, maintained by the health check"),
      integer_option("pool_min_idle_conns", 0, 0,
                     "minimum number of idle connections, maintained by the health check"),
      duration_option("pool_max_conn_lifetime", hours(1), false,
                      "maximum age of a connection; 0s: no limit"),
      duration_option("pool_max_conn_lifetime_jitter", Duration{0}, false,
                      "maximum random extension of each lifetime, in whole seconds"),
      duration_option("pool_max_conn_idle_time", minutes(30), false,
                      "idle time after which the health check closes a connection"),
      duration_option("pool_health_check_period", minutes(1), false, "time between health checks"),
      duration_option("pool_ping_timeout", Duration{0}, false,
                      "timeout of the ping at checkout; 0s: no timeout"),
      choice_option("version", {"5.10", "5.9"}, "5.10",
                    "pgx version; up to 5.9, a checkout does not check a connection's age"),
  };
}

PgxConfig config_of(const PoolSpec& spec) {
  PgxConfig config;
  config.max_conns = spec.integer("pool_max_conns");
  config.min_conns = spec.integer("pool_min_conns");
  config.min_idle_conns = spec.integer("pool_min_idle_conns");
  config.max_conn_lifetime = spec.duration("pool_max_conn_lifetime");
  config.max_conn_lifetime_jitter = spec.duration("pool_max_conn_lifetime_jitter");
  config.max_conn_idle_time = spec.duration("pool_max_conn_idle_time");
  config.health_check_period = spec.duration("pool_health_check_period");
  config.ping_timeout = spec.duration("pool_ping_timeout");
  config.looks_at_age_on_acquire = spec.choice("version") == "5.10";
  return config;
}

std::unique_ptr<PoolPolicy> make(const PoolSpec& spec, std::uint64_t seed) {
  return std::make_unique<PgxPool>(config_of(spec), seed);
}

std::optional<std::int64_t> capacity(const PoolSpec& spec) {
  return spec.integer("pool_max_conns");
}

std::int64_t permanent(const PoolSpec& spec) {
  return spec.integer("pool_max_conns");
}

std::optional<std::string> check(const PoolSpec& spec) {
  const Duration period = spec.duration("pool_health_check_period");
  if (period >= std::chrono::milliseconds(1)) return std::nullopt;
  if (period > Duration::zero()) return "pool_health_check_period must be at least 1ms";
  return "pool_health_check_period must be above 0 (pgxpool panics: \"non-positive interval for "
         "NewTicker\")";
}

std::string option_to_keep_open(std::int64_t connections) {
  return fmt::format("pool_min_conns {}", connections);
}

std::string cure_to_keep_open(const PoolSpec&, std::int64_t connections) {
  return fmt::format(
      "set pool_min_conns = {} (the same as pool_max_conns), and raise pool_max_conn_idle_time and "
      "pool_max_conn_lifetime",
      connections);
}

std::string pgx_snippet(const Recommendation& r) {
  return fmt::format(
      "config.MinConns = {}\nconfig.MaxConns = {}\nconfig.MaxConnLifetime = "
      "{}\nconfig.ConnConfig.ConnectTimeout = {}\n// wait limit: ctx, cancel := "
      "context.WithTimeout(ctx, {})\n{}",
      r.pool_size, r.total(), go_duration(r.pool_recycle_s), go_duration(r.connect_timeout_s),
      go_duration(r.pool_timeout_s),
      behind_pooler(r, "// {}:\nconfig.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec\n"));
}

}  // namespace

std::vector<PoolKind> pgx_kinds() {
  std::vector<PoolKind> kinds;
  kinds.push_back(
      {{"pgx", "pgxpool of pgx 5 (puddle 2), Go", options()}, make, capacity, permanent, check});
  PoolKind& kind = kinds.back();
  kind.traits.last_returned_first = true;
  kind.traits.postgresql_only = true;
  kind.traits.snippet = "pgx";
  kind.traits.metrics = "pgxpool";
  kind.sizing = SizingOptions{
      "pool_min_conns", "", "pool_max_conns", "", "pool_max_conn_lifetime", "", false};
  kind.flags = {
      {PoolFlag::timeout, "",
       "pgxpool waits until the caller's context ends; use --deadline to limit the request"},
      {PoolFlag::ping, "",
       "pgxpool always pings connections idle for more than a second; pool_ping_timeout limits "
       "that "
       "ping"}};
  kind.zero_age_is_never = true;
  kind.lowers_kept_itself = true;
  kind.keep_open_option = option_to_keep_open;
  kind.keep_open_cure = cure_to_keep_open;
  kind.snippets = {{"pgx", "pgx", "go", pgx_snippet}};
  return kinds;
}

}  // namespace poolgauge
