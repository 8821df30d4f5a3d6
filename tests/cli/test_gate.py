"""Goals over windows, goals that end a run, gate and compare."""

import copy
import json
import os
import re

from harness import Case, tiny


def changed(report, factor=1.0, noise=0.0, **more):
    """A report whose times are `factor` times as long, its throughput that much less."""
    new = copy.deepcopy(report)
    scale = factor * (1 + noise)

    def slower(summary):
        for key, value in summary.items():
            if isinstance(value, (int, float)) and key != "count":
                summary[key] = value * scale
            elif isinstance(value, list):
                summary[key] = [v * scale for v in value]

    for key in ("latency_ms", "response_ms", "pool_wait_ms", "connection_time_ms", "statement_ms"):
        slower(new[key])
    for step in new["steps"]:
        slower(step["latency_ms"])
    new["throughput_per_s"] /= scale
    new["requests"]["completed"] = int(new["requests"]["completed"] / scale)
    new["requests"]["scheduled"] = sum(
        new["requests"][k] for k in ("completed", "failed", "shed", "in_flight"))
    for point in new["timeline"]:
        point["completed"] = int(point["completed"] / scale)
    new.update(more)
    return new


NOISE = [0.0, 0.006, -0.004, 0.002, -0.007, 0.005]


class ReportSides(Case):
    def setUp(self):
        super().setUp()
        self.write("tiny.json", tiny(duration="5s"))
        result = self.run_tool("simulate", "tiny.json", "--quiet", "--json", "one.json")
        self.assert_exit(result, 0)
        with open(os.path.join(self.scratch, "one.json")) as file:
            self.one = json.load(file)

    def side(self, directory, factor=1.0, count=6, **more):
        """Reports of a side, with noise between them."""
        os.makedirs(os.path.join(self.scratch, directory), exist_ok=True)
        for i in range(count):
            self.write("%s/r%d.json" % (directory, i),
                       changed(self.one, factor, NOISE[i % len(NOISE)], **more))
        return directory

    def gate(self, *arguments, **more):
        return self.run_tool("gate", *arguments, **more)

    def gate_json(self, *arguments):
        result = self.gate(*arguments, "--json", "gate.json", "--quiet")
        with open(os.path.join(self.scratch, "gate.json")) as file:
            return result, json.load(file)


