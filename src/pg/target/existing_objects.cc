// Looked up by the names that PostgreSQL itself would resolve.
#include "pg/target/existing_objects.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/letters.h"
#include "pg/session/ask.h"
#include "pg/session/control_connection.h"

namespace poolgauge {
namespace {

constexpr const char* kMark = "created by poolgauge";

struct Lookup {
  std::string_view kind;
  const char* sql;  ///< {0}: the name as a literal; gives (exists, comment)
};
constexpr const char* kRelation =
    "SELECT to_regclass({0}) IS NOT NULL, obj_description(to_regclass({0}), 'pg_class')";
// The last part of a qualified name; folded as PostgreSQL does.
constexpr const char* kRoutine =
    "SELECT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE proname = "
    "(SELECT n[array_upper(n, 1)] FROM parse_ident({0}) AS p(n))), NULL";
constexpr std::array kLookups{
    Lookup{"table", kRelation},
    Lookup{"view", kRelation},
    Lookup{"materialized view", kRelation},
    Lookup{"foreign table", kRelation},
    Lookup{"sequence", kRelation},
    Lookup{"index", kRelation},
    Lookup{"schema",
           "SELECT to_regnamespace({0}) IS NOT NULL, "
           "obj_description(to_regnamespace({0}), 'pg_namespace')"},
    Lookup{"type", "SELECT to_regtype({0}) IS NOT NULL, NULL"},
    Lookup{"domain", "SELECT to_regtype({0}) IS NOT NULL, NULL"},
    Lookup{"function", kRoutine},
    Lookup{"procedure", kRoutine},
    Lookup{"routine", kRoutine},
    Lookup{"aggregate", kRoutine},
    Lookup{"role", "SELECT to_regrole({0}) IS NOT NULL, NULL"},
    Lookup{"user", "SELECT to_regrole({0}) IS NOT NULL, NULL"},
    Lookup{"extension",
           "SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = "
           "(SELECT n[1] FROM parse_ident({0}) AS p(n))), NULL"},
};

const char* lookup_of(const std::string& kind) {
  for (const Lookup& lookup : kLookups) {
    if (lookup.kind == kind) return lookup.sql;
  }
  return nullptr;
}

std::string filled(std::string sql, const std::string& name) {
  constexpr std::string_view kPlace = "{0}";
  const std::string by = quoted_literal(name);
  for (std::size_t at = 0; (at = sql.find(kPlace, at)) != std::string::npos; at += by.size()) {
    sql.replace(at, kPlace.size(), by);
  }
  return sql;
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
    const char* const sql = lookup_of(object.kind);
    if (sql == nullptr || object.name.empty()) {
      foreign.push_back(true);
      continue;
    }
    const ControlReply reply = ask(connection.value(), filled(sql, object.name), 2, 1);
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
    const char* const sql = lookup_of(object.kind);
    if (sql == nullptr) continue;
    const ControlReply there = ask(connection.value(), filled(sql, object.name), 2, 1);
    if (!there.ok() || there.rows[0][0] != "t" || !there.rows[0][1].empty()) continue;
    connection.value().run(
        fmt::format("COMMENT ON {} {} IS '{}'", upper_case(object.kind), object.name, kMark));
  }
}

}  // namespace poolgauge
