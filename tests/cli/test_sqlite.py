"""Scenarios on SQLite: throwaway files, files of the user's, and what is refused."""

import os
import sqlite3
import unittest

from harness import Case

SETUP = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER);\nINSERT INTO t (n) VALUES (1);\n"
READ = {"name": "read", "sql": "SELECT count(*) FROM t"}
WRITE = {"name": "write", "sql": "INSERT INTO t (n) VALUES (:n)"}
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


class OnSqlite(Case):
    consents = False

    def scenario(self, *steps, transaction=True, **changes):
        self.write("setup.sql", SETUP)
        scenario = {
            "version": 1, "name": "lite",
            "server": {"kind": "sqlite", "pragmas": {"journal_mode": "wal", "synchronous": "off"}},
            "data": {"setup": ["setup.sql"]},
            "variables": {"n": {"uniform": [1, 9]}},
            "requests": [{"name": "ask", "transaction": transaction,
                          "steps": list(steps or (READ,))}],
            "load": {"users": 3, "think": "2ms"}, "warmup": "0s", "duration": "500ms",
            "deployment": {"pool": {"kind": "sqlalchemy", "pool_size": 3, "max_overflow": 0}}}
        scenario.update(changes)
        self.write("lite.json", scenario)

    def database(self, name="dev.db"):
        path = os.path.join(self.scratch, name)
        with sqlite3.connect(path) as connection:
            connection.executescript(SETUP)
        return path

    def rows(self, path):
        with sqlite3.connect(path) as connection:
            return connection.execute("SELECT count(*) FROM t").fetchone()[0]

    def test_a_throwaway_file(self):
        self.scenario(WRITE)
        self.assert_exit(self.run_tool("run", "lite.json"), 0)
        report = self.only_report()
        self.assertEqual(report["target"]["kind"], "sqlite")
        self.assertEqual(report["target"]["server_version"], sqlite3.sqlite_version)
        self.assertGreater(report["requests"]["completed"], 0)
        self.assertEqual(report["failures"], [])
        self.assertGreater(report["server"]["database"]["cache_hits"], 0)
        self.assertGreater(report["server"]["database"]["wal_bytes_max"], 0)
        self.assert_nothing_left()
        again = self.run_tool("report", self.reports()[0], "--markdown", "-")
        self.assertIn("SQLite " + sqlite3.sqlite_version, again.stdout)
        self.assert_exit(self.run_tool("simulate", self.reports()[0], "--json", "again.json"), 0)
        self.assertGreater(self.load("again.json")["requests"]["completed"], 0)
        self.assert_exit(self.run_tool("simulate", "lite.json", "--calibrate", "--json", "-"), 0)
        self.assert_exit(self.run_tool("gate", self.reports()[0]), 0)

    def test_a_file_is_written_to_only_where_that_is_allowed(self):
        self.scenario(WRITE, data={})
        path = self.database()
        self.assert_exit(self.run_tool("run", "lite.json", "--target", "sqlite:///dev.db"), 3,
                         "--allow-writes")
        self.assertEqual(self.rows(path), 1)
        result = self.run_tool("run", "lite.json", "--allow-writes",
                               env={"DATABASE_URL": "sqlite:///dev.db"})
        self.assert_exit(result, 0)
        report = self.only_report()
        self.assertEqual(report["target"]["address"], "sqlite:///dev.db")
        self.assertEqual(report["target"]["named_by"], "DATABASE_URL")
        self.assertGreaterEqual(self.rows(path), 1 + report["requests"]["completed"])

    def test_a_setup_needs_leave_where_there_are_tables(self):
        self.scenario()
        self.database()
        run = ("run", "lite.json", "--target", "sqlite:///dev.db", "--allow-writes")
        self.assert_exit(self.run_tool(*run), 3, "has tables (t)", "--allow-setup")
        self.assert_exit(self.run_tool("run", "lite.json", "--target", "sqlite:///new.db",
                                       "--allow-writes"), 0)
        self.assertEqual(self.rows(os.path.join(self.scratch, "new.db")), 1)

    def test_in_memory_and_without_a_kind(self):
        self.scenario(READ, server={})
        self.assert_exit(self.run_tool("run", "lite.json", "--target", "sqlite://"), 0)
        report = self.only_report()
        self.assertEqual(report["target"]["address"], "sqlite://")
        self.assertGreater(report["requests"]["completed"], 0)

    def test_transactions_that_read_before_they_write(self):
        self.scenario(READ, WRITE, load={"users": 3, "think": "0s"})
        result = self.run_tool("run", "lite.json")
        self.assertIn(result.returncode, (10, 12), result.stderr)
        report = self.only_report()
        self.assertEqual({one["class"] for one in report["failures"]}, {"database_busy"})
        self.assertTrue({one["sqlstate"] for one in report["failures"]} <= {"5", "517"})
        self.assertIn("read_upgrade", [one["finding"] for one in report["diagnosis"]])
        for mode in ("immediate", "exclusive"):
            self.scenario(READ, WRITE, transaction=mode)
            result = self.run_tool("run", "lite.json", "--json", mode + ".json")
            self.assert_exit(result, 0)
            self.assertEqual(self.load(mode + ".json")["failures"], [])

    def test_a_text_for_each_kind_of_database(self):
        both = {"sqlite": "SELECT count(*) FROM t", "postgresql": "SELECT count(*) FROM s.t"}
        self.scenario({"name": "read", "sql": both},
                      data={"setup": {"sqlite": ["setup.sql"], "postgresql": []}})
        self.assert_exit(self.run_tool("run", "lite.json"), 0)
        steps = self.only_report()["scenario"]["resolved"]["requests"][0]["steps"]
        self.assertEqual(steps[0]["sql"], both["sqlite"])
        del both["postgresql"]
        self.scenario({"name": "read", "sql": both})
        self.assert_exit(self.run_tool("run", "lite.json", "--embedded"), 2,
                         "there is SQL for SQLite only")
        self.scenario(WRITE, transaction="immediate")
        self.assert_exit(self.run_tool("run", "lite.json", "--embedded"), 2, "are SQLite's")
        self.scenario(WRITE, transaction="immediate", server={})
        self.assert_exit(self.run_tool("simulate", "lite.json"), 2, "are SQLite's")
        self.assert_exit(self.run_tool("simulate", "lite.json", "--calibrate", "--target",
                                       "sqlite://", "--json", "memory.json"), 0)
        self.assertIn("SQLite", self.load("memory.json")["target"]["simulation"]["assumes"])

    def test_a_curve_and_the_smallest_pool(self):
        self.scenario(READ, slo=["p95(latency) < 1s"], duration="1s")
        result = self.run_tool("sweep", "lite.json", "--sizes", "1,2", "--json", "sweep.json")
        self.assertIn(result.returncode, (0, 10, 12), result.stderr)
        self.assertEqual(len(self.load("sweep.json")["curve"]["points"]), 2)
        result = self.run_tool("advise", "lite.json", "--json", "advice.json")
        self.assertIn(result.returncode, (0, 10, 12), result.stderr)
        self.assertEqual(self.load("advice.json")["target"]["kind"], "sqlite")
        self.assert_nothing_left()

    def test_targets_that_cannot_be_used(self):
        self.scenario(READ, data={})
        os.mkdir(os.path.join(self.scratch, "folder.db"))
        self.write("text.db", "not a database, and longer than a hundred bytes: " + 99 * "x")
        for target, status, words in (
                ("sqlite:///folder.db", 3, "this is a directory"),
                ("sqlite:///text.db", 3, "not a SQLite database, or it is encrypted"),
                ("sqlite:///none.db", 3, "there is no such file"),
                ("sqlite://none.db", 2, "no host"),
                ("sqlite:///none.db?timeout=3", 2, "no parameters")):
            with self.subTest(target):
                result = self.run_tool("run", "lite.json", "--target", target)
                self.assert_exit(result, status, words)
        self.database()
        for options, words in ((("--guard", "p95 > 1s"), "--guard does not apply"),
                               (("--budget", "5"), "--budget does not apply"),
                               (("--shared",), "--shared does not apply")):
            with self.subTest(options):
                result = self.run_tool("run", "lite.json", "--target", "sqlite:///dev.db", *options)
                self.assert_exit(result, 2, words)
        self.assert_exit(self.run_tool("doctor", "--target", "sqlite:///dev.db"), 2,
                         "PostgreSQL is needed")

    def test_scenarios_that_cannot_be_used(self):
        server = {"kind": "sqlite", "preset": "pyton",
                  "pragmas": {"journal_mode": "wall", "busy_timout": 5}, "settings": {}}
        self.scenario(READ, server=server, transaction="concurrent")
        self.assert_exit(self.run_tool("scenario", "check", "lite.json"), 2,
                         'did you mean "python"', "wal or off",
                         'did you mean "busy_timeout"', "settings belong to PostgreSQL",
                         "BEGIN CONCURRENT exists only in a branch")
        self.scenario({"name": "begin", "sql": "BEGIN CONCURRENT"}, transaction=False)
        self.assert_exit(self.run_tool("run", "lite.json"), 2, "BEGIN CONCURRENT", "IMMEDIATE")
        self.scenario({"name": "one", "sql": "SELECT missing FROM nowhere"})
        self.assert_exit(self.run_tool("run", "lite.json"), 2, "request ask, step one",
                         "no such table: nowhere", '"sqlite"')
        self.scenario(READ, deployment={"pooler": {"kind": "pgbouncer"},
                                        "pool": {"kind": "sqlalchemy"}})
        self.assert_exit(self.run_tool("run", "lite.json"), 2, "PgBouncer cannot stand")
        self.scenario(READ, deployment={"pool": {"kind": "psycopg"}})
        for command in ("run", "simulate"):
            self.assert_exit(self.run_tool(command, "lite.json"), 2,
                             'pool kind "psycopg" belongs to', "sqlalchemy")
        self.assert_nothing_left()

    def test_an_interrupt_ends_a_long_statement(self):
        self.scenario({"name": "endless", "sql": ENDLESS}, duration="60s")
        process = self.start_tool("run", "lite.json", "--progress", "plain")
        self.wait_for_line(process, " s left")
        code, _, err = self.interrupt(process)
        self.assertEqual(code, 130, err)
        report = self.only_report()
        self.assertIs(report["partial"], True)
        self.assertEqual(report["requests"]["in_flight"], 3)
        self.assert_nothing_left()

    def test_two_runs_on_one_file(self):
        self.scenario(WRITE, data={}, transaction="immediate")
        path = self.database()
        run = ("run", "lite.json", "--target", "sqlite:///dev.db", "--allow-writes", "--json")
        both = [self.start_tool(*run, name) for name in ("a.json", "b.json")]
        for process in both:
            _, err = process.communicate()
            self.assertIn(process.returncode, (0, 12), err)
        completed = sum(self.load(name)["requests"]["completed"] for name in ("a.json", "b.json"))
        self.assertGreater(completed, 0)
        self.assertGreaterEqual(self.rows(path), 1 + completed)


if __name__ == "__main__":
    unittest.main()
