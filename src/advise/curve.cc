// A sweep's points, fitted and put into words.
#include "advise/score.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"
#include "math/fit_curve.h"

namespace poolgauge {

namespace {

struct Fitted {
  std::vector<double> n, x;
  std::optional<math::CurveFit> fit;
};

Fitted fitted(const std::vector<CurvePoint>& points) {
  Fitted result;
  for (const CurvePoint& point : points) {
    if (!point.usable || point.throughput_per_s <= 0) continue;
    result.n.push_back(point.at);
    result.x.push_back(point.throughput_per_s);
  }
  result.fit = math::fit_curve(result.n, result.x);
  return result;
}

void add_line(Curve& curve, const math::CurveFit& fit, double least, double most) {
  constexpr int kSteps = 40;
  for (int i = 0; i <= kSteps; ++i) {
    const double at = least * std::pow(most / least, static_cast<double>(i) / kSteps);
    curve.line.push_back({at, fit.rate(at), fit.lowest(at), fit.highest(at)});
  }
}

void add_fit(Curve& curve, const math::CurveFit& fit, double least, double most) {
  for (std::size_t i = 0; i < fit.families.size(); ++i) {
    const math::FittedFamily& family = fit.families[i];
    curve.families.push_back(
        {family.name, family.left_out_error, static_cast<int>(i) == fit.chosen});
  }
  add_line(curve, fit, least, most);
  const auto rate = [&fit](double n) { return fit.rate(n); };
  const math::KneePoint knee = math::find_knee(rate, least, most);
  curve.knee =
      CurveKnee{knee.at, knee.rate, knee.peak_at, knee.peak_rate, knee.beyond, knee.rising};
}

void add_goals(Curve& curve) {
  for (const CurvePoint& point : curve.points) {
    if (!point.usable || !point.goals_met.value_or(false)) continue;
    if (!curve.smallest_meeting_goals) curve.smallest_meeting_goals = point.at;
    curve.largest_meeting_goals = point.at;
  }
}

std::string place(const Curve& curve, double at) {
  if (curve.over == "rate") return significant(at) + " requests/s";
  std::string unit = place_unit(curve.over);
  if (std::round(at) == 1) unit.pop_back();
  return fmt::format("{:.0f} {}", at, unit);
}

/// The last point that the curve is fitted to.
double largest_used(const Curve& curve) {
  double largest = curve.points.front().at;
  for (const CurvePoint& point : curve.points) {
    if (point.usable && point.throughput_per_s > 0) largest = point.at;
  }
  return largest;
}

std::string beyond_words(const Curve& curve) {
  const CurveKnee& knee = *curve.knee;
  constexpr double kFalls = -0.05;
  const std::string last = place(curve, largest_used(curve));
  if (knee.beyond < kFalls) {
    return fmt::format("It falls beyond {}: at {} it is {} lower.", place(curve, knee.peak_at),
                       last, percent(-knee.beyond));
  }
  return fmt::format("Beyond it, up to {}, the fitted curve rises to {}/s.", last,
                     significant(knee.peak_per_s));
}

std::string knee_words(const Curve& curve) {
  const CurveKnee& knee = *curve.knee;
  if (knee.rising) {
    return fmt::format("Throughput still rises at {}{}, so the curve has no knee here.",
                       place(curve, largest_used(curve)),
                       largest_used(curve) == curve.points.back().at
                           ? ", the largest tried"
                           : ", the largest usable point");
  }
  if (knee.at <= curve.line.front().at) {
    return fmt::format("Throughput peaks at {}, the smallest tried: {}/s. {}",
                       place(curve, knee.at), significant(knee.throughput_per_s),
                       beyond_words(curve));
  }
  const std::string where = curve.over == "rate"
                                ? "an arrival rate of " + significant(knee.at) + "/s"
                                : place(curve, knee.at);
  return fmt::format("Throughput reaches 95 % of its maximum at {} (the knee): {}/s. {}", where,
                     significant(knee.throughput_per_s), beyond_words(curve));
}

/// No usable point meets the goals. One that is not usable proves nothing either way.
std::string none_words(const Curve& curve) {
  const CurvePoint* met = nullptr;
  std::size_t unusable = 0;
  for (const CurvePoint& point : curve.points) {
    if (point.usable) continue;
    ++unusable;
    if (point.goals_met.value_or(false) && met == nullptr) met = &point;
  }
  if (met != nullptr) {
    return fmt::format(
        "No usable point meets the goals. With {}, they were met, but that run was "
        "not usable. ",
        place(curve, met->at));
  }
  if (unusable > 0) {
    return fmt::format("No usable point meets the goals; {} of {} points {} not usable. ", unusable,
                       curve.points.size(), unusable == 1 ? "was" : "were");
  }
  return fmt::format("None of the {} tried meets the goals. ", curve.over == "pool" ? "sizes"
                                                               : curve.over == "users"
                                                                   ? "numbers of users"
                                                                   : "rates");
}

std::string goal_words(const Curve& curve) {
  const bool judged = std::any_of(curve.points.begin(), curve.points.end(),
                                  [](const CurvePoint& p) { return p.goals_met.has_value(); });
  if (!judged) return "";
  if (!curve.smallest_meeting_goals) return none_words(curve);
  const bool largest_is_last = *curve.largest_meeting_goals == curve.points.back().at;
  if (curve.over != "pool") {
    return fmt::format("The goals are met up to {}{}. ", place(curve, *curve.largest_meeting_goals),
                       largest_is_last ? ", the largest tried" : "");
  }
  return fmt::format("The smallest pool tried that meets the goals has {} per process. ",
                     place(curve, *curve.smallest_meeting_goals));
}

}  // namespace

std::optional<double> knee_place(const Curve& curve) {
  if (!curve.knee || curve.knee->rising || curve.line.empty()) return std::nullopt;
  if (curve.knee->at <= curve.line.front().at) return std::nullopt;
  return curve.over == "rate" ? curve.knee->at : std::round(curve.knee->at);
}

std::string place_unit(const std::string& over) {
  if (over == "users") return "users";
  return over == "rate" ? "requests/s" : "connections";
}

Curve make_curve(const std::string& over, std::vector<CurvePoint> points) {
  std::stable_sort(points.begin(), points.end(),
                   [](const CurvePoint& a, const CurvePoint& b) { return a.at < b.at; });
  Curve curve;
  curve.over = over;
  curve.points = std::move(points);
  add_goals(curve);
  const Fitted data = fitted(curve.points);
  if (data.fit) {
    add_fit(curve, *data.fit, *std::min_element(data.n.begin(), data.n.end()),
            *std::max_element(data.n.begin(), data.n.end()));
    curve.finding = goal_words(curve) + knee_words(curve);
  } else {
    curve.finding = goal_words(curve) +
                    "Too few usable points for a curve: it takes at least three different ones.";
  }
  return curve;
}

std::vector<double> first_places(double least, double most, std::size_t count) {
  std::set<double> places = {least, most};
  if (static_cast<double>(count) > most - least) {
    for (double at = least; at < most; ++at) places.insert(at);
  }
  for (std::size_t i = 1; i + 1 < count; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(count - 1);
    places.insert(std::round(least * std::pow(most / least, share)));
  }
  return {places.begin(), places.end()};
}

std::optional<double> next_place(const std::vector<CurvePoint>& points, double least, double most) {
  const Fitted data = fitted(points);
  if (!data.fit || most <= least) return std::nullopt;
  std::vector<double> taken;
  for (const CurvePoint& point : points) taken.push_back(point.at);
  const auto found = math::most_doubtful(*data.fit, least, most, taken);
  if (!found) return std::nullopt;
  const double whole = std::clamp(std::round(*found), least, most);
  const bool known = std::find(taken.begin(), taken.end(), whole) != taken.end();
  return known ? std::nullopt : std::optional(whole);
}

}  // namespace poolgauge
