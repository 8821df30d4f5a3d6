// From pages of metrics, some time apart, to the answer.
#pragma once

#include <span>

#include "observe/metrics_page.h"
#include "observe/observe.h"

namespace poolgauge::observe {

/// PgBouncer's page from one of several places; without others, `place` may be empty.
struct ScrapedPooler {
  std::string place;
  ObservePoolerLook look;
};

/// The pages of all processes at one moment.
struct Scrape {
  double t_s = 0;  ///< since the first one
  std::vector<PoolReading> pools;
  std::vector<ScrapedPooler> poolers = {};
  std::set<std::string> ignored = {};  ///< metrics with values that cannot be
};

/// At least two scrapes in the order of time. A pool with the same name in several processes is one
/// group; without --processes their number is what was seen. Counters that shrink were reset: they
/// count from 0 again.
Observed answer_of_scrapes(std::span<const Scrape> scrapes, const Circumstances& circumstances,
                           const std::string& metrics_of);

/// The value below which the share `q` lies, in seconds, linear within a bucket. Nothing: fewer
/// than 100 values, or it lies above the last bound. `counts` are cumulative.
std::optional<double> bucket_quantile(const MetricBuckets& counts, double q);

/// How bursty requests must arrive (1: at random) so that one of `connections` is waited for so
/// long on average, over all requests; at most `connections`. Hayward's rule, and the wait of
/// M/M/c.
double burstiness_for(double wait_s, double hold_s, double in_use, std::int64_t connections);

}  // namespace poolgauge::observe
