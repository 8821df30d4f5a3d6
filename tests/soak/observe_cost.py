#!/usr/bin/env python3
"""What `observe` costs, by its own words and by the kernel's count of processor time.

    observe_cost.py PROGRAM [SESSIONS]...     default: 100

A server with so many sessions, 20 of which serve an application (psycopg), is observed three times
for a minute each, at the default interval. The time of the backend that answers observe (and of
observe itself) is read from /proc/PID/schedstat when it has settled and near the end. Each must
stay within 0.5 % of a core. Debian's python3-psycopg-pool and python3-psycopg2.
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
from observe_apps import Application  # noqa: E402

WATCH_S, WINDOWS, POOL = 60, 3, 20
PORT = 54335
MOST = 0.005  # of a core


def processor_s(pid):
    with open("/proc/%d/schedstat" % pid) as file:
        return int(file.read().split()[0]) / 1e9


def window(program, server, out):
    process = subprocess.Popen([program, "observe", "--target",
                                server.conninfo(application_name="watcher"), "--for",
                                "%ds" % WATCH_S, "--json", out, "--quiet"])
    time.sleep(5)
    backend = int(server.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'watcher'"
                               ))
    begin, before = time.time(), [processor_s(pid) for pid in (backend, process.pid)]
    time.sleep(WATCH_S - 10)
    after = [processor_s(pid) for pid in (backend, process.pid)]
    length = time.time() - begin
    if process.wait() != 0:
        raise RuntimeError("observe failed")
    with open(out) as file:
        cost = json.load(file)["cost"]
    return [(b - a) / length for a, b in zip(before, after)], cost


def main(arguments):
    program, *counts = arguments
    import postgres
    if not observe_apps.installed("psycopg"):
        print("skipped: psycopg is not installed")
        return 0
    import psycopg2
    good = True
    with tempfile.TemporaryDirectory(prefix="pgt-") as directory:
        os.chmod(directory, 0o755)
        server = postgres.Server(directory, {"max_connections": 1100})
        server.start(port=PORT)
        try:
            for sessions in [int(count) for count in counts] or [100]:
                idle = [psycopg2.connect(server.conninfo(application_name="idle"))
                        for _ in range(sessions - POOL)]
                app = Application(server, directory, "psycopg", "long",
                                  WINDOWS * (WATCH_S + 2) + 5, POOL, "postgres")
                time.sleep(3)
                for _ in range(WINDOWS):
                    kernel, cost = window(program, server, os.path.join(directory, "a.json"))
                    fine = max(*kernel, cost["server_cores"], cost["client_cores"]) <= MOST
                    good = good and fine
                    print("%s %d sessions: server %.3f %% of a core (the answer says %.3f %%), "
                          "observe %.3f %% (%.3f %%), a sample every %.0f ms" % (
                              "ok  " if fine else "FAIL", sessions, 100 * kernel[0],
                              100 * cost["server_cores"], 100 * kernel[1],
                              100 * cost["client_cores"], 1e3 * cost["interval_s"]), flush=True)
                app.requests()
                for connection in idle:
                    connection.close()
        finally:
            server.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
