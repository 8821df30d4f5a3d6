// Servers busy, clients waiting, and the size that follows.
#include "observe/pooler.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "advise/size_case.h"
#include "base/text.h"
#include "math/queues.h"
#include "observe/bounds.h"
#include "observe/observe.h"

namespace poolgauge::observe {
namespace {

constexpr double kMinute_s = 60;
constexpr double kLookGap_s = 1.5;  // the last look of a minute is this close to its end
constexpr double kOneSided = 1.645;
constexpr std::size_t kMostLooks = 100'000;  // kept one by one: a day
constexpr std::size_t kMostNotes = 20;

double mean_of(const Batch& sum, double Batch::*of) {
  return sum.looks > 0 ? sum.*of / sum.looks : 0;
}

/// Of servers busy: the highest mean over a minute.
double busiest_minute_of(const std::vector<Batch>& looks, const std::vector<double>& times_s) {
  if (looks.empty()) return 0;
  const double whole_s = std::min(kMinute_s, times_s.back() - times_s.front());
  double sum = 0, count = 0, best = 0;
  std::size_t from = 0;
  for (std::size_t i = 0; i < looks.size(); ++i) {
    sum += looks[i].busy;
    count += looks[i].looks;
    for (; times_s[i] - times_s[from] >= kMinute_s; ++from) {
      sum -= looks[from].busy;
      count -= looks[from].looks;
    }
    // The first minute, or a shorter window, counts when it is over; one of a recording is whole.
    const bool begun = times_s[i] - times_s.front() < whole_s - kLookGap_s;
    if (begun && looks[i].looks <= 1) continue;
    best = std::max(best, sum / count);
  }
  return best;
}

}  // namespace

void PoolerTally::add(const ObservePoolerLook& look) {
  ++looks_;
  if (!look.version.empty()) version_ = look.version;
  for (const auto& [database, size] : look.pool_sizes) sizes_[database] = size;
  for (const ObservePoolRow& row : look.pools) {
    Pool& pool = pools_[{row.database, row.user}];
    pool.mode = row.mode;
    pool.longest_wait_s = std::max(pool.longest_wait_s, row.longest_wait_s);
    if (pool.batches.size() >= kMostLooks) continue;
    Batch one;
    one.looks = 1;
    one.busy = row.servers_active;
    one.high = row.clients_waiting;
    one.full = row.clients_waiting > 0 ? 1 : 0;
    pool.batches.push_back(one);
    pool.times_s.push_back(look.t_s);
  }
  for (const ObserveStatsRow& row : look.stats) add_stats(row, look.t_s);
}

void PoolerTally::add_stats(const ObserveStatsRow& now, double t_s) {
  const auto known = last_.find(now.database);
  if (known != last_.end()) {
    const auto& [before, before_s] = known->second;
    if (now.transactions < before.transactions || now.wait_s < before.wait_s) {
      if (notes_.size() < kMostNotes)
        notes_.push_back(
            fmt::format("PgBouncer was restarted {:.0f} s into the window; its totals around that "
                        "moment are excluded",
                        t_s));
    } else {
      Totals& sums = totals_[now.database];
      sums.seconds += t_s - before_s;
      sums.transactions += now.transactions - before.transactions;
      sums.wait_s += now.wait_s - before.wait_s;
      sums.transaction_s += now.transaction_s - before.transaction_s;
      if (now.assignments && before.assignments) {
        sums.has_assignments = true;
        sums.assignments += *now.assignments - *before.assignments;
      }
    }
  }
  last_[now.database] = {now, t_s};
}

/// A transaction's clock starts when its first query arrives: its time includes the wait.
void PoolerTally::fill_from_totals(ObservedPool& pool, const Totals& totals, double share) const {
  if (totals.seconds <= 0 || totals.transactions <= 0 || pool.mode == "session") return;
  const double busy_s = std::max(0.0, totals.transaction_s - totals.wait_s);
  pool.busy_counted = share * busy_s / totals.seconds;
  pool.waiting_counted = share * totals.wait_s / totals.seconds;
  pool.hold_s = busy_s / totals.transactions;
  pool.transactions_per_s = share * totals.transactions / totals.seconds;
  const double gets = totals.has_assignments ? totals.assignments : totals.transactions;
  if (gets > 0) pool.mean_wait_s = totals.wait_s / gets;
}

std::optional<PoolerPiece> PoolerTally::piece_since(PoolerMarks& marks) const {
  PoolerPiece piece;
  piece.version = version_;
  for (const auto& [name, tally] : pools_) {
    std::size_t& from = marks[name];
    if (from >= tally.batches.size()) continue;
    PoolerPiece::Pool pool;
    pool.database = name.first;
    pool.user = name.second;
    pool.mode = tally.mode;
    pool.t_s = tally.times_s[from];
    pool.longest_wait_s = tally.longest_wait_s;
    for (; from < tally.batches.size(); ++from) {
      const Batch& look = tally.batches[from];
      pool.looks += look.looks;
      pool.busy += look.busy;
      pool.waiting += look.high;
      pool.queued += look.full;
    }
    piece.pools.push_back(std::move(pool));
  }
  if (piece.pools.empty()) return std::nullopt;
  for (const auto& [database, totals] : totals_) {
    piece.totals.push_back(totals);
    piece.totals.back().database = database;
  }
  piece.sizes.assign(sizes_.begin(), sizes_.end());
  piece.notes = notes_;
  return piece;
}

void PoolerTally::restore(const PoolerPiece& piece) {
  version_ = piece.version;
  double looks = 0;
  for (const PoolerPiece::Pool& from : piece.pools) {
    Pool& pool = pools_[{from.database, from.user}];
    pool.mode = from.mode;
    pool.longest_wait_s = from.longest_wait_s;
    Batch sum;
    sum.looks = from.looks;
    sum.busy = from.busy;
    sum.high = from.waiting;
    sum.full = from.queued;
    pool.batches.push_back(sum);
    pool.times_s.push_back(from.t_s);
    looks = std::max(looks, from.looks);
  }
  looks_ += static_cast<std::uint64_t>(looks);
  for (const Totals& totals : piece.totals) totals_[totals.database] = totals;
  for (const auto& [database, size] : piece.sizes) sizes_[database] = size;
  notes_ = piece.notes;
}

std::optional<ObservedPooler> PoolerTally::answer(const std::string& profile) const {
  if (looks_ == 0) return std::nullopt;
  const SizeProfile& wanted = profile_named(profile);
  ObservedPooler pooler{version_, looks_, {}, notes_};
  std::map<std::string, double> busy_of;
  for (const auto& [name, tally] : pools_) {
    for (const Batch& look : tally.batches) busy_of[name.first] += look.busy;
  }
  for (const auto& [name, tally] : pools_) {
    ObservedPool pool;
    pool.database = name.first;
    pool.user = name.second;
    pool.mode = tally.mode;
    const auto size_told = sizes_.find(name.first);
    if (size_told != sizes_.end() && is_limit(static_cast<double>(size_told->second))) {
      pool.pool_size = size_told->second;
    }
    pool.servers_busy =
        figure_of(tally.batches, [](const Batch& sum) { return mean_of(sum, &Batch::busy); });
    pool.clients_waiting =
        figure_of(tally.batches, [](const Batch& sum) { return mean_of(sum, &Batch::high); });
    double looks = 0, busy = 0;
    for (const Batch& look : tally.batches) {
      looks += look.looks;
      busy += look.busy;
    }
    pool.waiting_looks = share_of(tally.batches, &Batch::full, looks);
    pool.longest_wait_s = tally.longest_wait_s;
    pool.busiest_minute = busiest_minute_of(tally.batches, tally.times_s);
    const double all = busy_of[name.first];
    const double share = all > 0 ? busy / all : 0;
    if (const auto totals = totals_.find(name.first); totals != totals_.end()) {
      fill_from_totals(pool, totals->second, share);
    }
    const double seconds = tally.times_s.empty() ? 0 : tally.times_s.back() - tally.times_s.front();
    const double error = pool.servers_busy.error * std::sqrt(std::max(1.0, seconds / kMinute_s));
    const double most = std::max(pool.busiest_minute, pool.busy_counted.value_or(0));
    const double demand = std::max(0.0, (most + kOneSided * error) * (1 + wanted.growth));
    pool.size = connections_for(demand, 1, wanted.wait_goal);
    const double offered = std::max(0.0, pool.busy_counted.value_or(pool.servers_busy.value));
    if (pool.hold_s && pool.pool_size && static_cast<double>(*pool.pool_size) > offered) {
      const auto size = static_cast<std::uint64_t>(*pool.pool_size);
      pool.predicted_wait_s =
          math::erlang_c(size, offered) * *pool.hold_s / (static_cast<double>(size) - offered);
    }
    pooler.pools.push_back(std::move(pool));
  }
  std::stable_sort(pooler.pools.begin(), pooler.pools.end(),
                   [](const ObservedPool& a, const ObservedPool& b) {
                     return a.servers_busy.value > b.servers_busy.value;
                   });
  return pooler;
}

}  // namespace poolgauge::observe
