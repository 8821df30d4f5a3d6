#include "assess/unserved.h"

#include "stats/stalls.h"

namespace poolgauge {

std::vector<Stall> unserved(const Report& report) {
  std::vector<std::uint64_t> completed;
  for (const SeriesPoint& second : report.timeline) completed.push_back(second.completed);
  return unserved(report.stalls, report.standstills, report.outages, completed,
                  from_s(report.window_s));
}

}  // namespace poolgauge
