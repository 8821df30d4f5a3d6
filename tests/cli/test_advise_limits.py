"""What `advise` says of limits, goals and confidence may be pasted: a server with a role of limited
connections, and the virtual clock."""

import os
import re

import postgres
from harness import Case, tiny

ROLE_LIMIT = 10


def prepare(server):
    sql = ("CREATE ROLE app LOGIN PASSWORD '%s' CONNECTION LIMIT %d;"
           "CREATE ROLE narrow LOGIN PASSWORD '%s' CONNECTION LIMIT 4;"
           "CREATE DATABASE shop CONNECTION LIMIT 25" % (postgres.PASSWORD, ROLE_LIMIT,
                                                         postgres.PASSWORD))
    server.script(sql + ";")


def two_kinds(kind="hikari", goal="p95(latency) < 300ms for request browse", users=12, **changes):
    """Browsing is the larger part and short; buying holds its connection longer."""
    scenario = tiny(
        name="shop",
        requests=[
            {"name": "browse", "weight": 3, "steps": [
                {"name": "look", "sql": "SELECT 1", "cost": "50us"},
                {"name": "render", "hold": "10ms"}]},
            {"name": "buy", "weight": 1, "steps": [
                {"name": "order", "sql": "SELECT 2", "cost": "50us"},
                {"name": "pay", "hold": "40ms"}]}],
        load={"users": users, "think": {"exponential": "100ms"}}, warmup="200ms", duration="2s",
        deadline="5s", deployment={"pool": {"kind": kind}}, slo=[goal])
    scenario.update(changes)
    return scenario


class Limits(Case):
    usual = None  # what the usual question was answered with: one answer, looked at from two sides

    def setUp(self):
        super().setUp()
        self.server = postgres.shared(prepare=prepare)

    def advise_as_usual(self):
        if Limits.usual is None:
            Limits.usual = self.advise(two_kinds())
        return Limits.usual

    def advise(self, scenario, *flags, role="app"):
        """The report, and everything that was printed and written, by form."""
        path = self.write("s.json", scenario)
        target = self.server.conninfo(user=role, dbname="shop")
        result = self.run_tool("advise", path, "--target", target, "--progress", "none",
                               "--json", "out.json", "--markdown", "out.md", "--html", "out.html",
                               "--confirmations", "1", *flags)
        self.assertIn(result.returncode, (0, 10, 12), result.stdout + result.stderr)
        report = self.load("out.json")
        texts = {"terminal": result.stdout}
        for form in ("md", "html"):
            with open(os.path.join(self.scratch, "out." + form)) as file:
                texts[form] = file.read()
        self.assertEqual(report["recommendation"]["confirmed"], result.returncode == 0)
        return report, texts

    def limit(self, report, of):
        return next(one for one in report["recommendation"]["limits"] if one["of"] == of)

    def test_a_roles_limit_is_not_the_servers(self):
        report, texts = self.advise_as_usual()
        r = report["recommendation"]
        role, server = self.limit(report, "role"), self.limit(report, "server")
        self.assertEqual((role["name"], role["present"]), ("app", ROLE_LIMIT))
        self.assertEqual(self.limit(report, "database")["present"], 25)
        self.assertEqual(server["present"], postgres.MAX_CONNECTIONS)
        # Nothing is lowered, and the server needs no change.
        self.assertEqual(r["max_connections"], postgres.MAX_CONNECTIONS)
        self.assertFalse(server["change"])
        self.assertGreaterEqual(role["recommended"], ROLE_LIMIT)
        self.assertLessEqual(r["capacity"], ROLE_LIMIT)
        self.assertEqual(r["budget"]["max_connections"], postgres.MAX_CONNECTIONS)
        for form, text in texts.items():
            self.assertNotIn("ALTER SYSTEM", text, form)
            self.assertNotRegex(text, r"max_connections *[=:]? *%d\b" % ROLE_LIMIT, form)
            self.assertIn("maximumPoolSize", text, form)

    def test_every_form_speaks_of_the_pool_in_use_in_its_own_words(self):
        report, texts = self.advise_as_usual()
        self.assertLessEqual(set(report["recommendation"]["snippets"]), {"hikari", "limits"})
        for form in ("terminal", "md"):
            advice = texts[form].partition("### Last run")[0].replace("\\", "")
            for foreign in ("pool_size", "max_overflow", "pre-ping", "pre_ping", "pool_recycle",
                            "create_engine", " + 0"):
                self.assertNotIn(foreign, advice, form)
        goal = "p95(latency) < 300ms for request browse"
        for form in ("terminal", "md"):
            text = " ".join(texts[form].replace("\\", "").replace("&lt;", "<").split())
            self.assertIn(goal, text)
        self.assertEqual(report["verdict"]["slo"][0]["goal"], goal)
        self.assertEqual(report["recommendation"]["search"]["decides"], goal)

    def test_a_role_whose_limit_forbids_what_is_needed_is_named_with_the_statement(self):
        scenario = two_kinds(goal="p95(pool_wait) < 3ms", users=12)
        scenario["load"] = {"users": 12}
        report, texts = self.advise(scenario, "--headroom-load", "0%", role="narrow")
        r = report["recommendation"]
        self.assertLessEqual(r["capacity"], 4)
        self.assertNotIn("ALTER SYSTEM", texts["terminal"])
        if r["search"]["outcome"] != "impossible" or not r["beyond_limits"]:
            return  # a machine too busy to measure on
        role = self.limit(report, "role")
        self.assertGreater(role["recommended"], 4)
        self.assertTrue(role["change"])
        self.assertIn('ALTER ROLE "narrow" CONNECTION LIMIT %d;' % role["recommended"],
                      r["snippets"]["limits"])
        self.assertIn("CONNECTION LIMIT of %d instead of 4" % role["recommended"],
                      " ".join(texts["terminal"].split()))
        # Nothing to paste of a size that misses the goals.
        self.assertLessEqual(set(r["snippets"]), {"limits"})
        # No more connections than users.
        self.assertLessEqual(r["beyond_limits"], 12)

    def test_memory_that_is_known_bounds_the_advice(self):
        report, _ = self.advise(two_kinds(), "--memory", "256MB", "--headroom-load", "0%")
        memory = self.limit(report, "memory")
        self.assertLessEqual(report["recommendation"]["capacity"], memory["available"])
        self.assertLess(memory["present"], 10)


