"""What the diagnosis names, on inputs that people brought: the right thing, or nothing."""

import json

from harness import Case

# 500 clients, max_client_conn 400.
MAX_CLIENT_CONN = {
    "version": 1, "name": "pgbouncer-max-client",
    "requests": [{"name": "q", "transaction": True, "steps": [{"sql": "SELECT 1"}]}],
    "load": {"users": 500, "think": {"exponential": "500ms"}},
    "warmup": "1s", "duration": "6s",
    "deployment": {"pool": {"kind": "fixed"},
                   "pooler": {"kind": "pgbouncer", "pool_mode": "transaction",
                              "default_pool_size": 70, "pool_size": 80, "max_client_conn": 400,
                              "reserve_pool_size": 10}},
    "slo": ["rate(error) <= 0%"],
}
# Ten requests a second, one connection: opened once and kept.
STARTUP = {
    "version": 1, "name": "startup",
    "requests": [{"name": "q", "steps": [{"sql": "SELECT 1"}]}],
    "load": {"rate": 10, "arrivals": "constant"}, "duration": "5s",
    "deployment": {"pool": {"kind": "sqlalchemy-async"}},
}
# Three users on one connection.
PEAKS = {
    "version": 1, "name": "peaks",
    "requests": [{"name": "q", "steps": [{"sql": "SELECT 1"}, {"name": "w", "hold": "20ms"}]}],
    "load": {"users": 3}, "duration": "3s",
    "deployment": {"pool": {"kind": "asyncpg", "min_size": 1, "max_size": 1}},
}
# Ten queries at once on a cold pool whose limit is shorter than a connect.
SLOW_CONNECT = {
    "version": 1, "name": "prisma-slow-connect",
    "server": {"settings": {"pre_auth_delay": "2"}},
    "requests": [{"name": "find", "steps": [{"sql": "SELECT 1"}]}],
    "load": {"burst": 10}, "duration": "5s",
    "deployment": {"pool": {"kind": "prisma", "connection_limit": 100, "pool_timeout": "1s"}},
    "slo": ["rate(error) <= 0%"],
}
# Eight connections are busy on average; an overflow of ten opens and closes beside five kept ones.
CHURN = {
    "version": 1, "name": "churn",
    "requests": [{"name": "work", "steps": [{"sql": "SELECT 1"},
                                            {"name": "application",
                                             "hold": {"exponential": "40ms"}}]}],
    "load": {"rate": 200}, "warmup": "2s", "duration": "10s",
    "deployment": {"pool": {"kind": "sqlalchemy-async", "pool_size": 5, "max_overflow": 15}},
}


class Diagnosis(Case):
    def diagnosed(self, command, scenario):
        self.write("case.json", scenario)
        result = self.run_tool(command, "case.json", "--json", "-")
        self.assertIn(result.returncode, (0, 10, 12), result.stderr)
        report = json.loads(result.stdout)
        return report, report["diagnosis"]

    def names(self, findings):
        return [finding["finding"] for finding in findings]

    def starved(self, findings):
        """Whether the machine was too busy for the load: then what else was found is not the
        scenario's."""
        return "client_bound" in self.names(findings)

    def test_a_pooler_that_refuses_clients(self):
        self.write("s.json", MAX_CLIENT_CONN)
        for command in ("simulate", "run"):
            with self.subTest(command):
                self.assert_exit(self.run_tool(command, "s.json"), 3,
                                 "may open 500 connections, but PgBouncer accepts only 400",
                                 "max_client_conn 400",
                                 "raise PgBouncer's max_client_conn to 500")

    def test_filling_a_pool_once_is_no_bottleneck(self):
        for command in ("simulate", "run"):
            _, findings = self.diagnosed(command, STARTUP)
            if self.starved(findings):
                continue
            for wrong in ("connect_bound", "connect_churn", "pool_bound"):
                self.assertNotIn(wrong, self.names(findings))

    def test_no_more_connections_than_users_are_advised(self):
        _, findings = self.diagnosed("simulate", PEAKS)
        self.assertEqual(findings[0]["finding"], "pool_bound", findings)
        self.assertIn("release the connection", findings[0]["advice"])
        self.assertIn("enlarge the pool to 3 connections (one per user)",
                      findings[0]["advice"])

    def test_connects_that_outlast_the_pools_limit(self):
        report, findings = self.diagnosed("run", SLOW_CONNECT)
        if self.starved(findings):
            return
        self.assertEqual(findings[0]["finding"], "slow_connects", findings)
        self.assertIn("of 100 connections were in use", findings[0]["evidence"])
        self.assertIn("raise pool_timeout", findings[0]["advice"])
        self.assertEqual(report.get("outages", []), [])

    def test_an_overflow_that_opens_and_closes_is_named_with_its_cure(self):
        _, findings = self.diagnosed("run", CHURN)
        if self.starved(findings):
            return
        churn = [f for f in findings if f["finding"] == "connect_churn"]
        self.assertTrue(churn, findings)
        self.assertIn("set pool_size = 20 and max_overflow = 0", churn[0]["advice"])
