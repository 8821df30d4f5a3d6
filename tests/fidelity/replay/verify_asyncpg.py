"""Replays the asyncpg vectors on the real Pool with its connection factory replaced."""
import asyncio
import os
import sys
import time

from common import *
import asyncpg, asyncpg.pool as ap


def runner(v):
    rec = Rec()
    conns = Conns(rec, v["env"])
    held = {}

    class Proto:
        queries_count = 0

        def _is_cancelling(self):
            return False

    class Fake:
        def __init__(self, k):
            self.id = "c%d" % k
            self._protocol = Proto()
            self._closed = False
            self.holder = None

        def is_closed(self):
            return self._closed

        def _set_proxy(self, p):
            self.px = p

        def _on_release(self, stacklevel=1):
            pass

        async def reset(self, timeout=None):
            rec.log("reset", conn=self.id)

        def terminate(self):
            self._closed = True
            rec.log("close", conn=self.id)

        async def close(self, timeout=None):
            self._closed = True
            rec.log("close", conn=self.id)

    async def newconn(self):
        k, d, fail = conns.next(cur.get("n", "pool"))
        await asyncio.sleep(d)
        if fail:
            rec.log("connect_fail", conn="c%d" % k)
            raise OSError("connect failed")
        rec.log("connect_ok", conn="c%d" % k)
        return Fake(k)

    cur = {}

    async def main():
        real = ap.Pool._get_new_connection
        ap.Pool._get_new_connection = newconn
        orig = ap.PoolConnectionProxy.__init__
        ap.PoolConnectionProxy.__init__ = lambda self, holder, con: (
            setattr(self, "_con", con),
            setattr(self, "_holder", holder),
            con._set_proxy(self),
        )[0]
        try:
            p = ap.create_pool("postgres://x", max_queries=50000, **v["params"])
            await p

            async def client(name, q):
                while True:
                    b = await q.get()
                    for op in b:
                        if op["op"] == "acquire":
                            cur["n"] = name
                            to = op.get("timeout_ms")
                            try:
                                c = await p.acquire(timeout=to / 1000.0 if to else None)
                            except asyncio.TimeoutError as e:
                                rec.log(
                                    "error", client=name, kind="timeout", message="TimeoutError"
                                )
                            except Exception as e:
                                rec.log(
                                    "error", client=name, kind="connect_error", message=repr(e)
                                )
                            else:
                                held[name] = c
                                rec.log("acquired", client=name, conn=c._con.id)
                        elif op["op"] == "release":
                            await p.release(held.pop(name))

            qs = {}
            tasks = []
            for _, c, _ in group(v["timeline"]):
                if c not in qs:
                    qs[c] = asyncio.Queue()
                    tasks.append(asyncio.create_task(client(c, qs[c])))
            await asyncio.sleep(0.02)
            rec.ev.clear()
            rec.start()
            for t, c, b in group(v["timeline"]):
                x = t / 1000.0 - (time.monotonic() - rec.t0)
                if x > 0:
                    await asyncio.sleep(x)
                qs[c].put_nowait(b)
            await asyncio.sleep(max(0, tail(v) / 1000.0 - (time.monotonic() - rec.t0)))
            for t in tasks:
                t.cancel()
        finally:
            ap.Pool._get_new_connection = real
            ap.PoolConnectionProxy.__init__ = orig
        return list(rec.ev)

    return asyncio.run(main())


if __name__ == "__main__":
    main(["asyncpg.Pool"], runner, "asyncpg " + asyncpg.__version__, lambda v: True)
