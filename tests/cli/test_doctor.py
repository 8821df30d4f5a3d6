"""`doctor`: what it sees on a server of the tests' own, with faults planted and without rights."""

import json
import os
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

import postgres
from harness import SOURCE, tiny, until
from test_targets import TargetCase

LEVELS = ("stop", "warn", "note", "ok", "unknown")


def prepare(server):
    """Roles without rights and with some, and faults that lie in the catalog."""
    server.script("""
      CREATE ROLE humble LOGIN PASSWORD '{0}';
      CREATE ROLE watcher LOGIN PASSWORD '{0}';
      GRANT pg_monitor TO watcher;
      CREATE ROLE tight LOGIN PASSWORD '{0}' CONNECTION LIMIT 3;
      CREATE ROLE hasty LOGIN PASSWORD '{0}';
      ALTER ROLE hasty SET statement_timeout = '5s';
      CREATE ROLE actor LOGIN PASSWORD '{0}' CONNECTION LIMIT 3;
      GRANT humble TO actor;
      ALTER ROLE actor SET role = 'humble';
      CREATE DATABASE small CONNECTION LIMIT 2;
    """.format(postgres.PASSWORD))


class DoctorCase(TargetCase):
    @classmethod
    def setUpClass(cls):
        cls.server = postgres.shared({"log_statement": "all", "log_line_prefix": "%a|"}, prepare)

    def log(self):
        with open(os.path.join(self.server.directory, "log"), errors="replace") as file:
            return file.read()

    def doctor(self, *arguments, env=None, scenario=None, **changes):
        result = self.run_tool("doctor", *([scenario] if scenario else []), "--target",
                               self.server.conninfo(**changes), *arguments, env=env)
        self.assert_no_secret(result)
        self.assertNotIn("poolgauge: internal", result.stderr)
        return result

    def answer(self, *arguments, **changes):
        """The JSON's checks by id, and the document."""
        result = self.doctor(*arguments, "--json", "-", **changes)
        self.assertIn(result.returncode, (0, 3, 10), result.stderr)
        document = json.loads(result.stdout)
        self.assertEqual(document["verdict"]["exit_code"], result.returncode)
        return {check["id"]: check for check in document["checks"]}, document

    def level(self, check, *arguments, **changes):
        return self.answer("--only", check, *arguments, **changes)[0][check]["level"]


