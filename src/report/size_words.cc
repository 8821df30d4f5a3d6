// The shared words of a sizing.
#include "report/size_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "assess/describe.h"
#include "base/text.h"
#include "report/words.h"

namespace poolgauge {
namespace {

/// What of the available slots may be used if that share of them is to stay free.
std::int64_t usable_of(const ConnectionBudget& budget, double headroom) {
  return static_cast<std::int64_t>(static_cast<double>(budget.available) * (1 - headroom) + 1e-9);
}

}  // namespace

std::string whole_number(std::int64_t value) {
  if (value < 0) return "−" + whole_number(-value);
  return with_thousands(static_cast<std::uint64_t>(value));
}

std::string confidence_name(Confidence confidence) {
  switch (confidence) {
    case Confidence::formula: return "formula";
    case Confidence::simulated: return "simulated";
    case Confidence::measured: return "measured";
  }
  return "";
}

std::vector<std::string> setting_parts(const Recommendation& r) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : r.options) parts.push_back(name + " " + option_text(value));
  if (parts.empty()) {
    parts = {fmt::format("pool_size {}", r.pool_size),
             fmt::format("max_overflow {}", r.max_overflow),
             "pool_timeout " + seconds_text(r.pool_timeout_s)};
  }
  if (r.max_connections > 0) {
    parts.push_back(fmt::format("server: max_connections {}{}",
                                r.present_max_connections ? "" : "at least ", r.max_connections));
  }
  if (r.pooler) {
    parts.push_back(fmt::format("PgBouncer: default_pool_size {}", r.pooler->default_pool_size));
  }
  return parts;
}

std::string budget_text(const ConnectionBudget& budget) {
  std::string text = fmt::format("{} of {} available slots", whole_number(budget.needed),
                                 whole_number(budget.available));
  if (budget.reserved == 0 && budget.other_clients == 0) return text;
  return text + fmt::format(" ({} − {} reserved − {} others)", whole_number(budget.max_connections),
                            budget.reserved, whole_number(budget.other_clients));
}

bool keeps_headroom(const ConnectionBudget& budget, double headroom) {
  if (budget.max_connections == budget.available) return budget.fits();  // a pooler's clients
  return budget.needed <= usable_of(budget, headroom);
}

std::string fit_text(const ConnectionBudget& budget, double headroom) {
  std::string text = "available: " + whole_number(budget.available);
  // A pooler's clients: there is nothing to take off.
  if (budget.reserved == 0 && budget.other_clients == 0 &&
      budget.max_connections == budget.available) {
    return text;
  }
  text +=
      fmt::format(" ({} − {} reserved − {} other clients)", whole_number(budget.max_connections),
                  budget.reserved, whole_number(budget.other_clients));
  if (headroom <= 0) return text;
  text += fmt::format(", {} if {} are kept free", whole_number(usable_of(budget, headroom)),
                      percent(headroom));
  const bool tight = budget.fits() && !keeps_headroom(budget, headroom);
  return tight ? text + ": fits, but leaves less free" : text;
}

std::string growth_text(double growth) {
  return growth > 0 ? "with " + percent(growth) + " growth" : std::string("without growth");
}

std::string judged_text(const JudgedSetting& judged, const SizingOptions& names) {
  const std::string setting =
      names.overflow.empty()
          ? fmt::format("{} {}", total_name(names), judged.pool_size + judged.max_overflow)
          : fmt::format("{} {}, {} {}", names.kept, judged.pool_size, names.overflow,
                        judged.max_overflow);
  if (judged.available == INT64_MAX) return setting + ": " + judged.arithmetic;
  return fmt::format("{} {}: {} of {} available slots", setting,
                     judged.fits() ? "fits" : "does not fit", judged.arithmetic,
                     whole_number(judged.available));
}

std::string forecast_text(const PoolForecast& forecast) {
  if (!forecast.wait_probability) return "";
  std::vector<std::string> parts = {percent(*forecast.wait_probability) + " of checkouts wait"};
  if (forecast.pool_wait_p95_ms)
    parts.push_back("p95 wait " + time_text(forecast.pool_wait_p95_ms));
  if (forecast.pool_timeout_rate)
    parts.push_back(percent(*forecast.pool_timeout_rate) + " time out");
  if (forecast.utilization) parts.push_back(percent(*forecast.utilization) + " in use");
  return joined(parts);
}

std::string check_line(const Sizing& sizing) {
  if (!sizing.problems.empty()) {
    return sizing.problems.front().sentence();
  }
  const std::string what =
      sizing.judged ? sizing.judged->arithmetic : sizing.hops.front().arithmetic;
  return "check passed: fits and cannot deadlock: " + what;
}

std::string rule_answer_text(const FormulaAnswer& rule) {
  std::string text;
  if (rule.pool_size) {
    const bool overflow = rule.max_overflow.value_or(0) > 0;
    text = overflow ? fmt::format("{} + {} overflow", whole_number(*rule.pool_size),
                                  whole_number(*rule.max_overflow))
                    : whole_number(*rule.pool_size);
  }
  if (rule.max_connections) {
    text += (text.empty() ? "" : ", ") + std::string("max_connections ") +
            whole_number(*rule.max_connections);
  }
  return text.empty() ? "–" : text;
}

std::string rule_fleet_text(const FormulaAnswer& rule) {
  if (!rule.fleet) return "";
  return fmt::format("{} in total: {}", whole_number(*rule.fleet),
                     rule.fits.value_or(true) ? "fits" : "does not fit");
}

std::string rule_whole_text(const FormulaAnswer& rule) {
  const std::int64_t own = rule.pool_size.value_or(0) + rule.max_overflow.value_or(0);
  if (!rule.fleet) return rule_answer_text(rule);
  if (*rule.fleet == own && !rule.max_connections) return rule_fleet_text(rule);
  if (!rule.max_connections)
    return rule_answer_text(rule) + " per process; " + rule_fleet_text(rule);
  // What the rule sets on the server is not what the fleet then opens.
  const std::string server = "max_connections " + whole_number(*rule.max_connections);
  FormulaAnswer pool = rule;
  pool.max_connections.reset();
  return fmt::format("{}{} according to the rule; all processes together would open {}: {}",
                     own > 0 ? rule_answer_text(pool) + " per process and " : "", server,
                     whole_number(*rule.fleet), rule.fits.value_or(true) ? "fits" : "does not fit");
}

}  // namespace poolgauge
