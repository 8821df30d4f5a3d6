// Tables that statements name.
#include <catch2/catch.hpp>

#include "permit/permit.h"

using Names = std::vector<std::string>;
using poolgauge::permit::further_rights;
using poolgauge::permit::qualified_tables;
using poolgauge::permit::tables_named;

TEST_CASE("tables of a statement", "[permit]") {
  CHECK(tables_named("SELECT id FROM app.message m JOIN \"User\" u ON u.id = m.user_id "
                     "WHERE m.at > (SELECT max(at) FROM mark)") ==
        Names{"message", "User", "mark"});
  CHECK(tables_named("INSERT INTO message (a, b) SELECT 1, 2 FROM s, t x, u AS y") ==
        Names{"message", "s", "t", "u"});
  CHECK(tables_named("UPDATE ONLY orders SET a = 1") == Names{"orders"});
  CHECK(tables_named("DELETE FROM line; TABLE other") == Names{"line", "other"});
  CHECK(tables_named("SELECT * FROM generate_series(1, 3) g, LATERAL (SELECT 1) x") == Names{});
  CHECK(tables_named("SELECT 1 FROM t FOR UPDATE") == Names{"t"});
  CHECK(tables_named("SELECT extract(epoch FROM now())") == Names{});
  CHECK(tables_named("SELECT 'FROM x' -- FROM y") == Names{});
}

TEST_CASE("tables with their schemas, as identifiers", "[permit]") {
  CHECK(qualified_tables("SELECT 1 FROM app.Message m JOIN \"User\" u ON true") ==
        Names{"\"app\".\"message\"", "\"User\""});
  CHECK(qualified_tables("INSERT INTO t(a) VALUES (1)") == Names{"\"t\""});
}

TEST_CASE("rights that planning does not check", "[permit]") {
  CHECK(further_rights("TRUNCATE TABLE ONLY app.t, \"U\" CASCADE").truncated ==
        Names{"\"app\".\"t\"", "\"U\""});
  CHECK(further_rights("truncate t").truncated == Names{"\"t\""});
  CHECK(further_rights("SELECT 'TRUNCATE t'").truncated == Names{});
  CHECK(further_rights("CREATE TEMP TABLE x (i int)").temporary);
  CHECK(further_rights("SELECT 1; create temporary view v AS SELECT 1").temporary);
  CHECK_FALSE(further_rights("CREATE TABLE temp (i int)").temporary);
}
