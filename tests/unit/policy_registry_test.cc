// Pool kinds, their options, and what follows from them by arithmetic.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "policy/sqlalchemy/sqlalchemy_queue_pool.h"
#include "policy/wait_line.h"
#include "poolgauge/policies.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

PoolSpec queue_pool(std::int64_t size, std::int64_t overflow, const std::string& version = "2.0") {
  PoolSpec spec;
  spec.kind = "sqlalchemy";
  spec.set("pool_size", size);
  spec.set("max_overflow", overflow);
  spec.set("version", version);
  return spec;
}

TEST_CASE("the kinds that can be emulated, by their names", "[policy]") {
  std::vector<std::string> names;
  for (const KindInfo* kind : pool_kinds()) names.push_back(kind->name);
  for (const char* expected : {"sqlalchemy", "sqlalchemy-async", "sqlalchemy-null", "psycopg",
                               "psycopg-null", "none", "fixed"}) {
    CHECK(std::count(names.begin(), names.end(), expected) == 1);
  }
  for (const KindInfo* kind : pool_kinds()) CHECK(find_kind(kind->name) == kind);
  CHECK(find_kind("sqlalchemi") == nullptr);
  CHECK(find_kind("") == nullptr);
}

void check_default(const OptionInfo& option) {
  INFO(option.name);
  CHECK_FALSE(option.help.empty());
  switch (option.type) {
    case OptionType::integer: {
      const auto value = std::get<std::int64_t>(option.default_value);
      CHECK(value >= option.min_value);
      CHECK(value <= option.max_value);
      break;
    }
    case OptionType::boolean: CHECK(std::holds_alternative<bool>(option.default_value)); break;
    case OptionType::duration: {
      const auto value = std::get<Duration>(option.default_value);
      CHECK((value >= Duration::zero() || (option.minus_one_is_off && value == Duration{-1})));
      CHECK((option.bare_unit == 1s || option.bare_unit == 1ms));
      break;
    }
    case OptionType::choice: {
      const auto value = std::get<std::string>(option.default_value);
      const auto& all = option.choices;
      CHECK(std::count(all.begin(), all.end(), value) == 1);
      break;
    }
  }
}

TEST_CASE("every option's default is a value the option allows", "[policy]") {
  for (const KindInfo* each : pool_kinds()) {
    const KindInfo& kind = *each;
    INFO(kind.name);
    CHECK_FALSE(kind.library.empty());
    std::set<std::string> names;
    for (const OptionInfo& option : kind.options) {
      check_default(option);
      CHECK(names.insert(option.name).second);
    }
    PoolSpec defaults;
    defaults.kind = kind.name;
    CHECK_FALSE(check_options(defaults).has_value());
    CHECK(make_policy(defaults) != nullptr);
  }
}

TEST_CASE("SQLAlchemy's defaults are those of its documentation", "[policy]") {
  PoolSpec spec;
  CHECK(spec.kind == "sqlalchemy-async");
  CHECK(spec.integer("pool_size") == 5);
  CHECK(spec.integer("max_overflow") == 10);
  CHECK(spec.duration("timeout") == 30s);
  CHECK(spec.duration("recycle") == Duration{-1});
  CHECK_FALSE(spec.boolean("pre_ping"));
  CHECK_FALSE(spec.boolean("use_lifo"));
  CHECK(spec.choice("reset_on_return") == "rollback");
}

TEST_CASE("an option that was set wins over the default, the last one over the first", "[policy]") {
  PoolSpec spec;
  spec.set("pool_size", std::int64_t{7});
  spec.set("pool_size", std::int64_t{8});
  spec.set("pre_ping", true);
  spec.set("timeout", Duration{5s});
  CHECK(spec.integer("pool_size") == 8);
  CHECK(spec.boolean("pre_ping"));
  CHECK(spec.duration("timeout") == 5s);
  CHECK(spec.options.size() == 3);
}

TEST_CASE("how many connections a pool can open", "[policy]") {
  struct Row {
    PoolSpec spec;
    std::optional<std::int64_t> clients;
    std::optional<std::int64_t> capacity;
    std::int64_t permanent;
  };
  PoolSpec none;
  none.kind = "none";
  PoolSpec fixed;
  fixed.kind = "fixed";
  const Row rows[] = {
      {queue_pool(5, 10), 100, 15, 5},
      {queue_pool(5, 10), std::nullopt, 15, 5},
      {queue_pool(5, 0), 100, 5, 5},
      {queue_pool(5, -1), 100, 100, 5},
      {queue_pool(5, -1), std::nullopt, std::nullopt, 5},
      {queue_pool(0, 10), 100, 100, 0},
      {queue_pool(0, 10, "1.4"), 100, 10, 0},
      {queue_pool(0, -1, "1.4"), 100, 100, 0},
      {none, 100, 100, 0},
      {none, std::nullopt, std::nullopt, 0},
      {fixed, 7, 7, 0},
  };
  for (const Row& row : rows) {
    CHECK(pool_capacity(row.spec, row.clients) == row.capacity);
    CHECK(pool_permanent_size(row.spec) == row.permanent);
  }
}

TEST_CASE("a pool that could never give a connection is refused", "[policy]") {
  CHECK(check_options(queue_pool(0, 0, "1.4")).has_value());
  CHECK_FALSE(check_options(queue_pool(0, 0)).has_value());  // 2.0: no limit
  CHECK_FALSE(check_options(queue_pool(0, 1, "1.4")).has_value());
  CHECK_FALSE(check_options(queue_pool(1, 0, "1.4")).has_value());
}

TEST_CASE("how each kind's driver pings and resets", "[policy]") {
  PoolSpec threads = queue_pool(1, 0);
  CHECK(make_policy(threads)->habits().ping == DriverHabits::Ping::single);
  CHECK(make_policy(threads)->habits().reset == DriverHabits::Reset::rollback);
  PoolSpec async;
  async.set("reset_on_return", std::string("commit"));
  CHECK(make_policy(async)->habits().ping == DriverHabits::Ping::in_session);
  CHECK(make_policy(async)->habits().reset == DriverHabits::Reset::commit);
  CHECK_FALSE(make_policy(async)->shares_connections());
}

TEST_CASE("the text of a pool timeout is the library's own", "[policy]") {
  PoolSpec spec = queue_pool(20, 40);
  spec.set("timeout", Duration{2500ms});
  const auto policy = make_policy(spec);
  CHECK(policy->refusal_text(Refusal::timeout) ==
        "QueuePool limit of size 20 overflow -20 reached, connection timed out, timeout 2.50");
  CHECK(policy->refusal_text(Refusal::gave_up).empty());
}

TEST_CASE("a line of waiters: first come first served, leaving from anywhere", "[policy]") {
  WaitLine line;
  const WaiterId a{0, 1};
  const WaiterId b{1, 1};
  const WaiterId c{7, 1};
  line.push_back(a);
  line.push_back(b);
  line.push_back(c);
  CHECK(line.size() == 3);
  CHECK(line.remove(b));
  CHECK_FALSE(line.remove(b));
  CHECK_FALSE(line.contains(WaiterId{0, 2}));  // the slot's next user
  CHECK(line.front() == a);
  CHECK(line.pop_front() == a);
  line.push_back(a);
  CHECK(line.pop_front() == c);
  CHECK(line.pop_front() == a);
  CHECK(line.empty());
}

}  // namespace
}  // namespace poolgauge
