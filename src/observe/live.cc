// Sums for counters, gauges of the last sample, and one Tally for each window.
#include "observe/live.h"

#include <algorithm>
#include <utility>

namespace poolgauge::observe {
namespace {

constexpr double kLongestBetween_s = 10;  // a longer pause was not watched
constexpr double kPoolerStale_s = 15;     // looks at PgBouncer are 1 s apart

}  // namespace

LiveTally::LiveTally(ObserveQuestion question, double recent_s)
    : question_(std::move(question)), recent_s_(recent_s) {
  begin_window();
}

/// Groups keep their numbers.
void LiveTally::begin_window() {
  window_ = std::make_unique<Tally>(question_.gap_s, recent_s_);
  for (const LiveGroup& group : state_.groups) window_->group(group.key);
}

void LiveTally::restart(const ObserveServer& server) {
  server_ = server;
  last_look_s_.reset();
  last_pooler_s_.reset();
  state_.pooler.reset();
  last_counters_.clear();
  window_began_s_ = 0;
  begin_window();
}

std::size_t LiveTally::group(const ObserveKey& key) {
  const std::size_t number = window_->group(key);
  while (state_.groups.size() <= number) {
    LiveGroup group;
    group.key = window_->groups()[state_.groups.size()].key;
    for (const auto& [name, limit] : question_.limits) {
      if (name == group.key.application || name == group.key.role) group.limit = limit;
    }
    state_.groups.push_back(std::move(group));
  }
  return number;
}

void LiveTally::add_session(const ObserveSession& session, double seconds) {
  LiveGroup& group = state_.groups[session.group];
  ++group.sessions;
  group.oldest_transaction_s = std::max(group.oldest_transaction_s, session.xact_age_s);
  const bool idle = session.state == ObserveState::idle_in_transaction;
  if (!idle && session.state != ObserveState::active) return;
  ++group.in_use;
  group.in_use_s += seconds;
  if (idle) {
    ++group.idle_in_transaction;
    group.idle_in_transaction_s += seconds;
  } else if (session.wait == ObserveWait::lock) {
    ++group.lock_waiting;
    group.lock_waiting_s += seconds;
  }
}

void LiveTally::close_group(LiveGroup& group, std::vector<std::int64_t> pids, double seconds) {
  std::sort(pids.begin(), pids.end());
  if (last_look_s_) {
    for (const std::int64_t pid : pids) {
      if (!std::binary_search(group.pids.begin(), group.pids.end(), pid)) ++group.opened;
    }
  }
  group.pids = std::move(pids);
  group.sessions_most = std::max(group.sessions_most, group.sessions);
  const std::int64_t all = group.limit.value_or(group.sessions);
  if (group.in_use > 0 && group.in_use >= all) group.all_in_use_s += seconds;
}

void LiveTally::look(const ObserveLook& look) {
  const double since = last_look_s_ ? look.t_s - *last_look_s_ : 0;
  const double seconds = since > 0 && since < kLongestBetween_s ? since : 0;
  for (LiveGroup& group : state_.groups) {
    group.sessions = group.in_use = group.idle_in_transaction = group.lock_waiting = 0;
    group.oldest_transaction_s = 0;
  }
  std::vector<std::vector<std::int64_t>> pids(state_.groups.size());
  for (const ObserveSession& session : look.sessions) {
    add_session(session, seconds);
    pids[session.group].push_back(session.pid);
  }
  for (std::size_t i = 0; i < state_.groups.size(); ++i) {
    close_group(state_.groups[i], std::move(pids[i]), seconds);
  }
  ++state_.looks;
  state_.observed_s += seconds;
  state_.took_s = look.took_s;
  state_.sessions = static_cast<std::uint32_t>(look.sessions.size());
  last_look_s_ = look.t_s;
  if (!last_pooler_s_ || look.t_s - *last_pooler_s_ > kPoolerStale_s) state_.pooler.reset();
  window_->look(look);
}

void LiveTally::counters(const ObserveCounterLook& look, const std::string& own_database,
                         double own_transactions, double own_busy_s) {
  window_->counters(look, own_database, own_transactions, own_busy_s);
  for (const ObserveCounters& now : look.databases) {
    const auto named = [&now](const auto& one) { return one.name == now.database; };
    auto database = std::find_if(state_.databases.begin(), state_.databases.end(), named);
    if (database == state_.databases.end()) {
      state_.databases.push_back({now.database, 0});
      database = std::prev(state_.databases.end());
    }
    for (const ObserveCounters& before : last_counters_) {
      if (before.database != now.database || before.reset_at != now.reset_at) continue;
      const double own = now.database == own_database ? own_transactions : 0;
      database->transactions += std::max(0.0, now.transactions - before.transactions - own);
    }
  }
  last_counters_ = look.databases;
  if (look.t_s - window_began_s_ < question_.asked_for_s) return;
  window_->end(look.t_s);
  Circumstances circumstances;
  circumstances.server = server_;
  circumstances.question = question_;
  state_.window = answer_of(*window_, circumstances);
  window_began_s_ = look.t_s;
  begin_window();
}

void LiveTally::pooler(const ObservePoolerLook& look) {
  window_->pooler(look);
  state_.pooler = look;
  state_.pooler_seen = true;
  last_pooler_s_ = look.t_s;
}

void LiveTally::gap(double t_s, const std::string& why) {
  window_->gap(t_s, why);
  last_look_s_.reset();
}

void LiveTally::end(double t_s) {
  window_->end(t_s);
  last_look_s_.reset();
}

}  // namespace poolgauge::observe
