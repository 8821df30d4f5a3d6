#!/usr/bin/env python3
"""Drives the built program as a user does: test_cli.py PATH-TO-POOLGAUGE [unittest options].

POOLGAUGE_TEST_GROUP=still leaves out what measures, =measuring all else: what measures must have
the machine to itself, the rest may run beside other tests.
"""

import importlib
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402

GROUPS = {
    "still": ["advise", "formats", "gate", "html", "package", "predict", "readme", "reports",
              "shells", "size", "usage"],
    "measuring": ["ci", "failures", "fleets", "imports", "interrupts", "load", "outputs", "pooler",
                  "progress", "runs", "targets"],
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: test_cli.py PATH-TO-POOLGAUGE [unittest options]")
    harness.PROGRAM = os.path.abspath(sys.argv.pop(1))
    wanted = os.environ.get("POOLGAUGE_TEST_GROUP")
    for group, subjects in GROUPS.items():
        for subject in subjects if wanted in (None, group) else []:
            module = importlib.import_module("test_" + subject)
            globals().update({name: each for name, each in vars(module).items()
                              if isinstance(each, type) and issubclass(each, unittest.TestCase)})
    unittest.main()
