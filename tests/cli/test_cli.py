#!/usr/bin/env python3
"""Drives the built program as a user does: test_cli.py PATH-TO-POOLGAUGE [unittest options].

POOLGAUGE_TEST_GROUP chooses: deciding and writing may run beside other tests, measuring must have
the machine to itself.
"""

import importlib
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402

GROUPS = {
    "deciding": ["advise", "predict", "servers"],
    "writing": ["formats", "gate", "html", "package", "readme", "reports", "shells", "size",
                "usage"],
    "measuring": ["ci", "failures", "fleets", "imports", "interrupts", "load", "outputs", "pooler",
                  "progress", "runs", "targets"],
}

modules = []


def load_tests(loader, _tests, _pattern):
    """Module by module, so that what a module sets up is set up once."""
    suite = unittest.TestSuite()
    for module in modules:
        own = [each for each in vars(module).values()
               if isinstance(each, type) and issubclass(each, unittest.TestCase)
               and each.__module__ == module.__name__]
        suite.addTests(loader.loadTestsFromTestCase(each) for each in own)
    return suite


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: test_cli.py PATH-TO-POOLGAUGE [unittest options]")
    harness.PROGRAM = os.path.abspath(sys.argv.pop(1))
    wanted = os.environ.get("POOLGAUGE_TEST_GROUP")
    for group, subjects in GROUPS.items():
        for subject in subjects if wanted in (None, group) else []:
            modules.append(importlib.import_module("test_" + subject))
            globals().update({name: each for name, each in vars(modules[-1]).items()
                              if isinstance(each, type) and issubclass(each, unittest.TestCase)})
    unittest.main()
