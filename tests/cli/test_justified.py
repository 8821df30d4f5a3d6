"""The check of inconclusive verdicts itself: figures that justify one, and figures that do not."""

import copy
import json
import os
import unittest

import justified
from harness import SOURCE

SLOW = "the load generator could not keep up (requests started up to 80 ms late (p99)): ..."


class Justified(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(SOURCE, "reports", "example-chat-100.json")) as file:
            cls.sound = json.load(file)

    def report(self, reason, **client):
        report = copy.deepcopy(self.sound)
        report["verdict"].update(status="inconclusive", exit_code=12, reasons=[reason])
        report["client"].update(client)
        return report

    def test_a_late_generator(self):
        self.assertEqual(justified.objections(
            self.report(SLOW, schedule_lag_p99_ms=80, saturated=True)), [])

    def test_a_starved_one(self):
        machine = {"processors": 2, "others": 1.9, "databases": 0.05, "own": 0.05, "stolen": 0}
        self.assertEqual(justified.objections(
            self.report(SLOW, machine_cpu=machine, saturated=True,
                        by_thread=[{"cpu_busy": 0.02, "run_wait": 0.4}])), [])

    def test_a_late_one_of_a_few_starts(self):
        few = dict(self.sound["client"]["schedule_lag_ms"], count=17, p99=None, max=14.7)
        reason = "the load generator could not keep up (a request started 14.7 ms late): ..."
        self.assertEqual(justified.objections(
            self.report(reason, schedule_lag_p99_ms=None, schedule_lag_ms=few, saturated=True)),
            [])

    def test_a_paused_one(self):
        reason = "the load generator could not keep up (it was paused for 2.50 s): ..."
        paused = self.report(reason, saturated=True)
        stood = {"start_s": 3.0, "end_s": 5.5, "whose": "postgres", "confirmed": True}
        paused["standstills"] = [stood]
        self.assertEqual(len(justified.objections(paused)), 2)
        paused["standstills"] = [dict(stood, whose="client")]
        self.assertEqual(justified.objections(paused), [])

    def test_nothing_shows_it(self):
        self.assertEqual(len(justified.objections(self.report(SLOW))), 1)
        self.assertEqual(len(justified.objections(self.report(SLOW, saturated=True))), 2)

    def test_another_reason(self):
        self.assertEqual(len(justified.objections(self.report("the target died"))), 1)

    def test_a_small_sample(self):
        reason = "p99(latency) < 1s: the sample is too small: 40 values, but %s are needed"
        self.assertEqual(len(justified.objections(self.report(reason % "368"))), 1)
        self.assertEqual(justified.objections(self.report(reason % "36,800")), [])

    def test_no_verdict_at_all(self):
        self.assertEqual(len(justified.objections(self.sound)), 1)
