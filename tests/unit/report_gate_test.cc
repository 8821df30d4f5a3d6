// What two reports differ in, and what a history makes of many.
#include <algorithm>
#include <catch2/catch.hpp>

#include "gate/gate_words.h"
#include "gate/history.h"
#include "report/size_words.h"
#include "report_sample.h"

namespace poolgauge {
namespace {

using Effect = GateDifference::Effect;

Effect effect(const std::vector<GateDifference>& all, const std::string& field) {
  for (const GateDifference& d : all) {
    if (d.field == field) return d.effect;
  }
  FAIL("no difference in " + field);
  return Effect::noted;
}

Report with_scenario(const std::string& json) {
  Report report = sample::after();
  report.scenario_json = json;
  return report;
}

TEST_CASE("a report differs in nothing from itself") {
  CHECK(report_differences(sample::gated(), sample::gated()).empty());
}

TEST_CASE("load, steps and pools are refused; goals, names and durations are noted") {
  const Report a = with_scenario(R"({"name":"a","load":{"users":100},"duration":"20s","slo":["x"],)"
                                 R"("deployment":{"pool":{"pool_size":5}}})");
  const Report b = with_scenario(R"({"name":"b","load":{"users":90},"duration":"10s","slo":["y"],)"
                                 R"("deployment":{"pool":{"pool_size":5,"recycle":"1h"}}})");
  const auto all = report_differences(a, b);
  CHECK(all.size() == 5);
  CHECK(effect(all, "load.users") == Effect::refused);
  CHECK(effect(all, "deployment.pool.recycle") == Effect::refused);
  CHECK(effect(all, "name") == Effect::noted);
  CHECK(effect(all, "duration") == Effect::noted);
  CHECK(effect(all, "slo.0") == Effect::noted);
}

TEST_CASE(
    "another server version, setting or machine is a doubt; later kernels of a series are not") {
  Report a = sample::gated();
  Report b = a;
  b.target.server_version = "16.1";
  b.target.settings[1].second = "256MB";
  b.machine.cores = 4;
  b.machine.kernel = "Linux 6.1.99-other";
  b.machine.memory_mib = 8000;  // 1 % more
  const auto all = report_differences(a, b);
  CHECK(all.size() == 3);
  CHECK(effect(all, "target.server_version") == Effect::doubt);
  CHECK(effect(all, "server.shared_buffers") == Effect::doubt);
  CHECK(effect(all, "machine.cores") == Effect::doubt);
  a.machine = MachineFacts{};
  CHECK(effect(report_differences(a, b), "machine") == Effect::doubt);
  b.target.kind = "server";
  CHECK(effect(report_differences(a, b), "target.kind") == Effect::refused);
}

TEST_CASE("a load of users is closed, any other open") {
  CHECK_FALSE(has_open_load(with_scenario(R"({"load":{"users":100}})")));
  CHECK(has_open_load(with_scenario(R"({"load":{"rate":100}})")));
  CHECK_FALSE(has_open_load(with_scenario("nonsense")));
}

TEST_CASE("a history line reads back as it was") {
  const HistoryEntry entry = history_entry(sample::gated());
  const std::string line = history_line(entry);
  CHECK(std::count(line.begin(), line.end(), '\n') == 1);
  const auto read = read_history(line + "\n" + line, "h.jsonl");
  REQUIRE(read.ok());
  REQUIRE(read.value().size() == 2);
  CHECK(history_line(read.value()[1]) == line);
  CHECK(read.value()[0].name() == "smaller pool");
  const auto bad = read_history(line + "[]\n", "h.jsonl");
  REQUIRE_FALSE(bad.ok());
  CHECK(bad.error().message == "h.jsonl:2: not a line of a poolgauge history file");
}

std::vector<HistoryEntry> steps(std::vector<std::pair<int, double>> levels) {
  std::vector<HistoryEntry> entries;
  int day = 0;
  for (const auto& [count, factor] : levels) {
    for (int i = 0; i < count; ++i) {
      HistoryEntry entry = history_entry(sample::after());
      ++day;
      entry.started_at =
          std::string("2026-01-") + (day < 10 ? "0" : "") + std::to_string(day) + "T12:00:00Z";
      entry.commit = "commit" + std::to_string(day);
      const double wobble = 1 + 0.004 * ((i * 7) % 5 - 2);
      for (auto* value : {&entry.latency_p50_ms, &entry.latency_p95_ms, &entry.latency_p99_ms,
                          &entry.latency_mean_ms}) {
        **value *= factor * wobble;
      }
      *entry.throughput_per_s /= factor * wobble;
      entries.push_back(entry);
    }
  }
  return entries;
}

TEST_CASE("a history finds the run from which on a level changed, in order of time") {
  std::vector<HistoryEntry> entries = steps({{12, 1.0}, {8, 1.25}});
  std::swap(entries[0], entries[19]);
  const History history = make_history(entries, "p95(latency)");
  CHECK(history.entries.front().commit == "commit1");
  REQUIRE_FALSE(history.changes.empty());
  for (const HistoryChange& change : history.changes) {
    CHECK(history.entries[change.at].commit == "commit13");
    CHECK(change.worse);
  }
  const std::string text = history_to_terminal(history, {});
  CHECK(text.find("worse: p95(latency) rose by 25 % at commit13 (2026-01-13 12:00)") !=
        std::string::npos);
  CHECK(text.find("◀ change") != std::string::npos);
  CHECK(text.find("◆") != std::string::npos);
  CHECK(history_to_markdown(history).find("| 2026-01-13 12:00 | commit13 |") != std::string::npos);
}

std::size_t occurrences(const std::string& text, const std::string& piece) {
  std::size_t count = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) {
    ++count;
  }
  return count;
}

TEST_CASE("runs of several series are shown, and not searched for changes") {
  std::vector<HistoryEntry> entries = steps({{12, 1.0}, {8, 1.25}});
  for (std::size_t i = 12; i < entries.size(); ++i) entries[i].series = "another";
  const History history = make_history(entries, "p95(latency)");
  CHECK(history.changes.empty());
  CHECK(history.examined == 0);
  CHECK(
      history_to_terminal(history, {}).find("Not searched for changes: the runs are of 2 series") !=
      std::string::npos);
  CHECK(history_to_terminal(history, {}).find("worse:") == std::string::npos);
}

TEST_CASE("a page says once why a run is inconclusive") {
  Report gated = sample::gated();
  gated.gate->verdict = GateVerdict::inconclusive;
  gated.gate->headline = "the runs are too few";
  gated.gate->reasons = {"one run was excluded"};
  gated.verdict.status = VerdictStatus::inconclusive;
  gated.verdict.reasons = {"the runs are too few", "one run was excluded"};
  const std::string page = to_html(gated);
  CHECK(occurrences(page, "the runs are too few") == 1);
  CHECK(occurrences(page, "one run was excluded") == 1);

  Report saturated = sample::troubled();
  saturated.client_saturated = true;
  saturated.verdict.status = VerdictStatus::inconclusive;
  saturated.verdict.reasons = {"the load generator could not keep up (late)"};
  saturated.diagnosis.insert(
      saturated.diagnosis.begin(),
      Finding{"client_bound", "It could not keep up: late.", "use more --threads"});
  // The same findings in the same order as on the terminal and in Markdown.
  const std::string html = to_html(saturated);
  const std::size_t lead = html.find("<b>The load generator is the bottleneck.</b>");
  const std::size_t next = html.find("Also: <b>The pool is a further limit");
  REQUIRE(lead != std::string::npos);
  REQUIRE(next != std::string::npos);
  CHECK(lead < next);
  CHECK(occurrences(html, "could not keep up") == 1);
  CHECK(html.find("<li>use more --threads</li>") < html.find("<li>release the connection"));
  const std::string markdown = to_markdown(saturated);
  CHECK(markdown.find("**The load generator is the bottleneck.**") <
        markdown.find("a further limit"));
}

TEST_CASE("a steady history has no change, a short one says that it cannot tell") {
  const History steady = make_history(steps({{20, 1.0}}), "throughput");
  CHECK(steady.changes.empty());
  CHECK(history_to_terminal(steady, {})
            .find("No change of 5 % or more was detected in the last 20") != std::string::npos);
  const History brief = make_history(steps({{2, 1.0}}), "throughput");
  CHECK(history_to_terminal(brief, {}).find("Too few runs to detect a change: 2") !=
        std::string::npos);
}

TEST_CASE("a gate over simulations warns of no machine, and lists no difference of names") {
  Report report = sample::gated();
  GateResult& gate = *report.gate;
  gate.paired = false;
  gate.differences = {{"name", "a", "b", GateDifference::Effect::noted},
                      {"deployment.pool.pool_size", "5", "9", GateDifference::Effect::intended}};
  CHECK(to_markdown(report).find("drift of the machine") != std::string::npos);
  report.target.kind = "simulated";
  for (const std::string& text :
       {gate_to_terminal(report, {}), to_markdown(report), to_html(report)}) {
    CHECK(text.find("drift of the machine") == std::string::npos);
    CHECK(text.find("pool_size") != std::string::npos);
    CHECK(text.find("name: a") == std::string::npos);
    CHECK(text.find("<td>name</td>") == std::string::npos);
  }
}

TEST_CASE("a history calls a gate that could not compare what it was, and explains what it shows") {
  Report report = sample::gated();
  report.verdict.status = VerdictStatus::inconclusive;
  CHECK(history_entry(report).verdict == "inconclusive");
  report.gate->verdict = GateVerdict::invalid;
  CHECK(history_entry(report).verdict == "not comparable");
  TerminalStyle style;
  style.explain = true;
  History history = make_history(steps({{20, 1.0}}), "throughput");
  for (HistoryEntry& entry : history.entries) entry.pool_timeout_rate = 0;
  CHECK(history_to_terminal(history, style).find("timeouts") == std::string::npos);
  history.entries[0].pool_timeout_rate = 0.1;
  CHECK(history_to_terminal(history, style).find("timeouts  ") != std::string::npos);
}

}  // namespace
}  // namespace poolgauge
