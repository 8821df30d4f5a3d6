"""The live view on a real terminal, and what a log gets in its place."""

import fcntl
import os
import pty
import struct
import termios
import time

import harness
from harness import Case, sql_scenario

WIDTH = 140


class LiveView(Case):
    def setUp(self):
        super().setUp()
        # Six of eight always wait, two statements always run.
        self.write("slow.json", sql_scenario(
            "SELECT pg_sleep(0.05)", duration="2500ms", load={"users": 8}, deployment={
                "pool": {"kind": "psycopg", "min_size": 2, "max_size": 2}}))

    def watch(self, *arguments, **variables):
        """All that is drawn, and the drawing thread's processor time per second of the load (0
        where two drawings were not seen)."""
        environment = self.environment({"TERM": "xterm-256color", "LANG": "C.UTF-8", **variables})
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.scratch)
            os.execve(harness.PROGRAM, [harness.PROGRAM, *arguments], environment)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, WIDTH, 0, 0))
        drawn, times = b"", []
        while True:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break  # its end was closed
            drawn += piece
            if b" left" in piece:
                with open("/proc/%d/task/%d/schedstat" % (child, child)) as file:
                    times.append((time.monotonic(), int(file.read().split()[0]) / 1e9))
        self.assertIn(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), (0, 12), drawn)
        os.close(terminal)
        if len(times) < 2:
            return drawn.decode(), 0
        share = (times[-1][1] - times[0][1]) / (times[-1][0] - times[0][0])
        return drawn.decode(), share

    def test_one_line_is_redrawn_in_place(self):
        drawn, _ = self.watch("run", "slow.json", "--embedded", NO_COLOR="1")
        lines = [line for line in drawn.split("\r") if " s left" in line]
        self.assertGreater(len(lines), 1)
        for line in lines:
            self.assertTrue(line.endswith("\x1b[K"), line)  # no new line: the next takes its place
            self.assertLess(len(line[:-3]), WIDTH)  # each sign takes one cell
            self.assertIn("timeouts 0", line)
        last = lines[-1]
        self.assertRegex(last, r"\d+ % +\d+ s left +[\d.]+/s   p95 [\d.]+ ms +"
                               r"pool 2/2 \+6 waiting +timeouts 0   server [012] active")
        places = [line.index("timeouts") for line in lines if "server" in line and "p95" in line]
        self.assertEqual(sorted(places), places)  # nothing moves back to the left
        self.assertRegex(last, "[▁▂▃▄▅▆▇█]\x1b")  # the throughput's curve
        self.assertNotRegex(drawn, r"\x1b\[[\d;]*m")  # NO_COLOR
        # Nothing of it is left when the summary comes.
        self.assertRegex(drawn, r"\r\x1b\[K")
        self.assertNotIn(" s left", drawn[drawn.rindex("\r\x1b[K"):])

    def test_a_pipe_gets_calm_lines(self):
        result = self.run_tool("run", "slow.json", "--embedded", "--duration", "5.5s")
        self.assert_exit(result, 0)
        self.assertNotRegex(result.stderr + result.stdout, "[\x1b\r]")
        lines = [line for line in result.stderr.splitlines() if " s left" in line]
        self.assertLessEqual(len(lines), 1, result.stderr)
        for line in lines:  # none where the machine let five seconds pass without a turn
            self.assertRegex(line, r"^poolgauge: \d+ %, \d s left, [\d.]+/s, p95 [\d.]+ ms, "
                                   r"pool 2/2 \+6 waiting, timeouts 0, server [012] active$")
