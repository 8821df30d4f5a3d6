"""The sentences with figures that reports have, each with where its figures come from.

The most particular ones first: what a pattern has matched is not looked at again. Signs are in
their plain form ("x" for a multiplication sign, "-" for a dash), and goals are "<goal A>".
`ANY` stands where the JSON does not hold the figure.
"""

import sentence_figures as f
import sentence_findings as d
from sentence_advice import ADVICE, SWEEP
from sentence_gate import GATE
from sentences import ANY, CELL, Sentence as S

GOAL = "<goal {k}>~ ?[;:,]? ?(?:(?:measured|simulated|was) )?~"
BEYOND = ", {p} ~(?:(?:over|below) the limit|(?:above|below) the minimum)~"


def with_interval(report, letter):
    one = f.goal(report, letter)
    return [f.measured(report, letter), one["low"], one["high"], f.margin(report, letter)]


POINTS = (", {x} percentage points ~(?:(?:over|below) the limit|(?:above|below) the minimum)~")


def in_points(report, letter):
    return 100 * abs(f.goal(report, letter)["margin"])


GOALS = [
    S("counting only the requests that completed ({p} of all)",
      lambda r: [r["requests"]["completed"] / f.ended(r)]),
    S("in ~9~ of ~10~ cases {v} to {v}, so it may also be ~missed|met~", lambda r: [ANY, ANY]),
    S(GOAL + "{t} (not all requests had finished), at least {p} over the limit",
      lambda r, g: [f.measured(r, g), f.margin(r, g)]),
    S(GOAL + "{p} (95 % CI {i}-{i})" + POINTS,
      lambda r, g: with_interval(r, g)[:3] + [in_points(r, g)]),
    S(GOAL + "{p}" + POINTS, lambda r, g: [f.measured(r, g), in_points(r, g)]),
    S(GOAL + "{t} (95 % CI {i}-{i})" + BEYOND, with_interval),
    S(GOAL + "{p} (95 % CI {i}-{i})" + BEYOND, with_interval),
    S(GOAL + "{r} (95 % CI {i}-{i})" + BEYOND, with_interval),
    S(GOAL + "{t}" + BEYOND, lambda r, g: [f.measured(r, g), f.margin(r, g)]),
    S(GOAL + "{p} (95 % CI up to {p}: too few requests to be sure that the rate is within the "
      "limit)",
      lambda r, g: [f.measured(r, g), f.goal(r, g)["high"]]),
    S(GOAL + "{p} (95 % CI up to {p})", lambda r, g: [f.measured(r, g), f.goal(r, g)["high"]]),
    S(GOAL + "more than {t}", lambda r, g: [float(f.measured(r, g))]),
    S(GOAL + "{v}", lambda r, g: [f.measured(r, g)]),
    S("{k} goal~s?~ ~were|was~ not judged", lambda r, _: []),
]

CONTEXT = [
    S("simulated: {w} ~cores?~", f.simulation),
    S("{n} users thinking {t}", lambda r: [f.load(r, "users"), f.load(r, "think")]),
    S("{n} stages, up to {n} users",
      lambda r: [len(r["scenario"]["resolved"]["load"]["stages"]), f.most_users(r)]),
    S("{n} users", lambda r: [f.load(r, "users")]),
    S("{r} (~(?:Poisson|constant)~)", lambda r: [f.load(r, "rate")]),
    S("bursts of {n} every {t}", lambda r: [f.load(r, "burst"), f.load(r, "every")]),
    S("{n} ~instances?~ x {n} ~process(?:es)?~",
      lambda r: [f.fleet(r, "instances"), f.fleet(r, "processes")]),
    S("{n} instances", lambda r: [f.fleet(r, "instances")]),
    S("{n} processes", lambda r: [f.fleet(r, "processes")]),
    S("{k} {n}+{n}", lambda r, kind: [f.sized(r, kind, 0), f.sized(r, kind, 1)]),
    S("PgBouncer ~[\\d.]+ \\w+~ {n}", lambda r: [r["target"]["pooler"]["pool_size"]]),
    S("PostgreSQL ~[\\d.]+~ ~(?:embedded|at \\S+); max_connections~ {n}~,~ {n} reserved",
      lambda r: [r["target"]["max_connections"], r["target"]["reserved_connections"]]),
    S("PostgreSQL ~[\\d.]+ (?:embedded|at \\S+)~", lambda r: []),
    S("~(?:hikari|psycopg(?:-null)?|pgx|node-postgres|database-sql|asyncpg|rails|prisma)~ {n}",
      lambda r: [r["pools"][0]["capacity"] / r["pools"][0]["processes"]]),
    S("{t} after {t} warm-up",
      lambda r: [r["window"]["measured_s"], r["window"]["warmup_s"]]),
    S("seed~:?~ {n}", lambda r: [r["seed"]]),
    S("{n} pools", lambda r: [len(r["pools"])]),
    S("0 to {t}", lambda r: [r["window"]["measured_s"]]),
    S("report ~.*json .md~", lambda r: []),
]

