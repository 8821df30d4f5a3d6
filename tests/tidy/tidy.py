#!/usr/bin/env python3
"""Checks the sources against the house rules.

    tidy.py [ROOT]        every file of the project; exit status 1 when a rule is broken
    tidy.py --self-test   each rule catches what it should, and nothing else
"""

import os
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

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


def main(arguments):
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
