// Differences of counters, and stat() of the log.
#include "sqlite/log_watch.h"

#include <sys/stat.h>

#include <algorithm>

namespace poolgauge::sqlite {

std::uint64_t file_size(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || info.st_size < 0) return 0;
  return static_cast<std::uint64_t>(info.st_size);
}

void LogWatch::look(TimePoint now, std::optional<TimePoint> begin, Duration length) {
  if (!begin || now < *begin) return;
  if (!at_begin_) at_begin_ = read(counters_);
  if (now > *begin + length && at_end_) return;
  at_end_ = read(counters_);
  if (settings_.place.memory) return;
  const std::uint64_t size = file_size(journal_);
  ++looks_;
  log_most_ = std::max(log_most_, size);
  log_sum_ += static_cast<double>(size);
}

ServerView::Counters LogWatch::figures() const {
  if (!at_begin_ || !at_end_) return {};
  const auto counted = [this](std::uint64_t Counted::*figure) {
    return static_cast<double>(*at_end_.*figure - *at_begin_.*figure);
  };
  ServerView::Counters figures = {
      {"lock_waits", counted(&Counted::lock_waits)},
      {"lock_wait_s", counted(&Counted::lock_wait_ns) / 1e9},
      {"upgrades_refused", counted(&Counted::upgrades_refused)},
      {"cache_hits", counted(&Counted::cache_hits)},
      {"cache_misses", counted(&Counted::cache_misses)},
  };
  if (log_most_ == 0) return figures;
  figures.emplace_back("checkpoints", counted(&Counted::checkpoints));
  figures.emplace_back("checkpoints_cut_short", counted(&Counted::checkpoints_cut));
  figures.emplace_back("checkpoint_s", counted(&Counted::checkpoint_ns) / 1e9);
  figures.emplace_back("wal_bytes_max", static_cast<double>(log_most_));
  figures.emplace_back("wal_bytes_mean", log_sum_ / static_cast<double>(looks_));
  return figures;
}

}  // namespace poolgauge::sqlite
