// docs/pools.md against the registry: what it says of options is what the binary does.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "poolgauge/policies.h"

namespace poolgauge {
namespace {

std::string pools_page() {
  std::ifstream file(std::string(POOLGAUGE_SOURCE_DIR) + "/docs/pools.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The text under a kind's own heading, up to the next one.
std::string section_of(const std::string& page, const std::string& kind) {
  const std::string heading = "\n## " + kind + "\n";
  const std::size_t begin = page.find(heading);
  if (begin == std::string::npos) return "";
  const std::size_t end = page.find("\n## ", begin + heading.size());
  return page.substr(begin, end == std::string::npos ? end : end - begin);
}

std::string written(const OptionValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* duration = std::get_if<Duration>(&value)) {
    return duration->count() < 0 ? "-1" : format_duration(*duration);
  }
  return std::get<std::string>(value);
}

TEST_CASE("the page about pools has every kind with every option and its default", "[policy]") {
  const std::string page = pools_page();
  std::vector<const KindInfo*> kinds(pool_kinds().begin(), pool_kinds().end());
  kinds.push_back(find_kind("pgbouncer"));
  for (const KindInfo* kind : kinds) {
    INFO(kind->name);
    const std::string section = section_of(page, kind->name);
    CHECK(section.find(kind->library) != std::string::npos);
    CHECK(section.find("| proof |") != std::string::npos);
    for (const OptionInfo& option : kind->options) {
      if (option.name == "fallback") continue;  // said once, for all of them
      INFO(option.name);
      const std::string row =
          "| `" + option.name + "` | " + written(option.default_value) + " | " + option.help;
      CHECK(section.find(row) != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace poolgauge
