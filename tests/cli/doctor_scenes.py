"""Scenes in which `doctor` is asked: servers with planted faults, and without.

A scene is a method of Scenes; it gives the checks of one `doctor` run by id. Faults that do not
disturb each other are planted together.
"""

import contextlib
import subprocess

from doctor_servers import GOOD, QUIET_LOG, Relay, Servers
from harness import until
from test_pooler import PGBOUNCER


class Scenes(Servers):
    """Each scene is played once."""

    def __init__(self, binaries=None):
        super().__init__(binaries)
        self.answers = {}

    def checks(self, scene):
        if scene not in self.answers:
            self.answers[scene] = getattr(self, scene)()
        return self.answers[scene]

    def quiet(self):
        """A server that suits the load, and a PgBouncer that does."""
        with contextlib.ExitStack() as stack:
            pooler = []
            if PGBOUNCER:
                place = self.bouncer(stack, "good", {"good": "pool_size=3"},
                                     "pool_mode = session\nmax_client_conn = 100\n"
                                     "query_wait_timeout = 1\napplication_name_add_host = 1")
                pooler = ["--pgbouncer",
                          self.good.conninfo(**place, user="watcher", dbname="pgbouncer")]
            # Statistics that are younger than the load are a finding of A8. Before PostgreSQL 15 a
            # database's begin with its first session, and are seen a moment later.
            until(lambda: self.good.query(
                "SELECT coalesce(now() - stats_reset > '2 s', current_setting('server_version_num')"
                "::int >= 150000) FROM pg_stat_database WHERE datname = 'good'",
                dbname="good") == "t", "older statistics", every=0.2)
            return self.doctor("fits.json", "--cores", "64", "--memory", "64GB", *pooler,
                               **self.over_tcp())

    def busy(self):
        """Others do what they should not, in a database in which it lasts for 11 minutes."""
        server = self.good
        server.query("CREATE ROLE hasty; ALTER ROLE hasty SET statement_timeout = '5s'")
        server.query("SELECT pg_create_physical_replication_slot('idle')")
        server.query("BEGIN; INSERT INTO held VALUES (1); PREPARE TRANSACTION 'left'",
                     dbname="later")
        self.undo.callback(server.query, "ROLLBACK PREPARED 'left'", dbname="later")
        before = {"user": "app", "dbname": "later"}
        with contextlib.ExitStack() as stack:
            for _ in range(3):
                self.stays(stack, server, "SELECT pg_sleep(600);", "sleeper", **before)
            self.stays(stack, server, "BEGIN; LOCK TABLE locked IN SHARE MODE; SELECT "
                       "pg_advisory_lock(i) FROM generate_series(1, 100) AS i;", "holder", **before)
            self.stays(stack, server, "CREATE INDEX ON bare (slow(i));", "builder", **before)
            for _ in range(10):
                self.stays(stack, server, "SELECT 1;", "hoarder", **before)
            self.stays(stack, server, "SELECT 1;", "webapp", dbname="later")
            until(lambda: server.query(
                "SELECT count(*) FILTER (WHERE query <> ''), count(*) FILTER (WHERE state LIKE "
                "'idle in%' AND query LIKE '%pg_advisory_lock%'), (SELECT count(*) FROM "
                "pg_stat_progress_create_index) FROM pg_stat_activity WHERE application_name IN "
                "('sleeper', 'holder', 'builder', 'hoarder', 'webapp')") == "16|1|1", "the others")
            self.stays(stack, server, "BEGIN; LOCK TABLE locked;", "waiter", **before)
            connecting = subprocess.Popen(
                ["sh", "-c", 'while :; do "$@"; done', "sh",
                 *server.psql("-c", "SELECT 1")["args"]], stdout=subprocess.DEVNULL)
            stack.callback(self.end, connecting)
            until(lambda: server.query("SELECT count(*) FROM pg_stat_activity WHERE "
                                       "wait_event_type = 'Lock'") == "1", "the waiter")
            server.reload("synchronous_standby_names = '2 (a, b)'", "max_connections = 21")
            stack.callback(server.reload, "RESET synchronous_standby_names",
                           "RESET max_connections")
            options = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
            if self.major >= 14:
                options += " -c idle_session_timeout=10min"
            if self.major >= 16:
                options += " -c scram_iterations=30000"
            if self.major >= 17:
                options += " -c transaction_timeout=10min"
            checks = self.doctor(options=options + " -c tcp_keepalives_idle=1000",
                                 **self.over_tcp(dbname="later"))
            checks.update(self.doctor("misfit.json", "--only", "I", user="watcher", dbname="later"))
            return checks

    def strangers(self):
        """As a role with a limit and without rights, and a load that is too much for it."""
        return self.doctor("misfit.json", "--pool-size", "50", "--memory", "64MB",
                           *("--only=" + one for one in "A4 A5 B2 B3 B4 B7 C4 G5".split()),
                           options="-c default_transaction_read_only=on", files=128, user="tight",
                           dbname="small")

    def untracked(self):
        return self.doctor("--only", "A6", options="-c track_activities=off")

    def evicting(self):
        """More statements than pg_stat_statements keeps, all the time."""
        with contextlib.ExitStack() as stack:
            # Told apart by the types of their constants.
            statements = subprocess.Popen(["awk", """BEGIN {
                for (i = 0; i < 10000000; ++i) {
                    line = "SELECT 1"
                    for (bit = 1; bit <= 4096; bit *= 2)
                        line = line (int(i / bit) % 2 ? ", 1" : ", true")
                    print line ";"
                } }"""], stdout=subprocess.PIPE)
            stack.callback(self.end, statements)
            evicted = "SELECT dealloc FROM pg_stat_statements_info"
            before = self.good.query(evicted, dbname="good")
            process = self.good.session(statements.stdout, dbname="good")
            statements.stdout.close()
            stack.callback(self.end, process)
            until(lambda: self.good.query(evicted, dbname="good") != before, "nothing is evicted")
            return self.doctor("--only", "A7", dbname="good")

    def pooler(self):
        """A PgBouncer that keeps its clients waiting, reached through it."""
        with contextlib.ExitStack() as stack:
            place = self.bouncer(stack, "bad", {
                "sessions": "pool_mode=session pool_size=1", "wide": "pool_size=100",
                "narrow": "pool_size=1", "good": "pool_size=3"},
                "pool_mode = transaction\nmax_client_conn = 30")
            app = {**place, "user": "app"}
            self.stays(stack, self.good, "SELECT 1;", dbname="wide", **app)
            for _ in range(2):
                self.stays(stack, self.good, "BEGIN; SELECT 1;", dbname="sessions", **app)
                self.stays(stack, self.good, "yes SELECT pg_sleep(0.05);", dbname="narrow", **app)
            console = {**place, "user": "watcher", "dbname": "pgbouncer"}
            shown = subprocess.run  # of a console, which takes the simple protocol only
            until(lambda: any(
                line.startswith("sessions|") and line.split("|")[3] == "1" for line in shown(
                    **self.good.psql("-c", "SHOW POOLS", **console), stdout=subprocess.PIPE,
                    check=True).stdout.splitlines()), "nobody waits")
            return self.doctor("misfit.json", "--only", "H", "--only", "A3", "--pool-size", "100",
                               "--pgbouncer", self.good.conninfo(**console), **place,
                               user="watcher", dbname="good")

    def unfit(self):
        """A server whose settings and load spoil every result."""
        server = self.bad
        with contextlib.ExitStack() as stack:
            self.stays(stack, server, "yes BEGIN; SELECT count(*) FROM big; ROLLBACK;",
                       options=QUIET_LOG)
            self.stays(stack, server, "yes BEGIN; INSERT INTO written SELECT repeat('x', 7000) "
                       "FROM generate_series(1, 20); ROLLBACK; SELECT pg_sleep(0.02);",
                       options=QUIET_LOG)
            until(lambda: server.query("SELECT count(*) FROM pg_stat_activity WHERE query LIKE "
                                       "'%FROM big%' AND application_name = 'psql' AND pid <> "
                                       "pg_backend_pid()") != "0", "no load")
            return self.doctor(server=server)

    def far(self):
        """A slow and unsteady path, to an address that is not known to be this machine's."""
        relay = Relay(self.good.port, 0.06, 0.03)
        try:
            return self.doctor("--only", "G", **self.over_tcp(
                host="0.0.0.0", port=str(relay.port), sslmode="disable"))
        finally:
            relay.close()

    # Those that take longer.

    def slow_logins(self):
        relay = Relay(self.good.port, 0.6, 0)
        self.good.reload("authentication_timeout = '1s'")
        try:
            return self.doctor("--only", "C8", **self.over_tcp(port=str(relay.port)))
        finally:
            self.good.reload("RESET authentication_timeout")
            relay.close()

    def standby(self):
        """A standby of the good server."""
        primary = "primary_conninfo=" + self.good.conninfo(dbname="", application_name="late")
        # No fewer than initdb's own settings, with which its WAL begins.
        settings = dict(GOOD, listen_addresses="", max_connections="100",
                        max_locks_per_transaction="64",
                        primary_conninfo=primary.partition("=")[2])
        server = self.server("standby", settings, standby=True)
        until(lambda: self.good.query("SELECT count(*) FROM pg_stat_replication WHERE replay_lsn = "
                                      "pg_current_wal_lsn()") == "1", "the standby")
        return server

    def caught_up(self):
        server = self.standby()
        checks = self.doctor("--only", "E4", server=server)
        return {**checks, **self.doctor("--only", "E2")}

    def behind(self):
        server = self.standby()
        server.query("SELECT pg_wal_replay_pause()")
        try:
            self.good.query("CREATE TABLE IF NOT EXISTS noise (i int); DROP TABLE noise")
            until(lambda: server.query("SELECT pg_last_wal_receive_lsn() > "
                                       "pg_last_wal_replay_lsn()") == "t", "nothing is behind")
            return self.doctor("--only", "E4", server=server, dbname="later")
        finally:
            server.query("SELECT pg_wal_replay_resume()")

    def lagging(self):
        """What was replayed six seconds after it had been received."""
        server = self.standby()
        server.reload("recovery_min_apply_delay = '6s'")
        try:
            lag = "SELECT coalesce(max(extract(epoch FROM replay_lag)), 0) > 5 FROM " \
                  "pg_stat_replication"
            until(lambda: self.good.query("SELECT txid_current() IS NULL") and
                  self.good.query(lag) == "t", "no lag", every=0.5)
            return self.doctor("--only", "E2")
        finally:
            server.reload("RESET recovery_min_apply_delay")

    def vast(self):
        server = self.server("vast", {"max_connections": "300", "shared_buffers": "8GB",
                                      "huge_pages": "off"})
        return self.doctor("--only", "F7", server=server)
