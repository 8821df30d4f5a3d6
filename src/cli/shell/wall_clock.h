// The date and time of day, for names and headings only; nothing is measured with it.
#pragma once

#include <ctime>
#include <string>

namespace poolgauge::cli {

std::time_t wall_clock();

/// "2026-01-31T12:00:00Z"
std::string iso_time(std::time_t time);
/// "20260131T120000Z", for file names
std::string compact_time(std::time_t time);

}  // namespace poolgauge::cli
