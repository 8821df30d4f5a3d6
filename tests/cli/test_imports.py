"""pgbench scripts in scenarios, and scenarios made from scripts, statistics and logs."""

import csv
import glob
import json
import math
import os
import shutil
import subprocess

import postgres
from harness import PATIENCE, Case, sql_scenario, tiny, until

TPCB = r"""
\set aid random(1, 100000 * :scale)
\set bid random(1, 1 * :scale)
\set tid random(1, 10 * :scale)
\set delta random(-5000, 5000)
BEGIN;
UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;
UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = :bid;
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime)
  VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP);
END;
"""

SELECT = r"""
\set aid random(1, 100000 * :scale)
SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
"""

# Every row that is written says what pgbench's rules make of it.
ODD = r"""
\set n random(1, 10)
\if :n > 5
  SELECT :n::int * 2 AS twice, NULL AS nothing \gset r_
  \sleep 1 ms
\elif :n = 5
  SELECT 10 AS twice \gset r_
\else
  SELECT 'ignored' \; SELECT :n + :n AS twice \gset r_
\endif
\set m :r_twice / 2
INSERT INTO seen VALUES (:n, :m, 'n=:n', :client_id);
"""


class ImportCase(Case):
    SETTINGS = {"shared_preload_libraries": "pg_stat_statements"}

    @classmethod
    def setUpClass(cls):
        cls.server = postgres.shared(cls.SETTINGS, cls.prepare)

    @classmethod
    def prepare(cls, server):
        cls.server = server
        cls.pgbench("-i", "-q", "-I", "dtGvp")
        cls.sql("CREATE EXTENSION pg_stat_statements; "
                "CREATE TABLE seen (n int, m int, t text, client int)")

    @classmethod
    def _environment(cls):
        return dict(os.environ, PGPASSWORD=postgres.PASSWORD, PGHOST=cls.server.directory,
                    PGUSER="tester", PGDATABASE="postgres", PGPORT="5432")

    @classmethod
    def pgbench(cls, *arguments):
        subprocess.run([postgres.binary("pgbench"), *arguments], env=cls._environment(),
                       timeout=PATIENCE,
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @classmethod
    def sql(cls, text):
        return cls.server.query(text)

    def log_of(self, ending):
        """The server's log in that format, as it is now."""
        found = glob.glob(os.path.join(self.server.directory, "logs", "*." + ending))
        self.assertEqual(len(found), 1)
        copy = os.path.join(self.scratch, "server." + ending)
        shutil.copy(found[0], copy)
        return copy

    def log_with(self, text, ending):
        """That log, once the logging collector has written the text."""
        copy = self.log_of(ending)
        with open(copy) as file:
            return copy if text in file.read() else None

    def run_scenario(self, name, *more):
        return self.run_tool("run", name, "--target", self.server.conninfo(), "--quiet", *more)

    def assert_ran(self, result, otherwise=0):
        """What was done counts here, not how fast: inconclusive (12) is as good."""
        self.assertIn(result.returncode, (otherwise, 12), result.stdout + result.stderr)


class Scripts(ImportCase):
    def scenario(self, *requests, **changes):
        self.write("tpcb.sql", TPCB)
        self.write("select.sql", SELECT)
        self.write("odd.sql", ODD)
        base = tiny(requests=list(requests), load={"users": 4, "think": "2ms"}, **changes)
        base["deployment"]["pool"] = {"kind": "fixed"}
        return self.write("s.json", base)

    def test_tpcb_leaves_the_sums_equal(self):
        self.sql("TRUNCATE pgbench_history; UPDATE pgbench_accounts SET abalance = 0 "
                 "WHERE abalance <> 0; UPDATE pgbench_tellers SET tbalance = 0; "
                 "UPDATE pgbench_branches SET bbalance = 0")
        self.scenario({"include": "tpcb.sql@1"}, {"include": "select.sql@9"})
        self.assert_ran(self.run_scenario("s.json"))
        report = self.only_report()
        self.assertEqual(report["requests"]["failed"], 0, report["failures"])
        steps = {(s["request"], s["name"]): s["latency_ms"]["count"] for s in report["steps"]}
        transfers = steps[("tpcb", "line 13 end")]
        selects = steps[("select", "line 3 select")]
        # One in ten, give or take five standard deviations.
        drawn = selects + transfers
        self.assertGreater(drawn, 0)
        self.assertLess(abs(transfers - drawn / 10), 5 * math.sqrt(0.09 * drawn) + 1)
        sums = self.sql("SELECT (SELECT sum(abalance) FROM pgbench_accounts), (SELECT sum(tbalance)"
                        " FROM pgbench_tellers), (SELECT sum(bbalance) FROM pgbench_branches), "
                        "(SELECT sum(delta) FROM pgbench_history)").split("|")
        self.assertEqual(len(set(sums)), 1, sums)
        # Requests under way at the end may have been committed, too.
        rows = int(self.sql("SELECT count(*) FROM pgbench_history"))
        self.assertLessEqual(abs(rows - transfers), 4)

    def test_branches_rows_and_text(self):
        self.sql("TRUNCATE seen")
        self.scenario({"include": "odd.sql", "protocol": "simple"})
        self.assert_ran(self.run_scenario("s.json"))
        report = self.only_report()
        self.assertEqual(report["requests"]["failed"], 0, report["failures"])
        rows = self.sql("SELECT count(*), count(DISTINCT n), bool_and(n = m), "
                        "bool_and(t = 'n=' || n), count(DISTINCT client) FROM seen").split("|")
        self.assertEqual(rows[2:4], ["t", "t"])
        if int(rows[0]) > 200:  # else a value of ten may be missing by chance
            self.assertEqual((rows[1], rows[4]), ("10", "4"))
        steps = {s["name"]: s["latency_ms"]["count"] for s in report["steps"]}
        total = steps["line 12 insert"]
        self.assertLess(abs(steps["line 4 select"] - total / 2), 2.5 * math.sqrt(total) + 1)
        self.assertEqual(steps["line 4 select"], steps["line 5 sleep"])

    def test_the_simulator_plays_it_and_a_report_needs_no_file(self):
        self.scenario({"include": "tpcb.sql"})
        result = self.run_tool("simulate", "s.json", "--json", "r.json", "--quiet",
                               "--statement-cost", "100us")
        self.assert_exit(result, 0)
        os.remove(os.path.join(self.scratch, "tpcb.sql"))
        again = self.run_tool("simulate", "r.json", "--quiet", "--json", "-")
        self.assert_exit(again, 0)
        self.assertEqual(json.loads(again.stdout)["requests"]["failed"], 0)

    def test_errors_name_the_script_and_its_line(self):
        self.scenario({"include": "bad.sql"})
        self.write("bad.sql", "SELECT 1;\n\\set x 1 +\n\\startpipeline\n")
        self.assert_exit(self.run_scenario("s.json"), 2, "bad.sql:2:11\n", "bad.sql:3:1\n",
                         "pipelines are not supported")
        self.write("bad.sql", "\\set x 1 / 0\nSELECT 1;\n")
        self.assert_ran(self.run_scenario("s.json"), 10)
        failure = self.only_report()["failures"][0]
        self.assertEqual(failure["class"], "script_error")
        self.assertEqual(failure["example"], "bad.sql:1: division by zero")

    def test_import(self):
        self.write("tpcb.sql", TPCB)
        os.mkdir(os.path.join(self.scratch, "sub"))
        result = self.run_tool("scenario", "import", "--pgbench", "tpcb.sql@3", "tpcb.sql",
                               "--define", "scale=1", "--output", "sub/mix.json")
        self.assert_exit(result, 0, "note: ", "wrote sub/mix.json")
        self.assert_exit(self.run_tool("scenario", "check", "sub/mix.json"), 0)
        self.assert_ran(self.run_scenario("sub/mix.json", "--duration", "1s", "--warmup", "0s"))
        self.assertEqual([r["weight"] for r in
                          self.only_report()["scenario"]["resolved"]["requests"]], [3, 1])
        self.assert_exit(self.run_tool("scenario", "import", "--pgbench", "tpcb.sql", "--output",
                                       "sub/mix.json"), 2, "already exists")
        self.assert_exit(self.run_tool("scenario", "import", "--pgbench", "no.sql"), 2, "no.sql",
                         "No such file")
        self.assert_exit(self.run_tool("scenario", "import"), 2, "exactly one source")

    def test_new(self):
        self.assert_exit(self.run_tool("scenario", "new", "app.json"), 0, "wrote app.json")
        self.assert_exit(self.run_tool("scenario", "check", "app.json"), 0)
        self.assert_exit(self.run_tool("scenario", "new", "app.json"), 2, "already exists")
        printed = self.run_tool("scenario", "new")
        self.assertIn("// ", printed.stdout)
        self.assert_ran(self.run_scenario("app.json", "--duration", "1s", "--warmup", "0s"))


class Statistics(ImportCase):
    def test_a_mix_of_the_top_statements(self):
        self.sql("CREATE TYPE mood AS ENUM ('sad', 'glad'); "
                 "CREATE TABLE notes (id bigint, m mood, at timestamptz, t text)")
        self.sql("SELECT pg_stat_statements_reset()")
        for _ in range(3):
            self.sql("INSERT INTO notes VALUES (7, 'sad', now(), 'x')")
            self.sql("SELECT t FROM notes WHERE id = 7 AND m = 'glad' "
                     "AND at > now() - interval '1 day'")
        self.sql("CREATE ROLE hidden PASSWORD 's3cret-Role'")
        self.pgbench("-n", "-S", "-c", "2", "-t", "50")
        until(lambda: self.sql("SELECT now() - stats_reset > interval '1.05 s' "
                               "FROM pg_stat_statements_info") == "t", "no second passes")
        result = self.run_tool("scenario", "import", "--pg-stat-statements", "--target",
                               self.server.conninfo(), "--output", "mix.json")
        self.assert_exit(result, 0, "note: skipped ", "transaction-control statement",
                         "since the statistics")
        with open(os.path.join(self.scratch, "mix.json")) as file:
            text = file.read()
        for secret in ("s3cret-Role", postgres.PASSWORD):
            self.assertNotIn(secret, text + result.stderr)
        scenario = json.loads(text)
        weights = {r["name"]: r["weight"] for r in scenario["requests"]}
        self.assertEqual(weights["select pgbench_accounts"], 100)
        self.assertEqual(weights["insert notes"], 3)
        self.assertIn({"choice": ["sad", "glad"]}, scenario["variables"].values())
        self.assertIn({"uniform": [1, 100000]}, scenario["variables"].values())
        result = self.run_scenario("mix.json", "--rate", "100", "--duration", "1s",
                                   "--warmup", "0s")
        self.assert_ran(result)
        self.assertEqual(self.only_report()["requests"]["failed"], 0)

    def test_without_the_extension(self):
        self.sql("CREATE DATABASE bare")
        result = self.run_tool("scenario", "import", "--pg-stat-statements", "--target",
                               self.server.conninfo(dbname="bare"))
        self.assert_exit(result, 3, "CREATE EXTENSION pg_stat_statements")
        result = self.run_tool("scenario", "import", "--pg-stat-statements")
        self.assert_exit(result, 2, "--target")


class ServersOwnStatistics(ImportCase):
    """What a run reports of pg_stat_statements, to whom."""

    def server_view(self, user):
        scenario = sql_scenario("SELECT count(*) FROM seen WHERE n = 7")
        path = self.write("s.json", scenario)
        self.assert_ran(self.run_tool("run", path, "--target", self.server.conninfo(user=user)))
        return self.only_report()

    def test_the_statements_of_the_window(self):
        report = self.server_view("tester")
        statements = report["server"]["statements"]
        ours = [s for s in statements if "FROM seen WHERE n = $1" in s["query"]]
        self.assertEqual(len(ours), 1, statements)
        self.assertGreater(ours[0]["calls"], 0)
        self.assertEqual(ours[0]["rows"], ours[0]["calls"])

    def test_a_role_with_few_rights_measures_all_the_same(self):
        self.sql("CREATE ROLE app LOGIN PASSWORD '%s'; GRANT SELECT ON seen TO app"
                 % postgres.PASSWORD)
        report = self.server_view("app")
        self.assertGreater(report["requests"]["completed"], 0)
        self.assertEqual(report["requests"]["failed"], 0)
        self.assertIn("GRANT pg_read_all_stats", report["server"]["note"])
        self.assertTrue(any("FROM seen" in s["query"] for s in report["server"]["statements"]))


class Logs(ImportCase):
    # A server of its own: what other tests do must not be in its log.
    SETTINGS = {**ImportCase.SETTINGS, "logging_collector": "on",
                "log_destination": "csvlog,jsonlog", "log_directory": "../logs",
                "log_filename": "server.log", "log_min_duration_statement": "0",
                "log_file_mode": "0644"}

    def replayed(self, ending):
        self.sql("CREATE ROLE r%s PASSWORD 's3cret-Log'" % ending)
        self.pgbench("-n", "-c", "3", "-t", "20", "-R", "60")
        self.pgbench("-n", "-S", "-M", "prepared", "-c", "2", "-t", "25", "-R", "60")
        self.sql("SELECT 'the last of %s'" % ending)
        log = until(lambda: self.log_with("the last of " + ending, ending), "no log is written")
        out = "%s.json" % ending
        result = self.run_tool("scenario", "import", "--%slog" % ending, log, "--output", out,
                               "--scale", "2", "--top", "2")
        self.assert_exit(result, 0, "in flight at once")
        with open(os.path.join(self.scratch, out)) as file:
            text = file.read()
        for secret in ("s3cret-Log", postgres.PASSWORD):
            self.assertNotIn(secret, text + result.stderr)
        return json.loads(text), out

    def check_replay(self, ending):
        scenario, out = self.replayed(ending)
        requests = {r["name"]: r for r in scenario["requests"]}
        transfer = requests["update pgbench_accounts"]
        self.assertTrue(transfer["transaction"])
        self.assertGreaterEqual(transfer["weight"], 60)
        self.assertEqual(len([s for s in transfer["steps"] if "sql" in s]), 5)
        with open(os.path.join(self.scratch, "%s.arrivals.csv" % ending)) as file:
            arrivals = list(csv.DictReader(file))
        self.assertGreaterEqual(len(arrivals), 110)
        times = [float(row["arrival_s"]) for row in arrivals]
        self.assertEqual(times, sorted(times))
        self.assertEqual(times[0], 0)
        self.assert_exit(self.run_tool("scenario", "check", out), 0)
        # Whatever the tests before have logged: a second of it is enough.
        self.assert_ran(self.run_scenario(out, "--duration", "1s"))
        self.assertEqual(self.only_report()["requests"]["failed"], 0)

    def test_csvlog(self):
        self.check_replay("csv")

    def test_jsonlog(self):
        self.check_replay("json")

    def test_broken(self):
        self.write("bad.csv", "2026-01-31 12:00:00.000 UTC,\"s3cret\"\n")
        result = self.run_tool("scenario", "import", "--csvlog", "bad.csv", "--output", "x.json")
        self.assert_exit(result, 2, "bad.csv:1:1\n", "at least 23 columns")
        self.assertNotIn("s3cret", result.stderr)
        self.write("bad.log", "{}\n")
        result = self.run_tool("scenario", "import", "--jsonlog", "bad.log", "--output", "x.json")
        self.assert_exit(result, 2, "bad.log:1:1\n", "timestamp")
        self.assertFalse(os.path.exists(os.path.join(self.scratch, "x.json")))
