// Where the time went, in a report: the phases' distributions and the example requests.
#pragma once

#include <array>

#include "poolgauge/report.h"

namespace poolgauge {

/// One list for everybody: where a phase is measured, where its summary goes, and its name there.
struct PhaseColumn {
  const char* name;
  Histogram PhaseTimes::*measured;
  LatencySummary PhaseSummaries::*summary;
};
inline constexpr std::array kPhaseColumns{
    PhaseColumn{"start", &PhaseTimes::start, &PhaseSummaries::start},
    PhaseColumn{"pool_wait", &PhaseTimes::pool_wait, &PhaseSummaries::pool_wait},
    PhaseColumn{"connect", &PhaseTimes::connect, &PhaseSummaries::connect},
    PhaseColumn{"begin", &PhaseTimes::begin, &PhaseSummaries::begin},
    PhaseColumn{"sql", &PhaseTimes::sql, &PhaseSummaries::sql},
    PhaseColumn{"hold", &PhaseTimes::hold, &PhaseSummaries::hold},
    PhaseColumn{"pause", &PhaseTimes::pause, &PhaseSummaries::pause},
    PhaseColumn{"commit", &PhaseTimes::commit, &PhaseSummaries::commit},
    PhaseColumn{"release", &PhaseTimes::release, &PhaseSummaries::release},
    PhaseColumn{"backoff", &PhaseTimes::backoff, &PhaseSummaries::backoff},
    PhaseColumn{"other", &PhaseTimes::other, &PhaseSummaries::other}};

struct ConnectPart {
  const char* name;
  Histogram ConnectPhases::*measured;
  LatencySummary ConnectSummaries::*summary;
};
inline constexpr std::array kConnectColumns{
    ConnectPart{"tcp", &ConnectPhases::tcp, &ConnectSummaries::tcp},
    ConnectPart{"tls", &ConnectPhases::tls, &ConnectSummaries::tls},
    ConnectPart{"authentication", &ConnectPhases::authentication,
                &ConnectSummaries::authentication},
    ConnectPart{"ready", &ConnectPhases::ready, &ConnectSummaries::ready}};

/// Summaries of the phases and of connecting, and the examples with their names.
void add_phases(Report& report, const Scenario& scenario, const Measurement& measured);

}  // namespace poolgauge
