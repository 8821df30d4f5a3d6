"""The sentences of reports that older versions saved: a report keeps the words of its diagnosis."""

import sentence_figures as f
import sentence_findings as d
from sentences import Sentence as S

OLDER = [
    S("A request waits {t} ({q}) for a connection that it then uses for {t} ({q})",
      lambda r, a, b: [f.seconds(r["pool_wait_ms"], a), f.seconds(r["connection_time_ms"], b)]),
    S("{n} of {n} connections were checked out all the time, {n} requests waited; {x} of the {n} "
      "were idle in transaction",
      lambda r: [f.pools(r, key) for key in ("peak_checked_out", "capacity", "peak_waiting")]
      + [r["server"]["idle_in_transaction_mean"], f.pools(r, "capacity")]),
    S("{x} statements running at a time, no lock waits", lambda r: [r["server"]["active_mean"]]),
    S("it has {n} slots for clients", lambda r: [f.slots(r)]),
    S("only with {n} connections would nobody wait ({n} in use + {n} waiting at the peak)",
      d.demand),
    S("{p} of the time a connection is checked out it only waits for the application (step "
      "\"{w}\"): {t} of {t} per request",
      lambda r, _: [f.per_request(r, "hold") / f.held(r), f.per_request(r, "hold"), f.held(r)]),
    S("throughput must rise by more than {p}", lambda r: [0.05]),
]
