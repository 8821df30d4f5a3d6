"""Small sources that break one rule each, and some that look as if they did."""

from rules import violations

LIVE = "src/pg/session/session.cc"
TEST = "tests/unit/loop_task_test.cc"

# (rule that must object, path, source)
BAD = [
    ("layering", "src/stats/a.cc", '#include "loop/loop.h"\n'),
    ("layering", "src/policy/a.cc", '  #  include "engine/pool.h"\n'),
    ("layering", "src/sim/a.cc", '#include "pg/conninfo.h"\n'),
    ("layering", "src/engine/a.cc", '#include "poolgauge/simulate.h"\n'),
    ("layering", "src/sim/a.cc", '#include "poolgauge/live.h"\n'),
    ("layering", "src/base/a.cc", '#include "poolgauge/unheard_of.h"\n'),
    ("layering", "src/util/a.cc", "int x;\n"),
    ("layering", "include/poolgauge/time.h", '#include "base/rng.h"\n'),
    ("layering", "tests/unit/advise_goals_test.cc", '#include "report/words.h"\n'),
    ("layering", "tests/unit/pg_goals_test.cc", '#include "scenario/read/resolve.h"\n'),
    ("layering", "src/report/a.cc", '#include "report/html/html_parts.h"\n'),
    ("layering", "src/report/html/a.cc", '#include "report/markdown/markdown.h"\n'),
    ("layering", "src/report/pdf/a.cc", "int x;\n"),
    ("ownership", "src/engine/a.cc", "#include <libpq-fe.h>\n"),
    ("ownership", "src/report/a.cc", "#include <CLI/CLI.hpp>\n"),
    ("ownership", "src/cli/a.cc", "#include <nlohmann/json.hpp>\n"),
    ("ownership", "src/pg/session/epoll_time.cc", "#include <thread>\n"),
    ("ownership", "src/report/a.cc", "#include <iostream>\n"),
    ("ownership", "src/loop/a.cc", "auto t = std::chrono::steady_clock::now();\n"),
    ("ownership", "src/pg/live.cc", "void f() { ::clock_gettime(CLOCK_MONOTONIC, &ts); }\n"),
    ("ownership", "src/report/a.cc", 'void f() { fmt::print("x"); }\n'),
    ("ownership", "src/report/a.cc", 'void f() { std::fprintf(stderr, "x"); }\n'),
    ("ownership", "src/pg/a.cc", 'void f() { std::cerr << "x"; }\n'),
    ("kinds", "src/assess/a.cc", 'bool f() { return kind == "none"; }\n'),
    ("kinds", "src/policy/a.cc", 'const char* k = "hikari";\n'),
    ("kinds", "src/pg/target/a.cc", 'bool f() { return pool.kind.starts_with("sqlal"); }\n'),
    ("awaiting", LIVE, "Task<> f() {\n  co_await g([x] { return x; });\n}\n"),
    ("awaiting", LIVE, "Task<> f() {\n  co_await g(\n      Options{.name = 1},\n      2);\n}\n"),
    ("awaiting", LIVE, "Task<> f() {\n  auto x = cond ? co_await a() : b;\n}\n"),
    ("awaiting", LIVE, "Task<> f() {\n  Thing t{co_await make(), 5};\n}\n"),
    ("awaiting", LIVE, "Task<> f() {\n  co_await f({a, b});\n}\n"),
    ("awaiting", LIVE, "Task<> f() {\n  co_return Thing{co_await g()};\n}\n"),
    ("awaiting", LIVE, "Task<> f() {\n  if (co_await g(Name{})) {\n    h();\n  }\n}\n"),
    ("awaiting", LIVE, "Task<> A::f() const {\n  for (int i{0}; co_await g(); ++i) h();\n}\n"),
    ("awaiting", TEST, "TEST(x) {\n  auto f = [&]() -> Task<int> { co_return 1; };\n}\n"),
    ("awaiting", TEST, "TEST(x) {\n  spawn([y](int z) -> Task<> { co_await w(z); });\n}\n"),
    ("sizes", LIVE, "int x;\n" * 401),
    ("sizes", "scripts/lib.sh", "true\n" * 401),
    ("sizes", LIVE, "// " + "é" * 98 + "\n"),
    ("sizes", LIVE, "namespace a {\nint f(int x) {\n" + "  ++x;\n" * 59 + "  return x;\n}\n}\n"),
    ("sizes", LIVE, "A::A(int x)\n    : x_{x} {\n" + "  ++x_;\n" * 58 + "}\n"),
    ("sizes", LIVE, "struct A {\n  int f() const {\n" + "    g();\n" * 60 + "  }\n};\n"),
    ("sleeping", TEST, "void f() { std::this_thread::sleep_for(1s); }\n"),
    ("sleeping", "tests/sim/a.cc", "void f() { usleep(3); }\n"),
    ("sleeping", "tests/sim/a.cc", "void f() { ::sleep(3); }\n"),
    ("unfinished", "README.md", "TO" + "DO: write this\n"),
    ("unfinished", LIVE, "// FIX" + "ME later\n"),
    ("plain_words", "docs/a.md", "A request that becomes\ndue is counted.\n"),
    ("plain_words", "README.md", "p95 is 48.8 % too much.\n"),
    ("plain_words", "CHANGELOG.md", "It is started in any\ncase.\n"),
    ("plain_words", "scenarios/a.json", '{"description": "users who give it back"}\n'),
    ("plain_words", "src/sim/a.h", "/// A user gives the\n/// connection back.\nint f();\n"),
    ("plain_words", "src/sim/a.h", "int x = 0;  ///< a state of things\n"),
    ("plain_words", "ci/Jenkinsfile", "// a test of the machine's mood\n"),
    ("machine_paths", "docs/a.md", "see /ho" + "me/ann/notes\n"),
    ("machine_paths", "scripts/x.sh", "cd /wo" + "rk/here\n"),
]

