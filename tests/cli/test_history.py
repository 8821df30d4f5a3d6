"""The history of many reports: levels, series, and history files."""

import copy
import json
import os
import re
import threading

from test_gate import NOISE, ReportSides, changed


class HistoryOfReports(ReportSides):
    def setUp(self):
        super().setUp()
        self.one["command"] = "run"
        self.one["target"].update(kind="embedded", address="embedded", server_version="15.8")

    def fill(self, directory="many", levels=((10, 1.0), (6, 1.3))):
        os.makedirs(os.path.join(self.scratch, directory), exist_ok=True)
        day = 0
        for count, factor in levels:
            for i in range(count):
                day += 1
                self.write("%s/%02d.json" % (directory, day), changed(
                    self.one, factor, NOISE[i % 6], started_at="2026-01-%02dT12:00:00Z" % day,
                    commit="c%02d" % day, label=None, seed=day))
        return directory

    def test_a_change_is_found_with_its_commit(self):
        self.fill()
        result = self.run_tool("history", "many", "--json", "h.json", "--markdown", "h.md")
        self.assert_exit(result, 0)
        self.assertRegex(result.stdout, r"worse: p95\(latency\) rose by 30 % at c11 ")
        with open(os.path.join(self.scratch, "h.json")) as file:
            history = json.load(file)
        self.assertEqual(len(history["entries"]), 16)
        self.assertEqual({c["commit"] for c in history["changes"]}, {"c11"})
        self.assertTrue(all(c["worse"] for c in history["changes"]))

    def test_an_append_keeps_each_run_once_and_only_adds_lines(self):
        self.fill(levels=((5, 1.0),))
        first = self.run_tool("history", "many", "--append", "h.jsonl")
        self.assert_exit(first, 0)
        with open(os.path.join(self.scratch, "h.jsonl")) as file:
            before = file.read()
        self.fill(levels=((7, 1.0),))
        self.assert_exit(self.run_tool("history", "many", "--append", "h.jsonl"), 0)
        with open(os.path.join(self.scratch, "h.jsonl")) as file:
            after = file.read()
        self.assertTrue(after.startswith(before))
        self.assertEqual(after.count("\n"), 7)
        self.assert_exit(self.run_tool("history", "many", "--append", "h.jsonl", "--keep", "3"), 0)
        with open(os.path.join(self.scratch, "h.jsonl")) as file:
            self.assertEqual(file.read().count("\n"), 3)
        self.assert_exit(self.run_tool("history", "h.jsonl"), 0)

    def test_runs_of_one_second_come_in_the_order_of_their_names(self):
        names = ["tiny-20260101T120000Z" + ("-%d" % n if n > 1 else "") for n in range(1, 13)]
        os.mkdir(os.path.join(self.scratch, "many"))
        for number, name in enumerate(names, 1):
            self.write("many/%s.json" % name, changed(
                self.one, label="run %d" % number, started_at="2026-01-01T12:00:00Z",
                seed=number))
        _, history = self.history()
        self.assertEqual([e["label"] for e in history["entries"]],
                         ["run %d" % number for number in range(1, 13)])

    def add(self, name, day, change, directory="many"):
        """A report like the others, which `change` makes one of another series."""
        report = changed(self.one, 3.0, started_at="2026-02-%02dT12:00:00Z" % day, label=None,
                         commit=None, seed=100 + day)
        change(report)
        self.write("%s/%s.json" % (directory, name), report)

    def history(self, *arguments):
        result = self.run_tool("history", "many", *arguments, "--json", "h.json")
        self.assert_exit(result, 0)
        with open(os.path.join(self.scratch, "h.json")) as file:
            return result, json.load(file)

    def test_what_was_not_asked_the_same_is_another_series(self):
        self.fill(levels=((6, 1.0),))
        _, alone = self.history()
        self.assertEqual(alone["other_series"], [])

        def set_pool(report):
            report["scenario"]["resolved"]["deployment"]["pool"]["pool_size"] = 77

        def set_address(report):
            report["target"].update(kind="server", address="db1:5432/app")

        changes = {
            "simulation": lambda r: (r.update(command="simulate"),
                                     r["target"].update(kind="simulated")),
            "sweep": lambda r: r.update(command="sweep"),
            "advice": lambda r: r.update(command="advise"),
            "gate": lambda r: r.update(command="gate"),
            "pool": set_pool,
            "target": set_address,
            "major": lambda r: r["target"].update(server_version="99.1"),
            "version": lambda r: r["tool"].update(version="0.0.9")}
        for day, (name, change) in enumerate(changes.items(), 1):
            self.add(name, day, change)
        result, latest = self.history()
        self.assertEqual(len(latest["entries"]), 1)
        self.assertIn("poolgauge 0.0.9", latest["asked"])
        self.assertEqual(len(latest["other_series"]), len(changes))
        self.assertIn("8 other series of tiny are not shown", result.stdout)
        result, runs = self.history("--series", alone["series"][:8])
        self.assertEqual((len(runs["entries"]), runs["changes"]), (6, []))
        self.assertEqual(runs["series"], alone["series"])
        result, mixed = self.history("--all")
        self.assertEqual((len(mixed["entries"]), mixed["series"]), (14, None))
        self.assertEqual(mixed["changes"], [])  # their settings differ, not their performance
        self.assertIn("Not searched for changes: the runs are of 9 series",
                      re.sub(r"\s+", " ", result.stdout))
        refused = self.run_tool("history", "many", "--series", "nothing")
        self.assert_exit(refused, 2, 'no series ID starts with "nothing"',
                         alone["series"][:8])
        refused = self.run_tool("history", "many", "--series", "1", "--all")
        self.assert_exit(refused, 2, "cannot be used together")

    def test_what_changes_no_figure_stays_in_the_series(self):
        self.fill(levels=((3, 1.0),))

        def reword(report):
            report["scenario"]["resolved"].update(description="others words", slo=[],
                                                  duration="9s")
            report["target"]["server_version"] = report["target"]["server_version"] + "1"
            report["machine"] = {"arch": "x86_64", "kernel": "Linux 9.9", "cpu": None, "cores": 4,
                                 "memory_mib": 8192}

        self.add("reworded", 1, reword)
        _, history = self.history()
        self.assertEqual((len(history["entries"]), history["other_series"]), (4, []))

    def test_lines_of_an_older_version_are_a_series_of_their_own(self):
        self.fill(levels=((3, 1.0),))
        self.assert_exit(self.run_tool("history", "many", "--append", "h.jsonl"), 0)
        with open(os.path.join(self.scratch, "h.jsonl")) as file:
            lines = [json.loads(line) for line in file]
        for line in lines:
            del line["series"], line["asked"]
        old = "".join(json.dumps(line) + "\n" for line in lines)
        self.write("old.jsonl", old)
        self.assertIn("did not record the settings",
                      self.run_tool("history", "old.jsonl").stdout)
        # The same runs, known by their reports, tell what they were asked.
        self.fill(levels=((4, 1.0),))
        result = self.run_tool("history", "many", "--append", "old.jsonl", "--json", "h.json")
        self.assert_exit(result, 0)
        with open(os.path.join(self.scratch, "h.json")) as file:
            self.assertEqual(len(json.load(file)["entries"]), 4)

    def test_runs_may_come_through_a_pipe(self):
        self.fill()
        self.assert_exit(self.run_tool("history", "many", "--append", "all.jsonl"), 0)
        with open(os.path.join(self.scratch, "all.jsonl")) as file:
            text = file.read()
        pipe = os.path.join(self.scratch, "pipe")
        os.mkfifo(pipe)

        def write():
            with open(pipe, "w") as file:
                file.write(text)

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        self.assert_exit(self.run_tool("history", "pipe", "--json", "h.json"), 0)
        self.assertEqual(len(self.load("h.json")["entries"]), 16)

    def test_bad_input(self):
        os.mkdir(os.path.join(self.scratch, "empty"))
        self.assert_exit(self.run_tool("history", "empty"), 2, "contains no runs")
        self.assert_exit(self.run_tool("history", "missing"), 2, "missing")
        self.write("bad.jsonl", '{"started_at": "x", "scenario": "s"}\nnonsense\n')
        self.assert_exit(self.run_tool("history", "bad.jsonl"), 2, "bad.jsonl:2")
        self.fill(levels=((3, 1.0),))
        self.write("many/cut.json", '{"schema_version": 1, ')
        result = self.run_tool("history", "many")
        self.assert_exit(result, 0, "skipped", "cut.json")
        other = copy.deepcopy(self.one)
        other["scenario"]["name"] = "another"
        self.write("many/zz.json", other)
        self.assert_exit(self.run_tool("history", "many"), 2, "several scenarios",
                         "another (1), tiny (3)")
        self.assert_exit(self.run_tool("history", "many", "--scenario", "tiny"), 0)
        self.assert_exit(self.run_tool("history", "many", "--scenario", "none"), 2, "none")
        self.assert_exit(self.run_tool("history", "many", "--metric", "p77(x)"), 2, "p95(latency)")
        self.assert_exit(self.run_tool("history", "many", "--keep", "3"), 2, "--append")
