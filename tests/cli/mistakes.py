"""Mistakes that people make: what is typed, the exit status, and the pieces of the answer that name
the place, the cause and the cure. "mistakes.py PROGRAM" prints them all, to be read."""

import json
import os
import subprocess
import sys
import tempfile

from harness import tiny


def changed(*path, value, remove=None):
    """The tiny scenario with one value set, or a key renamed."""
    scenario = tiny()
    place = scenario
    for key in path[:-1]:
        place = place[key]
    if remove:
        del place[remove]
    place[path[-1]] = value
    return scenario


TEXT = json.dumps(tiny(), indent=2)
REPORT = {"schema_version": 1, "tool": {"name": "poolgauge", "version": "0.1.0"}, "command": "run"}
YAML = "version: 1\nname: tiny\nload:\n  users: 2\n"
GRAMMAR = "goals are STATISTIC(METRIC) OP VALUE"


class Mistake:
    def __init__(self, name, arguments, status, place, cause, cure, files=None, env=None):
        self.name, self.arguments, self.status = name, arguments.split() if isinstance(
            arguments, str) else arguments, status
        self.pieces = (place, cause, cure)
        self.files = {"tiny.json": TEXT, **(files or {})}
        self.env = env or {}


def in_file(name, content, place, cause, cure, command="scenario check bad.json"):
    return Mistake(name, command, 2, place, cause, cure, {"bad.json": content})


def pool(kind, options, place, cause, cure):
    name = "%s with %s" % (kind, " ".join(options))
    return Mistake(name, ["scenario", "show", "tiny.json", "--pool", kind, *options], 2, place,
                   cause, cure)


def target(conninfo, cause, cure, name=None):
    return Mistake(name or "target " + conninfo, ["run", "tiny.json", "--target", conninfo], 2,
                   "--target", cause, cure)


def goal(text, cause, meant):
    return Mistake("goal " + text, ["run", "tiny.json", "--slo", text], 2, "--slo", cause, meant)


COMMANDS = [
    Mistake("no command", [], 2, "no command given", "four", "poolgauge run chat-100"),
    Mistake("a command misspelt", "rnu tiny.json", 2, '"rnu"', "unknown command", 'mean "run"'),
    Mistake("an option misspelt", "run tiny.json --user 5", 2, '"--user"', "unknown option",
            'mean "--users"'),
    Mistake("an option of k6", "run tiny.json --vus 5", 2, '"--vus"', "unknown option",
            "--users"),
    Mistake("an option of pgbench", "run tiny.json -c 5", 2, '"-c"', "unknown option", "--users"),
    Mistake("an option of pgbench for the time", "run tiny.json -T 60", 2, '"-T"',
            "unknown option", "--duration"),
    Mistake("no scenario", "run", 2, "run", "SCENARIO", "poolgauge scenario list"),
    Mistake("a scenario misspelt", "run chat-10", 2, '"chat-10"', "there is no scenario",
            'mean "chat-100"'),
    Mistake("two scenarios", "run tiny.json other.json", 2, '"other.json"', "unexpected argument",
            "one"),
    Mistake("a value without its unit", "run tiny.json --duration 30", 2, "--duration",
            "expected a unit", "30s"),
    Mistake("a value that is missing", "run tiny.json --users", 2, "--users", "value",
            "--users N"),
    Mistake("a word for a number", "run tiny.json --users many", 2, "--users", '"many"',
            "whole number from 1"),
    Mistake("a pool misspelt", "run tiny.json --pool hikary", 2, "--pool", '"hikary"',
            'mean "hikari"'),
    Mistake("a pool by its library's name", "run tiny.json --pool HikariCP", 2, "--pool",
            '"HikariCP"', 'mean "hikari"'),
    Mistake("a pool option without a value", "run tiny.json --pool-option pool_size", 2,
            "--pool-option", '"pool_size"', "NAME=VALUE"),
    Mistake("embedded and a target", "run tiny.json --embedded --target postgresql:///x", 2,
            "--embedded", "cannot be used together", "only one"),
    Mistake("a format that is not there", "report tiny.json --format pdf", 2, "--format", "pdf",
            "html"),
    Mistake("an action without its command", "import x.sql", 2, '"import"', "unknown command",
            'mean "scenario import"'),
    Mistake("nothing to observe", "observe", 2, "observe", "none is given", "--target"),
]

