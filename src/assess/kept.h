// What a report keeps in addition to summaries: whole histograms, and the steady state.
#pragma once

#include "poolgauge/report.h"

namespace poolgauge {

/// Histograms and their slices, by metric; empty ones too.
void add_histograms(Report& report, const Scenario& scenario, const Measurement& measured);

/// Of the window's whole seconds: MSER-5 and halves that agree, on throughput and on latency. Known
/// from ten seconds on.
Steadiness steadiness_of(const Measurement& measured);

}  // namespace poolgauge
