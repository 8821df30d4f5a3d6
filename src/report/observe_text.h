// Figures of `observe` in words.
#pragma once

#include <cstdint>
#include <string>

#include "poolgauge/observe.h"

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

}  // namespace poolgauge
