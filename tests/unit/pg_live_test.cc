// Live runs that go well: what was asked really happened on the server, and is counted.
#include "live_bench.h"
#include "pg/session/epoll_time.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

Measurement run_well(const Scenario& scenario, const LiveOptions& options = {}) {
  Measurement m = run(scenario, options);
  for (const FailureCount& f : m.failures) UNSCOPED_INFO(f.example);
  CHECK(m.requests.failed == 0);
  CHECK(m.requests.completed > 0);
  return m;
}

TEST_CASE("variables arrive whole in all three protocols", "[live]") {
  sql("DROP TABLE IF EXISTS said; CREATE TABLE said (how text, n bigint, what text)");
  Scenario scenario = live_scenario({});
  scenario.requests[0].steps = {
      live_sql("INSERT INTO said VALUES ('simple', $1, $2)", {0, 1}, Protocol::simple),
      live_sql("INSERT INTO said VALUES ('extended', $1, $2)", {0, 1}, Protocol::extended),
      live_sql("INSERT INTO said VALUES ('prepared', $2, $1)", {1, 0}, Protocol::prepared)};
  ChoiceVariable words;
  words.values = {"O'Brien \\ $1 :what \"x\"", "gr\xc3\xbc\xc3\x9f", ""};
  scenario.variables = {{"n", SequenceVariable{1, 1}}, {"what", words}};
  const Measurement m = run_well(scenario);

  const auto said = [](const std::string& how) {
    return std::stoull(sql("SELECT count(*) FROM said WHERE how = '" + how + "'"));
  };
  for (const char* how : {"simple", "extended", "prepared"}) {
    INFO(how);
    CHECK(said(how) >= m.requests.completed);
    CHECK(said(how) <= m.requests.completed + 4);  // the last of each user
    for (const std::string& word : words.values) {
      std::string literal;
      for (const char c : word) literal += c == '\'' ? std::string("''") : std::string(1, c);
      CHECK(sql(std::string("SELECT count(*) > 0 FROM said WHERE how = '") + how +
                "' AND what = '" + literal + "'") == "t");
    }
  }
  CHECK(sql("SELECT bool_and(times = 3) FROM (SELECT count(*) AS times FROM said WHERE n < (SELECT "
            "max(n) - 8 FROM said) GROUP BY n) AS counted") == "t");
  CHECK(m.steps.size() == 3);
  for (const Histogram& step : m.steps) CHECK(step.count() == m.requests.completed);
  CHECK(m.client.threads == 1);
  CHECK(m.client.cpu_s > 0);
  CHECK(m.pools[0].connects >= 1);  // a fast user gives back what a slow one then takes
  CHECK(m.pools[0].connects <= 4);
}

TEST_CASE("each protocol is what goes over the wire", "[live]") {
  sql("DROP TABLE IF EXISTS wire; CREATE TABLE wire (n bigint, text text, prepared int, used int)");
  // The server tells the text that came, and which statements the session has prepared.
  const std::string look =
      "INSERT INTO wire SELECT $1, current_query(), count(*), max(generic_plans + custom_plans) "
      "FROM pg_prepared_statements WHERE '$1' <> $2";
  const Protocol protocol = GENERATE(Protocol::simple, Protocol::extended, Protocol::prepared);
  Scenario scenario = live_scenario({live_sql(look, {0, 1}, protocol)});
  ChoiceVariable word;
  word.values = {"it's \\ here"};
  scenario.variables = {{"n", SequenceVariable{1, 1}}, {"word", word}};
  run_well(scenario);
  const char* came = protocol == Protocol::simple
                         ? R"(format($f$INSERT INTO wire SELECT '%s', current_query(), count(*), )"
                           R"(max(generic_plans + custom_plans) FROM pg_prepared_statements )"
                           R"(WHERE '$1' <>  E'it''s \\ here'$f$, n))"
                         : R"('INSERT INTO wire SELECT $1, current_query(), count(*), )"
                           R"(max(generic_plans + custom_plans) FROM pg_prepared_statements )"
                           R"(WHERE ''$1'' <> $2')";
  CHECK(sql(std::string("SELECT bool_and(text = ") + came + ") FROM wire") == "t");
  const bool prepares = protocol == Protocol::prepared;
  CHECK(sql("SELECT bool_and(prepared = " + std::string(prepares ? "1" : "0") + ") FROM wire") ==
        "t");
  // Prepared once for each connection, executed many times.
  if (prepares) CHECK(std::stoi(sql("SELECT max(used) FROM wire")) > 1);
}

