// name{label="value"} number [timestamp], line by line.
#include "observe/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include "base/letters.h"
#include "base/visible_text.h"
#include "observe/bounds.h"

namespace poolgauge::observe {
namespace {

constexpr auto kLatest_s = static_cast<double>(kLatestTime_s);

constexpr std::size_t kMostOfALine = 60;  // quoted in an error

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}

bool is_of_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9');
}

/// What is left of one line.
class SampleLine {
 public:
  explicit SampleLine(std::string_view text) : rest_(text) {}

  void skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t'))
      rest_.remove_prefix(1);
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string take_name() {
    std::size_t end = 0;
    if (!rest_.empty() && begins_name(rest_.front())) {
      while (end < rest_.size() && is_of_name(rest_[end])) ++end;
    }
    std::string name(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return name;
  }
  /// The text in double quotes; nothing: it does not end.
  std::optional<std::string> take_quoted() {
    if (!take('"')) return std::nullopt;
    std::string text;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return text;
      if (c != '\\' || rest_.empty()) {
        text += c;
        continue;
      }
      text += rest_.front() == 'n' ? '\n' : rest_.front();
      rest_.remove_prefix(1);
    }
    return std::nullopt;
  }
  std::optional<double> take_number() {
    const std::size_t end = std::min(rest_.find_first_of(" \t"), rest_.size());
    const std::string word = lower_case(rest_.substr(0, end));
    rest_.remove_prefix(end);
    constexpr double kInfinite = std::numeric_limits<double>::infinity();
    if (word == "+inf" || word == "inf") return kInfinite;
    if (word == "-inf") return -kInfinite;
    if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (word.empty() || word.find_first_not_of("0123456789+-.e") != std::string::npos) {
      return std::nullopt;
    }
    char* stop = nullptr;
    const double value = std::strtod(word.c_str(), &stop);
    if (stop != word.c_str() + word.size()) return std::nullopt;
    return value;
  }
  bool ends() const { return rest_.empty() || rest_.front() == '#'; }  // an exemplar

 private:
  std::string_view rest_;
};

/// What is between the braces.
bool take_labels(SampleLine& line, MetricSample& sample) {
  while (true) {
    line.skip_blanks();
    if (line.take('}')) return true;
    std::string name = line.take_name();
    line.skip_blanks();
    if (name.empty() || !line.take('=')) return false;
    line.skip_blanks();
    std::optional<std::string> value = line.take_quoted();
    if (!value) return false;
    sample.labels.emplace_back(std::move(name), std::move(*value));
    line.skip_blanks();
    if (line.take('}')) return true;
    if (!line.take(',')) return false;
  }
}

std::optional<MetricSample> sample_in(std::string_view text) {
  SampleLine line(text);
  MetricSample sample;
  sample.name = line.take_name();
  if (sample.name.empty()) return std::nullopt;
  line.skip_blanks();
  if (line.take('{') && !take_labels(line, sample)) return std::nullopt;
  line.skip_blanks();
  const std::optional<double> value = line.take_number();
  if (!value) return std::nullopt;
  sample.value = *value;
  line.skip_blanks();
  if (line.ends()) return sample;
  sample.at_s = line.take_number();
  line.skip_blanks();
  if (!sample.at_s || !line.ends()) return std::nullopt;
  if (!(*sample.at_s >= 0 && *sample.at_s <= kLatest_s * 1e3)) return std::nullopt;
  return sample;
}

Error not_a_sample(std::size_t number, std::string_view line) {
  return {ErrorKind::usage,
          fmt::format("line {} is not a metric in Prometheus text format: \"{}\"", number,
                      visible_text(shortened(line, kMostOfALine))),
          "expected a page such as an application's /metrics (Spring Boot: /actuator/prometheus)"};
}

}  // namespace

std::string_view MetricSample::label(std::string_view wanted) const {
  const auto found = std::find_if(labels.begin(), labels.end(),
                                  [wanted](const auto& one) { return one.first == wanted; });
  return found == labels.end() ? std::string_view() : std::string_view(found->second);
}

Result<std::vector<MetricSample>> parse_metrics(std::string_view text) {
  std::vector<MetricSample> samples;
  bool open_metrics = false;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) continue;
    line.remove_prefix(first);
    if (line.back() == '\r') line.remove_suffix(1);
    if (line.front() == '#') {
      open_metrics = open_metrics || line.starts_with("# EOF");
      continue;
    }
    std::optional<MetricSample> sample = sample_in(line);
    if (!sample) return not_a_sample(number, line);
    samples.push_back(std::move(*sample));
  }
  for (MetricSample& sample : samples) {
    if (!sample.at_s) continue;
    if (!open_metrics) {  // whose times are in seconds, not in milliseconds
      sample.at_s = *sample.at_s / 1e3;
    } else if (*sample.at_s > kLatest_s) {
      return Error{ErrorKind::usage, "the page has a time after the year 9999",
                   "in OpenMetrics, times are in seconds"};
    }
  }
  return samples;
}

}  // namespace poolgauge::observe
