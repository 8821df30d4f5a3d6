// The rules in the order they are asked, with their words and what would prove each wrong.
#include "assess/diagnosis.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "assess/diagnosis_rules.h"
#include "base/text.h"

namespace poolgauge {
namespace {

/// Events are named however few requests there were; resources and notes only from some on.
enum class Sort : std::uint8_t { event, resource, note };

struct Rule {
  std::string_view name, sentence, word;
  rules::Verdict (*judge)(const Figures&);
  std::string_view experiment;
  Sort sort = Sort::resource;
  std::string_view served =
      "";  ///< the experiment where throughput cannot rise: the load's own rate
};

constexpr std::string_view kBiggerPool =
    "double the pool: throughput should not rise by more than 5 %";
constexpr std::string_view kBiggerPoolServed = "double the pool: the latency should not fall";

constexpr Rule kRules[] = {
    {"slow_connects", "Connecting takes longer than the pool timeout.", "slow connections",
     rules::slow_connects, "raise the pool timeout tenfold: no request should time out",
     Sort::event},
    {"pooler_refuses", "The pooler rejects clients.", "pooler rejections", rules::pooler_refuses,
     "raise max_client_conn above the total size of all pools: no client should be rejected",
     Sort::event},
    {"read_upgrade", "Transactions that have read cannot write.", "lock upgrade",
     rules::read_upgrade,
     "run with \"transaction\": \"immediate\": these failures should disappear", Sort::event},
    {"writer_bound", "SQLite's single writer is the bottleneck.", "write lock", rules::writer_bound,
     "run with one user that writes: throughput of writes should not fall by more than 10 %",
     Sort::event},
    {"failing", "Most requests failed.", "failures", rules::failing,
     "run with one user: requests that still fail do not fail because of the load", Sort::event},
    {"client_bound", "The load generator is the bottleneck.", "load generator", rules::client_bound,
     "double --threads: throughput should rise by more than 5 %", Sort::event,
     "double --threads: the late start should shrink"},
    {"no_completions", "The run stalled.", "a stall", rules::no_completions,
     "run again with nothing else on the server: requests should complete in every second",
     Sort::event},
    {"stuck_requests", "Some requests never finished.", "stuck requests", rules::stuck_requests,
     "run five times as long: at the end, no request should be older than the slowest completed "
     "one",
     Sort::event},
    {"budget_bound", "The server has too few connection slots for the pools.", "connection budget",
     rules::budget_bound,
     "size the pools to fit the available slots: no connection should be refused", Sort::event},
    {"cpu_bound", "Database CPU is the bottleneck.", "database CPU", rules::cpu_bound, kBiggerPool,
     Sort::resource, kBiggerPoolServed},
    {"lock_bound", "Statements wait for locks held by other transactions.", "locks",
     rules::lock_bound, "halve the connections: throughput should not fall by more than 10 %"},
    {"lwlock_bound", "Statements wait for the database's internal locks (LWLocks).",
     "internal locks", rules::lwlock_bound,
     "halve the connections: throughput should not fall by more than 10 %"},
    {"io_bound", "Database storage is the bottleneck.", "storage", rules::io_bound,
     "run with a data set that fits into memory: statements should become faster"},
    {"commit_bound", "Commits are the bottleneck.", "commits", rules::commit_bound,
     "set synchronous_commit = off on a test server: COMMIT should take less than a fifth of the "
     "database time"},
    {"database_bound", "The database is the bottleneck.", "database", rules::database_bound,
     kBiggerPool, Sort::resource, kBiggerPoolServed},
    {"pooler_bound", "The pooler's server connections are the bottleneck.", "pooler",
     rules::pooler_bound, "double default_pool_size: throughput should rise by more than 5 %",
     Sort::resource, "double default_pool_size: the wait for a server connection should fall"},
    {"pool_bound", "The pool is the bottleneck.", "pool", rules::pool_bound,
     "double the pool: throughput should rise by more than 5 %, and the pool wait should fall",
     Sort::resource, "double the pool: the pool wait should fall"},
    {"unfair_pool", "The pool does not serve waiters in order.", "unfair pool", rules::unfair_pool,
     "run with --pool psycopg, which serves waiters in order: the timeouts should disappear"},
    {"connect_churn", "The pool keeps opening and closing connections.", "connection churn",
     rules::connect_churn,
     "run with a pool that keeps all its connections open: the pool wait should fall to less than "
     "a tenth of what it is now"},
    {"connect_bound", "Opening connections is the bottleneck.", "opening connections",
     rules::connect_bound,
     "run with a pool that keeps all its connections open, after a warm-up: the pool wait should "
     "fall"},
    {"hold_bound", "Connections are held while the application does other work.",
     "held connections", rules::hold_bound, ""},
    {"network_bound", "Network round trips take up most of the connection hold time.", "network",
     rules::network_bound, ""},
};

/// Asked when none of the above spoke; the first that speaks.
constexpr Rule kCalm[] = {
    {"too_few_requests", "Too few requests finished to identify a bottleneck.", "too few requests",
     rules::too_few_requests, ""},
    {"own_time", "No resource is exhausted: the requests themselves take this long.",
     "request time itself", rules::own_time, "run with one user: the latency should stay the same"},
    {"healthy", "No bottleneck: connections are available when requests need them.", "none",
     rules::healthy, ""},
};

/// True, but binding nothing: last.
constexpr Rule kNotes[] = {
    {"hold_bound", "Connections are held while the application does other work.",
     "held connections", rules::hold_unwaited, ""},
    {"budget_bound", "The server has too few connection slots for the pools.", "connection budget",
     rules::budget_risk,
     "size the pools to fit the available slots: no connection should be refused", Sort::note},
    {"failures_allowed", "Some requests failed, within what the goals allow.", "allowed failures",
     rules::failures_allowed,
     "run with one user: requests that still fail do not fail because of the load", Sort::note},
    {"log_kept", "SQLite's write-ahead log could not be written back.", "write-ahead log",
     rules::log_kept, "run without long read transactions: the log should stay below 16 MiB",
     Sort::note},
    {"over_provisioned", "The pool is larger than this load needs.", "larger than needed",
     rules::over_provisioned, "halve the pool: no request should wait for a connection"},
};

/// What is not a rule with figures alone.
constexpr Rule kFailures = {
    "failures",
    "Some requests failed.",
    "some failures",
    nullptr,
    "run with one user: requests that still fail do not fail because of the load",
    Sort::event};

constexpr Rule kLocksNotSimulated = {
    "locks_not_simulated",
    "The simulator cannot answer this: requests wait for each other's locks.",
    "locks, not simulated",
    rules::locks_not_simulated,
    "measure it with poolgauge run: the server should report no lock waits",
    Sort::event};

constexpr Rule kStandstills[] = {
    {"client_standstill", "Poolgauge itself was paused.", "poolgauge paused",
     rules::client_standstill,
     "run again on a machine that is never paused: the pause should not recur", Sort::event},
    {"standstill", "The server did not respond for a while.", "an unresponsive server",
     rules::standstill,
     "run again: if it recurs although nobody paused the server, the cause is the server or the "
     "network",
     Sort::event},
};

template <class Rules>
const Rule* find_in(const Rules& all, std::string_view name) {
  for (const Rule& rule : all) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

const Rule* find(std::string_view name) {
  if (name == kFailures.name) return &kFailures;
  if (name == kLocksNotSimulated.name) return &kLocksNotSimulated;
  for (const Rule* rule : {find_in(kRules, name), find_in(kCalm, name), find_in(kNotes, name)}) {
    if (rule != nullptr) return rule;
  }
  return find_in(kStandstills, name);
}

/// Busy with something that has a rule of its own: then "the database" says less.
bool says_what_of_database(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    for (const std::string_view name :
         {"cpu_bound", "lock_bound", "lwlock_bound", "io_bound", "commit_bound"}) {
      if (finding.finding == name) return true;
    }
  }
  return false;
}

/// Rules whose figures hold the time of a standstill as if it were a wait of the usual kind.
bool misled_by_standstill(const Rule& rule, const Figures& figures) {
  if (figures.standstills.empty()) return false;
  if (rule.judge == rules::pool_bound) return figures.waiting_otherwise.value_or(0) < 0.5;
  return rule.judge == rules::database_bound || rule.judge == rules::unfair_pool ||
         rule.judge == rules::connect_bound || rule.judge == rules::connect_churn ||
         rule.judge == rules::network_bound || rule.judge == rules::slow_connects;
}

void ask(const Rule& rule, const Figures& figures, std::vector<Finding>& findings) {
  if (rule.sort == Sort::resource && !rules::enough_requests(figures)) return;
  rules::Verdict finding = rule.judge(figures);
  if (!finding) return;
  // Where the load generator limits the throughput, it cannot rise either.
  const bool fixed_rate = figures.arrivals_decide || figures.client_saturated;
  const bool served = fixed_rate && !rule.served.empty() &&
                      (figures.arrivals_decide || rule.judge != rules::client_bound);
  if (finding->experiment.empty()) {
    finding->experiment =
        rules::possible_experiment(served ? rule.served : rule.experiment, figures);
  }
  findings.push_back(std::move(*finding));
}

void ask_standstills(const Figures& figures, std::vector<Finding>& findings) {
  for (const Rule& rule : kStandstills) ask(rule, figures, findings);
}

void ask_rules(const Figures& figures, std::vector<Finding>& findings) {
  for (const Rule& rule : kRules) {
    if (misled_by_standstill(rule, figures)) continue;
    if (rule.judge == rules::client_bound && rules::client_standstill(figures)) continue;
    if (rule.judge == rules::database_bound && says_what_of_database(findings)) continue;
    ask(rule, figures, findings);
  }
}

/// Failures that nothing above explains come before what is only slow, but not before what explains
/// more of them.
void add_failures(const Figures& figures, std::size_t place, std::vector<Finding>& findings) {
  rules::Verdict finding = rules::failures(figures, findings);
  if (!finding) return;
  finding->experiment = kFailures.experiment;
  const bool most = 2 * rules::unexplained_failures(figures, findings) >= figures.requests.failed;
  const auto at = most ? findings.begin() + static_cast<std::ptrdiff_t>(place) : findings.end();
  findings.insert(at, std::move(*finding));
}

void add_calm(const Figures& figures, std::vector<Finding>& findings) {
  for (const Rule& rule : kCalm) {
    rules::Verdict finding = rule.judge(figures);
    if (!finding) continue;
    finding->experiment = rule.experiment;
    findings.push_back(std::move(*finding));
    return;
  }
}

}  // namespace

std::vector<Finding> diagnose(const Figures& figures) {
  std::vector<Finding> findings;
  ask(kLocksNotSimulated, figures, findings);
  if (!findings.empty()) return findings;
  if (figures.requests.ended() == 0) {
    ask_standstills(figures, findings);
    if (!findings.empty()) return findings;
    if (rules::Verdict finding = rules::nothing_ended(figures)) {
      findings.push_back(std::move(*finding));
    }
    return findings;
  }
  const bool first = rules::stood_still_long(figures);
  if (first) ask_standstills(figures, findings);
  const std::size_t place = findings.size();
  ask_rules(figures, findings);
  add_failures(figures, place, findings);
  if (!first) ask_standstills(figures, findings);
  if (findings.empty()) add_calm(figures, findings);
  for (const Rule& rule : kNotes) ask(rule, figures, findings);
  return findings;
}

std::string amount(double value) {
  if (value >= 100) return with_thousands(static_cast<std::uint64_t>(std::llround(value)));
  if (value != 0 && value < 0.05) return significant(value, 1);
  return fmt::format("{:.1f}", value);
}

std::string headline(std::string_view finding) {
  const Rule* known = find(finding);
  return std::string(known != nullptr ? known->sentence : finding);
}

std::string headline(const Finding& finding) {
  return finding.headline.empty() ? headline(finding.finding) : finding.headline;
}

std::string further_headline(const Finding& finding) {
  std::string text = headline(finding);
  for (const auto& [main, further] : {std::pair{" is the bottleneck", " is a further limit"},
                                      std::pair{" are the bottleneck", " are a further limit"}}) {
    const std::size_t at = text.find(main);
    if (at != std::string::npos) text.replace(at, std::string(main).size(), further);
  }
  return text;
}

std::string short_name(std::string_view finding) {
  const Rule* known = find(finding);
  return std::string(known != nullptr ? known->word : finding);
}

}  // namespace poolgauge
