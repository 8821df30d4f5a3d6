// One connection, one question at a time.
#include "pg/doctor/doctor_read.h"

#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/visible_text.h"
#include "doctor/checks.h"
#include "pg/conninfo/conninfo.h"
#include "pg/session/ask.h"
#include "pg/session/control_connection.h"
#include "pg/session/epoll_time.h"

namespace poolgauge {
namespace {

constexpr int kLooks = 10;
constexpr Duration kBetweenLooks = std::chrono::milliseconds(200);
constexpr int kRoundTrips = 50;
constexpr int kConnects = 5;
constexpr std::string_view kSchema = "{pg_stat_statements}";

constexpr const char* kLimits =
    "SET LOCAL statement_timeout = '3s';\n"
    "SET LOCAL lock_timeout = '200ms';\n"
    "SET LOCAL idle_in_transaction_session_timeout = '10s';\n"
    "SET LOCAL search_path = pg_catalog;";

/// The query on pg_stat_statements in that schema.
std::string in_schema(std::string sql, const std::string& schema) {
  if (const std::size_t at = sql.find(kSchema); at != sql.npos) {
    sql.replace(at, kSchema.size(), schema);
  }
  return sql;
}

/// One string, so that a pooler gives all of it to the same server connection, and no setting
/// outlives it: the server runs several statements in one message as one transaction. A BEGIN
/// would be refused by poolers in statement mode.
std::string read_only_sql(const std::string& sql) {
  return fmt::format("SET LOCAL transaction_read_only = on;\n{}{}", kLimits, sql);
}

class DoctorReader {
 public:
  DoctorReader(ControlConnection connection, const DoctorWishes& wishes, const StopFlag& stop)
      : connection_(std::move(connection)), wishes_(wishes), stop_(stop) {}

  Result<DoctorFacts> read_server(const std::string& conninfo);
  Result<DoctorFacts> read_console(const std::string& conninfo) &&;

 private:
  void introduce(const std::string& conninfo);
  void ask_all();
  /// Keeps the first reply that says the connection is gone: later ones do not know why.
  void note_loss(const ControlReply& reply);
  DoctorAnswer ask_one(const DoctorQuery& query);
  /// What can be asked in one statement. Where that fails nothing is known, and each has to be
  /// asked by itself.
  void ask_together(const std::vector<DoctorQuery>& queries, DoctorAnswers& answers);
  bool stands_alone(const DoctorQuery& query) const;
  std::string statements_schema() const;
  void read_pids();
  void time_round_trips();
  void watch(std::optional<DoctorConsole>& console);
  void ask_again();
  bool fits(const DoctorQuery& query) const;
  /// What ended the reading, once the connection is gone.
  std::optional<Error> trouble() const;

