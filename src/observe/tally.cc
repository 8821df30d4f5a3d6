// Summing looks and counters up.
#include "observe/tally.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace poolgauge::observe {
namespace {

constexpr std::size_t kMostBatches = 1440;
constexpr std::size_t kMostTroubles = 20;
constexpr double kClockBack_s = 1;      // ages below minus this: the server's clock was set back
constexpr double kStartTogether_s = 1;  // sessions of one process start within this

bool is_busy(ObserveState state) {
  return state == ObserveState::active || state == ObserveState::idle_in_transaction;
}

void count_at(std::vector<std::uint64_t>& counts, std::size_t index) {
  if (counts.size() <= index) counts.resize(index + 1);
  ++counts[index];
}

/// How many times sessions began more than a second after the one before.
std::size_t clusters_of(std::vector<double>& ages) {
  std::sort(ages.begin(), ages.end());
  std::size_t found = ages.empty() ? 0 : 1;
  for (std::size_t i = 1; i < ages.size(); ++i) {
    if (ages[i] - ages[i - 1] > kStartTogether_s) ++found;
  }
  return found;
}

/// An age below zero is of what changed while the look was taken: outside of every span.
void count_fresh(std::array<std::uint32_t, Fresh::kSpans>& counts, double age_s, double span_s) {
  if (age_s < 0) return;
  for (std::uint32_t& count : counts) {
    if (age_s >= span_s) return;
    ++count;
    span_s /= 2;
  }
}

}  // namespace

void Fresh::add(const Fresh& other) {
  for (std::size_t i = 0; i < kSpans; ++i) {
    begun[i] += other.begun[i];
    ended[i] += other.ended[i];
  }
}

/// One group in one look.
struct Tally::Sums {
  Batch batch;
  std::uint32_t busy = 0, open = 0, hidden = 0;
  std::vector<std::int64_t> pids;
  std::vector<double> starts;
};

std::size_t Tally::group(const ObserveKey& wanted) {
  const auto known = numbers_.find(wanted);
  if (known != numbers_.end()) return known->second;
  ObserveKey key = wanted;
  if (groups_.size() + 1 >= kMostGroups) {
    key = {"(others)", "(others)", "(others)", "(others)"};
    const auto others = numbers_.find(key);
    if (others != numbers_.end()) return numbers_[wanted] = others->second;
  }
  GroupTally group;
  group.key = key;
  // Before its first session there was none of it.
  for (const Length& length : lengths_) {
    group.batches.emplace_back();
    group.batches.back().looks = length.looks;
    group.batches.back().seconds = length.seconds;
    group.batch_looks_by_busy.emplace_back(1, static_cast<std::uint32_t>(length.looks));
    group.batch_fresh.emplace_back();
  }
  if (looks_ > 0) {
    group.looks_by_busy.assign(1, looks_);
    group.looks_by_both[{0, 0}] = looks_;
  }
  groups_.push_back(std::move(group));
  numbers_[key] = groups_.size() - 1;
  return numbers_[wanted] = groups_.size() - 1;
}

void Tally::begin_batch(double t_s) {
  if (lengths_.size() >= kMostBatches) halve_batches();
  batch_began_s_ = t_s;
  lengths_.push_back({t_s, 0, 0});
  for (GroupTally& group : groups_) {
    group.batches.emplace_back();
    group.batch_looks_by_busy.emplace_back();
    group.batch_fresh.emplace_back();
  }
}

void Tally::end_batch(double t_s) {
  const double seconds = std::max(0.0, t_s - *batch_began_s_);
  lengths_.back().seconds = seconds;
  for (GroupTally& group : groups_) group.batches.back().seconds = seconds;
  batch_began_s_.reset();
  if (batch_ended_) batch_ended_(*this);
}

