"""Nothing by accident on a server that is not the program's own: writes, setup, shared servers."""

import signal
import unittest

import harness
import postgres
from harness import PATIENCE, Case, in_terminal, sql_scenario, tiny, until


class Given(Case):
    consents = False

    @classmethod
    def setUpClass(cls):
        cls.server = postgres.shared()

    def setUp(self):
        super().setUp()
        self.write("tiny.json", tiny())
        self.addCleanup(self.psql, "DROP TABLE IF EXISTS made, theirs; DROP SEQUENCE IF EXISTS s")

    def psql(self, sql, database="postgres", user="tester"):
        return self.server.query(sql, check=False, dbname=database, user=user)

    def hold_session(self, sql, user="app", application="neighbor"):
        """Another user's session that runs this, up to its end."""
        process = self.server.session(sql, application, user=user)
        self.addCleanup(self.end_sessions, user)
        self.addCleanup(self._end, process)
        count = ("SELECT count(*) FROM pg_stat_activity WHERE application_name = '%s' "
                 "AND query <> ''" % application)
        until(lambda: self.psql(count) != "0", "the neighbor", every=0.1)
        return process

    def end_sessions(self, user):
        """A killed client's statement would run on, and be somebody else's in the next test."""
        theirs = "FROM pg_stat_activity WHERE usename = '%s'" % user
        self.psql("SELECT pg_terminate_backend(pid) " + theirs)
        until(lambda: self.psql("SELECT count(*) " + theirs) == "0", "the neighbors' end",
              every=0.1)

    def neighbor_role(self):
        self.psql("CREATE ROLE app LOGIN PASSWORD '%s'" % postgres.PASSWORD)

    def run_on(self, *arguments, scenario="tiny.json", **more):
        return self.run_tool("run", scenario, "--target", self.server.conninfo(), "--progress",
                             "none", *arguments, **more)


class Writes(Given):
    def test_reading_needs_no_permission_and_runs_read_only(self):
        self.write("show.json", sql_scenario("SHOW transaction_read_only"))
        self.assert_exit(self.run_on(scenario="show.json"), 0)
        # The server itself refuses what a scenario reads only by mistake.
        self.psql("CREATE TABLE made (i int); CREATE VIEW v AS SELECT 1 AS i; CREATE FUNCTION "
                  "public.abs(text) RETURNS int LANGUAGE sql AS $$INSERT INTO made VALUES (1) "
                  "RETURNING i$$")
        self.addCleanup(self.psql, "DROP FUNCTION public.abs(text); DROP VIEW v")
        self.write("sly.json", sql_scenario("SELECT abs('x'::text)", slo=[]))
        report = self.report_of(self.run_on(scenario="sly.json"))
        self.assertEqual({each["sqlstate"] for each in report["failures"]}, {"25006"})
        self.assertEqual(self.psql("SELECT count(*) FROM made"), "0")

    def test_a_transaction_that_only_reads_begins_read_only(self):
        read_only = "current_setting('transaction_read_only')::boolean::int"
        scenario = sql_scenario("SELECT 1 / " + read_only)
        scenario["requests"][0]["transaction"] = True
        self.write("read.json", scenario)
        self.assert_exit(self.run_on("--allow-writes", scenario="read.json"), 0)

    def test_a_misspelled_statement_is_no_question_of_permission(self):
        self.write("w.json", sql_scenario("SELEC 1"))
        self.assert_exit(self.run_on(scenario="w.json"), 3, "a misspelled statement",
                         "did you mean SELECT?", "correct it")

    def test_what_may_write_is_refused_by_name(self):
        for sql, why in (("INSERT INTO made VALUES (1)", "INSERT"),
                         ("SELECT nextval('s')", "nextval()"),
                         ("WITH x AS (DELETE FROM made RETURNING i) SELECT i FROM x", "DELETE"),
                         ("SELECT 1 FOR UPDATE", "FOR UPDATE")):
            with self.subTest(sql):
                self.write("w.json", sql_scenario(sql))
                result = self.run_on(scenario="w.json")
                self.assert_exit(result, 3, 'request "ask" step "one": ' + (
                    "SELECT … FOR UPDATE" if "FOR" in why else why), "--allow-writes")
        self.assertEqual(self.reports(), [])

    def test_it_is_refused_before_anything_is_connected(self):
        self.write("w.json", sql_scenario("DELETE FROM made"))
        result = self.run_tool("run", "w.json", "--target", "host=127.0.0.1 port=1")
        self.assert_exit(result, 3, "--allow-writes")

    def test_allowed(self):
        self.psql("CREATE TABLE made (i int)")
        self.write("w.json", sql_scenario("INSERT INTO made VALUES (1)"))
        self.assert_exit(self.run_on("--allow-writes", scenario="w.json"), 0)
        self.assertNotEqual(self.psql("SELECT count(*) FROM made"), "0")

    def test_the_embedded_server_needs_no_permission(self):
        self.write("w.json", sql_scenario("SELECT nextval('s')", data={"setup": ["s.sql"]}))
        self.write("s.sql", "DROP SEQUENCE IF EXISTS s; CREATE SEQUENCE s")
        self.assert_exit(self.run_tool("run", "w.json", "--embedded", "--progress", "none"), 0)


