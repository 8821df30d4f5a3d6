// Connection strings: reading and checking them, and showing them without secrets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/result.h"

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

// Connection strings that libpq does not accept: what is wrong with them, and what to use instead.

/// Success where libpq can begin to connect with the string. Else an error of kind usage: what is
/// wrong, by name, and the corrected string to paste, with the options of a pool moved to
/// --pool-option; never a password. `source` says where the string came from: "--target",
/// "POOLGAUGE_TARGET", "DATABASE_URL"; empty with an empty string: libpq's PG* variables. Looks
/// into the service file and at the environment; connects to nothing.
Status check_conninfo(const std::string& conninfo, const std::string& source);

// User input as it may be shown: connection strings without their secrets.

/// A word of the command line. One that looks like a connection string loses its secrets, wherever
/// it stands: people also type them in the wrong place.
std::string shown_word(const std::string& word);

/// Collects the passwords in what this process was given, so that a message which holds only a part
/// of the word they came in does not show them. To be called before anything is printed, by the
/// main thread only.
void remember_secrets(const std::vector<std::string>& words);
/// The same for the environment: PG*, POOLGAUGE_*, DATABASE_URL, and whatever names a password.
void remember_secrets_of_environment();

/// A message without secrets: neither those that were collected nor what looks like one.
std::string redacted(std::string_view message);

}  // namespace poolgauge