PEAKS = ("peak_checked_out", "capacity", "peak_waiting", "connects", "closes")
REQUESTS = [
    S("{n} completed - {r}", lambda r: [r["requests"]["completed"], r["throughput_per_s"]]),
    S("{n} pool timeouts ({p})",
      lambda r: [f.by_class(r, "pool_timeout"), r["rates"]["pool_timeout"]]),
    S("{n} pool timeouts", lambda r: [f.by_class(r, "pool_timeout")]),
    S("{n} other failures",
      lambda r: [r["requests"]["failed"] - f.by_class(r, "pool_timeout")]),
    S("{n} in flight at the end, the oldest for {t}; {n} of them had already taken longer than the "
      "slowest completed request",
      lambda r: [r["requests"]["in_flight"], r["in_flight"]["ages_ms"]["max"] / 1e3,
                         r["in_flight"]["older_than_completed"]]),
    S("{n} in flight at the end, the oldest for {t}",
      lambda r: [r["requests"]["in_flight"], r["in_flight"]["ages_ms"]["max"] / 1e3]),
    S("{n} in flight at the end", lambda r: [r["requests"]["in_flight"]]),
    S("at most {n} of {n} in use - {n} waiting at peak - {n} opened ({t} each) - {n} closed",
      lambda r: [f.pools(r, key) for key in PEAKS[:4]]
      + [f.seconds(r["connect_ms"], "mean"), f.pools(r, "closes")]),
    S("at most {n} of {n} in use - {n} waiting at peak - {n} opened ({t} each) - {n} connection "
      "attempts failed~(?: .no request did.)?~ - {n} closed",
      lambda r: [f.pools(r, key) for key in PEAKS[:4]]
      + [f.seconds(r["connect_ms"], "mean"), f.pools(r, "connect_failures"), f.pools(r, "closes")]),
    S("{k}~(?: \\([^)]*\\))?~: at most {n} of {n} in use - {n} waiting at peak - {n} opened - {n} "
      "closed - at most {n} in the samples of the server",
      lambda r, name: f.of_pool(r, name, *PEAKS) + [f.seen_of(r, name)]),
    S("{k}~(?: \\([^)]*\\))?~: at most {n} of {n} in use - {n} waiting at peak - {n} opened - {n} "
      "closed", lambda r, name: f.of_pool(r, name, *PEAKS)),
    S("{n} connections allowed - {n} opened ({t} each) - {n} closed",
      lambda r: [f.pools(r, "capacity"), f.pools(r, "connects"), f.seconds(r["connect_ms"], "mean"),
                 f.pools(r, "closes")]),
    S("at most {n} in use - {n} waiting at peak - {n} opened ({t} each) - {n} closed",
      lambda r: [f.pools(r, "peak_checked_out"), f.pools(r, "peak_waiting"),
                 f.pools(r, "connects"), f.seconds(r["connect_ms"], "mean"),
                 f.pools(r, "closes")]),
    S("{x} MiB of server memory per connection",
      lambda r: [f.memory(r, "own_mib", "page_tables_mib")]),
    S("{n} clients - at most {n} of {n} server connections in use ({x} on average) - {n} waiting "
      "at peak - {n} transactions, {t} mean wait",
      f.pooler_line),
    S("{n} deadline: the request's own deadline passed ({n} while waiting for a connection)",
      lambda r: [f.by_class(r, "deadline"), f.expired(r)]),
    S("{n} deadline: the request's own deadline passed", lambda r: [f.by_class(r, "deadline")]),
    S("{n} {k} at {k}", lambda r, name, phase: [f.failed_at(r, name, phase)]),
    S("load generator {p} CPU", lambda r: [r["client"]["cpu_busy"]]),
    S("CPU-starved {p} of the time ({p} because of other programs)",
      lambda r: [f.longest_run_wait(r), f.longest_run_wait(r) * f.others_share(r)]),
    S("CPU-starved {p} of the time", lambda r: [f.longest_run_wait(r)]),
    S("schedule lag {q} {t}", f.late_start),
    S("{n} samples", lambda r: [r["latency_ms"]["count"]]),
    S("steady state after {t}", lambda r: [r["window"]["steady_after_s"]]),
]

