// A database of a test's own, and steps for it.
#pragma once

#include <catch2/catch.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "poolgauge/scenario.h"
#include "sqlite/connection.h"
#include "sqlite/database.h"
#include "sqlite/scratch.h"

namespace poolgauge::test {

using namespace std::chrono_literals;

/// Removed at the end of the test.
struct TestFile {
  TestFile() : scratch(take(sqlite::Scratch::make())) { settings.place.path = scratch->database(); }
  explicit TestFile(sqlite::Pragmas pragmas) : TestFile() { settings.pragmas = std::move(pragmas); }

  /// A connection that sleeps nowhere: what it would have slept is noted.
  struct Client {
    Client(TestFile& file, std::size_t steps)
        : connection(file.settings, counters, bindings, steps) {
      connection.sleep_with([this](Duration time) {
        slept.push_back(time);
        return !on_sleep || on_sleep();
      });
      REQUIRE(connection.open(true).ok());
    }
    void run(const std::string& sql) {
      const Outcome outcome = connection.execute(sql.c_str());
      INFO(sql << ": " << connection.error());
      REQUIRE(outcome.ok());
    }
    std::string query(const std::string& sql) {
      std::string value;
      REQUIRE(connection.query(sql, value).ok());
      return value;
    }
    std::vector<Duration> slept;
    std::function<bool()> on_sleep;  ///< false: interrupted
    sqlite::Counters counters;
    std::vector<sqlite::Binding> bindings{4, sqlite::Binding::number_if_it_is_one};
    sqlite::Connection connection;
  };

  template <typename T>
  static T take(Result<T> result) {
    if (!result) FAIL(result.error().message);
    return std::move(result).value();
  }

  std::unique_ptr<sqlite::Scratch> scratch;
  sqlite::Settings settings;
};

inline Step sqlite_step(const std::string& text, std::vector<std::uint32_t> variables = {},
                        Protocol protocol = Protocol::prepared) {
  Step step;
  step.name = "sql";
  step.sql.source = step.sql.text = text;
  step.sql.variables = std::move(variables);
  step.protocol = protocol;
  return step;
}

/// One request of these steps, four users, a pool of four, 300 ms and no warm-up.
inline Scenario sqlite_scenario(std::vector<Step> steps,
                                TransactionMode transaction = TransactionMode::none) {
  Scenario scenario;
  RequestSpec request;
  request.name = "request";
  request.transaction = transaction;
  request.steps = std::move(steps);
  scenario.requests.push_back(std::move(request));
  ClosedLoad load;
  load.users = 4;
  scenario.load = load;
  scenario.duration = 300ms;
  scenario.deployment.pool.kind = "sqlalchemy";
  scenario.deployment.pool.set("pool_size", std::int64_t{4});
  scenario.deployment.pool.set("max_overflow", std::int64_t{0});
  return scenario;
}

inline const StopFlag& no_stop() {
  static const StopFlag flag;
  return flag;
}

}  // namespace poolgauge::test