POOLS = [
    pool("hikari", ["--max-overflow", "5"], "--max-overflow", "no overflow", "--pool-size"),
    pool("pgx", ["--pool-timeout", "5s"], "--pool-timeout", "context", "--deadline"),
    pool("none", ["--pool-size", "5"], "--pool-size", "without a pool", "--users"),
    pool("asyncpg", ["--pool-recycle", "1h"], "--pool-recycle", "no maximum age",
         "max_inactive_connection_lifetime"),
    pool("hikari", ["--pool-option", "max_size=5"], "--pool-option max_size", "unknown option",
         'mean "maximumPoolSize"'),
    pool("sqlalchemy", ["--pool-option", "maximumPoolSize=5"], "--pool-option maximumPoolSize",
         "unknown option", 'mean "pool_size"'),
    pool("psycopg", ["--pool-option", "maxTotal=5"], "--pool-option maxTotal", "unknown option",
         "options of \"psycopg\": min_size, max_size"),
    in_file("another library's option in a scenario",
            changed("deployment", "pool", value={"kind": "pgx", "max_size": 5}),
            "bad.json:", "/deployment/pool/max_size", 'mean "pool_max_conns"'),
    in_file("a number as text", changed("deployment", "pool", "pool_size", value="5"),
            "/deployment/pool/pool_size", '"5"', "remove the quotes: write 5"),
    in_file("max_connections that is no number",
            changed("server", value={"settings": {"max_connections": "many"}}),
            "/server/settings/max_connections", '"many"', "whole number"),
]

