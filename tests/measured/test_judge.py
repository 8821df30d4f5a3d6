#!/usr/bin/env python3
"""The judge of measurements, on made-up machines: what is repeated, failed and not judged."""

import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import judge  # noqa: E402
import machine  # noqa: E402
import summary  # noqa: E402


class Counters:
    """A look whose figures are given."""

    def __init__(self, at=0.0, busy=0.0, stolen=0.0, idle=0.0, queued=0.0, own=0.0):
        self.at, self.busy, self.stolen, self.queued, self.own = at, busy, stolen, queued, own
        self.all = busy + stolen + idle


class Business(unittest.TestCase):
    def reason(self, **after):
        return machine.business(Counters(), Counters(at=10, **after))

    def test_a_quiet_machine_has_no_excuse(self):
        self.assertIsNone(self.reason(busy=1, idle=19, own=0.9, queued=0.1))

    def test_our_own_queue_is_no_excuse(self):
        self.assertIsNone(self.reason(busy=20, idle=0, own=19.5, queued=9.5))

    def test_others_that_leave_processors_free_are_none_either(self):
        self.assertIsNone(self.reason(busy=8, idle=12, own=1, queued=0.5))

    def test_four_busy_loops(self):
        self.assertIn("other programs used 1.8", self.reason(busy=20, own=2, queued=10))

    def test_steal_time(self):
        self.assertIn("10 % steal", self.reason(busy=2, stolen=2, idle=16, own=2))

    def test_a_kernel_without_pressure_figures(self):
        self.assertIsNotNone(self.reason(busy=20, own=2, queued=None))
        self.assertIsNone(self.reason(busy=3, idle=17, own=1, queued=None))

    def test_this_machine_can_be_looked_at(self):
        before = machine.Look()
        sum(range(2_000_000))
        after = machine.Look()
        self.assertGreaterEqual(after.own, before.own)
        self.assertGreaterEqual(after.all, before.all)


class Judging(unittest.TestCase):
    def setUp(self):
        self.notes = tempfile.NamedTemporaryFile("r", prefix="pgt-")
        self.addCleanup(self.notes.close)
        environment = {"POOLGAUGE_TEST_NOTES": self.notes.name, "POOLGAUGE_TEST_NAME": "thing"}
        patched = mock.patch.dict(os.environ, environment)
        patched.start()
        self.addCleanup(patched.stop)

    def judged(self, statuses, excuses):
        ran = [mock.Mock(returncode=status) for status in statuses]
        with mock.patch.object(subprocess, "run", side_effect=ran) as run, \
                mock.patch.object(machine, "business", side_effect=excuses), \
                mock.patch("builtins.print"):
            return judge.judge(["measure"]), run.call_count

    def test_a_pass_is_a_pass(self):
        self.assertEqual(self.judged([0], [None]), (0, 1))
        self.assertEqual(self.judged([0], ["busy"]), (0, 1))

    def test_a_failure_on_a_quiet_machine_is_final(self):
        self.assertEqual(self.judged([1], [None]), (1, 1))

    def test_a_failure_on_a_busy_machine_is_repeated_once(self):
        self.assertEqual(self.judged([1, 0], ["busy", "busy"]), (0, 2))
        self.assertEqual(self.judged([1, 1], ["busy", None]), (1, 2))
        self.assertEqual(self.notes.read(), "")

    def test_twice_on_a_busy_machine_is_not_judged_and_says_why(self):
        self.assertEqual(self.judged([1, 1], ["busy", "25 % steal time"]), (judge.NOT_JUDGED, 2))
        self.assertEqual(self.notes.read(), "not judged: thing: failed twice on a busy machine "
                                            "(25 % steal time)\n")

    def test_the_program_itself(self):
        program = [sys.executable, judge.__file__]
        self.assertEqual(subprocess.run([*program, "true"]).returncode, 0)
        self.assertNotEqual(subprocess.run(program, stderr=subprocess.DEVNULL).returncode, 0)


class Summing(unittest.TestCase):
    def folder(self, cases, notes=""):
        folder = tempfile.TemporaryDirectory(prefix="pgt-")
        self.addCleanup(folder.cleanup)
        with open(os.path.join(folder.name, "suite.xml"), "w") as file:
            file.write("<testsuite>%s</testsuite>" % cases)
        with open(os.path.join(folder.name, "suite.notes"), "w") as file:
            file.write(notes)
        return [folder.name]

    def summed(self, cases, notes=""):
        folders = self.folder(cases, notes)
        return summary.summary(list(summary.results(folders)), list(summary.notes(folders)))

    PASSED = '<testcase name="a" status="run"/>'
    FAILED = '<testcase name="b" status="fail"><failure/></testcase>'
    ABSENT = '<testcase name="c" status="notrun"><skipped message="no executable"/></testcase>'
    UNJUDGED = ('<testcase name="d" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>'
                '</testcase>')

    def test_what_passed_is_well(self):
        lines, well = self.summed(self.PASSED, "skipped: x.y: no java\n")
        self.assertTrue(well)
        self.assertEqual(lines[-1], "tests: 1 passed, 0 failed, 0 not judged; "
                                    "test cases skipped in them: 1")
        self.assertIn("skipped: x.y: no java", lines)

    def test_what_failed_or_could_not_start_is_not(self):
        for case in (self.FAILED, self.ABSENT):
            lines, well = self.summed(self.PASSED + case)
            self.assertFalse(well)
            self.assertIn("1 failed, 0 not judged", lines[-1])

    def test_three_may_stay_unjudged(self):
        self.assertTrue(self.summed(self.PASSED + 3 * self.UNJUDGED)[1])
        self.assertFalse(self.summed(self.PASSED + 4 * self.UNJUDGED)[1])
        self.assertFalse(self.summed(self.UNJUDGED)[1])

    def test_nothing_at_all(self):
        self.assertFalse(self.summed("")[1])


class Skipped(unittest.TestCase):
    def test_the_packages_that_were_missing_are_named(self):
        said = ["skipped: Page.test_x: chromium is not installed: the page is not looked at",
                "skipped: Snippets.test_go: gofmt is not installed",
                "skipped: Snippets.test_rails: ruby-activerecord is not installed",
                "skipped: Snippets.test_sqlalchemy: python3 module sqlalchemy is not installed",
                "skipped: fidelity/verify_asyncpg.py: not installed: apt-get install "
                "python3-asyncpg",
                "skipped: X.test_y: cannot hide the PostgreSQL programs here",
                "not judged: chromium is not installed"]
        self.assertEqual(
            summary.packages_for(said),
            ["chromium", "golang-go", "python3-asyncpg", "python3-psycopg2", "python3-sqlalchemy",
             "python3-yaml", "ruby-activerecord"])
        lines, _ = summary.summary([("suite", "a", "passed")], said)
        self.assertTrue(any(line.startswith("to run what was skipped: apt-get install chromium ")
                            for line in lines))
        lines, _ = summary.summary([("suite", "a", "passed")], [])
        self.assertFalse(any("apt-get" in line for line in lines))


if __name__ == "__main__":
    unittest.main()
