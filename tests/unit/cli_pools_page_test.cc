// docs/pools.md against the registry: what it says of kinds and options is what the binary does.
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <regex>
#include <string>

#include "assess/describe.h"
#include "poolgauge/policies.h"
#include "poolgauge/pool_flags.h"

namespace poolgauge {
namespace {

using Defaults = std::map<std::string, std::string>;

/// A kind's part of the page.
struct Section {
  std::string text;
  Defaults defaults;  ///< what its table of options says
};

/// By the section's title.
std::map<std::string, Section> read_page() {
  std::ifstream file(POOLGAUGE_SOURCE_DIR "/docs/pools.md");
  const std::regex row(R"(\| `([A-Za-z_]+)` \| (.*?) \|.*)");
  std::map<std::string, Section> sections;
  std::string section;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) sections[section = line.substr(3)];
    sections[section].text += line + "\n";
    std::smatch found;
    if (std::regex_match(line, found, row)) sections[section].defaults[found[1]] = found[2];
  }
  return sections;
}

TEST_CASE("the pools' page has each kind with its options and defaults", "[cli]") {
  auto page = read_page();
  std::vector<const KindInfo*> kinds(pool_kinds().begin(), pool_kinds().end());
  kinds.push_back(find_kind("pgbouncer"));
  for (const KindInfo* kind : kinds) {
    INFO(kind->name);
    REQUIRE(page.contains(kind->name));
    const Section& section = page[kind->name];
    CHECK(section.text.find(kind->library) != std::string::npos);
    CHECK(section.text.find("| proof |") != std::string::npos);
    Defaults expected;
    for (const OptionInfo& option : kind->options) {
      if (option.name == "fallback") continue;  // said once, for all of them
      expected[option.name] = option_text(option.default_value);
      INFO(option.name);
      CHECK(section.text.find("| " + option.help + " |") != std::string::npos);
    }
    CHECK(section.defaults == expected);
  }
}

TEST_CASE("the pools' page says what each flag means for each kind", "[cli]") {
  const std::string table = read_page()["The flags of every pool"].text;
  for (const KindInfo* kind : pool_kinds()) {
    if (kind->name == "none" || kind->name == "fixed") continue;
    INFO(kind->name);
    const std::size_t begin = table.find("**" + kind->name + "**");
    REQUIRE(begin != std::string::npos);
    const std::string row = table.substr(begin, table.find('\n', begin) - begin);
    std::string cells;
    for (const PoolFlag flag : kPoolFlags) {
      const std::string option = meaning_of(flag, kind->name).option;
      cells += " " + (option.empty() ? "–" : option) + " |";
    }
    CHECK(row.ends_with(cells));
  }
}

}  // namespace
}  // namespace poolgauge
