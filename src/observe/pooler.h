// PgBouncer's pools over the window: there waiting is visible.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "observe/batches.h"
#include "poolgauge/observe.h"

namespace poolgauge::observe {

/// What a recording keeps of PgBouncer: sums over the looks of one piece of the window.
struct PoolerPiece {
  struct Pool {
    std::string database, user, mode;
    double t_s = 0, looks = 0, busy = 0, waiting = 0, queued = 0, longest_wait_s = 0;
  };
  /// Of the whole window until then.
  struct Totals {
    std::string database;
    double seconds = 0, transactions = 0, wait_s = 0, transaction_s = 0, assignments = 0;
    bool has_assignments = false;
  };
  std::string version;
  std::vector<Pool> pools;
  std::vector<Totals> totals;
  std::vector<std::pair<std::string, std::int64_t>> sizes;
  std::vector<std::string> notes;
};
/// How much of each pool is in a recording already.
using PoolerMarks = std::map<std::pair<std::string, std::string>, std::size_t>;

/// Sums looks at the pools (a second apart) and differences of the totals.
class PoolerTally {
 public:
  void add(const ObservePoolerLook& look);
  /// Nothing where the console was never looked at.
  std::optional<ObservedPooler> answer(const std::string& profile) const;
  /// What came since the last time; nothing where no pool was looked at since.
  std::optional<PoolerPiece> piece_since(PoolerMarks& marks) const;
  void restore(const PoolerPiece& piece);

 private:
  /// `busy` is servers, `high` waiting clients, `full` looks in which a client waited.
  struct Pool {
    std::string mode;
    std::vector<Batch> batches;
    std::vector<double> times_s;  ///< of the looks
    double longest_wait_s = 0;
  };
  using Totals = PoolerPiece::Totals;                    ///< differences of one database's totals
  using PoolName = std::pair<std::string, std::string>;  // database, user

  void add_stats(const ObserveStatsRow& now, double t_s);
  void fill_from_totals(ObservedPool& pool, const Totals& totals, double share) const;

  std::string version_;
  std::uint64_t looks_ = 0;
  std::map<PoolName, Pool> pools_;
  std::map<std::string, std::int64_t> sizes_;
  std::map<std::string, std::pair<ObserveStatsRow, double>> last_;
  std::map<std::string, Totals> totals_;
  std::vector<std::string> notes_;
};

}  // namespace poolgauge::observe
