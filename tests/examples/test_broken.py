#!/usr/bin/env python3
"""advisor_examples on files that are wrong: test_broken.py PATH-TO-ADVISOR_EXAMPLES."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = None


def judge(examples):
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        file.write(examples if isinstance(examples, str) else json.dumps({"examples": examples}))
    try:
        return subprocess.run([PROGRAM, file.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=60)
    finally:
        os.unlink(file.name)


class Broken(unittest.TestCase):
    def fails(self, example, *pieces):
        result = judge([example])
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        for piece in pieces:
            self.assertIn(piece, result.stdout)

    def test_a_wrong_value(self):
        self.fails({"id": "b", "inputs": {"c": 1, "a": 1.0}, "exact": {"B": 0.51}},
                   "FAIL b B: expected 0.51, computed 0.5")

    def test_whole_numbers_must_match(self):
        inputs = {"cores": 4, "spindles": 1}
        self.fails({"id": "n", "inputs": inputs, "exact": {"pool": 10}, "rel_tol": 0.5}, "FAIL n")

    def test_unknown_formula(self):
        self.fails({"id": "x", "formula": "phlogiston", "inputs": {"warmth": 1},
                    "exact": {"y": 1}}, "FAIL x no formula known", "warmth", "phlogiston")
        self.fails({"id": "x", "inputs": {"c": 1, "a": 1}, "exact": {"Q": 1}}, "Q")

    def test_wrong_inputs(self):
        self.fails({"id": "t", "inputs": {"c": "two", "a": 1}, "exact": {"B": 1}}, "FAIL t Erlang")
        self.fails({"id": "t", "inputs": {"c": 0.5, "a": 1}, "exact": {"B": 1}}, "FAIL t Erlang")
        self.fails({"id": "t", "inputs": {"k": 5, "n": 3}, "exact": {"wilson_lo": 0}}, "FAIL t")
        self.fails({"id": "t"}, "FAIL t it has no inputs")
        self.fails(["no object"], "FAIL #1")

    def test_one_failure_leaves_the_others(self):
        good = {"id": "good", "inputs": {"c": 1, "a": 1.0}, "exact": {"B": 0.5}}
        result = judge([good, {"id": "bad"}, good])
        self.assertEqual([line.split()[0] for line in result.stdout.splitlines()],
                         ["ok", "FAIL", "ok"])

    def test_files_that_are_none(self):
        self.assertEqual(judge("{").returncode, 2)
        self.assertEqual(judge('{"examples": 3}').returncode, 2)
        self.assertEqual(judge("[]").returncode, 0)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
