"""What the tests of the program share: a clean environment, tiny scenarios, running processes."""

import copy
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

PROGRAM = None  # set by the test file's main
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

TINY = {
    "version": 1,
    "name": "tiny",
    "requests": [{"name": "ask", "steps": [{"name": "one", "sql": "SELECT 1"}]}],
    "load": {"users": 2},
    "warmup": "0s",
    "duration": "1s",
    "deployment": {"pool": {"kind": "sqlalchemy-async", "pool_size": 2, "max_overflow": 0}},
    "slo": ["rate(error) <= 0%"],
}


def tiny(**changes):
    scenario = copy.deepcopy(TINY)
    scenario.update(changes)
    return scenario


def sql_scenario(sql, **changes):
    return tiny(requests=[{"name": "ask", "steps": [{"name": "one", "sql": sql}]}], **changes)


def in_terminal(command, directory, typed, environment, last, timeout=20):
    """Types into a shell that has a terminal: the second text when the first has answered "ready"
    and the prompt "> " is back. Returns all that was shown up to `last`."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.execvpe(command[0], command, environment)
    shown, waiting = "", list(typed)
    os.write(terminal, waiting.pop(0).encode())
    deadline = time.monotonic() + timeout
    try:
        while time.monotonic() < deadline and last + "\r\n" not in shown:
            if waiting and "> " in shown.partition("ready\r\n")[2]:
                os.write(terminal, waiting.pop(0).encode())
            if not select.select([terminal], [], [], 0.1)[0]:
                continue
            try:
                shown += os.read(terminal, 65536).decode(errors="replace")
            except OSError:
                break  # its end was closed
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
    return shown


class Case(unittest.TestCase):
    """A test with a scratch directory, which is also the program's TMPDIR and directory."""

    def setUp(self):
        self.scratch = tempfile.mkdtemp(prefix="pgt-")
        os.chmod(self.scratch, 0o755)
        self.tmpdir = os.path.join(self.scratch, "tmp")
        os.mkdir(self.tmpdir)
        os.chmod(self.tmpdir, 0o1777)
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)

    def environment(self, more=None):
        clean = {key: value for key, value in os.environ.items()
                 if not key.startswith(("PG", "POOLGAUGE_")) and key not in ("NO_COLOR", "COLUMNS")}
        clean["TMPDIR"] = self.tmpdir
        clean["PGPASSFILE"] = os.path.join(self.scratch, "no-passfile")
        clean.update(more or {})
        return clean

    def run_tool(self, *arguments, env=None, timeout=60, **more):
        result = subprocess.run(
            [PROGRAM, *arguments], cwd=self.scratch, env=self.environment(env), timeout=timeout,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            **more)
        self.assertNotIn(result.returncode, (-6, -11, 134, 139), result.stderr)
        return result

    def start_tool(self, *arguments, env=None):
        process = subprocess.Popen(
            [PROGRAM, *arguments], cwd=self.scratch, env=self.environment(env),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self._end, process)
        return process

    @staticmethod
    def _end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def wait_for_line(self, process, piece):
        """Reads standard error up to the line that holds `piece`."""
        seen = ""
        for line in process.stderr:
            seen += line
            if piece in line:
                return seen
        self.fail("never said %r: %s" % (piece, seen))

    def interrupt(self, process, *signals):
        for number in signals or (signal.SIGINT,):
            process.send_signal(number)
        out, err = process.communicate(timeout=40)
        return process.returncode, out, err

    def write(self, name, content):
        path = os.path.join(self.scratch, name)
        with open(path, "w") as file:
            file.write(content if isinstance(content, str) else json.dumps(content, indent=2))
        return path

    def reports(self, directory="reports"):
        path = os.path.join(self.scratch, directory)
        names = sorted(os.listdir(path)) if os.path.isdir(path) else []
        return [os.path.join(path, name) for name in names]

    def only_report(self):
        found = [name for name in self.reports() if name.endswith(".json")]
        self.assertEqual(len(found), 1, found)
        with open(found[0]) as file:
            return json.load(file)

    def assert_exit(self, result, code, *pieces):
        """The status, and every piece somewhere in standard error. A run that others starved of
        processor time has judged nothing, and rightly so."""
        said = " ".join((result.stdout + result.stderr).split())  # whatever the line's width
        if result.returncode == 12 and code in (0, 10) and "while other programs used" in said:
            self.skipTest("other programs use this machine's processors")
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        for piece in pieces:
            self.assertIn(piece, result.stderr)

    def assert_nothing_left(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self.server_processes():
            time.sleep(0.05)
        self.assertEqual(self.server_processes(), [])
        self.assertEqual([n for n in os.listdir(self.tmpdir) if n.startswith("poolgauge-")], [])

    def server_processes(self):
        """Process ids whose command line names this test's TMPDIR, other than the tool."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/cmdline" % pid, "rb") as file:
                    command = file.read()
            except OSError:
                continue
            if self.tmpdir.encode() in command:
                found.append(int(pid))
        return found
