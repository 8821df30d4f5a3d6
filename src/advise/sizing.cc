// From a sizing question to its answer: what is wanted, what fits, and the words for both.
#include "poolgauge/sizing.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "advise/rules.h"
#include "advise/size_case.h"
#include "advise/snippets.h"
#include "base/text.h"
#include "math/queues.h"

namespace poolgauge {

namespace {

constexpr double kOpeningShare = 0.005;   // of the checkouts may open a connection
constexpr double kClientsKeptFree = 0.1;  // of a pooler's max_client_conn

Error nothing_left(const SizeCase& c) {
  const std::int64_t left = c.slots.max_connections - c.slots.reserved - c.slots.others;
  return {ErrorKind::usage,
          fmt::format("no pool fits: the server has no connection slot left for the fleet\n  "
                      "max_connections {} − {} reserved − {} other clients = {}",
                      c.slots.max_connections, c.slots.reserved, c.slots.others, whole_words(left)),
          "raise --max-connections, or reduce the number of other clients"};
}

constexpr double kMostConnectionsOfAPool = 100'000;

/// No pool of any size carries the load: the inputs cannot be meant. Empty: one does.
std::string unservable(const SizeCase& c) {
  if (!c.knows_demand()) return "";
  const double each = c.in.pgbouncer
                          ? c.fleet_erlangs(*c.in.hold_s) / static_cast<double>(c.poolers())
                          : c.pool_erlangs(*c.in.hold_s);
  const bool bounded = !c.in.pgbouncer && c.most_in_use().has_value();
  if (bounded || each < kMostConnectionsOfAPool) return "";
  return fmt::format(
      "--rate {} and --hold {} keep {} connections busy on average{}: no pool of up "
      "to {} can carry this load",
      significant(*c.in.rate_per_s), human_duration(from_s(*c.in.hold_s)),
      whole_words(static_cast<std::int64_t>(std::llround(each))),
      c.pools() > 1 && !c.in.pgbouncer ? " in each pool" : "",
      whole_words(static_cast<std::int64_t>(kMostConnectionsOfAPool)));
}

/// pool_size is the smallest with which hardly a checkout opens a connection; without a known
/// demand a third of the total is overflow.
PoolShape split(const SizeCase& c, std::int64_t total) {
  if (!c.in.names.closes_at_return) return {total, 0};  // what is opened stays for a while
  if (!c.knows_demand()) return {total - total / 3, total / 3};
  constexpr std::int64_t kLargestChain = 1000;  // beyond it overflow saves nothing worth the work
  if (total > kLargestChain) return {total, 0};
  const auto kept = static_cast<std::int64_t>(math::pool_size_for_churn(
      c.pool_rate(), *c.in.hold_s, static_cast<std::uint64_t>(total), kOpeningShare));
  return {kept, total - kept};
}

/// Where the answer opens more than its size, although somebody said that it should not.
std::string instead_of_given(const SizeCase& c, const PoolShape& pool) {
  if (c.in.max_overflow != 0 || pool.max_overflow == 0 || !c.counts_overflow()) return "";
  return fmt::format("; {} {} would replace the given 0", c.in.names.overflow, pool.max_overflow);
}

void explain_split(const SizeCase& c, const PoolShape& pool, Recommendation& r) {
  if (!c.in.names.closes_at_return) {
    r.why.push_back("all connections stay open: reopening one would make a request wait");
    return;
  }
  if (!c.knows_demand()) {
    if (pool.max_overflow > 0) {
      const std::string other =
          c.counts_overflow()
              ? fmt::format(
                    ", the other {} overflow",
                    pool.max_overflow == 1 ? "one is" : fmt::format("{} are", pool.max_overflow))
              : " (" + c.in.names.kept + ")";
      r.why.push_back(fmt::format("{} of the {} connections stay open{}", pool.pool_size,
                                  pool.pool_size + pool.max_overflow, other) +
                      instead_of_given(c, pool));
    }
    return;
  }
  if (pool.max_overflow == 0) return;  // no checkout opens a connection beyond pool_size
  r.why.push_back(fmt::format("{} {} of {} connections: with fewer kept open, more than {} of "
                              "checkouts would open a new connection",
                              c.in.names.kept, pool.pool_size, pool.pool_size + pool.max_overflow,
                              percent(kOpeningShare)) +
                  instead_of_given(c, pool));
}

/// "max_connections", "the memory", "max_client_conn": what leaves no more than `largest`.
std::string limit_words(const SizeCase& c) {
  if (c.in.pgbouncer && !c.session()) return "max_client_conn";
  const bool memory = c.memory_connections && c.room(true) == *c.memory_connections;
  return memory ? "the memory" : "max_connections";
}

/// Less than was wanted: harmless where nothing was known, otherwise a warning.
void explain_cap(const SizeCase& c, std::int64_t wanted, std::int64_t largest, Recommendation& r) {
  const bool kept = c.largest(true) >= 1;
  const std::string free = percent(c.slots.headroom) + " of the server's slots kept free";
  if (!kept) {
    r.warnings.push_back(
        fmt::format("one connection per pool fits, but leaves less than {} of the slots free",
                    percent(c.slots.headroom)));
  } else if (!c.knows_something()) {
    const std::int64_t all = c.largest(false);
    std::string why = fmt::format("a pool of {} is the largest that fits with {}", largest, free);
    if (limit_words(c) == "the memory") {
      why = fmt::format("a pool of {} is the largest that fits into the memory", largest);
    } else if (all > largest) {
      why += fmt::format(" ({} without headroom)", all);
    }
    r.why.push_back(why);
  } else {
    const bool memory = limit_words(c) == "the memory";
    const std::string clients = c.in.max_client_conn && limit_words(c) == "max_client_conn"
                                    ? " " + whole_words(*c.in.max_client_conn)
                                    : "";
    const std::string part =
        c.in.pgbouncer ? percent(kClientsKeptFree) + " of the clients kept free" : free;
    r.warnings.push_back(fmt::format(
        "each pool would need {} connection{}, but {}{} allows only {} per pool{}", wanted,
        wanted == 1 ? "" : "s", limit_words(c), clients, largest, memory ? "" : " (" + part + ")"));
  }
}

void warn_of_saturation(const SizeCase& c, Recommendation& r) {
  if (!c.in.rate_per_s || !c.in.sql_s || !c.in.cores) return;
  // A request's statements run one after the other, however many connections it holds.
  const double needed =
      c.fleet_erlangs(*c.in.sql_s) / static_cast<double>(c.in.connections_per_request);
  const auto cores = static_cast<double>(*c.in.cores);
  if (needed < 0.8 * cores) return;
  r.warnings.push_back(
      fmt::format("the statements alone keep {} of {} cores busy, including {} growth: no pool "
                  "size helps a CPU-bound database",
                  significant(needed), c.cores, percent(c.profile.growth)));
}

/// More requests at once than the process works on: they wait for a thread, not for a connection.
void warn_of_threads(const SizeCase& c, Recommendation& r) {
  if (!c.in.threads || !c.knows_demand()) return;
  const double busy =
      c.pool_erlangs(*c.in.hold_s) / static_cast<double>(c.in.connections_per_request);
  if (busy < static_cast<double>(*c.in.threads)) return;
  r.warnings.push_back(fmt::format(
      "each process would have {} concurrent requests, including {} growth, but it handles only "
      "{}: "
      "requests wait for a thread before they wait for a connection; add processes or threads",
      significant(busy), percent(c.profile.growth), *c.in.threads));
}

/// When the server's size was not said and the demand is known, the server is sized, too: for the
/// primary's pools and, after a fail-over, the replica's.
void fit_server(SizeCase& c, std::int64_t wanted) {
  if (c.in.pgbouncer || c.in.max_connections || !c.knows_demand()) return;
  std::int64_t peak = wanted * c.peak_pools();
  if (c.memory_connections) peak = std::min(peak, *c.memory_connections);
  const auto needed = static_cast<double>(peak + c.replica_total());
  c.slots.max_connections = std::min(
      kMostConnections, std::max(c.slots.max_connections, max_connections_for(needed, c.slots)));
}

/// Where nothing decides the size but what fits, it leaves room for the replica's pools as well.
std::int64_t survive_failover(const SizeCase& c, std::int64_t total, Recommendation& r) {
  if (!c.in.replica_pool_size || c.in.pgbouncer || c.knows_something()) return total;
  const std::int64_t after = (c.available() - c.replica_total()) / c.peak_pools();
  if (after < c.least_safe() || after >= total) return total;
  r.why.push_back(fmt::format(
      "a pool of {} leaves slots on the primary for the replica's {} connections if the replica "
      "fails",
      after, c.replica_total()));
  return after;
}

/// What was asked about and cannot work comes first, and how large it could be.
void warn_of_problems(const SizeCase& c, Sizing& sizing) {
  std::vector<std::string> warnings;
  bool too_large = false;
  for (const SizeProblem& problem : sizing.problems) {
    warnings.push_back(problem.warning());
    too_large = too_large || problem.id == "server" || problem.id == "memory" ||
                problem.id == "pooler_clients";
  }
  const std::int64_t kept = c.largest(true);
  const std::int64_t all = c.largest(false);
  if (too_large && all < 1) {
    warnings.insert(sizing.judged ? warnings.end() : warnings.begin(),
                    "not even one connection per pool fits");
  } else if (too_large && sizing.judged && kept < 1) {
    warnings.push_back("the largest pool that fits has 1 connection, without headroom");
  } else if (too_large && sizing.judged) {
    std::string largest =
        fmt::format("the largest pool that fits has {}", counted(kept, "connection"));
    if (all > kept) {
      largest += fmt::format(" with {} of the {} kept free ({} without headroom)",
                             percent(c.in.pgbouncer ? kClientsKeptFree : c.slots.headroom),
                             c.in.pgbouncer ? "clients" : "server", all);
    }
    warnings.push_back(largest);
  }
  const std::vector<std::string> failover = failover_warnings(c, sizing);
  warnings.insert(warnings.end(), failover.begin(), failover.end());
  std::vector<std::string>& all_warnings = sizing.recommendation.warnings;
  all_warnings.insert(all_warnings.begin(), warnings.begin(), warnings.end());
}

}  // namespace

Recommendation recommend(const SizeCase& given) {
  SizeCase c = given;
  const Wanted wanted = wanted_per_pool(c);
  fit_server(c, wanted.connections);
  Recommendation r;
  r.why.push_back(wanted.why);
  const std::int64_t largest =
      std::max(c.largest(true), std::min<std::int64_t>(1, c.largest(false)));
  std::int64_t total = std::max<std::int64_t>(1, std::min(wanted.connections, largest));
  if (largest >= 1 && wanted.connections > largest) explain_cap(c, wanted.connections, largest, r);
  total = survive_failover(c, total, r);
  const PoolShape pool = split(c, total);
  r.pool_size = pool.pool_size;
  r.max_overflow = pool.max_overflow;
  r.capacity = fleet_total(c, pool);
  r.max_connections = c.slots.max_connections;
  explain_split(c, pool, r);
  warn_of_saturation(c, r);
  warn_of_threads(c, r);
  return r;
}

Result<Sizing> size_pools(const SizeInputs& inputs) {
  const SizeCase c = make_size_case(inputs);
  if (c.available() < 1) return nothing_left(c);
  if (const std::string why = unservable(c); !why.empty()) {
    return Error{ErrorKind::usage, why, "check --rate and --hold"};
  }
  Sizing sizing;
  sizing.inputs = inputs;
  sizing.assumed = c.assumed;
  sizing.growth = c.profile.growth;
  sizing.headroom = c.slots.headroom;
  sizing.asked = asks_for_judgement(inputs);
  Recommendation& r = sizing.recommendation;
  r = recommend(c);
  sizing.timeouts = set_timeouts(c, r);
  r.predicted = forecast_of(c, r.total(), r.pool_timeout_s);
  sizing.hops = hops_of(c, r);
  sizing.judged = judge_setting(c, r);
  sizing.alerts = alerts_of(c, r);
  sizing.memory = memory_of(c, r);
  r.formulas = rule_answers(c);
  r.present_max_connections = inputs.max_connections;
  sizing.problems = problems_of(c, sizing);
  warn_of_problems(c, sizing);
  r.alternatives = ways_out(c, sizing);
  for (Alternative& one : alternatives_of(c, r)) {
    const bool known =
        std::any_of(r.alternatives.begin(), r.alternatives.end(),
                    [&one](const Alternative& it) { return it.change == one.change; });
    if (!known) r.alternatives.push_back(std::move(one));
  }
  r.snippets = make_snippets(r);
  sizing.recommendable = r.budget.fits() && own_problems(c, sizing).empty();
  // Nothing that cannot work is offered to be pasted.
  if (!sizing.recommendable) r.snippets.clear();
  return sizing;
}

}  // namespace poolgauge
