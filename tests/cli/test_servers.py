"""Servers that answer oddly, die, or change their mind: no crash, no hang, and true words."""

import concurrent.futures
import os
import signal
import subprocess
import threading
import time
import unittest

import harness
import odd_replies
import postgres
from fake_server import (CANCEL, HELLO, SILENT, FakeServer, Fault, complaint, cut, done, instead,
                         limits, message, ready, row, split, table)
from harness import PATIENCE, Case, tiny

SAMPLE = 30  # of the thousands of cases that odd_replies.py PROGRAM runs


class Fakes(Case):
    def setUp(self):
        super().setUp()
        self.server = FakeServer()
        self.addCleanup(self.server.close)

    def run_against(self, fault, *arguments, scenario=None, status=None):
        """The report of a run against the fake server, spoilt like that."""
        self.server.faults["app"] = fault
        self.write("odd.json", scenario or tiny(duration="300ms", deadline="100ms"))
        result = self.run_tool("run", "odd.json", "--target", self.server.target(), "--progress",
                               "none", *arguments)
        if status is not None:
            self.assert_exit(result, status)
        self.assertIn(result.returncode, odd_replies.CONTRACT, result.stdout + result.stderr)
        return result


class OddReplies(Fakes):
    def test_a_sample_of_all_cuts_and_strangers(self):
        odd_replies.write_scenarios(self.scratch)
        every = list(enumerate(odd_replies.cases(
            odd_replies.record(harness.PROGRAM, self.scratch))))
        self.assertGreater(len(every), 3000)
        chosen = [each for each in every[::len(every) // SAMPLE] if not each[1].owes]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            results = pool.map(
                lambda each: (each[1], odd_replies.run(harness.PROGRAM, self.scratch, self.server,
                                                       *each)), chosen)
            for case, (status, said) in results:
                with self.subTest(case.label):
                    self.assertIn(status, odd_replies.CONTRACT, said)

    def test_too_few_columns_and_rows_are_errors_with_a_clear_message(self):
        narrow = table(["x"], ["15.9"]) + ready()
        nothing = done("SELECT 0") + ready()
        for name, reply in (("limits", narrow), ("limits", nothing), ("settings", narrow),
                            ("limits", table(list("abcdefghijk")) + ready()),
                            ("limits", table(list("abcd"), *["xxxx"] * 9) + ready())):
            with self.subTest(name):
                result = self.run_against(Fault(name, instead(reply)), status=3)
                self.assertIn("unexpected answer from the server: ", result.stderr)

    def test_a_server_older_than_13_is_refused(self):
        server = FakeServer(version=b"12.9")
        self.addCleanup(server.close)
        self.write("tiny.json", tiny())
        result = self.run_tool("run", "tiny.json", "--target", server.target())
        self.assert_exit(result, 3, "PostgreSQL 12, older than PostgreSQL 13", "upgrade the server")

    def test_a_probe_that_gets_too_little_only_loses_its_view(self):
        for name in ("look", "blocking", "quote_literal", "has_role"):
            with self.subTest(name):
                self.run_against(Fault(name, instead(table(["x"], ["t"]) + ready())))

    def test_statement_statistics_with_too_few_columns(self):
        for name in ("extension_version", "statements", "types", "rows_of", "age"):
            self.server.faults["app"] = Fault(name, instead(table([""], [""]) + ready()))
            result = self.run_tool("scenario", "import", "--pg-stat-statements", "--target",
                                   self.server.target())
            self.assertIn(result.returncode, odd_replies.CONTRACT, result.stderr)

    def test_a_commit_that_is_never_answered_meets_the_deadline(self):
        scenario = tiny(duration="400ms", deadline="100ms", requests=[
            {"name": "write", "transaction": True, "steps": [{"name": "one", "sql": "SELECT 1"}]}])
        self.run_against(Fault("commit", lambda _: SILENT), scenario=scenario)
        report = self.only_report()
        self.assertEqual(report["requests"]["completed"], 0)
        self.assertEqual({failure["class"] for failure in report["failures"]}, {"deadline"})


class Megabytes(Fakes):
    """Messages of two megabytes: what is quoted is short, and still UTF-8."""

    words = "ä€" * 400_000

    def check(self, fault):
        result = self.run_against(fault)
        said = (result.stdout + result.stderr)
        self.assertLess(len(said), 100_000)
        for path in self.reports():
            self.assertLess(os.path.getsize(path), 400_000)
            with open(path, encoding="utf-8") as file:
                file.read()
        return result

    def test_an_error(self):
        self.check(Fault("extended-BDE", instead(complaint(self.words, "22012") + ready())))
        report = self.only_report()
        example = report["failures"][0]["example"]
        self.assertTrue(example.startswith("ä€ä€"))
        self.assertIn("bytes)", example)

    def test_a_notice_a_row_and_a_version(self):
        notice = complaint(self.words, "01000", "WARNING", kind=b"N")
        self.check(Fault("extended-BDE", lambda reply: notice + reply))
        self.check(Fault("extended-BDE", lambda reply: b"".join(
            row(self.words) if each[:1] == b"D" else each for each in split(reply))))
        self.check(Fault("limits", instead(limits(role=self.words) + ready())))
        self.check(Fault("look", instead(table(
            "abcdefg", ["active", self.words, "t", 3, self.words, self.words, "x"]) + ready())))

    def test_a_refused_login_and_a_refused_question(self):
        refusal = complaint(self.words, "28000", "FATAL")
        for name in ("hello", "limits"):
            result = self.check(Fault(name, lambda _: (refusal, False)))
            self.assert_exit(result, 3)


class Watching(Fakes):
    def test_a_lost_probe_comes_back_and_its_gap_is_named(self):
        last_words = complaint("terminating connection", "57P01", "FATAL")
        lost = Fault("look", lambda _: (last_words, False), number=2, once=True)
        self.run_against(lost, scenario=tiny(duration="2s"))
        if lost.seen < 6:  # a busy machine looks so seldom
            return
        report = self.only_report()
        gap = [note for note in report["notes"] if "was not monitored from" in note]
        self.assertEqual(len(gap), 1, report["notes"])
        self.assertIn("terminating connection", gap[0])
        self.assertIn(" of the window", report["server"]["note"])
        # It looked again afterwards: two looks before the gap, and some behind it.
        self.assertGreater(report["server"]["samples"], 4)
        self.assertLessEqual(self.server.most_held, 2 + 1)

    def test_a_standby_that_is_promoted_is_named(self):
        promoted = table("abcde", [0, 0, 0, 0, 0]) + ready()
        fault = Fault("standby", instead(promoted), number=1)
        self.run_against(fault, scenario=tiny(duration="2s"))
        if fault.seen < 2:  # a busy machine looked but once
            return
        self.assertTrue(any("The standby was promoted" in note
                            for note in self.only_report()["notes"]))


class Budget(Fakes):
    """The budget is a promise: never more connections than the fleet may open, and one to watch.
    Beside them at most one socket that asks for a statement to be cancelled."""

    def sockets(self, process, seen):
        """The sockets to the server that the tool held, at one moment after the other, by their own
        port: those among its open files that the kernel's table, read afterwards, still has. The
        table is read in pieces, and one that changes meanwhile shows a socket more than once."""
        port = ":%04X" % self.server.port
        while process.poll() is None:
            files = descriptors(process.pid)
            with open("/proc/net/tcp") as sockets:
                there = [line.split() for line in sockets.read().splitlines()[1:]]
            seen.append({int(socket[1].split(":")[1], 16) for socket in there
                         if socket[2].endswith(port) and "socket:[%s]" % socket[9] in files})
            time.sleep(0.002)

    def most_sockets(self, scenario, *arguments):
        self.server.faults["app"] = Fault("hello", self.slowly)
        self.write("odd.json", scenario)
        process = self.start_tool("run", "odd.json", "--target", self.server.target(),
                                  "--progress", "none", *arguments)
        seen = []
        watcher = threading.Thread(target=self.sockets, args=(process, seen))
        watcher.start()
        out, err = process.communicate(timeout=PATIENCE)
        watcher.join()
        self.assertIn(process.returncode, odd_replies.CONTRACT, out + err)
        # A cancel request is a socket of its own, and takes none of the server's slots.
        asked = self.server.asked
        whose = [sorted(str(asked.get(port)) for port in ports) for ports in seen]
        self.assertLessEqual(max(names.count(CANCEL) for names in whose), 1,
                             "cancel requests go one after the other")
        return max(([name for name in names if name != CANCEL] for names in whose),
                   key=len)

    @staticmethod
    def slowly(reply):
        time.sleep(0.05)
        return reply

    def test_connects_slower_than_the_deadline(self):
        for pool in ({"kind": "none"}, {"kind": "sqlalchemy-null"},
                     {"kind": "psycopg-null", "max_size": 0},
                     {"kind": "sqlalchemy", "pool_size": 1, "max_overflow": 0, "timeout": "5ms",
                      "fallback": "direct"}):
            with self.subTest(pool["kind"]):
                scenario = tiny(load={"users": 20}, duration="1s", deadline="10ms",
                                deployment={"pool": pool, "instances": 5})
                budget = 20 + (5 if "fallback" in pool else 0)
                most = self.most_sockets(scenario)
                self.assertLessEqual(len(most), budget + 1, most)
                report = self.only_report()
                self.assertLessEqual(report["pools"][0]["peak_checked_out"], budget)
                for path in self.reports():
                    os.remove(path)

    def test_an_arrival_rate_has_a_budget_too(self):
        scenario = tiny(load={"rate": 400}, duration="1s", deadline="50ms",
                        deployment={"pool": {"kind": "none"}})
        most = self.most_sockets(scenario)
        self.assertLessEqual(len(most), 20 + 1, most)
        self.write("wide.json", dict(scenario, deadline="10s", duration="20s"))
        result = self.run_tool("run", "wide.json", "--target", self.server.target())
        self.assert_exit(result, 3, "may open 4,000 connections", "shorten the deadline")
        del scenario["deadline"]
        self.write("endless.json", scenario)
        result = self.run_tool("run", "endless.json", "--target", self.server.target())
        self.assert_exit(result, 3, "may open 400 connections", "set a deadline")


@unittest.skipUnless(postgres.binary("initdb"), "needs PostgreSQL")
class Troubles(Case):
    """What a report says of a server in trouble is what happened."""

    def test_a_role_that_may_no_longer_log_in_is_no_dead_server(self):
        server = postgres.Server(self.scratch)
        self.addCleanup(server.stop)
        server.start()
        self.ask(server, "CREATE ROLE app LOGIN PASSWORD '%s'" % postgres.PASSWORD)
        self.write("tiny.json", tiny(duration="3s", slo=[]))
        process = self.start_tool("run", "tiny.json", "--progress", "plain", "--target",
                                  server.conninfo(user="app"))
        self.wait_for_line(process, "checking the statements")
        time.sleep(1)
        self.ask(server, "ALTER ROLE app NOLOGIN")
        self.ask(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                         "WHERE usename = 'app'")
        process.communicate(timeout=PATIENCE)
        report = self.only_report()
        self.assertIn("authentication", {failure["class"] for failure in report["failures"]})
        self.assertFalse([reason for reason in report["verdict"]["reasons"] if "died" in reason])
        self.assertTrue(any("not permitted to log in" in note for note in report["notes"]),
                        report["notes"])
        for outage in report.get("outages", []):
            self.assertIsNotNone(outage["end_s"], "the server was there")

    @unittest.skipUnless(postgres.binary("pg_basebackup"), "needs pg_basebackup")
    def test_a_replica_that_is_promoted_is_named(self):
        read = {"name": "read", "pool": "replica", "steps": [{"name": "one", "sql": "SELECT 1"}]}
        pool = {"kind": "sqlalchemy", "pool_size": 2, "max_overflow": 0}
        self.write("replica.json", tiny(duration="5s", requests=[read], deployment={
            "pools": {"primary": pool, "replica": {**pool, "target": "replica"}}}))
        process = self.start_tool("run", "replica.json", "--progress", "plain")
        self.wait_for_line(process, "checking the statements")
        time.sleep(1.5)
        replica = next(path for path in self.server_directories()
                       if os.path.exists(os.path.join(path, "data", "standby.signal")))
        subprocess.run([postgres.binary("psql"), "-X", "-h", replica, "-U", "poolgauge", "-d",
                        "postgres", "-c", "SELECT pg_promote()"], check=True,
                       stdout=subprocess.DEVNULL, env=self.environment(), timeout=PATIENCE)
        _, err = process.communicate(timeout=PATIENCE)
        self.assertIn(process.returncode, (0, 12), err)
        self.assertTrue(any("The standby was promoted" in note
                            for note in self.only_report()["notes"]))

    def server_directories(self):
        return [os.path.join(self.tmpdir, name) for name in os.listdir(self.tmpdir)
                if name.startswith("poolgauge-")]

    def ask(self, server, sql):
        server.query(sql)

    def test_the_log_of_a_throwaway_server_that_died_is_quoted(self):
        self.write("tiny.json", tiny(duration="4s"))
        process = self.start_tool("run", "tiny.json", "--progress", "plain")
        self.wait_for_line(process, "checking the statements")
        time.sleep(1)
        postmaster = [pid for pid in self.server_processes() if b"bin/postgres" in command_of(pid)]
        self.assertEqual(len(postmaster), 1)
        os.kill(postmaster[0], signal.SIGQUIT)
        _, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 12, err)
        reason = self.only_report()["verdict"]["reasons"][0]
        self.assertTrue(reason.startswith("the target died during the run"), reason)
        self.assertIn("immediate shutdown request", reason)
        self.assert_nothing_left()

    def test_a_full_disk_is_not_the_statements_fault(self):
        raises = "DO $$ BEGIN RAISE SQLSTATE '53100' USING MESSAGE = 'no space'; END $$"
        scenario = harness.sql_scenario(raises, slo=[])
        self.write("full.json", scenario)
        self.run_tool("run", "full.json")
        report = self.only_report()
        self.assertEqual({f["class"] for f in report["failures"]}, {"disk_full"})
        self.assertIn("disk is full", report["diagnosis"][0]["evidence"])
        self.assertIn("free space", report["diagnosis"][0]["advice"])


def descriptors(pid):
    """What the process's open files are, as far as they stay open meanwhile."""
    found = set()
    try:
        for name in os.listdir("/proc/%d/fd" % pid):
            try:
                found.add(os.readlink("/proc/%d/fd/%s" % (pid, name)))
            except OSError:
                pass
    except OSError:
        pass
    return found


def command_of(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return file.read()
    except OSError:
        return b""
