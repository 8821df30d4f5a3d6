"""An initdb that remembers: what it made for the same arguments and user once, it copies from then
on, in a fifth of the time. It stands in for the server's own where a test asks nothing about it.

What it made is kept in the directory that POOLGAUGE_TEST_CLUSTERS names, for all test programs of a
run; without one, for this process alone. `prepared_cluster.py DIRECTORY` makes it there."""

import atexit
import functools
import os
import shutil
import stat
import sys
import tempfile

import postgres

# Those that begin together wait for the first of them.
INITDB = """#!/bin/sh
[ "$1" = -D ] || exec %(real)s "$@"
data=$2
shift 2
made=%(made)s/$(printf '%%s ' "$(id -u)" "$@" | cksum | tr ' ' -)
if [ ! -d "$made" ]; then
  exec 9>"$made.lock"
  flock 9 2>/dev/null
fi
if [ ! -d "$made" ]; then
  %(real)s -D "$data" "$@" 9>&- || exit
  cp -a "$data" "$made.$$" && mv -T "$made.$$" "$made" || rm -rf "$made.$$"
else
  exec cp -a "$made" "$data"
fi
"""


@functools.lru_cache(None)
def programs():
    """The directory of the server's programs with this initdb among them; None where there is no
    server."""
    shared = os.environ.get("POOLGAUGE_TEST_CLUSTERS")
    if shared and os.path.isdir(os.path.join(shared, "bin")):
        return os.path.join(shared, "bin")
    top = tempfile.mkdtemp(prefix="pgi-")
    atexit.register(shutil.rmtree, top, ignore_errors=True)
    return make_in(top)


def make_in(top):
    real = postgres.binary("initdb")
    if real is None or not os.path.exists(os.path.join(os.path.dirname(real), "postgres")):
        return None
    found, made = os.path.join(top, "bin"), os.path.join(top, "made")
    for path, mode in ((top, 0o755), (found, 0o755), (made, 0o1777)):
        os.makedirs(path, exist_ok=True)
        os.chmod(path, mode)
    for name in os.listdir(os.path.dirname(real)):
        if name != "initdb":
            os.symlink(os.path.join(os.path.dirname(real), name), os.path.join(found, name))
    with open(os.path.join(top, "password"), "w") as file:
        file.write(postgres.PASSWORD + "\n")
    own = os.path.join(found, "initdb")
    with open(own, "w") as file:
        file.write(INITDB % {"real": real, "made": made})
    os.chmod(own, stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
    return found


if __name__ == "__main__":
    make_in(sys.argv[1])
