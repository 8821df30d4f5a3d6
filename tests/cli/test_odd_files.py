"""Files that are not what they should be: mutated, in other encodings, too large, too frequent."""

import csv
import io
import json
import os
import random
import unittest

from documents import STATUSES, collect, replaced
from harness import SOURCE, Case, tiny


class Mutations(Case):
    """Every value replaced by every other kind of value: an answer, never an internal error."""

    VALUES = (None, True, 0, -1, 1, 0.5, -1e308, 1e308, 2**31, 2**32, 2**63, 2**64 - 1, 2**64,
              -2**63, "", "x", "0s", "1ns", "365d", "99999999999999999999h", "\0", [], {}, [1],
              {"a": 1}, [[]])

    def check(self, commands, document, count, seed):
        pointers = []
        collect(document, (), pointers, lambda value: True)
        chance = random.Random(seed)
        for _ in range(count):
            pointer = chance.choice(pointers)
            value = chance.choice(self.VALUES)
            self.write("mutant.json", replaced(document, pointer, value))
            for command in commands:
                result = self.run_tool(*command)
                self.assertIn(result.returncode, STATUSES,
                              (command, pointer, value, result.stderr[-300:]))

    def test_scenarios(self):
        scenario = tiny(variables={"id": {"uniform": [1, 10]}, "t": {"text": 20}},
                        deadline="2s", warmup="10ms", duration="100ms")
        scenario["requests"][0]["steps"].append({"name": "h", "hold": {"exponential": "1ms"}})
        self.check([("scenario", "check", "mutant.json"),
                    ("simulate", "mutant.json", "--duration", "100ms", "--warmup", "0s", "--quiet",
                     "--out", "out")], scenario, 24, 1)

    def test_reports(self):
        with open(os.path.join(SOURCE, "reports", "example-chat-100.json")) as file:
            report = json.load(file)
        for key, kept in (("histograms", 1), ("timeline", 2)):
            report[key] = report[key][:kept]
        for request in report["calibration"]["requests"]:
            request["samples"] = request["samples"][:2]
        self.write("whole.json", report)
        self.check([("report", "mutant.json"), ("compare", "mutant.json", "whole.json"),
                    ("gate", "mutant.json", "--baseline", "whole.json"), ("history", "mutant.json"),
                    ("merge", "mutant.json", "whole.json", "--out", "out"),
                    ("report", "mutant.json", "--format", "html")], report, 14, 2)

    def test_files_that_are_no_documents(self):
        for name, content in (("empty", b""), ("nul", b"\0" * 100), ("deep", b"[" * 200000),
                              ("deeper", b'{"a":' * 100000), ("high", b"\xff\xfe\xfd"),
                              ("number", b"1e999999"), ("text", b'"\\ud800"')):
            with open(os.path.join(self.scratch, name), "wb") as file:
                file.write(content)
            for command in (("scenario", "check"), ("simulate",), ("report",), ("history",),
                            ("gate",), ("scenario", "import", "--output", "n.json", "--csvlog"),
                            ("scenario", "import", "--output", "n.json", "--jsonlog"),
                            ("scenario", "import", "--pgbench")):
                result = self.run_tool(*command, name)
                self.assertIn(result.returncode, STATUSES, (command, name, result.stderr))


def log_entry(number, statement):
    """A line of a csvlog and one of a jsonlog, as PostgreSQL 15 writes them."""
    message = "duration: 0.500 ms  statement: " + statement
    time = "2026-11-29 17:34:%02d.000 UTC" % number
    fields = [time, "app", "app", "100", "127.0.0.1:1", "65.1", str(number), "SELECT",
              "2026-11-29 17:33:59 UTC", "3/%d" % number, "0", "LOG", "00000", message]
    fields += [""] * 8 + ["psql", "client backend", "", "0"]
    out = io.StringIO()
    csv.writer(out).writerow(fields)
    entry = {"timestamp": time, "session_id": "65.1", "vxid": "3/%d" % number, "message": message,
             "error_severity": "LOG", "backend_type": "client backend"}
    return out.getvalue(), json.dumps(entry, ensure_ascii=False) + "\n"