class Whole(DoctorCase):
    def test_as_superuser_nothing_is_unknown(self):
        checks, document = self.answer()
        self.assertEqual([c["id"] for c in checks.values() if c["level"] == "unknown"], [])
        for group in "ABCDEFG":
            self.assertTrue([name for name in checks if name[0] == group], group)
        self.assertNotIn("H1", checks)
        self.assertEqual(document["target"]["role"], "tester")
        self.assertEqual(checks["F1"]["level"], "warn")  # fsync is off
        self.assertIn("fsync", checks["F1"]["seen"])
        self.assertEqual(checks["F2"]["level"], "warn")
        self.assertIn("log_statement", checks["F2"]["cure"])
        self.assertEqual(checks["C2"]["level"], "warn")
        self.assertEqual(checks["A8"]["level"], "warn")  # it was just started
        self.assertEqual(checks["A3"]["level"], "ok")
        self.assertEqual(checks["A4"]["level"], "ok")
        self.assertEqual(checks["A5"]["level"], "ok")
        self.assertEqual(checks["B1"]["level"], "ok")
        self.assertEqual(checks["G4"]["level"], "ok")
        self.assertEqual(document["verdict"]["status"], "warning")

    def test_the_json_follows_its_schema(self):
        _, document = self.answer("--cores", "4", "--memory", "8GB", "--pool-size", "3")
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        with open(os.path.join(SOURCE, "scenarios", "doctor.schema.json")) as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator(schema).validate(document)
        counts = document["verdict"]["counts"]
        self.assertEqual(set(counts), set(LEVELS))
        self.assertEqual(sum(counts.values()), len(document["checks"]))

    def test_a_role_without_rights_hears_what_it_cannot_see(self):
        checks, document = self.answer(user="humble")
        self.assertEqual(checks["A4"]["level"], "warn")
        for name in ("B9", "D1", "D2", "D3", "D4", "D5", "D11", "F3"):
            self.assertEqual(checks[name]["level"], "unknown", name)
            self.assertEqual(checks[name]["cure"], 'GRANT pg_monitor TO "humble";')
        self.assertEqual(checks["B1"]["level"], "ok")
        shown = self.doctor(user="humble").stdout
        self.assertIn('GRANT pg_monitor TO "humble";', shown)
        self.assertRegex(shown, r"unknown +B9, D1")

    def test_a_member_of_pg_monitor_sees_everything(self):
        checks, _ = self.answer(user="watcher")
        self.assertEqual([c["id"] for c in checks.values() if c["level"] == "unknown"], [])

    def test_clients_are_counted_alike_with_and_without_rights(self):
        counts = {self.answer("--only", "B1", user=user)[0]["B1"]["figures"]["in_use"]
                  for user in ("tester", "humble", "watcher")}
        self.assertEqual(len(counts), 1, counts)

    def test_it_leaves_nothing_and_writes_nothing(self):
        written = ("SELECT sum(tup_inserted + tup_updated + tup_deleted + temp_files) "
                   "FROM pg_stat_database")
        before = self.query(written)
        self.doctor()
        until(lambda: self.query("SELECT count(*) FROM pg_stat_activity WHERE application_name "
                                 "= 'poolgauge'") == "0", "sessions of doctor are left")
        self.assertEqual(self.query(written), before)

    def test_at_most_40_queries_and_none_that_writes(self):
        before = len(self.log())
        self.write("tiny.json", tiny(deadline="5s"))
        self.doctor("--cores", "64", scenario="tiny.json")
        entries = re.split(r"(?m)^(?=[^|\n]*\|[A-Z]+:  )", self.log()[before:])
        # Without the empty ones, which measure the round trip.
        statements = [entry for entry in entries
                      if re.match(r"poolgauge\|LOG:  (statement|execute[^:]*):\s*\S", entry)]
        self.assertGreater(len(statements), 15)
        self.assertLessEqual(len(statements), 40, "\n".join(statements))
        for statement in statements:
            self.assertNotRegex(statement,
                                r"(?m)(^|: |; )(INSERT|UPDATE|DELETE|CREATE|TRUNCATE|DROP|ALTER) ")

    def test_the_queries_of_every_check_are_printed(self):
        printed = self.run_tool("doctor", "--sql").stdout
        self.assertIn("SET LOCAL statement_timeout = '3s'", printed)
        for name in ("A2", "B1", "C1", "D1", "E5", "F10", "G3", "I2", "I3", "I4", "I5"):
            self.assertIn("-- %s: PostgreSQL" % name, printed)
        some = self.run_tool("doctor", "--sql", "--only", "I4", "--only", "H1").stdout
        self.assertIn("FROM pg_catalog.pg_stat_activity", some)
        self.assertRegex(some, r"(?m)^-- H1: reads SHOW VERSION")
        self.assertNotIn("-- B1", some)


