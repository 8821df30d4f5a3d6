// Binary search in a sparse list of histograms.
#include "stats/packed_at.h"

#include <algorithm>

namespace poolgauge {

namespace {

template <class List>
auto place_of(List& list, std::size_t index) {
  return std::lower_bound(list.begin(), list.end(), index,
                          [](const PackedAt& at, std::size_t i) { return at.index < i; });
}

}  // namespace

const PackedHistogram* find_packed(const std::vector<PackedAt>& list, std::size_t index) {
  const auto found = place_of(list, index);
  return found != list.end() && found->index == index ? &found->values : nullptr;
}

PackedHistogram& packed_at(std::vector<PackedAt>& list, std::size_t index) {
  const auto found = place_of(list, index);
  if (found != list.end() && found->index == index) return found->values;
  return list.insert(found, PackedAt{static_cast<std::uint32_t>(index), {}})->values;
}

}  // namespace poolgauge
