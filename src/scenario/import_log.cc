// A log's transactions become requests, the client's time within them holds, and their starts a
// file of arrivals.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "scenario/import_parts.h"
#include "scenario/log_requests.h"
#include "scenario/statement.h"

namespace poolgauge {

namespace {

constexpr std::size_t kMostStatements = 200;  // of one request
constexpr std::size_t kChoices = 200;         // beyond, whole numbers become a range
constexpr std::size_t kMostGapsShown = 100;
constexpr std::size_t kDigitsOfInt4 = 9;
constexpr double kLeastGap_s = 0.001;  // what a log's clock can tell

/// `text` as SQL's '...'.
std::string quoted(const std::string& text) {
  std::string out = text.find('\\') == std::string::npos ? "'" : "E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + '\'';
}

Json values_json(const SeenValues& seen) {
  if (seen.all_integers && (seen.truncated || seen.counts.size() > kChoices)) {
    return Json{{"uniform", Json::array({seen.lowest, seen.highest})}};
  }
  Json values = Json::array();
  Json weights = Json::array();
  bool even = true;
  for (const auto& [text, count] : seen.counts) {
    values.push_back(text);
    weights.push_back(count);
    even = even && count == seen.counts.begin()->second;
  }
  if (even) return Json{{"choice", std::move(values)}};
  return Json{{"choice", {{"values", std::move(values)}, {"weights", std::move(weights)}}}};
}

/// Up to a hundred of the gaps, evenly over their order; nothing where there are none to speak of.
std::optional<Json> hold_of(std::vector<double> gaps) {
  if (gaps.empty()) return std::nullopt;
  std::sort(gaps.begin(), gaps.end());
  if (gaps[gaps.size() / 2] < kLeastGap_s) return std::nullopt;
  const std::size_t shown = std::min(gaps.size(), kMostGapsShown);
  Json values = Json::array();
  for (std::size_t i = 0; i < shown; ++i) {
    const double gap = gaps[(2 * i + 1) * gaps.size() / (2 * shown)];
    values.push_back(fmt::format("{:.0f}us", gap * 1e6));
  }
  if (shown == 1) return values[0];
  return Json{{"empirical", std::move(values)}};
}

/// A request's steps, and the variables they need.
class KindWriter {
 public:
  KindWriter(const RequestKind& kind, std::string prefix, Json& variables)
      : kind_(kind), prefix_(std::move(prefix)), variables_(variables) {}

  Json steps(bool with_boundaries) {
    Json steps = Json::array();
    if (with_boundaries && !kind_.begin().empty()) {
      steps.push_back({{"name", "begin"}, {"sql", stripped(kind_.begin())}});
    }
    for (std::size_t i = 0; i < kind_.statements().size(); ++i) {
      add_hold(i, steps);
      const std::string& sql = kind_.statements()[i];
      steps.push_back(
          {{"name", fmt::format("{} {}", i + 1, statement_name(sql))}, {"sql", statement(i)}});
    }
    add_hold(kind_.statements().size(), steps);
    if (with_boundaries && !kind_.end().empty()) {
      steps.push_back({{"name", "end"}, {"sql", stripped(kind_.end())}});
    }
    return steps;
  }

 private:
  void add_hold(std::size_t gap, Json& steps) {
    if (auto hold = hold_of(kind_.gaps()[gap])) {
      steps.push_back({{"name", fmt::format("idle {}", gap + 1)}, {"hold", std::move(*hold)}});
    }
  }

  static std::string stripped(std::string_view sql) {
    const std::size_t end = sql.find_last_not_of("; \t\r\n");
    return std::string(sql.substr(0, end + 1));
  }

  /// Constants that never changed stay; the others become variables of the type they had.
  std::string statement(std::size_t index) {
    const std::string& sql = kind_.statements()[index];
    std::vector<std::string> names;
    std::string text;
    std::size_t at = 0;
    for (const Constant& constant : kind_.shapes()[index].constants) {
      text += sql.substr(at, constant.begin - at);
      at = constant.end;
      const SeenValues& seen = kind_.values()[place_];
      if (seen.counts.size() + (seen.nulls > 0 ? 1 : 0) <= 1) {
        text += unchanged(sql, constant, seen);
      } else {
        names.push_back(variable(seen) + cast(constant, seen));
        text += fmt::format("${}", names.size());
      }
      ++place_;
    }
    text += sql.substr(at);
    return with_variables(stripped(text), names);
  }

