// Sends the statements and maps what the server says back to the file.
#include "pg/target/existing_objects.h"

#include <string_view>

#include <fmt/core.h>

#include "pg/session/control_connection.h"
#include "pg/target/target_info.h"
#include "sql/sql.h"

namespace poolgauge {
namespace {

using std::chrono::seconds;

// Filling tables may take minutes; the load has shown that the server can be connected to.
const ControlLimits kSetup{{}, seconds(5), true, seconds(3)};
const ControlLimits kTeardown{seconds(4), seconds(3), true, seconds(3)};
const ControlLimits kSharedTeardown{seconds(4), seconds(3), true, seconds(3), seconds(60)};

std::string at(const SqlFile& file, std::size_t offset) {
  const TextPlace place = place_of(file.content, offset);
  return fmt::format("{}:{}:{}", file.path, place.line, place.column);
}

/// Not the file's fault: connection lost, no permission, read-only standby, out of resources,
/// shutting down, system error.
bool is_target_trouble(const ControlReply& reply) {
  const std::string_view state = reply.complaint.sqlstate;
  return reply.ending == ControlReply::Ending::lost || state == "42501" || state == "25006" ||
         state.starts_with("08") || state.starts_with("28") || state.starts_with("53") ||
         state.starts_with("57P") || state.starts_with("58");
}

/// `offset` of the statement in the file; the server's position is relative to it.
Error statement_error(const SqlFile& file, const SplitSql& split, std::size_t index,
                      const ControlReply& reply) {
  const SqlPiece& piece = split.pieces[index];
  const ServerComplaint& complaint = reply.complaint;
  std::size_t offset = piece.offset;
  if (complaint.position > 0) offset += offset_of_character(piece.text, complaint.position);
  std::string message = fmt::format("{}: statement {} of {}: {}", at(file, offset), index + 1,
                                    split.pieces.size(), complaint.message);
  if (complaint.position > 0) message += "\n" + caret_lines(file.content, offset);
  if (!complaint.detail.empty()) message += "\n  " + complaint.detail;
  std::string hint = complaint.hint;
  if (hint.empty() && complaint.sqlstate == "42501") hint = "grant the role the missing permission";
  if (hint.empty() && complaint.sqlstate == "25006") hint = "give the primary with --target";
  return Error{is_target_trouble(reply) ? ErrorKind::target : ErrorKind::usage, message, hint};
}

Status check_split(const SqlFile& file, const SplitSql& split) {
  if (split.problems.empty()) return success();
  const SplitProblem& first = split.problems.front();
  return Error{ErrorKind::usage, fmt::format("{}: {}", at(file, first.offset), first.message),
               first.hint};
}

Status run_file(ControlConnection& connection, const SqlFile& file, const StopFlag& stop) {
  const SplitSql split = split_sql(file.content);
  if (const Status status = check_split(file, split); !status) return status.error();
  for (std::size_t i = 0; i < split.pieces.size(); ++i) {
    if (stop.requested()) return interrupted_error();
    const ControlReply reply = connection.run(split.pieces[i].text);
    if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
    if (!reply.ok()) return statement_error(file, split, i, reply);
  }
  return success();
}

Status run_files(ControlConnection& connection, const std::vector<SqlFile>& files,
                 const StopFlag& stop) {
  for (const SqlFile& file : files) {
    if (const Status status = run_file(connection, file, stop); !status) return status;
  }
  return success();
}

/// For a file of the teardown, whatever the one before it left. False when the server is gone.
bool make_ready(ControlConnection& connection, bool shared_sessions) {
  // In statement mode a pooler refuses this, and nothing is open there.
  const auto lost = [&](const char* sql) {
    return connection.run(sql).ending == ControlReply::Ending::lost;
  };
  const bool in_transaction = PQtransactionStatus(connection.raw()) != PQTRANS_IDLE;
  if (shared_sessions) return !in_transaction || !lost("ROLLBACK");
  return !lost("ROLLBACK") && !lost("SET lock_timeout = '10s'") &&
         !lost("SET statement_timeout = '60s'");
}

/// A file that cannot be split is refused before anything is changed on the server.
Status check_files(const std::vector<SqlFile>& files) {
  for (const SqlFile& file : files) {
    if (const Status status = check_split(file, split_sql(file.content)); !status) return status;
  }
  return success();
}

}  // namespace

Status run_setup(const std::string& conninfo, const Scenario& scenario, const StopFlag& stop,
                 bool shared_sessions) {
  if (const Status status = check_files(scenario.setup); !status) return status;
  if (const Status status = check_files(scenario.teardown); !status) return status;
  if (scenario.setup.empty()) return success();
  Result<ControlConnection> connection = ControlConnection::open(conninfo, stop, kSetup);
  if (!connection) return connection.error();
  const Status status = run_files(connection.value(), scenario.setup, stop);
  if (status) return status;
  Error error = status.error();
  const StopFlag second(stop, 2);
  for (const std::string& note :
       run_teardown(conninfo, scenario.teardown, second, shared_sessions)) {
    error.hint += (error.hint.empty() ? "" : "\n") + note;
  }
  return error;
}

std::vector<std::string> run_teardown(const std::string& conninfo,
                                      const std::vector<SqlFile>& files, const StopFlag& stop,
                                      bool shared_sessions) {
  std::vector<std::string> notes;
  if (files.empty()) return notes;
  const ControlLimits& limits = shared_sessions ? kSharedTeardown : kTeardown;
  Result<ControlConnection> opened = ControlConnection::open(conninfo, stop, limits);
  if (!opened) {
    notes.push_back("the teardown files were not run: " + opened.error().message);
    return notes;
  }
  ControlConnection& connection = opened.value();
  for (const SqlFile& file : files) {
    const bool answers = make_ready(connection, shared_sessions);
    const Status status = run_file(connection, file, stop);
    if (status) continue;
    const bool cut_off = status.error().kind == ErrorKind::interrupted;
    notes.push_back(cut_off ? fmt::format("the teardown was interrupted in {}", file.path)
                            : "teardown failed: " + status.error().message);
    if (cut_off || !answers) break;
  }
  return notes;
}

std::vector<std::string> session_state_notes(const std::vector<SqlFile>& files) {
  std::vector<std::string> notes;
  for (const SqlFile& file : files) {
    const std::string what = session_state_of(file.content);
    if (what.empty()) continue;
    notes.push_back(
        fmt::format("{}: {} affects only the server connection of the pooler that ran it and may "
                    "not apply to the next statement.",
                    file.path, what));
  }
  return notes;
}

}  // namespace poolgauge