FILES = [
    Mistake("a path that does not exist", "run no/such.json", 2, "no/such.json", "no such file",
            "poolgauge scenario list"),
    Mistake("a report that does not exist", "gate no/such.json", 2, "no/such.json", "no such file",
            "a directory of reports"),
    Mistake("a directory", "run .", 2, ".", "is a directory", "give a file in that directory"),
    in_file("an empty file", "", "bad.json:1:1", "is empty", "scenario new"),
    in_file("YAML", YAML, "bad.json:1:1", "YAML", "yq"),
    in_file("TOML", "[load]\nusers = 2\n", "bad.json:1:1", "TOML", "in JSON"),
    in_file("CSV", "t,request\n0.5,ask\n", "bad.json:1:1", "CSV", "--replay"),
    in_file("SQL", "SELECT 1;\n", "bad.json:1:1", "SQL", "import --pgbench"),
    in_file("a pgbench script", "\\set id random(1, 10)\nSELECT :id;\n", "bad.json:1:1",
            "a pgbench script", "poolgauge scenario import --pgbench bad.json --output NEW.json"),
    in_file("a server log", "2026-01-31 12:00:00.1 UTC [7] LOG:  duration: 1 ms\n", "bad.json:1:1",
            "a PostgreSQL server log", "scenario import --stderrlog bad.json"),
    in_file("a jsonlog", '{"timestamp":"2026-01-31 12:00:00.1 UTC","error_severity":"LOG"}\n' * 2,
            "bad.json:1:1", "a PostgreSQL jsonlog", "scenario import --jsonlog bad.json"),
    in_file("a csvlog", "2026-01-31 12:00:00.1 UTC," + "," * 24 + "\n", "bad.json:1:1",
            "a PostgreSQL csvlog", "scenario import --csvlog bad.json"),
    Mistake("a log as a pgbench script", "scenario import --pgbench bad.log", 2, "--pgbench",
            "a PostgreSQL server log", "use --stderrlog bad.log",
            {"bad.log": "2026-01-31 12:00:00.1 UTC [7] LOG:  duration: 1 ms\n"}),
    in_file("a trailing comma", TEXT.replace('"duration": "1s"', '"duration": "1s",,'),
            "bad.json:", "two commas", "remove one"),
    in_file("a trailing comma at the end", TEXT[:-2] + ",\n}", "bad.json:", "extra comma",
            "remove it"),
    in_file("a missing comma", TEXT.replace('"tiny",', '"tiny"'), "bad.json:", "expected a comma",
            "missing comma before it"),
    in_file("a key without quotes", TEXT.replace('"version"', "version"), "bad.json:2:",
            "needs quotes around keys", 'write "version"'),
    in_file("single quotes", TEXT.replace('"tiny"', "'tiny'"), "bad.json:", "single quotes",
            "double quotes"),
    in_file("a # comment", "# my load\n" + TEXT, "bad.json:1:1", "#", "//"),
    in_file("a duration without quotes", TEXT.replace('"1s"', "1s"), "bad.json:",
            "string in quotes", 'write "1s"'),
    in_file("a file cut off", TEXT[:-20], "bad.json:", "end of the file", "complete"),
    in_file("a key misspelt", TEXT.replace('"duration"', '"duraton"'), "/duraton", "unknown key",
            'mean "duration"'),
    in_file("a duration as a number", changed("duration", value=30), "/duration", "found 30",
            '"30s"'),
    in_file("no requests", changed("name", value="x", remove="requests"), "/requests", "missing",
            "a list of requests"),
    in_file("a variable that is not declared",
            changed("requests", value=[{"name": "a", "steps": [{"sql": "SELECT :id"}]}]),
            "/requests/0/steps/0/sql", '":id"', '"variables"'),
    in_file("a setup file that is missing", changed("data", value={"setup": ["none.sql"]}),
            "/data/setup/0", "no such file", "relative to the scenario file"),
    in_file("a report in place of a scenario", REPORT, "bad.json", "saved report", "simulate",
            "run bad.json"),
    Mistake("a scenario in place of a report", "report tiny.json", 2, "tiny.json",
            "this is a scenario", "poolgauge run"),
    Mistake("Markdown in place of a report", "compare report.md report.md", 2, "report.md",
            "Markdown", ".json file next to it", {"report.md": "# chat-100\n\n- a\n"}),
    Mistake("a report cut off", "gate bad.json --baseline bad.json", 2, "bad.json:",
            "is truncated", "measure again",
            {"bad.json": json.dumps(REPORT)[:-1]}),
    Mistake("a report that does not exist", "report nope.json", 2, "nope.json",
            "No such file", "--out"),
    Mistake("a directory without reports", "history empty-folder", 2, "empty-folder", "no runs",
            "a directory of reports", {"empty-folder/x.txt": ""}),
    Mistake("a log in place of a script", "scenario import --pgbench none.sql", 2, "none.sql",
            "No such file", "--pgbench FILE"),
    Mistake("an import without a source", "scenario import", 2, "scenario import",
            "exactly one source", "--csvlog FILE"),
    Mistake("an output folder that cannot be", "run tiny.json --json no/such/x.json", 2,
            "no/such", "No such file", "mkdir"),
]

TARGETS = [
    target("postgresql+asyncpg://app:pw@db/app", "names a driver", "'postgresql://app@db/app'"),
    target("jdbc:postgresql://db:5432/app?user=app", "JDBC", "'postgresql://app@db:5432/app'"),
    target("postgresql://db/app?schema=public&pgbouncer=true&connection_limit=5", "Prisma",
           "--pool-option connection_limit=5"),
    target("postgres://db/app?pool_max_conns=10", "pgx", "--pool-option pool_max_conns=10"),
    target("postgresql://db/app?sslmode=no-verify", "node-postgres", "sslmode=require"),
    target("postgresql://db:99999/app", "port 99999 is out of range", "/app?port=PORT'"),
    target("service=none-such", "unknown service", "pg_service.conf"),
    target("Host=db;Username=app;Database=shop", "ADO.NET", "'postgresql://app@db/shop'"),
    target("127.0.0.1", "is a host, not a database", "'postgresql://127.0.0.1/DATABASE'"),
    target("db:5432/app", "must start with postgresql://", "'postgresql://db:5432/app'"),
    target("mysql://db/app", "MySQL", "measures PostgreSQL"),
    target("hots=db", "no parameter hots", "did you mean host"),
    target("", "is empty", "omit it", "an empty target"),
    Mistake("an empty variable", "run tiny.json", 2, "POOLGAUGE_TARGET", "is empty", "--embedded",
            env={"POOLGAUGE_TARGET": ""}),
    Mistake("DATABASE_URL of another database", "run tiny.json", 2, "DATABASE_URL", "MySQL",
            "--embedded", env={"DATABASE_URL": "mysql://app:pw@db/app"}),
    Mistake("DATABASE_URL of an async driver", "run tiny.json", 2, "DATABASE_URL", "driver",
            "--target 'postgresql://", env={"DATABASE_URL": "postgresql+asyncpg://app@db/app"}),
    Mistake("nobody listens", "run tiny.json --target postgresql://app@127.0.0.1:1/app", 3,
            "127.0.0.1:1/app", "refused", "check host and port"),
    Mistake("no such host", "run tiny.json --target postgresql://app@no-such-host.invalid/app", 3,
            "no-such-host.invalid", "unreachable", "check host and port"),
]

