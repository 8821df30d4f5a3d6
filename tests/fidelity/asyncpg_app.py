#!/usr/bin/env python3
"""An application on the real asyncpg pool: closed users, one transaction a request.

Reads one row of grid.json, with "seed" and "warmup_s", from standard input; prints what the
requests saw as one JSON object. The server is the one PGHOST, PGPORT, PGUSER and PGDATABASE name.
"""
import asyncio
import json
import os
import random
import sys
import time

import asyncpg

from figures import figures


async def one_request(pool, row, rng):
    async with pool.acquire(timeout=row["timeout_ms"] / 1000) as connection:
        async with connection.transaction():
            await connection.execute(f"SELECT pg_sleep({row['server_ms'] / 1000})")
            hold_s = row["hold_ms"] / 1000
            await asyncio.sleep(rng.expovariate(1 / hold_s) if row["exponential"] else hold_s)


async def user(pool, row, number, end, seen):
    rng = random.Random(row["seed"] * 1000 + number)
    while time.perf_counter() < end:
        began = time.perf_counter()
        try:
            await one_request(pool, row, rng)
            outcome = "ok"
        except asyncio.TimeoutError:
            outcome = "timeout"
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            outcome = type(error).__name__
        seen.append((began, time.perf_counter(), outcome))
        if row["think_ms"]:
            await asyncio.sleep(rng.expovariate(1000 / row["think_ms"]))


async def main():
    row = json.load(sys.stdin)
    pool = await asyncpg.create_pool(
        host=os.environ["PGHOST"], port=int(os.environ["PGPORT"]), user=os.environ["PGUSER"],
        database=os.environ["PGDATABASE"], min_size=row["max"], max_size=row["max"])
    seen = []
    start = time.perf_counter() + row["warmup_s"]
    end = start + row["seconds"]
    await asyncio.gather(*(user(pool, row, i, end, seen) for i in range(row["users"])))
    await pool.close()
    print(json.dumps(figures(seen, start, end)))


asyncio.run(main())
