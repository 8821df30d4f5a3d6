#!/usr/bin/env python3
"""Checks the sources against the house rules.

    tidy.py [ROOT]        every file of the project; exit status 1 when a rule is broken
    tidy.py --self-test   each rule catches what it should, and nothing else
    tidy.py --words [ROOT] [AREA]
                          every turn that the glossary forbids, enforced or not, with counts
"""

import os
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

from plain_words import AREAS, ENFORCED, hits
from rules import violations

SKIPPED = {".git", ".cache", "build", "reports", "__pycache__"}


def files_of(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            name for name in folders if name not in SKIPPED and not name.startswith("build-")
        )
        for name in sorted(names):
            yield os.path.relpath(os.path.join(folder, name), root)


def read_text(path):
    """The content, or None where it is no text."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except UnicodeDecodeError:
        return None


def list_words(root, wanted):
    """Prints each hit of the wanted area, then the number of hits of every area."""
    counts = dict.fromkeys(sorted(AREAS), 0)
    for path in files_of(root):
        text = read_text(os.path.join(root, path))
        for area, line, found, say in hits(path, text or ""):
            counts[area] += 1
            if wanted in (None, area):
                print(f'{path}:{line}: "{found}": say {say}')
    for area, count in counts.items():
        print(f"{area:10} {count:5}{'' if area in ENFORCED else '  not enforced'}")
    return 0


def main(arguments):
    if arguments[:1] == ["--words"]:
        wanted = arguments[2] if len(arguments) > 2 else None
        return list_words(arguments[1] if len(arguments) > 1 else ".", wanted)
    if arguments == ["--self-test"]:
        from self_test import self_test

        return self_test()
    root = arguments[0] if arguments else os.path.join(os.path.dirname(__file__), "..", "..")
    checked = broken = 0
    for path in files_of(root):
        text = read_text(os.path.join(root, path))
        if text is None:
            continue
        checked += 1
        for violation in violations(path.replace(os.sep, "/"), text):
            print(violation)
            broken += 1
    print(f"{checked} files, {broken} violations")
    if checked == 0:
        return 1
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
