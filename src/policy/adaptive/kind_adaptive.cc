// The kind "adaptive": a pool that sizes itself from its load.
#include "policy/adaptive/adaptive_pool.h"
#include "policy/kind.h"

namespace poolgauge {

namespace {

using std::chrono::seconds;

constexpr std::int64_t kMostIntervals = 1000;

std::vector<OptionInfo> options() {
  return {
      integer_option("min_size", 2, 1, "minimum size"),
      integer_option("max_size", 20, 1, "maximum size"),
      integer_option(
          "target_utilization", 75, 1,
          "target utilization in percent: mean demand, including waiters, divided by the size",
          100),
      duration_option("interval", seconds(5), false, "time between size changes"),
      integer_option(
          "shrink_after", 3, 1,
          "number of intervals whose largest computed size is kept; 1: shrinks immediately",
          kMostIntervals),
      duration_option("timeout", seconds(30), false,
                      "checkout timeout, including connecting; 0s: no timeout"),
  };
}

std::unique_ptr<PoolPolicy> make(const PoolSpec& spec, std::uint64_t) {
  AdaptiveConfig config;
  config.min_size = spec.integer("min_size");
  config.max_size = spec.integer("max_size");
  config.target_percent = spec.integer("target_utilization");
  config.interval = spec.duration("interval");
  config.shrink_after = spec.integer("shrink_after");
  config.timeout = spec.duration("timeout");
  return std::make_unique<AdaptivePool>(config);
}

std::optional<std::int64_t> capacity(const PoolSpec& spec) {
  return spec.integer("max_size");
}

std::int64_t permanent(const PoolSpec& spec) {
  return spec.integer("max_size");
}

std::optional<std::string> check(const PoolSpec& spec) {
  if (spec.integer("min_size") > spec.integer("max_size"))
    return "min_size is greater than max_size";
  if (spec.duration("interval") < std::chrono::milliseconds(1))
    return "interval must be at least 1ms";
  return std::nullopt;
}

}  // namespace

std::vector<PoolKind> adaptive_kinds() {
  std::vector<PoolKind> kinds;
  kinds.push_back(
      {{"adaptive", "Poolgauge's own pool, which adjusts its size to its load", options()},
       make,
       capacity,
       permanent,
       check});
  PoolKind& kind = kinds.back();
  kind.sizing = SizingOptions{"min_size", "", "max_size", "timeout", "", "", false};
  kind.flags = {
      {PoolFlag::recycle, "-1",
       "this pool has no maximum age; the closest option is shrink_after, which closes unneeded "
       "connections"},
      {PoolFlag::ping, "false",
       "this pool does not test connections at checkout; the closest option is shrink_after, which "
       "closes unneeded connections"}};
  return kinds;
}

}  // namespace poolgauge
