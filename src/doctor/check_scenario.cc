// I: what the scenario's own statements, files, and tables meet on this server.
#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "doctor/answers.h"

namespace poolgauge::doctor {

namespace {

/// "request "a" step "b": …", and how many more.
std::string troubles_text(const std::vector<DoctorScenario::Trouble>& troubles) {
  std::string text = troubles.front().where + ": " + troubles.front().message;
  if (troubles.size() > 1) text += fmt::format(" (and {} more)", troubles.size() - 1);
  return text;
}

std::string list_text(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) add_to(text, item, "; ");
  return text;
}

/// True: the scenario could not be compared with the server, and the finding says why.
bool is_unseen(const Case& c) {
  if (c.facts.scenario->trouble.empty()) return false;
  cannot_tell(c, c.facts.scenario->trouble);
  return true;
}

Applies judge_prepares(const Case& c) {
  const DoctorScenario& s = *c.facts.scenario;
  if (is_unseen(c)) return Applies::yes;
  figure(c, "not_prepared", static_cast<double>(s.unprepared.size() + s.missing.size()));
  if (!s.unprepared.empty()) {
    found(c, DoctorLevel::stop, troubles_text(s.unprepared), "",
          "Correct the statement, or check that database and search_path are the right ones.");
  } else if (!s.missing.empty() && c.plan.has_setup) {
    cannot_tell(
        c, troubles_text(s.missing) + "; data.setup may create it",
        "Use poolgauge run to check the statements: it executes data.setup first (--allow-writes). "
        "If data.teardown drops what data.setup created, doctor still cannot check the statements "
        "after the run.");
  } else if (!s.missing.empty()) {
    found(c, DoctorLevel::stop, troubles_text(s.missing), "",
          "Create it, or check that database and search_path are the right ones.");
  } else {
    found(c, DoctorLevel::ok, "the server accepts every statement", "");
  }
  return Applies::yes;
}

Applies judge_permissions(const Case& c) {
  const DoctorScenario& s = *c.facts.scenario;
  if (is_unseen(c)) return Applies::yes;
  figure(c, "forbidden", static_cast<double>(s.forbidden.size()));
  if (!s.forbidden.empty()) {
    found(c, DoctorLevel::stop, troubles_text(s.forbidden), "",
          fmt::format("GRANT the missing permission to role {}.", named_text(c.facts.role)));
  } else if (!s.rights_seen) {
    cannot_tell(c, "permissions cannot be checked through a pooler");
  } else if (!s.missing.empty()) {
    cannot_tell(c, "permissions on objects that do not exist yet cannot be checked");
  } else {
    found(c, DoctorLevel::ok, "the role may run every statement", "");
  }
  return Applies::yes;
}

Applies judge_setup(const Case& c) {
  const DoctorScenario& s = *c.facts.scenario;
  if (!c.plan.has_setup) return Applies::no;
  if (is_unseen(c)) return Applies::yes;
  figure(c, "changes", static_cast<double>(s.changes.size()));
  if (s.changes.empty()) {
    found(c, DoctorLevel::ok, "data.setup and data.teardown change only what Poolgauge created",
          "");
  } else {
    found(c, c.plan.may_replace ? DoctorLevel::note : DoctorLevel::stop, list_text(s.changes), "",
          c.plan.may_replace
              ? ""
              : "Use another database, or add --allow-setup if this may be changed.");
  }
  return Applies::yes;
}

Applies judge_sharing(const Case& c) {
  const DoctorScenario& s = *c.facts.scenario;
  if (is_unseen(c)) return Applies::yes;
  figure(c, "signs", static_cast<double>(s.sharing.size()));
  if (s.sharing.empty()) {
    found(c, DoctorLevel::ok, "nobody else seems to be using the server", "");
  } else {
    found(c, c.plan.shared ? DoctorLevel::note : DoctorLevel::stop, list_text(s.sharing), "",
          c.plan.shared
              ? ""
              : "Add --shared to the run: it then has guards and a ramp, and uses at most half of "
                "the free slots.");
  }
  return Applies::yes;
}

/// nullopt: the server does not say.
std::optional<double> buffers_bytes(const DoctorFacts& facts) {
  constexpr double kBlock = 8192;
  const auto blocks = setting_number(facts.first, "F1", "shared_buffers");
  if (!blocks) return std::nullopt;
  return *blocks * kBlock;
}

std::string mib_text(double bytes) {
  constexpr double kMiB = 1024 * 1024;
  if (bytes < kMiB) return "less than 1 MiB";
  return with_thousands(static_cast<std::uint64_t>(bytes / kMiB)) + " MiB";
}

Applies judge_tables(const Case& c) {
  const DoctorScenario& s = *c.facts.scenario;
  if (is_unseen(c)) return Applies::yes;
  if (s.tables.empty()) return Applies::no;
  std::string never;
  double rows = 0;
  double bytes = 0;
  for (const DoctorScenario::Table& table : s.tables) {
    rows += std::max(0.0, table.rows);
    bytes += table.bytes;
    if (!table.analyzed && table.bytes > 0) add_to(never, table.name);
  }
  figure(c, "rows", rows);
  figure(c, "bytes", bytes);
  const std::string size = fmt::format(
      "{} with about {} rows, {}", counted(static_cast<std::int64_t>(s.tables.size()), "table"),
      with_thousands(static_cast<std::uint64_t>(rows)), mib_text(bytes));
  const auto buffers = buffers_bytes(c.facts);
  if (!never.empty()) {
    found(c, DoctorLevel::warn, size + "; never analyzed: " + never, "", "ANALYZE " + never + ";");
  } else if (buffers && bytes > *buffers) {
    found(c, DoctorLevel::note, size, "at most shared_buffers, " + mib_text(*buffers));
  } else {
    found(c, DoctorLevel::ok, size, "");
  }
  return Applies::yes;
}

constexpr std::array kChecksOfScenario = {
    Check{"I1",
          "statements",
          {},
          false,
          judge_prepares,
          "Poolgauge",
          "A statement that the server does not accept fails in every request."},
    Check{"I2",
          "permissions",
          {},
          false,
          judge_permissions,
          "Poolgauge",
          "The request would fail with SQLSTATE 42501."},
    Check{"I3",
          "setup",
          {},
          false,
          judge_setup,
          "Poolgauge",
          "Objects that somebody else created would be lost or changed."},
    Check{"I4",
          "other users",
          {},
          false,
          judge_sharing,
          "Poolgauge",
          "A load test slows down everybody who uses the server."},
    Check{"I5",
          "tables",
          {},
          false,
          judge_tables,
          "Poolgauge",
          "Without statistics, the planner guesses, and tables that do not fit into memory make "
          "connections wait for storage."}};

}  // namespace

std::span<const Check> checks_of_scenario() {
  return kChecksOfScenario;
}

}  // namespace poolgauge::doctor
