"""Each check of `doctor` provoked once on a real server, and once absent: one table.

The suite plays it on the PostgreSQL that is installed; with POOLGAUGE_DOCTOR_TABLE=all (the test
soak.doctor_table) on 13, 15, and 18 from scripts/postgres-versions, with scenes that take longer.
"""

import datetime
import os
import re
import unittest

from doctor_scenes import Scenes
from harness import Case
from test_pooler import PGBOUNCER

PLACE = os.environ.get("POOLGAUGE_POSTGRES_DIR", "/var/tmp/poolgauge-postgres")
ALL = os.environ.get("POOLGAUGE_DOCTOR_TABLE") == "all"
LONG = ("slow_logins", "caught_up", "behind", "lagging", "vast", "evicting")
END_OF_SUPPORT = {13: "2025-11-13", 14: "2026-11-12", 15: "2027-11-11", 16: "2028-11-09",
                  17: "2029-11-08", 18: "2030-11-08"}


class Row:
    """A check: how it is provoked, in which scene, and its level there; where it is absent, and its
    level there ("-": the check does not apply). `since`: the version that has what it looks at."""

    def __init__(self, check, how, scene, provoked, absent="ok", quiet="quiet", since=13):
        self.check, self.how, self.since = check, how, since
        self.cases = [(scene, provoked), (quiet, absent)]


TABLE = [
    Row("A2", "a function aurora_version()", "busy", "warn"),
    Row("A3", "reached through PgBouncer", "pooler", "warn"),
    Row("A4", "a role without pg_read_all_stats", "strangers", "warn"),
    Row("A5", "default_transaction_read_only, and a scenario that writes", "strangers", "stop"),
    Row("A6", "track_activities off", "untracked", "stop"),
    Row("A7", "pg_stat_statements not loaded", "unfit", "note"),
    Row("A7", "more statements than it keeps", "evicting", "warn", since=14),
    Row("A8", "a server that was just started", "unfit", "warn"),
    Row("B1", "18 of 21 slots in use", "busy", "warn"),
    Row("B2", "50 connections for a role that may open 3", "strangers", "stop"),
    Row("B3", "50 connections to a database that takes 2", "strangers", "stop"),
    Row("B4", "50 connections beside 21 slots", "strangers", "stop"),
    Row("B5", "max_connections 501", "unfit", "warn"),
    Row("B6", "an application connected as superuser", "busy", "warn"),
    Row("B7", "64 MB of memory", "strangers", "stop"),
    Row("B8", "100 advisory locks of 290", "busy", "warn"),
    Row("B9", "10 sessions idle for 11 minutes", "busy", "warn"),
    Row("C0", "ALTER ROLE … SET statement_timeout", "busy", "warn"),
    Row("C1", "statement_timeout 0", "busy", "warn"),
    Row("C2", "idle_in_transaction_session_timeout 0", "busy", "warn"),
    Row("C3", "idle_session_timeout 10min", "busy", "warn", since=14),
    Row("C4", "a deadline of 500 ms", "strangers", "warn"),
    Row("C5", "transaction_timeout 10min", "busy", "warn", since=17),
    Row("C6", "tcp_keepalives_idle 1000", "busy", "warn"),
    Row("C7", "scram_iterations 30000", "busy", "warn", since=16),
    Row("C8", "authentication_timeout 1s, and connects of 600 ms", "slow_logins", "warn"),
    Row("D1", "statements of others that run", "busy", "warn"),
    Row("D2", "a transaction of 11 minutes", "busy", "warn"),
    Row("D3", "a session idle in a transaction with locks, for 11 minutes", "busy", "stop"),
    Row("D4", "a session that waits for a lock", "busy", "warn"),
    Row("D5", "CREATE INDEX", "busy", "warn"),
    Row("D6", "95,000 of 100,000 transaction numbers in use", "unfit", "warn"),
    Row("D7", "12 checkpoints asked for", "unfit", "warn"),
    Row("D8", "scans of a table that does not fit into shared_buffers", "unfit", "warn"),
    Row("D9", "transactions that roll back", "unfit", "warn"),
    Row("D10", "a client that connects anew again and again", "busy", "warn", since=14),
    Row("D11", "a prepared transaction of 11 minutes", "busy", "warn"),
    Row("D12", "wal_buffers 32kB, and large transactions", "unfit", "warn", since=14),
    Row("E1", "synchronous_standby_names without standbys", "busy", "stop"),
    Row("E2", "recovery_min_apply_delay 6s on the standby", "lagging", "warn", quiet="caught_up"),
    Row("E3", "a slot that nobody uses", "busy", "warn"),
    Row("E4", "a standby whose replay pauses", "behind", "warn", quiet="caught_up"),
    Row("E5", "archive_mode on, without archive_command", "unfit", "warn"),
    Row("F1", "fsync off", "unfit", "warn"),
    Row("F2", "log_statement all", "unfit", "warn"),
    Row("F3", "auto_explain.log_analyze on", "unfit", "warn"),
    Row("F4", "shared_buffers 1MB", "unfit", "warn"),
    Row("F5", "jit on", "unfit", "note"),
    Row("F6", "track_io_timing off", "unfit", "note"),
    Row("F7", "shared_buffers 8GB without huge pages", "vast", "warn"),
    Row("F8", "autovacuum off", "unfit", "warn"),
    Row("F9", "ALTER SYSTEM SET max_connections", "busy", "warn"),
    Row("G1", "a path on which each tenth answer takes 30 ms longer", "far", "warn"),
    Row("G2", "a path on which connecting takes 60 ms longer", "far", "warn"),
    Row("G3", "no TLS to an address that is not known to be local", "far", "warn"),
    Row("G4", "a clock that is an hour ahead", "busy", "warn"),
    Row("G5", "128 open files", "strangers", "warn"),
    Row("H2", "session mode with two clients and one server connection", "pooler", "warn"),
    Row("H3", "a client that waits", "pooler", "warn stop"),
    Row("H4", "100 connections to a pooler that takes 30", "pooler", "stop"),
    Row("H5", "a pool of 100 before 21 slots", "pooler", "warn"),
    Row("H6", "transaction mode, and a driver that prepares", "pooler", "warn"),
    Row("H7", "a deadline below query_wait_timeout", "pooler", "warn"),
    Row("H8", "a pool in use, and a client that waits", "pooler", "stop"),
    Row("H9", "two clients that share a server connection", "pooler", "warn"),
    Row("H10", "a burst each hour, server_idle_timeout 600", "pooler", "warn"),
    Row("H11", "application_name_add_host 0", "pooler", "note"),
    Row("I1", "a statement with a mistake", "busy", "stop"),
    Row("I2", "INSERT without the right", "busy", "stop"),
    Row("I3", "data.setup that drops a table", "busy", "stop"),
    Row("I4", "sessions of others", "busy", "stop"),
    Row("I5", "a table that was never analyzed", "busy", "warn"),
]
# Of these one side or none is on a machine's own servers.
ELSEWHERE = {
    "A1": "what it says depends on the version and on the date: see test_the_version",
    "D13": "a full queue of the checkpointer is not brought about by any setting",
    "F10": "it has no level but ok: see test_the_fingerprint",
    "H1": "Debian's PgBouncer is always older than the fixes; see doctor_planted_scenario_test.cc",
}
# A machine that is busy enough makes these true.
OF_THE_MACHINE = ("G1", "G2")


