#!/usr/bin/env python3
"""What `observe` says of real pool libraries, beside what the application itself counted.

    observe_truth.py PROGRAM [KIND]...     kinds: sqlalchemy, psycopg, sqlalchemy-async, hikari

Each application runs for a minute and a half with random requests, and notes when each connection
was checked out and returned. observe watches it for a minute from outside. In transactions its
interval (widened to three standard errors) must hold the application's own mean; in autocommit the
application's mean must lie between low and high. HikariCP's metrics are read meanwhile, too: its
mean in use and its hold time must be the application's. Debian's python3-sqlalchemy,
python3-psycopg2, python3-psycopg-pool, python3-asyncpg, libhikaricp-java, libpostgresql-jdbc-java
and default-jdk-headless; what is missing is skipped.
"""

import asyncio
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
sys.dont_write_bytecode = True

WATCH_S = 60
PORT = 54329  # HikariCP needs one
USERS, THINK_S = 40, 0.5
# Mean time on the server and in the application of one request; each drawn at random.
WORKLOADS = {"short": (0.002, 0.010, False), "long": (0.010, 0.080, False),
             "autocommit-short": (0.004, 0.003, True), "autocommit-long": (0.020, 0.004, True)}


class Log:
    """When connections were checked out, by the clock of this machine."""

    def __init__(self):
        self.lock = threading.Lock()
        self.intervals = []

    def add(self, taken, returned):
        with self.lock:
            self.intervals.append((taken, returned))


