// pg_stat_statements: each statement is a request; its calls are its weight.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/rng.h"
#include "scenario/import/import_parts.h"
#include "scenario/import/log_notes.h"
#include "scenario/import/statement_shape.h"
#include "scenario/read/statement.h"

namespace poolgauge {

namespace {

constexpr double kFewRows = 1000;
constexpr double kMildImport =
    0.01;  // a smaller share of the calls may be missing without a warning

std::string random_uuid(Rng& rng) {
  const std::uint64_t a = rng.next();
  const std::uint64_t b = rng.next();
  return fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a >> 32U, (a >> 16U) & 0xffffU,
                     a & 0xfffU, (b >> 48U) & 0xfffU, b & 0xffffffffffffU);
}

Json choice(std::vector<std::string> values) {
  return Json{{"choice", std::move(values)}};
}

Json several_uuids() {
  constexpr int kSome = 10;
  Rng rng(1);
  std::vector<std::string> values;
  for (int i = 0; i < kSome; ++i) values.push_back(random_uuid(rng));
  return choice(std::move(values));
}

/// Whole numbers up to the size of the table, since most parameters are keys of it.
Json keys(double rows, std::int64_t largest) {
  const double most = std::min(std::max(rows, kFewRows), static_cast<double>(largest));
  return Json{{"uniform", Json::array({1, static_cast<std::int64_t>(most)})}};
}

/// The values that a parameter of the type may plausibly have; nothing for a type we do not know.
std::optional<Json> plausible(const ParameterType& type, double rows) {
  if (!type.labels.empty()) return choice(type.labels);
  static const std::map<std::string, std::vector<std::string>, std::less<>> kTypical = {
      {"boolean", {"true", "false"}},
      {"date", {"2026-01-01", "2026-01-15", "2026-01-31"}},
      {"timestamp", {"2026-01-01 00:00:00", "2026-01-31 12:00:00"}},
      {"time", {"08:00:00", "12:30:00", "17:45:00"}},
      {"interval", {"1 hour", "1 day", "7 days"}},
      {"json", {"{}"}},
      {"jsonb", {"{}"}},
      {"bytea", {"\\x00", "\\xff"}},
      {"inet", {"192.0.2.1", "198.51.100.7"}},
      {"cidr", {"192.0.2.0/24"}},
      {"xml", {"<a/>"}},
      {"tsquery", {"word"}},
      {"tsvector", {"word"}},
  };
  constexpr std::int64_t kInt2 = 32767;
  constexpr std::int64_t kInt4 = 2147483647;
  constexpr std::int64_t kLargest = std::int64_t{1} << 52U;
  std::string_view name = type.name;
  if (name.ends_with("[]")) return choice({"{}"});
  if (name == "smallint") return keys(rows, kInt2);
  if (name == "integer") return keys(rows, kInt4);
  if (name == "bigint" || name == "oid") return keys(rows, kLargest);
  if (name == "real" || name == "double precision" || name.starts_with("numeric")) {
    return keys(rows, kInt4);
  }
  if (name == "uuid") return several_uuids();
  if (name == "\"char\"") return choice({"a", "b"});
  if (name == "text" || name == "name" || name.starts_with("character") || name == "citext") {
    constexpr int kLetters = 12;
    return Json{{"text", kLetters}};
  }
  name = name.substr(0, name.find_first_of(" ("));
  const auto typical = kTypical.find(name);
  if (typical == kTypical.end()) return std::nullopt;
  return choice(typical->second);
}

class Mix {
 public:
  explicit Mix(const ImportOptions& options)
      : options_(options),
        root_(new_scenario(
            options,
            "The most frequent statements in a server's pg_stat_statements, one request each")) {}

