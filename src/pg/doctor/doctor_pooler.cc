// SHOW tables as answers.
#include "pg/doctor/doctor_read.h"

#include <utility>

#include "pg/session/ask.h"

namespace poolgauge {

DoctorAnswer answer_of(ControlReply reply) {
  DoctorAnswer answer;
  if (reply.ok()) {
    answer.columns = std::move(reply.columns);
    answer.rows = std::move(reply.rows);
  } else {
    answer.unknown = reply.complaint.message.empty() ? "no answer" : reply.complaint.message;
  }
  return answer;
}

Result<std::optional<DoctorConsole>> DoctorConsole::open(const std::string& conninfo,
                                                         const StopFlag& stop, DoctorFacts& facts) {
  facts.pooler_asked = true;
  const ControlLimits limits{{}, std::chrono::seconds(3), false, std::chrono::seconds(3)};
  Result<ControlConnection> opened = ControlConnection::open(conninfo, stop, limits);
  if (!opened) {
    if (opened.error().kind != ErrorKind::target) return opened.error();
    facts.pooler_trouble = "PgBouncer's console: " + opened.error().message;
    facts.pooler_refuses = facts.pooler_trouble.find("not allowed") != std::string::npos;
    return std::optional<DoctorConsole>();
  }
  if (!is_pooler_console(opened.value())) {
    facts.pooler_trouble =
        "--pgbouncer gives a database, not PgBouncer's admin console (dbname=pgbouncer)";
    return std::optional<DoctorConsole>();
  }
  return std::optional<DoctorConsole>(DoctorConsole(std::move(opened).value()));
}

DoctorAnswer DoctorConsole::show(const std::string& what) {
  ControlReply reply = ask(connection_, "SHOW " + what, 1);
  if (!reply.ok()) alive_ = reply.ending == ControlReply::Ending::failed;
  return answer_of(std::move(reply));
}

void DoctorConsole::note_silence(const DoctorAnswer& answer, DoctorFacts& facts) {
  if (answer.unknown.empty() || !facts.pooler_trouble.empty()) return;
  facts.pooler_trouble = "PgBouncer's console stopped answering: " + answer.unknown;
}

void DoctorConsole::read(DoctorFacts& facts) {
  for (const char* const what : {"VERSION", "CONFIG", "DATABASES", "POOLS", "STATS"}) {
    if (!alive_) return;
    DoctorAnswer answer = show(what);
    if (!answer.unknown.empty() && facts.pooler_trouble.empty()) {
      facts.pooler_trouble =
          "PgBouncer's console refuses SHOW " + std::string(what) + ": " + answer.unknown;
      facts.pooler_refuses = alive_;
    }
    facts.pooler.emplace(what, std::move(answer));
  }
}

void DoctorConsole::look(DoctorFacts& facts) {
  if (!alive_) return;
  DoctorAnswer answer = show("POOLS");
  note_silence(answer, facts);
  if (answer.unknown.empty()) facts.pool_looks.push_back(std::move(answer));
}

void DoctorConsole::read_again(DoctorFacts& facts) {
  if (!alive_) return;
  DoctorAnswer answer = show("STATS");
  note_silence(answer, facts);
  facts.pooler_later.emplace("STATS", std::move(answer));
}

}  // namespace poolgauge
