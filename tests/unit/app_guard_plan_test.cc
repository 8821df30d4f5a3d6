// What is known of guards before anything is connected.
#include <catch2/catch.hpp>

#include "app/guard_plan.h"

namespace poolgauge::app {
namespace {

TEST_CASE("guards that look at the server need a connection there") {
  const auto ask = [](auto change) {
    SafetyOptions safety;
    change(safety);
    return guards_ask_server(safety);
  };
  CHECK_FALSE(ask([](SafetyOptions&) {}));
  CHECK_FALSE(ask([](SafetyOptions& s) { s.guard_http = "http://127.0.0.1/"; }));
  CHECK_FALSE(ask([](SafetyOptions& s) { s.stop_file = "stop"; }));
  CHECK_FALSE(ask([](SafetyOptions& s) { s.stop_guards = {"errors_53<=3"}; }));
  CHECK(ask([](SafetyOptions& s) { s.guards = {"others_active<=4"}; }));
  CHECK(ask([](SafetyOptions& s) { s.stop_guards = {"free_slots>=4"}; }));
  CHECK(ask([](SafetyOptions& s) { s.guard_query = "SELECT 0"; }));
  CHECK(ask([](SafetyOptions& s) { s.shared = true; }));
}

}  // namespace
}  // namespace poolgauge::app
