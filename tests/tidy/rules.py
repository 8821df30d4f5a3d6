"""The house rules that a machine can check. Each rule yields (line, message) for one file."""

import os
import re

from cpp_text import blank, line_of, outline_of, without_comments
from plain_words import area_of, plain_words

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_COLUMNS = 100

# What a folder may include beside itself: the arrows of docs/architecture.md. A folder within a
# folder has arrows of its own; what is not nested stands under the folder's name alone.
ARROWS = {
    "base": [],
    "math": ["base"],
    "stats": ["base", "math"],
    "policy": ["base"],
    "policy/adaptive": ["policy"],
    "policy/asyncpg": ["policy"],
    "policy/database_sql": ["policy"],
    "policy/hikari": ["policy"],
    "policy/node_postgres": ["policy"],
    "policy/pgbouncer": ["policy"],
    "policy/pgx": ["policy"],
    "policy/plain": ["policy"],
    "policy/prisma": ["policy/node_postgres"],
    "policy/psycopg": ["policy"],
    "policy/rails": ["policy"],
    "policy/sqlalchemy": ["policy/plain"],
    "loop": ["base"],
    "sql": ["base"],
    "script": ["base"],
    "engine": ["policy", "loop", "stats", "script"],
    "sim": ["engine"],
    "guard": ["base"],
    "permit": ["sql"],
    "pg": ["pg/doctor", "pg/guard", "pg/observe", "pg/probe", "pg/server"],
    "pg/conninfo": ["base"],
    "pg/session": ["engine", "pg/conninfo"],
    "pg/target": ["pg/doctor", "sql"],
    "pg/probe": ["pg/target"],
    "pg/server": ["pg/probe"],
    "pg/doctor": ["doctor", "pg/session"],
    "pg/guard": ["guard", "pg/probe"],
    "pg/observe": ["pg/session"],
    "sqlite": ["engine", "sql", "sqlite/presets"],
    "sqlite/presets": ["base"],
    "http": ["base"],
    "scenario": ["policy", "script", "sql", "sqlite/presets"],
    "scenario/goal": ["scenario"],
    "scenario/read": ["scenario/goal"],
    "scenario/import": ["scenario/read"],
    "assess": ["policy", "stats"],
    "gate": ["assess", "scenario"],
    "advise": ["assess"],
    "doctor": ["base"],
    "observe": ["advise"],
    "report": ["advise", "doctor", "gate", "observe"],
    "report/json": ["report"],
    "report/terminal": ["report"],
    "report/markdown": ["report/terminal"],
    "report/html": ["report/json", "report/terminal"],
    "report/export": ["report/json", "report/terminal"],
    "files": ["report/json"],
    "manual": ["base"],
    "app": [
        "advise", "doctor", "files", "gate", "permit", "pg", "scenario/import", "sim", "sqlite",
    ],
    "cli": [],
    "cli/shell": ["app", "report/terminal"],
    "cli/args": ["cli/shell", "manual"],
    "cli/commands": ["cli/args", "http", "report/export", "report/html", "report/markdown"],
}

VALUE_HEADERS = {
    "backend_memory.h", "calibration.h", "server_profile.h",
    "time.h", "result.h", "diagnostic.h", "distribution.h", "histogram.h", "measurement.h",
    "exit_status.h", "gate.h", "import.h", "load.h", "outcome.h", "pool_policy.h", "policies.h",
    "recommendation.h", "scenario.h", "script.h", "sizing.h", "report.h", "stop.h", "curve.h",
    "pool_flags.h", "pool_sizing.h", "pool_traits.h", "in_flight.h", "kinds.h",
    "latency_summary.h", "doctor.h", "guard.h", "observe.h", "part.h",
    "observed_load.h", "terminal_style.h",
}  # fmt: skip
FUNCTION_HEADERS = {"simulate.h": {"sim", "app", "cli"}, "live.h": {"pg", "app"}}

