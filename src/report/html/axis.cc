// Choosing round numbers.
#include "report/html/html_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "poolgauge/time.h"

namespace poolgauge {
namespace {

constexpr double kMostTicks = 5;

/// 1, 2 or 5 times a power of ten, at least `least`.
double round_step(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * 0.999999) return factor * power;
  }
  return 10 * power;
}

/// The largest 1, 2 or 5 times a power of ten that is at most `most`.
double round_below(double most) {
  const double power = std::pow(10.0, std::floor(std::log10(most) + 1e-9));
  for (const double factor : {5.0, 2.0}) {
    if (factor * power <= most * 1.000001) return factor * power;
  }
  return power;
}

std::string plain(double value) {
  if (value >= 1000) return with_thousands(static_cast<std::uint64_t>(std::llround(value)));
  return fmt::format("{:.4g}", value);
}

/// 1 - 1/r for the percentile, so that each nine adds the same length.
double stretched_axis(double percentile) {
  return -std::log10(1 - percentile / 100);
}

}  // namespace

double Axis::at(double value) const {
  double place = 0;
  if (log) {
    place = value <= low ? 0 : std::log(value / low) / std::log(high / low);
  } else if (high > low) {
    place = (value - low) / (high - low);
  }
  return std::clamp(place, 0.0, 1.0);
}

Axis count_axis(double largest) {
  Axis axis;
  if (largest <= 0) {
    axis.ticks = {{0, "0"}, {1, "1"}};
    return axis;
  }
  const double step = round_step(largest / kMostTicks);
  axis.high = std::ceil(largest / step - 1e-9) * step;
  for (double value = 0; value <= axis.high * 1.000001; value += step) {
    axis.ticks.emplace_back(value, plain(value));
  }
  return axis;
}

Axis time_axis(double largest_ms) {
  const std::string_view unit = duration_unit(from_ms(largest_ms));
  const double in_ms = unit == "s" ? 1e3 : unit == "ms" ? 1 : 1e-3;
  Axis axis = count_axis(largest_ms / in_ms);
  axis.high *= in_ms;
  for (auto& [value, text] : axis.ticks) {
    value *= in_ms;
    text += fmt::format(" {}", unit);
  }
  return axis;
}

Axis log_time_axis(double least_ms, double largest_ms) {
  constexpr double kLeast = 1e-3;  // a microsecond
  constexpr double kMany = 2.2;    // decades from which only powers of ten get a tick
  Axis axis;
  axis.log = true;
  axis.high = round_step(std::max(largest_ms, kLeast * 10));
  axis.low = std::min(round_below(std::max(least_ms, kLeast)), axis.high / 5);
  const bool many = std::log10(axis.high / axis.low) > kMany;
  for (int power = -4; power <= 8; ++power) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double value = factor * std::pow(10.0, power);
      if (value < axis.low * 0.999 || value > axis.high * 1.001) continue;
      if (!many || factor < 1.5) axis.ticks.emplace_back(value, tick_time(value));
    }
  }
  return axis;
}

Axis clock_axis(double end_s) {
  Axis axis;
  axis.high = std::max(end_s, 1e-3);
  const bool minutes = end_s > 300;
  constexpr std::array kSteps = {60.0,   120.0,  300.0,   600.0,   1200.0,  1800.0,
                                 3600.0, 7200.0, 14400.0, 43200.0, 86400.0, 604800.0};
  double step = round_step(axis.high / kMostTicks);
  if (minutes) {
    const auto fits = [&](double each) { return axis.high / each <= kMostTicks + 1; };
    const auto* const found = std::find_if(kSteps.begin(), kSteps.end(), fits);
    if (found != kSteps.end()) step = *found;
  }
  for (double value = 0; value <= axis.high * 1.000001; value += step) {
    const std::string text = minutes && value > 0 ? format_duration(from_s(value)) : plain(value);
    axis.ticks.emplace_back(value, value > 0 && !minutes ? text + " s" : text);
  }
  return axis;
}

Axis percentile_axis(double count) {
  Axis axis;
  const double last = std::max(100 * (1 - 1 / std::max(count, 20.0)), 95.0);
  axis.high = stretched_axis(last);
  for (const auto& [percentile, text] : {std::pair(0.0, "0"),
                                         {50.0, "50"},
                                         {90.0, "90"},
                                         {99.0, "99"},
                                         {99.9, "99.9"},
                                         {99.99, "99.99"},
                                         {99.999, "99.999"}}) {
    if (percentile <= last) axis.ticks.emplace_back(stretched_axis(percentile), text);
  }
  return axis;
}

Axis size_axis(double low, double high) {
  Axis axis;
  axis.low = low;
  axis.high = high > low ? high : low + 1;
  const double step = std::max(1.0, round_step((axis.high - axis.low) / kMostTicks));
  for (double value = std::ceil(low / step) * step; value <= axis.high * 1.000001; value += step) {
    axis.ticks.emplace_back(value, plain(value));
  }
  return axis;
}

std::string tick_time(double ms) {
  if (ms >= 1000) return fmt::format("{:.4g} s", ms / 1000);
  if (ms >= 1) return fmt::format("{:.4g} ms", ms);
  return fmt::format("{:.4g} µs", ms * 1000);
}

}  // namespace poolgauge
