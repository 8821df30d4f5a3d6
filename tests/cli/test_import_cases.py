"""Imports of what people bring: inputs that once went wrong, on a real server."""

import csv
import json
import os
import shutil
import subprocess

import postgres
from harness import SOURCE, until
from test_imports import ImportCase

DATA = os.path.join(SOURCE, "tests", "data", "imports")


class Cases(ImportCase):
    @classmethod
    def prepare(cls, server):
        super().prepare(server)
        with open(os.path.join(DATA, "pgbench-setup.sql")) as file:
            cls.sql(file.read())
        cls.sql("VACUUM ANALYZE field.stock")

    def case(self, name):
        shutil.copy(os.path.join(DATA, name), os.path.join(self.scratch, name))
        return name

    def imported(self, *source, expect=()):
        result = self.run_tool("scenario", "import", *source, "--output", "s.json")
        self.assert_exit(result, 0, *expect)
        with open(os.path.join(self.scratch, "s.json")) as file:
            return json.load(file), result.stderr

    def assert_all_good(self, *more):
        self.assert_ran(self.run_scenario("s.json", *more))
        report = self.only_report()
        self.assertEqual(report["requests"]["failed"], 0, report["failures"])
        requests = report["requests"]
        self.assertGreater(requests["completed"] + requests["in_flight"], 0)
        return report


class PgbenchCases(Cases):
    def test_scripts_run_as_pgbench_runs_them(self):
        scripts = [self.case("pgbench-%s.sql" % name)
                   for name in ("case", "set-local", "upper-case")]
        scenario, _ = self.imported("--pgbench", *scripts, "--define", "scale=1",
                                    expect=("the simple protocol",))
        self.assertEqual({r["protocol"] for r in scenario["requests"]}, {"simple"})
        report = self.assert_all_good("--users", "2", "--duration", "1s", "--warmup", "0s")
        ran = {s["request"] for s in report["steps"] if s["latency_ms"]["count"]}
        self.assertEqual(ran, {"pgbench-case", "pgbench-set-local", "pgbench-upper-case"})

    def test_a_mix_of_built_ins_by_another_protocol(self):
        scenario, _ = self.imported("-b", "tpcb-like@1", "-b", "select@3", "-M", "prepared",
                                    expect=("pgbench -M prepared",))
        self.assertEqual([(r["include"], r["weight"], r["protocol"])
                          for r in scenario["requests"]],
                         [("tpcb-like", 1, "prepared"), ("select-only", 3, "prepared")])
        self.assert_all_good("--users", "2", "--duration", "1s", "--warmup", "0s")

    def test_a_script_that_cannot_be_parsed_is_told_its_protocol(self):
        self.case("pgbench-set-local.sql")
        self.write("s.json", {"version": 1, "name": "s", "load": {"users": 1}, "duration": "1s",
                              "requests": [{"include": "pgbench-set-local.sql"}]})
        result = self.run_scenario("s.json")
        self.assert_exit(result, 2, '"protocol": "simple"')
        self.assertNotIn("data.setup", result.stderr)

    def test_bad_options(self):
        self.assert_exit(self.run_tool("scenario", "import", "-b", "s"), 2, "tpcb-like")
        self.assert_exit(self.run_tool("scenario", "import", "-M", "simple", "--csvlog", "x",
                                       "--output", "y.json"), 2, "--pgbench")
        self.assert_exit(self.run_tool("scenario", "import", "--csvlog", "x", "--log-line-prefix",
                                       "%m", "--output", "y.json"), 2, "--stderrlog")


class LogCases(Cases):
    def test_values_seen_together_are_replayed_together(self):
        self.imported("--csvlog", self.case("log-between.csv"), "--scale", "6")
        figures = ("SELECT idx_scan, idx_tup_read FROM pg_stat_user_indexes "
                   "WHERE relname = 'stock' AND schemaname = 'field'")
        before = [int(n) for n in self.sql(figures).split("|")]
        requests = self.assert_all_good()["requests"]
        self.assertEqual(requests["completed"] + requests["in_flight"], 300)
        if requests["in_flight"]:  # on a machine too busy to replay the log in its time
            return

        def scans():
            now = [int(n) for n in self.sql(figures).split("|")]
            return [a - b for a, b in zip(now, before)] if now[0] - before[0] >= 300 else None
        # Other tests' scans, which are counted late, read one row each; where they changed a row,
        # a scan may meet its dead entry once.
        found = until(scans, "no scan is counted")
        self.assertGreaterEqual(found[1] - found[0], 300 * 10)
        self.assertLessEqual(found[1] - found[0], 300 * 10 + 30)

    def test_one_kind_for_savepoints_of_any_name(self):
        scenario, said = self.imported("--csvlog", self.case("log-savepoints.csv"))
        self.assertEqual(scenario["deployment"]["pool"]["kind"], "sqlalchemy")  # no event loop
        self.assertEqual([r["weight"] for r in scenario["requests"]], [80])
        self.assertNotIn("skipped", said)
        self.sql("CREATE TABLE IF NOT EXISTS orders (id int, total int, customer_id int); "
                 "CREATE TABLE IF NOT EXISTS audit (who text, what text)")
        self.assert_all_good()

    def test_a_share_that_is_left_out_comes_first(self):
        with open(os.path.join(DATA, "log-between.csv")) as one, \
                open(os.path.join(DATA, "log-savepoints.csv")) as two:
            self.write("both.csv", one.read() + two.read())
        result = self.run_tool("scenario", "import", "--csvlog", "both.csv", "--output", "s.json",
                               "--top", "1")
        self.assertTrue(result.stderr.startswith("warning: 21.1 % of the load is skipped"),
                        result.stderr)

    def test_slow_statements_and_a_log_that_is_cut_off(self):
        _, said = self.imported("--csvlog", self.case("log-only-slow.csv"))
        self.assertTrue(said.startswith("warning: the log contains only slow statements"), said)
        os.remove(os.path.join(self.scratch, "s.json"))
        os.remove(os.path.join(self.scratch, "s.arrivals.csv"))
        self.imported("--csvlog", self.case("log-cut-off.csv"), expect=("line 200",))


