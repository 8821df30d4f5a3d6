// Joining outages that several threads saw.
#include "stats/outages.h"

#include <algorithm>
#include <iterator>

namespace poolgauge {

namespace {

bool touch(const Outage& first, const Outage& second) {
  return !first.end || second.start <= *first.end + kOutageGap;
}

void extend(Outage& into, const Outage& by) {
  into.lost_connections += by.lost_connections;
  into.failed_connects += by.failed_connects;
  if (!by.end) into.end.reset();
  if (into.end) into.end = std::max(*into.end, *by.end);
}

}  // namespace

void join_outages(std::vector<Outage>& into, const std::vector<Outage>& from) {
  std::vector<Outage> all;
  std::merge(into.begin(), into.end(), from.begin(), from.end(), std::back_inserter(all),
             [](const Outage& a, const Outage& b) { return a.start < b.start; });
  into.clear();
  for (const Outage& outage : all) {
    const bool same = !into.empty() && touch(into.back(), outage);
    if (same || into.size() == kMostOutages) {
      extend(into.back(), outage);
    } else {
      into.push_back(outage);
    }
  }
}

}  // namespace poolgauge