OUTAGES = [
    S("{n} connection lost at {t}; the server kept responding",
      lambda r: f.outages(r, "lost_connections", "start_s")),
    S("server down from {t} to {t} ({t}): {n} connections lost, {n} connection attempts failed",
      lambda r: f.outages(r, "start_s", "end_s", "length_s", "lost_connections",
                          "failed_connects")),
    S("server down from {t} to the end: {n} connection attempt failed",
      lambda r: f.outages(r, "start_s", "failed_connects")),
    S("The second instance started {t} late", lambda r: [ANY]),  # a note of a made-up report
]

CHARTS = [
    S("failures ~[^a-z]+~ up to {r}", lambda r: [f.top(r, "failed")]),
    S("throughput ~[^a-z]+~ up to {r}", lambda r: [f.top(r, "completed")]),
    S("latency p95 ~[^a-z]+~ up to {t}", lambda r: [f.top(r, "latency_p95_ms") / 1e3]),
    S("waiting ~[^a-z]+~ up to {n} requests", lambda r: [f.top(r, "waiting")]),
]

TIMES = [
    S("Requests waited {t} for a connection ({q}) and held it for {t} ({q})",
      lambda r, a, b: [f.seconds(r["pool_wait_ms"], a), f.seconds(r["connection_time_ms"], b)]),
    S("At least ~95 %~ of the requests did not wait for a connection; requests held it for {t} "
      "({q})", lambda r, b: [f.seconds(r["connection_time_ms"], b)]),
    S("{p} timed out", lambda r: [r["rates"]["pool_timeout"]]),
    S("latency {t} {t} {t} {t}", lambda r: f.time_row(r, "latency")),
    S("- {l} {t} {t} {t} {t} {p}",
      lambda r, label: f.time_row(r, label) + [f.share(r, label)]),
    S("- {o} {p}", lambda r, label: [f.share(r, label)]),
    S("{k} {t} {t} {t} {t} {n} {n}", f.kind_row),
]

