#!/usr/bin/env python3
"""Runs pgbench and poolgauge in turn on one server and compares throughput and client CPU.

Started by scripts/bench, which provides the server.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass

LEAST_THROUGHPUT = 1.0
MOST_CPU = 1.05
ANSWERED = (0, 10, 12)  # the run was measured: goals met, missed, or inconclusive


@dataclass
class Sample:
    tps: float
    cpu_us: float  # user + system time of the whole process for one transaction
    worker_cpu_us: float  # the same of the measuring threads alone, where it is known


def fail(message):
    sys.exit(f"bench: {message}")


def run(command):
    """Runs it to its end: (exit status, standard output, CPU seconds of the process)."""
    with tempfile.TemporaryFile(mode="w+") as out, tempfile.TemporaryFile(mode="w+") as err:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, wait_status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(wait_status)
        out.seek(0)
        err.seek(0)
        text, errors = out.read(), err.read()
    if process.returncode not in ANSWERED:
        fail(f"{' '.join(command)}\nended with status {process.returncode}\n{errors}{text}")
    return text, usage.ru_utime + usage.ru_stime


def number(pattern, text):
    match = re.search(pattern, text)
    if match is None:
        fail(f"no {pattern} in the output of pgbench:\n{text}")
    return float(match.group(1))


def run_pgbench(options, clients):
    text, cpu_s = run(
        [options.pgbench, "-h", options.socket, "-U", "postgres", "-S", "-M", "prepared", "-n"]
        + ["-j", "1", "-c", str(clients), "-T", str(options.seconds), "postgres"]
    )
    transactions = number(r"transactions actually processed: (\d+)", text)
    tps = number(r"tps = ([\d.]+)", text)
    cpu_us = cpu_s / transactions * 1e6
    return Sample(tps, cpu_us, cpu_us)


def run_poolgauge(options, clients):
    with tempfile.TemporaryDirectory() as directory:
        file = os.path.join(directory, "report.json")
        _, cpu_s = run(
            [options.poolgauge, "run", options.scenario]
            + ["--target", f"host={options.socket} user=postgres dbname=postgres"]
            + ["--allow-writes"]
            + ["--users", str(clients), "--duration", f"{options.seconds}s", "--warmup", "0s"]
            + ["--threads", "1", "--progress", "none", "--no-probe", "--quiet"]
            + ["--out", directory, "--json", file]
        )
        with open(file, encoding="utf-8") as report_file:
            report = json.load(report_file)
    requests = report["requests"]
    if requests["completed"] == 0 or requests["failed"] != 0:
        fail(f"poolgauge completed {requests['completed']} and failed {requests['failed']}")
    completed = requests["completed"]
    worker_cpu_s = report["client"]["cpu_s"]
    return Sample(
        report["throughput_per_s"], cpu_s / completed * 1e6, worker_cpu_s / completed * 1e6
    )


def median(values):
    return statistics.median(list(values))


def compare(options, clients):
    """Runs the rounds and returns one line of the table with its two ratios."""
    theirs, ours = [], []
    for _ in range(options.rounds):
        theirs.append(run_pgbench(options, clients))
        ours.append(run_poolgauge(options, clients))
    pairs = list(zip(ours, theirs))
    throughput = median(a.tps / b.tps for a, b in pairs)
    cpu = median(a.cpu_us / b.cpu_us for a, b in pairs)
    worker_cpu = median(a.worker_cpu_us / b.cpu_us for a, b in pairs)
    print(
        f"{clients:7d}  {throughput:10.3f}  {cpu:7.3f}  {worker_cpu:7.3f}"
        f"  {median(s.tps for s in theirs):11,.0f}  {median(s.tps for s in ours):11,.0f}"
        f"  {median(s.cpu_us for s in theirs):8.2f}  {median(s.cpu_us for s in ours):8.2f}",
        flush=True,
    )
    return throughput, cpu


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    for name in ("pgbench", "poolgauge", "scenario", "socket"):
        parser.add_argument(f"--{name}", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (default: 3)")
    parser.add_argument("--seconds", type=int, default=5, help="length of a run (default: 5)")
    parser.add_argument("--clients", default="8,64,200", help="default: 8,64,200")
    parser.add_argument("--assert", dest="judge", action="store_true", help="judge the ratios")
    return parser.parse_args()


def main():
    options = parse_arguments()
    initialise = [options.pgbench, "-h", options.socket, "-U", "postgres", "-i", "-s", "1", "-q"]
    run(initialise + ["postgres"])
    print(
        f"select-only, one thread, {options.seconds} s each in turn, {options.rounds} times.\n"
        "Ratios: poolgauge / pgbench, medians of the pairs. CPU: user + system for a transaction,\n"
        "of the whole process; workers: of poolgauge's measuring threads alone.\n\n"
        f"{'clients':>7}  {'throughput':>10}  {'CPU':>7}  {'workers':>7}"
        f"  {'pgbench tps':>11}  {'our tps':>11}  {'µs':>8}  {'our µs':>8}"
    )
    missed = []
    for clients in [int(word) for word in options.clients.split(",")]:
        throughput, cpu = compare(options, clients)
        if throughput < LEAST_THROUGHPUT:
            missed.append(f"{clients} clients: throughput {throughput:.3f} < {LEAST_THROUGHPUT}")
        if cpu > MOST_CPU:
            missed.append(f"{clients} clients: CPU {cpu:.3f} > {MOST_CPU}")
    for line in missed:
        print(f"missed   {line}")
    return 1 if options.judge and missed else 0


if __name__ == "__main__":
    sys.exit(main())
