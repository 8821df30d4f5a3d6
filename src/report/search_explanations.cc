// Meanings by command, then those of explain.cc that the screen shows, too.
#include "report/sentences.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace poolgauge {
namespace {

constexpr std::array kOfAdvice = {
    Explanation{"calibrate",
                "a short run with many connections, from which the prediction is made"},
    Explanation{"verify", "a run of the size that the prediction proposes"},
    Explanation{"neighbor", "a run of a smaller size, which should miss the goals"},
    Explanation{"confirm",
                "a new run of exactly the recommended settings; --confirmations in a row must meet "
                "the goals"},
    Explanation{"predicted",
                "the figure of the deciding goal as a simulation expects it for this size, with "
                "costs from the calibrating runs or from the scenario"},
    Explanation{"p95 wait",
                "time from requesting a connection to having a usable one: 95 of 100 are below it"},
    Explanation{"result",
                "met (all goals), missed (at least one), or unusable: the run shows nothing about "
                "the pool, for the reason in the notes"},
    Explanation{"deciding goal", "the goal that comes nearest to being missed"},
    Explanation{"varies by",
                "how much the deciding figure of one run differs from that of the next: one "
                "standard deviation"},
    Explanation{"confirmed",
                "the goals were met by so much that at least 95 of 100 further runs would meet "
                "them, and no confidence interval crossed a limit"},
};

constexpr std::array kOfSweep = {
    Explanation{"throughput", "completed requests per second"},
    Explanation{"p95 wait",
                "time from requesting a connection to having a usable one: 95 of 100 are below it"},
    Explanation{"timeouts", "share of the requests that got no connection within the pool timeout"},
    Explanation{"errors", "share of the requests that failed for any reason"},
    Explanation{"pool in use", "share of the connections that were checked out, on average"},
    Explanation{"result",
                "met (all goals), missed (at least one), or unusable: the run shows nothing about "
                "the pool, for the reason in the notes"},
    Explanation{"knee", "the smallest place at which throughput reaches 95 % of its maximum"},
    Explanation{"dots (·)", "the curve fitted to the usable points (●); ○ are unusable points"},
    Explanation{"cross-validation error",
                "how far a fit is off at a point that it was not fitted to, on average"},
};

void add_shared(const Report& report, std::initializer_list<std::string_view> figures,
                std::vector<Explanation>& all) {
  for (const Explanation& entry : explanations(report)) {
    if (std::find(figures.begin(), figures.end(), entry.figure) != figures.end()) {
      all.push_back(entry);
    }
  }
}

}  // namespace

std::vector<Explanation> advice_explanations(const Report& report) {
  std::vector<Explanation> all(kOfAdvice.begin(), kOfAdvice.end());
  add_shared(report,
             {"latency", "pool wait", "connection hold time", "p95", ">", "95 % CI",
              "pool timeouts", "CPU-starved", "schedule lag"},
             all);
  return all;
}

std::vector<Explanation> sweep_explanations(const Report& report) {
  std::vector<Explanation> all(kOfSweep.begin(), kOfSweep.end());
  add_shared(report, {"latency", "p95"}, all);
  return all;
}

std::vector<Explanation> comparison_explanations(const Report& report) {
  std::vector<Explanation> all = {
      {"change", "from the first report to the second: a difference in percent, or a factor (×)"},
      {"waiting at peak", "requests that waited for a connection at the same time"}};
  add_shared(report, {"latency", "pool wait", "connection hold time", "p95", ">", "pool timeouts"},
             all);
  return all;
}

}  // namespace poolgauge
