// Finds SQLSTATE and plain words in a connection error, and the cure for each class.
#include "pg/session/connect_failure.h"

#include <cctype>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fmt/core.h>

#include "poolgauge/outcome.h"

namespace poolgauge {
namespace {

struct Words {
  const char* what;
  const char* hint;
};

Words words_of(ConnectFailure failure) {
  switch (failure) {
    case ConnectFailure::unreachable:
      return {"unreachable",
              "check host and port, and that the server is running; psql must be able to connect "
              "with the same settings"};
    case ConnectFailure::backlog_full:
      return {"its listen backlog is full",
              "open fewer connections at once, or raise net.core.somaxconn and max_connections"};
    case ConnectFailure::tls:
      return {"cannot establish an encrypted connection",
              "check sslmode, the certificates, and whether the server has ssl = on"};
    case ConnectFailure::pooler:
      return {"refused by the pooler", "raise the limit named in the message in pgbouncer.ini"};
    case ConnectFailure::authentication:
      return {"authentication failed",
              "check user and password (PGPASSWORD or ~/.pgpass) and the server's pg_hba.conf"};
    case ConnectFailure::missing_role:
      return {"no such role", "use an existing role (user=... or PGUSER), or create it"};
    case ConnectFailure::missing_database:
      return {"no such database",
              "use an existing database (dbname=... or PGDATABASE), or create it with createdb"};
    case ConnectFailure::full:
      return {"all connection slots are in use",
              "close other clients, or raise max_connections (and the connection limit of the role "
              "or database)"};
    case ConnectFailure::starting_up:
      return {"the server is not ready", "wait until it accepts connections and try again"};
    case ConnectFailure::not_permitted:
      return {"not permitted", "grant the role LOGIN and CONNECT on the database"};
    case ConnectFailure::misconfigured:
      return {"libpq rejected one of the settings",
              "correct it in --target, the service file, or the PG* variable"};
    case ConnectFailure::refused: return {"connection refused by the server", ""};
  }
  return {"", ""};
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_sqlstate(std::string_view text) {
  for (const char c : text) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0 && (c < 'A' || c > 'Z')) return false;
  }
  return text.size() == 5;
}

/// "...FATAL:  28P01: text": where the state begins, or npos.
std::size_t find_sqlstate(std::string_view line) {
  for (std::size_t at = line.find(":  "); at != std::string_view::npos;
       at = line.find(":  ", at + 1)) {
    const std::size_t state = at + 3;
    if (line.size() > state + 7 && line.substr(state + 5, 2) == ": " &&
        is_sqlstate(line.substr(state, 5))) {
      return state;
    }
  }
  return std::string_view::npos;
}

std::string without_prefix(std::string_view line) {
  const std::size_t failed = line.find(" failed: ");
  const bool prefixed = line.starts_with("connection to server ");
  return std::string(prefixed && failed != std::string_view::npos ? line.substr(failed + 9) : line);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

// On a local socket connect() does not wait for a place in the line, as it does over TCP.
ConnectFailure from_text(std::string_view text) {
  if (contains(text, std::strerror(EAGAIN))) return ConnectFailure::backlog_full;
  // libpq's own complaint of a value; the system's "Invalid argument" has a capital.
  if (text.starts_with("invalid ")) return ConnectFailure::misconfigured;
  if (contains(text, "password") || contains(text, "authentication")) {
    return ConnectFailure::authentication;
  }
  if (contains(text, "SSL") || contains(text, "certificate")) return ConnectFailure::tls;
  return contains(text, "GSS") ? ConnectFailure::refused : ConnectFailure::unreachable;
}

ConnectFailure from_state(std::string_view state, std::string_view text) {
  if (state == "28P01") return ConnectFailure::authentication;
  // PostgreSQL gives one state to several reasons; the words are English unless lc_messages is not.
  if (state == "28000" && contains(text, "does not exist")) return ConnectFailure::missing_role;
  if (state == "28000" && contains(text, "not permitted")) return ConnectFailure::not_permitted;
  if (state == "28000") return ConnectFailure::authentication;
  if (state == "3D000") return ConnectFailure::missing_database;
  if (state == "53300") return ConnectFailure::full;
  if (state == "57P03") return ConnectFailure::starting_up;
  if (state == "42501") return ConnectFailure::not_permitted;
  // PgBouncer's words where it stands alone.
  const bool without_server = contains(text, "server login has been failing") ||
                              contains(text, "cannot connect to server") ||
                              contains(text, "server down");
  if (state == "08P01" && without_server) return ConnectFailure::unreachable;
  if (classify_sqlstate(state, text) == FailureClass::pooler_refused) return ConnectFailure::pooler;
  return ConnectFailure::refused;
}

}  // namespace

ConnectTrouble classify_connect_failure(std::string_view message) {
  ConnectTrouble trouble;
  for (const std::string_view line : lines_of(message)) {
    // libpq's own question ("Is the server running...") and the server's source location.
    if (line.empty() || line.front() == '\t' || line.starts_with("LOCATION:")) continue;
    const std::size_t state = find_sqlstate(line);
    if (state != std::string_view::npos) trouble.sqlstate = std::string(line.substr(state, 5));
    if (!trouble.text.empty()) trouble.text += '\n';
    trouble.text += state != std::string_view::npos ? std::string(line.substr(state + 7))
                                                    : without_prefix(line);
  }
  trouble.failure = trouble.sqlstate.empty() ? from_text(trouble.text)
                                             : from_state(trouble.sqlstate, trouble.text);
  return trouble;
}

Error connect_error(const ConnectTrouble& trouble, const std::string& place) {
  const Words words = words_of(trouble.failure);
  std::string message = fmt::format("cannot connect to {}: {}", place, words.what);
  for (const std::string_view line : lines_of(trouble.text)) {
    message += fmt::format("\n  {}", line);
  }
  const bool ours = trouble.failure == ConnectFailure::misconfigured;
  std::string hint = words.hint;
  if (trouble.failure == ConnectFailure::unreachable) hint += kThrowawayInstead;
  return Error{ours ? ErrorKind::usage : ErrorKind::target, message, hint};
}

}  // namespace poolgauge
