"""Replays the pgbouncer.* vectors on a real PgBouncer before a fake PostgreSQL server (asyncio)."""
import asyncio
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from common import *

BIN = os.environ.get("PGBOUNCER", shutil.which("pgbouncer") or "/usr/sbin/pgbouncer")
# PgBouncer does not run as root.
AS_NOBODY = (
    ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
)


def msg(t, b=b""):
    return t + struct.pack("!I", len(b) + 4) + b


def cstr(s):
    return s.encode() + b"\0"


class FakeServer:
    def __init__(self, rec, env):
        self.rec, self.env, self.n = rec, env, 0
        self.open = {}

    async def handle(self, r, w):
        try:
            await self._handle(r, w)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            w.close()

    async def _handle(self, r, w):
        while True:
            n = struct.unpack("!I", await r.readexactly(4))[0]
            body = await r.readexactly(n - 4)
            code = struct.unpack("!I", body[:4])[0]
            if code in (80877103, 80877104):
                w.write(b"N")
                continue
            if code == 80877102:
                return
            break
        self.n += 1
        k = self.n
        cid = "c%d" % k
        self.rec.log("connect_start", conn=cid, by="pool")
        cm = self.env.get("connect_ms", 20)
        ms = 20 if k == 1 else (cm if not isinstance(cm, list) else cm[min(k, len(cm)) - 1])
        await asyncio.sleep(ms / 1000.0)
        if k in self.env.get("connect_fail", []):
            self.rec.log("connect_fail", conn=cid)
            w.write(msg(b"E", b"SFATAL\0C57P03\0Mnot now\0\0"))
            await w.drain()
            return
        out = msg(b"R", struct.pack("!I", 0))
        for a, b in (
            ("server_version", "15.0"),
            ("client_encoding", "UTF8"),
            ("DateStyle", "ISO, MDY"),
            ("TimeZone", "UTC"),
            ("standard_conforming_strings", "on"),
            ("server_encoding", "UTF8"),
            ("integer_datetimes", "on"),
            ("IntervalStyle", "postgres"),
        ):
            out += msg(b"S", cstr(a) + cstr(b))
        out += msg(b"K", struct.pack("!II", k, 1)) + msg(b"Z", b"I")
        self.rec.log("connect_ok", conn=cid)
        w.write(out)
        st = b"I"
        self.open[cid] = w
        try:
            while True:
                t = await r.readexactly(1)
                n = struct.unpack("!I", await r.readexactly(4))[0]
                b = await r.readexactly(n - 4)
                if t == b"X":
                    self.rec.log("close", conn=cid)
                    return
                if t != b"Q":
                    continue
                q = b[:-1].decode().strip().rstrip(";")
                if q.startswith("BEGIN"):
                    st = b"T"
                    w.write(msg(b"C", cstr("BEGIN " + cid)) + msg(b"Z", st))
                elif q.startswith("COMMIT"):
                    st = b"I"
                    w.write(msg(b"C", cstr("COMMIT")) + msg(b"Z", st))
                elif q in ("", "select 1", "SELECT 1"):
                    self.rec.log("ping", conn=cid, ok=True)
                    await asyncio.sleep(self.env.get("ping_ms", 0) / 1000.0)
                    w.write(
                        (msg(b"I") if q == "" else msg(b"C", cstr("SELECT 1"))) + msg(b"Z", st)
                    )
                elif q.upper().startswith("DISCARD"):
                    self.rec.log("reset", conn=cid)
                    await asyncio.sleep(self.env.get("reset_ms", 0) / 1000.0)
                    w.write(msg(b"C", cstr("DISCARD ALL")) + msg(b"Z", st))
                else:
                    w.write(msg(b"C", cstr("SET")) + msg(b"Z", st))
        except asyncio.IncompleteReadError:
            self.rec.log("close", conn=cid)


