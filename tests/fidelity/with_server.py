#!/usr/bin/env python3
"""Runs a command beside a PostgreSQL of its own.

    with_server.py COMMAND...

The server is started in a temporary directory, on a free port of 127.0.0.1, without passwords, with
room for 200 connections; PGHOST, PGPORT, PGUSER and PGDATABASE name it to the command. It is gone
when the command ends. Exit status: the command's.
"""
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SETTINGS = ("max_connections=200", "listen_addresses=127.0.0.1", "fsync=off",
            "logging_collector=off")


def binary(name):
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/" + name))
    path = shutil.which(name) or (found[-1] if found else None)
    return path or sys.exit(name + " is not installed: apt-get install postgresql")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def owner():
    """A server does not run as root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def wait_for(port, server):
    for _ in range(600):
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    sys.exit("the server did not start")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="pgf-") as directory:
        us = owner()
        if us:
            os.chown(directory, us["user"], us["group"])
        data, port = os.path.join(directory, "data"), free_port()
        subprocess.run([binary("initdb"), "-D", data, "-A", "trust", "-U", "fidelity", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL, cwd=directory, **us)
        command = [binary("postgres"), "-D", data, "-p", str(port), "-k", directory]
        for setting in SETTINGS:
            command += ["-c", setting]
        log = open(os.path.join(directory, "log"), "wb")
        server = subprocess.Popen(command, cwd=directory, stdout=log, stderr=log, **us)
        try:
            wait_for(port, server)
            time.sleep(1)  # it listens a moment before it is ready
            done = subprocess.run(sys.argv[1:], env={
                **os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "fidelity",
                "PGDATABASE": "postgres"})
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)
    sys.exit(done.returncode)


main()
