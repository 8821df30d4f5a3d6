"""Where the figures of sentences come from: the JSON of a report, in seconds and fractions."""

import math
import re

from sentences import ANY, AtLeast, agrees

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
SIZES = ("pool_size", "max_overflow", "maximumPoolSize", "max_size", "max", "MaxOpenConns",
         "pool_max_conns")


def seconds(summary, statistic):
    """A figure of a summary: None where the sample cannot support it, or a bound."""
    key = {"p99.9": "p999", "longest": "max"}.get(statistic, statistic)
    bound = summary.get(key + "_at_least")
    if bound is not None and (summary.get(key) is None or key in ("max", "mean")):
        return AtLeast(bound / 1e3)
    return None if summary[key] is None else summary[key] / 1e3


def duration(value):
    """A scenario's duration in seconds."""
    if isinstance(value, dict):
        return ANY  # a distribution
    if not isinstance(value, str):
        return value
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", value).groups()
    return float(number) * UNITS[unit]


def goal(report, letter):
    return report["verdict"]["slo"][ord(letter) - ord("A")]


def measured(report, letter):
    one = goal(report, letter)
    if one["measured"] is None and one.get("at_least") is not None:
        return AtLeast(one["at_least"])
    return one["measured"]


def margin(report, letter):
    one = goal(report, letter)
    return abs(one["margin"] / one["limit"])


def load(report, key):
    return duration(report["scenario"]["resolved"]["load"][key])


def most_users(report):
    stages = report["scenario"]["resolved"]["load"].get("stages")
    return max(one["users"] for one in stages) if stages else load(report, "users")


def fleet(report, key):
    deployment = report["scenario"]["resolved"].get("deployment")
    if deployment is None:  # in reports that are made up; the pools know how many they were
        return report["pools"][0]["processes"] / 2 if key == "processes" else 2
    return deployment.get(key, 1)


def sizes_of(pool):
    return [pool["options"][name] for name in SIZES if name in pool["options"]]


def sized(report, kind, place):
    """The size of the pool of a kind; of several, any: they stand side by side."""
    return [sizes_of(pool)[place] for pool in report["pools"] if pool["kind"] == kind]


def pools(report, key):
    return sum(pool[key] for pool in report["pools"])


def of_pool(report, name, *keys):
    pool = next(pool for pool in report["pools"] if pool["name"] == name)
    return [pool[key] for key in keys]


def pool_line(report, name, kind, shown):
    """The line of a pool's options; they are all there as they are in the JSON."""
    pool = next(pool for pool in report["pools"] if pool["name"] == name)
    options = {key: str(value).lower() if isinstance(value, bool) else str(value)
               for key, value in pool["options"].items()}
    parts = dict(part.split(" ", 1) for part in shown.split(", ")) if shown.strip() else {}
    if parts != options or pool["kind"] != kind:
        raise ValueError("options differ: %s" % options)
    return [pool["processes"], pool["checked_out_mean"], pool["waiting_mean"]]


def seen_of(report, name):
    return sum(one["peak"] for one in report["server"]["connections"] if one["pool"] == name)


def by_class(report, name):
    return sum(f["count"] for f in report["failures"] if f["class"] == name)


def expired(report):
    """Requests whose deadline passed while they waited for a connection."""
    return sum(f.get("waiting", 0) for f in report["failures"])


def unserved(report):
    return expired(report) + by_class(report, "pool_timeout")


def ended(report):
    return report["requests"]["completed"] + report["requests"]["failed"]


def deadline(report):
    return duration(report["scenario"]["resolved"]["deadline"])


def failed_at(report, name, phase):
    return sum(f["count"] for f in report["failures"] if (f["class"], f["phase"]) == (name, phase))


def longest_run_wait(report):
    return max(thread["run_wait"] for thread in report["client"]["by_thread"])


def others_share(report):
    """The part of what ran on the machine that was other programs' work."""
    machine = report["client"]["machine_cpu"]
    used = sum(machine[who] for who in ("others", "databases", "own"))
    return machine["others"] / used if used > 0 else 0


def late_start(report, quantile="max"):
    """How late requests started, at a percentile or the latest of them."""
    return [seconds(report["client"]["schedule_lag_ms"], quantile)]


def starved(report):
    """How long the worst thread waited for a processor, and because of others; who else ran."""
    machine = report["client"]["machine_cpu"]
    worst = longest_run_wait(report)
    return [worst, worst * others_share(report), machine["others"], machine["processors"]]


def per_request(report, part):
    return report["breakdown_ms"][part] / 1e3


def held(report):
    return report["connection_time_ms"]["mean"] / 1e3


def kind_row(report, name):
    """The row of one kind of request: its times, and how many completed and failed."""
    one = next(one for one in report["requests_by_kind"] if one["request"] == name)
    return [seconds(one["latency_ms"], q) for q in ("p50", "p95", "p99", "max")] + [
        one["completed"], one["failed"]]


def simulation(report, shown):
    """What a simulation assumes: the JSON's own words, which the check has in their plain form."""
    known = report["target"]["simulation"]["assumes"]
    for sign, ascii_form in {"µ": "u", "×": "x"}.items():
        known = known.replace(sign, ascii_form)
    if re.match(re.escape(shown) + r" cores?$", known) is None:
        raise ValueError("assumed is: %s" % known)
    return []


def slots(report):
    target = report["target"]
    return target["max_connections"] - target["reserved_connections"]


def top(report, key):
    return max(point[key] or 0 for point in report["timeline"])


def pooler_mean(report, gauge):
    series = report["pooler"]["series"]
    return sum(sample[gauge] for sample in series) / len(series)


