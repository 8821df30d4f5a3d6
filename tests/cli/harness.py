"""What the tests of the program share: a clean environment, tiny scenarios, running processes."""

import copy
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import justified
import prepared_cluster

PROGRAM = None  # set by the test file's main
PATIENCE = 300  # seconds after which a program is taken to hang, on a machine however busy
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

TINY = {
    "version": 1,
    "name": "tiny",
    "requests": [{"name": "ask", "steps": [{"name": "one", "sql": "SELECT 1",
                                            "cost": {"exponential": "100us"}}]}],
    # Without a pause two users keep two processors busy, with nothing that a test looks at.
    "load": {"users": 2, "think": "2ms"},
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


def ready_shell(new, sent):
    """Takes the first text at once, the next when that has answered "ready" and "> " is back."""
    return sent == 0 or "> " in new.partition("ready\r\n")[2]


def in_terminal(command, directory, typed, environment, last, timeout=PATIENCE, ready=ready_shell):
    """Types into a program that has a terminal: the next text when `ready` says so of what was
    shown since the last one and of how many were typed. Returns all that was shown up to `last`."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.execvpe(command[0], command, environment)
    shown, since, sent = "", 0, 0
    deadline = time.monotonic() + timeout
    try:
        while time.monotonic() < deadline and last + "\r\n" not in shown:
            if sent < len(typed) and ready(shown[since:], sent):
                since, sent = len(shown), sent + 1
                os.write(terminal, typed[sent - 1].encode())
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


def children_of(pid):
    """Its own threads' children, from the kernel's list or, where it keeps none, from everybody's
    parents."""
    try:
        found = []
        for thread in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, thread)) as file:
                found += [int(child) for child in file.read().split()]
        return found
    except OSError:
        return children_by_parent(pid)


def children_by_parent(pid):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % name, encoding="utf-8", errors="replace") as stat:
                parent = int(stat.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if parent == pid:
            found.append(int(name))
    return found


def descendants_of(pid):
    found = []
    for child in children_of(pid):
        found += [child] + descendants_of(child)
    return found


def read_proc(pid, name):
    """A file of a process; empty when the process is gone."""
    try:
        with open("/proc/%d/%s" % (pid, name), "rb") as file:
            return file.read()
    except OSError:
        return b""


def until(condition, what, patience=PATIENCE, every=0.02):
    """Waits for a condition: readiness in place of a guess how long something takes. A look that
    takes long, such as one that starts a process, is rare: it uses a quarter of the time."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        began = time.monotonic()
        found = condition()
        if found:
            return found
        time.sleep(max(every, min(0.25, 3 * (time.monotonic() - began))))
    raise AssertionError("waited in vain: " + what)


class Stopwatch:
    """Seconds since it was made, without those in which tasks of this machine waited for a
    processor, as the kernel counts them: what a program took, on a machine however busy."""

    def __init__(self):
        self.began, self.queued = time.monotonic(), self._queued()

    @staticmethod
    def _queued():
        try:
            with open("/proc/pressure/cpu") as file:
                return int(file.readline().rpartition("total=")[2]) / 1e6
        except (OSError, ValueError):
            return None

    def seconds(self):
        took = time.monotonic() - self.began
        if self.queued is None:  # nobody counts them: only a hang is sure to be one
            return 0 if took < PATIENCE else took
        return took - (self._queued() - self.queued)


def run_main():
    """unittest.main, which also notes what was skipped where POOLGAUGE_TEST_NOTES says."""
    result = unittest.main(module="__main__", exit=False).result
    path = os.environ.get("POOLGAUGE_TEST_NOTES")
    if path and result.skipped:
        with open(path, "a") as file:
            for test, reason in result.skipped:
                file.write("skipped: %s: %s\n" % (test.id().replace("__main__.", ""), reason))
    sys.exit(not result.wasSuccessful())


LOADING = ("run", "advise", "sweep", "gate")
TARGETS = ("POOLGAUGE_TARGET", "PGHOST", "PGSERVICE", "DATABASE_URL")


class Case(unittest.TestCase):
    """A test with a scratch directory, which is also the program's TMPDIR and directory. Its
    throwaway servers begin as copies, except where a class says OWN_INITDB."""

    OWN_INITDB = False

    consents = True  # the tests' own servers may be written to

    def consented(self, arguments, env):
        """The arguments, with what lets a scenario write to a server that is named."""
        flags = ("--target", "--baseline-target")
        named = any(argument.startswith(flags) for argument in arguments)
        named = named or any(name in TARGETS for name in env or ())
        if not self.consents or not arguments or arguments[0] not in LOADING or not named:
            return arguments
        if "--embedded" in arguments:
            return arguments
        return (*arguments, "--allow-writes", "--allow-setup")

    def setUp(self):
        self.scratch = tempfile.mkdtemp(prefix="pgt-")
        os.chmod(self.scratch, 0o755)
        self.tmpdir = os.path.join(self.scratch, "tmp")
        os.mkdir(self.tmpdir)
        os.chmod(self.tmpdir, 0o1777)
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)

    def environment(self, more=None):
        clean = {key: value for key, value in os.environ.items()
                 if not key.startswith(("PG", "POOLGAUGE_"))
                 and key not in ("NO_COLOR", "COLUMNS", "DATABASE_URL")}
        clean["TMPDIR"] = self.tmpdir
        clean["XDG_CACHE_HOME"] = os.path.join(self.scratch, "cache")
        clean["PGPASSFILE"] = os.path.join(self.scratch, "no-passfile")
        if not self.OWN_INITDB and prepared_cluster.programs():
            clean["PATH"] = prepared_cluster.programs() + os.pathsep + clean.get("PATH", os.defpath)
        clean.update(more or {})
        return clean

    def run_tool(self, *arguments, env=None, timeout=PATIENCE, **more):
        result = subprocess.run(
            [PROGRAM, *self.consented(arguments, env)], cwd=self.scratch,
            env=self.environment(env), timeout=timeout,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            **more)
        self.assertNotIn(result.returncode, (-6, -11, 134, 139), result.stderr)
        return result

    def start_tool(self, *arguments, env=None):
        process = subprocess.Popen(
            [PROGRAM, *self.consented(arguments, env)], cwd=self.scratch,
            env=self.environment(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
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
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    def write(self, name, content):
        path = os.path.join(self.scratch, name)
        with open(path, "w") as file:
            file.write(content if isinstance(content, str) else json.dumps(content, indent=2))
        return path

    def load(self, name):
        with open(os.path.join(self.scratch, name), encoding="utf-8") as file:
            return json.load(file)

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
        """The status, and every piece somewhere in standard error. Whether a live run can be judged
        is a fact about the machine: in the place of a verdict (0, 10) "inconclusive" (12) is
        accepted where the figures of the run's own report justify it."""
        if result.returncode == 12 and code in (0, 10):
            said = result.stdout + result.stderr
            self.assertEqual(justified.objections(self.report_of(result)), [], said)
        else:
            self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        for piece in pieces:
            self.assertIn(piece, result.stderr)

    def report_of(self, result):
        """The report that a finished command wrote: on standard output, where --json says, or the
        newest of its folder."""
        words = [str(word) for word in result.args]
        named = words[words.index("--json") + 1] if "--json" in words else None
        if named == "-":
            return json.loads(result.stdout)
        if named:
            return self.load(named)
        folder = words[words.index("--out") + 1] if "--out" in words else "reports"
        found = [name for name in self.reports(folder) if name.endswith(".json")]
        self.assertTrue(found, result.stdout + result.stderr)
        return self.load(max(found, key=os.path.getmtime))

    def assert_nothing_left(self):
        until(lambda: not self.server_processes(), "processes are left behind", 60)
        self.assertEqual([n for n in os.listdir(self.tmpdir) if n.startswith("poolgauge-")], [])

    def backends(self, doing=""):
        """The throwaway server's processes that serve a client over its socket, and of what they do
        by their titles: "SELECT", "idle"."""
        found = []
        for server in self.server_processes():
            for pid in descendants_of(server):
                title = "[local] " + doing
                if title.encode() in read_proc(pid, "cmdline"):
                    found.append(pid)
        return found

    def wait_for_load(self, answers=100):
        """Until one of its clients was answered so often: a backend sleeps once for each."""
        def busy(pid):
            words = read_proc(pid, "status").decode(errors="replace").split()
            return "Name:" in words and int(
                words[words.index("voluntary_ctxt_switches:") + 1]) > answers
        until(lambda: any(busy(pid) for pid in self.backends()), "no load on the server")

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
