// What provably only reads, and what does not.
#include <catch2/catch.hpp>

#include "permit/permit.h"

using poolgauge::permit::surely_writes;
using poolgauge::permit::why_may_write;

TEST_CASE("queries that provably only read", "[permit]") {
  const char* const sql = GENERATE(
      as<const char*>{}, "SELECT 1",
      "select id, body from message where conversation_id = $1 order by id limit 20",
      "VALUES (1), (2)", "TABLE message", "SHOW work_mem", "",
      "SELECT count(*), max(created_at) FROM message GROUP BY author HAVING count(*) > 3",
      "WITH recent AS (SELECT * FROM message LIMIT 5) SELECT count(*) FROM recent",
      "WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 9) "
      "SELECT sum(n) FROM t",
      "SELECT * FROM generate_series(1, 3) AS g(i)", "SELECT v.a FROM (VALUES (1)) v(a)",
      "SELECT a IN (1, 2), EXISTS (SELECT 1), CAST(b AS numeric(10, 2)) FROM t",
      "SELECT pg_catalog.lower(name) FROM t", "SELECT \"lower\"(name) FROM t",
      "SELECT 'INSERT INTO t', \"update\" FROM t -- delete from t", "EXPLAIN SELECT 1",
      "SELECT DISTINCT ON (a) lower(b) FROM t", "SELECT t.update FROM t",
      "EXPLAIN (ANALYZE, BUFFERS) SELECT count(*) FROM t", "EXPLAIN ANALYZE VERBOSE TABLE t",
      "BEGIN; SELECT 1; COMMIT", "BEGIN READ ONLY", "START TRANSACTION; END", "SAVEPOINT a",
      "SET LOCAL enable_seqscan = off", "DECLARE c CURSOR FOR SELECT 1", "FETCH 10 FROM c",
      "SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM t",
      "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t",
      "SELECT sum(a) FILTER (WHERE b > 0) FROM t");
  INFO(sql);
  CHECK(why_may_write(sql) == "");
}

TEST_CASE("a slip in a query's first word is told as one", "[permit]") {
  CHECK(why_may_write("SELEC 1") == "SELEC is not an SQL command; did you mean SELECT?");
  CHECK(why_may_write("VALUS (1)") == "VALUS is not an SQL command; did you mean VALUES?");
  for (const char* const command : {"DELETE FROM t", "LOCK t", "CALL p()", "CLUSTER t"}) {
    INFO(command);
    CHECK(why_may_write(command).find("did you mean") == std::string::npos);
  }
}

TEST_CASE("statements that write, or may", "[permit]") {
  struct Row {
    const char* sql;
    const char* why;
  };
  const Row row = GENERATE(
      Row{"INSERT INTO t VALUES (1)", "INSERT"}, Row{"update t set a = 1", "UPDATE"},
      Row{"DELETE FROM t", "DELETE"}, Row{"TRUNCATE t", "TRUNCATE"}, Row{"DROP TABLE t", "DROP"},
      Row{"MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE", "MERGE"},
      Row{"WITH x AS (INSERT INTO t VALUES (1) RETURNING id) SELECT id FROM x", "INSERT"},
      Row{"WITH x AS (SELECT 1) DELETE FROM t", "DELETE"}, Row{"SELECT * INTO u FROM t", "INTO"},
      Row{"SELECT * FROM t FOR UPDATE", "SELECT … FOR UPDATE"},
      Row{"SELECT * FROM t FOR NO KEY UPDATE SKIP LOCKED", "SELECT … FOR UPDATE"},
      Row{"SELECT * FROM t FOR KEY SHARE", "SELECT … FOR SHARE"}, Row{"COPY t TO '/tmp/x'", "COPY"},
      Row{"DO $$ BEGIN END $$", "DO"}, Row{"CALL p()", "CALL"},
      Row{"EXPLAIN ANALYZE INSERT INTO t VALUES (1)", "EXPLAIN INSERT"},
      Row{"EXPLAIN (ANALYZE) DELETE FROM t", "EXPLAIN DELETE"},
      Row{"EXPLAIN ANALYZE EXECUTE p", "EXPLAIN EXECUTE"}, Row{"EXECUTE p", "EXECUTE"},
      Row{"SELECT nextval('s')", "nextval(), whose effects are unknown"},
      Row{"SELECT setval('s', 1)", "setval(), whose effects are unknown"},
      Row{"SELECT audit.log(1)", "audit.log(), whose effects are unknown"},
      Row{"SELECT audit.count(*) FROM t", "audit.count(), whose effects are unknown"},
      Row{"SELECT \"Log\"(1)", "Log(), whose effects are unknown"},
      Row{"SELECT pg_terminate_backend(1)", "pg_terminate_backend(), whose effects are unknown"},
      Row{"SELECT pg_advisory_lock(1)", "pg_advisory_lock(), whose effects are unknown"},
      Row{"SELECT set_config('a.b', 'c', false)", "set_config(), whose effects are unknown"},
      Row{"SELECT DISTINCT ON (a) evil(b) FROM t", "evil(), whose effects are unknown"},
      Row{"EXPLAIN ANALYZE SELECT * FROM unnest(a) WITH ORDINALITY, evil(1)",
          "evil(), whose effects are unknown"},
      Row{"SELECT 1; DELETE FROM t", "DELETE"}, Row{"BEGIN READ WRITE", "READ WRITE"},
      Row{"PREPARE TRANSACTION 'a'", "PREPARE"}, Row{"COMMIT PREPARED 'a'", "COMMIT PREPARED"},
      Row{"SET transaction_read_only = off", "SET transaction_read_only"},
      Row{"SET ROLE admin", "SET role"}, Row{"NOTIFY channel", "NOTIFY"},
      Row{"LOCK TABLE t", "LOCK"}, Row{"SELECT 'open", "an unterminated quotation or comment"});
  INFO(row.sql);
  CHECK(why_may_write(row.sql) == row.why);
}

TEST_CASE("what a standby refuses for certain", "[permit]") {
  const char* const sql = GENERATE(
      as<const char*>{}, "INSERT INTO t VALUES (1)", "update t SET x = 1", "TRUNCATE t",
      "SELECT * FROM t FOR UPDATE", "SELECT * FROM t FOR SHARE", "SELECT audit.log(1) FOR UPDATE",
      "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", "SELECT 1 INTO t",
      "CREATE TABLE t ()", "VACUUM", "EXPLAIN ANALYZE DELETE FROM t", "SELECT 1; DELETE FROM t",
      "BEGIN READ WRITE");
  INFO(sql);
  CHECK(surely_writes(sql));
}

TEST_CASE("what may write, or only reads, is not certain to write", "[permit]") {
  const char* const sql = GENERATE(
      as<const char*>{}, "SELECT 1", "select * from t where name = 'update'",
      "  -- update\n SELECT 1", "TABLE t", "SELECT \"delete\" FROM t", "SELECT audit.log(1)",
      "SELECT nextval('s')", "CALL p()", "DO $$ BEGIN END $$", "EXECUTE p", "SET ROLE reader",
      "SET LOCAL work_mem = '1MB'", "BEGIN", "SELECT 'open");
  INFO(sql);
  CHECK_FALSE(surely_writes(sql));
}