class Encodings(Case):
    STATEMENTS = ("SELECT 'plain'", "SELECT 'caf\xe9'", "SELECT '\u20ac'")

    def write_logs(self, statements, encoding):
        for kind, index in (("csv", 0), ("json", 1)):
            text = "".join(log_entry(i, s)[index] for i, s in enumerate(statements))
            with open(os.path.join(self.scratch, "log." + kind), "wb") as file:
                file.write(text.encode(encoding) if isinstance(encoding, str) else encoding(text))

    def imported(self, kind, *arguments):
        name = os.path.join(self.scratch, "out.json")
        for left in (name, name.replace(".json", ".arrivals.csv")):
            if os.path.exists(left):
                os.remove(left)
        result = self.run_tool("scenario", "import", "--%slog" % kind, "log." + kind, "--output",
                               "out.json", *arguments)
        if result.returncode != 0:
            return result, ""
        # The values are in the file of arrivals.
        with open(name, encoding="utf-8") as file, \
                open(name.replace(".json", ".arrivals.csv"), encoding="utf-8") as arrivals:
            return result, file.read() + arrivals.read()

    def test_a_log_in_another_encoding_is_read_and_said_so(self):
        for encoding, name, statements, wanted in (
                ("latin-1", "LATIN1", self.STATEMENTS[:2], "caf\xe9"),
                ("cp1252", "WIN1252", self.STATEMENTS, "\u20ac"),
                ("iso8859-15", "LATIN9", self.STATEMENTS, "\u20ac"),
                ("utf-8", "UTF8", self.STATEMENTS, "\u20ac")):
            self.write_logs(statements, encoding)
            for kind in ("csv", "json"):
                for spelling in (name, name.lower().replace("8", "-8")):
                    result, text = self.imported(kind, "--encoding", spelling)
                    self.assert_exit(result, 0)
                    self.assertIn(wanted, text)
                result, text = self.imported(kind)
                self.assert_exit(result, 0)
                guessed = "read as " in result.stderr
                self.assertEqual(guessed, encoding != "utf-8", result.stderr)
                if encoding != "iso8859-15":
                    self.assertIn(wanted, text)

    def test_what_cannot_be_read_is_refused_with_its_place(self):
        self.write_logs(self.STATEMENTS[:2], "latin-1")
        for kind in ("csv", "json"):
            result, _ = self.imported(kind, "--encoding", "UTF8")
            self.assert_exit(result, 2, "line 2, byte ", "0xe9 is not valid UTF8")
            self.assertNotIn("caf", result.stderr)
            result, _ = self.imported(kind, "--encoding", "LATIN11")
            self.assert_exit(result, 2, 'did you mean "LATIN1"?')
        result = self.run_tool("scenario", "import", "--pgbench", "x", "--encoding", "UTF8")
        self.assert_exit(result, 2, "--encoding applies only to logs")

    def test_mixed_encodings_are_read_byte_by_byte(self):
        self.write_logs(self.STATEMENTS, lambda text: text.encode().replace(
            "\xe9".encode(), b"\xe9"))
        for kind in ("csv", "json"):
            result, text = self.imported(kind)
            self.assert_exit(result, 0, "SQL_ASCII")
            self.assertIn("caf\xe9", text)
            self.assertIn("\u20ac", text)

    def test_scenarios_and_scripts_say_line_and_byte(self):
        for name, content in (("s.json", b'{\n  "version": 1, "name": "caf\xe9"\n}'),
                              ("s.sql", b"SELECT 1;\nSELECT 'caf\xe9';\n")):
            with open(os.path.join(self.scratch, name), "wb") as file:
                file.write(content)
        self.assert_exit(self.run_tool("scenario", "check", "s.json"), 2, "s.json:2:29",
                         "expected UTF-8")
        self.assert_exit(self.run_tool("scenario", "import", "--pgbench", "s.sql"), 2,
                         "s.sql:2:12", "the byte 0xe9")
        self.write("own.json", tiny(variables={"v": {"csv": {"file": "v.csv", "column": "a"}}}))
        with open(os.path.join(self.scratch, "v.csv"), "wb") as file:
            file.write(b"a\nb\ncaf\xe9\n")
        self.assert_exit(self.run_tool("scenario", "check", "own.json"), 2, "line 3, byte 4")


class Limits(Case):
    def simulate(self, scenario, *arguments):
        self.write("own.json", scenario)
        result = self.run_tool("simulate", "own.json", "--json", "r.json", "--quiet", *arguments)
        if result.returncode not in (0, 10, 12):
            return result, None
        with open(os.path.join(self.scratch, "r.json")) as file:
            return result, json.load(file)

    def test_a_burst_comes_once_and_at_the_start_of_the_window(self):
        for warmup in ("0s", "2s"):
            _, report = self.simulate(tiny(), "--burst", "50", "--warmup", warmup, "--duration",
                                      "3s")
            self.assertEqual(report["requests"]["scheduled"], 50)
            self.assertEqual(report["requests"]["completed"], 50)
            self.assertIn("one burst of 50", report["scenario"]["load"])
            self.assertNotIn("every", report["scenario"]["resolved"]["load"])
        _, report = self.simulate(tiny(), "--burst", "50", "--every", "1s", "--duration", "3s")
        self.assertEqual(report["requests"]["scheduled"], 150)

    def test_bursts_have_the_bound_of_rates(self):
        for burst, every in (("1", "1ns"), ("50", "49us"), ("1000000", "999ms")):
            result, _ = self.simulate(tiny(), "--burst", burst, "--every", every)
            self.assert_exit(result, 2, "--every", "or more")
        result, report = self.simulate(tiny(), "--burst", "50", "--every", "50us", "--duration",
                                       "1ms")
        self.assertEqual(report["requests"]["scheduled"], 1000, result.stderr)

    def test_ten_thousand_kinds_of_requests(self):
        requests = [{"name": "r%d" % i, "steps": [{"name": "one", "sql": "SELECT %d" % i}]}
                    for i in range(10000)]
        result, report = self.simulate(tiny(requests=requests, slo=[]), "--duration", "200ms")
        self.assertEqual(len(report["steps"]), 10000, result.stderr)


if __name__ == "__main__":
    unittest.main()
