"""`doctor`: bad input, servers that refuse, fall silent or freeze, and poolers."""

import json
import os
import signal
import socket
import unittest

from harness import PATIENCE, Case, until
from test_behind_pooler import Behind
from test_doctor import DoctorCase
from test_pooler import PGBOUNCER


class BadInput(DoctorCase):
    def test_what_is_typed_wrong(self):
        for arguments, pieces in (
                (["--only", "Z9"], ("--only", '"Z9"')),
                (["--skip", "B99"], ("--skip", '"B99"')),
                (["--only", "B1", "--skip", "B"], ("exclude every check",)),
                (["--instances", "3"], ("--instances", "size of a pool")),
                (["--cores", "0"], ("--cores",)),
                (["--memory", "much"], ("--memory", "much")),
                (["--pool-size", "-1"], ("--pool-size",)),
                (["--pgbouncer", ""], ("--pgbouncer",)),
                (["--json", "no/such/dir/x"], ("no/such/dir",)),
                (["--json", "-", "--markdown", "-"], ("standard output",)),
                (["--onlyy", "B"], ('mean "--only"',))):
            self.assert_exit(self.doctor(*arguments), 2, *pieces)
        self.assert_exit(self.doctor(scenario="no-such-thing"), 2, '"no-such-thing"')

    def test_what_would_have_no_effect_is_refused(self):
        for arguments, flag, form in (
                (["ping", "--watch", "1s"], "--watch", "doctor ping"),
                (["ping", "--json", "-"], "--json", "doctor ping"),
                (["ping", "--strict"], "--strict", "doctor ping"),
                (["ping", "--only", "B"], "--only", "doctor ping"),
                (["ping", "--format", "health"], "--format health", "doctor ping"),
                (["ping", "--sql"], "--sql", "doctor ping"),
                (["ping", "--pool-size", "3"], "--pool-size", "doctor ping"),
                (["tiny.json", "--format", "health"], "a scenario", "--format health"),
                (["--format", "health", "--watch", "1s"], "--watch", "--format health"),
                (["--format", "health", "--markdown", "a.md"], "--markdown", "--format health"),
                (["--format", "health", "--junit", "a.xml"], "--junit", "--format health"),
                (["--format", "health", "--skip", "B"], "--skip", "--format health"),
                (["--format", "health", "--cores", "4"], "--cores", "--format health"),
                (["--sql", "--json", "-"], "--json", "--sql"),
                (["--sql", "--strict"], "--strict", "--sql"),
                (["--application-name", "web"], "--application-name", "without --format health")):
            result = self.run_tool("doctor", *arguments, "--target", self.server.conninfo())
            self.assert_exit(result, 2, flag + " has no effect with ", form)
            self.assertEqual(result.stdout, "")
        self.assertFalse({"a.md", "a.xml"} & set(os.listdir(self.scratch)))
        self.assert_exit(self.doctor("--shared"), 2, "--shared needs a scenario")

    def test_no_server_is_named(self):
        self.assert_exit(self.run_tool("doctor"), 2, "none is given", "--target")
        self.assert_exit(self.run_tool("doctor", "--target", ""), 2, "--target is empty")
        self.assert_exit(self.run_tool("doctor", "--target", "host='"), 2, "--target")

    def test_a_server_that_refuses(self):
        self.assert_exit(self.doctor(password="Wrong-Horse-77"), 3, "password")
        self.assert_exit(self.doctor(dbname="nonesuch"), 3, "nonesuch")
        result = self.doctor("--only", "H", "--json", "-", "--pgbouncer", self.server.conninfo())
        self.assert_exit(result, 0)
        for check in json.loads(result.stdout)["checks"]:
            self.assertEqual(check["level"], "unknown", check)
            self.assertIn("not PgBouncer's admin console", check["seen"])
            self.assertIsNone(check["cure"])

    def test_what_applies_nowhere_is_not_called_fine(self):
        result = self.doctor("--only", "H")
        self.assert_exit(result, 0)
        self.assertIn("none of the chosen checks applies", result.stdout)


class Silent(Case):
    """Something that takes connections and says nothing."""

    def listen(self):
        listener = socket.socket()
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        return listener, "host=127.0.0.1 port=%d user=u password=hunter2 dbname=d" % (
            listener.getsockname()[1])

    def test_it_is_given_up(self):
        _, target = self.listen()
        result = self.run_tool("doctor", "--target", target + " connect_timeout=2")
        self.assert_exit(result, 3, "no answer within 2 s")
        self.assertNotIn("hunter2", result.stdout + result.stderr)

    def test_ctrl_c(self):
        listener, target = self.listen()
        process = self.start_tool("doctor", "--target", target + " connect_timeout=3600")
        accepted, _ = listener.accept()
        self.addCleanup(accepted.close)
        code, out, err = self.interrupt(process, signal.SIGINT)
        self.assertEqual((code, out), (130, ""), err)


