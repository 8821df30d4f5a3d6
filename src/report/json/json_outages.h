// Outages and standstills in JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "poolgauge/measurement.h"

namespace poolgauge {

nlohmann::ordered_json outages_json(const std::vector<Outage>& outages);
nlohmann::ordered_json standstills_json(const std::vector<Standstill>& standstills);

}  // namespace poolgauge
