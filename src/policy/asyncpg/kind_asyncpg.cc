// The kind of asyncpg: options and defaults as create_pool() has them.
#include <fmt/core.h>

#include "policy/asyncpg/asyncpg_pool.h"
#include "policy/kind.h"
#include "policy/snippets.h"

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
                      "timeout of acquire(), including connecting; -1: no timeout"),
      choice_option("python", {"3.11", "3.12"}, "3.11",
                    "3.11: Python 3.11 and older (a woken waiter runs before a later acquire() "
                    "with a timeout); 3.12: 3.12 and newer (that acquire() runs first)"),
      duration_option(
          "task_time", std::chrono::microseconds(32), false,
          "CPU time that the event loop spends when a request gets its connection and sends "
          "its first statement; the cost of its other work is derived from it; 0s: no cost"),
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

/// In the proportions measured on the library, as for SQLAlchemy (docs/decisions/0005).
LoopCosts loop_costs_of(const PoolSpec& spec) {
  const Duration granted = spec.duration("task_time");
  // Beside the 32 us of a granted task's step. What follows an answer is mostly in its callback.
  const auto share = [granted](std::int64_t tenths) { return granted * tenths / 320; };
  LoopCosts costs;
  costs.granted = granted;
  costs.begun = share(460);
  costs.stepped = share(110);
  costs.committed = share(164);
  costs.reset = share(87);
  costs.refused = share(340);
  costs.timer = share(544);
  costs.closing = share(635);
  costs.closed = share(138);
  costs.connecting = share(600);
  costs.read = share(382);
  costs.callback = share(40);
  return costs;
}

std::string cure_to_keep_open(const PoolSpec&, std::int64_t connections) {
  return fmt::format(
      "set max_inactive_connection_lifetime = 0 and leave max_queries at 50000: the {} connections "
      "then stay open",
      connections);
}

std::string asyncpg_snippet(const Recommendation& r) {
  return fmt::format(
      "pool = await asyncpg.create_pool(\n    dsn,\n    min_size={},\n    max_size={},\n    "
      "max_inactive_connection_lifetime={:.0f},\n    timeout={:.0f},  # to connect; "
      "acquire(timeout={:g}) limits the wait\n    command_timeout={:g},\n{})\n",
      r.pool_size, r.total(), r.pool_recycle_s, r.connect_timeout_s, r.pool_timeout_s,
      r.statement_timeout_s, behind_pooler(r, "    statement_cache_size=0,  # {}\n"));
}

}  // namespace

std::vector<PoolKind> asyncpg_kinds() {
  std::vector<PoolKind> kinds;
  kinds.push_back(
      {{"asyncpg", "asyncpg 0.27 to 0.30 Pool", options()}, make, capacity, permanent, check});
  PoolKind& kind = kinds.back();
  kind.traits.last_returned_first = true;
  kind.traits.postgresql_only = true;
  kind.traits.snippet = "asyncpg";
  kind.sizing = SizingOptions{"min_size", "", "max_size", "timeout", "", "", false};
  kind.flags = {
      {PoolFlag::recycle, "-1",
       "asyncpg has no maximum age; the closest options are max_inactive_connection_lifetime (idle "
       "time) and max_queries"},
      {PoolFlag::ping, "false",
       "asyncpg does not test connections at checkout; the closest option is "
       "max_inactive_connection_lifetime, which closes idle connections"}};
  kind.keep_open_cure = cure_to_keep_open;
  kind.loop = loop_costs_of;
  kind.snippets = {{"asyncpg", "asyncpg", "python", asyncpg_snippet}};
  return kinds;
}

}  // namespace poolgauge
