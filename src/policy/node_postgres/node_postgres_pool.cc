// The decisions of node-postgres' pool; the rules are stated in the header.
#include "policy/node_postgres/node_postgres_pool.h"

namespace poolgauge {

NodePostgresPool::Asking& NodePostgresPool::asking(WaiterId waiter) {
  if (waiter.slot >= askings_.size()) askings_.resize(waiter.slot + 1);
  return askings_[waiter.slot];
}

void NodePostgresPool::on_acquire(TimePoint now, WaiterId waiter, ClientId, Actions& act) {
  asking(waiter) = {};
  if (!full() && idle_.empty()) return open_client(now, &waiter, act);
  line_.push_back(waiter);
  if (config_.connection_timeout > Duration::zero()) {
    act.park(waiter, now + config_.connection_timeout);
  }
  if (!idle_.empty()) serve_queue(now, act);
}

// One at a time: every event that makes a place or a connection free serves one.
void NodePostgresPool::serve_queue(TimePoint now, Actions& act) {
  if (line_.empty() || (idle_.empty() && full())) return;
  const WaiterId waiter = line_.pop_front();
  if (idle_.empty()) return open_client(now, &waiter, act);
  Client& client = clients_[idle_.rbegin()->second];
  leave_idle(client);
  hand_over(client, waiter, act);
}

void NodePostgresPool::hand_over(Client& client, WaiterId waiter, Actions& act) {
  client.state = Client::State::in_use;
  act.grant(waiter, client.conn);
}

void NodePostgresPool::open_client(TimePoint now, const WaiterId* waiter, Actions& act) {
  const ConnId conn = ids_.make();
  if (conn.slot >= clients_.size()) clients_.resize(conn.slot + 1);
  Client& client = clients_[conn.slot];
  client = Client{};
  client.conn = conn;
  client.state = Client::State::connecting;
  client.has_waiter = waiter != nullptr;
  ++total_;
  if (waiter != nullptr) {
    client.waiter = *waiter;
    asking(*waiter) = {true, conn.slot};
  } else {
    ++unasked_;
  }
  act.open(conn, waiter);
  if (config_.connection_timeout <= Duration::zero()) return;
  timers_.set(phase_timer(conn.slot), now + config_.connection_timeout);
  timers_.arm(act);
}

void NodePostgresPool::on_opened(TimePoint now, ConnId conn, Actions& act) {
  Client& client = clients_[conn.slot];
  timers_.cancel(phase_timer(conn.slot));
  if (config_.max_lifetime > Duration::zero()) {
    timers_.set(life_timer(conn.slot), now + config_.max_lifetime);
    timers_.arm(act);
  }
  if (!client.has_waiter) {
    --unasked_;
    client.state = Client::State::in_use;
    return on_release(now, conn, Condition::clean, act);
  }
  client.has_waiter = false;
  asking(client.waiter) = {};
  hand_over(client, client.waiter, act);
}

// The queue is served before the requester is told.
void NodePostgresPool::on_open_failed(TimePoint now, ConnId conn, Actions& act) {
  Client& client = clients_[conn.slot];
  const bool has_waiter = client.has_waiter;
  const WaiterId waiter = client.waiter;
  forget(client);
  serve_queue(now, act);
  if (has_waiter) act.refuse(waiter, Refusal::connect_failed);
}

void NodePostgresPool::on_deadline(TimePoint, WaiterId waiter, Actions& act) {
  stop_waiting(waiter);
  broke_off_ = false;
  act.refuse(waiter, Refusal::timeout);
}

// A promise cannot be cancelled: a connect under way goes on.
void NodePostgresPool::on_give_up(TimePoint, WaiterId waiter, Actions& act) {
  stop_waiting(waiter);
  act.refuse(waiter, Refusal::gave_up);
}

bool NodePostgresPool::stop_waiting(WaiterId waiter) {
  if (line_.remove(waiter)) return false;
  if (!asking(waiter).connecting) return false;
  clients_[asking(waiter).client].has_waiter = false;
  asking(waiter) = {};
  ++unasked_;
  return true;
}

bool NodePostgresPool::break_off(TimePoint now, WaiterId waiter, Actions& act) {
  if (!asking(waiter).connecting) return false;
  Client& client = clients_[asking(waiter).client];
  act.abandon(client.conn);
  forget(client);
  serve_queue(now, act);
  return true;
}

// The client's place is free again; its connection is closed, or never came to be.
void NodePostgresPool::forget(Client& client) {
  if (client.state == Client::State::connecting && !client.has_waiter) --unasked_;
  if (client.has_waiter) asking(client.waiter) = {};
  const std::uint32_t slot = client.conn.slot;
  timers_.cancel(phase_timer(slot));
  timers_.cancel(life_timer(slot));
  ids_.retire(client.conn);
  client.state = Client::State::none;
  client.has_waiter = false;
  --total_;
}

void NodePostgresPool::on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) {
  Client& client = clients_[conn.slot];
  ++client.uses;
  if (condition == Condition::broken) return remove(now, conn, CloseReason::broken, act);
  if (condition == Condition::invalidated) return remove(now, conn, CloseReason::invalidated, act);
  const bool used_up = config_.max_uses > 0 && client.uses >= config_.max_uses;
  if (used_up || client.expired) return remove(now, conn, CloseReason::recycled, act);
  give_back(now, conn, act);
}

