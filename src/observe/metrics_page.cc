// Samples sorted into pools by their names and labels.
#include "observe/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "observe/bounds.h"

namespace poolgauge::observe {
namespace {

/// Labels that tell processes apart, or parts of one metric; all others tell pools apart.
constexpr std::string_view kProcessLabels[] = {"instance", "pod",    "container", "pid",
                                               "process",  "worker", "replica",   "process_id"};
constexpr std::string_view kPartLabels[] = {"le", "quantile", "state",
                                            "db_client_connection_state"};
constexpr std::string_view kNameLabels[] = {"pool", "pool_name", "db_client_connection_pool_name",
                                            "name", "db_name",   "database"};

template <std::size_t N>
bool is_one_of(const std::string& text, const std::string_view (&all)[N]) {
  return std::find(std::begin(all), std::end(all), text) != std::end(all);
}

std::string process_of(const MetricSample& sample) {
  std::string process;
  for (const auto& [name, value] : sample.labels) {
    if (!is_one_of(name, kProcessLabels)) continue;
    process += (process.empty() ? "" : " ") + value;
  }
  return process;
}

/// "HikariPool-1, application=orders"; empty: the page has no labels for it.
std::string name_of(const MetricSample& sample) {
  std::string first, others;
  for (const std::string_view wanted : kNameLabels) {
    if (first.empty()) first = sample.label(wanted);
  }
  bool used = first.empty();
  for (const auto& [name, value] : sample.labels) {
    if (is_one_of(name, kProcessLabels) || is_one_of(name, kPartLabels)) continue;
    if (!used && value == first && is_one_of(name, kNameLabels)) {
      used = true;
      continue;
    }
    others += fmt::format("{}{}={}", first.empty() && others.empty() ? "" : ", ", name, value);
  }
  return first + others;
}

std::string_view state_of(const MetricSample& sample) {
  const std::string_view state = sample.label("state");
  return state.empty() ? sample.label("db_client_connection_state") : state;
}

/// The prefix of an application before `name`, with its last "_"; nothing: it is another metric.
std::optional<std::string_view> prefix_before(std::string_view name, std::string_view of) {
  if (!of.ends_with(name)) return std::nullopt;
  const std::string_view prefix = of.substr(0, of.size() - name.size());
  if (!prefix.empty() && prefix.back() != '_') return std::nullopt;
  return prefix;
}

bool is_counter(PoolFigure figure) {
  return figure >= PoolFigure::requests;
}

/// Parts of a limit: -1, or a very large number, stands for none.
bool is_of_limit(PoolFigure figure) {
  return figure == PoolFigure::most || figure == PoolFigure::kept || figure == PoolFigure::overflow;
}

Error too_many(std::string_view of) {
  return {ErrorKind::usage, fmt::format("the page has too many {}", of),
          fmt::format("at most {} pools and {} of their metrics are read from one page", kMostPools,
                      kMostPoolSamples)};
}

/// Pools as far as they were put together.
class PoolsOfAPage {
 public:
  void add(const MetricSample& sample) {
    for (const MetricsForm& form : metrics_forms()) {
      for (const MetricName& one : form.names) add_named(sample, form, one);
      for (const MetricTimer& one : form.timers) add_timed(sample, form, one);
    }
  }
  std::vector<PoolReading> take();
  std::size_t pools() const { return pools_.size(); }
  std::size_t samples() const { return samples_; }
  std::set<std::string>& ignored() { return ignored_; }

 private:
  using Key = std::tuple<std::string, std::string, std::string, std::string>;

  PoolReading& reading(const MetricSample& sample, const MetricsForm& form,
                       std::string_view prefix) {
    PoolReading& pool = pools_[Key(form.id, prefix, name_of(sample), process_of(sample))];
    pool.form = form.id;
    pool.library = form.library;
    if (sample.at_s) pool.at_s = sample.at_s;
    ++samples_;
    return pool;
  }
  void add_named(const MetricSample& sample, const MetricsForm& form, const MetricName& one) {
    std::string_view name = sample.name;
    auto prefix = prefix_before(one.name, name);
    if (!prefix && name.ends_with(kTotal)) {
      prefix = prefix_before(one.name, name.substr(0, name.size() - kTotal.size()));
    }
    if (!prefix || !std::isfinite(sample.value)) return;
    if (!one.state.empty() && state_of(sample) != one.state) return;
    const bool possible =
        is_counter(one.figure) ? sample.value >= 0 : may_be_gauge(sample.value * one.unit);
    if (!possible) {
      if (!is_of_limit(one.figure)) ignored_.insert(sample.name);
      return;
    }
    std::optional<double>& figure = reading(sample, form, *prefix).figure(one.figure);
    if (!figure) figure = sample.value * one.unit;
  }
  void add_timed(const MetricSample& sample, const MetricsForm& form, const MetricTimer& one);

