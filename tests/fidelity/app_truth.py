#!/usr/bin/python3
"""Ground truth: drive a REAL application pool (SQLAlchemy, psycopg_pool) with N concurrent users.

Every user loops: take a connection from the pool, run the request's steps, give it back.
Prints one JSON object: latency and pool-wait percentiles (ms), timeouts, throughput.

  app_truth.py --kind sa-sync|sa-async|psycopg|null --users 100 --seconds 10
               --pool-size 5 --max-overflow 10 --timeout 3 [--min-size 2 --max-waiting 0]
               [--server-ms 5] [--hold-ms 40] [--pre-ping] [--arrival-rate R]

One request is: BEGIN; SELECT pg_sleep(server-ms); app holds the connection hold-ms; COMMIT.
A request that gets no connection within --timeout counts as a timeout and the user goes on.
The connection target comes from PGHOST/PGPORT/PGUSER/PGDATABASE.
"""
import argparse, asyncio, json, os, random, threading, time


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--kind", required=True)
    p.add_argument("--users", type=int, default=100)
    p.add_argument("--seconds", type=float, default=10)
    p.add_argument("--warmup", type=float, default=1)
    p.add_argument("--pool-size", type=int, default=5)
    p.add_argument("--max-overflow", type=int, default=10)
    p.add_argument("--timeout", type=float, default=30)
    p.add_argument("--min-size", type=int, default=4)
    p.add_argument("--max-waiting", type=int, default=0)
    p.add_argument("--server-ms", type=float, default=0)
    p.add_argument("--hold-ms", type=float, default=40)
    p.add_argument(
        "--exp-hold", action="store_true", help="exponential hold time with mean hold-ms"
    )
    p.add_argument("--think-ms", type=float, default=0)
    p.add_argument("--pre-ping", action="store_true")
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


def pct(v, q):
    if not v:
        return None
    v = sorted(v)
    k = min(len(v) - 1, max(0, int(round(q / 100 * len(v) + 0.5)) - 1))
    return round(v[k], 3)


def report(a, rec, t0, t1):
    ok = [r for r in rec if r[0] >= t0 and r[0] < t1 and r[3] == "ok"]
    to = [r for r in rec if r[0] >= t0 and r[0] < t1 and r[3] == "timeout"]
    er = [r for r in rec if r[0] >= t0 and r[0] < t1 and r[3] not in ("ok", "timeout")]
    lat = [(r[0] - r[1]) * 1e3 for r in ok]
    wait = [r[2] * 1e3 for r in ok]
    out = {
        "kind": a.kind,
        "args": {k: v for k, v in vars(a).items()},
        "completed": len(ok),
        "timeouts": len(to),
        "errors": len(er),
        "error_kinds": sorted({r[3] for r in er})[:5],
        "timeout_rate": round(len(to) / max(1, len(ok) + len(to) + len(er)), 4),
        "throughput": round(len(ok) / (t1 - t0), 2),
        "latency_ms": {q: pct(lat, float(q[1:])) for q in ("p50", "p90", "p95", "p99", "p100")},
        "wait_ms": {q: pct(wait, float(q[1:])) for q in ("p50", "p90", "p95", "p99", "p100")},
        "latency_mean_ms": round(sum(lat) / max(1, len(lat)), 3),
    }
    print(json.dumps(out))


def hold(a, rng):
    return (rng.expovariate(1 / a.hold_ms) if a.exp_hold else a.hold_ms) / 1e3 if a.hold_ms else 0


