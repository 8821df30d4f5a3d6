// Gaps between completions through JSON and back.
#include <catch2/catch.hpp>

#include "assess/verdict.h"
#include "report/json/json_parts.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

std::string mistake_in(const std::string& text) {
  const Json json = Json::parse(text);
  JsonProblem problem;
  read_gaps(JsonNode(&json, "/gaps", problem));
  return problem.message;
}

TEST_CASE("gaps come back as they were, to the microsecond", "[gaps]") {
  CompletionGaps gaps;
  gaps.known = true;
  gaps.least = 20us;
  gaps.longest = {{0s, 2s, -1s, 3}, {2s, 2500ms, 2100ms, 1}, {3s, 4s, 9s, 0}};
  const Json json = gaps_json(gaps);
  JsonProblem problem;
  CompletionGaps back = read_gaps(JsonNode(&json, "/gaps", problem));
  CHECK(problem.message.empty());
  CHECK((back.known && back.least == 20us));
  REQUIRE(back.longest.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(back.longest[i].start == gaps.longest[i].start);
    CHECK(back.longest[i].end == gaps.longest[i].end);
    CHECK(back.longest[i].length() == gaps.longest[i].length());
    CHECK(back.longest[i].in_flight == gaps.longest[i].in_flight);
  }
  CHECK(gaps_json(back) == json);
}

TEST_CASE("of many gaps the longest are saved, by start", "[gaps]") {
  CompletionGaps gaps;
  gaps.known = true;
  for (int i = 0; i < 1000; ++i) {
    gaps.longest.push_back({i * 1s, i * 1s + i % 500 * 1ms, i * 1s, 1});
  }
  gaps.keep_longest(kSavedGaps);
  CHECK(gaps.longest.size() == kSavedGaps);
  CHECK(gaps.least == 399ms);
  for (std::size_t i = 1; i < gaps.longest.size(); ++i) {
    CHECK(gaps.longest[i - 1].start < gaps.longest[i].start);
    CHECK(gaps.longest[i].length() > gaps.least);
  }
}

TEST_CASE("gaps that cannot be are refused, none at all are not known", "[gaps]") {
  JsonProblem problem;
  CHECK_FALSE(read_gaps(JsonNode(nullptr, "/gaps", problem)).known);
  CHECK(problem.message.empty());
  CHECK(mistake_in(R"({"least_us": 0, "longest": []})").empty());
  for (const char* const text :
       {R"({})", R"({"least_us": -1, "longest": []})", R"({"least_us": 0, "longest": 3})",
        R"({"least_us": 0, "longest": [[1, 2, 3]]})",
        R"({"least_us": 0, "longest": [[1, 2, -3, 4]]})",
        R"({"least_us": 0, "longest": [[1, 9223372036854775807, 3, 4]]})",
        R"({"least_us": 0, "longest": [[1, 20, 0, 4], [5, 20, 0, 4]]})"}) {
    INFO(text);
    CHECK_FALSE(mistake_in(text).empty());
  }
  Json many = Json::parse(R"({"least_us": 0, "longest": []})");
  for (int i = 0; i < 201; ++i) many["longest"].push_back({2 * i, 1, 0, 1});
  CHECK_FALSE(mistake_in(many.dump()).empty());
}

}  // namespace
}  // namespace poolgauge
