// The kind "adaptive": a pool that sizes itself from its load.
#include "policy/adaptive_pool.h"
#include "policy/kind.h"

namespace poolgauge {

namespace {

using std::chrono::seconds;

constexpr std::int64_t kMostIntervals = 1000;

std::vector<OptionInfo> options() {
  return {
      integer_option("min_size", 2, 1, "the size never falls below this"),
      integer_option("max_size", 20, 1, "the size never rises above this"),
      integer_option("target_utilization", 75, 1,
                     "percent of the size that mean demand, waiting callers included, shall be",
                     100),
      duration_option("interval", seconds(5), false, "time between changes of the size"),
      integer_option("shrink_after", 3, 1,
                     "intervals whose highest demand the size must still meet; 1: shrinks at once",
                     kMostIntervals),
      duration_option("timeout", seconds(30), false,
                      "limit of a checkout, connecting included; 0s: none"),
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
  if (spec.integer("min_size") > spec.integer("max_size")) return "min_size is above max_size";
  if (spec.duration("interval") < std::chrono::milliseconds(1))
    return "interval must be 1ms or more";
  return std::nullopt;
}

}  // namespace

std::vector<PoolKind> adaptive_kinds() {
  std::vector<PoolKind> kinds;
  kinds.push_back({{"adaptive", "a pool that sizes itself from its load (no library's)", options()},
                   make,
                   capacity,
                   permanent,
                   check});
  return kinds;
}

}  // namespace poolgauge
