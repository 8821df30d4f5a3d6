#!/usr/bin/env python3
"""Some forty runs whose bottleneck is known, because it was built in: does the headline name it?

usage: advice_truth.py PATH-TO-POOLGAUGE [--only TEXT] [--seconds 5] [--verbose]

Starts a throwaway PostgreSQL and, for delay, a relay on a socket of its own. Each case states what
binds and which findings name it; a headline that names anything else is wrong, worse where the run
was not called inconclusive. Prints one line for each case; exits 1 when fewer than 38 of 40 are
right, or their share where only some are run. Wants a machine that is otherwise idle.
"""

import argparse
import asyncio
import contextlib
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))

import postgres  # noqa: E402

SIZES = {
    "sqlalchemy": lambda n: {"pool_size": n, "max_overflow": 0},
    "sqlalchemy-async": lambda n: {"pool_size": n, "max_overflow": 0},
    "psycopg": lambda n: {"min_size": n, "max_size": n},
    "hikari": lambda n: {"maximumPoolSize": n},
    "node-postgres": lambda n: {"max": n},
    "asyncpg": lambda n: {"min_size": n, "max_size": n},
}
KINDS = list(SIZES)


def pool(kind, size, **more):
    return {"kind": kind, **SIZES[kind](size), **more}


def request(*steps, transaction=True):
    return [{"name": "work", "transaction": transaction, "steps": list(steps)}]


def sql(text, name="statement"):
    return {"name": name, "sql": text}


def hold(length, name="model"):
    return {"name": name, "hold": length}


def case(name, findings, requests, users, pool_, **more):
    return {"name": name, "findings": findings, "requests": requests, "pool": pool_,
            "load": {"users": users, **more.pop("load", {})}, **more}


SLEEP = request(sql("SELECT pg_sleep(0.02)"))
READ = request(sql("SELECT 1"))
CHAT = request(sql("SELECT 1"), hold("120ms"), sql("SELECT 2", "answer"))
BUSY = request(sql("SELECT sum(i::bigint * i) FROM generate_series(1, 60000) AS i"))
HOT = request(sql("UPDATE hot SET n = n + 1 WHERE id = 1"), hold("8ms", "think about it"))
WRITE = request(sql("INSERT INTO log (n) VALUES (1)"))
MANY = request(*[sql("SELECT %d" % i, "read %d" % i) for i in range(8)], transaction=False)
POOLER = {"kind": "pgbouncer", "pool_mode": "transaction", "default_pool_size": 3}


def cases():
    for kind in KINDS:
        yield case("pool " + kind, ["pool_bound", "unfair_pool"], SLEEP, 40,
                   pool(kind, 4))
    for kind in KINDS[:4]:
        yield case("hold " + kind, ["hold_bound", "pool_bound", "unfair_pool"], CHAT, 40,
                   pool(kind, 5), advice="elease")
    yield case("connects none", ["connect_bound"], READ, 8, {"kind": "none"})
    yield case("connects null", ["connect_bound"], READ, 8, {"kind": "sqlalchemy-null"})
    yield case("slow connects prisma", ["slow_connects"], CHAT, 10,
               {"kind": "prisma", "connection_limit": 60, "pool_timeout": "1s"},
               relay={"connect": 1.5})
    yield case("churn sqlalchemy", ["connect_churn"], request(sql("SELECT 1"), hold("30ms")), 16,
               {"kind": "sqlalchemy", "pool_size": 4, "max_overflow": 12},
               load={"think": {"exponential": "40ms"}})
    yield case("churn sqlalchemy-async", ["connect_churn"], request(sql("SELECT 1"), hold("30ms")),
               16, {"kind": "sqlalchemy-async", "pool_size": 4, "max_overflow": 12},
               load={"think": {"exponential": "40ms"}})
    for kind in ("hikari", "asyncpg"):
        yield case("commit " + kind, ["commit_bound"], WRITE, 12, pool(kind, 12), server="slow")
    for kind in ("sqlalchemy", "hikari", "node-postgres"):
        yield case("lock " + kind, ["lock_bound"], HOT, 12, pool(kind, 12))
    for kind in ("sqlalchemy", "psycopg", "asyncpg"):
        yield case("server CPU " + kind, ["cpu_bound"], BUSY, 12, pool(kind, 12))
    for kind in ("hikari", "node-postgres"):
        yield case("client CPU " + kind, ["client_bound", "inconclusive"], READ, 30, pool(kind, 30),
                   starved=True)
    for kind in ("sqlalchemy", "hikari", "psycopg"):
        yield case("pooler " + kind, ["pooler_bound"], SLEEP, 24, pool(kind, 24), pooler=POOLER)
    yield case("pooler refuses", ["pooler_refuses", "refused"], SLEEP, 24, pool("sqlalchemy", 24),
               pooler={**POOLER, "default_pool_size": 24, "max_client_conn": 12},
               error="max_client_conn")
    for kind in ("sqlalchemy", "hikari"):
        yield case("role limit " + kind, ["refused"], READ, 12, pool(kind, 12), role="narrow",
                   error="role")
    for kind in ("node-postgres", "psycopg"):
        yield case("network " + kind, ["network_bound"], MANY, 10, pool(kind, 10),
                   relay={"delay": 0.005})
    for kind in ("sqlalchemy", "hikari", "asyncpg"):
        yield case("thinking " + kind, ["healthy"], READ, 10, pool(kind, 10),
                   load={"think": {"exponential": "200ms"}})
    yield case("long statement", ["own_time", "database_bound"],
               request(sql("SELECT pg_sleep(0.15)")), 5, pool("sqlalchemy", 5))
    yield case("long hold", ["own_time", "healthy"], CHAT, 5, pool("hikari", 5))
    yield case("open, calm", ["healthy"], READ, None, pool("psycopg", 8), rate=40)
    yield case("open, small pool", ["pool_bound"], SLEEP, None, pool("psycopg", 4), rate=230)


