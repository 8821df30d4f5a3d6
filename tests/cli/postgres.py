"""A PostgreSQL of the tests' own: a Unix socket in a temporary directory, passwords required."""

import atexit
import glob
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

PASSWORD = "s3cret-Hunter2"
PATIENCE = 300  # seconds after which psql is taken to hang
MAX_CONNECTIONS = 30


def binary(name):
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/" + name), key=_version)
    return found[-1] if found else shutil.which(name)


def _version(path):
    digits = path.split("/")[-3]
    return float(digits) if digits.replace(".", "", 1).isdigit() else 0.0


def shared(settings=None, prepare=None):
    """The server of these settings that the tests of a module share: started when it is first asked
    for, prepared by a function once, gone with the module."""
    key = tuple(sorted((settings or {}).items()))
    if key not in _shared:
        directory = tempfile.mkdtemp(prefix="pgs-")
        os.chmod(directory, 0o755)
        unittest.addModuleCleanup(_shared.pop, key)
        unittest.addModuleCleanup(shutil.rmtree, directory, ignore_errors=True)
        server = Server(directory, settings)
        unittest.addModuleCleanup(server.stop)
        server.start()
        if prepare:
            prepare(server)
        _shared[key] = server
    return _shared[key]


_shared = {}
_made_lock = threading.Lock()
_made_in = {}  # by the directory of the programs


INITDB = ["-U", "tester", "-A", "scram-sha-256", "--no-sync", "--no-locale", "-E", "UTF8"]


def _made(server):
    """A data directory of another version to copy: made once."""
    with _made_lock:
        if server.binaries not in _made_in:
            directory = tempfile.mkdtemp(prefix="pgm-")
            atexit.register(shutil.rmtree, directory, ignore_errors=True)
            if server.user:
                os.chown(directory, server.user["user"], server.user["group"])
            password_file = os.path.join(directory, "pw")
            with open(password_file, "w") as file:
                file.write(PASSWORD + "\n")
            os.chmod(password_file, 0o644)
            data = os.path.join(directory, "data")
            server._run([server.program("initdb"), "-D", data, *INITDB, "--pwfile",
                         password_file])
            _made_in[server.binaries] = data
        return _made_in[server.binaries]


class Server:
    """Role app (the password above) and database app; role and superuser tester likewise."""

    def __init__(self, directory, settings=None, binaries=None):
        """`binaries`: the folder of another version's."""
        self.directory = directory
        self.binaries = binaries
        self.settings = ["%s=%s" % item for item in (settings or {}).items()]
        self.data = os.path.join(directory, "data")
        self.log = open(os.path.join(directory, "log"), "wb")
        self.user = {}
        if os.geteuid() == 0:
            name = next(n for n in ("postgres", "nobody") if self._exists(n))
            entry = pwd.getpwnam(name)
            self.user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            os.chown(directory, entry.pw_uid, entry.pw_gid)
        self.process = None
        self.port = 5432

    @staticmethod
    def _exists(name):
        try:
            pwd.getpwnam(name)
            return True
        except KeyError:
            return False

    def start(self, *settings, port=5432):
        """`settings`: more of its command line, such as "ssl=on"."""
        self.port = port
        self._copy()
        self.process = subprocess.Popen(
            [self.program("postgres"), "-D", self.data, "-k", self.directory, "-p", str(port),
             "-c", "listen_addresses=", "-c", "fsync=off",
             "-c", "max_connections=%d" % MAX_CONNECTIONS,
             *[part for setting in (*settings, *self.settings) for part in ("-c", setting)]],
            stdout=self.log, stderr=self.log, cwd=self.directory, **self.user)
        self._wait_ready(port)

    def _copy(self):
        if os.path.exists(self.data):
            return
        if self.binaries:
            self._run(["cp", "-a", _made(self), self.data])
            return
        import prepared_cluster  # which asks here where the programs are
        programs = prepared_cluster.programs()
        self._run([os.path.join(programs, "initdb"), "-D", self.data, *INITDB, "--pwfile",
                   os.path.join(os.path.dirname(programs), "password")])

    def become_standby(self):
        """Before start(): of any server here of the same version, since all of them begin as copies
        of one data directory. Its primary_conninfo is a setting."""
        self._copy()
        self._run(["touch", os.path.join(self.data, "standby.signal")])

    def program(self, name):
        return os.path.join(self.binaries, name) if self.binaries else binary(name)

    def psql(self, *arguments, **changes):
        """The command and its environment: psql as a role, on this server or a pooler before it."""
        options = changes.pop("options", "")
        return {"args": [binary("psql"), "-XAtq", self.conninfo(**changes), *arguments],
                "env": dict(os.environ, PGOPTIONS=options), "text": True}

    def query(self, sql, check=True, **changes):
        """What psql prints. `changes`: of the connection string, such as user, and `options`."""
        return subprocess.run(
            **self.psql("-v", "ON_ERROR_STOP=1", "-c", sql, **changes), check=check,
            stdout=subprocess.PIPE, stderr=None if check else subprocess.DEVNULL,
            timeout=PATIENCE).stdout.strip()

    def script(self, text):
        """Runs these statements in turn, up to the first that fails."""
        subprocess.run(**self.psql("-v", "ON_ERROR_STOP=1"), input=text, check=True,
                       stdout=subprocess.DEVNULL, timeout=PATIENCE)

    def session(self, sql, application="psql", **changes):
        """A psql that has been given this and stays until end(). An SQL text, or an open file that
        it reads to its end."""
        given = isinstance(sql, str)
        process = subprocess.Popen(
            **self.psql(application_name=application, **changes),
            stdin=subprocess.PIPE if given else sql, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        if given:
            process.stdin.write(sql + "\n")
            process.stdin.flush()
        return process

    def _run(self, command, **more):
        subprocess.run(command, check=True, stdout=self.log, stderr=self.log, cwd=self.directory,
                       timeout=300, **self.user, **more)

    def _wait_ready(self, port):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if os.path.exists(os.path.join(self.directory, ".s.PGSQL.%d" % port)):
                ready = subprocess.run(
                    [binary("pg_isready"), "-q", "-h", self.directory, "-p", str(port)], timeout=60)
                if ready.returncode == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("the tests' PostgreSQL did not start; see its log")

    def conninfo(self, **changes):
        values = {"host": self.directory, "user": "tester", "password": PASSWORD,
                  "dbname": "postgres", "port": "" if self.port == 5432 else str(self.port)}
        values.update(changes)
        return " ".join("%s='%s'" % item for item in values.items() if item[1])

    def reload(self, *assignments):
        """Sets these for the whole server ("a = 1", or "RESET a")."""
        for assignment in assignments:
            word = "" if assignment.startswith("RESET") else "SET "
            self.query("ALTER SYSTEM %s%s" % (word, assignment))
        self.query("SELECT pg_reload_conf()")

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(2)  # fast shutdown
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        self.log.close()
