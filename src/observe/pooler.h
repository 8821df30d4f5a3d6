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

/// Sums looks at the pools (a second apart) and differences of the totals.
class PoolerTally {
 public:
  void add(const ObservePoolerLook& look);
  /// Nothing where the console was never looked at.
  std::optional<ObservedPooler> answer(const std::string& profile) const;

 private:
  /// `busy` is servers, `high` waiting clients, `full` looks in which a client waited.
  struct Pool {
    std::string mode;
    std::vector<Batch> batches;
    double longest_wait_s = 0;
  };
  /// Differences of one database's totals.
  struct Totals {
    double seconds = 0, transactions = 0, wait_s = 0, transaction_s = 0, assignments = 0;
    bool has_assignments = false;
  };
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
