"""Servers for the scenes of `doctor`: one that suits a load, one that does not, a PgBouncer, a slow
path to them.

Where a fault is a matter of hours, the database `later` has a now() that is 11 minutes ahead, and
a clock_timestamp() that is an hour ahead; the database `good` has a server that started two hours
ago.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import harness
import postgres
from harness import tiny, until
from test_pooler import PGBOUNCER

GOOD = {
    "max_connections": "24", "max_locks_per_transaction": "10", "max_prepared_transactions": "5",
    "fsync": "on", "jit": "off", "track_io_timing": "on", "max_parallel_workers_per_gather": "0",
    "shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.max": "100",
    "statement_timeout": "1h", "idle_in_transaction_session_timeout": "1h",
    "tcp_keepalives_idle": "60", "archive_mode": "on", "archive_command": "true",
    "autovacuum_naptime": "1d", "wal_keep_size": "1GB", "listen_addresses": "127.0.0.1",
}
BAD = {
    "max_connections": "501", "shared_buffers": "1MB", "wal_buffers": "32kB", "jit": "on",
    "autovacuum": "off", "autovacuum_freeze_max_age": "100000", "archive_mode": "on",
    "archive_command": "", "log_statement": "all", "log_duration": "on",
    "shared_preload_libraries": "auto_explain", "auto_explain.log_analyze": "on",
}
# What a session of the planted load sets, so that the log does not become its bottleneck.
QUIET_LOG = "-c log_statement=none -c log_duration=off"

PREPARE = """
CREATE ROLE watcher LOGIN PASSWORD '{0}';
GRANT pg_monitor TO watcher;
CREATE ROLE app LOGIN PASSWORD '{0}';
CREATE ROLE tight LOGIN PASSWORD '{0}' CONNECTION LIMIT 3;
CREATE DATABASE good;
CREATE DATABASE later;
CREATE DATABASE small CONNECTION LIMIT 2;
\\connect good
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT 1 AS i;
ANALYZE t;
GRANT SELECT ON t TO watcher;
CREATE OR REPLACE FUNCTION pg_catalog.pg_postmaster_start_time() RETURNS timestamptz
  LANGUAGE sql STABLE AS $$ SELECT transaction_timestamp() - interval '2 hours' $$;
