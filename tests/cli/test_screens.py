"""What a reader sees of every command: on a terminal of 80 by 24, in a pipe, with --quiet."""

import fcntl
import json
import os
import pty
import re
import struct
import termios

import harness
from harness import Case, tiny
from test_gate import NOISE, changed

UTF8 = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "LC_CTYPE": ""}
PLAIN = {"LANG": "C", "LC_ALL": "C", "LC_CTYPE": ""}


def hold(**changes):
    """Twenty users who keep one of four connections for a while."""
    scenario = tiny(name="holding", load={"users": 20}, duration="5s", requests=[
        {"name": "ask", "transaction": True, "steps": [
            {"name": "read", "sql": "SELECT 1", "cost": {"exponential": "100us"}},
            {"name": "think", "hold": {"uniform": ["15ms", "25ms"]}}]}],
                deployment={"pool": {"kind": "sqlalchemy-async", "pool_size": 4,
                                     "max_overflow": 0}},
                slo=["p95(latency) < 60ms", "rate(error) <= 0%"])
    scenario.update(changes)
    return scenario


class Screens(Case):
    def setUp(self):
        super().setUp()
        self.write("holding.json", hold())

    def on_terminal(self, *arguments, lines=24, columns=80):
        """The status, and what a terminal of that size shows: lines without their ends."""
        environment = self.environment({"TERM": "xterm", "NO_COLOR": "1", **UTF8})
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.scratch)
            size = struct.pack("HHHH", lines, columns, 0, 0)
            fcntl.ioctl(1, termios.TIOCSWINSZ, size)
            os.execve(harness.PROGRAM, [harness.PROGRAM, *arguments], environment)
        shown = b""
        while True:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break  # its end was closed
            shown += piece
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(terminal)
        text = re.sub(r"[^\n]*\r\x1b\[K", "", shown.decode().replace("\r\n", "\n"))
        return status, text.splitlines()

    def reports_of_every_kind(self):
        """The commands whose answers have tables, each with its usual flags."""
        self.assert_exit(self.run_tool("simulate", "holding.json", "--quiet", "--json", "a.json"),
                         10)
        self.assert_exit(self.run_tool("simulate", "holding.json", "--quiet", "--json", "b.json",
                                       "--pool-size", "12"), 0)
        one = self.load("a.json")
        for side, factor in (("before", 1.0), ("after", 1.03)):
            os.mkdir(os.path.join(self.scratch, side))
            for i, noise in enumerate(NOISE):
                self.write("%s/%d.json" % (side, i), changed(one, factor, 4 * noise))
        return (("simulate", "holding.json"),
                ("simulate", "a.json"),
                ("advise", "holding.json", "--simulated"),
                ("sweep", "holding.json", "--simulated", "--sizes", "2,4,8,12,20"),
                ("gate", "holding.json", "--simulated", "--pairs", "6", "--baseline-set",
                 "pool_size=5"),
                ("gate", "after", "--baseline", "before"),
                ("compare", "before", "after"),
                ("compare", "a.json", "b.json"),
                ("report", "a.json", "--beside", "b.json"),
                ("history", "before"),
                ("size", "--processes", "4", "--rate", "100", "--hold", "50ms"))


class Widths(Screens):
    def assert_fits(self, command, shown, columns):
        self.assertGreater(len(shown), 5, command)
        wide = [line for line in shown if len(line) > columns and " " in line.strip()]
        pasted = [line for line in wide if columns < 80 and re.match(r" *[\w_(]+ ?=", line)]
        self.assertEqual([line for line in wide if line not in pasted], [], command)

    def assert_concludes(self, command, shown):
        if len(shown) <= 24:
            return
        last = "\n".join(shown[-14:])
        expected = {"simulate": r"GOAL MISSED", "advise": r"RECOMMENDATION",
                    "sweep": r"knee|height", "gate": r"REGRESSION|INCONCLUSIVE",
                    "compare": r"noise between runs|REGRESSION|INCONCLUSIVE",
                    "report": r"noise between runs",
                    "history": r"detect a change|change of 5 %|worse",
                    "size": r"SET +per process"}[command[0]]
        self.assertRegex(last, expected, command)

    def test_no_line_is_wider_than_the_terminal_and_long_answers_end_with_their_conclusion(self):
        for command in self.reports_of_every_kind():
            searches = "--simulated" in command  # for seconds: once, and then shown from its report
            saved = ("--json", "saved.json") if searches else ()
            _, shown = self.on_terminal(*command, *saved)
            self.assert_fits(command, shown, 80)
            self.assert_concludes(command, shown)
            again = ("report", "saved.json") if searches else command
            self.assert_fits(command, self.on_terminal(*again, columns=60)[1], 60)

    def test_a_gates_table_has_a_row_for_each_figure(self):
        self.reports_of_every_kind()
        _, shown = self.on_terminal("gate", "after", "--baseline", "before")
        head = [line for line in shown if "baseline  candidate" in line]
        self.assertEqual(len(head), 1, shown)
        self.assertRegex(head[0], r"change +allowed$")
        row = [line for line in shown if line.startswith("p95(latency) ")]
        self.assertRegex(row[0], r"^p95\(latency\) +[\d.]+ ms +[\d.]+ ms +"
                                 r"(?:[+−][\d.]+|0) % +\+10 %$")
        below = shown[shown.index(row[0]) + 1]
        self.assertRegex(below, r"^  [+−][\d.]+ % to [+−][\d.]+ %: |^  unchanged$")


