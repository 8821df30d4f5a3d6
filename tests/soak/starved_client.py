#!/usr/bin/env python3
"""A client that others leave no processor to must say so, and one that has its own must not.

usage: starved_client.py PATH-TO-POOLGAUGE [--runs 20] [--nice -5] [--seconds 2]
                         [--only starved|alone]

Starts a throwaway PostgreSQL, then runs small scenarios in turn, alone and with one busy loop of
higher priority for each processor beside them. Needs the right to raise priorities (root) and a
machine that is otherwise idle. Prints one line for each run; exits 1 when one was judged wrongly.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))

import postgres  # noqa: E402

BUSY = "while True: pass"
ASK = {"name": "ask", "steps": [{"name": "one", "sql": "SELECT 1"}]}
CHAT = {"name": "chat", "transaction": True,
        "steps": [{"name": "read", "sql": "SELECT 1"}, {"name": "model", "hold": "20ms"},
                  {"name": "write", "sql": "SELECT 2"}]}


def pool(kind, **options):
    return {"pool": {"kind": kind, **options}}


# What a client may be doing: as fast as it can, by the clock, mostly waiting, alone.
LOADS = {
    "closed": {"requests": [ASK], "load": {"users": 8}, "deployment": pool("fixed")},
    "rate": {"requests": [ASK], "load": {"rate": 300}, "deployment": pool("fixed")},
    "chat": {"requests": [CHAT], "load": {"users": 20},
             "deployment": pool("sqlalchemy-async", pool_size=10, max_overflow=0)},
    "one": {"requests": [ASK], "load": {"users": 1, "think": "2ms"}, "deployment": pool("fixed")},
}


def busy_loops(nice):
    return [subprocess.Popen(["nice", "-n", str(nice), sys.executable, "-c", BUSY])
            for _ in range(os.cpu_count())]


def measure(program, directory, target, load, seconds):
    scenario = {"version": 1, "name": load, "warmup": "300ms", "duration": "%gs" % seconds,
                **LOADS[load]}
    path = os.path.join(directory, "scenario.json")
    with open(path, "w") as file:
        json.dump(scenario, file)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "POOLGAUGE_"))}
    result = subprocess.run([program, "run", path, "--target", target, "--json", "-", "--out",
                             os.path.join(directory, "reports"), "--quiet"],
                            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, timeout=120)
    if result.returncode not in (0, 10, 12):
        sys.exit("exit status %d\n%s" % (result.returncode, result.stderr))
    return result.returncode, json.loads(result.stdout)


def figures(report):
    client = report["client"]
    lag = client["loop_lag_ms"]
    wait = max((t["run_wait"] or 0 for t in client["by_thread"]), default=0)
    machine = client["machine_cpu"]
    return ("cpu %.2f wait %.3f loop lag p50 %s p99 %s schedule p99 %s; "
            "others %s databases %s own %s"
            % (client["cpu_busy"], wait, lag["p50"], lag["p99"], client["schedule_lag_p99_ms"],
               machine["others"], machine["databases"], machine["own"]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--nice", type=int, default=-5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--only", choices=["starved", "alone"])
    options = parser.parse_args()
    program = os.path.abspath(options.program)

    directory = tempfile.mkdtemp(prefix="pgs-")
    os.chmod(directory, 0o755)
    server = postgres.Server(directory)
    loops = []
    right = {"alone": 0, "starved": 0}
    conditions = [options.only] if options.only else ["alone", "starved"]
    try:
        server.start()
        for condition in conditions:
            loops = busy_loops(options.nice) if condition == "starved" else []
            for run in range(options.runs):
                load = list(LOADS)[run % len(LOADS)]
                status, report = measure(program, directory, server.conninfo(), load,
                                         options.seconds)
                good = status == (12 if condition == "starved" else 0)
                right[condition] += good
                print("%-7s %-6s exit %d %s  %s" % (condition, load, status, "ok   " if good
                                                   else "WRONG", figures(report)), flush=True)
            for loop in loops:
                loop.kill()
                loop.wait()
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)
    for condition in conditions:
        print("%s: %d of %d judged rightly" % (condition, right[condition], options.runs))
    return 0 if all(right[c] == options.runs for c in conditions) else 1


if __name__ == "__main__":
    sys.exit(main())
