// From a sizing question to its answer: what is wanted, what fits, and the words for both.
#include "poolgauge/sizing.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "advise/rules.h"
#include "advise/size_case.h"
#include "advise/snippets.h"
#include "base/text.h"
#include "math/churn.h"

namespace poolgauge {

namespace {

constexpr double kOpeningShare = 0.005;  // of the checkouts may open a connection

Error nothing_left(const SizeCase& c) {
  const std::int64_t left = c.slots.max_connections - c.slots.reserved - c.slots.others;
  return {ErrorKind::usage,
          fmt::format("no pool fits: the server has no connection left for the fleet\n  "
                      "max_connections {} − {} reserved − {} other clients = {}",
                      c.slots.max_connections, c.slots.reserved, c.slots.others, left),
          "raise --max-connections, or find out what the other clients are"};
}

std::vector<ServiceShape> fleet_of(const SizeCase& c, const PoolShape& pool) {
  return {{static_cast<double>(c.peak_instances), c.in.processes,
           std::vector<PoolShape>(static_cast<std::size_t>(c.in.pools), pool)}};
}

/// The largest pool that fits: into the server, or into the pooler's clients.
std::int64_t largest_pool(const SizeCase& c) {
  if (!c.in.pgbouncer) return fleet_budget(c.slots, fleet_of(c, {1, 0})).largest_pool;
  if (!c.in.max_client_conn) return INT64_MAX;
  constexpr double kSpare = 0.9;
  return static_cast<std::int64_t>(static_cast<double>(*c.in.max_client_conn) * kSpare) /
         c.peak_pools();
}

/// pool_size is the smallest with which hardly a checkout opens a connection; without a known
/// demand a third of the total is overflow.
PoolShape split(const SizeCase& c, std::int64_t total) {
  if (!c.knows_demand()) return {total - total / 3, total / 3};
  constexpr std::int64_t kLargestChain = 1000;  // beyond it overflow saves nothing worth the work
  if (total > kLargestChain) return {total, 0};
  const auto kept = static_cast<std::int64_t>(math::pool_size_for_churn(
      c.pool_rate(), *c.in.hold_s, static_cast<std::uint64_t>(total), kOpeningShare));
  return {kept, total - kept};
}

void explain_split(const SizeCase& c, const PoolShape& pool, Recommendation& r) {
  if (!c.knows_demand()) {
    if (pool.max_overflow > 0) r.why.push_back("two thirds kept open, one third as overflow");
    return;
  }
  r.why.push_back(fmt::format(
      "pool_size {}: the smallest that lets at most {} of the checkouts open a connection (those "
      "requests pay for it)",
      pool.pool_size, percent(kOpeningShare)));
}

/// Less than was wanted: harmless where nothing was known, otherwise a warning.
void explain_cap(const SizeCase& c, std::int64_t wanted, std::int64_t largest, Recommendation& r) {
  if (largest < 1) {
    r.warnings.push_back(fmt::format("not even one connection per pool fits: {}, {} usable",
                                     counted(c.peak_pools(), "pool"),
                                     fleet_budget(c.slots, {}).usable));
    return;
  }
  if (!c.knows_demand() && !c.in.cores) {
    r.why.push_back(fmt::format("{} is the largest that fits, {} of the server kept free", largest,
                                percent(c.slots.headroom)));
    return;
  }
  const bool pooled = c.in.pgbouncer;
  const auto peak = static_cast<double>(wanted * c.peak_pools());
  r.warnings.push_back(fmt::format(
      "{} would be needed per pool, but {} leaves {}: fewer processes, {}{} {}", wanted,
      pooled ? "max_client_conn" : "max_connections", largest, pooled ? "" : "a pooler, or ",
      pooled ? "max_client_conn" : "max_connections",
      pooled ? rules::next_multiple(1.1 * peak, 10) : max_connections_for(peak, c.slots)));
}

void warn_of_saturation(const SizeCase& c, Recommendation& r) {
  if (!c.in.rate_per_s || !c.in.sql_s || !c.in.cores) return;
  const double needed = c.fleet_erlangs(*c.in.sql_s);
  const auto cores = static_cast<double>(*c.in.cores);
  if (needed < 0.8 * cores) return;
  r.warnings.push_back(fmt::format(
      "the statements alone keep {} of {} cores busy: no pool size helps a database that is short "
      "of processors",
      significant(needed), c.cores));
}

/// When the server's size was not said and the demand is known, the server is sized, too.
void fit_server(SizeCase& c, std::int64_t wanted) {
  if (c.in.pgbouncer || c.in.max_connections || !c.knows_demand()) return;
  const auto peak = static_cast<double>(wanted * c.peak_pools());
  c.slots.max_connections = std::max(c.slots.max_connections, max_connections_for(peak, c.slots));
}

}  // namespace

Recommendation recommend(const SizeCase& given) {
  SizeCase c = given;
  const Wanted wanted = wanted_per_pool(c);
  fit_server(c, wanted.connections);
  const std::int64_t largest = largest_pool(c);
  const std::int64_t total = std::max<std::int64_t>(1, std::min(wanted.connections, largest));
  const PoolShape pool = split(c, total);
  Recommendation r;
  r.pool_size = pool.pool_size;
  r.max_overflow = pool.max_overflow;
  r.capacity = fleet_total(c, pool);
  r.max_connections = c.slots.max_connections;
  r.why.push_back(wanted.why);
  if (wanted.connections > largest) explain_cap(c, wanted.connections, largest, r);
  explain_split(c, pool, r);
  warn_of_saturation(c, r);
  return r;
}

Result<Sizing> size_pools(const SizeInputs& inputs) {
  const SizeCase c = make_size_case(inputs);
  if (fleet_budget(c.slots, {}).usable < 1) return nothing_left(c);
  Sizing sizing;
  sizing.inputs = inputs;
  sizing.assumed = c.assumed;
  Recommendation& r = sizing.recommendation;
  r = recommend(c);
  sizing.timeouts = set_timeouts(c, r);
  r.predicted = forecast_of(c, r.total(), r.pool_timeout_s);
  sizing.hops = hops_of(c, r);
  sizing.judged = judge_setting(c, r);
  sizing.alerts = alerts_of(r);
  sizing.memory = memory_of(c, r);
  r.formulas = rule_answers(c);
  r.alternatives = alternatives_of(c, r);
  r.present_max_connections = inputs.max_connections;
  r.snippets = make_snippets(r);
  return sizing;
}

}  // namespace poolgauge
