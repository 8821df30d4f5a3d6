// G: the way to the server, as this machine measured it.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "doctor/answers.h"

namespace poolgauge::doctor {

namespace {

/// The value below which this share of them lies, nearest rank.
double rank_value(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

std::string ms_text(double ms) {
  return human_duration(from_ms(ms));
}

Applies judge_round_trip(const Case& c) {
  constexpr double kJitter = 5;
  constexpr double kShare = 0.2;
  constexpr double kLeast_ms = 1;  // below it the client's own scheduling is what varies
  if (c.facts.round_trips_ms.empty()) {
    cannot_tell(c, "no round trip was measured");
    return Applies::yes;
  }
  const double median = rank_value(c.facts.round_trips_ms, 0.5);
  const double p95 = rank_value(c.facts.round_trips_ms, 0.95);
  figure(c, "median_ms", median);
  figure(c, "p95_ms", p95);
  figure(c, "count", static_cast<double>(c.facts.round_trips_ms.size()));
  const std::string seen =
      fmt::format("round trip {} (median), {} (p95)", ms_text(median), ms_text(p95));
  const bool local = c.facts.over_socket || c.facts.over_loopback;  // there is nothing nearer
  const bool slow = !local && c.plan.statement_s && median > kShare * *c.plan.statement_s * 1000;
  const bool jitter = p95 > kJitter * median && p95 > kLeast_ms;
  if (slow) {
    found(c, DoctorLevel::warn, seen,
          fmt::format("at most 20 % of the slowest statement's {}",
                      ms_text(*c.plan.statement_s * 1000)),
          "Run the load from a machine that is as near to the server as the application.");
  } else {
    found(c, jitter ? DoctorLevel::warn : DoctorLevel::ok, seen, "p95 at most 5 times the median",
          jitter ? "Measure from a machine with a steadier path to the server." : "");
  }
  return Applies::yes;
}

Applies judge_connecting(const Case& c) {
  constexpr double kWarn_ms = 50;
  constexpr double kShare = 0.1;
  if (c.facts.connects.empty()) {
    cannot_tell(
        c, c.facts.connect_trouble.empty() ? "no connect was measured" : c.facts.connect_trouble);
    return Applies::yes;
  }
  std::vector<double> totals;
  std::vector<double> logins;
  std::vector<double> tls;
  for (const DoctorConnect& each : c.facts.connects) {
    totals.push_back(each.total_ms());
    logins.push_back(each.login_ms);
    tls.push_back(each.tls_ms);
  }
  const double median = rank_value(totals, 0.5);
  figure(c, "connect_ms", median);
  figure(c, "login_ms", rank_value(logins, 0.5));
  figure(c, "tls_ms", rank_value(tls, 0.5));
  figure(c, "count", static_cast<double>(totals.size()));
  const std::string seen =
      fmt::format("connecting takes {} (median of {} connects): login {}, TLS {}", ms_text(median),
                  totals.size(), ms_text(rank_value(logins, 0.5)), ms_text(rank_value(tls, 0.5)));
  const std::string cure =
      "Keep connections open (no overflow, a minimum pool size), or use a pooler.";
  if (c.plan.deadline_s && median > kShare * *c.plan.deadline_s * 1000) {
    found(c, DoctorLevel::stop, seen,
          fmt::format("at most a tenth of the deadline of {}", seconds_text(*c.plan.deadline_s)),
          cure);
  } else {
    found(c, median > kWarn_ms ? DoctorLevel::warn : DoctorLevel::ok, seen, "at most 50 ms",
          median > kWarn_ms ? cure : "");
  }
  return Applies::yes;
}

Applies judge_encryption(const Case& c) {
  const Row row = first_row(c.facts.first, "G3");
  const bool encrypted = row.flag("ssl");
  const bool local = c.facts.over_socket || c.facts.over_loopback;
  figure(c, "ssl", row.text("ssl"));
  figure(c, "version", row.text("version"));
  if (encrypted) {
    found(c, DoctorLevel::ok, fmt::format("{}, {}", row.text("version"), row.text("cipher")), "");
  } else {
    found(c, local ? DoctorLevel::ok : DoctorLevel::warn,
          local ? "a local connection without TLS" : "no TLS on a path that is not local",
          local ? "" : "TLS",
          local ? ""
          : setting_of(c.facts.first, "C1", "ssl") == "off"
              ? "Give the server a certificate, and ALTER SYSTEM SET ssl = on; SELECT "
                "pg_reload_conf();"
              : "Add sslmode=require to the target.");
  }
  return Applies::yes;
}

Applies judge_clock(const Case& c) {
  constexpr double kMost_s = 1;
  if (!c.facts.server_ahead_s) {
    cannot_tell(c, "the server did not report its time");
    return Applies::yes;
  }
  const double ahead = *c.facts.server_ahead_s;
  figure(c, "server_ahead_s", ahead);
  const bool apart = std::abs(ahead) > kMost_s;
  found(c, apart ? DoctorLevel::warn : DoctorLevel::ok,
        apart ? fmt::format("the server's clock is {:.1f} s {} this machine's", std::abs(ahead),
                            ahead > 0 ? "ahead of" : "behind")
              : "the clocks agree",
        "at most 1 s apart", apart ? "Synchronize both clocks (chrony, systemd-timesyncd)." : "");
  return Applies::yes;
}

Applies judge_client(const Case& c) {
  constexpr std::int64_t kOwnFiles = 100;
  constexpr std::int64_t kFewestPorts = 1000;
  const DoctorFacts& f = c.facts;
  if (!f.open_files) {
    cannot_tell(c, "this machine's limits could not be read");
    return Applies::yes;
  }
  figure(c, "open_files", static_cast<double>(*f.open_files));
  if (f.ports) figure(c, "ephemeral_ports", static_cast<double>(*f.ports));
  if (f.processors) figure(c, "processors", static_cast<double>(*f.processors));
  const std::int64_t wanted = c.plan.connections.value_or(0);
  std::string seen = count_text(static_cast<double>(*f.open_files), "open file") + " allowed";
  if (f.ports) seen += ", " + count_text(static_cast<double>(*f.ports), "ephemeral port");
  if (f.processors) seen += ", " + count_text(static_cast<double>(*f.processors), "processor");
  const bool few_files = *f.open_files < wanted + kOwnFiles;
  const bool few_ports = !f.over_socket && f.ports && *f.ports < std::max(wanted, kFewestPorts);
  found(c, few_files || few_ports ? DoctorLevel::warn : DoctorLevel::ok, seen,
        few_ports ? "at least 1,000 ports, and at least one for each connection"
                  : fmt::format("at least {} open files", wanted + kOwnFiles),
        few_files   ? fmt::format("ulimit -n {}", wanted + kOwnFiles)
        : few_ports ? "sysctl net.ipv4.ip_local_port_range='10000 65000'"
                    : "");
  return Applies::yes;
}

constexpr std::array kChecksOfPath = {
    Check{"G1",
          "round trip",
          {"A4"},
          false,
          judge_round_trip,
          "Poolgauge",
          "Each round trip of a request adds to the time it holds a connection."},
    Check{"G2",
          "connecting",
          {"A4"},
          false,
          judge_connecting,
          "Poolgauge",
          "Overflow connections, cold pools, and rolling deployments wait this long for each "
          "connection."},
    Check{"G3",
          "encryption",
          {"G3"},
          false,
          judge_encryption,
          "Poolgauge",
          "If production is encrypted and this path is not, connecting and statements cost less "
          "here."},
    Check{"G4",
          "clock",
          {"A4"},
          false,
          judge_clock,
          "Poolgauge",
          "The times in logs and reports do not line up."},
    Check{"G5",
          "this machine's limits",
          {"A4"},
          false,
          judge_client,
          "Poolgauge",
          "The load generator reaches its own limits before the server does."}};

}  // namespace

std::span<const Check> checks_of_path() {
  return kChecksOfPath;
}

}  // namespace poolgauge::doctor
