#!/usr/bin/env python3
"""Replays the reference vectors on the real libraries that are installed.

    replay.py [ID...]

Each program beside this one replays the vectors of one library on the library itself: with a fake
driver under it, or, of PgBouncer, a fake server behind it; nothing but loopback is touched. Exit
status 0: every vector came out as tests/vectors/reference.json says, on what is installed here.
What is skipped is also noted where POOLGAUGE_TEST_NOTES says.
"""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"  # the one that Debian's modules belong to
PROGRAMS = {  # the modules or the program that it needs, and Debian's package
    "verify_sqlalchemy.py": (["sqlalchemy", "greenlet"], "python3-sqlalchemy python3-greenlet"),
    "verify_psycopg_pool.py": (["psycopg", "psycopg_pool"], "python3-psycopg-pool"),
    "verify_asyncpg.py": (["asyncpg"], "python3-asyncpg"),
    "verify_pgbouncer.py": ("pgbouncer", "pgbouncer"),
}


def installed(needed):
    if isinstance(needed, str):
        return shutil.which(needed, path=os.environ.get("PATH", "") + ":/usr/sbin") is not None
    tried = subprocess.run([PYTHON, "-c", "import " + ", ".join(needed)],
                           stderr=subprocess.DEVNULL)
    return tried.returncode == 0


def note(words):
    print(words, flush=True)
    path = os.environ.get("POOLGAUGE_TEST_NOTES")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(words + "\n")


def main():
    failed = 0
    for program, (needed, package) in PROGRAMS.items():
        if not installed(needed):
            note("skipped: fidelity/%s: not installed: apt-get install %s" % (program, package))
            continue
        done = subprocess.run([PYTHON, os.path.join(HERE, program), *sys.argv[1:]], timeout=300)
        failed += done.returncode != 0
    sys.exit(failed > 0)


main()
