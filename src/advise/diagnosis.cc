// The rules in the order they are asked, with their words and what would prove each wrong.
#include "advise/diagnosis.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "advise/diagnosis_rules.h"
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
};

constexpr std::string_view kBiggerPool =
    "run with twice the pool: throughput must not rise by more than 5 %";

constexpr Rule kRules[] = {
    {"slow_connects", "Connecting takes longer than the pool waits.", "slow connects",
     rules::slow_connects, "run with ten times the pool's limit: no request may time out",
     Sort::event},
    {"pooler_refuses", "The pooler refuses clients.", "pooler refuses", rules::pooler_refuses,
     "run with a max_client_conn above the connections of all pools: nobody may be refused",
     Sort::event},
    {"failing", "Most requests failed.", "failures", rules::failing,
     "run with one user: what fails then does not fail for the load", Sort::event},
    {"client_bound", "The load generator is the bottleneck, not what it loads.", "load generator",
     rules::client_bound,
     "run with twice the --threads or on a larger machine: throughput must rise by more than 5 %",
     Sort::event},
    {"no_completions", "The run stalled.", "a stall", rules::no_completions,
     "run again with nothing else on the server: no second may pass without a completion",
     Sort::event},
    {"stuck_requests", "Some requests did not come to an end.", "stuck requests",
     rules::stuck_requests,
     "run five times as long: no request may be older at the end than the slowest completed one",
     Sort::event},
    {"budget_bound", "The server has too few connection slots for the pools.", "connection budget",
     rules::budget_bound, "run with pools that fit the slots: no connection may be refused",
     Sort::event},
    {"cpu_bound", "The database's processors are the bottleneck.", "database CPU", rules::cpu_bound,
     kBiggerPool},
    {"lock_bound", "Statements wait for each other's locks.", "locks", rules::lock_bound,
     "run with half the connections: throughput must not fall by more than 10 %"},
    {"lwlock_bound", "Statements wait for the database's internal locks.", "internal locks",
     rules::lwlock_bound,
     "run with half the connections: throughput must not fall by more than 10 %"},
    {"io_bound", "The database's storage is the bottleneck.", "storage", rules::io_bound,
     "run with a data set that fits into memory: the statements must become faster"},
    {"commit_bound", "Committing is the bottleneck.", "commits", rules::commit_bound,
     "run a test server with synchronous_commit = off: COMMIT must fall below a fifth of the time "
     "in the database"},
    {"database_bound", "The database is the bottleneck.", "database", rules::database_bound,
     kBiggerPool},
    {"pooler_bound", "The pooler's server connections are the bottleneck.", "pooler",
     rules::pooler_bound,
     "run with twice default_pool_size: throughput must rise by more than 5 %"},
    {"pool_bound", "The pool is the bottleneck.", "pool", rules::pool_bound,
     "run with twice the pool: throughput must rise by more than 5 %, and the wait must fall"},
    {"unfair_pool", "The pool serves its waiters unfairly.", "unfair pool", rules::unfair_pool,
     "run with --pool psycopg, which serves in order: the timeouts must disappear"},
    {"connect_churn", "The pool opens and closes connections all the time.", "connection churn",
     rules::connect_churn,
     "run with a pool that keeps all it may open: the wait must fall below a tenth"},
    {"connect_bound", "Opening connections is the bottleneck.", "connecting", rules::connect_bound,
     "run with a pool that keeps all it may open, after a warm-up: the wait must fall"},
    {"hold_bound", "Connections are held while the application does other work.",
     "held connections", rules::hold_bound,
     "poolgauge simulate the report with --release-during that step, then measure it: as many "
     "fewer connections must be in use"},
    {"network_bound", "Connections spend their time on the way to the server and back.", "network",
     rules::network_bound,
     "run on a machine beside the server: the connection time must fall by about that share"},
};

/// Asked when none of the above spoke; the first that speaks.
constexpr Rule kCalm[] = {
    {"too_few_requests", "Too few requests ended to name a bottleneck.", "too few requests",
     rules::too_few_requests, ""},
    {"own_time", "Nothing is exhausted: the requests take that long by themselves.",
     "their own time", rules::own_time, "run with one user: the latency must stay as it is"},
    {"healthy", "No bottleneck: requests get a connection when they ask.", "none", rules::healthy,
     ""},
};

/// True, but binding nothing: last.
constexpr Rule kNotes[] = {
    {"hold_bound", "Connections are held while the application does other work.",
     "held connections", rules::hold_unwaited,
     "poolgauge simulate the report with --release-during that step, then measure it: as many "
     "fewer connections must be in use"},
    {"budget_bound", "The server has too few connection slots for the pools.", "connection budget",
     rules::budget_risk, "run with pools that fit the slots: no connection may be refused",
     Sort::note},
    {"failures_allowed", "Requests failed, as far as the goals allow.", "allowed failures",
     rules::failures_allowed, "run with one user: what fails then does not fail for the load",
     Sort::note},
    {"over_provisioned", "The pool is larger than this load needs.", "larger than needed",
     rules::over_provisioned, "run with half the pool: nobody may wait for a connection"},
};

/// What is not a rule with figures alone.
constexpr Rule kFailures = {"failures",
                            "Some requests failed.",
                            "some failures",
                            nullptr,
                            "run with one user: what fails then does not fail for the load",
                            Sort::event};

constexpr Rule kLocksNotSimulated = {
    "locks_not_simulated",
    "A simulation cannot answer this: requests wait for each other's locks.",
    "locks, not simulated",
    rules::locks_not_simulated,
    "run it: the server's wait events must name no locks",
    Sort::event};

constexpr Rule kStandstills[] = {
    {"client_standstill", "Poolgauge itself stood still.", "poolgauge stood still",
     rules::client_standstill,
     "run again on a machine that is never paused: the standstill must not recur", Sort::event},
    {"standstill", "The server answered nothing for a while.", "a standstill", rules::standstill,
     "run again: if it recurs and nobody paused the server, the server or the network causes it",
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
  finding->experiment = rule.experiment;
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

std::string short_name(std::string_view finding) {
  const Rule* known = find(finding);
  return std::string(known != nullptr ? known->word : finding);
}

}  // namespace poolgauge
