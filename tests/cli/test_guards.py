"""Guards: what ends a run, and what is refused before it."""

import os

import justified
from harness import PATIENCE, sql_scenario, until
from test_safety import Given


def long(**changes):
    changes.setdefault("duration", "60s")
    return sql_scenario("SELECT 1", load={"users": 2, "think": "20ms"}, slo=[], **changes)


class Guarded(Given):
    def setUp(self):
        super().setUp()
        self.neighbor_role()
        self.psql("GRANT pg_read_all_stats TO app")
        self.write("long.json", long())

    def start(self, *arguments, scenario="long.json", user="tester"):
        process = self.start_tool("run", scenario, "--target", self.server.conninfo(user=user),
                                  "--shared", "--ramp", "0s", "--progress", "none", *arguments)
        until(lambda: self.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name "
                                "LIKE 'poolgauge-%' AND query = 'SELECT 1'") != "0", "the load",
              every=0.2)
        return process

    def ended(self, process, status):
        out, err = process.communicate(timeout=PATIENCE)
        report = self.only_report()
        if process.returncode == 12 and status == 0:  # on a busy machine that is the right answer
            self.assertEqual(justified.objections(report), [], out + err)
        else:
            self.assertEqual(process.returncode, status, out + err)
        return report, out

    def test_their_connection_counts(self):
        self.write("wide.json", sql_scenario("SELECT 1", load={"users": 40}, deployment={
            "pool": {"kind": "sqlalchemy", "pool_size": 28, "max_overflow": 0}}))
        result = self.run_on("--guard", "free_slots>=1", scenario="wide.json")
        self.assert_exit(result, 3, "28 connections", "plus 2 to monitor the server")

    def refused(self, status, *pieces, arguments=()):
        self.assert_exit(self.run_on("--duration", "1s", *arguments), status, *pieces)
        self.assertEqual(self.reports(), [])


class Stops(Guarded):
    def check_stop(self, report, guard, seen):
        self.assertEqual(report["verdict"]["status"], "guard")
        self.assertEqual(report["verdict"]["exit_code"], 13)
        self.assertTrue(report["partial"])
        self.assertGreater(report["requests"]["completed"], 0)
        event = report["guards"]["events"][-1]
        self.assertEqual((event["guard"], event["action"]), (guard, "stop"))
        self.assertIn(seen, event["seen"])
        self.assertIn(guard, report["verdict"]["reasons"][0])

    def test_slots_eaten_by_another_client(self):
        process = self.start("--guard-stop", "free_slots>=15")
        for i in range(12):
            self.hold_session("SELECT 1;", application="eater%d" % i)
        report, out = self.ended(process, 13)
        self.check_stop(report, "free_slots>=15", "free_slots was ")
        self.assertIn("free_slots>=15 stopped the run", " ".join(out.split()))

    def test_a_second_load(self):
        process = self.start("--guard-stop", "others_active<=3")
        for i in range(4):
            self.hold_session("SELECT pg_sleep(100);", application="load%d" % i)
        report, _ = self.ended(process, 13)
        self.check_stop(report, "others_active<=3", "others_active was 4")

    def test_a_lock_that_another_application_waits_for(self):
        self.psql("CREATE TABLE made (i int); INSERT INTO made VALUES (1); "
                  "GRANT ALL ON made TO app")
        scenario = long()
        scenario["requests"][0]["transaction"] = True
        scenario["requests"][0]["steps"] = [
            {"name": "lock", "sql": "UPDATE made SET i = i + 1"},
            {"name": "see", "sql": "SELECT 1"},
            {"name": "think", "hold": "50s"}]
        scenario["load"] = {"users": 1}
        self.write("lock.json", scenario)
        process = self.start("--allow-writes", scenario="lock.json")
        self.hold_session("UPDATE made SET i = 0;", application="victim")
        out, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 13, out + err)
        report = self.only_report()
        self.assertEqual(report["guards"]["events"][-1]["guard"], "others_blocked_s<=2")

    def test_a_stop_file(self):
        process = self.start("--stop-file", "stop")
        self.write("stop", "")
        report, _ = self.ended(process, 13)
        self.check_stop(report, "--stop-file", "the file exists")
        result = self.run_on("--duration", "1s", "--stop-file", "stop")
        self.assert_exit(result, 3, "the stop file stop exists")

    def test_a_stopped_run_is_shown_in_every_form(self):
        process = self.start("--stop-file", "stop", "--html", "r.html", "--junit", "r.xml")
        self.write("stop", "")
        report, _ = self.ended(process, 13)
        with open(os.path.join(self.scratch, "r.html"), encoding="utf-8") as file:
            page = file.read()
        self.assertIn("--stop-file stopped the run", page)
        markdown = next(name for name in self.reports() if name.endswith(".md"))
        with open(markdown, encoding="utf-8") as file:
            self.assertIn("stopped the run", file.read())
        self.assertEqual(report["guards"]["events"][-1]["end_s"], None)


class Refused(Guarded):
    def test_expressions_that_make_no_sense(self):
        self.refused(2, '--guard: at character 1: there is no gauge "cpu"', "gauges: free_slots",
                     arguments=("--guard", "cpu<1"))
        self.refused(2, "--guard-stop: at character 13: expected a number",
                     arguments=("--guard-stop", "free_slots>=x"))
        self.refused(2, "https is not supported", arguments=("--guard-http", "https://a/"))

    def test_what_cannot_be_seen(self):
        self.refused(3, "replay_lag_s<9", "no standby is connected",
                     arguments=("--guard-stop", "replay_lag_s<9"))
        self.psql("REVOKE pg_read_all_stats FROM app")
        result = self.run_tool("run", "tiny.json", "--target", self.server.conninfo(user="app"),
                               "--guard", "others_active<=4")
        self.assert_exit(result, 3, "cannot see what other users' sessions do", "pg_monitor")
        self.refused(3, "other sessions completed too few transactions",
                     arguments=("--guard", "others_slowdown<2"))

    def test_what_is_broken_before_the_load(self):
        self.refused(3, "free_slots>=29 is already violated: free_slots was",
                     arguments=("--guard-stop", "free_slots>=29"))

    def test_a_query_that_fails(self):
        self.refused(3, "--guard-query", "nonesuch",
                     arguments=("--guard-query", "SELECT * FROM nonesuch"))

    def test_a_guard_of_shared_that_cannot_be_seen_is_named(self):
        self.psql("REVOKE pg_read_all_stats FROM app")
        result = self.run_tool("run", "tiny.json", "--target", self.server.conninfo(user="app"),
                               "--shared", "--ramp", "100ms", "--progress", "none")
        self.assert_exit(result, 0)
        report = self.report_of(result)
        self.assertEqual([rule["guard"] for rule in report["guards"]["rules"]], ["free_slots>=5"])
        self.assertIn("others_blocked_s<=2 of --shared was omitted", " ".join(report["notes"]))
