"""The sentences of `advise` and `sweep`; see sentence_table.py for their form."""

import sentence_figures as f
from sentences import ANY, CELL as C, Sentence as S, agrees


def advice(report):
    return report["recommendation"]


def budget(report, *keys):
    return [advice(report)["budget"][key] for key in keys]


def run_at(report, total, *purposes):
    """The latest run with so many connections."""
    return [run for run in advice(report)["search"]["runs"]
            if run["pool_size"] + run["max_overflow"] == int(total)
            and (not purposes or run["purpose"] in purposes)][-1]


def total(report):
    return advice(report)["pool_size"] + advice(report)["max_overflow"]


def deadline(report):
    return f.duration(report["scenario"]["resolved"]["deadline"])


def settings(report, shown):
    """The settings that are recommended, in the library's own words."""
    known = advice(report)["options"]
    for part in shown.split(" - "):
        name, _, value = part.partition(" ")
        wanted = str(known[name])
        if value not in (wanted, wanted.lower()):
            raise ValueError("%s is %s" % (name, wanted))
    return [advice(report)["max_connections"]]


def fits(report):
    needed, available = budget(report, "needed", "available")
    return [f.fleet(report, "processes"), total(report), needed, available] + budget(
        report, "max_connections", "reserved", "other_clients")


def rule(report, name):
    """A rule of thumb: its sizes, and the p95 that is expected of them."""
    short = {"workers x 2": "workers-x2", "cores x 2 + spindles": "cores-x2-spindles",
             "cores x 2 + 1": "cores-x2-plus-1", "Erlang C": "erlang-c"}[name]
    one = next(one for one in advice(report)["formulas"] if one["id"] == short)
    sizes = [one["pool_size"]] + ([one["max_overflow"]] if one["max_overflow"] is not None else [])
    return sizes + [one["latency_p95_ms"] / 1e3]


def run_row(report, purpose, *_):
    """Any run of that purpose: rows are told apart by their figures."""
    rows = [[run["pool_size"], run["max_overflow"], run["seconds"],
             run["predicted"]["latency_p95_ms"] / 1e3, run["measured"]["latency_p95_ms"] / 1e3,
             run["measured"]["pool_wait_p95_ms"] / 1e3, run["measured"]["pool_timeout_rate"],
             run["throughput_per_s"]]
            for run in advice(report)["search"]["runs"] if run["purpose"] == purpose]
    return [list(column) for column in zip(*rows)]


def own_snippet(report, name):
    """The lines of the snippet on the screen: tests/snippets feeds them to the libraries."""
    if name not in " ".join(report["recommendation"]["snippets"].values()):
        raise ValueError("no snippet has " + name)
    return []


ADVICE = [
    S("per process ~[-,]~ {w} - max_connections {n}", settings),
    S("per process, {w} - max_connections {n}", settings),
    S("{n} is the smallest that meets the goals: {n} gave p95(latency) {t}",
      lambda r: [total(r), total(r) - 1,
                 run_at(r, total(r) - 1)["measured"]["latency_p95_ms"] / 1e3]),
    S("No size up to {n} meets the goals; the best is {n}, with p95(latency) {t}",
      lambda r: [ANY, total(r), run_at(r, total(r))["measured"]["latency_p95_ms"] / 1e3]),
    S("{n} process x {n} = {n} of {n} available ({n} - {n} reserved - {n} others)", fits),
    S("<goal {k}> decides; one run of this length scatters by +- {p} there", lambda r, _: [ANY]),
    S("meets the same goals (simulated, +- {n})", lambda r: [ANY]),
    S("~->|:~ pool_size {n}", lambda r: [[a["pool_size"] for a in advice(r)["alternatives"]]]),
    S("One connection fewer: p95 {t}", lambda r: [ANY]),
    S("One more: p95 {t}", lambda r: [ANY]),
    S("Without waiting for a connection a request takes {t} (p95)", lambda r: [ANY]),
    S("{h} -> {n}+{n} (p95 {t}, ~misses|meets the goals~)", rule),
    S("{h} -> {n} (p95 {t}, ~misses|meets the goals~)", rule),
    S("all {n} ~(?:are needed all the time|kept open)~", lambda r: [total(r)]),
    S("pool_timeout {t}: the longest wait seen was {t};", lambda r: [
        advice(r)["pool_timeout_s"], ANY]),
    S("of the deadline of {t} the hold (p99 {t}) must remain", lambda r: [deadline(r), ANY]),
    S("statement_timeout {t}: with the wait it stays within the deadline of {t}",
      lambda r: [advice(r)["statement_timeout_s"], deadline(r)]),
    S("idle_in_transaction_session_timeout {t}: twice the longest usual hold ({t}), at least {t}",
      lambda r: [advice(r)["idle_in_transaction_timeout_s"], ANY, 5]),
    S("connect_timeout {t}: a connect took {t} (p99)",
      lambda r: [advice(r)["connect_timeout_s"], f.seconds(r["connect_ms"], "max")]),
    S("~(?:pool_)?recycle~ {t}: has no measurable cost (a connect took {t} on average, {p} of a "
      "connection's time, and 1 of {n} checkouts waits for it)",
      lambda r: [advice(r)["pool_recycle_s"], f.seconds(r["connect_ms"], "mean"),
                 r["connect_ms"]["mean"] / 1e3 / advice(r)["pool_recycle_s"],
                 advice(r)["pool_recycle_s"] * r["throughput_per_s"] / total(r)]),
    S("one round trip for each checkout, {p} of a connection here", lambda r: [ANY]),
    S("max_connections {n}: {n} of the fleet with {p} to spare, {n} others, {n} reserved, rounded "
      "up to tens; the {n} of the server are enough",
      lambda r: [advice(r)["max_connections"]] + budget(r, "needed") + [0.1]
      + budget(r, "other_clients", "reserved", "max_connections")),
    S("{n} + {n}" + C + C.join(["{k}", "{x}", "{t}", "{t}", "{t}", "{p}", "{r}"]), run_row),
    S("Django (5.1 and later)", lambda r: []),
    S("{k}=~\\d+~", lambda r, name: own_snippet(r, name)),
]


def point_row(report, size, *_):
    point = next(p for p in report["curve"]["points"] if agrees("x", size, p["at"]))
    return [point["throughput_per_s"]] + [
        None if point[key] is None else point[key] / 1e3
        for key in ("latency_p50_ms", "latency_p95_ms", "pool_wait_p95_ms")] + [
        point["pool_timeout_rate"], point["error_rate"], point["utilization"]]


def errors_of_families(report):
    return [family["left_out_error"] for family in report["curve"]["families"]] + [ANY]


SWEEP = [
    S("Throughput still rises at {n} connections", lambda r: [r["curve"]["points"][-1]["at"]]),
    S("{k}" + C + C.join(["{r}", "{t}", "{t}", "{t}", "{p}", "{p}", "{p}", "~(?:missed|met)~"]),
      point_row),
    S("usl {p} - knee {p} - spline {p}; they differ by at most {p}", errors_of_families),
]
