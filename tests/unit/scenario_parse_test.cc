// Good scenarios: every part as it is meant, and the resolved form that reads back.
#include <filesystem>

#include "scenario_text.h"

using namespace scenario_test;
using namespace std::chrono_literals;

namespace {

template <class T>
T variable(const std::string& spec) {
  const Scenario s = good(with(R"({ "uniform": [1, 10] })", spec));
  REQUIRE(s.variables.size() == 1);
  REQUIRE(std::holds_alternative<T>(s.variables[0].value));
  return std::get<T>(s.variables[0].value);
}

template <class T>
T hold(const std::string& spec) {
  const Scenario s = good(with(R"("10ms")", spec));
  REQUIRE(std::holds_alternative<T>(s.requests[0].steps[1].time));
  return std::get<T>(s.requests[0].steps[1].time);
}

template <class T>
T load(const std::string& spec) {
  const Scenario s = good(with(R"({ "users": 5, "think": "1s" })", spec));
  REQUIRE(std::holds_alternative<T>(s.load));
  return std::get<T>(s.load);
}

PoolSpec pool(const std::string& spec) {
  return good(with(R"({ "kind": "sqlalchemy", "pool_size": 2 })", spec)).deployment.pool;
}

void check_reads_back(const Scenario& s) {
  const Scenario again = good(s.resolved_json, {}, s.file);
  CHECK(again.resolved_json == s.resolved_json);
  CHECK(again.step_count() == s.step_count());
  CHECK(again.load.index() == s.load.index());
  REQUIRE(again.requests.size() == s.requests.size());
  for (std::size_t i = 0; i < s.requests.size(); ++i) {
    REQUIRE(again.requests[i].steps.size() == s.requests[i].steps.size());
    for (std::size_t j = 0; j < s.requests[i].steps.size(); ++j) {
      CHECK(again.requests[i].steps[j].sql.text == s.requests[i].steps[j].sql.text);
    }
  }
}

}  // namespace

TEST_CASE("the small scenario is read as written") {
  const Scenario s = good(kValid);
  CHECK(s.file == "s.json");
  CHECK(s.name == "small");
  CHECK(s.duration == 20s);
  CHECK(s.warmup == 0s);
  CHECK_FALSE(s.deadline);
  REQUIRE(s.requests.size() == 1);
  CHECK(s.requests[0].weight == 1);
  CHECK(s.requests[0].transaction == TransactionMode::read_write);
  REQUIRE(s.step_count() == 2);
  CHECK(s.requests[0].steps[0].sql.text == "SELECT $1");
  CHECK(s.requests[0].steps[0].protocol == Protocol::prepared);
  CHECK(s.requests[0].steps[1].kind == StepKind::hold);
  CHECK(std::get<ClosedLoad>(s.load).users == 5);
  CHECK(s.max_clients() == 5);
  CHECK(s.deployment.pool.integer("pool_size") == 2);
  CHECK(s.deployment.pool.integer("max_overflow") == 10);
  CHECK(s.goals.size() == 1);
  check_reads_back(s);
}

TEST_CASE("the checksum is of the file's bytes, comments and all") {
  CHECK(good(kValid).sha256.size() == 64);
  CHECK(good(kValid).sha256 != good(kValid + "// x").sha256);
  CHECK(good(kValid, {{"--users", "users", "9"}}).sha256 == good(kValid).sha256);
  CHECK(good("\xEF\xBB\xBF" + kValid).name == "small");
}

TEST_CASE("the resolved form writes out every default") {
  const Scenario s = good(R"({"version": 1, "name": "x", "load": {"users": 3},
      "requests": [{"steps": [{"sql": "SELECT 1"}, {"pause": "1s"}]}]})");
  CHECK(s.resolved_json ==
        R"({"version":1,"name":"x","requests":[{"name":"request1","weight":1,"transaction":false,)"
        R"("steps":[{"name":"step1","sql":"SELECT 1","protocol":"prepared"},)"
        R"({"name":"step2","pause":"1s"}]}],"load":{"users":3,"think":"0s"},"warmup":"0s",)"
        R"("duration":"10s","deployment":{"instances":1,"processes":1,"pool":)" +
            good(s.resolved_json).resolved_json.substr(s.resolved_json.find(R"({"kind")")));
  CHECK(s.resolved_json.find(R"("kind":"sqlalchemy-async","pool_size":5,"max_overflow":10,)"
                             R"("timeout":"30s","recycle":-1,"pre_ping":false)") !=
        std::string::npos);
  check_reads_back(s);
}