class Complete(Case):
    def test_every_check_of_the_program_is_in_the_table(self):
        printed = self.run_tool("doctor", "--sql").stdout
        program = set(re.findall(r"^-- ([A-I]\d+): (?!PostgreSQL)", printed, re.MULTILINE))
        for readers in re.findall(r"^-- \S+: PostgreSQL [^\n]*; for ([A-I0-9, ]+)", printed,
                                  re.MULTILINE):
            program.update(readers.replace(",", " ").split())
        self.assertGreater(len(program), 65)
        self.assertEqual({row.check for row in TABLE} | set(ELSEWHERE), program)


class OnServers:
    """The table on one version: MAJOR, or None for the one that is installed."""

    MAJOR = None

    @classmethod
    def setUpClass(cls):
        binaries = None
        if cls.MAJOR:
            binaries = os.path.join(PLACE, str(cls.MAJOR), "bin")
            if not os.path.exists(os.path.join(binaries, "postgres")):
                raise unittest.SkipTest("PostgreSQL %d is not in %s: run scripts/postgres-versions"
                                        % (cls.MAJOR, PLACE))
        cls.scenes = Scenes(binaries)
        cls.addClassCleanup(cls.scenes.close)

    def judged(self, row, scene, levels):
        """Whether the check has one of these levels in the scene; None: not to be judged here."""
        since = self.scenes.major >= row.since
        if scene == "evicting" and not since:  # nothing counts them
            return None
        if scene in LONG and not ALL or row.check[0] == "H" and not PGBOUNCER:
            return None
        if row.check == "A3" and not PGBOUNCER or scene == "vast" and not self.has_memory():
            return None
        check = self.scenes.checks(scene).get(row.check, {"level": "-", "seen": ""})
        expected = levels.split() if since else ["-", "ok"]
        if row.check in OF_THE_MACHINE and scene == "quiet" and check["level"] == "warn":
            return None
        with self.subTest(check=row.check, scene=scene):
            self.assertIn(check["level"], expected, row.how + ": " + check["seen"])
        return check["level"] in expected

    @staticmethod
    def has_memory():
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") > 12 << 30

    def test_provoked_once_and_absent_once(self):
        counts = []
        # What leaves no traces comes first.
        for place in (1, 0):
            results = [self.judged(row, *row.cases[place]) for row in TABLE]
            counts.append("%d of %d" % (results.count(True),
                                        len(results) - results.count(None)))
        if ALL:
            print("PostgreSQL %d: %s absent, %s provoked" % (self.scenes.major, *counts))

    def test_a_member_of_pg_monitor_knows_everything(self):
        checks = self.scenes.checks("quiet")
        self.assertEqual({name: check["seen"] for name, check in checks.items()
                          if check["level"] == "unknown"}, {})

    def test_the_version(self):
        """Warns from 90 days before the end of support on."""
        check = self.scenes.checks("quiet")["A1"]
        end = datetime.date.fromisoformat(END_OF_SUPPORT[self.scenes.major])
        today = datetime.datetime.now(datetime.timezone.utc).date()
        late = today + datetime.timedelta(days=90) > end
        self.assertEqual(check["level"], "warn" if late else "ok", check["seen"])

    def test_the_fingerprint(self):
        """Tells servers apart by their settings, and nothing else."""
        quiet = self.scenes.checks("quiet")["F10"]["figures"]["sha256"]
        again = self.scenes.doctor("--only", "F10", user="watcher", dbname="good")["F10"]
        self.assertEqual(again["figures"]["sha256"], quiet)
        self.assertNotEqual(self.scenes.checks("unfit")["F10"]["figures"]["sha256"], quiet)


class OnTheInstalled(OnServers, Case):
    pass


for major in (13, 15, 18) if ALL else ():
    name = "OnPostgres%d" % major
    globals()[name] = type(name, (OnServers, Case), {"MAJOR": major})
if ALL:
    del OnTheInstalled
