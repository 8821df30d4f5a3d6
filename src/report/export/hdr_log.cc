// HdrHistogram's two text forms: interval logs, and percentile distributions.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include "base/visible_text.h"
#include "poolgauge/report.h"
#include "report/json/histograms.h"

namespace poolgauge {

namespace {

constexpr double kNsPerMs = 1e6;

/// "2026-01-31T12:00:00Z" as seconds since 1970; 0 for anything else.
double epoch_seconds(const std::string& iso) {
  if (iso.size() < 19) return 0;
  const auto part = [&](std::size_t at, std::size_t length) {
    return static_cast<int>(std::strtol(iso.substr(at, length).c_str(), nullptr, 10));
  };
  const std::chrono::year_month_day date{std::chrono::year{part(0, 4)},
                                         std::chrono::month{static_cast<unsigned>(part(5, 2))},
                                         std::chrono::day{static_cast<unsigned>(part(8, 2))}};
  if (!date.ok()) return 0;
  const double days = static_cast<double>(std::chrono::sys_days{date}.time_since_epoch().count());
  return days * 86400 + part(11, 2) * 3600 + part(14, 2) * 60 + part(17, 2);
}

struct Line {
  double start_s = 0;
  double length_s = 0;
  const std::string* tag = nullptr;
  PackedHistogram counts;
};

void add_lines(std::vector<Line>& lines, const Report& report, const KeptHistogram& metric) {
  HdrIntervals intervals = hdr_intervals(report, metric);
  if (intervals.parts.empty()) {
    lines.push_back({0, report.window_s, &metric.name, metric.whole});
    return;
  }
  for (std::size_t i = 0; i < intervals.parts.size(); ++i) {
    const double start_s = static_cast<double>(i) * intervals.length_s;
    const double end_s = std::min(start_s + intervals.length_s, report.window_s);
    lines.push_back(
        {start_s, std::max(0.0, end_s - start_s), &metric.name, std::move(intervals.parts[i])});
  }
}

/// A tag ends at the comma.
std::string tag_text(const std::string& name) {
  std::string tag = visible_text(name);
  std::replace(tag.begin(), tag.end(), ',', '_');
  std::replace(tag.begin(), tag.end(), ' ', '_');
  return tag;
}

/// Of the values' buckets, as HdrHistogram has it: for the distribution's last lines.
struct Moments {
  double mean = 0;
  double deviation = 0;
};

Moments moments_of(const std::vector<Histogram::Bucket>& buckets, double count) {
  const auto middle = [](const Histogram::Bucket& bucket) {
    return static_cast<double>((bucket.low + (bucket.high - bucket.low + Duration{1}) / 2).count());
  };
  Moments moments;
  for (const auto& bucket : buckets) {
    moments.mean += middle(bucket) * static_cast<double>(bucket.count) / count;
  }
  double squares = 0;
  for (const auto& bucket : buckets) {
    const double off = middle(bucket) - moments.mean;
    squares += off * off * static_cast<double>(bucket.count);
  }
  moments.deviation = std::sqrt(squares / count);
  return moments;
}

double highest_ms(const Histogram::Bucket& bucket) {
  return static_cast<double>(bucket.high.count()) / kNsPerMs;
}

/// Ties are rounded up, as Java does.
double up(double value) {
  return std::nextafter(value, HUGE_VAL);
}

/// The next level: five steps to each halving of the distance to 100 %.
double next_level(double level) {
  constexpr double kStepsPerHalf = 5;
  const double halvings = std::floor(std::log(100.0 / (100.0 - level)) / std::log(2.0)) + 1;
  return level + 100.0 / (kStepsPerHalf * std::pow(2.0, halvings));
}

std::string distribution(const std::vector<Histogram::Bucket>& buckets, double count) {
  std::string text = fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile",
                                 "TotalCount", "1/(1-Percentile)");
  double level = 0;
  std::uint64_t seen = 0;
  for (const Histogram::Bucket& bucket : buckets) {
    seen += bucket.count;
    const bool last = &bucket == &buckets.back();
    while (100.0 * static_cast<double>(seen) / count >= level) {
      text += fmt::format("{:12.3f} {:2.12f} {:10d} {:14.2f}\n", up(highest_ms(bucket)),
                          up(level / 100), seen, up(1 / (1 - level / 100)));
      level = next_level(level);
      if (last) break;
    }
  }
  text += fmt::format("{:12.3f} {:2.12f} {:10d}\n", up(highest_ms(buckets.back())), 1.0, seen);
  return text;
}

}  // namespace

std::string to_hdr_log(const Report& report) {
  std::vector<Line> lines;
  for (const KeptHistogram& metric : report.histograms) add_lines(lines, report, metric);
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.start_s < b.start_s; });
  std::string text = fmt::format(
      "#[poolgauge {}: {}; values in nanoseconds, time stamps from the start of the window]\n"
      "#[Histogram log format version 1.3]\n"
      "#[StartTime: {:.3f} (seconds since epoch), {}]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      tag_text(report.tool_version), tag_text(report.scenario_name),
      epoch_seconds(report.started_at), tag_text(report.started_at));
  for (const Line& line : lines) {
    text += fmt::format("Tag={},{:.3f},{:.3f},{:.3f},{}\n", tag_text(*line.tag), line.start_s,
                        line.length_s, static_cast<double>(line.counts.max.count()) / kNsPerMs,
                        hdr_encoded(line.counts));
  }
  return text;
}

std::optional<std::string> to_hgrm(const Report& report, const std::string& metric) {
  const auto kept = std::find_if(report.histograms.begin(), report.histograms.end(),
                                 [&](const KeptHistogram& known) { return known.name == metric; });
  if (kept == report.histograms.end()) return std::nullopt;
  Histogram whole;
  if (!whole.merge(kept->whole)) return std::nullopt;
  const std::vector<Histogram::Bucket> buckets = whole.buckets();
  const double count = static_cast<double>(whole.count());
  std::string text;
  if (buckets.empty()) {
    text = fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount",
                       "1/(1-Percentile)");
  } else {
    text = distribution(buckets, count);
  }
  const Moments moments = buckets.empty() ? Moments{} : moments_of(buckets, count);
  text += fmt::format("#[Mean    = {:12.3f}, StdDeviation   = {:12.3f}]\n", moments.mean / kNsPerMs,
                      moments.deviation / kNsPerMs);
  text += fmt::format("#[Max     = {:12.3f}, Total count    = {:12d}]\n",
                      buckets.empty() ? 0.0 : highest_ms(buckets.back()), whole.count());
  text += fmt::format("#[Buckets = {:12d}, SubBuckets     = {:12d}]\n", 32, 2048);
  return text;
}

}  // namespace poolgauge
