"""A run against a server or a PgBouncer that freezes (SIGSTOP, as a paused container)."""

import os
import signal
import subprocess
import time

import postgres
from harness import Case, Stopwatch, children_of, tiny, until
from test_pooler import PGBOUNCER

AFTER_THE_WINDOW_S = 15  # what is promised, without a signal and after the first
AFTER_TWO_SIGNALS_S = 3
SLACK_S = 4              # on top of it, for a machine that was not busy
WINDOW_S = 5
FOREVER = "SELECT pg_sleep(3600)"


def freeze(pid):
    """It and all that it started; whom it starts meanwhile is caught by stopping it first."""
    os.kill(pid, signal.SIGSTOP)
    for child in children_of(pid):
        os.kill(child, signal.SIGSTOP)


def thaw(pid):
    for each in (*children_of(pid), pid):
        try:
            os.kill(each, signal.SIGCONT)
        except ProcessLookupError:
            pass


class Scene(Case):
    """One run against a server of its own."""

    def open(self, who):
        directory = os.path.join(self.scratch, "server")
        os.mkdir(directory)
        os.chmod(directory, 0o755)
        self.server = postgres.Server(directory)
        self.server.start()
        self.addCleanup(self.server.stop)
        self.frozen = self.server.process.pid
        self.target = self.server.conninfo()
        if who == "PgBouncer":
            self.start_bouncer()
        self.addCleanup(thaw, self.frozen)

    def start_bouncer(self):
        directory = os.path.join(self.scratch, "bouncer")
        os.mkdir(directory)
        self.write("bouncer/ini",
                   "[databases]\npostgres = host='%s' port=5432 pool_size=4\n[pgbouncer]\n"
                   "listen_addr =\nlisten_port = 6432\nunix_socket_dir = %s\nauth_type = md5\n"
                   "auth_file = %s/users\npool_mode = transaction\nstats_users = tester\n"
                   % (self.server.directory, directory, directory))
        self.write("bouncer/users", '"tester" "%s"\n' % postgres.PASSWORD)
        for name in ("", "/ini", "/users"):
            if self.server.user:
                os.chown(directory + name, self.server.user["user"], self.server.user["group"])
        process = subprocess.Popen([PGBOUNCER, directory + "/ini"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, **self.server.user)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        until(lambda: os.path.exists(directory + "/.s.PGSQL.6432"), "PgBouncer's socket")
        self.frozen = process.pid
        self.target = self.server.conninfo(host=directory, port="6432")

    def count(self, condition):
        """Of the server's client backends, but the one that asks."""
        return int(self.server.query(
            "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
            "backend_type = 'client backend' AND " + condition))

    def wait_for_second_statement(self, phase):
        """A session has begun another statement: the run has the answer to the one before."""
        begun = {}

        def again():
            rows = self.server.query(
                "SELECT pid || ' ' || query_start FROM pg_stat_activity WHERE query = 'SELECT 1' "
                "AND application_name LIKE 'poolgauge-%'").splitlines()
            seen = dict(row.split(" ", 1) for row in rows)
            news = [pid for pid in seen if begun.setdefault(pid, seen[pid]) != seen[pid]]
            return bool(news)
        until(again, phase)

    def start(self, phase, who):
        """A run that is in the phase, or just before it where nothing of it can be reached."""
        data = {"setup": ["setup.sql"], "teardown": ["teardown.sql"]}
        self.write("setup.sql", FOREVER if phase == "setup" else "SELECT 1")
        self.write("teardown.sql", FOREVER if phase == "teardown" else "SELECT 1")
        deployment = {"pool": {"kind": "fixed"}}
        if who == "PgBouncer":
            deployment["pooler"] = {"kind": "pgbouncer", "target": "given"}
        self.write("tiny.json", tiny(
            data=data, deployment=deployment,
            duration="1s" if phase == "teardown" else "%ds" % WINDOW_S,
            warmup="5s" if phase == "warm-up" else "0s"))
        if phase == "connect":
            freeze(self.frozen)
        self.process = self.start_tool("run", "tiny.json", "--target", self.target, "--progress",
                                       "plain")
        if phase == "connect":
            self.wait_for_line(self.process, "connecting to")
            return
        if phase in ("setup", "teardown"):
            until(lambda: self.count("query = '%s'" % FOREVER) == 1, phase)
        else:
            self.wait_for_line(self.process, "checking the statements")
            self.wait_for_second_statement(phase)
        freeze(self.frozen)

    def end(self, phase, signals):
        """Sends the signals; returns the status once the process has ended in time, which counts
        from the second signal where there are two."""
        watch = Stopwatch()
        for number in signals:
            self.process.send_signal(number)
            watch = Stopwatch() if number == signals[min(1, len(signals) - 1)] else watch
            time.sleep(0.2)
        window = {"warm-up": 5 + WINDOW_S, "window": WINDOW_S}.get(phase, 0) if not signals else 0
        limit = AFTER_TWO_SIGNALS_S if len(signals) > 1 else window + AFTER_THE_WINDOW_S
        self.assert_ends(watch, limit)
        return self.process.returncode

    def assert_ends(self, watch, limit):
        """In `limit` seconds, and the slack; what it said is in self.err."""
        while True:
            try:
                _, self.err = self.process.communicate(timeout=1)
                return
            except subprocess.TimeoutExpired:
                took = watch.seconds()
                self.assertLess(took, limit + SLACK_S, "it is still there")

    def play(self, phase, who, signals):
        self.open(who)
        self.start(phase, who)
        status = self.end(phase, signals)
        early = phase in ("connect", "setup")
        if signals:
            self.assertEqual(status, 130, self.err)
        else:
            expected = {"connect": (3,), "setup": (3,), "teardown": (0, 12)}.get(phase, (12,))
            self.assertIn(status, expected, self.err)
            self.assertRegex(self.err, "no answer within") if early else None
        if signals or not early:
            self.assert_whole_report(phase, bool(signals))
        thaw(self.frozen)
        if who == "server":  # PgBouncer keeps its own
            until(lambda: self.count("application_name LIKE 'poolgauge%'") == 0,
                       "the end of the connections")
        self.assert_nothing_left()

    def assert_whole_report(self, phase, interrupted):
        report = self.only_report()
        self.assertIs(report["partial"], interrupted)
        self.assertEqual(report["verdict"]["exit_code"], self.process.returncode)
        completed = report["requests"]["completed"]
        if phase in ("window", "teardown"):
            self.assertGreater(completed, 0)
        else:
            self.assertEqual(completed, 0)
        notes = " ".join(report["notes"])
        self.assertNotIn("This report was written before the teardown", notes)
        if phase in ("warm-up", "window"):
            self.assertIn("the teardown files were not run", notes)
        if phase == "teardown":
            self.assertRegex(notes, "teardown failed|the teardown was (?:cut off|interrupted)")
        names = os.listdir(os.path.join(self.scratch, "reports"))
        self.assertEqual([name for name in names if not name.startswith("tiny-")], [])
        self.assertEqual(sorted(os.path.splitext(name)[1] for name in names), [".json", ".md"])
