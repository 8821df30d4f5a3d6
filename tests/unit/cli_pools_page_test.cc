// docs/pools.md lists every kind's options with the defaults that the registry has.
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <regex>
#include <string>

#include "poolgauge/policies.h"
#include "report/describe.h"

namespace poolgauge {
namespace {

using Defaults = std::map<std::string, std::string>;

/// By the section's title: what its table of options says.
std::map<std::string, Defaults> read_page() {
  std::ifstream file(POOLGAUGE_SOURCE_DIR "/docs/pools.md");
  const std::regex row(R"(\| `([A-Za-z_]+)` \| (.*?) \|.*)");
  std::map<std::string, Defaults> sections;
  std::string section;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) sections[section = line.substr(3)];
    std::smatch found;
    if (std::regex_match(line, found, row)) sections[section][found[1]] = found[2];
  }
  return sections;
}

TEST_CASE("the pools' page has each kind with its options and defaults", "[cli]") {
  auto page = read_page();
  std::vector<const KindInfo*> kinds(pool_kinds().begin(), pool_kinds().end());
  kinds.push_back(find_kind("pgbouncer"));
  for (const KindInfo* kind : kinds) {
    INFO(kind->name);
    Defaults expected;
    for (const OptionInfo& option : kind->options) {
      if (option.name != "fallback") expected[option.name] = option_text(option.default_value);
    }
    REQUIRE(page.contains(kind->name));
    CHECK(page[kind->name] == expected);
  }
}

}  // namespace
}  // namespace poolgauge
