// Rate curves: the universal scalability law and what holding a connection makes of a curve.
#include "math/rate_curve.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/check.h"

namespace poolgauge::math {

namespace {

/// ln(sum of exp(terms)).
double log_sum(std::span<const double> terms) {
  const double largest = *std::max_element(terms.begin(), terms.end());
  double sum = 0.0;
  for (const double term : terms) sum += std::exp(term - largest);
  return largest + std::log(sum);
}

/// ln of G(m) = sum over j = 0..m of prod_{i=1..j} 1/X(i) * D^(m-j) / (m-j)!, for every m.
std::vector<double> log_normalizers(const RateCurve& database, double delay_s, std::size_t most) {
  std::vector<double> at_database(most + 1, 0.0);  // ln of the product up to j
  for (std::size_t j = 1; j <= most; ++j) {
    at_database[j] = at_database[j - 1] - std::log(database(static_cast<double>(j)));
  }
  std::vector<double> logs(most + 1, 0.0);
  std::vector<double> terms;
  for (std::size_t m = 1; m <= most; ++m) {
    terms.clear();
    for (std::size_t j = 0; j <= m; ++j) {
      const double elsewhere = static_cast<double>(m - j);
      terms.push_back(at_database[j] + elsewhere * std::log(delay_s) - std::lgamma(elsewhere + 1));
    }
    logs[m] = log_sum(terms);
  }
  return logs;
}

}  // namespace

RateCurve independent_servers(double service_s) {
  return [service_s](double n) { return n / service_s; };
}

double Usl::rate(double n) const {
  return gamma * n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0));
}

std::optional<double> Usl::peak() const {
  if (kappa <= 0) return std::nullopt;
  return std::sqrt((1.0 - sigma) / kappa);
}

RateCurve Usl::curve() const {
  return [usl = *this](double n) { return usl.rate(n); };
}

std::vector<double> hold_rates(const RateCurve& database, double delay_s, std::size_t most) {
  POOLGAUGE_CHECK(delay_s >= 0, "a delay is not negative");
  std::vector<double> rates;
  if (delay_s == 0.0) {
    for (std::size_t m = 1; m <= most; ++m) rates.push_back(database(static_cast<double>(m)));
    return rates;
  }
  const std::vector<double> logs = log_normalizers(database, delay_s, most);
  for (std::size_t m = 1; m <= most; ++m) rates.push_back(std::exp(logs[m - 1] - logs[m]));
  return rates;
}

RateCurve hold_curve(const RateCurve& database, double delay_s, std::size_t most) {
  if (delay_s == 0.0) return database;
  return [rates = hold_rates(database, delay_s, most)](double m) {
    const double last = static_cast<double>(rates.size());
    const double at = std::clamp(m, 0.0, last);
    const auto below = static_cast<std::size_t>(at);
    const double low = below == 0 ? 0.0 : rates[below - 1];
    if (below == rates.size()) return low;
    return low + (at - static_cast<double>(below)) * (rates[below] - low);
  };
}

}  // namespace poolgauge::math
