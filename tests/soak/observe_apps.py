"""Real applications under random load, for the tests of `observe`: each notes of every request when
it asked for a connection, got it, and returned it, and whether it had to wait.

A request waits if as many others as the pool has connections have asked and not returned theirs:
pools serve in turn, and no time has to be told from zero on a busy machine.

Debian's python3-sqlalchemy, python3-psycopg2, python3-psycopg-pool, python3-asyncpg,
libhikaricp-java, libpostgresql-jdbc-java, and default-jdk-headless; installed() says what is there.
"""

import asyncio
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = ("sqlalchemy", "psycopg", "sqlalchemy-async", "hikari")
USERS, THINK_S = 40, 0.5
# Mean time on the server and in the application of one request; each drawn at random.
WORKLOADS = {"short": (0.002, 0.010, False), "long": (0.010, 0.080, False),
             "autocommit-short": (0.004, 0.003, True), "autocommit-long": (0.020, 0.004, True)}
LARGE = 40  # connections: nobody waits
JARS = ":".join("/usr/share/java/" + j for j in ("HikariCP.jar", "postgresql.jar",
                                                  "slf4j-api.jar", "slf4j-nop.jar"))

# Times are seconds since 1970, by the clock of this machine.
Request = collections.namedtuple("Request", "asked taken returned waited")


class Log:
    """What became of the requests, and how many of them have a connection or want one."""

    def __init__(self, size):
        self.lock = threading.Lock()
        self.size, self.claims = size, 0
        self.requests = []

    def ask(self):
        """When, and whether this request has to wait."""
        with self.lock:
            waits = self.claims >= self.size
            self.claims += 1
        return time.time(), waits

    def add(self, asked, taken):
        with self.lock:
            self.claims -= 1
            self.requests.append((asked[0], taken, time.time(), int(asked[1])))


def place():
    return {name.lower()[2:]: os.environ[name]
            for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE")}


def request_times(rng, server_s, own_s):
    return rng.expovariate(1 / server_s), rng.expovariate(1 / own_s)


def engine_options(autocommit, size):
    options = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
    overflow = 20 if size == LARGE else 0
    return dict(options, pool_size=size - overflow, max_overflow=overflow)


def threaded(kind, workload, seconds, log):
    server_s, own_s, autocommit = WORKLOADS[workload]
    where = place()
    if kind == "sqlalchemy":
        import sqlalchemy
        engine = sqlalchemy.create_engine(
            "postgresql+psycopg2://", **engine_options(autocommit, log.size),
            connect_args={"host": where["host"], "port": where["port"], "user": where["user"],
                          "password": where["password"], "dbname": where["database"]})

        def work(rng):
            asked = log.ask()
            with engine.connect() as connection:
                taken = time.time()
                asleep, own = request_times(rng, server_s, own_s)
                connection.exec_driver_sql("SELECT pg_sleep(%f)" % asleep)
                time.sleep(own)
                connection.exec_driver_sql("SELECT count(*) FROM pg_namespace")
            log.add(asked, taken)
    else:
        import psycopg_pool
        pool = psycopg_pool.ConnectionPool(
            "host=%(host)s port=%(port)s user=%(user)s password=%(password)s dbname=%(database)s"
            % where, min_size=min(20, log.size), max_size=log.size,
            kwargs={"autocommit": autocommit})
        pool.wait()

        def work(rng):
            asked = log.ask()
            with pool.connection() as connection:
                taken = time.time()
                asleep, own = request_times(rng, server_s, own_s)
                connection.execute("SELECT pg_sleep(%f)" % asleep)
                time.sleep(own)
                connection.execute("SELECT count(*) FROM pg_namespace")
            log.add(asked, taken)

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
        engine = create_async_engine(
            "postgresql+asyncpg://", **engine_options(autocommit, log.size),
            connect_args={"host": where["host"], "port": int(where["port"]),
                          "user": where["user"], "password": where["password"],
                          "database": where["database"],
                          "server_settings": {"application_name": "truth"}})
        end = time.time() + seconds

        async def user(number):
            rng = random.Random(number)
            while time.time() < end:
                await asyncio.sleep(rng.expovariate(1 / THINK_S))
                asked = log.ask()
                async with engine.connect() as connection:
                    taken = time.time()
                    asleep, own = request_times(rng, server_s, own_s)
                    await connection.execute(text("SELECT pg_sleep(%f)" % asleep))
                    await asyncio.sleep(own)
                    await connection.execute(text("SELECT count(*) FROM pg_namespace"))
                log.add(asked, taken)

        await asyncio.gather(*(user(i) for i in range(USERS)))
        await engine.dispose()

    asyncio.run(main())


def application(kind, workload, seconds, size):
    log = Log(size)
    print("ready", flush=True)
    if kind == "sqlalchemy-async":
        on_a_loop(workload, seconds, log)
    else:
        threaded(kind, workload, seconds, log)
    json.dump(log.requests, sys.stdout)


def installed(kind):
    if kind == "hikari":
        return shutil.which("javac") and all(os.path.exists(j) for j in JARS.split(":"))
    module = {"psycopg": "psycopg_pool"}.get(kind, "sqlalchemy")
    return not subprocess.run([sys.executable, "-c", "import " + module],
                              stderr=subprocess.DEVNULL).returncode


def command_of(kind, workload, seconds, size, scratch):
    if kind != "hikari":
        return [sys.executable, os.path.abspath(__file__), kind, workload, str(seconds), str(size)]
    classes = os.path.join(scratch, "classes")
    if not os.path.exists(classes):
        subprocess.run(["javac", "-d", classes, "-cp", JARS,
                        os.path.join(HERE, "HikariApp.java")], check=True)
    server_s, own_s, autocommit = WORKLOADS[workload]
    return ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", classes + ":" + JARS,
            "HikariApp", str(USERS), str(seconds), str(size), str(server_s), str(own_s),
            "1" if autocommit else "0", str(THINK_S)]


class Application:
    """One that runs for `seconds`, against a server of postgres.py that listens on 127.0.0.1."""

    def __init__(self, server, scratch, kind, workload, seconds, size=LARGE, database="app"):
        import postgres
        env = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        env.update(PGHOST="127.0.0.1" if kind == "hikari" else server.directory,
                   PGPORT=str(server.port), PGUSER="tester", PGDATABASE=database,
                   PGPASSWORD=postgres.PASSWORD, PGAPPNAME="truth")
        self.process = subprocess.Popen(command_of(kind, workload, seconds, size, scratch),
                                        stdout=subprocess.PIPE, text=True, env=env)
        ready = self.process.stdout.readline().split()
        self.metrics_port = int(ready[1]) if len(ready) > 1 else None

    def requests(self):
        """Of the whole time, once it is over."""
        return [Request(*one) for one in json.loads(self.process.communicate()[0])]


def mean_in_use(requests, begin, end):
    return sum(max(0.0, min(r.returned, end) - max(r.taken, begin))
               for r in requests) / (end - begin)


if __name__ == "__main__":
    application(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