TEST_CASE("every kind of variable") {
  CHECK(variable<UniformVariable>(R"({"uniform": [-5, 5]})").low == -5);
  CHECK(variable<ZipfVariable>(R"({"zipf": [1, 9]})").s == 1.0);
  CHECK(variable<ZipfVariable>(R"({"zipf": {"range": [1, 9], "s": 1.1}})").s == 1.1);
  CHECK(variable<ZipfVariable>(R"({"zipf": {"range": [1, 9], "s": 1.1}})").high == 9);
  CHECK(variable<GaussianVariable>(R"({"gaussian": [1, 9]})").parameter == 2.5);
  CHECK(variable<GaussianVariable>(R"({"gaussian": {"range": [1, 9], "parameter": 2}})").high == 9);
  CHECK(variable<ExponentialVariable>(R"({"exponential": [1, 9]})").parameter == 5);
  CHECK(variable<SequenceVariable>(R"({"sequence": 7})").start == 7);
  CHECK(variable<SequenceVariable>(R"({"sequence": {"start": 7, "step": -2}})").step == -2);
  CHECK(variable<TextVariable>(R"({"text": 200})").length == 200);
  const auto plain = variable<ChoiceVariable>(R"({"choice": ["a", 2, 1.5, true]})");
  CHECK(plain.values == std::vector<std::string>{"a", "2", "1.5", "true"});
  CHECK(plain.weights.empty());
  const auto weighted =
      variable<ChoiceVariable>(R"({"choice": {"values": ["a", "b"], "weights": [1, 2.5]}})");
  CHECK(weighted.weights == std::vector<double>{1, 2.5});
}

TEST_CASE("every kind of variable and duration reads back from the resolved form") {
  for (const std::string spec :
       {R"({"uniform": [-5, 5]})", R"({"zipf": {"range": [1, 9], "s": 1.1}})",
        R"({"zipf": [1, 9]})", R"({"gaussian": [1, 9]})",
        R"({"exponential": {"range": [1, 9], "parameter": 0.25}})",
        R"({"sequence": {"start": 7, "step": -2}})", R"({"text": 0})",
        R"({"choice": ["a", 2, "ä\"\\ \n"]})",
        R"({"choice": {"values": ["a", "b"], "weights": [1, 2.5]}})"}) {
    INFO(spec);
    check_reads_back(good(with(R"({ "uniform": [1, 10] })", spec)));
  }
  for (const std::string spec :
       {R"("0")", R"("1.5s")", R"({"exponential": "40ms"})", R"({"uniform": ["1ms", "3ms"]})",
        R"({"lognormal": {"median": "150ms", "p95": "400ms"}})",
        R"({"normal": {"mean": "10ms", "stddev": "0s"}})", R"({"empirical": ["12ms", "15ms"]})"}) {
    INFO(spec);
    check_reads_back(good(with(R"("10ms")", spec)));
  }
}

TEST_CASE("every distribution") {
  CHECK(hold<FixedDuration>(R"("250ms")").value == 250ms);
  CHECK(hold<ExponentialDuration>(R"({"exponential": "40ms"})").mean == 40ms);
  CHECK(hold<UniformDuration>(R"({"uniform": ["1ms", "3ms"]})").high == 3ms);
  CHECK(hold<UniformDuration>(R"({"uniform": ["3ms", "3ms"]})").low == 3ms);
  CHECK(hold<LognormalDuration>(R"({"lognormal": {"median": "150ms", "p95": "400ms"}})").p95 ==
        400ms);
  CHECK(hold<NormalDuration>(R"({"normal": {"mean": "10ms", "stddev": "2ms"}})").stddev == 2ms);
  CHECK(hold<EmpiricalDuration>(R"({"empirical": ["12ms", "15ms"]})").values.size() == 2);
}