class Closing(Screens):
    def test_the_verdict_and_its_cause_stand_last_where_they_would_scroll_away(self):
        status, shown = self.on_terminal("simulate", "holding.json")
        self.assertEqual(status, 10)
        self.assertGreater(len(shown), 24)
        last = "\n".join(shown[-6:])
        self.assertRegex(last, r"✗ GOAL MISSED   p95\(latency\) < 60ms\s+simulated [\d.]+ ms")
        self.assertIn("The pool is the bottleneck", last)
        self.assertIn("", shown[-7:])  # set apart from what stands above
        _, whole = self.on_terminal("simulate", "holding.json", lines=70)
        self.assertEqual(len([line for line in whole if "GOAL MISSED" in line]), 1)
        self.assertTrue(whole[-1].startswith("report "), whole[-1])

    def test_a_saved_report_closes_as_well(self):
        self.assert_exit(self.run_tool("simulate", "holding.json", "--json", "a.json"), 10)
        _, shown = self.on_terminal("report", "a.json")
        self.assertIn("GOAL MISSED", "\n".join(shown[-6:]))


class Pipes(Screens):
    def test_a_pipe_keeps_the_signs_where_the_locale_has_them(self):
        told = self.run_tool("simulate", "holding.json", env=UTF8).stdout
        self.assertIn(" · 20 users · ", told)
        self.assertIn("✗ GOAL MISSED", told)
        self.assertNotIn("\x1b", told)
        unsaid = self.run_tool("simulate", "holding.json",
                               env={"LANG": "", "LC_ALL": "", "LC_CTYPE": ""}).stdout
        self.assertEqual(unsaid.splitlines()[0], told.splitlines()[0])
        plain = self.run_tool("simulate", "holding.json", env=PLAIN).stdout
        self.assertTrue(plain.isascii(), plain)

    def test_no_closing_block_where_nothing_scrolls(self):
        told = self.run_tool("simulate", "holding.json", env=UTF8).stdout
        self.assertEqual(told.count("GOAL MISSED"), 1)


class Quiet(Screens):
    def check(self, code, pattern, *arguments):
        result = self.run_tool(*arguments, "--quiet", env=UTF8)
        self.assert_exit(result, code)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\Apoolgauge: %s[^\n]*\n\Z" % pattern)

    def test_one_line_says_why_the_status_is_not_0(self):
        self.check(10, r"goal missed: p95\(latency\) < 60ms: simulated [\d.]+ ms.*; bottleneck: "
                       r"pool", "simulate", "holding.json")
        self.check(12, r"inconclusive: \S", "simulate", "holding.json", "--warmup", "1s",
                   "--duration", "500ms", "--slo", "p999(latency) < 10s", "--pool-size", "20")
        self.check(10, r"no size meets the goals: \S", "advise", "holding.json", "--simulated",
                   "--slo", "p95(latency) < 1ms")
        self.check(11, r"regression: throughput fell by ", "gate", "holding.json", "--simulated",
                   "--pairs", "6", "--baseline-set", "pool_size=8")

    def test_a_saved_report_that_is_judged(self):
        self.assert_exit(self.run_tool("simulate", "holding.json", "--json", "a.json"), 10)
        self.check(10, r"goal missed: p95\(latency\) < 60ms: ", "gate", "a.json")
        self.check(10, r"goal missed: ", "gate", "a.json", "--baseline", "a.json")
        self.run_tool("simulate", "holding.json", "--quiet", "--json", "b.json", "--pool-size",
                      "12")
        self.check(12, r"inconclusive: ", "gate", "b.json", "--baseline", "b.json")

    def test_nothing_where_the_status_is_0(self):
        result = self.run_tool("simulate", "holding.json", "--quiet", "--pool-size", "20")
        self.assert_exit(result, 0)
        self.assertEqual(result.stdout + result.stderr, "")


