"""What a simulation takes statements to cost: given, measured, or assumed and then not judged."""

import json
import os

from harness import Case, SOURCE, tiny

GOALS = ["p95(latency) < 1s", "p95(pool_wait) < 1s", "rate(pool_timeout) <= 1%",
         "throughput >= 1/s"]


def chat(cost=None, hold="150ms", **changes):
    step = {"name": "read", "sql": "SELECT 1"}
    if cost:
        step["cost"] = cost
    return tiny(requests=[{"name": "chat", "steps": [step, {"name": "model", "hold": hold}]}],
                **{"slo": GOALS, "duration": "8s", "load": {"users": 10}, **changes})


class Costs(Case):
    def simulate(self, scenario, *flags, code=0, command=("simulate",), **more):
        self.write("s.json", scenario)
        result = self.run_tool(*command, "s.json", "--json", "r.json", *flags, **more)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return self.load("r.json") if os.path.exists(os.path.join(self.scratch, "r.json")) else None

    def judged(self, report):
        return [goal["goal"] for goal in report["verdict"]["slo"] if goal["measured"] is not None]

    def test_assumed_costs_are_said_first_and_judge_no_times(self):
        self.write("s.json", chat())
        result = self.run_tool("simulate", "s.json", "--json", "r.json")
        self.assertEqual(result.returncode, 12, result.stdout + result.stderr)
        first = " ".join(result.stdout.partition("\n\n")[0].split())
        self.assertRegex(first, "assumes 100 [uµ]s per statement")
        self.assertIn("NOT JUDGED", result.stdout)
        report = self.load("r.json")
        self.assertEqual(report["target"]["simulation"]["costs"], "assumed")
        self.assertEqual(self.judged(report), GOALS[1:3])
        self.assertIn("--statement-cost", report["verdict"]["reasons"][0])
        shown = self.run_tool("report", "r.json")
        self.assertEqual(shown.returncode, 0)
        self.assertRegex(" ".join(shown.stdout.split()), "assumes 100 [uµ]s per")
        self.assertIn("only assumed", shown.stdout)

    def test_without_holds_nothing_is_judged(self):
        report = self.simulate(chat(hold="1ms"), code=12)
        self.assertEqual(self.judged(report), [])

    def test_given_costs_are_played_and_judged(self):
        for scenario, flags in ((chat(cost="20ms"), ()), (chat(), ("--statement-cost", "20ms"))):
            report = self.simulate(scenario, *flags)
            self.assertEqual(report["target"]["simulation"]["costs"], "given")
            self.assertEqual(self.judged(report), GOALS)
            self.assertGreater(report["latency_ms"]["p50"], 170)
        spread = self.simulate(chat(cost={"uniform": ["10ms", "30ms"]}))
        self.assertLess(spread["steps"][0]["latency_ms"]["mean"], 25)

    def test_the_options_where_they_mean_nothing(self):
        self.write("s.json", chat(cost="1ms"))
        refused = lambda *words: self.run_tool(*words)
        self.assert_exit(refused("advise", "s.json", "--statement-cost", "1ms"), 2, "--simulated")
        self.assert_exit(refused("sweep", "s.json", "--calibrate"), 2, "--simulated")
        self.assert_exit(refused("simulate", "s.json", "--calibrate", "--statement-cost", "1ms"),
                         2, "cannot be used together")
        self.assert_exit(refused("simulate", "s.json", "--statement-cost", "-1ms"), 2,
                         "--statement-cost")
        self.assert_exit(refused("simulate", "s.json", "--target", "host=h"), 2, "--calibrate")
        self.simulate(chat(cost="1ms"))
        self.assert_exit(refused("simulate", "r.json", "--statement-cost", "1ms"), 2,
                         "is a report and contains measured costs")

    def test_advise_confirms_nothing_that_is_assumed(self):
        short = {"warmup": "1s", "duration": "5s", "load": {"users": 20}}
        report = self.simulate(chat(slo=["p95(latency) < 1s"], **short), "--simulated", code=12,
                               command=("advise",))
        self.assertIsNone(report["recommendation"])
        self.assertIn("no pool size was searched", report["verdict"]["reasons"][0])
        self.assertIn("--calibrate", report["verdict"]["reasons"][1])
        report = self.simulate(chat(slo=["p95(pool_wait) < 50ms"], **short), "--simulated", code=12,
                               command=("advise",))
        self.assertFalse(report["recommendation"]["confirmed"])
        self.assertIn("only assumed", report["recommendation"]["search"]["sentence"])
        report = self.simulate(chat(slo=["p95(pool_wait) < 50ms"], **short), "--simulated",
                               "--statement-cost", "1ms", command=("advise",))
        self.assertTrue(report["recommendation"]["confirmed"])

    def test_what_burns_the_processor_is_not_called_fast(self):
        cpu = tiny(requests=[{"name": "count", "steps": [{"name": "count", "sql": "SELECT 1"}]}],
                   load={"users": 100, "think": {"exponential": "250ms"}}, warmup="2s",
                   duration="10s", slo=["p95(latency) < 100ms"])
        self.assertIsNone(self.simulate(cpu, "--simulated", code=12,
                                        command=("advise",))["recommendation"])
        report = self.simulate(cpu, "--simulated", "--statement-cost", "8ms", code=10,
                               command=("advise",))
        self.assertGreater(report["latency_ms"]["p95"], 100)

    def test_a_sweep_and_a_gate(self):
        report = self.simulate(chat(), "--simulated", "--sizes", "2,4", code=12, command=("sweep",))
        self.assertIn("--calibrate", " ".join(report["verdict"]["reasons"]))
        self.simulate(chat(cost="1ms"), "--simulated", "--sizes", "2,4", command=("sweep",))
        self.simulate(chat(slo=["p95(latency) < 1s"]), "--simulated", code=12, command=("gate",))
        self.simulate(chat(slo=["p95(latency) < 1s"]), "--simulated", "--statement-cost", "1ms",
                      command=("gate",))

    def test_the_shipped_scenarios_know_their_costs(self):
        for name in ("chat-100", "chat-100-before", "cpu-bound", "hold-bound",
                     "pgbouncer-1000", "read-replica", "select-only"):
            self.run_tool("simulate", name, "--duration", "3s", "--json", "r.json", "--quiet")
            self.assertEqual(self.load("r.json")["target"]["simulation"]["costs"], "given", name)

    def test_without_locks_there_is_no_answer_where_they_decide(self):
        for flags in ((), ("--statement-cost", "100us")):
            result = self.run_tool("simulate", "lock-bound", "--duration", "3s", "--json", "r.json",
                                   *flags)
            self.assertEqual(result.returncode, 12, result.stdout + result.stderr)
            first = " ".join(result.stdout.partition("\n\n")[0].split())
            self.assertIn("the model has no locks, but this scenario waits for them "
                          '(step "count.update")', first)
            self.assertIn("the simulator does not model locks", result.stdout)
            report = self.load("r.json")
            self.assertEqual(self.judged(report), [])
            self.assertEqual([each["finding"] for each in report["diagnosis"]],
                             ["locks_not_simulated"])
            self.assertIn("poolgauge run", report["verdict"]["reasons"][0])
            shown = self.run_tool("report", "r.json")
            self.assertIn("the simulator does not model locks", " ".join(shown.stdout.split()))
        result = self.run_tool("advise", "lock-bound", "--simulated", "--duration", "3s",
                               "--statement-cost", "100us", "--json", "r.json")
        self.assertEqual(result.returncode, 12, result.stdout + result.stderr)
        report = self.load("r.json")
        self.assertIsNone(report["recommendation"])
        self.assertIn("no pool size was searched", report["verdict"]["reasons"][0])
        self.assertIn("locks the same rows every time", report["verdict"]["reasons"][1])

    def test_a_simulated_replica_may_lag(self):
        self.run_tool("simulate", "read-replica", "--duration", "3s", "--json", "r.json", "--quiet")
        self.assertNotIn("behind its primary", " ".join(self.load("r.json")["notes"]))
        self.run_tool("simulate", "read-replica", "--duration", "3s", "--json", "r.json", "--quiet",
                      "--replica-lag", "500ms")
        notes = " ".join(self.load("r.json")["notes"])
        self.assertRegex(notes, r"with a lag of 500ms behind its primary: "
                         r"[\d.]+ % of the statements")
        for command, said in (
                (("simulate", "chat-100", "--replica-lag", "1s"), "no pool of the scenario uses"),
                (("simulate", "read-replica", "--replica-lag", "1m"), "caught up within 30s"),
                (("advise", "read-replica", "--replica-lag", "1s"), "--simulated")):
            self.assert_exit(self.run_tool(*command), 2, "--replica-lag", said)