void Tally::halve_batches() {
  const std::size_t half = lengths_.size() / 2;
  for (std::size_t i = 0; i < half; ++i) {
    const Length& second = lengths_[2 * i + 1];
    lengths_[i] = {lengths_[2 * i].begin_s, lengths_[2 * i].looks + second.looks,
                   lengths_[2 * i].seconds + second.seconds};
  }
  lengths_.resize(half);
  for (GroupTally& group : groups_) {
    for (std::size_t i = 0; i < half; ++i) {
      Batch sum = group.batches[2 * i];
      sum.add(group.batches[2 * i + 1]);
      group.batches[i] = sum;
      group.batch_fresh[i] = group.batch_fresh[2 * i];
      group.batch_fresh[i].add(group.batch_fresh[2 * i + 1]);
      std::vector<std::uint32_t> counts = std::move(group.batch_looks_by_busy[2 * i]);
      const std::vector<std::uint32_t>& more = group.batch_looks_by_busy[2 * i + 1];
      counts.resize(std::max(counts.size(), more.size()));
      for (std::size_t busy = 0; busy < more.size(); ++busy) counts[busy] += more[busy];
      group.batch_looks_by_busy[i] = std::move(counts);
    }
    group.batches.resize(half);
    group.batch_looks_by_busy.resize(half);
    group.batch_fresh.resize(half);
  }
}

