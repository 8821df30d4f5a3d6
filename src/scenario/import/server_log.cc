// The two formats that a machine can read; what stands in a log is never shown.
#include "scenario/import/server_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

#include <fmt/format.h>

#include "scenario/csv.h"
#include "scenario/json.h"

namespace poolgauge {

namespace {

// Columns of a csvlog. PostgreSQL 12 wrote 23 of them, 13 the type of backend, 14 two more.
constexpr std::size_t kTime = 0;
constexpr std::size_t kSession = 5;
constexpr std::size_t kTransaction = 9;
constexpr std::size_t kSeverity = 11;
constexpr std::size_t kMessage = 13;
constexpr std::size_t kDetail = 14;
constexpr std::size_t kBackendType = 23;
constexpr std::size_t kFewestColumns = 23;

constexpr const char* kTimeExpected = "expected a time such as 2026-01-31 12:00:00.000 UTC";

bool is_client(const std::string& backend_type) {
  return backend_type.empty() || backend_type == "client backend";
}

using Entries = std::variant<ServerLog, LogProblem>;

void note_unread(ServerLog& log, std::size_t line) {
  if (log.unread++ == 0) log.first_unread = line;
}

/// The log, unless what could not be read says that it is none.
Entries judged(ServerLog log, const std::optional<LogProblem>& first) {
  if (first && (log.entries.empty() || !is_damage(log.unread, log.entries.size()))) return *first;
  return log;
}

class CsvLogReader {
 public:
  explicit CsvLogReader(std::string_view log) : log_(log) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (log_.starts_with(kByteOrderMark)) log_.remove_prefix(kByteOrderMark.size());
  }

  Entries run() {
    while (at_ < log_.size()) {
      CsvRecords records(log_.substr(at_));
      const std::size_t first_line = line_;
      bool broken = false;
      while (!broken && !records.at_end()) {
        const std::size_t begin = at_ + records.offset();
        const std::size_t line = first_line + records.line() - 1;
        const auto problem = take(records.next(), line);
        if (!problem) continue;
        if (!first_) first_ = problem;
        note_unread(result_, line);
        go_on_after(begin, line);
        broken = true;
      }
      if (!broken) break;
    }
    return judged(std::move(result_), first_);
  }

 private:
  /// The next line that begins with a time, as every entry does.
  void go_on_after(std::size_t begin, std::size_t line) {
    at_ = begin;
    line_ = line;
    while (at_ < log_.size()) {
      const std::size_t newline = log_.find('\n', at_);
      at_ = newline == std::string_view::npos ? log_.size() : newline + 1;
      ++line_;
      if (parse_log_time(log_.substr(at_, log_.find(',', at_) - at_))) return;
    }
  }

  std::optional<LogProblem> take(std::optional<std::vector<std::string>> fields, std::size_t line) {
    if (!fields)
      return LogProblem{line, "a quoted field is not closed; is the log still being written?"};
    if (fields->size() == 1 && fields->front().empty()) return std::nullopt;
    if (fields->size() < kFewestColumns) {
      const bool json = fields->front().starts_with("{");
      return LogProblem{line, fmt::format("expected a csvlog with at least {} columns, found {}{}",
                                          kFewestColumns, fields->size(),
                                          json ? "; if it is a jsonlog, use --jsonlog" : "")};
    }
    LogEntry entry;
    entry.line = line;
    const auto time = parse_log_time((*fields)[kTime]);
    if (!time) return LogProblem{line, kTimeExpected};
    entry.time_s = *time;
    entry.session = std::move((*fields)[kSession]);
    entry.transaction = std::move((*fields)[kTransaction]);
    entry.severity = std::move((*fields)[kSeverity]);
    entry.message = std::move((*fields)[kMessage]);
    entry.detail = std::move((*fields)[kDetail]);
    entry.of_client = fields->size() <= kBackendType || is_client((*fields)[kBackendType]);
    result_.entries.push_back(std::move(entry));
    return std::nullopt;
  }

