"""One run in parts: they meet at the database, start together, and are merged as one."""

import datetime
import glob
import json
import os
import signal

import postgres
from harness import PATIENCE, Case, tiny, until

FLEET = {"instances": 3, "processes": 1,
         "pool": {"kind": "sqlalchemy-async", "pool_size": 2, "max_overflow": 0}}


class Parts(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = postgres.shared()

    def setUp(self):
        super().setUp()
        self.write("setup.sql", "CREATE TABLE visited (n int);\n")
        self.addCleanup(self.server.query, "SET client_min_messages = warning; "
                        "DROP TABLE IF EXISTS visited")
        self.write("teardown.sql", "DROP TABLE visited;\n")
        self.write("fleet.json", self.fleet())

    def fleet(self, **changes):
        return tiny(**{
            "name": "fleet", "deployment": FLEET, "load": {"rate": 90, "arrivals": "constant"},
            "data": {"setup": ["setup.sql"], "teardown": ["teardown.sql"]},
            "requests": [{"name": "ask", "steps": [{"name": "one",
                                                    "sql": "INSERT INTO visited VALUES (1)"}]}],
            "slo": ["rate(error) <= 0%", "throughput >= 10/s"], **changes})

    def arguments(self, part, *more):
        named = () if "--json" in more else ("--json", "part-%s.json" % part.split("/")[0])
        return ("run", "fleet.json", "--target", self.server.conninfo(), "--part", part, *named,
                *more)

    def start(self, part, *more, env=None):
        return self.start_tool(*self.arguments(part, *more), env=env)

    def finish(self, process, *codes):
        """A busy machine may be what limits a part, and the part says so."""
        out, err = process.communicate(timeout=PATIENCE)
        self.assertIn(process.returncode, codes, out + err)
        return out, err

    def wait_for_load_of_parts(self):
        """The table is there before the load, and empty."""
        rows = "SELECT count(*) FROM pg_stat_user_tables WHERE relname = 'visited'"
        until(lambda: self.server.query(rows) == "1", "no setup", every=0.1)
        until(lambda: self.server.query("SELECT EXISTS (SELECT FROM visited)") == "t",
              "no load", every=0.1)

    def merge(self, *arguments):
        return self.run_tool("merge", *arguments, "--json", "whole.json", "--out", "merged")

    def merge_all(self, *arguments):
        """Passes, unless a part knows that its machine was too busy."""
        result = self.merge(*arguments)
        busy = any(self.load(name)["verdict"]["status"] == "inconclusive" for name in arguments)
        self.assertEqual(result.returncode, 12 if busy else 0, result.stdout + result.stderr)
        return result

    def test_three_parts_are_one_run(self):
        parts = [self.start("auto/3", "--seed", "7", "--out", "parts", "--json", "part-%d.json" % n,
                            env={"JOB_COMPLETION_INDEX": str(n - 1)}) for n in (1, 2, 3)]
        for number, part in enumerate(parts, 1):
            out, _ = self.finish(part, 0, 12)
            self.assertIn("part %d of 3" % number, out)
        kept = [os.path.basename(name) for name in self.reports("parts")]
        for number in (1, 2, 3):
            self.assertEqual(len([name for name in kept if name.endswith(
                "-part-%d-of-3.json" % number)]), 1, kept)
        reports = [self.load("part-%d.json" % number) for number in (1, 2, 3)]
        self.assertEqual(len({report["part"]["start"] for report in reports}), 1)
        self.assertEqual([report["verdict"]["slo"] for report in reports], [[], [], []])
        # One part watched the server, and saw the connections of all.
        self.assertGreater(reports[0]["server"]["samples"], 0)
        self.assertEqual([report["server"]["samples"] for report in reports[1:]], [0, 0])

        result = self.merge_all(*("part-%d.json" % number for number in (3, 1, 2)))
        self.assertIn("merged from 3 parts", result.stdout)
        whole = self.load("whole.json")
        self.assertEqual(whole["requests"]["scheduled"], 90)
        for name in ("completed", "failed", "in_flight"):
            self.assertEqual(whole["requests"][name],
                             sum(report["requests"][name] for report in reports))
        self.assertEqual(whole["seed"], 7)
        self.assertEqual(whole["parts"]["missing"], [])
        self.assertEqual(whole["pools"][0]["processes"], 3)
        self.assertEqual(len(whole["verdict"]["slo"]), 2)
        self.assertEqual(self.server.query(
            "SELECT count(*) FROM pg_class WHERE relname = 'visited'"), "0")

        for command in (("gate", "part-1.json"), ("simulate", "part-1.json"),
                        ("size", "--from", "part-1.json")):
            self.assert_exit(self.run_tool(*command), 2, "is part 1 of 3 of a run")
        result = self.merge("part-1.json", "part-3.json")
        self.assert_exit(result, 12)
        self.assertIn("part 2 of 3 is missing: 33.3 % of the processes", result.stdout)
        self.assert_exit(self.merge("part-1.json", "part-1.json"), 2, "are both part 1 of 3")

    def test_bad_input_is_refused_before_anything_runs(self):
        for flags, said in (
                (("--part", "0/3"), "expected a part from 1/3 to 3/3"),
                (("--part", "4/3"), "expected a part from 1/3 to 3/3"),
                (("--part", "three"), "expected K/N such as 2/4"),
                (("--part", "auto"), "JOB_COMPLETION_INDEX"),
                (("--part", "1/4"), "4 parts need at least 4 processes"),
                (("--part", "4/4"), "4 parts need at least 4 processes"),
                (("--part", "2/3", "--guard-query", "SELECT 1"), "do not work with --part"),
                (("--part", "1/3", "--warmup", "auto"), "fixed warm-up"),
                (("--join", "1s"), "--join is for runs in parts"),
                (("--start-at", "2026-01-31T12:00:00Z"), "--start-at is for runs in parts"),
                (("--part", "1/3", "--join", "1s", "--start-at", "2026-01-31T12:00:00Z"),
                 "exclude each other"),
                (("--part", "1/3", "--start-at", "noon"), "expected a time in UTC")):
            result = self.run_tool("run", "fleet.json", "--target", self.server.conninfo(), *flags)
            self.assert_exit(result, 2, said)
        self.assert_exit(self.run_tool("run", "fleet.json", "--part", "1/3"), 2,
                         "all parts of a run need the same server")
        late = self.run_tool(*self.arguments("2/3", "--start-at", "2026-01-31T12:00:00Z"))
        self.assert_exit(late, 3, "part 2 of 3 came too late: the start was 2026-01-31T12:00:00")

    def test_parts_that_do_not_fit_leave_the_others_alone(self):
        self.assert_exit(self.run_tool(*self.arguments("1/3", "--join", "300ms")), 3,
                         "parts 2, 3 of 3 did not join within 300ms")
        first = self.start("1/3", "--progress", "plain")
        self.wait_for_line(first, "waiting for all 3 parts")
        self.assert_exit(self.run_tool(*self.arguments("1/3")), 2, "part 1 has already joined")
        self.assert_exit(self.run_tool(*self.arguments("2/3", "--seed", "9")), 2,
                         "part 2 of 3 does not belong to the run of part 1: it has another --seed")
        self.assert_exit(self.run_tool(*self.arguments("2/3", "--rate", "9")), 2,
                         "it has another scenario, or other flags")
        second = self.start("2/3", "--progress", "plain")
        self.wait_for_line(first, "waiting for part 3 of 3")  # it has seen the second
        second.send_signal(signal.SIGKILL)
        _, err = self.finish(first, 3)
        self.assertIn("part 2 of 3 vanished before the start", err)

    def test_a_part_that_dies_is_named_and_the_others_go_on(self):
        self.write("fleet.json", self.fleet(duration="2s"))
        parts = [self.start("%d/3" % number, "--progress", "plain") for number in (1, 2, 3)]
        self.wait_for_load_of_parts()
        parts[2].send_signal(signal.SIGKILL)
        for part in parts[:2]:
            self.finish(part, 0, 12)
        lost = self.load("part-1.json")["part"]["lost"]
        self.assertRegex(lost[0], r"^part 3 vanished \d+\.\d s after the start$")
        result = self.merge("part-1.json", "part-2.json")
        self.assert_exit(result, 12)
        self.assertIn("part 3 of 3 is missing", result.stdout)
        whole = self.load("whole.json")
        self.assertEqual(whole["requests"]["scheduled"], 120)  # exactly two thirds
        vanished = [note for note in whole["notes"] if note.startswith("Part 3 vanished ")]
        self.assertEqual(len(vanished), 1, whole["notes"])

    def test_a_guard_stops_all_parts(self):
        self.write("fleet.json", self.fleet(duration="30s"))
        flags = ("--progress", "plain", "--stop-file", "stop")
        parts = [self.start("%d/3" % number, *flags) for number in (1, 2, 3)]
        self.wait_for_load_of_parts()
        # The session over which part 1 meets the others breaks: it comes back with another one.
        meeting = "FROM pg_stat_activity WHERE application_name LIKE 'poolgauge-part 1/3 % at %'"
        broken = self.server.query("SELECT pid " + meeting)
        self.server.query("SELECT pg_terminate_backend(%s)" % broken)
        until(lambda: self.server.query("SELECT pid " + meeting) not in ("", broken),
              "no new session", every=0.1)
        self.write("stop", "")
        for part in parts:
            self.finish(part, 13)
        self.assertEqual([self.load("part-%d.json" % n)["part"]["lost"] for n in (1, 2, 3)],
                         [[], [], []])
        result = self.merge(*sorted(glob.glob(os.path.join(self.scratch, "part-*.json"))))
        self.assert_exit(result, 13)
        self.assertIn("the guard --stop-file stopped the run", result.stdout)

    def test_without_the_part_that_watches_guards_the_others_stop(self):
        self.write("fleet.json", self.fleet(duration="30s"))
        parts = [self.start("%d/3" % number, "--stop-file", "stop") for number in (1, 2, 3)]
        self.wait_for_load_of_parts()
        parts[0].send_signal(signal.SIGKILL)
        for number, part in enumerate(parts[1:], 2):
            self.finish(part, 13)
            self.assertIn("part 1, which watched the guards, is gone",
                          json.dumps(self.load("part-%d.json" % number)["verdict"]))

    def test_by_the_clock_too_the_teardown_waits_for_the_others(self):
        self.write("fleet.json", self.fleet(duration="3s"))
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
        at = soon.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        parts = [self.start("%d/3" % number, "--start-at", at) for number in (1, 2, 3)]
        self.wait_for_load_of_parts()
        parts[0].send_signal(signal.SIGINT)
        for part in parts[1:]:
            self.finish(part, 0, 12)
        self.finish(parts[0], 130)
        self.assertEqual([self.load("part-%d.json" % n)["requests"]["failed"] for n in (2, 3)],
                         [0, 0])

    def test_parts_that_start_by_the_clock_need_not_meet(self):
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
        at = soon.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        parts = [self.start("%d/3" % number, "--start-at", at) for number in (1, 2, 3)]
        for part in parts:
            self.finish(part, 0, 12)
        self.merge_all("part-1.json", "part-2.json", "part-3.json")
        whole = self.load("whole.json")
        self.assertEqual(whole["requests"]["scheduled"], 90)
        self.assertEqual(whole["parts"]["start"], at)
        with open(os.path.join(self.scratch, "part-2.json")) as file:
            self.assertFalse(json.load(file)["part"]["met"])
