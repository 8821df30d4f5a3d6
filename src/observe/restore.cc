// Sums that were recorded, put back.
#include <algorithm>
#include <utility>

#include "observe/tally.h"

namespace poolgauge::observe {

void Tally::restore(const Restored& piece) {
  begin_batch(piece.length.begin_s);
  lengths_.back() = piece.length;
  for (std::size_t i = 0; i < groups_.size() && i < piece.groups.size(); ++i) {
    const RestoredGroup& from = piece.groups[i];
    GroupTally& group = groups_[i];
    group.batches.back() = from.batch;
    group.batch_fresh.back() = from.fresh;
    group.batch_looks_by_busy.back() = from.looks_by_busy;
    if (group.looks_by_busy.size() < from.looks_by_busy.size()) {
      group.looks_by_busy.resize(from.looks_by_busy.size());
    }
    for (std::size_t busy = 0; busy < from.looks_by_busy.size(); ++busy) {
      group.looks_by_busy[busy] += from.looks_by_busy[busy];
    }
    group.waits = from.waits;
    group.sessions_least = from.sessions_least;
    group.sessions_most = from.sessions_most;
    group.hidden_most = from.hidden_most;
    group.new_sessions = from.new_sessions;
    group.starts_apart = from.starts_apart;
  }
  databases_ = piece.databases;
  sessions_most_ = piece.sessions_most;
  looks_back_ = piece.looks_back;
  looks_ += static_cast<std::uint64_t>(piece.length.looks);
  batch_began_s_.reset();
}

void Tally::restore_ages(std::size_t group, RestoredAges ages) {
  groups_[group].xact_ages = std::move(ages.transactions);
  groups_[group].idle_ages = std::move(ages.idle);
  groups_[group].looks_by_both = std::move(ages.looks_by_both);
}

}  // namespace poolgauge::observe
