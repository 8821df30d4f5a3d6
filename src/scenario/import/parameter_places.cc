// One pass over the tokens for the tables and their aliases, one for the parameters.
#include "scenario/import/statement_shape.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "base/letters.h"
#include "scenario/import/import_parts.h"

namespace poolgauge {

namespace {

using Role = ParameterPlace::Role;

constexpr std::size_t kMostOfStatement = 20000;  // tokens
constexpr std::size_t kMostPlaces = 65535;

/// The tokens as small texts; quoted names without their quotes.
std::vector<std::string> texts_of(std::string_view sql) {
  std::vector<std::string> texts;
  for (const SqlToken& token : tokens_of(sql, kMostOfStatement)) {
    std::string text(sql.substr(token.begin, token.end - token.begin));
    const bool is_quoted = text.size() > 2 && text.front() == '"';
    if (is_quoted) text = text.substr(1, text.size() - 2);
    if (token.kind == SqlToken::Kind::word) text = lower_case(text);
    texts.push_back(std::move(text));
  }
  return texts;
}

bool is_name(const std::string& text) {
  return !text.empty() &&
         (std::isalpha(static_cast<unsigned char>(text[0])) != 0 || text[0] == '_');
}

std::size_t parameter_number(const std::string& text) {
  std::size_t number = 0;
  if (text.size() < 2 || text[0] != '$') return 0;
  const auto [stop, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  const bool whole = error == std::errc() && stop == text.data() + text.size();
  return whole && number <= kMostPlaces ? number : 0;
}

class PlaceFinder {
 public:
  explicit PlaceFinder(std::string_view sql) : texts_(texts_of(sql)) {}

  ParameterPlaces run() {
    find_tables();
    find_inserted();
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      const std::size_t number = parameter_number(texts_[i]);
      if (number == 0) continue;
      if (found_.places.size() < number) found_.places.resize(number);
      ParameterPlace& place = found_.places[number - 1];
      if (text(i + 1) == "::") place.type = text(i + 2);
      if (place.role == Role::unknown) judge(i, place);
    }
    return std::move(found_);
  }

 private:
  const std::string& text(std::size_t i) const {
    static const std::string none;
    return i < texts_.size() ? texts_[i] : none;
  }

  /// schema.table from `i` on; `i` is moved past it.
  std::string qualified(std::size_t& i) const {
    std::string name = text(i++);
    while (text(i) == "." && i + 1 < texts_.size()) {
      name += '.' + text(i + 1);
      i += 2;
    }
    return name;
  }

  void find_tables() {
    static const std::set<std::string> kNoAlias = {
        "where", "set",    "join",   "left",  "right",    "inner", "on",
        "group", "order",  "values", "for",   "cross",    "full",  "limit",
        "using", "select", "having", "union", "returning"};
    for (std::size_t i = 0; i + 1 < texts_.size();) {
      const bool before = texts_[i] == "from" || texts_[i] == "join" || texts_[i] == "into" ||
                          texts_[i] == "update";
      const bool is_into = texts_[i] == "into";
      ++i;
      if (!before) continue;
      if (text(i) == "only") ++i;
      if (!is_name(text(i)) || kNoAlias.contains(text(i))) continue;
      const std::string table = qualified(i);
      if (text(i) == "(" && !is_into) continue;  // a function
      found_.tables.push_back(table);
      aliases_[table.substr(table.rfind('.') + 1)] = table;
      if (text(i) == "as") ++i;
      if (is_name(text(i)) && !kNoAlias.contains(text(i))) aliases_[text(i)] = table;
    }
  }

  /// INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4).
  void find_inserted() {
    if (text(0) != "insert" || text(1) != "into") return;
    std::size_t i = 2;
    const std::string table = qualified(i);
    if (text(i) == "as") i += 2;
    if (text(i) != "(") return;
    std::vector<std::string> columns;
    for (++i; i < texts_.size() && text(i) != ")"; ++i) {
      if (text(i) != ",") columns.push_back(text(i));
    }
    if (text(++i) != "values") return;
    ++i;
    while (text(i) == "(") {
      i = read_row(i + 1, table, columns);
      if (text(i) == ",") ++i;
    }
  }

  /// One row of VALUES; past its parenthesis.
  std::size_t read_row(std::size_t i, const std::string& table,
                       const std::vector<std::string>& columns) {
    std::size_t column = 0;
    int depth = 0;
    for (; i < texts_.size(); ++i) {
      if (text(i) == ")" && depth == 0) return i + 1;
      if (text(i) == "(") ++depth;
      if (text(i) == ")") --depth;
      if (text(i) == "," && depth == 0) ++column;
      const std::size_t number = parameter_number(text(i));
      if (number == 0 || depth > 0 || column >= columns.size()) continue;
      if (found_.places.size() < number) found_.places.resize(number);
      found_.places[number - 1] = {Role::inserted, table, columns[column], ""};
    }
    return i;
  }

  void judge(std::size_t i, ParameterPlace& place) const {
    const std::string& before = i > 0 ? text(i - 1) : text(texts_.size());
    if (before == "limit" || ((before == "first" || before == "next") && text(i + 1) == "rows")) {
      place.role = Role::limit;
    } else if (before == "offset") {
      place.role = Role::offset;
    } else if (before == "(" && i > 1 && text(i - 2) == "pg_sleep") {
      place.role = Role::sleep;
    } else if (before == "like" || before == "ilike") {
      place.role = Role::pattern;
    } else if (i > 1) {
      judge_compared(i, place);
    }
  }

  void judge_compared(std::size_t i, ParameterPlace& place) const {
    std::size_t at = i;  // one past the column
    // IN ($1, $2): back to the parenthesis.
    while (at > 1 && (text(at - 1) == "," || parameter_number(text(at - 1)) != 0)) --at;
    if (at > 2 && text(at - 1) == "(" && text(at - 2) == "in") {
      at -= 2;
      if (text(at - 1) == "not") --at;
    } else {
      at = i;
      static const std::string kOperators = "=<>!";
      std::size_t operators = 0;
      while (at > 1 && text(at - 1).size() == 1 &&
             kOperators.find(text(at - 1)) != std::string::npos) {
        --at;
        ++operators;
      }
      if (operators == 0) {
        const bool is_between =
            text(i - 1) == "between" || (text(i - 1) == "and" && i > 3 && text(i - 3) == "between");
        if (!is_between) return;
        at = text(i - 1) == "between" ? i - 1 : i - 3;
      }
    }
    if (at == 0 || !is_name(text(at - 1))) return;
    place.role = Role::compared;
    place.column = text(at - 1);
    if (at > 2 && text(at - 2) == ".") {
      const auto table = aliases_.find(text(at - 3));
      if (table != aliases_.end()) place.table = table->second;
    } else if (found_.tables.size() == 1) {
      place.table = found_.tables.front();
    }
  }

  std::vector<std::string> texts_;
  ParameterPlaces found_;
  std::map<std::string, std::string> aliases_;
};

}  // namespace

ParameterPlaces parameter_places(std::string_view sql) {
  return PlaceFinder(sql).run();
}

std::string guessed_type(const ParameterPlace& place) {
  constexpr std::array<std::string_view, 6> kTimes{"_at",  "_on",       "date",
                                                   "time", "timestamp", "_until"};
  constexpr std::array<std::string_view, 4> kYes{"active", "enabled", "deleted", "archived"};
  if (!place.type.empty()) {
    if (place.type == "int" || place.type == "int4") return "integer";
    if (place.type == "int8") return "bigint";
    if (place.type == "bool") return "boolean";
    if (place.type == "timestamptz") return "timestamp with time zone";
    return place.type;
  }
  if (place.role == Role::pattern) return "text";
  const std::string& name = place.column;
  const auto ends = [&name](std::string_view end) { return name.ends_with(end); };
  if (std::any_of(kTimes.begin(), kTimes.end(), ends)) return "timestamp with time zone";
  if (name.starts_with("is_") || name.starts_with("has_")) return "boolean";
  if (std::find(kYes.begin(), kYes.end(), name) != kYes.end()) return "boolean";
  if (name.ends_with("uuid")) return "uuid";
  // Digits are good for numbers, for texts, and for JSON.
  return "bigint";
}

}  // namespace poolgauge
