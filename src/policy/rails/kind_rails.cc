// Rails' kind: options and defaults as database.yml has them.
#include <fmt/core.h>

#include <algorithm>

#include "policy/kind.h"
#include "policy/rails/rails_pool.h"
#include "policy/snippets.h"

namespace poolgauge {

namespace {

using std::chrono::seconds;

std::vector<OptionInfo> options() {
  return {
      integer_option("max_connections", 5, -1,
                     "maximum number of connections per process; negative: no limit"),
      integer_option("pool", 5, -1, "name of max_connections before 8.1"),
      integer_option("min_connections", 0, 0,
                     "minimum number of connections, maintained by the reaper (8.1)"),
      duration_option("checkout_timeout", seconds(5), false, "checkout timeout"),
      duration_option("idle_timeout", seconds(300), false,
                      "idle time after which the reaper closes a connection; 0: never"),
      duration_option("max_age", Duration{-1}, true,
                      "maximum age before the reaper replaces a connection, randomly reduced by up "
                      "to 20 % (8.1); -1: no limit"),
      duration_option("keepalive", seconds(600), false,
                      "idle time after which the reaper tests a connection (8.1); 0: never"),
      duration_option("reaping_frequency", seconds(20), false,
                      "interval of the reaper (before 8.1: 60 s unless set); 0: never runs"),
      choice_option("version", {"8.1", "8.0", "7.2", "7.1", "7.0"}, "8.1",
                    "Rails version; 7.0 connects and tests at checkout, later versions at the "
                    "first statement"),
  };
}

bool is_set(const PoolSpec& spec, std::string_view option) {
  return std::any_of(spec.options.begin(), spec.options.end(),
                     [&](const auto& set) { return set.first == option; });
}

std::int64_t most_connections(const PoolSpec& spec) {
  const bool by_old_name = is_set(spec, "pool") && !is_set(spec, "max_connections");
  return spec.integer(by_old_name ? "pool" : "max_connections");
}

std::unique_ptr<PoolPolicy> make(const PoolSpec& spec, std::uint64_t seed) {
  RailsConfig config;
  config.max_connections = most_connections(spec);
  config.min_connections = spec.integer("min_connections");
  config.checkout_timeout = spec.duration("checkout_timeout");
  config.idle_timeout = spec.duration("idle_timeout");
  config.max_age = spec.duration("max_age");
  config.keepalive = spec.duration("keepalive");
  config.reaping_frequency = spec.duration("reaping_frequency");
  config.lazy = spec.choice("version") != "7.0";
  config.maintains = spec.choice("version") == "8.1";
  if (!config.maintains && !is_set(spec, "reaping_frequency")) {
    config.reaping_frequency = seconds(60);
  }
  return std::make_unique<RailsPool>(config, seed);
}

std::optional<std::int64_t> capacity(const PoolSpec& spec) {
  const std::int64_t most = most_connections(spec);
  return most < 0 ? std::nullopt : std::optional(most);
}

std::int64_t permanent(const PoolSpec& spec) {
  return spec.integer("min_connections");
}

std::optional<std::string> check(const PoolSpec& spec) {
  if (is_set(spec, "pool") && is_set(spec, "max_connections")) {
    return "pool is the old name of max_connections: set only one of them";
  }
  const std::int64_t most = most_connections(spec);
  if (most == 0) return "with max_connections 0, the pool has no connections (negative: no limit)";
  if (most > 0 && spec.integer("min_connections") > most) {
    return "min_connections is greater than max_connections";
  }
  const Duration reaps = spec.duration("reaping_frequency");
  if (reaps > Duration::zero() && reaps < std::chrono::milliseconds(1)) {
    return "reaping_frequency must be at least 1ms, or 0 (never)";
  }
  const bool maintains = spec.choice("version") == "8.1";
  for (const char* later : {"min_connections", "max_age", "keepalive"}) {
    if (!maintains && is_set(spec, later)) return std::string(later) + " needs Rails 8.1 or later";
  }
  return std::nullopt;
}

std::string option_to_keep_open(std::int64_t connections) {
  return fmt::format("min_connections {}", connections);
}

std::string cure_to_keep_open(const PoolSpec&, std::int64_t connections) {
  return fmt::format("set idle_timeout = 0, and min_connections = {} (8.1)", connections);
}

std::string rails_snippet(const Recommendation& r) {
  // SET would last on a server connection that others use, too.
  const std::string timeouts =
      changes_server_connections(r)
          ? "  # set timeouts with ALTER ROLE, not with variables: they would stay on connections\n"
            "  # that PgBouncer gives to other clients\n"
          : fmt::format(
                "  variables:\n"
                "    statement_timeout: {:.0f}\n"
                "    idle_in_transaction_session_timeout: {:.0f}\n",
                whole_ms(r.statement_timeout_s), whole_ms(r.idle_in_transaction_timeout_s));
  return fmt::format(
      "production:\n"
      "  adapter: postgresql\n"
      "  pool: {}\n"
      "  checkout_timeout: {:g}\n"
      "  connect_timeout: {:.0f}\n"
      "{}{}",
      r.total(), r.pool_timeout_s, r.connect_timeout_s,
      behind_pooler(r, "  prepared_statements: false  # {}\n"), timeouts);
}

}  // namespace

std::vector<PoolKind> rails_kinds() {
  std::vector<PoolKind> kinds;
  kinds.push_back({{"rails", "Rails 8.1 Active Record, threads, pg gem", options()},
                   make,
                   capacity,
                   permanent,
                   check});
  PoolKind& kind = kinds.back();
  kind.traits.snippet = "rails";
  kind.traits.former_size_option = "pool";
  kind.sizing = SizingOptions{
      "min_connections", "", "max_connections", "checkout_timeout", "max_age", "", false};
  kind.flags = {
      {PoolFlag::ping, "",
       "Rails always tests a connection before its first statement; keepalive sets how often idle "
       "ones are tested (8.1)"}};
  kind.keep_open_option = option_to_keep_open;
  kind.keep_open_cure = cure_to_keep_open;
  kind.snippets = {{"rails", "Rails config/database.yml", "yaml", rails_snippet}};
  return kinds;
}

}  // namespace poolgauge
