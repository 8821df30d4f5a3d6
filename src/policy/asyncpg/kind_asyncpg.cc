// The kind of asyncpg: options and defaults as create_pool() has them.
#include "policy/asyncpg/asyncpg_pool.h"
#include "policy/kind.h"

namespace poolgauge {

namespace {

using std::chrono::seconds;

std::vector<OptionInfo> options() {
  return {
      integer_option("min_size", 10, 0,
                     "connections opened when the pool is created; not maintained afterwards"),
      integer_option("max_size", 10, 1, "maximum number of connections"),
      integer_option("max_queries", 50000, 1,
                     "queries after which a connection is closed; each checkout counts as two",
                     std::numeric_limits<std::int64_t>::max()),
      duration_option("max_inactive_connection_lifetime", seconds(300), false,
                      "idle time after which a connection is closed; 0: never"),
      duration_option("timeout", Duration{-1}, true,
                      "timeout of acquire(), including connecting; -1: none"),
      choice_option("python", {"3.11", "3.12"}, "3.11",
                    "3.11: 3.11 and older, where acquire() with a timeout gets its turn after a "
                    "woken waiter; 3.12: 3.12 and newer, where it runs immediately"),
      duration_option("task_time", std::chrono::microseconds(32), false,
                      "CPU time of the application's event loop for the step that starts a "
                      "request; other steps scale with it; 0s: none"),
  };
}

std::unique_ptr<PoolPolicy> make(const PoolSpec& spec, std::uint64_t) {
  AsyncpgConfig config;
  config.min_size = spec.integer("min_size");
  config.max_size = spec.integer("max_size");
  config.max_queries = spec.integer("max_queries");
  config.max_inactive_connection_lifetime = spec.duration("max_inactive_connection_lifetime");
  config.timeout = spec.duration("timeout");
  config.waits_in_new_task = spec.choice("python") == "3.11";
  return std::make_unique<AsyncpgPool>(config);
}

std::optional<std::int64_t> capacity(const PoolSpec& spec) {
  return spec.integer("max_size");
}

std::int64_t permanent(const PoolSpec& spec) {
  return spec.integer("max_size");
}

std::optional<std::string> check(const PoolSpec& spec) {
  if (spec.integer("min_size") <= spec.integer("max_size")) return std::nullopt;
  return "min_size is greater than max_size";
}

}  // namespace

std::vector<PoolKind> asyncpg_kinds() {
  std::vector<PoolKind> kinds;
  kinds.push_back(
      {{"asyncpg", "asyncpg 0.27 to 0.30 Pool", options()}, make, capacity, permanent, check});
  return kinds;
}

}  // namespace poolgauge
