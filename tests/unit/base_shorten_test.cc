// Quoting others' text: bounded, and never half a character.
#include "base/visible_text.h"

#include <catch2/catch.hpp>

namespace poolgauge {
namespace {

TEST_CASE("what fits stays as it is", "[shorten]") {
  CHECK(shortened("") == "");
  CHECK(shortened("abc", 3) == "abc");
  CHECK(shortened("äö", 4) == "äö");
}

TEST_CASE("what does not is cut between characters and says how long it was", "[shorten]") {
  CHECK(shortened("abcd", 3) == "abc … (4 bytes)");
  CHECK(shortened("äöü", 4) == "äö … (6 bytes)");
  CHECK(shortened("äöü", 3) == "ä … (6 bytes)");
  CHECK(shortened("a€b", 3) == "a … (5 bytes)");
  CHECK(shortened("a€b", 4) == "a€ … (5 bytes)");
  CHECK(shortened("😀😀", 7) == "😀 … (8 bytes)");
  // No UTF-8 at all: cut where it must be.
  CHECK(shortened(std::string(10, '\x80'), 5).size() <= 5 + std::string(" … (10 bytes)").size());
  CHECK(shortened(std::string(2'000'000, 'x')).size() < 1100);
}

}  // namespace
}  // namespace poolgauge
