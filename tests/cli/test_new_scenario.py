"""scenario new: asks on a terminal, takes flags, and replaces no file unasked."""

import json
import os

import harness
from harness import Case


class Asked(Case):
    def converse(self, arguments, answers, last):
        """Answers each prompt (it ends in ": ") in turn. Returns all that was shown."""
        return harness.in_terminal(
            [harness.PROGRAM, "scenario", "new", *arguments], self.scratch,
            [answer + "\n" for answer in answers], self.environment(), last, 60,
            lambda new, _: new.endswith(": "))

    def test_it_asks_again_with_the_reason_and_writes_what_runs(self):
        answers = ["hikary", "hikari", "2", "200/s", "SELECT :id::int", "SELECT 2", "", "40",
                   "40ms", "y", "p95 < 300ms", "", "mine.json"]
        shown = self.converse([], answers, "try: poolgauge run mine.json")
        self.assertIn('did you mean "hikari"?', shown)
        self.assertIn("expected a unit", shown)
        made = self.load("mine.json")
        self.assertEqual(made["deployment"], {"instances": 1, "processes": 2,
                                              "pool": {"kind": "hikari"}})
        self.assertEqual(made["load"], {"rate": 200, "arrivals": "poisson"})
        self.assertEqual([step.get("hold") for step in made["requests"][0]["steps"]],
                         [None, "40ms", None])
        self.assertEqual(made["slo"], ["p95(latency) < 300ms"])
        self.assert_exit(self.run_tool("scenario", "check", "mine.json"), 0)


class Flags(Case):
    def new(self, *arguments):
        return self.run_tool("scenario", "new", *arguments)

    def test_flags_make_a_scenario(self):
        result = self.new("app.json", "--pool", "pgx", "--users", "5", "--statement", "SELECT 1",
                          "--hold", "1ms", "--goal", "p95(latency) < 5s")
        self.assert_exit(result, 0, "wrote app.json")
        made = self.load("app.json")
        self.assertEqual(made["load"], {"users": 5, "think": "0s"})
        self.assert_exit(self.run_tool("simulate", "app.json", "--statement-cost", "1ms"), 0)

    def test_a_file_is_replaced_only_with_force(self):
        self.write("app.json", "mine")
        result = self.new("app.json", "--users", "5")
        self.assert_exit(result, 2, "already exists", "--force")
        self.assert_exit(self.new("app.json", "--users", "5", "--force"), 0)
        self.assertEqual(self.load("app.json")["name"], "app")

    def test_bad_flags_are_named(self):
        self.assert_exit(self.new("a.json", "--users", "many"), 2, "--users", '"many"')
        self.assert_exit(self.new("a.json", "--pool", "hikary"), 2, "--pool", 'mean "hikari"')
        self.assert_exit(self.new("a.json", "--users", "5", "--rate", "5"), 2, "only one")
        self.assertFalse(os.path.exists(os.path.join(self.scratch, "a.json")))

    def test_without_a_terminal_it_says_which_flags(self):
        result = self.new("template.json")
        self.assert_exit(result, 0, "--pool", "--users", "--statement", "--goal")
        self.assert_exit(self.run_tool("scenario", "check", "template.json"), 0)

    def test_standard_output(self):
        result = self.new("-", "--rate", "7")
        self.assert_exit(result, 0)
        self.assertEqual(json.loads(result.stdout)["load"]["rate"], 7)