# Libraries and parts of the standard library that have an owner: header, owning files, in words.
OWNED_HEADERS = [
    (r"sqlite3\.h", r"src/sqlite/.*", "src/sqlite"),
    (r"libpq-fe\.h|libpq/.*|postgres_ext\.h", r"src/pg/.*", "src/pg"),
    (r"sys/(?:epoll|timerfd|eventfd)\.h", r"src/pg/.*", "src/pg"),
    (r"CLI/.*", r"src/cli/.*", "src/cli"),
    (r"nlohmann/.*", r"src/(?:scenario|gate|report)/.*", "src/scenario, src/gate and src/report"),
    (r"boost/.*", r"src/math/distributions\.cc", "src/math/distributions.cc"),
    (r"(?:unsupported/)?Eigen/.*", r"src/math/least_squares\.cc", "src/math/least_squares.cc"),
    (r"zlib\.h", r"src/report/.*", "src/report"),
    (r"openssl/.*", r"src/scenario/.*", "src/scenario"),
    (
        r"thread",
        r"src/(?:pg/(?:\w+/)?(?:live.*|aside\.cc)|sim/simulate.*|sqlite/.*|http/.*|app/.*|cli/.*)",
        "live* and aside of pg, sim/simulate*, sqlite, http, app and cli",
    ),
    (r"iostream", r"src/cli/.*", "src/cli"),
]
OWNED_WORDS = [
    (
        r"\b(?:clock_gettime|gettimeofday|(?:steady|system|high_resolution)_clock)\b"
        r"|\btime\(nullptr\)",
        r"src/(?:pg/session/epoll_time\.cc|sqlite/worker_time\.cc|http/.*|cli/.*)",
        "clocks are read only in pg/session/epoll_time.cc, sqlite/worker_time.cc, http and cli",
    ),
    (
        r"\bstd::(?:cout|cerr|clog)\b|\b(?:fmt::print|v?f?printf|f?puts|fputc|putchar)\s*\(",
        r"src/(?:cli/.*|base/check\.cc)",
        "only cli prints",
    ),
]


def reachable(folder):
    """The folder and everything below it along the arrows."""
    found = {folder, "base"}
    for below in ARROWS[folder]:
        found |= reachable(below)
    return found


def layer_of(path):
    """The folder that a source belongs to, or the layer of a unit test; else None."""
    match = re.match(r"src/(\w+(?:/\w+)*)/[^/]+$", path)
    match = match or re.match(r"tests/unit/([a-z]+)_\w*test\.cc$", path)
    return match.group(1) if match else None


def included_by_test(layer):
    """A layer's test may look into all of its folders."""
    return set().union(*(reachable(one) for one in ARROWS if one.split("/")[0] == layer))


def includes_of(text):
    pattern = r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]'
    for match in re.finditer(pattern, without_comments(text), re.MULTILINE):
        yield line_of(text, match.start()), match.group(2), match.group(1) == '"'


def layering(path, text):
    layer = layer_of(path)
    public = path.startswith("include/poolgauge/")
    in_tests = path.startswith("tests/")
    if layer is None and not public:
        return
    if layer is not None and layer not in ARROWS:
        yield 1, f"folder {layer} is not in the table of layers"
        return
    for line, header, quoted in includes_of(text):
        if not quoted:
            continue
        folder, _, name = header.rpartition("/")
        if folder == "poolgauge":
            users = FUNCTION_HEADERS.get(name)
            user = layer.split("/")[0] if layer else None
            if users is not None and user not in users and not public:
                yield line, f"{name} may be used only by {', '.join(sorted(users))}"
            elif users is None and name not in VALUE_HEADERS:
                yield line, f"{name} is in neither list of public headers (tests/tidy/rules.py)"
        elif public:
            yield line, f"a public header may include only public headers, not {header}"
        elif folder == "" and in_tests:
            continue  # shared by the tests themselves
        elif folder not in (included_by_test if in_tests else reachable)(layer):
            yield line, f"{layer} may not include {header}"


def ownership(path, text):
    if not re.match(r"(?:src|include)/", path):
        return
    for line, header, _ in includes_of(text):
        for pattern, owners, words in OWNED_HEADERS:
            if re.fullmatch(pattern, header) and not re.fullmatch(owners, path):
                yield line, f"<{header}> belongs to {words}"
    code = blank(text)
    for pattern, owners, words in OWNED_WORDS:
        if re.fullmatch(owners, path):
            continue
        for match in re.finditer(pattern, code):
            yield line_of(code, match.start()), f"{match.group().strip()}: {words}"


# Kinds of pools, whose names belong to their folders in src/policy; what others need to know about
# a kind is a trait (include/poolgauge/pool_traits.h). Left out are words that mean something else
# elsewhere, too: those are only looked for where a kind is compared.
KINDS = [
    "sqlalchemy", "sqlalchemy-async", "sqlalchemy-null", "psycopg", "psycopg-null", "hikari",
    "asyncpg", "node-postgres", "pgx", "database-sql", "rails", "prisma",
]  # fmt: skip
COMPARED_KINDS = KINDS + ["none", "fixed", "adaptive"]
NAMING_KINDS = [
    (r"src/scenario/import/.*", "the pool of a scenario that is written"),
    (r"src/pg/conninfo/.*", "whose parameters a connection string has, and a scheme of URIs"),
    (r"src/advise/snippets\.h", "the snippet for a pool without one"),
]


