// Gaps, witnesses and what is usual, brought together once the threads have ended.
#include "pg/probe/live_pooler.h"

#include <algorithm>
#include <utility>

#include "stats/over_time.h"

namespace poolgauge {

namespace {

Duration usual_statement(const Scenario& scenario, const Measurement& measured) {
  Histogram statements;
  std::size_t index = 0;
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) {
      if (step.kind == StepKind::sql && index < measured.steps.size()) {
        statements.merge(measured.steps[index]);
      }
      ++index;
    }
  }
  return statements.empty() ? Duration{0} : statements.quantile(0.5);
}

}  // namespace

void SilenceSum::add(PoolTarget target, const std::vector<Gap>& gaps) {
  const auto known = gaps_.find(target);
  if (known == gaps_.end()) {
    gaps_.emplace(target, gaps);
  } else {
    known->second = common_gaps(known->second, gaps);
  }
}

const std::vector<Gap>& SilenceSum::of(PoolTarget target) const {
  static const std::vector<Gap> kNone;
  const auto known = gaps_.find(target);
  return known == gaps_.end() ? kNone : known->second;
}

void add_silences(const SilenceSum& silences, const Scenario& scenario,
                  const std::vector<std::unique_ptr<ProbeThread>>& probes,
                  const PoolerThread* pooler, bool behind_unknown_pooler, TimePoint begin,
                  Measurement& measured) {
  const std::vector<Standstill> client = measured.standstills;
  for (const PoolTarget target : {PoolTarget::primary, PoolTarget::replica}) {
    Witnesses witnesses;
    witnesses.usual_statement = usual_statement(scenario, measured);
    if (behind_unknown_pooler) witnesses.server_name = "pooler";
    if (target == PoolTarget::replica) witnesses.server_name = "replica";
    for (const auto& probe : probes) {
      if (probe->target() != target) continue;
      witnesses.server = probe->looks();
      if (probe->connect_took() >= kLeastSilence) {
        witnesses.usual_statement = std::max(witnesses.usual_statement, probe->connect_took());
      }
    }
    if (pooler != nullptr && target == PoolTarget::primary) witnesses.pooler = pooler->looks();
    join_standstills(measured.standstills,
                     silences_of(silences.of(target), witnesses, client, begin, measured.window));
  }
}

}  // namespace poolgauge
