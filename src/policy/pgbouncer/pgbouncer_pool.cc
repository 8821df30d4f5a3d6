// The decisions of PgBouncer; the rules are stated in the header.
#include "policy/pgbouncer/pgbouncer_pool.h"

#include <algorithm>

namespace poolgauge {

namespace {

// Of the janitor (janitor.c full_maint_period): USEC / 3, in whole microseconds.
constexpr Duration kPass = std::chrono::microseconds(333'333);

}  // namespace

// PgBouncer opens the first server when the first client logs in: it needs the server's welcome.
void PgBouncerPool::on_start(TimePoint now, Actions& act) {
  launch(now, act);
  act.tick_at(now + kPass);
}

void PgBouncerPool::on_acquire(TimePoint now, WaiterId waiter, ClientId client, Actions& act) {
  const auto own = tied_to_.find(client.value);
  if (own != tied_to_.end()) return link(server_of(own->second), waiter, client, act);
  List& idle = list_of(State::idle);
  if (!idle.empty()) return link(servers_[idle.front()], waiter, client, act);
  const std::int64_t existing = counts().open - count_of(State::login);
  if (last_login_failed_ && existing == 0) {
    act.refuse(waiter, Refusal::connect_failed);
    if (may_launch(now)) launch(now, act);
    return;
  }
  if (waiter.slot >= askings_.size()) askings_.resize(waiter.slot + 1);
  askings_[waiter.slot] = {now, client};
  line_.push_back(waiter);
  serve_waiters(now, act);
}

void PgBouncerPool::on_give_up(TimePoint, WaiterId waiter, Actions& act) {
  line_.remove(waiter);
  act.refuse(waiter, Refusal::gave_up);
}

void PgBouncerPool::link(Server& server, WaiterId waiter, ClientId client, Actions& act) {
  change(server, State::active, false);
  server.held = true;
  server.dirty = false;
  server.client = client;
  ++held_;
  if (config_.session_mode) tied_to_[client.value] = server.conn;
  act.grant(waiter, server.conn);
}

void PgBouncerPool::unlink(Server& server) {
  if (server.held) --held_;
  server.held = false;
  if (config_.session_mode && server.state == State::active) tied_to_.erase(server.client.value);
}

void PgBouncerPool::on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) {
  Server& server = server_of(conn);
  server.last_packet = now;
  if (condition == Condition::broken || condition == Condition::invalidated) {
    const bool broken = condition == Condition::broken;
    drop(server, broken ? CloseReason::broken : CloseReason::invalidated, act);
    return serve_waiters(now, act);
  }
  if (config_.session_mode) {
    server.held = false;
    server.dirty = condition == Condition::in_transaction;
    --held_;
    return;
  }
  // A client that leaves within a transaction takes its server with it ("unclean server").
  if (condition == Condition::in_transaction) {
    drop(server, CloseReason::invalidated, act);
    return serve_waiters(now, act);
  }
  give_back(now, server, act);
}

void PgBouncerPool::on_client_gone(TimePoint now, ClientId client, Actions& act) {
  const auto own = tied_to_.find(client.value);
  if (own == tied_to_.end()) return;
  Server& server = server_of(own->second);
  if (!server.dirty) return give_back(now, server, act);
  drop(server, CloseReason::invalidated, act);
  serve_waiters(now, act);
}

// release_server() for a server that was linked to a client.
void PgBouncerPool::give_back(TimePoint now, Server& server, Actions& act) {
  unlink(server);
  if (life_over(now, server)) return make_idle(now, server, act);
  if (config_.resets && (config_.resets_always || config_.session_mode)) {
    change(server, State::tested, false);
    return act.reset(server.conn);
  }
  if (config_.server_check_delay == Duration::zero() && config_.checks) {
    change(server, State::used, true);
    return serve_waiters(now, act);
  }
  make_idle(now, server, act);
}

// release_server() for one that comes from a check, a reset or a login, or needs neither.
void PgBouncerPool::make_idle(TimePoint now, Server& server, Actions& act) {
  if (server.state != State::login && life_over(now, server)) {
    has_closed_for_age_ = true;
    last_closed_for_age_ = now;
    drop(server, CloseReason::recycled, act);
  } else {
    change(server, State::idle, !config_.round_robin);
  }
  serve_waiters(now, act);
}

void PgBouncerPool::on_opened(TimePoint now, ConnId conn, Actions& act) {
  last_login_failed_ = false;
  server_of(conn).last_packet = now;
  make_idle(now, server_of(conn), act);
}

void PgBouncerPool::on_open_failed(TimePoint now, ConnId conn, Actions& act) {
  last_login_failed_ = true;
  forget(server_of(conn));
  serve_waiters(now, act);
}

void PgBouncerPool::on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) {
  Server& server = server_of(conn);
  server.last_packet = now;
  if (alive) return make_idle(now, server, act);
  drop(server, CloseReason::broken, act);
  serve_waiters(now, act);
}

