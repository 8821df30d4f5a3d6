#!/usr/bin/env python3
"""Runs a test that measures, and judges it by what else the machine had to do.

usage: judge.py COMMAND...

A test that passes has passed. One that fails on a quiet machine has failed. One that fails while
other programs kept the machine busy is repeated once; if that fails on a busy machine, too, it is
not judged: exit status 77. The reason goes to standard output and, as a line, to the file that
POOLGAUGE_TEST_NOTES names.
"""

import os
import subprocess
import sys

import machine

NOT_JUDGED = 77


def judge(command):
    for attempt in (1, 2):
        before = machine.Look()
        status = subprocess.run(command).returncode
        machine.reap_orphans()
        busy = machine.business(before, machine.Look())
        if status == 0:
            return 0
        if busy is None:
            print("failed on a quiet machine (status %d)" % status)
            return 1
        print("failed with status %d on a busy machine: %s" % (status, busy), flush=True)
    note(busy)
    return NOT_JUDGED


def note(busy):
    name = os.environ.get("POOLGAUGE_TEST_NAME", "a measurement")
    line = "not judged: %s: failed twice on a busy machine (%s)" % (name, busy)
    print(line)
    path = os.environ.get("POOLGAUGE_TEST_NOTES")
    if path:
        with open(path, "a") as file:
            file.write(line + "\n")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    machine.adopt_orphans()
    sys.exit(judge(sys.argv[1:]))