class Slots(Case):
    """The modelled server refuses what the real one refuses."""

    def field_case(self, name):
        with open(os.path.join(SOURCE, "tests", "cli", "field", name)) as file:
            return "\n".join(line for line in file if not line.startswith("//"))

    def both(self, scenario, *pieces):
        self.write("s.json", scenario)
        for command in (("simulate", "s.json"), ("run", "s.json", "--embedded", "--no-probe")):
            self.assert_exit(self.run_tool(*command), 3, *pieces)
        self.assertEqual(self.reports(), [])

    def test_reserved_slots(self):
        # 97, or 96 where a backend of the tool's own is slow to leave.
        self.both(self.field_case("reserved-slots.json"), "may open 100 connections",
                  "the server has only 9", "100 − 3 reserved")

    def test_a_role_with_a_limit(self):
        self.write("role.sql", "CREATE ROLE app LOGIN CONNECTION LIMIT 5;")
        self.both(tiny(data={"setup": ["role.sql"]}, load={"users": 20}, deployment={
            "pool": {"kind": "sqlalchemy", "role": "app", "pool_size": 6, "max_overflow": 0}}),
            "may open 6 connections", "the role's connection limit 5")

    def test_a_database_with_a_limit(self):
        self.write("limit.sql", "CREATE ROLE app LOGIN; "
                                "ALTER DATABASE postgres CONNECTION LIMIT 4;")
        self.both(tiny(data={"setup": ["limit.sql"]}, load={"users": 20}, deployment={
            "pool": {"kind": "sqlalchemy", "role": "app", "pool_size": 6, "max_overflow": 0}}),
            "may open 6 connections", "the database's connection limit 4")

    def test_a_pooler_refuses_the_clients_it_has_no_place_for(self):
        self.both(self.field_case("max-client-conn.json"), "may open 500 connections",
                  "PgBouncer accepts only 400", "max_client_conn 400")

    def test_advise_and_sweep_stay_within_the_slots(self):
        self.write("s.json", chat(cost="1ms", duration="5s",
                                  server={"settings": {"max_connections": 10}},
                                  load={"users": 50}, slo=["p95(pool_wait) < 1ms"]))
        result = self.run_tool("advise", "s.json", "--simulated", "--json", "r.json")
        self.assertEqual(result.returncode, 10, result.stdout + result.stderr)
        self.assertLessEqual(self.load("r.json")["recommendation"]["pool_size"], 7)
        self.assert_exit(self.run_tool("sweep", "s.json", "--simulated", "--sizes", "8"), 3,
                         "10 − 3 reserved")


