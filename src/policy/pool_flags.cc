// One table of what each flag means where, and one of the names that libraries give to the same
// thing.
#include "poolgauge/pool_flags.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "poolgauge/pool_sizing.h"

namespace poolgauge {

namespace {

constexpr std::pair<PoolFlag, std::string_view> kFlagNames[] = {
    {PoolFlag::size, "pool_size"},
    {PoolFlag::overflow, "max_overflow"},
    {PoolFlag::timeout, "pool_timeout"},
    {PoolFlag::recycle, "pool_recycle"},
    {PoolFlag::ping, "pre_ping"}};

/// A kind that has no option for a flag: what to tell, and the value that changes nothing.
struct WithoutOption {
  std::string_view kind;
  PoolFlag flag;
  std::string_view neutral;
  std::string_view nearest;
};

constexpr WithoutOption kWithout[] = {
    {"psycopg-null", PoolFlag::overflow, "0",
     "a null pool keeps no connections; max_size (--pool-size) limits all that it opens"},
    {"hikari", PoolFlag::ping, "",
     "HikariCP always tests connections idle for longer than aliveBypassWindowMs (500 ms); use "
     "--pool-option aliveBypassWindowMs=0 to test at every checkout"},
    {"asyncpg", PoolFlag::recycle, "-1",
     "asyncpg has no maximum age; the closest options are max_inactive_connection_lifetime (idle "
     "time) and max_queries"},
    {"asyncpg", PoolFlag::ping, "false",
     "asyncpg does not test connections at checkout; the closest option is "
     "max_inactive_connection_lifetime, which closes idle connections"},
    {"node-postgres", PoolFlag::ping, "false",
     "pg-pool does not test connections at checkout; the closest option is idleTimeoutMillis, "
     "which closes idle connections"},
    {"pgx", PoolFlag::timeout, "",
     "pgxpool waits until the caller's context ends; use --deadline to limit the request"},
    {"pgx", PoolFlag::ping, "",
     "pgxpool always pings connections idle for more than a second; pool_ping_timeout limits that "
     "ping"},
    {"database-sql", PoolFlag::timeout, "",
     "database/sql waits until the caller's context ends; use --deadline to limit the request"},
    {"database-sql", PoolFlag::ping, "",
     "the driver decides: --pool-option driver=pgx pings connections idle for more than a second, "
     "driver=pq never pings"},
    {"rails", PoolFlag::ping, "",
     "Rails always tests a connection before its first statement; keepalive sets how often idle "
     "ones are tested (8.1)"},
    {"prisma", PoolFlag::recycle, "-1",
     "Prisma 6 has no maximum age; Prisma 7 has maxLifetimeSeconds (--pool-option version=v7)"},
    {"prisma", PoolFlag::ping, "false",
     "Prisma does not test connections at checkout; with version=v7 the closest option is "
     "idleTimeoutMillis, which closes idle connections"},
    {"adaptive", PoolFlag::recycle, "-1",
     "this pool has no maximum age; the closest option is shrink_after, which closes unneeded "
     "connections"},
    {"adaptive", PoolFlag::ping, "false",
     "this pool does not test connections at checkout; the closest option is shrink_after, which "
     "closes unneeded connections"},
    {"sqlalchemy-null", PoolFlag::size, "",
     "NullPool keeps no connections and has no limit; use --pool sqlalchemy for pool_size"},
    {"sqlalchemy-null", PoolFlag::overflow, "",
     "NullPool keeps no connections and has no limit; use --pool sqlalchemy for max_overflow"},
    {"sqlalchemy-null", PoolFlag::timeout, "",
     "requests never wait for a NullPool; use --deadline to limit the request"},
    {"sqlalchemy-null", PoolFlag::recycle, "-1", "NullPool opens a new connection each time"},
    {"sqlalchemy-null", PoolFlag::ping, "false", "NullPool opens a new connection each time"},
    {"none", PoolFlag::size, "",
     "without a pool, every request in flight has a connection; use --users to limit them"},
    {"fixed", PoolFlag::size, "",
     "every user has its own connection; use --users to set their number"},
};

/// What is true of every kind that the table above does not have.
FlagMeaning without_option(PoolFlag flag, std::string_view kind) {
  for (const WithoutOption& row : kWithout) {
    if (row.kind == kind && row.flag == flag) {
      return {"", "", "", std::string(row.neutral), std::string(row.nearest)};
    }
  }
  const std::optional<SizingOptions> sizes = sizing_options(kind);
  if (flag == PoolFlag::overflow && sizes) {
    return {"", "", "", "0",
            "this pool has no overflow; " + meaning_of(PoolFlag::size, kind).option +
                " is its maximum. Set --pool-size to the sum of both"};
  }
  return {"", "", "", "", "it keeps no connections; choose another kind with --pool"};
}

/// pg-pool's own "0: never" and their like.
std::string never_of(std::string_view kind) {
  constexpr std::string_view kZeroIsNever[] = {"hikari", "node-postgres", "prisma", "pgx",
                                               "database-sql"};
  const bool zero =
      std::find(std::begin(kZeroIsNever), std::end(kZeroIsNever), kind) != std::end(kZeroIsNever);
  return zero ? "0" : "";
}

/// HikariCP and database/sql lower by themselves what is kept.
bool lowers_itself(std::string_view kind) {
  return kind == "hikari" || kind == "database-sql" || kind == "node-postgres" || kind == "pgx";
}

std::string option_of(PoolFlag flag, const SizingOptions& names, std::string_view kind) {
  switch (flag) {
    case PoolFlag::size: return names.most.empty() ? names.kept : names.most;
    case PoolFlag::overflow: return names.overflow;
    case PoolFlag::timeout: return names.wait;
    case PoolFlag::recycle: return kind == "psycopg-null" ? "max_lifetime" : names.age;
    case PoolFlag::ping: return kind.starts_with("psycopg") ? "check" : names.ping;
  }
  return {};
}

enum class Meaning : std::uint8_t { most, kept, overflow, wait, age, idle, test };

/// What libraries call each thing, without case and signs between words.
struct Synonyms {
  Meaning meaning;
  std::string_view names;  ///< each between spaces
};
constexpr Synonyms kSynonyms[] = {
    {Meaning::most,
     " poolsize maxsize maximumpoolsize maxpoolsize max maxtotal maxactive maxconnections maxconn "
     "maxconns maxopenconns setmaxopenconns poolmaxconns poolmaxsize connectionlimit "
     "maxopenconnections pool size limit poolmax defaultpoolsize "},
    {Meaning::kept,
     " minsize minimumidle minidle maxidle min minpoolsize minimumpoolsize poolminconns minconns "
     "maxidleconns setmaxidleconns initialsize minconnections minconn poolmin idleconns "},
    {Meaning::overflow, " maxoverflow overflow poolmaxoverflow "},
    {Meaning::wait,
     " timeout pooltimeout connectiontimeout connectiontimeoutmillis acquiretimeout "
     "acquiretimeoutmillis acquireconnectiontimeout maxwait maxwaitmillis checkouttimeout "
     "waittimeout queuetimeout connectionacquiretimeout "},
    {Meaning::age,
     " recycle poolrecycle maxlifetime maxlifetimeseconds poolmaxconnlifetime connmaxlifetime "
     "setconnmaxlifetime maxconnlifetime maxage connmaxage connectionlifetime maxconnectionage "
     "maxlifetimemillis "},
    {Meaning::idle,
     " idletimeout idletimeoutmillis maxidletime maxinactiveconnectionlifetime poolmaxconnidletime "
     "connmaxidletime setconnmaxidletime maxconnidletime connectionidlelifetime maxidle "},
    {Meaning::test,
     " preping poolpreping check testonborrow ping testwhileidle connectiontestquery "
     "validationquery connhealthchecks validate "},
};

/// "max_pool-Size" as "maxpoolsize".
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == ' ' || c == '.') continue;
    plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return plain;
}

