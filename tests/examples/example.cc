// Reading a case, finding its formula, comparing the results.
#include "examples/example.h"

#include <cctype>
#include <cmath>
#include <sstream>

namespace poolgauge::examples {

namespace {

std::string shown(const Json& value) {
  constexpr std::size_t kLongest = 60;
  const std::string text = value.dump();
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

/// Whole numbers, texts and zero must match; other numbers within the relative tolerance.
bool agrees(const Json& wanted, const Json& found, double tolerance) {
  if (wanted.is_array()) {
    if (!found.is_array() || found.size() != wanted.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!agrees(wanted[i], found[i], tolerance)) return false;
    }
    return true;
  }
  if (!wanted.is_number()) return wanted == found;
  if (!found.is_number()) return false;
  const double target = wanted.get<double>();
  const double value = found.get<double>();
  const double allowed = wanted.is_number_integer() || target == 0.0 ? 1e-9 : tolerance;
  return std::isfinite(value) &&
         std::abs(value - target) <=
             allowed * std::max(std::abs(target), 1e-12) + (target == 0.0 ? 1e-9 : 0.0);
}

std::string compare(const Json& wanted, const Json& found, double tolerance) {
  for (const auto& [key, value] : wanted.items()) {
    if (agrees(value, found.at(key), tolerance)) continue;
    std::ostringstream text;
    text << key << ": expected " << shown(value) << ", computed " << shown(found.at(key));
    if (value.is_number_float()) text << " (tolerance " << tolerance << ")";
    return text.str();
  }
  return "";
}

bool answers(const Json& found, const Json& wanted) {
  for (const auto& [key, value] : wanted.items()) {
    if (!found.contains(key)) return false;
  }
  return true;
}

bool applies(const Formula& formula, const Json& inputs) {
  for (const std::string& key : formula.needs) {
    if (!inputs.contains(key)) return false;
  }
  return true;
}

/// The exact values where the file gives them, otherwise those with three digits.
Json wanted_of(const Json& example) {
  Json wanted = example.contains("expected") ? example["expected"] : Json::object();
  if (example.contains("exact")) wanted.update(example["exact"]);
  return wanted;
}

/// The first formula for these inputs that knows all results; the trouble of one that failed is
/// told only when no other answers.
struct Answer {
  Json results;
  std::string trouble;
};

Answer answer(const Json& inputs, const Json& wanted) {
  Answer last;
  last.trouble = "no formula known for the inputs " + joined(keys_of(inputs)) +
                 " and the results " + joined(keys_of(wanted));
  for (const auto& formulas :
       {queueing_formulas(), statistics_formulas(), rule_formulas(), fleet_formulas()}) {
    for (const Formula& formula : formulas) {
      if (!applies(formula, inputs)) continue;
      try {
        Json results = formula.results(Inputs(inputs, wanted));
        if (answers(results, wanted)) return {results, ""};
      } catch (const Trouble& trouble) {
        last.trouble = formula.name + ": " + trouble.what();
      }
    }
  }
  return last;
}

}  // namespace

const Json& Inputs::at(const std::string& key) const {
  if (!has(key)) throw Trouble("input \"" + key + "\" is missing");
  return values_[key];
}

double Inputs::number(const std::string& key) const {
  const Json& value = at(key);
  if (!value.is_number()) throw Trouble("input \"" + key + "\" is no number: " + shown(value));
  return value.get<double>();
}

double Inputs::number_or(const std::string& key, double otherwise) const {
  return has(key) ? number(key) : otherwise;
}

std::int64_t Inputs::count(const std::string& key) const {
  const double value = number(key);
  constexpr double kMost = 1e15;
  if (value < 0 || value > kMost || value != std::floor(value)) {
    throw Trouble("input \"" + key + "\" is no count: " + shown(at(key)));
  }
  return static_cast<std::int64_t>(value);
}

std::int64_t Inputs::count_or(const std::string& key, std::int64_t otherwise) const {
  return has(key) ? count(key) : otherwise;
}

std::vector<double> Inputs::list(const std::string& key) const {
  const Json& value = at(key);
  if (value.is_number()) return {value.get<double>()};
  std::vector<double> numbers;
  for (const Json& one : value) {
    if (!one.is_number()) throw Trouble("input \"" + key + "\" is no list of numbers");
    numbers.push_back(one.get<double>());
  }
  return numbers;
}

std::vector<std::string> Inputs::wanted() const {
  return keys_of(wanted_);
}

std::string check(const Json& example) {
  if (!example.contains("inputs") || !example["inputs"].is_object()) return "it has no inputs";
  const Json wanted = wanted_of(example);
  if (!wanted.is_object() || wanted.empty()) return "it expects nothing";
  const Answer found = answer(example["inputs"], wanted);
  if (!found.trouble.empty()) {
    const std::string formula = example.value("formula", "");
    return found.trouble + (formula.empty() ? "" : "; formula: " + formula);
  }
  constexpr double kDefaultTolerance = 0.005;
  return compare(wanted, found.results, example.value("rel_tol", kDefaultTolerance));
}

std::optional<double> quantile_in(const std::string& result) {
  const auto at = result.find("_p");
  if (at == std::string::npos) return std::nullopt;
  std::string digits;
  for (std::size_t i = at + 2; i < result.size() && std::isdigit(result[i]) != 0; ++i) {
    digits += result[i];
  }
  if (digits.empty()) return std::nullopt;
  return std::stod("0." + digits);
}

std::string name_of(double value) {
  std::ostringstream text;
  text << value;
  std::string name = text.str();
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
}

}  // namespace poolgauge::examples
