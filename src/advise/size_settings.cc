// Timeouts, memory and alerts.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "advise/settings.h"
#include "advise/size_case.h"
#include "base/text.h"
#include "math/queues.h"

namespace poolgauge {

namespace {

constexpr double kMostInAll = 0.9;               // of the memory; the operating system has the rest
constexpr double kExponentialP99 = 4.605170186;  // of the mean

/// Rounded down to a figure people would type: whole seconds, tenths, milliseconds.
double tidy_seconds(double s) {
  if (s >= 2) return std::floor(s);
  if (s >= 0.2) return std::floor(s * 10 + 1e-9) / 10;
  return std::max(0.001, std::floor(s * 1000 + 1e-9) / 1000);
}

/// How long a connection is held by the slowest hundredth, when holds are exponential.
double hold_p99(const SizeCase& c) {
  return kExponentialP99 * c.in.hold_s.value_or(0);
}

/// The pool's limit of the wait; libraries without one leave it to the caller's context.
std::string wait_name(const SizeCase& c) {
  return c.in.names.wait.empty() ? "wait limit" : c.in.names.wait;
}

void judge_timeouts(const SizeCase& c, Recommendation& r) {
  if (!c.in.pool_timeout_s && !c.in.statement_timeout_s) return;
  const double wait = c.in.pool_timeout_s.value_or(r.pool_timeout_s);
  const double statement = c.in.statement_timeout_s.value_or(r.statement_timeout_s);
  if (wait + statement > c.deadline_s) {
    r.warnings.push_back(
        fmt::format("{} {} + statement_timeout {} = {}: longer than the deadline of {}, so the "
                    "database works on requests that callers have already given up on",
                    wait_name(c), seconds_text(wait), seconds_text(statement),
                    seconds_text(wait + statement), seconds_text(c.deadline_s)));
  }
  if (c.in.statement_timeout_s && *c.in.statement_timeout_s > wait) {
    r.warnings.push_back(
        fmt::format("a statement may run for {} and hold a connection longer than requests may "
                    "wait for one ({})",
                    seconds_text(*c.in.statement_timeout_s), seconds_text(wait)));
  }
}

/// Sets it, and returns why.
std::string set_recycle(const SizeCase& c, Recommendation& r) {
  RecycleEvidence seen;
  seen.option = c.in.names.age;
  seen.connections = static_cast<double>(r.total());
  seen.connect_s = c.in.connect_s;
  seen.idle_limit_s = c.in.idle_limit_s;
  seen.hold_s = c.in.hold_s;
  if (c.in.rate_per_s) seen.rate_per_s = c.pool_rate();
  const Recycling answer = recycling(seen);
  r.pool_recycle_s = answer.age_s;
  if (seen.option.empty()) return "";
  std::string flags = seen.idle_limit_s ? "" : "--idle-limit";
  if (!seen.connect_s) flags += std::string(flags.empty() ? "" : " and ") + "--from REPORT";
  return answer.why + (flags.empty() ? "" : " (to refine this, add " + flags + ")");
}

/// "4,096", "0.5".
std::string mib_text(double mib) {
  const bool whole = mib >= 0 && mib == std::floor(mib);
  return whole ? with_thousands(static_cast<std::uint64_t>(mib)) : fmt::format("{:g}", mib);
}

AlertLine alert(std::string name, double utilization, std::int64_t connections,
                std::string meaning) {
  const auto c = static_cast<double>(connections);
  return {std::move(name), utilization,
          math::erlang_c(static_cast<std::uint64_t>(connections), utilization * c),
          std::move(meaning)};
}

/// The server's settings, as given or usual; no connections yet.
ServerMemory memory_settings(const SizeCase& c) {
  constexpr double kQuarter = 0.25;
  constexpr double kWithHugePages = 2;
  ServerMemory server;
  server.shared_buffers = c.in.shared_buffers_mib.value_or(
      c.in.memory_mib ? kQuarter * *c.in.memory_mib : server.shared_buffers);
  server.work_mem = c.in.work_mem_mib.value_or(server.work_mem);
  server.hash_mem_multiplier = c.in.hash_mem_multiplier.value_or(server.hash_mem_multiplier);
  if (c.in.huge_pages) server.backend = kWithHugePages;
  if (c.in.connection_mib) server.backend = *c.in.connection_mib;
  return server;
}

/// What a measured connection takes has its page tables in it.
double page_tables_of(const SizeCase& c, const ServerMemory& server) {
  if (c.in.connection_mib) return 0;
  return page_tables_mib(server.connections, server.shared_buffers, c.in.huge_pages ? 2048 : 4);
}

void warn_of_memory(const SizeCase& c, const MemoryBound& memory, Recommendation& r) {
  constexpr double kMostWork = 0.25;
  constexpr double kManyPageTables = 1536;
  if (!c.in.huge_pages && memory.page_tables > kManyPageTables) {
    r.warnings.push_back(
        fmt::format("page tables may take {:.0f} MiB: turn on huge_pages", memory.page_tables));
  }
  if (!memory.ram) return;
  // More than there is, is a problem of its own: problems_of.
  if (memory.total <= kMostInAll * *memory.ram && memory.work > kMostWork * *memory.ram) {
    r.warnings.push_back(fmt::format(
        "work_mem may take {:.0f} of the {:.0f} MiB of memory, which is more than a quarter",
        memory.work, *memory.ram));
  }
}

}  // namespace

std::vector<std::string> set_timeouts(const SizeCase& c, Recommendation& r) {
  const double deadline = c.deadline_s;
  const double after_hold = deadline - hold_p99(c);
  const bool hold_fits = after_hold > 0;
  r.pool_timeout_s = tidy_seconds(hold_fits ? std::min(deadline / 2, after_hold) : deadline / 10);
  r.statement_timeout_s = tidy_seconds(deadline - r.pool_timeout_s);
  constexpr double kLeastIdle = 5;
  r.idle_in_transaction_timeout_s = std::max(kLeastIdle, std::ceil(2 * hold_p99(c)));
  r.connect_timeout_s = r.pool_timeout_s > 3 ? 3 : 2;
  const std::string recycle_words = set_recycle(c, r);
  if (!hold_fits) {
    r.warnings.push_back(fmt::format(
        "a hold time of {} (p99 about {}) does not fit into a deadline of {}: no pool size helps",
        seconds_text(*c.in.hold_s), human_duration(from_s(hold_p99(c))), seconds_text(deadline)));
  }
  judge_timeouts(c, r);
  std::vector<std::string> chain = {
      fmt::format(
          "request deadline {}: callers are assumed to give up after that (--deadline); all "
          "other timeouts are shorter",
          seconds_text(deadline)),
      fmt::format("{} {}: {}; advise sets it from the waits that it measures", wait_name(c),
                  seconds_text(r.pool_timeout_s),
                  !hold_fits                   ? "a tenth of the deadline"
                  : deadline / 2 <= after_hold ? "half of the deadline"
                                               : "the deadline minus the hold time"),
      fmt::format("statement_timeout {}: what remains of the deadline after that wait",
                  seconds_text(r.statement_timeout_s)),
      fmt::format("connect_timeout {}: {}", seconds_text(r.connect_timeout_s),
                  r.connect_timeout_s < r.pool_timeout_s
                      ? "shorter than " + wait_name(c) +
                            ", because a request also waits while its connection is opened"
                      : "the shortest that libpq accepts"),
      fmt::format("idle_in_transaction_session_timeout {}: {}; advise sets it from measured hold "
                  "times",
                  seconds_text(r.idle_in_transaction_timeout_s),
                  r.idle_in_transaction_timeout_s > kLeastIdle
                      ? "twice the p99 of the hold time (4.6 times its mean if hold times are "
                        "exponentially distributed)"
                      : "the shortest that Poolgauge recommends")};
  if (!recycle_words.empty()) chain.push_back(recycle_words);
  if (!c.in.names.ping.empty()) {
    chain.push_back(
        c.in.names.ping +
        ": costs one round trip per checkout; keep it on where connections can drop silently");
  }
  return chain;
}

std::vector<AlertLine> alerts_of(const SizeCase& c, const Recommendation& r) {
  const std::int64_t total = r.total();
  // As many connections as can be in use at once: all of them may be busy, and nobody waits.
  if (total >= c.most_in_use().value_or(INT64_MAX)) return {};
  std::vector<AlertLine> lines = {
      alert("80 % in use", 0.8, total, "the usual threshold for \"consider a larger pool\""),
      alert("90 % in use", 0.9, total, "the usual threshold for \"scale at once\"")};
  if (c.counts_overflow() && r.max_overflow > 0) {
    const double half = static_cast<double>(r.pool_size) + static_cast<double>(r.max_overflow) / 2;
    lines.push_back(alert("half of the overflow in use", half / static_cast<double>(total), total,
                          "the usual threshold for \"review the traffic\""));
  }
  const double root = std::sqrt(static_cast<double>(total));
  constexpr double kWarn = 1.3;
  constexpr double kLeast = 0.5;  // an alert below that would never be silent
  if (1 - kWarn / root > kLeast) {
    const std::string size = fmt::format(" with c = {} connections", total);
    lines.push_back(alert("warn", 1 - kWarn / root, total, "rule: 1 − 1.3/√c" + size));
    lines.push_back(alert("alarm", 1 - 1 / root, total, "rule: 1 − 1/√c" + size));
  }
  return lines;
}

MemoryBound memory_of(const SizeCase& c, Recommendation& r) {
  ServerMemory server = memory_settings(c);
  server.connections = r.budget.needed + c.slots.others;
  server.active = r.budget.needed;
  const MemoryFigures figures = memory_figures(server);
  MemoryBound bound;
  bound.shared_buffers = server.shared_buffers;
  bound.backends = figures.backends;
  bound.work = figures.work;
  bound.page_tables = page_tables_of(c, server);
  bound.total = figures.total + bound.page_tables;
  bound.ram = c.in.memory_mib;
  bound.connections = c.memory_connections;
  bound.arithmetic = fmt::format(
      "shared_buffers {} + {} backends × {:.3g}{} + {} active × ({} sorts + {} hash × {:g}) × "
      "work_mem {:g} + page tables {:.3g}",
      mib_text(server.shared_buffers), server.connections, server.backend,
      c.in.connection_mib ? " (measured)" : "", server.active, server.sorts, server.hashes,
      server.hash_mem_multiplier, server.work_mem, bound.page_tables);
  warn_of_memory(c, bound, r);
  return bound;
}

std::optional<std::int64_t> connections_in_memory(const SizeCase& c) {
  if (!c.in.memory_mib) return std::nullopt;
  ServerMemory server = memory_settings(c);
  const auto total = [&](std::int64_t fleet) {
    server.connections = fleet + c.slots.others;
    server.active = fleet;
    return memory_figures(server).total + page_tables_of(c, server);
  };
  const double none = total(0);
  const double left = kMostInAll * *c.in.memory_mib - none;
  constexpr double kMany = 1e9;
  return static_cast<std::int64_t>(std::clamp(left / (total(1) - none), 0.0, kMany));
}

}  // namespace poolgauge
