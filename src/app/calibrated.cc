// Comparing the run with its own simulation.
#include "app/simulate.h"

#include <algorithm>

#include "sqlite/locks_backend.h"

namespace poolgauge::app {

namespace {

double exchanges_per_request(const Report& report) {
  double exchanges = 0;
  for (const auto& request : report.calibration.exchanges) {
    for (const TimedCount& exchange : request) exchanges += static_cast<double>(exchange.count);
  }
  const auto completed = static_cast<double>(report.requests.completed);
  return completed > 0 ? exchanges / completed : 0;
}

}  // namespace

ServerProfile calibrated_profile(const CalibratedQuestion& question, Duration unseen,
                                 const Deviation& deviation) {
  ServerProfile profile = profile_of(question.measured, question.asked, question.fit, deviation);
  fit_profile_to_pooler(profile, question.measured, question.asked);
  profile.exchange_delay = unseen;
  sqlite::put_locks(profile, question.asked);
  return profile;
}

Duration unseen_per_exchange(const CalibratedQuestion& question, const StopFlag& stop) {
  constexpr int kRounds = 2;
  constexpr double kMostOfTime = 0.5;  // of a request's connection time
  const double exchanges = exchanges_per_request(question.measured);
  const std::optional<double> observed = question.measured.connection_time.mean;
  const CalibratedQuestion same{question.measured, question.unchanged, question.unchanged,
                                question.fit};
  Duration unseen{0};
  if (!observed || exchanges <= 0) return unseen;
  if (calibrated_profile(same, unseen).transactions.empty()) return unseen;
  const Duration most = from_ms(kMostOfTime * *observed / exchanges);
  for (int round = 0; round < kRounds && !stop.requested(); ++round) {
    const Measurement simulated = simulate(question.unchanged, calibrated_profile(same, unseen),
                                           question.measured.seed, stop, {}, Keep::figures);
    if (simulated.connection_time.empty()) break;
    const double missing = *observed - simulated.connection_time.mean_ns() / 1e6;
    unseen = std::clamp(unseen + from_ms(missing / exchanges), -most, most);
  }
  return unseen;
}

}  // namespace poolgauge::app