  ImportedScenario made(const ServerStatements& server) {
    server_.keys = server.keys;
    for (const StatementStatistics& statement : server.statements) add(statement);
    if (root_["variables"].empty()) root_.erase("variables");
    add_load(server);
    root_["warmup"] = "2s";
    root_["duration"] = "20s";
    root_["deployment"]["pool"] = {{"kind", "sqlalchemy"}, {"pool_size", 5}, {"max_overflow", 10}};
    add_skipped();
    add_origin(server);
    imported_.notes.push_back(
        "pg_stat_statements records no transactions, order, or values: each statement is one "
        "request, LIMIT is the mean number of rows, and the values of variables are guessed from "
        "types and table sizes; replace them with your own");
    const std::string changes = changes_warning(changes_);
    if (!changes.empty()) imported_.notes.insert(imported_.notes.begin(), changes);
    std::stable_partition(imported_.notes.begin(), imported_.notes.end(),
                          [](const std::string& note) { return note.starts_with("warning: "); });
    imported_.json = root_.dump(-1, ' ', false, Json::error_handler_t::replace);
    return std::move(imported_);
  }

 private:
  void add(const StatementStatistics& statement) {
    all_calls_ += statement.calls;
    if (root_["requests"].size() == options_.top) {
      left_out_calls_ += statement.calls;
      return;
    }
    if (!is_replayable(statement.text) || effect_of(statement.text) != TransactionEffect::none) {
      return skip("utility or transaction-control statements", statement);
    }
    const std::string id = fmt::format("s{}", root_["requests"].size() + 1);
    std::vector<std::string> names;
    Json variables = Json::object();
    ParameterPlaces found = parameter_places(statement.text);
    found.places.resize(std::max(found.places.size(), statement.parameters.size()));
    for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
      const ParameterType& type = statement.parameters[i];
      auto values = value_of(statement, found.places[i], found.tables);
      if (!values) values = plausible(type, statement.table_rows);
      if (!values) return skip("statements with a parameter of type " + type.name, statement);
      names.push_back(fmt::format("{}_p{}", id, i + 1));
      variables[names.back()] = std::move(*values);
    }
    const std::string sql = with_variables(statement.text, names);
    const auto parsed = parse_statement(sql, names);
    if (std::holds_alternative<StatementProblem>(parsed)) {
      return skip("statements that cannot take variables or are several in one string", statement);
    }
    root_["variables"].update(variables);
    const std::string name = unique(statement_name(sql));
    if (changes_rows(sql)) changes_.insert(name);
    note_places(name, statement, found);
    Json step{{"name", "statement"}, {"sql", sql}};
    root_["requests"].push_back(
        {{"name", name}, {"weight", statement.calls}, {"steps", Json::array({step})}});
    kept_calls_ += statement.calls;
  }

  /// What the server's figures or its keys say of a parameter; nothing: no more than its type.
  std::optional<Json> value_of(const StatementStatistics& statement, const ParameterPlace& place,
                               const std::vector<std::string>& tables) {
    using Role = ParameterPlace::Role;
    switch (place.role) {
      case Role::limit: {
        constexpr double kUsual = 10;
        const double rows = std::ceil(statement.rows_per_call.value_or(kUsual) - 0.001);
        return choice({fmt::format("{:.0f}", std::max(rows, 1.0))});
      }
      case Role::offset: return choice({"0"});
      case Role::sleep: return choice({fmt::format("{:.6g}", statement.mean_ms / 1000)});
      case Role::compared:
      case Role::inserted: return key_of(place, tables);
      case Role::pattern:
      case Role::unknown: break;
    }
    return std::nullopt;
  }

  std::optional<Json> key_of(const ParameterPlace& place, const std::vector<std::string>& tables) {
    for (const KeyColumn& key : server_.keys) {
      const bool is_its_table =
          place.table.empty() ? std::find(tables.begin(), tables.end(), key.table) != tables.end()
                              : place.table == key.table;
      if (!is_its_table || key.column != place.column) continue;
      const bool is_new = place.role == ParameterPlace::Role::inserted && key.refers_to.empty();
      if (is_new && key.highest) return Json{{"sequence", *key.highest + 1}};
      if (is_new || (!key.range && key.sample.empty())) continue;
      ++from_keys_;
      if (!key.range) return choice(key.sample);
      return Json{{"uniform", Json::array({key.range->first, key.range->second})}};
    }
    return std::nullopt;
  }

