"""A server or a PgBouncer that freezes in every phase of a run: it ends in time, leaves its report
whole, and nothing behind.

The grid has 40 cases: five phases, server or PgBouncer, no signal to three. A part of it is run,
all of it with POOLGAUGE_FROZEN=all in the environment.
"""

import concurrent.futures
import itertools
import os
import signal
import subprocess
import unittest

from frozen_scene import Scene
from test_pooler import PGBOUNCER

PHASES = ("connect", "setup", "warm-up", "window", "teardown")
WHO = ("server", "PgBouncer")
SIGNALS = ((), (signal.SIGINT,), (signal.SIGTERM, signal.SIGINT),
           (signal.SIGHUP, signal.SIGINT, signal.SIGTERM))
GRID = list(itertools.product(PHASES, WHO, SIGNALS))
# None and two for the server, one and three for PgBouncer.
USUAL = [case for number, case in enumerate(GRID) if (number + number // 4) % 2 == 0]


def played(scene, *arguments):
    """What went wrong, or nothing; for scenes that run side by side."""
    try:
        scene.setUp()
        scene.play(*arguments)
    except (AssertionError, OSError, RuntimeError, subprocess.SubprocessError) as wrong:
        return "%s: %s" % (type(wrong).__name__, wrong)
    finally:
        scene.doCleanups()
    return None


class Frozen(unittest.TestCase):
    @unittest.skipUnless(PGBOUNCER, "pgbouncer is not installed")
    def test_the_grid(self):
        cases = GRID if os.environ.get("POOLGAUGE_FROZEN") == "all" else USUAL
        # They wait more than they work, each for its own server.
        with concurrent.futures.ThreadPoolExecutor(8) as side_by_side:
            outcomes = list(side_by_side.map(lambda case: played(Scene("play"), *case), cases))
        for case, wrong in zip(cases, outcomes):
            with self.subTest(phase=case[0], who=case[1], signals=len(case[2])):
                self.assertIsNone(wrong)
        print("frozen: %d of %d held" % (outcomes.count(None), len(cases)))