def run_threads(a):
    import sqlalchemy as sa
    from sqlalchemy.exc import TimeoutError as SATimeout

    rec, lock = [], threading.Lock()
    url = "postgresql+psycopg2://"
    host, port, user, db = (
        os.environ.get(k, d)
        for k, d in (
            ("PGHOST", "/tmp"),
            ("PGPORT", "5432"),
            ("PGUSER", "postgres"),
            ("PGDATABASE", "postgres"),
        )
    )
    if a.kind == "sa-sync":
        eng = sa.create_engine(
            url,
            pool_size=a.pool_size,
            max_overflow=a.max_overflow,
            pool_timeout=a.timeout,
            pool_pre_ping=a.pre_ping,
            connect_args=dict(host=host, port=port, user=user, dbname=db),
        )
    elif a.kind == "null":
        eng = sa.create_engine(
            url,
            poolclass=sa.pool.NullPool,
            connect_args=dict(host=host, port=port, user=user, dbname=db),
        )
    pool = None
    if a.kind == "psycopg":
        import psycopg_pool

        pool = psycopg_pool.ConnectionPool(
            f"host={host} port={port} user={user} dbname={db}",
            min_size=a.min_size,
            max_size=a.pool_size,
            timeout=a.timeout,
            max_waiting=a.max_waiting,
        )
        pool.wait()
    end = time.perf_counter() + a.warmup + a.seconds

    def user_loop(i):
        rng = random.Random(a.seed * 1000 + i)
        mine = []
        while time.perf_counter() < end:
            s = time.perf_counter()
            kind = "ok"
            w = 0
            try:
                if pool is not None:
                    with pool.connection() as c:
                        w = time.perf_counter() - s
                        if a.server_ms:
                            c.execute("SELECT pg_sleep(%s)", (a.server_ms / 1e3,))
                        else:
                            c.execute("SELECT 1")
                        h = hold(a, rng)
                        if h:
                            time.sleep(h)
                else:
                    with eng.connect() as c:
                        w = time.perf_counter() - s
                        with c.begin():
                            c.exec_driver_sql(
                                "SELECT pg_sleep(%f)" % (a.server_ms / 1e3)
                                if a.server_ms
                                else "SELECT 1"
                            )
                            h = hold(a, rng)
                            if h:
                                time.sleep(h)
            except SATimeout:
                kind = "timeout"
            except Exception as e:
                kind = "timeout" if type(e).__name__ in ("PoolTimeout",) else type(e).__name__
            mine.append((time.perf_counter(), s, w, kind))
            if a.think_ms:
                time.sleep(rng.expovariate(1 / a.think_ms) / 1e3)
        with lock:
            rec.extend(mine)

    start = time.perf_counter()
    ts = [threading.Thread(target=user_loop, args=(i,)) for i in range(a.users)]
    [t.start() for t in ts]
    [t.join() for t in ts]
    report(a, rec, start + a.warmup, start + a.warmup + a.seconds)
    if pool is not None:
        pool.close()


def run_async(a):
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy import text
    from sqlalchemy.exc import TimeoutError as SATimeout

    host, port, user, db = (
        os.environ.get(k, d)
        for k, d in (
            ("PGHOST", "/tmp"),
            ("PGPORT", "5432"),
            ("PGUSER", "postgres"),
            ("PGDATABASE", "postgres"),
        )
    )
    rec = []

    async def main():
        eng = create_async_engine(
            "postgresql+asyncpg://",
            pool_size=a.pool_size,
            max_overflow=a.max_overflow,
            pool_timeout=a.timeout,
            pool_pre_ping=a.pre_ping,
            connect_args=dict(host=host, port=int(port), user=user, database=db),
        )
        end = time.perf_counter() + a.warmup + a.seconds

        async def user_loop(i):
            rng = random.Random(a.seed * 1000 + i)
            while time.perf_counter() < end:
                s = time.perf_counter()
                kind = "ok"
                w = 0
                try:
                    async with eng.connect() as c:
                        w = time.perf_counter() - s
                        async with c.begin():
                            await c.execute(
                                text(
                                    "SELECT pg_sleep(%f)" % (a.server_ms / 1e3)
                                    if a.server_ms
                                    else "SELECT 1"
                                )
                            )
                            h = hold(a, rng)
                            if h:
                                await asyncio.sleep(h)
                except SATimeout:
                    kind = "timeout"
                except Exception as e:
                    kind = type(e).__name__
                rec.append((time.perf_counter(), s, w, kind))
                if a.think_ms:
                    await asyncio.sleep(rng.expovariate(1 / a.think_ms) / 1e3)

        start = time.perf_counter()
        await asyncio.gather(*(user_loop(i) for i in range(a.users)))
        report(a, rec, start + a.warmup, start + a.warmup + a.seconds)
        await eng.dispose()

    asyncio.run(main())


if __name__ == "__main__":
    a = parse()
    run_async(a) if a.kind == "sa-async" else run_threads(a)