class Frozen(DoctorCase):
    def test_a_server_that_freezes_while_it_is_looked_at(self):
        process = self.start_tool("doctor", "--target", self.server.conninfo())
        pid = until(lambda: self.query("SELECT pid FROM pg_stat_activity WHERE application_name = "
                                       "'poolgauge' ORDER BY 1 LIMIT 1") or None, "no session")
        os.kill(int(pid), signal.SIGSTOP)
        self.addCleanup(os.kill, int(pid), signal.SIGCONT)
        out, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 3, out + err)
        self.assertIn("no answer within 5 s", err)

    def test_ctrl_c_while_it_looks(self):
        process = self.start_tool("doctor", "--target", self.server.conninfo())
        until(lambda: self.query("SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                                 "'poolgauge'") != "0", "no session")
        code, out, err = self.interrupt(process, signal.SIGINT)
        self.assertEqual((code, out), (130, ""), err)

    def test_ctrl_c_in_a_later_round_ends_with_the_status_of_the_last_whole_one(self):
        process = self.start_tool("doctor", "--target", self.server.conninfo(), "--only", "D1",
                                  "--watch", "1s")
        self.wait_for_line(process, "T")
        sessions = "SELECT pid FROM pg_stat_activity WHERE application_name = 'poolgauge' LIMIT 1"
        until(lambda: not self.query(sessions), "the first round goes on")
        until(lambda: self.query(sessions), "no second round")
        code, out, err = self.interrupt(process, signal.SIGINT)
        self.assertEqual(code, 0, out + err)
        self.assertEqual(out.count("healthy: 0 warnings"), 1, out + err)


@unittest.skipUnless(PGBOUNCER, "pgbouncer is not installed")
class Pooler(Behind):
    def test_through_a_pooler_with_its_console(self):
        self.start_bouncer(more="max_client_conn = 50")
        console = self.server.conninfo(**self.place, dbname="pgbouncer")
        result = self.run_tool("doctor", "--target", self.server.conninfo(**self.place),
                               "--pgbouncer", console, "--json", "-")
        self.assert_exit(result, 0)
        self.assert_no_secret(result)
        checks = {check["id"]: check for check in json.loads(result.stdout)["checks"]}
        self.assertEqual(checks["A3"]["level"], "warn")
        self.assertEqual(checks["H2"]["seen"], "pool_mode transaction")
        self.assertEqual(checks["H3"]["figures"]["looks"], "10")
        self.assertEqual(checks["H4"]["figures"]["max_client_conn"], "50")
        self.assertEqual(checks["H5"]["level"], "ok")
        # No setting of ours stays in the server's session.
        left = self.server.query(
            "SELECT count(*) FROM pg_settings WHERE source = 'session' AND "
            "name IN ('statement_timeout', 'lock_timeout', 'search_path')", **self.place)
        self.assertEqual(left, "0")

    def test_the_plan_meets_the_pooler_and_not_the_server(self):
        self.start_bouncer(more="max_client_conn = 100")
        server = self.server.conninfo(**self.place)
        alone = json.loads(self.run_tool("doctor", "--target", server, "--only", "B", "--pool-size",
                                         "50", "--json", "-").stdout)
        levels = {check["id"]: check["level"] for check in alone["checks"]}
        self.assertEqual((levels["B1"], levels["B4"]), ("ok", "unknown"))
        both = json.loads(self.run_tool(
            "doctor", "--target", server, "--only", "B", "--only", "H4", "--pool-size", "150",
            "--pgbouncer", self.server.conninfo(**self.place, dbname="pgbouncer"), "--json",
            "-").stdout)
        levels = {check["id"]: check["level"] for check in both["checks"]}
        self.assertNotIn("B4", levels)
        self.assertEqual((levels["B1"], levels["H4"]), ("ok", "stop"))

    def test_the_console_is_the_target(self):
        self.start_bouncer()
        result = self.run_tool("doctor", "--target",
                               self.server.conninfo(**self.place, dbname="pgbouncer"),
                               "--pool-size", "200", "--json", "-")
        self.assert_exit(result, 3)
        document = json.loads(result.stdout)
        self.assertIsNone(document["target"]["server_version"])
        checks = {check["id"]: check for check in document["checks"]}
        self.assertEqual({name[0] for name in checks}, {"H"})
        self.assertEqual(checks["H4"]["level"], "stop")

    def test_statement_mode(self):
        """Where a BEGIN would end the connection."""
        self.start_bouncer("statement")
        result = self.run_tool("doctor", "--only", "A", "--only", "B", "--target",
                               self.server.conninfo(**self.place), "--json", "-")
        self.assert_exit(result, 0)
        checks = {check["id"]: check for check in json.loads(result.stdout)["checks"]}
        self.assertEqual(checks["A3"]["level"], "warn")
        self.assertEqual(checks["B1"]["level"], "ok")

    def test_a_console_without_rights(self):
        self.start_bouncer(readers="nobody_else")
        result = self.run_tool("doctor", "--only", "H", "--target", self.server.conninfo(),
                               "--pgbouncer",
                               self.server.conninfo(**self.place, dbname="pgbouncer"),
                               "--json", "-")
        self.assert_exit(result, 0)
        checks = json.loads(result.stdout)["checks"]
        self.assertEqual({check["level"] for check in checks}, {"unknown"})
        self.assertIn("stats_users", checks[0]["cure"])


if __name__ == "__main__":
    unittest.main()
