-- The tables of `pgbench -i` at scale 1, beside the accounts. Those that are there are used as they
-- are.
CREATE TABLE IF NOT EXISTS pgbench_branches (
  bid      integer NOT NULL PRIMARY KEY,
  bbalance integer,
  filler   character(88)
) WITH (fillfactor = 100);

CREATE TABLE IF NOT EXISTS pgbench_tellers (
  tid      integer NOT NULL PRIMARY KEY,
  bid      integer,
  tbalance integer,
  filler   character(84)
) WITH (fillfactor = 100);

CREATE TABLE IF NOT EXISTS pgbench_history (
  tid    integer,
  bid    integer,
  aid    integer,
  delta  integer,
  mtime  timestamp,
  filler character(22)
);

INSERT INTO pgbench_branches (bid, bbalance) VALUES (1, 0) ON CONFLICT DO NOTHING;

INSERT INTO pgbench_tellers (tid, bid, tbalance)
SELECT tid, 1, 0
FROM generate_series(1, 10) AS tid
ON CONFLICT DO NOTHING;
