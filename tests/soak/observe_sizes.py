#!/usr/bin/env python3
"""Whether the sizes that `observe` recommends are those that the applications need.

    observe_sizes.py PROGRAM [KIND]...     kinds: sqlalchemy, psycopg, sqlalchemy-async, hikari

Each library's four workloads run with pools so large that nobody waits, and observe watches them
from outside: no growth is added (`size` of the profile dev, `size_now` of the others). Then each
runs with pools of the sizes around the recommended ones, and its requests tell how many of them
waited. The smallest size that meets the profile's limit (20, 5, and 1 % of the requests) is the
truth; the recommended one may be off by one connection or a tenth of it, whichever is more. In
autocommit the server does not see all of a hold: there the truth must be between the sizes for
what was in use at least and at most, within the same tolerance.

Half a core, 7 minutes for each library. What is not installed is skipped (observe_apps.py).
"""

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
sys.dont_write_bytecode = True

import observe_apps  # noqa: E402
from observe_apps import KINDS, WORKLOADS, Application  # noqa: E402

WATCH_S, RUN_S, SETTLE_S = 90, 60, 5
WATCHED_SIZE = 20
AT_A_TIME = 5
PORT = 54331
PROFILES = {"dev": 0.2, "production": 0.05, "high-traffic": 0.01}  # sizing.md: who may wait
MOST_ROUNDS = 10
ATTEMPTS = 3
DISTURBED = 1.15  # times as long as when it was watched


