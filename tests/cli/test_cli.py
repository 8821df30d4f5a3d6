#!/usr/bin/env python3
"""Drives the built program as a user does: test_cli.py PATH-TO-POOLGAUGE [unittest options].

POOLGAUGE_TEST_MODULES chooses modules by name ("runs targets"); all of them may run beside other
tests. What measures is in tests/measured.
"""

import glob
import importlib
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import harness  # noqa: E402

modules = []


def all_modules():
    names = sorted(os.path.basename(path)[5:-3] for path in glob.glob(HERE + "/test_*.py"))
    names.remove("cli")
    return names


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
    for name in os.environ.get("POOLGAUGE_TEST_MODULES", "").split() or all_modules():
        modules.append(importlib.import_module("test_" + name))
        globals().update({name: each for name, each in vars(modules[-1]).items()
                          if isinstance(each, type) and issubclass(each, unittest.TestCase)})
    harness.run_main()
