// Erlang B by its recursion, Erlang C from B.
#include "math/erlang.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

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

}  // namespace poolgauge::math
