// What must be said beside a goal so that its figure is not taken for more than it is.
#include <fmt/format.h>

#include <array>

#include "assess/goals.h"
#include "assess/sentences.h"
#include "base/text.h"
#include "report/words.h"

namespace poolgauge {
namespace {

/// Goals and the figures of a prediction, with what one of its units is in the goal's.
struct Predicted {
  std::string_view subject, figure;
  double unit;
};
constexpr std::array<Predicted, 5> kPredicted = {{
    {"p50(latency)", "latency_ms.p50", 1e-3},
    {"p95(latency)", "latency_ms.p95", 1e-3},
    {"p99(latency)", "latency_ms.p99", 1e-3},
    {"p95(pool_wait)", "pool_wait_ms.p95", 1e-3},
    {"throughput", "throughput_per_s", 1},
}};

/// "; in 9 of 10 cases 724 ms to 1.24 s, so it may also be missed", where a prediction is not sure.
std::string by_prediction(const Report& report, const GoalResult& goal) {
  if (!report.prediction || !goal.judged() || !goal.limit) return "";
  const std::string subject = goal_subject(goal.goal);
  for (const Predicted& known : kPredicted) {
    if (known.subject != subject) continue;
    for (const PredictedFigure& figure : report.prediction->figures) {
      if (figure.name != known.figure || !figure.low || !figure.high) continue;
      const double low = *figure.low * known.unit, high = *figure.high * known.unit;
      if (*goal.limit <= low || *goal.limit >= high) continue;
      return fmt::format("; in 9 of 10 cases {} to {}, so it may also be {}",
                         goal_value_text(low, goal.unit), goal_value_text(high, goal.unit),
                         goal.met ? "missed" : "met");
    }
  }
  return "";
}

}  // namespace

std::string goal_caveat(const Report& report, const GoalResult& goal) {
  constexpr double kMany = 0.01;
  const RequestCounts& requests = report.requests;
  if (!goal.met || goal.unit != "s" || report.rate_error < kMany || requests.ended() == 0) {
    return by_prediction(report, goal);
  }
  return fmt::format(", counting only the requests that completed ({} of all)",
                     percent(static_cast<double>(requests.completed) /
                             static_cast<double>(requests.ended()))) +
         by_prediction(report, goal);
}

}  // namespace poolgauge