class Setup(Given):
    def scenario(self, setup, teardown=None):
        self.write("setup.sql", setup)
        data = {"setup": ["setup.sql"]}
        if teardown:
            self.write("teardown.sql", teardown)
            data["teardown"] = ["teardown.sql"]
        self.write("d.json", tiny(data=data))

    def test_setup_counts_as_writing(self):
        self.scenario("CREATE TABLE made (i int)")
        self.assert_exit(self.run_on(scenario="d.json"), 3, "data.setup", "--allow-writes")

    def test_what_is_there_already_is_not_dropped(self):
        self.psql("CREATE TABLE theirs (i int)")
        self.scenario("SELECT 1;\nDROP TABLE IF EXISTS theirs;")
        result = self.run_on("--allow-writes", scenario="d.json")
        self.assert_exit(result, 3, "setup.sql:2: would drop table theirs", "--allow-setup")
        self.assertEqual(self.psql("SELECT count(*) FROM theirs"), "0")
        self.scenario("SELECT 1", teardown="DROP TABLE theirs")
        self.assert_exit(self.run_on("--allow-writes", scenario="d.json"), 3, "teardown.sql:1")
        self.assertEqual(self.psql("SELECT to_regclass('theirs')"), "theirs")
        self.assert_exit(self.run_on("--allow-writes", "--allow-setup", scenario="d.json"), 0)
        self.assertEqual(self.psql("SELECT to_regclass('theirs')"), "")

    def test_what_a_run_made_may_be_replaced_by_the_next(self):
        self.scenario("DROP TABLE IF EXISTS made; CREATE TABLE made (i int)")
        self.assert_exit(self.run_on("--allow-writes", scenario="d.json"), 0)
        self.assertIn("poolgauge", self.psql("SELECT obj_description('made'::regclass)"))
        self.assert_exit(self.run_on("--allow-writes", scenario="d.json"), 0)

    def test_a_block_whose_effects_cannot_be_told(self):
        self.scenario("DO $$ BEGIN END $$")
        self.assert_exit(self.run_on("--allow-writes", scenario="d.json"), 3, "DO block")


class Meant(Given):
    def variables(self, **more):
        return {"PGHOST": self.server.directory, "PGUSER": "tester", "PGDATABASE": "postgres",
                "PGPASSWORD": postgres.PASSWORD, **more}

    def test_a_target_of_the_environment_is_named_first(self):
        result = self.run_tool("run", "tiny.json", "--progress", "none", env=self.variables())
        self.assert_exit(result, 0)
        first = result.stderr.splitlines()[0]
        self.assertIn("target: " + self.server.directory, first)
        self.assertIn("PG* variables", first)

    def ask(self, typed, *arguments):
        return in_terminal(
            [harness.PROGRAM, "run", "tiny.json", "--progress", "none", *arguments], self.scratch,
            typed, self.environment(self.variables(PGHOST="db.invalid", PGCONNECT_TIMEOUT="2")),
            "\0", ready=lambda new, sent: "(y/n)" in new)

    def test_one_that_is_not_on_this_machine_is_asked_for(self):
        self.assertIn("was not confirmed", self.ask(["n\n"]))
        self.assertNotIn("was not confirmed", self.ask(["y\n"]))
        self.assertNotIn("(y/n)", self.ask([], "--yes"))
        self.assertNotIn("(y/n)", self.ask([], "--target", "host=db.invalid connect_timeout=2"))


