// What libpq would complain of, before it connects, with the cure.
#include "pg/conninfo/conninfo.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "base/text.h"
#include "base/visible_text.h"
#include "pg/conninfo/foreign_conninfo.h"

namespace poolgauge {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Error usage(std::string message, std::string hint) {
  return Error{ErrorKind::usage, std::move(message), std::move(hint)};
}

/// A word for a shell.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return "'" + out + "'";
}

/// How to give the string again: the variable of some other program is left alone.
std::string as_typed(const std::string& source, const std::string& conninfo) {
  const bool own_variable = source.starts_with("POOLGAUGE_");
  const bool flag = source.starts_with("--");
  return (own_variable ? source + "=" : flag ? source + " " : "--target ") + quoted(conninfo);
}

/// What the user has to fill in.
std::string placeholders_in(const std::string& conninfo) {
  const bool database = conninfo.find("/DATABASE") != std::string::npos;
  const bool port = conninfo.find("port=PORT") != std::string::npos;
  if (database && port) return ", and fill in PORT and DATABASE";
  if (port) return ", and replace PORT with the port of the server";
  return database ? ", and replace DATABASE with the name of the database" : "";
}

std::string hint_of(const ForeignConninfo& foreign, const std::string& source) {
  if (foreign.other_database) {
    const bool theirs = source == "DATABASE_URL";
    return theirs ? "give a PostgreSQL server with --target, or use --embedded"
                  : "for example " + as_typed(source, "postgresql://app@localhost/app");
  }
  const std::string better = corrected(foreign);
  std::string hint = "use: " + as_typed(source, better);
  hint += placeholders_in(better);
  if (!foreign.pool_options.empty() || !foreign.pool_flags.empty()) {
    hint += "\nfor the pool, add:";
    if (!foreign.pool_kind.empty()) hint += " --pool " + foreign.pool_kind;
    for (const std::string& option : foreign.pool_options) hint += " --pool-option " + option;
    hint += foreign.pool_flags;
  }
  if (foreign.had_secret) {
    hint += "\nthe password is not shown: put it into PGPASSWORD or ~/.pgpass";
  }
  return hint;
}

Error refused(const ForeignConninfo& foreign, const std::string& source) {
  if (foreign.complaints.size() == 1) {
    return usage(source + ": " + foreign.complaints[0], hint_of(foreign, source));
  }
  std::string message = source + " cannot be used as it is:";
  for (const std::string& complaint : foreign.complaints) message += "\n  " + complaint;
  return usage(message, hint_of(foreign, source));
}

constexpr const char* kForms =
    "use keywords (host=... port=... dbname=..., values with spaces in single quotes) or a URI "
    "(postgresql://user@host:port/database, special characters percent-encoded)";

/// libpq's own words, unless they might quote a piece of a password.
Error unreadable(const std::string& conninfo, const std::string& source) {
  char* message = nullptr;
  PQconninfoFree(PQconninfoParse(conninfo.c_str(), &message));
  std::string words = message == nullptr ? "" : message;
  PQfreemem(message);
  while (words.ends_with('\n')) words.pop_back();
  if (!secrets_in(conninfo, Container::word).empty() || conninfo.find("://") != std::string::npos) {
    words.clear();
  }
  return usage(source + ": cannot read the connection string" + (words.empty() ? "" : ": " + words),
               kForms);
}

/// The name in "definition of service "x" not found", and the services there are.
std::vector<std::string> services_of(const std::string& file) {
  std::vector<std::string> names;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::size_t close = line.find(']');
    if (line.starts_with('[') && close != std::string::npos) {
      names.push_back(line.substr(1, close - 1));
    }
  }
  return names;
}

std::string service_file() {
  const std::string named = environment("PGSERVICEFILE");
  return named.empty() ? environment("HOME") + "/.pg_service.conf" : named;
}

Error unknown_service(const std::string& service, const std::string& source) {
  const std::string file = service_file();
  const std::vector<std::string> known = services_of(file);
  const auto nearest = nearest_name(service, known);
  const std::string guess = nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "";
  const std::string has = known.empty() ? "that file has none"
                                        : fmt::format("that file has {}", fmt::join(known, ", "));
  return usage(fmt::format("{}: unknown service \"{}\"{}", source, service, guess),
               fmt::format("services are sections such as [app] in {} (or the file in "
                           "PGSERVICEFILE), or in pg_service.conf in PGSYSCONFDIR; {}",
                           file, has));
}

/// What libpq says before it connects; empty: it would. Everything but sslmode, which ends the
/// attempt here.
std::string libpq_complaint(const std::string& conninfo) {
  const std::array<const char*, 4> keywords = {"dbname", "sslmode", "password", nullptr};
  const std::array<const char*, 4> values = {conninfo.c_str(), "(none)", "-", nullptr};
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(
      PQconnectStartParams(keywords.data(), values.data(), 1), PQfinish);
  if (connection == nullptr) return {};
  std::string message = PQerrorMessage(connection.get());
  if (message.find("\"(none)\"") != std::string::npos) return {};
  while (message.ends_with('\n')) message.pop_back();
  return scrub(message, conninfo);
}

/// The value of a PG* variable that the string does not overrule.
std::optional<Error> check_variable(const std::vector<ConninfoOption>& own, const char* keyword,
                                    const char* variable) {
  const bool overruled = std::any_of(
      own.begin(), own.end(), [keyword](const auto& option) { return option.name == keyword; });
  const std::string value = environment(variable);
  if (overruled || value.empty()) return std::nullopt;
  const ReadParameter read = read_parameter(keyword, value);
  if (read.complaint.empty()) return std::nullopt;
  return usage(
      fmt::format("{}: {}", variable, read.complaint),
      fmt::format("for example {}={}", variable, read.value == "PORT" ? "5432" : read.value));
}

/// What the service file and the environment add.
Status check_surroundings(const std::string& conninfo, const std::string& source) {
  const std::vector<ConninfoOption> own =
      parse_conninfo(conninfo).value_or(std::vector<ConninfoOption>{});
  for (const auto& [keyword, variable] :
       {std::pair("port", "PGPORT"), std::pair("sslmode", "PGSSLMODE")}) {
    if (const auto error = check_variable(own, keyword, variable)) return *error;
  }
  const std::string complaint = libpq_complaint(conninfo);
  if (complaint.empty()) return success();
  std::string service = environment("PGSERVICE");
  std::string place = service.empty() ? source : "PGSERVICE";
  for (const ConninfoOption& option : own) {
    if (option.name != "service") continue;
    service = option.value;
    place = source;
  }
  if (!service.empty() && complaint.find("service") != std::string::npos &&
      complaint.find("not found") != std::string::npos) {
    return unknown_service(service, place);
  }
  return usage((source.empty() ? "the PG* variables" : source) + ": " + complaint,
               source.empty() ? "correct or unset the variable" : kForms);
}

}  // namespace

Status check_conninfo(const std::string& conninfo, const std::string& source) {
  if (const auto foreign = read_foreign(conninfo); foreign && !foreign->complaints.empty()) {
    return refused(*foreign, source);
  }
  if (!parse_conninfo(conninfo)) return unreadable(conninfo, source);
  return check_surroundings(conninfo, source);
}

}  // namespace poolgauge
