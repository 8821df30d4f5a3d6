// Connection strings of any library taken apart, and written again for libpq.
#pragma once

#include <optional>
#include <string>
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

}  // namespace poolgauge
