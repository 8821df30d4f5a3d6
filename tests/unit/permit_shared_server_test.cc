// Signs that others use a server.
#include <catch2/catch.hpp>

#include "permit/permit.h"

using namespace poolgauge::permit;

TEST_CASE("names that say production", "[permit]") {
  for (const char* name : {"prod", "app_production", "db-prod3.example", "LIVE", "prd-1"}) {
    INFO(name);
    CHECK(looks_like_production(name));
  }
  for (const char* name : {"products", "reproduction", "staging", "delivery", "olive", ""}) {
    INFO(name);
    CHECK_FALSE(looks_like_production(name));
  }
}

TEST_CASE("signs of sharing", "[permit]") {
  SharedSigns quiet;
  quiet.host = "localhost";
  quiet.database = "app";
  quiet.others = 2;  // connected, and idle for long
  CHECK(signs_of_sharing(quiet).empty());
  SharedSigns busy = quiet;
  busy.busy_others = 1;
  REQUIRE(signs_of_sharing(busy).size() == 1);
  CHECK(signs_of_sharing(busy)[0] == "1 active session of other users within the last minute");
  SharedSigns blind = quiet;
  blind.sees_others = false;
  REQUIRE(signs_of_sharing(blind).size() == 1);
  CHECK(signs_of_sharing(blind)[0].find("GRANT pg_monitor") != std::string::npos);
  SharedSigns named = quiet;
  named.database = "shop_prod";
  named.host = "/run/prod";  // a socket's folder is no host
  CHECK(signs_of_sharing(named).size() == 1);
  SharedSigns traffic = quiet;
  traffic.foreign_per_s = 1;
  CHECK(signs_of_sharing(traffic).empty());
  traffic.foreign_per_s = 1.2;
  CHECK(signs_of_sharing(traffic).size() == 1);
}
