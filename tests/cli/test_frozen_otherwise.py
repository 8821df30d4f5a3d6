"""Freezes outside the grid: servers that say nothing, a teardown that lasts, three seconds in the
window."""

import json
import os
import signal
import socket
import subprocess
import threading
import time

from frozen_scene import (AFTER_THE_WINDOW_S, AFTER_TWO_SIGNALS_S, FOREVER, SLACK_S, Scene, freeze,
                          thaw)
from harness import PATIENCE, Stopwatch, tiny, until

SIDE_BY_SIDE = 7  # they wait more than they work, each for its own server


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
        watch = Stopwatch()
        result = self.run_tool("run", "tiny.json", "--target",
                               "host=127.0.0.1 port=%d user=x dbname=x" % port)
        self.assert_exit(result, 3, "no answer within 10 s")
        self.assertLess(watch.seconds(), AFTER_THE_WINDOW_S + SLACK_S)

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
        self.wait_for_line(self.process, "running the teardown files")
        for path in (os.path.join(self.scratch, "own.json"), self.reports()[0]):
            with open(path) as file:
                report = json.load(file)
            self.assertGreater(report["requests"]["completed"], 0)
            self.assertIn("This report was written before the teardown", " ".join(report["notes"]))
        self.process.send_signal(signal.SIGINT)
        with self.assertRaises(subprocess.TimeoutExpired):  # the first one leaves it alone
            self.process.communicate(timeout=1)
        watch = Stopwatch()
        self.process.send_signal(signal.SIGINT)
        self.assert_ends(watch, AFTER_TWO_SIGNALS_S)
        self.assertEqual(self.process.returncode, 130)
        for path in (os.path.join(self.scratch, "own.json"), self.reports()[0]):
            with open(path) as file:
                notes = " ".join(json.load(file)["notes"])
            self.assertIn("the teardown was interrupted", notes)
            self.assertNotIn("This report was written before", notes)
        until(lambda: self.count("query = '%s'" % FOREVER) == 0, "the statement's end")


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
        _, err = self.process.communicate(timeout=PATIENCE)
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
        self.assertIn("it was paused for", " ".join(report["verdict"]["reasons"]))
        self.assertEqual([s for s in report["standstills"] if s["whose"] != "client"], [])
