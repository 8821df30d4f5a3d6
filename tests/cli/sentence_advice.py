"""The sentences of `advise` and `sweep`; see sentence_table.py for their form."""

import itertools

import sentence_figures as f
from sentences import ANY, CELL as C, Sentence as S, agrees


def advice(report):
    return report["recommendation"]


def total(report):
    return advice(report)["pool_size"] + advice(report)["max_overflow"]


def deadline(report):
    return f.duration(report["scenario"]["resolved"]["deadline"])


def settings(report, shown):
    """All the settings that are recommended, in the library's own words."""
    known = ["%s %s" % (name, str(value).lower() if isinstance(value, bool) else value)
             for name, value in advice(report)["options"].items()]
    if shown.split(" - ") != known:
        raise ValueError("the settings are: %s" % known)
    return []


def fits(report):
    capacity = advice(report)["capacity"]
    return [capacity / total(report), total(report), capacity]


def rule(report, name, verdict):
    """A rule of thumb: its sizes, and whether they meet the goals."""
    short = {"workers x 2": "workers-x2", "cores x 2 + spindles": "cores-x2-spindles",
             "cores x 2 + 1": "cores-x2-plus-1", "Erlang C": "erlang-c"}.get(
                 name, "cores-x2-plus-1")
    one = next(one for one in advice(report)["formulas"] if one["id"] == short)
    words = "meets the goals" if one["meets_goals"] else "misses the goals"
    if verdict != words + ("" if one["fits"] else ", does not fit"):
        raise ValueError("%s %s" % (name, words))
    if "max_overflow" in advice(report)["options"] and one["max_overflow"]:
        return [one["pool_size"], one["max_overflow"]]
    return [one["pool_size"] + (one["max_overflow"] or 0)]


def rows_of_runs(report, purpose, verdict):
    """The figures of all runs of that purpose: rows are told apart by their figures."""
    named = {"neighbor": "neighbour"}.get(purpose, purpose)  # as the report spells it
    runs = [run for run in search(report)["runs"] if run["purpose"] == named
            and verdict == ("unusable" if not run["usable"] else "met" if run["met"]
                            else "missed")]
    return runs, [[run["seconds"], run["goal_predicted"], run["goal_measured"],
                   run["measured"]["pool_wait_p95_ms"] / 1e3, run["measured"]["pool_timeout_rate"],
                   run["throughput_per_s"]] for run in runs]


def run_row(report, purpose, verdict):
    runs, rows = rows_of_runs(report, purpose, verdict)
    return [list(column) for column in zip(*(
        [run["pool_size"] + run["max_overflow"]] + row for run, row in zip(runs, rows)))]


def split_run_row(report, purpose, verdict):
    runs, rows = rows_of_runs(report, purpose, verdict)
    return [list(column) for column in zip(*(
        [run["pool_size"], run["max_overflow"]] + row for run, row in zip(runs, rows)))]


def search(report):
    return advice(report)["search"]


def runs_of(report, size):
    """The runs with so many connections that could be used."""
    return [run for run in search(report)["runs"]
            if run["usable"] and run["pool_size"] + run["max_overflow"] == size]


def deciding_limit(report):
    return next(goal["limit"] for goal in report["verdict"]["slo"]
                if goal["goal"] == search(report)["decides"])


def of_subject(report, subject, figures):
    """Those of the goal that decides, where a sentence names its subject."""
    if not search(report)["decides"].startswith(subject + " "):
        raise ValueError("%s decides" % search(report)["decides"])
    return figures


def room(report, subject):
    """What the runs of the answer leave to the limit, and how they scatter."""
    found = search(report)
    return of_subject(report, subject, [found["headroom"], found["spread"]])


def runs_below(report, size):
    """How many runs of a smaller size met the goals, and how many there were."""
    runs = runs_of(report, int(size))
    if not runs or int(size) >= total(report):
        raise ValueError("no run of %s below the answer" % size)
    return [sum(run["met"] for run in runs), len(runs)]


def room_below(report, size, subject):
    """That of a smaller size: of one run, where it is in the JSON; the scatter is not."""
    runs = runs_of(report, int(size))
    left = ANY if len(runs) > 1 else 1 - runs[0]["goal_measured"] / deciding_limit(report)
    return of_subject(report, subject, runs_below(report, size) + [left, ANY, 5, 100])


def missed_below(report, size, subject):
    return of_subject(report, subject, [[run["goal_measured"] for run in
                                         runs_of(report, int(size))]])


