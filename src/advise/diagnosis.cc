// The rules in the order they are asked, with their words and what would prove each wrong.
#include "advise/diagnosis.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "advise/diagnosis_rules.h"
#include "base/text.h"

namespace poolgauge {
namespace {

struct Rule {
  std::string_view name, sentence, word;
  rules::Verdict (*judge)(const Figures&);
  std::string_view experiment;
};

constexpr std::string_view kBiggerPool =
    "run with twice the pool: throughput must not rise by more than 5 %";

constexpr std::array<Rule, 18> kRules = {{
    {"failing", "Most requests failed.", "failures", rules::failing,
     "run with one user: what fails then does not fail for the load"},
    {"client_bound", "The load generator is the bottleneck, not what it loads.", "load generator",
     rules::client_bound,
     "run with twice the --threads or on a larger machine: throughput must rise by more than 5 %"},
    {"no_completions", "The run stalled.", "a stall", rules::no_completions,
     "run again with nothing else on the server: no second may pass without a completion"},
    {"stuck_requests", "Some requests did not come to an end.", "stuck requests",
     rules::stuck_requests,
     "run five times as long: no request may be older at the end than the slowest completed one"},
    {"budget_bound", "The server has too few connection slots for the pools.", "connection budget",
     rules::budget_bound, "run with pools that fit the slots: no connection may be refused"},
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
    {"connect_bound", "Opening connections is the bottleneck.", "connecting", rules::connect_bound,
     "run with a pool that keeps all it may open (max_overflow 0): the wait must fall"},
    {"hold_bound", "Connections are held while the application does other work.",
     "held connections", rules::hold_bound,
     "poolgauge simulate the report with --release-during that step, then measure it: as many "
     "fewer connections must be in use"},
    {"network_bound", "Connections spend their time on the way to the server and back.", "network",
     rules::network_bound,
     "run on a machine beside the server: the connection time must fall by about that share"},
    {"healthy", "No bottleneck: requests get a connection when they ask.", "none", nullptr, ""},
}};
constexpr Rule kOverProvisioned = {"over_provisioned", "The pool is larger than this load needs.",
                                   "larger than needed", rules::over_provisioned,
                                   "run with half the pool: nobody may wait for a connection"};

constexpr std::array<Rule, 2> kStandstills = {{
    {"client_standstill", "Poolgauge itself stood still.", "poolgauge stood still",
     rules::client_standstill,
     "run again on a machine that is never paused: the standstill must not recur"},
    {"standstill", "The server answered nothing for a while.", "standstill", rules::standstill,
     "run again: if it recurs and nobody paused the server, the server or the network causes it"},
}};

const Rule* find(std::string_view name) {
  if (name == kOverProvisioned.name) return &kOverProvisioned;
  for (const Rule& rule : kStandstills) {
    if (rule.name == name) return &rule;
  }
  for (const Rule& rule : kRules) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
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
         rule.judge == rules::connect_bound || rule.judge == rules::network_bound;
}

void ask(const Rule& rule, const Figures& figures, std::vector<Finding>& findings) {
  rules::Verdict finding = rule.judge(figures);
  if (!finding) return;
  finding->experiment = rule.experiment;
  findings.push_back(std::move(*finding));
}

}  // namespace

std::vector<Finding> diagnose(const Figures& figures) {
  std::vector<Finding> findings;
  if (figures.requests.ended() == 0) {
    for (const Rule& rule : kStandstills) ask(rule, figures, findings);
    return findings;
  }
  const auto ask_standstills = [&] {
    for (const Rule& rule : kStandstills) ask(rule, figures, findings);
  };
  const bool first = rules::stood_still_long(figures);
  if (first) ask_standstills();
  for (const Rule& rule : kRules) {
    if (rule.judge == nullptr || misled_by_standstill(rule, figures)) continue;
    if (rule.judge == rules::client_bound && rules::client_standstill(figures)) continue;
    if (rule.judge == rules::database_bound && says_what_of_database(findings)) continue;
    ask(rule, figures, findings);
  }
  if (!first) ask_standstills();
  if (findings.empty()) findings.push_back(*rules::healthy(figures));
  ask(kOverProvisioned, figures, findings);
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

std::string short_name(std::string_view finding) {
  const Rule* known = find(finding);
  return std::string(known != nullptr ? known->word : finding);
}

}  // namespace poolgauge
