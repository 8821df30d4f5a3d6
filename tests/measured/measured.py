#!/usr/bin/env python3
"""What needs a machine of its own: times, shares of a processor, predictions beside what was then
measured. Whether a failure counts is judge.py's to say.

usage: measured.py PATH-TO-POOLGAUGE [unittest options]
"""

import json
import os
import resource
import shutil
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))

import harness  # noqa: E402
from harness import SOURCE, Case, sql_scenario, tiny  # noqa: E402
from test_advise import hold  # noqa: E402
from test_failures import EncryptedServer as Encrypted  # noqa: E402
from test_imports import ServersOwnStatistics as Statistics  # noqa: E402
from test_predict import HOLDING, figures, pool  # noqa: E402
from test_progress import LiveView as View  # noqa: E402

MOST_CPU_OF_VIEW = 0.01  # of a core
MOST_CPU_OF_LOOKING = 0.02


class ServerThatStandsStill(Case):
    def server_tree(self):
        """Parents first, so that a postmaster that is stopped starts nothing new."""
        return [pid for root in self.server_processes()
                for pid in [root] + harness.descendants_of(root)]

    def test_its_pause_is_in_the_latency(self):
        # At 500/s a stop of S seconds makes each of 500 S requests late by what was left of it. The
        # p99 of 20 S seconds' requests is then 0.8 S, whether S is 1 or a quarter of that.
        stop = float(os.environ.get("POOLGAUGE_TEST_FREEZE_S", "0.25"))
        scenario = sql_scenario("SELECT 1", load={"rate": 500, "arrivals": "constant"},
                                warmup="500ms", duration=f"{round(20000 * stop)}ms", slo=[])
        scenario["deployment"]["pool"] = {"kind": "hikari", "maximumPoolSize": 20}
        self.write("freeze.json", scenario)
        process = self.start_tool("run", "freeze.json", "--json", "report.json", "--no-probe")
        backends = 0
        while backends < 20:  # of the pool: the load has begun
            self.assertIsNone(process.poll())
            time.sleep(0.05)
            backends = len(self.server_tree()) - 5
        time.sleep(0.2 * 20 * stop + 0.5)
        server = self.server_tree()
        for pid in server:
            os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        time.sleep(stop)
        stopped = time.monotonic() - began
        for pid in server:
            os.kill(pid, signal.SIGCONT)
        process.communicate(timeout=60)
        report = self.load("report.json")
        requests = report["requests"]
        self.assertEqual(requests["scheduled"] - requests["carried_in"], round(10000 * stop))
        self.assertEqual(requests["failed"], 0)
        late = stopped - 0.01 * requests["completed"] / 500
        for times in ("latency_ms", "response_ms"):
            self.assertAlmostEqual(report[times]["p99"] / 1e3, late, delta=0.05 * late)
        self.assertGreaterEqual(report["latency_ms"]["max"] / 1e3, 0.98 * stopped)


class Connecting(Encrypted):
    def test_its_parts_sum_to_it(self):
        for sslmode in ("disable", "require"):
            report = self.connecting(sslmode)
            parts = report["connect_phases_ms"]
            whole = sum(part["mean"] or 0 for part in parts.values())
            self.assertAlmostEqual(whole / report["connect_ms"]["mean"], 1, delta=0.01)
            self.assertGreater(parts["authentication"]["mean"], parts["ready"]["mean"])
            phases = report["phases_ms"]
            self.assertGreater(phases["connect"]["mean"], 0.8 * phases["pool_wait"]["mean"])

    def test_the_parts_of_a_latency_sum_to_it(self):
        report = self.connecting("require")
        slowest = report["samples"][0]
        spans = slowest["spans"]
        # A request that began late has its first span late: that is part of its latency.
        spent = spans[0]["start_ms"] + sum(span["duration_ms"] for span in spans)
        self.assertAlmostEqual(spent / slowest["latency_ms"], 1, delta=0.05)


