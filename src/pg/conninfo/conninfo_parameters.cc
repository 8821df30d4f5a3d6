// One table of foreign parameters, and the values that libpq takes for its own.
#include "pg/conninfo/foreign_conninfo.h"

#include <algorithm>
#include <array>
#include <memory>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "base/letters.h"
#include "base/text.h"

namespace poolgauge {
namespace {

using Fate = ReadParameter::Fate;

struct Foreign {
  std::string_view name;  ///< small letters, without signs between words
  Fate fate;
  std::string_view ours;  ///< keyword, option or setting
  std::string_view kind;  ///< of pool
  std::string_view whose;
};

constexpr std::string_view kProtocol = "set \"protocol\" on the steps of the scenario instead";
constexpr std::string_view kFlag = "";  // any kind of pool: --pool-size

constexpr Foreign kForeign[] = {
    // Prisma
    {"schema", Fate::setting, "search_path", "", "Prisma"},
    {"pgbouncer", Fate::dropped, "Poolgauge detects poolers by itself", "", "Prisma"},
    {"connectionlimit", Fate::pool, "connection_limit", "prisma", "Prisma"},
    {"pooltimeout", Fate::pool, "pool_timeout", "prisma", "Prisma"},
    {"statementcachesize", Fate::dropped, kProtocol, "", "Prisma"},
    // pgx
    {"poolmaxconns", Fate::pool, "pool_max_conns", "pgx", "pgx"},
    {"poolminconns", Fate::pool, "pool_min_conns", "pgx", "pgx"},
    {"poolminidleconns", Fate::pool, "pool_min_idle_conns", "pgx", "pgx"},
    {"poolmaxconnlifetime", Fate::pool, "pool_max_conn_lifetime", "pgx", "pgx"},
    {"poolmaxconnlifetimejitter", Fate::pool, "pool_max_conn_lifetime_jitter", "pgx", "pgx"},
    {"poolmaxconnidletime", Fate::pool, "pool_max_conn_idle_time", "pgx", "pgx"},
    {"poolhealthcheckperiod", Fate::pool, "pool_health_check_period", "pgx", "pgx"},
    {"defaultqueryexecmode", Fate::dropped, kProtocol, "", "pgx"},
    {"statementcachecapacity", Fate::dropped, kProtocol, "", "pgx"},
    {"descriptioncachecapacity", Fate::dropped, kProtocol, "", "pgx"},
    {"binaryparameters", Fate::dropped, kProtocol, "", "lib/pq"},
    // Python
    {"poolsize", Fate::pool, "pool-size", kFlag, "SQLAlchemy's or Ecto"},
    {"maxoverflow", Fate::pool, "max_overflow", "sqlalchemy", "SQLAlchemy"},
    {"poolrecycle", Fate::pool, "recycle", "sqlalchemy", "SQLAlchemy"},
    {"poolpreping", Fate::pool, "pre_ping", "sqlalchemy", "SQLAlchemy"},
    {"preparedstatementcachesize", Fate::dropped, kProtocol, "", "asyncpg"},
    {"preparethreshold", Fate::dropped, kProtocol, "", "psycopg"},
    {"connmaxage", Fate::dropped,
     "--pool none opens a connection for each request, --pool fixed keeps it", "", "Django"},
    {"connhealthchecks", Fate::dropped, "use --pre-ping to test connections", "", "Django"},
    {"minsize", Fate::pool, "min_size", "psycopg", "psycopg_pool"},
    {"maxsize", Fate::pool, "max_size", "psycopg", "psycopg_pool"},
    // Rails
    {"pool", Fate::pool, "pool", "rails", "Rails"},
    {"checkouttimeout", Fate::pool, "checkout_timeout", "rails", "Rails"},
    {"reapingfrequency", Fate::pool, "reaping_frequency", "rails", "Rails"},
    {"idletimeout", Fate::pool, "idle_timeout", "rails", "Rails"},
    {"preparedstatements", Fate::dropped, kProtocol, "", "Rails"},
    {"adapter", Fate::dropped, "it selects the driver", "", "Rails"},
    {"encoding", Fate::renamed, "client_encoding", "", "Rails"},
    {"schemasearchpath", Fate::setting, "search_path", "", "Rails"},
    // Node
    {"uselibpqcompat", Fate::dropped, "libpq does not need it", "", "node-postgres"},
    {"max", Fate::pool, "max", "node-postgres", "pg-pool"},
    {"min", Fate::pool, "min", "node-postgres", "pg-pool"},
    {"idletimeoutmillis", Fate::pool, "idleTimeoutMillis", "node-postgres", "pg-pool"},
    {"connectiontimeoutmillis", Fate::pool, "connectionTimeoutMillis", "node-postgres", "pg-pool"},
    // JDBC and HikariCP
    {"currentschema", Fate::setting, "search_path", "", "JDBC"},
    {"logintimeout", Fate::renamed, "connect_timeout", "", "JDBC"},
    {"tcpkeepalive", Fate::renamed, "keepalives", "", "JDBC"},
    {"targetservertype", Fate::renamed, "target_session_attrs", "", "JDBC"},
    {"sockettimeout", Fate::dropped, "use --deadline to limit the time of a request", "", "JDBC"},
    {"preparedstatementcachequeries", Fate::dropped, kProtocol, "", "JDBC"},
    {"rewritebatchedinserts", Fate::dropped, "it only affects the driver", "", "JDBC"},
    {"defaultrowfetchsize", Fate::dropped, "it only affects the driver", "", "JDBC"},
    {"stringtype", Fate::dropped, "it only affects the driver", "", "JDBC"},
    {"maximumpoolsize", Fate::pool, "maximumPoolSize", "hikari", "HikariCP"},
    {"minimumidle", Fate::pool, "minimumIdle", "hikari", "HikariCP"},
    {"maxlifetime", Fate::pool, "maxLifetime", "hikari", "HikariCP"},
    // ADO.NET
    {"maxpoolsize", Fate::pool, "pool-size", kFlag, "Npgsql"},
    {"minpoolsize", Fate::dropped, "set the pool's minimum with --pool-option", "", "Npgsql"},
    {"minimumpoolsize", Fate::dropped, "set the pool's minimum with --pool-option", "", "Npgsql"},
    {"pooling", Fate::dropped, "--pool none opens a connection for each request", "", "Npgsql"},
    {"timeout", Fate::renamed, "connect_timeout", "", "Npgsql"},
    {"commandtimeout", Fate::dropped, "use --deadline to limit the time of a request", "",
     "Npgsql"},
    {"trustservercertificate", Fate::dropped, "sslmode=require does not check the certificate", "",
     "Npgsql"},
    {"datasource", Fate::renamed, "host", "", "ADO.NET"},
    {"initialcatalog", Fate::renamed, "dbname", "", "ADO.NET"},
    {"userid", Fate::renamed, "user", "", "ADO.NET"},
    {"uid", Fate::renamed, "user", "", "ADO.NET"},
    // Anybody's
    {"ssl", Fate::renamed, "sslmode", "", ""},
    {"sslrequire", Fate::renamed, "sslmode", "", "Django"},
    {"sslaccept", Fate::renamed, "sslmode", "", "Prisma"},
    {"username", Fate::renamed, "user", "", ""},
    {"database", Fate::renamed, "dbname", "", ""},
    {"db", Fate::renamed, "dbname", "", ""},
    {"server", Fate::renamed, "host", "", ""},
    {"hostname", Fate::renamed, "host", "", ""},
    {"searchpath", Fate::setting, "search_path", "", ""},
    {"statementtimeout", Fate::setting, "statement_timeout", "", ""},
    {"locktimeout", Fate::setting, "lock_timeout", "", ""},
    {"idleintransactionsessiontimeout", Fate::setting, "idle_in_transaction_session_timeout", "",
     ""},
    {"timezone", Fate::setting, "TimeZone", "", ""},
};

std::string plain(std::string_view name) {
  std::string text = lower_case(name);
  std::erase_if(text, [](char c) { return c == '_' || c == '-' || c == ' '; });
  return text;
}

struct Spelling {
  std::string_view theirs, ours;
};

/// What libpq takes for sslmode, and what others write.
constexpr Spelling kSslModes[] = {{"disable", "disable"},    {"allow", "allow"},
                                  {"prefer", "prefer"},      {"require", "require"},
                                  {"verifyca", "verify-ca"}, {"verifyfull", "verify-full"},
                                  {"noverify", "require"},   {"required", "require"},
                                  {"true", "require"},       {"on", "require"},
                                  {"1", "require"},          {"yes", "require"},
                                  {"skipverify", "require"}, {"acceptinvalidcerts", "require"},
                                  {"strict", "verify-full"}, {"verifyidentity", "verify-full"},
                                  {"preferred", "prefer"},   {"false", "disable"},
                                  {"off", "disable"},        {"0", "disable"},
                                  {"no", "disable"},         {"disabled", "disable"},
                                  {"none", "disable"}};
constexpr std::string_view kSslModeNames =
    "disable, allow, prefer, require, verify-ca, verify-full";

constexpr Spelling kSessionAttributes[] = {{"primary", "primary"},
                                           {"master", "primary"},
                                           {"any", "any"},
                                           {"secondary", "standby"},
                                           {"slave", "standby"},
                                           {"standby", "standby"},
                                           {"prefersecondary", "prefer-standby"},
                                           {"readwrite", "read-write"},
                                           {"readonly", "read-only"},
                                           {"preferstandby", "prefer-standby"}};

template <std::size_t N>
std::string_view respelled(const Spelling (&table)[N], std::string_view value) {
  const std::string small = plain(value);
  for (const Spelling& spelling : table) {
    if (spelling.theirs == small) return spelling.ours;
  }
  return {};
}

bool is_number(const std::string& text) {
  return text.size() <= 9 && all_digits(text);
}

/// A value of a libpq keyword as libpq takes it; with a complaint where that is another.
ReadParameter with_value(Fate fate, const std::string& name, const std::string& value) {
  ReadParameter read{fate, name, value, "", ""};
  if (name == "sslmode") {
    const std::string_view mode = respelled(kSslModes, value);
    if (mode == value) return read;
    read.value = mode.empty() ? "require" : std::string(mode);
    read.complaint = fmt::format("sslmode must be one of {}; found \"{}\"", kSslModeNames, value);
    if (plain(value) == "noverify") {
      read.complaint =
          "sslmode=no-verify is node-postgres's; libpq's sslmode=require also encrypts without "
          "checking the certificate";
    }
  } else if (name == "target_session_attrs") {
    const std::string_view attribute = respelled(kSessionAttributes, value);
    if (attribute == value || attribute.empty()) return read;
    read.value = std::string(attribute);
  } else if (name == "connect_timeout" && !is_number(value)) {
    read.fate = Fate::dropped;
    read.complaint = "connect_timeout must be a number of seconds";
  } else if (name == "keepalives" && !is_number(value)) {
    read.value = lower_case(value) == "false" ? "0" : "1";
  } else if (name == "port" && !value.empty()) {
    const bool several = value.find(',') != std::string::npos;
    const bool good = is_number(value) && std::stol(value) >= 1 && std::stol(value) <= 65535;
    if (several || good) return read;
    read.value = "PORT";  // never a guess: another server might listen there
    read.complaint = is_number(value) ? "port " + value + " is out of range (1 to 65535)"
                                      : "a port must be a number from 1 to 65535";
  }
  return read;
}

std::string owner(const Foreign& foreign) {
  return foreign.whose.empty() ? "" : fmt::format("{}'s ", foreign.whose);
}

ReadParameter of_foreign(const Foreign& foreign, const std::string& name,
                         const std::string& value) {
  const std::string ours(foreign.ours);
  switch (foreign.fate) {
    case Fate::renamed: {
      ReadParameter read = with_value(Fate::renamed, ours, value);
      if (read.complaint.empty() || plain(name) != ours) {
        read.complaint = fmt::format("{} is {}name for libpq's {}", name,
                                     foreign.whose.empty() ? "another " : owner(foreign), ours);
      }
      return read;
    }
    case Fate::pool:
      return {Fate::pool, ours, value, std::string(foreign.kind),
              fmt::format("{} is an option of {}pool, not of the connection", name,
                          foreign.whose.empty() ? "a " : owner(foreign))};
    case Fate::setting:
      return {Fate::setting, ours, value, "",
              fmt::format("{} is not a libpq parameter; pass server settings in options", name)};
    case Fate::dropped:
    case Fate::kept: break;
  }
  return {
      Fate::dropped, "", "", "",
      fmt::format("{} is {}, not libpq's: {}", name,
                  foreign.whose.empty() ? "another library's" : fmt::format("{}'s", foreign.whose),
                  foreign.ours)};
}

}  // namespace

const std::vector<std::string>& libpq_keywords() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names;
    PQconninfoOption* known = PQconninfoParse("", nullptr);  // no service file, no variables
    for (const PQconninfoOption* each = known; each != nullptr && each->keyword != nullptr;
         ++each) {
      names.emplace_back(each->keyword);
    }
    PQconninfoFree(known);
    return names;
  }();
  return all;
}

