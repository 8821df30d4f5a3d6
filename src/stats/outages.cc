// Joining outages that several threads saw, and several pools.
#include "stats/outages.h"

#include <algorithm>
#include <iterator>

namespace poolgauge {

namespace {

bool touch(const Outage& first, const Outage& second) {
  return !first.end || second.start <= *first.end + kOutageGap;
}

/// The last outage of the server; the last of all where the list is full.
Outage* last_of(std::vector<Outage>& outages, const std::string& target) {
  const auto last = std::find_if(outages.rbegin(), outages.rend(),
                                 [&](const Outage& known) { return known.target == target; });
  if (last != outages.rend()) return &*last;
  return outages.size() == kMostOutages ? &outages.back() : nullptr;
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
    Outage* const last = last_of(into, outage.target);
    if (last != nullptr && (touch(*last, outage) || into.size() == kMostOutages)) {
      extend(*last, outage);
    } else {
      into.push_back(outage);
    }
  }
}

}  // namespace poolgauge
