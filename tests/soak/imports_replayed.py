#!/usr/bin/env python3
"""Loads that were logged, imported and replayed on the server that wrote the log.

usage: tests/soak/imports_replayed.py POOLGAUGE [SECONDS [APPLICATION [PROTOCOL]]]

pgbench's built-ins, a TPC-C-like mix and a Django-like application, each by the simple, the
extended and the prepared protocol. Of each kind of statement: how often it ran (exact), rows per
statement (within 15 %), and the mean statement time of all (within 15 %; the worst kind is shown).
The replay runs on a copy of the database from the time at which the log begins. A minute and a
half for each of the nine by default; the times need a calm machine.
"""

import collections
import csv
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "cli")]

import imported_apps  # noqa: E402
import postgres  # noqa: E402

PROTOCOLS = ("simple", "extended", "prepared")
APPLICATIONS = ("pgbench", "tpcc", "django")
LIMIT = 0.15
RATE = 60
SETTINGS = {"shared_preload_libraries": "pg_stat_statements", "logging_collector": "on",
            "log_destination": "csvlog", "log_directory": "../logs", "log_filename": "server.log",
            "log_min_duration_statement": "0", "log_file_mode": "0644", "autovacuum": "off",
            "shared_buffers": "256MB", "pg_stat_statements.track_utility": "off"}
MESSAGE = re.compile(r"duration: ([0-9.]+) ms(?:  (parse|bind|execute|statement)[^:]*: (.*))?$",
                     re.S)


def kind_of(sql):
    """The name in a statement's comment, else its verb and table."""
    named = re.search(r"/\*([a-z-]+)\*/", sql)
    if named:
        return named.group(1)
    words = re.findall(r"[A-Za-z_]+", sql.lower())
    if words and words[0] in ("end", "commit"):
        return "commit"
    if words and words[0] in ("begin", "savepoint", "release"):
        return words[0]
    tables = [b for a, b in zip(words, words[1:]) if a in ("from", "into", "update")]
    return " ".join(words[:1] + tables[:1])


