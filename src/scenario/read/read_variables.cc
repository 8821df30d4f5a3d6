// The variables: where their values come from.
#include <map>

#include <fmt/format.h>

#include "scenario/csv.h"
#include "scenario/files.h"
#include "scenario/read/read_spec.h"

namespace poolgauge {

namespace {

constexpr std::int64_t kWidestRange = std::int64_t{1} << 53U;  // doubles count up to here
constexpr const char* kRange = "[lowest, highest], both whole numbers";

struct Range {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

Range read_range(const Node& node) {
  const auto ends = read_list(node, 2, kRange);
  if (!ends) return {};
  if (ends->size() != 2) {
    node.expected(kRange);
    return {};
  }
  const auto low = read_integer((*ends)[0], -kWidestRange / 2, kWidestRange / 2);
  const auto high = read_integer((*ends)[1], -kWidestRange / 2, kWidestRange / 2);
  if (!low || !high) return {};
  if (*low > *high) {
    (*ends)[1].refuse(fmt::format("the upper bound {} is below the lower bound {}", *high, *low));
  }
  return {*low, *high};
}

/// [low, high], or {"range": [low, high], NAME: shape}.
struct ShapedRange {
  Range range;
  double shape;
};

struct ShapeRule {
  const char* name;
  double otherwise;
  double low;
  double high;
};

ShapedRange read_shaped(const Node& node, const ShapeRule& rule) {
  if (!node.json->is_object()) return {read_range(node), rule.otherwise};
  ShapedRange shaped{{}, rule.otherwise};
  ObjectReader object(node);
  if (const auto range = object.require("range", kRange)) shaped.range = read_range(*range);
  if (const auto shape = object.take(rule.name)) {
    shaped.shape = read_number_from(*shape, rule.low, rule.high).value_or(rule.otherwise);
  }
  object.finish();
  return shaped;
}

SequenceVariable read_sequence(const Node& node) {
  constexpr std::int64_t kFarthest = 1'000'000'000'000'000'000;
  constexpr std::int64_t kWidestStep = 1'000'000'000;
  SequenceVariable sequence;
  if (!node.json->is_object()) {
    sequence.start = read_integer(node, -kFarthest, kFarthest).value_or(1);
    return sequence;
  }
  ObjectReader object(node);
  if (const auto start = object.take("start")) {
    sequence.start = read_integer(*start, -kFarthest, kFarthest).value_or(1);
  }
  if (const auto step = object.take("step")) {
    sequence.step = read_integer(*step, -kWidestStep, kWidestStep).value_or(1);
    if (sequence.step == 0) step->expected("a step other than zero");
  }
  object.finish();
  return sequence;
}

std::vector<std::string> read_values(const Node& node) {
  std::vector<std::string> values;
  const auto elements = read_list(node, 1, "a list of at least one value");
  if (!elements) return values;
  for (const Node& element : *elements) {
    if (auto value = read_scalar_as_text(element)) values.push_back(std::move(*value));
  }
  return values;
}

void read_weights(const Node& node, std::size_t count, ChoiceVariable& choice) {
  constexpr double kLargest = 1e9;
  const std::string what = fmt::format("a list of {} weights, one per value", count);
  const auto elements = read_list(node, 1, what);
  if (!elements) return;
  if (elements->size() != count) {
    node.refuse("expected " + what, fmt::format("{} of them", elements->size()));
    return;
  }
  for (const Node& element : *elements) {
    choice.weights.push_back(read_number_above(element, 0, kLargest).value_or(1));
  }
}

ChoiceVariable read_choice(const Node& node) {
  ChoiceVariable choice;
  if (!node.json->is_object()) {
    choice.values = read_values(node);
    return choice;
  }
  ObjectReader object(node);
  const auto values = object.require("values", "a list of values");
  if (values) choice.values = read_values(*values);
  const auto weights = object.take("weights");
  if (weights && values && values->json->is_array()) {
    read_weights(*weights, values->json->size(), choice);
  }
  object.finish();
  return choice;
}

/// Files that several variables are read from.
using CsvTables = std::map<std::string, Result<CsvTable>>;

Result<std::vector<std::string>> values_of(const CsvVariable& csv, const std::string& text,
                                           CsvTables& tables) {
  if (csv.request.empty()) return csv_column(text, csv.column);
  auto table = tables.find(csv.file);
  if (table == tables.end()) table = tables.emplace(csv.file, read_csv_table(text)).first;
  if (!table->second.ok()) return table->second.error();
  return table->second.value().column_of(csv.column, csv.request);
}

void read_csv_rows(ObjectReader& object, CsvVariable& csv) {
  if (const auto order = object.take("order")) {
    csv.in_turn = read_word(*order, {"random", "in turn"}) == "in turn";
  }
  if (const auto together = object.take("together")) {
    csv.together = read_boolean(*together).value_or(false);
  }
  if (const auto request = object.take("request")) {
    csv.request = read_name(*request).value_or("");
  }
  if (const auto null = object.take("null")) csv.null = read_text(*null);
}

CsvVariable read_csv(const Node& node, const std::string& scenario_file, CsvTables& tables) {
  CsvVariable csv;
  ObjectReader object(node, "an object with file and column");
  const auto file = object.require("file", "the name of a CSV file next to the scenario");
  const auto column = object.require("column", "the name of a column");
  if (file) csv.file = read_text(*file, "the name of a CSV file").value_or("");
  if (column) csv.column = read_text(*column, "the name of a column").value_or("");
  read_csv_rows(object, csv);
  object.finish();
  if (csv.file.empty() || !column) return csv;
  std::string content;
  if (csv.request.empty() || !tables.contains(csv.file)) {
    Result<std::string> text = read_file(beside(scenario_file, csv.file), kLargestCsvFile);
    if (!text.ok()) {
      file->refuse(text.error().message, shown_text(csv.file));
      return csv;
    }
    content = std::move(text).value();
  }
  Result<std::vector<std::string>> values = values_of(csv, content, tables);
  if (values.ok()) {
    csv.values = std::move(values).value();
  } else {
    column->refuse(values.error().message);
  }
  return csv;
}

VariableSpec read_variable(const std::string& name, const Node& node, const std::string& file,
                           CsvTables& tables) {
  static const std::vector<std::string> kKinds{"uniform",  "zipf", "gaussian", "exponential",
                                               "sequence", "text", "choice",   "csv"};
  constexpr std::int64_t kLongestText = 1'000'000;
  VariableSpec variable{name, {}};
  const auto tagged = read_tagged(node, kKinds, "an object with one of " + listed(kKinds));
  if (!tagged) return variable;
  const Node& value = tagged->value;
  if (tagged->tag == "uniform") {
    const Range range = read_range(value);
    variable.value = UniformVariable{range.low, range.high};
  } else if (tagged->tag == "zipf") {
    const ShapedRange zipf = read_shaped(value, {"s", 1.0, 0.001, 1000});
    variable.value = ZipfVariable{zipf.range.low, zipf.range.high, zipf.shape};
  } else if (tagged->tag == "gaussian") {
    // pgbench wants at least 2, so that drawing anew until it fits ends soon.
    const ShapedRange bell = read_shaped(value, {"parameter", 2.5, 2, 1000});
    variable.value = GaussianVariable{bell.range.low, bell.range.high, bell.shape};
  } else if (tagged->tag == "exponential") {
    const ShapedRange slope = read_shaped(value, {"parameter", 5.0, 0.001, 1000});
    variable.value = ExponentialVariable{slope.range.low, slope.range.high, slope.shape};
  } else if (tagged->tag == "sequence") {
    variable.value = read_sequence(value);
  } else if (tagged->tag == "text") {
    const auto length = read_integer(value, 0, kLongestText).value_or(0);
    variable.value = TextVariable{static_cast<std::uint32_t>(length)};
  } else if (tagged->tag == "choice") {
    variable.value = read_choice(value);
  } else {
    variable.value = read_csv(value, file, tables);
  }
  return variable;
}

bool is_variable_name(const std::string& name) {
  constexpr const char* kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
  if (name.empty() || name.size() > 63) return false;
  return name.find_first_not_of(kLetters) == std::string::npos &&
         !(name.front() >= '0' && name.front() <= '9');
}

}  // namespace

std::vector<VariableSpec> read_variables(const Node& node, const std::string& file) {
  std::vector<VariableSpec> variables;
  CsvTables tables;
  const ObjectReader object(node, "an object with the variables");
  for (const auto& [name, value] : object.members()) {
    if (!is_variable_name(name)) {
      node.problems->add({value.pointer, Part::key,
                          "expected a name of letters, digits, and _, not starting with a digit",
                          shown_text(name)});
    }
    variables.push_back(read_variable(name, value, file, tables));
  }
  return variables;
}

}  // namespace poolgauge
