"""Simulations, and reports rendered again."""

import json
import os

from harness import Case, tiny


class Simulations(Case):
    def simulate(self, *arguments, **more):
        return self.run_tool("simulate", "tiny.json", *arguments, **more)

    def test_the_same_seed_gives_the_same_report(self):
        self.write("tiny.json", tiny(duration="5s"))
        texts = []
        for _ in range(2):
            result = self.simulate("--json", "-", "--seed", "7", "--quiet")
            self.assert_exit(result, 0)
            report = json.loads(result.stdout)
            self.assertTrue(report.pop("started_at"))
            texts.append(json.dumps(report))
        self.assertEqual(*texts)
        other = self.simulate("--json", "-", "--seed", "8", "--quiet").stdout
        self.assertNotEqual(json.loads(other)["latency_ms"], json.loads(texts[0])["latency_ms"])

    def test_goals_decide_the_status(self):
        self.write("tiny.json", tiny())
        self.assert_exit(self.simulate("--slo", "p50(latency) < 10s"), 0)
        result = self.simulate("--slo", "p50(latency) < 1us")
        self.assert_exit(result, 10)
        self.assertIn("p50(latency) < 1us", result.stdout)

    def test_a_report_can_be_simulated_with_other_settings(self):
        self.write("tiny.json", tiny(duration="5s"))
        self.assert_exit(self.simulate("--json", "first.json", "--quiet"), 0)
        result = self.run_tool("simulate", "first.json", "--users", "8", "--json", "-", "--quiet")
        self.assert_exit(result, 0)
        report = json.loads(result.stdout)
        self.assertEqual(report["scenario"]["resolved"]["load"]["users"], 8)
        # Eight users on two connections; without a hand-off a waker may queue once more.
        self.assertGreaterEqual(report["pools"][0]["peak_waiting"], 6)

    def test_json_on_standard_output_stands_alone(self):
        self.write("tiny.json", tiny())
        result = self.simulate("--json", "-")
        self.assert_exit(result, 0, "tiny")  # the summary went to standard error
        self.assertEqual(json.loads(result.stdout)["schema_version"], 1)

    def test_quiet_says_nothing(self):
        self.write("tiny.json", tiny())
        result = self.simulate("--quiet")
        self.assert_exit(result, 0)
        self.assertEqual(result.stdout + result.stderr, "")

    def test_a_full_disk_is_said(self):
        self.write("tiny.json", tiny())
        result = self.simulate("--json", "/dev/full", "--quiet")
        self.assert_exit(result, 2, "/dev/full")
        self.assertEqual(len(self.reports()), 2)


class SavedReports(Case):
    def setUp(self):
        super().setUp()
        self.write("tiny.json", tiny(duration="3s"))
        result = self.run_tool("simulate", "tiny.json", "--quiet", "--json", "copy.json",
                               "--markdown", "copy.md")
        self.assert_exit(result, 0)
        self.json_file, self.markdown_file = self.reports()

    def text(self, path):
        with open(os.path.join(self.scratch, path), newline="") as file:
            return file.read()

    def test_names_and_copies(self):
        self.assertRegex(os.path.basename(self.json_file), r"^tiny-\d{8}T\d{6}Z\.json$")
        self.assertEqual(self.markdown_file[:-3], self.json_file[:-5])
        self.assertEqual(self.text("copy.json"), self.text(self.json_file))
        self.assertEqual(self.text("copy.md"), self.text(self.markdown_file))

    def test_rendered_again_byte_for_byte(self):
        for form, file in (("markdown", self.markdown_file), ("json", self.json_file)):
            result = self.run_tool("report", self.json_file, "--format", form)
            self.assert_exit(result, 0)
            self.assertEqual(result.stdout, self.text(file))
        result = self.run_tool("report", self.json_file, "--markdown", "-")
        self.assertEqual(result.stdout, self.text(self.markdown_file))

    def test_text_and_side_by_side(self):
        result = self.run_tool("report", self.json_file)
        self.assert_exit(result, 0)
        self.assertIn("tiny", result.stdout)
        self.assertNotIn("\x1b", result.stdout)
        beside = self.run_tool("report", self.json_file, "--beside", "copy.json")
        self.assert_exit(beside, 0)
        self.assertNotEqual(beside.stdout, result.stdout)

    def test_earlier_reports_stay(self):
        before = {name: self.text(name) for name in self.reports()}
        for _ in range(3):
            self.assert_exit(self.run_tool("simulate", "tiny.json", "--quiet"), 0)
        self.assertEqual(len(self.reports()), 8)
        for name, content in before.items():
            self.assertEqual(self.text(name), content)

    def test_what_is_no_report(self):
        self.assert_exit(self.run_tool("report", "none.json"), 2, "none.json")
        self.assert_exit(self.run_tool("report", "tiny.json"), 2, "tiny.json")
        self.write("cut.json", self.text(self.json_file)[:500])
        self.assert_exit(self.run_tool("report", "cut.json"), 2, "cut.json")
        self.assert_exit(self.run_tool("simulate", "cut.json"), 2, "cut.json")
        wrong = self.run_tool("report", self.json_file, "--format", "pdf")
        self.assert_exit(wrong, 2, "--format", "pdf")
