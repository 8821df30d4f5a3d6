// Fitting the slow-down within one run: the number of exchanges under way changes from moment to
// moment, so the sample itself shows what it does to their times.
#include "advise/prediction.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace poolgauge {
namespace {

constexpr double kLeastCapacity = 0.5;
constexpr double kMostCapacity = 256;
constexpr double kGridStep = 1.05;
constexpr unsigned kUsualCores = 2;
constexpr std::size_t kFewestPoints = 100;
constexpr std::size_t kSpeeds = 512;
/// By how much the fit errs upwards against modelled servers whose capacity is known: an exchange's
/// mean number under way hides the moments that slowed it.
constexpr double kUpwards = 1.3;

constexpr double kCorner = 4;  // of the slow-down's curve: see speed_of

/// ln of a time against the exchanges under way, and which exchange it was.
struct Point {
  std::size_t kind = 0;
  double log_us = 0;
  double active = 1;
  double bend = 1;  ///< active to the power of kCorner
};

/// All sampled exchanges; each exchange of each request is a kind of its own.
std::vector<Point> points_of(const Calibration& calibration) {
  std::vector<std::size_t> base;
  std::size_t kinds = 0;
  for (const auto& request : calibration.exchanges) {
    base.push_back(kinds);
    kinds += request.size();
  }
  std::vector<Point> points;
  for (const TransactionSample& sample : calibration.transactions) {
    if (sample.request >= base.size()) continue;
    for (std::size_t i = 0; i < sample.exchanges.size(); ++i) {
      const auto us = static_cast<double>(sample.exchanges[i].us);
      const auto active = static_cast<double>(sample.exchanges[i].active);
      if (us <= 0) continue;
      const double n = std::max(1.0, active);
      points.push_back({base[sample.request] + i, std::log(us), n, std::pow(n, kCorner)});
    }
  }
  return points;
}

/// What the slow-down leaves unexplained: squares around each kind's own mean.
double unexplained(const std::vector<Point>& points, double capacity) {
  struct Sum {
    double n = 0, sum = 0, squares = 0;
  };
  std::vector<Sum> sums;
  const double scale = std::pow(capacity, -kCorner);
  const double one = std::log1p(scale);
  for (const Point& point : points) {
    if (point.kind >= sums.size()) sums.resize(point.kind + 1);
    // The logarithm of speed_of: asked for every point and every capacity that is tried.
    const double log_speed = (one - std::log1p(point.bend * scale)) / kCorner;
    const double alone = point.log_us + log_speed;
    Sum& sum = sums[point.kind];
    sum.n += 1;
    sum.sum += alone;
    sum.squares += alone * alone;
  }
  double left = 0;
  for (const Sum& sum : sums) {
    if (sum.n > 0) left += sum.squares - sum.sum * sum.sum / sum.n;
  }
  return left;
}

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  const auto rank = static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

/// Sums of squares closer than this are told apart by nothing: chi-square of one degree;
/// neighbouring exchanges share their weather, so a third as many count.
double margin_of(double least, const std::vector<Point>& points) {
  return least * 3.84 * 3 / static_cast<double>(points.size());
}

/// The number of cores where the sample cannot tell; all that were under way, where it shows that
/// they did not slow each other down.
double assumed_capacity(const Calibration& calibration, const std::vector<Point>& points,
                        double seen_most) {
  const double cores = calibration.cores > 0 ? calibration.cores : kUsualCores;
  const double flat = unexplained(points, kMostCapacity);
  const bool contradicted = unexplained(points, cores) > flat + 2 * margin_of(flat, points);
  return contradicted ? std::max(cores, seen_most) : cores;
}

/// Least squares over the grid, with the interval of what fits nearly as well.
void fit_capacity(ServerFit& fit, const std::vector<Point>& points) {
  const double flat = unexplained(points, kMostCapacity);
  double best = flat;
  double at = kMostCapacity;
  std::vector<std::pair<double, double>> tried;
  for (double c = kLeastCapacity; c < kMostCapacity; c *= kGridStep) {
    const double left = unexplained(points, c);
    tried.emplace_back(c, left);
    if (left < best) {
      best = left;
      at = c;
    }
  }
  const double margin = margin_of(best, points);
  if (flat - best <= 2 * margin) return;
  fit.observed = true;
  fit.capacity = fit.capacity_low = fit.capacity_high = at;
  for (const auto& [c, left] : tried) {
    if (left > best + margin) continue;
    fit.capacity_low = std::min(fit.capacity_low, c);
    fit.capacity_high = std::max(fit.capacity_high, c);
  }
}

Duration from_us(double us) {
  return from_s(us * 1e-6);
}

/// All completed requests' mean over the sample's: takes the sample's chance out of the mean.
std::vector<std::vector<double>> mean_corrections(const Calibration& calibration) {
  std::vector<std::vector<TimedCount>> sampled;
  for (const auto& request : calibration.exchanges) sampled.emplace_back(request.size());
  for (const TransactionSample& sample : calibration.transactions) {
    for (std::size_t i = 0; i < sample.exchanges.size(); ++i) {
      if (sample.exchanges[i].us <= 0) continue;
      ++sampled[sample.request][i].count;
      sampled[sample.request][i].total_us += static_cast<double>(sample.exchanges[i].us);
    }
  }
  std::vector<std::vector<double>> factors;
  for (std::size_t r = 0; r < sampled.size(); ++r) {
    std::vector<double>& row = factors.emplace_back();
    for (std::size_t i = 0; i < sampled[r].size(); ++i) {
      const double mean = sampled[r][i].mean_us();
      row.push_back(mean > 0 ? calibration.exchanges[r][i].mean_us() / mean : 1.0);
    }
  }
  return factors;
}

/// The sample has the scenario's own requests with their own steps.
bool matches(const Calibration& calibration, const Scenario& scenario) {
  if (calibration.exchanges.size() != scenario.requests.size()) return false;
  for (std::size_t r = 0; r < scenario.requests.size(); ++r) {
    if (calibration.exchanges[r].size() != scenario.requests[r].steps.size() + 2) return false;
  }
  return !calibration.empty();
}

void add_transactions(ServerProfile& profile, const Calibration& calibration, const ServerFit& fit,
                      const Deviation& deviation) {
  if (fit.capacity <= 0) return;  // requests without statements
  const double spread = std::log(fit.capacity_high / fit.capacity_low) / 4;
  const double fitted =
      fit.capacity * (fit.observed ? std::exp(deviation.capacity * std::min(spread, 1.0)) : 1.0);
  const auto factors = mean_corrections(calibration);
  for (const TransactionSample& sample : calibration.transactions) {
    ServerProfile::Transaction transaction;
    transaction.request = sample.request;
    for (std::size_t i = 0; i < sample.exchanges.size(); ++i) {
      const ExchangeSample& exchange = sample.exchanges[i];
      const double active = std::max(1.0, static_cast<double>(exchange.active));
      const double alone = static_cast<double>(exchange.us) * factors[sample.request][i] *
                           speed_of(fitted, active) * std::exp(deviation.work);
      transaction.alone.push_back(from_us(alone));
    }
    profile.transactions.push_back(std::move(transaction));
  }
  for (std::size_t n = 1; n <= kSpeeds; ++n) {
    profile.speed.push_back(speed_of(fitted * deviation.scale, static_cast<double>(n)));
  }
  const double usual = speed_of(fitted, std::max(1.0, calibration.active_mean));
  profile.ping_alone = from_us(calibration.pings.mean_us() * usual);
  profile.reset_alone = from_us(calibration.resets.mean_us() * usual);
}

/// A statement's measured mean holds the round trip, which the model adds again.
Duration work_of(const LatencySummary& latency, Duration round_trip) {
  constexpr Duration kLeast = std::chrono::microseconds(1);
  if (!latency.mean) return Duration{0};
  return std::max(kLeast, from_ms(*latency.mean) - round_trip);
}

}  // namespace

