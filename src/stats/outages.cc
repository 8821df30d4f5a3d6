// Outages and standstills of several parts, joined.

#include <algorithm>
#include <iterator>

#include "stats/over_time.h"

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

void join_standstills(std::vector<Standstill>& into, const std::vector<Standstill>& from) {
  std::vector<Standstill> all;
  std::merge(into.begin(), into.end(), from.begin(), from.end(), std::back_inserter(all),
             [](const Standstill& a, const Standstill& b) { return a.start < b.start; });
  into.clear();
  for (const Standstill& next : all) {
    const auto last = std::find_if(into.rbegin(), into.rend(), [&next](const Standstill& known) {
      return known.whose == next.whose && (!known.end || next.start <= *known.end);
    });
    if (last == into.rend()) {
      if (into.size() < kMostStandstills) into.push_back(next);
      continue;
    }
    last->confirmed = last->confirmed || next.confirmed;
    if (!next.end) last->end.reset();
    if (last->end) last->end = std::max(*last->end, *next.end);
  }
}

namespace {

template <typename Counts>
double sum_s(const std::vector<Standstill>& all, Duration window, Counts counts) {
  Duration sum{0};
  Duration until{0};
  for (const Standstill& one : all) {
    if (!counts(one)) continue;
    const Duration end = std::min(one.end.value_or(window), window);
    sum += std::max(Duration{0}, end - std::max(one.start, until));
    until = std::max(until, end);
  }
  return to_s(sum);
}

}  // namespace

double stood_still_s(const std::vector<Standstill>& all, bool client, Duration window) {
  return sum_s(all, window,
               [client](const Standstill& one) { return (one.whose == "client") == client; });
}

double standstill_s(const std::vector<Standstill>& all, const std::string& whose, Duration window) {
  return sum_s(all, window, [&whose](const Standstill& one) { return one.whose == whose; });
}

std::vector<std::string> standing_still(const std::vector<Standstill>& all) {
  std::vector<std::string> names;
  for (const Standstill& one : all) {
    if (std::find(names.begin(), names.end(), one.whose) == names.end()) {
      names.push_back(one.whose);
    }
  }
  return names;
}

}  // namespace poolgauge
