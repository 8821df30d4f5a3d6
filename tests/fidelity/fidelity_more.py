#!/usr/bin/env python3
"""Holds the emulated pools of asyncpg and node-postgres, and the modelled PgBouncer, against the
real ones.

    fidelity_more.py --poolgauge build/release/poolgauge [--grid FILE] [--only TEXT]

Each row of the grid runs three times on one database under one load: an application on the real
library twice, with two seeds, so that its own spread is known, then Poolgauge. A row holds where
Poolgauge lies within the real spread widened by 2 points of timeout rate, 5 % (or 0.5/s) of
throughput, and 10 % (or 3 ms) of p50, p95 and p99. Exit status 0: every row holds.

A row of PgBouncer is a scenario of ours that runs through a real one twice, on a server of its own;
what is held against it is a simulation from the first run's report, hence with the real server's
times.

Needs a PostgreSQL with room for 50 connections which PGHOST (a host of TCP), PGPORT, PGUSER and
PGDATABASE reach without a password; Debian's python3-asyncpg; Node with npm and its registry, from
which `pg` is installed into a temporary directory.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from figures import figures

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # the one that Debian's python3-asyncpg belongs to
PG_RELEASE = "pg@8.23.1"
WARMUP_S = 1
KINDS = {
    "asyncpg": lambda row: {"min_size": row["max"], "max_size": row["max"],
                            "timeout": f"{row['timeout_ms']}ms"},
    "node-postgres": lambda row: {"max": row["max"], "connectionTimeoutMillis": row["timeout_ms"]},
}


def output_of(command, row, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=row["seconds"] + 120,
                          **more)
    return done.returncode, done.stdout, done.stderr[-800:]


class RealApplications:
    def __init__(self, scratch):
        self.scratch = scratch
        self.modules = None

    def run(self, row, seed):
        asked = json.dumps({**row, "seed": seed, "warmup_s": WARMUP_S})
        if row["library"] == "asyncpg":
            command, more = [PYTHON, HERE / "asyncpg_app.py"], {}
        else:
            command = ["node", HERE / "node_postgres_app.js"]
            more = {"env": {**os.environ, "NODE_PATH": self.node_modules()}}
        status, text, complaint = output_of(command, row, input=asked, **more)
        if status:
            sys.exit(f"{row['name']}: the real application failed: {complaint}")
        found = json.loads(text)
        if "seen" in found:
            found = figures(found["seen"], found["start"], found["end"])
        if found["errors"]:
            sys.exit(f"{row['name']}: the real application saw errors: {found['errors']}")
        return found

    def node_modules(self):
        if self.modules is None:
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix",
                            self.scratch, PG_RELEASE], check=True, timeout=300)
            self.modules = os.path.join(self.scratch, "node_modules")
        return self.modules


def scenario_of(row):
    steps = [{"name": "sql", "sql": f"SELECT pg_sleep({row['server_ms'] / 1000})",
              "protocol": "simple"}]
    hold, think = f"{row['hold_ms']}ms", f"{row['think_ms']}ms"
    steps.append({"name": "work", "hold": {"exponential": hold} if row["exponential"] else hold})
    return {
        "version": 1, "name": row["name"].replace(" ", "-"),
        "requests": [{"name": "request", "transaction": True, "steps": steps}],
        "load": {"users": row["users"],
                 "think": {"exponential": think} if row["think_ms"] else "0s"},
        "warmup": f"{WARMUP_S}s", "duration": f"{row['seconds']}s",
        "deployment": {"pool": {"kind": row["library"], **KINDS[row["library"]](row)}},
    }


def reported(command, row, report):
    pathlib.Path(report).unlink(missing_ok=True)
    _, _, complaint = output_of([*command, "--json", report, "--out", os.path.dirname(report)], row)
    if not os.path.exists(report):
        sys.exit(f"{row['name']}: poolgauge wrote no report: {complaint}")
    found = json.loads(pathlib.Path(report).read_text(encoding="utf-8"))
    return {"timeout_rate": found["rates"]["pool_timeout"], "throughput": found["throughput_per_s"],
            "latency_ms": found["latency_ms"]}


def through_pgbouncer(row, poolgauge, scratch):
    """(two runs through the real one, a simulation from the first)"""
    reports = [os.path.join(scratch, f"pgbouncer-{seed}.json") for seed in (1, 2)]
    real = [reported([poolgauge, "run", row["scenario"], "--embedded", "--seed", str(seed),
                      "--duration", f"{row['seconds']}s", "--progress", "none"], row, report)
            for seed, report in enumerate(reports, 1)]
    model = os.path.join(scratch, "model.json")
    return real, reported([poolgauge, "simulate", reports[0]], row, model)


def emulated(row, poolgauge, scratch):
    scenario, report = os.path.join(scratch, "scenario.json"), os.path.join(scratch, "report.json")
    pathlib.Path(scenario).write_text(json.dumps(scenario_of(row)), encoding="utf-8")
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    target = " ".join(f"{key}={os.environ[name]}" for key, name in names.items())
    return reported([poolgauge, "run", scenario, "--target", target, "--allow-writes", "--seed",
                     "1", "--progress", "none"], row, report)


def judge(real, ours):
    """(what, real low, real high, ours, holds) for each figure."""
    bounds = [("timeout_rate", 0, 0.02), ("throughput", 0.05, 0.5)]
    bounds += [(p, 0.10, 3) for p in ("p50", "p95", "p99")]
    for what, relative, absolute in bounds:
        values = [found.get(what, found["latency_ms"].get(what)) for found in real]
        got = ours.get(what, ours["latency_ms"].get(what))
        low, high = min(values), max(values)
        slack = max(relative * (low + high) / 2, absolute)
        yield what, low, high, got, got is not None and low - slack <= got <= high + slack


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--poolgauge", required=True)
    parser.add_argument("--grid", default=HERE / "grid.json", type=pathlib.Path)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    rows = [r for r in json.loads(asked.grid.read_text(encoding="utf-8"))
            if asked.only in r["name"]]
    held = 0
    with tempfile.TemporaryDirectory() as scratch:
        applications = RealApplications(scratch)
        for row in rows:
            if row["library"] == "pgbouncer":
                real, ours = through_pgbouncer(row, asked.poolgauge, scratch)
            else:
                real = [applications.run(row, seed) for seed in (1, 2)]
                ours = emulated(row, asked.poolgauge, scratch)
            verdicts = list(judge(real, ours))
            holds = all(verdict[-1] for verdict in verdicts)
            held += holds
            cells = [f"{what} real {low:.4g}..{high:.4g} ours "
                     f"{'-' if got is None else format(got, '.4g')}{'' if ok else ' <<<'}"
                     for what, low, high, got, ok in verdicts]
            print(f"{'holds' if holds else 'OFF  '} {row['name']}: {'; '.join(cells)}", flush=True)
    print(f"{held} of {len(rows)} rows hold")
    sys.exit(held != len(rows))


main()
