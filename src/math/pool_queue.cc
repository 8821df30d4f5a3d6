// The open queue in closed form. With r = lambda / mu, mu = Y(c) and x = mu * timeout the sums over
// the number of waiting requests k, P(c+k) = P(c) r^k Gamma(k, x), have closed forms too:
//   S0 = sum r^k Gamma(k, x)   = r (exp(x (r-1)) - 1) / (r-1)
//   S1 = sum k r^k Gamma(k, x) = S0 (1 + r x h(x (r-1))),   h(y) = 1/(1 - exp(-y)) - 1/y
// where Gamma(k, x) is the probability that a Poisson variable of mean x is at least k.
#include "math/pool_queue.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/check.h"

namespace poolgauge::math {

namespace {

constexpr double kSmall = 1e-6;  // below it a series is more exact than the formula
constexpr double kLarge = 30.0;  // exp(-kLarge) is nothing beside 1

/// ln((exp(y) - 1) / y).
double log_growth(double y) {
  if (std::abs(y) < kSmall) return y / 2.0;
  if (y > kLarge) return y - std::log(y);
  return std::log(std::expm1(y) / y);
}

/// 1/(1 - exp(-y)) - 1/y, from 0 to 1.
double lean(double y) {
  if (std::abs(y) < 1e-4) return 0.5 + y / 12.0;
  return -1.0 / std::expm1(-y) - 1.0 / y;
}

/// Those who wait, relative to the state in which all connections are busy and nobody waits.
struct Waiting {
  double log_weight = 0;   ///< ln S0
  double mean_number = 0;  ///< S1 / S0
  double log_give_up = 0;  ///< ln of the timeout flow per arrival; -infinity: nobody does
};

Waiting waiting_states(double rate, double capacity, std::optional<double> timeout_s) {
  const double r = rate / capacity;
  if (!timeout_s) {
    return {std::log(r / (1.0 - r)), 1.0 / (1.0 - r), -std::numeric_limits<double>::infinity()};
  }
  const double x = capacity * *timeout_s;
  const double y = x * (r - 1.0);
  return {std::log(r * x) + log_growth(y), 1.0 + r * x * lean(y), y};
}

struct States {
  std::vector<double> probability;  ///< of 0..c in the pool
  double waiting = 0;               ///< that somebody waits
};

/// ln of the weights of 0..c in the pool, and of all states with somebody waiting.
States normalized(const std::vector<double>& logs, double log_waiting) {
  const double largest = std::max(*std::max_element(logs.begin(), logs.end()), log_waiting);
  double sum = std::exp(log_waiting - largest);
  for (const double one : logs) sum += std::exp(one - largest);
  States states;
  states.waiting = std::exp(log_waiting - largest) / sum;
  for (const double one : logs) states.probability.push_back(std::exp(one - largest) / sum);
  return states;
}

std::vector<double> log_weights(const PoolQueue& pool, double rate) {
  std::vector<double> logs = {0.0};
  for (std::uint64_t n = 1; n <= pool.connections; ++n) {
    logs.push_back(logs.back() + std::log(rate / pool.completions(static_cast<double>(n))));
  }
  return logs;
}

}  // namespace

double PoolFigures::wait_quantile_s(double p) const {
  POOLGAUGE_CHECK(p >= 0 && p < 1, "a quantile lies between 0 and 1");
  if (served_within(0.0) >= p) return 0.0;
  double low = 0.0;
  double high = 1e-6;
  while (served_within(high) < p && high < 1e9) high *= 2.0;
  constexpr int kHalvings = 60;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2.0;
    (served_within(middle) < p ? low : high) = middle;
  }
  return high;
}

std::optional<PoolFigures> open_pool(const PoolQueue& pool, double rate_per_s) {
  POOLGAUGE_CHECK(pool.connections > 0 && rate_per_s > 0, "a pool with something to do");
  const double c = static_cast<double>(pool.connections);
  const double mu = pool.completions(c);
  if (!pool.timeout_s && rate_per_s >= mu) return std::nullopt;
  const std::vector<double> logs = log_weights(pool, rate_per_s);
  const bool refuses = pool.timeout_s && *pool.timeout_s <= 0;  // nobody waits at all
  const Waiting waiting = refuses ? Waiting{-std::numeric_limits<double>::infinity(), 0.0, 0.0}
                                  : waiting_states(rate_per_s, mu, pool.timeout_s);
  const States states = normalized(logs, logs.back() + waiting.log_weight);

  PoolFigures figures;
  figures.arrivals_per_s = rate_per_s;
  const double all_busy = states.probability.back();
  // all_busy may be too small for a double where exp(log_give_up) is large.
  const double log_all_busy = std::log(states.waiting) - waiting.log_weight;
  figures.timeout_probability = refuses ? all_busy : std::exp(log_all_busy + waiting.log_give_up);
  figures.throughput_per_s = rate_per_s * (1.0 - figures.timeout_probability);
  figures.waiting_mean = states.waiting * waiting.mean_number;
  figures.busy_mean = c * states.waiting;
  for (std::size_t n = 0; n < states.probability.size(); ++n) {
    figures.busy_mean += static_cast<double>(n) * states.probability[n];
    if (n < pool.connections) figures.no_wait_probability += states.probability[n];
  }
  const double longest = pool.timeout_s ? *pool.timeout_s : std::numeric_limits<double>::infinity();
  figures.served_within = [=, served = 1.0 - figures.timeout_probability,
                           at_once = figures.no_wait_probability](double t_s) {
    const double t = std::clamp(t_s, 0.0, longest);
    const double waited =
        t <= 0.0 ? 0.0
                 : std::exp(log_all_busy + std::log(mu * t) + log_growth((rate_per_s - mu) * t));
    return (at_once + waited) / served;
  };
  return figures;
}

std::optional<PoolFigures> open_pools(const SharedDatabase& shared, double rate_per_s_in_all) {
  const double others = static_cast<double>(shared.pools - 1);
  const double rate = rate_per_s_in_all / static_cast<double>(shared.pools);
  double busy = 0.0;
  std::optional<PoolFigures> figures;
  constexpr int kMostRounds = 200;
  for (int round = 0; round < kMostRounds; ++round) {
    const RateCurve own = [&shared, others, busy](double m) {
      const double active = m + others * busy;
      return m * shared.database(active) / active;
    };
    figures = open_pool({own, shared.connections, shared.timeout_s}, rate);
    if (!figures) return std::nullopt;
    const double change = std::abs(figures->busy_mean - busy);
    busy = figures->busy_mean;
    if (change < 1e-10 * (1.0 + busy)) break;
  }
  return figures;
}

}  // namespace poolgauge::math
