// SQLAlchemy's kinds: options, ranges and defaults as its create_engine() and pool classes have
// them.
#include <fmt/core.h>

#include "policy/kind.h"
#include "policy/plain/null_pool.h"
#include "policy/snippets.h"
#include "policy/sqlalchemy/sqlalchemy_queue_pool.h"

namespace poolgauge {

namespace {

using std::chrono::seconds;

std::vector<OptionInfo> queue_pool_options() {
  return {
      integer_option("pool_size", 5, 0, "connections that the pool keeps open; 0: no limit (2.0)"),
      integer_option("max_overflow", 10, -1,
                     "additional connections above pool_size; -1: no limit"),
      duration_option("timeout", seconds(30), false,
                      "timeout of the wait in the queue, excluding connecting"),
      duration_option("recycle", Duration{-1}, true,
                      "age after which a connection is replaced at checkout; -1: never"),
      flag_option("pre_ping", false, "test the connection at checkout"),
      flag_option("use_lifo", false, "reuse the most recently returned connection first"),
      choice_option("reset_on_return", {"rollback", "commit", "none"}, "rollback",
                    "how to end an open transaction on return"),
      choice_option("version", {"2.0", "1.4"}, "2.0",
                    "SQLAlchemy version, 2.0 or 1.4; they differ in what pool_size 0 means"),
  };
}

QueuePoolConfig queue_pool_config(const PoolSpec& spec) {
  using World = QueuePoolConfig::World;
  QueuePoolConfig config;
  if (spec.kind == "sqlalchemy-async") {
    config.world = spec.choice("python") == "3.11" ? World::asyncio_311 : World::asyncio_312;
  }
  config.pool_size = spec.integer("pool_size");
  config.max_overflow = spec.integer("max_overflow");
  config.timeout = spec.duration("timeout");
  config.recycle = spec.duration("recycle");
  config.pre_ping = spec.boolean("pre_ping");
  config.use_lifo = spec.boolean("use_lifo");
  config.reset_on_return = spec.choice("reset_on_return") != "none";
  config.commit_on_return = spec.choice("reset_on_return") == "commit";
  config.version_1_4 = spec.choice("version") == "1.4";
  return config;
}

std::unique_ptr<PoolPolicy> make(const PoolSpec& spec, std::uint64_t) {
  return std::make_unique<SqlAlchemyQueuePool>(queue_pool_config(spec));
}

std::unique_ptr<PoolPolicy> make_null(const PoolSpec&, std::uint64_t) {
  return std::make_unique<NullPool>();
}

std::optional<std::int64_t> capacity(const PoolSpec& spec) {
  const std::int64_t size = spec.integer("pool_size");
  const std::int64_t overflow = spec.integer("max_overflow");
  const bool unlimited = overflow < 0 || (size == 0 && spec.choice("version") != "1.4");
  if (unlimited) return std::nullopt;
  return size + overflow;
}

std::int64_t permanent(const PoolSpec& spec) {
  return spec.integer("pool_size");
}

std::optional<std::string> check(const PoolSpec& spec) {
  const bool empty_1_4 = spec.choice("version") == "1.4" && spec.integer("pool_size") == 0 &&
                         spec.integer("max_overflow") == 0;
  if (empty_1_4)
    return "with pool_size 0 and max_overflow 0, the pool has no connections (version 1.4)";
  return std::nullopt;
}

std::vector<OptionInfo> async_options() {
  std::vector<OptionInfo> options = queue_pool_options();
  options.push_back(
      choice_option("python", {"3.11", "3.12"}, "3.11",
                    "3.11: 3.11 and older; 3.12: 3.12 and newer, where a task that releases a "
                    "connection and acquires one again overtakes the woken waiter"));
  options.push_back(duration_option("task_time", std::chrono::microseconds(150), false,
                                    "CPU time that the event loop spends when a request gets its "
                                    "connection and sends its first statement; the cost of its "
                                    "other work is derived from it; 0s: no cost"));
  return options;
}

/// In the proportions measured on SQLAlchemy 1.4 with asyncpg, CPython 3.11 (docs/decisions/0005).
LoopCosts loop_costs_of(const PoolSpec& spec) {
  const Duration granted = spec.duration("task_time");
  // Means in tenths of a microsecond, beside the 118 us of a granted task's step. Connecting is set
  // so that 60 connects at once take 130 ms, as there: much of that is the server's set-up queries.
  const auto share = [granted](std::int64_t tenths) { return granted * tenths / 1180; };
  LoopCosts costs;
  costs.granted = granted;
  costs.begun = share(364);
  costs.stepped = share(382);
  costs.committed = share(205);
  costs.refused = share(940);
  costs.timer = share(624);
  costs.closing = share(265);
  costs.closed = share(304);
  costs.connecting = share(1100);
  costs.read = share(69);
  costs.callback = share(25);
  return costs;
}

std::string option_to_keep_open(std::int64_t connections) {
  return fmt::format("pool_size {}, max_overflow 0", connections);
}

std::string cure_to_keep_open(const PoolSpec& pool, std::int64_t connections) {
  if (pool.integer("max_overflow") == 0) {
    return "raise recycle: connections are closed because of their age, not their number";
  }
  return fmt::format(
      "set pool_size = {} and max_overflow = 0: the same {} connections, which then stay open",
      connections, connections);
}

std::string sqlalchemy_snippet(const Recommendation& r) {
  return fmt::format(
      "engine = create_engine(  # or create_async_engine\n"
      "    database_url,\n"
      "    pool_size={},\n"
      "    max_overflow={},\n"
      "    pool_timeout={:g},\n"
      "    pool_recycle={:.0f},\n"
      "    pool_pre_ping={},\n"
      ")\n"
      "{}",
      r.pool_size, r.max_overflow, r.pool_timeout_s, r.pool_recycle_s, python_bool(r.pre_ping),
      behind_pooler(r,
                    "# {}:\n# psycopg: connect_args={{\"prepare_threshold\": None}}; asyncpg: "
                    "\"Prepared Statement Name with PGBouncer\" in SQLAlchemy's documentation\n"));
}

std::string environment_snippet(const Recommendation& r) {
  return fmt::format(
      "DB_POOL_SIZE={}\n"
      "DB_MAX_OVERFLOW={}\n"
      "DB_POOL_TIMEOUT={:g}\n"
      "DB_POOL_RECYCLE={:.0f}\n"
      "DB_POOL_PRE_PING={}\n"
      "DB_CONNECT_TIMEOUT={:.0f}\n"
      "DB_COMMAND_TIMEOUT={:g}\n",
      r.pool_size, r.max_overflow, r.pool_timeout_s, r.pool_recycle_s, python_bool(r.pre_ping),
      r.connect_timeout_s, r.statement_timeout_s);
}

/// What both kinds with a queue have in common.
void add_traits(PoolKind& kind, const char* overtaker) {
  kind.traits.overtaker = overtaker;
  kind.traits.snippet = "sqlalchemy";
  kind.sizing =
      SizingOptions{"pool_size", "max_overflow", "", "timeout", "recycle", "pre_ping", true};
  kind.keep_open_option = option_to_keep_open;
  kind.keep_open_cure = cure_to_keep_open;
}

}  // namespace

std::vector<PoolKind> sqlalchemy_kinds() {
  std::vector<PoolKind> kinds;
  kinds.push_back(
      {{"sqlalchemy", "SQLAlchemy 2.0 QueuePool, threads, psycopg2", queue_pool_options()},
       make,
       capacity,
       permanent,
       check});
  {
    PoolKind& kind = kinds.back();
    add_traits(kind, "thread");
    kind.traits.metrics = "sqlalchemy_pool";
    kind.snippets = {{"sqlalchemy", "SQLAlchemy", "python", sqlalchemy_snippet},
                     {"env", "environment", "sh", environment_snippet}};
  }
  kinds.push_back({{"sqlalchemy-async", "SQLAlchemy 2.0 AsyncAdaptedQueuePool, asyncio, asyncpg",
                    async_options()},
                   make,
                   capacity,
                   permanent,
                   check});
  {
    PoolKind& kind = kinds.back();
    add_traits(kind, "task");
    kind.loop = loop_costs_of;
  }
  kinds.push_back(
      {{"sqlalchemy-null", "SQLAlchemy 2.0 NullPool: connects at each checkout", {}}, make_null});
  {
    PoolKind& kind = kinds.back();
    kind.traits.connects_each_time = true;
    kind.flags = {
        {PoolFlag::size, "",
         "NullPool keeps no connections and has no limit; use --pool sqlalchemy for pool_size"},
        {PoolFlag::overflow, "",
         "NullPool keeps no connections and has no limit; use --pool sqlalchemy for max_overflow"},
        {PoolFlag::timeout, "",
         "requests never wait for a NullPool; use --deadline to limit the request"},
        {PoolFlag::recycle, "-1", "NullPool opens a new connection each time"},
        {PoolFlag::ping, "false", "NullPool opens a new connection each time"}};
  }
  return kinds;
}

}  // namespace poolgauge
