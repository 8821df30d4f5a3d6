"""What a run leaves for other programs: series, histograms, parts to merge; the server's view."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import unittest

from harness import PATIENCE, Case, tiny

JAR = "/usr/share/java/hdrhistogram.jar"


def chat(**changes):
    """Requests that wait for one of few connections, so that every metric has values."""
    steps = [{"name": "ask", "sql": "SELECT 1", "cost": {"exponential": "100us"}},
             {"name": "think", "hold": {"exponential": "20ms"}}]
    return tiny(requests=[{"name": "chat", "steps": steps}], load={"rate": 80}, duration="5s",
                slo=["rate(error) <= 0%", "p95(latency) < 10s", "throughput > 1/s"], **changes)


def distribution(text):
    """The lines of a percentile distribution that do not tell who wrote it."""
    return [line for line in text.splitlines()
            if not line.startswith("#[") or line.startswith(("#[Mean", "#[Max"))]


class Simulating(Case):
    def simulate(self, *arguments, seed=1, name="r.json"):
        self.write("chat.json", chat())
        result = self.run_tool("simulate", "chat.json", "--seed", str(seed), "--json", name,
                               "--quiet", *arguments)
        self.assert_exit(result, 0)
        return self.load(name)

    def text(self, name):
        with open(os.path.join(self.scratch, name), encoding="utf-8", newline="") as file:
            return file.read()

    def histogram(self, report, name):
        return next(kept for kept in report["histograms"] if kept["name"] == name)


class Outputs(Simulating):
    def test_the_timeline_as_csv(self):
        report = self.simulate("--csv", "series.csv")
        rows = list(csv.DictReader(io.StringIO(self.text("series.csv"))))
        self.assertEqual(len(rows), 5)
        self.assertEqual(sum(int(row["completed"]) for row in rows),
                         report["requests"]["completed"])
        for row, point in zip(rows, report["timeline"]):
            for name in row:
                expected = point[name]
                self.assertEqual(row[name], "" if expected is None else "%.6g" % expected, name)
        self.assert_exit(self.run_tool("report", "r.json", "--csv", "again.csv"), 0)
        self.assertEqual(self.text("again.csv"), self.text("series.csv"))

    def test_every_metric_is_kept_whole(self):
        report = self.simulate()
        for name, summary in (("latency", "latency_ms"), ("response", "response_ms"),
                              ("pool_wait", "pool_wait_ms"), ("connect", "connect_ms"),
                              ("connection_time", "connection_time_ms")):
            kept, shown = self.histogram(report, name), report[summary]
            self.assertEqual(kept["count"], shown["count"], name)
            self.assertAlmostEqual(kept["max_ns"] / 1e6, shown["max"], delta=shown["max"] * 1e-5)
            self.assertAlmostEqual(kept["sum_ns"] / 1e6 / kept["count"], shown["mean"],
                                   delta=shown["mean"] * 1e-5)
        self.assertEqual(self.histogram(report, "step:chat.ask")["count"],
                         report["steps"][0]["latency_ms"]["count"])

    def test_the_same_runs_in_parts_and_merged(self):
        parts = [self.simulate(seed=seed, name="%d.json" % seed) for seed in (1, 2, 3)]
        result = self.run_tool("merge", "1.json", "2.json", "3.json", "--json", "all.json")
        self.assert_exit(result, 0)
        merged = self.load("all.json")
        self.assertEqual(merged["command"], "merge")
        for key in ("scheduled", "completed", "failed", "in_flight"):
            self.assertEqual(merged["requests"][key], sum(p["requests"][key] for p in parts), key)
        for name in ("latency", "pool_wait", "step:chat.think"):
            wholes = [self.histogram(part, name) for part in parts]
            whole = self.histogram(merged, name)
            self.assertEqual(whole["count"], sum(part["count"] for part in wholes))
            self.assertEqual(whole["min_ns"], min(part["min_ns"] for part in wholes))
            self.assertEqual(whole["max_ns"], max(part["max_ns"] for part in wholes))
            self.assertEqual(whole["sum_ns"], sum(part["sum_ns"] for part in wholes))
        self.assertAlmostEqual(merged["throughput_per_s"],
                               sum(part["throughput_per_s"] for part in parts), places=3)
        self.assertEqual(merged["pools"][0]["capacity"], 6)
        self.assertEqual(len(merged["verdict"]["slo"]), 3)
        self.assertTrue(any("Merged from 3 reports" in note for note in merged["notes"]))
        self.assertFalse(any("same seed" in note for note in merged["notes"]))
        # Joined in another order, or in two steps, the same.
        self.assert_exit(self.run_tool("merge", "3.json", "1.json", "--json", "two.json"), 0)
        self.assert_exit(self.run_tool("merge", "2.json", "two.json", "--json", "back.json"), 0)
        self.assertEqual(self.histogram(self.load("back.json"), "latency"),
                         self.histogram(merged, "latency"))

    def test_what_does_not_belong_together_is_refused(self):
        self.simulate()
        self.write("other.json", chat(name="other"))
        self.run_tool("simulate", "other.json", "--json", "o.json", "--quiet")
        self.assert_exit(self.run_tool("merge", "r.json", "o.json"), 2,
                         'o.json ran scenario "other", but r.json ran "%s"' % chat()["name"])
        self.assert_exit(self.run_tool("merge", "r.json", "r.json"), 2, "r.json is given twice")
        shutil.copy(os.path.join(self.scratch, "r.json"), os.path.join(self.scratch, "copy.json"))
        self.assert_exit(self.run_tool("merge", "r.json", "copy.json"), 2,
                         "r.json and copy.json are the same report")
        self.assert_exit(self.run_tool("merge", "r.json"), 2, "two reports")
        self.assert_exit(self.run_tool("merge", "r.json", "none.json"), 2, "none.json")
        self.run_tool("simulate", "chat.json", "--duration", "3s", "--json", "d.json", "--quiet")
        self.assert_exit(self.run_tool("merge", "r.json", "d.json"), 2, "duration")
        self.run_tool("simulate", "chat.json", "--pool-size", "3", "--json", "p.json", "--quiet")
        self.assert_exit(self.run_tool("merge", "r.json", "p.json"), 2, "pools are different")
        old = self.load("r.json")
        del old["histograms"]
        self.write("old.json", old)
        self.assert_exit(self.run_tool("merge", "r.json", "old.json"), 2, "old.json", "histograms")

    def test_runs_that_were_not_one_are_not_called_so(self):
        for seed, started in ((1, "2026-01-31T12:00:00Z"), (2, "2026-01-31T13:00:00Z")):
            part = self.simulate(seed=seed)
            part["target"]["kind"] = "embedded"  # each has a server of its own
            part["started_at"] = started
            self.write("%d.json" % seed, part)
        self.run_tool("merge", "1.json", "2.json", "--json", "m.json")
        merged = self.load("m.json")
        notes = " ".join(merged["notes"])
        self.assertIn("Not one run: each part had a throwaway server of its own", notes)
        self.assertIn("did not run at the same time: the last one started 3600 s after", notes)
        self.assertFalse(merged["target"]["max_connections"])

    def test_a_larger_share_of_the_load_may_be_merged(self):
        self.simulate()
        self.run_tool("simulate", "chat.json", "--rate", "20", "--seed", "5", "--json", "s.json",
                      "--quiet")
        self.assert_exit(self.run_tool("merge", "r.json", "s.json", "--json", "m.json"), 0)
        load = self.load("m.json")["scenario"]["load"]
        self.assertRegex(load, r"^([\d.]+)/s \(Poisson\) "
                               r"\(([\d.]+)/s \(Poisson\) \+ 20/s \(Poisson\)\)$")
        total, one = (float(n) for n in re.findall(r"[\d.]+", load)[:2])
        self.assertEqual(total, one + 20)

    def test_merged_pools_are_advised_as_the_many_that_they_are(self):
        self.write("chat.json", chat())
        for seed in range(1, 5):
            self.run_tool("simulate", "chat.json", "--users", "100", "--pool-size", "2",
                          "--max-overflow", "0", "--seed", str(seed), "--json",
                          "u%d.json" % seed, "--quiet")
        result = self.run_tool("merge", *("u%d.json" % n for n in range(1, 5)), "--json", "m.json",
                               "--markdown", "m.md")
        self.assertIn(result.returncode, (0, 10), result.stderr)
        merged = self.load("m.json")
        self.assertEqual(merged["scenario"]["load"], "400 users (4 × 100 users)")
        resolved = merged["scenario"]["resolved"]
        self.assertEqual((resolved["load"]["users"], resolved["deployment"]["instances"]), (400, 4))
        said = " ".join(f["advice"] + f["evidence"] for f in merged["diagnosis"])
        self.assertNotRegex(said, r"\b100 connections")
        self.assertNotIn("25 per process", said)
        self.assertRegex(said, r"400 connections in total, 100 per process|97 free slots")
        # Merged once more, as if all had been merged at once.
        self.run_tool("merge", "u1.json", "u2.json", "--json", "two.json")
        self.run_tool("merge", "two.json", "u3.json", "--json", "three.json")
        self.assertEqual(self.load("three.json")["scenario"]["resolved"]["load"]["users"], 300)

    def test_intervals_hold_their_figures(self):
        report = self.simulate("--duration", "40s")
        low, high = report["latency_ms"]["p95_ci95"]
        self.assertTrue(low <= report["latency_ms"]["p95"] <= high)
        low, high = report["throughput_per_s_ci95"]
        self.assertTrue(low <= report["throughput_per_s"] <= high)
        goal = report["verdict"]["slo"][2]
        self.assertTrue(0 < goal["low"] <= goal["measured"] <= goal["high"])
        low, high = report["rates_ci95"]["error"]
        self.assertTrue(low == 0 < high < 0.01)

    def test_an_automatic_warm_up_ends_when_the_load_is_steady(self):
        report = self.simulate("--warmup", "auto", "--duration", "10s")
        window = report["window"]
        self.assertTrue(window["warmup_auto"] and window["warmup_reached"])
        self.assertGreaterEqual(window["warmup_s"], 11)
        self.assertEqual(window["measured_s"], 10)
        self.assertEqual(len(report["timeline"]), 10)
        self.assertEqual(report["scenario"]["resolved"]["warmup"], "auto")
        self.assertIsInstance(window["steady"], bool)

    def test_an_automatic_warm_up_needs_an_even_load(self):
        self.write("burst.json", tiny(load={"burst": 5, "every": "1s"}, warmup="auto"))
        self.assert_exit(self.run_tool("simulate", "burst.json"), 2, "/warmup", "burst.json:")


@unittest.skipUnless(shutil.which("java") and os.path.exists(JAR),
                     "needs java and Debian's libhdrhistogram-java")
class StockHdrHistogram(Simulating):
    """Java's own reader finds the counts that we wrote."""

    def process(self, log, tag, out):
        result = subprocess.run(
            ["java", "-XX:TieredStopAtLevel=1", "-cp", JAR,
             "org.HdrHistogram.HistogramLogProcessor", "-i", log, "-o", out, "-tag", tag],
            cwd=self.scratch, timeout=PATIENCE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stdout)
        return self.text(out + ".hgrm")

    def total(self, text):
        return int(text.split("Total count    =")[1].split("]")[0])

    def test_an_interval_log_reads_back(self):
        report = self.simulate("--hdr", "log.hlog", "--hgrm", "latency.hgrm")
        latency = self.process("log.hlog", "latency", "latency")
        self.assertEqual(self.total(latency), report["latency_ms"]["count"])
        self.assertEqual(distribution(latency), distribution(self.text("latency.hgrm")))
        # The intervals, as Java saw them: a line for each second, with its own count.
        lines = [line for line in self.text("latency").splitlines() if ": I:" in line]
        counts = [int(line.split(": I:")[1].split()[0]) for line in lines]
        self.assertEqual(counts, [point["completed"] for point in report["timeline"]])
        waits = self.process("log.hlog", "pool_wait", "waits")
        self.assertEqual(self.total(waits), report["pool_wait_ms"]["count"])
        holds = self.process("log.hlog", "step:chat.think", "holds")
        self.assertEqual(self.total(holds), report["steps"][1]["latency_ms"]["count"])

    def test_so_does_a_saved_report(self):
        report = self.simulate()
        self.assert_exit(self.run_tool("report", "r.json", "--hdr", "saved.hlog"), 0)
        saved = self.process("saved.hlog", "response", "response")
        self.assertEqual(self.total(saved), report["response_ms"]["count"])


