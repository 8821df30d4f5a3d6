"""Predictions: other settings asked of one report."""

import json
import re

from harness import Case, tiny

HOLDING = [
    {
        "name": "chat",
        "transaction": True,
        "steps": [
            {"name": "read", "sql": "SELECT 1", "cost": {"exponential": "100us"}},
            {"name": "model", "hold": {"exponential": "20ms"}},
            {"name": "write", "sql": "SELECT 2", "cost": {"exponential": "100us"}},
        ],
    }
]


def pool(size):
    return {"pool": {"kind": "sqlalchemy-async", "pool_size": size, "max_overflow": 0}}


def figures(report):
    return {figure["name"]: figure for figure in report["prediction"]["figures"]}


class Predictions(Case):
    def setUp(self):
        super().setUp()
        scenario = tiny(requests=HOLDING, load={"users": 20}, duration="5s", deployment=pool(8))
        self.write("chat.json", scenario)

    def measured(self):
        """A stand-in for a measured run: the modelled server's report has the same sections."""
        self.assert_exit(
            self.run_tool("simulate", "chat.json", "--quiet", "--json", "run.json"), 0
        )
        return "run.json"

    def ask(self, *flags):
        result = self.run_tool("simulate", "run.json", *flags, "--json", "-", "--quiet")
        self.assert_exit(result, 0)
        return json.loads(result.stdout)

    def test_the_unchanged_question_shows_predicted_and_measured_side_by_side(self):
        self.measured()
        report = self.ask()
        self.assertTrue(report["prediction"]["same_question"])
        self.assertEqual(report["prediction"]["beyond_measured"], [])
        for name in ("throughput_per_s", "latency_ms.p95", "connection_time_ms.mean"):
            figure = figures(report)[name]
            self.assertLess(figure["low"], figure["measured"])
            self.assertLess(figure["measured"], figure["high"])
        shown = self.run_tool("simulate", "run.json").stdout
        self.assertIn("in 9 of 10 cases", shown)
        self.assertIn("measured", shown)

    def test_a_larger_pool_serves_more_and_another_question_has_nothing_measured(self):
        self.measured()
        few, many = self.ask("--pool-size", "4"), self.ask("--pool-size", "12")
        ratio = many["throughput_per_s"] / few["throughput_per_s"]
        self.assertGreater(ratio, 2.7)
        self.assertLess(ratio, 3.3)
        self.assertFalse(many["prediction"]["same_question"])
        self.assertIsNone(figures(many)["throughput_per_s"]["measured"])
        self.assertEqual(many["prediction"]["beyond_measured"], [])

    def test_what_was_not_measured_is_said(self):
        self.measured()
        report = self.ask("--pool-size", "40", "--users", "200")
        self.assertTrue(
            any("40 connections" in text for text in report["prediction"]["beyond_measured"])
        )
        shown = self.run_tool("simulate", "run.json", "--pool-size", "40").stdout
        self.assertIn("With 40 connections instead of the 8 that were measured",
                      " ".join(shown.split()))

    def test_a_connection_released_during_the_hold(self):
        self.measured()
        held, released = self.ask("--pool-size", "4"), None
        released = self.ask("--pool-size", "4", "--release-during", "model")
        self.assertGreater(released["throughput_per_s"], 3 * held["throughput_per_s"])
        self.assertTrue(any("model" in note for note in released["notes"]))
        wrong = self.run_tool("simulate", "run.json", "--release-during", "write")
        self.assert_exit(wrong, 2, "write", "chat.model")

    def test_a_prediction_can_be_asked_again(self):
        self.measured()
        self.ask()
        once = self.run_tool(
            "simulate", "run.json", "--pool-size", "6", "--quiet", "--json", "6.json"
        )
        self.assert_exit(once, 0)
        again = self.run_tool("simulate", "6.json", "--pool-size", "10", "--json", "-", "--quiet")
        self.assert_exit(again, 0)
        self.assertIn("calibration", json.loads(again.stdout))

    def test_processes_split_the_pool(self):
        self.measured()
        report = self.ask("--processes", "4", "--pool-size", "2")
        self.assertEqual(report["pools"][0]["capacity"], 8)
        self.assertEqual(report["pools"][0]["processes"], 4)

    def test_an_older_report_without_a_sample_still_answers(self):
        self.measured()
        path = self.write("old.json", "")
        with open(self.reports()[0]) as file:
            report = json.load(file)
        del report["calibration"]
        self.write("old.json", report)
        result = self.run_tool("simulate", path, "--pool-size", "4", "--json", "-", "--quiet")
        self.assert_exit(result, 0)
        self.assertGreater(json.loads(result.stdout)["throughput_per_s"], 0)

    def test_a_live_run_carries_its_sample(self):
        live = self.run_tool(
            "run", "chat.json", "--embedded", "--duration", "2s", "--quiet", "--json", "run.json"
        )
        self.assert_exit(live, 0)
        run = self.load("run.json")
        calibration = run["calibration"]
        self.assertGreaterEqual(calibration["cores"], 1)
        self.assertTrue(calibration["shares_client"])
        request = calibration["requests"][0]
        self.assertEqual(request["exchanges"], ["BEGIN", "read", "model", "write", "COMMIT"])
        completed = run["requests"]["completed"]
        self.assertEqual(request["seen"][1]["count"], completed)
        self.assertEqual(request["seen"][2]["count"], 0)  # a hold
        self.assertEqual(len(request["samples"]), min(completed, 800))
        predicted = figures(self.ask())["throughput_per_s"]
        self.assertAlmostEqual(predicted["measured"], run["throughput_per_s"], places=3)

    def test_what_hangs_on_hikaris_race_is_said_of_reports_too(self):
        """A report names every option, the race's share among them; that is not having set it."""
        hikari = {"pool": {"kind": "hikari", "maximumPoolSize": 8, "connectionTimeout": "300ms"}}
        scenario = tiny(requests=HOLDING, load={"users": 40}, duration="5s", deployment=hikari)
        self.write("race.json", scenario)
        first = self.run_tool("simulate", "race.json", "--quiet", "--json", "race-report.json")
        self.assertIn(first.returncode, (0, 10, 12), first.stderr)
        for file in ("race.json", "race-report.json"):
            result = self.run_tool("simulate", file, "--json", "-", "--quiet")
            said = [n for n in json.loads(result.stdout)["notes"] if "HikariCP" in n]
            self.assertEqual(len(said), 1, file)
            found = re.search(r"With called_first at 6 %, 12 %, and 45 %, p95\(latency\) is (.+?) "
                              r"(m?s), (.+?) (m?s), and (.+?) (m?s)[;.]", said[0])
            self.assertTrue(found, said[0])
            shown = found.groups()
            for i, share in enumerate((6, 12, 45)):  # each as a run with that share has it
                of_share = json.loads(self.run_tool(
                    "simulate", file, "--pool-option", "called_first=%d" % share, "--json", "-",
                    "--quiet").stdout)
                p95_ms = float(shown[2 * i]) * (1 if shown[2 * i + 1] == "ms" else 1e3)
                self.assertAlmostEqual(p95_ms / of_share["latency_ms"]["p95"], 1, delta=0.01)
        set_by_hand = self.run_tool("simulate", "race.json", "--pool-option", "called_first=30",
                                    "--json", "-", "--quiet")
        self.assertFalse([n for n in json.loads(set_by_hand.stdout)["notes"] if "HikariCP" in n])
