"""A PgBouncer between: started for the run, given, missing, refusing, dying."""

import os
import shutil
import signal
import subprocess
import unittest

import postgres
from harness import PATIENCE, Case, read_proc, tiny, until
from test_targets import TargetCase

PGBOUNCER = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")


def pooled(pooler=None, **changes):
    scenario = tiny(load={"users": 10, "think": "10ms"}, deployment={
        "pool": {"kind": "fixed"},
        "pooler": {"kind": "pgbouncer", "pool_mode": "transaction", "default_pool_size": 2,
                   "max_client_conn": 10, **(pooler or {})}})
    scenario.update(changes)
    return scenario


def bouncers(case):
    return [pid for pid in case.server_processes()
            if b"pgbouncer.ini" in read_proc(pid, "cmdline")]


class PoolerSettings(Case):
    """What needs no PgBouncer."""

    def test_missing_is_said_before_anything_starts(self):
        self.write("p.json", pooled())
        result = self.run_tool("run", "p.json", env={"POOLGAUGE_PGBOUNCER": "/no/such"})
        self.assert_exit(result, 3, "/no/such", "apt-get install pgbouncer")
        self.assertNotIn("throwaway PostgreSQL", result.stderr)
        self.assertEqual(self.reports(), [])

    def test_one_that_refuses_to_start_is_quoted(self):
        program = self.write("bouncer", "#!/bin/sh\necho 'FATAL no good settings' >&2\nexit 1\n")
        os.chmod(program, 0o755)
        self.write("p.json", pooled())
        result = self.run_tool("run", "p.json", env={"POOLGAUGE_PGBOUNCER": program})
        self.assert_exit(result, 3, program, "did not start", "FATAL no good settings")
        self.assert_nothing_left()

    def test_statement_mode_takes_no_transactions(self):
        steps = [{"name": "one", "sql": "SELECT 1"}]
        requests = [{"name": "ask", "transaction": True, "steps": steps}]
        self.write("p.json", pooled({"pool_mode": "statement"}, requests=requests))
        result = self.run_tool("run", "p.json")
        self.assert_exit(result, 2, "/deployment/pooler/pool_mode", "statement mode does not allow",
                         'request "ask"')

    def test_a_target_and_a_started_pooler_exclude_each_other(self):
        self.write("p.json", pooled())
        result = self.run_tool("run", "p.json", "--target", "host=/nowhere")
        self.assert_exit(result, 2, "only in front of the throwaway PostgreSQL",
                         '"target": "given"')

    def test_a_given_pooler_needs_a_target(self):
        self.write("p.json", pooled({"target": "given"}))
        self.assert_exit(self.run_tool("run", "p.json"), 2, "there is no target", "--target")

    def test_the_simulator_has_its_own(self):
        self.write("p.json", pooled(load={"users": 10}))
        result = self.run_tool("simulate", "p.json", env={"POOLGAUGE_PGBOUNCER": "/no/such"})
        self.assert_exit(result, 0)
        report = self.only_report()
        self.assertEqual(report["target"]["pooler"]["origin"], "simulated")
        self.assertEqual(max(s["sv_active"] for s in report["pooler"]["series"]), 2)
        self.assertGreater(report["pooler"]["xact_count"], 100)


