#!/usr/bin/env python3
"""Python's threads with SQLAlchemy's QueuePool on a SQLite file, and the same load of this program:
failures within 2 points, throughput within 10 %, p95 within 15 %; then the simulated locks, with
the costs of a run with one user, beside this program's own run, within the same bounds. Needs
python3-sqlalchemy and an idle machine.

    sqlite_truth.py POOLGAUGE [SECONDS]
"""

import json
import math
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

try:
    import sqlalchemy
    from sqlalchemy import create_engine, event, text
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.exc import TimeoutError as PoolTimeout
    from sqlalchemy.pool import QueuePool
except ImportError:
    sys.exit(77)

SETUP = """
CREATE TABLE conversation (id INTEGER PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0);
CREATE TABLE message (id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, body TEXT NOT NULL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
INSERT INTO conversation (id) SELECT i FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
INSERT INTO message (conversation, body) SELECT 1 + i % 1000, hex(zeroblob(100)) FROM n;
CREATE INDEX by_conversation ON message (conversation, id);
"""
READ = "SELECT id, body FROM message WHERE conversation = :c ORDER BY id DESC LIMIT 20"
WRITE = "INSERT INTO message (conversation, body) VALUES (:c, 'hello')"
TOUCH = "UPDATE conversation SET n = n + 1 WHERE id = :c"

# Name, users, mean think (ms), steps (SQL, or mean ms of application work), busy_timeout (ms), pool
# size. Times are exponential: with fixed ones users fall in step, and latencies are few values (the
# sums of the busy handler's sleeps), between which p95 jumps from one run of SQLAlchemy to the
# next. For the same reason no row is without application work.
ROWS = [
    ("held before writing", 12, 20, [READ, 20, WRITE, TOUCH], 5000, 12),
    ("held while writing", 8, 60, [WRITE, 5, TOUCH], 5000, 8),
    ("impatient", 10, 30, [WRITE, 10, TOUCH], 60, 10),
]
JOURNALS = ("wal", "delete")


def percentile(values, part):
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else float("nan")


