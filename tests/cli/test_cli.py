#!/usr/bin/env python3
"""Drives the built program as a user does: test_cli.py PATH-TO-POOLGAUGE [unittest options]."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: test_cli.py PATH-TO-POOLGAUGE [unittest options]")
    harness.PROGRAM = os.path.abspath(sys.argv.pop(1))
    from test_advise import *  # noqa: F401,F403,E402
    from test_failures import *  # noqa: F401,F403,E402
    from test_fleets import *  # noqa: F401,F403,E402
    from test_formats import *  # noqa: F401,F403,E402
    from test_html import *  # noqa: F401,F403,E402
    from test_interrupts import *  # noqa: F401,F403,E402
    from test_outputs import *  # noqa: F401,F403,E402
    from test_pooler import *  # noqa: F401,F403,E402
    from test_predict import *  # noqa: F401,F403,E402
    from test_readme import *  # noqa: F401,F403,E402
    from test_reports import *  # noqa: F401,F403,E402
    from test_runs import *  # noqa: F401,F403,E402
    from test_size import *  # noqa: F401,F403,E402
    from test_targets import *  # noqa: F401,F403,E402
    from test_usage import *  # noqa: F401,F403,E402
    unittest.main()
