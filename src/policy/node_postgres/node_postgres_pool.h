// node-postgres' Pool: pg-pool 3.14 (pg 8.23), packages/pg-pool/index.js. The rules that surprise:
//
//  - A released connection goes straight to the first waiter; no waiter is overtaken.
//  - Who finds nothing idle and room below `max` opens a client in its own time, in parallel with
//    others. `min` opens nothing: it only stops idle clients from being closed.
//  - connectionTimeoutMillis (0: forever) limits a request in the queue from its arrival, a
//  connect
//    started for it included; that connect goes on without it, and what comes lies idle. A client
//    opened directly has the same limit, but then the connect is broken off, and the error's text
//    is another one.
//  - A failed connect fails its own requester at once; its slot then serves the queue.
//  - A return sends nothing at all: an open transaction leaks to the next user.
//  - The idle timer is started at a return, and only above `min` then; at its end it closes only
//    above `min` then. Who was spared keeps no timer until it has been used again.
//
// Where pg-pool serves its queue "on the next tick" or when a removed client's socket has ended,
// this does it at once: nothing else happens in between but on the same turn.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "policy/conn_ids.h"
#include "policy/queued_pool.h"
#include "policy/slot_timers.h"
#include "policy/wait_line.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

struct NodePostgresConfig {
  std::int64_t max = 10;
  std::int64_t min = 0;
  Duration idle_timeout = std::chrono::seconds(10);  ///< 0: off
  Duration connection_timeout{0};                    ///< 0: no limit
  std::int64_t max_uses = 0;                         ///< 0: unlimited
  Duration max_lifetime{0};                          ///< 0: off
};

class NodePostgresPool : public PoolPolicy {
 public:
  explicit NodePostgresPool(const NodePostgresConfig& config) : config_(config) {}

  POOLGAUGE_QUEUED_POOL;
  void on_wake(TimePoint, WaiterId, Actions&) override {}
  void on_deadline(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_checked(TimePoint, ConnId, bool, Actions&) override {}
  void on_reset(TimePoint, ConnId, bool, Actions&) override {}
  void on_tick(TimePoint now, Actions& act) override;
  void on_lost(TimePoint now, ConnId conn, Actions& act) override;
  bool watches_idle() const override { return true; }

 protected:
  void open_client(TimePoint now, const WaiterId* waiter, Actions& act);
  /// The connect that is in progress for the waiter ends without an answer; false: there is none.
  bool break_off(TimePoint now, WaiterId waiter, Actions& act);
  void give_back(TimePoint now, ConnId conn, Actions& act);
  void remove(TimePoint now, ConnId conn, CloseReason why, Actions& act);

 private:
  struct Client {
    enum class State : std::uint8_t { none, connecting, in_use, idle };
    ConnId conn;
    State state = State::none;
    bool has_waiter = false;  ///< connecting for `waiter`
    bool expired = false;     ///< past its lifetime
    WaiterId waiter;
    std::int64_t uses = 0;
    std::uint64_t idle_since = 0;  ///< its place on the idle stack
  };
  struct Asking {
    bool connecting = false;
    std::uint32_t client = 0;
  };
  // Two timers a client: its lifetime, and what ends a connect or an idle time.
  static std::uint32_t phase_timer(std::uint32_t slot) { return slot * 2; }
  static std::uint32_t life_timer(std::uint32_t slot) { return slot * 2 + 1; }

  bool full() const { return total_ >= config_.max; }
  bool above_min() const { return total_ > config_.min; }
  Asking& asking(WaiterId waiter);
  void serve_queue(TimePoint now, Actions& act);
  void hand_over(Client& client, WaiterId waiter, Actions& act);
  void leave_idle(Client& client);
  void forget(Client& client);
  bool stop_waiting(WaiterId waiter);
  void connect_took_too_long(TimePoint now, Client& client, Actions& act);
  void idle_too_long(TimePoint now, Client& client, Actions& act);
  void lived_too_long(TimePoint now, Client& client, Actions& act);

  NodePostgresConfig config_;
  std::int64_t total_ = 0;    // clients, connecting ones included
  std::int64_t unasked_ = 0;  // connects whose requester has gone, or never was
  WaitLine line_;
  std::vector<Client> clients_;                             // by connection slot
  std::vector<Asking> askings_;                             // by waiter slot
  std::set<std::pair<std::uint64_t, std::uint32_t>> idle_;  // the last one is taken first
  std::uint64_t returns_ = 0;
  bool broke_off_ = false;  // the last timeout ended a connect of its own
  ConnIds ids_;
  SlotTimers timers_;
};

}  // namespace poolgauge