TEST_CASE("isolation levels are those of the session's transaction", "[live]") {
  for (const TransactionWords& words : kTransactionWords) {
    const bool sqlite_only =
        words.mode == TransactionMode::immediate || words.mode == TransactionMode::exclusive;
    if (sqlite_only) continue;  // refused before a run on PostgreSQL begins
    INFO(words.word);
    const std::string begin(words.begin);
    const auto has = [&begin](const char* part) { return begin.find(part) != std::string::npos; };
    const std::string level = has("SERIALIZABLE") ? "serializable"
                              : has("REPEATABLE") ? "repeatable read"
                                                  : "read committed";
    // Divides by zero where a setting is another, so that the request fails.
    const std::string check = "SELECT 1 / (current_setting('transaction_isolation') = '" + level +
                              "' AND current_setting('transaction_read_only') = '" +
                              (has("ONLY") ? "on" : "off") +
                              "' AND current_setting('transaction_deferrable') = '" +
                              (has("DEFERRABLE") ? "on" : "off") + "')::int";
    Scenario scenario = live_scenario({live_sql(check)}, words.mode);
    scenario.duration = 1s;  // a deferrable transaction waits for the others to end
    run_well(scenario);
  }
}

TEST_CASE("transactions run in their mode", "[live]") {
  sql("DROP TABLE IF EXISTS modes; CREATE TABLE modes (mode text)");
  const std::string look =
      "INSERT INTO modes SELECT current_setting('transaction_isolation') || ' ' || now()::text";
  Scenario scenario = live_scenario({live_sql(look)}, TransactionMode::serializable);
  run_well(scenario);
  CHECK(sql("SELECT bool_and(mode LIKE 'serializable%') FROM modes") == "t");
  sql("DELETE FROM modes");
  scenario.requests[0].transaction = TransactionMode::read_write;
  run_well(scenario);
  CHECK(sql("SELECT bool_and(mode LIKE 'read committed%') FROM modes") == "t");

  scenario.requests[0].transaction = TransactionMode::read_only;
  const Measurement m = run(scenario);
  CHECK(m.requests.completed == 0);
  CHECK(only_failure(m).sqlstate == "25006");  // read_only_sql_transaction
  CHECK(only_failure(m).phase == Phase::step);
  CHECK(m.pools[0].closes == 0);
}

TEST_CASE("what is committed stays, what failed does not", "[live]") {
  sql("DROP TABLE IF EXISTS live_kept; CREATE TABLE live_kept (n bigint PRIMARY KEY)");
  Scenario scenario = live_scenario({live_sql("INSERT INTO live_kept VALUES ($1)", {0}),
                                     live_sql("SELECT 1 / (($1::bigint % 2)::int)", {0})},
                                    TransactionMode::read_write);
  scenario.variables = {{"n", SequenceVariable{1, 1}}};
  const Measurement m = run(scenario);
  CHECK(m.requests.completed > 0);
  CHECK(only_failure(m).sqlstate == "22012");
  CHECK(only_failure(m).failure == FailureClass::sql_error);
  CHECK(only_failure(m).example == "division by zero");
  CHECK(sql("SELECT bool_and(n % 2 = 1) FROM live_kept") == "t");
  CHECK(std::stoull(sql("SELECT count(*) FROM live_kept")) >= m.requests.completed);
  CHECK(m.pools[0].connects <= 4);
  CHECK(m.pools[0].closes == 0);
}

