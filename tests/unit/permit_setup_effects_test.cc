// What setup files would do to what is there.
#include <catch2/catch.hpp>

#include "permit/permit.h"

using namespace poolgauge;

namespace {

std::vector<std::string> effects(const std::string& sql) {
  std::vector<std::string> lines;
  for (const permit::SetupEffect& e : permit::effects_of({SqlFile{"a.sql", sql}})) {
    lines.push_back(e.verb + " " + e.kind + " " + e.name + " @" + std::to_string(e.line));
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("effects on what exists", "[permit]") {
  CHECK(effects("CREATE TABLE a (i int); INSERT INTO a VALUES (1);").empty());
  CHECK(effects("DROP TABLE IF EXISTS a, \"B c\".d CASCADE;") ==
        Lines{"drop table a @1", "drop table \"B c\".d @1"});
  CHECK(effects("-- drop table x\nDROP MATERIALIZED VIEW m /* now */;\nDROP SCHEMA s CASCADE") ==
        Lines{"drop materialized view m @2", "drop schema s @3"});
  CHECK(effects("CREATE OR REPLACE FUNCTION app.f(a int) RETURNS int AS $$SELECT 1; DROP TABLE q$$ "
                "LANGUAGE sql") == Lines{"replace function app.f @1"});
  CHECK(
      effects("TRUNCATE a, ONLY b; DELETE FROM c WHERE i = 1; UPDATE d SET i = 2") ==
      Lines{"empty table a @1", "empty table b @1", "delete from table c @1", "update table d @1"});
  CHECK(effects("ALTER TABLE IF EXISTS a ADD COLUMN b int") == Lines{"alter table a @1"});
  CHECK(effects("DO $$ BEGIN END $$") == Lines{"run DO block  @1"});
  CHECK(effects("DROP FUNCTION f(int, text), g()") ==
        Lines{"drop function f @1", "drop function g @1"});
  CHECK(effects("DROP TABLE a; DROP TABLE a;") == Lines{"drop table a @1"});
  CHECK(effects("DROP TABLE \"a\"\"b\" ;") == Lines{"drop table \"a\"\"b\" @1"});
}

TEST_CASE("what a setup creates", "[permit]") {
  const std::string sql =
      "CREATE TABLE a (i int); CREATE TEMP TABLE t (i int); CREATE UNLOGGED TABLE IF NOT EXISTS "
      "s.b (i int); CREATE INDEX ON a (i); CREATE SCHEMA IF NOT EXISTS x; CREATE OR REPLACE VIEW v "
      "AS SELECT 1";
  Lines lines;
  for (const permit::Created& c : permit::created_by({SqlFile{"a.sql", sql}})) {
    lines.push_back(c.kind + " " + c.name);
  }
  CHECK(lines == Lines{"table a", "table s.b", "schema x", "view v"});
}
