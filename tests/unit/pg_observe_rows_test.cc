// Rows of the server's views as `observe` takes them.
#include <catch2/catch.hpp>

#include "pg/observe/observe_pace.h"
#include "pg/observe/observe_read.h"

namespace poolgauge {
namespace {

ObserveRow look_row(const char* state, const char* wait = "") {
  return {"5", "10", "web", "10.0.0.7", "77", state, wait, "", "60.5", "0.25", "0.1", "0.0004"};
}

}  // namespace

TEST_CASE("a session is what its row says", "[observe]") {
  const auto active = session_of(look_row("active", "Lock"));
  REQUIRE(active);
  CHECK(active->state == ObserveState::active);
  CHECK(active->wait == ObserveWait::lock);
  CHECK(active->pid == 77);
  CHECK(active->backend_age_s == 60.5);
  CHECK(active->xact_age_s == 0.25);
  CHECK(active->state_age_s == 0.1);
  CHECK(session_of(look_row("fastpath function call"))->state == ObserveState::active);
  CHECK(session_of(look_row("idle"))->state == ObserveState::idle);
  CHECK(session_of(look_row("disabled"))->state == ObserveState::hidden);
  for (const char* const state : {"idle in transaction", "idle in transaction (aborted)"}) {
    CHECK(session_of(look_row(state))->state == ObserveState::idle_in_transaction);
  }
  CHECK_FALSE(session_of(look_row("")));
  CHECK(session_of(look_row("active", "IO"))->wait == ObserveWait::io);
  CHECK(session_of(look_row("active", "Client"))->wait == ObserveWait::client);
  CHECK(session_of(look_row("active"))->wait == ObserveWait::none);
  ObserveRow without = look_row("idle");
  without[9].clear();
  CHECK(session_of(without)->xact_age_s == kNoAge);
  CHECK(cost_of(without) == 0.0004);
}

TEST_CASE("names are looked up, and stay numbers where there is none", "[observe]") {
  const ObserveNames names{{"d5", "shop"}, {"r10", "app"}};
  const ObserveRow row = look_row("idle");
  CHECK(has_names(row, names));
  CHECK(key_of(row, names) == ObserveKey{"shop", "app", "web", "10.0.0.7"});
  CHECK_FALSE(has_names(row, {}));
  CHECK(key_of(row, {}) == ObserveKey{"5", "10", "web", "10.0.0.7"});
}

TEST_CASE("counters without times have none", "[observe]") {
  const auto old = counters_of({"shop", "100", "", "", "", "never", ""});
  REQUIRE(old);
  CHECK(old->transactions == 100);
  CHECK_FALSE(old->active_s);
  CHECK_FALSE(old->counted_for_s);
  const auto now = counters_of({"shop", "100", "2500", "500", "7", "2026-01-31", "3600"});
  CHECK(*now->active_s == 2.5);
  CHECK(*now->idle_in_transaction_s == 0.5);
  CHECK(*now->sessions == 7);
  CHECK(*now->counted_for_s == 3600);
  CHECK_FALSE(counters_of({"", "100", "", "", "", "never", ""}));
}

TEST_CASE("the server's facts", "[observe]") {
  ObserveServer server;
  const ObserveIdentity identity =
      read_facts({"100", "3", "2", "f", "off", "1.5", "4711", "1", "watcher", "shop", "f"}, server);
  CHECK(server.max_connections == 100);
  CHECK(server.reserved == 5);
  CHECK_FALSE(server.standby);
  CHECK_FALSE(server.tracks);
  CHECK(server.prepared_transactions == 1);
  CHECK(server.role == "watcher");
  CHECK(identity.pid == 4711);
  CHECK_FALSE(identity.may_see);
}

TEST_CASE("a window costs what is promised, whatever its first looks cost", "[observe]") {
  constexpr Duration kWished = std::chrono::milliseconds(100);
  for (const double each_s : {0.0001, 0.0004, 0.002, 0.005}) {
    double spent_s = 0, elapsed_s = 0;
    std::uint64_t looks = 0;
    for (Duration interval = kWished; elapsed_s < 60; elapsed_s += to_s(interval)) {
      spent_s += each_s;
      if (++looks % kLooksOfAPace == 0) {
        interval = paced_interval(spent_s, looks, elapsed_s, kWished);
      }
    }
    INFO(each_s << " s for each look, " << looks << " looks");
    CHECK(spent_s / elapsed_s <= 0.005);
    CHECK((spent_s / elapsed_s >= 0.004 || looks >= 590));
  }
  CHECK(paced_interval(1e9, 20, 1, kWished) == std::chrono::seconds(5));
  CHECK(paced_interval(1, 20, 1, std::chrono::seconds(10)) == std::chrono::seconds(10));
  CHECK(paced_interval(0, 20, 1, kWished) == kWished);
}

}  // namespace poolgauge
