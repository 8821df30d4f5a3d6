// Rules about pools and their connections.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "advise/diagnosis_rules.h"
#include "base/text.h"

namespace poolgauge::rules {
namespace {

// Shares from which a rule speaks.
constexpr double kWaitedFraction = 0.05;
constexpr double kHoldShare = 0.30;
constexpr double kTimeoutFraction = 0.01;
/// Waiters of a fair pool are served shortly before the limit that others miss; these are not.
constexpr double kUnfairWaitShare = 0.10;

bool wait_matters(const Figures& f) {
  return wait_share(f) >= kWaitShare || f.waited_fraction >= kWaitedFraction ||
         timeout_fraction(f) >= kTimeoutFraction;
}

std::string usage_text(const Figures& f) {
  const bool always = f.checked_out_mean >= 0.98 * static_cast<double>(f.capacity);
  std::string text =
      always ? fmt::format("{} of {} connections were checked out all the time", f.capacity,
                           f.capacity)
             : fmt::format(
                   "{} of {} connections were checked out on average and all of them at the "
                   "peak",
                   amount(f.checked_out_mean), f.capacity);
  text +=
      fmt::format(", {}{} requests waited", always ? "" : "up to ", with_thousands(f.peak_waiting));
  // The server is sampled and sees all pools; the pools' mean is exact: a part of it stays one.
  const double all = f.checked_out_mean + f.checked_out_elsewhere_mean;
  const double idle = std::min(f.server_idle_in_transaction_mean, all);
  if (f.server_seen && idle >= 0.3 * all) {
    const bool alone = always && f.checked_out_elsewhere_mean == 0;
    text += fmt::format("; {} of the {} were idle in transaction", amount(idle),
                        alone ? fmt::format("{}", f.capacity) : amount(all));
    if (f.longest_hold) text += fmt::format(" (step \"{}\")", f.longest_hold->name);
  }
  return text + ".";
}

std::string server_text(const Figures& f) {
  if (!f.server_seen) return "";
  const double locked = std::min(f.server_lock_mean, f.server_active_mean);
  const std::string locks =
      locked < 0.05 ? "no lock waits" : fmt::format("{} of them waiting for locks", amount(locked));
  const bool busy = f.server_active_mean >= 0.5 * f.checked_out_mean || cpu_bound(f);
  return fmt::format(" The database was {}: {} statements running at a time, {}.",
                     busy ? "busy too" : "not busy", amount(f.server_active_mean), locks);
}

/// How many connections would have left nobody waiting, and how we know.
std::string larger_pool(const Figures& f) {
  // The peaks of the two need not fall together: their sum would be more than there are users.
  double wanted = static_cast<double>(f.peak_demand);
  const auto in_use = std::min(f.peak_checked_out, f.peak_demand);
  std::string why = fmt::format("{} in use + {} waiting at the peak", in_use,
                                with_thousands(f.peak_demand - in_use));
  if (f.open_rate_per_s && f.connection_time_mean_ms > 0) {
    // A queue that grows says nothing about the need; the offered load does.
    wanted = std::ceil(*f.open_rate_per_s * f.connection_time_mean_ms / 1e3 * 1.2);
    why = fmt::format("{} requests/s × {} each, and a fifth to spare",
                      fmt::format("{:.6g}", *f.open_rate_per_s), ms(f.connection_time_mean_ms));
  }
  if (wanted <= static_cast<double>(f.capacity)) return "";
  const std::string all = with_thousands(static_cast<std::uint64_t>(wanted));
  if (f.server_slots > 0 && wanted > static_cast<double>(f.server_slots)) {
    return fmt::format(
        "a larger pool, as far as the server goes: it has {} slots for clients, and only with "
        "{} connections would nobody wait ({})",
        with_thousands(static_cast<std::uint64_t>(f.server_slots)), all, why);
  }
  std::string text = fmt::format("a larger pool: up to {} connections", all);
  if (f.processes > 1) {
    const double each = std::ceil(wanted / f.processes);
    text +=
        fmt::format(" in all, {} per process", with_thousands(static_cast<std::uint64_t>(each)));
  }
  return text + fmt::format(" ({})", why);
}

/// Connections that the pool itself closes again are opened for somebody who waits.
bool churns(const Figures& f) {
  constexpr double kChurn = 0.01, kCost = 0.05;
  const double churn = share(static_cast<double>(f.closes), static_cast<double>(f.checkouts));
  const double cost = share(f.connect_mean_ms * churn, f.mean_ms.total());
  return churn >= kChurn && cost >= kCost;
}

Verdict churning(const Figures& f) {
  return Finding{
      "connect_bound",
      fmt::format("{} of {} checkouts opened a connection that was closed again, at {} "
                  "each.",
                  with_thousands(f.closes), with_thousands(f.checkouts), ms(f.connect_mean_ms)),
      "keep more connections open: a larger pool_size with as much less max_overflow, a "
      "longer recycle or lifetime"};
}

}  // namespace

Verdict pooler_bound(const Figures& f) {
  const bool full =
      f.pooler_size > 0 && f.pooler_servers_mean >= 0.9 * static_cast<double>(f.pooler_size);
  if (!full || f.pooler_waiting_mean < 1) return std::nullopt;
  return Finding{"pooler_bound",
                 fmt::format("On average {:.1f} of the pooler's {} server connections were in use "
                             "and {:.1f} clients waited for one; their wait counts in the "
                             "statements, BEGIN and COMMIT.",
                             f.pooler_servers_mean, f.pooler_size, f.pooler_waiting_mean),
                 "a larger default_pool_size, as far as the server goes, or shorter transactions"};
}

Verdict pool_bound(const Figures& f) {
  if (!pool_was_full(f) || !wait_matters(f)) return std::nullopt;
  std::string evidence;
  if (f.pool_wait_p95_ms && f.connection_time_p95_ms) {
    evidence =
        fmt::format("A request waits {} (p95) for a connection that it then uses for {} (p95). ",
                    ms(*f.pool_wait_p95_ms), ms(*f.connection_time_p95_ms));
  }
  if (const std::uint64_t timeouts = count_of(f, FailureClass::pool_timeout); timeouts > 0) {
    evidence += fmt::format("{} requests ({}) got none within the pool's timeout. ",
                            with_thousands(timeouts), percent(timeout_fraction(f)));
  }
  if (!f.pool_name.empty()) evidence += fmt::format("In pool \"{}\", ", f.pool_name);
  evidence += usage_text(f) + server_text(f);
  const double running = statements_at_a_time(f);
  std::string advice = larger_pool(f);
  if (running >= 0.8 * f.checked_out_mean) {
    advice =
        "make the statements cheaper: the connections are working, so a larger pool helps only "
        "if the server has idle cores";
  } else if (advice.empty()) {
    advice = "shorten the time each request keeps its connection";
  }
  return Finding{"pool_bound", evidence, advice};
}

Verdict unfair_pool(const Figures& f) {
  const std::uint64_t timeouts = count_of(f, FailureClass::pool_timeout);
  const bool takes_again = f.pool_kind == "sqlalchemy" || f.pool_kind == "hikari";
  if (!takes_again || timeouts == 0 || !f.pool_timeout_ms || !f.pool_wait_p50_ms) {
    return std::nullopt;
  }
  if (*f.pool_wait_p50_ms > kUnfairWaitShare * *f.pool_timeout_ms) return std::nullopt;
  return Finding{
      "unfair_pool",
      fmt::format(
          "{} requests ({}) timed out after {}, while half of the others waited less than "
          "{}: the thread that gives a connection back takes it again before a waiter wakes.",
          with_thousands(timeouts), percent(timeout_fraction(f)),
          format_duration(from_ms(*f.pool_timeout_ms)), ms(std::max(*f.pool_wait_p50_ms, 0.001))),
      "have as many connections as threads that ask at a time, or a pool that serves in order "
      "(psycopg's does); a longer timeout only delays the failures"};
}

Verdict connect_bound(const Figures& f) {
  const double in_connect = share(f.connect_mean_ms * static_cast<double>(f.connects),
                                  f.mean_ms.pool_wait * static_cast<double>(f.requests.completed));
  const bool slow = !pool_was_full(f) && wait_share(f) >= kWaitShare && in_connect >= 0.5;
  if (!slow && churns(f)) return churning(f);
  if (!slow) return std::nullopt;
  return Finding{
      "connect_bound",
      fmt::format("{} of the latency is getting a connection, mostly opening it: {} "
                  "connections were opened at {} each.",
                  percent(wait_share(f)), with_thousands(f.connects), ms(f.connect_mean_ms)),
      f.pool_kind == "none"
          ? "keep connections open in a pool instead of connecting for each request"
          : "keep more connections open: raise what the pool keeps (pool_size, minimumIdle, "
            "min_size, MaxIdleConns)"};
}

Verdict hold_bound(const Figures& f) {
  const double held = share(f.mean_ms.hold, f.connection_time_mean_ms);
  if (held < kHoldShare || !f.longest_hold) return std::nullopt;
  std::string evidence = fmt::format(
      "{} of the time a connection is checked out it only waits for the application (step \"{}\"): "
      "{} of {} per request.",
      percent(std::min(held, 1.0)), f.longest_hold->name,
      ms(std::min(f.mean_ms.hold, f.connection_time_mean_ms)), ms(f.connection_time_mean_ms));
  if (!pool_was_full(f)) evidence += " Nobody waits for a connection yet; this fills a pool first.";
  return Finding{
      "hold_bound", evidence,
      fmt::format("give the connection back during \"{}\": end the transaction before it "
                  "and check out again after it",
                  f.longest_hold->name)};
}

// The peak stands for the 99th percentile: more cautious, and known exactly.
Verdict over_provisioned(const Figures& f) {
  constexpr std::int64_t kFewest = 4;
  const bool own_limit = f.pool_kind != "none" && f.pool_kind != "fixed";
  const bool roomy =
      f.capacity >= kFewest && 2 * static_cast<std::int64_t>(f.peak_checked_out) < f.capacity;
  if (!own_limit || !roomy || f.peak_waiting > 0 || f.requests.failed > 0) return std::nullopt;
  const std::int64_t least = std::max<std::int64_t>(
      f.processes, static_cast<std::int64_t>(f.peak_checked_out) * 5 / 4 + 1);
  return Finding{"over_provisioned",
                 fmt::format("Never more than {} of {} connections were in use; {} were open on "
                             "average.",
                             with_thousands(f.peak_checked_out), f.capacity, amount(f.open_mean)),
                 fmt::format("{} connections would do for this load and leave {} server slots to "
                             "others",
                             least, f.capacity - least)};
}

}  // namespace poolgauge::rules