# (path, source) that no rule may object to
GOOD = [
    ("src/sim/a.cc", '#include "loop/time_driver.h"\n#include "poolgauge/simulate.h"\n'),
    ("tests/unit/manual_time.h", '#include "loop/loop.h"\n'),
    ("src/report/html/a.cc", '#include "report/words.h"\n#include "assess/goals.h"\n'),
    ("tests/unit/pg_goals_test.cc", '#include "pg/server/embedded_server.h"\n'),
    ("src/stats/a.cc", '// #include "loop/loop.h"\n#include "base/check.h"\n'),
    ("src/report/a.cc", '#include <nlohmann/json.hpp>\n#include "stats/interval.h"\n'),
    ("src/pg/session/epoll_time.cc", "void f() { clock_gettime(CLOCK_MONOTONIC, &ts); }\n"),
    ("src/policy/hikari/a.cc", 'const char* k = "hikari";\n'),
    ("src/assess/a.cc", '// "hikari"\nbool f() { return mode == "none"; }\n'),
    ("src/base/check.cc", 'void f() { std::fprintf(stderr, "x"); }\n'),
    ("src/report/a.cc", 'void f() { std::snprintf(b, n, "std::cout << printf(1)"); }\n'),
    (LIVE, "Task<> f() {\n  const Outcome o = co_await g(a, std::move(b));\n}\n"),
    (LIVE, "Task<> f() {\n  if (!co_await g(a[0], 1'000)) {\n    h(X{});\n  }\n}\n"),
    (LIVE, "Task<> f() {\n  for (auto& x : xs) {\n    co_await g(x);\n  }\n  co_return X{};\n}\n"),
    (LIVE, "Task<> f() {\n  const auto [a, b] = co_await g();\n  h([a] { return a; });\n}\n"),
    (LIVE, 'Task<> f() {\n  co_await g("what? {", \'{\', R"(}?)");  // {?\n}\n'),
    (LIVE, "A::A(int x) : x_{x} {\n  h();\n}\nTask<> A::f() {\n  co_await g();\n}\n"),
    (LIVE, "#define M(x) \\\n  co_await g({x})\nTask<> f() noexcept { co_await g(); }\n"),
    (LIVE, "enum class E : int { a, b };\nTask<> f() {\n  switch (e) {\n    case E::a: {\n"
           "      co_await g();\n      break;\n    }\n  }\n}\n"),
    (TEST, "TEST(x) {\n  auto f = [](int y) -> Task<int> { co_return y; };\n}\n"),
    (TEST, "TEST(x) {\n  auto f = [&] { return world.spawn(user(world)); };\n}\n"),
    (TEST, 'void f() { run("SELECT pg_sleep(1)"); pg_sleep(1); }\n'),
    (LIVE, "int f(int x) {\n" + "  ++x;\n" * 57 + "  return x;\n}\n"),
    (LIVE, "struct A {\n" + "  int f() {\n    return 1;\n  }\n" * 30 + "};\n"),
    (LIVE, "// " + "é" * 97 + "\n"),
    ("scripts/x.sh", "d=$(mktemp -d /tmp/pg.XX" + "XXXX)\n"),
    ("docs/a.md", "The output:\n```\n✗ 48.8 % too much\n```\nis over the limit.\n"),
    ("scenarios/a.json", '{"name": "in any case", "description": "in most cases"}\n'),
    ("src/sim/a.h", "/// Releases the connection.\nint give_back();\n"),
    ("docs/pools.md", "| `timeout` | 30s | in any case |\n"),
    ("docs/a.md", "see src/wo" + "rk/ and https://host/wo" + "rk.html\n"),
]  # fmt: skip


def self_test():
    failures = 0
    for rule, path, source in BAD:
        found = list(violations(path, source))
        if not any(violation.endswith(f"[{rule}]") for violation in found):
            print(f"not caught by {rule}: {path}\n{source[:200]}")
            failures += 1
        if any(not violation.endswith(f"[{rule}]") for violation in found):
            print(f"caught by another rule than {rule}: {found}")
            failures += 1
    for path, source in GOOD:
        for violation in violations(path, source):
            print(f"wrongly caught: {violation}\n{source[:200]}")
            failures += 1
    print(f"{len(BAD)} bad and {len(GOOD)} good sources, {failures} failures")
    return 1 if failures else 0