def place():
    return {name.lower()[2:]: os.environ[name]
            for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE")}


def request_times(rng, server_s, own_s):
    return rng.expovariate(1 / server_s), rng.expovariate(1 / own_s)


def threaded(kind, workload, seconds, log):
    server_s, own_s, autocommit = WORKLOADS[workload]
    where = place()
    if kind == "sqlalchemy":
        import sqlalchemy
        options = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
        engine = sqlalchemy.create_engine(
            "postgresql+psycopg2://", pool_size=20, max_overflow=20, **options,
            connect_args={"host": where["host"], "port": where["port"], "user": where["user"],
                          "password": where["password"], "dbname": where["database"]})

        def work(rng):
            with engine.connect() as connection:
                taken = time.time()
                asleep, own = request_times(rng, server_s, own_s)
                connection.exec_driver_sql("SELECT pg_sleep(%f)" % asleep)
                time.sleep(own)
                connection.exec_driver_sql("SELECT count(*) FROM pg_namespace")
            log.add(taken, time.time())
    else:
        import psycopg_pool
        pool = psycopg_pool.ConnectionPool(
            "host=%(host)s port=%(port)s user=%(user)s password=%(password)s dbname=%(database)s"
            % where, min_size=20, max_size=40, kwargs={"autocommit": autocommit})
        pool.wait()

        def work(rng):
            with pool.connection() as connection:
                taken = time.time()
                asleep, own = request_times(rng, server_s, own_s)
                connection.execute("SELECT pg_sleep(%f)" % asleep)
                time.sleep(own)
                connection.execute("SELECT count(*) FROM pg_namespace")
            log.add(taken, time.time())

    end = time.time() + seconds

    def user(number):
        rng = random.Random(number)
        while time.time() < end:
            time.sleep(rng.expovariate(1 / THINK_S))
            work(rng)

    threads = [threading.Thread(target=user, args=(i,)) for i in range(USERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def on_a_loop(workload, seconds, log):
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine
    server_s, own_s, autocommit = WORKLOADS[workload]
    where = place()

    async def main():
        options = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
        engine = create_async_engine(
            "postgresql+asyncpg://", pool_size=20, max_overflow=20, **options,
            connect_args={"host": where["host"], "port": int(where["port"]),
                          "user": where["user"], "password": where["password"],
                          "database": where["database"]})
        end = time.time() + seconds

        async def user(number):
            rng = random.Random(number)
            while time.time() < end:
                await asyncio.sleep(rng.expovariate(1 / THINK_S))
                async with engine.connect() as connection:
                    taken = time.time()
                    asleep, own = request_times(rng, server_s, own_s)
                    await connection.execute(text("SELECT pg_sleep(%f)" % asleep))
                    await asyncio.sleep(own)
                    await connection.execute(text("SELECT count(*) FROM pg_namespace"))
                log.add(taken, time.time())

        await asyncio.gather(*(user(i) for i in range(USERS)))
        await engine.dispose()

    asyncio.run(main())


def application(kind, workload, seconds):
    log = Log()
    print("ready", flush=True)
    if kind == "sqlalchemy-async":
        on_a_loop(workload, seconds, log)
    else:
        threaded(kind, workload, seconds, log)
    json.dump(log.intervals, sys.stdout)


def overlap(intervals, begin, end):
    return sum(max(0.0, min(b, end) - max(a, begin)) for a, b in intervals) / (end - begin)


JARS = ":".join("/usr/share/java/" + j for j in ("HikariCP.jar", "postgresql.jar",
                                                  "slf4j-api.jar", "slf4j-nop.jar"))


def installed(kind):
    if kind == "hikari":
        return shutil.which("javac") and all(os.path.exists(j) for j in JARS.split(":"))
    module = {"psycopg": "psycopg_pool"}.get(kind, "sqlalchemy")
    return not subprocess.run([sys.executable, "-c", "import " + module],
                              stderr=subprocess.DEVNULL).returncode


def application_command(kind, workload, seconds, scratch):
    if kind != "hikari":
        return [sys.executable, os.path.abspath(__file__), "--app", kind, workload, str(seconds)]
    classes = os.path.join(scratch, "classes")
    if not os.path.exists(classes):
        subprocess.run(["javac", "-d", classes, "-cp", JARS,
                        os.path.join(HERE, "HikariApp.java")], check=True)
    server_s, own_s, autocommit = WORKLOADS[workload]
    return ["java", "-cp", classes + ":" + JARS, "HikariApp", str(USERS), str(seconds), "20",
            str(server_s), str(own_s), "1" if autocommit else "0", str(THINK_S)]


def read_metrics(program, port, scratch):
    """`observe --metrics`, beside the other."""
    out = os.path.join(scratch, "m.json")
    process = subprocess.Popen(
        [program, "observe", "--metrics", "http://127.0.0.1:%d/metrics" % port, "--for",
         "%ds" % WATCH_S, "--every", "2s", "--json", out, "--quiet"])

    def answer():
        if process.wait() != 0:
            return None
        with open(out) as file:
            return json.load(file)["groups"][0]
    return answer


def watch(program, server, kind, workload, scratch):
    env = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    import postgres
    env.update(PGHOST=server.directory if kind != "hikari" else "127.0.0.1", PGPORT=str(PORT),
               PGUSER="tester", PGDATABASE="app",
               PGPASSWORD=postgres.PASSWORD, PGAPPNAME="truth")
    app = subprocess.Popen(application_command(kind, workload, WATCH_S + 15, scratch),
                           stdout=subprocess.PIPE, text=True, env=env)
    ready = app.stdout.readline().split()
    time.sleep(5)  # the pool fills
    metrics = read_metrics(program, int(ready[1]), scratch) if len(ready) > 1 else None
    out, seen = os.path.join(scratch, "a.json"), os.path.join(scratch, "seen.json")
    begin = time.time()
    subprocess.run([program, "observe", "--target", server.conninfo(dbname="app", port=str(PORT)),
                    "--for",
                    "%ds" % WATCH_S, "--json", out, "--quiet", "--gap", "20ms",
                    "--scenario", seen], check=True)
    end = time.time()
    intervals = json.loads(app.communicate()[0])
    with open(out) as file:
        answer = json.load(file)
    mean = overlap(intervals, begin, end)
    done = [b - a for a, b in intervals if begin <= b < end]
    simulated = simulate(program, seen, scratch, len(done) / (end - begin), mean, sorted(done))
    return answer, mean, intervals, metrics and metrics(), simulated


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


def judge_metrics(group, truth, intervals):
    """The pool's own counters: within 3 % of the application's mean, and of its hold time."""
    held = sum(b - a for a, b in intervals) / len(intervals)
    in_use, hold_s = group["in_use"]["mean"]["value"], group["hold"]["mean_ms"]["value"] / 1e3
    said = "metrics: in use %.3f, hold %.1f ms, waiting %.3f, size %d" % (
        in_use, 1e3 * hold_s, group["waiting"]["mean"]["value"], group["size"]["total"])
    # HikariCP rounds each time in use down to whole milliseconds.
    low, high = held - 0.001, 1.03 * held
    return 0.97 * low <= hold_s <= high and abs(in_use - truth) <= 0.05 * truth + len(
        intervals) * 0.001 / WATCH_S, said


def judge(answer, truth, intervals, autocommit):
    groups = [g for g in answer["groups"] if g["database"] == "app"]
    if not groups:
        return False, "no group was seen"
    group = groups[0]
    mean = group["in_use"]["mean"]
    low, high = mean["ci95"]
    holds = sorted(b - a for a, b in intervals)
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
    if arguments[0] == "--app":
        return application(arguments[1], arguments[2], float(arguments[3]))
    program, *kinds = arguments
    kinds = kinds or ["sqlalchemy", "psycopg", "sqlalchemy-async", "hikari"]
    import postgres
    good = True
    with tempfile.TemporaryDirectory(prefix="pgt-") as directory:
        os.chmod(directory, 0o755)
        server = postgres.Server(directory, {"max_connections": 100,
                                             "listen_addresses": "127.0.0.1"})
        server.start(port=PORT)
        try:
            subprocess.run(["psql", "-XAtq", "-c", "CREATE DATABASE app",
                            server.conninfo(port=str(PORT))], check=True)
            for kind in kinds:
                if not installed(kind):
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