def kinds(path, text):
    """No file but a pool's own names its kind."""
    if not re.match(r"src/(?!policy/\w+/)", path) or not is_cpp(path):
        return
    if any(re.fullmatch(place, path) for place, _ in NAMING_KINDS):
        return
    code = without_comments(text)
    names = "|".join(map(re.escape, KINDS))
    compared = "|".join(map(re.escape, COMPARED_KINDS))
    for match in re.finditer(
        rf'"(?:{names})"|\bkind\w*\s*[!=]=\s*"(?:{compared})"|\bkind\w*\.starts_with\("', code
    ):
        yield line_of(code, match.start()), f"{match.group()}: only a pool's folder names its kind"


def awaiting(path, text):
    """Statements with co_await hold names and plain calls: docs/coroutines.md says why."""
    if not is_cpp(path):
        return
    code = blank(text)
    outline = outline_of(code)
    for statement in outline.statements:
        if not re.search(r"\bco_await\b", statement.text):
            continue
        line = line_of(code, statement.start)
        if statement.has_lambda:
            yield line, "a lambda in a statement with co_await: name it on the line above"
        if statement.has_braces:
            yield line, "braces in a statement with co_await: build the value on the line above"
        if "?" in statement.text:
            yield line, "?: in a statement with co_await: use if"
    for block in outline.blocks:
        if block.kind == "lambda" and block.captures and block.suspends:
            yield line_of(code, block.start), "a lambda that captures must not be a coroutine"


def sizes(path, text):
    lines = text.split("\n")
    count = len(lines) - (1 if lines[-1] == "" else 0)
    if count > MAX_FILE_LINES:
        yield count, f"{count} lines, at most {MAX_FILE_LINES}"
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS:
            yield number, f"{len(line)} columns, at most {MAX_COLUMNS}"
    if not is_cpp(path):
        return
    code = blank(text)
    for block in outline_of(code).blocks:
        if block.kind != "function" or block.end is None:
            continue
        first, last = line_of(code, block.start), line_of(code, block.end)
        if last - first + 1 > MAX_FUNCTION_LINES:
            yield first, f"a function of {last - first + 1} lines, at most {MAX_FUNCTION_LINES}"


def sleeping(path, text):
    if not re.match(r"tests/(?:unit|sim)/", path):
        return
    code = blank(text)
    for match in re.finditer(r"sleep_(?:for|until)|\b(?:u|nano)?sleep\s*\(", code):
        yield line_of(code, match.start()), "a test must not sleep: use virtual time"


def unfinished(_path, text):
    # Spelled apart, so that this file passes its own rule.
    words = "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"])
    for match in re.finditer(rf"\b(?:{words})\b", text):
        yield line_of(text, match.start()), f"unfinished: {match.group()}"


def machine_paths(path, text):
    places = ["/wo" + "rk/", "/ro" + "ot/", r"/ho" + r"me/\w"]
    if path.startswith("tests/unit/"):
        places.pop()  # somebody's home is a fair input of a test
    places = "|".join(places)
    for match in re.finditer(rf"(?<![\w.])(?:{places})", text):
        yield line_of(text, match.start()), f"the path of one machine: {match.group()}"


def is_cpp(path):
    return path.endswith((".cc", ".h"))


CODE_RULES = [layering, ownership, kinds, awaiting, sizes, sleeping]
TEXT_RULES = [unfinished, machine_paths, plain_words]
CODE_ENDINGS = (".cc", ".h", ".in", ".py", ".sh", ".cmake")
TEXT_ENDINGS = CODE_ENDINGS + (".md", ".txt", ".json", ".sql", ".yml")


def violations(path, text):
    """Every violation in one file: `path` is relative to the project."""
    is_script = text.startswith("#!")
    rules = []
    if path.endswith(CODE_ENDINGS) or is_script or os.path.basename(path) == "CMakeLists.txt":
        rules += CODE_RULES
    if path.endswith(TEXT_ENDINGS) or is_script or area_of(path) is not None:
        rules += TEXT_RULES
    for rule in rules:
        for line, message in rule(path, text):
            yield f"{path}:{line}: {message} [{rule.__name__}]"
