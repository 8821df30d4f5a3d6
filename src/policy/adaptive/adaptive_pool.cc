// The decisions of the adaptive pool; the rules are stated in the header.
#include "policy/adaptive/adaptive_pool.h"

#include <fmt/format.h>

#include <algorithm>

namespace poolgauge {

std::int64_t wanted_size(std::int64_t demand_ns, Duration interval, std::int64_t target_percent) {
  // 100 * demand / interval, rounded up, without overflow; rounding up twice is rounding up once.
  const std::int64_t whole = demand_ns / interval.count();
  const std::int64_t rest = demand_ns % interval.count();
  const std::int64_t rest_percent = (rest * 100 + interval.count() - 1) / interval.count();
  return (whole * 100 + rest_percent + target_percent - 1) / target_percent;
}

AdaptivePool::AdaptivePool(const AdaptiveConfig& config)
    : config_(config), size_(config.min_size) {}

void AdaptivePool::on_start(TimePoint now, Actions& act) {
  noted_at_ = now;
  act.tick_at(now + config_.interval);
}

void AdaptivePool::on_acquire(TimePoint now, WaiterId waiter, ClientId, Actions& act) {
  note(now);
  if (!idle_.empty()) {
    act.grant(waiter, idle_.back());
    idle_.pop_back();
    return;
  }
  if (config_.timeout > Duration::zero()) act.park(waiter, now + config_.timeout);
  if (open_ < size_) return connect(waiter, act);
  line_.push_back(waiter);
}

void AdaptivePool::connect(WaiterId waiter, Actions& act) {
  const ConnId conn = ids_.make();
  if (conn.slot >= openings_.size()) openings_.resize(conn.slot + 1);
  if (waiter.slot >= connecting_.size()) connecting_.resize(waiter.slot + 1);
  openings_[conn.slot] = {waiter, true};
  connecting_[waiter.slot] = {conn.slot, true};
  ++open_;
  act.open(conn, &waiter);
}

void AdaptivePool::on_deadline(TimePoint now, WaiterId waiter, Actions& act) {
  leave(now, waiter, Refusal::timeout, act);
}

void AdaptivePool::on_give_up(TimePoint now, WaiterId waiter, Actions& act) {
  leave(now, waiter, Refusal::gave_up, act);
}

void AdaptivePool::leave(TimePoint now, WaiterId waiter, Refusal why, Actions& act) {
  note(now);
  if (!line_.remove(waiter)) {
    Connecting& connecting = connecting_[waiter.slot];
    connecting.under_way = false;
    openings_[connecting.slot].wanted = false;
    ++unclaimed_;
  }
  act.refuse(waiter, why);
}

void AdaptivePool::on_opened(TimePoint now, ConnId conn, Actions& act) {
  note(now);
  Opening& opening = openings_[conn.slot];
  if (!opening.wanted) {
    --unclaimed_;
    return put(conn, act);
  }
  opening.wanted = false;
  connecting_[opening.waiter.slot].under_way = false;
  act.grant(opening.waiter, conn);
}

void AdaptivePool::on_open_failed(TimePoint now, ConnId conn, Actions& act) {
  note(now);
  Opening& opening = openings_[conn.slot];
  --open_;
  ids_.retire(conn);
  if (opening.wanted) {
    opening.wanted = false;
    connecting_[opening.waiter.slot].under_way = false;
    act.refuse(opening.waiter, Refusal::connect_failed);
  } else {
    --unclaimed_;
  }
  let_connect(act);
}

void AdaptivePool::on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) {
  note(now);
  switch (condition) {
    case Condition::clean: return put(conn, act);
    case Condition::in_transaction: return act.reset(conn);
    case Condition::broken: return close(conn, CloseReason::broken, act);
    case Condition::invalidated: return close(conn, CloseReason::invalidated, act);
  }
}

void AdaptivePool::on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) {
  note(now);
  if (!alive) return close(conn, CloseReason::broken, act);
  put(conn, act);
}

void AdaptivePool::put(ConnId conn, Actions& act) {
  if (open_ > size_) return close(conn, CloseReason::overflow, act);
  if (line_.empty()) return idle_.push_back(conn);
  act.grant(line_.pop_front(), conn);
}

void AdaptivePool::close(ConnId conn, CloseReason why, Actions& act) {
  act.close(conn, why);
  ids_.retire(conn);
  --open_;
  let_connect(act);
}

void AdaptivePool::let_connect(Actions& act) {
  while (open_ < size_ && !line_.empty()) connect(line_.pop_front(), act);
}

void AdaptivePool::on_tick(TimePoint now, Actions& act) {
  note(now);
  wanted_sizes_.push_back(
      std::clamp(wanted_size(demand_ns_, config_.interval, config_.target_percent),
                 config_.min_size, config_.max_size));
  demand_ns_ = 0;
  const auto window = static_cast<std::size_t>(config_.shrink_after);
  if (wanted_sizes_.size() > window) wanted_sizes_.pop_front();
  resize(act);
  act.tick_at(now + config_.interval);
}

void AdaptivePool::resize(Actions& act) {
  // Until there is a whole window behind it, the size it has stands for what is not known.
  const bool full = static_cast<std::int64_t>(wanted_sizes_.size()) == config_.shrink_after;
  const std::int64_t most = *std::max_element(wanted_sizes_.begin(), wanted_sizes_.end());
  const std::int64_t size = full ? most : std::max(most, size_);
  if (size > size_) ++grown_;
  if (size < size_) ++shrunk_;
  size_ = size;
  while (open_ > size_ && !idle_.empty()) {
    const ConnId coldest = idle_.front();
    idle_.pop_front();
    close(coldest, CloseReason::idle, act);
  }
  let_connect(act);
}

std::int64_t AdaptivePool::demand() const {
  return open_ - unclaimed_ - static_cast<std::int64_t>(idle_.size()) +
         static_cast<std::int64_t>(line_.size());
}

// Called before anything changes: the demand until now was what it is.
void AdaptivePool::note(TimePoint now) {
  demand_ns_ += demand() * (now - noted_at_).count();
  noted_at_ = now;
}

PoolCounts AdaptivePool::counts() const {
  PoolCounts counts;
  counts.open = open_;
  counts.idle = static_cast<std::int64_t>(idle_.size());
  counts.checked_out = open_ - counts.idle - unclaimed_;
  counts.waiting = static_cast<std::int64_t>(line_.size());
  counts.size = size_;
  return counts;
}

std::vector<PoolStatistic> AdaptivePool::statistics() const {
  const PoolCounts now = counts();
  return {
      {"size", size_},          {"open", now.open}, {"idle", now.idle}, {"in_use", now.checked_out},
      {"waiting", now.waiting}, {"grown", grown_},  {"shrunk", shrunk_}};
}

std::string AdaptivePool::refusal_text(Refusal why) const {
  if (why != Refusal::timeout) return {};
  return fmt::format("no connection within {:.3f} s: {} of at most {} open, {} waiting",
                     to_s(config_.timeout), open_, size_, line_.size());
}

}  // namespace poolgauge
