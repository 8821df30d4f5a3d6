// psycopg_pool's kinds: options, ranges and defaults as its pool classes have them.
#include <fmt/core.h>

#include "policy/kind.h"
#include "policy/psycopg/psycopg_null_pool.h"
#include "policy/psycopg/psycopg_pool.h"
#include "policy/snippets.h"

namespace poolgauge {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// What of the common options means something else in the null pool.
struct WordsOfOthers {
  const char *max_lifetime, *max_idle, *reconnect_timeout, *num_workers;
};

constexpr WordsOfOthers kOfPool = {
    "maximum age of a connection, randomly reduced by up to 5 %; replaced on return",
    "interval at which an unused connection above min_size is closed",
    "how long failing connects are retried",
    "background workers that open connections in parallel"};

constexpr WordsOfOthers kOfNullPool = {
    "maximum age of a connection, randomly reduced by up to 5 %; checked when it is returned "
    "while requests wait",
    "has no effect: a null pool keeps no unused connections",
    "how long failing connects are retried that replace a broken or expired connection",
    "background workers that replace a broken or expired connection for a waiter"};

void add_common_options(std::vector<OptionInfo>& options, const WordsOfOthers& words) {
  options.push_back(
      duration_option("timeout", seconds(30), false, "timeout of the whole wait for a connection"));
  options.push_back(integer_option(
      "max_waiting", 0, 0,
      "maximum queue length; further requests are refused immediately; 0: no limit"));
  options.push_back(duration_option("max_lifetime", hours(1), false, words.max_lifetime));
  options.push_back(duration_option("max_idle", minutes(10), false, words.max_idle));
  options.push_back(
      duration_option("reconnect_timeout", minutes(5), false, words.reconnect_timeout));
  options.push_back(integer_option("num_workers", 3, 1, words.num_workers));
  options.push_back(flag_option("check", false, "test a connection before handing it out (3.2)"));
  options.push_back(choice_option(
      "version", {"3.2", "3.1"}, "3.2",
      "psycopg_pool version; 3.2 emulates 3.2.1 and newer, 3.1 emulates 3.1.7 and older"));
}

std::vector<OptionInfo> pool_options() {
  std::vector<OptionInfo> options = {
      integer_option("min_size", 4, 0, "minimum number of connections; opened at the start"),
      integer_option("max_size", -1, -1,
                     "maximum number of connections; -1: None, same as min_size")};
  add_common_options(options, kOfPool);
  return options;
}

std::vector<OptionInfo> null_pool_options() {
  std::vector<OptionInfo> options = {
      integer_option("min_size", 0, 0, "must be 0: a null pool keeps no connections"),
      integer_option("max_size", 0, -1,
                     "maximum number of connections; 0 and -1 (None): no limit")};
  add_common_options(options, kOfNullPool);
  return options;
}

std::int64_t max_size(const PoolSpec& spec) {
  const std::int64_t given = spec.integer("max_size");
  return given < 0 ? spec.integer("min_size") : given;
}

PsycopgConfig config_of(const PoolSpec& spec) {
  PsycopgConfig config;
  config.min_size = spec.integer("min_size");
  config.max_size = max_size(spec);
  config.timeout = spec.duration("timeout");
  config.max_waiting = spec.integer("max_waiting");
  config.max_lifetime = spec.duration("max_lifetime");
  config.max_idle = spec.duration("max_idle");
  config.reconnect_timeout = spec.duration("reconnect_timeout");
  config.num_workers = spec.integer("num_workers");
  config.check = spec.boolean("check");
  config.version_3_1 = spec.choice("version") == "3.1";
  return config;
}

std::unique_ptr<PoolPolicy> make(const PoolSpec& spec, std::uint64_t seed) {
  return std::make_unique<PsycopgPool>(config_of(spec), seed);
}

std::unique_ptr<PoolPolicy> make_null(const PoolSpec& spec, std::uint64_t seed) {
  return std::make_unique<PsycopgNullPool>(config_of(spec), seed);
}

std::optional<std::int64_t> capacity(const PoolSpec& spec) {
  return max_size(spec);
}

std::optional<std::int64_t> null_capacity(const PoolSpec& spec) {
  if (max_size(spec) == 0) return std::nullopt;
  return max_size(spec);
}

std::int64_t permanent(const PoolSpec& spec) {
  return spec.integer("min_size");
}

std::optional<std::string> check_common(const PoolSpec& spec) {
  if (spec.boolean("check") && spec.choice("version") == "3.1") {
    return "check needs psycopg_pool 3.2; version 3.1 does not have it";
  }
  return std::nullopt;
}

std::optional<std::string> check(const PoolSpec& spec) {
  const std::int64_t min = spec.integer("min_size");
  if (max_size(spec) < min) return "max_size must be greater or equal than min_size";
  if (max_size(spec) == 0) return "if min_size is 0 max_size must be greater than 0";
  if (spec.duration("max_idle") < std::chrono::milliseconds(1)) {
    return "max_idle must be at least 1ms: it is also the interval of the check for unused "
           "connections";
  }
  return check_common(spec);
}

std::optional<std::string> check_null(const PoolSpec& spec) {
  if (spec.integer("min_size") != 0) return "null pools must have min_size = 0";
  return check_common(spec);
}

std::string cure_to_keep_open(const PoolSpec&, std::int64_t connections) {
  return fmt::format(
      "set min_size = {} (the same as max_size), and raise max_lifetime and max_idle", connections);
}

std::string psycopg_pool_snippet(const Recommendation& r) {
  return fmt::format(
      "pool = ConnectionPool(  # or AsyncConnectionPool\n"
      "    conninfo,\n"
      "    min_size={},\n"
      "    max_size={},\n"
      "    timeout={:g},\n"
      "    max_lifetime={:.0f},\n"
      "    open=False,\n"
      "{})\n",
      r.pool_size, r.total(), r.pool_timeout_s, r.pool_recycle_s,
      behind_pooler(r, "    kwargs={{\"prepare_threshold\": None}},  # {}\n"));
}

}  // namespace

