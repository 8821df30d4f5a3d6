// Looked up by the names that PostgreSQL itself would resolve.
#include "pg/target/existing_objects.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/letters.h"
#include "doctor/checks.h"
#include "pg/session/ask.h"
#include "pg/session/control_connection.h"

namespace poolgauge {
namespace {

constexpr const char* kMark = "created by poolgauge";

struct Lookup {
  std::string_view kind;
  const char* sql;  ///< {name}: the name as a literal; gives (exists, comment)
};
constexpr const char* kRelation = nullptr;  // doctor's I3
// The last part of a qualified name; folded as PostgreSQL does.
constexpr const char* kRoutine =
    "SELECT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE proname = "
    "(SELECT n[array_upper(n, 1)] FROM parse_ident({name}) AS p(n))), NULL";
constexpr std::array kLookups{
    Lookup{"table", kRelation},
    Lookup{"view", kRelation},
    Lookup{"materialized view", kRelation},
    Lookup{"foreign table", kRelation},
    Lookup{"sequence", kRelation},
    Lookup{"index", kRelation},
    Lookup{"schema",
           "SELECT to_regnamespace({name}) IS NOT NULL, "
           "obj_description(to_regnamespace({name}), 'pg_namespace')"},
    Lookup{"type", "SELECT to_regtype({name}) IS NOT NULL, NULL"},
    Lookup{"domain", "SELECT to_regtype({name}) IS NOT NULL, NULL"},
    Lookup{"function", kRoutine},
    Lookup{"procedure", kRoutine},
    Lookup{"routine", kRoutine},
    Lookup{"aggregate", kRoutine},
    Lookup{"role", "SELECT to_regrole({name}) IS NOT NULL, NULL"},
    Lookup{"user", "SELECT to_regrole({name}) IS NOT NULL, NULL"},
    Lookup{"extension",
           "SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = "
           "(SELECT n[1] FROM parse_ident({name}) AS p(n))), NULL"},
};

/// With the name filled in; nullopt: such things cannot be looked up.
std::optional<std::string> lookup_of(const NamedObject& object) {
  for (const Lookup& lookup : kLookups) {
    if (lookup.kind != object.kind) continue;
    const std::string_view sql = lookup.sql != nullptr ? lookup.sql : doctor::find_query("I3")->sql;
    return doctor::with_name(sql, quoted_literal(object.name));
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<bool>> exist_and_are_foreign(const std::string& conninfo,
                                                const std::vector<NamedObject>& objects,
                                                const StopFlag& stop) {
  std::vector<bool> foreign;
  if (objects.empty()) return foreign;
  Result<ControlConnection> connection = ControlConnection::open(conninfo, stop);
  if (!connection) return connection.error();
  for (const NamedObject& object : objects) {
    const std::optional<std::string> sql = lookup_of(object);
    if (!sql || object.name.empty()) {
      foreign.push_back(true);
      continue;
    }
    const ControlReply reply = ask(connection.value(), *sql, 2, 1);
    if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
    if (reply.ending == ControlReply::Ending::lost) {
      return Error{ErrorKind::target,
                   fmt::format("the connection was lost while {} {} was looked up\n  {}",
                               object.kind, object.name, reply.complaint.message),
                   ""};
    }
    // One of which the server does not tell is not known to be ours.
    const bool ours = reply.ok() && (reply.rows[0][0] != "t" || reply.rows[0][1] == kMark);
    foreign.push_back(!ours);
  }
  return foreign;
}

void mark_as_ours(const std::string& conninfo, const std::vector<NamedObject>& objects,
                  const StopFlag& stop) {
  if (objects.empty()) return;
  Result<ControlConnection> connection = ControlConnection::open(conninfo, stop);
  if (!connection) return;
  for (const NamedObject& object : objects) {
    const std::optional<std::string> sql = lookup_of(object);
    if (!sql) continue;
    const ControlReply there = ask(connection.value(), *sql, 2, 1);
    if (!there.ok() || there.rows[0][0] != "t" || !there.rows[0][1].empty()) continue;
    connection.value().run(
        fmt::format("COMMENT ON {} {} IS '{}'", upper_case(object.kind), object.name, kMark));
  }
}

}  // namespace poolgauge
