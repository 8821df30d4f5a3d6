"""A server or a PgBouncer that freezes (SIGSTOP, as a paused container) in every phase of a run: it
ends in time, leaves its report whole, and nothing behind.

The grid has 40 cases: five phases, server or PgBouncer, no signal to three. A part of it is run,
all of it with POOLGAUGE_FROZEN=all in the environment.
"""

import concurrent.futures
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

import postgres
from harness import Case, tiny
from test_pooler import PGBOUNCER

AFTER_THE_WINDOW_S = 15  # what is promised, without a signal and after the first
AFTER_TWO_SIGNALS_S = 3
BUSY_MACHINE_S = 4       # what others on it may cost
WINDOW_S = 5
FOREVER = "SELECT pg_sleep(3600)"
PHASES = ("connect", "setup", "warm-up", "window", "teardown")
WHO = ("server", "PgBouncer")
SIGNALS = ((), (signal.SIGINT,), (signal.SIGTERM, signal.SIGINT),
           (signal.SIGHUP, signal.SIGINT, signal.SIGTERM))
GRID = list(itertools.product(PHASES, WHO, SIGNALS))
# None and two for the server, one and three for PgBouncer.
USUAL = [case for number, case in enumerate(GRID) if (number + number // 4) % 2 == 0]


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
        return [int(child) for child in file.read().split()]


def freeze(pid):
    """It and all that it started; whom it starts meanwhile is caught by stopping it first."""
    os.kill(pid, signal.SIGSTOP)
    for child in children(pid):
        os.kill(child, signal.SIGSTOP)


def thaw(pid):
    for each in (*children(pid), pid):
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
        self.until(lambda: os.path.exists(directory + "/.s.PGSQL.6432"), "PgBouncer's socket")
        self.frozen = process.pid
        self.target = self.server.conninfo(host=directory, port="6432")

    def until(self, true, what, timeout=40):
        deadline = time.monotonic() + timeout
        while not true():
            self.assertLess(time.monotonic(), deadline, what + " never came")
            time.sleep(0.05)

    def count(self, condition):
        """Of the server's client backends, but the one that asks."""
        found = subprocess.run(
            ["psql", "-XAtq", "-h", self.server.directory, "-U", "tester", "-d", "postgres", "-c",
             "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
             "backend_type = 'client backend' AND " + condition],
            env=self.environment({"PGPASSWORD": postgres.PASSWORD}), stdout=subprocess.PIPE,
            check=True, text=True, timeout=30)
        return int(found.stdout)

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
            self.until(lambda: self.count("query = '%s'" % FOREVER) == 1, phase)
        else:
            self.wait_for_line(self.process, "checking the statements")
            self.until(lambda: self.count("query = 'SELECT 1' AND application_name LIKE "
                                          "'poolgauge-%'") > 0, phase)
        freeze(self.frozen)

    def end(self, phase, signals):
        """Sends the signals; returns the status and the seconds since what the promise counts
        from."""
        began = time.monotonic()
        for number in signals:
            self.process.send_signal(number)
            began = time.monotonic() if number == signals[min(1, len(signals) - 1)] else began
            time.sleep(0.2)
        window = {"warm-up": 5 + WINDOW_S, "window": WINDOW_S}.get(phase, 0) if not signals else 0
        limit = AFTER_TWO_SIGNALS_S if len(signals) > 1 else window + AFTER_THE_WINDOW_S
        try:
            _, self.err = self.process.communicate(timeout=limit + BUSY_MACHINE_S)
        except subprocess.TimeoutExpired:
            self.fail("still there %.1f s later" % (time.monotonic() - began))
        return self.process.returncode, time.monotonic() - began

    def play(self, phase, who, signals):
        self.open(who)
        self.start(phase, who)
        status, took = self.end(phase, signals)
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
            self.until(lambda: self.count("application_name LIKE 'poolgauge%'") == 0,
                       "the end of the connections", 20)
        self.assert_nothing_left()
        return took

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
        self.assertNotIn("Written before the teardown", notes)
        if phase in ("warm-up", "window"):
            self.assertIn("the teardown files were not run", notes)
        if phase == "teardown":
            self.assertRegex(notes, "teardown failed|the teardown was cut off")
        names = os.listdir(os.path.join(self.scratch, "reports"))
        self.assertEqual([name for name in names if not name.startswith("tiny-")], [])
        self.assertEqual(sorted(os.path.splitext(name)[1] for name in names), [".json", ".md"])


def played(scene, *arguments):
    """What went wrong, or nothing; for scenes that run side by side."""
    try:
        scene.setUp()
        scene.play(*arguments)
    except (AssertionError, OSError, RuntimeError, subprocess.SubprocessError) as wrong:
        return "%s: %s" % (type(wrong).__name__, wrong)
    finally:
        scene.doCleanups()
    return None


class Frozen(unittest.TestCase):
    @unittest.skipUnless(PGBOUNCER, "pgbouncer is not installed")
    def test_the_grid(self):
        cases = GRID if os.environ.get("POOLGAUGE_FROZEN") == "all" else USUAL
        # They wait more than they work, each for its own server.
        with concurrent.futures.ThreadPoolExecutor(4) as side_by_side:
            outcomes = list(side_by_side.map(lambda case: played(Scene("play"), *case), cases))
        for case, wrong in zip(cases, outcomes):
            with self.subTest(phase=case[0], who=case[1], signals=len(case[2])):
                self.assertIsNone(wrong)
        print("frozen: %d of %d held" % (outcomes.count(None), len(cases)))


class FrozenEmbedded(Scene):
    """The tool's own server and PgBouncer: they must be gone afterwards, stopped or not."""

    def postmaster(self):
        found = [pid for pid in self.server_processes() if self.is_postmaster(pid)]
        self.assertEqual(len(found), 1, found)
        return found[0]

    @staticmethod
    def is_postmaster(pid):
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return b"/bin/postgres\0-D" in file.read()

    def loaded(self, scenario):
        self.write("tiny.json", scenario)
        self.process = self.start_tool("run", "tiny.json", "--progress", "plain")
        self.wait_for_line(self.process, "checking the statements")
        time.sleep(0.7)

    def assert_ended(self, phase, *signals):
        status, _ = self.end(phase, signals)
        self.assertEqual(status, 130 if signals else 12, self.err)
        report = self.only_report()
        self.assertEqual(report["verdict"]["exit_code"], status)
        self.assert_nothing_left()
        return report

    def test_its_server_to_the_end(self):
        self.loaded(tiny(duration="%ds" % WINDOW_S))
        freeze(self.postmaster())
        report = self.assert_ended("window")
        self.assertIn("the target died", report["verdict"]["reasons"][0])

    def test_its_server_with_two_signals(self):
        self.loaded(tiny(duration="60s"))
        freeze(self.postmaster())
        self.assert_ended("window", signal.SIGINT, signal.SIGTERM)

    def test_its_server_while_it_starts(self):
        self.write("tiny.json", tiny())
        self.process = self.start_tool("run", "tiny.json", "--progress", "plain")
        self.until(lambda: any(map(self.is_postmaster, self.server_processes())), "the postmaster")
        freeze(self.postmaster())
        self.assert_ended("connect", signal.SIGINT, signal.SIGTERM)

    @unittest.skipUnless(PGBOUNCER, "pgbouncer is not installed")
    def test_its_pooler(self):
        deployment = {"pool": {"kind": "fixed"}, "pooler": {"kind": "pgbouncer"}}
        self.loaded(tiny(duration="%ds" % WINDOW_S, deployment=deployment))
        bouncer = [pid for pid in self.server_processes() if not self.is_postmaster(pid)]
        self.assertEqual(len(bouncer), 1)
        os.kill(bouncer[0], signal.SIGSTOP)
        self.assert_ended("window")

    @unittest.skipUnless(PGBOUNCER, "pgbouncer is not installed")
    def test_the_server_behind_its_pooler(self):
        deployment = {"pool": {"kind": "fixed"}, "pooler": {"kind": "pgbouncer"}}
        self.loaded(tiny(duration="%ds" % WINDOW_S, deployment=deployment))
        freeze(self.postmaster())
        self.assert_ended("window")


class FrozenOtherwise(Scene):
    def listen(self):
        """Somebody who takes connects and says nothing."""
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        self.addCleanup(listener.close)
        return listener

    def test_a_listener_that_says_nothing(self):
        port = self.listen().getsockname()[1]
        self.write("tiny.json", tiny())
        began = time.monotonic()
        result = self.run_tool("run", "tiny.json", "--target",
                               "host=127.0.0.1 port=%d user=x dbname=x" % port)
        self.assert_exit(result, 3, "no answer within 10 s")
        self.assertLess(time.monotonic() - began, AFTER_THE_WINDOW_S + BUSY_MACHINE_S)

    def test_connects_that_work_and_queries_that_do_not(self):
        listener = self.listen()

        def greet():
            connection, _ = listener.accept()
            self.addCleanup(connection.close)
            connection.recv(4096)
            # What it takes to be a server that is ready.
            connection.sendall(b"R\0\0\0\x08\0\0\0\0" b"S\0\0\0\x18server_version\x0015.8\0"
                                   b"K\0\0\0\x0c\0\0\0\x01\0\0\0\x01" b"Z\0\0\0\x05I")

        threading.Thread(target=greet, daemon=True).start()
        self.write("tiny.json", tiny())
        result = self.run_tool("run", "tiny.json", "--target", "host=127.0.0.1 port=%d user=x "
                               "dbname=x sslmode=disable gssencmode=disable"
                               % listener.getsockname()[1])
        self.assert_exit(result, 3, "no answer within 10 s")

    def test_a_setup_that_lasts_is_no_frozen_server(self):
        self.open("server")
        self.write("setup.sql", "SELECT pg_sleep(7);")
        self.write("tiny.json", tiny(data={"setup": ["setup.sql"]}))
        result = self.run_tool("run", "tiny.json", "--target", self.target)
        self.assert_exit(result, 0)

    def test_the_report_is_there_before_the_teardown(self):
        self.open("server")
        self.write("setup.sql", "SELECT 1;")
        self.write("teardown.sql", FOREVER)
        self.write("tiny.json", tiny(data={"setup": ["setup.sql"], "teardown": ["teardown.sql"]}))
        self.process = self.start_tool("run", "tiny.json", "--target", self.target, "--progress",
                                       "plain", "--json", "own.json")
        self.wait_for_line(self.process, "removing the data")
        for path in (os.path.join(self.scratch, "own.json"), self.reports()[0]):
            with open(path) as file:
                report = json.load(file)
            self.assertGreater(report["requests"]["completed"], 0)
            self.assertIn("Written before the teardown", " ".join(report["notes"]))
        self.process.send_signal(signal.SIGINT)
        with self.assertRaises(subprocess.TimeoutExpired):  # the first one leaves it alone
            self.process.communicate(timeout=1)
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=AFTER_TWO_SIGNALS_S + BUSY_MACHINE_S)
        self.assertEqual(self.process.returncode, 130)
        for path in (os.path.join(self.scratch, "own.json"), self.reports()[0]):
            with open(path) as file:
                notes = " ".join(json.load(file)["notes"])
            self.assertIn("the teardown was cut off", notes)
            self.assertNotIn("Written before", notes)
        self.until(lambda: self.count("query = '%s'" % FOREVER) == 0, "the statement's end")


class StoodStill(Scene):
    """Frozen for three seconds in the window: an outage with its times, and no larger pool."""

    def measured(self, freeze_it, thaw_it, *statuses):
        self.open("server")
        steps = [{"name": "one", "sql": "SELECT pg_sleep(0.001)"}]
        self.write("tiny.json", tiny(
            load={"users": 8}, duration="9s", slo=[], requests=[{"name": "ask", "steps": steps}]))
        self.process = self.start_tool("run", "tiny.json", "--target", self.target, "--progress",
                                       "plain")
        self.wait_for_line(self.process, "checking the statements")
        time.sleep(2)
        freeze_it()
        time.sleep(3)
        thaw_it()
        _, err = self.process.communicate(timeout=40)
        self.assertIn(self.process.returncode, statuses, err)
        return self.only_report()

    def assert_stood_still(self, report, whose, finding):
        longest = max((s for s in report["standstills"] if s["whose"] == whose),
                      key=lambda s: s["end_s"] - s["start_s"])
        self.assertGreater(longest["end_s"] - longest["start_s"], 2.5)
        self.assertLess(longest["start_s"], 5)
        first = report["diagnosis"][0]
        self.assertEqual(first["finding"], finding)
        self.assertIn("from %.1f s to %.1f s" % (longest["start_s"], longest["end_s"]),
                      first["evidence"])
        self.assertNotIn("pool_bound", [f["finding"] for f in report["diagnosis"]][:1])

    def test_the_server(self):
        # 12: others on a busy machine may have starved the tool besides.
        report = self.measured(lambda: freeze(self.frozen), lambda: thaw(self.frozen), 0, 12)
        self.assert_stood_still(report, "server", "standstill")

    def test_the_tool_itself(self):
        report = self.measured(lambda: self.process.send_signal(signal.SIGSTOP),
                               lambda: self.process.send_signal(signal.SIGCONT), 12)
        self.assert_stood_still(report, "client", "client_standstill")
        self.assertIn("stood still itself", " ".join(report["verdict"]["reasons"]))
        self.assertEqual([s for s in report["standstills"] if s["whose"] != "client"], [])
