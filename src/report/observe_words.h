// What every form of an observation says alike.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "poolgauge/observe.h"
#include "poolgauge/report.h"

namespace poolgauge {

/// "1.71 s"; below zero: "0".
std::string observe_duration(double seconds);
/// With its interval, where it has one.
std::string observe_duration(const ObserveFigure& seconds);

/// A mean number of sessions: whole if it is, and never with more digits than it deserves.
std::string observe_mean(double value);
std::string observe_mean(const ObserveFigure& figure);

/// "1 connection".
std::string observe_connections(std::int64_t count);
/// "20 connections (10 in each of 2 processes)".
std::string observe_size(const ObserveSize& size, std::int64_t processes);

/// Whether minutes are told apart: a shorter window has its mean only.
bool has_busiest_minute(const Observed& observed);
/// The size, and what it is for: in use, growth, and how many requests would wait.
std::string observe_size_reason(const ObservedGroup& group, const Observed& observed);

// What every rendering of `observe` says alike.

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

// A recording of `observe` drawn over time.

/// For each group: connections in use over the whole window, the busiest minute, and the mean of
/// each hour of the day (UTC).
std::string recording_to_terminal(const Observed& observed, const TerminalStyle& style);
std::string recording_to_markdown(const Observed& observed);

// The sentences of `observe --metrics`.

ObserveVerdict metrics_verdict(const ObservedGroup& group);
ObserveLines metrics_lines(const ObservedGroup& group, const Observed& observed);
/// "HikariCP at http://app:8080/metrics · 5 min, 21 scrapes".
std::string metrics_place(const Observed& observed);
/// The answer for one of PgBouncer's pools.
ObserveVerdict pooler_verdict(const ObservedPool& pool);

}  // namespace poolgauge
