#!/usr/bin/env python3
"""How soon a guard ends a run after a disturbance: a second load, slots taken, a lock held.

usage: guard_reaction.py PATH-TO-POOLGAUGE [--trials 20] [--only TEXT]

Starts a throwaway PostgreSQL and prints a line for each disturbance. The time counts from the
moment at which the guard's limit is crossed, as a connection of its own sees it every 10 ms, to the
moment at which the run has no session left. Exits 1 when a trial took longer than 2.5 s, or did not
end with status 13.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))

import postgres  # noqa: E402

LIMIT_S = 2.5
PATIENCE_S = 60
EVERY_S = 0.01
postgres.MAX_CONNECTIONS = 100

OURS = ("application_name ~ '^poolgauge-[0-9]'")
COUNT = ("SELECT count(*) FILTER (WHERE %s), count(*) FILTER (WHERE usename = 'app' AND state = "
         "'active'), count(*) FILTER (WHERE usename = 'app'), count(*) FILTER (WHERE usename = "
         "'app' AND wait_event_type = 'Lock') FROM pg_stat_activity;\n" % OURS)
OUR_SESSIONS, ACTIVE, OTHERS, BLOCKED = range(4)

READS = {"version": 1, "name": "guarded",
         "requests": [{"name": "ask", "steps": [{"name": "one", "sql": "SELECT 1"}]}],
         "load": {"users": 4, "think": "20ms"}, "warmup": "0s", "duration": "60s",
         "deployment": {"pool": {"kind": "sqlalchemy-async", "pool_size": 4, "max_overflow": 0}}}
LOCKS = dict(READS, load={"users": 1}, requests=[{"name": "ask", "transaction": True, "steps": [
    {"name": "lock", "sql": "UPDATE made SET i = i + 1"}, {"name": "think", "hold": "50s"}]}])

# The scenario, the guard, who disturbs, and from which count on the limit is crossed.
DISTURBANCES = {
    "load of 50": (READS, ["--guard-stop", "others_active<=10"], ("pgbench", 50), (ACTIVE, 11)),
    "slots": (READS, ["--guard-stop", "free_slots>=60"], ("pgbench", 40), (OTHERS, 30)),
    "lock": (LOCKS, ["--allow-writes", "--guard-stop", "others_blocked<1"],
             ("psql", "UPDATE made SET i = 0"), (BLOCKED, 1)),
}


class Watcher:
    """One session that answers the same question again and again."""

    def __init__(self, server):
        self.psql = subprocess.Popen(["psql", "-XAtq", server.conninfo()], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True)

    def counts(self):
        self.psql.stdin.write(COUNT)
        self.psql.stdin.flush()
        return [int(part) for part in self.psql.stdout.readline().split("|")]

    def wait(self, holds, what):
        """The time at which it first held."""
        limit = time.monotonic() + PATIENCE_S
        while not holds(self.counts()):
            if time.monotonic() > limit:
                raise RuntimeError("never seen: " + what)
            time.sleep(EVERY_S)
        return time.monotonic()

    def close(self):
        self.psql.stdin.close()
        self.psql.wait(PATIENCE_S)
        self.psql.stdout.close()


class Place:
    def __init__(self, tool, server, directory):
        self.tool, self.server, self.directory = tool, server, directory
        self.environment = dict(os.environ, PGPASSWORD=postgres.PASSWORD)
        server.query("CREATE ROLE app LOGIN PASSWORD '%s'; CREATE TABLE made (i int); "
                     "INSERT INTO made VALUES (1); GRANT ALL ON made TO app" % postgres.PASSWORD)
        self.sleeping = os.path.join(directory, "sleep.sql")
        with open(self.sleeping, "w") as file:
            file.write("SELECT pg_sleep(60);\n")

    def disturb(self, how, what):
        if how == "pgbench":
            command = [postgres.binary("pgbench"), "-n", "-c", str(what), "-j", "4", "-T", "60",
                       "-f", self.sleeping, "-h", self.directory, "-U", "app", "postgres"]
        else:
            command = ["psql", "-XAtq", self.server.conninfo(user="app"), "-c", what]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def trial(self, number, scenario, guard, disturbance, crossing):
        """Seconds from the crossing to the end of the load, those to the end of the program, and
        its exit status."""
        file, report = (os.path.join(self.directory, name) for name in ("s.json", "r.json"))
        with open(file, "w") as out:
            json.dump(scenario, out)
        watcher = Watcher(self.server)
        run = subprocess.Popen(
            [self.tool, "run", file, "--target", self.server.conninfo(), "--shared", "--ramp", "0s",
             "--progress", "none", "--out", os.path.join(self.directory, "reports"), "--json",
             report, *guard], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        other = None
        try:
            watcher.wait(lambda seen: seen[OUR_SESSIONS] > 0, "the load")
            time.sleep(1 + 0.05 * number)  # anywhere between two checks of the guard
            other = self.disturb(*disturbance)
            column, least = crossing
            crossed = watcher.wait(lambda seen: seen[column] >= least, "the crossing")
            ended = watcher.wait(lambda seen: seen[OUR_SESSIONS] == 0, "the end of the load")
            status = run.wait(PATIENCE_S)
            return ended - crossed, time.monotonic() - crossed, status
        finally:
            for process in filter(None, (run, other)):
                process.kill()
                process.wait()
            self.server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                              "WHERE usename = 'app'")
            watcher.wait(lambda seen: seen[OTHERS] == 0, "the end of the disturbance")
            watcher.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory(prefix="guard-") as directory:
        os.chmod(directory, 0o755)
        server = postgres.Server(directory)
        server.start()
        try:
            place = Place(os.path.abspath(arguments.tool), server, directory)
            for name, parts in DISTURBANCES.items():
                if arguments.only not in name:
                    continue
                trials = [place.trial(i, *parts) for i in range(arguments.trials)]
                took = sorted(trial[0] for trial in trials)
                statuses = sorted({trial[2] for trial in trials})
                within = sum(seconds <= LIMIT_S for seconds in took)
                print("%-10s %d of %d within %.1f s (median %.2f s, longest %.2f s; program ended "
                      "after %.2f s at most; status %s)" % (
                          name, within, len(took), LIMIT_S, took[len(took) // 2], took[-1],
                          max(trial[1] for trial in trials), statuses), flush=True)
                good = good and within == len(took) and statuses == [13]
        finally:
            server.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