TEST_CASE("every load") {
  CHECK(std::get<ExponentialDuration>(
            load<ClosedLoad>(R"({"users": 1e3, "think": {"exponential": "1s"}})").think)
            .mean == 1s);
  CHECK(load<OpenLoad>(R"({"rate": 12.5})").poisson);
  CHECK_FALSE(load<OpenLoad>(R"({"rate": 12.5, "arrivals": "constant"})").poisson);
  CHECK(load<OpenLoad>(R"({"rate": 12.5})").rate_per_s == 12.5);
  CHECK(load<BurstLoad>(R"({"burst": 100, "every": "5s"})").every == 5s);
  CHECK(load<BurstLoad>(R"({"burst": 100})").every == 0s);
  for (const std::string spec : {R"({"rate": 12.5})", R"({"burst": 100})", R"({"users": 1})"}) {
    check_reads_back(good(with(R"({ "users": 5, "think": "1s" })", spec)));
  }
  CHECK_FALSE(good(with(R"({ "users": 5, "think": "1s" })", R"({"rate": 1})")).max_clients());
}

TEST_CASE("retries") {
  const auto retry = [](const std::string& text) {
    const Scenario s = good(with(R"("transaction": true)", "\"retry\": " + text));
    check_reads_back(s);
    return s.requests[0].retry;
  };
  CHECK(good(kValid).requests[0].retry.on.empty());
  CHECK(retry("false").on.empty());
  const RetrySpec usual = retry("true");
  CHECK(usual.on == std::vector<SqlState>{SqlState{"40001"}, SqlState{"40P01"}});
  CHECK(usual.max == 3);
  CHECK(usual.factor == 2);
  CHECK(std::get<ExponentialDuration>(usual.backoff).mean == 10ms);
  CHECK(retry("{}").on == usual.on);
  const RetrySpec own =
      retry(R"({"on": ["55P03"], "max": 1, "backoff": {"uniform": ["1ms", "2ms"]}, "factor": 1})");
  CHECK(own.covers(SqlState{"55P03"}));
  CHECK(retry(R"({"on": ["5", "517"]})").covers(SqlState{"517"}));
  CHECK_FALSE(own.covers(SqlState{"40001"}));
  CHECK(std::get<UniformDuration>(own.backoff).high == 2ms);

  const auto wrong = [](const std::string& text) {
    const auto found = mistakes(with(R"("transaction": true)", "\"retry\": " + text));
    REQUIRE(found.size() == 1);
    return found[0].path + ": " + found[0].message;
  };
  const std::string state =
      "expected an SQLSTATE: five digits and capital letters, such as \"40001\"; or one of "
      "SQLite's "
      "result codes, such as \"5\"";
  CHECK(wrong("3") ==
        "/requests/0/retry: expected true, false, or an object with on, max, backoff, and factor");
  CHECK(wrong(R"({"on": []})") == "/requests/0/retry/on: expected a list of at least one SQLSTATE");
  CHECK(wrong(R"({"on": ["4000"]})") == "/requests/0/retry/on/0: " + state);
  CHECK(wrong(R"({"on": [40001]})") == "/requests/0/retry/on/0: " + state);
  CHECK(wrong(R"({"max": 0})") == "/requests/0/retry/max: expected a whole number from 1 to 1000");
  CHECK(wrong(R"({"factor": 0.5})") == "/requests/0/retry/factor: expected a number from 1 to 100");
  CHECK(wrong(R"({"times": 3})") == "/requests/0/retry/times: unknown key");
}