class Application:
    """Threads as a web server has them: think, then a session with these statements."""

    def __init__(self, path, journal, row):
        _, self.users, self.think, self.steps, timeout, size = row
        # What SQLAlchemy 2.0 does for files by itself.
        arguments = {"timeout": timeout / 1000, "check_same_thread": False}
        self.engine = create_engine("sqlite:///" + path, poolclass=QueuePool, pool_size=size,
                                    max_overflow=0, connect_args=arguments)

        @event.listens_for(self.engine, "connect")
        def set_pragmas(connection, _record):
            connection.execute("PRAGMA journal_mode = " + journal)
            connection.execute("PRAGMA synchronous = normal")
            connection.execute("PRAGMA busy_timeout = %d" % timeout)

        self.lock = threading.Lock()
        self.latencies, self.failed, self.window = [], 0, (math.inf, math.inf)

    def request(self, number, chance):
        with self.engine.begin() as connection:
            for step in self.steps:
                if isinstance(step, str):
                    result = connection.execute(text(step), {"c": number})
                    if result.returns_rows:
                        result.fetchall()
                else:
                    time.sleep(chance.expovariate(1000 / step))

    def user(self, index, end):
        chance = random.Random(index)
        while time.monotonic() < end:
            time.sleep(chance.expovariate(1000 / self.think))
            begin, good = time.monotonic(), True
            try:
                self.request(chance.randint(1, 1000), chance)
            except (OperationalError, PoolTimeout):
                good = False
            now = time.monotonic()
            with self.lock:
                if not self.window[0] <= now < self.window[1]:
                    continue
                if good:
                    self.latencies.append(now - begin)
                else:
                    self.failed += 1

    def run(self, seconds):
        begin = time.monotonic() + 1
        self.window = (begin, begin + seconds)
        threads = [threading.Thread(target=self.user, args=(i, begin + seconds))
                   for i in range(self.users)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.engine.dispose()
        ended = len(self.latencies) + self.failed
        return {"per_s": len(self.latencies) / seconds, "failed": self.failed / max(1, ended),
                "p95_ms": percentile(self.latencies, 0.95) * 1000}


def scenario_of(journal, row, seconds):
    name, users, think, steps, timeout, size = row
    listed = []
    for i, step in enumerate(steps):
        kind = {"sql": step} if isinstance(step, str) else {"hold": {"exponential": "%dms" % step}}
        listed.append({"name": "step%d" % i, **kind})
    return {
        "version": 1, "name": name.replace(" ", "-"),
        "server": {"kind": "sqlite", "preset": "python",
                   "pragmas": {"journal_mode": journal, "synchronous": "normal",
                               "busy_timeout": timeout}},
        "variables": {"c": {"uniform": [1, 1000]}},
        "requests": [{"name": "request", "transaction": True, "steps": listed}],
        "load": {"users": users, "think": {"exponential": "%dms" % think}}, "warmup": "1s",
        "duration": "%ds" % seconds,
        "deployment": {"pool": {"kind": "sqlalchemy", "pool_size": size, "max_overflow": 0}}}


def ours(program, directory, path, journal, row, seconds, *command):
    """`command`: ["run"], or ["simulate", "--calibrate"]."""
    with open(os.path.join(directory, "scenario.json"), "w") as file:
        json.dump(scenario_of(journal, row, seconds), file)
    result = subprocess.run(
        [program, *command, "scenario.json", "--target", "sqlite:///" + path, "--allow-writes",
         "--json", "report.json", "--quiet"], cwd=directory, capture_output=True, text=True,
        env={**os.environ, "XDG_CACHE_HOME": tempfile.mkdtemp(dir=directory)})
    if result.returncode not in (0, 10, 12):
        sys.exit(result.stdout + result.stderr)
    with open(os.path.join(directory, "report.json")) as file:
        report = json.load(file)
    requests = report["requests"]
    ended = requests["completed"] + requests["failed"]
    return {"per_s": report["throughput_per_s"], "failed": requests["failed"] / max(1, ended),
            "p95_ms": report["latency_ms"]["p95"]}


def fresh(directory, journal):
    path = os.path.join(directory, "truth.db")
    for ending in ("", "-wal", "-shm", "-journal"):
        if os.path.exists(path + ending):
            os.remove(path + ending)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = " + journal)
        connection.executescript(SETUP)
    connection.close()
    return path


def close_enough(measured, other):
    if measured["per_s"] == 0:
        return False
    return (abs(other["failed"] - measured["failed"]) <= 0.02
            and abs(other["per_s"] / measured["per_s"] - 1) <= 0.10
            and abs(other["p95_ms"] / measured["p95_ms"] - 1) <= 0.15)


def shown(name, result, good=None):
    verdict = {None: "", True: "ok", False: "MISSED"}[good]
    print("    %-10s %7.1f/s   p95 %7.1f ms   %5.1f %% failed   %s"
          % (name, result["per_s"], result["p95_ms"], 100 * result["failed"], verdict), flush=True)


def main(program, seconds=20):
    program = os.path.abspath(program)
    directory = tempfile.mkdtemp(prefix="pgt-")
    print("SQLAlchemy %s, SQLite %s" % (sqlalchemy.__version__, sqlite3.sqlite_version))
    missed = 0
    try:
        for journal in JOURNALS:
            for row in ROWS:
                real = Application(fresh(directory, journal), journal, row).run(seconds)
                rest = (journal, row, seconds)
                mine = ours(program, directory, fresh(directory, journal), *rest, "run")
                model = ours(program, directory, fresh(directory, journal), *rest, "simulate",
                             "--calibrate")
                good, modeled = close_enough(real, mine), close_enough(mine, model)
                missed += (not good) + (not modeled)
                print("%s, %s" % (row[0], journal))
                shown("SQLAlchemy", real)
                shown("ours", mine, good)
                shown("simulated", model, modeled)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
