#!/usr/bin/env python3
"""`advise` where the goal lies at the edge: is what it calls confirmed still so tomorrow?

usage: advice_edge.py PATH-TO-POOLGAUGE [--only TEXT] [--seconds 5] [--seed 1]

For each of ten deployments a size is measured five times, and the goal is set a few percent beyond
what those runs show: the size meets it with less than 5 % to spare. Then `advise` is asked. What it
calls confirmed is run five times more with seeds of its own: when more than one of them misses the
goal, the answer was wrong. Starts a throwaway PostgreSQL. Prints one line for each deployment;
exits 1 when an answer was wrong. Wants a machine that is otherwise idle.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

from advice_truth import hold, request, sql, start  # noqa: E402

SLEEP = request(sql("SELECT pg_sleep(0.02)"))
CHAT = request(sql("SELECT 1"), hold({"exponential": "60ms"}), sql("SELECT 2", "answer"))
BUSY = request(sql("SELECT sum(i::bigint * i) FROM generate_series(1, 20000) AS i"))
THINK = {"exponential": "100ms"}

# Name, pool with its size option, the size at the edge, requests, load, what the goal is on.
CASES = [
    ("sqlalchemy", {"max_overflow": 0}, "pool_size", 6, SLEEP, {"users": 24, "think": THINK}),
    ("sqlalchemy-async", {"max_overflow": 0}, "pool_size", 8, CHAT, {"users": 24, "think": THINK}),
    ("psycopg", {}, "max_size", 6, SLEEP, {"users": 30, "think": THINK}),
    ("hikari", {}, "maximumPoolSize", 8, CHAT, {"users": 24, "think": THINK}),
    ("hikari", {}, "maximumPoolSize", 5, SLEEP, {"rate": 180}),
    ("node-postgres", {}, "max", 7, CHAT, {"rate": 80}),
    ("asyncpg", {"min_size": 1}, "max_size", 6, SLEEP, {"rate": 220}),
    ("pgx", {}, "pool_max_conns", 8, CHAT, {"users": 30, "think": THINK}),
    ("database-sql", {}, "MaxOpenConns", 6, SLEEP, {"users": 24, "think": THINK}),
    ("psycopg", {"min_size": 1}, "max_size", 4, BUSY, {"rate": 120}),
]


class Edge:
    def __init__(self, tool, directory, seconds, target, seed):
        self.tool, self.directory = tool, directory
        self.seconds, self.target, self.seed = seconds, target, seed

    def scenario(self, kind, options, requests, load):
        path = os.path.join(self.directory, "edge.json")
        with open(path, "w") as file:
            json.dump({"version": 1, "name": "edge", "requests": requests, "load": load,
                       "warmup": "1s", "duration": "%gs" % self.seconds,
                       "deployment": {"pool": {"kind": kind, "timeout": "5s", **options}
                                      if kind in ("sqlalchemy", "sqlalchemy-async", "psycopg")
                                      else {"kind": kind, **options}}}, file)
        return path

    def report(self, command, path, *arguments):
        out = os.path.join(self.directory, "report.json")
        if os.path.exists(out):
            os.remove(out)
        done = subprocess.run(
            [self.tool, command, path, "--target", self.target, "--allow-writes", "--json", out,
             "--out", os.path.join(self.directory, "reports"), "--progress", "none", "--quiet",
             *arguments], capture_output=True, text=True, timeout=900)
        if not os.path.exists(out):
            sys.exit("%s: status %d: %s" % (command, done.returncode, done.stderr[-600:]))
        with open(out) as file:
            return json.load(file)

    def runs(self, path, first, *arguments):
        return [self.report("run", path, "--seed", str(first + i), *arguments) for i in range(5)]


def p95(report):
    return report["latency_ms"]["p95"]


def listed(milliseconds):
    return " ".join("%.1f" % each for each in milliseconds)


def settings_of(answer):
    """What is recommended for the pool, whole: its size, and what opens and keeps connections."""
    advice = answer["recommendation"]
    settings = []
    for option, value in advice["options"].items():
        settings += ["--pool-option", "%s=%s" % (option, value)]
    return settings, advice["pool_size"] + (advice["max_overflow"] or 0)


def try_case(edge, kind, more, option, size, requests, load):
    path = edge.scenario(kind, {**more, option: size}, requests, load)
    at_edge = [p95(report) for report in edge.runs(path, edge.seed)]
    goal = statistics.median(at_edge) * 1.025
    slo = ["--slo", "p95(latency) < %.2fms" % goal]
    answer = edge.report("advise", path, *slo, "--headroom-load", "0", "--seed",
                         str(edge.seed + 50))
    advice = answer.get("recommendation")
    if not advice:
        return True, "goal %.1f ms: no recommendation" % goal
    said = advice["search"]["certainty"]
    arguments, chosen = settings_of(answer)
    again = [p95(report) for report in edge.runs(path, edge.seed + 100, *arguments, *slo)]
    misses = sum(each >= goal for each in again)
    seen = [run["goal_measured"] * 1e3 for run in advice["search"]["runs"]
            if run["usable"] and run["pool_size"] + (run["max_overflow"] or 0) == chosen]
    words = ("goal %.1f ms at the edge of %d; advised %d, %s, p95 there %s; five fresh runs: %d "
             "missed, p95 %s" % (goal, size, chosen, said, listed(seen), misses, listed(again)))
    return said != "confirmed" or misses <= 1, words


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    wrong = 0
    directory = tempfile.mkdtemp(prefix="pgedge-")
    os.chmod(directory, 0o755)
    server = start(directory, "plain")
    try:
        edge = Edge(os.path.abspath(options.tool), directory, options.seconds, server.conninfo(),
                    options.seed)
        for number, (kind, more, option, size, requests, load) in enumerate(CASES, 1):
            name = "%d %s" % (number, kind)
            if options.only not in name:
                continue
            right, words = try_case(edge, kind, more, option, size, requests, load)
            wrong += not right
            print("%s  %s: %s" % ("ok   " if right else "WRONG", name, words), flush=True)
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)
    print("%d wrong" % wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