def next_size(report, subject, step):
    """By how much the deciding figure differs there, where that size was run."""
    here, there = runs_of(report, total(report)), runs_of(report, total(report) + step)
    if not there:
        return of_subject(report, subject, [ANY])
    means = [sum(run["goal_measured"] for run in runs) / len(runs) for runs in (there, here)]
    return of_subject(report, subject, [abs(means[0] - means[1])])


def processes(report):
    return advice(report)["capacity"] // total(report)


def fewer_processes(report):
    one = next(one for one in advice(report)["alternatives"]
               if one["change"].endswith("processes per instance"))
    now = f.fleet(report, "processes")
    return [(now + 1) // 2, now, one["needed"], advice(report)["capacity"], one["pool_size"]]


def limit(report, setting, *keys):
    one = next(one for one in advice(report)["limits"] if one["setting"] == setting)
    return [one[key] for key in keys]


def opening(report):
    """How many are kept, and the share of the checkouts that open: at most 1 % of the pool."""
    connect = longest(report, "connect_ms", "p99", "max")
    rate = report["throughput_per_s"] / processes(report)
    share = min(0.005, 0.01 * total(report) / (rate * connect))
    return [advice(report)["pool_size"], total(report), share, ANY, connect]


def longest(report, key, *statistics):
    """The first of these statistics that the sample supports."""
    return next(value for value in (f.seconds(report[key], each) for each in statistics)
                if value is not None)


def own_snippet(report, name):
    """The lines of the snippet on the screen: tests/snippets feeds them to the libraries."""
    if name not in " ".join(advice(report)["snippets"].values()):
        raise ValueError("no snippet has " + name)
    return []


WAIT = "~(?:timeout|connectionTimeout(?:Millis)?|a deadline in the caller's context\\))~"
AGE = "~(?:recycle|maxLifetime(?:Seconds)?|(?:pool_)?max\\w*_lifetime)~"
ROW = C.join(["{k}", "{x}", "{v}", "{v}", "{t}", "{p}", "{r}", "{k}"])
ADVICE = [
    S("Even {n} ~connections?~ per process, the most that were considered, ~(?:does|do)~ not meet "
      "the goals: {g} was {v}",
      lambda r, subject: of_subject(r, subject, [total(r), [
          run["goal_measured"] for run in runs_of(r, total(r))]])),
    S("per process~(?: -|,)~ {w}~(?= \\(|$)~", settings),
    S("~simulated, (?:confirmed|likely|not confirmed)~: {n} of {n} ~runs?~ met the goals",
      lambda r: [search(r)["runs_met"], search(r)["runs_of"]]),
    S("{n} per process is the smallest size confirmed to meet the goals: {n} of {n} ~runs?~ met "
      "them", lambda r: [total(r), search(r)["runs_met"], search(r)["runs_of"]]),
    S("No run of full length was made with {n}", lambda r: [total(r) - 1]),
    S("On average, ~(?:the upper bound of )?~{g} was {p} ~(?:under|above)~ its limit and varies "
      "by {p} between ~(?:simulated )?~runs", room),
    S("With {k}, {n} of {n} ~runs?~ met the goals, but that is not confirmed: ~(?:the upper bound "
      "of )?~{g} was only {p} ~(?:under|above)~ its limit and varies by {p} between "
      "~(?:simulated )?~runs, so more than {n} in {n} runs would miss the goal", room_below),
    S("With {k}, {n} of {n} ~runs?~ met the goals, but that is not confirmed: the {n} % confidence "
      "interval of at least one run crossed the limit",
      lambda r, size: runs_below(r, size) + [95]),
    S("With {k}, {n} of {n} ~runs?~ met the goals, but that is not confirmed: its runs do not show "
      "that {n} of {n} further runs would meet every goal",
      lambda r, size: runs_below(r, size) + [95, 100]),
    S("With {k}, {n} of {n} ~runs?~ met the goals, but that is not confirmed: too few runs",
      lambda r, size: runs_below(r, size)),
    S("With {k}, only {n} of {n} ~runs?~ met the goals", lambda r, size: runs_below(r, size)),
    S("With {k}, {g} was {v}", missed_below),
    S("No size up to {n} per process meets the goals", lambda r: [ANY]),
    S("The best is {n}: {g} was {v}",
      lambda r, subject: of_subject(r, subject, [total(r), [
          run["goal_measured"] for run in runs_of(r, total(r))]])),
    S("Sized for {n} users, {p} more than in the scenario",
      lambda r: [f.load(r, "users"), advice(r)["growth"]]),
    S("Sized for {r} (~(?:Poisson|constant)~), {p} more than in the scenario",
      lambda r: [f.load(r, "rate"), advice(r)["growth"]]),
    S("fits: {n} ~process(?:es)?~ x {n} = {n} ~connections?~", fits),
    S("server: max_connections must be at least {n}; its present value is not known",
      lambda r: [next(one["recommended"] for one in advice(r)["limits"]
                      if one["of"] == "server")]),
    S("PgBouncer: max_client_conn {n} is enough: uses {n} of the {n} available slots",
      lambda r: limit(r, "max_client_conn", "present", "needed", "available")),
    S("PgBouncer: default_pool_size {n} is enough ({n} needed)",
      lambda r: limit(r, "default_pool_size", "present", "needed")),
    S("PgBouncer's default_pool_size: {n} is the smallest that meets the goals in the "
      "simulator; keep the present {n}",
      lambda r: limit(r, "default_pool_size", "needed", "present")),
    S("pool_size {n} of {n} connections: with fewer kept open, more than {p} of checkouts would "
      "open a connection ({x} per second here; those requests wait {t} for it)", opening),
    S("<goal {k}> is the deciding goal; ~(?:the upper bound of )?~its figure varies by +-{p} "
      "between runs of this length",
      lambda r, letter: of_subject(r, f.goal(r, letter)["goal"].split(" ")[0],
                                   [search(r)["spread"]])),
    S("{k} {n} would then meet the same goals (simulated; ~(?:the true size may differ by 1|2 may "
      "be needed)~)",
      lambda r, name: [[a["pool_size"] for a in advice(r)["alternatives"]]]),
    S("{p} of the connection hold time is application work",
      lambda r: [f.per_request(r, "hold") / f.held(r)]),
    S("two predictions of the p95 wait disagree: {t} by queueing theory, {t} by simulation",
      lambda r: [ANY, advice(r)["predicted"]["pool_wait_p95_ms"] / 1e3]),
    S("With one connection fewer per process ({n} in total), {g} ~(?:was|would be)~ {t} "
      "~(?:higher|lower)~",
      lambda r, subject: [processes(r)] + next_size(r, subject, -1)),
    S("With one more per process ({n} in total), {g} ~(?:was|would be)~ {t} ~(?:higher|lower)~",
      lambda r, subject: [processes(r)] + next_size(r, subject, 1)),
    S("With ~(?:one connection fewer|one more)~ per process ({n} in total), {g} ~(?:was|would be)~ "
      "the same", lambda r, subject: [processes(r)]),
    S("use {n} instead of {n} processes per instance~(?: ->|:)~ {n} instead of {n} connections "
      "in total, {n} per process", fewer_processes),
    S("put PgBouncer in front of the server, in transaction mode~(?: ->|:)~ {n} connections "
      "to the server, shared by all processes, instead of {n}",
      lambda r: [[one["pool_size"] for one in advice(r)["alternatives"]],
                 advice(r)["capacity"]]),
    S("With one connection fewer, {g} ~(?:was|would be)~ {t} ~(?:higher|lower)~",
      lambda r, subject: next_size(r, subject, -1)),
    S("With one more, {g} ~(?:was|would be)~ {t} ~(?:higher|lower)~",
      lambda r, subject: next_size(r, subject, 1)),
    S("Even without waiting for a connection, requests take {t} (p95)",
      lambda r: [advice(r)["predicted"]["latency_p95_ms"] / 1e3]),
    S("A larger limit would not help: the goals are predicted to be missed even with {n} "
      "connections per process",
      lambda r: [-(-f.load(r, "users") // (f.fleet(r, "instances") * f.fleet(r, "processes")))]),
    S("{h}: pool_size {n}, max_overflow {n} ({w})", rule),
    S("{h}: {n} ({w})", rule),
    S("all {n} connections stay open", lambda r: [total(r)]),
    S("pool_size {n}, with no overflow: all connections are always in use", lambda r: [total(r)]),
    S(WAIT + " {t}: ~(?:as in the runs that confirmed it|twice the longest wait)"
      "(?:, rounded up)?~; the longest "
      "wait seen was {t}",
      lambda r: [advice(r)["pool_timeout_s"], longest(r, "pool_wait_ms", "max")]),
    S(WAIT + " {t}: at least a fifth of ~(?:the deadline of )?~{t}"
      "~(?: .no request deadline is known.)?(?:, rounded up)?~; the longest wait seen was {t}",
      lambda r: [advice(r)["pool_timeout_s"], deadline(r), longest(r, "pool_wait_ms", "max")]),
    S(WAIT + " {t}: four times the ~(?:p99 of the waits|longest wait)~ ({t})"
      "~(?:, rounded up)?~; the longest wait seen was {t}",
      lambda r: [advice(r)["pool_timeout_s"], longest(r, "pool_wait_ms", "p99", "max"),
                 longest(r, "pool_wait_ms", "max")]),
    S(WAIT + " {t}: the deadline of {t} minus the hold time (~(?:p99|longest)~ {t}), rounded down; "
      "the longest wait seen was {t}",
      lambda r: [advice(r)["pool_timeout_s"], deadline(r),
                 longest(r, "connection_time_ms", "p99", "max"),
                 longest(r, "pool_wait_ms", "max")]),
    S("pool_size {n}: ~(?:both|all)~ connections stay open", lambda r: [total(r)]),
    S("statement_timeout {t}: a statement still ends within the deadline of {t}",
      lambda r: [advice(r)["statement_timeout_s"], deadline(r)]),
    S("idle_in_transaction_session_timeout {t}: twice the ~(?:p99.9 of the|longest)~ connection "
      "hold time ({t}), but at least {t}",
      lambda r: [advice(r)["idle_in_transaction_timeout_s"],
                 longest(r, "connection_time_ms", "p999", "max"), 5]),
    S("connect_timeout {t}: ten times the connect time (~(?:p99 |up to )?~{t}"
      "~(?: for each connection in this run)?~), but at least "
      "{t} and at most {t}",
      lambda r: [advice(r)["connect_timeout_s"], longest(r, "connect_ms", "p99", "max"), 2, 5]),
    S(AGE + " {t}: has no measurable cost (connecting took {t} on average, {p} of a connection's "
            "lifetime, and 1 in {n} checkouts waits for it)",
      lambda r: [advice(r)["pool_recycle_s"], f.seconds(r["connect_ms"], "mean"),
                 r["connect_ms"]["mean"] / 1e3 / advice(r)["pool_recycle_s"],
                 advice(r)["pool_recycle_s"] * r["throughput_per_s"] / advice(r)["capacity"]]),
    S("one round trip per checkout; all these round trips together "
      "keep one connection busy for {p} of the time",
      lambda r: [ANY]),
    S("one round trip per checkout; all these round trips together "
      "keep {x} connections busy", lambda r: [ANY]),
    S("{n}+{n}" + C + ROW, split_run_row),
    S("{n}" + C + ROW, run_row),
    S("Django (5.1 and later)", lambda r: []),
    S("{k}=~\\d+~", own_snippet),
    S("{k}: ~\\d+,~", own_snippet),
    S("{k} = ~\\d+ \\* time\\.Millisecond~", own_snippet),
    S("config.{k} = ~\\d+~", own_snippet),
    S("context.WithTimeout(ctx, ~\\d+ \\* time\\.Millisecond~)", lambda r: []),
]


def point_row(report, size, *_):
    point = next(p for p in report["curve"]["points"] if agrees("x", size, p["at"]))
    return [point["throughput_per_s"]] + [
        None if point[key] is None else point[key] / 1e3
        for key in ("latency_p50_ms", "latency_p95_ms", "pool_wait_p95_ms")] + [
        point["pool_timeout_rate"], point["error_rate"], point["utilization"]]


def errors_of_families(report):
    return [family["left_out_error"] for family in report["curve"]["families"]] + [ANY]


def knee(report):
    found = report["curve"]["knee"]
    return [0.95, found["at"], found["throughput_per_s"], report["curve"]["points"][-1]["at"],
            found["peak_per_s"]]


SWEEP = [
    S("Throughput reaches {p} of its maximum at {n} connections (the knee): {r}. Beyond it, up "
      "to {n} connections, the fitted curve rises to {r}", knee),
    S("{k} with {n} to {n} connections",
      lambda r, _: [r["curve"]["points"][i]["at"] for i in (0, -1)]),
    S("The smallest pool tried that meets the goals has {n} connections per process",
      lambda r: [r["curve"]["smallest_meeting_goals"]]),
    S("Throughput still rises at {n} connections", lambda r: [r["curve"]["points"][-1]["at"]]),
    # A time, or a dash where the sample is too small for it.
    *(S("{k}" + C + C.join(["{r}", *times, "{p}", "{p}", "{p}", "~(?:missed|met|unusable)?~"]),
        point_row)
      for times in itertools.product(("{t}", "{v}"), repeat=3)),
    S("universal scalability law {p} - saturation curve {p} - spline {p}~(?: \\(used "
      "alone\\))?~; the fitted curves differ by at most {p}",
      errors_of_families),
]
