// Names and units of predicted figures.
#include "report/sentences.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "report/words.h"

namespace poolgauge {
namespace {

enum class Unit : std::uint8_t { milliseconds, per_second, fraction };

struct Known {
  std::string_view name, words;
  Unit unit;
};
constexpr std::array<Known, 8> kKnown = {{
    {"throughput_per_s", "throughput", Unit::per_second},
    {"latency_ms.mean", "latency, mean", Unit::milliseconds},
    {"latency_ms.p50", "latency p50", Unit::milliseconds},
    {"latency_ms.p95", "latency p95", Unit::milliseconds},
    {"latency_ms.p99", "latency p99", Unit::milliseconds},
    {"pool_wait_ms.p95", "pool wait p95", Unit::milliseconds},
    {"connection_time_ms.mean", "hold time, mean", Unit::milliseconds},
    {"rates.pool_timeout", "timed out", Unit::fraction},
}};

std::string text_of(const std::optional<double>& value, Unit unit) {
  if (!value) return "";
  switch (unit) {
    case Unit::milliseconds: return time_text(value);
    case Unit::per_second: return per_second(*value);
    case Unit::fraction: return percent(*value);
  }
  return "";
}

}  // namespace

std::vector<PredictionRow> prediction_rows(const Prediction& prediction) {
  std::vector<PredictionRow> rows;
  if (prediction.samples > 0 && prediction.from_samples > 0) {
    // How much each side rests on, before the figures are compared.
    rows.push_back({"requests", with_thousands(prediction.samples), "",
                    prediction.same_question ? with_thousands(prediction.from_samples) : ""});
  }
  for (const PredictedFigure& figure : prediction.figures) {
    for (const Known& known : kKnown) {
      if (known.name != figure.name || !figure.value) continue;
      const bool nothing =
          *figure.value <= 0 && figure.high.value_or(0) <= 0 && figure.measured.value_or(0) <= 0;
      if (nothing) continue;
      std::string interval;
      if (figure.low && figure.high) {
        interval = text_of(figure.low, known.unit) + " – " + text_of(figure.high, known.unit);
      }
      rows.push_back({std::string(known.words), text_of(figure.value, known.unit),
                      std::move(interval), text_of(figure.measured, known.unit)});
    }
  }
  return rows;
}

std::string prediction_origin(const Prediction& prediction) {
  std::string setting = prediction.from_load;
  if (!prediction.from_pool.empty()) setting += ", " + prediction.from_pool;
  if (!prediction.from_fleet.empty()) setting += ", " + prediction.from_fleet;
  return fmt::format("simulated from the run of {} ({})", prediction.from_started_at, setting);
}

}  // namespace poolgauge