class Relay:
    """Passes bytes on after a delay, and answers a connect after another."""

    def __init__(self, directory, port, server, delay=0.0, connect=0.0):
        self.path = os.path.join(directory, ".s.PGSQL.%d" % port)
        self.server, self.delay, self.connect = server, delay, connect
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        self.ready.wait()

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(asyncio.start_unix_server(self._serve, self.path))
        self.ready.set()
        self.loop.run_forever()

    async def _serve(self, reader, writer):
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await asyncio.sleep(self.connect)
            onward = await asyncio.open_unix_connection(self.server)
            await asyncio.gather(self._pass(reader, onward[1]), self._pass(onward[0], writer))

    async def _pass(self, reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                self.loop.call_later(self.delay, self._send, writer, data)
        self.loop.call_later(self.delay, writer.close)

    @staticmethod
    def _send(writer, data):
        if not writer.is_closing():
            writer.write(data)

    def _end(self):
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.call_later(0.1, self.loop.stop)  # once they have heard of it

    def stop(self):
        self.loop.call_soon_threadsafe(self._end)
        self.thread.join(10)


def start(directory, name, **settings):
    home = os.path.join(directory, name)
    os.mkdir(home)
    os.chmod(home, 0o755)
    server = postgres.Server(home, {"max_connections": "80", **settings})
    server.start()
    script = ("CREATE TABLE hot (id int PRIMARY KEY, n bigint); INSERT INTO hot VALUES (1, 0);"
              "CREATE TABLE log (n int);"
              "CREATE ROLE narrow LOGIN CONNECTION LIMIT 5 PASSWORD '%s';" % postgres.PASSWORD)
    subprocess.run([postgres.binary("psql"), "-q", server.conninfo(), "-v", "ON_ERROR_STOP=1", "-c",
                    script], check=True)
    return server


def scenario_of(each, seconds):
    deployment = {"pool": each["pool"]}
    if "pooler" in each:
        deployment["pooler"] = each["pooler"]
    load = {"rate": each["rate"]} if "rate" in each else each["load"]
    return {"version": 1, "name": "truth", "requests": each["requests"], "load": load,
            "warmup": "1s", "duration": "%gs" % seconds, "deployment": deployment}


def run(program, each, servers, directory, seconds):
    path = os.path.join(directory, "scenario.json")
    report = os.path.join(directory, "report.json")
    with contextlib.suppress(FileNotFoundError):
        os.remove(report)
    with open(path, "w") as file:
        json.dump(scenario_of(each, seconds), file)
    server = servers[each.get("server", "plain")]
    relay = None
    changes = {"user": each["role"]} if "role" in each else {}
    if "relay" in each:
        relay = Relay(directory, 7001, os.path.join(server.directory, ".s.PGSQL.5432"),
                      **each["relay"])
        changes.update(host=directory, port="7001")
    target = [] if "pooler" in each else ["--target", server.conninfo(**changes), "--allow-writes"]
    command = [program, "run", path, *target, "--json", report, "--out", directory,
               "--progress", "none", "--no-color"]
    loops = []
    if each.get("starved"):
        loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"])
                 for _ in range(2 * os.cpu_count())]
        command = ["nice", "-n", "19", *command]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "POOLGAUGE_"))}
    try:
        result = subprocess.run(command, env=environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, timeout=180)
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
        if relay:
            relay.stop()
            os.remove(relay.path)
    if not os.path.exists(report):
        return result, None
    with open(report) as file:
        return result, json.load(file)


def judge(each, result, report):
    """(right, confident, what was said)"""
    if report is None:
        right = "refused" in each["findings"] and each["error"] in result.stderr
        return right, True, "refused: " + " ".join(result.stderr.split())[:160]
    main = report["diagnosis"][0] if report["diagnosis"] else {"finding": "-", "advice": ""}
    inconclusive = report["verdict"]["status"] == "inconclusive"
    said = main["finding"] + (" (inconclusive)" if inconclusive else "")
    right = main["finding"] in each["findings"] or (inconclusive
                                                    and "inconclusive" in each["findings"])
    told = " ".join(finding["advice"] for finding in report["diagnosis"])
    if right and each.get("advice") and each["advice"] not in told:
        right = False
        said += " without " + each["advice"]
    return right, not inconclusive, said


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    wanted = [each for each in cases() if options.only in each["name"]]
    directory = tempfile.mkdtemp(prefix="pgtruth-")
    os.chmod(directory, 0o755)
    servers = {}
    right = confident_and_wrong = 0
    try:
        servers["plain"] = start(directory, "plain")
        servers["slow"] = start(directory, "slow", commit_delay="20000",
                                commit_siblings="0", fsync="on")
        for each in wanted:
            result, report = run(program, each, servers, directory, options.seconds)
            good, confident, said = judge(each, result, report)
            right += good
            confident_and_wrong += confident and not good
            print("%s %-24s %s" % ("ok  " if good else "FAIL", each["name"], said), flush=True)
            if options.verbose or not good:
                for finding in (report or {}).get("diagnosis", []):
                    print("       %s: %s | %s" % (finding["finding"], finding["evidence"],
                                                  finding["advice"]))
    finally:
        for server in servers.values():
            server.stop()
        shutil.rmtree(directory, ignore_errors=True)
    needed = math.ceil(len(wanted) * 38 / 40)
    print("%d of %d right, %d wrong with confidence" % (right, len(wanted), confident_and_wrong))
    return 0 if right >= needed else 1


if __name__ == "__main__":
    sys.exit(main())