\\connect later
CREATE EXTENSION pg_stat_statements;
CREATE TABLE held (i int);
CREATE TABLE locked (i int);
CREATE TABLE bare AS SELECT 1 AS i;
CREATE FUNCTION slow(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN PERFORM pg_sleep(600); RETURN i; END $$;
ALTER TABLE bare OWNER TO app;
GRANT ALL ON locked TO app;
GRANT CREATE ON SCHEMA public TO app;
GRANT SELECT ON bare TO watcher;
CREATE OR REPLACE FUNCTION pg_catalog.now() RETURNS timestamptz LANGUAGE sql STABLE AS
  $$ SELECT transaction_timestamp() + interval '11 minutes' $$;
CREATE OR REPLACE FUNCTION pg_catalog.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
  $$ SELECT statement_timestamp() + interval '1 hour' $$;
CREATE FUNCTION aurora_version() RETURNS int LANGUAGE sql AS 'SELECT 1';
"""

FITS = tiny(
    load={"burst": 2, "every": "2s"}, deadline="5s", requests=[
        {"name": "ask", "transaction": True, "steps": [
            {"name": "one", "sql": "SELECT i FROM t WHERE i = 1"}, {"name": "h", "hold": "10ms"}]}],
    data={"setup": ["create.sql"]})
MISFIT = tiny(
    load={"burst": 2, "every": "1h"}, deadline="500ms", requests=[
        {"name": "ask", "transaction": True, "steps": [
            {"name": "one", "sql": "SELECT 1 +"},
            {"name": "two", "sql": "INSERT INTO held VALUES (1)"},
            {"name": "three", "sql": "SELECT i FROM bare"}]}],
    data={"setup": ["drop.sql"]})


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Relay:
    """A slow path to a server: each new connection waits, and so does each tenth answer."""

    def __init__(self, port, connect_s, answer_s):
        self.place, self.connect_s, self.answer_s = port, connect_s, answer_s
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=self.listener.accept()[:1],
                                 daemon=True).start()

    def _serve(self, client):
        time.sleep(self.connect_s)
        with client, socket.create_connection(("127.0.0.1", self.place)) as server:
            back = threading.Thread(target=self._copy, args=(client, server, 0), daemon=True)
            back.start()
            self._copy(server, client, self.answer_s)
            back.join()

    @staticmethod
    def _copy(source, target, pause_s):
        count = 0
        with contextlib.suppress(OSError):
            while True:
                data = source.recv(65536)
                if not data:
                    break
                count += 1
                if pause_s and count % 10 == 0:
                    time.sleep(pause_s)
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)


class Servers:
    """The servers of one version. `binaries`: see postgres.Server."""

    def __init__(self, binaries=None):
        self.top = tempfile.mkdtemp(prefix="pgd-")
        os.chmod(self.top, 0o755)
        self.undo = contextlib.ExitStack()
        self.undo.callback(shutil.rmtree, self.top, ignore_errors=True)
        self.binaries = binaries
        self.servers = {}
        for name, scenario in (("fits.json", FITS), ("misfit.json", MISFIT)):
            with open(os.path.join(self.top, name), "w") as file:
                json.dump(scenario, file)
        for name, sql in (("create.sql", "CREATE TABLE mine (i int);\n"),
                          ("drop.sql", "DROP TABLE held;\n")):
            with open(os.path.join(self.top, name), "w") as file:
                file.write(sql)

    def close(self):
        self.undo.close()

    def server(self, name, settings, prepare=None, tcp=False, standby=False):
        if name not in self.servers:
            directory = os.path.join(self.top, name)
            os.mkdir(directory)
            server = postgres.Server(directory, settings, self.binaries)
            if standby:
                server.become_standby()
            self.undo.callback(server.stop)
            server.start(port=free_port() if tcp else 5432)
            if prepare:
                prepare(server)
            self.servers[name] = server
        return self.servers[name]

    @property
    def good(self):
        def prepare(server):
            server.script(PREPARE.format(postgres.PASSWORD))
        return self.server("good", GOOD, prepare, tcp=True)

    @property
    def bad(self):
        def prepare(server):
            server.query("CREATE TABLE big (x text)", options=QUIET_LOG)
            server.query("ALTER TABLE big ALTER x SET STORAGE PLAIN", options=QUIET_LOG)
            server.query("INSERT INTO big SELECT repeat('x', 7000) FROM generate_series(1, 4000)",
                         options=QUIET_LOG)
            server.query("CREATE TABLE written (LIKE big INCLUDING STORAGE)", options=QUIET_LOG)
            # 95 of 100 thousand transaction numbers.
            server.query("DO $$ BEGIN FOR i IN 1..95000 LOOP PERFORM pg_current_xact_id(); COMMIT; "
                         "END LOOP; END $$", options=QUIET_LOG + " -c synchronous_commit=off")
            for _ in range(12):
                server.query("CHECKPOINT")
        return self.server("bad", BAD, prepare)

    @property
    def major(self):
        return int(self.good.query("SHOW server_version_num")) // 10000

    def stays(self, stack, server, sql, application="psql", **changes):
        """A session up to the end of the scene. "yes LINE": it is fed the line again and again."""
        if sql.startswith("yes "):
            source = subprocess.Popen(["yes", sql[4:]], stdout=subprocess.PIPE)
            process = server.session(source.stdout, application, **changes)
            source.stdout.close()
            stack.callback(self.end, source)
        else:
            process = server.session(sql, application, **changes)
        stack.callback(self.end, process)

    @staticmethod
    def end(process):
        process.kill()
        process.wait()
        if process.stdin:
            with contextlib.suppress(OSError):
                process.stdin.close()

    def bouncer(self, stack, name, databases, more=""):
        """A PgBouncer before the good server; the changes of a connection string to it."""
        directory = os.path.join(self.top, "bouncer-" + name)
        os.mkdir(directory)
        lines = "".join("%s = host='%s' port=%d dbname=good %s\n"
                        % (one, self.good.directory, self.good.port, settings)
                        for one, settings in databases.items())
        with open(directory + "/ini", "w") as file:
            file.write("[databases]\n%s[pgbouncer]\nlisten_addr =\nlisten_port = 6432\n"
                       "unix_socket_dir = %s\nauth_type = md5\nauth_file = %s/users\n"
                       "stats_users = watcher\n%s\n" % (lines, directory, directory, more))
        with open(directory + "/users", "w") as file:
            for user in ("watcher", "app"):
                file.write('"%s" "%s"\n' % (user, postgres.PASSWORD))
        for path in ("", "/ini", "/users") if self.good.user else ():
            os.chown(directory + path, self.good.user["user"], self.good.user["group"])
        process = subprocess.Popen([PGBOUNCER, directory + "/ini"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, **self.good.user)
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        stack.callback(self.end, process)
        until(lambda: os.path.exists(directory + "/.s.PGSQL.6432"), "PgBouncer does not start")
        return {"host": directory, "port": "6432"}

    def doctor(self, *arguments, options="", files=None, **target):
        """The checks by id. `files`: the limit of open files."""
        command = [harness.PROGRAM, "doctor", *arguments, "--json", "-", "--target",
                   target.pop("server", self.good).conninfo(**target)]
        if files:
            command = ["sh", "-c", 'ulimit -n %d; exec "$@"' % files, "sh", *command]
        env = {key: value for key, value in os.environ.items()
               if not key.startswith(("PG", "POOLGAUGE_"))}
        ended = subprocess.run(command, cwd=self.top, stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.PIPE, env=dict(env, PGOPTIONS=options),
                               timeout=harness.PATIENCE)
        if ended.returncode not in (0, 3):
            raise AssertionError("%s: %s" % (command, ended.stdout + ended.stderr))
        return {check["id"]: check for check in json.loads(ended.stdout)["checks"]}

    def over_tcp(self, **changes):
        return {"host": "127.0.0.1", "user": "watcher", "dbname": "good", **changes}