class Server:
    def __init__(self, directory):
        self.server = postgres.Server(directory, SETTINGS)
        self.server.start()
        self.log = os.path.join(directory, "logs", "server.csv")

    def sql(self, database, text):
        environment = dict(os.environ, PGPASSWORD=postgres.PASSWORD)
        result = subprocess.run(
            [postgres.binary("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-h",
             self.server.directory, "-U", "tester", "-d", database, "-f", "-"], input=text,
            env=environment, check=True, stdout=subprocess.PIPE, text=True)
        return result.stdout

    def fresh(self, template, database):
        self.sql("postgres", "DROP DATABASE IF EXISTS %s;" % database)
        self.sql("postgres", "CREATE DATABASE %s TEMPLATE %s;" % (database, template))
        self.sql(database, "VACUUM ANALYZE; CHECKPOINT;")
        self.sql("postgres", "SELECT pg_stat_statements_reset();")

    def logged(self, begin):
        """The log from that byte on, once it has a mark that is written now."""
        mark = "the end of it %d" % time.monotonic_ns()
        self.sql("postgres", "SELECT '%s';" % mark)
        for _ in range(600):
            with open(self.log, errors="replace") as file:
                file.seek(begin)
                text = file.read()
            if mark in text:
                return text
            time.sleep(0.1)
        raise RuntimeError("the log is not written")

    def rows(self, database):
        """Rows per kind."""
        found = collections.Counter()
        text = self.sql("postgres", "COPY (SELECT query, rows FROM pg_stat_statements s JOIN "
                        "pg_database d ON d.oid = s.dbid WHERE datname = '%s') TO STDOUT (FORMAT "
                        "csv);" % database)
        for query, rows in csv.reader(text.splitlines(True)):
            found[kind_of(query)] += int(rows)
        return found


def figures(log, database):
    """Of each kind: how often it was executed, and the server's time for all of it."""
    counts, times = collections.Counter(), collections.Counter()
    for row in csv.reader(log.splitlines(True)):
        if len(row) < 15 or row[2] != database:
            continue
        message = MESSAGE.match(row[13])
        if not message or not message.group(3):
            continue
        kind = kind_of(message.group(3))
        if kind.endswith("pg_catalog"):
            continue  # questions of pgbench's, and of the program's own
        times[kind] += float(message.group(1))
        if message.group(2) in ("execute", "statement"):
            counts[kind] += 1
    return counts, times


def load(application, server, database, protocol, seconds):
    conninfo = server.server.conninfo(dbname=database)
    if application == "pgbench":
        environment = dict(os.environ, PGPASSWORD=postgres.PASSWORD)
        subprocess.run([postgres.binary("pgbench"), "-n", "-h", server.server.directory, "-U",
                        "tester", "-M", protocol, "-b", "tpcb-like@2", "-b", "simple-update@1",
                        "-b", "select-only@4", "-c", "4", "-R", str(RATE), "-T", str(seconds),
                        database], env=environment, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        return
    requests = imported_apps.TPCC if application == "tpcc" else imported_apps.DJANGO
    imported_apps.run(requests, conninfo, protocol, seconds, RATE)


def replay(program, server, database, log, scratch):
    path = os.path.join(scratch, "log.csv")
    with open(path, "w") as file:
        file.write(log)
    scenario = os.path.join(scratch, "replay.json")
    for old in (scenario, scenario.replace(".json", ".arrivals.csv")):
        if os.path.exists(old):
            os.remove(old)
    imported = subprocess.run([program, "scenario", "import", "--csvlog", path, "--top", "1000",
                               "--output", scenario], check=True, stderr=subprocess.PIPE,
                              text=True)
    assert "of the load is skipped" not in imported.stderr, imported.stderr
    # A pool without an event loop, whose rounds lengthen transactions, and whose driver sends BEGIN
    # by itself.
    result = subprocess.run([program, "run", scenario, "--pool", "sqlalchemy", "--pool-size", "8",
                             "--max-overflow", "0", "--quiet", "--json", "-", "--target",
                             server.server.conninfo(dbname=database), "--allow-writes", "--out",
                             os.path.join(scratch, "reports")],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode not in (0, 12):
        raise RuntimeError(result.stdout[-2000:] + result.stderr[-2000:])


def off(new, old):
    return new / old - 1 if old else float(new != 0)


def compare(name, before, after, rows_before, rows_after):
    counts, times = before
    counts_after, times_after = after
    good = True
    for kind in sorted(counts):
        if counts_after[kind] != counts[kind]:
            good = False
            print("  %s: ran %d times, replayed %d" % (kind, counts[kind], counts_after[kind]))
    calls = sum(counts.values())
    calls_after = max(1, sum(counts_after[kind] for kind in counts))
    rows = off(sum(rows_after[k] for k in counts) / calls_after,
               sum(rows_before[k] for k in counts) / calls)
    mean = sum(times[k] for k in counts) / calls
    mean_after = sum(times_after[k] for k in counts) / calls_after
    by_kind = {k: off(times_after[k] / max(1, counts_after[k]), times[k] / counts[k])
               for k in counts}
    worst = max(by_kind, key=lambda k: abs(by_kind[k]))
    rows_by_kind = {k: off(rows_after[k] / max(1, counts_after[k]), rows_before[k] / counts[k])
                    for k in counts if rows_before[k]}
    worst_rows = max(rows_by_kind, key=lambda k: abs(rows_by_kind[k]))
    good = good and abs(rows) <= LIMIT and abs(off(mean_after, mean)) <= LIMIT
    good = good and abs(rows_by_kind[worst_rows]) <= LIMIT
    print("%-17s %s  %d statements of %d kinds; rows per statement %+.1f %% (worst: %s %+.1f %%); "
          "mean time %.3f ms, replayed %.3f ms, %+.1f %% (worst: %s %+.1f %%)"
          % (name, "good" if good else "BAD ", calls, len(counts), 100 * rows, worst_rows,
             100 * rows_by_kind[worst_rows], mean, mean_after, 100 * off(mean_after, mean), worst,
             100 * by_kind[worst]), flush=True)
    return good


def main():
    program = os.path.abspath(sys.argv[1])
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    applications = sys.argv[3:4] or APPLICATIONS
    protocols = sys.argv[4:5] or PROTOCOLS
    directory = tempfile.mkdtemp(prefix="imports-")
    os.chmod(directory, 0o755)
    scratch = tempfile.mkdtemp(prefix="replay-")
    server = Server(directory)
    good = True
    try:
        server.sql("postgres", "CREATE EXTENSION pg_stat_statements;")
        for application in applications:
            template = "base_" + application
            server.sql("postgres", "CREATE DATABASE %s;" % template)
            if application == "pgbench":
                subprocess.run([postgres.binary("pgbench"), "-i", "-q", "-h",
                                server.server.directory, "-U", "tester", "-s", "5", template],
                               env=dict(os.environ, PGPASSWORD=postgres.PASSWORD), check=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            else:
                server.sql(template, imported_apps.TPCC_SETUP if application == "tpcc"
                           else imported_apps.DJANGO_SETUP)
            for protocol in protocols:
                good &= trial(program, server, template, application, protocol, seconds, scratch)
    finally:
        server.server.stop()
        shutil.rmtree(directory, ignore_errors=True)
        shutil.rmtree(scratch, ignore_errors=True)
    return 0 if good else 1


def trial(program, server, template, application, protocol, seconds, scratch):
    server.fresh(template, "work")
    begin = os.path.getsize(server.log)
    load(application, server, "work", protocol, seconds)
    log = server.logged(begin)
    before, rows_before = figures(log, "work"), server.rows("work")
    server.fresh(template, "work")
    begin = os.path.getsize(server.log)
    replay(program, server, "work", only(log, "work"), scratch)
    after, rows_after = figures(server.logged(begin), "work"), server.rows("work")
    return compare("%s, %s" % (application, protocol), before, after, rows_before, rows_after)


def only(log, database):
    """The entries of that database, as they stand."""
    kept = []
    for row in csv.reader(log.splitlines(True)):
        if len(row) > 2 and row[2] == database:
            kept.append(row)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(kept)
    return text.getvalue()


if __name__ == "__main__":
    sys.exit(main())