TEST_CASE("transactions, protocols, weights and pauses") {
  const auto mode = [](const std::string& text) {
    return good(with(R"("transaction": true)", "\"transaction\": " + text)).requests[0].transaction;
  };
  CHECK(mode("false") == TransactionMode::none);
  CHECK(mode(R"("read only")") == TransactionMode::read_only);
  CHECK(mode(R"("serializable")") == TransactionMode::serializable);
  for (const TransactionWords& words : kTransactionWords) {
    const std::string quoted = '"' + std::string(words.word) + '"';
    CHECK(mode(quoted) == words.mode);
    check_reads_back(good(with(R"("transaction": true)", "\"transaction\": " + quoted)));
  }
  const auto protocol = [](const std::string& name) {
    return good(
               with(R"("sql": "SELECT :id")", R"("sql": "SELECT :id", "protocol": ")" + name + '"'))
        .requests[0]
        .steps[0]
        .protocol;
  };
  CHECK(protocol("simple") == Protocol::simple);
  CHECK(protocol("extended") == Protocol::extended);
  const std::string paused =
      with(R"("hold")", R"("pause")", with(R"("transaction": true)", R"("weight": 2.5)"));
  CHECK(good(paused).requests[0].steps[1].kind == StepKind::pause);
  CHECK(good(paused).requests[0].weight == 2.5);
}

TEST_CASE("pool options in the library's own units") {
  CHECK(pool(R"({"kind": "sqlalchemy", "timeout": 2.5})").duration("timeout") == 2500ms);
  CHECK(pool(R"({"kind": "sqlalchemy", "timeout": "2500ms"})").duration("timeout") == 2500ms);
  CHECK(pool(R"({"kind": "sqlalchemy", "recycle": -1})").duration("recycle").count() < 0);
  CHECK(pool(R"({"kind": "sqlalchemy", "recycle": 3600})").duration("recycle") == 1h);
  CHECK(pool(R"({"kind": "sqlalchemy", "max_overflow": -1})").integer("max_overflow") == -1);
  CHECK(pool(R"({"kind": "sqlalchemy-async", "python": 3.12})").choice("python") == "3.12");
  CHECK(pool(R"({"pre_ping": true})").kind == "sqlalchemy-async");
  CHECK(pool(R"({"kind": "none"})").kind == "none");
  check_reads_back(good(with(R"("pool_size": 2)", R"("recycle": 3600, "timeout": 0.25)")));
  check_reads_back(
      good(with(R"({ "kind": "sqlalchemy", "pool_size": 2 })", R"({"kind": "fixed"})")));
}

TEST_CASE("server settings become text") {
  const Scenario s = good(with(R"("version": 1,)",
                               R"("version": 1, "server": {"settings": {"max_connections": 50,
      "jit": false, "work_mem": "8MB", "random_page_cost": 1.1,
      "auto_explain.log_analyze": true}},)"));
  using Pair = std::pair<std::string, std::string>;
  CHECK(s.server_settings == std::vector<Pair>{{"max_connections", "50"},
                                               {"jit", "off"},
                                               {"work_mem", "8MB"},
                                               {"random_page_cost", "1.1"},
                                               {"auto_explain.log_analyze", "on"}});
  CHECK(s.resolved_json.find(R"("max_connections":50,"jit":"off")") != std::string::npos);
  check_reads_back(s);
}

TEST_CASE("the scenarios that are shipped are right, and read back") {
  const std::filesystem::path folder = std::filesystem::path(POOLGAUGE_SOURCE_DIR) / "scenarios";
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string file = entry.path().string();
    if (!file.ends_with(".json") || file.ends_with(".schema.json")) continue;
    INFO(file);
    ScenarioResult result = load_scenario(file, {});
    if (const auto* bad = std::get_if<std::vector<Diagnostic>>(&result)) FAIL(to_text(*bad));
    const Scenario& s = std::get<Scenario>(result);
    CHECK(s.name == entry.path().stem().string());
    CHECK_FALSE(s.description.empty());
    CHECK((s.teardown.empty() || !s.setup.empty()));
    check_reads_back(s);
    ++seen;
  }
  CHECK(seen >= 3);
}
