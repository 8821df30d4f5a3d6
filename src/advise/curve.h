// From measured points to a curve: the fit, its knee, and a sentence about both.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "poolgauge/curve.h"

namespace poolgauge {

/// Points in any order; those that are not usable are kept, but not fitted.
Curve make_curve(const std::string& over, std::vector<CurvePoint> points);

/// Where text and charts alike show the knee, as a whole number but for rates; nothing where it
/// lies beyond what was measured or at its very start, and so is not called one.
std::optional<double> knee_place(const Curve& curve);

/// "connections", "users", "requests/s": what the places of a curve count.
std::string place_unit(const std::string& over);

/// The places to measure first: `count` of them, evenly on a logarithmic scale, whole numbers, both
/// ends among them.
std::vector<double> first_places(double least, double most, std::size_t count);
/// Where another point is most useful: where the families disagree; nullopt where they agree.
std::optional<double> next_place(const std::vector<CurvePoint>& points, double least, double most);

}  // namespace poolgauge
