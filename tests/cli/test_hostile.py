"""What strangers type and send: secrets in the wrong place, hostile names and texts."""

import csv
import html.parser
import io
import json
import os
import re
import unittest
import xml.etree.ElementTree

from documents import STATUSES, collect, replaced
from harness import SOURCE, Case, tiny

SECRET = "s3cr3t-hunter2"
URI = "postgresql://app:%s@db.invalid/app" % SECRET

# C0, DEL, C1, line separators, marks that reorder, no width: what no text may hold but line ends.
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e"
                    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
HOSTILE = ("\x1b]0;owned\x07\x1b[31mRED\x7f\x9b31m\u202ertl\u200b<script>alert(1)</script>"
           "<img src=x onerror=alert(1)>|`[l](javascript:x)\"'\\,{}\r\nINJECTED1\n```\n#INJECTED"
           "\n</pre>]]> http://evil.example/\x00end")


class Secrets(Case):
    """Each command with a connection string in each place that it does not belong to."""

    FORMS = (URI,
             "postgresql://app:%s%%20x@db.invalid/app" % SECRET,
             "postgresql://app:a/b@c:%s@db.invalid/app" % SECRET,
             "postgresql://app:x,%s,y@db.invalid/app" % SECRET,
             "postgresql://app:x %s\"y@db.invalid/app" % SECRET,
             "postgresql%%3A%%2F%%2Fapp%%3A%s%%40db.invalid" % SECRET,
             "postgresql://app:%s" % SECRET,
             "postgresql://db.invalid/app?user=app&password=%s" % SECRET,
             "host=db.invalid user=app password=%s" % SECRET,
             "host=db.invalid user=app password = '%s x'" % SECRET,
             "PGPASSWORD=%s" % SECRET)

    PLACES = (
        ("run", "{}"), ("advise", "{}"), ("sweep", "{}"), ("simulate", "{}"), ("report", "{}"),
        ("compare", "{}", "tiny.json"), ("compare", "tiny.json", "{}"), ("gate", "{}"),
        ("gate", "tiny.json", "--baseline", "{}"), ("history", "{}"), ("merge", "{}", "tiny.json"),
        ("scenario", "check", "{}"), ("scenario", "show", "{}"), ("scenario", "{}"), ("{}",),
        ("scenario", "import", "--csvlog", "{}", "--output", "new.json"),
        ("scenario", "import", "--jsonlog", "{}", "--output", "new.json"),
        ("scenario", "import", "--pgbench", "{}"),
        ("scenario", "import", "--csvlog", "tiny.json", "--encoding", "{}", "--output", "n.json"),
        ("completion", "{}"), ("man", "{}"), ("size", "{}"), ("size", "--workload", "{}"),
        ("history", "tiny.json", "--metric", "{}"), ("report", "tiny.json", "--format", "{}"),
        ("report", "tiny.json", "--beside", "{}"), ("report", "tiny.json", "--json", "{}"),
        ("report", "tiny.json", "--{}"), ("run", "tiny.json", "--target={}", "--embedded"),
        ("run", "tiny.json", "{}"),
    ) + tuple(("simulate", "tiny.json", "--" + flag, "{}") for flag in (
        "users", "rate", "burst", "every", "arrivals", "stages", "replay", "speed", "think",
        "duration", "warmup", "deadline", "slo", "instances", "processes", "pool", "pool-size",
        "max-overflow", "pool-timeout", "pool-recycle", "pool-option", "seed", "progress",
        "cores", "unknown")) + tuple(
            ("simulate", "tiny.json", "--pool-option", name + "={}") for name in (
                "target", "pool_size", "replica.target", "")) + (
        ("simulate", "tiny.json", "--pre-ping={}"), ("simulate", "tiny.json", "--users={}"),
    )

    def setUp(self):
        super().setUp()
        self.write("tiny.json", tiny())

    def assert_secret(self, arguments, result):
        shown = result.stdout + result.stderr
        for name in os.listdir(self.scratch):
            path = os.path.join(self.scratch, name)
            if name != "given.json" and os.path.isfile(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    shown += file.read()
        self.assertNotIn(SECRET, shown, arguments)
        self.assertNotEqual(result.returncode, 1, (arguments, result.stderr))

    def test_no_place_of_a_command_line_shows_a_password(self):
        self.assertGreater(len(self.PLACES), 60)
        for number, place in enumerate(self.PLACES):
            # Every place with the plain URI and one of the other forms; all forms come around.
            for form in (URI, self.FORMS[1 + number % (len(self.FORMS) - 1)]):
                arguments = [word.replace("{}", form) for word in place]
                self.assert_secret(arguments, self.run_tool(*arguments, "--quiet")
                                   if "simulate" in place else self.run_tool(*arguments))

    def test_no_variable_shows_a_password(self):
        for number, name in enumerate((
                "USERS", "RATE", "BURST", "EVERY", "ARRIVALS", "STAGES", "REPLAY", "SPEED", "THINK",
                "DURATION", "WARMUP", "DEADLINE", "SLO", "INSTANCES", "PROCESSES", "POOL",
                "POOL_SIZE", "MAX_OVERFLOW", "POOL_TIMEOUT", "POOL_RECYCLE", "PRE_PING",
                "POOL_OPTION", "SEED", "OUT", "JSON")):
            form = self.FORMS[number % len(self.FORMS)]
            env = {"POOLGAUGE_" + name: form}
            self.assert_secret(env, self.run_tool("simulate", "tiny.json", "--quiet", env=env))

    def test_no_place_of_a_scenario_shows_a_password(self):
        self.write("own.json", tiny(
            deployment={"pools": {"primary": {"kind": "psycopg", "target": URI, "max_siz": 3}}}))
        pointers = []
        collect(tiny(description="d"), (), pointers)
        os.remove(os.path.join(self.scratch, "own.json"))
        for number, pointer in enumerate(pointers):
            scenario = replaced(tiny(description="d"), pointer, self.FORMS[number % 11])
            with open(os.path.join(self.scratch, "given.json"), "w") as file:
                json.dump(scenario, file)
            for command in (("scenario", "check"), ("scenario", "show")):
                self.assert_secret(pointer, self.run_tool(*command, "given.json"))
        for target in self.FORMS:
            pools = {"primary": {"kind": "psycopg", "target": target, "max_siz": 3}}
            with open(os.path.join(self.scratch, "given.json"), "w") as file:
                json.dump(tiny(deployment={"pools": pools}), file)
            self.assert_secret(target, self.run_tool("scenario", "check", "given.json"))

    def test_a_password_in_a_report_of_others_is_not_passed_on(self):
        with open(os.path.join(SOURCE, "reports", "example-chat-100.json")) as file:
            report = json.load(file)
        report["notes"] = ["see " + URI]
        report["command_line"] = "poolgauge run x --target " + URI
        report["scenario"]["resolved"]["deployment"]["pool"]["target"] = URI
        with open(os.path.join(self.scratch, "given.json"), "w") as file:
            json.dump(report, file)
        for form in FORMATS:
            self.assert_secret(form, self.run_tool("report", "given.json", "--format", form))


FORMATS = ("text", "json", "markdown", "html", "junit", "prometheus", "github-benchmark", "csv",
           "hdr", "hgrm", "bencher")


class Elements(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, sorted(name for name, _ in attributes)))


