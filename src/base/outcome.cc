// Names of phases and failure classes, and the class of each SQLSTATE.
#include "poolgauge/outcome.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace poolgauge {

namespace {

// The words of PgBouncer 1.18. What it says of the server behind
// it ("server login has been failing") is not among them.
bool is_poolers_refusal(std::string_view message) {
  static constexpr std::string_view kWords[] = {"query_wait_timeout",
                                                "query timeout",
                                                "idle transaction timeout",
                                                "client_idle_timeout",
                                                "client_login_timeout",
                                                "no more connections allowed",
                                                "transaction blocks not allowed"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [message](std::string_view words) { return message.starts_with(words); });
}

}  // namespace

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::checkout: return "checkout";
    case Phase::connect: return "connect";
    case Phase::begin: return "begin";
    case Phase::step: return "step";
    case Phase::commit: return "commit";
    case Phase::deadline: return "deadline";
  }
  check_failed("a listed phase", "no such phase", __FILE__, __LINE__);
}

std::string_view name_of(FailureClass failure) {
  switch (failure) {
    case FailureClass::none: return "none";
    case FailureClass::pool_timeout: return "pool_timeout";
    case FailureClass::pool_overloaded: return "pool_overloaded";
    case FailureClass::connection_refused: return "connection_refused";
    case FailureClass::backlog_full: return "backlog_full";
    case FailureClass::connect_timeout: return "connect_timeout";
    case FailureClass::tls: return "tls";
    case FailureClass::authentication: return "authentication";
    case FailureClass::too_many_connections: return "too_many_connections";
    case FailureClass::server_shutdown: return "server_shutdown";
    case FailureClass::server_starting: return "server_starting";
    case FailureClass::pooler_refused: return "pooler_refused";
    case FailureClass::connect_error: return "connect_error";
    case FailureClass::connection_lost: return "connection_lost";
    case FailureClass::statement_timeout: return "statement_timeout";
    case FailureClass::lock_timeout: return "lock_timeout";
    case FailureClass::serialization: return "serialization";
    case FailureClass::deadlock: return "deadlock";
    case FailureClass::disk_full: return "disk_full";
    case FailureClass::out_of_memory: return "out_of_memory";
    case FailureClass::server_limit: return "server_limit";
    case FailureClass::sql_error: return "sql_error";
    case FailureClass::database_busy: return "database_busy";
    case FailureClass::database_locked: return "database_locked";
    case FailureClass::io_error: return "io_error";
    case FailureClass::corrupt: return "corrupt";
    case FailureClass::script_error: return "script_error";
    case FailureClass::deadline: return "deadline";
    case FailureClass::stopped: return "stopped";
  }
  check_failed("a listed failure class", "no such failure class", __FILE__, __LINE__);
}

FailureClass classify_sqlstate(std::string_view sqlstate, std::string_view message) {
  struct Rule {
    std::string_view prefix;  // a whole state, or the two letters of a class
    FailureClass failure;
  };
  // PostgreSQL's "Error Codes" appendix; whole states stand before their classes.
  static constexpr Rule kRules[] = {
      {"53100", FailureClass::disk_full},
      {"53200", FailureClass::out_of_memory},
      {"53300", FailureClass::too_many_connections},
      {"53", FailureClass::server_limit},        // 53400 configuration_limit_exceeded, 53000
      {"57P01", FailureClass::server_shutdown},  // admin_shutdown
      {"57P02", FailureClass::server_shutdown},  // crash_shutdown
      {"57P03", FailureClass::server_starting},  // cannot_connect_now
      {"57014", FailureClass::statement_timeout},
      {"55P03", FailureClass::lock_timeout},
      {"40001", FailureClass::serialization},
      {"40P01", FailureClass::deadlock},
      {"3D000", FailureClass::connect_error},  // no such database
      {"28", FailureClass::authentication},
      {"08", FailureClass::connection_lost},
  };
  if (sqlstate == "08P01" && is_poolers_refusal(message)) return FailureClass::pooler_refused;
  for (const Rule& rule : kRules) {
    if (sqlstate.size() == 5 && sqlstate.starts_with(rule.prefix)) return rule.failure;
  }
  return FailureClass::sql_error;
}

}  // namespace poolgauge
