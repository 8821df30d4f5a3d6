"""Requests that do not end within the window: no run passes beside them, live or simulated."""

import json

from harness import Case, tiny

# A tenth of the requests holds its connection for an hour.
NEVER_END = {
    "version": 1, "name": "stuck",
    "requests": [{"weight": 9, "steps": [{"sql": "SELECT 1", "cost": "100us"}]},
                 {"weight": 1, "name": "slow",
                  "steps": [{"sql": "SELECT 1", "cost": "100us"}, {"hold": "1h"}]}],
    "load": {"rate": 100}, "warmup": "0s", "duration": "5s",
    "deployment": {"pool": {"kind": "fixed"}},
    "slo": ["p95(latency) < 1s", "rate(error) <= 1%"],
}


class InFlight(Case):
    def judged(self, *arguments, status, facts=None):
        """`facts` checks what must hold whether or not other programs starved the run."""
        result = self.run_tool(*arguments, "--json", "-")
        if facts is not None:
            self.assertIn(result.returncode, (status, 12), result.stderr)
            facts(json.loads(result.stdout))
        self.assert_exit(result, status)
        return json.loads(result.stdout), " ".join(result.stderr.split())

    def check_ages(self, report):
        ages = report["in_flight"]
        self.assertEqual(ages["ages_ms"]["count"], report["requests"]["in_flight"])
        self.assertEqual(sum(kind["ages_ms"]["count"] for kind in ages["by_request"]),
                         report["requests"]["in_flight"] - report["requests"]["not_started"])
        self.assertEqual(report["latency_ms"]["count"], report["requests"]["completed"])

    def test_a_tenth_that_never_ends(self):
        self.write("stuck.json", NEVER_END)
        for command in ("simulate", "run"):
            _, said = self.judged(command, "stuck.json", status=10, facts=self.check_stuck)
            self.assertIn("GOAL MISSED", said)
            self.assertIn("had already taken longer than the slowest completed request", said)

    def check_stuck(self, report):
        self.check_ages(report)
        latency = report["latency_ms"]
        self.assertIsNone(latency["p95"])
        self.assertGreater(latency["p95_at_least"], 4000)
        self.assertLess(latency["p50"], 1000)
        goal = report["verdict"]["slo"][0]
        self.assertIsNone(goal["measured"])
        self.assertEqual(goal["met"], False)
        self.assertGreater(goal["at_least"], 4)
        self.assertEqual({kind["request"] for kind in report["in_flight"]["by_request"]
                          if kind["ages_ms"]["count"] > 20}, {"slow"})
        self.assertIn("stuck_requests", [f["finding"] for f in report["diagnosis"]])

    def test_parts_of_it_are_joined_exactly_and_saved_reports_judged(self):
        self.write("stuck.json", NEVER_END)
        for seed in ("1", "2"):
            self.run_tool("simulate", "stuck.json", "--seed", seed, "--json", seed + ".json")
        parts = []
        for seed in ("1", "2"):
            with open(self.scratch + "/" + seed + ".json") as file:
                parts.append(json.load(file))
        merged, _ = self.judged("merge", "1.json", "2.json", status=10)
        self.check_ages(merged)
        self.assertEqual(merged["in_flight"]["ages_ms"]["count"],
                         sum(part["in_flight"]["ages_ms"]["count"] for part in parts))
        self.assertEqual(merged["latency_ms"]["p95_at_least"],
                         max(part["latency_ms"]["p95_at_least"] for part in parts))
        self.assertEqual(self.run_tool("gate", "1.json").returncode, 10)
        more = self.run_tool("gate", "1.json", "--slo", "p99(latency) < 2s")
        self.assertEqual(more.returncode, 10, more.stdout + more.stderr)
        shown = self.run_tool("report", "1.json").stdout
        self.assertRegex(shown, r"latency +\S+ \S+ +> \d")

    def test_a_lock_that_outlasts_the_window(self):
        asks = [(i / 50, "ask") for i in range(200)]
        self.write("setup.sql", "CREATE TABLE IF NOT EXISTS kept (id int); TRUNCATE kept;")
        requests = [
            {"name": "ask", "steps": [{"name": "count", "sql": "SELECT count(*) FROM kept"}]},
            {"name": "migrate", "transaction": True, "steps": [
                {"name": "lock", "sql": "LOCK TABLE kept IN ACCESS EXCLUSIVE MODE"},
                {"name": "rewrite", "hold": "1h"}]}]
        for name, extra in (("calm", []), ("locked", [(0.9, "migrate")])):
            rows = sorted(asks + extra)
            self.write(name + ".csv", "at,request\n" + "".join(f"{at},{who}\n" for at, who in rows))
            self.write(name + ".json", tiny(
                name=name, requests=requests, load={"replay": name + ".csv"}, duration="4s",
                data={"setup": ["setup.sql"]}, slo=["p95(latency) < 1s", "rate(error) <= 1%"],
                deployment={"pool": {"kind": "sqlalchemy-async", "pool_size": 10}}))
        _, said = self.judged("run", "locked.json", status=10, facts=self.check_locked)
        if "client_bound" not in said:
            self.assertIn("stall", said)
        calm, _ = self.judged("run", "calm.json", status=0)
        self.assertNotIn("stalls", calm)
        self.assertEqual(calm["latency_ms"]["count"], 200 - calm["requests"]["in_flight"])

    def check_locked(self, locked):
        self.check_ages(locked)
        self.assertGreater(locked["requests"]["in_flight"], 100)
        self.assertGreater(locked["latency_ms"]["p95_at_least"], 1000)
        self.assertEqual(locked["verdict"]["slo"][0]["met"], False)
        self.assertGreater(locked["verdict"]["slo"][0]["at_least"], 1)
        found = [f["finding"] for f in locked["diagnosis"]]
        if "client_bound" in found and "stalls" not in locked:  # too little was done before it
            return
        stall = locked["stalls"][-1]
        self.assertLessEqual(stall["start_s"], 2)
        self.assertEqual((stall["end_s"], stall["to_the_end"]), (4, True))
        self.assertIn("no_completions", found)
        steps = {s["name"]: s["latency_ms"] for s in locked["steps"]}
        self.assertGreater(steps["count"]["max_at_least"], 1000)  # of those with a connection

    def test_a_run_without_goals_that_stood_still_is_inconclusive(self):
        # Both users are held from their first request on.
        self.write("held.json", tiny(
            requests=[{"name": "quick", "weight": 99,
                       "steps": [{"sql": "SELECT 1", "cost": "100us"}]},
                      {"name": "held", "weight": 1,
                       "steps": [{"sql": "SELECT 1", "cost": "100us"}, {"hold": "1h"}]}],
            load={"users": 2}, duration="10s", slo=[]))
        report, said = self.judged("simulate", "held.json", status=12)
        self.assertEqual(report["verdict"]["status"], "inconclusive")
        self.assertIn("no request completed ", report["verdict"]["reasons"][0])
