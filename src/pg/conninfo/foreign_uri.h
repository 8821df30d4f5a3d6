// The parts that every form of connection string is made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pg/conninfo/foreign_conninfo.h"

namespace poolgauge {

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

}  // namespace poolgauge
