"""Ctrl-C and worse, in every phase: a partial report, status 130, nothing left behind."""

import os
import signal

from harness import Case, tiny, until


class Interrupted(Case):
    def assert_partial(self, process, *signals):
        code, _, err = self.interrupt(process, *signals)
        self.assertEqual(code, 130, err)
        report = self.only_report()
        self.assertIs(report["partial"], True)
        self.assertEqual(report["verdict"]["exit_code"], 130)
        self.assertEqual([n for n in os.listdir(os.path.join(self.scratch, "reports"))
                          if not n.startswith("tiny-")], [])
        self.assert_nothing_left()
        return report


class Interrupts(Interrupted):
    def loaded(self, *arguments):
        """A run whose load is on."""
        self.write("tiny.json", tiny())
        process = self.start_tool("run", "tiny.json", "--progress", "plain", *arguments)
        self.wait_for_line(process, "checking the statements")
        self.wait_for_load()
        return process

    def test_in_the_window(self):
        report = self.assert_partial(self.loaded("--duration", "60s"))
        self.assertGreater(report["requests"]["completed"], 0)

    def test_in_the_warm_up(self):
        report = self.assert_partial(self.loaded("--warmup", "60s", "--rate", "50"))
        self.assertEqual(report["requests"]["completed"], 0)
        # Of the 3,000 requests of the warm-up, those count that were due before the signal; on a
        # busy machine not all of them had started.
        self.assertLess(report["requests"]["not_started"], 1500)
        self.assertLess(report["requests"]["scheduled"], 1500)
        self.assertLess(report["window"]["warmup_s"], 59)
        self.assertEqual(report["window"]["measured_s"], 0)

    def test_termination_and_a_second_signal(self):
        self.assert_partial(self.loaded("--duration", "60s"), signal.SIGTERM, signal.SIGINT,
                            signal.SIGINT)

    def test_hang_up(self):
        self.assert_partial(self.loaded("--duration", "60s"), signal.SIGHUP)

    def test_while_requests_wait_for_the_server(self):
        steps = [{"name": "one", "sql": "SELECT pg_sleep(60)"}]
        self.write("tiny.json", tiny(requests=[{"name": "ask", "steps": steps}]))
        process = self.start_tool("run", "tiny.json", "--progress", "plain", "--duration", "60s")
        self.wait_for_line(process, "checking the statements")
        until(lambda: len(self.backends("SELECT")) == 2, "no statement runs")
        self.assert_partial(process)

    def test_in_the_setup(self):
        self.write("setup.sql", "SELECT pg_sleep(60);")
        self.write("tiny.json", tiny(data={"setup": ["setup.sql"]}))
        process = self.start_tool("run", "tiny.json", "--progress", "plain")
        self.wait_for_line(process, "running the setup files")
        until(lambda: self.backends("SELECT"), "the setup's statement does not run")
        self.assert_partial(process)

    def test_in_the_teardown(self):
        self.write("setup.sql", "CREATE TABLE t (x int);")
        self.write("teardown.sql", "SELECT pg_sleep(1); DROP TABLE t;")
        self.write("tiny.json", tiny(data={"setup": ["setup.sql"], "teardown": ["teardown.sql"]}))
        process = self.start_tool("run", "tiny.json", "--progress", "plain")
        self.wait_for_line(process, "running the teardown files")
        code, _, err = self.interrupt(process)
        self.assertEqual(code, 130, err)
        self.assertNotIn("cancel", err)
        self.assertGreater(self.only_report()["requests"]["completed"], 0)
        self.assert_nothing_left()

    def test_a_kill_is_cleaned_up_by_the_next_start(self):
        process = self.loaded("--duration", "60s")
        self.assertNotEqual(self.server_processes(), [])
        process.kill()
        process.communicate()
        self.assertEqual(len(os.listdir(self.tmpdir)), 1)
        self.assert_exit(self.run_tool("run", "tiny.json", "--quiet"), 0)
        self.assert_nothing_left()


class InterruptedStart(Interrupted):
    OWN_INITDB = True

    def test_while_the_server_starts(self):
        self.write("tiny.json", tiny())
        process = self.start_tool("run", "tiny.json", "--progress", "plain")
        self.wait_for_line(process, "starting a throwaway PostgreSQL")
        until(self.server_processes, "nothing is started")
        self.assert_partial(process)
