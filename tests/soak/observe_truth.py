#!/usr/bin/env python3
"""What `observe` says of real pool libraries, beside what the application itself counted.

    observe_truth.py PROGRAM [KIND]...     kinds: sqlalchemy, psycopg, sqlalchemy-async, hikari

Each application runs for a minute and a half with random requests, and notes when each connection
was checked out and returned. observe watches it for a minute from outside (five for HikariCP, whose
connection tests have to be told from requests). In transactions its interval (widened to three
standard errors) must hold the application's own mean; in autocommit the application's mean must lie
between low and high. HikariCP's metrics are read meanwhile, too: its mean in use and its hold time
must be the application's. What is not installed is skipped
(observe_apps.py).
"""

import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
sys.dont_write_bytecode = True

import observe_apps  # noqa: E402
from observe_apps import KINDS, LARGE, WORKLOADS, Application  # noqa: E402

WATCH_S = 60
# HikariCP's connection tests are transactions, too. A minute shows too few to tell them apart.
HIKARI_WATCH_S = 300
PORT = 54329  # HikariCP needs one


def read_metrics(program, port, watch_s, scratch):
    """`observe --metrics`, beside the other."""
    out = os.path.join(scratch, "m.json")
    process = subprocess.Popen(
        [program, "observe", "--metrics", "http://127.0.0.1:%d/metrics" % port, "--for",
         "%ds" % watch_s, "--every", "2s", "--json", out, "--quiet"])

    def answer():
        if process.wait() != 0:
            return None
        with open(out) as file:
            return json.load(file)["groups"][0]
    return answer


def watch(program, server, kind, workload, scratch):
    tested = kind == "hikari" and not WORKLOADS[workload][2]
    watch_s = HIKARI_WATCH_S if tested else WATCH_S
    app = Application(server, scratch, kind, workload, watch_s + 15,
                      20 if kind == "hikari" else LARGE)
    time.sleep(5)  # the pool fills
    metrics = app.metrics_port and read_metrics(program, app.metrics_port, watch_s, scratch)
    out, seen = os.path.join(scratch, "a.json"), os.path.join(scratch, "seen.json")
    begin = time.time()
    subprocess.run([program, "observe", "--target", server.conninfo(dbname="app"), "--for",
                    "%ds" % watch_s, "--json", out, "--quiet", "--gap", "20ms",
                    "--scenario", seen], check=True)
    end = time.time()
    requests = app.requests()
    with open(out) as file:
        answer = json.load(file)
    mean = observe_apps.mean_in_use(requests, begin, end)
    done = sorted(r.returned - r.taken for r in requests if begin <= r.returned < end)
    simulated = simulate(program, seen, scratch, len(done) / (end - begin), mean, done)
    return answer, mean, done, metrics and metrics(), simulated


def simulate(program, scenario, scratch, rate, in_use, holds):
    """Simulated, the scenario that was written must have the application's throughput within 5 %,
    its mean in use within 10 %, and its p95 of hold times within 15 %."""
    out = os.path.join(scratch, "simulated.json")
    subprocess.run([program, "simulate", scenario, "--json", out, "--quiet", "--duration", "10m"],
                   stderr=subprocess.DEVNULL)
    with open(out) as file:
        report = json.load(file)
    p95 = 1e3 * holds[int(0.95 * len(holds))]
    pool = report["pools"][0]
    off = (report["throughput_per_s"] / rate - 1, pool["checked_out_mean"] / in_use - 1,
           report["connection_time_ms"]["p95"] / p95 - 1)
    fine = abs(off[0]) <= 0.05 and abs(off[1]) <= 0.1 and abs(off[2]) <= 0.15
    return fine, "simulated: throughput %+.1f %%, in use %+.1f %%, p95 hold %+.1f %%" % tuple(
        100 * each for each in off)


def judge_metrics(group, truth, holds):
    """The pool's own counters: within 3 % of the application's mean, and of its hold time."""
    held = sum(holds) / len(holds)
    in_use, hold_s = group["in_use"]["mean"]["value"], group["hold"]["mean_ms"]["value"] / 1e3
    said = "metrics: in use %.3f, hold %.1f ms, waiting %.3f, size %d" % (
        in_use, 1e3 * hold_s, group["waiting"]["mean"]["value"], group["size"]["total"])
    # HikariCP rounds each time in use down to whole milliseconds.
    low, high = held - 0.001, 1.03 * held
    rounding = in_use / hold_s * 0.001 if hold_s > 0 else 0
    return 0.97 * low <= hold_s <= high and abs(in_use - truth) <= 0.05 * truth + rounding, said


def judge(answer, truth, holds, autocommit):
    groups = [g for g in answer["groups"] if g["database"] == "app"]
    if not groups:
        return False, "no group was seen"
    group = groups[0]
    mean = group["in_use"]["mean"]
    low, high = mean["ci95"]
    held = sum(holds) / len(holds)
    said = "in use %.3f (%.3f to %.3f), high %.3f, counters %s; application %.3f" % (
        mean["value"], low, high, group["in_use"]["high_mean"], group["in_use"]["counted_mean"],
        truth)
    hold = group["hold"]
    said += "; hold %.1f ms, p95 %s; application %.1f ms, p95 %.1f; size %d; cost %.4f, %.4f" % (
        hold["mean_ms"]["value"], hold["p95_ms"], 1e3 * held, 1e3 * holds[int(0.95 * len(holds))],
        group["size"]["total"], answer["cost"]["server_cores"], answer["cost"]["client_cores"])
    if autocommit:
        return mean["value"] <= truth <= group["in_use"]["high_mean"], said
    error = (high - low) / 4
    return abs(mean["value"] - truth) <= 3 * error, said


def main(arguments):
    program, *kinds = arguments
    import postgres
    good = True
    with tempfile.TemporaryDirectory(prefix="pgt-") as directory:
        os.chmod(directory, 0o755)
        server = postgres.Server(directory, {"max_connections": 100,
                                             "listen_addresses": "127.0.0.1"})
        server.start(port=PORT)
        try:
            server.query("CREATE DATABASE app")
            for kind in kinds or KINDS:
                if not observe_apps.installed(kind):
                    print("skipped: %s is not installed" % kind)
                    continue
                for workload, (_, _, autocommit) in WORKLOADS.items():
                    *seen, metrics, (close, simulated) = watch(program, server, kind, workload,
                                                               directory)
                    fine, said = judge(*seen, autocommit)
                    # In autocommit, the server does not see all of a hold.
                    fine, said = fine and (close or autocommit), said + "; " + simulated
                    if metrics:
                        right, more = judge_metrics(metrics, *seen[1:])
                        fine, said = fine and right, said + "; " + more
                    good = good and fine
                    print("%s %s %s: %s" % ("ok  " if fine else "FAIL", kind, workload, said),
                          flush=True)
        finally:
            server.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
