"""What no goal looks at: failures, requests that never end, queues that only grow. No run passes
with them, and the reason names the goal that would accept them. Latency by kind of request."""

import json
import os

from harness import Case, SOURCE, tiny

# Two thirds fail by statement_timeout, and the only goal is on a latency.
MOSTLY_FAILING = {
    "version": 1, "name": "mostly-failing",
    "server": {"settings": {"statement_timeout": "100ms"}},
    "requests": [{"name": "q", "steps": [{"sql": "SELECT pg_sleep(random() * 0.3)"}]}],
    "load": {"users": 8}, "warmup": "1s", "duration": "4s",
    "deployment": {"pool": {"kind": "asyncpg", "min_size": 8, "max_size": 8}},
    "slo": ["p95(latency) < 500ms", "rate(pool_timeout) <= 0.1%"],
}

# Twice the arrivals that the pool can serve; the window is shorter than the pool's limit.
BACKLOG = {
    "version": 1, "name": "backlog",
    "requests": [{"name": "q", "steps": [{"sql": "SELECT 1"}, {"name": "w", "hold": "10ms"}]}],
    "load": {"rate": 1000}, "warmup": "1s", "duration": "8s",
    "deployment": {"pool": {"kind": "hikari", "maximumPoolSize": 5}},
    "slo": ["rate(error) <= 0.1%"],
}

NEVER_END = {
    "version": 1, "name": "never-end",
    "requests": [{"name": "held", "weight": 99, "steps": [{"sql": "SELECT 1"}, {"hold": "1h"}]},
                 {"name": "quick", "weight": 1, "steps": [{"sql": "SELECT 1"}]}],
    "load": {"rate": 50}, "warmup": "0s", "duration": "8s",
    "deployment": {"pool": {"kind": "fixed"}}, "slo": ["rate(error) <= 1%"],
}

SHOP = tiny(
    name="shop", duration="4s", slo=[], load={"users": 2},
    requests=[{"name": "browse", "weight": 9, "steps": [{"sql": "SELECT 1"}, {"hold": "5ms"}]},
              {"name": "buy", "weight": 1, "steps": [{"sql": "SELECT 1"}, {"hold": "60ms"}]}])