bool means(std::string_view name, const Synonyms& synonyms) {
  return synonyms.names.find(" " + plain_name(name) + " ") != std::string_view::npos;
}

}  // namespace

std::string_view name_of(PoolFlag flag) {
  for (const auto& [known, name] : kFlagNames) {
    if (known == flag) return name;
  }
  check_failed("a known flag", "the name of a pool's flag", __FILE__, __LINE__);
}

std::optional<PoolFlag> find_pool_flag(std::string_view name) {
  for (const auto& [flag, known] : kFlagNames) {
    if (known == name) return flag;
  }
  return std::nullopt;
}

FlagMeaning meaning_of(PoolFlag flag, std::string_view kind, std::string_view version) {
  // Prisma 7 has no pool of its own.
  const bool pg_pool = kind == "prisma" && version == "v7";
  const std::string_view names_of = pg_pool ? "node-postgres" : kind;
  const std::optional<SizingOptions> names = sizing_options(names_of);
  FlagMeaning meaning;
  if (names) meaning.option = option_of(flag, *names, names_of);
  if (meaning.option.empty()) return without_option(flag, names_of);
  if (flag == PoolFlag::recycle) meaning.never = never_of(kind);
  const bool has_minimum = flag == PoolFlag::size && meaning.option != names->kept;
  if (has_minimum && !lowers_itself(names_of)) meaning.kept = names->kept;
  return meaning;
}

std::optional<std::string> option_by_synonym(const KindInfo& kind, std::string_view name) {
  for (const Synonyms& synonyms : kSynonyms) {
    if (!means(name, synonyms)) continue;
    for (const OptionInfo& option : kind.options) {
      if (means(option.name, synonyms)) return option.name;
    }
  }
  return std::nullopt;
}

}  // namespace poolgauge
