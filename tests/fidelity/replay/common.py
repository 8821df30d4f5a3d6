"""Shared replay helpers: event recorder, per-client worker threads, comparator."""
import json
import os
import queue
import re
import sys
import threading
import time


class Rec:
    def __init__(self):
        self.ev = []
        self.lock = threading.Lock()
        self.t0 = time.monotonic()

    def start(self):
        self.t0 = time.monotonic()

    def now(self):
        return (time.monotonic() - self.t0) * 1000.0

    def log(self, event, **kw):
        with self.lock:
            self.ev.append(dict(t_ms=round(self.now(), 1), event=event, **kw))


class Conns:
    """Numbers connection attempts and says how long each takes / whether it fails."""

    def __init__(self, rec, env):
        self.rec, self.env, self.n, self.lock = rec, env, 0, threading.Lock()
        self.dead = set()

    def next(self, by):
        with self.lock:
            self.n += 1
            k = self.n
        cm = self.env.get("connect_ms", 20)
        ms = cm if not isinstance(cm, list) else cm[min(k, len(cm)) - 1]
        fail = k in self.env.get("connect_fail", [])
        self.rec.log("connect_start", conn="c%d" % k, by=by)
        return k, ms / 1000.0, fail


def group(timeline):
    """ops with same t and same client, adjacent, run back to back as one batch"""
    out = []
    for op in timeline:
        if out and out[-1][0] == op["t_ms"] and out[-1][1] == op["client"]:
            out[-1][2].append(op)
        else:
            out.append((op["t_ms"], op["client"], [op]))
    return out


class Client(threading.Thread):
    def __init__(self, name, fn):
        super().__init__(daemon=True, name=name)
        self.q = queue.Queue()
        self.fn = fn

    def run(self):
        while True:
            batch = self.q.get()
            if batch is None:
                return
            for op in batch:
                self.fn(self.name, op)


def drive(rec, timeline, fn, tail_ms):
    """fn(client, op) executes one op in that client's thread"""
    cl = {}
    for _, c, _ in group(timeline):
        if c not in cl:
            cl[c] = Client(c, fn)
            cl[c].start()
    time.sleep(0.02)
    return cl


def run_timeline(rec, cl, timeline, tail_ms):
    for t, c, batch in group(timeline):
        d = t / 1000.0 - (time.monotonic() - rec.t0)
        if d > 0:
            time.sleep(d)
        cl[c].q.put(batch)
    end = tail_ms / 1000.0 - (time.monotonic() - rec.t0)
    if end > 0:
        time.sleep(end)
    for c in cl.values():
        c.q.put(None)


def tail(v):
    ts = [e["t_ms"] for e in v["expect"]] + [o["t_ms"] for o in v["timeline"]]
    return max(ts) + v["tol_ms"] + 60


def compare(v, actual):
    prob, worst = compare1(v, v["expect"], actual)
    if prob and "alt_expect" in v:
        p2, w2 = compare1(v, v["alt_expect"], actual)
        if not p2:
            print("        (race came out the other way)")
            return p2, w2
    return prob, worst


def compare1(v, expect, actual):
    """returns list of problems"""
    prob = []
    obs = set(v["observe"])
    act = [dict(e) for e in actual if e["event"] in obs]
    used = [False] * len(act)
    worst = 0.0
    for x in expect:
        best = None
        for i, a in enumerate(act):
            if used[i] or a["event"] != x["event"]:
                continue
            ok = True
            for k in ("client", "conn", "kind", "ok", "by"):
                if k in x and x[k] != "*" and k in a and a[k] != x[k]:
                    ok = False
            if "message_regex" in x and not re.search(x["message_regex"], a.get("message", "")):
                ok = False
            if "values" in x and any(a["values"].get(k, 0) != w for k, w in x["values"].items()):
                ok = False
            dt = abs(a["t_ms"] - x["t_ms"])
            if ok and dt <= x.get("tol_ms", v["tol_ms"]) and (best is None or dt < best[0]):
                best = (dt, i)
        if best is None:
            prob.append("missing %s" % json.dumps(x))
        else:
            used[best[1]] = True
            worst = max(worst, best[0])
    for i, a in enumerate(act):
        if not used[i]:
            prob.append("unexpected %s" % json.dumps(a))
    return prob, worst


VECTORS = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "vectors", "reference.json"
)


def vectors():
    with open(VECTORS, encoding="utf-8") as file:
        return json.load(file)


def replayed(v, runner, show):
    """Whether the library did what the vector says; prints how it went."""
    actual = runner(v)
    prob, worst = compare(v, actual)
    print("%-7s %s  worst %.1f ms  %s" % (v["id"], "FAIL" if prob else "ok  ", worst, v["name"]))
    for p in prob:
        print("        ", p)
    if prob or show:
        for a in actual:
            print("          ", json.dumps(a))
    return not prob


def main(pools, runner, label, versions_ok):
    """Exit status 0 where every vector of these pools came out as it says."""
    only = [a for a in sys.argv[1:] if not a.startswith("-")]
    good = bad = 0
    for v in vectors():
        if v["pool"] not in pools or (only and v["id"] not in only):
            continue
        if not versions_ok(v):
            print("%-7s SKIP  %s (%s)" % (v["id"], v["name"], v.get("versions")))
        elif replayed(v, runner, "-v" in sys.argv):
            good += 1
        else:
            bad += 1
    print("%s: %d passed, %d failed" % (label, good, bad))
    sys.exit(bad > 0)