  static std::string unchanged(const std::string& sql, const Constant& constant,
                               const SeenValues& seen) {
    if (constant.kind != Constant::Kind::parameter) {
      return sql.substr(constant.begin, constant.end - constant.begin);
    }
    return seen.counts.empty() ? "NULL" : quoted(seen.counts.begin()->first);
  }

  /// A whole number in SQL is an integer where it fits one; a bound text would be of any type.
  static std::string cast(const Constant& constant, const SeenValues& seen) {
    if (constant.kind == Constant::Kind::number) return "::numeric";
    if (constant.kind != Constant::Kind::integer) return "";
    const bool small = std::all_of(seen.counts.begin(), seen.counts.end(), [](const auto& value) {
      return value.first.size() <= kDigitsOfInt4;
    });
    return small ? "::int" : "::bigint";
  }

  /// Places that always had the same value share a variable.
  std::string variable(const SeenValues& seen) {
    const std::size_t which = kind_.classes()[place_];
    const auto [found, added] =
        by_class_.try_emplace(which, fmt::format("{}_v{}", prefix_, by_class_.size() + 1));
    if (added) variables_[found->second] = values_json(seen);
    return found->second;
  }

  const RequestKind& kind_;
  std::string prefix_;
  Json& variables_;
  std::size_t place_ = 0;
  std::map<std::size_t, std::string> by_class_;
};

class LogImport {
 public:
  LogImport(const ImportOptions& options) : options_(options) {}

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
    root["deployment"]["pool"] = {
        {"kind", "sqlalchemy-async"}, {"pool_size", 5}, {"max_overflow", 10}};
    imported_.json = root.dump(-1, ' ', false, Json::error_handler_t::replace);
    add_notes(logged);
    return std::move(imported_);
  }

 private:
  static constexpr double kTail_s = 1;  // for the last requests to end

  void gather(const LoggedRequests& logged) {
    for (const LoggedRequest& request : logged.requests) {
      kind_of_.push_back(nullptr);
      if (request.statements.size() > kMostStatements) {
        ++too_long_;
        continue;
      }
      std::vector<StatementShape> shapes;
      std::string key = request.begin + '\n' + request.end;
      for (const LoggedStatement* statement : request.statements) {
        shapes.push_back(shape_of(statement->sql, statement->parameters));
        key += '\n' + shapes.back().key;
      }
      auto found = kinds_.find(key);
      if (found == kinds_.end()) found = kinds_.try_emplace(key, request, shapes).first;
      found->second.add(request, shapes);
      kind_of_.back() = &found->second;
    }
  }

  void choose() {
    for (const auto& [key, kind] : kinds_) chosen_.push_back(&kind);
    std::stable_sort(chosen_.begin(), chosen_.end(),
                     [](const auto* a, const auto* b) { return a->count() > b->count(); });
    if (chosen_.size() <= options_.top) return;
    for (std::size_t i = options_.top; i < chosen_.size(); ++i) rare_ += chosen_[i]->count();
    rare_kinds_ = chosen_.size() - options_.top;
    chosen_.resize(options_.top);
  }

  void add_request(Json& root, std::size_t index) {
    const RequestKind& kind = *chosen_[index];
    std::string name = statement_name(kind.statements().front());
    const std::string wanted = name;
    for (int i = 2; !names_.insert(name).second; ++i) name = fmt::format("{} {}", wanted, i);
    name_of_[&kind] = name;
    const std::optional<Json> transaction = transaction_of(kind);
    KindWriter writer(kind, fmt::format("r{}", index + 1), root["variables"]);
    Json request{{"name", name}, {"weight", kind.count()}};
    request["transaction"] = transaction.value_or(Json(false));
    request["steps"] = writer.steps(!transaction);
    root["requests"].push_back(std::move(request));
  }

  /// What the scenario has a word for; nothing: BEGIN and its end stay statements.
  static std::optional<Json> transaction_of(const RequestKind& kind) {
    const bool commits = kind.end().empty() || kind.end()[0] == 'c' || kind.end()[0] == 'C' ||
                         kind.end()[0] == 'e' || kind.end()[0] == 'E';
    if (kind.begin().empty() || kind.end().empty() || !commits) return std::nullopt;
    const std::string words = plain_name(kind.begin(), ' ', 100);
    std::string lower;
    for (const char c : words)
      lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const char* start : {"begin", "start transaction"}) {
      for (const char* more : {"", " work", " transaction"}) {
        const std::string plain = std::string(start) + more;
        if (lower == plain) return Json(true);
        if (lower == plain + " read only") return Json("read only");
        if (lower == plain + " isolation level serializable") return Json("serializable");
      }
    }
    return std::nullopt;
  }

