#!/usr/bin/env python3
"""What `observe --pgbouncer` says of a real PgBouncer, beside what its console says.

    observe_pgbouncer.py PROGRAM

Three applications (SQLAlchemy, each with a database of its own) run through one PgBouncer in
transaction mode: two pools that are too small and one that is not. An independent reader takes
SHOW POOLS twenty times a second, and the totals of SHOW STATS at both ends of the window. Servers
busy, clients waiting, and the mean wait must be within 5 %: of the means of its samples, and of
total_wait_time / total_xact_count. Two minutes; Debian's pgbouncer, python3-sqlalchemy, and
python3-psycopg2.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import types

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
sys.dont_write_bytecode = True

import observe_apps  # noqa: E402
from observe_apps import Application  # noqa: E402

PGBOUNCER = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
WATCH_S, SETTLE_S, EVERY_S = 90, 8, 0.05
PORT, POOLER_PORT = 54333, 54334
# Database, workload, pool_size.
SCENES = (("tight", "long", 6), ("roomy", "long", 9), ("brief", "short", 2))
WITHIN = 0.05


def start_pooler(server, directory):
    import postgres
    os.mkdir(directory)
    databases = "".join("%s = host='%s' port=%d pool_size=%d\n" % (
        name, server.directory, server.port, size) for name, _, size in SCENES)
    with open(os.path.join(directory, "ini"), "w") as file:
        file.write("[databases]\n%s[pgbouncer]\nlisten_addr =\nlisten_port = %d\n"
                   "unix_socket_dir = %s\nauth_type = md5\nauth_file = %s/users\n"
                   "pool_mode = transaction\nmax_client_conn = 500\nadmin_users = tester\n"
                   % (databases, POOLER_PORT, directory, directory))
    with open(os.path.join(directory, "users"), "w") as file:
        file.write('"tester" "%s"\n' % postgres.PASSWORD)
    for name in ("", "/ini", "/users") if server.user else ():
        os.chown(directory + name, server.user["user"], server.user["group"])
    process = subprocess.Popen([PGBOUNCER, os.path.join(directory, "ini")],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **server.user)
    end = time.time() + 60
    while not os.path.exists(os.path.join(directory, ".s.PGSQL.%d" % POOLER_PORT)):
        if process.poll() is not None or time.time() > end:
            raise RuntimeError("PgBouncer does not start")
        time.sleep(0.1)
    return process


class Console:
    """Reads on its own connection, in a thread, until stop()."""

    def __init__(self, conninfo):
        import psycopg2
        self.connection = psycopg2.connect(conninfo)
        self.connection.autocommit = True
        self.samples = []  # by database: servers busy, clients waiting
        self.ended = threading.Event()
        self.first, self.thread = self.totals(), threading.Thread(target=self.sample)
        self.thread.start()

    def show(self, what):
        with self.connection.cursor() as cursor:
            cursor.execute("SHOW " + what)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]

    def totals(self):
        return {row["database"]: row for row in self.show("STATS")}

    def sample(self):
        while not self.ended.wait(EVERY_S):
            self.samples.append({row["database"]: (row["sv_active"], row["cl_waiting"])
                                 for row in self.show("POOLS")})

    def stop(self):
        self.ended.set()
        self.thread.join()
        last = self.totals()
        self.connection.close()
        truth = {}
        for name, row in last.items():
            if name == "pgbouncer":
                continue
            grown = {key: float(row[key] - self.first[name][key])
                     for key in ("total_xact_count", "total_wait_time")}
            pairs = [sample[name] for sample in self.samples if name in sample]
            truth[name] = (sum(busy for busy, _ in pairs) / len(pairs),
                           sum(waiting for _, waiting in pairs) / len(pairs),
                           grown["total_wait_time"] / grown["total_xact_count"] / 1e3)
        return truth


def main(arguments):
    program, = arguments
    import postgres
    if not observe_apps.installed("sqlalchemy") or not os.path.exists(PGBOUNCER):
        print("skipped: PgBouncer or SQLAlchemy is not installed")
        return 0
    good = True
    with tempfile.TemporaryDirectory(prefix="pgt-") as directory:
        os.chmod(directory, 0o755)
        server = postgres.Server(directory, {"max_connections": 100})
        server.start(port=PORT)
        pooler = None
        try:
            for name, _, _ in SCENES:
                server.query("CREATE DATABASE " + name)
            place = os.path.join(directory, "bouncer")
            pooler = start_pooler(server, place)
            front = types.SimpleNamespace(directory=place, port=POOLER_PORT)
            apps = [Application(front, directory, "sqlalchemy", workload,
                                SETTLE_S + WATCH_S + 10, database=name)
                    for name, workload, _ in SCENES]
            time.sleep(SETTLE_S)
            at = server.conninfo(host=place, port=str(POOLER_PORT), dbname="pgbouncer")
            out = os.path.join(directory, "a.json")
            console = Console(at)
            subprocess.run([program, "observe", "--target", server.conninfo(), "--pgbouncer", at,
                            "--for", "%ds" % WATCH_S, "--json", out, "--quiet"], check=True)
            truth = console.stop()
            for app in apps:
                app.requests()
            with open(out) as file:
                pools = {pool["database"]: pool for pool in json.load(file)["pooler"]["pools"]}
            for name, workload, size in SCENES:
                pool = pools[name]
                for what, said, sampled, true, slack in (
                        ("servers busy", pool["servers_busy_counted"],
                         pool["servers_busy"]["value"], truth[name][0], 0),
                        ("clients waiting", pool["clients_waiting_counted"],
                         pool["clients_waiting"]["value"], truth[name][1], 0.02),
                        ("mean wait in ms", pool["mean_wait_ms"], None, truth[name][2], 0.1)):
                    fine = abs(said - true) <= WITHIN * true + slack
                    good = good and fine
                    print("%s %s, pool_size %d, %s: %.4g%s, by the console %.4g (%+.1f %%)" % (
                        "ok  " if fine else "FAIL", workload, size, what, said,
                        "" if sampled is None else " (sampled each second: %.4g)" % sampled, true,
                        100 * (said / true - 1)), flush=True)
        finally:
            if pooler:
                pooler.kill()
                pooler.wait()
            server.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
