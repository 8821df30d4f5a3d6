"""Loads in stages and from a file, and retries."""

import json
import os

from harness import Case, tiny


class Loads(Case):
    def shown(self, result):
        self.assert_exit(result, 0)
        return json.loads(result.stdout)

    def test_a_replay_is_played_live_as_simulated(self):
        self.write("arrivals.csv", "at,request\n" + "".join(f"{i / 100},\n" for i in range(100)))
        self.write("replay.json", tiny(load={"replay": "arrivals.csv", "speed": 2}))
        for command in ("run", "simulate"):
            report = self.shown(self.run_tool(command, "replay.json", "--json", "-"))
            # The last is due at 0.495 s; the run's duration is the scenario's own second.
            self.assertEqual(report["requests"]["scheduled"], 100, command)
            self.assertEqual(report["requests"]["completed"], 100, command)
            self.assertEqual(report["scenario"]["resolved"]["load"],
                             {"replay": "arrivals.csv", "speed": 2})
            self.assertEqual(report["latency_ms"]["count"], 100)
            self.assertEqual(report["client"]["schedule_lag_ms"]["count"], 100)

    def test_stages_run_as_long_as_they_last(self):
        scenario = tiny(load={"arrivals": "constant", "stages": [
            {"for": "500ms", "rate": 100, "ramp": True}, {"for": "500ms", "rate": 20}]})
        del scenario["duration"]
        self.write("stages.json", scenario)
        for command in ("run", "simulate"):
            report = self.shown(self.run_tool(command, "stages.json", "--json", "-"))
            self.assertEqual(report["requests"]["scheduled"], 25 + 10, command)
            self.assertEqual(report["window"]["measured_s"], 1)

    def test_the_same_seed_simulates_the_same_report(self):
        self.write("stages.json", tiny(load={"think": "20ms", "stages": [
            {"for": "500ms", "users": 20, "ramp": True}, {"for": "500ms", "users": 3}]}))
        reports = []
        for _ in range(2):
            report = self.shown(self.run_tool("simulate", "stages.json", "--seed", "7",
                                                  "--json", "-"))
            del report["started_at"]
            reports.append(report)
        self.assertEqual(reports[0], reports[1])
        self.assertGreater(reports[0]["requests"]["completed"], 100)

    def test_a_typed_replay_is_looked_up_where_it_was_typed(self):
        os.mkdir(os.path.join(self.scratch, "elsewhere"))
        self.write("elsewhere/tiny.json", tiny())
        self.write("here.csv", "0\n0.1\n")
        report = self.shown(self.run_tool("simulate", "elsewhere/tiny.json", "--replay",
                                              "here.csv", "--json", "-"))
        self.assertEqual(report["requests"]["scheduled"], 2)

    def test_what_is_no_load_is_refused_before_anything_starts(self):
        self.write("bad.csv", "0\n2\n1\n")
        self.write("replay.json", tiny(load={"replay": "bad.csv"}))
        self.assert_exit(self.run_tool("run", "replay.json"), 2, "replay.json:", "/load/replay",
                         "line 3", '"bad.csv"')
        self.write("zero.json", tiny(load={"stages": [{"for": "0s", "rate": 5}]}))
        self.assert_exit(self.run_tool("run", "zero.json"), 2, "/load/stages/0/for",
                         "a duration above zero")
        self.assert_exit(self.run_tool("run", "zero.json", "--rate", "1e7"), 2, "--rate",
                         "higher rates cannot be timed accurately")
        self.assertEqual(self.reports(), [])
        self.assert_nothing_left()

    def test_retries_are_reported(self):
        scenario = tiny(load={"users": 4}, slo=["rate(error) <= 0%"])
        scenario["data"] = {"setup": ["setup.sql"]}
        scenario["deployment"]["pool"]["pool_size"] = 4
        scenario["requests"] = [{
            "name": "count", "transaction": "repeatable read",
            "retry": {"max": 1000, "backoff": "1ms", "factor": 1},
            "steps": [{"name": "look", "sql": "SELECT n FROM tally"},
                      {"name": "think", "hold": "2ms"},
                      {"name": "write", "sql": "UPDATE tally SET n = n + 1"}]}]
        self.write("setup.sql", "CREATE TABLE tally (n int); INSERT INTO tally VALUES (0);")
        self.write("count.json", scenario)
        result = self.run_tool("run", "count.json", "--json", "report.json")
        self.assert_exit(result, 0)
        with open(os.path.join(self.scratch, "report.json"), encoding="utf-8") as file:
            report = json.load(file)
        self.assertEqual(report["requests"]["failed"], 0)
        retries = report["retries"]
        self.assertEqual([cause["sqlstate"] for cause in retries["by_sqlstate"]], ["40001"])
        self.assertGreater(retries["requests"], 0)
        self.assertEqual(retries["completed"], retries["requests"])
        self.assertGreater(report["breakdown_ms"]["backoff"], 0)
        self.assertIn("with retries (", result.stdout)
        self.assertIn("40001", result.stdout)
