"""`size`: the formulas from outside."""

import json
import os
import resource
import subprocess

import harness
from harness import Case

CLASSIC = ["--processes", "10", "--pool-size", "20", "--max-overflow", "40",
           "--max-connections", "100"]


class Size(Case):
    def size(self, *arguments, **more):
        result = self.run_tool("size", *arguments, **more)
        self.assert_exit(result, 0)
        return result.stdout

    def answer(self, *arguments, **more):
        document = json.loads(self.size(*arguments, "--json", "-", "--quiet", **more))
        self.assertEqual(document["command"], "size")
        return document

    def recommendation(self, *arguments, **more):
        return self.answer(*arguments, **more)["recommendation"]

    def test_the_classic_mistake_is_the_first_thing_said(self):
        top = "\n".join(self.size(*CLASSIC).splitlines()[:8]).replace(" × ", " x ")
        self.assertIn("10 processes x 60 = 600 connections, but max_connections is 100", top)
        self.assertIn("92 are available", " ".join(top.split()))
        everything = " ".join(self.size(*CLASSIC).split())
        self.assertIn("the largest pool that fits has 8 connections with 10 % of the server kept "
                      "free (9 without headroom)", everything)

    def test_the_classic_mistake_in_json(self):
        answer = self.answer(*CLASSIC)
        judged = answer["judged"]
        self.assertEqual((judged["needed"], judged["available"], judged["fits"]), (600, 92, False))
        self.assertEqual(judged["largest_pool"], 8)
        r = answer["recommendation"]
        self.assertEqual(r["warnings"][0],
                         "10 processes × 60 = 600 connections, but max_connections is 100 and 92 "
                         "are available: 100 − 3 reserved = 97, − 5 other clients = 92")
        self.assertEqual(judged["largest_pool_without_headroom"], 9)
        self.assertFalse(answer["check"]["passed"])
        self.assertEqual([p["id"] for p in answer["check"]["problems"]], ["server"])
        self.assertTrue(r["budget"]["fits"])
        self.assertLessEqual(r["capacity"], 82)
        self.assertEqual((r["per"], r["confidence"], r["confirmed"]), ("process", "formula", False))

    def test_a_setting_that_fits(self):
        answer = self.answer("--processes", "1", "--pool-size", "20", "--max-overflow", "40")
        self.assertTrue(answer["judged"]["fits"])
        self.assertEqual(answer["recommendation"]["warnings"], [])

    def test_every_rule_with_source_assumption_and_caution(self):
        rules = {r["id"]: r for r in self.recommendation(
            "--processes", "10", "--cores", "28", "--spindles", "1", "--memory", "64GB",
            "--app-cores", "28", "--app-memory", "16GB", "--threads", "8",
            "--connections-per-request", "3", "--rate", "100", "--hold", "100ms",
            "--sql-time", "35ms")["formulas"]}
        answers = {name: rule["pool_size"] for name, rule in rules.items()}
        self.assertEqual(answers["workers-x2"], 20)
        self.assertEqual((rules["workers-x2"]["max_overflow"], rules["workers-x2"]["fleet"]),
                         (40, 600))
        self.assertEqual(answers["cores-x3-memory-x2"], 32)
        self.assertEqual(answers["cores-x2-spindles"], 57)
        self.assertEqual(answers["deadlock-bound"], 17)
        self.assertEqual(answers["cores-x2-plus-1"], 57)
        self.assertEqual(answers["pg-stat-database"], 80)
        self.assertEqual(answers["little"], 10)
        self.assertEqual(rules["aws-rds"]["max_connections"], 5000)
        self.assertEqual(rules["pgtune"]["max_connections"], 200)
        for rule in rules.values():
            for key in ("source", "assumes", "misleads"):
                self.assertTrue(rule[key], rule["id"])

    def test_rules_without_their_inputs_say_what_they_need(self):
        rules = {r["id"]: r for r in self.recommendation()["formulas"]}
        self.assertIsNone(rules["erlang-c"]["pool_size"])
        self.assertIn("--rate", rules["erlang-c"]["note"])
        self.assertIn("--threads", rules["deadlock-bound"]["note"])

    def test_erlang_decides_where_rate_and_hold_are_known(self):
        # 0.2 erlangs: two connections make 1.8 % wait, one 20 %.
        r = self.recommendation("--profile", "dev", "--rate", "100", "--hold", "2ms",
                                "--headroom", "0")
        self.assertEqual(r["pool_size"] + r["max_overflow"], 1)
        self.assertAlmostEqual(r["predicted"]["wait_probability"], 0.2, places=4)
        r = self.recommendation("--profile", "staging", "--rate", "80", "--hold", "2ms")
        self.assertEqual(r["pool_size"] + r["max_overflow"], 2)
        self.assertAlmostEqual(r["predicted"]["wait_probability"], 0.0181818, places=5)

    def test_more_load_needs_more_and_a_small_server_gets_less(self):
        total = lambda r: r["pool_size"] + r["max_overflow"]  # noqa: E731
        load = ["--processes", "4", "--hold", "50ms", "--rate"]
        small, large = self.recommendation(*load, "100"), self.recommendation(*load, "1000")
        self.assertLess(total(small), total(large))
        squeezed = self.recommendation(*load, "1000", "--max-connections", "40")
        self.assertLess(total(squeezed), total(large))
        self.assertIn("each pool would need", squeezed["warnings"][0])
        self.assertTrue(squeezed["budget"]["fits"])
        self.assertGreater(squeezed["predicted"]["wait_probability"], 0.05)

    def test_releasing_the_connection_is_offered(self):
        r = self.recommendation("--rate", "100", "--hold", "200ms", "--sql-time", "5ms")
        changes = {a["change"].split(" while")[0]: a for a in r["alternatives"]}
        self.assertIn("release the connection", changes)
        self.assertLess(changes["release the connection"]["pool_size"], 5)

    def test_deployment_surge(self):
        setting = ["--instances", "3", "--processes", "4", "--pool-size", "7",
                   "--max-connections", "100", "--other-clients", "0", "--surge"]
        self.assertTrue(self.answer(*setting, "0")["judged"]["fits"])
        answer = self.answer(*setting, "25%")
        self.assertEqual(answer["judged"]["needed"], 4 * 4 * 7)
        self.assertFalse(answer["judged"]["fits"])
        self.assertIn("while deploying", answer["recommendation"]["warnings"][0])

    def test_pgbouncer_counts_both_sides(self):
        answer = self.answer("--processes", "20", "--cores", "8", "--pgbouncer",
                             "--pgbouncer-pairs", "5", "--default-pool-size", "20")
        self.assertEqual([h["name"] for h in answer["hops"]],
                         ["PgBouncer's clients", "server, behind PgBouncer"])
        self.assertIn("1 PgBouncer × 5 (database, user) pairs × 20 = 100 server connections, but "
                      "only 92", answer["check"]["problems"][0]["text"])
        self.assertTrue(answer["hops"][1]["budget"]["fits"])  # the recommendation's own
        self.assertLessEqual(answer["hops"][1]["budget"]["needed"], 82)
        fitting = self.answer("--processes", "20", "--cores", "8", "--pgbouncer",
                              "--pgbouncer-pairs", "5")
        self.assertTrue(fitting["recommendation"]["budget"]["fits"])
        self.assertGreaterEqual(fitting["recommendation"]["pooler"]["max_client_conn"],
                                fitting["recommendation"]["capacity"])

    def test_replica_failover_is_counted(self):
        answer = self.answer("--processes", "4", "--replica-pool-size", "15",
                             "--replica-max-overflow", "5")
        self.assertEqual(answer["hops"][1]["budget"]["needed"], 80)
        # 80 + 4 × 3 = 92: the recommendation leaves room for the replica's pools.
        self.assertEqual(answer["recommendation"]["capacity"], 12)
        self.assertNotIn("failover", " ".join(answer["recommendation"]["warnings"]))
        busy = self.recommendation("--processes", "4", "--replica-pool-size", "15",
                                   "--replica-max-overflow", "5", "--max-connections", "100",
                                   "--rate", "400", "--hold", "50ms")
        self.assertIn("does not survive a failover", " ".join(busy["warnings"]))

    def test_failover_counts_the_setting_that_is_judged(self):
        answer = self.answer("--instances", "2", "--pool-size", "5", "--max-overflow", "5",
                             "--replica-pool-size", "10", "--max-connections", "50")
        # 2 × (5 + 5) + 20 = 40 of 42.
        self.assertTrue(answer["check"]["passed"])
        self.assertEqual(answer["recommendation"]["warnings"], [])
        self.assertLessEqual(answer["recommendation"]["capacity"] + 20, 42)
        answer = self.answer("--instances", "2", "--pool-size", "6", "--max-overflow", "6",
                             "--replica-pool-size", "10", "--max-connections", "50")
        self.assertIn("24 + 20 = 44 connections, but 42 are available",
                      " ".join(answer["recommendation"]["warnings"]))

    def test_alerts_mean_different_things_at_different_sizes(self):
        def at_80(*arguments):
            return next(a["wait_probability"] for a in self.answer(*arguments)["alerts"]
                        if a["name"].startswith("80 %"))
        small = at_80("--max-connections", "14", "--other-clients", "0", "--reserved", "3",
                      "--processes", "2", "--headroom", "0")
        self.assertAlmostEqual(small, 0.554, places=3)  # 5 connections
        self.assertLess(at_80(), small)

    def test_memory(self):
        memory = self.answer("--processes", "1", "--memory", "4GB", "--shared-buffers", "256MB",
                             "--work-mem", "1MB", "--max-connections", "1000", "--cores", "100",
                             "--other-clients", "0")["memory"]
        self.assertAlmostEqual(memory["work_mib"], 200 * 4)
        self.assertAlmostEqual(memory["backends_mib"], 200 * 5)

    def test_nothing_beyond_the_memory_is_recommended(self):
        arguments = ["--memory", "1GB", "--cores", "100", "--max-connections", "1000"]
        answer = self.answer(*arguments)
        self.assertLessEqual(answer["memory"]["total_mib"], 0.9 * 1024)
        self.assertEqual(answer["memory"]["connections"], answer["recommendation"]["capacity"])
        self.assertIn("the memory allows only", " ".join(answer["recommendation"]["warnings"]))
        asked = self.answer(*arguments, "--pool-size", "150")
        self.assertEqual([p["id"] for p in asked["check"]["problems"]], ["memory"])
        self.assertLessEqual(asked["recommendation"]["capacity"], asked["memory"]["connections"])
        # The server is not sized beyond its memory either.
        sized = self.answer("--memory", "1GB", "--rate", "2000", "--hold", "100ms")
        self.assertLessEqual(sized["memory"]["total_mib"], 0.9 * 1024)

    def test_timeouts(self):
        warnings = self.recommendation("--pool-timeout", "30s", "--statement-timeout", "60s",
                                       "--deadline", "60s")["warnings"]
        self.assertIn("90 s", warnings[0])
        self.assertIn("longer than requests may wait", warnings[1])
        r = self.recommendation("--deadline", "4s", "--idle-limit", "5m")
        self.assertLessEqual(r["pool_timeout_s"] + r["statement_timeout_s"], 4)
        self.assertEqual(r["pool_recycle_s"], 270)

    def test_markdown_and_schema(self):
        self.run_tool("size", *CLASSIC, "--json", "a.json", "--markdown", "a.md", "--quiet")
        with open(os.path.join(self.scratch, "a.md")) as file:
            text = file.read()
        self.assertTrue(text.startswith("**Per process: "))
        self.assertIn("does not fit: 10 processes × 60 = 600", text.splitlines()[0])
        self.run_tool("size", "--pgbouncer", "--rate", "50", "--hold", "30ms",
                      "--replica-pool-size", "3", "--json", "b.json", "--quiet")
        check = subprocess.run(
            ["python3", os.path.join(harness.SOURCE, "tests", "schema_check.py"), "a.json",
             "b.json"], cwd=self.scratch, stdout=subprocess.PIPE, text=True)
        self.assertIn(check.returncode, (0, 77), check.stdout)

    def test_snippets_are_chosen(self):
        self.assertIn("pool_size=", self.size())
        text = self.size("--snippet", "hikari")
        self.assertIn("maximumPoolSize=", text)
        self.assertNotIn("create_engine", text)
        every = self.size("--snippet", "all", "--pgbouncer")
        for piece in ("create_pool", "maximum-pool-size", "SetMaxOpenConns", "[pgbouncer]",
                      "ALTER ROLE app", "checkout_timeout", "connection_limit"):
            self.assertIn(piece, every)
        self.assertNotIn("SET max_connections", every)  # it may have more than 100
        self.assertNotIn("create_engine", self.size("--snippet", "none"))

    def test_flags_over_environment(self):
        r = self.answer(env={"POOLGAUGE_PROCESSES": "7", "POOLGAUGE_MAX_CONNECTIONS": "50"})
        self.assertEqual((r["inputs"]["processes"], r["inputs"]["max_connections"]), (7, 50))
        r = self.answer("--processes", "3", env={"POOLGAUGE_PROCESSES": "7"})
        self.assertEqual(r["inputs"]["processes"], 3)

    def test_what_is_assumed_is_said(self):
        assumed = " ".join(self.answer()["assumed"])
        for flag in ("--max-connections", "--reserved", "--other-clients", "--deadline"):
            self.assertIn(flag, assumed)
        self.assertEqual(self.answer("--max-connections", "100", "--reserved", "3",
                                     "--other-clients", "0", "--cores", "4",
                                     "--deadline", "1s")["assumed"], [])

    def test_slips(self):
        def refused(*arguments_and_pieces, pieces):
            self.assert_exit(self.run_tool("size", *arguments_and_pieces), 2, *pieces)
        refused("--processes", "0", pieces=["--processes", "from 1"])
        refused("--processes", "ten", pieces=["--processes", "ten"])
        refused("--memory", "16", pieces=["--memory", "unit"])
        refused("--memory", "1kB", pieces=["--memory", "at least 64MB", "1kB"])
        refused("--work-mem", "1kB", pieces=["--work-mem", "at least 64kB"])
        refused("--shared-buffers", "8GB", "--memory", "4GB", pieces=["--shared-buffers is not"])
        refused("--deadline", "1ns", pieces=["--deadline", "at least 10ms", "1ns"])
        refused("--replica-max-connections", "50", pieces=["--replica-pool-size"])
        refused("--hold", "40", pieces=["--hold", "unit"])
        refused("--rate", "-1", pieces=["--rate"])
        refused("--rate", "nan", pieces=["--rate"])
        refused("--surge", "2000%", pieces=["--surge"])
        refused("--profile", "prod", pieces=["--profile", "production"])
        refused("--snippet", "cobol", pieces=["--snippet", "hikari"])
        refused("--hold", "1ms", "--sql-time", "2ms", pieces=["--sql-time is longer"])
        refused("--pool-size", "0", pieces=["--max-overflow"])
        refused("--default-pool-size", "5", pieces=["--default-pool-size", "--pgbouncer"])
        refused("--pgbouncer-processes", "5", pieces=["--pgbouncer-processes", "add --pgbouncer"])
        refused("--pool-mode", "session", pieces=["--pool-mode", "add --pgbouncer"])
        refused("--pgbouncer", "--pool-mode", "sesion", pieces=["--pool-mode", "session"])
        refused("--headroom-load", "-5%", pieces=["--headroom-load", "fraction"])
        refused("--pgbouncer", "--reserve-pool-size", "-1", pieces=["--reserve-pool-size"])
        refused("--proceses", "3", pieces=['mean "--processes"'])
        refused("--json", "no/such/dir/x.json", pieces=["no/such/dir"])

    def test_a_budget_of_nothing_is_refused_with_the_arithmetic(self):
        result = self.run_tool("size", "--max-connections", "8")
        self.assert_exit(result, 2, "8 − 3 reserved − 5 other clients = 0", "no pool fits")
        self.assert_exit(self.run_tool("size", "--max-connections", "5"), 2, "= −3")

    def test_more_processes_than_connections(self):
        answer = self.answer("--processes", "200", "--max-connections", "100")
        self.assertFalse(answer["recommendation"]["budget"]["fits"])
        self.assertIn("not even one", answer["recommendation"]["warnings"][0])

    def test_extreme_inputs_end_quickly(self):
        briefly = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_CPU, (20, 20))}
        self.size("--rate", "1000000000", "--hold", "7d", "--processes", "10000", "--instances",
                  "10000", "--pools", "100", "--pool-size", "100000", "--max-overflow", "100000",
                  **briefly)
        self.size("--rate", "0.001", "--hold", "1us", "--deadline", "10ms", **briefly)

    def test_timeouts_stay_within_a_short_deadline(self):
        for deadline, seconds in (("10ms", 0.01), ("150ms", 0.15), ("1s", 1)):
            answer = self.recommendation("--deadline", deadline)
            within = answer["pool_timeout_s"] + answer["statement_timeout_s"]
            self.assertTrue(seconds * 0.7 <= within <= seconds * 1.0001, (deadline, answer))

    def test_a_hold_longer_than_the_deadline(self):
        warnings = self.recommendation("--rate", "1", "--hold", "20s")["warnings"]
        self.assertIn("does not fit into a deadline", " ".join(warnings))