void PgBouncerPool::on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) {
  on_checked(now, conn, alive, act);
}

void PgBouncerPool::on_lost(TimePoint now, ConnId conn, Actions& act) {
  drop(server_of(conn), CloseReason::broken, act);
  serve_waiters(now, act);
}

// What per_loop_activate() does after every round of the event loop.
void PgBouncerPool::serve_waiters(TimePoint now, Actions& act) {
  List& idle = list_of(State::idle);
  while (!line_.empty() && !idle.empty()) {
    const WaiterId waiter = line_.pop_front();
    link(servers_[idle.front()], waiter, askings_[waiter.slot].client, act);
  }
  // Those being tested will serve the first of the rest; used ones are tested for the next.
  std::int64_t unserved = static_cast<std::int64_t>(line_.size()) - count_of(State::tested);
  while (unserved > 0 && count_of(State::used) > 0) {
    recheck(now, act);
    --unserved;
  }
  // A used server that needed no check is idle now.
  if (!line_.empty() && !idle.empty()) return serve_waiters(now, act);
  if (unserved > 0 && may_launch(now)) launch(now, act);
}

void PgBouncerPool::recheck(TimePoint now, Actions& act) {
  Server& server = servers_[list_of(State::used).front()];
  const bool fresh = config_.server_check_delay > Duration::zero() &&
                     now - server.last_packet < config_.server_check_delay;
  if (!config_.checks || fresh) return change(server, State::idle, !config_.round_robin);
  change(server, State::tested, false);
  act.check(server.conn);
}

bool PgBouncerPool::may_launch(TimePoint now) const {
  if (count_of(State::login) > 0) return false;
  if (last_login_failed_ && now - last_connect_ < config_.server_login_retry) return false;
  const std::int64_t open = counts().open;
  if (config_.max_db_connections > 0 && open >= config_.max_db_connections) return false;
  if (config_.unlimited || open < config_.pool_size) return true;
  const bool has_reserve =
      config_.reserve_pool_timeout > Duration::zero() && config_.reserve_pool_size > 0;
  if (!has_reserve || line_.empty()) return false;
  const Duration waited = now - askings_[line_.front().slot].since;
  return waited >= config_.reserve_pool_timeout &&
         open < config_.pool_size + config_.reserve_pool_size;
}

void PgBouncerPool::launch(TimePoint now, Actions& act) {
  const ConnId conn = ids_.make();
  if (conn.slot >= servers_.size()) servers_.resize(conn.slot + 1);
  Server& server = servers_[conn.slot];
  server = Server{};
  server.conn = conn;
  server.connecting_since = server.last_packet = last_connect_ = now;
  List& logins = list_of(State::login);
  server.place = logins.insert(logins.end(), conn.slot);
  act.open(conn, nullptr);
}

void PgBouncerPool::change(Server& server, State state, bool to_front) {
  List& to = list_of(state);
  to.splice(to_front ? to.begin() : to.end(), list_of(server.state), server.place);
  server.state = state;
}

void PgBouncerPool::drop(Server& server, CloseReason why, Actions& act) {
  unlink(server);
  act.close(server.conn, why);
  forget(server);
}

void PgBouncerPool::forget(Server& server) {
  list_of(server.state).erase(server.place);
  ids_.retire(server.conn);
}

