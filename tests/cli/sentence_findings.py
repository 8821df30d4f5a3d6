"""The figures of findings and verdicts: what a diagnosis derives from the rest of the JSON."""

import math

import sentence_figures as f


def difference_s(whole_ms, part_ms):
    """Of two figures with six digits each: what may be left of them, in seconds."""
    slack = (abs(whole_ms) + abs(part_ms)) * 5e-6
    left = max(0.0, whole_ms - part_ms)
    return [max(0.0, left + k * slack / 4) / 1e3 for k in range(-4, 5)]


def released(report):
    """A request's time with a connection without its holds, and with them."""
    whole = report["connection_time_ms"]["mean"]
    return [difference_s(whole, report["breakdown_ms"]["hold"]), whole / 1e3]


def demand(report):
    """Connections that would leave nobody waiting: all, in use, and waiting at that moment."""
    pool = max(report["pools"], key=lambda one: one["peak_waiting"])
    most = pool.get("peak_demand", pool["peak_checked_out"] + pool["peak_waiting"])  # older reports
    in_use = min(pool["peak_checked_out"], most)
    return [most, in_use, most - in_use]


def offered_demand(report):
    """Where the load does not wait for answers: rate x hold with a fifth to spare."""
    rate = f.load(report, "rate")
    return [math.ceil(rate * f.held(report) * 1.2), rate, f.held(report)]


def each(report, figures):
    """With how many that are in each process, after how many there are in all."""
    return [figures[0], math.ceil(figures[0] / f.pools(report, "processes"))] + figures[1:]


def enough(report):
    """A quarter more than were in use at the peak, and what is left of the pools."""
    least = max(f.pools(report, "processes"), f.pools(report, "peak_checked_out") * 5 // 4 + 1)
    return [least, f.pools(report, "capacity") - least]


def free_slots(report):
    """The server's slots without what others had open at the peak."""
    server = report["server"]
    ours = sum(one["peak"] for one in server["connections"]) or f.pools(report, "peak_open")
    return f.slots(report) - max(0, (server["connections_peak"] or 0) - ours)


def first_to_bind(report):
    mean, capacity = f.pools(report, "checked_out_mean"), f.pools(report, "capacity")
    times = max(1.0, capacity / mean)
    return [times, report["throughput_per_s"] * times, mean, capacity]


def first_pool_to_bind(report, name):
    mean, capacity = f.of_pool(report, name, "checked_out_mean", "capacity")
    times = max(1.0, capacity / mean)
    return [times, report["throughput_per_s"] * times, mean, capacity]


def grown_queue(report):
    """From, to, growth per second, and the share of the arrivals that were not served."""
    points = [p for i, p in enumerate(report["timeline"]) if p["t_s"] >= i + 1]
    found = []
    for some in (points, points[len(points) // 2:]):
        first, last = some[0]["waiting"], some[-1]["waiting"]
        served = sum(p["completed"] + p["failed"] for p in some[1:])
        found.append([first, last, (last - first) / (len(some) - 1),
                      (last - first) / (last - first + served)])
    return [list(column) for column in zip(*found)]


def two_digits_down(value):
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.floor(value / step + 1e-9) * step


def ended(report):
    return report["requests"]["completed"] + report["requests"]["failed"]


def unjudged(report, name, named):
    """Failures of one class that no goal judges, and the goal that would accept them."""
    if name != named:
        raise ValueError("two classes: %s, %s" % (name, named))
    count = f.by_class(report, name)
    part = count / ended(report)
    return [count, ended(report), part, math.ceil(100 * part - 1e-9)]


EXPLAINED_BY = {"pool_timeout": ("pool_bound", "unfair_pool", "slow_connects"),
                "too_many_connections": ("budget_bound",), "pooler_refused": ("pooler_refuses",),
                "database_busy": ("read_upgrade", "writer_bound")}


def unexplained(report, name):
    """Failures that no other finding explains, of those that ended, and of the class named."""
    told = {one["finding"] for one in report["diagnosis"]}
    by_name = {one["class"]: f.by_class(report, one["class"]) for one in report["failures"]}
    if "failures" in told:
        by_name = {each: count for each, count in by_name.items()
                   if not told & set(EXPLAINED_BY.get(each, ()))}
    if by_name[name] != max(by_name.values()):
        raise ValueError("%s is not the most frequent: %s" % (name, by_name))
    count = sum(by_name.values())
    return [count, ended(report), count / ended(report), by_name[name]]


def all_unexplained(report, name):
    count, of, part, of_class = unexplained(report, name)
    if count != of_class:
        raise ValueError("%d of %d are %s" % (of_class, count, name))
    return [count, of, part]


def gone(report):
    """Seconds without the server in all."""
    return sum((report["window"]["measured_s"] if one["end_s"] is None else one["end_s"])
               - one["start_s"] for one in report["outages"])


def sql_share(report):
    parts = report["breakdown_ms"]
    return (parts["begin"] + parts["sql"] + parts["commit"]) / sum(parts.values())


def running(report):
    """Statements at a time, as the server's samples have them or as the requests' times do."""
    if report["server"]["samples"]:
        return report["server"]["active_mean"]
    parts = report["breakdown_ms"]
    return report["throughput_per_s"] * (parts["begin"] + parts["sql"] + parts["commit"]) / 1e3


def refused(report):
    count = f.by_class(report, "pooler_refused")
    return [count, ended(report), count / ended(report)]


def asked(report):
    """Connections that ask the pooler at a time."""
    return max(f.pools(report, "capacity"), f.most_users(report))
