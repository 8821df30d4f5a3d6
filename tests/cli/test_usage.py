"""Help, slips, and scenario files with mistakes: all before any database is touched."""

import json
import os

from harness import Case, tiny

COMMANDS = [[], ["run"], ["advise"], ["sweep"], ["simulate"], ["size"], ["report"],
            ["scenario"], ["scenario", "list"],
            ["scenario", "show"], ["scenario", "check"], ["scenario", "schema"],
            ["completion"], ["man"], ["doctor"], ["observe"]]


class Usage(Case):
    def test_help_of_every_command_has_an_example(self):
        for command in COMMANDS:
            result = self.run_tool(*command, "--help")
            self.assert_exit(result, 0)
            self.assertIn("Example:\n  poolgauge ", result.stdout)

    def test_version(self):
        result = self.run_tool("--version")
        self.assert_exit(result, 0)
        self.assertRegex(result.stdout, r"^poolgauge \d+\.\d+\.\d+\n$")

    def test_unknown_words(self):
        self.assert_exit(self.run_tool(), 2, "no command given")
        self.assert_exit(self.run_tool("rnu"), 2, 'unknown command "rnu"', 'mean "run"')
        self.assert_exit(self.run_tool("run", "x", "--userz", "1"), 2, 'mean "--users"')
        self.assert_exit(self.run_tool("run"), 2, "SCENARIO")
        self.assert_exit(self.run_tool("simulate", "x", "--target", "host=h"), 2, "no database")

    def test_unknown_scenario(self):
        self.assert_exit(self.run_tool("run", "no-such-thing"), 2, '"no-such-thing"')
        self.assert_exit(self.run_tool("run", "no/such.json"), 2, "no/such.json")
        self.assert_exit(self.run_tool("run", "."), 2)


class ScenarioFiles(Case):
    def check(self, content, *pieces):
        self.write("bad.json", content)
        result = self.run_tool("scenario", "check", "bad.json")
        self.assert_exit(result, 2, *pieces)
        ran = self.run_tool("run", "bad.json")
        self.assert_exit(ran, 2)
        self.assertEqual(ran.stderr, result.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.scratch, "reports")))
        return result

    def test_a_good_one(self):
        self.write("good.json", tiny())
        result = self.run_tool("scenario", "check", "good.json")
        self.assert_exit(result, 0)
        self.assertEqual(result.stdout, "ok\n")
        self.assertEqual(result.stderr, "")

    def test_bad_json(self):
        self.check('{"version": 1,\n  "name": }', "poolgauge: bad.json:2:")

    def test_unknown_key_with_line_and_column(self):
        scenario = tiny()
        scenario["deployment"]["pool"]["max_overfow"] = 3
        text = json.dumps(scenario, indent=2)
        line = next(n for n, one in enumerate(text.splitlines(), 1) if "max_overfow" in one)
        column = text.splitlines()[line - 1].index('"max_overfow"') + 1
        result = self.check(text)
        self.assertEqual(
            result.stderr.splitlines()[0],
            "poolgauge: bad.json:%d:%d: /deployment/pool/max_overfow" % (line, column))
        self.assertRegex(result.stderr.splitlines()[1],
                         r'^  unknown .*; did you mean "max_overflow"\?$')

    def test_negative_number(self):
        self.check(tiny(load={"users": -5}), "/load/users", "-5")

    def test_duplicate_names(self):
        step = {"name": "one", "sql": "SELECT 1"}
        self.check(tiny(requests=[{"name": "ask", "steps": [step, step]}]), "one",
                   "/requests/0/steps/1")
        request = {"name": "ask", "steps": [step]}
        self.check(tiny(requests=[request, request]), "ask", "/requests/1")

    def test_hold_that_makes_no_sense(self):
        hold = {"lognormal": {"median": "400ms", "p95": "150ms"}}
        steps = [{"name": "one", "sql": "SELECT 1"}, {"name": "think", "hold": hold}]
        self.check(tiny(requests=[{"name": "ask", "steps": steps}]), "/requests/0/steps/1/hold")

    def test_all_mistakes_at_once(self):
        scenario = tiny(load={"users": 0}, duration="soon", slo=["p95(latncy) < 1s"])
        result = self.check(scenario, "/load/users", "/duration", "/slo/0")
        self.assertGreaterEqual(result.stderr.count("poolgauge: bad.json:"), 3)

    def test_flags_and_variables_are_named(self):
        self.write("good.json", tiny())
        self.assert_exit(self.run_tool("run", "good.json", "--users", "0"), 2, "--users")
        self.assert_exit(self.run_tool("run", "good.json", "--users", "-5"), 2, "--users", "-5")
        self.assert_exit(self.run_tool("run", "good.json", "--pool", "hikary"), 2, "--pool")
        self.assert_exit(self.run_tool("run", "good.json", "--slo", "fast please"), 2, "--slo")
        self.assert_exit(self.run_tool("run", "good.json", "--pool-option", "x=1"), 2, "x")
        self.assert_exit(
            self.run_tool("simulate", "good.json", env={"POOLGAUGE_USERS": "few"}), 2,
            "POOLGAUGE_USERS", "few")

    def test_show_applies_flags_over_environment(self):
        self.write("good.json", tiny())
        result = self.run_tool("scenario", "show", "good.json", "--users", "9", "--pre-ping",
                               env={"POOLGAUGE_USERS": "5", "POOLGAUGE_POOL_SIZE": "7"})
        self.assert_exit(result, 0)
        shown = json.loads(result.stdout)
        self.assertEqual(shown["load"]["users"], 9)
        self.assertEqual(shown["deployment"]["pool"]["pool_size"], 7)
        self.assertIs(shown["deployment"]["pool"]["pre_ping"], True)
        self.write("again.json", result.stdout)
        again = self.run_tool("scenario", "show", "again.json")
        self.assertEqual(json.loads(again.stdout), shown)

    def test_list_and_schema(self):
        result = self.run_tool("scenario", "list")
        self.assert_exit(result, 0)
        for name in ("chat-100 ", "chat-100-before ", "select-only "):
            self.assertIn(name, result.stdout)
        self.assertIn("?\n", result.stdout)
        self.assertNotIn("schema", result.stdout)
        for arguments in ([], ["--report"]):
            schema = self.run_tool("scenario", "schema", *arguments)
            self.assert_exit(schema, 0)
            self.assertIn("$schema", json.loads(schema.stdout))

    def test_a_bare_name_finds_a_shipped_scenario(self):
        result = self.run_tool("scenario", "check", "chat-100")
        self.assert_exit(result, 0)
        os.mkdir(os.path.join(self.scratch, "scenarios"))
        self.write("scenarios/mine.json", tiny())
        self.assert_exit(self.run_tool("scenario", "check", "mine"), 0)
        self.assert_exit(self.run_tool("scenario", "check", "mime"), 2, 'mean "mine"')


class Places(Case):
    def test_report_directory_that_cannot_be(self):
        self.write("good.json", tiny())
        self.write("file", "x")
        for command in ("run", "simulate"):
            result = self.run_tool(command, "good.json", "--out", "file/reports")
            self.assert_exit(result, 2, "file/reports", "--out")

    def test_files_that_cannot_be(self):
        self.write("good.json", tiny())
        result = self.run_tool("run", "good.json", "--json", "no/such/dir/x.json")
        self.assert_exit(result, 2, "no/such/dir")
        result = self.run_tool("run", "good.json", "--json", "-", "--markdown", "-")
        self.assert_exit(result, 2, "standard output")
