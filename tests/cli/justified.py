"""Whether a report may call itself inconclusive: its reasons, held against its own figures.

Whether a run can be judged depends on what else the machine had to do. A test cannot know that, but
the report says it, with figures; what does not follow from them is an objection.
"""

import re

# The limits of docs/measurement.md, and a little less for the report's rounding.
BUSY = 0.95
LAG_MS, LAG_OF_MEDIAN = 10.0, 0.05
SHORTFALL = 0.01
STOLEN = 0.10
STARVED, STARVED_IDLE, STARVED_TIMES_BUSY = 0.20, 0.04, 1.5
STILL = 0.01
ROUNDING = 0.999


def starved(thread, machine):
    """Whether other programs kept this thread from a processor."""
    used = [machine[who] or 0 for who in ("others", "databases", "own")]
    others = used[0] / sum(used) if sum(used) > 0 else 0
    much = max(STARVED_IDLE, STARVED_TIMES_BUSY * thread["cpu_busy"])
    return thread["run_wait"] * others > ROUNDING * min(STARVED, much)


def paused(report):
    """Seconds of the window in which the load generator itself stood still."""
    window = report["window"]["measured_s"]
    spans = [(each["start_s"], window if each["end_s"] is None else each["end_s"])
             for each in report["standstills"] if each["whose"] == "client"]
    return sum(max(0, min(end, window) - start) for start, end in spans)


def saturation(report):
    """The figures that make a load generator the limit, by name."""
    client, machine = report["client"], report["client"]["machine_cpu"]
    found = []
    if any(thread["cpu_busy"] > ROUNDING * BUSY for thread in client["by_thread"]):
        found.append("busy")
    median = report["latency_ms"]["p50"] or 0
    # Of few starts there is no p99: then the latest one counts.
    lag = client["schedule_lag_p99_ms"] or client["schedule_lag_ms"]["max"] or 0
    if lag > ROUNDING * max(LAG_MS, LAG_OF_MEDIAN * median):
        found.append("late")
    if any(starved(thread, machine) for thread in client["by_thread"]):
        found.append("starved")
    if (machine["stolen"] or 0) > ROUNDING * STOLEN * (machine["processors"] or 1):
        found.append("stolen")
    if paused(report) > 0 and paused(report) > ROUNDING * STILL * report["window"]["measured_s"]:
        found.append("paused")
    return found


def too_few(report, reason):
    """Whether a reason says that the sample is smaller than what it needs."""
    match = re.search(r"but ([\d,]+) are needed", reason)
    return bool(match) and report["latency_ms"]["count"] < int(match.group(1).replace(",", ""))


def objection(report, reason):
    if "load generator could not keep up" in reason or "runs were unusable" in reason:
        known = saturation(report) or report["command"] != "run"
        return None if known else "no figure shows a limited load generator: " + reason
    if report["command"] == "sweep" and reason == "no point was usable":
        used = [point for point in report["curve"]["points"] if point["usable"]]
        return "%d points could be used" % len(used) if used else None
    if "arrival rate was not reached" in reason:
        requests = report["requests"]
        missing = requests["shed"] + requests.get("not_started", 0)
        if missing > SHORTFALL * requests["scheduled"]:
            return None
        return "%d of %d: %s" % (missing, requests["scheduled"], reason)
    if too_few(report, reason):
        return None
    return "not the machine's: " + reason


def objections(report):
    """What speaks against this report's being inconclusive; nothing when it is right."""
    verdict = report["verdict"]
    found = [each for each in (objection(report, reason) for reason in verdict["reasons"]) if each]
    if verdict["status"] != "inconclusive" or not verdict["reasons"]:
        found.append("verdict %s with the reasons %s" % (verdict["status"], verdict["reasons"]))
    if report["client"]["saturated"] and not saturation(report):
        found.append("called saturated, and no figure shows it")
    return found
