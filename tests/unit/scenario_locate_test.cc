// Places in JSON text: lines, columns, duplicates, and safety on any text at all.
#include "scenario/locate.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/rng.h"

using namespace poolgauge;

namespace {

const std::string kText =
    "{ // a \"comment\" : {\n"
    "  \"a\": 1, /* \"b\": 2,\n"
    "  */ \"b\": [10, {\"c\": true}],\n"
    "  \"ä\": \"ö\", \"d/e\": null, \"x\\\"y\": 5\n"
    "}\n";

std::string at(const std::string& pointer, Part part = Part::value) {
  const Place place = locate(kText, pointer, part);
  return std::to_string(place.line) + ":" + std::to_string(place.column);
}

}  // namespace

TEST_CASE("a pointer is found through comments, in characters") {
  CHECK(at("") == "1:1");
  CHECK(at("/a") == "2:8");
  CHECK(at("/a", Part::key) == "2:3");
  CHECK(at("/b") == "3:11");
  CHECK(at("/b", Part::key) == "3:6");
  CHECK(at("/b/0") == "3:12");
  CHECK(at("/b/1") == "3:16");
  CHECK(at("/b/1/c", Part::key) == "3:17");
  CHECK(at("/b/1/c") == "3:22");
  CHECK(at("/ä", Part::key) == "4:3");
  CHECK(at("/ä") == "4:8");
  CHECK(at("/d~1e", Part::key) == "4:13");
  CHECK(at("/x\"y") == "4:34");
}

TEST_CASE("what is not there is placed at the nearest value around it") {
  CHECK(at("/b/1/nothing", Part::key) == "3:16");
  CHECK(at("/b/7/c") == "3:11");
  CHECK(at("/nothing/at/all", Part::key) == "1:1");
  CHECK(locate("", "/a", Part::value).line == 1);
  CHECK(locate("", "/a", Part::value).column == 1);
}

TEST_CASE("place_at counts lines and characters, and stops at the end") {
  CHECK(place_at("ab\ncd", 0).column == 1);
  CHECK(place_at("ab\ncd", 4).line == 2);
  CHECK(place_at("ab\ncd", 4).column == 2);
  CHECK(place_at("ä€x", 5).column == 3);
  CHECK(place_at("ab", 99).column == 3);
}

TEST_CASE("duplicate keys are found in each object by itself") {
  CHECK(duplicate_keys(kText).empty());
  CHECK(duplicate_keys(R"({"a": {"x": 1}, "b": {"x": 1}})").empty());
  CHECK(duplicate_keys(R"([{"x": 1}, {"x": 1}])").empty());
  CHECK(duplicate_keys(R"({"a": "a", "b": "a"})").empty());

  const auto found = duplicate_keys(R"({"a": 1, "b": {"c": 1, "\u0063": 2}, "a": 3})");
  REQUIRE(found.size() == 2);
  CHECK(found[0].pointer == "/b/c");
  CHECK(found[0].first == 15);
  CHECK(found[0].second == 23);
  CHECK(found[1].pointer == "/a");
  CHECK(found[1].first == 1);

  // The second object of the same name is another object.
  CHECK(duplicate_keys(R"({"a": {"x": 1}, "a": {"x": 1}})").size() == 1);
}

TEST_CASE("nesting is counted outside of strings and comments") {
  CHECK(nesting_depth("") == 0);
  CHECK(nesting_depth("[{\"[[[\": 1}] // [[[[[") == 2);
  CHECK(nesting_depth(std::string(100000, '[')) == 100000);
}

TEST_CASE("token_at tells the word of a byte and the one before") {
  const std::string text = "{\"ab\": tru, // x\n}";
  CHECK(token_at(text, 9).token.begin == 7);
  CHECK(token_at(text, 9).token.end == 10);
  CHECK(token_at(text, 13).token.begin == 17);
  CHECK(text[token_at(text, 13).before.begin] == ',');
  CHECK(token_at(text, 99).token.begin == text.size());
}

TEST_CASE("locate is safe on any text and answers with a place inside it") {
  const std::vector<std::string> pointers{"", "/a", "/b/1/c", "/b/0", "/ä", "/a/b/c", "//", "x"};
  const std::string letters = "{}[],:\"\\/*\n ab1ä\xff";
  Rng rng(7);
  for (int round = 0; round < 3000; ++round) {
    std::string text = kText;
    const std::int64_t edits = rng.uniform_int(1, 8);
    for (std::int64_t i = 0; i < edits && !text.empty(); ++i) {
      const auto where =
          static_cast<std::size_t>(rng.uniform_int(0, static_cast<std::int64_t>(text.size()) - 1));
      const auto letter = static_cast<std::size_t>(
          rng.uniform_int(0, static_cast<std::int64_t>(letters.size()) - 1));
      switch (rng.uniform_int(0, 3)) {
        case 0: text[where] = letters[letter]; break;
        case 1: text.insert(where, 1, letters[letter]); break;
        case 2: text.erase(where, 1); break;
        default: text.resize(where); break;
      }
    }
    const PlaceIndex index(text);
    for (const std::string& pointer : pointers) {
      for (const Part part : {Part::key, Part::value}) {
        REQUIRE(index.offset_of(pointer, part) <= text.size());
        const Place place = locate(text, pointer, part);
        const Place end = place_at(text, text.size());
        REQUIRE(place.line >= 1);
        REQUIRE(place.column >= 1);
        REQUIRE(place.line <= end.line);
      }
    }
    for (const DuplicateKey& duplicate : duplicate_keys(text)) {
      REQUIRE(duplicate.first < duplicate.second);
      REQUIRE(duplicate.second < text.size());
    }
    REQUIRE(token_at(text, text.size() / 2).token.end <= text.size());
  }
}
