#!/usr/bin/env python3
"""Holds the emulated pools of SQLAlchemy, psycopg and HikariCP against the real ones, on the same
database, under the same load.

    fidelity.py --poolgauge build/release/poolgauge [--grid FILE] [--only TEXT] [--rounds N]

Each row of the grid runs --rounds times (3): the real library (app_truth.py or HikariTruth.java)
and Poolgauge in turn, each round with a seed of its own, so that the machine's drift falls on both
and the real library's own spread is known. A row holds where the median of ours lies within the
real spread, widened by 2 points of timeout rate, 5 % (or 0.5/s) of throughput, and 10 % (or 3 ms)
of p50, p95 and p99. Exit status 0: every row holds. On a busy machine rows that connect or starve
miss without meaning: look at `uptime`. A row whose library is not installed is skipped.

Needs a PostgreSQL that PGHOST (a host of TCP), PGPORT, PGUSER and PGDATABASE reach without a
password, with max_connections >= 200: with_server.py starts one. The libraries are Debian's
python3-sqlalchemy, python3-psycopg2, python3-psycopg-pool, python3-asyncpg, libhikaricp-java and
libpostgresql-jdbc-java: scripts/fidelity installs them.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

PYTHON = "/usr/bin/python3"  # the one that Debian's modules belong to
HERE = os.path.dirname(os.path.abspath(__file__))
JARS = ":".join(
    "/usr/share/java/" + j
    for j in ("HikariCP.jar", "postgresql.jar", "slf4j-api.jar", "slf4j-nop.jar")
)


MODULES = {
    "sa-sync": ("sqlalchemy", "psycopg2"),
    "sa-async": ("sqlalchemy", "asyncpg"),
    "psycopg": ("psycopg_pool",),
    "null": ("sqlalchemy", "psycopg2"),
}


def missing(kind):
    """What a row of this kind needs and is not installed."""
    if kind == "hikari":
        files = [jar for jar in JARS.split(":") if not os.path.exists(jar)]
        return files + ([] if shutil.which("java") else ["java"])
    tried = subprocess.run([PYTHON, "-c", "import " + ", ".join(MODULES[kind])],
                           stderr=subprocess.DEVNULL)
    return list(MODULES[kind]) if tried.returncode else []


def truth(row, seed):
    r = row
    if r["kind"] == "hikari":
        cmd = [
            "java",
            "-cp",
            JARS,
            os.path.join(HERE, "HikariTruth.java"),
            r["users"],
            r["seconds"],
            1,
            r["max"],
            r.get("min", r["max"]),
            int(r["timeout"] * 1000),
            r["server_ms"],
            r["hold_ms"],
            int(r["exp"]),
            r["think_ms"],
            seed,
        ]
    else:
        cmd = [
            PYTHON,
            os.path.join(HERE, "app_truth.py"),
            "--kind",
            r["kind"],
            "--users",
            r["users"],
            "--seconds",
            r["seconds"],
            "--timeout",
            r["timeout"],
            "--server-ms",
            r["server_ms"],
            "--hold-ms",
            r["hold_ms"],
            "--think-ms",
            r["think_ms"],
            "--seed",
            seed,
        ]
        if r["kind"] == "psycopg":
            cmd += [
                "--pool-size",
                r["max"],
                "--min-size",
                r.get("min", r["max"]),
                "--max-waiting",
                r.get("max_waiting", 0),
            ]
        elif r["kind"] != "null":
            cmd += ["--pool-size", r["pool_size"], "--max-overflow", r["max_overflow"]]
        if r["exp"]:
            cmd += ["--exp-hold"]
        if r.get("pre_ping"):
            cmd += ["--pre-ping"]
    out = subprocess.run(
        [str(c) for c in cmd], capture_output=True, text=True, timeout=r["seconds"] + 120
    )
    if out.returncode:
        sys.exit(f"{r['name']}: the real pool failed: {out.stderr[-600:]}")
    return json.loads(out.stdout.strip().splitlines()[-1])


def pool(r):
    k, t = r["kind"], f"{int(r['timeout'] * 1000)}ms"
    if k == "sa-sync" or k == "sa-async":
        return {
            "kind": "sqlalchemy" if k == "sa-sync" else "sqlalchemy-async",
            "pool_size": r["pool_size"],
            "max_overflow": r["max_overflow"],
            "timeout": t,
            "pre_ping": bool(r.get("pre_ping")),
        }
    if k == "psycopg":
        return {
            "kind": "psycopg",
            "min_size": r.get("min", r["max"]),
            "max_size": r["max"],
            "timeout": t,
            "max_waiting": r.get("max_waiting", 0),
        }
    if k == "hikari":
        return {
            "kind": "hikari",
            "maximumPoolSize": r["max"],
            "minimumIdle": r.get("min", r["max"]),
            "connectionTimeout": t,
        }
    return {"kind": "none"}


def emulated(row, binary, seed):
    r = row
    steps = [
        {
            "name": "sql",
            "sql": f"SELECT pg_sleep({r['server_ms'] / 1000})" if r["server_ms"] else "SELECT 1",
        }
    ]
    if r["hold_ms"]:
        steps.append(
            {
                "name": "work",
                "hold": {"exponential": f"{r['hold_ms']}ms"} if r["exp"] else f"{r['hold_ms']}ms",
            }
        )
    sc = {
        "version": 1,
        "name": r["name"],
        "requests": [{"name": "r", "transaction": True, "steps": steps}],
        "load": {
            "users": r["users"],
            "think": {"exponential": f"{r['think_ms']}ms"} if r["think_ms"] else "0s",
        },
        "warmup": "1s",
        "duration": f"{r['seconds']}s",
        "deployment": {"instances": 1, "processes": 1, "pool": pool(r)},
    }
    with tempfile.TemporaryDirectory() as d:
        f, j = os.path.join(d, "s.json"), os.path.join(d, "r.json")
        json.dump(sc, open(f, "w"))
        target = " ".join(
            f"{k}={os.environ[v]}"
            for k, v in (
                ("host", "PGHOST"),
                ("port", "PGPORT"),
                ("user", "PGUSER"),
                ("dbname", "PGDATABASE"),
            )
        )
        p = subprocess.run(
            [
                binary,
                "run",
                f,
                "--target",
                target,
                "--allow-writes",
                "--seed",
                str(seed),
                "--json",
                j,
                "--out",
                d,
                "--progress",
                "none",
            ],
            capture_output=True,
            text=True,
            timeout=r["seconds"] + 120,
        )
        if not os.path.exists(j):
            sys.exit(
                f"{r['name']}: poolgauge wrote no report (exit {p.returncode}): {p.stderr[-600:]}"
            )
        return json.load(open(j))


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--poolgauge", required=True)
    a.add_argument("--grid", default=os.path.join(HERE, "grid_pools.json"))
    a.add_argument("--only")
    a.add_argument("--rounds", type=int, default=3)
    a = a.parse_args()
    bad = 0
    rows = [r for r in json.load(open(a.grid)) if not a.only or a.only in r["name"]]
    held = 0
    for r in rows:
        if missing(r["kind"]):
            print(f"skipped: {r['name']}: not installed: {', '.join(missing(r['kind']))}")
            continue
        real, ours = [], []
        for k in range(a.rounds):
            for turn in "ro" if k % 2 == 0 else "or":
                if turn == "r":
                    real.append(truth(r, 2 * k + 1))
                else:
                    ours.append(emulated(r, a.poolgauge, k + 1))
        faults, cells = [], []

        def hold(name, of_real, of_ours, rel, floor):
            theirs = [of_real(t) for t in real]
            got = [g for g in map(of_ours, ours) if g is not None]
            mid = statistics.median(got) if got else None
            lo, hi = min(theirs), max(theirs)
            slack = max(rel * (lo + hi) / 2, floor)
            ok = mid is not None and lo - slack <= mid <= hi + slack
            got_text = "-" if mid is None else format(mid, ".4g")
            sign = "" if ok else " <<<"
            cells.append(f"{name} real {lo:.4g}..{hi:.4g} ours {got_text}{sign}")
            if not ok:
                faults.append(name)

        hold(
            "timeout_rate",
            lambda t: t["timeout_rate"],
            lambda e: e["rates"]["pool_timeout"],
            0,
            0.02,
        )
        hold("throughput", lambda t: t["throughput"], lambda e: e["throughput_per_s"], 0.05, 0.5)
        for q in ("p50", "p95", "p99"):
            hold(q, lambda t: t["latency_ms"][q], lambda e: e["latency_ms"][q], 0.10, 3)
        bad += bool(faults)
        held += not faults
        print(
            ("holds " if not faults else "OFF   ") + r["name"] + ": " + "; ".join(cells),
            flush=True,
        )
    print(f"{held} of {len(rows)} rows hold")
    sys.exit(1 if bad else 0)


main()