double speed_of(double capacity, double active) {
  const auto slowness = [capacity](double n) {
    return std::pow(1 + std::pow(n / capacity, kCorner), 1 / kCorner);
  };
  return active <= 1 ? 1.0 : slowness(1) / slowness(active);
}

ServerFit fit_server(const Calibration& calibration) {
  ServerFit fit;
  const std::vector<Point> points = points_of(calibration);
  if (points.empty()) return fit;
  fit.seen_mean = calibration.active_mean;
  std::vector<double> active;
  for (const Point& point : points) active.push_back(point.active);
  fit.seen_most = quantile(std::move(active), 0.99);
  if (points.size() >= kFewestPoints) fit_capacity(fit, points);
  // Where the sample does not contradict the machine's number of cores, that is the better guess.
  const double cores = calibration.cores;
  const bool fits_cores = cores >= fit.capacity_low / kUpwards && cores <= fit.capacity_high;
  if (fit.observed && fits_cores) {
    fit.capacity = cores;
    fit.capacity_low = std::min(fit.capacity_low, cores);
  }
  if (!fit.observed) {
    fit.capacity = assumed_capacity(calibration, points, fit.seen_most);
    fit.capacity_low = fit.capacity;
    fit.capacity_high = std::numeric_limits<double>::infinity();
  }
  return fit;
}

ServerProfile profile_of(const Report& report, const Scenario& scenario,
                         const Deviation& deviation) {
  return profile_of(report, scenario, fit_server(report.calibration), deviation);
}

ServerProfile profile_of(const Report& report, const Scenario& scenario, const ServerFit& fit,
                         const Deviation& deviation) {
  ServerProfile profile;
  for (const StepSummary& step : report.steps) {
    const bool is_sql = step.kind == "sql";
    profile.step_work.push_back(is_sql ? work_of(step.latency, profile.round_trip) : Duration{0});
  }
  if (profile.step_work.size() != scenario.step_count()) profile.step_work.clear();
  // Through a pooler the pools' connects are logins there, and statements wait in its line.
  if (!report.target.pooler) {
    if (report.connect.mean) {
      const Duration connect = from_ms(*report.connect.mean);
      profile.connect_work = std::min(profile.connect_work, connect);
      profile.connect_delay = connect - profile.connect_work;
    }
    if (matches(report.calibration, scenario)) {
      add_transactions(profile, report.calibration, fit, deviation);
    }
  }
  if (report.calibration.cores > 0) profile.cores = report.calibration.cores;
  if (report.target.kind == "server") profile.max_connections = report.target.max_connections;
  return profile;
}

}  // namespace poolgauge
