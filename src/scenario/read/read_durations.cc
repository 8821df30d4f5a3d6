// A fixed duration or one of the distributions.
#include "scenario/read/read_spec.h"

namespace poolgauge {

namespace {

constexpr const char* kDurationWords =
    "a duration such as \"250ms\", or exponential, uniform, lognormal, normal, or empirical";

DurationSpec read_uniform(const Node& node) {
  const auto ends = read_list(node, 2, "[shortest, longest]");
  if (!ends) return {};
  if (ends->size() != 2) {
    node.expected("[shortest, longest]");
    return {};
  }
  const auto low = read_duration((*ends)[0], Zero::allowed);
  const auto high = read_duration((*ends)[1], Zero::allowed);
  if (!low || !high) return {};
  if (*low > *high) (*ends)[1].expected("at least the shortest, " + shown(*(*ends)[0].json));
  return UniformDuration{*low, *high};
}

/// The durations under two required keys of an object.
struct TwoDurations {
  std::optional<Duration> first;
  std::optional<Duration> second;
};

TwoDurations read_two(const Node& node, const std::string& first, Zero first_zero,
                      const std::string& second, Zero second_zero) {
  ObjectReader object(node, "an object with " + first + " and " + second);
  TwoDurations two;
  if (const auto value = object.require(first, "a duration")) {
    two.first = read_duration(*value, first_zero);
  }
  if (const auto value = object.require(second, "a duration")) {
    two.second = read_duration(*value, second_zero);
  }
  object.finish();
  return two;
}

DurationSpec read_lognormal(const Node& node) {
  const TwoDurations two = read_two(node, "median", Zero::refused, "p95", Zero::refused);
  if (!two.first || !two.second) return {};
  if (*two.second <= *two.first) {
    const Node p95{&node.json->at("p95"), child_pointer(node.pointer, "p95"), node.problems};
    p95.expected("more than the median, " + shown(node.json->at("median")));
  }
  return LognormalDuration{*two.first, *two.second};
}

DurationSpec read_normal(const Node& node) {
  const TwoDurations two = read_two(node, "mean", Zero::allowed, "stddev", Zero::allowed);
  if (!two.first || !two.second) return {};
  return NormalDuration{*two.first, *two.second};
}

DurationSpec read_empirical(const Node& node) {
  const auto elements = read_list(node, 1, "a list of at least one duration");
  if (!elements) return {};
  EmpiricalDuration spec;
  for (const Node& element : *elements) {
    if (const auto value = read_duration(element, Zero::allowed)) spec.values.push_back(*value);
  }
  return spec;
}

}  // namespace

DurationSpec read_duration_spec(const Node& node) {
  if (node.json->is_string()) {
    return FixedDuration{read_duration(node, Zero::allowed).value_or(Duration{0})};
  }
  const auto tagged = read_tagged(
      node, {"exponential", "uniform", "lognormal", "normal", "empirical"}, kDurationWords);
  if (!tagged) return {};
  if (tagged->tag == "uniform") return read_uniform(tagged->value);
  if (tagged->tag == "lognormal") return read_lognormal(tagged->value);
  if (tagged->tag == "normal") return read_normal(tagged->value);
  if (tagged->tag == "empirical") return read_empirical(tagged->value);
  return ExponentialDuration{read_duration(tagged->value, Zero::refused).value_or(Duration{1})};
}

}  // namespace poolgauge
