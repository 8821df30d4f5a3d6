// Connection strings: reading them, and showing them without secrets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace poolgauge {

/// The options a connection string sets, by libpq's names. Both forms, and a bare database name as
/// psql takes it. nullopt when libpq cannot read it; libpq's own message is not given because it
/// may quote a piece of a password.
struct ConninfoOption {
  std::string name;
  std::string value;
  bool secret = false;  ///< a password of some kind, or the name of a file of passwords
};
std::optional<std::vector<ConninfoOption>> parse_conninfo(const std::string& conninfo);

/// What libpq would connect with: the string, then its service file, the PG* variables and the
/// defaults; but for sslmode and password. Nothing is looked up or connected to.
std::vector<ConninfoOption> effective_options(const std::string& conninfo);

/// For display: in the form it was written (URI or keywords), without any secret. A string that
/// cannot be read is replaced as a whole.
std::string redact(const std::string& conninfo);

/// "host:port/database" as libpq would connect: the string, then the PG* variables, then defaults.
std::string describe(const std::string& conninfo);

/// `text` with every password of the string (decoded or as typed) and of PGPASSWORD as "***".
std::string scrub(std::string text, const std::string& conninfo);

/// Whether the environment names a target: any of PGHOST, PGHOSTADDR, PGPORT, PGDATABASE, PGUSER,
/// PGSERVICE set and not empty.
bool target_in_environment();

/// The same connection string with one option set to another value, in keywords; one that libpq
/// cannot read stays as it is.
std::string with_option(const std::string& conninfo, const std::string& name,
                        const std::string& value);

/// One keyword=value pair with the value quoted as libpq wants it.
std::string conninfo_pair(std::string_view keyword, std::string_view value);

}  // namespace poolgauge
