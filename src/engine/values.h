// A virtual user's variables: drawn again for each request, as text ready to be bound.
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
  /// With a `turn`, as a replayed load counts them, rows that are taken in turn are those of that
  /// number, whichever thread takes them.
  void draw(std::uint32_t request, Rng& rng, std::vector<std::string>& values,
            std::uint32_t turn = kNoTurn);

 private:
  static constexpr std::size_t kNoGroup = SIZE_MAX;
  /// Columns whose values come from the same row.
  struct RowGroup {
    const CsvVariable* first;  // any of them: all have the same rows
    std::int64_t next;         // in turn
    std::size_t row = 0;       // of the present request
  };
  void draw_one(std::uint32_t variable, Rng& rng, std::string& out);
  std::size_t row_of(std::uint32_t variable, const CsvVariable& csv, Rng& rng);
  void draw_row(RowGroup& group, Rng& rng, std::uint32_t turn);
  void group_rows(std::uint32_t offset);
  const Scenario& scenario_;
  std::vector<std::vector<std::uint32_t>> used_by_request_;
  std::vector<Zipf> zipfs_;                   // by variable; unused for others
  std::vector<std::int64_t> next_;            // by variable: sequences and in-turn columns
  std::vector<std::vector<double>> ladders_;  // by variable: cumulative weights of choices
  std::vector<std::size_t> group_of_;         // by variable; kNoGroup: on its own
  std::vector<RowGroup> groups_;
  std::vector<std::vector<std::size_t>> groups_by_request_;
  std::uint32_t stride_;
};

}  // namespace poolgauge
