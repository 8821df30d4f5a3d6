"""How busy others keep the machine: steal time, and the run queue that other programs fill."""

import ctypes
import os
import resource
import time

STOLEN = 0.05  # of the processors' time: beyond it a measurement is the machine's
QUEUED = 0.10  # of the time in which somebody waited for a processor because of others
PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """Processes that our children leave behind become ours, so that their time is known."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


class Look:
    """The machine's counters at one moment, in seconds."""

    def __init__(self):
        self.at = time.monotonic()
        with open("/proc/stat") as file:
            lines = file.readlines()
        ticks = [int(word) / os.sysconf("SC_CLK_TCK") for word in lines[0].split()[1:9]]
        user, nice, system, idle, iowait, irq, softirq, self.stolen = ticks
        self.busy = user + nice + system + irq + softirq
        self.all = self.busy + idle + iowait + self.stolen
        self.queued = queued_seconds()
        self.own = sum(sum(resource.getrusage(who)[:2])
                       for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def queued_seconds():
    """Time in which at least one task waited for a processor; None where the kernel keeps none."""
    try:
        with open("/proc/pressure/cpu") as file:
            return int(file.readline().rpartition("total=")[2]) / 1e6
    except (OSError, ValueError):
        return None


def business(before, after):
    """Why what was measured between two looks says little: a text, or None on a quiet machine."""
    whole = max(after.all - before.all, 1e-9)
    stolen = (after.stolen - before.stolen) / whole
    busy = max(after.busy - before.busy, 1e-9)
    others = max(0.0, busy - (after.own - before.own))
    if before.queued is None or after.queued is None:
        queued = 1.0 if busy / whole > 0.9 else 0.0  # all processors taken: somebody waited
    else:
        queued = (after.queued - before.queued) / max(after.at - before.at, 1e-9)
    queued_by_others = min(1.0, queued) * others / busy
    reasons = []
    if stolen > STOLEN:
        reasons.append("%.0f %% steal time" % (100 * stolen))
    if queued_by_others > QUEUED:
        reasons.append("other programs used %.1f processors, and tasks queued for %.0f %% of the "
                       "time" % (others / max(after.at - before.at, 1e-9), 100 * min(1.0, queued)))
    return ", ".join(reasons) or None