class Comparing(Screens):
    def setUp(self):
        super().setUp()
        for name, size in (("a.json", "4"), ("b.json", "9")):
            self.run_tool("simulate", "holding.json", "--quiet", "--json", name, "--pool-size",
                          size)

    def test_two_single_reports_are_answered_on_one_screen(self):
        status, shown = self.on_terminal("compare", "a.json", "b.json")
        self.assertEqual(status, 0)
        self.assertLessEqual(len(shown), 23)
        self.assertRegex(shown[0], r"^ +\S+ +\S+ +change$")
        text = "\n".join(shown)
        self.assertIn("differs      deployment.pool.pool_size: 4 → 9", text)
        self.assertEqual(text.count("noise between runs"), 1)
        self.assertNotIn("INCONCLUSIVE", text)
        self.assertEqual(shown, self.on_terminal("report", "b.json", "--beside", "a.json")[1])

    def test_what_has_one_name_is_told_apart(self):
        shown = self.run_tool("compare", "a.json", "b.json", env=UTF8).stdout.splitlines()
        self.assertEqual(len(set(shown[0].split())), 3)

    def test_a_sentence_that_holds_for_all_figures_is_said_once(self):
        told = self.run_tool("gate", "b.json", "--baseline", "a.json", "--allow",
                             "deployment.pool", "--markdown", "-", env=UTF8)
        for text in (told.stdout, told.stderr):
            self.assertEqual(text.count("the noise between runs"), 1, text)
        self.assertIn("throughput, p95(latency), and rate(error): 1 run on each side says nothing",
                      re.sub(r"\s+", " ", told.stderr))


class Sweeping(Screens):
    def test_one_knee_in_text_and_charts(self):
        self.run_tool("sweep", "holding.json", "--simulated", "--over", "users", "--sizes",
                      "1,2,4,8,16,32", "--json", "s.json", "--html", "s.html", "--markdown", "s.md")
        told = self.run_tool("report", "s.json", env=UTF8).stdout
        knee = re.search(r"maximum at\s+(\d+)\s+users", told).group(1)
        axis = [line for line in told.splitlines() if re.match(r" +1 .* 32$", line)]
        self.assertEqual(axis[0].split(), ["1", knee, "32"])
        with open(os.path.join(self.scratch, "s.html"), encoding="utf-8") as page:
            self.assertEqual(re.findall(r">knee ([\d.]+)<", page.read()), [knee])
        self.assertEqual(len(re.findall(r"\bknee\b", told)), 1)
        self.assertIn("holding · 1 to 32 users · ", told)

    def test_none_where_it_lies_beyond_what_was_measured(self):
        self.run_tool("sweep", "holding.json", "--simulated", "--sizes", "1,2,3,4", "--json",
                      "s.json", "--html", "s.html")
        told = self.run_tool("report", "s.json", env=UTF8).stdout
        self.assertIn("so the curve has no knee here", re.sub(r"\s+", " ", told))
        with open(os.path.join(self.scratch, "s.html"), encoding="utf-8") as page:
            self.assertEqual(re.findall(r">knee ([\d.]+)<", page.read()), [])
        self.assertIn("sqlalchemy-async with 1 to 4 connections", told)


class Predicting(Screens):
    def test_predicted_and_measured_say_how_much_they_rest_on(self):
        self.run_tool("simulate", "holding.json", "--quiet", "--json", "a.json")
        result = self.run_tool("simulate", "a.json", "--json", "p.json", "--duration", "20s",
                               env=UTF8)
        self.assertNotIn("measured", result.stdout.split("predicted")[1].split("\n")[0])
        same = self.run_tool("simulate", "a.json", "--json", "p.json", env=UTF8).stdout
        counts = [self.load(name)["requests"]["completed"] for name in ("p.json", "a.json")]
        self.assertRegex(same, r"\nrequests +%s +%s\n" % tuple(f"{n:,}" for n in counts))
        prediction = self.load("p.json")["prediction"]
        self.assertEqual([prediction["completed"], prediction["from"]["completed"]], counts)
        with open(os.path.join(self.scratch, "p.json"), encoding="utf-8") as file:
            old = json.load(file)
        del old["prediction"]["completed"], old["prediction"]["from"]["completed"]
        self.write("old.json", old)  # of a version that did not keep them
        self.assert_exit(self.run_tool("report", "old.json"), 0)


class KeptRuns(Screens):
    def test_a_saturated_run_is_left_out_of_a_baseline(self):
        self.run_tool("simulate", "holding.json", "--quiet", "--json", "a.json")
        one = self.load("a.json")
        os.mkdir(os.path.join(self.scratch, "base"))
        for i, noise in enumerate(NOISE):
            saturated = dict(one["client"], saturated=True) if i == 0 else one["client"]
            self.write("base/%d.json" % i, changed(one, 9 if i == 0 else 1, noise,
                                                   client=saturated))
        result = self.run_tool("gate", "base", "--baseline", "base", "--json", "g.json", env=UTF8)
        self.assertIn("the load generator was saturated", result.stdout)
        gate = self.load("g.json")["gate"]
        self.assertEqual([gate[side]["runs"] for side in ("baseline", "candidate")], [5, 5])