  std::string_view log_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  ServerLog result_;
  std::optional<LogProblem> first_;
};

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<LogProblem> take_json_entry(std::string_view line, std::size_t number,
                                          std::vector<LogEntry>& entries) {
  const Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) {
    return LogProblem{
        number,
        "expected a JSON object on each line of a jsonlog; is the log still being written?"};
  }
  LogEntry entry;
  entry.line = number;
  const auto time = parse_log_time(text_of(object, "timestamp"));
  if (!time) return LogProblem{number, std::string("\"timestamp\": ") + kTimeExpected};
  entry.time_s = *time;
  entry.session = text_of(object, "session_id");
  entry.transaction = text_of(object, "vxid");
  entry.severity = text_of(object, "error_severity");
  entry.message = text_of(object, "message");
  entry.detail = text_of(object, "detail");
  entry.of_client = is_client(text_of(object, "backend_type"));
  entries.push_back(std::move(entry));
  return std::nullopt;
}

Entries read_json_log(std::string_view log) {
  ServerLog result;
  std::optional<LogProblem> first;
  std::size_t number = 0;
  for (std::size_t at = 0; at < log.size();) {
    ++number;
    const std::size_t end = std::min(log.find('\n', at), log.size());
    const std::string_view line = log.substr(at, end - at);
    at = end + 1;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto problem = take_json_entry(line, number, result.entries);
    if (!problem) continue;
    if (!first) first = problem;
    note_unread(result, number);
  }
  return judged(std::move(result), first);
}

/// The number at the front of `text`, which it takes away, then `after`.
bool take_number(std::string_view& text, std::string_view after, std::int64_t& value) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  if (!text.starts_with(after)) return false;
  text.remove_prefix(after.size());
  return true;
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  // The year begins in March here, so that the leap day is its last.
  if (month <= 2) --year;
  const std::int64_t since_march = (month + 9) % 12;
  const std::int64_t day_of_year = (153 * since_march + 2) / 5 + day - 1;
  return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719468;
}

/// What a message says of a statement.
struct Said {
  enum class What { nothing, statement, duration, both, parse, bind };
  What what = What::nothing;
  double duration_s = 0;
  std::string_view sql;
  Protocol protocol = Protocol::simple;
};

/// "statement: SQL" or "execute NAME: SQL"; no SQL: another message, or a part of one statement.
void read_sql(std::string_view message, Said& said) {
  constexpr std::string_view kStatement = "statement: ";
  constexpr std::string_view kExecute = "execute ";
  if (message.starts_with(kStatement)) {
    said.sql = message.substr(kStatement.size());
    return;
  }
  if (!message.starts_with(kExecute) || message.starts_with("execute fetch from ")) return;
  const std::size_t colon = message.find(": ");
  if (colon == std::string_view::npos) return;
  const bool unnamed = message.substr(kExecute.size()).starts_with("<unnamed>");
  said.protocol = unnamed ? Protocol::extended : Protocol::prepared;
  said.sql = message.substr(colon + 2);
}

Said read_message(std::string_view message) {
  constexpr std::string_view kDuration = "duration: ";
  Said said;
  if (!message.starts_with(kDuration)) {
    read_sql(message, said);
    if (!said.sql.empty()) said.what = Said::What::statement;
    return said;
  }
  message.remove_prefix(kDuration.size());
  double milliseconds = 0;
  const auto [stop, error] =
      std::from_chars(message.data(), message.data() + message.size(), milliseconds);
  if (error != std::errc()) return said;
  message.remove_prefix(static_cast<std::size_t>(stop - message.data()));
  if (!message.starts_with(" ms")) return said;
  message.remove_prefix(3);
  said.duration_s = milliseconds / 1000;
  if (message.empty()) {
    said.what = Said::What::duration;
    return said;
  }
  message.remove_prefix(std::min(message.find_first_not_of(' '), message.size()));
  read_sql(message, said);
  if (!said.sql.empty()) said.what = Said::What::both;
  if (message.starts_with("parse ")) said.what = Said::What::parse;
  if (message.starts_with("bind ")) said.what = Said::What::bind;
  return said;
}

/// What is parsed and bound is executed at once; a statement that was only prepared is not.
double start_with_preparing(const LoggedSession& session, double start_s) {
  constexpr double kAtOnce_s = 0.003;  // a log's clock counts milliseconds
  if (!session.preparing || start_s - session.preparing->second > kAtOnce_s) return start_s;
  return std::min(start_s, session.preparing->first);
}

