"""`observe`: what it says of sessions that are known, of servers in trouble, and in which forms."""

import json
import os
import resource
import unittest

import postgres
from harness import SOURCE, tiny, until
from test_behind_pooler import Behind
from test_pooler import PGBOUNCER
from test_targets import TargetCase


def prepare(server):
    server.script("""
      CREATE ROLE humble LOGIN PASSWORD '{0}';
      CREATE ROLE watcher LOGIN PASSWORD '{0}';
      GRANT pg_read_all_stats TO watcher;
    """.format(postgres.PASSWORD))


class ObserveCase(TargetCase):
    @classmethod
    def setUpClass(cls):
        cls.server = postgres.shared({"track_io_timing": "on"}, prepare)

    def observe(self, *arguments, env=None, **changes):
        result = self.run_tool("observe", "--target", self.server.conninfo(**changes), "--progress",
                               "none", *arguments, env=env)
        self.assert_no_secret(result)
        return result

    def answer(self, *arguments, **changes):
        result = self.observe("--json", "-", *arguments, **changes)
        self.assert_exit(result, 0)
        return json.loads(result.stdout)

    def sessions(self, count, begin=None, **changes):
        """psql sessions of this application name that stay open, each in a transaction or idle."""
        name = "known" + (begin or "idle").split()[0].lower()
        for _ in range(count):
            process = self.server.session((begin or "SELECT 1") + ";", name, **changes)
            self.addCleanup(self.end_session, process)
        until(lambda: int(self.query("SELECT count(*) FROM pg_stat_activity WHERE application_name "
                                     "= '%s' AND (state <> 'active' OR query LIKE '%%pg_sleep%%')"
                                     % name)) == count, "no sessions")
        return name

    def end_session(self, process):
        """The program, and what it left running on the server."""
        process.kill()
        process.stdin.close()
        process.wait()
        known = "FROM pg_stat_activity WHERE application_name LIKE 'known%'"
        self.query("SELECT count(pg_terminate_backend(pid)) " + known)
        until(lambda: self.query("SELECT count(*) " + known) == "0", "sessions are left")

    @staticmethod
    def group(answer, name):
        found = [g for g in answer["groups"] if g["application_name"] == name]
        assert len(found) == 1, answer["groups"]
        return found[0]


class Known(ObserveCase):
    def test_sessions_are_counted_by_what_they_do(self):
        held = self.sessions(3, "BEGIN")
        asleep = self.sessions(2, "SELECT pg_sleep(3600)")
        idle = self.sessions(4)
        answer = self.answer("--for", "3s")
        held, asleep, idle = (self.group(answer, name) for name in (held, asleep, idle))
        self.assertEqual(held["in_use"]["mean"]["value"], 3)
        self.assertEqual(held["in_use"]["idle_in_transaction_mean"], 3)
        self.assertEqual(held["sessions"], {"mean": 3, "least": 3, "most": 3, "hidden": 0,
                                            "new_per_s": 0})
        self.assertEqual(asleep["in_use"]["active_mean"], 2)
        self.assertEqual(asleep["waits"]["other"], 2)
        self.assertEqual(idle["in_use"]["mean"]["value"], 0)
        self.assertEqual(idle["sessions"]["mean"], 4)
        self.assertEqual(answer["totals"]["sessions_most"], 9)
        # Three that never end are all there are: whether more wanted in is not to be seen.
        self.assertEqual(held["cut_off"], "likely")
        self.assertTrue(held["size"]["lower_bound"])
        self.assertEqual(idle["cut_off"], "no")
        self.assertGreater(answer["window"]["looks"], 5)
        self.assertFalse(answer["partial"])
        self.assertTrue(any("may not include the peak" in limit for limit in answer["limits"]))
        self.assertIsNone(held["client_addr"])

    def test_a_told_limit_and_processes(self):
        held = self.sessions(2, "BEGIN")
        answer = self.answer("--for", "2s", "--group", held + "=10", "--processes", "2",
                             "--profile", "dev")
        group = self.group(answer, held)
        self.assertEqual((group["limit"], group["cut_off"]), (10, "no"))
        self.assertEqual(group["size"]["processes"], 2)
        self.assertEqual(answer["totals"]["could_open"], 10)
        self.assertEqual(answer["profile"], "dev")

    def test_the_json_follows_its_schema(self):
        self.sessions(1, "BEGIN")
        answer = self.answer("--for", "2s")
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        with open(os.path.join(SOURCE, "scenarios", "observe.schema.json")) as file:
            jsonschema.Draft202012Validator(json.load(file)).validate(answer)

    def test_all_forms(self):
        held = self.sessions(1, "BEGIN")
        result = self.observe("--for", "2s", "--markdown", "a.md", "--html", "a.html",
                              "--prometheus", "a.prom", "--csv", "a.csv")
        self.assert_exit(result, 0)
        self.assertIn("limits of this observation", result.stdout)
        self.assertIn(held, result.stdout)
        for name, piece in (("a.md", "**" + held), ("a.html", "<svg"),
                            ("a.prom", 'application_name="%s"' % held), ("a.csv", held)):
            with open(os.path.join(self.scratch, name)) as file:
                text = file.read()
            self.assertIn(piece, text)
            self.assertNotIn(postgres.PASSWORD, text)

    def test_it_leaves_nothing_and_writes_nothing(self):
        written = ("SELECT sum(tup_inserted + tup_updated + tup_deleted + temp_files) "
                   "FROM pg_stat_database")
        before = self.query(written)
        self.observe("--for", "1s")
        until(lambda: self.query("SELECT count(*) FROM pg_stat_activity WHERE application_name "
                                 "= 'poolgauge'") == "0", "sessions of observe are left")
        self.assertEqual(self.query(written), before)

    def test_quiet_says_nothing(self):
        result = self.observe("--for", "1s", "--quiet")
        self.assert_exit(result, 0)
        self.assertEqual(result.stdout + result.stderr, "")