  static constexpr std::string_view kTotal = "_total";
  std::map<Key, PoolReading> pools_;
  std::size_t samples_ = 0;
  std::set<std::string> ignored_;
};

void PoolsOfAPage::add_timed(const MetricSample& sample, const MetricsForm& form,
                             const MetricTimer& one) {
  constexpr std::string_view kSum = "_sum", kCount = "_count", kBucket = "_bucket";
  const std::string_view name = sample.name;
  for (const std::string_view ending : {kSum, kCount, kBucket}) {
    if (!name.ends_with(ending)) continue;
    const auto prefix = prefix_before(one.name, name.substr(0, name.size() - ending.size()));
    if (!prefix || !std::isfinite(sample.value)) return;
    if (sample.value < 0) {
      ignored_.insert(sample.name);
      return;
    }
    PoolReading& pool = reading(sample, form, *prefix);
    if (ending == kSum) {
      pool.figure(one.of_holds ? PoolFigure::hold_s : PoolFigure::wait_s) = sample.value * one.unit;
    } else if (ending == kCount) {
      pool.figure(one.of_holds ? PoolFigure::holds : PoolFigure::requests) = sample.value;
    } else {
      const std::string bound(sample.label("le"));
      const double at_most = bound == "+Inf" ? INFINITY : std::strtod(bound.c_str(), nullptr);
      if (std::isnan(at_most)) return;  // which no order places
      (one.of_holds ? pool.holds : pool.waits)[at_most * one.unit] = sample.value;
    }
    return;
  }
}

/// What follows from what was told; false: it does not say how many connections are in use.
bool complete(PoolReading& pool) {
  std::optional<double>& in_use = pool.figure(PoolFigure::in_use);
  std::optional<double>& idle = pool.figure(PoolFigure::idle);
  std::optional<double>& open = pool.figure(PoolFigure::open);
  if (!in_use && open && idle) in_use = std::max(0.0, *open - *idle);
  if (!in_use) return false;
  if (!open) open = *in_use + idle.value_or(0);
  std::optional<double>& most = pool.figure(PoolFigure::most);
  const auto& kept = pool.figure(PoolFigure::kept);
  const auto& overflow = pool.figure(PoolFigure::overflow);
  if (!most && kept && overflow && *overflow >= 0) most = *kept + *overflow;
  if (most && (*most < 1 || !is_limit(*most))) most.reset();
  return true;
}

std::vector<PoolReading> PoolsOfAPage::take() {
  std::vector<PoolReading> all;
  for (auto& [key, pool] : pools_) {
    if (!complete(pool)) continue;
    pool.name = std::get<2>(key).empty() ? pool.library : std::get<2>(key);
    if (const std::string& prefix = std::get<1>(key); !prefix.empty()) {
      pool.name = prefix.substr(0, prefix.size() - 1) + " " + pool.name;
    }
    pool.process = std::get<3>(key);
    all.push_back(std::move(pool));
  }
  return all;
}

// PgBouncer's exporter: the tables of its console.

constexpr std::string_view kPgBouncer = "pgbouncer_";

ObservePoolRow& pool_row(ObservePoolerLook& look, const MetricSample& sample) {
  const std::string_view database = sample.label("database"), user = sample.label("user");
  for (ObservePoolRow& row : look.pools) {
    if (row.database == database && row.user == user) return row;
  }
  look.pools.push_back({std::string(database), std::string(user), "transaction", 0, 0, 0, 0});
  return look.pools.back();
}

ObserveStatsRow& stats_row(ObservePoolerLook& look, const MetricSample& sample) {
  const std::string_view database = sample.label("database");
  for (ObserveStatsRow& row : look.stats) {
    if (row.database == database) return row;
  }
  look.stats.push_back({std::string(database), 0, 0, 0, {}});
  return look.stats.back();
}

void add_database(ObservePoolerLook& look, const MetricSample& sample,
                  std::map<std::string, std::string>& modes) {
  const std::string name(sample.label("name"));
  if (is_limit(sample.value)) {
    look.pool_sizes.emplace_back(name, static_cast<std::int64_t>(sample.value));
  }
  if (!sample.label("pool_mode").empty()) modes[name] = sample.label("pool_mode");
}

std::optional<ObservePoolerLook> pooler_in(const std::vector<MetricSample>& samples,
                                           std::set<std::string>& ignored) {
  ObservePoolerLook look;
  std::map<std::string, std::string> modes;
  for (const MetricSample& sample : samples) {
    if (!sample.name.starts_with(kPgBouncer) || !std::isfinite(sample.value)) continue;
    const std::string_view name = std::string_view(sample.name).substr(kPgBouncer.size());
    if (sample.label("database") == "pgbouncer" || sample.label("name") == "pgbouncer") continue;
    const bool gauge = name.starts_with("pools_") && name.ends_with("_connections");
    const bool limit = name == "databases_pool_size";
    if (!limit && (gauge ? !may_be_gauge(sample.value) : sample.value < 0)) {
      ignored.insert(sample.name);
      continue;
    }
    if (look.pools.size() > kMostPools || look.stats.size() > kMostPools) break;
    if (name == "pools_client_waiting_connections") {
      pool_row(look, sample).clients_waiting = sample.value;
    } else if (name == "pools_server_active_connections") {
      pool_row(look, sample).servers_active = sample.value;
    } else if (name == "pools_server_idle_connections") {
      pool_row(look, sample).servers_idle = sample.value;
    } else if (name == "pools_client_maxwait_seconds") {
      pool_row(look, sample).longest_wait_s = sample.value;
    } else if (name == "stats_totals_sql_transactions_pooled_total") {
      stats_row(look, sample).transactions = sample.value;
    } else if (name == "stats_totals_client_wait_seconds_total") {
      stats_row(look, sample).wait_s = sample.value;
    } else if (name == "stats_totals_server_in_transaction_seconds_total") {
      stats_row(look, sample).transaction_s = sample.value;
    } else if (name == "stats_totals_server_assignment_total") {
      stats_row(look, sample).assignments = sample.value;
    } else if (name == "databases_pool_size") {
      add_database(look, sample, modes);
    } else if (name == "version_info") {
      look.version = "PgBouncer " + std::string(sample.label("version"));
    }
  }
  if (look.pools.empty()) return std::nullopt;
  for (ObservePoolRow& row : look.pools) {
    if (const auto mode = modes.find(row.database); mode != modes.end()) row.mode = mode->second;
  }
  return look;
}

}  // namespace

Result<MetricsPage> read_metrics_page(std::string_view text) {
  Result<std::vector<MetricSample>> samples = parse_metrics(text);
  if (!samples.ok()) return samples.error();
  MetricsPage page;
  PoolsOfAPage pools;
  for (const MetricSample& sample : samples.value()) {
    if (!sample.name.starts_with(kPgBouncer)) pools.add(sample);
    if (pools.pools() > kMostPools) return too_many("pools");
    if (pools.samples() > kMostPoolSamples) return too_many("metrics of pools");
  }
  page.pools = pools.take();
  page.ignored = std::move(pools.ignored());
  page.pooler = pooler_in(samples.value(), page.ignored);
  if (page.pooler &&
      (page.pooler->pools.size() > kMostPools || page.pooler->stats.size() > kMostPools)) {
    return too_many("pools");
  }
  for (const PoolReading& pool : page.pools) {
    if (pool.at_s) page.at_s = std::max(page.at_s.value_or(*pool.at_s), *pool.at_s);
  }
  if (page.pools.empty() && !page.pooler) {
    return Error{
        ErrorKind::usage,
        samples.value().empty()
            ? std::string("the page is empty")
            : fmt::format("none of its {} belongs to a connection pool",
                          counted(static_cast<std::int64_t>(samples.value().size()), "metric")),
        "expected metrics of HikariCP, SQLAlchemy, psycopg_pool, pgxpool, Go's "
        "database/sql, node-postgres, OpenTelemetry, or PgBouncer's exporter"};
  }
  return page;
}

}  // namespace poolgauge::observe