def elements(page):
    parser = Elements()
    parser.feed(page)
    parser.close()
    return parser.seen


class HostileReports(Case):
    """A report of strangers in which every free text is hostile, through every form and command."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with open(os.path.join(SOURCE, "reports", "example-chat-100.json")) as file:
            cls.document = json.load(file)
        cls.document["histograms"] = [h for h in cls.document["histograms"]
                                      if h["name"] == "latency"]
        cls.texts = []
        collect(cls.document, (), cls.texts, lambda value: isinstance(value, str))

    def test_every_form_is_whole_and_harmless(self):
        hostile, harmless, changed = self.document, self.document, 0
        accepted = {}  # the elements of an array are read alike: one of them is tried
        for pointer in self.texts:
            shape = tuple(0 if isinstance(part, int) else part for part in pointer)
            if shape not in accepted:
                self.write("one.json", replaced(self.document, pointer, HOSTILE))
                result = self.run_tool("report", "one.json", "--format", "csv")
                self.assertIn(result.returncode, (0, 2), result.stderr)
                self.assertNotRegex(result.stderr, HIDDEN)
                self.assertNotRegex(result.stderr, r"(?m)^(INJECTED|#INJ)")
                accepted[shape] = result.returncode == 0
            if accepted[shape]:
                hostile = replaced(hostile, pointer, HOSTILE)
                harmless = replaced(harmless, pointer, "harmless")
                changed += 1
        self.assertGreater(changed, 40)
        self.write("hostile.json", hostile)
        self.write("harmless.json", harmless)
        pages = {}
        for name in ("hostile", "harmless"):
            for form in FORMATS:
                result = self.run_tool("report", name + ".json", "--format", form)
                self.assert_exit(result, 0)
                pages[name, form] = result.stdout
        for form in FORMATS:
            text = pages["hostile", form]
            self.assertNotRegex(text, HIDDEN, form)
        self.assertEqual(elements(pages["hostile", "html"]), elements(pages["harmless", "html"]))
        shapes = [[(e.tag, sorted(e.attrib)) for e in xml.etree.ElementTree.fromstring(
            pages[name, "junit"]).iter()] for name in ("hostile", "harmless")]
        self.assertEqual(shapes[0], shapes[1])
        for form in ("json", "github-benchmark", "bencher"):
            json.loads(pages["hostile", form])
        self.assertEqual(len({len(row) for row in csv.reader(io.StringIO(
            pages["hostile", "csv"]))}), 1)
        for line in pages["hostile", "prometheus"].splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) |[a-z_]+\{([a-z_]+="([^"\\]|\\[\\"n])*",?)+\} '
                                   r'[-+0-9.einfa]+$)')
        for line in pages["hostile", "hdr"].splitlines():
            self.assertRegex(line, r'^(#\[|"StartTimestamp"|Tag=[^,]+,[\d.]+,[\d.]+,[\d.]+,\S+$)')
        self.assertNotRegex(pages["hostile", "text"], r"(?m)^(INJECTED|#INJ)")

    def test_no_command_passes_a_hostile_name_on(self):
        report = self.document
        for pointer in (("scenario", "name"), ("label",), ("commit",), ("target", "server_version"),
                        ("pools", 0, "name"), ("started_at",)):
            report = replaced(report, pointer, HOSTILE)
        self.write("a.json", report)
        self.write("b.json", replaced(report, ("seed",), 7))
        self.write("c.json", replaced(replaced(report, ("scenario", "name"), "other" + HOSTILE),
                                      ("scenario", "sha256"), "f" * 64))
        for arguments in (("compare", "a.json", "b.json"), ("compare", "a.json", "c.json"),
                          ("gate", "a.json", "--baseline", "b.json"),
                          ("gate", "a.json", "--baseline", "c.json"), ("merge", "a.json", "b.json"),
                          ("merge", "a.json", "c.json"), ("history", "a.json"), ("history", "."),
                          ("report", "a.json", "--beside", "c.json"), ("run", "a.json"),
                          ("history", ".", "--scenario", HOSTILE.replace("\0", "")),
                          ("scenario", "list"), ("simulate", "a.json", "--quiet"),
                          ("history", ".", "--append", "h.jsonl", "--scenario", "x")):
            result = self.run_tool(*arguments)
            self.assertIn(result.returncode, STATUSES, result.stderr)
            self.assertNotRegex(result.stdout + result.stderr, HIDDEN, arguments)
            self.assertNotRegex(result.stdout + result.stderr, r"(?m)^(INJECTED|#INJ)", arguments)

    def test_names_of_files_and_scenarios(self):
        name = "evil\x1b[31m\u202e\x9b.json"
        os.mkdir(os.path.join(self.scratch, "scenarios"))
        self.write(os.path.join("scenarios", name), tiny(name="ok", description=HOSTILE))
        self.write("bad.json", tiny(name=HOSTILE, **{"key" + HOSTILE: 1}))
        for arguments in (("scenario", "list"), ("scenario", "check", "bad.json"),
                          ("scenario", "check", os.path.join("scenarios", name)),
                          ("scenario", "show", os.path.join("scenarios", name)),
                          ("scenario", "check", "no\nINJECTED\x1b[31m"), ("x\nINJECTED\x1b[2J",),
                          ("run", "tiny", "--x\x1b[2J=3"), ("scenario", "new",
                                                            "no/\x1b[2J\nINJECTED")):
            result = self.run_tool(*arguments)
            self.assertNotRegex(result.stdout + result.stderr, HIDDEN, arguments)
            self.assertNotRegex(result.stdout + result.stderr, r"(?m)^(INJECTED|#INJ)", arguments)


if __name__ == "__main__":
    unittest.main()