class Recordings(ObserveCase):
    def test_a_recording_answers_as_the_server_did(self):
        held = self.sessions(2, "BEGIN")
        live = self.answer("--for", "2s", "--record", "day.jsonl")
        result = self.run_tool("observe", "day.jsonl", "--json", "-")
        self.assert_exit(result, 0)
        self.assert_no_secret(result)
        read = json.loads(result.stdout)
        for name in ("window", "target", "totals", "databases", "cost", "started_at"):
            self.assertEqual(read[name], live[name], name)
        was, now = self.group(live, held), self.group(read, held)
        self.assertEqual(now["in_use"]["mean"]["value"], 2)
        for name in ("sessions", "in_use", "waits", "all_in_use", "hold"):
            self.assertEqual(now[name], was[name], name)
        with open(os.path.join(self.scratch, "day.jsonl")) as file:
            lines = file.readlines()
        self.assertNotIn("BEGIN", "".join(lines))
        # As a crash leaves it: a torn last line, no end.
        with open(os.path.join(self.scratch, "torn.jsonl"), "w") as file:
            file.write("".join(lines[:len(lines) // 2]) + lines[len(lines) // 2][:-9])
        result = self.run_tool("observe", "torn.jsonl")
        self.assert_exit(result, 0)
        self.assertIn(held, result.stdout)
        self.assertIn("the recording has no end", " ".join(result.stdout.split()))
        # Nothing is overwritten, and no other file is taken for one.
        self.assert_exit(self.observe("--for", "1s", "--record", "day.jsonl"), 2, "exists already")
        self.write("other.json", {"schema_version": 1})
        self.assert_exit(self.run_tool("observe", "other.json"), 2, "other.json", "line 1")
        self.assert_exit(self.observe("day.jsonl"), 2, "--target", "recording")
        # Where nothing was recorded, no file stands in the way of another try.
        self.assert_exit(self.run_tool("observe", "--target", "host=/nowhere", "--for", "1s",
                                       "--record", "none.jsonl"), 3, "/nowhere")
        self.assertFalse(os.path.exists(os.path.join(self.scratch, "none.jsonl")))

    def test_a_full_disk_ends_the_recording_and_not_the_observation(self):
        result = self.run_tool("observe", "--target", self.server.conninfo(), "--for", "1s",
                               "--record", "day.jsonl", "--progress", "none", restore_signals=False,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                                     (1000, 1000)))
        self.assert_exit(result, 0)
        self.assertIn("could not be written", " ".join(result.stdout.split()))
        result = self.run_tool("observe", "day.jsonl")
        self.assert_exit(result, 0)
        self.assertIn("the recording has no end", " ".join(result.stdout.split()))


class Rights(ObserveCase):
    def test_without_the_right_it_refuses_and_says_what_to_grant(self):
        self.assert_exit(self.observe(user="humble"), 3, '"humble" may not see',
                         'GRANT pg_read_all_stats TO "humble";')

    def test_the_right_is_enough(self):
        held = self.sessions(1, "BEGIN")
        answer = self.answer("--for", "1s", user="watcher")
        self.assertEqual(self.group(answer, held)["in_use"]["mean"]["value"], 1)
        self.assertEqual(answer["target"]["role"], "watcher")


class Scenarios(ObserveCase):
    def test_what_was_seen_becomes_a_scenario_that_simulates(self):
        self.write("load.json", tiny(
            name="load", duration="60s", load={"rate": 40},
            requests=[{"name": "work", "transaction": True, "steps": [
                {"name": "one", "sql": "SELECT count(*) FROM pg_namespace"},
                {"name": "model", "hold": "30ms"}]}],
            deployment={"pool": {"kind": "psycopg", "min_size": 8, "max_size": 8}}))
        load = self.start_tool("run", "load.json", "--target", self.server.conninfo(), "--quiet")
        until(lambda: self.query("SELECT count(*) FROM pg_stat_activity WHERE state = "
                                 "'idle in transaction' AND application_name LIKE 'poolgauge%'")
              != "0", "no load")
        result = self.observe("--for", "8s", "--scenario", "seen.json", "--json", "seen-as.json")
        load.kill()
        if "touch no table" in result.stdout + result.stderr:
            self.skipTest("the sessions were too busy to hand in their counters")
        self.assert_exit(result, 0, "is a guess", "by hold time")
        seen = self.load("seen.json")
        self.assertGreater(seen["load"]["rate"], 0)
        self.assertIn(len(seen["requests"]), (1, 2))  # this test's own psql may be one
        self.assert_exit(self.run_tool("scenario", "check", "seen.json"), 0)
        simulated = self.run_tool("simulate", "seen.json", "--json", "simulated.json")
        self.assertIn(simulated.returncode, (0, 10), simulated.stdout + simulated.stderr)
        report = self.load("simulated.json")
        self.assertAlmostEqual(report["throughput_per_s"], seen["load"]["rate"],
                               delta=0.3 * seen["load"]["rate"])
        said = self.load("seen-as.json")
        busiest = said["groups"][0]
        self.assertEqual(said["recommendation"] is None,
                         busiest["transactions_per_s"] is None or busiest["hold"] is None)
        advised = self.run_tool("advise", "seen.json", "--simulated", "--quiet")
        self.assertIn(advised.returncode, (0, 10, 12), advised.stderr)

    def test_nothing_to_write(self):
        result = self.observe("--for", "1s", "--scenario", "seen.json")
        self.assert_exit(result, 2, "--scenario", "--for")


@unittest.skipUnless(PGBOUNCER, "pgbouncer is not installed")
class Pooler(Behind):
    def test_through_a_pooler_it_says_so_and_sets_nothing(self):
        self.start_bouncer()
        result = self.run_tool("observe", "--target", self.server.conninfo(**self.place), "--for",
                               "1s", "--json", "-")
        self.assert_exit(result, 0)
        self.assert_no_secret(result)
        answer = json.loads(result.stdout)
        self.assertTrue(answer["target"]["through_pooler"])
        self.assertIn("through a pooler", " ".join(answer["limits"]))
        left = self.server.query(
            "SELECT count(*) FROM pg_settings WHERE source = 'session' AND "
            "name IN ('statement_timeout', 'lock_timeout', 'default_transaction_read_only')",
            **self.place)
        self.assertEqual(left, "0")

    def test_waiting_is_visible_at_the_console(self):
        self.start_bouncer(size=3)
        self.write("load.json", tiny(
            name="load", duration="60s", load={"users": 8},
            requests=[{"name": "work", "transaction": True, "steps": [
                {"name": "one", "sql": "SELECT pg_sleep(0.02)"}]}],
            deployment={"pool": {"kind": "psycopg", "min_size": 8, "max_size": 8}}))
        load = self.start_tool("run", "load.json", "--target", self.server.conninfo(**self.place),
                               "--quiet")
        until(lambda: self.query("SELECT count(*) FROM pg_stat_activity WHERE query LIKE "
                                 "'%pg_sleep%' AND pid <> pg_backend_pid()") != "0", "no load")
        console = self.server.conninfo(**self.place, dbname="pgbouncer")
        result = self.run_tool("observe", "--target", self.server.conninfo(), "--pgbouncer",
                               console, "--for", "5s", "--json", "a.json", "--prometheus", "a.prom",
                               "--progress", "none")
        load.kill()
        self.assert_exit(result, 0)
        self.assert_no_secret(result)
        pool = self.load("a.json")["pooler"]["pools"][0]
        self.assertEqual((pool["database"], pool["pool_size"], pool["pool_mode"]),
                         ("postgres", 3, "transaction"))
        self.assertGreater(pool["clients_waiting"]["value"], 3)
        self.assertGreater(pool["waiting_looks"]["value"], 0.5)
        self.assertGreater(pool["servers_busy"]["value"], 2)
        self.assertGreaterEqual(pool["hold_ms"], 20)
        self.assertGreater(pool["mean_wait_ms"], 10)
        self.assertIn("clients waiting", result.stdout)
        with open(os.path.join(self.scratch, "a.prom")) as file:
            self.assertIn("poolgauge_observe_pgbouncer_clients_waiting{", file.read())

    def test_a_console_that_is_none(self):
        self.start_bouncer()
        self.assert_exit(self.run_tool("observe", "--target", self.server.conninfo(), "--pgbouncer",
                                       self.server.conninfo()), 2, "--pgbouncer", "pgbouncer")
        self.assert_exit(self.run_tool("observe", "--target", self.server.conninfo(), "--pgbouncer",
                                       ""), 2, "--pgbouncer is empty")
        nowhere = "host=%s dbname=pgbouncer" % self.scratch
        self.assert_exit(self.run_tool("observe", "--target", self.server.conninfo(), "--pgbouncer",
                                       nowhere), 3, "--pgbouncer")

    def test_its_console_is_no_server(self):
        self.start_bouncer()
        target = self.server.conninfo(**self.place, dbname="pgbouncer")
        self.assert_exit(self.run_tool("observe", "--target", target), 2, "PgBouncer's console")


if __name__ == "__main__":
    unittest.main()
