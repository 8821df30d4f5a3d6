// A log's transactions become requests, the client's time within them holds, and their starts and
// values a file of arrivals.
#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "base/letters.h"
#include "base/text.h"
#include "scenario/import/import_parts.h"
#include "scenario/import/log_notes.h"
#include "scenario/import/log_requests.h"
#include "scenario/read/statement.h"

namespace poolgauge {

namespace {

constexpr std::size_t kMostStatements = 200;  // of one request

/// The words of a text in small letters, for comparing.
std::string small_words(std::string_view text) {
  return lower_case(plain_name(text, ' ', 200));
}

/// A field of a CSV file.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

/// What the scenario has a word for; nothing: BEGIN and its end stay statements.
std::optional<Json> transaction_of(const RequestKind& kind) {
  const bool commits = kind.end().empty() || kind.end()[0] == 'c' || kind.end()[0] == 'C' ||
                       kind.end()[0] == 'e' || kind.end()[0] == 'E';
  if (kind.begin().empty() || kind.end().empty() || !commits) return std::nullopt;
  const std::string words = small_words(kind.begin());
  for (const char* start : {"begin", "start transaction"}) {
    for (const char* more : {"", " work", " transaction"}) {
      const std::string plain = std::string(start) + more;
      if (words == plain) return Json(true);
      if (words == plain + " read only") return Json("read only");
      if (words == plain + " isolation level serializable") return Json("serializable");
    }
  }
  return std::nullopt;
}

class LogImport {
 public:
  LogImport(const ImportOptions& options, const ServerLog& log) : options_(options), log_(log) {}

  ImportedScenario made(const LoggedRequests& logged) {
    gather(logged);
    choose();
    Json root = new_scenario(options_, "The transactions of a PostgreSQL log, replayed");
    for (std::size_t i = 0; i < chosen_.size(); ++i) add_request(root, i);
    if (root["variables"].empty()) root.erase("variables");
    write_arrivals(logged);
    root["load"] = {{"replay", options_.arrivals_file}};
    root["warmup"] = "0s";
    root["duration"] = fmt::format("{:.0f}s", std::ceil(last_arrival_s_ + kTail_s));
    root["deployment"]["pool"] = {{"kind", "sqlalchemy"}, {"pool_size", 5}, {"max_overflow", 10}};
    imported_.json = root.dump(-1, ' ', false, Json::error_handler_t::replace);
    facts_.requests = logged.requests.size() + logged.unfinished;
    facts_.kinds = chosen_.size();
    facts_.lasted_s = last_arrival_s_ * options_.scale;
    imported_.notes = log_notes(facts_, logged, log_);
    return std::move(imported_);
  }

 private:
  static constexpr double kTail_s = 1;  // for the last requests to end

  /// What is written for a kind, beside its request.
  struct Written {
    std::string name;
    std::vector<std::size_t> columns;
  };

  void gather(const LoggedRequests& logged) {
    for (const LoggedRequest& request : logged.requests) {
      kind_of_.push_back(nullptr);
      if (request.statements.size() > kMostStatements) {
        ++facts_.too_long;
        continue;
      }
      const std::vector<StatementShape> shapes = shapes_of(request);
      std::string key = small_words(request.begin) + '\n' + small_words(request.end);
      for (const StatementShape& shape : shapes) key += '\n' + shape.key;
      auto found = kinds_.find(key);
      if (found == kinds_.end()) found = kinds_.try_emplace(key, request, shapes).first;
      found->second.add(request, shapes);
      kind_of_.back() = &found->second;
    }
  }

  void choose() {
    for (const auto& [key, kind] : kinds_) {
      if (can_be_written(kind)) {
        chosen_.push_back(&kind);
      } else {
        facts_.unwritable += kind.count();
      }
    }
    std::stable_sort(chosen_.begin(), chosen_.end(),
                     [](const auto* a, const auto* b) { return a->count() > b->count(); });
    facts_.all_kinds = chosen_.size();
    if (chosen_.size() <= options_.top) return;
    for (std::size_t i = options_.top; i < chosen_.size(); ++i) facts_.rare += chosen_[i]->count();
    chosen_.resize(options_.top);
  }

  /// Several statements in one text, and texts that a scenario cannot hold, are no steps.
  static bool can_be_written(const RequestKind& kind) {
    LogKindWriter writer(kind, "v", false);
    const Json steps = writer.steps(true);
    return std::all_of(steps.begin(), steps.end(), [&writer](const Json& step) {
      const auto parsed = parse_statement(step["sql"].get<std::string>(), writer.names());
      return std::holds_alternative<Statement>(parsed);
    });
  }