void NodePostgresPool::give_back(TimePoint now, ConnId conn, Actions& act) {
  Client& client = clients_[conn.slot];
  client.state = Client::State::idle;
  client.idle_since = ++returns_;
  idle_.emplace(client.idle_since, conn.slot);
  if (config_.idle_timeout > Duration::zero() && above_min()) {
    timers_.set(phase_timer(conn.slot), now + config_.idle_timeout);
    timers_.arm(act);
  }
  serve_queue(now, act);
}

void NodePostgresPool::leave_idle(Client& client) {
  idle_.erase({client.idle_since, client.conn.slot});
  timers_.cancel(phase_timer(client.conn.slot));
}

void NodePostgresPool::remove(TimePoint now, ConnId conn, CloseReason why, Actions& act) {
  Client& client = clients_[conn.slot];
  if (client.state == Client::State::idle) leave_idle(client);
  act.close(conn, why);
  forget(client);
  serve_queue(now, act);
}

void NodePostgresPool::on_lost(TimePoint now, ConnId conn, Actions& act) {
  remove(now, conn, CloseReason::broken, act);
}

void NodePostgresPool::on_tick(TimePoint now, Actions& act) {
  timers_.fired();
  while (const auto timer = timers_.take_due(now)) {
    Client& client = clients_[*timer / 2];
    if (*timer == life_timer(client.conn.slot)) {
      lived_too_long(now, client, act);
    } else if (client.state == Client::State::connecting) {
      connect_took_too_long(now, client, act);
    } else {
      idle_too_long(now, client, act);
    }
  }
  timers_.arm(act);
}

void NodePostgresPool::connect_took_too_long(TimePoint now, Client& client, Actions& act) {
  const bool has_waiter = client.has_waiter;
  const WaiterId waiter = client.waiter;
  act.abandon(client.conn);
  forget(client);
  serve_queue(now, act);
  if (!has_waiter) return;
  broke_off_ = true;
  act.refuse(waiter, Refusal::timeout);
}

void NodePostgresPool::idle_too_long(TimePoint now, Client& client, Actions& act) {
  if (above_min()) remove(now, client.conn, CloseReason::idle, act);
}

void NodePostgresPool::lived_too_long(TimePoint now, Client& client, Actions& act) {
  client.expired = true;
  if (client.state == Client::State::idle) remove(now, client.conn, CloseReason::recycled, act);
}

PoolCounts NodePostgresPool::counts() const {
  PoolCounts counts;
  counts.size = config_.max;
  counts.open = total_;
  counts.idle = static_cast<std::int64_t>(idle_.size());
  counts.checked_out = total_ - counts.idle - unasked_;
  counts.waiting = static_cast<std::int64_t>(line_.size());
  return counts;
}

std::vector<PoolStatistic> NodePostgresPool::statistics() const {
  std::int64_t expired = 0;
  for (const Client& client : clients_) {
    if (client.state != Client::State::none && client.expired) ++expired;
  }
  return {{"totalCount", total_},
          {"idleCount", static_cast<std::int64_t>(idle_.size())},
          {"waitingCount", static_cast<std::int64_t>(line_.size())},
          {"expiredCount", expired}};
}

std::string NodePostgresPool::refusal_text(Refusal why) const {
  if (why != Refusal::timeout) return {};
  return broke_off_ ? "Connection terminated due to connection timeout"
                    : "timeout exceeded when trying to connect";
}

}  // namespace poolgauge
