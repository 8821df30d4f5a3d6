"""Replays the sqlalchemy.* vectors on the real pools.  PYTHONPATH selects the version."""
import asyncio
import os
import sys
import threading
import time

from common import *
import sqlalchemy
from sqlalchemy import exc, pool as sapool
from sqlalchemy.pool import base as sabase
from sqlalchemy.util import await_only, greenlet_spawn

VER = sqlalchemy.__version__


class Fake:
    def __init__(self, rec, conns, k, env, slp):
        self.rec, self.c, self.k, self.env, self.slp = rec, conns, k, env, slp
        self.id = "c%d" % k

    def rollback(self):
        self.rec.log("rollback", conn=self.id)
        ms = self.env.get("rollback_ms", 0)
        if ms:
            self.slp(ms / 1000.0)

    def commit(self):
        pass

    def close(self):
        self.rec.log("close", conn=self.id)


class Dialect(sabase._ConnDialect):
    rec = None

    def _ping(self, c):
        ok = c.id not in c.c.dead
        c.rec.log("ping", conn=c.id, ok=ok)
        return ok

    def do_ping(self, c):
        return self._ping(c)

    def _do_ping_w_event(self, c):
        return self._ping(c)


class ADialect(Dialect):
    is_async = True
    has_terminate = False


def make(v, rec, conns, slp, cur):
    env = v["env"]

    def creator():
        k, d, fail = conns.next(cur())
        slp(d)
        if fail:
            rec.log("connect_fail", conn="c%d" % k)
            raise RuntimeError("connect failed")
        rec.log("connect_ok", conn="c%d" % k)
        return Fake(rec, conns, k, env, slp)

    cls = {
        "sqlalchemy.QueuePool": sapool.QueuePool,
        "sqlalchemy.NullPool": sapool.NullPool,
        "sqlalchemy.StaticPool": sapool.StaticPool,
        "sqlalchemy.AsyncAdaptedQueuePool": sapool.AsyncAdaptedQueuePool,
    }[v["pool"]]
    d = ADialect() if "Async" in v["pool"] else Dialect()
    return cls(creator, dialect=d, **v["params"])


def opfn(v, rec, conns, p, held):
    def do(client, op):
        o = op["op"]
        if o == "stat":
            rec.log(
                "stat",
                values=dict(
                    size=p.size(),
                    checkedin=p.checkedin(),
                    checkedout=p.checkedout(),
                    overflow=p.overflow(),
                ),
            )
        elif o == "kill":
            conns.dead.add(op["conn"])
        elif o == "acquire":
            try:
                f = p.connect()
            except exc.TimeoutError as e:
                rec.log("error", client=client, kind="timeout", message=str(e))
            except Exception as e:
                rec.log("error", client=client, kind="connect_error", message=repr(e))
            else:
                held[client] = f
                rec.log("acquired", client=client, conn=f.dbapi_connection.id)
        elif o == "release":
            held.pop(client).close()
        elif o == "invalidate":
            held.pop(client).invalidate()
        else:
            raise ValueError(o)

    return do


def run_threads(v):
    rec = Rec()
    conns = Conns(rec, v["env"])
    held = {}
    p = make(v, rec, conns, time.sleep, lambda: threading.current_thread().name)
    cl = drive(rec, v["timeline"], opfn(v, rec, conns, p, held), 0)
    rec.start()
    run_timeline(rec, cl, v["timeline"], tail(v))
    ev = list(rec.ev)
    rec.log = lambda *a, **k: None
    return ev


async def wait_for_312(aw, timeout):
    if asyncio.iscoroutine(aw) and timeout is not None:
        async with asyncio.timeout(timeout):
            return await aw
    return await asyncio.tasks_wait_for(aw, timeout)


def run_async(v):
    rec = Rec()
    conns = Conns(rec, v["env"])
    held = {}

    async def main():
        cur = {"n": "?"}
        slp = lambda s: await_only(asyncio.sleep(s))
        p = make(v, rec, conns, slp, lambda: asyncio.current_task().get_name())
        do = opfn(v, rec, conns, p, held)
        qs = {}

        async def client(name):
            while True:
                b = await qs[name].get()
                if b is None:
                    return

                def batch():
                    for op in b:
                        do(name, op)

                await greenlet_spawn(batch)

        tasks = []
        for _, c, _ in group(v["timeline"]):
            if c not in qs:
                qs[c] = asyncio.Queue()
                tasks.append(asyncio.create_task(client(c), name=c))
        await asyncio.sleep(0.02)
        rec.start()
        for t, c, b in group(v["timeline"]):
            d = t / 1000.0 - (time.monotonic() - rec.t0)
            if d > 0:
                await asyncio.sleep(d)
            qs[c].put_nowait(b)
        d = tail(v) / 1000.0 - (time.monotonic() - rec.t0)
        await asyncio.sleep(max(0, d))
        ev = list(rec.ev)
        rec.log = lambda *a, **k: None
        for t in tasks:
            t.cancel()
        return ev

    real = asyncio.wait_for
    asyncio.tasks_wait_for = real
    if v["env"].get("python_wait_for") == "3.12":
        asyncio.wait_for = wait_for_312
    try:
        return asyncio.run(main())
    finally:
        asyncio.wait_for = real


def runner(v):
    return run_async(v) if "Async" in v["pool"] else run_threads(v)


def ok(v):
    return not v.get("versions") or any(VER.startswith(x) for x in v["versions"])


if __name__ == "__main__":
    if "--race" in sys.argv:
        vs = {v["id"]: v for v in vectors()}
        for i in ("sa-09", "sa-10"):
            n = good = 0
            for _ in range(40):
                n += 1
                good += not compare1(vs[i], vs[i]["expect"], runner(vs[i]))[0]
            print(i, "as stated in", good, "of", n)
    else:
        main(
            [
                "sqlalchemy.QueuePool",
                "sqlalchemy.NullPool",
                "sqlalchemy.StaticPool",
                "sqlalchemy.AsyncAdaptedQueuePool",
            ],
            runner,
            "SQLAlchemy " + VER,
            ok,
        )
