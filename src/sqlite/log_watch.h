// What a run shows of the database: the connections' counters over the window, and the log's size.
#pragma once

#include <optional>
#include <string>

#include "poolgauge/measurement.h"
#include "sqlite/counters.h"
#include "sqlite/settings.h"

namespace poolgauge::sqlite {

/// Looks about ten times a second, from one thread; nothing of it is asked of the database.
class LogWatch {
 public:
  /// Both outlive it.
  LogWatch(const Settings& settings, const Counters& counters)
      : settings_(settings), counters_(counters), journal_(settings.place.path + "-wal") {}

  /// The window began at `begin`, nullopt: not yet; and lasts as long as `length`.
  void look(TimePoint now, std::optional<TimePoint> begin, Duration length);
  /// What was seen of the window, under SQLite's own words where it has any.
  ServerView::Counters figures() const;

 private:
  const Settings& settings_;
  const Counters& counters_;
  const std::string journal_;
  std::optional<Counted> at_begin_, at_end_;
  std::uint64_t looks_ = 0;
  std::uint64_t log_most_ = 0;
  double log_sum_ = 0;
};

/// The size of a file in bytes; 0 where there is none.
std::uint64_t file_size(const std::string& path);

}  // namespace poolgauge::sqlite
