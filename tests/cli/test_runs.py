"""Whole runs on the embedded server."""

import json
import os
import pty
import resource
import shutil
import subprocess

import harness
from harness import Case, sql_scenario, tiny


class EmbeddedRuns(Case):
    def test_goals_met(self):
        self.write("tiny.json", tiny())
        result = self.run_tool("run", "tiny.json")
        self.assert_exit(result, 0)
        report = self.only_report()
        self.assertEqual(report["target"]["kind"], "embedded")
        # Goals are met, whether or not the machine let the run be judged.
        self.assertEqual([goal["met"] for goal in report["verdict"]["slo"]], [True])
        self.assertIs(report["partial"], False)
        self.assertGreater(report["requests"]["completed"], 0)
        requests = report["requests"]
        self.assertEqual(requests["scheduled"], requests["completed"] + requests["failed"]
                         + requests["shed"] + requests["in_flight"])
        for name in self.reports():
            self.assertIn(os.path.relpath(name, self.scratch)[:-5], result.stdout)
        self.assertNotIn("\x1b", result.stdout + result.stderr)
        self.assert_nothing_left()

    def test_goals_missed(self):
        self.write("tiny.json", tiny())
        result = self.run_tool("run", "tiny.json", "--slo", "p50(latency) < 1us", "--json", "-")
        self.assert_exit(result, 10)
        verdict = json.loads(result.stdout)["verdict"]
        self.assertEqual(verdict["exit_code"], result.returncode)
        self.assertEqual([goal["met"] for goal in verdict["slo"]][-1:], [False])
        self.assert_nothing_left()

    def test_sql_that_does_not_prepare(self):
        self.write("wrong.json", sql_scenario("SELECT nothing FROM nowhere"))
        result = self.run_tool("run", "wrong.json")
        self.assert_exit(result, 2, '"one"', 'relation "nowhere" does not exist', "^")
        self.assertEqual(self.reports(), [])
        self.assert_nothing_left()

    def test_a_terminal_gets_one_line_redrawn(self):
        self.write("tiny.json", tiny())
        screen, theirs = pty.openpty()
        process = subprocess.Popen(
            [harness.PROGRAM, "run", "tiny.json", "--warmup", "1s"], cwd=self.scratch,
            env=self.environment({"TERM": "xterm", "LANG": "C.UTF-8"}), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(screen, 4096)
            except OSError:  # the other end was closed
                break
            if not piece:
                break
            shown += piece
        os.close(screen)
        process.communicate(timeout=harness.PATIENCE)
        self.assertIn(process.returncode, (0, 12))
        text = shown.decode()
        self.assertIn("warm-up", text)
        self.assertRegex(text, r"\r▕█.*▏ \d+ %  1 s left")
        self.assertTrue(text.endswith("\r\x1b[K"))
        self.assertNotIn("\n", text)

    def test_no_binaries(self):
        """Hides Debian's directory in a mount namespace of its own, where that is allowed."""
        hide = "mount -t tmpfs none /usr/lib/postgresql && "
        unshare = shutil.which("unshare")
        allowed = unshare and os.path.isdir("/usr/lib/postgresql") and subprocess.run(
            [unshare, "-m", "sh", "-c", hide + "true"], stderr=subprocess.DEVNULL).returncode == 0
        if not allowed:
            self.skipTest("cannot hide the PostgreSQL programs here (needs a mount namespace)")
        self.write("tiny.json", tiny())
        command = "%s PATH=/nowhere exec %s run tiny.json" % (hide, harness.PROGRAM)
        result = subprocess.run(
            [unshare, "-m", "sh", "-c", command], cwd=self.scratch, env=self.environment(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=harness.PATIENCE)
        self.assertIn(result.returncode, (2, 3), result.stderr)
        self.assertIn("initdb", result.stderr)
        self.assertIn("/usr/lib/postgresql", result.stderr)

    def test_too_few_descriptors(self):
        self.write("tiny.json", tiny(load={"users": 50}))
        limit = (40, 40)
        result = self.run_tool(
            "run", "tiny.json", "--pool", "fixed",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limit))
        self.assertIn(result.returncode, (2, 3), result.stderr)
        self.assertIn("40", result.stderr)
        self.assertIn("ulimit -n", result.stderr)
        self.assert_nothing_left()

    def test_server_settings_reach_the_server(self):
        self.write("tiny.json", tiny(server={"settings": {"max_connections": 17}}))
        result = self.run_tool("run", "tiny.json", "--quiet")
        self.assert_exit(result, 0)
        self.assertEqual(self.only_report()["target"]["max_connections"], 17)

    def test_too_few_slots(self):
        self.write("tiny.json", tiny(server={"settings": {"max_connections": 12}}))
        result = self.run_tool("run", "tiny.json", "--users", "100", "--pool-size", "20",
                               "--max-overflow", "40", "--processes", "2")
        self.assert_exit(result, 3, "2 processes", "120", "max_connections 12", "− 3 reserved")
        self.assertEqual(self.reports(), [])
        self.assert_nothing_left()
