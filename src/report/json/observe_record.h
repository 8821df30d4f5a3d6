// A recording of `observe`: lines that are only appended, from which the answer can be found again.
// It holds sums by group and piece of the window; never a statement, never a single session.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "observe/tally.h"
#include "poolgauge/observe.h"
#include "poolgauge/result.h"

namespace poolgauge::observe {

/// Where and when it was recorded.
struct RecordHeader {
  ObserveServer server;
  std::int64_t started_s = 0;  ///< seconds since 1970, UTC
  double gap_s = 0.01, recent_s = 0.05, asked_for_s = 300;
};

/// Turns what was summed up into lines of JSON, each with its line break. Pure: writes nowhere.
class RecordWriter {
 public:
  static constexpr std::size_t kAgesEvery = 60;  ///< pieces between two snapshots of the ages
  static std::string header(const RecordHeader& header);
  /// The piece that has just ended, and what is new besides: groups, notes, ages now and then.
  std::string piece(const Tally& tally);
  /// The last lines.
  std::string end(const Tally& tally, const ObserveCost& cost, bool interrupted);

 private:
  std::string news(const Tally& tally);
  std::size_t groups_ = 0, troubles_ = 0, pieces_ = 0;
  PoolerMarks poolers_;
};

/// What a file holds.
struct Recording {
  RecordHeader header;
  Tally tally;
  ObserveCost cost;
  bool ended = false;  ///< no: it still grows, or whoever wrote it was stopped
  bool interrupted = false;
};

/// Of a whole file's text. A last line without its line break was torn and is ignored. The error
/// (kind usage) says which line is damaged.
Result<Recording> read_recording(std::string_view text);

}  // namespace poolgauge::observe