  ControlConnection connection_;
  const DoctorWishes& wishes_;
  const StopFlag& stop_;
  DoctorFacts facts_;
  TimePoint first_look_{};
  std::string lost_;  // why the connection is gone
  bool silent_ = false;
};

bool DoctorReader::fits(const DoctorQuery& query) const {
  const int major = facts_.version_num / 10'000;
  return major >= query.from && (query.until == 0 || major <= query.until);
}

void DoctorReader::introduce(const std::string& conninfo) {
  constexpr std::size_t kMostVersion = 100;  // bytes
  const auto text_of = [](const char* text) { return std::string(text != nullptr ? text : ""); };
  PGconn* const raw = connection_.raw();
  facts_.version_num = PQserverVersion(raw);
  const std::string version = text_of(PQparameterStatus(raw, "server_version"));
  facts_.server_version = shortened(version.substr(0, version.find(' ')), kMostVersion);
  facts_.address = scrub(describe(conninfo), conninfo);
  facts_.role = text_of(PQuser(raw));
  facts_.database = text_of(PQdb(raw));
  const std::string host = text_of(PQhost(raw));
  facts_.over_socket = host.starts_with("/") || host.starts_with("@");
  const std::string address = text_of(PQhostaddr(raw));
  facts_.over_loopback = address.starts_with("127.") || address == "::1";
  facts_.startup_pid = PQbackendPID(raw);
}

/// Quoted as SQL wants it; empty: pg_stat_statements is not installed, or not loaded.
std::string DoctorReader::statements_schema() const {
  const auto found = facts_.first.find("A7");
  if (found == facts_.first.end() || found->second.rows.empty()) return {};
  const std::vector<std::string>& row = found->second.rows[0];
  return row.size() > 1 && row[1] == "t" ? row[0] : std::string();
}

DoctorAnswer DoctorReader::ask_one(const DoctorQuery& query) {
  const std::string sql = read_only_sql(in_schema(std::string(query.sql), statements_schema()));
  const ControlReply reply = ask(connection_, sql, 1);
  DoctorAnswer answer = answer_of(reply);
  if (reply.ok()) return answer;
  if (reply.complaint.sqlstate == "57014") answer.unknown = "no answer within 3 s";
  answer.no_right = reply.complaint.sqlstate == "42501";
  note_loss(reply);
  return answer;
}

/// Its text is not known beforehand, or it is asked again and again.
bool DoctorReader::stands_alone(const DoctorQuery& query) const {
  return query.sql.find(kSchema) != query.sql.npos || (query.id == "D1" && wishes_.active);
}

void DoctorReader::ask_together(const std::vector<DoctorQuery>& queries, DoctorAnswers& answers) {
  constexpr std::size_t kColumns = 4;
  if (queries.size() < 2) return;
  const ControlReply reply = ask(connection_, read_only_sql(together_sql(queries)), kColumns);
  if (reply.ok()) {
    answers.merge(answers_together(queries, reply));
  } else {
    note_loss(reply);
  }
}

void DoctorReader::note_loss(const ControlReply& reply) {
  if (!lost_.empty() || reply.ending != ControlReply::Ending::lost) return;
  lost_ = reply.complaint.message.empty() ? "no answer" : reply.complaint.message;
  silent_ = reply.silent;
}

void DoctorReader::ask_all() {
  first_look_ = monotonic_now();
  std::vector<DoctorQuery> together;
  for (const DoctorQuery& query : wishes_.queries) {
    if (fits(query) && !stands_alone(query)) together.push_back(query);
  }
  ask_together(together, facts_.first);
  for (const DoctorQuery& query : wishes_.queries) {
    if (!fits(query) || facts_.first.contains(query.id)) continue;
    if (query.sql.find(kSchema) != query.sql.npos && statements_schema().empty()) continue;
    if (trouble()) return;
    facts_.first.insert_or_assign(std::string(query.id), ask_one(query));
  }
}

void DoctorReader::ask_again() {
  const auto again = [this](const DoctorQuery& query) {
    const auto before = facts_.first.find(query.id);
    return fits(query) && query.twice && before != facts_.first.end() &&
           before->second.unknown.empty();
  };
  std::vector<DoctorQuery> together;
  for (const DoctorQuery& query : wishes_.queries) {
    if (again(query) && !stands_alone(query)) together.push_back(query);
  }
  if (!trouble()) ask_together(together, facts_.second);
  for (const DoctorQuery& query : wishes_.queries) {
    if (!again(query) || facts_.second.contains(query.id) || trouble()) continue;
    facts_.second.insert_or_assign(std::string(query.id), ask_one(query));
  }
  facts_.between_s = to_s(monotonic_now() - first_look_);
}

void DoctorReader::read_pids() {
  const DoctorQuery& query = *doctor::find_query("A3");
  for (std::int64_t* const pid : {&facts_.first_pid, &facts_.second_pid}) {
    const DoctorAnswer answer = ask_one(query);
    if (answer.unknown.empty() && !answer.rows.empty()) {
      *pid = std::strtoll(answer.rows[0][0].c_str(), nullptr, 10);
    }
  }
}

void DoctorReader::time_round_trips() {
  if (!wishes_.round_trips) return;
  for (int i = 0; i < kRoundTrips && !trouble(); ++i) {
    const TimePoint sent = monotonic_now();
    const ControlReply reply = connection_.run("");
    note_loss(reply);
    if (!reply.ok()) return;
    facts_.round_trips_ms.push_back(to_ms(monotonic_now() - sent));
  }
  const double before = wishes_.wall_clock_s();
  constexpr DoctorQuery kNow{"G4", 0, 0, false, "\nSELECT extract(epoch FROM clock_timestamp())"};
  const DoctorAnswer now = ask_one(kNow);
  const double after = wishes_.wall_clock_s();
  if (!now.unknown.empty() || now.rows.empty()) return;
  facts_.server_ahead_s = std::strtod(now.rows[0][0].c_str(), nullptr) - (before + after) / 2;
}

void DoctorReader::watch(std::optional<DoctorConsole>& console) {
  const DoctorQuery* running = nullptr;
  for (const DoctorQuery& query : wishes_.queries) {
    if (query.id == "D1" && wishes_.active) running = &query;
  }
  bool counters = console.has_value();
  for (const DoctorQuery& query : wishes_.queries) counters = counters || query.twice;
  if (running == nullptr && !counters) return;
  const TimePoint began = monotonic_now();
  for (int look = 0; look < kLooks && !trouble(); ++look) {
    if (!rest_until(began + look * kBetweenLooks, stop_)) return;
    if (console) console->look(facts_);
    if (running == nullptr || !fits(*running)) continue;
    const DoctorAnswer answer = ask_one(*running);
    if (!answer.unknown.empty() || answer.rows.empty()) continue;
    facts_.active.push_back(std::strtod(answer.rows[0][0].c_str(), nullptr));
  }
  if (console) console->read_again(facts_);
}

std::optional<Error> DoctorReader::trouble() const {
  if (stop_.requested()) return interrupted_error();
  if (lost_.empty()) return std::nullopt;
  return Error{ErrorKind::target,
               fmt::format("the server at {} {} during the inspection\n  {}", facts_.address,
                           silent_ ? "did not answer" : "ended the connection", lost_),
               silent_ ? "check whether the server is frozen or overloaded" : ""};
}

Result<DoctorFacts> DoctorReader::read_server(const std::string& conninfo) {
  introduce(conninfo);
  std::optional<DoctorConsole> console;
  if (!wishes_.console.empty()) {
    Result<std::optional<DoctorConsole>> opened =
        DoctorConsole::open(wishes_.console, stop_, facts_);
    if (!opened) return opened.error();
    console = std::move(opened).value();
    if (console) console->read(facts_);
  }
  read_pids();
  ask_all();
  time_round_trips();
  watch(console);
  ask_again();
  if (auto ended = trouble()) return *ended;
  if (wishes_.connects) time_connects(conninfo, kConnects, stop_, facts_);
  read_own_limits(facts_);
  if (stop_.requested()) return interrupted_error();
  return std::move(facts_);
}

Result<DoctorFacts> DoctorReader::read_console(const std::string& conninfo) && {
  introduce(conninfo);
  facts_.version_num = 0;
  facts_.server_version.clear();
  facts_.pooler_asked = true;
  std::optional<DoctorConsole> console(DoctorConsole(std::move(connection_)));
  console->read(facts_);
  watch(console);
  if (stop_.requested()) return interrupted_error();
  return std::move(facts_);
}

}  // namespace

std::string guarded_sql(const DoctorQuery& query) {
  return fmt::format("BEGIN READ ONLY;\n{}{};\nCOMMIT", kLimits,
                     in_schema(std::string(query.sql), "public"));
}

Result<DoctorFacts> read_doctor_facts(const std::string& conninfo, const DoctorWishes& wishes,
                                      const StopFlag& stop) {
  const ControlLimits limits{{}, std::chrono::seconds(5), false, std::chrono::seconds(3)};
  Result<ControlConnection> opened = ControlConnection::open(conninfo, stop, limits);
  if (!opened) return opened.error();
  const bool console = is_pooler_console(opened.value());
  DoctorReader reader(std::move(opened).value(), wishes, stop);
  if (console) return std::move(reader).read_console(conninfo);
  return reader.read_server(conninfo);
}

}  // namespace poolgauge
