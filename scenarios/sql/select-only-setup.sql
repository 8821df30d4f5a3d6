-- The accounts table of `pgbench -i` at scale 1. One that is there already is used as it is.
CREATE TABLE IF NOT EXISTS pgbench_accounts (
  aid      integer NOT NULL PRIMARY KEY,
  bid      integer,
  abalance integer,
  filler   character(84)
) WITH (fillfactor = 100);

INSERT INTO pgbench_accounts (aid, bid, abalance, filler)
SELECT aid, 1, 0, ''
FROM generate_series(1, 100000) AS aid
WHERE NOT EXISTS (SELECT FROM pgbench_accounts);

VACUUM (ANALYZE) pgbench_accounts;