class TextLogs(ImportCase):
    SETTINGS = {**ImportCase.SETTINGS, "logging_collector": "on", "log_destination": "stderr",
                "log_directory": "../logs", "log_filename": "server.log",
                "log_min_duration_statement": "0", "log_file_mode": "0644",
                "log_line_prefix": "%t:%r:%u@%d:[%p]:"}

    def test_a_managed_service_s_prefix(self):
        self.pgbench("-n", "-c", "2", "-t", "10", "-M", "extended")
        self.sql("SELECT 'the end of it'")
        log = until(lambda: self.log_with("the end of it", "log"), "no log is written")
        for prefix in ((), ("--log-line-prefix", "%t:%r:%u@%d:[%p]:")):
            result = self.run_tool("scenario", "import", "--stderrlog", log, "--output", "s.json",
                                   "--top", "1", *prefix)
            self.assert_exit(result, 0, "log_line_prefix = '%t:%r:%u@%d:[%p]:'", "whole seconds")
            with open(os.path.join(self.scratch, "s.arrivals.csv")) as file:
                self.assertEqual(len(list(csv.DictReader(file))), 20)
            if not prefix:
                os.remove(os.path.join(self.scratch, "s.json"))
                os.remove(os.path.join(self.scratch, "s.arrivals.csv"))
        self.assert_ran(self.run_scenario("s.json", "--duration", "2s"))
        self.assertEqual(self.only_report()["requests"]["failed"], 0)
        result = self.run_tool("scenario", "import", "--stderrlog", log, "--output", "t.json",
                               "--log-line-prefix", "%m [%p] ")
        self.assert_exit(result, 2, "no line starts with")


class StatisticsCases(Cases):
    def load(self):
        self.sql("DROP TABLE IF EXISTS child, parent; "
                 "CREATE TABLE parent (id int PRIMARY KEY, name text); "
                 "INSERT INTO parent SELECT g * 1000, 'p' FROM generate_series(1, 3000) g; "
                 "CREATE TABLE child (id int PRIMARY KEY, parent_id int NOT NULL REFERENCES "
                 "parent, note text); ANALYZE parent; SELECT pg_stat_statements_reset()")
        for i in range(5):
            self.sql("INSERT INTO child (id, parent_id, note) VALUES (%d, %d, 'n')"
                     % (i + 1, 1000 * i + 1000))
            self.sql("SELECT name FROM parent ORDER BY id LIMIT 7")
        self.sql("SELECT pg_sleep(0.01)")

    def test_keys_rows_per_call_and_warnings(self):
        self.load()
        scenario, said = self.imported("--pg-stat-statements", "--target",
                                       self.server.conninfo())
        self.assertTrue(said.startswith("warning: "), said)
        self.assertIn("a run permanently changes rows of the target", said)
        self.assertIn("sleeps on the server", said)
        self.assertIn("of the key columns that they are compared with", said)
        self.assertIn({"choice": ["7"]}, scenario["variables"].values())
        self.assertIn({"sequence": 6}, scenario["variables"].values())
        # Every child that is inserted has a parent, though one id in a thousand exists.
        self.assert_all_good("--rate", "50", "--duration", "1s", "--warmup", "0s")

    def test_files_of_the_view(self):
        self.load()
        view = "SELECT query, calls, mean_exec_time, rows FROM pg_stat_statements s JOIN " \
               "pg_database d ON d.oid = s.dbid WHERE datname = 'postgres'"
        shared = []
        for form, options in (("csv", ["--csv"]), ("aligned", []), ("unaligned", ["-A"]),
                              ("expanded", ["-x"])):
            self.write(form, self.printed(options, view))
            result = self.run_tool("scenario", "import", "--pg-stat-statements", form, "--output",
                                   form + ".json")
            self.assert_exit(result, 0, "use --target")
            with open(os.path.join(self.scratch, form + ".json")) as file:
                scenario = json.load(file)
            shared.append({r["steps"][0]["sql"] for r in scenario["requests"]
                           if r["name"].startswith(("insert child", "select parent"))})
        self.assertEqual(len(shared[0]), 2, shared)
        self.assertEqual(shared, [shared[0]] * 4)
        self.imported("--pg-stat-statements", "csv", "--target", self.server.conninfo(),
                      expect=("of the key columns that they are compared with",))
        self.assert_all_good("--users", "2", "--duration", "1s", "--warmup", "0s")

    def printed(self, options, query):
        return subprocess.run(["psql", "-Xq", *options, "-c", query], env=self._environment(),
                              check=True, stdout=subprocess.PIPE, text=True).stdout
