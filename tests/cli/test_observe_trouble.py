"""`observe`: bad input, and servers that refuse, restart, fall silent, or are old."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

import postgres
from fake_server import FakeServer, Fault, cut, table
from harness import Case
from test_observe import ObserveCase

LETTERS = "abcdefghijkl"


class Trouble(ObserveCase):
    def test_what_is_typed_wrong(self):
        for arguments, pieces in (
                (["--for", "0s"], ("--for",)),
                (["--for", "soon"], ("--for",)),
                (["--group", "web"], ("--group", "NAME=LIMIT")),
                (["--group", "web=none"], ("--group",)),
                (["--processes", "0"], ("--processes",)),
                (["--profile", "prod"], ("--profile", "production")),
                (["--scenario", "no/such/dir/x.json"], ("--scenario", "no/such/dir")),
                (["--json", "no/such/dir/x"], ("no/such/dir",)),
                (["--forr", "1s"], ('mean "--for"',))):
            self.assert_exit(self.observe(*arguments), 2, *pieces)
        self.assert_exit(self.run_tool("observe"), 2, "none is given", "--target")
        self.assert_exit(self.observe(password="Wrong-Horse-77"), 3, "password")

    def test_ctrl_c_answers_with_what_was_seen(self):
        held = self.sessions(2, "BEGIN")
        process = self.start_tool("observe", "--target", self.server.conninfo(), "--for", "1h",
                                  "--json", "a.json", "--progress", "plain")
        self.wait_for_line(process, "sessions in use")
        code, out, err = self.interrupt(process, signal.SIGINT)
        self.assertEqual(code, 130, err)
        self.assertIn("interrupted", out)
        answer = self.load("a.json")
        self.assertTrue(answer["partial"])
        self.assertEqual(self.group(answer, held)["in_use"]["mean"]["value"], 2)

    def started(self, *arguments):
        process = self.start_tool("observe", "--target", self.server.conninfo(), "--progress",
                                  "plain", "--json", "a.json", *arguments)
        self.wait_for_line(process, "sessions in use")
        return process

    def test_a_reset_midway_is_noticed(self):
        process = self.started("--for", "4s")
        self.query("SELECT pg_stat_reset()")
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0)
        self.assertIn("were reset", " ".join(self.load("a.json")["warnings"]))

    def test_a_connection_that_is_lost_is_opened_again(self):
        held = self.sessions(1, "BEGIN")
        process = self.started("--for", "6s")
        self.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                   "WHERE application_name = 'poolgauge'")
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0)
        answer = self.load("a.json")
        self.assertIn("the connection was lost", " ".join(answer["warnings"]))
        self.assertEqual(self.group(answer, held)["in_use"]["mean"]["value"], 1)

    def test_a_restart_midway_makes_two_windows(self):
        directory = tempfile.mkdtemp(prefix="pgs-")
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        os.chmod(directory, 0o755)
        server = postgres.Server(directory)
        self.addCleanup(server.stop)
        server.start()
        process = self.start_tool("observe", "--target", server.conninfo(), "--for", "8s",
                                  "--progress", "plain", "--json", "a.json")
        self.wait_for_line(process, "sessions in use")
        server.process.send_signal(signal.SIGINT)  # a fast shutdown
        server.process.wait(60)
        server.process = subprocess.Popen(
            [postgres.binary("postgres"), "-D", server.data, "-k", directory, "-c",
             "listen_addresses=", "-c", "fsync=off"],
            stdout=server.log, stderr=server.log, cwd=directory, **server.user)
        _, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, err)
        self.assertIn("the server was restarted", " ".join(self.load("a.json")["warnings"]))

    def test_a_server_that_does_not_come_back(self):
        server = FakeServer()
        Old.fill(server)
        server.faults["app"] = Fault("pg_stat_get_activity", cut(0), number=10)
        process = self.start_tool("observe", "--target", server.target(), "--for", "4s",
                                  "--progress", "plain", "--json", "a.json")
        self.wait_for_line(process, "sessions in use")
        server.close()  # nobody else gets in
        _, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 3, err)
        self.assertIn("could not be restored", " ".join(self.load("a.json")["warnings"]))

    def test_a_group_that_nobody_is_in(self):
        answer = self.answer("--for", "1s", "--group", "nobody=3")
        self.assertIn("--group nobody=3", " ".join(answer["warnings"]))

    def test_hidden_states_are_said(self):
        name = self.sessions(1, "BEGIN", options="-c track_activities=off")
        answer = self.answer("--for", "1s")
        self.assertEqual(self.group(answer, name)["sessions"]["hidden"], 1)
        self.assertIn("track_activities", " ".join(answer["warnings"]))


class Old(Case):
    """PostgreSQL 13 has no counters of time: by a server from a script."""

    def server_of(self, version):
        server = FakeServer(version=version)
        self.addCleanup(server.close)
        self.fill(server)
        return server

    @staticmethod
    def fill(server):
        """Two sessions of one application, one of them in a statement."""
        server.answer("pg_postmaster_start_time", table(
            LETTERS[:11], [100, 3, 0, "f", "on", 1.5, 4711, 0, "app", "app", "t"]))
        server.answer("pg_roles", table(LETTERS[:3], ["d", 5, "shop"], ["r", 10, "app"]))
        server.answer("pg_stat_get_activity", table(
            LETTERS[:12],
            [5, 10, "web", "10.0.0.7", 7, "active", None, None, 60, 0.2, 0.1, 0.0001],
            [5, 10, "web", "10.0.0.7", 8, "idle", None, None, 60, None, 9, 0.0002]))
        server.answer("pg_stat_database", table(
            LETTERS[:7], ["shop", 100, None, None, None, "never", None]))

    def test_thirteen_is_sampled_alone_and_it_says_so(self):
        server = self.server_of(b"13.9")
        result = self.run_tool("observe", "--target", server.target(), "--for", "1s", "--json", "-")
        self.assert_exit(result, 0)
        answer = json.loads(result.stdout)
        self.assertIsNone(answer["databases"][0]["in_use_counted"])
        self.assertEqual(answer["groups"][0]["in_use"]["mean"]["value"], 1)
        self.assertIn("PostgreSQL 13 has no counters", " ".join(answer["limits"]))
        self.assertEqual(answer["groups"][0]["client_addr"], "10.0.0.7")

    def test_a_standby_an_unnamed_group_and_a_clock_that_was_set_back(self):
        server = FakeServer(version=b"15.8")
        self.addCleanup(server.close)
        server.answer("pg_stat_get_activity", table(
            LETTERS[:12], [5, 10, None, None, 7, "active", None, None, 60, -3600, -3600, 0.0001]))
        server.answer("pg_postmaster_start_time", table(
            LETTERS[:11], [100, 3, 0, "t", "on", 1.5, 4711, 2, "app", "app", "t"]))
        self.fill(server)
        result = self.run_tool("observe", "--target", server.target(), "--for", "1s", "--json", "-")
        self.assert_exit(result, 0)
        answer = json.loads(result.stdout)
        self.assertTrue(answer["target"]["standby"])
        limits, warnings = " ".join(answer["limits"]), " ".join(answer["warnings"])
        self.assertIn("This is a standby", limits)
        self.assertIn("1 of 1 sessions have none", limits)
        self.assertIn("2 prepared transactions", limits)
        self.assertIn("clock was set back", warnings)
        group = answer["groups"][0]
        self.assertIsNone(group["application_name"])
        self.assertIsNone(group["client_addr"])
        self.assertIn("unnamed sessions", group["verdict"])

    def test_older_ones_are_refused(self):
        server = self.server_of(b"12.9")
        self.assert_exit(self.run_tool("observe", "--target", server.target()), 3, "PostgreSQL 13")

    def test_odd_answers_end_it_with_words(self):
        for piece in ("pg_postmaster_start_time", "pg_roles", "pg_stat_get_activity"):
            server = self.server_of(b"15.8")
            server.own.insert(0, (piece, table(["x"], [1])))
            result = self.run_tool("observe", "--target", server.target(), "--for", "1s")
            self.assert_exit(result, 3, "unexpected answer")

    def test_a_silent_server_is_given_up(self):
        listener = socket.socket()
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        target = "host=127.0.0.1 port=%d user=u password=hunter2 dbname=d connect_timeout=2" % (
            listener.getsockname()[1])
        result = self.run_tool("observe", "--target", target)
        self.assert_exit(result, 3, "no answer within 2 s")
        self.assertNotIn("hunter2", result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
