// PgBouncer: one pool of server connections (one database, one user) of the pooler's own process.
//
// Follows PgBouncer 1.18.0 (src/objects.c, janitor.c, server.c); the rules kept here are the same
// in the releases up to 1.25. What surprises, and is followed here:
//  - Only one login to the server is in progress at a time: n servers need n login times, however
//    many clients wait (launch_new_connection).
//  - Waiters are strictly first come first served, but idle servers last in first out, unless
//    server_round_robin (change_server_state).
//  - After a failed login nobody tries again for server_login_retry, counted from the START of the
//    failed one. Meanwhile a newcomer is thrown out at once if no server exists, while those who
//    already wait go on waiting (check_fast_fail).
//  - Limits of time are tested three times a second by the janitor, strictly greater than:
//    query_wait_timeout, server_idle_timeout, server_check_delay, server_connect_timeout.
//  - The reserve opens when the FIRST waiter has waited reserve_pool_timeout; afterwards its
//  servers
//    are ordinary ones, closed by age and idleness only.
//  - A server idle for longer than server_check_delay is `used`: the next request pays a check.
//  - server_lifetime closes at most one server each server_lifetime / pool_size, at its return or
//    while it is idle (life_over).
//  - Session mode: a server stays the client's between its transactions, until the client
//    disconnects; then DISCARD ALL runs before anybody else can have it. In the other modes nothing
//    is sent at return unless server_reset_query_always.
//  - min_pool_size is filled one server per pass of the janitor.
#pragma once

#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "policy/conn_ids.h"
#include "policy/queued_pool.h"
#include "policy/wait_line.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

struct PgBouncerConfig {
  bool session_mode = false;  ///< else a server is released at each return
  bool unlimited = false;     ///< pool_size 0 from 1.24
  std::int64_t pool_size = 20;
  std::int64_t min_pool_size = 0;
  std::int64_t reserve_pool_size = 0;
  Duration reserve_pool_timeout = std::chrono::seconds(5);  ///< 0: no reserve
  std::int64_t max_db_connections = 0;                      ///< 0: no limit
  Duration query_wait_timeout = std::chrono::seconds(120);  ///< 0: none
  Duration server_idle_timeout = std::chrono::seconds(600);
  Duration server_lifetime = std::chrono::seconds(3600);
  Duration server_check_delay = std::chrono::seconds(30);
  bool checks = true;          ///< server_check_query is not empty
  bool resets = true;          ///< server_reset_query is not empty
  bool resets_always = false;  ///< in every mode
  Duration server_login_retry = std::chrono::seconds(15);
  Duration server_connect_timeout = std::chrono::seconds(15);
  bool round_robin = false;
  bool cached_error = false;  ///< the text of the fast failure in newer releases
};

class PgBouncerPool final : public PoolPolicy {
 public:
  explicit PgBouncerPool(const PgBouncerConfig& config) : config_(config) {}

  void on_start(TimePoint now, Actions& act) override;
  POOLGAUGE_QUEUED_POOL;
  void on_wake(TimePoint, WaiterId, Actions&) override {}
  void on_deadline(TimePoint, WaiterId, Actions&) override {}
  void on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_tick(TimePoint now, Actions& act) override;
  void on_lost(TimePoint now, ConnId conn, Actions& act) override;
  void on_client_gone(TimePoint now, ClientId client, Actions& act) override;
  DriverHabits habits() const override;
  bool watches_idle() const override { return true; }

 private:
  /// PgBouncer's own states of a server connection (SV_*), and its list of each.
  enum class State : std::uint8_t { login, idle, used, tested, active };
  using List = std::list<std::uint32_t>;  // of slots
  struct Server {
    ConnId conn;
    State state = State::login;
    List::iterator place;
    bool held = false;   ///< granted; false while active: tied to its client, who does nothing
    bool dirty = false;  ///< tied, and its client left a transaction open
    ClientId client;     ///< whose it is in session mode
    TimePoint connecting_since;
    TimePoint last_packet;  ///< when the server last said something
  };
  struct Asking {
    TimePoint since;
    ClientId client;
  };

  List& list_of(State state) { return lists_[static_cast<std::size_t>(state)]; }
  std::int64_t count_of(State state) const {
    return static_cast<std::int64_t>(lists_[static_cast<std::size_t>(state)].size());
  }
  Server& server_of(ConnId conn) { return servers_[conn.slot]; }
  void change(Server& server, State state, bool to_front);
  void link(Server& server, WaiterId waiter, ClientId client, Actions& act);
  void unlink(Server& server);
  void give_back(TimePoint now, Server& server, Actions& act);
  void make_idle(TimePoint now, Server& server, Actions& act);
  void drop(Server& server, CloseReason why, Actions& act);
  void forget(Server& server);
  bool life_over(TimePoint now, const Server& server) const;
  void serve_waiters(TimePoint now, Actions& act);
  void recheck(TimePoint now, Actions& act);
  bool may_launch(TimePoint now) const;
  void launch(TimePoint now, Actions& act);
  void inspect(TimePoint now, State state, Actions& act);
  void inspect_logins(TimePoint now, Actions& act);
  void expire_waiters(TimePoint now, Actions& act);

  PgBouncerConfig config_;
  List lists_[5];
  std::vector<Server> servers_;  // by connection slot
  std::int64_t held_ = 0;
  WaitLine line_;
  std::vector<Asking> askings_;                        // by waiter slot
  std::unordered_map<std::uint32_t, ConnId> tied_to_;  // session mode: a client's server
  bool last_login_failed_ = false;
  TimePoint last_connect_ = TimePoint::min();
  bool has_closed_for_age_ = false;
  TimePoint last_closed_for_age_{};
  ConnIds ids_;
};

}  // namespace poolgauge
