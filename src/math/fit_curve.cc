// The families side by side: leave-one-out errors, their median, and the knee.
#include "math/fit_curve.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace poolgauge::math {

namespace {

struct Points {
  std::vector<double> n, x;
};

/// Ascending; repeated measurements of one n become one point.
Points merged(std::span<const double> n, std::span<const double> x) {
  std::map<double, std::pair<double, int>> logs;
  for (std::size_t i = 0; i < n.size(); ++i) {
    auto& [sum, count] = logs[n[i]];
    sum += std::log(x[i]);
    ++count;
  }
  Points points;
  for (const auto& [at, log] : logs) {
    points.n.push_back(at);
    points.x.push_back(std::exp(log.first / log.second));
  }
  return points;
}

using Fit = std::optional<RateCurve> (*)(const Points& points);

std::optional<RateCurve> usl_curve(const Points& points) {
  const auto fit = fit_usl(points.n, points.x);
  if (!fit) return std::nullopt;
  return fit->usl.curve();
}

std::optional<RateCurve> knee_curve(const Points& points) {
  const auto knee = fit_knee(points.n, points.x);
  if (!knee) return std::nullopt;
  return [knee = *knee](double n) { return knee.rate(n); };
}

std::optional<RateCurve> spline_curve(const Points& points) {
  const auto spline = MonotoneCurve::through(points.n, points.x);
  if (!spline) return std::nullopt;
  return [spline = *spline](double n) { return spline.rate(n); };
}

std::optional<double> left_out_error(Fit fit, const Points& points) {
  double sum = 0;
  int count = 0;
  for (std::size_t out = 1; out + 1 < points.n.size(); ++out) {
    Points rest = points;
    rest.n.erase(rest.n.begin() + static_cast<std::ptrdiff_t>(out));
    rest.x.erase(rest.x.begin() + static_cast<std::ptrdiff_t>(out));
    const auto curve = fit(rest);
    if (!curve) continue;
    sum += std::abs(std::log(points.x[out] / (*curve)(points.n[out])));
    ++count;
  }
  if (count < 2) return std::nullopt;
  return sum / count;
}

int clear_winner(const std::vector<FittedFamily>& families) {
  for (std::size_t i = 0; i < families.size(); ++i) {
    const auto& own = families[i].left_out_error;
    if (!own) continue;
    const bool wins = std::all_of(families.begin(), families.end(), [&](const FittedFamily& other) {
      return other.name == families[i].name ||
             (other.left_out_error && *own < *other.left_out_error / 2);
    });
    if (wins && families.size() > 1) return static_cast<int>(i);
  }
  return -1;
}

std::vector<double> answers(const std::vector<FittedFamily>& families, double n) {
  std::vector<double> all;
  for (const FittedFamily& family : families) all.push_back(family.curve(n));
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

double CurveFit::rate(double n) const {
  if (chosen >= 0) return families[static_cast<std::size_t>(chosen)].curve(n);
  const std::vector<double> all = answers(families, n);
  const std::size_t middle = all.size() / 2;
  return all.size() % 2 == 1 ? all[middle] : std::sqrt(all[middle - 1] * all[middle]);
}

double CurveFit::lowest(double n) const {
  return answers(families, n).front();
}

double CurveFit::highest(double n) const {
  return answers(families, n).back();
}

std::optional<CurveFit> fit_curve(std::span<const double> n, std::span<const double> x) {
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  if (n.size() != x.size() || !std::all_of(n.begin(), n.end(), positive) ||
      !std::all_of(x.begin(), x.end(), positive)) {
    return std::nullopt;
  }
  const Points points = merged(n, x);
  if (points.n.size() < 3) return std::nullopt;
  CurveFit result;
  constexpr std::pair<const char*, Fit> kFamilies[] = {
      {"usl", usl_curve}, {"knee", knee_curve}, {"spline", spline_curve}};
  for (const auto& [name, fit] : kFamilies) {
    auto curve = fit(points);
    if (curve) result.families.push_back({name, std::move(*curve), left_out_error(fit, points)});
  }
  result.chosen = clear_winner(result.families);
  return result;
}

KneePoint find_knee(const RateCurve& curve, double least, double most) {
  constexpr double kEnough = 0.95;
  constexpr double kRising = 0.05;
  constexpr int kSteps = 400;
  const auto at = [least, most](int i) {
    return least * std::pow(most / least, static_cast<double>(i) / kSteps);
  };
  KneePoint knee;
  for (int i = 0; i <= kSteps; ++i) {
    const double rate = curve(at(i));
    if (rate > knee.peak_rate) {
      knee.peak_rate = rate;
      knee.peak_at = at(i);
    }
  }
  knee.at = knee.peak_at;
  for (int i = 0; i <= kSteps; ++i) {
    if (curve(at(i)) < kEnough * knee.peak_rate) continue;
    knee.at = at(i);
    break;
  }
  knee.rate = curve(knee.at);
  knee.beyond = curve(most) / knee.peak_rate - 1;
  const double before = std::max(least, most / 1.25);
  if (before < most) {
    const double per_doubling =
        std::log(curve(most) / curve(before)) / std::log(most / before) * std::log(2.0);
    knee.rising = per_doubling > kRising;
  }
  return knee;
}

std::optional<double> most_doubtful(const CurveFit& fit, double least, double most,
                                    std::span<const double> taken) {
  constexpr double kAgreed = 0.02;
  constexpr int kSteps = 200;
  double largest = kAgreed;
  std::optional<double> found;
  for (int i = 0; i <= kSteps; ++i) {
    const double n = least * std::pow(most / least, static_cast<double>(i) / kSteps);
    const bool near = std::any_of(taken.begin(), taken.end(), [n](double other) {
      return std::abs(n - other) < 0.75 || std::abs(std::log(n / other)) < 0.05;
    });
    const double spread = std::log(fit.highest(n) / fit.lowest(n));
    if (near || spread <= largest) continue;
    largest = spread;
    found = n;
  }
  return found;
}

}  // namespace poolgauge::math