def pooler_line(report):
    """Clients; servers: most, of how many, mean; waiters; transactions and their mean wait."""
    view, size = report["pooler"], report["target"]["pooler"]["pool_size"]
    return [max(s["cl_active"] + s["cl_waiting"] for s in view["series"]),
            max(s["sv_active"] for s in view["series"]), size, pooler_mean(report, "sv_active"),
            max(s["cl_waiting"] for s in view["series"]), view["xact_count"],
            view["wait_time_s"] / view["xact_count"]]


def outages(report, *keys):
    """Those of any outage that has them all: they are told apart by their words."""
    columns = []
    for outage in report["outages"]:
        end = outage["end_s"]
        known = dict(outage, length_s=None if end is None else end - outage["start_s"])
        columns.append([known[key] for key in keys])
    return [[value for value in column if value is not None] for column in zip(*columns)]


def step_named(report, name):
    return next(step for step in report["steps"] if step["name"] == name)["latency_ms"]


def summary_of(report, label):
    """Of a row of a table of times."""
    plain = {"latency": "latency_ms", "response": "response_ms", "pool wait": "pool_wait_ms",
             "connect": "connect_ms", "connection hold time": "connection_time_ms",
             "SQL statement": "statement_ms"}
    if label in plain:
        return report[plain[label]]
    by_step = re.fullmatch(r"(.+): (.+) \((sql|hold|pause)\)", label)
    if by_step:
        wanted = by_step.groups()
        return next(s for s in report["steps"]
                    if (s["request"], s["name"], s["kind"]) == wanted)["latency_ms"]
    kind, name = re.fullmatch(r"(hold|pause) \((.+)\)", label).groups()
    return next(s for s in report["steps"] if s["kind"] == kind and
                name in (s["name"], "%s: %s" % (s["request"], s["name"])))["latency_ms"]


def part_of(report, label):
    """Mean milliseconds of a request in a row's part; of several holds the JSON has the sum."""
    parts = report["breakdown_ms"]
    if label == "latency":
        return sum(parts.values())
    if label == "begin, commit":
        return parts["begin"] + parts["commit"] + parts["release"]
    name = {"pool wait": "pool_wait", "SQL statement": "sql", "unaccounted": "other",
            "late start": "start", "backoff": "backoff"}.get(label, label.split(" ")[0])
    alike = [s for s in report["steps"] if s["kind"] == name]
    return ANY if name in ("hold", "pause") and len(alike) > 1 else parts[name]


def share(report, label):
    part = part_of(report, label)
    return ANY if part is ANY else part / sum(report["breakdown_ms"].values())


def time_row(report, label):
    return [seconds(summary_of(report, label), q) for q in ("p50", "p95", "p99", "max")]


def memory(report, *keys):
    return sum(report["server"]["backend_memory"][key] for key in keys)


def metric(report, name):
    return next(m for m in report["gate"]["metrics"] if m["metric"] == name)


def side(report, name, which):
    """A gate's figure of one side: in the metric's unit, or a bound."""
    one = metric(report, name)
    value = one[which]
    if value is None:
        return None
    return AtLeast(value) if one.get(which + "_is_bound") and one["unit"] == "s" else value


def change(report, name, scale=1.0):
    """Change, ends of its interval, certainty, pairs, before and after, as sentences have them."""
    one = metric(report, name)
    ends = sorted((abs(one["low"]), abs(one["high"])))
    certainty = math.floor(1000 * one["confidence"]) / 10  # never more than it is
    return [abs(one["change"]) * scale, ends[0] * scale, ends[1] * scale, certainty,
            report["gate"]["pairs"], side(report, name, "baseline"),
            side(report, name, "candidate")]


def runs_of_both(report):
    return [report["gate"]["baseline"]["runs"], report["gate"]["candidate"]["runs"]]


def unpaired_change(report, name, scale=1.0):
    figures = change(report, name, scale)
    return figures[:4] + runs_of_both(report) + figures[5:]


def gate_row(report, name, scale=1.0):
    one = metric(report, name)
    ends = [None if one[key] is None else one[key] * scale for key in ("low", "high")]
    return [side(report, name, "baseline"), side(report, name, "candidate"),
            None if one["change"] is None else one["change"] * scale] + ends


def allowed(report, name):
    one = metric(report, name)
    return -one["margin"] if one["better"] == "higher" else one["margin"]


def runs_of_side(report, name):
    return next(one["runs"] for one in (report["gate"]["baseline"], report["gate"]["candidate"])
                if one["name"].endswith(name))


def difference(report, field):
    one = next(one for one in report["gate"]["differences"] if one["field"] == field)
    return [float(one["baseline"]), float(one["candidate"])]


def wait_limit(report):
    options = report["pools"][0]["options"]
    return duration(next(options[key] for key in ("timeout", "connectionTimeout",
                                                  "connectionTimeoutMillis") if key in options))


def compare_pairs(shown, known, separator):
    for pair in shown.split(", "):
        name, _, value = pair.partition(separator)
        if name in known and known[name](value):
            continue
        raise ValueError("not in the JSON: %r" % pair)
    return []


def wait_events(report, shown):
    def rounded(mean):
        return lambda text: agrees("x", text, mean)
    events = {name: rounded(mean) for name, mean in report["server"]["wait_events"].items()}
    shown = shown.replace("none (on a CPU)", "CPU").rstrip(".")
    return compare_pairs(shown, events, " ")


def server_settings(report, shown):
    def same(value):
        return lambda text: text.strip() == value
    settings = {name: same(value) for name, value in report["server"]["settings"].items()}
    return compare_pairs(shown, settings, " = ")