GOALS = [
    goal("p95 < 300ms", 'expected "("', 'mean "p95(latency) < 300ms"'),
    goal("p95(latency, browse) < 1s", 'expected ")"',
         'mean "p95(latency) < 1s for request browse"'),
    goal("error_rate < 1%", "expected a statistic", 'mean "rate(error) < 1%"'),
    goal("p95(latncy) < 1s", "expected a metric", 'mean "latency"'),
    goal("p97(latency) < 1s", "expected a statistic", 'mean "p99(latency) < 1s"'),
    goal("p95(latency) < 500", "expected a unit", 'mean "p95(latency) < 500ms"'),
    goal("throughput > 100", "expected a rate", 'mean "throughput > 100/s"'),
    goal("make it fast", "expected a statistic", GRAMMAR),
    goal("p95(step:oen) < 1s", "name of a step", 'mean "one"'),
    Mistake("a figure of gate", "gate tiny.json --pairs 6 --simulated --metric p95", 2, "--metric",
            "expected a metric", "p95(latency)"),
]

OTHERS = [
    Mistake("memory without a unit", "size --memory 16", 2, "--memory", '"16"', "16GB"),
    Mistake("a rate in words", "size --rate fast", 2, "--rate", '"fast"', "such as 200"),
    Mistake("sizes backwards", "sweep tiny.json --simulated --sizes 60..5", 2, "--sizes", "60..5",
            "5..60"),
    Mistake("advise without goals", "advise bad.json --simulated", 2, "goal", "advise",
            "--slo 'p95(latency) < 500ms'", {"bad.json": json.dumps(changed("slo", value=[]))}),
    Mistake("a pair without a difference", "gate tiny.json --baseline-set pool_size=3", 2,
            "--baseline-set needs --pairs", "--candidate-target", "--pairs 6 --baseline-set"),
    Mistake("a target for simulate", "simulate tiny.json --target host=db", 2, "--target",
            "uses no database", "poolgauge run"),
    Mistake("a shell that is not known", "completion powershell", 2, "powershell", "bash", "zsh"),
]

ALL = COMMANDS + POOLS + FILES + TARGETS + GOALS + OTHERS


def lay_out(mistake, directory):
    for name, content in mistake.files.items():
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content, indent=2))


def main():
    clean = {key: value for key, value in os.environ.items()
             if not key.startswith(("PG", "POOLGAUGE_")) and key != "DATABASE_URL"}
    for mistake in ALL:
        with tempfile.TemporaryDirectory() as directory:
            lay_out(mistake, directory)
            result = subprocess.run(
                [os.path.abspath(sys.argv[1]), *mistake.arguments], cwd=directory, text=True,
                env={**clean, **mistake.env}, stdin=subprocess.DEVNULL, capture_output=True)
        missing = [piece for piece in mistake.pieces if piece not in result.stderr]
        right = result.returncode == mistake.status and not missing
        print("%s %s: %s\n    %s" % ("ok  " if right else "FAIL", mistake.name,
                                     "" if right else "exit %d, not %s" % (
                                         result.returncode, missing),
                                     result.stderr.strip().replace("\n", "\n    ")))


if __name__ == "__main__":
    main()