  void add_request(Json& root, std::size_t index) {
    const RequestKind& kind = *chosen_[index];
    std::string name = statement_name(kind.statements().front());
    const std::string wanted = name;
    for (int i = 2; !names_.insert(name).second; ++i) name = fmt::format("{} {}", wanted, i);
    const std::optional<Json> transaction = transaction_of(kind);
    LogKindWriter writer(kind, fmt::format("r{}", index + 1), !log_.whole_seconds);
    Json request{{"name", name}, {"weight", kind.count()}};
    request["transaction"] = transaction.value_or(Json(false));
    request["steps"] = writer.steps(!transaction);
    root["requests"].push_back(std::move(request));
    for (std::size_t i = 0; i < writer.columns().size(); ++i) {
      Json csv{{"file", options_.arrivals_file},
               {"column", fmt::format("v{}", i + 1)},
               {"request", name},
               {"order", "in turn"},
               {"together", true}};
      if (kind.values()[writer.columns()[i]].nulls > 0) csv["null"] = kNullInFile;
      root["variables"][writer.names()[i]] = Json{{"csv", std::move(csv)}};
    }
    facts_.dropped_tables += writer.dropped_tables();
    for (const std::string& sql : kind.statements()) {
      if (changes_rows(sql)) facts_.changes.insert(statement_name(sql));
    }
    most_columns_ = std::max(most_columns_, writer.columns().size());
    written_[&kind] = {name, writer.columns()};
  }

  void write_arrivals(const LoggedRequests& logged) {
    std::string& text = imported_.arrivals;
    text = "arrival_s,request";
    for (std::size_t i = 0; i < most_columns_; ++i) text += fmt::format(",v{}", i + 1);
    text += '\n';
    std::optional<double> first_s;
    for (std::size_t i = 0; i < logged.requests.size(); ++i) {
      const auto written = written_.find(kind_of_[i]);
      if (written == written_.end()) continue;
      const LoggedRequest& request = logged.requests[i];
      if (!first_s) first_s = request.start_s;
      last_arrival_s_ = (request.start_s - *first_s) / options_.scale;
      text += fmt::format("{:.6f},{}", last_arrival_s_, csv_field(written->second.name));
      add_values(request, written->second.columns);
      ++facts_.replayed;
    }
  }

  void add_values(const LoggedRequest& request, const std::vector<std::size_t>& columns) {
    std::vector<std::optional<std::string>> values;
    if (!columns.empty()) {
      for (StatementShape& shape : shapes_of(request)) {
        for (Constant& constant : shape.constants) values.push_back(std::move(constant.value));
      }
    }
    for (std::size_t i = 0; i < most_columns_; ++i) {
      imported_.arrivals += ',';
      if (i >= columns.size()) continue;
      imported_.arrivals += csv_field(values[columns[i]].value_or(kNullInFile));
    }
    imported_.arrivals += '\n';
  }

  const ImportOptions& options_;
  const ServerLog& log_;
  ImportedScenario imported_;
  LogFacts facts_;
  std::map<std::string, RequestKind> kinds_;
  std::vector<const RequestKind*> kind_of_;  // by request; nullptr: of none
  std::vector<const RequestKind*> chosen_;
  std::map<const RequestKind*, Written> written_;
  std::set<std::string> names_;
  std::size_t most_columns_ = 0;
  double last_arrival_s_ = 0;
};

}  // namespace

std::variant<ImportedScenario, Diagnostic> import_log(std::string_view log, const std::string& file,
                                                      LogFormat format,
                                                      const ImportOptions& options) {
  const auto read = read_server_log(log, format, options.log_line_prefix);
  if (const auto* problem = std::get_if<LogProblem>(&read)) {
    return Diagnostic{file, problem->line, 1, "", "", problem->message, ""};
  }
  const auto& server_log = std::get<ServerLog>(read);
  const std::vector<LoggedSession> sessions = sessions_of(server_log.entries);
  const LoggedRequests logged = requests_of(sessions);
  if (logged.requests.empty()) {
    return Diagnostic{file,
                      1,
                      1,
                      "",
                      "",
                      "the log contains no statements to replay; set log_min_duration_statement = "
                      "0 on the server for a while and try again",
                      ""};
  }
  return LogImport(options, server_log).made(logged);
}

}  // namespace poolgauge