class Truth:
    """What the application of one workload did with pools of several sizes."""

    def __init__(self, in_use, hold_s):
        self.waited = {}  # share of the requests, by size
        self.demand = in_use  # when it was watched
        self.hold_s = hold_s
        self.longer = []  # holds, as a share of those

    def was_disturbed(self):
        return bool(self.longer) and sorted(self.longer)[len(self.longer) // 2] < 1 / DISTURBED

    def smallest(self, limit):
        """Nothing before it is known: the size below has to miss the limit."""
        good = [size for size, share in self.waited.items() if share <= limit]
        if not good:
            return None
        size = min(good)
        return size if size - 1 in self.waited or size - 1 <= self.demand else None

    def missing(self, limit, recommended):
        """Sizes that have to be tried before smallest() answers."""
        if not self.waited:
            return {size for size in range(recommended - 1, recommended + 2) if size > self.demand}
        good = [size for size, share in self.waited.items() if share <= limit]
        if not good:
            top = max(self.waited)
            return {top + 1, top + 2}
        return set() if self.smallest(limit) else {min(good) - 1}


def watch(program, server, kind, scratch):
    """By workload: the answer for each profile, and the truth as far as it is known."""
    apps = {workload: Application(server, scratch, kind, workload, WATCH_S + 20, WATCHED_SIZE,
                                  workload.replace("-", "_")) for workload in WORKLOADS}
    time.sleep(SETTLE_S)
    record = os.path.join(scratch, "%s-%d.jsonl" % (kind, time.monotonic_ns()))
    begin = time.time()
    subprocess.run([program, "observe", "--target", server.conninfo(), "--for", "%ds" % WATCH_S,
                    "--gap", "20ms", "--quiet", "--record", record], check=True,
                   stdout=subprocess.DEVNULL)
    end = time.time()
    truths = {}
    for workload, app in apps.items():
        requests = app.requests()
        truths[workload] = Truth(observe_apps.mean_in_use(requests, begin, end),
                                 mean_hold([r for r in requests if begin <= r.asked < end]))
    sizes = {workload: {} for workload in WORKLOADS}
    for profile in PROFILES:
        out = os.path.join(scratch, "answer.json")
        subprocess.run([program, "observe", record, "--profile", profile, "--json", out, "--quiet"],
                       check=True, stdout=subprocess.DEVNULL)
        with open(out) as file:
            answer = json.load(file)
        if answer["profile"] != profile:
            raise RuntimeError("the answer is for another profile")
        for group in answer["groups"]:
            workload = group["database"].replace("_", "-")
            if workload in sizes:
                sizes[workload][profile] = group
    return sizes, truths


def mean_hold(requests):
    return sum(r.returned - r.taken for r in requests) / len(requests)


def try_sizes(server, scratch, kind, jobs, truths):
    """Runs the application of each job (workload, size), some at a time. False: the machine was
    busy when observe watched."""
    for first in range(0, len(jobs), AT_A_TIME):
        batch = jobs[first:first + AT_A_TIME]
        apps = [Application(server, scratch, kind, workload, RUN_S + SETTLE_S + 3, size,
                            workload.replace("-", "_")) for workload, size in batch]
        time.sleep(SETTLE_S)
        begin = time.time()
        for (workload, size), app in zip(batch, apps):
            done = [r for r in app.requests() if begin <= r.asked < begin + RUN_S]
            share = sum(r.waited for r in done) / len(done)
            longer = mean_hold(done) / truths[workload].hold_s
            truths[workload].longer.append(longer)
            if longer <= DISTURBED:
                truths[workload].waited[size] = share
            print("     %s %s: of %d requests, %.2f %% waited with %d connections, holds %+.0f %%%s"
                  % (kind, workload, len(done), 100 * share, size, 100 * (longer - 1),
                     "" if longer <= DISTURBED else ": disturbed, to be repeated"), flush=True)
        if any(truth.was_disturbed() for truth in truths.values()):
            print("     %s: the machine was busy when observe watched" % kind, flush=True)
            return False
    return True


def connections_for(demand, limit):
    """The fewest with which Erlang C lets at most this share wait."""
    blocked, size = 1.0, 0
    while True:
        size += 1
        blocked = demand * blocked / (size + demand * blocked)
        if size > demand and blocked / (1 - (1 - blocked) * demand / size) <= limit:
            return size


def recommended(group, profile):
    """Without growth, which these applications do not have: connections at least and at most, and
    in use at least."""
    low = group["size"] if profile == "dev" else group["size_now"]
    high = group["size_high"]
    if not high:
        return low["total"], low["total"], low["demand"]
    # The answer has it with growth only.
    demand = high["demand"] * low["demand"] / group["size"]["demand"]
    return low["total"], connections_for(demand, PROFILES[profile]), low["demand"]


def judge(kind, workload, group, profile, truth):
    limit = PROFILES[profile]
    low, high, demand = recommended(group, profile)
    best = truth.smallest(limit)
    tolerance = max(1, math.floor(0.1 * best))
    autocommit = WORKLOADS[workload][2]
    most = high if autocommit else low
    fine = low - tolerance <= best <= most + tolerance
    print("%s %s %s, %s: recommended %d%s for %.2f in use (application: %.2f); smallest that keeps "
          "%.0f %%: %d (%.2f %% waited; with one less %s)" % (
              "ok  " if fine else "FAIL", kind, workload, profile, low,
              " to %d" % most if autocommit else "", demand, truth.demand, 100 * limit, best,
              100 * truth.waited[best],
              "%.2f %%" % (100 * truth.waited[best - 1]) if best - 1 in truth.waited
              else "too few for the load"), flush=True)
    return fine


def find_sizes(program, server, kind, scratch):
    """By workload: the answers and the truth; nothing where the machine was busy meanwhile."""
    groups, truths = watch(program, server, kind, scratch)
    for _ in range(MOST_ROUNDS):
        jobs = set()
        for workload, truth in truths.items():
            for profile, limit in PROFILES.items():
                low, _, _ = recommended(groups[workload][profile], profile)
                jobs |= {(workload, size) for size in truth.missing(limit, low)
                         if size not in truth.waited}
        if not jobs:
            break
        if not try_sizes(server, scratch, kind, sorted(jobs), truths):
            return None
    return groups, truths


def check_library(program, server, kind, scratch):
    found = None
    for _ in range(ATTEMPTS):
        found = found or find_sizes(program, server, kind, scratch)
    if not found:
        print("FAIL %s: the machine is too busy" % kind)
        return False
    groups, truths = found
    good = True
    for workload, truth in truths.items():
        for profile, limit in PROFILES.items():
            if truth.smallest(limit) is None:
                print("FAIL %s %s, %s: no size was found" % (kind, workload, profile))
                good = False
            else:
                good = judge(kind, workload, groups[workload][profile], profile, truth) and good
    return good


def main(arguments):
    import postgres
    program, *kinds = arguments
    good = True
    with tempfile.TemporaryDirectory(prefix="pgt-") as directory:
        os.chmod(directory, 0o755)
        server = postgres.Server(directory, {"max_connections": 200,
                                             "listen_addresses": "127.0.0.1"})
        server.start(port=PORT)
        try:
            for workload in WORKLOADS:
                server.query("CREATE DATABASE " + workload.replace("-", "_"))
            for kind in kinds or KINDS:
                if not observe_apps.installed(kind):
                    print("skipped: %s is not installed" % kind)
                    continue
                began = time.time()
                good = check_library(program, server, kind, directory) and good
                used = resource.getrusage(resource.RUSAGE_CHILDREN)
                print("     %s: %.0f s; applications so far %.0f s of a core" % (
                    kind, time.time() - began, used.ru_utime + used.ru_stime), flush=True)
        finally:
            server.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
