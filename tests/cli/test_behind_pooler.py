"""A target that turns out to be a pooler, which the scenario does not say: the address that hosters
hand out."""

import datetime
import os
import signal
import subprocess
import time
import unittest

import postgres
from fake_server import FakeServer, complaint, limits, table
from harness import PATIENCE, Case, tiny, until
from test_pooler import PGBOUNCER
from test_targets import TargetCase


def pooled(**changes):
    """Twenty users with two statements in a transaction, which asyncpg would prepare. They pause,
    so that they leave the machine to others."""
    scenario = tiny(
        name="pooled", variables={"n": {"uniform": [1, 100]}}, slo=["rate(error) <= 0%"],
        requests=[{"name": "q", "transaction": True, "steps": [
            {"name": "a", "sql": "SELECT :n::int"}, {"name": "b", "sql": "SELECT :n::int + 1"}]}],
        load={"users": 20, "think": "40ms"}, warmup="300ms", duration="1s",
        deployment={"pool": {"kind": "asyncpg", "min_size": 20, "max_size": 20}})
    scenario.update(changes)
    return scenario


def with_protocol(protocol, scenario):
    for step in scenario["requests"][0]["steps"]:
        step["protocol"] = protocol
    return scenario


class Behind(TargetCase):
    def start_bouncer(self, mode="transaction", readers="tester", size=3, more=""):
        directory = os.path.join(self.scratch, "bouncer")
        os.mkdir(directory)
        self.write("bouncer/ini", (
            "[databases]\npostgres = host='%s' port=5432 pool_size=%d\n[pgbouncer]\n"
            "listen_addr =\nlisten_port = 6432\nunix_socket_dir = %s\nauth_type = md5\n"
            "auth_file = %s/users\npool_mode = %s\nstats_users = %s\n%s\n"
            % (self.server.directory, size, directory, directory, mode, readers, more)))
        self.write("bouncer/users", "".join(
            '"%s" "%s"\n' % (user, postgres.PASSWORD) for user in ("tester", "few")))
        for name in ("", "/ini", "/users") if self.server.user else ():
            os.chown(directory + name, self.server.user["user"], self.server.user["group"])
        process = subprocess.Popen([PGBOUNCER, directory + "/ini"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, **self.server.user)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        until(lambda: os.path.exists(directory + "/.s.PGSQL.6432"), "PgBouncer does not start")
        self.bouncer = process.pid
        self.place = {"host": directory, "port": "6432"}

    def run_behind(self, scenario, *arguments):
        self.write("pooled.json", scenario)
        return self.run_on(*arguments, scenario="pooled.json", **self.place)

    def report_behind(self, scenario):
        """Of a run whose goals were met."""
        self.said = self.run_behind(scenario, "--json", "report.json")
        self.assert_exit(self.said, 0)
        return self.load("report.json")


@unittest.skipUnless(PGBOUNCER, "pgbouncer is not installed")
class TransactionMode(Behind):
    def test_all_protocols_without_a_failure(self):
        self.start_bouncer()
        for protocol in ("prepared", "extended", "simple"):
            with self.subTest(protocol):
                report = self.report_behind(with_protocol(protocol, pooled()))
                self.assertEqual(report["failures"], [])
                pooler = report["target"]["pooler"]
                self.assertEqual((pooler["kind"], pooler["origin"], pooler["pool_mode"],
                                  pooler["pool_size"]), ("pgbouncer", "noticed", "transaction", 3))
                self.assertFalse(pooler["tracks_prepared"])
                self.assertEqual(pooler["unprepared"], protocol == "prepared")
                notes = " ".join(report["notes"])
                self.assertEqual(notes.count("sent unprepared"), protocol == "prepared")
                first = self.said.stdout.split("\n\n")[0].replace("\n", " ")
                self.assertIn("transaction 3", first)
                self.assertEqual("unprepared statements" in first, protocol == "prepared")

    def test_the_wait_for_a_server_connection_is_in_the_report(self):
        self.start_bouncer()
        slow = pooled(duration="3s", load={"users": 20})
        slow["requests"][0]["steps"].append({"name": "c", "sql": "SELECT pg_sleep(0.01)"})
        report = self.report_behind(slow)
        pooler = report["pooler"]
        self.assertEqual(pooler["server_wait_from"], "counters")
        # Twenty users share three connections: most of a request is that wait, and BEGIN has it.
        self.assertGreater(pooler["server_wait_share"], 0.5)
        self.assertGreater(report["breakdown_ms"]["begin"], pooler["server_wait_ms"] / 2)
        self.assertIn("pooler", self.said.stdout)

    def test_the_probe_works_through_it_and_leaves_nothing(self):
        self.start_bouncer()
        report = self.report_behind(pooled())
        server = report["server"]
        self.assertGreater(server["samples"], 0)
        ours = sum(each["mean"] for each in server["connections"])
        self.assertTrue(0 < ours <= 3, ours)
        self.assertIn("monitored through the pooler", " ".join(report["notes"]))
        left = ("SELECT count(*) FROM pg_prepared_statements UNION ALL SELECT count(*) FROM "
                "pg_settings WHERE source = 'session' AND name IN ('lock_timeout', "
                "'statement_timeout')")
        for _ in range(4):
            self.assertEqual(self.server.query(left, **self.place).split(), ["0", "0"])

    def test_setup_and_teardown_leave_no_limits_behind(self):
        self.start_bouncer()
        self.write("setup.sql", "CREATE TABLE behind (n int); INSERT INTO behind VALUES (1);")
        self.write("teardown.sql", "DROP TABLE behind;")
        scenario = pooled(data={"setup": ["setup.sql"], "teardown": ["teardown.sql"]})
        scenario["requests"][0]["steps"][0]["sql"] = "SELECT n + :n FROM behind"
        self.assertEqual(self.report_behind(scenario)["failures"], [])
        self.assertEqual(self.query("SELECT to_regclass('behind') IS NULL"), "t")
        shown = self.server.query("SELECT current_setting('lock_timeout')", **self.place)
        self.assertEqual(shown, "0")

    def test_parts_by_the_clock_add_up(self):
        self.start_bouncer(size=6)
        self.write("setup.sql", "CREATE TABLE behind (n int);")
        self.write("teardown.sql", "DROP TABLE behind;")
        self.write("pooled.json", pooled(
            data={"setup": ["setup.sql"], "teardown": ["teardown.sql"]}, warmup="0s",
            deployment={"processes": 2, "pool": {"kind": "asyncpg", "min_size": 0, "max_size": 3}}))
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
        flags = ("--start-at", soon.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "--allow-writes")
        parts = [self.start_tool("run", "pooled.json", "--target",
                                 self.server.conninfo(**self.place), "--part", "%d/2" % number,
                                 "--json", "part-%d.json" % number, *flags) for number in (1, 2)]
        for part in parts:
            out, err = part.communicate(timeout=PATIENCE)
            self.assertIn(part.returncode, (0, 12), out + err)
        result = self.run_tool("merge", "part-1.json", "part-2.json", "--json", "whole.json")
        self.assertIn(result.returncode, (0, 10, 12), result.stderr)
        self.assertEqual(self.load("whole.json")["parts"]["missing"], [])

    def test_session_state_is_named(self):
        self.start_bouncer()
        self.write("setup.sql", "CREATE TEMP TABLE mine (n int);")
        scenario = pooled(data={"setup": ["setup.sql"]}, slo=[])
        scenario["requests"][0]["steps"].append(
            {"name": "path", "sql": "SET search_path = public", "protocol": "simple"})
        notes = " ".join(self.report_behind(scenario)["notes"])
        self.assertIn("setup.sql: CREATE TEMPORARY TABLE affects only", notes)
        self.assertIn('step "path": SET outlives its transaction', notes)

    def test_its_own_limit_counts_and_not_the_servers(self):
        self.start_bouncer(more="max_client_conn = 60")
        fleet = pooled(load={"users": 5, "think": "10ms"}, deployment={
            "pool": {"kind": "asyncpg", "min_size": 0, "max_size": 50}})
        self.assertEqual(self.report_behind(fleet)["failures"], [])  # the server has 27
        fleet["deployment"]["pool"]["max_size"] = 70
        self.assert_exit(self.run_behind(fleet), 3, "PgBouncer accepts only",
                         "max_client_conn 60", "raise PgBouncer's max_client_conn")

    def test_more_server_connections_than_the_role_may_have(self):
        self.query("CREATE ROLE few LOGIN CONNECTION LIMIT 2 PASSWORD '%s'" % postgres.PASSWORD)
        self.addCleanup(self.query, "DROP ROLE few")
        self.start_bouncer(readers="few")
        self.place["user"] = "few"
        report = self.report_behind(pooled(load={"users": 1, "think": "2ms"}, slo=[]))
        self.assertIn("may open 3 server connections, but the role's connection limit "
                      "allows only 2",
                      " ".join(report["notes"]))

    def test_roles_by_set_role_are_refused(self):
        self.start_bouncer()
        scenario = pooled()
        scenario["deployment"]["pool"].update(role="tester", role_by="set role")
        self.assert_exit(self.run_behind(scenario), 2, "runs SET ROLE once",
                         "transaction mode")

    def test_without_its_console(self):
        self.start_bouncer(readers="somebody")
        report = self.report_behind(pooled())
        self.assertEqual(report["failures"], [])
        pooler = report["target"]["pooler"]
        self.assertEqual((pooler["kind"], pooler["pool_mode"], pooler["pool_size"],
                          pooler["max_client_conn"]), ("pgbouncer", "transaction", 0, 0))
        self.assertTrue(pooler["unprepared"])
        self.assertEqual(report["pooler"]["server_wait_from"], "begin")
        self.assertGreater(report["pooler"]["server_wait_ms"], 0)
        self.assertIn("does not accept this user", " ".join(report["notes"]))

    def test_advice_without_its_console_says_nothing_of_the_servers_slots(self):
        self.start_bouncer(readers="somebody")
        self.write("pooled.json", pooled(slo=["p95(latency) < 10s"], duration="1s",
                                         load={"users": 4, "think": "10ms"}))
        result = self.run_tool("advise", "pooled.json", "--target",
                               self.server.conninfo(**self.place), "--json", "a.json",
                               "--confirmations", "1")
        self.assertIn(result.returncode, (0, 12), result.stderr)
        said = " ".join(result.stdout.split())
        if "RECOMMENDATION" in said:  # no run of a machine too busy to be believed gives one
            self.assertIn("PgBouncer: max_client_conn must be at least", said)
        for foreign in ("max_connections", "slot", "10,000"):
            self.assertNotIn(foreign, said)
        recommendation = self.load("a.json").get("recommendation")
        if recommendation:
            self.assertIsNone(recommendation["max_connections"])
            self.assertIsNone(recommendation["budget"])

    def test_a_freeze_of_it_is_not_the_servers(self):
        self.start_bouncer(readers="somebody")
        self.write("pooled.json", pooled(duration="5s", slo=[]))
        process = self.start_tool("run", "pooled.json", "--progress", "plain", "--target",
                                  self.server.conninfo(**self.place))
        self.wait_for_line(process, "checking the statements")
        time.sleep(1.5)
        os.kill(self.bouncer, signal.SIGSTOP)
        time.sleep(2)
        os.kill(self.bouncer, signal.SIGCONT)
        process.communicate(timeout=PATIENCE)
        stood = self.only_report()["standstills"]
        self.assertEqual({each["whose"] for each in stood}, {"pooler"})


@unittest.skipUnless(PGBOUNCER, "pgbouncer is not installed")
class OtherModes(Behind):
    def test_session_mode_keeps_statements_prepared(self):
        self.start_bouncer("session", size=25)
        report = self.report_behind(pooled())
        self.assertEqual(report["failures"], [])
        pooler = report["target"]["pooler"]
        self.assertEqual((pooler["pool_mode"], pooler["unprepared"]), ("session", False))
        self.assertGreater(report["server"]["samples"], 0)

    def test_session_mode_is_seen_without_the_console(self):
        self.start_bouncer("session", readers="somebody", size=25)
        report = self.report_behind(pooled())
        self.assertEqual(report["failures"], [])
        self.assertEqual(report["target"]["pooler"]["pool_mode"], "session")
        self.assertIn("would occupy one of the pooler's", " ".join(report["notes"]))
        self.assertEqual(report["server"]["samples"], 0)

    def test_session_mode_with_one_server_connection(self):
        self.start_bouncer("session", readers="somebody", size=1)
        report = self.report_behind(pooled(load={"users": 1, "think": "2ms"}, deployment={
            "pool": {"kind": "fixed"}}))
        self.assertEqual(report["target"]["pooler"]["pool_mode"], "session")
        self.assertEqual(report["failures"], [])

    def in_statement_mode(self, readers):
        self.start_bouncer("statement", readers=readers)
        self.assert_exit(self.run_behind(pooled()), 2, "statement mode",
                         'request "q" uses one')
        plain = pooled()
        plain["requests"][0]["transaction"] = False
        report = self.report_behind(plain)
        self.assertEqual(report["failures"], [])
        self.assertEqual(report["target"]["pooler"]["pool_mode"], "statement")
        self.assertGreater(report["server"]["samples"], 0)

    def test_statement_mode(self):
        self.in_statement_mode("tester")

    def test_statement_mode_is_seen_without_the_console(self):
        self.in_statement_mode("somebody")


class FakePoolers(Case):
    """Poolers that are not installed: a server whose process is not the one that let us in."""

    def setUp(self):
        super().setUp()
        self.server = FakeServer()
        self.addCleanup(self.server.close)
        self.server.answer("superuser_reserved_connections", limits(pid=99))
        self.server.answer("starts_with(application_name", table(
            "abcdefg", ["idle", None, "t", 2, "app", "poolgauge-1", None]))

    def refuse_the_console(self):
        self.server.answer("SHOW VERSION", complaint("unrecognized parameter", "42704"))

    def report_of(self, *arguments):
        self.write("odd.json", tiny(duration="300ms", deadline="5s", slo=[]))
        self.said = self.run_tool("run", "odd.json", "--target", self.server.target(),
                                  "--progress", "none", *arguments)
        self.assertIn(self.said.returncode, (0, 12), self.said.stderr)
        return self.only_report()

    def test_a_release_that_tracks_prepared_statements(self):
        self.server.answer("SHOW VERSION", table(["version"], ["PgBouncer 1.24.1"]))
        self.server.answer("SHOW CONFIG", table(
            ["key", "value"], ["pool_mode", "transaction"], ["default_pool_size", 20],
            ["max_client_conn", 100], ["max_prepared_statements", 200]))
        report = self.report_of()
        pooler = report["target"]["pooler"]
        self.assertEqual((pooler["version"], pooler["tracks_prepared"], pooler["unprepared"]),
                         ("1.24.1", True, False))

    def test_a_pooler_without_a_console(self):
        self.refuse_the_console()
        report = self.report_of()
        pooler = report["target"]["pooler"]
        self.assertEqual((pooler["kind"], pooler["origin"], pooler["pool_mode"]),
                         ("unknown", "noticed", "transaction"))
        self.assertIn("a pooler in transaction mode", self.said.stdout.replace("\n", " "))

    def test_one_that_renames_prepared_statements(self):
        self.refuse_the_console()
        self.server.answer("pg_prepared_statements WHERE name", table(["count"], [0]))
        pooler = self.report_of()["target"]["pooler"]
        self.assertEqual((pooler["tracks_prepared"], pooler["unprepared"]), (True, False))
