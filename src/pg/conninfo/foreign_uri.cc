// Reads URIs with more patience than libpq: a scheme may be anybody's, a password may hold
// anything.
#include "pg/conninfo/foreign_conninfo.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

#include "base/letters.h"
#include "base/visible_text.h"

namespace poolgauge {
namespace {

using Fate = ReadParameter::Fate;

constexpr std::size_t kNone = std::string_view::npos;

struct Scheme {
  std::string_view name, whose;
};
/// Schemes under which other programs know PostgreSQL.
constexpr Scheme kOurs[] = {{"psql", "django-environ"},
                            {"pgsql", "PHP"},
                            {"pg", "another library"},
                            {"postgis", "GeoDjango"},
                            {"ecto", "Ecto"},
                            {"timescaledb", "another library"},
                            {"cockroachdb", "another library"},
                            {"redshift", "another library"}};
constexpr Scheme kOthers[] = {
    {"mysql", "MySQL"},          {"mysql2", "MySQL"},         {"mariadb", "MariaDB"},
    {"sqlite", "SQLite"},        {"sqlite3", "SQLite"},       {"file", "a file"},
    {"mssql", "SQL Server"},     {"sqlserver", "SQL Server"}, {"oracle", "Oracle"},
    {"mongodb", "MongoDB"},      {"mongodb+srv", "MongoDB"},  {"redis", "Redis"},
    {"rediss", "Redis"},         {"http", "a web server"},    {"https", "a web server"},
    {"clickhouse", "ClickHouse"}};

/// A % that begins no code.
bool has_bare_percent(std::string_view text) {
  for (std::size_t at = text.find('%'); at != kNone; at = text.find('%', at + 1)) {
    const auto hex = [&text](std::size_t i) {
      return i < text.size() && std::isxdigit(static_cast<unsigned char>(text[i])) != 0;
    };
    if (!hex(at + 1) || !hex(at + 2)) return true;
  }
  return false;
}

/// The value of a libpq parameter set anew, at its place or at the end.
void put(ForeignConninfo& into, const std::string& name, const std::string& value) {
  for (auto& [known, present] : into.parameters) {
    if (known == name) {
      present = value;
      return;
    }
  }
  into.parameters.emplace_back(name, value);
}

/// Where a parameter goes: host, user and database have places of their own in a URI.
void place(ForeignConninfo& into, const std::string& name, const std::string& value) {
  if (name == "user" && into.user.empty()) {
    into.user = encoded(value);
  } else if (name == "dbname" && into.database.empty()) {
    into.database = encoded(value);
  } else if (name == "host" && into.hosts.empty() && !value.starts_with("/")) {
    into.hosts = value;
  } else if (name == "port" && !into.hosts.empty() && into.hosts.find(':') == kNone &&
             all_digits(value)) {
    into.hosts += ":" + value;
  } else {
    put(into, name, value);
  }
}

void add_parameter(ForeignConninfo& into, const std::string& name, const std::string& value,
                   bool may_quote) {
  if (is_secret_parameter(name)) {
    into.had_secret = true;
    return;
  }
  ReadParameter read = read_parameter(name, value);
  const bool unknown = read.fate == Fate::dropped && read.complaint.ends_with(name);
  if (unknown && !may_quote) read.complaint = "one of the parameters is unknown to libpq";
  if (!read.complaint.empty()) into.complaints.push_back(read.complaint);
  switch (read.fate) {
    case Fate::kept:
    case Fate::renamed: return place(into, read.name, read.value);
    case Fate::setting: into.settings.push_back(read.name + "=" + read.value); return;
    case Fate::dropped: return;
    case Fate::pool: break;
  }
  if (read.kind.empty()) {
    into.pool_flags += " --" + read.name + " " + read.value;
    return;
  }
  if (into.pool_kind.empty()) into.pool_kind = read.kind;
  into.pool_options.push_back(read.name + "=" + read.value);
}

ConninfoPairs pairs_of_query(std::string_view query) {
  ConninfoPairs pairs;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (!pair.empty()) {
      const std::string_view value = equals == kNone ? "" : pair.substr(equals + 1);
      pairs.emplace_back(percent_decoded(pair.substr(0, equals)), percent_decoded(value));
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return pairs;
}

template <std::size_t N>
std::string_view whose(const Scheme (&table)[N], std::string_view name) {
  for (const Scheme& scheme : table) {
    if (scheme.name == name) return scheme.whose;
  }
  return {};
}

/// The scheme without a driver; complains of all but libpq's two.
void read_scheme(std::string_view scheme, ForeignConninfo& into) {
  if (scheme == "postgresql" || scheme == "postgres") return;
  const std::string small = lower_case(scheme);
  const std::size_t plus = small.find('+');
  const std::string base = small.substr(0, plus);
  if (base == "prisma") {
    into.other_database = true;
    into.complaints.emplace_back(
        "this is an address of Prisma's own service; use that of the PostgreSQL server behind it "
        "(directUrl)");
    return;
  }
  const std::string_view other = whose(kOthers, base);
  if (!other.empty()) {
    into.other_database = true;
    into.complaints.push_back(
        fmt::format("this is an address of {}, but Poolgauge measures PostgreSQL", other));
    return;
  }
  const std::string_view ours = whose(kOurs, base);
  if (plus != kNone) {
    into.complaints.push_back(fmt::format(
        "\"{}\" names a driver, as in SQLAlchemy; libpq accepts only postgresql://", scheme));
  } else if (!ours.empty()) {
    into.complaints.push_back(
        fmt::format("\"{}\" is {}'s scheme; libpq accepts only postgresql://", scheme, ours));
  } else {
    into.complaints.push_back(fmt::format(
        "libpq does not know the scheme \"{}\"; it accepts postgresql:// or postgres://", scheme));
  }
}

}  // namespace

std::string encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                       std::string_view("-._~,/:").find(c) != kNone;
    result += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

void add_parameters(ForeignConninfo& into, const ConninfoPairs& pairs) {
  const bool secret = std::any_of(pairs.begin(), pairs.end(),
                                  [](const auto& pair) { return is_secret_parameter(pair.first); });
  // The host first: the port goes behind it.
  for (const bool ports : {false, true}) {
    for (const auto& [name, value] : pairs) {
      if ((lower_case(name) == "port") == ports) add_parameter(into, name, value, !secret);
    }
  }
}

std::string checked_hosts(std::string_view hosts, ForeignConninfo& into) {
  std::string result;
  while (!hosts.empty()) {
    const std::size_t end = std::min(hosts.find(','), hosts.size());
    const std::string_view one = hosts.substr(0, end);
    const std::size_t bracket = one.find(']');
    const std::size_t colon = one.find(':', bracket == kNone ? 0 : bracket);
    const std::string_view port = colon == kNone ? "" : one.substr(colon + 1);
    if (!result.empty()) result += ',';
    result += one.substr(0, colon);
    if (!port.empty()) {
      const ReadParameter read = read_parameter("port", std::string(port));
      if (!read.complaint.empty()) into.complaints.push_back(read.complaint);
      if (read.complaint.empty()) result += ":" + std::string(port);
      if (!read.complaint.empty()) put(into, "port", read.value);
    }
    hosts.remove_prefix(std::min(end + 1, hosts.size()));
  }
  return result;
}

void read_rest(std::string_view rest, ForeignConninfo& into) {
  std::size_t question = rest.find('?');
  std::size_t at = rest.substr(0, question).rfind('@');
  if (at == kNone && question != kNone) {
    const std::size_t behind = rest.find('@', question);
    const std::string_view between = rest.substr(question, behind - question);
    if (behind != kNone && between.find_first_of("=&") == kNone) at = behind;
    if (at != kNone) question = rest.find('?', at);
  }
  if (at != kNone) {
    const std::string_view info = rest.substr(0, at);
    const std::size_t colon = info.find(':');
    into.user = std::string(info.substr(0, colon));
    if (colon != kNone) {
      into.had_secret = true;
      if (info.find_first_of("@/?#", colon) != kNone) {
        into.complaints.emplace_back(
            "the password contains @, /, ?, or # without percent-encoding (%40, %2F, %3F, %23)");
      }
    }
  }
  const std::size_t begin = at == kNone ? 0 : at + 1;
  const std::string_view where = rest.substr(begin, question == kNone ? kNone : question - begin);
  const std::size_t slash = where.find('/');
  into.hosts = checked_hosts(where.substr(0, slash), into);
  if (slash != kNone) into.database = std::string(where.substr(slash + 1));
  if (has_bare_percent(rest)) {
    into.complaints.emplace_back("in a URI, % starts a code such as %40; write a literal % as %25");
  }
  if (question != kNone) add_parameters(into, pairs_of_query(rest.substr(question + 1)));
}

ForeignConninfo read_uri(std::string_view text) {
  ForeignConninfo into;
  const std::size_t end = text.find("://");
  read_scheme(text.substr(0, end), into);
  if (into.other_database) {
    into.had_secret = false;
  } else {
    read_rest(text.substr(end + 3), into);
  }
  return into;
}

std::optional<ForeignConninfo> read_jdbc(std::string_view text) {
  const std::string small = lower_case(text.substr(0, 30));
  const std::size_t prefix = small.starts_with("jdbc:")             ? 5
                             : small.starts_with("r2dbc:")          ? 6
                             : small.starts_with("vertx-reactive:") ? 15
                                                                    : 0;
  if (prefix == 0) return std::nullopt;
  const std::string_view inner = text.substr(prefix);
  const std::string_view name = inner.substr(0, inner.find(':'));
  ForeignConninfo into;
  const std::string_view other = whose(kOthers, lower_case(name));
  if (!other.empty()) {
    into.other_database = true;
    into.complaints.push_back(
        fmt::format("this is a JDBC address of {}, but Poolgauge measures PostgreSQL", other));
    return into;
  }
  into.complaints.push_back(fmt::format("\"{}\" is JDBC's prefix; libpq accepts only postgresql://",
                                        text.substr(0, prefix)));
  const std::string_view rest = inner.substr(std::min(name.size() + 1, inner.size()));
  // Without a host it is the local server's.
  read_rest(rest.starts_with("//") ? std::string(rest.substr(2)) : "localhost/" + std::string(rest),
            into);
  return into;
}

}  // namespace poolgauge
