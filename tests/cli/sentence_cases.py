"""Reports that differ as much as they can: pools, loads, troubles, commands."""

MODEL = {"name": "model", "hold": {"lognormal": {"median": "150ms", "p95": "400ms"}}}


def sql(name, statement, cost="200us"):
    return {"name": name, "sql": statement, **({"cost": cost} if cost else {})}


def chat(cost):
    return {"name": "chat", "weight": 1, "transaction": True,
            "steps": [sql("history", "SELECT 1", cost), MODEL, sql("answer", "SELECT 2", cost)]}


CHAT, UNKNOWN_COST = chat("200us"), chat(None)
SHORT = {"name": "short", "steps": [sql("one", "SELECT 1", "5ms")]}
BROWSE = {"name": "browse", "weight": 4,
          "steps": [sql("list", "SELECT 1"), {"name": "render", "hold": "20ms"}]}
QUERY = {"name": "q", "steps": [{"name": "work", "hold": "40ms"}, sql("one", "SELECT 1")]}
USUAL = ("p95(latency) < 400ms", "rate(pool_timeout) <= 1%")
TWO_POOLS = {"pools": {
    "primary": {"kind": "sqlalchemy", "pool_size": 4, "max_overflow": 2},
    "replica": {"kind": "sqlalchemy", "pool_size": 3, "max_overflow": 0, "target": "replica"}}}
POOLER = {"kind": "pgbouncer", "pool_mode": "transaction", "default_pool_size": 10,
          "max_client_conn": 300}


def case(name, load, goals=USUAL, requests=(CHAT,), deployment=None, **pool):
    where = dict(deployment or {})
    if "pools" not in where:
        where["pool"] = pool
    return {"version": 1, "name": "case-" + name, "requests": list(requests), "load": load,
            "warmup": "1s", "duration": "10s", "deadline": "10s", "deployment": where,
            "slo": list(goals)}


def users(count, **more):
    return {"users": count, **more}


SIMULATED = [
    case("async", users(100), kind="sqlalchemy-async", pool_size=5, max_overflow=10, timeout="1s"),
    case("hikari", users(20), ("p95(latency) < 1s",), kind="hikari", maximumPoolSize=10,
         connectionTimeout="500ms"),
    case("unknown-cost", users(25), requests=(UNKNOWN_COST,), kind="sqlalchemy-async",
         pool_size=25, max_overflow=0),
    case("psycopg", users(40), (), kind="psycopg", min_size=4, max_size=20),
    case("pgx", {"rate": 60, "arrivals": "poisson"}, kind="pgx", pool_max_conns=8),
    case("asyncpg", {"burst": 60, "every": "5s"}, kind="asyncpg", min_size=2, max_size=6),
    case("node", users(50, think="200ms"), kind="node-postgres", max=10,
         connectionTimeoutMillis=300),
    case("go", users(30), kind="database-sql", MaxOpenConns=10, MaxIdleConns=2),
    case("none", users(10), ("p99(latency) < 2s",), kind="none"),
    case("kinds", users(40), ("p95(latency) < 300ms for request browse", "throughput > 50/s"),
         (CHAT, BROWSE), kind="sqlalchemy", pool_size=6, max_overflow=2),
    case("fleet", users(200), deployment={"instances": 3, "processes": 4}, kind="sqlalchemy",
         pool_size=5, max_overflow=10),
    case("pooler", users(100), deployment={"instances": 2, "processes": 2, "pooler": POOLER},
         kind="sqlalchemy", pool_size=20, max_overflow=40),
    case("replica", users(30), requests=(CHAT, dict(BROWSE, pool="replica")),
         deployment=TWO_POOLS),
    case("failing", users(200), (), kind="sqlalchemy-async", pool_size=2, max_overflow=0,
         timeout="300ms"),
    case("backlog", {"rate": 100, "arrivals": "constant"}, ("p95(latency) < 1s",),
         kind="sqlalchemy", pool_size=5, max_overflow=0),
    case("growing", {"rate": 60, "arrivals": "constant"}, ("rate(error) <= 50%",),
         kind="sqlalchemy", pool_size=8, max_overflow=0),
    case("growing-fleet", {"rate": 160, "arrivals": "poisson"}, ("rate(error) <= 50%",),
         deployment={"instances": 2, "processes": 2}, kind="pgx", pool_max_conns=5),
    case("thinking", users(20, think="500ms"), ("p95(latency) < 1s",), kind="rails",
         max_connections=20),
    case("roomy", users(4), ("p95(latency) < 100ms",), (SHORT,), kind="prisma",
         connection_limit=10),
    case("staged", {"stages": [{"users": 10, "for": "1s"}, {"users": 40, "for": "5s"}]},
         kind="psycopg-null", max_size=8),
    case("behind-a-pooler", users(100, think="100ms"), deployment={
        "instances": 2, "processes": 2, "pooler": dict(POOLER, max_client_conn=240)},
        kind="sqlalchemy", pool_size=20, max_overflow=40),
    case("starved", users(24), ("p95(latency) < 30s",), kind="sqlalchemy", pool_size=8,
         max_overflow=0),
    dict(case("starving", users(24), kind="sqlalchemy", pool_size=8, max_overflow=0),
         deadline="60s"),
    case("sliding", users(60), ("p95(latency) < 700ms over 2s", "mean(pool_wait) < 1s"),
         kind="sqlalchemy", pool_size=10),
]

ADVISED = [
    case("advise", users(20), kind="sqlalchemy-async", pool_size=5, max_overflow=10),
    case("advise-hikari", users(12), ("p95(latency) < 120ms",), (QUERY,), kind="hikari",
         maximumPoolSize=5),
    case("advise-rate", {"rate": 60}, ("p95(latency) < 600ms",), kind="psycopg", max_size=5),
    case("advise-fleet", users(60), ("p95(latency) < 100ms",), (QUERY,),
         {"instances": 2, "processes": 2}, kind="psycopg", max_size=5),
    case("advise-node", users(12), ("p95(latency) < 120ms",), (QUERY,), kind="node-postgres",
         max=5),
    case("advise-pgx", users(30), ("p95(latency) < 60ms",), (SHORT,), kind="pgx",
         pool_max_conns=5),
    case("advise-asyncpg", users(30), ("throughput > 200/s",), (QUERY,), kind="asyncpg",
         min_size=1, max_size=5),
]
SWEPT = [
    case("sweep", users(24), kind="sqlalchemy", pool_size=5, max_overflow=0),
    case("knee", users(30), ("p95(latency) < 300ms",), (QUERY,), kind="sqlalchemy-async",
         pool_size=20, max_overflow=0),
]
GATED = case("gate", users(24), kind="sqlalchemy", pool_size=8, max_overflow=0)

SAVED = ["tests/golden/chat-100.json", "tests/golden/chat-100-before.json",
         "tests/golden/troubled.json", "tests/golden/gated.json",
         "reports/example-chat-100.json", "reports/example-chat-100-before.json"]
