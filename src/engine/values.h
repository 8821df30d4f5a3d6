// A virtual user's variables, and what its pgbench scripts keep.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "engine/backend.h"
#include "poolgauge/scenario.h"
#include "poolgauge/script.h"

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

// What a user keeps for pgbench scripts, and what their commands do with it.

/// The variables of one user by index, in addition to their texts; empty where no script is run.
struct ScriptState {
  /// Variables that scripts set are unset, and bind as NULL; pgbench's own have their values.
  void begin(const Scenario& scenario, std::uint64_t seed, std::int64_t client,
             std::vector<std::string>& texts);
  /// For the next exchange.
  Capture* begin_capture(std::vector<std::string>& texts) {
    capture = Capture{&texts, -1};
    return &capture;
  }
  std::vector<ScriptValue> values;
  Capture capture;
};

/// How many lines to go further than the next; `problem`: what could not be done.
struct LineResult {
  std::uint32_t ahead = 0;
  const char* problem = nullptr;
};
LineResult run_script_line(const ScriptLine& line, ScriptState& state,
                           std::vector<std::string>& texts, Rng& rng);

/// Stores the row that a step captures; false: there was none, or there were several. A model of
/// a server has no rows: its columns are null.
bool keep_results(const Step& step, ScriptState& state, std::vector<std::string>& texts);

/// The duration of \sleep :variable; nullopt if it is not a number. Negative values are zero.
std::optional<Duration> script_sleep(const Step& step, const ScriptState& state,
                                     const std::vector<std::string>& texts);

}  // namespace poolgauge
