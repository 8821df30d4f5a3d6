// C: what ends sessions and statements from the server's side.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "doctor/answers.h"

namespace poolgauge::doctor {

namespace {

constexpr std::string_view kTimeouts = "C1";

/// A timeout in seconds; nullopt: this version does not have it.
std::optional<double> timeout_s(const Case& c, std::string_view name) {
  const auto ms = setting_number(c.facts.first, kTimeouts, name);
  if (!ms) return std::nullopt;
  figure(c, std::string(name) + "_s", *ms / 1000);
  return *ms / 1000;
}

/// A setting of the role in this database outranks one of the role.
std::string set_for_role(const Case& c, std::string_view name, std::string_view value) {
  // A superuser's timeouts would end maintenance, dumps, and index builds as well.
  if (first_row(c.facts.first, "A4").flag("superuser")) {
    return fmt::format(
        "Run doctor as the application's own role. If the finding remains, set {} = '{}' for that "
        "role (ALTER ROLE).",
        name, value);
  }
  std::string where;
  for (const Row& row : rows_of(c.facts.first, "C0")) {
    if (row.text("name") != name || row.text("role") != c.facts.role) continue;
    if (row.text("database") == c.facts.database) {
      where = " IN DATABASE " + quoted_identifier(c.facts.database);
    }
  }
  return fmt::format("ALTER ROLE {}{} SET {} = '{}';", quoted_identifier(c.facts.role), where, name,
                     value);
}

/// Milliseconds, rounded up: "1500ms". The server takes whole ones.
std::string whole_ms(double s) {
  return fmt::format("{:.0f}ms", std::ceil(s * 1000));
}

Applies judge_overrides(const Case& c) {
  std::string seen;
  double count = 0;
  for (const Row& row : rows_of(c.facts.first, "C0")) {
    ++count;
    constexpr std::size_t kMost = 300;  // bytes
    add_to(seen,
           fmt::format("{} = {} (role {}, database {})", row.text("name"),
                       named_text(row.text("value")), named_text(row.text("role")),
                       named_text(row.text("database"))),
           "; ", kMost);
  }
  figure(c, "settings", count);
  if (count == 0) {
    found(c, DoctorLevel::ok, "no role or database has timeouts of its own", "");
  } else {
    found(c, DoctorLevel::warn, seen, "none set",
          "Run the load with the application's own role, so that the same timeouts apply.");
  }
  return Applies::yes;
}

/// A timeout that should be set, and be longer than what it must let pass.
Applies judge_limit_of(const Case& c, std::string_view name, const std::optional<double>& least,
                       std::string_view what) {
  constexpr double kUsual_s = 30;
  const auto value = timeout_s(c, name);
  if (!value) return Applies::no;
  if (*value > 0 && least && *value < *least) {
    found(c, DoctorLevel::stop, fmt::format("{} is {}", name, seconds_text(*value)),
          fmt::format("at least the scenario's {} of {}", what, seconds_text(*least)),
          set_for_role(c, name, whole_ms(*least * 2)));
  } else if (*value > 0) {
    found(c, DoctorLevel::ok, fmt::format("{} is {}", name, seconds_text(*value)), "above 0");
  } else {
    found(c, DoctorLevel::warn, fmt::format("{} is 0: no limit", name), "above 0",
          set_for_role(c, name, whole_ms(std::max(kUsual_s, least.value_or(0) * 2))));
  }
  return Applies::yes;
}

Applies judge_statement_timeout(const Case& c) {
  return judge_limit_of(c, "statement_timeout", c.plan.statement_s, "slowest statement");
}

Applies judge_idle_in_transaction(const Case& c) {
  return judge_limit_of(c, "idle_in_transaction_session_timeout", c.plan.longest_hold_s,
                        "longest hold");
}

/// A timeout that ends what a pool wants to keep.
Applies judge_ending_of(const Case& c, std::string_view name, const std::optional<double>& least,
                        std::string_view what) {
  const auto value = timeout_s(c, name);
  if (!value) return Applies::no;
  if (*value == 0) {
    found(c, DoctorLevel::ok, fmt::format("{} is 0: off", name), "off");
    return Applies::yes;
  }
  const bool too_short = least && *value < *least;
  found(c, too_short ? DoctorLevel::stop : DoctorLevel::warn,
        fmt::format("{} is {}", name, seconds_text(*value)),
        too_short ? fmt::format("off, or at least {} of {}", what, seconds_text(*least)) : "off",
        set_for_role(c, name, "0"));
  return Applies::yes;
}

Applies judge_idle_session(const Case& c) {
  return judge_ending_of(c, "idle_session_timeout", c.plan.pool_age_s,
                         "the maximum age of the pool's connections");
}

Applies judge_transaction_timeout(const Case& c) {
  return judge_ending_of(c, "transaction_timeout", c.plan.longest_transaction_s,
                         "the longest transaction's hold time");
}

Applies judge_deadlock_timeout(const Case& c) {
  const auto deadlock = timeout_s(c, "deadlock_timeout");
  const auto lock = timeout_s(c, "lock_timeout");
  if (!deadlock) return Applies::no;
  const std::string seen =
      fmt::format("deadlock_timeout is {}, lock_timeout is {}", seconds_text(*deadlock),
                  lock.value_or(0) > 0 ? seconds_text(*lock) : "0 (off)");
  if (c.plan.deadline_s && *deadlock > *c.plan.deadline_s) {
    found(
        c, DoctorLevel::warn, seen,
        fmt::format("at most the request's deadline of {}", seconds_text(*c.plan.deadline_s)),
        alter_system(fmt::format("deadlock_timeout = '{:.0f}ms'",
                                 std::clamp(std::floor(*c.plan.deadline_s * 1000), 1.0, 1000.0))));
  } else {
    found(c, DoctorLevel::ok, seen, c.plan.deadline_s ? "at most the request's deadline" : "");
  }
  return Applies::yes;
}

Applies judge_keepalives(const Case& c) {
  if (c.facts.over_socket) return Applies::no;  // it always reads 0 there
  constexpr double kMost_s = 300;
  const auto idle = setting_number(c.facts.first, kTimeouts, "tcp_keepalives_idle");
  if (!idle) return Applies::no;
  const double check_ms =
      setting_number(c.facts.first, kTimeouts, "client_connection_check_interval").value_or(0);
  figure(c, "tcp_keepalives_idle_s", *idle);
  figure(c, "client_connection_check_interval_ms", check_ms);
  const bool late = *idle == 0 || *idle > kMost_s;
  const std::string seen =
      fmt::format("tcp_keepalives_idle is {}, client_connection_check_interval is {}",
                  *idle == 0 ? "0 (operating system default: 2 h on Linux)" : seconds_text(*idle),
                  check_ms == 0 ? "0 (off)" : seconds_text(check_ms / 1000));
  const bool warn = late && check_ms == 0;
  found(c, warn ? DoctorLevel::warn : DoctorLevel::ok, seen,
        "keep-alive of at most 300 s, or client_connection_check_interval above 0",
        !warn                            ? ""
        : c.facts.version_num >= 140'000 ? alter_system("client_connection_check_interval = '10s'")
                                         : alter_system("tcp_keepalives_idle = 60"));
  return Applies::yes;
}

Applies judge_login_cost(const Case& c) {
  constexpr double kMost = 20'000;
  const auto iterations = setting_number(c.facts.first, kTimeouts, "scram_iterations");
  const std::string method =
      setting_of(c.facts.first, kTimeouts, "password_encryption").value_or("unknown");
  const std::string ssl = setting_of(c.facts.first, kTimeouts, "ssl").value_or("unknown");
  if (iterations) figure(c, "scram_iterations", *iterations);
  figure(c, "password_encryption", method);
  figure(c, "ssl", ssl);
  const bool costly = iterations && *iterations > kMost;
  found(c, costly ? DoctorLevel::warn : DoctorLevel::ok,
        fmt::format("password_encryption {}{}, ssl {}", method,
                    iterations ? fmt::format(", scram_iterations {}", *iterations) : "", ssl),
        "at most 20,000 iterations",
        costly ? alter_system("scram_iterations = 4096") + " Then set all passwords again." : "");
  return Applies::yes;
}

Applies judge_authentication(const Case& c) {
  const auto limit = setting_number(c.facts.first, kTimeouts, "authentication_timeout");
  if (!limit || c.facts.connects.empty()) return Applies::no;
  const DoctorConnect slowest = *std::max_element(
      c.facts.connects.begin(), c.facts.connects.end(),
      [](const DoctorConnect& a, const DoctorConnect& b) { return a.total_ms() < b.total_ms(); });
  const double connect_s = slowest.total_ms() / 1000;
  figure(c, "authentication_timeout_s", *limit);
  figure(c, "connect_s", connect_s);
  const bool low = *limit < 2 * connect_s;
  found(c, low ? DoctorLevel::warn : DoctorLevel::ok,
        fmt::format("authentication_timeout is {}, connecting took up to {}", seconds_text(*limit),
                    human_duration(from_s(connect_s))),
        "at least twice the connect time",
        low ? alter_system("authentication_timeout = '60s'") : "");
  return Applies::yes;
}

constexpr std::array kChecksOfTimeouts = {
    Check{"C0",
          "timeouts of roles and databases",
          {"C0"},
          false,
          judge_overrides,
          "PostgreSQL manual, pg_db_role_setting",
          "The load's role may have other timeouts than the application's."},
    Check{
        "C1",
        "statement_timeout",
        {"C1"},
        false,
        judge_statement_timeout,
        "Poolgauge",
        "Without a limit, one runaway statement keeps its connection forever. If the limit is too "
        "short, requests fail with SQLSTATE 57014."},
    Check{"C2",
          "idle_in_transaction_session_timeout",
          {"C1"},
          false,
          judge_idle_in_transaction,
          "PostgreSQL manual, client connection defaults",
          "Sessions idle in a transaction keep their locks. If the timeout is too short, it ends "
          "connections that a request still holds (SQLSTATE 25P03)."},
    Check{"C3",
          "idle_session_timeout",
          {"C1"},
          false,
          judge_idle_session,
          "PostgreSQL manual, client connection defaults",
          "It closes connections that are idle in a pool (SQLSTATE 57P05)."},
    Check{"C4",
          "deadlock_timeout",
          {"C1"},
          false,
          judge_deadlock_timeout,
          "Poolgauge",
          "Deadlocks would be resolved only after the request has given up."},
    Check{"C5",
          "transaction_timeout",
          {"C1"},
          false,
          judge_transaction_timeout,
          "PostgreSQL manual, client connection defaults",
          "It ends the whole session (SQLSTATE 25P04), so the pool must connect again."},
    Check{"C6",
          "TCP keep-alive",
          {"C1"},
          false,
          judge_keepalives,
          "Poolgauge",
          "Statements keep running, and occupy a slot, after their client has disappeared."},
    Check{"C7",
          "cost of logging in",
          {"C1"},
          false,
          judge_login_cost,
          "Poolgauge",
          "Every overflow connection pays this cost."},
    Check{"C8",
          "authentication_timeout",
          {"C1"},
          false,
          judge_authentication,
          "Poolgauge",
          "If it is too short, logins are aborted when many clients connect at once."}};

}  // namespace

std::span<const Check> checks_of_timeouts() {
  return kChecksOfTimeouts;
}

}  // namespace poolgauge::doctor
