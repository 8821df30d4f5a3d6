"""Every reply of a server cut and replaced, as cases for tests: what is run, and what is spoilt.

    odd_replies.py PROGRAM [--every N] [--jobs N] [--limit S]   runs all, or each N-th, and counts
"""

import argparse
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import time

from fake_server import STRANGERS, FakeServer, Fault, cut, instead, ready, replace, split

CONTRACT = (0, 2, 3, 10, 12)  # 1 would be the tool's own fault; nothing is interrupted here
LIMIT_S = 120  # the longest wait of the tool is 10 s; a busy machine needs more

SCENARIO = {
    "version": 1, "name": "odd",
    "requests": [
        {"name": "read", "transaction": True,
         "steps": [{"name": "one", "sql": "SELECT 1", "protocol": "prepared"},
                   {"name": "two", "sql": "SELECT 2", "protocol": "simple"}]}],
    "load": {"users": 2, "think": "5ms"}, "warmup": "0s", "duration": "200ms", "deadline": "100ms",
    "deployment": {"pool": {"kind": "sqlalchemy", "pool_size": 2, "max_overflow": 0}},
}
POOLED = dict(SCENARIO, name="pooled", deployment={
    "pool": SCENARIO["deployment"]["pool"],
    "pooler": {"kind": "pgbouncer", "target": "given", "pool_mode": "transaction",
               "default_pool_size": 20, "max_client_conn": 100}})
COMMANDS = {
    "run": ["run", "odd.json", "--progress", "none", "--out", "{out}", "--target"],
    "pooler": ["run", "pooled.json", "--progress", "none", "--out", "{out}", "--target"],
    "import": ["scenario", "import", "--pg-stat-statements", "--target"],
}

GOOD_ENDS = ("ready", "ready in an odd state", "ready in a transaction")
# `owes`: the reply never says that it is complete, so that the tool waits as long as it ever does.
Case = collections.namedtuple("Case", "command label name change owes")


def write_scenarios(directory):
    for name, scenario in (("odd.json", SCENARIO), ("pooled.json", POOLED)):
        with open(os.path.join(directory, name), "w") as file:
            json.dump(scenario, file)


def arguments(command, target, out):
    return [part.format(out=out) for part in COMMANDS[command]] + [target]


def record(program, directory):
    """The replies of an undisturbed run of each command, by name."""
    replies = {}
    for command in COMMANDS:
        server = FakeServer()
        try:
            out = os.path.join(directory, "undisturbed-" + command)
            ended = subprocess.run([program, *arguments(command, server.target(), out)],
                                   cwd=directory, capture_output=True, text=True, timeout=LIMIT_S)
        finally:
            server.close()
        if ended.returncode not in (0, 12):  # on a busy machine nothing may complete in 200 ms
            raise AssertionError("%s: %s" % (command, ended.stdout + ended.stderr))
        replies[command] = server.replies
    return replies


def cases(replies):
    """Each reply cut after every byte, and each of its messages replaced by every stranger."""
    told = set()
    for command in COMMANDS:
        for name, reply in sorted(replies[command].items()):
            if (name, len(reply)) in told:
                continue
            told.add((name, len(reply)))
            for place in range(len(reply)):
                yield Case(command, "%s cut after %d" % (name, place), name, cut(place), False)
            last = len(split(reply)) - 1
            for index in range(last + 1):
                for what, stranger in STRANGERS.items():
                    owes = index == last and what not in GOOD_ENDS
                    yield Case(command, "%s, message %d: %s" % (name, index, what), name,
                               replace(index, stranger), owes)
            for what, stranger in STRANGERS.items():
                if stranger:
                    yield Case(command, "%s is %s alone" % (name, what), name,
                               instead(stranger + ready()), False)


def run(program, directory, server, number, case, limit_s=LIMIT_S):
    """The exit status and what was said; None: not ended within the limit."""
    user = "case%d" % number
    server.faults[user] = Fault(case.name, case.change)
    command = arguments(case.command, server.target(user), os.path.join(directory, user))
    try:
        ended = subprocess.run([program, *command], cwd=directory, capture_output=True,
                               timeout=limit_s)
        return ended.returncode, (ended.stdout + ended.stderr).decode(errors="replace")
    except subprocess.TimeoutExpired:
        return None, "not ended within %d s" % limit_s


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--every", type=int, default=1)
    options.add_argument("--jobs", type=int, default=4)
    options.add_argument("--limit", type=int, default=LIMIT_S, help="seconds for each")
    chosen = options.parse_args()
    program = os.path.abspath(chosen.program)
    began = time.monotonic()
    counts, bad = collections.Counter(), []
    with tempfile.TemporaryDirectory() as directory:
        write_scenarios(directory)
        every = list(enumerate(cases(record(program, directory))))[::chosen.every]
        server = FakeServer()
        with concurrent.futures.ThreadPoolExecutor(chosen.jobs) as pool:
            results = pool.map(lambda c: (c[1], run(program, directory, server, *c,
                                                                chosen.limit)), every)
            for case, (status, said) in results:
                counts[status] += 1
                if sum(counts.values()) % 200 == 0:
                    print("%d of %d after %.0f s" % (sum(counts.values()), len(every),
                                                     time.monotonic() - began),
                          file=sys.stderr, flush=True)
                if status not in CONTRACT:
                    bad.append((case.command, case.label, status, said))
                    print("%s: %s: %s: %s" % (case.command, case.label, status, said[-300:]),
                          flush=True)
    print("%d cases in %.0f s, by exit status: %s; %d outside the contract" % (
        len(every), time.monotonic() - began, dict(counts), len(bad)))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
