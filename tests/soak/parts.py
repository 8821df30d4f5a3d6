#!/usr/bin/env python3
"""Whether the parts of a run add up: against one process, at the start, and when one is killed.

usage: parts.py PATH-TO-POOLGAUGE [--only whole|skew|delay|killed] [--trials 3]

  whole   four parts, each with a quarter, beside one process with all of it: an open load, a closed
          one, and a replay; counts exact, percentiles those of one histogram of all values,
          throughput within 2 %
  skew    how far apart the first requests of four parts reach the server: at most 2 ms
  delay   the same through a relay with a round trip of 20 ms: at most the clocks' error + 2 ms
  killed  a part is killed in each phase: the others end, the merge names it, the books are exact

Prints a line for each and exits 1 when one was not reached.
"""

import argparse
import asyncio
import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))

import postgres  # noqa: E402

PARTS = 4
PATIENCE_S = 120
postgres.MAX_CONNECTIONS = 200
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ALLOWED = ["--allow-writes", "--allow-setup"]


def clean():
    return {key: value for key, value in os.environ.items()
            if not key.startswith(("PG", "POOLGAUGE_"))}


class Bench:
    def __init__(self, program, server, scratch):
        self.program, self.server, self.scratch = program, server, scratch
        self.wrong = 0

    def path(self, name):
        return os.path.join(self.scratch, name)

    def load(self, name):
        with open(self.path(name)) as file:
            return json.load(file)

    def write(self, name, content):
        with open(self.path(name), "w") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return self.path(name)

    def begin(self, *arguments):
        return subprocess.Popen([self.program, *arguments], cwd=self.scratch, env=clean(),
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)

    def run(self, *arguments):
        process = self.begin(*arguments)
        err = process.communicate(timeout=PATIENCE_S)[1]
        return process.returncode, err

    def part(self, number, scenario, *flags, target=None):
        return self.begin("run", scenario, "--target", target or self.server.conninfo(), *ALLOWED,
                          "--part", "%d/%d" % (number, PARTS), "--json", "part-%d.json" % number,
                          *flags)

    def parts(self, scenario, *flags):
        started = [self.part(n + 1, scenario, *flags) for n in range(PARTS)]
        ended = [(process.communicate(timeout=PATIENCE_S)[1], process.returncode)
                 for process in started]
        bad = [each for each in ended if each[1] not in (0, 12)]
        if bad:
            raise RuntimeError(bad)
        return [self.load("part-%d.json" % (n + 1)) for n in range(PARTS)]

    def merge(self, numbers=range(1, PARTS + 1)):
        status, err = self.run("merge", *("part-%d.json" % n for n in numbers), "--json",
                               "whole.json", "--out", "merged")
        if status not in (0, 10, 12, 13):
            raise RuntimeError(err)
        return self.load("whole.json")

    def say(self, good, line):
        print("%-4s %s" % ("ok" if good else "FAIL", line), flush=True)
        self.wrong += not good


def counts_of(histogram):
    """{bucket: count} of HdrHistogram's V2 encoding."""
    packed = base64.b64decode(histogram["hdr"])
    plain = zlib.decompress(packed[8:])[40:]
    counts, at, index = {}, 0, 0
    while at < len(plain):
        value, shift = 0, 0
        while True:
            byte = plain[at]
            at += 1
            value |= (byte & (0xFF if shift == 56 else 0x7F)) << shift
            shift += 7
            if byte < 0x80 or shift == 63:
                break
        number = (value >> 1) ^ -(value & 1)
        if number > 0:
            counts[index] = number
        index += -number if number < 0 else 1
    return counts


def bucket_middle(index, bits=10):
    """In nanoseconds, of the layout with 2^bits buckets in each octave."""
    if index < 2 << bits:
        return index
    octave = (index >> bits) - 1
    return ((index - (octave << bits)) << octave) + ((1 << octave) - 1) / 2


def percentile_ms(ended, ages, q):
    """The product-limit estimate: who was in flight at the end counts for as long as it was seen,
    and stays at risk in the bucket of its age. None: that far nothing was seen to end."""
    at_risk, survival = sum(ended.values()) + sum(ages.values()), 1.0
    young = sorted(ages)
    for index in sorted(ended):
        while young and young[0] < index:
            at_risk -= ages[young.pop(0)]
        survival *= (at_risk - ended[index]) / at_risk
        at_risk -= ended[index]
        if survival <= 1 - q + 1e-12:
            return bucket_middle(index) / 1e6
    return None


def one_histogram(histograms, name):
    """Of all parts' lists of histograms."""
    total = {}
    for kept in (each for of_part in histograms for each in of_part if each["name"] == name):
        for index, count in counts_of(kept).items():
            total[index] = total.get(index, 0) + count
    return total