class Unjudged(Case):
    def inconclusive(self, *arguments, says):
        result = self.run_tool(*arguments, "--json", "-")
        self.assertEqual(result.returncode, 12, result.stdout + result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(report["verdict"]["status"], "inconclusive")
        self.assertEqual(len(report["verdict"]["unjudged"]), 1, report["verdict"])
        self.assertIn(report["verdict"]["unjudged"][0], report["verdict"]["reasons"])
        self.assertIn(says, report["verdict"]["unjudged"][0])
        return report

    def accepted(self, *arguments):
        result = self.run_tool(*arguments, "--json", "-")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertNotIn("unjudged", json.loads(result.stdout)["verdict"])

    def test_two_thirds_fail_and_the_only_goal_is_a_latency(self):
        self.write("failing.json", MOSTLY_FAILING)
        result = self.run_tool("run", "failing.json", "--json", "failed.json")
        self.assertEqual(result.returncode, 12, result.stdout + result.stderr)
        report = self.load("failed.json")
        self.assertGreater(report["requests"]["failed"], report["requests"]["completed"])
        if report["client"]["saturated"]:
            return  # said first, and inconclusive as well
        self.assertIn("all statement_timeout", report["verdict"]["unjudged"][0])
        self.inconclusive("gate", "failed.json", says="rate(statement_timeout) <= ")
        self.accepted("gate", "failed.json", "--slo", "rate(statement_timeout) <= 90%")
        self.assertEqual(self.run_tool("gate", "failed.json", "--slo", "rate(error) <= 5%")
                         .returncode, 10)

    def test_half_of_the_arrivals_are_never_served(self):
        self.write("backlog.json", BACKLOG)
        report = self.inconclusive("simulate", "backlog.json", says="throughput >= ")
        self.assertIn("the wait queue kept growing", report["verdict"]["reasons"][0])
        self.accepted("simulate", "backlog.json", "--slo", "throughput >= 300/s",
                      "--statement-cost", "50us")
        # With the same load and room for it nothing grows.
        self.accepted("simulate", "backlog.json", "--pool-option", "maximumPoolSize=15")

    def test_it_is_the_same_for_parts_and_for_points_of_a_sweep(self):
        self.write("backlog.json", BACKLOG)
        for seed in ("1", "2"):
            self.run_tool("simulate", "backlog.json", "--seed", seed, "--json", seed + ".json")
        self.inconclusive("merge", "1.json", "2.json", says="the wait queue kept growing")
        self.inconclusive("gate", "1.json", says="the wait queue kept growing")
        swept = self.run_tool("sweep", "backlog.json", "--simulated", "--sizes", "5,15",
                              "--json", "-", "--quiet")
        points = {p["at"]: p["goals_met"] for p in json.loads(swept.stdout)["curve"]["points"]}
        self.assertEqual(points, {5: False, 15: True})

    def test_advice_serves_the_arrivals(self):
        self.write("backlog.json", BACKLOG)
        result = self.run_tool("advise", "backlog.json", "--simulated", "--json", "-", "--quiet")
        size = json.loads(result.stdout)["recommendation"]["pool_size"]
        self.assertGreaterEqual(size, 11)  # 1,000/s × 10 ms and more

    def test_a_fleet_that_the_server_has_no_slots_for(self):
        result = self.run_tool("simulate", "chat-100", "--instances", "10", "--users", "1000",
                               "--json", "-")
        self.assertEqual(result.returncode, 3, result.stdout + result.stderr)
        self.assertIn("600 connections", result.stderr)

    def test_requests_that_never_end_beside_a_goal_on_errors(self):
        self.write("never.json", NEVER_END)
        self.inconclusive("simulate", "never.json", says="were still in flight at the end")
        result = self.run_tool("simulate", "never.json", "--slo", "p95(latency) < 1s",
                               "--statement-cost", "50us")
        self.assertEqual(result.returncode, 10, result.stdout)

    def test_requests_under_way_end_a_run_too(self):
        goal = {"goal": "p95(latency) < 1s", "abort_on_fail": True, "grace": "1s"}
        held = dict(NEVER_END, slo=[goal], duration="20s")
        self.write("held.json", held)
        result = self.run_tool("simulate", "held.json", "--json", "-")
        self.assertEqual(result.returncode, 10, result.stderr)
        report = json.loads(result.stdout)
        self.assertLess(report["window"]["measured_s"], 5)
        self.assertIs(report["verdict"]["slo"][0]["ended_the_run"], True)
        healthy = tiny(slo=[goal], duration="3s", load={"rate": 50})
        self.write("healthy.json", healthy)
        result = self.run_tool("simulate", "healthy.json", "--json", "-")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_shipped_scenarios_are_not_touched(self):
        for name in sorted(os.listdir(SOURCE + "/scenarios")):
            if not name.endswith(".json") or name.endswith(".schema.json"):
                continue
            result = self.run_tool("simulate", name[:-5], "--duration", "5s", "--json", "-")
            verdict = json.loads(result.stdout)["verdict"]
            self.assertNotIn("unjudged", verdict, name)


class Kinds(Case):
    def setUp(self):
        super().setUp()
        self.write("shop.json", SHOP)
        for seed in ("1", "2"):
            result = self.run_tool("simulate", "shop.json", "--seed", seed,
                                   "--json", seed + ".json")
            self.assertEqual(result.returncode, 0, result.stderr)
        self.said = result.stdout

    def test_each_kind_has_its_latency_without_a_goal(self):
        report = self.load("1.json")
        kinds = {kind["request"]: kind for kind in report["requests_by_kind"]}
        self.assertEqual(list(kinds), ["browse", "buy"])
        self.assertLess(kinds["browse"]["latency_ms"]["p95"], 60)
        self.assertGreaterEqual(kinds["buy"]["latency_ms"]["p50"], 60)
        self.assertEqual(sum(kind["completed"] for kind in kinds.values()),
                         report["requests"]["completed"])
        self.assertRegex(self.said, r"latency of +p50")
        self.assertRegex(self.said, r"\n *buy +\d")

    def test_merged_compared_and_gated(self):
        result = self.run_tool("merge", "1.json", "2.json", "--json", "-")
        merged = {k["request"]: k["completed"] for k in
                  json.loads(result.stdout)["requests_by_kind"]}
        for name in merged:
            parts = [k["completed"] for seed in ("1", "2")
                     for k in self.load(seed + ".json")["requests_by_kind"] if k["request"] == name]
            self.assertEqual(merged[name], sum(parts))
        beside = self.run_tool("compare", "1.json", "2.json")
        self.assertIn("- p95 buy", beside.stdout)
        slo = "p95(latency) < 30ms for request "
        self.assertEqual(self.run_tool("gate", "1.json", "--slo", slo + "buy").returncode, 10)
        self.assertEqual(self.run_tool("gate", "1.json", "--slo", slo + "browse").returncode, 0)
        result = self.run_tool("gate", "shop.json", "--simulated", "--pairs", "6",
                               "--candidate-set", "pool_size=2", "--baseline-set", "pool_size=2",
                               "--metric", "p95(latency) for request buy=10%", "--duration", "20s",
                               "--json", "-")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        metrics = json.loads(result.stdout)["gate"]["metrics"]
        self.assertEqual(metrics[0]["metric"], "p95(latency) for request buy")
        wrong = self.run_tool("gate", "1.json", "--baseline", "2.json",
                              "--metric", "p95(latency) for request sell=10%")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("browse, buy", wrong.stderr)