class Faults(DoctorCase):
    def session(self, sql):
        """A psql that ran this and stays."""
        process = self.server.session(sql)
        self.addCleanup(self._end, process)
        return process

    def test_sessions_idle_in_a_transaction_and_waiting_for_a_lock(self):
        self.query("CREATE TABLE IF NOT EXISTS held (x int)")
        self.session("BEGIN; LOCK TABLE held;")
        until(lambda: self.query("SELECT count(*) FROM pg_locks WHERE relation = 'held'::regclass")
              != "0", "nobody holds the lock")
        self.session("SELECT * FROM held;")
        until(lambda: self.level("D4") == "warn", "nobody waits")
        until(lambda: self.level("D3") == "warn", "nobody is idle in a transaction")
        checks, _ = self.answer("--only", "D3", "--only", "D4")
        self.assertIn("1 session idle in a transaction", checks["D3"]["seen"])
        self.assertIn("psql", checks["D3"]["seen"])
        self.assertRegex(checks["D4"]["seen"], r"behind pid \d+")
        # A role without rights knows nothing of it, and does not say that all is well.
        hidden, _ = self.answer("--only", "D3", "--only", "D4", user="humble")
        self.assertEqual({check["level"] for check in hidden.values()}, {"unknown"})

    def test_pools_that_do_not_fit(self):
        result = self.doctor("--pool-size", "20", "--max-overflow", "40", "--processes", "2")
        self.assert_exit(result, 3)
        self.assertIn("unhealthy", result.stdout.splitlines()[0])
        self.assertRegex(result.stdout, r"stop +B4 .*120")
        self.assertEqual(self.level("B4", "--pool-size", "2"), "ok")
        self.assertEqual(self.level("B4", "--pool-size", "2", "--instances", "13"), "warn")
        self.assertEqual(self.level("B4", "--pool-size", "2", "--instances", "13",
                                    "--surge", "0"), "ok")

    def test_limits_of_role_and_database(self):
        self.assertEqual(self.level("B2", user="tight"), "ok")
        self.assertEqual(self.level("B2", "--pool-size", "3", user="tight"), "warn")
        checks, _ = self.answer("--only", "B2", "--pool-size", "5", user="tight")
        self.assertEqual(checks["B2"]["level"], "stop")
        self.assertRegex(checks["B2"]["cure"], r'^ALTER ROLE "tight" CONNECTION LIMIT \d+;$')
        self.assertEqual(self.level("B3", "--pool-size", "5", user="humble", dbname="small"),
                         "stop")
        # The limit is that of the role which logs in, whatever role it takes then.
        self.assertEqual(self.level("B2", "--pool-size", "5", user="actor"), "stop")
        # No limit binds a superuser.
        self.assertEqual(self.level("B3", "--pool-size", "5", dbname="small"), "ok")

    def test_timeouts_of_a_role(self):
        checks, _ = self.answer("--only", "C", user="hasty")
        self.assertEqual(checks["C0"]["level"], "warn")
        self.assertIn("statement_timeout = 5s", checks["C0"]["seen"])
        # Its own limit of 3 s is not taken for the server's.
        self.assertEqual(checks["C1"]["figures"]["statement_timeout_s"], "5")
        self.assertEqual(self.level("C1"), "warn")

    def test_a_scenario_is_held_against_the_server(self):
        scenario = tiny(requests=[{"name": "ask", "transaction": True, "steps": [
            {"name": "one", "sql": "INSERT INTO t VALUES (1)"},
            {"name": "wait", "hold": "10s"}]}], deadline="30s")
        self.write("tiny.json", scenario)
        env = {"PGOPTIONS": "-c idle_in_transaction_session_timeout=1s "
                            "-c default_transaction_read_only=on"}
        checks, document = self.answer(scenario="tiny.json", env=env)
        self.assertEqual(checks["C2"]["level"], "stop")
        self.assertEqual(checks["A5"]["level"], "stop")
        self.assertEqual(checks["B4"]["figures"]["needed"], "2")
        self.assertEqual(document["verdict"]["exit_code"], 3)
        more, _ = self.answer("--pool-size", "9", scenario="tiny.json")
        self.assertEqual(more["B4"]["figures"]["needed"], "9")

    def test_the_scenario_itself(self):
        self.query("CREATE SCHEMA mine; CREATE TABLE mine.t (i int); "
                   "CREATE TABLE mine.bare (i int); INSERT INTO mine.bare VALUES (1); "
                   "GRANT USAGE ON SCHEMA mine TO watcher; "
                   "GRANT SELECT ON mine.t, mine.bare TO watcher; ANALYZE mine.t")
        self.addCleanup(self.query, "SET client_min_messages = error; DROP SCHEMA mine CASCADE")
        others = "FROM pg_stat_activity WHERE datid IS NOT NULL AND pid <> pg_backend_pid()"
        self.query("SELECT pg_terminate_backend(pid) " + others)  # of killed clients
        until(lambda: self.query("SELECT count(*) " + others) == "0", "somebody else is there")

        def scenario(*statements, **changes):
            steps = [{"name": "s%d" % i, "sql": sql} for i, sql in enumerate(statements)]
            self.write("tiny.json", tiny(requests=[{"name": "ask", "steps": steps}], **changes))
            checks, _ = self.answer("--only", "I", scenario="tiny.json", user="watcher")
            return {name: check["level"] for name, check in checks.items()}, checks

        levels, _ = scenario("SELECT i FROM mine.t WHERE i = 1")
        self.assertEqual(levels, {"I1": "ok", "I2": "ok", "I4": "ok", "I5": "ok"})
        levels, checks = scenario("SELECT nope FROM mine.t", "UPDATE mine.t SET i = 1",
                                  "TRUNCATE mine.t", "SELECT * FROM mine.bare")
        self.assertEqual(levels, {"I1": "stop", "I2": "stop", "I4": "ok", "I5": "warn"})
        self.assertIn('request "ask" step "s0": column "nope" does not exist', checks["I1"]["seen"])
        self.assertIn("permission denied for table t (and 1 more)", checks["I2"]["seen"])
        self.assertEqual(checks["I5"]["cure"], "ANALYZE mine.bare;")
        self.write("drop.sql", "DROP TABLE mine.t;\nCREATE TABLE mine.u (i int);\n")
        levels, checks = scenario("SELECT i FROM mine.u", data={"setup": ["drop.sql"]})
        self.assertEqual((levels["I1"], levels["I2"], levels["I3"]), ("unknown", "unknown", "stop"))
        self.assertIn("drop.sql:1: would drop table mine.t", checks["I3"]["seen"])
        checks, _ = self.answer("--only", "I3", "--allow-setup", scenario="tiny.json")
        self.assertEqual(checks["I3"]["level"], "note")
        self.assertEqual(self.query("SELECT count(*) FROM mine.t"), "0")  # nothing was executed
        self.session("SELECT 1;")
        until(lambda: self.query("SELECT count(*) %s AND query <> ''" % others) != "0", "nobody")
        checks, _ = self.answer("--only", "I4", scenario="tiny.json", user="watcher")
        self.assertEqual(checks["I4"]["level"], "stop")
        self.assertIn("of other users within the last minute", checks["I4"]["seen"])
        checks, _ = self.answer("--only", "I4", "--shared", scenario="tiny.json", user="watcher")
        self.assertEqual(checks["I4"]["level"], "note")

    def test_strict_makes_a_warning_a_status(self):
        self.assert_exit(self.doctor("--only", "F1"), 0)
        result = self.doctor("--only", "F1", "--strict", "--quiet")
        self.assert_exit(result, 10, "poolgauge: 1 warning")
        self.assertEqual(result.stdout, "")
        self.assert_exit(self.doctor("--only", "A3", "--strict"), 0)


