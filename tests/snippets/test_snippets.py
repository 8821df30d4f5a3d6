#!/usr/bin/env python3
"""Feeds what `poolgauge size` offers to paste to the programs that will read it.

usage: test_snippets.py PATH-TO-POOLGAUGE [unittest options]

What is not installed here is skipped, with its name."""

import ast
import asyncio
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import harness  # notes what was skipped

PROGRAM = None
ARGUMENTS = ["--processes", "3", "--pgbouncer", "--cores", "6", "--json", "-", "--quiet"]


def find_program(name):
    """In PATH, or among the server's own programs."""
    found = shutil.which(name)
    servers = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/" + name))
    return found or (str(servers[-1]) if servers else None)


class Snippets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        text = subprocess.run([PROGRAM, "size", *ARGUMENTS], stdout=subprocess.PIPE, check=True,
                              env={"PATH": os.environ["PATH"]}).stdout
        cls.advice = json.loads(text)["recommendation"]
        cls.snippets = cls.advice["snippets"]
        cls.total = cls.advice["pool_size"] + cls.advice["max_overflow"]

    def setUp(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="pgt-"))
        self.scratch.chmod(0o777)
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)

    def need(self, module):
        try:
            return __import__(module)
        except ImportError:
            self.skipTest("python3 module %s is not installed" % module)

    def need_program(self, name):
        return find_program(name) or self.skipTest(name + " is not installed")

    def as_server_user(self, *command, **more):
        """A server does not run as root."""
        if os.getuid() == 0:
            command = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups") + command
        return subprocess.run(command, cwd=self.scratch, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, **more)

    def keywords(self, name):
        """The keyword arguments of the snippet's call."""
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree = compile(self.snippets[name], name, "exec", flags)
        call = next(node for node in ast.walk(tree) if isinstance(node, ast.Call))
        return {k.arg: ast.literal_eval(k.value) for k in call.keywords}

    def test_overflow_is_part_of_what_is_tested(self):
        self.assertGreater(self.advice["max_overflow"], 0)
        self.assertGreater(self.advice["pool_size"], 0)

    def test_sqlalchemy(self):
        self.need("psycopg2")
        self.need("sqlalchemy")
        from sqlalchemy import create_engine
        scope = {"create_engine": create_engine, "database_url": "postgresql://u@localhost/d"}
        exec(self.snippets["sqlalchemy"], scope)
        pool = scope["engine"].pool
        self.assertEqual((pool.size(), pool._max_overflow, pool._timeout, pool._recycle),
                         (self.advice["pool_size"], self.advice["max_overflow"],
                          self.advice["pool_timeout_s"], self.advice["pool_recycle_s"]))
        self.assertTrue(pool._pre_ping)

    def test_environment(self):
        (self.scratch / "env").write_text(self.snippets["env"])
        shown = subprocess.run(["env", "-i", "sh", "-euc", "set -a; . ./env; env"],
                               cwd=self.scratch, stdout=subprocess.PIPE, text=True, check=True)
        values = dict(line.split("=", 1) for line in shown.stdout.splitlines())
        self.assertEqual(values["DB_POOL_SIZE"], str(self.advice["pool_size"]))
        self.assertEqual(values["DB_MAX_OVERFLOW"], str(self.advice["max_overflow"]))

    def psycopg_pool(self, **keywords):
        self.need("psycopg_pool")
        from psycopg_pool import ConnectionPool
        pool = ConnectionPool("host=localhost", **keywords)
        self.assertEqual((pool.min_size, pool.max_size, pool.timeout, pool.max_lifetime),
                         (self.advice["pool_size"], self.total, self.advice["pool_timeout_s"],
                          self.advice["pool_recycle_s"]))

    def test_psycopg_pool(self):
        self.psycopg_pool(**self.keywords("psycopg_pool"))

    def test_django(self):
        scope = {}
        exec(self.snippets["django"], scope)
        options = scope["DATABASES"]["default"]["OPTIONS"]["pool"]
        self.psycopg_pool(open=False, **options)

    def test_asyncpg(self):
        asyncpg = self.need("asyncpg")
        keywords = self.keywords("asyncpg")

        async def make():
            pool = asyncpg.create_pool("postgresql://u@localhost/d", **keywords)
            self.assertEqual((pool._minsize, pool._maxsize), (self.advice["pool_size"], self.total))
        asyncio.run(make())

    def test_node_postgres(self):
        node = self.need_program("node")
        # Debian's modules; NODE_PATH names others, such as those of `npm install pg`.
        paths = os.pathsep.join(filter(None, [os.environ.get("NODE_PATH"), "/usr/share/nodejs"]))
        environment = {**os.environ, "NODE_PATH": paths}
        there = subprocess.run([node, "-e", "require('pg')"], env=environment,
                               stderr=subprocess.DEVNULL)
        if there.returncode:
            self.skipTest("node module pg is not installed")
        script = ("const { Pool } = require('pg');\n" + self.snippets["node-postgres"]
                  + "\nconst client = new pool.Client(pool.options);\n"
                  "console.log(JSON.stringify({ pool: pool.options, client: "
                  "client.connectionParameters }));")
        shown = subprocess.run([node, "-e", script], stdout=subprocess.PIPE, check=True,
                               env=environment)
        found = json.loads(shown.stdout)
        self.assertEqual(found["pool"]["max"], self.total)
        self.assertEqual(found["pool"]["connectionTimeoutMillis"],
                         1000 * self.advice["pool_timeout_s"])
        self.assertEqual(found["pool"]["maxLifetimeSeconds"], self.advice["pool_recycle_s"])
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            self.assertIn("%s: %d," % (name, found["client"][name]),
                          self.snippets["node-postgres"])

    def properties(self, name):
        return dict(line.split("=", 1) for line in self.snippets[name].splitlines()
                    if not line.startswith("#"))

    def test_hikari(self):
        java = self.need_program("java")
        jars = [pathlib.Path("/usr/share/java") / (name + ".jar")
                for name in ("HikariCP", "slf4j-api")]
        if not all(jar.exists() for jar in jars) or not shutil.which("javac"):
            self.skipTest("libhikaricp-java or a JDK is not installed")
        (self.scratch / "hikari.properties").write_text(self.snippets["hikari"])
        (self.scratch / "Read.java").write_text("""
            public class Read {
              public static void main(String[] arguments) {
                com.zaxxer.hikari.HikariConfig c =
                    new com.zaxxer.hikari.HikariConfig("hikari.properties");
                c.setJdbcUrl("jdbc:postgresql://localhost/d");
                c.validate();
                System.out.println(c.getMaximumPoolSize() + " " + c.getMinimumIdle() + " "
                    + c.getConnectionTimeout() + " " + c.getMaxLifetime());
              }
            }""")
        shown = subprocess.run([java, "-cp", ":".join(map(str, jars)), "Read.java"],
                               cwd=self.scratch, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, timeout=120)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertEqual(shown.stdout.split(),
                         [str(self.total), str(self.advice["pool_size"]),
                          "%d" % (1000 * self.advice["pool_timeout_s"]),
                          "%d" % (1000 * self.advice["pool_recycle_s"])])

    def test_spring(self):
        prefix = "spring.datasource.hikari."
        spring = {}
        for key, value in self.properties("spring").items():
            self.assertTrue(key.startswith(prefix))
            name, dot, driver = key[len(prefix):].partition(".")
            name = "data-source" if name == "data-source-properties" else name
            first, *rest = name.split("-")
            spring[first + "".join(word.capitalize() for word in rest) + dot + driver] = value
        self.assertEqual(spring, self.properties("hikari"))

    def go(self, name, types, body):
        gofmt = self.need_program("gofmt")
        text = "package p\n\nfunc f(%s) {\n%s}\n" % (types, body)
        shown = subprocess.run([gofmt, "-e"], input=text, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
        self.assertEqual(shown.returncode, 0, name + ": " + shown.stderr)

    def test_database_sql_is_compiled(self):
        go = self.need_program("go")
        (self.scratch / "main.go").write_text(
            'package main\n\nimport (\n\t"database/sql"\n\t"time"\n)\n\n'
            "func set(db *sql.DB) {\n%s}\n\nfunc main() { _ = set }\n"
            % self.snippets["database-sql"])
        environment = {**os.environ, "GOCACHE": str(self.scratch / "cache"), "GOFLAGS": "-mod=mod",
                       "GO111MODULE": "off"}
        built = subprocess.run([go, "build", "-o", os.devnull, "main.go"], cwd=self.scratch,
                               env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, timeout=280)
        self.assertEqual(built.returncode, 0, built.stdout)

    def test_go(self):
        self.assertIn("MaxConns = %d\n" % self.total, self.snippets["pgx"])
        self.assertIn("SetMaxOpenConns(%d)" % self.total, self.snippets["database-sql"])
        self.go("pgx", "config *pgxpool.Config", self.snippets["pgx"])
        self.go("database-sql", "db *sql.DB", self.snippets["database-sql"])

    def test_rails_is_yaml(self):
        production = self.need("yaml").safe_load(self.snippets["rails"])["production"]
        self.assertEqual(production["pool"], self.total)
        self.assertEqual(production["checkout_timeout"], self.advice["pool_timeout_s"])

    def test_rails(self):
        """What Active Record's own reader of database.yml makes of it."""
        ruby = self.need_program("ruby")
        read = """
            require "yaml"
            begin
              require "active_record"
              require "active_record/database_configurations"
            rescue LoadError
              exit 77
            end
            all = ActiveRecord::DatabaseConfigurations.new(YAML.load(STDIN.read))
            ours = all.configs_for(env_name: "production").first
            puts ours.pool, ours.checkout_timeout, ours.adapter"""
        shown = subprocess.run([ruby, "-e", read], input=self.snippets["rails"], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if shown.returncode == 77:
            self.skipTest("ruby-activerecord is not installed")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        pool, timeout, adapter = shown.stdout.split()
        self.assertEqual((int(pool), float(timeout), adapter),
                         (self.total, self.advice["pool_timeout_s"], "postgresql"))

    def test_docker_compose(self):
        services = self.need("yaml").safe_load(self.snippets["docker-compose"])["services"]
        self.assertNotIn("db", services)  # of a server that is not known, nothing is set
        environment = services["app"]["environment"]
        self.assertTrue(all(isinstance(value, str) for value in environment.values()))
        self.assertEqual(environment["DB_POOL_SIZE"], str(self.advice["pool_size"]))

    def test_prisma(self):
        name, url = self.snippets["prisma"].strip().split("=", 1)
        parsed = urllib.parse.urlparse(url.strip('"'))
        query = dict(urllib.parse.parse_qsl(parsed.query, strict_parsing=True))
        self.assertEqual((name, parsed.scheme), ("DATABASE_URL", "postgresql"))
        self.assertEqual(query["connection_limit"], str(self.total))
        self.assertIsNone(parsed.password)

    def test_postgresql_conf(self):
        postgres = self.need_program("postgres")
        (self.scratch / "postgresql.conf").write_text(self.snippets["postgresql.conf"])
        (self.scratch / "postgresql.auto.conf").write_text("")
        shown = self.as_server_user(postgres, "-D", str(self.scratch), "-C", "max_connections")
        self.assertEqual((shown.returncode, shown.stdout.strip()),
                         (0, str(self.advice["max_connections"])))

    def test_a_server_that_is_large_enough_is_left_alone(self):
        text = subprocess.run([PROGRAM, "size", *ARGUMENTS, "--max-connections", "60"],
                              stdout=subprocess.PIPE, check=True,
                              env={"PATH": os.environ["PATH"]}).stdout
        snippets = json.loads(text)["recommendation"]["snippets"]
        self.assertIn("nothing to change", snippets["postgresql.conf"])
        self.assertNotIn("ALTER SYSTEM", snippets["alter-system"])
        self.assertNotIn("max_connections", snippets["docker-compose"])

    def test_alter_system(self):
        initdb, postgres = self.need_program("initdb"), self.need_program("postgres")
        data = str(self.scratch / "data")
        made = self.as_server_user(initdb, "-D", data, "-A", "trust", "-U", "me", "--no-sync",
                                   "--no-locale", "-E", "UTF8")
        self.assertEqual(made.returncode, 0, made.stdout)
        lines = [line.split("  --")[0] for line in self.snippets["alter-system"].splitlines()]
        ran = self.as_server_user(postgres, "--single", "-D", data, "postgres",
                                  input="\n".join(["CREATE ROLE app;", *lines]) + "\n")
        self.assertNotIn("ERROR", ran.stdout)
        with open(os.path.join(data, "postgresql.auto.conf")) as file:
            written = file.read()
        # Of a server that is not known, nothing is set: it could be lowered.
        self.assertIn("raise it to %d" % self.advice["max_connections"],
                      self.snippets["alter-system"])
        self.assertEqual(written.count(" = "), 0, written)

    def test_pgbouncer(self):
        pgbouncer, psql = self.need_program("pgbouncer"), self.need_program("psql")
        own = ("\nlisten_addr =\nunix_socket_dir = %s\nlisten_port = 6399\nauth_type = any\n"
               "admin_users = me\n[databases]\nd = host=localhost\n" % self.scratch)
        (self.scratch / "pgbouncer.ini").write_text(self.snippets["pgbouncer.ini"] + own)
        command = [pgbouncer, "pgbouncer.ini"]
        if os.getuid() == 0:
            command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] + command
        server = subprocess.Popen(command, cwd=self.scratch, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
        try:
            settings = self.settings_of(server, psql)
        finally:
            server.send_signal(signal.SIGKILL)
            log = server.communicate()[0]
        for word in ("WARNING", "ERROR", "unknown"):
            self.assertNotIn(word, log)
        pooler = self.advice["pooler"]
        for name in ("default_pool_size", "reserve_pool_size", "max_client_conn",
                     "max_db_connections"):
            self.assertEqual(settings[name], str(pooler[name]), name)
        self.assertEqual(settings["pool_mode"], "transaction")

    def settings_of(self, server, psql):
        ask = [psql, "-h", str(self.scratch), "-p", "6399", "-U", "me", "-At", "-F", "=",
               "-c", "SHOW CONFIG", "pgbouncer"]
        end = time.monotonic() + 20
        while True:
            shown = subprocess.run(ask, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            if shown.returncode == 0:
                return dict(line.split("=")[:2] for line in shown.stdout.splitlines())
            if server.poll() is not None or time.monotonic() > end:
                self.fail("pgbouncer: " + shown.stderr)
            time.sleep(0.05)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: test_snippets.py PATH-TO-POOLGAUGE [unittest options]")
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    harness.run_main()