class ServerView(Case):
    def run_report(self, scenario, *arguments):
        self.write("s.json", scenario)
        result = self.run_tool("run", "s.json", "--json", "r.json", "--quiet", *arguments)
        return result, self.load("r.json")

    def check_memory(self, memory):
        """The server is ours: either its processes were read, or /proc would not let us."""
        if memory["readings"] == 0:
            self.assertIn("denied", memory["note"])
            return
        self.assertEqual(memory["note"], "")
        self.assertTrue(1 <= memory["looks"] <= 3)
        self.assertTrue(memory["looks"] <= memory["readings"] <= 4 * memory["looks"])
        self.assertTrue(0.2 < memory["own_mib"] < memory["pss_mib"] < 100, memory)
        self.assertLessEqual(memory["own_mib"], memory["own_max_mib"])
        self.assertTrue(0 < memory["page_tables_mib"] < 10)

    def test_locks_counters_and_cost_are_seen(self):
        steps = [{"name": "lock", "sql": "SELECT pg_advisory_xact_lock(7)"},
                 {"name": "work", "hold": "30ms"}]
        scenario = tiny(requests=[{"name": "queue", "transaction": True, "steps": steps}],
                        load={"users": 4}, duration="3s",
                        deployment={"pool": {"kind": "sqlalchemy-async", "pool_size": 4}})
        result, report = self.run_report(scenario)
        self.assert_exit(result, 0)
        server = report["server"]
        self.assertGreater(server["samples"], 0)
        self.assertGreater(server["database"]["xact_commit"], 0)
        self.assertIn("wal_bytes", server["checkpoints"])
        self.assertGreaterEqual(server["cpu_s"], 0)  # ticks of 10 ms
        self.assertTrue(0 < server["cpu_busy"] <= 1)
        self.assertGreater(server["look_ms"], 0)
        self.assertGreater(server["look_cpu"], 0)
        self.assertGreater(server["wait_events"]["Lock"], 0)
        self.check_memory(server["backend_memory"])
        self.assertAlmostEqual(server["single_wait_events"]["Lock:advisory"],
                               server["wait_events"]["Lock"])
        locked = [f for f in report["diagnosis"] if f["finding"] == "lock_bound"]
        self.assertIn("Lock:advisory", locked[0]["evidence"])
        self.assertGreater(sum(entry["mean"] for entry in server["blocking"]), 0)
        self.assertEqual(server["blocking"][0]["wait_event"], "advisory")
        self.assertTrue(server["applications"][0]["application_name"].startswith("poolgauge"))
        self.assertEqual(server["applications"][0]["peak"], 4)

    def test_a_live_automatic_warm_up(self):
        scenario = tiny(load={"rate": 50}, warmup="auto", duration="2s",
                        deployment={"instances": 2, "pool": {"kind": "sqlalchemy-async"}})
        result, report = self.run_report(scenario, "--threads", "2")
        self.assertIn(result.returncode, (0, 12), result.stderr)
        window = report["window"]
        self.assertTrue(window["warmup_auto"])
        self.assertGreaterEqual(window["warmup_s"], 11)
        self.assertEqual(window["measured_s"], 2)
        requests = report["requests"]
        self.assertEqual(requests["scheduled"],
                         sum(requests[key] for key in ("completed", "failed", "shed", "in_flight")))
        self.assertGreater(report["server"]["samples"], 0)
