// What every rendering of `observe` says alike.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "poolgauge/observe.h"

namespace poolgauge {

enum class ObserveTone : std::uint8_t { good, doubtful, bad };

/// The answer for one group in a sentence.
struct ObserveVerdict {
  ObserveTone tone = ObserveTone::good;
  std::string text;
};
ObserveVerdict observe_verdict(const ObservedGroup& group);
/// Of all: that of the first group, or that nothing was seen.
ObserveVerdict observe_headline(const Observed& observed);

/// "PostgreSQL 15.8 at db:5432/app as watcher · 5 min, 2,998 looks".
std::string observe_place(const Observed& observed);

/// Names and values of one group, in the order people want them: open, in use, held, size, ...
using ObserveLines = std::vector<std::pair<std::string, std::string>>;
ObserveLines observe_lines(const ObservedGroup& group, const Observed& observed);
/// A sentence for each of PgBouncer's pools; empty without one.
ObserveLines observe_pooler_lines(const Observed& observed);
/// The same of the server: room, sizes together, what could go.
ObserveLines observe_server_lines(const Observed& observed);

/// "5.02 (95 % CI 4.9–5.14)"; a figure without an interval has none.
std::string observe_figure(const ObserveFigure& figure);

}  // namespace poolgauge
