"""Every form of a report: written by a run, rendered again from its file, read by others."""

import glob
import html.parser
import json
import os
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

from harness import PATIENCE, SOURCE, Case, tiny

FORMS = {"json": "r.json", "markdown": "r.md", "html": "r.html", "junit": "r.xml",
         "prometheus": "r.prom", "github-benchmark": "gab.json", "bencher": "bmf.json",
         "csv": "r.csv", "hdr": "r.hlog", "hgrm": "r.hgrm"}
XSD = os.path.join(SOURCE, "tests", "cli", "junit.xsd")
EXAMPLES = sorted(glob.glob(os.path.join(SOURCE, "reports", "example-*.json")))
SAMPLE = re.compile(r'([a-z_]+)\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\} (\S+)\Z')
VOID = {"meta", "link", "br", "img", "input", "hr"}


def debian_python(code, text):
    """The answer of Debian's interpreter, which has Debian's modules; None where one is missing."""
    result = subprocess.run(["/usr/bin/python3", "-c", code], input=text, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if "ModuleNotFoundError" in result.stderr:
        return None
    assert result.returncode == 0, result.stderr
    return result.stdout


class Balanced(html.parser.HTMLParser):
    """Complains of elements that are not closed, and notes what a page refers to."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.references, self.labels = [], [], [], []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            if name in ("href", "src", "srcset", "action", "data"):
                self.references.append(value)
            if name in ("aria-labelledby", "aria-describedby"):
                self.labels += value.split()

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open, self.getpos())
        self.open.pop()


def checked_page(test, text):
    page = Balanced()
    page.feed(text)
    page.close()
    test.assertEqual(page.open, [])
    test.assertEqual(len(page.ids), len(set(page.ids)), page.ids)
    for reference in page.references:
        test.assertRegex(reference, r"^(#|data:,$)")
        if reference.startswith("#"):
            test.assertIn(reference[1:], page.ids)
    for label in page.labels:
        test.assertIn(label, page.ids)
    test.assertNotRegex(text, r"https?://|@import|url\(")
    return page


def checked_exposition(test, text):
    """The rules of the format that a scraper insists on."""
    families, current = set(), None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            current = line.split(" ", 3)[2]
            test.assertNotIn(current, families, "a family in two places")
            families.add(current)
        elif line.startswith("# TYPE "):
            test.assertEqual(line.split(" ")[2], current)
        else:
            found = SAMPLE.match(line)
            test.assertTrue(found, line)
            test.assertIn(found.group(1), (current, current + "_sum", current + "_count"))
            float(found.group(3))
    return families


class Formats(Case):
    def setUp(self):
        super().setUp()
        goals = ["p50(latency) < 1us", "rate(error) <= 0%"]
        self.write("tiny.json", tiny(duration="3s", slo=goals))
        asked = [word for form, name in FORMS.items() for word in ("--" + form, name)]
        self.assert_exit(self.run_tool("simulate", "tiny.json", "--quiet", *asked), 10)

    def text(self, name):
        with open(os.path.join(self.scratch, name), newline="", encoding="utf-8") as file:
            return file.read()

    def test_rendered_again_byte_for_byte(self):
        for form, name in FORMS.items():
            for asked in (("--format", form), ("--" + form, "-")):
                again = self.run_tool("report", "r.json", *asked)
                self.assert_exit(again, 0)
                written = self.text(name).replace("\r\n", "\n")  # run_tool reads lines of text
                self.assertEqual(again.stdout, written, asked)

    def test_places_are_told_apart(self):
        two = self.run_tool("report", "r.json", "--junit", "-", "--html", "-")
        self.assert_exit(two, 2, "--html", "--junit", "standard output")
        same = self.run_tool("report", "r.json", "--junit", "x", "--html", "x")
        self.assert_exit(same, 2, "same file")
        self.assertFalse(os.path.exists(os.path.join(self.scratch, "x")))
        self.assert_exit(self.run_tool("report", "r.json", "--html", "none/x.html"), 2, "none")

    def test_junit_is_what_readers_take(self):
        text = self.text("r.xml")
        suite = xml.etree.ElementTree.fromstring(text).find("testsuite")
        self.assertEqual([case.get("name") for case in suite.findall("testcase")],
                         ["p50(latency) < 1us", "rate(error) <= 0%"])
        self.assertEqual(suite.get("failures"), "1")
        self.assertIn("goal", suite.find("testcase/failure").get("message"))
        read = debian_python(
            "import sys, junitparser\n"
            "xml = junitparser.JUnitXml.fromstring(sys.stdin.read().encode())\n"
            "for suite in xml:\n"
            "    print(suite.tests, suite.failures, suite.errors, len(list(suite)))\n", text)
        if read is not None:
            self.assertEqual(read.split(), ["2", "1", "0", "2"])

    @unittest.skipUnless(shutil.which("xmllint"), "xmllint (libxml2-utils) is not installed")
    def test_junit_follows_the_schema(self):
        golden = glob.glob(os.path.join(SOURCE, "tests", "golden", "*.junit.xml"))
        self.assertGreaterEqual(len(golden), 3)
        for path in [os.path.join(self.scratch, "r.xml")] + golden:
            result = subprocess.run(["xmllint", "--noout", "--schema", XSD, path],
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self.assertEqual(result.returncode, 0, result.stdout)

    def test_prometheus_is_what_scrapers_take(self):
        text = self.text("r.prom")
        families = checked_exposition(self, text)
        self.assertIn("poolgauge_latency_seconds", families)
        read = debian_python(
            "import sys\n"
            "from prometheus_client.parser import text_string_to_metric_families as parse\n"
            "print(sum(len(f.samples) for f in parse(sys.stdin.read())))\n", text)
        if read is not None:
            lines = [line for line in text.splitlines() if not line.startswith("#")]
            self.assertEqual(int(read), len(lines))

    def test_benchmarks_have_their_services_shape(self):
        entries = json.loads(self.text("gab.json"))
        for entry in entries:
            self.assertIsInstance(entry["value"], (int, float))
            self.assertTrue(entry["name"].startswith("tiny: ") and entry["unit"])
        self.assertEqual(len(entries), len({entry["name"] for entry in entries}))
        for measures in json.loads(self.text("bmf.json")).values():
            for value in measures.values():
                low = value.get("lower_value", value["value"])
                high = value.get("upper_value", value["value"])
                self.assertTrue(low <= value["value"] <= high)

    def test_html_stands_alone(self):
        page = checked_page(self, self.text("r.html"))
        for chart in ("chart-time", "chart-distribution", "chart-throughput", "chart-latency",
                      "chart-pools"):
            self.assertIn(chart, page.ids)

    def test_hostile_names_stay_text(self):
        name = "a <b>&\"'x'</script> | `c` \\"
        report = json.loads(self.text("r.json"))
        report["scenario"].update(name=name, description="<img src=x onerror=alert(1)>")
        report["failures"] = [{"phase": "step", "class": "sql_error", "sqlstate": "XX000",
                               "count": 1, "example": "<img src=x>\u0007\u001b[31m"}]
        self.write("hostile.json", report)
        result = self.run_tool("report", "hostile.json", "--html", "h.html", "--junit", "h.xml",
                               "--prometheus", "h.prom", "--bencher", "h.json")
        self.assert_exit(result, 0)
        page = checked_page(self, self.text("h.html"))
        self.assertNotIn("x", page.references)
        self.assertNotIn("<img", self.text("h.html"))
        suite = xml.etree.ElementTree.fromstring(self.text("h.xml")).find("testsuite")
        self.assertEqual(suite.get("name"), name)
        checked_exposition(self, self.text("h.prom"))
        self.assertIn(name, json.loads(self.text("h.json")))


class OldReports(Case):
    def test_the_first_version_renders_in_every_form(self):
        self.assertTrue(EXAMPLES)
        for example in EXAMPLES:
            for form in FORMS:
                result = self.run_tool("report", example, "--format", form)
                self.assert_exit(result, 0)
                self.assertGreater(len(result.stdout), 200)
            checked_page(self, self.run_tool("report", example, "--format", "html").stdout)

    def test_what_is_absent_is_left_out(self):
        with open(EXAMPLES[0], encoding="utf-8") as file:
            report = json.load(file)
        for name in ("percentiles_ms", "breakdown_ms", "statement_ms", "outages", "notes"):
            report.pop(name, None)
        report["timeline"] = report["timeline"][:1]
        report["pools"] = []
        self.write("bare.json", report)
        result = self.run_tool("report", "bare.json", "--format", "html")
        self.assert_exit(result, 0)
        self.assertNotIn("series", checked_page(self, result.stdout).ids)


class Sizes(Case):
    def test_a_long_run_stays_small(self):
        """Ten minutes and a million requests; the limits are those of the project. That of the
        processor time is in tests/measured."""
        with open(EXAMPLES[0], encoding="utf-8") as file:
            report = json.load(file)
        report["requests"].update(completed=1_000_000, in_flight=0, failed=0, shed=0,
                                  scheduled=1_000_000)
        report["timeline"] = [
            dict(second, t_s=i + 1, completed=1600 + i % 97, latency_p50_ms=101.234 + i % 13,
                 latency_p95_ms=345.678 + i % 17, latency_p99_ms=456.789 + i % 19,
                 server_active=3.14159 + i % 3, server_idle_in_transaction=50.1234 + i % 5,
                 server_lock_waits=0.123456)
            for i, second in enumerate(report["timeline"][:1] * 600)]
        points = [[100 * (1 - 0.917 ** i), 100.123 + i] for i in range(160)]
        report["percentiles_ms"] = {name: points
                                    for name in ("latency", "pool_wait", "connection_time")}
        path = self.write("long.json", report)
        process = self.start_tool("report", path, "--html", "long.html", "--json", "again.json")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, process.stderr.read())
        self.assertLess(os.path.getsize(os.path.join(self.scratch, "again.json")), 1 << 20)
        self.assertLess(os.path.getsize(os.path.join(self.scratch, "long.html")), 3 << 19)
        self.assertLess(usage.ru_maxrss, 100 * 1024)  # KiB


class Trouble(Case):
    def test_a_full_disk_keeps_the_old_file(self):
        place = os.path.join(self.scratch, "small")
        os.mkdir(place)
        if os.geteuid() != 0 or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=16k", "none", place],
                stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("needs a small file system of its own")
        self.addCleanup(subprocess.run, ["umount", place])
        old = os.path.join(place, "page.html")
        with open(old, "w", encoding="utf-8") as file:
            file.write("the old page")
        result = self.run_tool("report", EXAMPLES[0], "--html", old)
        self.assert_exit(result, 2, "cannot write", "page.html", "No space left on device")
        with open(old, encoding="utf-8") as file:
            self.assertEqual(file.read(), "the old page")
        self.assertEqual(os.listdir(place), ["page.html"])

    def test_one_bad_place_does_not_cost_the_others(self):
        result = self.run_tool("report", EXAMPLES[0], "--html", "/dev/full", "--junit", "good.xml")
        self.assert_exit(result, 2, "/dev/full")
        self.assertTrue(os.path.getsize(os.path.join(self.scratch, "good.xml")))

    def test_runs_at_once_into_one_directory_keep_apart(self):
        self.write("tiny.json", tiny())
        running = [self.start_tool("simulate", "tiny.json", "--quiet", "--html", "same.html")
                   for _ in range(6)]
        for process in running:
            _, err = process.communicate(timeout=PATIENCE)
            self.assertEqual(process.returncode, 0, err)
        names = self.reports()
        self.assertEqual(len(names), 12)
        self.assertEqual([n for n in os.listdir(self.scratch) if n.endswith(".tmp")], [])
        for name in names:
            with open(name, encoding="utf-8") as file:
                text = file.read()
            if name.endswith(".json"):
                json.loads(text)
                beside = self.run_tool("report", name, "--markdown", "-").stdout
                with open(name[:-5] + ".md", encoding="utf-8") as file:
                    self.assertEqual(file.read(), beside)
        checked_page(self, open(os.path.join(self.scratch, "same.html"), encoding="utf-8").read())


if __name__ == "__main__":
    unittest.main()
