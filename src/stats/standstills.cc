// One line for each stretch of time, whoever saw it.
#include "stats/standstills.h"

#include <algorithm>
#include <iterator>

namespace poolgauge {

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

double stood_still_s(const std::vector<Standstill>& all, bool client, Duration window) {
  Duration sum{0};
  Duration until{0};
  for (const Standstill& one : all) {
    if ((one.whose == "client") != client) continue;
    const Duration end = std::min(one.end.value_or(window), window);
    sum += std::max(Duration{0}, end - std::max(one.start, until));
    until = std::max(until, end);
  }
  return to_s(sum);
}

}  // namespace poolgauge