class Calibrate(Case):
    """A few seconds on the embedded server, then the cache."""

    def calibrated(self, *flags, code=0, env=None):
        result = self.run_tool("simulate", "s.json", "--calibrate", "--json", "r.json",
                               "--progress", "none", *flags, env=env)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result

    def cache(self):
        return self.reports(os.path.join("cache", "poolgauge", "costs"))

    def test_measured_then_taken_from_the_cache(self):
        self.write("s.json", chat(slo=["p95(latency) < 10s"]))
        env = {"XDG_CACHE_HOME": os.path.join(self.scratch, "cache")}
        first = self.calibrated(env=env)
        self.assertIn("saved in " + self.scratch, first.stderr)
        self.assertEqual(len(self.cache()), 1, self.cache())
        report = self.load("r.json")
        self.assertEqual(report["target"]["simulation"]["costs"], "measured")
        self.assertIn("measured with one user on PostgreSQL",
                      report["target"]["simulation"]["assumes"])
        self.assertNotIn(self.scratch, json.dumps(report["target"]))
        self.assert_nothing_left()
        no_server = {**env, "PATH": "/nowhere"}
        again = self.calibrated("--users", "4", env=no_server)  # costs are not the load's
        self.assertIn("measured on embedded at", again.stderr)
        self.assertNotIn("measured on", self.calibrated("--quiet", env=no_server).stderr)
        with open(self.cache()[0], "w") as file:
            file.write('{"schema_version": 1, "tool":')
        mended = self.calibrated(env=env)
        self.assertIn("is not a --calibrate report", mended.stderr)
        self.assertIn("saved in", mended.stderr)
        self.assertEqual(len(self.cache()), 1, self.cache())

    def test_two_at_once_measure_once(self):
        self.write("s.json", chat(slo=["p95(latency) < 10s"]))
        env = {"XDG_CACHE_HOME": os.path.join(self.scratch, "cache")}
        running = [self.start_tool("simulate", "s.json", "--calibrate", "--out", str(i), env=env)
                   for i in range(2)]
        said = [process.communicate()[1] for process in running]
        self.assertEqual([process.returncode for process in running], [0, 0], said)
        self.assertEqual(sum("saved in" in text for text in said), 1, said)
        self.assertEqual(len(self.cache()), 1)

    def test_without_a_cache_it_measures_each_time(self):
        self.write("s.json", chat(slo=["p95(latency) < 10s"]))
        self.write("blocked", "a file where the directory should be")
        result = self.calibrated(env={"XDG_CACHE_HOME": os.path.join(self.scratch, "blocked")})
        self.assertIn("not saved", result.stderr)

    def test_a_statement_that_fails_is_said(self):
        self.write("s.json", tiny(requests=[{"name": "r", "steps": [
            {"name": "s", "sql": "SELECT 1 / (random() * 0)::int"}]}]))
        env = {"XDG_CACHE_HOME": os.path.join(self.scratch, "cache")}
        result = self.calibrated(code=3, env=env)
        self.assertIn("division by zero", result.stderr)
