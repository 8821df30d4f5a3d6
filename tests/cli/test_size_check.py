"""`size --check`, poolers, growth, and what fits on a screen."""

import json

from harness import Case

CLASSIC = ["--processes", "10", "--pool-size", "20", "--max-overflow", "40",
           "--max-connections", "100"]


class SizeCheck(Case):
    """What a step of CI relies on, and what people asked of `size` and got wrong answers to."""

    def answer(self, *arguments, code=0, **more):
        result = self.run_tool("size", *arguments, "--json", "-", "--quiet", **more)
        self.assert_exit(result, code)
        return json.loads(result.stdout)

    def checked(self, code, *arguments):
        result = self.run_tool("size", *arguments, "--check")
        self.assert_exit(result, code)
        return result.stdout.replace(" x ", " × ")

    def test_check_exits_with_10_when_it_does_not_fit(self):
        text = self.checked(10, "--instances", "5", "--pool-size", "20", "--max-overflow", "0")
        self.assertRegex(text, "^(✗ )?does not fit: ")
        flat = " ".join(text.split())
        self.assertIn("5 instances × 1 process × 20 = 100 connections, but only 92 of "
                      "max_connections 100 are available", flat)
        self.assertIn("97", flat)
        for way in ("4 instances instead of 5", "--pgbouncer", "max_connections 120"):
            self.assertIn(way, flat)
        self.assertLessEqual(len(text.splitlines()), 24)
        text = self.checked(0, "--instances", "4", "--pool-size", "20")
        self.assertIn("check passed", text)

    def test_check_exits_with_10_when_it_can_deadlock(self):
        arguments = ["--processes", "4", "--threads", "50", "--connections-per-request", "2"]
        text = " ".join(self.checked(10, *arguments).split())
        self.assertIn("can deadlock: 20 connections per process, but 50 requests × 2 "
                      "connections at once need 51", text)
        self.assertIn("one connection per request", text)
        self.assertIn("--threads 19", text)
        answer = self.answer(*arguments)
        self.assertFalse(answer["recommendable"])
        self.assertEqual(answer["recommendation"]["snippets"], {})
        self.checked(10, *arguments, "--pool-size", "20")
        self.checked(0, "--threads", "50", "--connections-per-request", "2", "--pool-size", "51")
        # One process: 51 fit.
        self.assertEqual(self.answer("--threads", "50", "--connections-per-request",
                                     "2")["recommendation"]["capacity"], 51)
        self.checked(10, "--connections-per-request", "3", "--pool-size", "2")

    def test_check_in_a_quiet_step_says_why(self):
        result = self.run_tool("size", *CLASSIC, "--check", "--quiet")
        self.assert_exit(result, 10, "does not fit: 10 processes × 60 = 600")
        self.assertEqual(len(result.stderr.splitlines()), 1)
        self.assertEqual(self.run_tool("size", "--check", "--quiet").stderr, "")
        self.assert_exit(self.run_tool("size", "--max-connections", "8", "--check"), 10, "no pool")
        self.assert_exit(self.run_tool("size", *CLASSIC), 0)

    def test_clients_of_several_pgbouncers(self):
        answer = self.answer("--instances", "10", "--pool-size", "10", "--max-overflow", "0",
                             "--pgbouncer", "--pgbouncer-processes", "10", "--max-client-conn",
                             "20", "--default-pool-size", "2")
        judged = answer["judged"]
        self.assertEqual((judged["needed"], judged["available"]), (100, 200))
        self.assertTrue(answer["check"]["passed"])
        self.checked(10, "--instances", "30", "--pool-size", "10", "--pgbouncer",
                     "--pgbouncer-processes", "10", "--max-client-conn", "20")

    def test_a_pooler_setting_that_does_not_fit_is_no_advice(self):
        answer = self.answer("--default-pool-size", "50", "--pgbouncer", "--pgbouncer-processes",
                             "10", "--max-connections", "100", "--check", code=10)
        self.assertEqual(answer["check"]["problems"][0]["id"], "pooler_server")
        self.assertLessEqual(answer["recommendation"]["pooler"]["default_pool_size"] * 10, 82)
        self.assertTrue(answer["recommendation"]["budget"]["fits"])

    def test_a_poolers_sizes_are_judged_by_the_limit_that_was_given(self):
        for more in ((), ("--rate", "500", "--hold", "100ms"), ("--processes", "10")):
            answer = self.answer("--pgbouncer", "--default-pool-size", "100", "--max-connections",
                                 "98", *more, "--check", code=10)
            problem = answer["check"]["problems"][0]
            self.assertEqual(problem["id"], "pooler_server")
            self.assertIn("90 of max_connections 98 are available", problem["text"])

    def test_a_pooler_each_without_a_load(self):
        arguments = ["--instances", "8", "--processes", "12", "--pgbouncer",
                     "--pgbouncer-processes", "8", "--max-connections", "120"]
        answer = self.answer(*arguments)
        self.assertEqual(answer["recommendation"]["pooler"]["default_pool_size"], 12)
        self.assertIn("14 server connections fit in each of 8 PgBouncer pools, but 12 if 10 % "
                      "of the server's slots are to stay free",
                      " ".join(answer["recommendation"]["why"]))
        bare = self.answer(*arguments, "--headroom", "0")
        self.assertEqual(bare["recommendation"]["pooler"]["default_pool_size"], 14)

    def test_session_mode_shares_nothing(self):
        arguments = ["--processes", "10", "--pgbouncer", "--pool-mode", "session"]
        answer = self.answer(*arguments)
        r = answer["recommendation"]
        self.assertLessEqual(r["capacity"], 82)
        self.assertEqual(r["pooler"]["default_pool_size"], r["capacity"])
        self.assertEqual(r["pooler"]["pool_mode"], "session")
        self.assertIn("pool_mode = session", r["snippets"]["pgbouncer.ini"])
        self.checked(10, *arguments, "--pool-size", "10", "--default-pool-size", "50")
        self.checked(0, *arguments, "--pool-size", "8", "--default-pool-size", "80")

    def test_the_reserve_counts(self):
        self.checked(0, "--pgbouncer", "--default-pool-size", "90", "--reserve-pool-size", "2")
        text = self.checked(10, "--pgbouncer", "--default-pool-size", "90",
                            "--reserve-pool-size", "3")
        self.assertIn("(90 + 3 reserve) = 93", " ".join(text.split()))

    def test_a_deadlock_in_the_poolers_pool(self):
        arguments = ["--processes", "4", "--threads", "5", "--connections-per-request", "2",
                     "--pool-size", "10", "--pgbouncer", "--default-pool-size"]
        self.checked(10, *arguments, "20")
        self.checked(0, *arguments, "21")

    def test_one_thread_never_waits(self):
        answer = self.answer("--threads", "1", "--rate", "20", "--hold", "40ms", "--processes",
                             "2")
        r = answer["recommendation"]
        self.assertEqual((r["pool_size"], r["max_overflow"]), (1, 0))
        self.assertEqual(r["predicted"]["wait_probability"], 0)
        self.assertEqual(r["predicted"]["pool_wait_p95_ms"], 0)
        self.assertEqual(answer["alerts"], [])
        self.assertNotIn("one more connection per pool",
                         [a["change"] for a in r["alternatives"]])
        two = self.answer("--threads", "1", "--connections-per-request", "2")
        self.assertEqual(two["recommendation"]["capacity"], 2)

    def test_growth_is_said_and_can_be_set(self):
        load = ["--rate", "200", "--hold", "50ms"]
        text = self.run_tool("size", *load).stdout
        self.assertIn("with 25 % growth", text)
        self.assertEqual(self.answer(*load)["growth"], 0.25)
        bare = self.answer(*load, "--headroom-load", "0")
        self.assertEqual(bare["growth"], 0)
        self.assertLess(bare["recommendation"]["capacity"],
                        self.answer(*load, "--headroom-load", "100%")["recommendation"]["capacity"])
        self.assertIn("without growth", self.run_tool("size", *load, "--headroom-load", "0").stdout)

    def test_the_rules_are_a_short_table_and_whole_on_request(self):
        short = self.run_tool("size", *CLASSIC).stdout
        self.assertIn("Rules of thumb", short)
        self.assertNotIn("Caveat", short)
        self.assertLess(len(short.splitlines()), 60)
        whole = self.run_tool("size", *CLASSIC, "--rules").stdout
        for piece in ("Caveat", "Alerts", "Timeouts", "Memory"):
            self.assertIn(piece, whole)

    def test_a_check_shows_what_is_asked_for_besides(self):
        for code, arguments in ((10, CLASSIC), (0, ["--pool-size", "10"])):
            bare = self.checked(code, *arguments)
            self.assertNotIn("Caveat", bare)
            self.assertNotIn("create_engine", bare)
            whole = self.run_tool("size", *arguments, "--rules").stdout
            self.assertGreater(whole.count("Caveat"), 5)
            self.assertEqual(self.checked(code, *arguments, "--rules").count("Caveat"),
                             whole.count("Caveat"))
        self.assertIn("--- ", self.checked(0, "--pool-size", "10", "--snippet", "sqlalchemy"))

    def test_the_first_screen_has_24_lines(self):
        for arguments in ([], CLASSIC, ["--rate", "300", "--hold", "50ms", "--sql-time", "10ms"],
                          ["--processes", "200"], [*CLASSIC, "--memory", "1GB", "--threads", "90",
                                                   "--connections-per-request", "3"],
                          ["--pgbouncer", "--pool-mode", "session", "--default-pool-size", "500",
                           "--max-client-conn", "5", "--replica-pool-size", "500"]):
            text = self.run_tool("size", *arguments, "--check").stdout
            self.assertLessEqual(len(text.splitlines()), 24, text)
            self.assertLessEqual(max(map(len, text.splitlines())), 80, text)
