// The rules of the diagnosis, one function each, in the order they are asked.
#include "advise/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "advise/failure_advice.h"
#include "base/text.h"

namespace poolgauge {
namespace {

// Shares from which a rule speaks. A wait below a tenth of the latency is not what to fix first.
constexpr double kWaitShare = 0.10;
constexpr double kWaitedFraction = 0.05;
constexpr double kHoldShare = 0.30;
constexpr double kSqlShare = 0.50;
constexpr double kTimeoutFraction = 0.01;
/// Fewer statements at a time than this is one user's own work, not a busy server.
constexpr double kBusyStatements = 1.5;
/// Waiters of a fair pool are served shortly before the limit that others miss; these are not.
constexpr double kUnfairWaitShare = 0.10;

struct FindingName {
  std::string_view name, sentence, word;
};
constexpr std::array<FindingName, 9> kFindingNames = {{
    {"failing", "Most requests failed.", "failures"},
    {"client_bound", "The load generator is the bottleneck, not what it loads.", "load generator"},
    {"database_bound", "The database is the bottleneck.", "database"},
    {"pool_bound", "The pool is the bottleneck.", "pool"},
    {"pooler_bound", "The pooler's server connections are the bottleneck.", "pooler"},
    {"unfair_pool", "The pool serves its waiters unfairly.", "unfair pool"},
    {"connect_bound", "Opening connections is the bottleneck.", "connecting"},
    {"hold_bound", "Connections are held while the application does other work.",
     "held connections"},
    {"healthy", "No bottleneck: requests get a connection when they ask.", "none"},
}};

using Rule = std::optional<Finding> (*)(const Figures&);

std::string ms(double value) {
  return human_duration(from_ms(value));
}

double share(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

double wait_share(const Figures& f) {
  return share(f.mean_ms.pool_wait, f.mean_ms.total());
}

double sql_ms(const Figures& f) {
  return f.mean_ms.begin + f.mean_ms.sql + f.mean_ms.commit;
}

/// Statements running at a time: as the server saw it, else by Little's law from our own timing.
double statements_at_a_time(const Figures& f) {
  if (f.server_seen) return f.server_active_mean;
  return f.window_s > 0 ? static_cast<double>(f.requests.completed) / f.window_s * sql_ms(f) / 1e3
                        : 0;
}

std::uint64_t count_of(const Figures& f, FailureClass which) {
  std::uint64_t sum = 0;
  for (const FailureCount& failure : f.failures) {
    if (failure.failure == which) sum += failure.count;
  }
  return sum;
}

double timeout_fraction(const Figures& f) {
  return share(static_cast<double>(count_of(f, FailureClass::pool_timeout)),
               static_cast<double>(f.requests.ended()));
}

bool pool_was_full(const Figures& f) {
  return f.capacity >= 0 && f.peak_checked_out >= f.capacity && f.peak_waiting > 0;
}

bool wait_matters(const Figures& f) {
  return wait_share(f) >= kWaitShare || f.waited_fraction >= kWaitedFraction ||
         timeout_fraction(f) >= kTimeoutFraction;
}

std::optional<Finding> failing(const Figures& f) {
  if (f.requests.failed <= f.requests.completed) return std::nullopt;
  const FailureClass top = most_frequent_class(f.failures);
  const std::uint64_t of_class = count_of(f, top);
  std::string evidence =
      fmt::format("{} of {} requests failed, {} of them with {}: {}.",
                  with_thousands(f.requests.failed), with_thousands(f.requests.ended()),
                  of_class == f.requests.failed ? "all" : with_thousands(of_class), name_of(top),
                  meaning_of(top));
  const std::string example = example_of(f.failures, top);
  if (!example.empty()) evidence += " The first one said: " + example;
  return Finding{"failing", evidence, cure_of(top)};
}

std::optional<Finding> client_bound(const Figures& f) {
  if (!f.client_saturated) return std::nullopt;
  return Finding{"client_bound", fmt::format("It could not keep up: {}.", f.client_troubles),
                 "give the client more --threads or a machine of its own, or ask for less load"};
}

std::optional<Finding> database_bound(const Figures& f) {
  const double running = statements_at_a_time(f);
  const double sql_share = share(sql_ms(f), f.mean_ms.total());
  if (sql_share < kSqlShare || wait_share(f) >= kWaitShare || running < kBusyStatements ||
      running < 0.5 * (f.checked_out_mean + f.checked_out_elsewhere_mean)) {
    return std::nullopt;
  }
  std::string evidence = fmt::format(
      "{} of the latency is SQL, {} statements were running at a time, and the wait for "
      "a connection is only {} of the latency.",
      percent(sql_share), amount(running), percent(wait_share(f)));
  if (f.server_lock_mean >= 0.1 * running) {
    evidence += fmt::format(" {} of them were waiting for locks.", amount(f.server_lock_mean));
  }
  std::string advice = "more connections will not help: make the statements cheaper";
  if (f.longest_sql) {
    advice += fmt::format(", first step \"{}\" (mean {})", f.longest_sql->name,
                          ms(f.longest_sql->mean_ms));
  }
  return Finding{"database_bound", evidence, advice};
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
  if (f.server_seen && f.server_idle_in_transaction_mean >= 0.3 * f.checked_out_mean) {
    text += fmt::format("; {} of the {} were idle in transaction",
                        amount(f.server_idle_in_transaction_mean),
                        always ? fmt::format("{}", f.capacity) : amount(f.checked_out_mean));
    if (f.longest_hold) text += fmt::format(" (step \"{}\")", f.longest_hold->name);
  }
  return text + ".";
}

std::string server_text(const Figures& f) {
  if (!f.server_seen) return "";
  const std::string locks = f.server_lock_mean < 0.05 ? "no lock waits"
                                                      : fmt::format("{} of them waiting for locks",
                                                                    amount(f.server_lock_mean));
  const bool busy = f.server_active_mean >= 0.5 * f.checked_out_mean;
  return fmt::format(" The database was {}: {} statements running at a time, {}.",
                     busy ? "busy too" : "not busy", amount(f.server_active_mean), locks);
}

/// How many connections would have left nobody waiting, and how we know.
std::string larger_pool(const Figures& f) {
  double wanted = static_cast<double>(f.peak_checked_out) + static_cast<double>(f.peak_waiting);
  std::string why = fmt::format("{} in use + {} waiting at the peak", f.peak_checked_out,
                                with_thousands(f.peak_waiting));
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

std::optional<Finding> pool_bound(const Figures& f) {
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

std::optional<Finding> unfair_pool(const Figures& f) {
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

std::optional<Finding> connect_bound(const Figures& f) {
  const double in_connect = share(f.connect_mean_ms * static_cast<double>(f.connects),
                                  f.mean_ms.pool_wait * static_cast<double>(f.requests.completed));
  if (pool_was_full(f) || wait_share(f) < kWaitShare || in_connect < 0.5) return std::nullopt;
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

std::optional<Finding> hold_bound(const Figures& f) {
  const double held = share(f.mean_ms.hold, f.connection_time_mean_ms);
  if (held < kHoldShare || !f.longest_hold) return std::nullopt;
  std::string evidence = fmt::format(
      "{} of the time a connection is checked out it only waits for the application (step \"{}\"): "
      "{} of {} per request.",
      percent(std::min(held, 1.0)), f.longest_hold->name, ms(f.mean_ms.hold),
      ms(f.connection_time_mean_ms));
  if (!pool_was_full(f)) evidence += " Nobody waits for a connection yet; this fills a pool first.";
  return Finding{
      "hold_bound", evidence,
      fmt::format("give the connection back during \"{}\": end the transaction before it "
                  "and check out again after it",
                  f.longest_hold->name)};
}

std::optional<Finding> pooler_bound(const Figures& f) {
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

Finding healthy(const Figures& f) {
  std::string evidence = f.capacity >= 0
                             ? fmt::format("At most {} of {} connections were checked out",
                                           with_thousands(f.peak_checked_out), f.capacity)
                             : fmt::format("At most {} connections were checked out",
                                           with_thousands(f.peak_checked_out));
  if (f.pool_wait_p95_ms) {
    evidence += fmt::format(", a request waited {} (p95) for one", ms(*f.pool_wait_p95_ms));
    if (f.connection_time_p95_ms) {
      evidence += fmt::format(" and used it for {} (p95)", ms(*f.connection_time_p95_ms));
    }
  }
  return {"healthy", evidence + ".", ""};
}

}  // namespace

std::vector<Finding> diagnose(const Figures& figures) {
  std::vector<Finding> findings;
  if (figures.requests.ended() == 0) return findings;
  constexpr std::array<Rule, 8> kRules = {failing,    client_bound, database_bound, pooler_bound,
                                          pool_bound, unfair_pool,  connect_bound,  hold_bound};
  for (const Rule rule : kRules) {
    if (std::optional<Finding> finding = rule(figures)) findings.push_back(std::move(*finding));
  }
  if (findings.empty()) findings.push_back(healthy(figures));
  return findings;
}

std::string amount(double value) {
  if (value >= 100) return with_thousands(static_cast<std::uint64_t>(std::llround(value)));
  if (value != 0 && value < 0.05) return significant(value, 1);
  return fmt::format("{:.1f}", value);
}

std::string headline(std::string_view finding) {
  for (const FindingName& known : kFindingNames) {
    if (known.name == finding) return std::string(known.sentence);
  }
  return std::string(finding);
}

std::string short_name(std::string_view finding) {
  for (const FindingName& known : kFindingNames) {
    if (known.name == finding) return std::string(known.word);
  }
  return std::string(finding);
}

}  // namespace poolgauge
