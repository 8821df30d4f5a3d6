// The parts of the HTML page.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// A table. `columns` has a 'w' for each column of words, which stay to the left; figures, and what
/// is not named there, stand to the right.
class HtmlTable {
 public:
  HtmlTable(std::string caption, std::vector<std::string> heads, std::string columns = "w");
  void row(const std::vector<std::string>& cells);
  bool empty() const { return rows_.empty(); }
  /// Wide tables scroll within their place, also with the keyboard.
  std::string str() const;

 private:
  std::string caption_;
  std::vector<std::string> heads_;
  std::string columns_;
  bool words(std::size_t column) const {
    return column < columns_.size() && columns_[column] == 'w';
  }
  std::string rows_;
};

/// A part of the page with its heading; `inside` is HTML.
std::string html_section(std::string_view id, std::string_view title, std::string_view inside);
/// A chart with a sentence on what it shows, and its data, folded.
std::string html_figure(std::string_view heading, std::string_view sentence, std::string_view svg,
                        std::string_view behind);
/// `inside` is HTML that is shown when the title is chosen.
std::string html_folded(std::string_view title, std::string_view inside);
std::string html_paragraph(std::string_view text, std::string_view kind = "");
std::string html_list(const std::vector<std::string>& items, std::string_view kind = "");
/// A small heading within a section.
std::string html_heading(std::string_view text);
/// A list of names and values.
std::string html_pairs(const std::vector<std::pair<std::string, std::string>>& pairs);

// Axes of charts: from values to places between 0 and 1, with ticks that people can read.

struct Axis {
  double low = 0, high = 1;
  bool log = false;
  std::vector<std::pair<double, std::string>> ticks;  ///< value and text

  /// 0 at `low`, 1 at `high`; values outside are moved to the nearer end.
  double at(double value) const;
};

/// From zero to a round number at or above `largest`, in plain figures.
Axis count_axis(double largest);
/// The same for milliseconds, in one unit.
Axis time_axis(double largest_ms);
/// Logarithmic, from a round number below `least_ms` to one above `largest_ms`; zeros lie at its
/// lower end.
Axis log_time_axis(double least_ms, double largest_ms);
/// Exactly from zero to `end_s`: the time that passes in a run.
Axis clock_axis(double end_s);
/// Percentiles from 0 to the last that `count` values can show, stretched towards 100: each further
/// nine takes the same room.
Axis percentile_axis(double count);
/// Exactly from `low` to `high`, with round ticks between.
Axis size_axis(double low, double high);

/// Milliseconds for a tick: "200 ms", "1.5 s".
std::string tick_time(double ms);

// The parts of the HTML page, each as a section; empty where a report holds nothing for it.

std::string html_advice(const Report& report);
/// "What to set"; where nothing is recommended "What was found".
const char* html_advice_title(const Report& report);
/// Baseline and candidate, of a gate or a comparison.
std::string html_gate(const Report& report);
std::string html_breakdown(const Report& report);
std::string html_distribution(const Report& report);
std::string html_timeline(const Report& report);
/// Throughput and latency by size, of a sweep.
std::string html_curve(const Report& report);
/// Single requests, drawn as what they did one after the other.
std::string html_samples(const Report& report);
/// Empty where there is one kind only.
std::string kinds_html(const Report& report);
/// Steps, failures, pools, server and settings.
std::string html_details(const Report& report);

// How the HTML page looks, and the few lines of script it can do without.

std::string_view html_style();
/// Reads the values under the pointer, or under the arrow keys, out of the table behind the time
/// series.
std::string_view html_script();

}  // namespace poolgauge
