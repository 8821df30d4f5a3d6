// Connection strings of other libraries, taken apart and written again for libpq.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace poolgauge {

/// What a connection string says, and what of it libpq does not take.
struct ForeignConninfo {
  std::vector<std::string> complaints;  ///< sentences without an end; none holds a secret
  std::string user, hosts, database;    ///< as written in a URI, percent-encoded; hosts with ports
  std::vector<std::pair<std::string, std::string>> parameters;  ///< libpq's, values decoded
  std::vector<std::string> settings;      ///< "search_path=public": for libpq's options
  std::vector<std::string> pool_options;  ///< "connection_limit=5"
  std::string pool_kind;                  ///< whose they are; empty: none or any
  std::string pool_flags;                 ///< " --pool-size 20"
  bool had_secret = false;                ///< a password was omitted
  bool other_database = false;            ///< not PostgreSQL's: nothing to correct
};

/// nullopt: neither a URI nor pairs of names and values, nor a host's name.
std::optional<ForeignConninfo> read_foreign(const std::string& text);

/// As a URI for libpq, without any secret.
std::string corrected(const ForeignConninfo& foreign);

// The parts that every form of connection string is made of.

using ConninfoPairs = std::vector<std::pair<std::string, std::string>>;

/// Percent-encoded as a value of a URI's query.
std::string encoded(std::string_view text);

/// Reads each parameter into its place; none of a secret's value.
void add_parameters(ForeignConninfo& into, const ConninfoPairs& pairs);

/// "a:1,b:99999" without a port that cannot be, which is complained of.
std::string checked_hosts(std::string_view hosts, ForeignConninfo& into);

/// What stands behind "://". The last @ before the query ends the password, whatever that holds.
void read_rest(std::string_view rest, ForeignConninfo& into);

/// A URI of any scheme.
ForeignConninfo read_uri(std::string_view text);

/// "jdbc:postgresql://host/db" and "r2dbc:…"; nullopt: neither.
std::optional<ForeignConninfo> read_jdbc(std::string_view text);

// What the parameters of other libraries' connection strings mean to libpq, or to a pool.

/// One parameter as libpq takes it, or why it takes none.
struct ReadParameter {
  enum class Fate : unsigned char {
    kept,     ///< libpq's own, with a value it takes
    renamed,  ///< libpq has it as `name`=`value`
    pool,     ///< an option of a pool: `name`=`value` of `kind`
    setting,  ///< a server setting: `name`=`value`
    dropped,  ///< nothing of libpq's
  };
  Fate fate = Fate::dropped;
  std::string name, value;
  std::string kind;       ///< a kind of pool; empty with Fate::pool: any, by its --flag
  std::string complaint;  ///< what is wrong, a clause; empty where it is kept. Holds no secret
};

/// `name` as written; `value` decoded.
ReadParameter read_parameter(const std::string& name, const std::string& value);

/// libpq's keywords.
const std::vector<std::string>& libpq_keywords();

/// Whether a parameter of this name, of any library, holds a password or names a file of them.
bool is_secret_parameter(std::string_view name);

}  // namespace poolgauge
