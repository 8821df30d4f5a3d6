// Rails' Active Record connection pool.
//
// Follows activerecord/lib/active_record/connection_adapters/abstract/connection_pool.rb,
// connection_pool/queue.rb and connection_pool/reaper.rb of Rails 8.1 and, where `version` says so,
// of 7.0 to 8.0. What surprises, and is followed here:
//  - From 7.1 a checkout hands out an adapter without a socket. The first statement connects, so
//    the connect's time and failure are the statement's, not the checkout's. A used connection is
//    not tested either: a transaction's BEGIN may be sent twice, so a dead connection shows there.
//    (Rails then reconnects and sends it again; here the request fails.) 7.0 connects in the
//    checkout and tests at each.
//  - Nobody is passed over: an idle connection is taken at once only if there are more of them than
//    threads that wait, called ones included.
//  - A return calls the thread that has waited longest, but which connection that one gets is
//    settled when it runs: the one returned last. A thread whose time is up takes one that is
//    there before it fails; the thread that was called then waits on, behind the others.
//  - A return sends nothing, not even ROLLBACK.
//  - An adapter outlives its connection: after a loss it stays in the pool and connects again.
//  - The reaper closes idle connections every 20 s (60 s before 8.1), the longest idle first. From
//    8.1 on it also fills up to min_connections once the pool is used, retires by age, keeps alive
//    and connects what has no socket: one after the other, each at the far end of the queue after.
//    A thread that finds nothing idle waits for one of these rather than connect, with no limit.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/rng.h"
#include "policy/conn_ids.h"
#include "policy/queued_pool.h"
#include "policy/wait_line.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

struct RailsConfig {
  std::int64_t max_connections = 5;  ///< negative: no limit
  std::int64_t min_connections = 0;
  Duration checkout_timeout = std::chrono::seconds(5);
  Duration idle_timeout = std::chrono::seconds(300);      ///< zero: never
  Duration max_age{-1};                                   ///< negative: never
  Duration keepalive = std::chrono::seconds(600);         ///< zero: never
  Duration reaping_frequency = std::chrono::seconds(20);  ///< zero: never
  bool lazy = true;                                       ///< 7.1 and later
  bool maintains = true;                                  ///< 8.1 and later
};

class RailsPool final : public PoolPolicy {
 public:
  RailsPool(const RailsConfig& config, std::uint64_t seed);

  void on_start(TimePoint now, Actions& act) override;
  POOLGAUGE_QUEUED_POOL;
  void on_wake(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_deadline(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_reset(TimePoint, ConnId, bool, Actions&) override {}
  void on_tick(TimePoint now, Actions& act) override;
  bool connects_lazily() const override { return config_.lazy; }

 private:
  using Index = std::uint32_t;
  struct Adapter {
    enum class State : std::uint8_t { absent, idle, leased, preparing, maintained };
    State state = State::absent;
    ConnId conn;
    bool connected = false;
    bool fresh = false;  ///< never connected before (7.0)
    bool has_waiter = false;
    WaiterId waiter;
    std::int64_t place = 0;  ///< in the queue
    double jitter = 0;
    TimePoint idle_since{}, connected_at{};
  };
  struct Asking {
    enum class State : std::uint8_t { none, in_line, woken, preparing };
    std::uint32_t serial = 0;
    State state = State::none;
    Index adapter = 0;
    TimePoint asked{};
  };

  std::int64_t waiting() const { return static_cast<std::int64_t>(line_.size()) + woken_; }
  bool has_room() const {
    return config_.max_connections < 0 || adapters_here_ < config_.max_connections;
  }
  Asking& asking(WaiterId waiter) { return askings_[waiter.slot]; }
  void give(TimePoint now, WaiterId waiter, Index index, Actions& act);
  void lease(TimePoint now, WaiterId waiter, Index index, Actions& act);
  void wait(WaiterId waiter, TimePoint deadline, Actions& act);
  void stop_waiting(WaiterId waiter);
  void signal(Actions& act);
  void check_in(TimePoint now, Index index, Actions& act);

  Index make_adapter();
  void remove(Index index);
  void name_anew(Index index);
  void connect(Index index, Actions& act);
  void disconnect(Index index, CloseReason why, Actions& act);
  Index adapter_of(ConnId conn) const { return adapter_by_slot_[conn.slot]; }
  void enqueue(Index index, bool at_far_end);
  void dequeue(Index index);
  Index take_newest();

  // The reaper.
  Duration shortened(const Adapter& adapter, Duration length) const;
  void flush(TimePoint now, Actions& act);
  void prepopulate(TimePoint now, Actions& act);
  void retire(TimePoint now, Actions& act);
  void list_chores(TimePoint now);
  void next_chore(TimePoint now, Actions& act);
  void chore_done(TimePoint now, Index index, Actions& act);

  RailsConfig config_;
  Rng rng_;
  std::vector<Adapter> adapters_;
  std::vector<Index> free_adapters_;
  std::vector<Index> adapter_by_slot_;   // by connection slot
  std::map<std::int64_t, Index> queue_;  // idle; taken from the end
  std::int64_t queue_front_ = 0, queue_back_ = 0;
  std::int64_t adapters_here_ = 0;  // being connected included
  std::int64_t maintaining_ = 0;
  bool activated_ = false;
  std::deque<Index> chores_;
  WaitLine line_;
  std::int64_t woken_ = 0;
  std::vector<Asking> askings_;  // by waiter slot
  Duration last_waited_{0};
  ConnIds ids_;
};

}  // namespace poolgauge
