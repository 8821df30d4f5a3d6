// From a measurement and a scenario to the plain figures and texts of a report.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "assess/diagnosis.h"
#include "poolgauge/measurement.h"
#include "poolgauge/report.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// "100 users", "100 users thinking 1 s", "200/s (Poisson)", "bursts of 100 every 5 s"
std::string load_text(const Load& load);
/// "sqlalchemy-async 5+10", "hikari 15"; the kind alone where sizes are unknown or the pool has
/// none. `limit`: the most connections of one pool, for kinds without pool_size and max_overflow.
std::string pool_text(const std::string& kind, const PoolOptions& options,
                      std::optional<std::int64_t> limit = std::nullopt);
/// "" for one process, else "2 instances × 4 processes".
std::string fleet_text(const Deployment& deployment);
/// "PgBouncer 1.18.0 transaction 20"
std::string pooler_text(const PoolerFacts& facts);
/// An option as the scenario would write it: "5", "true", "30s", "-1" (off).
std::string option_text(const OptionValue& value);

/// The input of the diagnosis; `report` must already hold the summaries and the breakdown.
Figures figures_of(const Scenario& scenario, const Measurement& measured, const Report& report);

// Where the time went, in a report: the phases' distributions and the example requests.

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

// What a report keeps in addition to summaries: whole histograms, and the steady state.

/// Histograms and their slices, by metric; empty ones too.
void add_histograms(Report& report, const Scenario& scenario, const Measurement& measured);

/// Of the window's whole seconds: MSER-5 and halves that agree, on throughput and on latency. Known
/// from ten seconds on.
Steadiness steadiness_of(const Measurement& measured);

// Distributions as a few dozen percentiles, denser towards the slow end.

/// Four for each halving of what is left to 100 %, as far as there is a value beyond. `ages`: of
/// what had not ended; what they keep unknown is omitted.
Percentiles percentiles_of(const Histogram& histogram, const Histogram& ages);

// Figures that give findings their weight, from a report and what was measured.

/// A wait is worth naming above a pre-ping's round trip and a tenth of the median latency; less
/// matters to no reader.
Duration wait_worth_naming(const Measurement& measured);

/// Goals, parts of the wait, the window after its first second, and the place: users, server,
/// memory. `report` must already hold the verdict's goals, the summaries and the breakdown.
void add_weights(Figures& figures, const Scenario& scenario, const Measurement& measured,
                 const Report& report);

}  // namespace poolgauge
