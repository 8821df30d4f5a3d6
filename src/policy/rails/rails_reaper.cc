// Rails' reaper thread: what it does every reaping_frequency.
#include <algorithm>

#include "policy/rails/rails_pool.h"

namespace poolgauge {

namespace {
constexpr double kPoolJitter = 0.2;
}

void RailsPool::on_start(TimePoint now, Actions& act) {
  if (config_.reaping_frequency > Duration::zero()) act.tick_at(now + config_.reaping_frequency);
}

void RailsPool::on_tick(TimePoint now, Actions& act) {
  flush(now, act);
  if (config_.maintains) {
    prepopulate(now, act);
    retire(now, act);
    list_chores(now);
    next_chore(now, act);
  }
  act.tick_at(now + config_.reaping_frequency);
}

// Ages are shortened by up to a fifth, by the same part for the same adapter.
Duration RailsPool::shortened(const Adapter& adapter, Duration length) const {
  return from_s(to_s(length) * (1.0 - kPoolJitter * adapter.jitter));
}

void RailsPool::flush(TimePoint now, Actions& act) {
  if (config_.idle_timeout <= Duration::zero()) return;
  std::vector<Index> idle;
  for (const auto& [place, index] : queue_) {
    if (now - adapters_[index].idle_since >= config_.idle_timeout) idle.push_back(index);
  }
  std::stable_sort(idle.begin(), idle.end(), [this](Index a, Index b) {
    return adapters_[a].idle_since < adapters_[b].idle_since;
  });
  const std::int64_t least = config_.maintains ? config_.min_connections : 0;
  const std::int64_t most = std::max<std::int64_t>(0, adapters_here_ - least);
  if (static_cast<std::int64_t>(idle.size()) > most) idle.resize(static_cast<std::size_t>(most));
  for (const Index index : idle) {
    dequeue(index);
    if (adapters_[index].connected) act.close(adapters_[index].conn, CloseReason::idle);
    ids_.retire(adapters_[index].conn);
    remove(index);
  }
}

// Not before the pool is used at all. They get their sockets with the chores.
void RailsPool::prepopulate(TimePoint now, Actions& act) {
  while (activated_ && has_room() && adapters_here_ < config_.min_connections) {
    check_in(now, make_adapter(), act);
  }
}

void RailsPool::retire(TimePoint now, Actions& act) {
  if (config_.max_age < Duration::zero()) return;
  std::vector<Index> old;
  for (const auto& [place, index] : queue_) {
    const Adapter& adapter = adapters_[index];
    const Duration age = now - adapter.connected_at;
    if (adapter.connected && age >= shortened(adapter, config_.max_age)) old.push_back(index);
  }
  for (const Index index : old) {
    dequeue(index);
    disconnect(index, CloseReason::recycled, act);
    enqueue(index, true);
    signal(act);
  }
}

// The used last come first.
void RailsPool::list_chores(TimePoint now) {
  std::vector<Index> tests, connects;
  for (const auto& [place, index] : queue_) {
    const Adapter& adapter = adapters_[index];
    const bool due = config_.keepalive > Duration::zero() &&
                     now - adapter.idle_since > shortened(adapter, config_.keepalive);
    if (!adapter.connected) connects.push_back(index);
    if (adapter.connected && due) tests.push_back(index);
  }
  const auto used_later = [this](Index a, Index b) {
    return adapters_[a].idle_since > adapters_[b].idle_since;
  };
  for (std::vector<Index>* list : {&tests, &connects}) {
    std::stable_sort(list->begin(), list->end(), used_later);
    chores_.insert(chores_.end(), list->begin(), list->end());
  }
}

// One at a time; what somebody has taken meanwhile is left alone.
void RailsPool::next_chore(TimePoint, Actions& act) {
  while (maintaining_ == 0 && !chores_.empty()) {
    const Index index = chores_.front();
    chores_.pop_front();
    Adapter& adapter = adapters_[index];
    if (adapter.state != Adapter::State::idle) continue;
    dequeue(index);
    adapter.state = Adapter::State::maintained;
    ++maintaining_;
    adapter.connected ? act.check(adapter.conn) : connect(index, act);
  }
}

void RailsPool::chore_done(TimePoint now, Index index, Actions& act) {
  --maintaining_;
  enqueue(index, true);
  signal(act);
  next_chore(now, act);
}

}  // namespace poolgauge
