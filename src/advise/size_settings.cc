// Timeouts, memory and alerts.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "advise/recycling.h"
#include "advise/size_case.h"
#include "base/text.h"
#include "math/erlang.h"

namespace poolgauge {

namespace {

constexpr double kExponentialP99 = 4.605170186;  // of the mean

std::string seconds(double s) {
  return fmt::format("{:g} s", s);
}

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

void judge_timeouts(const SizeCase& c, Recommendation& r) {
  if (!c.in.pool_timeout_s && !c.in.statement_timeout_s) return;
  const double wait = c.in.pool_timeout_s.value_or(r.pool_timeout_s);
  const double statement = c.in.statement_timeout_s.value_or(r.statement_timeout_s);
  if (wait + statement > c.deadline_s) {
    r.warnings.push_back(fmt::format(
        "pool_timeout {} + statement_timeout {} = {}: longer than the deadline of {}, so a request "
        "is still worked on when nobody waits for it",
        seconds(wait), seconds(statement), seconds(wait + statement), seconds(c.deadline_s)));
  }
  if (c.in.statement_timeout_s && *c.in.statement_timeout_s > wait) {
    r.warnings.push_back(fmt::format(
        "a legal statement of {} holds a connection longer than anybody may wait for one ({})",
        seconds(*c.in.statement_timeout_s), seconds(wait)));
  }
}

/// Sets it, and returns why.
std::string set_recycle(const SizeCase& c, Recommendation& r) {
  RecycleEvidence seen;
  seen.connections = static_cast<double>(r.total());
  seen.connect_s = c.in.connect_s;
  seen.idle_limit_s = c.in.idle_limit_s;
  seen.hold_s = c.in.hold_s;
  if (c.in.rate_per_s) seen.rate_per_s = c.pool_rate();
  const Recycling answer = recycling(seen);
  r.pool_recycle_s = answer.age_s;
  std::string flags = seen.idle_limit_s ? "" : "--idle-limit";
  if (!seen.connect_s) flags += std::string(flags.empty() ? "" : ", ") + "--from REPORT";
  return answer.why + (flags.empty() ? "" : " (" + flags + ")");
}

AlertLine alert(std::string name, double utilization, std::int64_t connections,
                std::string meaning) {
  const auto c = static_cast<double>(connections);
  return {std::move(name), utilization,
          math::erlang_c(static_cast<std::uint64_t>(connections), utilization * c),
          std::move(meaning)};
}

void warn_of_memory(const SizeCase& c, const MemoryBound& memory, Recommendation& r) {
  constexpr double kMostWork = 0.25;
  constexpr double kMostInAll = 0.9;
  constexpr double kManyPageTables = 1536;
  if (!c.in.huge_pages && memory.page_tables > kManyPageTables) {
    r.warnings.push_back(
        fmt::format("page tables may take {:.0f} MiB: set huge_pages", memory.page_tables));
  }
  if (!memory.ram) return;
  if (memory.total > kMostInAll * *memory.ram) {
    r.warnings.push_back(fmt::format(
        "memory: up to {:.0f} of {:.0f} MiB ({}); the server may be killed for want of memory",
        memory.total, *memory.ram, memory.arithmetic));
  } else if (memory.work > kMostWork * *memory.ram) {
    r.warnings.push_back(fmt::format("work_mem may take {:.0f} of {:.0f} MiB, more than a quarter",
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
  r.idle_in_transaction_timeout_s = std::max(5.0, std::ceil(2 * hold_p99(c)));
  r.connect_timeout_s = r.pool_timeout_s > 3 ? 3 : 2;
  const std::string recycle_words = set_recycle(c, r);
  if (!hold_fits) {
    r.warnings.push_back(fmt::format(
        "a hold of {} (p99 near {}) does not fit into a deadline of {}: no pool size helps",
        seconds(*c.in.hold_s), human_duration(from_s(hold_p99(c))), seconds(deadline)));
  }
  judge_timeouts(c, r);
  return {
      fmt::format("deadline {} of a request; a longer wait than its rest is work for nobody",
                  seconds(deadline)),
      fmt::format("pool_timeout {} + statement_timeout {} stay within it",
                  seconds(r.pool_timeout_s), seconds(r.statement_timeout_s)),
      fmt::format("connect_timeout {}: a new connection is part of the wait",
                  seconds(r.connect_timeout_s)),
      fmt::format("idle_in_transaction_session_timeout {}: twice the longest usual hold, at least "
                  "5 s",
                  seconds(r.idle_in_transaction_timeout_s)),
      recycle_words,
      "pre-ping: one round trip for each checkout; keep it where connections can die silently"};
}

std::vector<AlertLine> alerts_of(const Recommendation& r) {
  const std::int64_t total = r.total();
  std::vector<AlertLine> lines = {
      alert("80 % checked out", 0.8, total, "the usual \"consider a larger pool\""),
      alert("90 % checked out", 0.9, total, "the usual \"scale at once\"")};
  if (r.max_overflow > 0) {
    const double half = static_cast<double>(r.pool_size) + static_cast<double>(r.max_overflow) / 2;
    lines.push_back(alert("half of the overflow in use", half / static_cast<double>(total), total,
                          "the usual \"review the traffic\""));
  }
  const double root = std::sqrt(static_cast<double>(total));
  constexpr double kWarn = 1.3;
  constexpr double kLeast = 0.05;
  if (1 - kWarn / root > kLeast) {
    lines.push_back(alert("warn here", 1 - kWarn / root, total, "1 − 1.3/√c: fits this size"));
    lines.push_back(alert("alarm here", 1 - 1 / root, total, "1 − 1/√c: fits this size"));
  }
  return lines;
}

MemoryBound memory_of(const SizeCase& c, Recommendation& r) {
  ServerMemory server;
  constexpr double kQuarter = 0.25;
  constexpr double kWithHugePages = 2;
  server.shared_buffers = c.in.shared_buffers_mib.value_or(
      c.in.memory_mib ? kQuarter * *c.in.memory_mib : server.shared_buffers);
  server.work_mem = c.in.work_mem_mib.value_or(server.work_mem);
  server.hash_mem_multiplier = c.in.hash_mem_multiplier.value_or(server.hash_mem_multiplier);
  server.connections = r.budget.needed + c.slots.others;
  server.active = r.budget.needed;
  if (c.in.huge_pages) server.backend = kWithHugePages;
  if (c.in.connection_mib) server.backend = *c.in.connection_mib;
  const MemoryFigures figures = memory_figures(server);
  MemoryBound bound;
  bound.shared_buffers = server.shared_buffers;
  bound.backends = figures.backends;
  bound.work = figures.work;
  // A measured connection has its page tables in it.
  bound.page_tables = c.in.huge_pages || c.in.connection_mib ? 0 : figures.page_tables;
  bound.total = figures.total + bound.page_tables;
  bound.ram = c.in.memory_mib;
  bound.arithmetic = fmt::format(
      "{:g} shared_buffers + {} connections × {:.3g}{} + {} at work × ({} sorts + {} hash × {:g}) "
      "× "
      "{:g} work_mem + {:.3g} page tables",
      server.shared_buffers, server.connections, server.backend,
      c.in.connection_mib ? " (measured)" : "", server.active, server.sorts, server.hashes,
      server.hash_mem_multiplier, server.work_mem, bound.page_tables);
  warn_of_memory(c, bound, r);
  return bound;
}

}  // namespace poolgauge
