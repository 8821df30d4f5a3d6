#!/usr/bin/env python3
"""Drives the built program as a user does: test_cli.py PATH-TO-POOLGAUGE [unittest options].

POOLGAUGE_TEST_MODULES chooses modules by name ("runs targets"); all of them may run beside other
tests. What measures is in tests/measured.
"""

import concurrent.futures
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


class SideBySide(unittest.TestSuite):
    """Tests that share nothing and wait more than they work, so many at a time."""

    at_a_time = 1

    def run(self, result, debug=False):
        tests = [test for suite in self for test in suite]
        if any("setUpClass" in vars(base) for test in tests for base in type(test).__mro__
               if base is not unittest.TestCase):
            raise RuntimeError("tests that run side by side share nothing")
        with concurrent.futures.ThreadPoolExecutor(self.at_a_time) as threads:
            list(threads.map(lambda test: test(result), tests))
        unittest.case.doModuleCleanups()
        return result


def load_tests(loader, _tests, _pattern):
    """Module by module, so that what a module sets up is set up once; the tests of one that says
    SIDE_BY_SIDE run so many at a time."""
    suite = unittest.TestSuite()
    for module in modules:
        own = [each for each in vars(module).values()
               if isinstance(each, type) and issubclass(each, unittest.TestCase)
               and each.__module__ == module.__name__]
        tests = [loader.loadTestsFromTestCase(each) for each in own]
        at_a_time = getattr(module, "SIDE_BY_SIDE", 1)
        if at_a_time > 1:
            beside = SideBySide(tests)
            beside.at_a_time = at_a_time
            tests = [beside]
        suite.addTests(tests)
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