class Gates(ReportSides):
    def test_the_same_passes_and_slower_is_a_regression(self):
        self.side("base")
        self.side("same")
        self.side("slow", 1.2)
        result, report = self.gate_json("same", "--baseline", "base")
        self.assert_exit(result, 0)
        self.assertEqual(report["gate"]["verdict"], "pass")
        result, report = self.gate_json("slow", "--baseline", "base")
        self.assert_exit(result, 11)
        self.assertEqual(report["verdict"]["status"], "regression")
        self.assertEqual(report["verdict"]["exit_code"], 11)
        gate = report["gate"]
        metrics = {metric["metric"]: metric for metric in gate["metrics"]}
        self.assertAlmostEqual(metrics["p95(latency)"]["change"], 0.2, delta=0.03)
        self.assertAlmostEqual(metrics["throughput"]["change"], -0.167, delta=0.03)
        self.assertEqual(metrics["throughput"]["method"], "Mann-Whitney")
        self.assertIn("fell by", gate["headline"] + " ".join(gate["reasons"]))
        shown = self.gate("slow", "--baseline", "base")
        self.assertIn("REGRESSION", shown.stdout)
        self.assertIn("allowed", shown.stdout)

    def test_strict_and_advisory(self):
        self.side("base", count=1)
        self.assert_exit(self.gate("one.json", "--baseline", "base"), 12)
        self.assert_exit(self.gate("one.json", "--baseline", "base", "--strict"), 11)
        result = self.gate("one.json", "--baseline", "base", "--advisory")
        self.assert_exit(result, 0)
        self.assertIn("INCONCLUSIVE", result.stdout)

    def test_one_beside_one_needs_an_assumed_noise(self):
        self.write("slow.json", changed(self.one, 1.5))
        result = self.gate("slow.json", "--baseline", "one.json")
        self.assert_exit(result, 12)
        self.assertIn("nothing about the noise", result.stdout)
        few = ("--metric", "p95(latency)", "--metric", "throughput=5%", "--noise", "3%")
        self.assert_exit(self.gate("slow.json", "--baseline", "one.json", *few), 11)
        self.assert_exit(self.gate("one.json", "--baseline", "one.json", *few), 12)

    def test_differences_below_the_floor_are_no_regression(self):
        self.side("base")
        self.side("slow", 1.5)
        p95_ms = self.one["latency_ms"]["p95"]
        beyond, within = "%.0fus" % (400 * p95_ms), "%.0fus" % (600 * p95_ms)  # of 500 * p95
        for floor, status in ((beyond, 11), (within, 0), ("10%," + beyond, 11),
                              (within + ",1%", 0)):
            result, report = self.gate_json("slow", "--baseline", "base", "--metric",
                                            "p95(latency)=" + floor)
            self.assert_exit(result, status)
            metric = report["gate"]["metrics"][0]
            given = re.search(r"(\d+)us", floor).group(1)
            self.assertAlmostEqual(metric["floor"], float(given) / 1e6)
            self.assertEqual(metric["verdict"], "regression" if status else "pass")
        shown = self.gate("slow", "--baseline", "base", "--metric", "p95(latency)=" + within)
        self.assertIn("differs by less than", shown.stdout)
        self.assert_exit(self.gate("base", "--baseline", "slow", "--metric",
                                   "p95(latency)=" + beyond), 0)
        for wrong in ("p95(latency)=5/s", "throughput=1ms", "p95(latency)=0ms",
                      "rate(error)=1ms", "p95(latency)=", "p95(latency)=10%,"):
            self.assert_exit(self.gate("slow", "--baseline", "base", "--metric", wrong), 2,
                             "allowed margin")
        # Ten times as much is more likely a forgotten unit.
        for bare, cures in (("p95(latency)=10", ("10%", "10ms")), ("throughput=5", ("5%", "5/s")),
                            ("rate(error)=1", ("1%",)), ("p95(latency)=10%,2", ("2%", "2ms"))):
            self.assert_exit(self.gate("slow", "--baseline", "base", "--metric", bare), 2,
                             "allowed margin", "has no unit", *cures)
        for share in ("p95(latency)=0.1", "p95(latency)=300%"):
            self.assertIn(self.gate("base", "--baseline", "base", "--metric",
                                    share).returncode, (0, 12))

    def test_goals_alone_decide_without_a_baseline(self):
        self.assert_exit(self.gate("one.json"), 0)
        result = self.gate("one.json", "--slo", "p95(latency) < 1us")
        self.assert_exit(result, 10)
        self.assertIn("over the limit", result.stdout)
        self.assert_exit(self.gate("one.json", "--slo", "p95(latency) < 10s"), 0)
        self.assert_exit(self.gate("one.json", "--slo", "p95(latency) < 10s over 2s"), 12)

    def test_an_unsupported_percentile_is_inconclusive(self):
        self.write("short.json", tiny(load={"users": 1, "think": "100ms"}, duration="1s"))
        self.run_tool("simulate", "short.json", "--quiet", "--json", "few.json")
        self.assert_exit(self.gate("few.json", "--slo", "p99(latency) < 10s"), 12)
        side = ",".join(["few.json"] * 4)
        result = self.gate(side, "--baseline", side)
        self.assert_exit(result, 12)
        self.assertIn("the sample is too small", result.stdout)

    def test_another_scenario_or_setting_is_refused_with_the_fields(self):
        self.side("base")
        self.write("bigger.json", tiny(duration="5s", deployment={
            "pool": {"kind": "sqlalchemy-async", "pool_size": 3, "max_overflow": 0}}))
        self.run_tool("simulate", "bigger.json", "--quiet", "--json", "bigger-run.json")
        result = self.gate("bigger-run.json", "--baseline", "base")
        self.assert_exit(result, 2)
        self.assertIn("deployment.pool.pool_size: 2 → 3", result.stdout)
        allowed = self.gate("bigger-run.json", "--baseline", "base", "--allow", "deployment.pool",
                            "--advisory")
        self.assertIn("(intended)", allowed.stdout)
        self.assertNotIn("NOT COMPARABLE", allowed.stdout)

    def test_another_machine_or_server_raises_doubt(self):
        real = {"kind": "server", "address": "h:1/d", "server_version": "15.8",
                "max_connections": 100, "reserved_connections": 3, "pooler": None}
        machine = {"arch": "x86_64", "kernel": "Linux 6.1.0-18", "cpu": "A", "cores": 2,
                   "memory_mib": 8000}
        self.side("base", target=real, machine=machine)
        self.side("later", target=real, machine=dict(machine, kernel="Linux 6.1.0-25"))
        self.side("other", target=dict(real, server_version="16.2"), machine=dict(machine, cores=4))
        self.assert_exit(self.gate("later", "--baseline", "base"), 0)
        result = self.gate("other", "--baseline", "base")
        self.assert_exit(result, 12)
        self.assertIn("machine.cores: 2 → 4", result.stdout)
        self.assertIn("target.server_version: 15.8 → 16.2", result.stdout)

    def test_bad_files(self):
        with open(os.path.join(self.scratch, "one.json")) as file:
            text = file.read()
        self.write("cut.json", text[: len(text) // 2])
        self.write("foreign.json", {"hello": 1})
        self.write("newer.json", dict(self.one, schema_version=2))
        os.mkdir(os.path.join(self.scratch, "empty"))
        base = ("gate", "one.json", "--baseline")
        self.assert_exit(self.run_tool(*base, "cut.json"), 2, "cut.json", "incomplete or empty")
        self.assert_exit(self.run_tool(*base, "foreign.json"), 2, "not a poolgauge report")
        self.assert_exit(self.run_tool(*base, "newer.json"), 2, "the report has version 2")
        self.assert_exit(self.run_tool(*base, "empty"), 2, "empty contains no reports")
        self.assert_exit(self.run_tool(*base, "missing.json"), 2, "missing.json")
        os.mkdir(os.path.join(self.scratch, "others"))
        other = copy.deepcopy(self.one)
        other["scenario"]["name"] = "another"
        self.write("others/a.json", other)
        self.assert_exit(self.run_tool(*base, "others"), 2, "no report of scenario tiny",
                         "another (1 report)")

    def test_flags_that_come_too_late_are_refused(self):
        self.assert_exit(self.gate("one.json", "--users", "5"), 2, "--users does not apply")
        self.assert_exit(self.gate("one.json", "--pairs", "6"), 2, "--pairs does not apply")
        self.assert_exit(self.gate("tiny.json", "--simulated", "--candidate-set", "pool_size=1"), 2,
                         "needs --pairs")
        self.assert_exit(self.gate("one.json", "--baseline", "one.json", "--metric", "p95(ltncy)"),
                         2, "latency")

    def test_markdown_and_reading_back(self):
        self.side("base")
        self.side("slow", 1.2)
        self.gate("slow", "--baseline", "base", "--json", "g.json", "--markdown", "g.md", "--quiet")
        with open(os.path.join(self.scratch, "g.md")) as file:
            markdown = file.read()
        self.assertIn("**REGRESSION**", markdown)
        again = self.run_tool("report", "g.json", "--format", "markdown")
        self.assertEqual(again.stdout, markdown)


class GatePairs(ReportSides):
    def test_a_smaller_pool_is_caught_and_the_same_is_not(self):
        crowd = tiny(load={"users": 30}, duration="5s")
        crowd["requests"][0]["steps"].append(
            {"name": "model", "hold": {"exponential": "20ms"}})
        self.write("crowd.json", crowd)
        arguments = ("crowd.json", "--pairs", "6", "--simulated")
        result, report = self.gate_json(*arguments, "--baseline-set", "pool_size=10",
                                        "--candidate-set", "pool_size=9", "--keep-runs", "runs")
        self.assert_exit(result, 11)
        self.assertTrue(report["gate"]["paired"])
        self.assertEqual(report["gate"]["pairs"], 6)
        self.assertIn(
            {"field": "deployment.pool.pool_size", "baseline": "10", "candidate": "9",
             "effect": "intended"}, report["gate"]["differences"])
        self.assertEqual(len([n for n in self.reports("runs") if n.endswith(".json")]), 12)
        same, report = self.gate_json(*arguments)
        self.assert_exit(same, 0)
        self.assertEqual(report["gate"]["verdict"], "pass")

    def test_too_few_pairs_are_refused_before_anything_runs(self):
        result = self.gate("tiny.json", "--pairs", "5", "--no-extend", "--simulated")
        self.assert_exit(result, 2, "use at least --pairs 6")

    def test_runs_beside_a_stored_baseline(self):
        self.gate("tiny.json", "--simulated", "--runs", "4", "--seed", "50", "--keep-runs", "base",
                  "--quiet")
        result, report = self.gate_json("tiny.json", "--simulated", "--baseline", "base")
        self.assert_exit(result, 0)
        self.assertEqual(report["gate"]["candidate"]["runs"], 4)

    def test_a_baseline_of_which_no_run_could_be_kept(self):
        os.mkdir(os.path.join(self.scratch, "kept"))
        result = self.gate("tiny.json", "--simulated", "--runs", "2", "--baseline", "kept",
                           "--json", "g.json")
        self.assert_exit(result, 0, "kept contains no reports", "judged by the goals alone")
        self.assertTrue(any("judged by the goals alone" in n for n in self.load("g.json")["notes"]))
        missed = self.gate("tiny.json", "--simulated", "--runs", "2", "--baseline", "kept",
                           "--slo", "p95(latency) < 1us")
        self.assert_exit(missed, 10)
        self.assert_exit(self.gate("tiny.json", "--simulated", "--baseline", "kepd"), 2, "kepd")

    def test_a_simulation_is_never_called_measured(self):
        result = self.gate("tiny.json", "--simulated", "--statement-cost", "1ms", "--pairs", "6",
                           "--no-extend", "--slo", "p95(latency) < 1us", "--markdown", "g.md",
                           "--html", "g.html", "--junit", "g.xml")
        self.assert_exit(result, 10)
        for name in ("g.md", "g.html", "g.xml"):
            with open(os.path.join(self.scratch, name), encoding="utf-8") as file:
                text = file.read()
            self.assertIn("simulated", text)
            self.assertNotRegex(text, r"measured (?:&gt; )?[\d.]", name)
        self.assertNotRegex(result.stdout, r"measured [\d.]")

    def test_a_live_pair(self):
        self.write("short.json", tiny(duration="1s"))
        result, report = self.gate_json("short.json", "--pairs", "1")
        # One pair tells nothing, and is extended once; nor does one that a busy machine spoiled.
        self.assertEqual(result.returncode, 12, result.stderr)
        self.assertEqual(len(report["gate"]["baseline"]["sources"]), 2)
        self.assertGreater(report["machine"]["cores"], 0)
        self.assert_nothing_left()


class NarrowedGoals(Case):
    def simulate(self, scenario, *arguments):
        self.write("s.json", scenario)
        result = self.run_tool("simulate", "s.json", "--json", "r.json", "--quiet", *arguments)
        path = os.path.join(self.scratch, "r.json")
        if not os.path.exists(path):
            return result, None
        with open(path) as file:
            return result, json.load(file)

    def test_windows_and_requests(self):
        two = tiny(duration="6s")
        two["requests"].append({"name": "slow", "weight": 1, "steps": [
            {"name": "two", "sql": "SELECT 1", "cost": "100us"}, {"name": "wait", "hold": "30ms"}]})
        two["slo"] = ["p95(latency) < 10ms for request ask over 2s",
                      "p95(latency) < 10ms for request slow",
                      "throughput > 1/s over 3s", "rate(error) <= 0% over 1s"]
        result, report = self.simulate(two)
        self.assert_exit(result, 10)
        ask, slow, throughput, errors = report["verdict"]["slo"]
        self.assertTrue(ask["met"])
        self.assertEqual(ask["windows"], 5)
        self.assertFalse(slow["met"])
        self.assertGreater(slow["measured"], 0.03)
        self.assertLess(slow["margin"], 0)
        self.assertEqual(throughput["windows"], 4)
        self.assertGreater(throughput["margin"], 0)
        self.assertEqual((errors["windows"], errors["measured"]), (6, 0))

    def test_a_window_longer_than_the_run_is_inconclusive(self):
        result, report = self.simulate(tiny(slo=["p95(latency) < 1s over 5s"], duration="2s"))
        self.assert_exit(result, 12)
        self.assertIn("no complete window of 5s", report["verdict"]["reasons"][0])

    def test_a_missed_goal_ends_the_run_after_its_grace_time(self):
        goal = {"goal": "p95(latency) < 1us", "abort_on_fail": True, "grace": "3s"}
        result, report = self.simulate(tiny(slo=[goal, "rate(error) <= 0%"], duration="30s"))
        self.assert_exit(result, 10)
        self.assertTrue(report["partial"])
        self.assertEqual(report["window"]["measured_s"], 3)
        self.assertTrue(report["verdict"]["slo"][0]["ended_the_run"])
        self.assertIn("abort_on_fail", report["verdict"]["reasons"][0])
        self.assertEqual(report["scenario"]["resolved"]["slo"][0], goal)

    def test_a_met_goal_ends_nothing(self):
        goal = {"goal": "p95(latency) < 10s", "abort_on_fail": True}
        result, report = self.simulate(tiny(slo=[goal], duration="4s"))
        self.assert_exit(result, 0)
        self.assertFalse(report["partial"])

    def test_it_ends_a_live_run_too(self):
        goal = {"goal": "p95(latency) < 1us", "abort_on_fail": True}
        self.write("s.json", tiny(slo=[goal], duration="20s"))
        result = self.run_tool("run", "s.json", "--json", "r.json", "--quiet", "--label", "mine",
                               env={"GITHUB_SHA": "4f2a9c1"})
        self.assertIn(result.returncode, (10, 12), result.stderr)  # 12: a busy machine's client
        with open(os.path.join(self.scratch, "r.json")) as file:
            report = json.load(file)
        self.assertTrue(report["verdict"]["slo"][0]["ended_the_run"])
        self.assertLess(report["window"]["measured_s"], 10)
        self.assertEqual((report["label"], report["commit"]), ("mine", "4f2a9c1"))

    def test_mistakes_are_named(self):
        for goal, piece in (("p95(latency) < 1s over 10ms", "whole number of seconds"),
                            ("p95(latency) < 1s for request nobody", "name of a request"),
                            ({"goal": "p95(latency) < 1s", "grace": "1s"}, "abort_on_fail"),
                            ({"abort_on_fail": True}, "goal")):
            result, _ = self.simulate(tiny(slo=[goal]))
            self.assert_exit(result, 2, "/slo/0", piece)


class Comparing(ReportSides):
    def test_two_reports_side_by_side(self):
        self.write("slow.json", changed(self.one, 1.5))
        result = self.run_tool("compare", "one.json", "slow.json")
        self.assert_exit(result, 0)
        self.assertIn("latency p95", result.stdout)
        self.assertIn("bottleneck", result.stdout)

    def test_two_sets(self):
        self.side("a")
        self.side("b", 1.2)
        result = self.run_tool("compare", "a", "b", "--paired", "--json", "-")
        self.assert_exit(result, 0)
        gate = json.loads(result.stdout)["gate"]
        self.assertEqual(gate["verdict"], "regression")
        self.assertEqual(gate["metrics"][0]["method"], "signed ranks")
        self.assert_exit(self.run_tool("compare", "a", "one.json", "--paired"), 2, "6 and 1")

    def test_a_comparison_as_a_page(self):
        self.write("slow.json", changed(self.one, 1.5))
        result = self.run_tool("compare", "one.json", "slow.json", "--html", "page.html", "--json",
                               "compared.json")
        self.assert_exit(result, 0)
        with open(os.path.join(self.scratch, "page.html"), encoding="utf-8") as file:
            page = file.read()
        for piece in ("one.json", "slow.json", "p95(latency)", "cannot distinguish a change from"):
            self.assertIn(piece, page)
        self.run_tool("report", "compared.json", "--html", "again.html")
        with open(os.path.join(self.scratch, "again.html"), encoding="utf-8") as file:
            self.assertEqual(file.read(), page)