class PgClient:
    def __init__(self, name, port, rec):
        self.name, self.port, self.rec = name, port, rec
        self.q = asyncio.Queue()

    async def login(self):
        self.r, self.w = await asyncio.open_connection("127.0.0.1", self.port)
        b = (
            struct.pack("!I", 196608)
            + cstr("user")
            + cstr("u")
            + cstr("database")
            + cstr("db")
            + b"\0"
        )
        self.w.write(struct.pack("!I", len(b) + 4) + b)
        await self.until_ready()

    async def until_ready(self):
        tag = None
        while True:
            t = await self.r.readexactly(1)
            n = struct.unpack("!I", await self.r.readexactly(4))[0]
            b = await self.r.readexactly(n - 4)
            if t == b"E":
                raise RuntimeError(b.replace(b"\0", b" ").decode())
            if t == b"C":
                tag = b[:-1].decode()
            if t == b"Z":
                return tag

    async def run(self):
        while True:
            batch = await self.q.get()
            for op in batch:
                try:
                    if op["op"] == "acquire":
                        self.w.write(msg(b"Q", cstr("BEGIN")))
                        tag = await self.until_ready()
                        self.rec.log("acquired", client=self.name, conn=tag.split()[1])
                    elif op["op"] == "release":
                        self.w.write(msg(b"Q", cstr("COMMIT")))
                        await self.until_ready()
                    elif op["op"] == "disconnect":
                        self.w.write(msg(b"X"))
                        await self.w.drain()
                        self.w.close()
                except (RuntimeError, asyncio.IncompleteReadError, ConnectionError) as e:
                    self.rec.log(
                        "error",
                        client=self.name,
                        kind="timeout" if "query_wait_timeout" in str(e) else "other",
                        message=str(e),
                    )


def free_port():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    p = s.getsockname()[1]
    s.close()
    return p


async def arun(v):
    rec = Rec()
    fs = FakeServer(rec, v["env"])
    srv = await asyncio.start_server(fs.handle, "127.0.0.1", 0)
    sp = srv.sockets[0].getsockname()[1]
    pp = free_port()
    d = tempfile.mkdtemp(prefix="pgb")
    os.chmod(d, 0o777)
    open(d + "/users", "w").write('"u" "x"\n')
    prm = dict(v["params"])
    dbp = ""
    if "pool_size" in prm:
        dbp = " pool_size=%d" % prm.pop("pool_size")
    ini = (
        "[databases]\ndb = host=127.0.0.1 port=%d%s\n[pgbouncer]\nlisten_addr=127.0.0.1\n"
        "listen_port=%d\nauth_type=trust\nauth_file=%s/users\nunix_socket_dir=\npool_mode=%s\n"
        "logfile=%s/log\n"
    ) % (sp, dbp, pp, d, v["pool"].split(".")[1], d)
    for k, x in prm.items():
        ini += "%s=%s\n" % (k, x)
    open(d + "/ini", "w").write(ini)
    os.chmod(d + "/users", 0o644)
    os.chmod(d + "/ini", 0o644)
    pr = subprocess.Popen(
        AS_NOBODY + [BIN, "-q", d + "/ini"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            try:
                r, w = await asyncio.open_connection("127.0.0.1", pp)
                w.close()
                break
            except OSError:
                await asyncio.sleep(0.02)
        cl = {}
        for _, c, _ in group(v["timeline"]):
            if c in cl or c in ("S", "env"):
                continue
            if v["pool"].endswith("session") and cl:
                continue  # a login alone takes no server, but logins shall be short
            cl[c] = PgClient(c, pp, rec)
        for _, c, _ in group(v["timeline"]):
            if c not in cl and c not in ("S", "env"):
                cl[c] = PgClient(c, pp, rec)
        for c in cl.values():
            await c.login()
        await asyncio.sleep(0.4)
        tasks = [asyncio.create_task(c.run()) for c in cl.values()]
        rec.ev.clear()
        rec.start()
        for t, c, b in group(v["timeline"]):
            x = t / 1000.0 - (time.monotonic() - rec.t0)
            if x > 0:
                await asyncio.sleep(x)
            if c == "env":
                for op in b:
                    fs.open[op["conn"]].close()
                continue
            cl[c].q.put_nowait(b)
        x = tail(v) / 1000.0 - (time.monotonic() - rec.t0)
        await asyncio.sleep(max(0, x))
        ev = list(rec.ev)
        rec.log = lambda *a, **k: None
        for t in tasks:
            t.cancel()
        for c in cl.values():
            c.w.close()
    finally:
        pr.send_signal(signal.SIGTERM)
        pr.wait(10)
        srv.close()
        if "-v" in sys.argv:
            print(open(d + "/log").read()[-3000:])
        shutil.rmtree(d, ignore_errors=True)
    return ev


def runner(v):
    return asyncio.run(arun(v))


if __name__ == "__main__":
    ver = subprocess.run([BIN, "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    main(["pgbouncer.transaction", "pgbouncer.session"], runner, ver, lambda v: True)
