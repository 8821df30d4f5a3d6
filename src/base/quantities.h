// Quantities as people type them, and dates as they read them.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

#include "poolgauge/result.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// PostgreSQL's own limit of connections.
inline constexpr std::int64_t kMostBackends = 262'143;

/// "25%" or "0.25"; from 0 to `most`.
Result<double> parse_fraction(const std::string& text, double most);
/// "16GB", "512MiB", "64kB", as in postgresql.conf: steps of 1024, the i is optional. In MiB.
Result<double> parse_memory_mib(const std::string& text, double least_mib = 0);
/// "200", "200/s"; above 0.
Result<double> parse_rate(const std::string& text);
/// "250ms"; above 0, and not below `least`.
Result<Duration> parse_positive_time(const std::string& text, Duration least = Duration{0});
/// The same, in seconds.
Result<double> parse_positive_seconds(const std::string& text, Duration least = Duration{0});
/// A decimal number from `low` to `high`.
Result<double> parse_number(const std::string& text, double low, double high);
Result<std::int64_t> parse_count(const std::string& text, std::int64_t low, std::int64_t high);

/// A mistake in what was asked for.
Error usage_error(std::string message, std::string hint = {});

/// "2026-01-31T12:00:00Z"
std::string iso_time(std::time_t time);
/// "20260131T120000Z", for file names
std::string compact_time(std::time_t time);

}  // namespace poolgauge
