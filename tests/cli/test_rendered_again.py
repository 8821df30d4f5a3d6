"""A saved report rendered again: the bytes that the command itself wrote, in every format."""

import os

from harness import tiny
from test_screens import UTF8, Screens, hold

FORMS = ("json", "markdown", "html", "junit", "prometheus", "github-benchmark", "csv", "hdr",
         "hgrm", "bencher")


class RenderedAgain(Screens):
    def content(self, name):
        with open(os.path.join(self.scratch, name), "rb") as file:
            return file.read().decode()

    def check(self, *command, codes=(0, 10, 11, 12), text=True, forms=FORMS):
        asked = [word for form in forms for word in ("--" + form, "first." + form)]
        result = self.run_tool(*command, *asked, env=UTF8)
        self.assertIn(result.returncode, codes, result.stderr)
        # All at once, as the command itself did; and each alone, on standard output.
        self.run_tool("report", "first.json", *[word.replace("first.", "again.")
                                                for word in asked], env=UTF8)
        for form in forms:
            first = self.content("first." + form)
            self.assertEqual(self.content("again." + form), first, (command, form))
            again = self.run_tool("report", "first.json", "--format", form, env=UTF8)
            self.assert_exit(again, 0)
            self.assertEqual(again.stdout, first.replace("\r\n", "\n"), (command, form))
        if not text:
            return
        shown = [line for line in result.stdout.splitlines() if not line.startswith("report   ")]
        again = self.run_tool("report", "first.json", env=UTF8).stdout
        self.assertEqual(again.splitlines(), shown, command)

    def test_what_measures_on_the_virtual_clock(self):
        self.check("simulate", "holding.json")
        self.check("simulate", "first.json", "--pool-size", "6")
        self.check("sweep", "holding.json", "--simulated", "--sizes", "2,4,8,12")
        self.check("advise", "holding.json", "--simulated")
        self.check("gate", "holding.json", "--simulated", "--pairs", "6", "--baseline-set",
                   "pool_size=5")

    def test_what_reads_saved_reports(self):
        self.reports_of_every_kind()
        self.check("gate", "a.json")
        self.check("gate", "after", "--baseline", "before")
        self.check("compare", "before", "after", forms=("json", "markdown"))
        # Of two single reports each figure is shown beside the other; one report has not both.
        self.check("compare", "a.json", "b.json", text=False, forms=("json", "markdown"))

    def test_the_parts_of_one_run(self):
        for seed in ("1", "2"):
            self.run_tool("simulate", "holding.json", "--seed", seed, "--quiet", "--json",
                          "part%s.json" % seed)
        self.check("merge", "part1.json", "part2.json")

    def test_a_live_run(self):
        self.write("tiny.json", tiny(duration="3s"))
        self.check("run", "tiny.json", "--embedded")
        self.write("holding.json", hold(load={"users": 6}))
        self.check("run", "holding.json", "--embedded", "--duration", "3s")
