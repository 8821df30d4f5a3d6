"""Replays the psycopg_pool.* vectors on the real pool with a fake connection class."""
import logging
import os
import sys
import threading
import time
import warnings

warnings.simplefilter("ignore")
from common import *
import psycopg_pool, inspect
from psycopg_pool import (
    ConnectionPool,
    NullConnectionPool,
    PoolTimeout,
    TooManyRequests,
    PoolClosed,
)
from psycopg.pq import TransactionStatus as TS

logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
HAS_CHECK = "check" in inspect.signature(ConnectionPool.__init__).parameters
FILE = psycopg_pool.__file__


class PG:  # stands for conn.pgconn
    transaction_status = TS.IDLE


def make_class(rec, conns):
    class Fake:
        _pool = None
        closed = False
        autocommit = False

        @classmethod
        def connect(cls, conninfo="", **kw):
            n = threading.current_thread().name
            k, d, fail = conns.next("pool" if "worker" in n else n)
            time.sleep(d)
            if fail:
                rec.log("connect_fail", conn="c%d" % k)
                raise OSError("connect failed")
            rec.log("connect_ok", conn="c%d" % k)
            c = cls()
            c.id = "c%d" % k
            c.pgconn = PG()
            c.pgconn.transaction_status = TS.IDLE
            return c

        def rollback(self):
            rec.log("rollback", conn=self.id)
            time.sleep(conns.env.get("rollback_ms", 0) / 1000.0)
            self.pgconn.transaction_status = TS.IDLE

        def close(self):
            rec.log("close", conn=self.id)
            self.pgconn.transaction_status = TS.UNKNOWN
            self.closed = True

        def __enter__(self):
            return self

        def __exit__(self, *a):
            pass

    return Fake


def runner(v):
    rec = Rec()
    conns = Conns(rec, v["env"])
    held = {}
    params = dict(v["params"])
    if params.pop("check", None):

        def check(c):
            ok = c.id not in conns.dead
            rec.log("ping", conn=c.id, ok=ok)
            if not ok:
                c.pgconn.transaction_status = TS.UNKNOWN
                raise OSError("dead")

        params["check"] = check
    cls = {
        "psycopg_pool.ConnectionPool": ConnectionPool,
        "psycopg_pool.NullConnectionPool": NullConnectionPool,
    }[v["pool"]]
    p = cls("", connection_class=make_class(rec, conns), open=False, **params)

    def do(client, op):
        o = op["op"]
        if o == "stat":
            rec.log("stat", values=p.get_stats())
        elif o == "kill":
            conns.dead.add(op["conn"])
        elif o == "acquire":
            try:
                c = p.getconn()
            except PoolTimeout as e:
                rec.log("error", client=client, kind="timeout", message=str(e))
            except TooManyRequests as e:
                rec.log("error", client=client, kind="too_many", message=str(e))
            except Exception as e:
                rec.log("error", client=client, kind="connect_error", message=repr(e))
            else:
                held[client] = c
                rec.log("acquired", client=client, conn=c.id)
        elif o == "release":
            c = held.pop(client)
            st = op.get("state")
            if st == "broken":
                c.pgconn.transaction_status = TS.UNKNOWN
            if st == "intrans":
                c.pgconn.transaction_status = TS.INTRANS
            p.putconn(c)

    cl = drive(rec, v["timeline"], do, 0)
    rec.start()
    p.open()
    run_timeline(rec, cl, v["timeline"], tail(v))
    ev = list(rec.ev)
    rec.log = lambda *a, **k: None
    p.close(timeout=0.5)
    return ev


def ok(v):
    if v["id"] == "pp-15":
        return HAS_CHECK and "3.2.0" not in FILE
    return True


if __name__ == "__main__":
    main(
        ["psycopg_pool.ConnectionPool", "psycopg_pool.NullConnectionPool"],
        runner,
        "psycopg_pool " + FILE.split("/psycopg_pool/")[0].split("/")[-1],
        ok,
    )