def check_sum(bench, what, parts, whole):
    exact = all(whole["requests"][name] == sum(part["requests"][name] for part in parts)
                for name in ("scheduled", "completed", "failed", "shed", "in_flight"))
    worst = 0
    for name, figures in (("latency", whole["latency_ms"]), ("pool_wait", whole["pool_wait_ms"])):
        ended = one_histogram((part["histograms"] for part in parts), name)
        ages = one_histogram((part.get("in_flight", {}).get("histograms", [])
                              for part in parts), name)
        for q, key in ((0.5, "p50"), (0.9, "p90"), (0.95, "p95"), (0.99, "p99")):
            if figures[key]:
                apart = abs(percentile_ms(ended, ages, q) / figures[key] - 1)
                worst = max(worst, apart)
    good = exact and worst < 1e-5  # six digits are written
    bench.say(good, "%s: counts %s, merged percentiles within %.1e of one histogram" % (
        what, "exact" if exact else "NOT exact", worst))


def whole_runs(bench, trials):
    arrivals = bench.write("arrivals.csv", "at\n" + "".join(
        "%.6f\n" % (i / 500 + (i * 7 % 13) / 1e4) for i in range(6000)))
    processes = ["--processes", str(PARTS), "--duration", "10s", "--warmup", "2s"]
    pool = ["--pool", "sqlalchemy-async", "--pool-size", "5"]
    loads = (
        ("select-only, 2,000/s", "select-only.json", ["--rate", "2000", *pool]),
        ("chat-100, 100 users", "chat-100.json", ["--pool-size", "5", "--max-overflow", "10"]),
        ("a replay, 500/s", "select-only.json", ["--replay", arrivals, *pool]))
    for what, scenario, flags in loads:
        for trial in range(trials):
            file = os.path.join(SOURCE, "scenarios", scenario)
            flags_of = [*flags, *processes, "--seed", str(trial + 1)]
            status, err = bench.run("run", file, "--target", bench.server.conninfo(), *ALLOWED,
                                    "--json", "one.json", *flags_of)
            if status not in (0, 10, 12):
                raise RuntimeError(err)
            one = bench.load("one.json")
            parts = bench.parts(file, *flags_of)
            whole = bench.merge()
            check_sum(bench, what, parts, whole)
            apart = whole["throughput_per_s"] / one["throughput_per_s"] - 1
            arrived = [report["requests"]["scheduled"] - report["requests"]["carried_in"]
                       for report in (whole, one)]  # in the window, by the schedule alone
            same = arrived[0] == arrived[1]
            closed = "users" in what
            # Where arrivals were not served, the throughput is the machine's.
            behind = not closed and any(
                report["requests"]["completed"] < 0.99 * count
                for report, count in zip((whole, one), arrived))
            bench.say((behind or abs(apart) <= 0.02) and (same or closed),
                      "%s: %.1f/s in parts, %.1f/s in one (%+.2f %%); %d and %d arrivals%s" % (
                          what, whole["throughput_per_s"], one["throughput_per_s"], apart * 100,
                          *arrived, "; throughput not judged: the machine did not serve them all"
                          if behind else ""))


MADE = ("SET client_min_messages = warning; DROP TABLE IF EXISTS seen; "
        "CREATE TABLE seen (n int, at timestamptz)")
SEEN = {"version": 1, "name": "seen", "load": {"burst": PARTS, "every": "1s"}, "warmup": "0s",
        "duration": "4s",
        "deployment": {"processes": PARTS, "pool": {"kind": "sqlalchemy-async", "pool_size": 1}},
        "requests": [{"name": "ask", "steps": [{"name": "one", "protocol": "simple", "sql":
                      "INSERT INTO seen SELECT current_setting('parts.number')::int, "
                      "clock_timestamp()"}]}]}


def first_requests(bench):
    """When each part's requests reached the server, in milliseconds, by second of the run. Without
    the first second, whose requests open the connections."""
    rows = bench.server.query("SELECT n, extract(epoch FROM at) * 1000 FROM seen ORDER BY at")
    times = [(int(row.split("|")[0]), float(row.split("|")[1])) for row in rows.splitlines()]
    begin = times[0][1]
    seconds = {}
    for number, at in times:
        seconds.setdefault(round((at - begin) / 1000), {})[number] = at
    return {second: each for second, each in seconds.items() if second and len(each) == PARTS}


