// The closed queue: as many terms as there are clients. The served requests' wait has the density
// e^(-mu x) (1 + x/Z)^(M-1), M = N - c, whose integral is an incomplete gamma function of order M.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/check.h"
#include "math/pool_queue.h"
#include "math/samples.h"

namespace poolgauge::math {

namespace {

constexpr double kNoThink = 1e-7;  // instead of zero: rates stay finite

/// The states 0..N as logarithms of their weights, scaled so that the largest is 0.
struct Chain {
  std::vector<double> log_weight;
  double log_total = 0;
  double think_s = 0;
  double clients = 0;

  double probability(std::size_t n) const { return std::exp(log_weight[n] - log_total); }
  double arrival_rate(std::size_t n) const { return (clients - static_cast<double>(n)) / think_s; }
};

double log_total(const std::vector<double>& logs) {
  const double largest = *std::max_element(logs.begin(), logs.end());
  double sum = 0.0;
  for (const double one : logs) sum += std::exp(one - largest);
  return largest + std::log(sum);
}

/// ln P(Poisson(x) >= k), also where the probability is too small for a double.
double log_poisson_tail(double k, double x) {
  if (k <= x) return std::log(gamma_lower(k, x));
  double term = 1.0;
  double series = 1.0;
  for (double j = 1.0; term > 1e-17 * series; ++j) {
    term *= x / (k + j);
    series += term;
  }
  return k * std::log(x) - x - std::lgamma(k + 1) + std::log(series);
}

/// ln of the probability that none of k waiting requests has given up.
double log_patience(const PoolQueue& pool, double mu, std::size_t k) {
  if (!pool.timeout_s || k == 0) return 0.0;
  const double x = mu * *pool.timeout_s;
  return x <= 0 ? -std::numeric_limits<double>::infinity()
                : log_poisson_tail(static_cast<double>(k), x);
}

Chain make_chain(const PoolQueue& pool, std::uint64_t clients, double think_s) {
  Chain chain;
  chain.think_s = std::max(think_s, kNoThink);
  chain.clients = static_cast<double>(clients);
  const double c = static_cast<double>(pool.connections);
  const double mu = pool.completions(c);
  double product = 0.0;  // without the factor of patience
  chain.log_weight = {0.0};
  for (std::size_t n = 1; n <= clients; ++n) {
    const double done = pool.completions(std::min(static_cast<double>(n), c));
    product += std::log(chain.arrival_rate(n - 1) / done);
    const std::size_t waiting = n > pool.connections ? n - pool.connections : 0;
    chain.log_weight.push_back(product + log_patience(pool, mu, waiting));
  }
  chain.log_total = log_total(chain.log_weight);
  return chain;
}

/// ln of the integral of s^power e^-s from `low` to `high`: the difference of two incomplete gamma
/// functions, both of which may be too small for a double.
double log_integral(double power, double low, double high) {
  const double top = std::clamp(power, low, high);
  const auto log_height = [power](double s) { return power * std::log(s) - s; };
  const double highest = log_height(top);
  constexpr double kNothing = 45.0;  // exp(-kNothing) beside 1
  const double step = std::sqrt(power) + 1.0;
  double from = top;
  double to = top;
  for (double width = step; from > low && highest - log_height(from) < kNothing; width *= 2) {
    from = std::max(low, top - width);
  }
  for (double width = step; to < high && highest - log_height(to) < kNothing; width *= 2) {
    to = std::min(high, top + width);
  }
  const double area =
      integral([&](double s) { return std::exp(log_height(s) - highest); }, from, to);
  return highest + std::log(area);
}

/// P(0 < wait <= t) of all requests.
std::function<double(double)> waited_within(const Chain& chain, std::uint64_t connections,
                                            double mu, double arrivals) {
  const double waiters = chain.clients - static_cast<double>(connections);
  if (waiters <= 0) return [](double) { return 0.0; };
  const double scaled = mu * chain.think_s;
  const double log_all_busy = chain.log_weight[connections] - chain.log_total;
  const double log_factor = log_all_busy - std::log(arrivals) + std::log(waiters / chain.think_s) +
                            scaled - (waiters - 1.0) * std::log(scaled);
  return [=](double t) {
    if (t <= 0) return 0.0;
    return std::exp(log_factor + log_integral(waiters - 1.0, scaled, scaled + mu * t));
  };
}

double timeouts_per_s(const Chain& chain, const PoolQueue& pool, double mu) {
  const double waiters = chain.clients - static_cast<double>(pool.connections);
  if (!pool.timeout_s || waiters <= 0) return 0.0;
  const double tau = *pool.timeout_s;
  const double log_all_busy = chain.log_weight[pool.connections] - chain.log_total;
  return std::exp(log_all_busy + std::log(waiters / chain.think_s) +
                  (waiters - 1.0) * std::log1p(tau / chain.think_s) - mu * tau);
}

}  // namespace

PoolFigures closed_pool(const PoolQueue& pool, std::uint64_t clients, double think_s) {
  POOLGAUGE_CHECK(pool.connections > 0 && clients > 0, "a pool with something to do");
  const Chain chain = make_chain(pool, clients, think_s);
  const double c = static_cast<double>(pool.connections);
  const double mu = pool.completions(c);
  PoolFigures figures;
  double at_once_per_s = 0.0;
  for (std::size_t n = 0; n < chain.log_weight.size(); ++n) {
    const double p = chain.probability(n);
    const double in_pool = static_cast<double>(n);
    figures.arrivals_per_s += chain.arrival_rate(n) * p;
    if (n < pool.connections) at_once_per_s += chain.arrival_rate(n) * p;
    figures.busy_mean += std::min(in_pool, c) * p;
    figures.waiting_mean += std::max(in_pool - c, 0.0) * p;
    if (n > 0) figures.throughput_per_s += pool.completions(std::min(in_pool, c)) * p;
  }
  figures.no_wait_probability = at_once_per_s / figures.arrivals_per_s;
  figures.timeout_probability = timeouts_per_s(chain, pool, mu) / figures.arrivals_per_s;
  const double longest = pool.timeout_s ? *pool.timeout_s : std::numeric_limits<double>::infinity();
  figures.served_within =
      [=, at_once = figures.no_wait_probability, served = 1.0 - figures.timeout_probability,
       waited = waited_within(chain, pool.connections, mu, figures.arrivals_per_s)](double t_s) {
        return (at_once + waited(std::min(t_s, longest))) / served;
      };
  return figures;
}

}  // namespace poolgauge::math