void Tally::note_sessions(const ObserveLook& look, std::vector<Sums>& sums) {
  for (const ObserveSession& session : look.sessions) {
    Sums& own = sums[session.group];
    GroupTally& group = groups_[session.group];
    if (session.state_age_s < -kClockBack_s) ++looks_back_;
    const double state_age = std::max(session.state_age_s, 0.0);
    ++own.open;
    own.pids.push_back(session.pid);
    if (session.backend_age_s >= 0) {
      own.starts.push_back(session.backend_age_s);
      group.session_ages.record(from_s(std::min(session.backend_age_s, 86'400.0)));
    }
    if (session.state == ObserveState::hidden) ++own.hidden;
    if (session.state == ObserveState::idle) {
      group.idle_ages.record(from_s(std::min(state_age, 86'400.0)));
      own.batch.high += state_age < gap_s_ ? 1 : 0;
      count_fresh(group.batch_fresh.back().ended, session.state_age_s, recent_s_);
    }
    if (!is_busy(session.state)) continue;
    ++own.busy;
    running_s_[group.key.database] += state_age;
    if (session.state == ObserveState::active) {
      own.batch.active += 1;
      group.waits[static_cast<std::size_t>(session.wait)] += 1;
    } else {
      own.batch.idle_in_transaction += 1;
    }
    if (session.xact_age_s != kNoAge) {
      const double age = std::max(session.xact_age_s, 0.0);
      count_fresh(group.batch_fresh.back().begun, session.xact_age_s, recent_s_);
      own.batch.ages += age;
      own.batch.aged += 1;
      group.xact_ages.record(from_s(std::min(age, 86'400.0)));
    }
  }
}

void Tally::look(const ObserveLook& look) {
  if (!batch_began_s_) begin_batch(look.t_s);
  std::vector<Sums> sums(groups_.size());
  running_s_.clear();
  note_sessions(look, sums);
  latest_ = {0, 0};
  for (std::size_t i = 0; i < sums.size(); ++i) {
    latest_.first += sums[i].busy;
    latest_.second += sums[i].open;
  }
  sessions_most_ = std::max<std::uint64_t>(sessions_most_, latest_.second);
  for (std::size_t i = 0; i < sums.size(); ++i) count_group(groups_[i], sums[i]);
  ++looks_;
  lengths_.back().looks += 1;
  last_look_s_ = look.t_s;
}

void Tally::count_group(GroupTally& group, const Sums& sums) {
  Batch batch = sums.batch;
  const auto busy = static_cast<double>(sums.busy);
  batch.looks = 1;
  batch.busy = busy;
  batch.busy_square = busy * busy;
  batch.high += busy;
  batch.sessions = static_cast<double>(sums.open);
  group.batches.back().add(batch);
  count_at(group.looks_by_busy, sums.busy);
  std::vector<std::uint32_t>& counts = group.batch_looks_by_busy.back();
  if (counts.size() <= sums.busy) counts.resize(sums.busy + 1);
  ++counts[sums.busy];
  ++group.looks_by_both[{sums.busy, sums.open}];
  const bool first = group.pids.empty() && group.sessions_most == 0;
  group.sessions_most = std::max(group.sessions_most, sums.open);
  group.sessions_least = first ? sums.open : std::min(group.sessions_least, sums.open);
  group.hidden_most = std::max(group.hidden_most, sums.hidden);
  std::vector<double> starts = sums.starts;
  if (!starts.empty()) group.starts_apart = clusters_of(starts);
  std::vector<std::int64_t> pids = sums.pids;
  std::sort(pids.begin(), pids.end());
  if (looks_ > 0) {
    std::vector<std::int64_t> fresh;
    std::set_difference(pids.begin(), pids.end(), group.pids.begin(), group.pids.end(),
                        std::back_inserter(fresh));
    group.new_sessions += fresh.size();
  }
  group.pids = std::move(pids);
}

double Tally::seconds() const {
  double sum = 0;
  for (const Length& length : lengths_) sum += length.seconds;
  return sum;
}

DatabaseTally& Tally::database(const std::string& name) {
  const auto found = std::find_if(databases_.begin(), databases_.end(),
                                  [&name](const DatabaseTally& one) { return one.name == name; });
  if (found != databases_.end()) return *found;
  databases_.emplace_back();
  databases_.back().name = name;
  return databases_.back();
}

void Tally::counters(const ObserveCounterLook& look, const std::string& own_database,
                     double own_transactions, double own_busy_s) {
  for (const ObserveCounters& now : look.databases) {
    count_database(now, look.t_s, own_database, own_transactions, own_busy_s);
  }
  // What follows the first look of a window is where the counting begins, no end of a batch.
  if (!batch_began_s_ || lengths_.back().looks <= 1) return;
  end_batch(look.t_s);
  begin_batch(look.t_s);
}

void Tally::count_database(const ObserveCounters& now, double t_s, const std::string& own_database,
                           double own_transactions, double own_busy_s) {
  const auto running = running_s_.find(now.database);
  const double running_s = running == running_s_.end() ? 0 : running->second;
  const auto known = counted_.find(now.database);
  DatabaseTally& sums = database(now.database);
  const bool own = now.database == own_database;
  double owed = 0;
  if (known == counted_.end()) {
    if (now.counted_for_s && *now.counted_for_s > 60) {
      sums.usual_transactions_per_s = now.transactions / *now.counted_for_s;
    }
  } else if (known->second.counters.reset_at != now.reset_at ||
             now.transactions < known->second.counters.transactions) {
    if (troubles_.size() < kMostTroubles) {
      troubles_.push_back(fmt::format(
          "the statistics of database {} were reset {:.0f} s into the window; what was counted "
          "around that moment is excluded",
          now.database.empty() ? "?" : now.database, t_s));
    }
  } else {
    const Counted& before = known->second;
    const double seconds = t_s - before.t_s;
    // The server may count ours later than we do.
    const double difference = now.transactions - before.counters.transactions - before.owed -
                              (own ? own_transactions : 0);
    const double transactions = std::max(0.0, difference);
    owed = transactions - difference;
    sums.transactions += transactions;
    sums.counted_s += seconds;
    if (now.active_s && now.idle_in_transaction_s && before.counters.active_s) {
      sums.has_times = true;
      const double active = *now.active_s - *before.counters.active_s;
      const double idle = *now.idle_in_transaction_s - *before.counters.idle_in_transaction_s;
      sums.active_s += active;
      sums.busy_s += active + idle + running_s - before.running_s - (own ? own_busy_s : 0);
    }
    if (now.sessions && before.counters.sessions) {
      sums.has_sessions = true;
      sums.sessions += *now.sessions - *before.counters.sessions;
    }
    for (GroupTally& group : groups_) {
      if (group.key.database != now.database || group.batches.empty()) continue;
      Batch& batch = group.batches.back();
      batch.transactions = transactions;
      batch.counted_s = seconds;
      batch.counted_busy = batch.busy;
      batch.counted_looks = batch.looks;
    }
  }
  counted_[now.database] = {now, t_s, running_s, owed};
}

void Tally::end(double t_s) {
  if (batch_began_s_) end_batch(t_s);
}

void Tally::gap(double t_s, const std::string& why) {
  if (troubles_.size() < kMostTroubles) troubles_.push_back(why);
  if (batch_began_s_) end_batch(std::min(t_s, last_look_s_.value_or(t_s)));
  counted_.clear();
  for (GroupTally& group : groups_) group.pids.clear();
}

}  // namespace poolgauge::observe