std::vector<PoolKind> psycopg_kinds() {
  std::vector<PoolKind> kinds;
  kinds.push_back({{"psycopg", "psycopg_pool 3.2 ConnectionPool, threads", pool_options()},
                   make,
                   capacity,
                   permanent,
                   check});
  {
    PoolKind& kind = kinds.back();
    kind.traits.snippet = "psycopg_pool";
    kind.traits.postgresql_only = true;
    kind.traits.metrics = "psycopg_pool";
    kind.sizing = SizingOptions{"min_size", "", "max_size", "timeout", "max_lifetime", "", false};
    kind.flags = {{PoolFlag::ping, "", "", "check"}};
    kind.keep_open_cure = cure_to_keep_open;
    kind.snippets = {{"psycopg_pool", "psycopg_pool", "python", psycopg_pool_snippet}};
  }
  kinds.push_back(
      {{"psycopg-null", "psycopg_pool 3.2 NullConnectionPool, threads: connects at each checkout",
        null_pool_options()},
       make_null,
       null_capacity,
       nullptr,
       check_null});
  {
    PoolKind& kind = kinds.back();
    kind.traits.connects_each_time = true;
    kind.traits.snippet = "psycopg_pool";
    kind.traits.postgresql_only = true;
    kind.sizing = SizingOptions{"", "", "max_size", "timeout", "", "", false};
    kind.flags = {
        {PoolFlag::recycle, "", "", "max_lifetime"},
        {PoolFlag::ping, "", "", "check"},
        {PoolFlag::overflow, "0",
         "a null pool keeps no connections; max_size (--pool-size) limits all that it opens"}};
  }
  return kinds;
}

}  // namespace poolgauge
