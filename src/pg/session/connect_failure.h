// A libpq connection, and why none can be made.
#pragma once

#include <libpq-fe.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "poolgauge/result.h"

namespace poolgauge {

enum class ConnectFailure : std::uint8_t {
  unreachable,     ///< refused, no such host, no socket, no answer
  backlog_full,    ///< a local socket whose listen backlog is full
  tls,             ///< no encryption, or not what sslmode requires
  authentication,  ///< wrong or missing password, or no rule that lets us in
  missing_role,
  missing_database,
  full,           ///< every connection slot is taken (SQLSTATE 53300)
  starting_up,    ///< or shutting down, or recovering (57P03)
  not_permitted,  ///< known, but not allowed to connect
  pooler,         ///< PgBouncer's own limits
  misconfigured,  ///< libpq did not take a setting and tried nothing
  refused         ///< anything else the server said
};

/// libpq's message of a failed attempt taken apart.
struct ConnectTrouble {
  ConnectFailure failure = ConnectFailure::refused;
  std::string sqlstate;  ///< empty when the server never answered
  std::string text;      ///< the server's or system's words: no prefixes, no location, no newline
                         ///< at the end
};

/// `message` is PQerrorMessage of a connection whose verbosity was PQERRORS_VERBOSE from its start:
/// only then does it carry the SQLSTATE, and the class does not depend on the server's language.
ConnectTrouble classify_connect_failure(std::string_view message);

/// How the hint of a server that cannot be reached ends, for commands that can do without it.
inline constexpr std::string_view kThrowawayInstead =
    ". Commands that measure can start a throwaway PostgreSQL instead (--embedded)";

/// The Error for a person; kind target, or usage where nothing was tried. `place` is
/// "host:port/db"; `trouble.text` must be scrubbed.
Error connect_error(const ConnectTrouble& trouble, const std::string& place);

// Owns a libpq connection, and discards its notices.

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using ConnectionHandle = std::unique_ptr<PGconn, FinishConnection>;

inline void ignore_notice(void* /*unused*/, const PGresult* /*unused*/) {}

// Whether the process may open as many files and sockets as the load needs.

/// The soft limit to set so that `needed` descriptors are allowed (nullopt: it is enough already),
/// or an Error of kind target when the hard limit is too low.
Result<std::optional<std::uint64_t>> plan_descriptors(std::uint64_t needed, std::uint64_t soft,
                                                      std::uint64_t hard);

/// Raises this process's soft limit to its hard limit if `needed` asks for it.
Status check_descriptors(std::uint64_t needed);

}  // namespace poolgauge
