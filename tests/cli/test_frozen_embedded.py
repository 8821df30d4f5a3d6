"""The tool's own server and PgBouncer freeze: they must be gone afterwards, stopped or not."""

import os
import signal
import unittest

from frozen_scene import WINDOW_S, Scene, freeze
from harness import read_proc, tiny, until
from test_pooler import PGBOUNCER


SIDE_BY_SIDE = 5  # they wait more than they work, each for its own server


class FrozenEmbedded(Scene):
    def postmaster(self):
        found = [pid for pid in self.server_processes() if self.is_postmaster(pid)]
        self.assertEqual(len(found), 1, found)
        return found[0]

    @staticmethod
    def is_postmaster(pid):
        return b"/bin/postgres\0-D" in read_proc(pid, "cmdline")

    def loaded(self, scenario):
        self.write("tiny.json", scenario)
        self.process = self.start_tool("run", "tiny.json", "--progress", "plain")
        self.wait_for_line(self.process, "checking the statements")
        self.wait_for_load()

    def assert_ended(self, phase, *signals):
        status = self.end(phase, signals)
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
        until(lambda: any(map(self.is_postmaster, self.server_processes())), "the postmaster")
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
