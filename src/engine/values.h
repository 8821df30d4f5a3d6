// A virtual user's variables: drawn anew for each request, as text ready to be bound.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/rng.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// What all users of a thread share of the variables: sequences, and tables made once.
class ValueSource {
 public:
  /// `offset` and `stride` keep sequences of different threads apart.
  ValueSource(const Scenario& scenario, std::uint32_t offset, std::uint32_t stride);

  /// Draws the variables that `request` uses into `values` (by variable index; sized on demand).
  void draw(std::uint32_t request, Rng& rng, std::vector<std::string>& values);

 private:
  void draw_one(std::uint32_t variable, Rng& rng, std::string& out);
  const Scenario& scenario_;
  std::vector<std::vector<std::uint32_t>> used_by_request_;
  std::vector<Zipf> zipfs_;                   // by variable; unused for others
  std::vector<std::int64_t> next_;            // by variable: sequences and in-turn columns
  std::vector<std::vector<double>> ladders_;  // by variable: cumulative weights of choices
  std::uint32_t stride_;
};

}  // namespace poolgauge
