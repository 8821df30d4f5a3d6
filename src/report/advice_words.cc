// Putting a recommendation into words.
#include "report/advice_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "report/describe.h"
#include "report/plot.h"
#include "report/size_words.h"
#include "report/words.h"

namespace poolgauge {
namespace {

std::string size_text(std::int64_t pool_size, std::int64_t max_overflow) {
  return fmt::format("{} + {}", pool_size, max_overflow);
}

std::string rate_text(const std::optional<double>& rate) {
  return rate ? percent(*rate) : "–";
}

}  // namespace

std::string trust_words(const Recommendation& r) {
  const std::string grade = confidence_name(r.confidence);
  if (!r.search) return grade;
  const std::string& outcome = r.search->outcome;
  if (outcome == "confirmed") return grade + (r.confirmed ? " and confirmed" : ", not confirmed");
  if (outcome == "impossible") return "the best there is: no size meets the goals";
  if (outcome == "interrupted") return "best answer so far, interrupted";
  return "best answer so far, not confirmed";
}

std::vector<std::string> own_parts(const Recommendation& r) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : r.options) parts.push_back(name + " " + option_text(value));
  if (parts.empty()) return setting_parts(r);
  if (r.pooler) {
    parts.push_back(fmt::format("default_pool_size {}", r.pooler->default_pool_size));
  }
  parts.push_back(fmt::format("max_connections {}", r.max_connections));
  return parts;
}

std::vector<std::string> goal_parts(const Report& report) {
  std::vector<std::string> parts;
  for (const GoalResult& goal : report.verdict.goals) {
    parts.push_back(goal.goal + ": " + measured_text(goal));
  }
  return parts;
}

std::string fit_words(const Report& report) {
  const Recommendation& r = *report.recommendation;
  const std::string fleet = report.fleet_text.empty() ? "1 process" : report.fleet_text;
  return fmt::format("{} × {} = {}", fleet, r.total(), budget_text(r.budget));
}

std::vector<std::string> rule_parts(const Recommendation& r) {
  std::vector<std::string> parts;
  for (const FormulaAnswer& rule : r.formulas) {
    if (!rule.latency_p95_ms && !rule.meets_goals) continue;
    std::string text =
        rule.name.substr(0, rule.name.find(',')) + " → " + whole_number(rule.pool_size.value_or(0));
    if (rule.max_overflow) text += "+" + whole_number(*rule.max_overflow);
    text += " (p95 " + time_text(rule.latency_p95_ms);
    if (rule.meets_goals) text += *rule.meets_goals ? ", meets the goals" : ", misses";
    if (!rule.fits.value_or(true)) text += ", does not fit";
    parts.push_back(text + ")");
  }
  return parts;
}

std::vector<std::vector<std::string>> run_table(const Recommendation& r) {
  std::vector<std::vector<std::string>> rows = {{"size", "run", "seconds", "p95 predicted",
                                                 "p95 measured", "p95 wait", "timeouts",
                                                 "throughput", "goals"}};
  for (const SearchRun& run : r.search->runs) {
    rows.push_back({size_text(run.pool_size, run.max_overflow), run.purpose,
                    significant(run.seconds), time_text(run.predicted.latency_p95_ms),
                    time_text(run.measured.latency_p95_ms),
                    time_text(run.measured.pool_wait_p95_ms),
                    rate_text(run.measured.pool_timeout_rate), per_second(run.throughput_per_s),
                    !run.usable ? "not usable"
                    : run.met   ? "met"
                                : "missed"});
  }
  return rows;
}

std::vector<std::string> run_plot(const Recommendation& r, std::size_t width) {
  Plot plot;
  plot.title = "p95 latency against connections of each process";
  std::set<std::int64_t> sizes;
  double top = 0;
  for (const SearchRun& run : r.search->runs) {
    if (!run.measured.latency_p95_ms) continue;
    const std::int64_t size = run.pool_size + run.max_overflow;
    sizes.insert(size);
    plot.points.push_back({static_cast<double>(size), *run.measured.latency_p95_ms, !run.usable});
    top = std::max(top, *run.measured.latency_p95_ms);
  }
  constexpr std::size_t kFewest = 3;
  constexpr std::size_t kHeight = 6;
  constexpr double kSpread = 1.5;  // sizes next to each other are better read from the table
  if (sizes.size() < kFewest ||
      static_cast<double>(*sizes.rbegin()) < kSpread * static_cast<double>(*sizes.begin())) {
    return {};
  }
  plot.mark = static_cast<double>(r.total());
  plot.top_label = time_text(top);
  return draw(plot, width, kHeight);
}

}  // namespace poolgauge
