"""What the requests of a real application amount to, in the report's own names."""
import math


def percentile(ordered, percent):
    """The smallest value that at least `percent` of all do not exceed."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def figures(seen, start, end):
    """`seen`: (began, ended, outcome) in seconds; those that ended in [start, end) count."""
    counted = [s for s in seen if start <= s[1] < end]
    latencies = sorted((s[1] - s[0]) * 1000 for s in counted if s[2] == "ok")
    timeouts = sum(s[2] == "timeout" for s in counted)
    return {
        "timeout_rate": timeouts / max(1, len(counted)),
        "throughput": len(latencies) / (end - start),
        "latency_ms": {f"p{p}": percentile(latencies, p) for p in (50, 95, 99)},
        "errors": sorted({s[2] for s in counted} - {"ok", "timeout"}),
    }