class Shared(Given):
    def setUp(self):
        super().setUp()
        self.neighbor_role()

    def test_a_busy_neighbor(self):
        self.hold_session("SELECT pg_sleep(60);")
        result = self.run_on()
        self.assert_exit(result, 3, "seems to be in use by others",
                         "1 active session of other users", "--shared")
        self.assertEqual(self.reports(), [])

    def test_a_database_that_is_named_like_production(self):
        self.psql("CREATE DATABASE shop_production")
        self.addCleanup(self.psql, "DROP DATABASE shop_production")
        result = self.run_tool("run", "tiny.json", "--target",
                               self.server.conninfo(dbname="shop_production"))
        self.assert_exit(result, 3, 'the database is named "shop_production"')

    def test_with_shared_half_of_the_slots_stay_free(self):
        self.hold_session("SELECT pg_sleep(100);")
        wide = {"pool": {"kind": "sqlalchemy-async", "pool_size": 14, "max_overflow": 0}}
        self.write("wide.json", tiny(deployment=wide, load={"users": 20}))
        result = self.run_on("--shared", "--ramp", "200ms", scenario="wide.json")
        self.assert_exit(result, 3, "--shared allows only 13",
                         "half of the 26 free slots", "--budget")
        result = self.run_on("--shared", "--ramp", "200ms", "--budget", "14",
                             scenario="wide.json")
        self.assert_exit(result, 0)
        report = self.report_of(result)
        self.assertEqual([rule["guard"] for rule in report["guards"]["rules"]],
                         ["free_slots>=5", "others_blocked_s<=2"])
        self.assertGreater(report["guards"]["looks"], 0)
        self.assertGreater(report["window"]["warmup_s"], 0.15)


class Rights(Given):
    def test_a_missing_permission_is_found_before_the_load(self):
        self.neighbor_role()
        self.psql("CREATE TABLE theirs (i int); GRANT SELECT ON theirs TO app")
        target = self.server.conninfo(user="app")
        self.write("w.json", sql_scenario("INSERT INTO theirs VALUES (:n)",
                                           variables={"n": {"uniform": [1, 9]}}))
        result = self.run_tool("run", "w.json", "--target", target, "--allow-writes")
        self.assert_exit(result, 3, 'request "ask" step "one": permission denied for table theirs',
                         "grant the role")
        self.assertEqual(self.reports(), [])
        self.assertEqual(self.psql("SELECT count(*) FROM theirs"), "0")
        self.write("r.json", sql_scenario("SELECT i FROM theirs WHERE i = :n",
                                           variables={"n": {"uniform": [1, 9]}}))
        self.assert_exit(self.run_tool("run", "r.json", "--target", target, "--progress", "none"),
                         0)


class FitsTheServer(Given):
    def test_a_timeout_that_is_shorter_than_a_hold(self):
        self.neighbor_role()
        self.psql("ALTER ROLE app SET idle_in_transaction_session_timeout = '50ms'")
        self.addCleanup(self.psql, "ALTER ROLE app RESET ALL")
        scenario = sql_scenario("SELECT 1")
        scenario["requests"][0]["transaction"] = True
        scenario["requests"][0]["steps"].append({"name": "model", "hold": "200ms"})
        self.write("h.json", scenario)
        result = self.run_tool("run", "h.json", "--target", self.server.conninfo(user="app"))
        self.assert_exit(result, 3, "C2 idle_in_transaction_session_timeout", "longest hold",
                         'ALTER ROLE "app" SET idle_in_transaction_session_timeout')


class LeftBehind(Given):
    def test_sessions_end_after_a_kill(self):
        self.write("long.json", sql_scenario("SELECT pg_sleep(200)", duration="100s"))
        process = self.start_tool("run", "long.json", "--target", self.server.conninfo(),
                                  "--guard", "free_slots>=1", "--progress", "none")
        ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'poolgauge%'"
        load = ours + " AND query LIKE 'SELECT pg_sleep%' AND state = 'active'"
        until(lambda: self.psql(load) == "2", "the load")
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)
        # Statements of 200 s: what ends their sessions is that the server looks after its clients.
        until(lambda: self.psql(ours) == "0", "the server lets go of the dead client's sessions",
              60)


if __name__ == "__main__":
    unittest.main()
