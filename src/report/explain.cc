// The meaning of each figure, in one place for all renderers.
#include "report/sentences.h"

#include <algorithm>
#include <array>

namespace poolgauge {
namespace {

constexpr std::array kExplanations = {
    Explanation{"latency",
                "time from a request's intended start to its end, without failed requests; with "
                "scheduled arrivals, a late start is included"},
    Explanation{"pool wait",
                "time from requesting a connection to having a usable one, including connecting "
                "and pre-ping; one value per checkout"},
    Explanation{"hold", "application work while holding a connection, such as a model call"},
    Explanation{"pause", "application work within a request after releasing the connection"},
    Explanation{"SQL statement",
                "one execution of an SQL step, from sending it to receiving the last row"},
    Explanation{"connection hold time",
                "time from checkout to checkin of a request, including statements and holds"},
    Explanation{"late start",
                "how late a request started, because the event loop of the application was busy "
                "(sqlalchemy-async, asyncpg; also in a simulation) or because the load generator "
                "itself was late"},
    Explanation{"unaccounted",
                "latency that belongs to none of the parts above; shown if more than 1 %"},
    Explanation{"share of latency",
                "the part's mean divided by the mean latency, both of completed requests only; "
                "percentiles of parts do not add up to percentiles of the whole"},
    Explanation{"p95",
                "95 of 100 values are below this time; shown as – if the sample is too small"},
    Explanation{">",
                "a lower bound: requests that had not finished at the end of the measurement count "
                "with the time that they had taken until then"},
    Explanation{"95 % CI", "95 % confidence interval of the measured value"},
    Explanation{"pool timeouts",
                "requests that got no connection within the pool timeout; they count as failed and "
                "are not part of the latency"},
    Explanation{"memory per connection",
                "memory that one more connection takes on the server (measured only if the server "
                "runs on this machine): the private memory of its server process plus its page "
                "tables"},
    Explanation{"CPU-starved",
                "share of the time in which the busiest thread of the load generator was ready to "
                "run but had to wait for a CPU. Only the part that other programs caused can "
                "make a run inconclusive: above 20 % of the time, or above 4 % where the thread "
                "waited for a CPU much longer than it used one. CPU time that a database on the "
                "same machine takes is part of the deployment"},
    Explanation{"schedule lag",
                "how late the load generator started requests; if large, the figures partly "
                "reflect the generator's own delays"},
    Explanation{"in flight at the end",
                "requests that started or were scheduled before the end of the measured window but "
                "did not finish in it"},
};

constexpr std::array kOfGate = {
    Explanation{"baseline, candidate", "median of the usable runs of that side"},
    Explanation{"change (interval)",
                "estimated change from baseline to candidate, and the range in which it lies with "
                "95 % confidence (with few runs, slightly more or less); with pairs, it is "
                "estimated from the changes within each pair, so it can differ from the change "
                "between the two medians"},
    Explanation{"points", "percentage points: from 1 % to 3 % is +2 points"},
    Explanation{"allowed",
                "how much worse the metric may get (--metric); metrics without it are only shown"},
    Explanation{"inconclusive",
                "the interval includes both changes that are allowed and changes that are not"},
    Explanation{"no change beyond noise", "the interval includes zero"},
};

constexpr std::array kOfHistory = {
    Explanation{"p50, p95, p99",
                "latency of the requests of that run; of an advise or sweep report, of the one run "
                "that it shows in detail"},
    Explanation{"timeouts", "share of the requests that got no connection within the pool timeout"},
    Explanation{
        "verdict",
        "of the command that wrote the report: for run, by its goals alone; for gate, also by "
        "the comparison with the baseline"},
    Explanation{"◀ change, ◆",
                "the level changed by 5 % or more from this run on, which noise between runs "
                "hardly explains"},
    Explanation{"series",
                "runs of one scenario with the same command, load, pool settings, and target"},
};

constexpr Explanation kResponse = {"response",
                                   "as latency, but from the actual start of the request"};

bool has_step(const Report& report, std::string_view kind) {
  return std::any_of(report.steps.begin(), report.steps.end(),
                     [kind](const StepSummary& step) { return step.kind == kind; });
}

bool shows(const Report& report, std::string_view figure) {
  if (figure == "memory per connection") return report.server.memory.seen();
  if (figure == "in flight at the end") return report.requests.in_flight > 0;
  if (figure == "schedule lag") return report.target.kind != "simulated";
  if (figure == "CPU-starved") return !report.client.by_thread.empty();
  if (figure == ">") return report.in_flight.ages.count > 0;
  if (figure == "hold" || figure == "pause") return has_step(report, figure);
  return true;
}

}  // namespace

std::vector<Explanation> explanations(const Report& report) {
  std::vector<Explanation> shown;
  for (const Explanation& entry : kExplanations) {
    if (shows(report, entry.figure)) shown.push_back(entry);
  }
  return shown;
}

std::vector<Explanation> gate_explanations(const Report& report) {
  std::vector<Explanation> all(kOfGate.begin(), kOfGate.end());
  for (const Explanation& entry : explanations(report)) {
    // The rest belongs to a single run.
    for (const std::string_view shown :
         {"latency", "pool wait", "connection hold time", "p95", ">", "pool timeouts"}) {
      if (entry.figure == shown) all.push_back(entry);
    }
  }
  return all;
}

std::vector<Explanation> history_explanations(bool timeouts) {
  std::vector<Explanation> all(kOfHistory.begin(), kOfHistory.end());
  std::erase_if(
      all, [timeouts](const Explanation& one) { return !timeouts && one.figure == "timeouts"; });
  return all;
}

std::vector<Explanation> page_explanations(const Report& report) {
  std::vector<Explanation> all;
  const auto add = [&all](const Explanation& entry) {
    const bool known = std::any_of(all.begin(), all.end(), [&entry](const Explanation& one) {
      return one.figure == entry.figure;
    });
    if (!known) all.push_back(entry);
  };
  if (report.gate) std::for_each(kOfGate.begin(), kOfGate.end(), add);
  for (const Explanation& entry : explanations(report)) add(entry);
  add(kResponse);
  return all;
}

}  // namespace poolgauge
