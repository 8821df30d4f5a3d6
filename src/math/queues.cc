// Queues in formulas.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "base/check.h"
#include "math/queues.h"

namespace poolgauge::math {

namespace {

double c_from_b(double blocked, double servers, double erlangs) {
  if (erlangs >= servers) return 1.0;
  return servers * blocked / (servers - erlangs * (1.0 - blocked));
}

}  // namespace

double erlang_b(std::uint64_t servers, double erlangs) {
  POOLGAUGE_CHECK(erlangs >= 0, "offered load is not negative");
  double blocked = 1.0;
  for (std::uint64_t k = 1; k <= servers; ++k) {
    blocked = erlangs * blocked / (static_cast<double>(k) + erlangs * blocked);
  }
  return blocked;
}

double erlang_c(std::uint64_t servers, double erlangs) {
  return c_from_b(erlang_b(servers, erlangs), static_cast<double>(servers), erlangs);
}

double OpenQueue::mean_wait_s() const {
  if (!stable()) return std::numeric_limits<double>::infinity();
  return wait_probability() * service_s / (static_cast<double>(servers) - erlangs());
}

double OpenQueue::wait_quantile_s(double p) const {
  POOLGAUGE_CHECK(p >= 0 && p < 1, "a quantile lies between 0 and 1");
  if (!stable()) return std::numeric_limits<double>::infinity();
  const double waiting = wait_probability();
  if (waiting <= 1.0 - p) return 0.0;
  const double spare = static_cast<double>(servers) - erlangs();
  return service_s / spare * std::log(waiting / (1.0 - p));
}

std::optional<std::uint64_t> servers_for(double erlangs, double wait_probability,
                                         std::uint64_t most) {
  double blocked = 1.0;
  for (std::uint64_t k = 1; k <= most; ++k) {
    const double servers = static_cast<double>(k);
    blocked = erlangs * blocked / (servers + erlangs * blocked);
    if (c_from_b(blocked, servers, erlangs) <= wait_probability && erlangs < servers) return k;
  }
  return std::nullopt;
}

std::uint64_t square_root_staffing(double erlangs, double beta) {
  constexpr double kSlack = 1e-9;  // a sum that is whole but for a rounding error
  return static_cast<std::uint64_t>(
      std::max(1.0, std::ceil(erlangs + beta * std::sqrt(erlangs) - kSlack)));
}

NetworkFigures mean_value_analysis(std::span<const double> demands_s, double think_s,
                                   std::uint64_t clients) {
  std::vector<double> queues(demands_s.size(), 0.0);
  NetworkFigures figures;
  for (std::uint64_t n = 1; n <= clients; ++n) {
    figures.response_s = 0.0;
    for (std::size_t k = 0; k < queues.size(); ++k) {
      figures.response_s += demands_s[k] * (1.0 + queues[k]);
    }
    figures.throughput_per_s = static_cast<double>(n) / (think_s + figures.response_s);
    for (std::size_t k = 0; k < queues.size(); ++k) {
      queues[k] = figures.throughput_per_s * demands_s[k] * (1.0 + queues[k]);
    }
  }
  return figures;
}

NetworkBounds operational_bounds(std::span<const double> demands_s, double think_s,
                                 std::uint64_t clients) {
  POOLGAUGE_CHECK(!demands_s.empty(), "a network has stations");
  const double total = std::accumulate(demands_s.begin(), demands_s.end(), 0.0);
  const double largest = *std::max_element(demands_s.begin(), demands_s.end());
  const double n = static_cast<double>(clients);
  return {std::min(n / (total + think_s), 1.0 / largest), std::max(total, n * largest - think_s),
          (total + think_s) / largest};
}

}  // namespace poolgauge::math
