// What was read, summed up: per group and per batch, never per session, never a statement's text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "observe/batches.h"
#include "observe/pooler.h"
#include "poolgauge/histogram.h"
#include "poolgauge/observe.h"

namespace poolgauge::observe {

/// Sessions whose transaction had begun, or ended, at most so long ago; transactions are counted
/// by how many are this fresh. Span `k` is Tally's `recent_s`, halved k times.
struct Fresh {
  static constexpr std::size_t kSpans = 8;
  std::array<std::uint32_t, kSpans> begun{}, ended{};
  void add(const Fresh& other);
};

/// One group's sums.
struct GroupTally {
  ObserveKey key;
  std::vector<Batch> batches;  ///< as many as Tally::lengths()
  /// Looks by the sessions in use, and by both numbers: (in use, open).
  std::vector<std::uint64_t> looks_by_busy;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> looks_by_both;
  std::vector<Fresh> batch_fresh;  ///< of each batch
  /// Looks of each batch by the sessions in use.
  std::vector<std::vector<std::uint32_t>> batch_looks_by_busy;
  Histogram xact_ages{7}, idle_ages{7}, session_ages{7};
  std::array<double, kObserveWaits> waits{};  ///< active sessions, summed over the looks
  std::uint32_t sessions_least = 0, sessions_most = 0, hidden_most = 0;
  std::uint64_t new_sessions = 0;
  std::size_t starts_apart = 0;    ///< clusters of session starts in the last look
  std::vector<std::int64_t> pids;  ///< of the last look, sorted
};

/// One database's counters over the window.
struct DatabaseTally {
  std::string name;
  double transactions = 0, busy_s = 0, active_s = 0, sessions = 0;
  double counted_s = 0;  ///< seconds that these cover
  bool has_times = false, has_sessions = false;
  std::optional<double> usual_transactions_per_s;  ///< since the last reset, before the window
};

/// Bounded: at most `kMostGroups` groups and 1,440 batches, which become twice as long when there
/// are too many.
class Tally : public ObserveSink {
 public:
  static constexpr std::size_t kMostGroups = 200;
  /// `gap_s`: ObserveQuestion's; `recent_s`: the longest span of Fresh; less than the time between
  /// two looks, so that none is counted twice.
  Tally(double gap_s, double recent_s) : gap_s_(gap_s), recent_s_(recent_s) {}

  std::size_t group(const ObserveKey& key) override;
  void look(const ObserveLook& look) override;
  void counters(const ObserveCounterLook& look, const std::string& own_database,
                double own_transactions, double own_busy_s) override;
  void pooler(const ObservePoolerLook& look) override { pooler_.add(look); }
  void gap(double t_s, const std::string& why) override;
  void end(double t_s) override;

  const std::vector<GroupTally>& groups() const { return groups_; }
  double recent_s() const { return recent_s_; }
  const std::vector<DatabaseTally>& databases() const { return databases_; }
  /// Of each batch: when it began, its looks and its seconds; the last one may be empty.
  struct Length {
    double begin_s = 0, looks = 0, seconds = 0;
  };
  const std::vector<Length>& lengths() const { return lengths_; }
  std::uint64_t looks() const { return looks_; }
  double seconds() const;
  /// Called whenever a batch has ended: it is the last of lengths() then.
  void when_batch_ends(std::function<void(const Tally&)> call) { batch_ended_ = std::move(call); }

  // A recording, put back: groups in the order of their numbers, then its pieces.
  struct RestoredGroup {
    Batch batch;
    Fresh fresh;
    std::vector<std::uint32_t> looks_by_busy;
    // Of everything until then:
    std::array<double, kObserveWaits> waits{};
    std::uint32_t sessions_least = 0, sessions_most = 0, hidden_most = 0;
    std::uint64_t new_sessions = 0;
    std::size_t starts_apart = 0;
  };
  struct Restored {
    Length length;
    std::vector<RestoredGroup> groups;  ///< all that are known
    std::vector<DatabaseTally> databases;
    std::uint64_t sessions_most = 0, looks_back = 0;
  };
  void restore(const Restored& piece);
  struct RestoredAges {
    Histogram transactions, idle;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> looks_by_both;
  };
  void restore_ages(std::size_t group, RestoredAges ages);
  void restore_pooler(const PoolerPiece& piece) { pooler_.restore(piece); }
  void restore_trouble(std::string trouble) { troubles_.push_back(std::move(trouble)); }

  const PoolerTally& seen_pooler() const { return pooler_; }
  const std::vector<std::string>& troubles() const { return troubles_; }
  std::uint64_t looks_back() const { return looks_back_; }  ///< with a clock that went back
  std::uint64_t sessions_most() const { return sessions_most_; }
  /// What is in use now, for the progress line: sessions in use and open in the last look.
  std::pair<std::uint32_t, std::uint32_t> latest() const { return latest_; }

 private:
  struct Sums;
  void begin_batch(double t_s);
  void count_group(GroupTally& group, const Sums& sums);
  void note_sessions(const ObserveLook& look, std::vector<Sums>& sums);
  void end_batch(double t_s);
  void halve_batches();
  DatabaseTally& database(const std::string& name);
  void count_database(const ObserveCounters& now, double t_s, const std::string& own_database,
                      double own_transactions, double own_busy_s);

  double gap_s_, recent_s_;
  std::function<void(const Tally&)> batch_ended_;
  std::vector<GroupTally> groups_;
  std::map<ObserveKey, std::size_t> numbers_;
  std::vector<DatabaseTally> databases_;
  /// The last counters of each database, with what was running then.
  struct Counted {
    ObserveCounters counters;
    double t_s = 0, running_s = 0;
    double owed = 0;  ///< transactions of ours that the server had not counted yet
  };
  std::map<std::string, Counted, std::less<>> counted_;
  std::map<std::string, double, std::less<>> running_s_;  ///< of the last look, by database
  std::vector<Length> lengths_;
  std::uint64_t looks_ = 0, looks_back_ = 0, sessions_most_ = 0;
  std::optional<double> last_look_s_, batch_began_s_;
  std::pair<std::uint32_t, std::uint32_t> latest_{0, 0};
  PoolerTally pooler_;
  std::vector<std::string> troubles_;
};

}  // namespace poolgauge::observe
