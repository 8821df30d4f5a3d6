// Memory per connection in every form of a report.
#include <catch2/catch.hpp>

#include "report/sentences.h"
#include "report_sample.h"

namespace poolgauge {
namespace {

using Catch::Matchers::Contains;

Report with_memory() {
  Report report = sample::after();
  report.server.memory = {3, 48, 9.75, 5.5, 7.25, 0.75, ""};
  return report;
}

TEST_CASE("what one more connection takes is its own memory and its page tables", "[memory]") {
  const Report report = with_memory();
  REQUIRE(connection_memory_mib(report));
  CHECK(*connection_memory_mib(report) == Approx(6.25));
  CHECK(memory_part(report) == "6.2 MiB of server memory per connection");
  CHECK_THAT(
      memory_sentences(report),
      Contains("0.8 MiB of page tables") && Contains("had 7.2 MiB") &&
          Contains("9.8 MiB on average (PSS; 48 readings of server processes in 3 samples)"));
}

TEST_CASE("only what a report shows is explained, under the same name", "[memory]") {
  const auto explained = [](const Report& report, const std::string& figure) {
    const std::string lines = "\n" + to_terminal(report, [] {
                                TerminalStyle style;
                                style.explain = true;
                                return style;
                              }());
    return lines.find("\n" + figure + " ") != std::string::npos;
  };
  Report report = with_memory();
  CHECK(explained(report, "memory per connection"));
  CHECK(explained(report, "schedule lag"));
  CHECK(explained(report, "pool timeouts"));
  report.server.memory = {};
  report.target.kind = "simulated";
  report.requests.in_flight = 0;
  CHECK_FALSE(explained(report, "memory per connection"));
  CHECK_FALSE(explained(report, "schedule lag"));
  CHECK_FALSE(explained(report, "in flight at the end"));
  report.requests.in_flight = 3;
  CHECK(explained(report, "in flight at the end"));
}

TEST_CASE("a request's deadline has no phase and no message of its own in the line of failures") {
  Report report = sample::after();
  report.failures = {{Phase::deadline, FailureClass::deadline, "", 1740, "canceled", 11}};
  const std::string text = to_terminal(report, {});
  CHECK_THAT(text, Contains("1,740 deadline: the request's own deadline passed (11 while waiting"));
  CHECK_THAT(text, !Contains("deadline at deadline") && !Contains("canceled"));
}

TEST_CASE("every form has it, and a saved report gives it back", "[memory]") {
  const Report report = with_memory();
  CHECK_THAT(to_terminal(report, {}), Contains("6.2 MiB of server memory per connection"));
  CHECK_THAT(to_markdown(report), Contains("One more connection takes 6.2 MiB on the server"));
  CHECK_THAT(to_html(report), Contains("memory per connection"));
  const Report saved = as_saved(report);
  CHECK(saved.server.memory.readings == 48);
  CHECK(saved.server.memory.looks == 3);
  CHECK(saved.server.memory.own == 5.5);
  CHECK(saved.server.memory.own_max == 7.25);
  CHECK(saved.server.memory.page_tables == 0.75);
  CHECK(to_json(saved) == to_json(report));
}

TEST_CASE("where it was not measured the report says why, and nothing where nobody looked",
          "[memory]") {
  Report report = sample::after();
  CHECK_FALSE(connection_memory_mib(report));
  CHECK(memory_part(report).empty());
  CHECK(memory_sentences(report).empty());
  report.server.memory.note = "the server's processes are not visible here";
  CHECK(memory_part(report).empty());
  CHECK(memory_sentences(report) ==
        "Memory per connection was not measured: the server's processes are not visible here.");
  CHECK(as_saved(report).server.memory.note == report.server.memory.note);
  CHECK_THAT(to_html(report), Contains("Memory per connection was not measured"));
}

}  // namespace
}  // namespace poolgauge
