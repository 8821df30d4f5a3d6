// Requests in flight at the end of the window, and seconds without a completion, in words.
#pragma once

#include <string>

#include "poolgauge/report.h"

namespace poolgauge {

/// "100 still running at the end, the oldest for 1.31 s"; "" where none was.
std::string in_flight_text(const Report& report);
/// "no request completed from 1.0 s to 8.0 s"; "" where there was no such time.
std::string stall_line(const Report& report);

}  // namespace poolgauge
