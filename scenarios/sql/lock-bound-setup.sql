-- One row that everybody updates.
DROP SCHEMA IF EXISTS poolgauge_locks CASCADE;
CREATE SCHEMA poolgauge_locks;
CREATE TABLE poolgauge_locks.counters (
  id    integer PRIMARY KEY,
  value bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO poolgauge_locks.counters VALUES (1, 0);