class Words(DoctorCase):
    def test_the_verdict_comes_first_and_good_groups_take_a_line(self):
        result = self.doctor("--skip", "D", "--skip", "G")
        self.assert_exit(result, 0)
        lines = result.stdout.splitlines()
        self.assertRegex(lines[0], r"^! \d+ warnings, \d+ notes?; \d+ checks are fine")
        self.assertRegex(lines[1], r"^  PostgreSQL \d+\.\d+ at .* as tester$")
        self.assertRegex(result.stdout, r"(?m)^✓  B  available slots: \d+ checks, all fine$")
        self.assertNotIn("G  network path", result.stdout)
        self.assertTrue(all(len(line) <= 80 for line in lines), lines)

    def test_only_and_skip(self):
        self.assertEqual(list(self.answer("--only", "B1")[0]), ["B1"])
        checks, _ = self.answer("--only", "F", "--skip", "F2", "--skip", "F10")
        self.assertNotIn("F2", checks)
        self.assertIn("F1", checks)
        self.assertEqual({name[0] for name in checks}, {"F"})

    def test_each_form(self):
        result = self.doctor("--only", "F", "--markdown", "a.md", "--junit", "a.xml",
                             "--json", "a.json")
        self.assert_exit(result, 0)
        with open(os.path.join(self.scratch, "a.md")) as file:
            self.assertRegex(file.read(), r"^\*\*\d+ warnings")
        suite = xml.etree.ElementTree.parse(os.path.join(self.scratch, "a.xml")).getroot()[0]
        checks = self.load("a.json")["checks"]
        self.assertEqual(int(suite.get("tests")), len(checks))
        self.assertEqual(len(suite.findall("testcase")), len(checks))
        if shutil.which("xmllint"):
            subprocess.run(["xmllint", "--noout", "--schema",
                            os.path.join(SOURCE, "tests", "cli", "junit.xsd"), "a.xml"],
                           cwd=self.scratch, check=True, stderr=subprocess.DEVNULL)
        query = next(check for check in checks if check["id"] == "F1")["queries"][0]
        self.assertEqual(query["id"], "F1")
        self.assertTrue(query["sql"].startswith("SELECT name, reset_val"))

    def test_the_printed_queries_run_for_everybody(self):
        result = self.run_tool("doctor", "--sql")
        self.assert_exit(result, 0)
        version = int(self.query("SHOW server_version_num")) // 10000
        blocks = re.findall(r"(?ms)^-- (\S+): PostgreSQL (\d+)(?: to (\d+)| or later)[^\n]*\n(.*?)"
                            r"(?=^-- |\Z)", result.stdout)
        self.assertGreater(len(blocks), 30)
        for name, first, last, sql in blocks:
            if not int(first) <= version <= int(last or 99) or name == "A7b":
                continue
            for user in ("tester", "humble"):
                ran = subprocess.run(
                    **self.server.psql("-v", "ON_ERROR_STOP=1", "-c", sql, user=user),
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                self.assertEqual(ran.returncode, 0, name + " as " + user + ": " + ran.stderr)


class Health(DoctorCase):
    def health(self, *arguments, status=0, **changes):
        result = self.doctor("--format", "health", *arguments, **changes)
        self.assertEqual(result.returncode, status, result.stderr)
        return json.loads(result.stdout)

    def test_ping_is_one_round_trip(self):
        result = self.doctor(scenario="ping")
        self.assert_exit(result, 0)
        self.assertRegex(result.stdout, r"^\S+: round trip [\d.]+ \S+, connect [\d.]+ \S+\n$")
        result = self.run_tool("doctor", "ping", "--target", "host=127.0.0.1 port=1")
        self.assert_exit(result, 3, "127.0.0.1:1")

    def test_health_of_a_pool_seen_from_the_server(self):
        self.addCleanup(self._end, self.server.session("BEGIN;", "web"))
        until(lambda: self.query("SELECT state FROM pg_stat_activity WHERE application_name = "
                                 "'web'") == "idle in transaction", "the application")
        health = self.health("--application-name", "web", "--pool-size", "20",
                             "--max-overflow", "5", "--processes", "4")
        self.assertEqual(health["status"], "healthy")
        self.assertTrue(health["database"]["connected"])
        pool = health["pool"]
        self.assertEqual([pool[key] for key in ("size", "checked_in", "checked_out", "overflow",
                                                "capacity", "utilization")],
                         [80, 0, 1, 0, 100, 0.01])
        self.assertEqual(pool["alerts"], {"warning_at": 0.87, "critical_at": 0.9,
                                          "usual_warning_at": 0.8, "usual_critical_at": 0.9})
        small = self.health("--application-name", "web", "--pool-size", "1", status=3)
        self.assertEqual(small["status"], "unhealthy")

    def test_health_of_a_server_that_is_not_there(self):
        result = self.run_tool("doctor", "--format", "health", "--target",
                               "host=127.0.0.1 port=1")
        self.assertEqual(result.returncode, 3)
        health = json.loads(result.stdout)
        self.assertEqual((health["status"], health["database"]["connected"]),
                         ("unhealthy", False))
        self.assertIn("127.0.0.1", health["database"]["error"])

    def test_states_that_are_hidden_are_no_zeros(self):
        health = self.health("--application-name", "psql-of-somebody", user="humble")
        self.assertEqual(health["pool"]["checked_out"], 0)  # nobody has that name
        self.assertIsNone(health["pool"]["utilization"])

    def test_watching_ends_with_a_stop_request(self):
        process = self.start_tool("doctor", "--target", self.server.conninfo(), "--only", "B1",
                                  "--watch", "1s")
        self.wait_for_line(process, "T")
        self.wait_for_line(process, "T")
        status, out, _ = self.interrupt(process)
        self.assertEqual(status, 0)
        self.assertGreaterEqual(out.count("healthy: 0 warnings"), 2)


if __name__ == "__main__":
    unittest.main()