  void note_places(const std::string& name, const StatementStatistics& statement,
                   const ParameterPlaces& found) {
    for (const ParameterPlace& place : found.places) {
      if (place.role == ParameterPlace::Role::sleep) {
        imported_.notes.push_back(
            fmt::format("warning: \"{}\" sleeps on the server; its mean time of {:.4g} ms is used",
                        name, statement.mean_ms));
      }
      if (place.role == ParameterPlace::Role::offset) {
        imported_.notes.push_back(fmt::format(
            "\"{}\": OFFSET is set to 0, because pg_stat_statements does not record it", name));
      }
    }
  }

  std::string unique(const std::string& wanted) {
    std::string name = wanted;
    for (int i = 2; !names_.insert(name).second; ++i) name = fmt::format("{} {}", wanted, i);
    return name;
  }

  /// BEGIN and COMMIT are no load to speak of.
  static bool is_load(const std::string& why) { return !why.starts_with("utility"); }

  /// "statement with a parameter of type box" of "statements with ...".
  static std::string one_of(std::string why) {
    const std::size_t plural = why.find("statements");
    if (plural != std::string::npos) why.erase(plural + std::string("statement").size(), 1);
    return why;
  }

  void skip(const std::string& why, const StatementStatistics& statement) {
    auto& [count, calls] = skipped_[why];
    ++count;
    calls += statement.calls;
  }

  void add_skipped() {
    for (const auto& [why, sum] : skipped_) {
      imported_.notes.push_back(fmt::format(
          "{}skipped {} {} ({:.0f} calls, {:.1f} % of all)",
          is_load(why) && sum.second > kMildImport * all_calls_ ? "warning: " : "", sum.first,
          sum.first == 1 ? one_of(why) : why, sum.second, 100 * sum.second / all_calls_));
    }
    if (left_out_calls_ > 0) {
      imported_.notes.push_back(
          fmt::format("{}skipped: all but the {} most frequent statements, {:.1f} % of the calls "
                      "(use --top to keep more)",
                      left_out_calls_ > kMildImport * all_calls_ ? "warning: " : "", options_.top,
                      100 * left_out_calls_ / all_calls_));
    }
  }

  void add_origin(const ServerStatements& server) {
    auto& notes = imported_.notes;
    notes.insert(notes.end(), server.notes.begin(), server.notes.end());
    if (server.guessed) {
      notes.push_back(
          "parameter types are guessed from the surrounding SQL, and foreign keys are unknown; use "
          "--target with a database that has the same tables to read both from there");
    } else if (from_keys_ > 0) {
      notes.push_back(fmt::format(
          "{} variables use existing values of the key columns that they are compared with; for "
          "multi-column keys and columns without a constraint, values are guessed from the type",
          from_keys_));
    } else {
      notes.push_back("no parameter is compared with a readable single-column key");
    }
  }

  void add_load(const ServerStatements& server) {
    if (server.seconds <= 0) {
      root_["load"] = {{"users", 10}, {"think", "0s"}};
      imported_.notes.push_back(
          "the time span of the statistics is unknown, so the load is set to 10 users; replace it "
          "with your arrival rate");
      return;
    }
    // Three significant digits: more would feign knowledge.
    const double rate = kept_calls_ / server.seconds * options_.scale;
    const double rounded = std::strtod(fmt::format("{:.3g}", rate).c_str(), nullptr);
    constexpr double kLeast = 0.001;
    root_["load"] = {{"rate", std::max(rounded, kLeast)}, {"arrivals", "poisson"}};
    imported_.notes.push_back(
        fmt::format("the arrival rate is the mean over the {:.0f} s since the statistics were "
                    "reset; peaks are higher (use --scale to multiply it)",
                    server.seconds));
  }

  const ImportOptions& options_;
  Json root_;
  ImportedScenario imported_;
  ServerStatements server_;  // its keys
  std::set<std::string> changes_;
  int from_keys_ = 0;
  std::set<std::string> names_;
  std::map<std::string, std::pair<int, double>> skipped_;
  double all_calls_ = 0;
  double kept_calls_ = 0;
  double left_out_calls_ = 0;
};

}  // namespace

ImportedScenario import_statements(const ServerStatements& server, const ImportOptions& options) {
  return Mix(options).made(server);
}

}  // namespace poolgauge
