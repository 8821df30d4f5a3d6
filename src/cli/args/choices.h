// Options whose value is one of a few names: checked, and offered by the shells' completion.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class Option;
class Validator;
}  // namespace CLI

namespace poolgauge::cli {

/// Accepts these names and no other.
CLI::Validator one_of(const std::vector<std::string>& names);
/// Accepts whole numbers from `low` to `high`.
CLI::Validator whole_number(std::uint64_t low, std::uint64_t high);
/// Accepts anything: what is wrong with it is said elsewhere, where more is known.
CLI::Validator offer(const std::vector<std::string>& names);
/// An argument that may be the name of a shipped scenario, or any file.
CLI::Validator offer_scenarios();

/// What an option offers.
struct Offered {
  std::vector<std::string> names;
  bool scenarios = false;
};
Offered offered_by(CLI::Option& option);

}  // namespace poolgauge::cli