bool PgBouncerPool::life_over(TimePoint now, const Server& server) const {
  if (now - server.connecting_since < config_.server_lifetime) return false;
  const std::int64_t size = config_.pool_size;
  const Duration gap = size > 0 ? config_.server_lifetime / size : Duration{0};
  return !has_closed_for_age_ || now - last_closed_for_age_ >= gap;
}

// The janitor's pass.
void PgBouncerPool::on_tick(TimePoint now, Actions& act) {
  inspect(now, State::used, act);
  inspect(now, State::idle, act);
  inspect_logins(now, act);
  const std::int64_t logged_in = counts().open - count_of(State::login);
  const bool below_minimum =
      logged_in < config_.min_pool_size && (config_.unlimited || logged_in < config_.pool_size);
  if (below_minimum && may_launch(now)) launch(now, act);
  expire_waiters(now, act);
  serve_waiters(now, act);
  act.tick_at(now + kPass);
}

void PgBouncerPool::inspect(TimePoint now, State state, Actions& act) {
  List& list = list_of(state);
  for (auto next = list.begin(); next != list.end();) {
    Server& server = servers_[*next++];
    const Duration idle = now - server.last_packet;
    const std::int64_t logged_in = counts().open - count_of(State::login);
    const bool spare = config_.min_pool_size == 0 || logged_in > config_.min_pool_size;
    const bool idle_over = config_.server_idle_timeout > Duration::zero() &&
                           idle > config_.server_idle_timeout && spare;
    if (idle_over) {
      drop(server, CloseReason::idle, act);
    } else if (now - server.connecting_since >= config_.server_lifetime) {
      if (!life_over(now, server)) continue;
      has_closed_for_age_ = true;
      last_closed_for_age_ = now;
      drop(server, CloseReason::recycled, act);
    } else if (state == State::idle && config_.checks && idle > config_.server_check_delay) {
      change(server, State::used, true);
    }
  }
}

void PgBouncerPool::inspect_logins(TimePoint now, Actions& act) {
  List& logins = list_of(State::login);
  if (logins.empty() || config_.server_connect_timeout <= Duration::zero()) return;
  Server& server = servers_[logins.front()];
  if (now - server.connecting_since <= config_.server_connect_timeout) return;
  last_login_failed_ = true;
  act.abandon(server.conn);
  forget(server);
}

void PgBouncerPool::expire_waiters(TimePoint now, Actions& act) {
  if (config_.query_wait_timeout <= Duration::zero()) return;
  while (!line_.empty()) {
    const WaiterId first = line_.front();
    if (now - askings_[first.slot].since <= config_.query_wait_timeout) return;
    line_.pop_front();
    act.refuse(first, Refusal::timeout);
  }
}

PoolCounts PgBouncerPool::counts() const {
  PoolCounts counts;
  for (const List& list : lists_) counts.open += static_cast<std::int64_t>(list.size());
  counts.idle = count_of(State::idle) + count_of(State::used);
  counts.checked_out = held_;
  counts.waiting = static_cast<std::int64_t>(line_.size());
  counts.size = config_.pool_size;
  counts.overflow = std::max<std::int64_t>(0, counts.open - config_.pool_size);
  return counts;
}

std::vector<PoolStatistic> PgBouncerPool::statistics() const {
  return {{"cl_waiting", static_cast<std::int64_t>(line_.size())},
          {"sv_active", count_of(State::active)},
          {"sv_idle", count_of(State::idle)},
          {"sv_used", count_of(State::used)},
          {"sv_tested", count_of(State::tested)},
          {"sv_login", count_of(State::login)}};
}

std::string PgBouncerPool::refusal_text(Refusal why) const {
  if (why == Refusal::timeout) return "query_wait_timeout";
  if (why != Refusal::connect_failed) return {};
  return config_.cached_error
             ? "server login has been failing, cached error: connect failed (server_login_retry)"
             : "server login has been failing, try again later (server_login_retry)";
}

DriverHabits PgBouncerPool::habits() const {
  DriverHabits habits;
  habits.reset = DriverHabits::Reset::discard_all;
  return habits;
}

}  // namespace poolgauge