  void write_arrivals(const LoggedRequests& logged) {
    imported_.arrivals = "arrival_s,request\n";
    std::optional<double> first_s;
    for (std::size_t i = 0; i < logged.requests.size(); ++i) {
      const auto name = name_of_.find(kind_of_[i]);
      if (name == name_of_.end()) continue;
      if (!first_s) first_s = logged.requests[i].start_s;
      last_arrival_s_ = (logged.requests[i].start_s - *first_s) / options_.scale;
      imported_.arrivals += fmt::format("{:.6f},{}\n", last_arrival_s_, name->second);
      ++replayed_;
    }
  }

  /// The most requests of the log that were under way at once.
  static std::size_t peak(const LoggedRequests& logged) {
    std::vector<std::pair<double, int>> events;
    for (const LoggedRequest& request : logged.requests) {
      if (!request.end_s) continue;
      events.emplace_back(request.start_s, 1);
      events.emplace_back(*request.end_s, -1);
    }
    std::sort(events.begin(), events.end());
    std::int64_t now = 0;
    std::int64_t most = 0;
    for (const auto& [time, change] : events) most = std::max(most, now += change);
    return static_cast<std::size_t>(most);
  }

  void add_notes(const LoggedRequests& logged) {
    auto& notes = imported_.notes;
    notes.push_back(fmt::format(
        "{} requests of {} kinds from {} sessions over {:.1f} s; at most {} were under way at once",
        replayed_, chosen_.size(), logged.sessions, last_arrival_s_ * options_.scale,
        peak(logged)));
    const auto note = [&notes](std::size_t count, const std::string& what) {
      if (count > 0) notes.push_back(fmt::format("{} {}", count, what));
    };
    note(rare_,
         fmt::format("requests of {} rarer kinds are left out (--top keeps more)", rare_kinds_));
    note(logged.unreplayable, "statements that no request runs (COPY, DDL, settings) are left out");
    note(logged.unfinished, "transactions that were open at the log's end are left out");
    note(too_long_,
         fmt::format("transactions of more than {} statements are left out", kMostStatements));
    note(logged.failed, "statements failed in the log; they are replayed as the others");
    const bool timed = std::any_of(logged.requests.begin(), logged.requests.end(),
                                   [](const LoggedRequest& r) { return r.end_s.has_value(); });
    if (!timed) {
      notes.push_back(
          "the log has no durations, so no idle times within transactions: set "
          "log_min_duration_statement = 0 for them");
    }
    notes.push_back("the scenario holds constants of the log: look at it before you pass it on");
  }

  const ImportOptions& options_;
  ImportedScenario imported_;
  std::map<std::string, RequestKind> kinds_;
  std::vector<const RequestKind*> kind_of_;  // by request; nullptr: of none
  std::vector<const RequestKind*> chosen_;
  std::map<const RequestKind*, std::string> name_of_;
  std::set<std::string> names_;
  std::size_t rare_ = 0;
  std::size_t rare_kinds_ = 0;
  std::size_t too_long_ = 0;
  std::size_t replayed_ = 0;
  double last_arrival_s_ = 0;
};

}  // namespace

std::variant<ImportedScenario, Diagnostic> import_log(std::string_view log, const std::string& file,
                                                      LogFormat format,
                                                      const ImportOptions& options) {
  auto entries = read_server_log(log, format);
  if (const auto* problem = std::get_if<LogProblem>(&entries)) {
    return Diagnostic{file, problem->line, 1, "", "", problem->message, ""};
  }
  const std::vector<LoggedSession> sessions = sessions_of(std::get<std::vector<LogEntry>>(entries));
  const LoggedRequests logged = requests_of(sessions);
  if (logged.requests.empty()) {
    return Diagnostic{file,
                      1,
                      1,
                      "",
                      "",
                      "the log has no statements that can be replayed; set "
                      "log_min_duration_statement = 0 on the server for a while",
                      ""};
  }
  return LogImport(options).made(logged);
}

}  // namespace poolgauge
