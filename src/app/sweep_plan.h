// What a sweep goes over, and from where to where.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "advise/fleet.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

struct SweepRange {
  double least = 1, most = 1;
  std::vector<double> listed;  ///< exactly these; empty: the points are chosen
  bool asked = false;          ///< somebody named it: what does not fit is an error
};

/// "5..60", "5,10,20" or "12"; ascending, without repetition. Whole numbers only, but for rates.
Result<SweepRange> parse_sizes(const std::string& text, bool whole);

/// Where nothing was said: around what the scenario has.
Result<SweepRange> usual_range(const Scenario& scenario, const std::string& over);
/// Whether a scenario can be swept so.
Status check_over(const Scenario& scenario, const std::string& over);
/// The scenario at one place.
Scenario at_place(const Scenario& scenario, const std::string& over, double place);

/// The arithmetic of a fleet that does not fit; success if it does. `others` of the slots count
/// what is in use now.
Status check_fleet(const Scenario& scenario, const ServerSlots& slots, std::int64_t total);
/// The most connections of one process that fit, `headroom` (a share) kept free; 0: none.
std::int64_t largest_total(const Scenario& scenario, const ServerSlots& slots);

}  // namespace poolgauge::app