class Simulated(Case):
    def advise(self, scenario, *flags, codes=(0, 10, 12)):
        path = self.write("s.json", scenario)
        result = self.run_tool("advise", path, "--simulated", "--progress", "none", "--json",
                               "out.json", *flags)
        self.assertIn(result.returncode, codes, result.stdout + result.stderr)
        return self.load("out.json"), result.stdout

    def test_confirmed_means_so_many_runs_in_a_row(self):
        report, out = self.advise(two_kinds(duration="5s"))
        r = report["recommendation"]
        search = r["search"]
        size = r["pool_size"] + r["max_overflow"]
        at = [run for run in search["runs"] if run["purpose"] == "confirm"
              and run["pool_size"] + run["max_overflow"] == size]
        self.assertEqual(r["confirmed"], search["outcome"] == "confirmed")
        self.assertEqual(r["confirmed"], report["verdict"]["exit_code"] == 0)
        if r["confirmed"]:
            self.assertGreaterEqual(len(at), search["runs_needed"])
            self.assertTrue(all(run["met"] for run in at))
            self.assertGreater(search["headroom"], 0)
        self.assertIn("%d of %d run" % (search["runs_met"], search["runs_of"]), out)

    def test_more_confirmations_are_made_when_asked_for(self):
        report, _ = self.advise(two_kinds(duration="5s"), "--confirmations", "5")
        search = report["recommendation"]["search"]
        self.assertEqual(search["runs_needed"], 5)
        if report["recommendation"]["confirmed"]:
            confirming = [run for run in search["runs"] if run["purpose"] == "confirm"]
            self.assertGreaterEqual(len(confirming), 5)

    def test_growth_is_in_every_run_and_said(self):
        report, out = self.advise(two_kinds(users=8, duration="5s"))
        self.assertEqual(report["recommendation"]["growth"], 0.25)
        self.assertEqual(report["scenario"]["resolved"]["load"]["users"], 10)
        self.assertIn("Sized for 10 users", out)
        self.assertIn("25 % more", out)
        report, out = self.advise(two_kinds(users=8, duration="5s"), "--headroom-load", "0%")
        self.assertEqual(report["scenario"]["resolved"]["load"]["users"], 8)
        self.assertIn("without growth", out)

    def test_a_replay_does_not_grow(self):
        self.write("arrivals.csv", "at\n" + "".join("%.3f\n" % (i / 50) for i in range(400)))
        scenario = two_kinds(load={"replay": "arrivals.csv"}, duration="5s",
                             slo=["p95(latency) < 300ms"])
        path = self.write("s.json", scenario)
        refused = self.run_tool("advise", path, "--simulated", "--headroom-load", "25%")
        self.assert_exit(refused, 2, "a replayed load cannot be scaled up")

    def test_holding_is_to_end_first_where_it_is_the_bulk(self):
        scenario = two_kinds(kind="asyncpg", users=40, duration="5s",
                             slo=["p95(pool_wait) < 5ms"])
        report, out = self.advise(scenario)
        alternatives = report["recommendation"]["alternatives"]
        if any(one["change"].startswith("release") for one in alternatives):
            self.assertTrue(alternatives[0]["first"])
            text = " ".join(out.split())
            self.assertLess(text.index("First, release the connection"),
                            text.index("per process is"))
            self.assertNotIn("pool_size", alternatives[0]["effect"])

    def test_never_more_connections_than_users(self):
        for users in (1, 3, 5):
            scenario = two_kinds(users=users, duration="5s", slo=["p95(pool_wait) < 1ms"])
            scenario["load"] = {"users": users}
            report, _ = self.advise(scenario, "--headroom-load", "0%")
            r = report["recommendation"]
            self.assertLessEqual(r["pool_size"] + r["max_overflow"], users)
            neighbours = " ".join(r["search"]["neighbours"])
            if r["pool_size"] + r["max_overflow"] == users:
                self.assertNotIn("With one more", neighbours)

    def test_snippets_of_others_come_when_asked_for(self):
        report, _ = self.advise(two_kinds(duration="5s"), "--snippets", "all")
        snippets = report["recommendation"]["snippets"]
        for name in ("hikari", "sqlalchemy", "pgx", "postgresql.conf", "docker-compose"):
            self.assertIn(name, snippets)
        report, out = self.advise(two_kinds(duration="5s"), "--snippet", "spring")
        self.assertEqual(set(report["recommendation"]["snippets"]), {"spring"})
        self.assertIn("spring.datasource.hikari", out)

    def test_a_server_of_known_size_is_never_made_smaller(self):
        for size in (40, 100, 400):
            scenario = two_kinds(duration="5s",
                                 server={"settings": {"max_connections": size}})
            report, out = self.advise(scenario, "--snippets", "all")
            r = report["recommendation"]
            self.assertGreaterEqual(r["max_connections"], size)
            for text in [out, *r["snippets"].values()]:
                for found in re.findall(r"max_connections *= *(\d+)", text):
                    self.assertGreaterEqual(int(found), size)


class Peaks(Case):
    PEAKS = {  # 3 users on 1 connection: never more than 3 can be wanted at once
        "version": 1, "name": "peaks",
        "requests": [{"name": "q", "steps": [{"sql": "SELECT 1"}, {"name": "w", "hold": "20ms"}]}],
        "load": {"users": 3}, "duration": "3s",
        "deployment": {"pool": {"kind": "asyncpg", "min_size": 1, "max_size": 1}}}

    def test_no_more_connections_are_wanted_than_there_are_users(self):
        path = self.write("peaks.json", self.PEAKS)
        for world in (["simulate"], ["run", "--embedded"]):
            result = self.run_tool(*world[:1], path, *world[1:], "--json", "out.json")
            self.assert_exit(result, 0)
            pool = self.load("out.json")["pools"][0]
            self.assertLessEqual(pool["peak_demand"], 3)
            text = " ".join(result.stdout.split())
            for wanted in re.findall(r"up to (\d+) connections", text):
                self.assertLessEqual(int(wanted), 3, text)
            self.assertNotIn("1 in use + 3 waiting", text)