@unittest.skipUnless(PGBOUNCER, "pgbouncer is not installed")
class StartedPooler(Case):
    def test_a_run_through_it(self):
        # Long enough that hardly ever a server connection is between two clients.
        steps = [{"name": "one", "sql": "SELECT pg_sleep(0.01)"}]
        requests = [{"name": "ask", "steps": steps}]
        self.write("p.json", pooled(duration="2s", requests=requests, load={"users": 10}))
        self.assert_exit(self.run_tool("run", "p.json"), 0)
        report = self.only_report()
        pooler = report["target"]["pooler"]
        self.assertEqual((pooler["origin"], pooler["pool_mode"], pooler["pool_size"]),
                         ("started", "transaction", 2))
        self.assertEqual(pooler["max_client_conn"], 10)
        self.assertEqual(pooler["config"]["max_client_conn"], "11")  # one of them is ours
        series = report["pooler"]["series"]
        self.assertEqual([s["t_s"] for s in series], [1, 2])
        self.assertEqual(max(s["sv_active"] for s in series), 2)
        self.assertLessEqual(max(s["sv_active"] + s["sv_idle"] + s["sv_used"] for s in series), 2)
        self.assertEqual({s["cl_active"] + s["cl_waiting"] for s in series}, {10})
        self.assertGreater(report["pooler"]["xact_count"], 0)
        self.assertLessEqual(report["server"]["connections_peak"], 2)
        seen = report["server"]
        self.assertGreater(seen["active_mean"] + seen["idle_mean"], 0)  # known by our name
        if pooler["version"].startswith("1.18"):
            self.assertIn("sent unprepared", " ".join(report["notes"]))
        self.assert_nothing_left()

    def test_session_mode_keeps_statements_prepared(self):
        self.write("p.json", pooled({"pool_mode": "session", "default_pool_size": 10}))
        self.assert_exit(self.run_tool("run", "p.json"), 0)
        self.assertNotIn("unprepared", " ".join(self.only_report()["notes"]))

    def test_clients_that_waited_too_long_are_failures_and_no_outage(self):
        steps = [{"name": "one", "sql": "SELECT pg_sleep(3)"}]
        self.write("p.json", pooled({"default_pool_size": 1, "query_wait_timeout": "1s"},
                                    requests=[{"name": "ask", "steps": steps}],
                                    load={"users": 3}, duration="4s"))
        self.run_tool("run", "p.json")
        report = self.only_report()
        self.assertEqual({(f["sqlstate"], f["example"]) for f in report["failures"]},
                         {("08P01", "query_wait_timeout")})
        self.assertEqual(report["outages"], [])

    def test_more_clients_than_it_takes(self):
        self.write("p.json", pooled({"max_client_conn": 9}))
        self.assert_exit(self.run_tool("run", "p.json"), 3, "may open 10 connections",
                         "accepts only 9", "1 instance × 1 process × 10 clients = 10",
                         "max_client_conn 9", "raise PgBouncer's max_client_conn to 10")
        self.assert_nothing_left()

    def test_more_servers_than_the_server_has(self):
        self.write("p.json", pooled({"default_pool_size": 18, "reserve_pool_size": 2},
                                    server={"settings": {"max_connections": 20}}))
        self.assert_exit(self.run_tool("run", "p.json"), 3, "PgBouncer may open 20 connections",
                         "pool size 18 + reserve 2 = 20", "lower default_pool_size")

    def test_an_interrupt_leaves_nothing(self):
        self.write("p.json", pooled(duration="60s"))
        process = self.start_tool("run", "p.json", "--progress", "plain")
        self.wait_for_line(process, "checking the statements")
        self.wait_for_load()
        self.assertEqual(len(bouncers(self)), 1)
        code, _, err = self.interrupt(process)
        self.assertEqual(code, 130, err)
        self.assert_nothing_left()

    def test_after_a_kill_the_next_run_sweeps(self):
        self.write("p.json", pooled(duration="60s"))
        process = self.start_tool("run", "p.json", "--progress", "plain")
        self.wait_for_line(process, "checking the statements")
        process.kill()
        process.communicate()
        self.assert_exit(self.run_tool("run", "p.json", "--duration", "1s"), 0)
        self.assert_nothing_left()

    def test_one_that_dies_ends_the_verdict(self):
        self.write("p.json", pooled(duration="4s"))
        process = self.start_tool("run", "p.json", "--progress", "plain")
        self.wait_for_line(process, "checking the statements")
        self.wait_for_load()
        os.kill(bouncers(self)[0], signal.SIGKILL)
        _, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 12, err)
        self.assertIn("PgBouncer stopped answering", " ".join(self.only_report()["notes"]))
        self.assert_nothing_left()


@unittest.skipUnless(PGBOUNCER, "pgbouncer is not installed")
class GivenPooler(TargetCase):
    def start_bouncer(self, readers="tester"):
        directory = os.path.join(self.scratch, "bouncer")
        os.mkdir(directory)
        text = ("[databases]\npostgres = host='%s' port=5432 pool_size=3\n[pgbouncer]\n"
                "listen_addr =\nlisten_port = 6432\nunix_socket_dir = %s\nauth_type = md5\n"
                "auth_file = %s/users\npool_mode = transaction\nstats_users = %s\n"
                % (self.server.directory, directory, directory, readers))
        self.write("bouncer/ini", text)
        self.write("bouncer/users", '"tester" "%s"\n' % postgres.PASSWORD)
        options = {}
        if os.geteuid() == 0:
            options = self.server.user
            for name in ("", "/ini", "/users"):
                os.chown(directory + name, options["user"], options["group"])
        process = subprocess.Popen([PGBOUNCER, directory + "/ini"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, **options)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        until(lambda: os.path.exists(directory + "/.s.PGSQL.6432"), "PgBouncer does not start")
        return directory

    def test_a_run_through_a_given_one(self):
        directory = self.start_bouncer()
        self.write("p.json", pooled({"target": "given", "default_pool_size": 7}))
        result = self.run_on(scenario="p.json", host=directory, port="6432")
        self.assert_exit(result, 0)
        report = self.only_report()
        pooler = report["target"]["pooler"]
        self.assertEqual((pooler["origin"], pooler["pool_size"]), ("given", 3))  # as it is
        self.assertGreater(report["pooler"]["xact_count"], 0)

    def test_a_console_that_keeps_us_out_is_noted(self):
        directory = self.start_bouncer(readers="somebody")
        self.write("p.json", pooled({"target": "given", "default_pool_size": 3}))
        result = self.run_on(scenario="p.json", host=directory, port="6432")
        self.assert_exit(result, 0)
        self.assertIn("stats_users", " ".join(self.only_report()["notes"]))

    def test_a_server_is_no_pooler(self):
        self.write("p.json", pooled({"target": "given"}))
        result = self.run_on(scenario="p.json")
        self.assert_exit(result, 3, "is PostgreSQL itself")
