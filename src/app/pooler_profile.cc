// Taking the pooler out of measured step times.
#include "app/simulate.h"

#include <algorithm>

namespace poolgauge::app {

namespace {

constexpr Duration kLeast = std::chrono::microseconds(1);

/// The mean wait for a server connection.
Duration mean_wait(const PoolerView& view) {
  if (view.transactions == 0) return Duration{0};
  return from_s(view.wait_s / static_cast<double>(view.transactions));
}

/// Of the time a statement runs: how much of it on a processor. Many run at a time behind a pooler,
/// so taking waits for locks and disks for work would fill every core.
Duration work_in(Duration statement, const ServerProfile& profile, const ServerView& view) {
  if (view.samples == 0 || view.active_mean <= 0) {
    return std::min(statement, profile.statement_work);
  }
  double on_cpu = 0;
  for (const ServerView::WaitEvent& event : view.wait_events) {
    if (event.type == "CPU") on_cpu = event.mean;
  }
  return from_s(to_s(statement) * std::min(1.0, on_cpu / view.active_mean));
}

double transactions_share(const Scenario& scenario) {
  double all = 0;
  double transactions = 0;
  for (const RequestSpec& request : scenario.requests) {
    all += request.weight;
    if (request.transaction != TransactionMode::none) transactions += request.weight;
  }
  return all > 0 ? transactions / all : 0;
}

/// BEGIN waits for a server; COMMIT never does: it costs what it cost, mostly the disk's time.
/// `passing`: what each exchange takes on its way.
void fit_boundaries(ServerProfile& profile, const Report& report, const Scenario& scenario,
                    Duration passing, Duration wait) {
  const double share = transactions_share(scenario);
  if (share <= 0) return;
  const Duration begin = from_ms(report.breakdown_ms.begin / share) - wait - passing;
  const Duration commit = from_ms(report.breakdown_ms.commit / share) - passing;
  profile.begin_delay = std::max(Duration{0}, begin - profile.begin_work);
  profile.commit_delay = std::max(Duration{0}, commit - profile.commit_work);
}

}  // namespace

void fit_profile_to_pooler(ServerProfile& profile, const Report& report, const Scenario& scenario) {
  if (!report.target.pooler) return;
  const Duration hop = profile.pooler_delay + profile.pooler_work;
  const Duration wait = mean_wait(report.pooler);
  fit_boundaries(profile, report, scenario, hop + profile.round_trip, wait);
  if (profile.step_work.size() != scenario.step_count()) return;
  profile.step_delay.assign(profile.step_work.size(), Duration{0});
  std::size_t index = 0;
  for (const RequestSpec& request : scenario.requests) {
    // Within a transaction its BEGIN has waited.
    const bool waits = request.transaction == TransactionMode::none &&
                       report.target.pooler->pool_mode != "session";
    for (std::size_t i = 0; i < request.steps.size(); ++i, ++index) {
      Duration& work = profile.step_work[index];
      if (work <= Duration{0}) continue;
      const Duration statement =
          std::max<Duration>(kLeast, work - hop - (waits ? wait : Duration{0}));
      work = std::max(kLeast, work_in(statement, profile, report.server));
      profile.step_delay[index] = std::max(Duration{0}, statement - work);
    }
  }
}

}  // namespace poolgauge::app
