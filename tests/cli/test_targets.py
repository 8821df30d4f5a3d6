"""Runs against a server of the tests' own: what refuses, what fails halfway, what stays secret."""

import json
import os
import re
import socket

import postgres
from harness import SOURCE, Case, tiny


class TargetCase(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = postgres.shared()

    def setUp(self):
        super().setUp()
        self.write("tiny.json", tiny())

    def query(self, sql):
        return self.server.query(sql)

    def run_on(self, *arguments, scenario="tiny.json", env=None, **changes):
        result = self.run_tool("run", scenario, "--target", self.server.conninfo(**changes),
                               *arguments, env=env)
        self.assert_no_secret(result)
        return result

    def assert_no_secret(self, result, secret=postgres.PASSWORD):
        self.assertNotIn(secret, result.stdout + result.stderr)
        for name in self.reports():
            with open(name) as file:
                self.assertNotIn(secret, file.read())


class Targets(TargetCase):
    def test_a_run_on_a_target(self):
        result = self.run_on()
        self.assert_exit(result, 0)
        report = self.only_report()
        self.assertEqual(report["target"]["kind"], "server")
        self.assertEqual(report["target"]["max_connections"], postgres.MAX_CONNECTIONS)

    def test_target_from_the_environment(self):
        uri = "postgresql://tester:%s@/postgres?host=%s" % (
            postgres.PASSWORD, self.server.directory)
        result = self.run_tool("run", "tiny.json", "--quiet", env={"POOLGAUGE_TARGET": uri})
        self.assert_exit(result, 0)
        self.assert_no_secret(result)
        result = self.run_tool("run", "tiny.json", "--quiet", env={
            "PGHOST": self.server.directory, "PGUSER": "tester",
            "PGDATABASE": "postgres", "PGPASSWORD": postgres.PASSWORD})
        self.assert_exit(result, 0)
        self.assert_no_secret(result)
        kinds = set()
        for name in self.reports():
            if name.endswith(".json"):
                with open(name) as file:
                    kinds.add(json.load(file)["target"]["kind"])
        self.assertEqual(kinds, {"server"})

    def test_embedded_and_target(self):
        result = self.run_on("--embedded")
        self.assert_exit(result, 2, "cannot be used together")

    def test_wrong_password(self):
        result = self.run_on(password="Wrong-Horse-77")
        self.assert_exit(result, 3, "password")
        self.assert_no_secret(result, "Wrong-Horse-77")
        uri = "postgresql://tester:Wrong-Horse-77@/postgres?host=" + self.server.directory
        result = self.run_tool("run", "tiny.json", "--target", uri)
        self.assert_exit(result, 3, "password")
        self.assert_no_secret(result, "Wrong-Horse-77")
        result = self.run_on(password="", env={"PGPASSWORD": "Wrong-Horse-77"})
        self.assert_exit(result, 3)
        self.assert_no_secret(result, "Wrong-Horse-77")

    def test_missing_database_and_role(self):
        self.assert_exit(self.run_on(dbname="nonesuch"), 3, "nonesuch")
        self.assertEqual(self.run_on(user="nobody_here").returncode, 3)

    def test_nobody_listens(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            port = holder.getsockname()[1]
            result = self.run_tool("run", "tiny.json", "--target",
                                   "postgresql://a:hunter2@127.0.0.1:%d/b" % port)
        self.assert_exit(result, 3, "127.0.0.1:%d" % port)
        self.assertNotIn("hunter2", result.stderr)
        result = self.run_tool("run", "tiny.json", "--target", "host=/no/such/directory")
        self.assert_exit(result, 3, "/no/such/directory")
        self.assertEqual(self.reports(), [])

    def test_a_conninfo_that_cannot_be_read(self):
        result = self.run_tool("run", "tiny.json", "--target", "hots=here password=hunter2")
        self.assertIn(result.returncode, (2, 3), result.stderr)
        self.assertNotIn("hunter2", result.stderr)

    def test_the_documented_rights_are_enough_and_needed(self):
        with open(os.path.join(SOURCE, "docs", "targets.md"), encoding="utf-8") as file:
            rights = re.search(r"```sql\n(CREATE ROLE loadtest.*?)```", file.read(), re.S).group(1)
        self.query("CREATE TABLE cli_rights (x serial PRIMARY KEY)")
        self.query(rights.replace("DATABASE shop", "DATABASE postgres") +
                   "ALTER ROLE loadtest PASSWORD '%s'" % postgres.PASSWORD)
        self.addCleanup(self.query, "DROP OWNED BY loadtest; DROP ROLE loadtest;"
                                    "DROP TABLE cli_rights")
        self.write("tiny.json", tiny(requests=[{"name": "ask", "transaction": True, "steps": [
            {"name": "write", "sql": "INSERT INTO cli_rights DEFAULT VALUES"},
            {"name": "read", "sql": "SELECT count(*) FROM cli_rights"}]}]))
        self.assert_exit(self.run_on(user="loadtest"), 0)
        report = self.only_report()
        self.assertGreater(report["server"]["samples"], 0)
        self.assertNotIn("pg_read_all_stats", json.dumps(report))
        self.assertIn("shared_preload_libraries", report["server"]["settings"])
        self.query("REVOKE pg_monitor FROM loadtest; REVOKE ALL ON cli_rights FROM loadtest")
        refused = self.run_on("--json", "less.json", user="loadtest")
        self.assertIn("permission denied for table cli_rights", refused.stdout + refused.stderr)

    def test_too_few_slots(self):
        result = self.run_on("--users", "100", "--pool-size", "20", "--max-overflow", "40",
                             "--processes", "2")
        self.assert_exit(result, 3, "120", "max_connections 30", "3 reserved")


class SetupFiles(TargetCase):
    def scenario(self, setup, teardown=None, sql="SELECT 1"):
        self.write("setup.sql", setup)
        data = {"setup": ["setup.sql"]}
        if teardown is not None:
            self.write("teardown.sql", teardown)
            data["teardown"] = ["teardown.sql"]
        self.write("tiny.json", tiny(
            data=data, requests=[{"name": "ask", "steps": [{"name": "one", "sql": sql}]}]))

    def tables(self):
        return self.query("SELECT string_agg(relname, ' ') FROM pg_class "
                          "WHERE relname LIKE 'cli_%' AND relkind = 'r'")

    def test_setup_and_teardown_enclose_the_run(self):
        self.scenario("CREATE TABLE cli_a (x int);\nINSERT INTO cli_a VALUES (1);",
                      "DROP TABLE cli_a;", "SELECT x FROM cli_a")
        self.assert_exit(self.run_on("--quiet"), 0)
        self.assertEqual(self.tables(), "")

    def test_setup_that_fails_halfway(self):
        self.scenario("CREATE TABLE cli_b (x int);\nINSERT INTO cli_b VALUES ('no number');",
                      "DROP TABLE IF EXISTS cli_b;")
        result = self.run_on()
        self.assert_exit(result, 2, "setup.sql:2", "statement 2 of 2", "no number")
        self.assertEqual(self.tables(), "")
        self.assertEqual(self.reports(), [])

    def test_teardown_follows_sql_that_does_not_prepare(self):
        self.scenario("CREATE TABLE cli_c (x int);", "DROP TABLE cli_c;", "SELECT y FROM cli_c")
        self.assert_exit(self.run_on(), 2, '"one"', "y")
        self.assertEqual(self.tables(), "")

    def test_a_setup_file_that_is_missing(self):
        self.write("tiny.json", tiny(data={"setup": ["none.sql"]}))
        self.assert_exit(self.run_on(), 2, "none.sql", "/data/setup/0")
