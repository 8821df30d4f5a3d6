// B: how many connections the server has left, and who holds the others.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "doctor/slots.h"

namespace poolgauge::doctor {

namespace {

double part_of(double part, double whole) {
  return whole > 0 ? part / whole : 1.0;
}

/// "1 slot is", "97 slots are".
std::string slots_are(std::int64_t count) {
  return counted(std::max<std::int64_t>(count, 0), "slot") + (count == 1 ? " is" : " are");
}

Applies judge_slots(const Case& c) {
  constexpr double kWarn = 0.80;
  constexpr double kStop = 0.95;
  // Connections that a run monitors the server through; with --shared, its guards have another.
  const std::int64_t probes = c.plan.shared ? 2 : 1;
  const Slots slots = slots_of(c.facts).server;
  const double used = part_of(static_cast<double>(slots.in_use), static_cast<double>(slots.limit));
  figure(c, "available", static_cast<double>(slots.limit));
  figure(c, "in_use", static_cast<double>(slots.in_use));
  figure(c, "free", static_cast<double>(slots.free()));
  const std::string seen =
      fmt::format("{} of {} available slots in use ({}), {} free", slots.in_use, slots.limit,
                  percent(used), std::max<std::int64_t>(slots.free(), 0));
  const std::string cure =
      "Close idle connections, put a pooler in front of the server, or raise max_connections "
      "(needs a restart).";
  const auto planned = planned_on_server(c);
  const bool too_few = planned && slots.free() < *planned + probes;
  if (too_few) {
    c.finding.source = "Poolgauge";
    found(c, DoctorLevel::stop,
          fmt::format("{} free, but the pools may open {}, and a run opens {} more to monitor the "
                      "server",
                      slots_are(slots.free()), counted(*planned, "connection"), probes),
          "",
          "Make the pools smaller (B4), put a pooler in front of the server, or raise "
          "max_connections "
          "(needs a restart).");
  } else if (used >= kStop) {
    found(c, DoctorLevel::stop, seen, "less than 95 %", cure);
  } else {
    found(c, used >= kWarn ? DoctorLevel::warn : DoctorLevel::ok, seen, "less than 80 %",
          used >= kWarn ? cure : "");
  }
  return Applies::yes;
}

constexpr double kHeadroom = 0.20;

/// The smallest limit that leaves the headroom free with what is planned, and above today's.
std::int64_t limit_with_headroom(const Slots& slots, std::int64_t wanted) {
  const double needed = static_cast<double>(slots.in_use + wanted) / (1 - kHeadroom);
  return std::max(slots.limit + 1, static_cast<std::int64_t>(std::ceil(needed)));
}

/// B2 and B3: a limit of a role or a database; `alter`: what sets it, up to the number.
void judge_limit(const Case& c, const Slots& slots, const std::string& whose,
                 const std::string& alter) {
  figure(c, "limit", static_cast<double>(slots.limit));
  figure(c, "in_use", static_cast<double>(slots.in_use));
  const std::string seen =
      fmt::format("{} of {} connections of {} in use", slots.in_use, slots.limit, whose);
  const auto planned = planned_on_server(c);
  const std::int64_t wanted = std::max<std::int64_t>(planned.value_or(1), 1);
  const std::string cure = fmt::format("{} {};", alter, limit_with_headroom(slots, wanted));
  if (slots.free() < wanted) {
    found(c, DoctorLevel::stop, seen, fmt::format("at least {} free", wanted), cure);
    return;
  }
  const auto left = static_cast<double>(slots.free() - planned.value_or(0));
  const bool tight = part_of(left, static_cast<double>(slots.limit)) < kHeadroom;
  found(c, tight ? DoctorLevel::warn : DoctorLevel::ok, seen, "at least 20 % free",
        tight ? cure : "");
}

Applies judge_role_limit(const Case& c) {
  const std::string role = first_row(c.facts.first, "B2").text("rolname");
  const auto slots = slots_of(c.facts).role;
  if (slots) {
    judge_limit(c, *slots, "role " + named_text(role),
                fmt::format("ALTER ROLE {} CONNECTION LIMIT", quoted_identifier(role)));
  } else {
    found(c, DoctorLevel::ok, "role " + named_text(role) + " has no connection limit", "");
  }
  return Applies::yes;
}

Applies judge_database_limit(const Case& c) {
  constexpr double kInvalid = -2;
  const Row row = first_row(c.facts.first, "B3");
  const std::string name = row.text("datname");
  if (row.number("datconnlimit") == kInvalid) {
    found(c, DoctorLevel::stop, "database " + named_text(name) + " is invalid (dropped halfway)",
          "", fmt::format("DROP DATABASE {};", quoted_identifier(name)));
    return Applies::yes;
  }
  const auto slots = slots_of(c.facts).database;
  if (slots) {
    judge_limit(c, *slots, "database " + named_text(name),
                fmt::format("ALTER DATABASE {} CONNECTION LIMIT", quoted_identifier(name)));
  } else {
    found(c, DoctorLevel::ok,
          "database " + named_text(name) + " has no connection limit for this role", "");
  }
  return Applies::yes;
}

Applies judge_max_connections(const Case& c) {
  constexpr double kMany = 500;
  const double most = first_row(c.facts.first, "B1").number_or("max_connections", 0);
  figure(c, "max_connections", most);
  found(c, most > kMany ? DoctorLevel::warn : DoctorLevel::ok,
        fmt::format("max_connections is {}", most), "at most 500",
        most > kMany ? "Put a pooler in front of the server, and lower max_connections." : "");
  return Applies::yes;
}

/// Tools that administrators run by hand. Drivers that give no name are applications.
bool is_administration(const std::string& application) {
  return application == "psql" || application.starts_with("pg_") || application == "poolgauge";
}

Applies judge_superusers(const Case& c) {
  std::string seen;
  double sessions = 0;
  for (const Row& row : rows_of(c.facts.first, "B6")) {
    const std::string application = row.text("application_name");
    if (is_administration(application)) continue;
    sessions += row.number_or("sessions", 0);
    add_to(seen, fmt::format("{} ({})", named_text(application), row.whole("sessions")));
  }
  figure(c, "sessions", sessions);
  if (sessions == 0) {
    found(c, DoctorLevel::ok, "no application is connected as superuser", "");
  } else {
    found(c, DoctorLevel::warn, "applications connected as superuser: " + seen, "none",
          "Give the application a role of its own without SUPERUSER.");
  }
  return Applies::yes;
}

Applies judge_locks(const Case& c) {
  constexpr double kWarn = 0.20;
  constexpr double kStop = 0.80;
  const Row row = first_row(c.facts.first, "B8");
  const double used = part_of(row.number_or("locks", 0), row.number_or("capacity", 0));
  figure(c, "locks", row.number_or("locks", 0));
  figure(c, "capacity", row.number_or("capacity", 0));
  const DoctorLevel level = used > kStop   ? DoctorLevel::stop
                            : used > kWarn ? DoctorLevel::warn
                                           : DoctorLevel::ok;
  found(c, level, fmt::format("{} of the lock table in use", percent(used)),
        used > kStop ? "at most 80 %" : "at most 20 %",
        level == DoctorLevel::ok ? "" : "Raise max_locks_per_transaction (needs a restart).");
  return Applies::yes;
}

Applies judge_hoarders(const Case& c) {
  constexpr double kIdleShare = 0.9;
  constexpr double kIdle_s = 600;
  constexpr double kFewest = 2;  // one idle session is a tool that is open
  std::string seen;
  double idle = 0;
  for (const Row& row : rows_of(c.facts.first, "B9")) {
    const double sessions = row.number_or("sessions", 0);
    const double idle_here = row.number_or("idle", 0);
    if (sessions < kFewest || idle_here < kIdleShare * sessions) continue;
    if (row.number_or("youngest_idle_s", 0) <= kIdle_s) continue;
    idle += idle_here;
    add_to(seen, fmt::format("{} ({} idle)", named_text(row.text("application_name")), idle_here));
  }
  figure(c, "idle_sessions", idle);
  if (idle == 0) {
    found(c, DoctorLevel::ok, "no application keeps most of its sessions idle", "");
  } else {
    found(c, DoctorLevel::warn, "idle for more than 10 min: " + seen,
          "less than 90 % of an application's sessions idle for 10 min",
          "Lower that application's pool size or its idle timeout.");
  }
  return Applies::yes;
}

constexpr std::array kChecksOfSlots = {
    Check{"B1",
          "free slots",
          {"B1"},
          false,
          judge_slots,
          "postgres_exporter's mixin: 80 %; check_postgres: 95 %",
          "A pool that finds no free slot gets SQLSTATE 53300 in the middle of a request."},
    Check{"B2",
          "the role's connection limit",
          {"B2"},
          false,
          judge_role_limit,
          "PostgreSQL manual, CREATE ROLE; Poolgauge: 20 %",
          "Connections beyond it fail with SQLSTATE 53300."},
    Check{"B3",
          "the database's connection limit",
          {"B2", "B3"},
          false,
          judge_database_limit,
          "PostgreSQL manual, CREATE DATABASE; Poolgauge: 20 %",
          "Connections beyond it fail with SQLSTATE 53300."},
    Check{"B5",
          "max_connections",
          {"B1"},
          false,
          judge_max_connections,
          "pgEdge AI DBA Workbench and PgHero: 500",
          "Each session takes memory and makes snapshots slower; such a server needs a pooler, not "
          "more sessions."},
    Check{"B6",
          "superuser sessions",
          {"B6"},
          false,
          judge_superusers,
          "Poolgauge",
          "They can take the slots that are reserved for administrators in an emergency."},
    Check{"B8",
          "lock table",
          {"B8"},
          false,
          judge_locks,
          "awesome-prometheus-alerts: 20 %; Poolgauge: 80 %",
          "A full lock table fails statements with \"out of shared memory\"."},
    Check{"B9",
          "idle sessions",
          {"B9"},
          true,
          judge_hoarders,
          "Poolgauge",
          "The pools cannot have the slots that idle sessions occupy."}};

}  // namespace

std::span<const Check> checks_of_slots() {
  return kChecksOfSlots;
}

}  // namespace poolgauge::doctor
