#!/usr/bin/env python3
"""What ran, what was skipped and why, from the results of ./scripts/test and ./scripts/check.

usage: summary.py FOLDER...

Each folder holds JUnit files of ctest and notes that tests made. Exit status 0 when something ran,
nothing failed, and at most three measurements could not be judged.
"""

import glob
import os
import re
import sys
import xml.etree.ElementTree

MOST_NOT_JUDGED = 3
# What a skipped test lacks, by words of its reason, and the Debian packages that have it. None
# is needed to build or run the program, and some are large.
PACKAGES = (
    (r"apt-get install ([a-z0-9 .+-]+)", r"\1"),
    (r"module (?:psycopg2|sqlalchemy|asyncpg|yaml) ", "python3-psycopg2 python3-sqlalchemy "
     "python3-asyncpg python3-yaml"),
    (r"module psycopg_pool ", "python3-psycopg-pool"),
    (r"java.*libhdrhistogram-java", "default-jdk-headless libhdrhistogram-java"),
    (r"libhikaricp-java|: java is not", "default-jdk-headless libhikaricp-java"),
    (r": node is not installed|node module pg ", "nodejs node-pg"),
    (r": (?:go|gofmt) is not installed", "golang-go"),
    (r": ruby is not installed|ruby-activerecord", "ruby-activerecord"),
    (r": chromium is not installed", "chromium"),
    (r": pgbouncer is not installed", "pgbouncer"),
    (r"needs openssl", "openssl"),
    (r"libxml2-utils", "libxml2-utils"),
    (r"python3-yaml", "python3-yaml"),
    (r"dpkg-dev and file", "dpkg-dev file"),
    (r"there is no (zsh|fish|groff) here", r"\1"),
)


def status_of(case):
    """Only the judge's own exit status means "not judged"; what could not even start has failed."""
    if case.get("status") == "run":
        return "passed"
    skipped = case.find("skipped")
    judged = skipped is None or "SKIP_RETURN_CODE=77" not in skipped.get("message", "")
    return "failed" if judged else "not judged"


def results(folders):
    """(part, test, status) of every test; the status is passed, failed or not judged."""
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(folder, "*.xml"))):
            part = os.path.basename(path)[:-4]
            for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
                yield part, case.get("name"), status_of(case)


def notes(folders):
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(folder, "*.notes"))):
            with open(path) as file:
                yield from sorted(set(file.read().splitlines()))


def packages_for(said):
    """Debian's packages with which the skipped tests would run, each once."""
    names = []
    for line in said:
        if not line.startswith("skipped: "):
            continue
        for pattern, packages in PACKAGES:
            match = re.search(pattern, line)
            if match:
                names += match.expand(packages).split()
                break
    return sorted(set(names))


def summary(found, said):
    """The lines to print, and whether all is well."""
    lines = []
    count = {"passed": 0, "failed": 0, "not judged": 0}
    parts = {}
    for part, name, status in found:
        count[status] += 1
        parts.setdefault(part, []).append(name)
        if status == "failed":
            lines.append("failed: %s (%s)" % (name, part))
        elif status == "not judged" and not any("not judged: " in line for line in said):
            lines.append("not judged: %s (%s)" % (name, part))
    lines += said
    packages = packages_for(said)
    if packages:
        lines.append("to run what was skipped: apt-get install " + " ".join(packages))
    if parts:
        lines.append("ran: " + ", ".join("%s %d" % (part, len(names))
                                         for part, names in parts.items()))
    skipped = sum(line.startswith("skipped: ") for line in said)
    if count["not judged"] > MOST_NOT_JUDGED:
        lines.append("at most %d measurements may stay unjudged: run them again on a quieter "
                     "machine" % MOST_NOT_JUDGED)
    lines.append("tests: %d passed, %d failed, %d not judged; test cases skipped in them: %d" % (
        count["passed"], count["failed"], count["not judged"], skipped))
    well = count["passed"] > 0 and count["failed"] == 0 and \
        count["not judged"] <= MOST_NOT_JUDGED
    return lines, well


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("nothing ran: no results")
    printed, fine = summary(list(results(sys.argv[1:])), list(notes(sys.argv[1:])))
    print("\n".join(printed))
    sys.exit(not fine)