TEST_CASE("large results are received whole", "[live]") {
  const bool rows = GENERATE(true, false);
  const std::string text = rows ? "SELECT repeat('y', 1000) FROM generate_series(1, 5000)"
                                : "SELECT repeat('x', 700000)";
  for (const Protocol protocol : {Protocol::simple, Protocol::prepared}) {
    Scenario scenario = live_scenario({live_sql(text, {}, protocol), live_sql("SELECT 1")});
    scenario.duration = 1s;
    std::get<ClosedLoad>(scenario.load).users = 2;
    run_well(scenario);
  }
}

TEST_CASE("statements larger than the socket's buffer are sent whole", "[live]") {
  sql("DROP TABLE IF EXISTS big; CREATE TABLE big (length int, last text)");
  Scenario scenario = live_scenario({});
  for (const Protocol protocol : {Protocol::simple, Protocol::extended, Protocol::prepared}) {
    scenario.requests[0].steps.push_back(
        live_sql("INSERT INTO big SELECT length($1::text), right($1::text, 1)", {0}, protocol));
  }
  scenario.requests[0].steps.push_back(live_sql("SELECT $1::text", {0}));
  scenario.variables = {{"text", TextVariable{4'000'000}}};
  scenario.duration = 3s;
  std::get<ClosedLoad>(scenario.load).users = 1;
  const Measurement m = run_well(scenario);
  CHECK(std::stoull(sql("SELECT count(*) FROM big")) >= 3 * m.requests.completed);
  CHECK(sql("SELECT bool_and(length = 4000000 AND last <> ' ') FROM big") == "t");
}

TEST_CASE("two processes on two threads: one measurement", "[live]") {
  sql("DROP TABLE IF EXISTS counted; CREATE TABLE counted (n bigint PRIMARY KEY)");
  Scenario scenario = live_scenario({live_sql("INSERT INTO counted VALUES ($1)", {0})});
  scenario.variables = {{"n", SequenceVariable{1, 1}}};
  scenario.deployment.processes = 2;
  scenario.warmup = 100ms;
  scenario.duration = 1s;
  LiveOptions options;
  options.threads = 2;
  int progress_seen = 0;
  options.on_progress = [&](const Progress& progress) {
    ++progress_seen;
    CHECK(progress.total_s == Approx(1.1));
    CHECK(progress.capacity == 8);
  };
  const Measurement m = run_well(scenario, options);
  CHECK(m.client.threads == 2);
  CHECK(m.pools[0].processes == 2);
  CHECK(m.pools[0].capacity == 8);
  CHECK(m.pools[0].connects >= 2);
  CHECK(m.pools[0].connects <= 4);  // two users in each
  CHECK(m.pools[0].peak_checked_out <= 4);
  CHECK(m.window == 1s);
  CHECK(m.series.size() == 1);
  CHECK(progress_seen >= 1);
  CHECK(m.server.samples > 0);
  CHECK(m.server.connections_peak >= 1);
}

TEST_CASE("each kind of pool runs live", "[live]") {
  for (const char* kind : {"sqlalchemy", "none", "fixed"}) {
    INFO(kind);
    Scenario scenario = live_scenario({live_sql("SELECT 1"), live_hold(1ms)});
    scenario.deployment.pool = DeployedPool{};
    scenario.deployment.pool.kind = kind;
    if (kind == std::string("sqlalchemy")) scenario.deployment.pool.set("pre_ping", true);
    const Measurement m = run_well(scenario);
    if (kind == std::string("none")) CHECK(m.pools[0].connects >= m.requests.completed);
    if (kind == std::string("fixed")) CHECK(m.pools[0].connects == 4);
    if (kind == std::string("sqlalchemy")) CHECK(m.pools[0].pings > 0);
  }
}

TEST_CASE("an open load comes at its rate", "[live]") {
  Scenario scenario = live_scenario({live_sql("SELECT 1")});
  OpenLoad load;
  load.rate_per_s = 200;
  load.poisson = false;
  scenario.load = load;
  scenario.duration = 500ms;
  scenario.deployment.processes = 2;
  const Measurement m = run_well(scenario);
  CHECK(m.requests.scheduled() == 100);
  CHECK(m.requests.shed == 0);
  CHECK(m.client.schedule_lag.count() >= 95);
}

}  // namespace
