// Times of the window in which the server, or something else, was gone.
#include "report/json/json_outages.h"

#include <optional>

#include "report/json/json_number.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

Json seconds(const std::optional<Duration>& time) {
  return time ? rounded_seconds(*time) : Json(nullptr);
}

}  // namespace

Json outages_json(const std::vector<Outage>& outages) {
  Json list = Json::array();
  for (const Outage& outage : outages) {
    list.push_back({{"start_s", seconds(outage.start)},
                    {"end_s", seconds(outage.end)},
                    {"lost_connections", outage.lost_connections},
                    {"failed_connects", outage.failed_connects},
                    {"target", outage.target}});
  }
  return list;
}

Json standstills_json(const std::vector<Standstill>& standstills) {
  Json list = Json::array();
  for (const Standstill& one : standstills) {
    list.push_back({{"start_s", seconds(one.start)},
                    {"end_s", seconds(one.end)},
                    {"whose", one.whose},
                    {"confirmed", one.confirmed}});
  }
  return list;
}

}  // namespace poolgauge
