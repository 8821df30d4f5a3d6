// A prediction in rows and sentences, for every renderer.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// One figure: its name in words, predicted, interval, measured ("" where the question is another).
struct PredictionRow {
  std::string figure, value, interval, measured;
};
/// The figures worth a line; those that are zero in every respect are omitted.
std::vector<PredictionRow> prediction_rows(const Prediction& prediction);
/// "simulated from the run of 2026-01-31T12:00:00Z (100 users, sqlalchemy-async 5+10)"
std::string prediction_origin(const Prediction& prediction);

}  // namespace poolgauge
