// Names, escaped labels, values of six digits.
#include "report/export/exposition.h"

#include <fmt/format.h>

#include <array>

#include "base/visible_text.h"

namespace poolgauge::prometheus {

namespace {

std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : visible_lines(text)) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

Value seconds(const Value& ms) {
  if (!ms) return std::nullopt;
  return *ms / 1e3;
}

void Exposition::family(std::string_view name, std::string_view help, std::string_view type) {
  name_ = fmt::format("poolgauge_{}", name);
  head_ = fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name_, help, type);
}

void Exposition::add(const Labels& labels, const Value& value) {
  if (value) line("", labels, fmt::format("{:.6g}", *value));
}

void Exposition::add_count(const Labels& labels, std::uint64_t value) {
  line("", labels, fmt::format("{}", value));
}

void Exposition::add_summary(const Labels& labels, const LatencySummary& s) {
  const std::array<std::pair<const char*, Value>, 5> quantiles = {
      {{"0.5", s.p50}, {"0.9", s.p90}, {"0.95", s.p95}, {"0.99", s.p99}, {"0.999", s.p999}}};
  for (const auto& [quantile, ms] : quantiles) {
    Labels with = labels;
    with.emplace_back("quantile", quantile);
    add(with, seconds(ms));
  }
  const double sum = s.mean.value_or(0) / 1e3 * static_cast<double>(s.count);
  line("_sum", labels, fmt::format("{:.6g}", sum));
  line("_count", labels, fmt::format("{}", s.count));
}

void Exposition::line(std::string_view suffix, const Labels& labels, const std::string& value) {
  out_ += head_ + name_;
  out_ += suffix;
  head_.clear();
  std::string list;
  for (const Labels* all : {&std::as_const(common_), &labels}) {
    for (const auto& [name, text] : *all) {
      list += fmt::format("{}{}=\"{}\"", list.empty() ? "" : ",", name, label_value(text));
    }
  }
  if (!list.empty()) out_ += "{" + list + "}";
  out_ += " " + value + "\n";
}

}  // namespace poolgauge::prometheus
