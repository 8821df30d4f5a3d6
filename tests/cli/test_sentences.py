"""Every sentence with a figure in it, in about 40 different reports, recomputed from the JSON.

A new sentence is taught to sentence_table.py (or sentence_advice.py): what no pattern knows fails.
"""

import json
import os
import shutil

import harness
import sentence_cases as cases
from harness import Case
from sentence_table import SENTENCES, TABLES
from sentences import check

WIDE = {"COLUMNS": "2000", "LC_ALL": "C"}  # breaks no line, and has plain signs


class Sentences(Case):
    def report(self, name):
        with open(os.path.join(self.scratch, name + ".json")) as file:
            return json.load(file)

    def markdown(self, name):
        with open(os.path.join(self.scratch, name + ".md")) as file:
            return file.read()

    def rendered(self, *arguments, name="r"):
        """What a command shows, in the terminal and in Markdown, and its JSON."""
        result = self.run_tool(*arguments, "--json", name + ".json", "--markdown", name + ".md",
                               env=WIDE)
        self.assertNotIn(result.returncode, (1, 2, 3), result.stderr)
        return self.report(name), result.stdout, self.markdown(name)

    def assert_true_sentences(self, report, terminal, markdown):
        problems = check(report, terminal, markdown, SENTENCES, TABLES)
        self.assertEqual(problems, [], "\n" + "\n".join(problems))

    def test_simulated(self):
        for scenario in cases.SIMULATED:
            with self.subTest(scenario["name"]):
                self.write("s.json", scenario)
                self.assert_true_sentences(*self.rendered("simulate", "s.json"))

    def test_advised(self):
        for scenario in cases.ADVISED:
            with self.subTest(scenario["name"]):
                self.write("s.json", scenario)
                self.assert_true_sentences(*self.rendered("advise", "s.json", "--simulated"))

    def test_swept(self):
        for scenario in cases.SWEPT:
            with self.subTest(scenario["name"]):
                self.write("s.json", scenario)
                self.assert_true_sentences(*self.rendered("sweep", "s.json", "--simulated"))

    def test_gated_and_compared(self):
        self.write("s.json", cases.GATED)
        with self.subTest("gate"):
            self.assert_true_sentences(*self.rendered(
                "gate", "s.json", "--simulated", "--pairs", "6", "--candidate-set", "pool_size=6"))
        for side, size in (("before", "8"), ("after", "6")):
            os.mkdir(os.path.join(self.scratch, side))
            for seed in range(1, 7):
                self.assertNotEqual(self.run_tool(
                    "simulate", "s.json", "--pool-size", size, "--seed", str(seed), "--quiet",
                    "--json", "%s/%d.json" % (side, seed)).returncode, 2)
        with self.subTest("compare"):
            self.assert_true_sentences(*self.rendered("compare", "before", "after"))

    def test_saved(self):
        for path in cases.SAVED:
            with self.subTest(path):
                source = os.path.join(harness.SOURCE, path)
                shutil.copy(source, os.path.join(self.scratch, "r.json"))
                shown = self.run_tool("report", "r.json", "--markdown", "r.md", env=WIDE)
                self.assertEqual(shown.returncode, 0, shown.stderr)
                self.assert_true_sentences(self.report("r"), shown.stdout, self.markdown("r"))

    def test_a_wrong_figure_and_an_unknown_sentence_are_found(self):
        self.write("s.json", cases.SIMULATED[0])
        report, terminal, markdown = self.rendered("simulate", "s.json")
        wrongs = {
            "throughput": lambda r: r.update(throughput_per_s=r["throughput_per_s"] * 1.1),
            "completed": lambda r: r["requests"].update(completed=r["requests"]["completed"] + 1),
            "wait": lambda r: r["pool_wait_ms"].update(p95=r["pool_wait_ms"]["p95"] * 1.02),
            "goal": lambda r: r["verdict"]["slo"][0].update(measured=1.0),
            "peak": lambda r: r["pools"][0].update(peak_waiting=3),
            "hold": lambda r: r["breakdown_ms"].update(hold=r["breakdown_ms"]["hold"] / 2)}
        for name, wrong in wrongs.items():
            with self.subTest(name):
                changed = json.loads(json.dumps(report))
                wrong(changed)
                problems = check(changed, terminal, markdown, SENTENCES, TABLES)
                self.assertTrue(any("the JSON has" in each for each in problems), problems)
        more = terminal + "\nThe moon was 384,400 km away.\n"
        self.assertEqual(len(check(report, more, markdown, SENTENCES, TABLES)), 1)
