"""Guards of commands that make several runs."""

from harness import PATIENCE, sql_scenario
from test_guards import Guarded


class Searches(Guarded):
    """A guard that ends one run ends the command; what was measured until then is reported."""

    def search(self, command, *arguments, stop_in):
        self.write("short.json", sql_scenario("SELECT 1", load={"users": 2, "think": "20ms"},
                                               duration="1s", warmup="0s",
                                               slo=["p50(latency) < 10s"]))
        process = self.start_tool(command, "short.json", "--target", self.server.conninfo(),
                                  "--stop-file", "stop", *arguments)
        self.wait_for_line(process, stop_in)
        self.write("stop", "")
        out, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 13, out + err)
        report = self.only_report()
        self.assertEqual((report["command"], report["partial"]), (command, True))
        self.assertEqual((report["verdict"]["status"], report["verdict"]["exit_code"]),
                         ("guard", 13))
        self.assertRegex(report["verdict"]["reasons"][0], "stop.file")
        return report, " ".join((out + err).split())

    def test_sweep(self):
        report, out = self.search("sweep", "--sizes", "1,2,3,4,5,6", stop_in="point 2 of 6")
        self.assertGreaterEqual(len(report["curve"]["points"]), 1)
        self.assertLess(len(report["curve"]["points"]), 6)
        self.assertIn("STOPPED a partial curve", out)
        self.assertRegex(out, "stop.file")

    def test_advise(self):
        report, out = self.search("advise", stop_in="run 2 ")
        self.assertGreaterEqual(len(report["recommendation"]["search"]["runs"]), 1)
        self.assertRegex(report["recommendation"]["search"]["sentence"], "stop.file")
        self.assertFalse(report["recommendation"]["confirmed"])
        self.assertRegex(out, "stop.file")

    def test_gate(self):
        report, out = self.search("gate", "--pairs", "6", "--candidate-set", "pool_size=2",
                                  stop_in="pair 1 of 6, candidate")
        self.assertIn("The gate compared nothing", " ".join(report["notes"]))
        self.assertIn("STOPPED", out)
