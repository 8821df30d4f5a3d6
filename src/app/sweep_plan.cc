// Ranges, and the arithmetic that bounds them.
#include "app/trials.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <variant>

#include "app/context.h"
#include "app/world.h"
#include "base/text.h"
#include "poolgauge/pool_sizing.h"

namespace poolgauge::app {

namespace {

constexpr double kMostPlaces = 1e6;
constexpr std::size_t kMostListed = 100;

Error not_sizes(const std::string& text, bool whole) {
  return usage_error(fmt::format("--sizes: expected {}; found \"{}\"",
                                 whole ? "whole numbers above 0" : "numbers above 0", text),
                     "write a range (5..60), a list (5,10,20), or a single size (12)");
}

std::optional<double> place_of(const std::string& text, bool whole) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !(value > 0) || value > kMostPlaces) {
    return std::nullopt;
  }
  if (whole && value != std::round(value)) return std::nullopt;
  return value;
}

std::int64_t total_of(const Scenario& scenario) {
  return pool_limit(scenario.deployment.pool, scenario.max_clients()).value_or(10);
}

}  // namespace

Result<SweepRange> parse_sizes(const std::string& text, bool whole) {
  SweepRange range;
  if (const std::size_t dots = text.find(".."); dots != std::string::npos) {
    const auto least = place_of(text.substr(0, dots), whole);
    const auto most = place_of(text.substr(dots + 2), whole);
    if (!least || !most) return not_sizes(text, whole);
    if (*most <= *least) {
      return usage_error(
          fmt::format("--sizes {}: the second number must be greater than the first", text),
          "for example --sizes 5..60");
    }
    range.least = *least;
    range.most = *most;
    return range;
  }
  std::set<double> listed;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    const auto value = place_of(text.substr(start, comma - start), whole);
    if (!value || listed.size() >= kMostListed) return not_sizes(text, whole);
    listed.insert(*value);
    start = comma + 1;
  }
  range.listed.assign(listed.begin(), listed.end());
  range.least = range.listed.front();
  range.most = range.listed.back();
  return range;
}

Status check_over(const Scenario& scenario, const std::string& over) {
  const std::string& kind = scenario.deployment.pool.kind;
  if (over == "pool" && !sizing_options(kind)) {
    return usage_error(fmt::format("--pool {}: this kind of pool has no size to vary", kind),
                       "choose another kind with --pool, or sweep --over users");
  }
  if (over == "users" && !std::holds_alternative<ClosedLoad>(scenario.load)) {
    return usage_error("--over users needs a load with users", "add --users N");
  }
  if (over == "rate" && !std::holds_alternative<OpenLoad>(scenario.load)) {
    return usage_error("--over rate needs a load with a rate", "add --rate R");
  }
  return success();
}

Result<SweepRange> usual_range(const Scenario& scenario, const std::string& over) {
  SweepRange range;
  if (over == "rate") {
    const double rate = std::get<OpenLoad>(scenario.load).rate_per_s;
    range.least = rate / 4;
    range.most = rate * 2;
    return range;
  }
  const std::int64_t now =
      over == "users" ? std::get<ClosedLoad>(scenario.load).users : total_of(scenario);
  range.least = static_cast<double>(std::max<std::int64_t>(1, now / 4));
  range.most = static_cast<double>(std::max<std::int64_t>(4, now * 2));
  return range;
}

Scenario at_place(const Scenario& scenario, const std::string& over, double place) {
  if (over == "rate") return with_rate(scenario, place);
  if (over == "users") return with_users(scenario, static_cast<std::uint32_t>(place));
  const auto total = static_cast<std::int64_t>(place);
  return with_pool(scenario, total, total);
}

std::int64_t largest_total(const Scenario& scenario, const ServerSlots& slots) {
  const std::int64_t fleet = scenario.deployment.fleet();
  const auto available = static_cast<double>(slots.max_connections - slots.reserved - slots.others);
  const auto usable = static_cast<std::int64_t>(std::floor(available * (1 - slots.headroom)));
  return std::max<std::int64_t>(0, usable / fleet);
}

Status check_fleet(const Scenario& scenario, const ServerSlots& slots, std::int64_t total) {
  const Deployment& deployment = scenario.deployment;
  const std::int64_t largest = largest_total(scenario, slots);
  if (total <= largest) return success();
  const std::int64_t available = slots.max_connections - slots.reserved - slots.others;
  return Error{
      ErrorKind::target,
      fmt::format(
          "cannot start: {} instance{} × {} process{} × {} = {} connections, but the server has "
          "only {} available\n  {} − {} reserved − {} in use = {}{}",
          deployment.instances, deployment.instances == 1 ? "" : "s", deployment.processes,
          deployment.processes == 1 ? "" : "es", total, deployment.fleet() * total,
          std::max<std::int64_t>(0, available), slots.max_connections, slots.reserved, slots.others,
          (available < 0 ? "−" : "") + std::to_string(std::abs(available)),
          slots.headroom > 0
              ? fmt::format(", of which {:.0f} % stay free for other clients", slots.headroom * 100)
              : ""),
      largest > 0 ? fmt::format("use at most {} per process", counted(largest, "connection"))
                  : "not even one connection per process fits: raise max_connections, close other "
                    "clients, or put a pooler in front of the server"};
}

}  // namespace poolgauge::app