void add_entry(const LogEntry& entry, LoggedSession& session) {
  auto& statements = session.statements;
  const bool waiting = !statements.empty() && !statements.back().end_s;
  if (entry.severity == "ERROR" || entry.severity == "FATAL") {
    if (!waiting) return;
    statements.back().failed = true;
    statements.back().end_s = entry.time_s;
    return;
  }
  const Said said = read_message(entry.message);
  if (said.what == Said::What::nothing) return;
  if (said.what == Said::What::duration) {
    if (waiting) statements.back().end_s = entry.time_s;
    return;
  }
  const double start_s = start_with_preparing(session, entry.time_s - said.duration_s);
  session.preparing.reset();
  if (said.what == Said::What::parse || said.what == Said::What::bind) {
    session.preparing = {start_s, entry.time_s};
    return;
  }
  LoggedStatement statement;
  statement.line = entry.line;
  statement.sql = std::string(said.sql);
  statement.parameters = parse_log_parameters(entry.detail);
  statement.transaction = entry.transaction;
  statement.start_s = start_s;
  statement.protocol = said.protocol;
  if (said.what == Said::What::both) {
    statement.end_s = entry.time_s;
    statement.duration_s = said.duration_s;
  }
  statements.push_back(std::move(statement));
}

}  // namespace

bool is_damage(std::size_t unread, std::size_t whole) {
  constexpr std::size_t kBothEnds = 2;
  constexpr std::size_t kOneIn = 100;
  return unread <= std::max(kBothEnds, whole / kOneIn);
}

std::variant<ServerLog, LogProblem> read_server_log(std::string_view log, LogFormat format,
                                                    const std::string& prefix) {
  switch (format) {
    case LogFormat::csv: return CsvLogReader(log).run();
    case LogFormat::json: return read_json_log(log);
    case LogFormat::text: return read_text_log(log, prefix);
  }
  return LogProblem{};
}

std::optional<double> parse_log_time(std::string_view text) {
  constexpr double kMinute = 60;
  constexpr double kHour = 3600;
  constexpr double kDay = 86400;
  std::array<std::int64_t, 6> part{};
  constexpr std::array<std::string_view, 6> kAfter{"-", "-", " ", ":", ":", ""};
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (!take_number(text, kAfter[i], part[i])) return std::nullopt;
  }
  const auto [year, month, day, hour, minute, second] = part;
  const bool sane = year > 1970 && month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
                    hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 &&
                    second <= 60;
  if (!sane) return std::nullopt;
  double fraction = 0;
  if (text.starts_with(".")) std::from_chars(text.data(), text.data() + text.size(), fraction);
  return static_cast<double>(days_of(year, month, day)) * kDay + static_cast<double>(hour) * kHour +
         static_cast<double>(minute) * kMinute + static_cast<double>(second) + fraction;
}

std::vector<std::optional<std::string>> parse_log_parameters(std::string_view detail) {
  std::vector<std::optional<std::string>> values;
  std::size_t at = detail.find('$');
  while (at < detail.size() && detail[at] == '$') {
    std::size_t number = 0;
    const auto [stop, error] =
        std::from_chars(detail.data() + at + 1, detail.data() + detail.size(), number);
    constexpr std::size_t kMostParameters = 65535;
    if (error != std::errc() || number == 0 || number > kMostParameters) break;
    at = static_cast<std::size_t>(stop - detail.data());
    if (!detail.substr(at).starts_with(" = ")) break;
    at += 3;
    values.resize(std::max(values.size(), number));
    if (detail.substr(at).starts_with("'")) {
      std::string value;
      for (++at; at < detail.size(); ++at) {
        if (detail[at] == '\'' && !detail.substr(at + 1).starts_with("'")) break;
        if (detail[at] == '\'') ++at;
        value += detail[at];
      }
      values[number - 1] = std::move(value);
    }
    const std::size_t next = detail.find(", $", at);
    at = next == std::string_view::npos ? detail.size() : next + 2;
  }
  return values;
}

std::vector<LoggedSession> sessions_of(const std::vector<LogEntry>& entries) {
  std::vector<LoggedSession> sessions;
  std::unordered_map<std::string, std::size_t> places;
  for (const LogEntry& entry : entries) {
    if (!entry.of_client || entry.session.empty()) continue;
    const auto [found, added] = places.try_emplace(entry.session, sessions.size());
    if (added) sessions.emplace_back();
    add_entry(entry, sessions[found->second]);
  }
  std::erase_if(sessions, [](const LoggedSession& s) { return s.statements.empty(); });
  return sessions;
}

}  // namespace poolgauge
