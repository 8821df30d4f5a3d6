// The forms a report is written in: the same bytes from memory and from the saved file, well-formed
// whatever a server's message or a scenario's name holds.
#include <catch2/catch.hpp>
#include <string>

#include "report/markup.h"
#include "report_sample.h"

namespace poolgauge {
namespace {

using Renderer = std::string (*)(const Report&);
constexpr Renderer kRenderers[] = {
    to_json, to_markdown, to_junit, to_prometheus, to_github_benchmark, to_bencher, to_html};

bool mentions(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

std::size_t times(const std::string& text, const std::string& piece) {
  std::size_t count = 0;
  for (auto at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++count;
  return count;
}

Report loaded(const Report& report) {
  Result<Report> read = report_from_json(to_json(report), "test");
  REQUIRE(read.ok());
  return std::move(read).value();
}

TEST_CASE("what was rendered of a run is rendered again from its file, byte for byte") {
  for (const Report& made : {sample::before(), sample::after(), sample::troubled()}) {
    const Report written = as_saved(made);
    const Report read = loaded(made);
    for (const Renderer render : kRenderers) CHECK(render(written) == render(read));
    CHECK(to_terminal(written, {}) == to_terminal(read, {}));
    CHECK(to_json(written) == to_json(made));
  }
}

TEST_CASE("markup is escaped, and what XML may not hold is written out") {
  CHECK(markup_text("p95 < 1s & \"x\" 'y' >") ==
        "p95 &lt; 1s &amp; &quot;x&quot; &#39;y&#39; &gt;");
  CHECK(markup_text("tab\tline\n") == "tab\tline\n");
  CHECK(markup_text("µs – ✓ 🐘") == "µs – ✓ 🐘");
  CHECK(markup_text(std::string("a\0b\x1b[1m", 7)) == "a\\x00b\\x1b[1m");
  CHECK(markup_text("caf\xE9!") == "caf\\xe9!");            // Latin-1
  CHECK(markup_text("\xC0\xAF") == "\\xc0\\xaf");           // overlong
  CHECK(markup_text("\xED\xA0\x80") == "\\xed\\xa0\\x80");  // half of a pair
  CHECK(markup_text("\xEF\xBF\xBF") == "\\uffff");          // no character
  CHECK(markup_text("cut \xF0\x9F\x90") == "cut \\xf0\\x9f\\x90");
}

TEST_CASE("JUnit has one case for each goal, and no more while the run is conclusive") {
  const Report report = sample::before();
  const std::string xml = to_junit(report);
  CHECK(times(xml, "<testcase ") == 2);
  CHECK(times(xml, "<failure ") == 1);
  CHECK(mentions(xml, "name=\"p95(latency) &lt; 1s\""));
  CHECK(mentions(xml, "tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\""));
  CHECK(mentions(xml, "What to do: "));
}

TEST_CASE("JUnit never shows a run that tells nothing as one that passed") {
  Report report = sample::after();
  report.verdict.status = VerdictStatus::inconclusive;
  report.verdict.reasons = {"the client was saturated"};
  const std::string xml = to_junit(report);
  CHECK(times(xml, "<testcase ") == report.verdict.goals.size() + 1);
  CHECK(mentions(xml, "errors=\"1\""));
  CHECK(mentions(xml, "<error message=\"the client was saturated\""));

  report.verdict.status = VerdictStatus::regression;
  CHECK(mentions(to_junit(report), "failures=\"1\""));

  report.verdict.status = VerdictStatus::pass;
  report.verdict.goals.clear();
  report.verdict.reasons.clear();
  const std::string none = to_junit(report);
  CHECK(times(none, "<testcase ") == 1);
  CHECK(mentions(none, "failures=\"0\" errors=\"0\""));
}

TEST_CASE("JUnit skips a goal that the sample cannot support, beside the error") {
  const std::string xml = to_junit(sample::troubled());
  CHECK(times(xml, "<skipped ") == 1);
  CHECK(times(xml, "<error ") == 1);
}

TEST_CASE("Prometheus: one head for each family, escaped labels, whole counts") {
  Report report = sample::troubled();
  report.scenario_name = "a \"b\"\\\nc";
  report.requests.completed = 123456789;
  const std::string text = to_prometheus(report);
  CHECK(mentions(text, "scenario=\"a \\\"b\\\"\\\\\\nc\""));
  CHECK(mentions(text, ",outcome=\"completed\"} 123456789\n"));
  CHECK(times(text, "# TYPE poolgauge_step_seconds summary\n") == 1);
  CHECK(times(text, "# TYPE poolgauge_requests gauge\n") == 1);
  CHECK(mentions(text, "poolgauge_verdict{"));
  // A percentile the sample does not support is no sample, rather than a zero.
  CHECK_FALSE(mentions(text, "poolgauge_latency_seconds{quantile=\"0.999\""));
}

TEST_CASE("benchmarks hold only what the sample supports") {
  Report report = sample::after();
  const std::string before = to_bencher(report);
  CHECK(mentions(before, "chat-100: p95(latency)"));
  CHECK(mentions(before, "lower_value"));
  report.latency.p95 = std::nullopt;
  CHECK_FALSE(mentions(to_bencher(report), "chat-100: p95(latency)"));
  CHECK_FALSE(mentions(to_github_benchmark(report), "chat-100: p95(latency)"));
}

}  // namespace
}  // namespace poolgauge
