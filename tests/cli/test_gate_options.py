"""Options of gate that are not used, sides that do not differ, and what --explain adds."""

import re

from test_gate import ReportSides


class GateOptions(ReportSides):
    def test_an_option_that_is_not_used_is_refused_by_name(self):
        base = self.side("base")
        cases = {("--baseline", base, "--allow", "deployment.poll"):
                 '--allow deployment.poll: the reports have no such field; did you mean '
                 '"deployment.pool"?',
                 ("--baseline", base, "--allow", "nonsense"): "--allow nonsense: the reports have",
                 ("--allow", "load"): "--allow needs a baseline",
                 ("--metric", "throughput=5%"): "--metric needs a baseline",
                 ("--noise", "3%"): "--noise needs a baseline",
                 ("--no-extend",): "--no-extend does not apply"}
        for arguments, said in cases.items():
            self.assert_exit(self.gate("one.json", *arguments), 2, said)
        both = self.gate("tiny.json", "--simulated", "--pairs", "6", "--allow", "load")
        self.assert_exit(both, 2, "--allow and --pairs cannot be used together")
        self.assert_exit(self.gate("tiny.json", "--simulated", "--no-extend"), 2,
                         "--no-extend applies only to --pairs")

    def test_explanations(self):
        shown = self.gate(self.side("slow", 1.2), "--baseline", self.side("base"), "--explain")
        self.assertRegex(shown.stdout, r"\nchange \(interval\) +estimated change")
        self.assertRegex(shown.stdout, r"\nlatency +time from a request's intended start")

    def test_a_history_explains_itself(self):
        shown = self.run_tool("history", self.side("base", count=2), "--explain")
        self.assertRegex(shown.stdout, r"\np50, p95, p99 +latency of the requests of that run")

    def test_two_sides_that_do_not_differ_are_called_so(self):
        same = self.gate("tiny.json", "--pairs", "6", "--no-extend", "--simulated")
        self.assertIn("baseline and candidate have the same settings", same.stderr)
        self.assertIn("baseline and candidate have the same settings",
                      re.sub(r"\s+", " ", same.stdout))
        self.assert_exit(same, 0)
