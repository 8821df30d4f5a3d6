// One case of a file of advisor examples, and the formulas that can answer it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace poolgauge::examples {

using Json = nlohmann::json;

/// An example that cannot be computed, and why.
struct Trouble : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The inputs of a case, read with complaints that name the key.
class Inputs {
 public:
  Inputs(const Json& values, const Json& wanted) : values_(values), wanted_(wanted) {}

  bool has(const std::string& key) const { return values_.contains(key); }
  bool is_list(const std::string& key) const { return has(key) && values_[key].is_array(); }
  const Json& at(const std::string& key) const;
  double number(const std::string& key) const;
  double number_or(const std::string& key, double otherwise) const;
  /// A whole number that is not negative.
  std::int64_t count(const std::string& key) const;
  std::int64_t count_or(const std::string& key, std::int64_t otherwise) const;
  /// A list of numbers; a single number is a list of one.
  std::vector<double> list(const std::string& key) const;
  /// The names of the results asked for.
  std::vector<std::string> wanted() const;

 private:
  const Json& values_;
  const Json& wanted_;
};

/// A formula: which inputs it needs, and what it makes of them (by the names used in the files).
struct Formula {
  std::string name;
  std::vector<std::string> needs;
  Json (*results)(const Inputs&);
};

std::span<const Formula> queueing_formulas();
std::span<const Formula> statistics_formulas();
std::span<const Formula> rule_formulas();
std::span<const Formula> fleet_formulas();

/// Empty when the case holds, otherwise what is wrong with it.
std::string check(const Json& example);

/// "0.95" from "wait_p95_s": the quantile named by a result; nothing when it names none.
std::optional<double> quantile_in(const std::string& result);
/// A number as the files write it in names: 44, 15.25 -> "15_25".
std::string name_of(double value);

}  // namespace poolgauge::examples