def check_skew(bench, what, parts, floor):
    seconds = first_requests(bench)
    apart = sorted(max(each.values()) - min(each.values()) for each in seconds.values())
    error = 2 * max(part["part"]["clock_offset"]["error_ms"] for part in parts) if floor else 0
    offsets = [part["part"]["clock_offset"]["ms"] for part in parts]
    good = len(apart) >= 2 and apart[len(apart) // 2] <= error + 2
    bench.say(good, "%s: requests of one instant reach the server %s ms apart; clocks compared to "
              "within %.3f ms, offsets %.3f ms apart" % (
                  what, "/".join("%.2f" % each for each in apart), max(
                      part["part"]["clock_offset"]["error_ms"] for part in parts),
                  max(offsets) - min(offsets)))


def run_seen(bench, trials, what, conninfo, floor):
    scenario = bench.write("seen.json", SEEN)
    for _ in range(trials):
        bench.server.query(MADE)
        started = [bench.part(n, scenario, target=conninfo + " options='-c parts.number=%d'" % n)
                   for n in range(1, PARTS + 1)]
        for process in started:
            err = process.communicate(timeout=PATIENCE_S)[1]
            if process.returncode not in (0, 12):
                raise RuntimeError(err)
        parts = [bench.load("part-%d.json" % n) for n in range(1, PARTS + 1)]
        check_skew(bench, what, parts, floor)


def skew(bench, trials):
    run_seen(bench, trials, "on one machine", bench.server.conninfo(), False)


class FarAway:
    """A TCP port of this machine before a server's socket: each packet takes 10 ms, both ways."""

    ONE_WAY_S = 0.010

    def __init__(self, socket):
        self.socket, self.loop = socket, asyncio.new_event_loop()
        self.listener = self.loop.run_until_complete(
            asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.port = self.listener.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    async def pump(self, source, sink):
        while data := await source.read(65536):
            self.loop.call_later(self.ONE_WAY_S, sink.write, data)
        self.loop.call_later(self.ONE_WAY_S, sink.close)

    async def serve(self, reader, writer):
        near_reader, near_writer = await asyncio.open_unix_connection(self.socket)
        await asyncio.gather(self.pump(reader, near_writer), self.pump(near_reader, writer))


def delay(bench, trials):
    far = FarAway(os.path.join(bench.server.directory, ".s.PGSQL.5432"))
    run_seen(bench, trials, "20 ms away",
             "host=127.0.0.1 port=%d dbname=postgres user=tester password=%s" % (
                 far.port, postgres.PASSWORD), True)


# The line that its own progress shows when the phase begins, and which part is killed then.
PHASES = (("while it sets up", 1, "running the setup files"),
          ("while it waits for the setup", 3, "waiting for part 1 to set up"),
          ("while it waits for the others", 3, "waiting for all"),
          ("in the warm-up", 3, " %, "),
          ("in the window", 3, "50 %"),
          ("in the window, the leading part", 1, "50 %"))


def killed(bench, _trials):
    bench.write("slow.sql", "CREATE TABLE IF NOT EXISTS made (n int);\nSELECT pg_sleep(1);\n")
    scenario = bench.write("killed.json", dict(
        SEEN, name="killed", load={"rate": 200, "arrivals": "constant"}, warmup="2s",
        duration="8s", data={"setup": ["slow.sql"]},
        requests=[{"name": "ask", "steps": [{"name": "one", "sql": "SELECT 1"}]}]))
    for what, victim, line in PHASES:
        for name in ["part-%d.json" % n for n in range(1, PARTS + 1)]:
            if os.path.exists(bench.path(name)):
                os.remove(bench.path(name))
        started = {n: bench.part(n, scenario, "--progress", "plain", "--join", "5s")
                   for n in range(1, PARTS + 1)}
        for said in started[victim].stderr:
            if line in said:
                break
        started[victim].send_signal(signal.SIGKILL)
        others = [n for n in started if n != victim]
        codes = []
        for n in others:
            started[n].communicate(timeout=PATIENCE_S)
            codes.append(started[n].returncode)
        started[victim].communicate()
        if all(code == 3 for code in codes):
            bench.say("in the" not in what, "killed %s: the others end with status 3" % what)
            continue
        whole = bench.merge(others)
        books = whole["requests"]
        due = books["scheduled"] - books["carried_in"]  # in the window
        exact = due == 1200 and books["scheduled"] == sum(
            bench.load("part-%d.json" % n)["requests"]["scheduled"] for n in others)
        named = "part %d of 4 is missing" % victim in " ".join(whole["verdict"]["reasons"])
        bench.say(set(codes) <= {0, 12} and exact and named,
                  "killed %s: the others end with %s; merged: %d of 1,200 scheduled; %s" % (
                      what, codes, due, whole["verdict"]["reasons"][-1:]))


CASES = {"whole": whole_runs, "skew": skew, "delay": delay, "killed": killed}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--only", choices=CASES)
    parser.add_argument("--trials", type=int, default=3)
    options = parser.parse_args()
    scratch = tempfile.mkdtemp(prefix="pgparts-")
    os.chmod(scratch, 0o755)
    server = postgres.Server(scratch)
    try:
        server.start()
        bench = Bench(os.path.abspath(options.program), server, scratch)
        for name, case in CASES.items():
            if options.only in (None, name):
                case(bench, options.trials)
    finally:
        server.stop()
        shutil.rmtree(scratch, ignore_errors=True)
    sys.exit(1 if bench.wrong else 0)


if __name__ == "__main__":
    main()
