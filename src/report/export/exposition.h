// The Prometheus text format (0.0.4), written family by family.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/latency_summary.h"

namespace poolgauge::prometheus {

using Labels = std::vector<std::pair<std::string_view, std::string>>;
using Value = std::optional<double>;

/// From milliseconds; nothing stays nothing.
Value seconds(const Value& ms);

/// Lines of the exposition. What all samples share comes first among the labels.
class Exposition {
 public:
  explicit Exposition(Labels common = {}) : common_(std::move(common)) {}

  /// A family without samples is not written. Its name is that after "poolgauge_".
  void family(std::string_view name, std::string_view help, std::string_view type = "gauge");
  void add(const Labels& labels, const Value& value);
  /// Whole numbers stay whole: six digits would round a large one.
  void add_count(const Labels& labels, std::uint64_t value);
  void add_summary(const Labels& labels, const LatencySummary& s);
  std::string text() && { return std::move(out_); }

 private:
  void line(std::string_view suffix, const Labels& labels, const std::string& value);

  Labels common_;
  std::string name_, head_, out_;
};

}  // namespace poolgauge::prometheus
