#!/usr/bin/env python3
"""What the compiler is given for the program's own sources, from compile_commands.json.

usage: sources.py BUILD-FOLDER files            the files, one a line
       sources.py BUILD-FOLDER check-commands   a command for each that only reads it
"""

import json
import os
import re
import sys


def entries(folder):
    """Those of src, and the files in which several of src are put together."""
    with open(os.path.join(folder, "compile_commands.json")) as file:
        for entry in json.load(file):
            path = entry["file"]
            together = re.search(r"/CMakeFiles/poolgauge_\w+\.dir/Unity/", path)
            if together or "/src/" in os.path.relpath(path, os.path.join(folder, "..", "..", "..")):
                yield entry


def check_command(entry):
    command = re.sub(r" -o \S+ -c ", " -fsyntax-only ", entry["command"])
    return "cd '%s' && %s" % (entry["directory"], command)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[2] not in ("files", "check-commands"):
        sys.exit(__doc__)
    for each in entries(sys.argv[1]):
        print(each["file"] if sys.argv[2] == "files" else check_command(each))
