// Files that are almost JSON, or something else altogether.
#include "scenario_text.h"

using namespace scenario_test;

TEST_CASE("JSON5, Python, YAML and their like are named, with the cure") {
  const auto cure = [](const std::string& text) {
    const auto found = mistakes(text);
    REQUIRE(found.size() == 1);
    return found[0].message + " / " + found[0].hint;
  };
  using Catch::Matchers::Contains;
  CHECK_THAT(cure("{ version: 1 }"), Contains("write \"version\""));
  CHECK_THAT(cure("{ 'version': 1 }"), Contains("double quotes"));
  CHECK_THAT(cure("{ \"version\": 1,\n  name: \"x\" }"), Contains("write \"name\""));
  CHECK_THAT(cure("{ \"a\": True }"), Contains("write true"));
  CHECK_THAT(cure("{ \"a\": None }"), Contains("remove the key"));
  CHECK_THAT(cure("{ \"a\": 0x10 }"), Contains("hexadecimal"));
  CHECK_THAT(cure("{ \"a\": .5 }"), Contains("write 0.5"));
  CHECK_THAT(cure("{ \"a\": 1_000 }"), Contains("_"));
  CHECK_THAT(cure("{ # a comment\n \"a\": 1 }"), Contains("//"));
  CHECK_THAT(cure("{ \"a\" = 1 }"), Contains("use : between a key"));
  CHECK_THAT(cure("{ \"a\": 1 } { \"b\": 2 }"), Contains("a file contains one scenario"));
  CHECK_THAT(cure("{ \"a\": 1"), Contains("not closed"));
  CHECK_THAT(cure("{ \u201ca\u201d: 1 }"), Contains("typographic"));
  CHECK_THAT(cure("version: 1\nname: x\n"), Contains("YAML"));
  CHECK_THAT(cure("version: 1\nname: x\n"), Contains("yq"));
  CHECK_THAT(cure("[load]\nusers = 3\n"), Contains("TOML"));
  CHECK_THAT(cure("SELECT 1;"), Contains("import --pgbench"));
  CHECK_THAT(cure("a,b\n1,2\n"), Contains("CSV"));
  CHECK_THAT(cure(std::string("\xFF\xFE{\0", 4)), Contains("UTF-16"));
  CHECK_THAT(cure("{ \"schema_version\": 1 }"), Contains("saved report"));
}
