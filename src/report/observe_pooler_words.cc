// What `observe` says of PgBouncer's pools.
#include <fmt/format.h>

#include "base/text.h"
#include "report/observe_words.h"

namespace poolgauge {
namespace {

std::string pool_words(const ObservedPool& pool) {
  const std::string of = pool.pool_size ? fmt::format(" of {}", *pool.pool_size) : std::string();
  std::string text =
      fmt::format("{}{} server connections in use on average", observe_mean(pool.servers_busy), of);
  if (pool.busy_counted) {
    text += fmt::format(" ({} by PgBouncer's totals)", observe_mean(*pool.busy_counted));
  }
  text += fmt::format(
      "; {} clients waiting on average, some client waiting {} of the time, longest "
      "wait {}",
      observe_mean(pool.clients_waiting.value), percent(pool.waiting_looks.value),
      observe_duration(pool.longest_wait_s));
  if (pool.hold_s && pool.transactions_per_s) {
    text += fmt::format("; {} transactions per second, each holding a server connection for {}",
                        significant(*pool.transactions_per_s), observe_duration(*pool.hold_s));
    if (pool.mean_wait_s) {
      text += fmt::format(" after waiting {} for it", observe_duration(*pool.mean_wait_s));
    }
  }
  text += fmt::format(". With random arrivals, pool_size {} would be enough.", pool.size);
  // Well apart from what random arrivals would make of it: bursts, or a server that slows down.
  constexpr double kShortest_s = 0.001;
  if (pool.predicted_wait_s && pool.mean_wait_s && *pool.mean_wait_s > kShortest_s &&
      *pool.mean_wait_s > 1.5 * *pool.predicted_wait_s) {
    text += fmt::format(
        " But clients wait {}, not the {} that random arrivals would cause: they arrive in bursts, "
        "or the server slows down under load.",
        observe_duration(*pool.mean_wait_s), observe_duration(*pool.predicted_wait_s));
  }
  return text;
}

}  // namespace

ObserveVerdict pooler_verdict(const ObservedPool& pool) {
  std::string text = fmt::format("PgBouncer's pool for database {}, user {} needs {}",
                                 pool.database, pool.user, counted(pool.size, "server connection"));
  if (!pool.pool_size) return {ObserveTone::good, text};
  text += fmt::format(" and has {}", *pool.pool_size);
  const bool waits = pool.waiting_looks.value >= 0.01;
  if (waits) {
    text += fmt::format("; some client waited {} of the time", percent(pool.waiting_looks.value));
  }
  return {waits && pool.size > *pool.pool_size ? ObserveTone::bad : ObserveTone::good, text};
}

ObserveLines observe_pooler_lines(const Observed& observed) {
  ObserveLines lines;
  if (!observed.pooler) return lines;
  for (const ObservedPool& pool : observed.pooler->pools) {
    lines.emplace_back(
        fmt::format("database {}, user {} ({} mode)", pool.database, pool.user, pool.mode),
        pool_words(pool));
  }
  for (const std::string& note : observed.pooler->notes) lines.emplace_back("note", note);
  if (lines.empty()) lines.emplace_back("pools", "no pool has a client or a server connection");
  return lines;
}

}  // namespace poolgauge