WANTED = "~(?:enlarge the pool to|only with)~ {n} connections~(?: would no request wait)?~ "
EACH = "in total, {n} per process "
DIAGNOSIS = [
    S("Requests wait {t} for a connection (p95) and hold it for {t} (p95)",
      lambda r: [f.seconds(r["pool_wait_ms"], "p95"), f.seconds(r["connection_time_ms"], "p95")]),
    S("At most {n} of {n} connections were in use; requests ~(?:waited|got one within)~ {t} "
      "~(?:for one )?~(p95) and held it for {t} (p95)",
      lambda r: [f.pools(r, "peak_checked_out"), f.pools(r, "capacity"),
                 f.seconds(r["pool_wait_ms"], "p95"), f.seconds(r["connection_time_ms"], "p95")]),
    S("At most {n} of {n} connections were in use; at least {p} of requests got one "
      "without waiting; "
      "requests held it for {t} (p95)",
      lambda r: [f.pools(r, "peak_checked_out"), f.pools(r, "capacity"), 0.95,
                 f.seconds(r["connection_time_ms"], "p95")]),
    S("At most {n} of {n} connections were in use; no request waited for one; requests held it for "
      "{t} (p95)",
      lambda r: [f.pools(r, "peak_checked_out"), f.pools(r, "capacity"),
                 f.seconds(r["connection_time_ms"], "p95")]),
    S("At most {n} of {n} connections of pool \"{k}\" were in use; at least {p} of requests got a "
      "connection of any pool without waiting; requests held it for {t} (p95)",
      lambda r, name: f.of_pool(r, name, *PEAKS[:2])
      + [0.95, f.seconds(r["connection_time_ms"], "p95")]),
    S("As load grows, the first bottleneck will be pool \"{k}\", at {x}x this load ({x} "
      "requests/s) or earlier: {x} of {n} connections of pool \"~[^\"]+~\" are in use on average",
      d.first_pool_to_bind),
    S("As load grows, the first bottleneck will be the pool, at {x}x this load ({x} requests/s) or "
      "earlier: {x} of {n} connections are in use on average", d.first_to_bind),
    S("There is little room for more load: ~this machine's CPUs are|the server's CPUs are|the load "
      "generator's busiest thread is~ {p} busy. Throughput cannot grow much beyond {x} requests/s",
      lambda r: [ANY, r["throughput_per_s"]]),
    S("Throughput cannot grow much beyond {x} requests/s", lambda r: [r["throughput_per_s"]]),
    S("little room for more load: ~this machine's CPUs are|the server's CPUs are|the load "
      "generator's busiest thread is~ {p} busy", lambda r: [ANY]),
    S("Other programs keep ~this machine's|the server's~ CPUs busy ({p} in total, {p} by the "
      "database)", lambda r: [ANY, ANY]),
    S("{p} of the latency is application work while holding a connection",
      lambda r: [f.share(r, "hold")]),
    S("{x} statements were running or ready to run on average, but the server has only {n} cores, "
      "{p} busy ({p} by its own processes)",
      lambda r: [r["server"]["wait_events"]["CPU"], r["server"]["cores"], ANY,
                 r["server"]["cpu_busy"]]),
    S("{x} of {x} running statements ({p}) waited for locks held by other transactions: "
      "Lock:~\\w+~ {x}, Lock:~\\w+~ {x}",
      lambda r: [r["server"]["wait_events"]["Lock"], r["server"]["active_mean"],
                 r["server"]["wait_events"]["Lock"] / r["server"]["active_mean"], ANY, ANY]),
    S("{x} statements running on average, {x} of them waiting for locks",
      lambda r: [r["server"]["active_mean"], r["server"]["wait_events"]["Lock"]]),
    S("throughput should not fall by more than {p}", lambda r: [0.1]),
    S("The pool opened {n} connections and closed {n} for {n} checkouts; each connect took {t}",
      lambda r: [f.pools(r, "connects"), ANY, f.pools(r, "checkouts"),
                 f.seconds(r["connect_ms"], "mean")]),
    S("(max_overflow ~0~)", lambda r: []),
    S("a request started {t} late", f.late_start),
    S("requests started up to {t} late ({q})", f.late_start),
    S("one of its threads waited for a CPU {p} of the time, {p} of the time because of other "
      "programs, which used {x} of the {n} CPUs", f.starved),
    S("{n} request~s?~ ({p}) hit the pool timeout",
      lambda r: [f.by_class(r, "pool_timeout"), r["rates"]["pool_timeout"]]),
    S("{n} request~s?~ ({p}) waited for one until the deadline",
      lambda r: [f.expired(r), f.expired(r) / f.ended(r)]),
    S("{n} request~s?~ ({p}) timed out after {t}, while half of the others waited less than {t}",
      lambda r: [f.by_class(r, "pool_timeout"), r["rates"]["pool_timeout"],
                 f.wait_limit(r),
                 max(f.seconds(r["pool_wait_ms"], "p50"), 1e-6)]),
    S("{n} request~s?~ ({p}) gave up waiting for a connection, most of them after {t}, while half "
      "of the others waited less than {t}",
      lambda r: [f.unserved(r), f.unserved(r) / f.ended(r), [f.deadline(r), f.wait_limit(r)],
                 max(f.seconds(r["pool_wait_ms"], "p50"), 1e-6)]),
    S("{n} request~s?~ ~(?:was|were)~ still waiting for a connection at the end, for up to {t}",
      lambda r: [r["in_flight"]["older_than_completed"], r["in_flight"]["ages_ms"]["max"] / 1e3]),
    S("{n} request~s?~ waited for ~(?:one|a connection)~ until the deadline of {t}",
      lambda r: [f.expired(r), f.deadline(r)]),
    S("while no completed request took longer than {t}", lambda r: [r["latency_ms"]["max"] / 1e3]),
    S("{n} of these were waiting for a connection at the time", lambda r: [f.expired(r)]),
    S("{n} of {n} had not finished and had already taken longer than every one that had, up to {t}",
      lambda r: [r["in_flight"]["older_than_completed"],
                 r["latency_ms"]["count"] + r["in_flight"]["ages_ms"]["count"],
                 r["in_flight"]["ages_ms"]["max"] / 1e3]),
    S("In pool \"{k}\", {n} of {n} connections were in use the whole time, with {x} requests "
      "waiting on average",
      lambda r, name: f.of_pool(r, name, *PEAKS[:2], "waiting_mean")),
    S("{n} of {n} connections were in use the whole time, with {x} requests waiting on average; "
      "{x} of the {n} connections were idle in transaction",
      lambda r: [f.pools(r, key) for key in PEAKS[:2] + ("waiting_mean",)]
      + [r["server"]["idle_in_transaction_mean"], f.pools(r, "capacity")]),
    S("{n} of {n} connections were in use the whole time, with {x} requests waiting on average",
      lambda r: [f.pools(r, key) for key in PEAKS[:2] + ("waiting_mean",)]),
    S("{x} of {n} connections were in use on average and all of them at the peak, with up to {n} "
      "requests waiting",
      lambda r: [f.pools(r, "checked_out_mean"), f.pools(r, "capacity"),
                 f.pools(r, "peak_waiting")]),
    S("{n} of the {n} finished requests failed ({p}, all {k}), and no goal limits failures: fix "
      "the cause, or accept the failures with the goal \"rate({k}) <= {n}%\"",
      d.unjudged),
    S("{n} of {n} requests ({p}) failed, all of them because ~[^()]+~ ({k})", d.all_unexplained),
    S("{n} of {n} requests ({p}) failed, {n} of them because ~[^()]+~ ({k})", d.unexplained),
    S("{n} of {n} requests ({p}) were refused by the pooler", d.refused),
    S("It allows {n} clients (max_client_conn), but {n} connections were requested",
      lambda r: [r["target"]["pooler"]["max_client_conn"], d.asked(r)]),
    S("raise max_client_conn in pgbouncer.ini to {n} or more", lambda r: [d.asked(r)]),
    S("Users think for {t} between requests that take {t}, so they generate no more load",
      lambda r: [f.load(r, "think"), sum(r["breakdown_ms"].values()) / 1e3]),
    S("The server, or the network path to it, was down for {t} in total", lambda r: [d.gone(r)]),
    S("the wait queue kept growing, from {n} to {n} requests ({r}; {p} of the arrivals were not "
      "served)", d.grown_queue),
    S("accept it with the goal \"throughput >= {x}/s\"",
      lambda r: [d.two_digits_down(r["throughput_per_s"])]),
    S("(called_first, here {n} %). With called_first at {n} %, {n} %, and {n} %, p95(latency) "
      "is {t}, {t}, and {t}",
      lambda r: [r["pools"][0]["options"]["called_first"], 6,
                 r["pools"][0]["options"]["called_first"], 45, ANY,
                 r["latency_ms"]["p95"] / 1e3, ANY]),
    S("the share of pool timeouts is {p}, {p}, and {p}", lambda r: [ANY, ANY, ANY]),
    S("set a goal such as \"rate(error) <= ~1%~", lambda r: []),
    S("{x} statements running on average, no lock waits", lambda r: [r["server"]["active_mean"]]),
    S("Requests spend {p} of their connection hold time on application work (step \"{w}\"): {t} of "
      "{t} per request",
      lambda r, _: [f.per_request(r, "hold") / f.held(r), f.per_request(r, "hold"), f.held(r)]),
    S("Requests spend {p} of their connection hold time on application work (step \"{w}\"): nearly "
      "all of the {t} per request",
      lambda r, _: [f.per_request(r, "hold") / f.held(r), f.held(r)]),
    S("release the connection during \"{w}\" (commit before the step and acquire again after it): "
      "requests then hold a connection for {t} instead of {t}", lambda r, _: d.released(r)),
    S(WANTED + "({n} in use + {n} waiting at peak)", d.demand),
    S(WANTED + "(one per user)", lambda r: [f.most_users(r)]),
    S(WANTED + "({x} requests/s x {t} each, plus a fifth as headroom)", d.offered_demand),
    S(WANTED + EACH + "({n} in use + {n} waiting at peak)", lambda r: d.each(r, d.demand(r))),
    S(WANTED + EACH + "(one per user)", lambda r: d.each(r, [f.most_users(r)])),
    S(WANTED + EACH + "({x} requests/s x {t} each, plus a fifth as headroom)",
      lambda r: d.each(r, d.offered_demand(r))),
    S(WANTED + "(one per request of a burst)", lambda r: [f.load(r, "burst")]),
    S("~(?:up to|the pool already uses)~ the server's {n} free slots",
      lambda r: [d.free_slots(r)]),
    S("The pools can open {n} connections ({n} processes); the server has {n} client slots",
      lambda r: [f.pools(r, "capacity"), f.fleet(r, "instances") * f.fleet(r, "processes"),
                 f.slots(r)]),
    S("at most {n} connections per process fit",
      lambda r: [f.slots(r) // (f.fleet(r, "instances") * f.fleet(r, "processes"))]),
    S("{n} connections are enough for this load and free {n} ~(?:server slots|of the pooler's "
      "client connections)~", d.enough),
    S("SQL takes {p} of the latency, {x} statements were running on average, and waiting for a "
      "connection takes ~(?:only )?~{p} of the latency",
      lambda r: [ANY, ANY, f.share(r, "pool wait")]),
    S("SQL takes {p} of the latency, {x} statements were running on average, and no request waited "
      "for a connection", lambda r: [ANY, ANY]),
    S("On average, {x} of the pooler's {n} server connections were in use and {x} clients were "
      "waiting",
      lambda r: [f.pooler_mean(r, "sv_active"), r["target"]["pooler"]["pool_size"],
                 f.pooler_mean(r, "cl_waiting")]),
    S("transactions waited {t} for one on average, {p} of the latency",
      lambda r: [r["pooler"]["server_wait_ms"] / 1e3, r["pooler"]["server_wait_share"]]),
    S("step \"{w}\" (mean {t})", lambda r, name: [f.seconds(f.step_named(r, name), "mean")]),
    S("At most {n} of {n} connections were in use; {x} were open on average",
      lambda r: [f.pools(r, "peak_checked_out"), f.pools(r, "capacity"), f.pools(r, "open_mean")]),
    S("throughput should ~(?:not )?~rise by more than {p}", lambda r: [0.05]),
    # As an experiment: as far as the slots go, but the one that watches.
    S("enlarge the pool to {n} connections", lambda r: [f.slots(r) - 1]),
]

SERVER = [
    S("Server: on average, {x} statements running, {x} connections idle in transaction, {x} idle; "
      "{n} connections at peak",
      lambda r: [r["server"][key] for key in ("active_mean", "idle_in_transaction_mean",
                                              "idle_mean", "connections_peak")]),
    S("Pool {k} ({k}), {n} process~(?:es)?~. On average, {x} connections in use and {x} requests "
      "waiting",
      lambda r, name, kind: f.pool_line(r, name, kind, "")),
    S("Running statements by wait event, on average: {e}", f.wait_events),
    S("Server settings: {e}", f.server_settings),
    S("PgBouncer's settings: {e}", lambda r, _: []),
    S("PgBouncer ~[\\d.]+~ does not support prepared statements", lambda r: []),
    S("need PgBouncer ~1.21~ or later with max_prepared_statements above ~0~", lambda r: []),
    S("One more connection takes {x} MiB on the server: {x} MiB of its process's own memory and "
      "{x} MiB of page tables. The largest process had {x} MiB of its own",
      lambda r: [f.memory(r, "own_mib", "page_tables_mib"), f.memory(r, "own_mib"),
                 f.memory(r, "page_tables_mib"), f.memory(r, "own_max_mib")]),
    S("a process takes {x} MiB on average (PSS; {n} reading~s?~ of server processes in {n} "
      "sample~s?~)",
      lambda r: [f.memory(r, key) for key in ("pss_mib", "readings", "looks")]),
    S("Pool {k} ({k})~(?:, on the replica)?(?:, (?:as|SET ROLE) \\w+)?~, {n} process~(?:es)?~: "
      "{w}. On average, {x} connections in use and {x} requests waiting", f.pool_line),
]

SENTENCES = (GATE + ADVICE + SWEEP + GOALS + SERVER + DIAGNOSIS + CONTEXT + REQUESTS
             + OUTAGES + CHARTS + TIMES)


WITHOUT_TIMES = ("begin, commit", "unaccounted", "late start", "backoff")


def times_of_parts(report, cells):
    """Where the time went: four figures of the part, its mean per request, its share."""
    label = cells[0].replace("*", "")
    if label in WITHOUT_TIMES:
        figures = [None] * 5
    else:
        figures = [label] + f.time_row(report, label)
    part = f.part_of(report, label)
    mean = ANY if part is ANY else part / 1e3
    return "wttttt" + "p", figures + [mean, ANY if label == "latency" else f.share(report, label)]


def all_times(report, cells):
    summary = f.summary_of(report, cells[0])
    return "wnttttttt", [None, summary["count"]] + [
        f.seconds(summary, q) for q in ("mean", "p50", "p90", "p95", "p99", "p999", "max")]


def failures(report, cells):
    count = f.failed_at(report, cells[1].strip("`").replace("\\", ""), cells[2])
    return "n", [count]


def own_connections(report, cells):
    one = next(one for one in report["server"]["connections"]
               if one["application_name"] == cells[3])
    return "wwwwnx", [None] * 4 + [one["peak"], one["mean"]]


def kinds(report, cells):
    """Kinds of requests: how many completed and failed, and four figures of their latency."""
    row = f.kind_row(report, cells[0].replace("*", ""))
    return "wnntttt", [None] + row[4:] + row[:4]


TABLES = {
    ("latency by kind of request", "completed", "failed", "p50", "p95", "p99", "max"): kinds,
    ("connections on", "pool", "user", "application_name", "at most", "mean"): own_connections,
    ("where the time went", "p50", "p95", "p99", "max", "mean of completed requests", "share"):
        times_of_parts,
    ("", "count", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"): all_times,
    ("count", "class", "phase", "SQLSTATE", "first message"): failures,
}
