// Kinds by name: their options with ranges and defaults, their capacity, and how to make one.
#include <algorithm>
#include <limits>

#include "base/check.h"
#include "policy/fixed_pool.h"
#include "policy/null_pool.h"
#include "policy/sqlalchemy_queue_pool.h"
#include "poolgauge/policies.h"

namespace poolgauge {

namespace {

using std::chrono::seconds;

constexpr std::int64_t kMostConnections = 262143;  // PostgreSQL's own MAX_BACKENDS

OptionInfo integer(std::string name, std::int64_t value, std::int64_t low, std::string help) {
  OptionInfo info;
  info.name = std::move(name);
  info.default_value = value;
  info.min_value = low;
  info.max_value = kMostConnections;
  info.help = std::move(help);
  return info;
}

OptionInfo flag(std::string name, bool value, std::string help) {
  OptionInfo info;
  info.name = std::move(name);
  info.type = OptionType::boolean;
  info.default_value = value;
  info.help = std::move(help);
  return info;
}

OptionInfo duration(std::string name, Duration value, bool minus_one_is_off, std::string help) {
  OptionInfo info;
  info.name = std::move(name);
  info.type = OptionType::duration;
  info.default_value = value;
  info.minus_one_is_off = minus_one_is_off;
  info.help = std::move(help);
  return info;
}

OptionInfo choice(std::string name, std::vector<std::string> choices, std::string value,
                  std::string help) {
  OptionInfo info;
  info.name = std::move(name);
  info.type = OptionType::choice;
  info.default_value = std::move(value);
  info.choices = std::move(choices);
  info.help = std::move(help);
  return info;
}

std::vector<OptionInfo> queue_pool_options() {
  return {
      integer("pool_size", 5, 0, "connections kept; 0: no limit at all (2.0)"),
      integer("max_overflow", 10, -1, "further connections allowed at once; -1: no limit"),
      duration("timeout", seconds(30), false, "limit of the wait on the queue only"),
      duration("recycle", Duration{-1}, true, "age after which a checkout reconnects; -1: never"),
      flag("pre_ping", false, "test the connection at checkout"),
      flag("use_lifo", false, "reuse the connection returned last instead of first"),
      choice("reset_on_return", {"rollback", "commit", "none"}, "rollback",
             "what a return does with an open transaction"),
      choice("version", {"2.0", "1.4"}, "2.0", "of SQLAlchemy; differs for pool_size 0"),
  };
}

std::vector<KindInfo> make_kinds() {
  std::vector<KindInfo> kinds;
  kinds.push_back(
      {"sqlalchemy", "SQLAlchemy 2.0 QueuePool, threads, psycopg2's habits", queue_pool_options()});
  std::vector<OptionInfo> async_options = queue_pool_options();
  async_options.push_back(choice("python", {"3.11", "3.12"}, "3.11",
                                 "3.11: 3.11 and older; 3.12: 3.12 and newer, where a task that "
                                 "returns and asks again passes the woken waiter"));
  async_options.push_back(duration("task_time", std::chrono::microseconds(130), false,
                                   "processor time of the application's event loop each time it "
                                   "resumes a task; 0s: an infinitely fast one"));
  kinds.push_back({"sqlalchemy-async",
                   "SQLAlchemy 2.0 AsyncAdaptedQueuePool, asyncio, asyncpg's habits",
                   std::move(async_options)});
  kinds.push_back({"none", "no pool: connect for each request, close after it", {}});
  kinds.push_back({"fixed", "a private connection for each user, as pgbench", {}});
  return kinds;
}

const std::vector<KindInfo>& kinds() {
  static const std::vector<KindInfo> all = make_kinds();
  return all;
}

bool is_queue_pool(const PoolSpec& spec) {
  return spec.kind == "sqlalchemy" || spec.kind == "sqlalchemy-async";
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

}  // namespace

std::span<const KindInfo> pool_kinds() {
  return kinds();
}

const KindInfo* find_kind(std::string_view name) {
  for (const KindInfo& kind : kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

OptionValue PoolSpec::get(std::string_view option) const {
  for (const auto& [name, value] : options) {
    if (name == option) return value;
  }
  const KindInfo* info = find_kind(kind);
  POOLGAUGE_CHECK(info != nullptr, "a pool of an unknown kind");
  for (const OptionInfo& known : info->options) {
    if (known.name == option) return known.default_value;
  }
  check_failed("option of this kind", "a pool option that its kind does not have", __FILE__,
               __LINE__);
}

void PoolSpec::set(std::string_view option, OptionValue value) {
  for (auto& [name, present] : options) {
    if (name == option) {
      present = std::move(value);
      return;
    }
  }
  options.emplace_back(std::string(option), std::move(value));
}

std::vector<std::pair<std::string, OptionValue>> all_options(const PoolSpec& spec) {
  std::vector<std::pair<std::string, OptionValue>> options;
  const KindInfo* info = find_kind(spec.kind);
  POOLGAUGE_CHECK(info != nullptr, "a pool of an unknown kind");
  for (const OptionInfo& known : info->options) {
    options.emplace_back(known.name, spec.get(known.name));
  }
  return options;
}

std::optional<std::string> check_options(const PoolSpec& spec) {
  if (!is_queue_pool(spec)) return std::nullopt;
  const bool empty_1_4 = spec.choice("version") == "1.4" && spec.integer("pool_size") == 0 &&
                         spec.integer("max_overflow") == 0;
  if (empty_1_4) return "pool_size 0 and max_overflow 0 leave no connection at all (version 1.4)";
  return std::nullopt;
}

std::optional<std::int64_t> pool_capacity(const PoolSpec& spec,
                                          std::optional<std::int64_t> clients) {
  if (!is_queue_pool(spec)) return clients;
  const std::int64_t size = spec.integer("pool_size");
  const std::int64_t overflow = spec.integer("max_overflow");
  const bool unlimited = overflow < 0 || (size == 0 && spec.choice("version") != "1.4");
  if (unlimited) return clients;
  return size + overflow;
}

std::int64_t pool_permanent_size(const PoolSpec& spec) {
  return is_queue_pool(spec) ? spec.integer("pool_size") : 0;
}

std::unique_ptr<PoolPolicy> make_policy(const PoolSpec& spec) {
  if (is_queue_pool(spec)) return std::make_unique<SqlAlchemyQueuePool>(queue_pool_config(spec));
  if (spec.kind == "none") return std::make_unique<NullPool>();
  POOLGAUGE_CHECK(spec.kind == "fixed", "a pool of an unknown kind");
  return std::make_unique<FixedPool>();
}

}  // namespace poolgauge