class Processors(View):
    def test_drawing_the_live_line_costs_little(self):
        _, share = self.watch("run", "slow.json", "--embedded", NO_COLOR="1")
        self.assertLess(share, MOST_CPU_OF_VIEW)

    def test_looking_at_the_server_costs_little(self):
        self.write("slow.json", sql_scenario("SELECT pg_sleep(0.01)", duration="3s"))
        result = self.run_tool("run", "slow.json", "--json", "r.json", "--quiet")
        self.assert_exit(result, 0)
        server = self.load("r.json")["server"]
        self.assertGreaterEqual(server["samples"], 10)
        self.assertGreater(server["look_ms"], 0)
        self.assertLess(server["look_cpu"], MOST_CPU_OF_LOOKING)

    def test_rendering_a_long_report(self):
        """Ten minutes of it, in less than a second of processor time and 100 MiB."""
        with open(os.path.join(SOURCE, "reports", "example-chat-100.json")) as file:
            report = json.load(file)
        report["timeline"] = [dict(second, t_s=i + 1)
                              for i, second in enumerate(report["timeline"][:1] * 600)]
        self.write("long.json", report)
        process = self.start_tool("report", "long.json", "--html", "long.html")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, process.stderr.read())
        self.assertLess(usage.ru_utime + usage.ru_stime, 1.0)
        self.assertLess(usage.ru_maxrss, 100 * 1024)  # KiB


class StatementsOfTheWindow(Statistics):
    def test_the_server_counted_what_we_counted(self):
        report = self.server_view("tester")
        ours, = [s for s in report["server"]["statements"]
                 if "FROM seen WHERE n = $1" in s["query"]]
        # The counts are read a moment before the window and a moment after it.
        self.assertLess(abs(ours["calls"] / report["requests"]["completed"] - 1), 0.1)


class Sizes(Case):
    def test_advice_on_a_server_is_near_erlang_s(self):
        path = self.write("s.json", hold(goal="p95(pool_wait) < 15ms"))
        result = self.run_tool("advise", path, "--embedded", "--warmup", "500ms", "--duration",
                               "2s", "--headroom-load", "0%", "--json", "out.json", timeout=180)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        r = self.load("out.json")["recommendation"]
        # Two seconds are short: near Erlang's 12, not on it.
        self.assertTrue(10 <= r["pool_size"] + r["max_overflow"] <= 15, result.stdout)
        self.assertEqual((r["confidence"], r["confirmed"]), ("measured", True))


class Prediction(Case):
    def test_the_unchanged_question_holds_what_was_measured(self):
        self.write("chat.json", tiny(requests=HOLDING, load={"users": 20}, duration="5s",
                                     deployment=pool(8)))
        self.assert_exit(self.run_tool("run", "chat.json", "--embedded", "--quiet", "--json",
                                       "run.json"), 0)
        result = self.run_tool("simulate", "run.json", "--json", "-", "--quiet")
        predicted = figures(json.loads(result.stdout))["throughput_per_s"]
        self.assertLess(predicted["low"], predicted["measured"])
        self.assertLess(predicted["measured"], predicted["high"])


class LiveGate(Case):
    @unittest.skipUnless(shutil.which("psql"), "needs psql")
    def test_a_slower_statement_is_a_regression_on_a_real_server(self):
        self.write("load.json", sql_scenario(
            "SELECT pg_sleep(0.01)", duration="500ms", warmup="100ms", load={"users": 8},
            deployment={"pool": {"kind": "sqlalchemy", "pool_size": 8, "max_overflow": 0}}))
        few = ("--metric", "p50(latency)=40%", "--metric", "throughput=40%", "--quiet")
        good = self.run_tool("gate", "load.json", "--runs", "4", "--keep-runs", "good",
                             "--quiet")
        self.assertEqual(good.returncode, 0, good.stdout + good.stderr)
        with open(os.path.join(self.scratch, "load.json")) as file:
            slower = file.read().replace("pg_sleep(0.01)", "pg_sleep(0.025)")
        self.write("load.json", slower)
        bad = self.run_tool("gate", "load.json", "--runs", "4", "--baseline", "good", "--allow",
                            "requests", *few)
        self.assertEqual(bad.returncode, 11, bad.stdout + bad.stderr)


class SizeSpeed(Case):
    def test_at_most_20_ms(self):
        """Processor time of its own, beyond what any command needs to start; the best of ten."""
        def best(*arguments):
            times = []
            for _ in range(10):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                start = time.monotonic()
                self.run_tool(*arguments)
                wall = time.monotonic() - start
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                used = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
                times.append(min(wall, used))
            return min(times)
        taken = best("size", "--processes", "4", "--rate", "20000", "--hold", "40ms",
                     "--sql-time", "5ms", "--cores", "8", "--json", "x.json")
        self.assertLess(taken, 0.020)


# What is inherited for its server and helpers is tested where it stands.
for inherited in (Encrypted, View, Statistics):
    for name in [name for name in vars(inherited) if name.startswith("test_")]:
        for own in (Connecting, Processors, StatementsOfTheWindow):
            if issubclass(own, inherited):
                setattr(own, name, None)
del Encrypted, View, Statistics, inherited, own, name

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    harness.PROGRAM = os.path.abspath(sys.argv.pop(1))
    harness.run_main()