bool is_secret_parameter(std::string_view name) {
  const std::string small = plain(name);
  return small == "pwd" || small == "pass" || small.find("passw") != std::string::npos ||
         small.find("passfile") != std::string::npos || small.find("secret") != std::string::npos ||
         small.find("token") != std::string::npos;
}

ReadParameter read_parameter(const std::string& name, const std::string& value) {
  const std::vector<std::string>& keywords = libpq_keywords();
  if (std::find(keywords.begin(), keywords.end(), name) != keywords.end()) {
    return with_value(Fate::kept, name, value);
  }
  std::string small = plain(name);
  // Npgsql's has blanks in it, HikariCP's none.
  if (small == "maximumpoolsize" && name.find(' ') != std::string::npos) small = "maxpoolsize";
  for (const Foreign& foreign : kForeign) {
    if (foreign.name == small) return of_foreign(foreign, name, value);
  }
  for (const std::string& keyword : keywords) {
    if (plain(keyword) != small) continue;
    ReadParameter read = with_value(Fate::renamed, keyword, value);
    if (read.complaint.empty()) {
      read.complaint = fmt::format("libpq writes {} as {}", name, keyword);
    }
    return read;
  }
  const auto nearest = nearest_name(name, keywords);
  if (nearest) {
    ReadParameter read = with_value(Fate::renamed, *nearest, value);
    read.complaint = fmt::format("libpq has no parameter {}; did you mean {}?", name, *nearest);
    return read;
  }
  return {Fate::dropped, "", "", "", fmt::format("libpq has no parameter {}", name)};
}

}  // namespace poolgauge
