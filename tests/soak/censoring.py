#!/usr/bin/env python3
"""Locks, a frozen server, and requests that never end, live, each beside a twin without the fault.

usage: censoring.py PATH-TO-POOLGAUGE [--rounds 1] [--only TEXT]

Starts a throwaway PostgreSQL and prints a line for each fault and load. Exits 1 when a run with
the fault passed, or when its twin missed the goal or saw a stall. A twin that is inconclusive for
another reason (others kept the processors busy) is counted apart. The same on the virtual clock,
many times: unit_cli "[censoring]".
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))

import postgres  # noqa: E402
from frozen_scene import freeze, thaw  # noqa: E402

WARMUP_S, WINDOW_S = 1, 8
START_S = 4  # of the fault, after that of the program: within the window even when it starts late

LOADS = {
    "8 users": ({"users": 8, "think": "20ms"}, 8),
    "40 users on 8": ({"users": 40}, 8),
    "open, 150/s": ({"rate": 150}, 25),
    "open, 600/s": ({"rate": 600}, 25),
}
# The fault, how long it lasts (0: until the end), the share that never ends, the goal.
FAULTS = {
    "lock until the end": ("lock", 0, 0, "p95(latency) < 1s"),
    "lock for 2.5 s": ("lock", 2.5, 0, "p95(latency) < 1s"),
    "frozen for 2.5 s": ("freeze", 2.5, 0, "p95(latency) < 1s"),
    "10 % never end": (None, 0, 0.10, "p95(latency) < 1s"),
    "5 % never end": (None, 0, 0.05, "p99(latency) < 1s"),
    "1 % never end": (None, 0, 0.01, "p999(latency) < 1s"),
}
FEW_REQUESTS = ("8 users", "40 users on 8", "open, 150/s")  # too few for a p999


def scenario(load, slow_share, slow, goal):
    users, size = LOADS[load]
    ask = {"name": "ask", "steps": [{"sql": "SELECT count(*) FROM kept"}, {"hold": "20ms"}]}
    requests = [dict(ask, weight=1 - slow_share)]
    if slow_share:  # without a connection, so that the others go on
        requests.append({"name": "slow", "weight": slow_share,
                         "steps": [{"sql": "SELECT 1"}, {"pause": slow}]})
    pool = {"kind": "sqlalchemy-async", "pool_size": size, "max_overflow": 0, "timeout": "60s"}
    return {"version": 1, "name": "censored", "requests": requests, "load": users,
            "warmup": "%ds" % WARMUP_S, "duration": "%ds" % WINDOW_S, "slo": [goal],
            "deployment": {"pool": pool}}


def lock(server, seconds, stop):
    hold = seconds or 60
    psql = subprocess.Popen(
        [postgres.binary("psql"), server.conninfo(), "-qAt", "-c",
         "BEGIN; LOCK TABLE kept IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(%g); COMMIT" % hold],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stop.wait(hold + 5)
    psql.terminate()
    psql.wait(10)


def stand_still(server, seconds, stop):
    freeze(server.process.pid)
    stop.wait(seconds)
    thaw(server.process.pid)


def fault_later(server, kind, seconds, stop):
    if stop.wait(START_S):
        return
    (lock if kind == "lock" else stand_still)(server, seconds, stop)


def run(program, directory, server, wanted, kind=None, seconds=0):
    path = os.path.join(directory, "scenario.json")
    with open(path, "w") as file:
        json.dump(wanted, file)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "POOLGAUGE_"))}
    stop = threading.Event()
    meanwhile = threading.Thread(target=fault_later, args=(server, kind, seconds, stop))
    if kind:
        meanwhile.start()
    try:
        result = subprocess.run(
            [program, "run", path, "--target", server.conninfo(), "--allow-writes", "--json", "-",
             "--quiet", "--out", os.path.join(directory, "reports")], env=environment,
            capture_output=True, text=True, timeout=120)
    finally:
        stop.set()
        if kind:
            meanwhile.join()
    if result.returncode not in (0, 10, 12):
        sys.exit("exit status %d\n%s" % (result.returncode, result.stderr))
    return result.returncode, json.loads(result.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    wrong = 0
    directory = tempfile.mkdtemp(prefix="pgs-")
    os.chmod(directory, 0o755)
    server = postgres.Server(directory)
    server.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        subprocess.run([postgres.binary("psql"), server.conninfo(), "-q", "-c",
                        "CREATE TABLE kept (id int)"], check=True)
        for fault, (kind, seconds, share, goal) in FAULTS.items():
            for load in LOADS:
                unknown = "p999" in goal and load in FEW_REQUESTS
                if unknown or chosen.only not in fault + ", " + load:
                    continue
                for _ in range(chosen.rounds):
                    wrong += pair(chosen.program, directory, server, fault, load)
    finally:
        thaw(server.process.pid)
        server.stop()
    print("%d wrong" % wrong)
    return 1 if wrong else 0


def pair(program, directory, server, fault, load):
    kind, seconds, share, goal = FAULTS[fault]
    status, bad = run(program, directory, server, scenario(load, share, "1h", goal), kind, seconds)
    twin, good = run(program, directory, server, scenario(load, share, "20ms", goal))
    stalls = good.get("stalls", [])
    passed = status == 0
    failed = twin == 10 or bool(stalls)
    print("%-20s %-14s with: exit %2d, %d stalls%s; without: exit %2d, %d stalls%s%s" % (
        fault, load, status, len(bad.get("stalls", [])), " PASSED" if passed else "", twin,
        len(stalls), " FAILED" if failed else "",
        " (inconclusive: %s)" % good["verdict"]["reasons"][0][:100] if twin == 12 else ""),
        flush=True)
    return passed + failed


if __name__ == "__main__":
    sys.exit(main())
