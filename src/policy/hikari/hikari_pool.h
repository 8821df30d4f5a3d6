// HikariCP.
//
// Follows com/zaxxer/hikari/pool/HikariPool.java, PoolBase.java, ProxyConnection.java and
// util/ConcurrentBag.java of 6.0 and, where `version` says so, of 5.0 and 5.1; 6.1 to 7.x differ by
// their change notes only in how lifetimes vary and in keepalive. What surprises, and is followed
// here:
//  - A return does not hand over. The connection is set free first and then offered to the waiter
//    who has waited longest; any thread that runs before that one may take it, first of all the
//    thread that returned it. The beaten waiter then stands behind the others. Who is quicker is a
//    race between processors: `called_first` says how often the waiter is. Measured: 0 to 4 of 40
//    in a warm JVM; 17 to 45 of 100 with 100 threads and 15 connections on two busy processors
//    (2.7.9, Java 17), more the busier they were.
//  - A thread first tries the connections it returned itself, newest first; then all, from the
//    oldest on. What was offered to a waiter does not get on the returning thread's list.
//  - One thread connects for the whole pool, one connection after the other, with a pause after
//    each success. It checks before each connect whether one is still needed. The waiter never
//    learns of a failed connect; it only waits.
//  - The time of connecting counts for connectionTimeout; a liveness test does not end with it.
//  - The constructor connects once; the fill to minimumIdle is the housekeeper's work, which begins
//    100 ms later.
//  - minimumIdle counts idle connections, not open ones.
//  - A broken connection is closed, and what is opened for it is what minimumIdle asks for: with
//    minimumIdle 0 the threads that wait already get no new one (5.0 looks at them, too).
//  - A pool whose constructor failed throws at each request, which constructs it again: so a
//    HikariDataSource that is set up by its properties does.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/rng.h"
#include "policy/conn_ids.h"
#include "policy/hikari/hikari_adder.h"
#include "policy/hikari/hikari_bag.h"
#include "policy/queued_pool.h"
#include "policy/wait_line.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

/// As after HikariConfig.validate(): what the library adjusts is adjusted.
struct HikariConfig {
  enum class Version : std::uint8_t { v5_0, v5_1, v6_0, v6_1, v6_2, v6_3, v7_0 };
  Version version = Version::v7_0;
  std::int64_t maximum_pool_size = 10;
  std::int64_t minimum_idle = 10;
  Duration connection_timeout = std::chrono::seconds(30);
  Duration idle_timeout = std::chrono::minutes(10);   ///< zero: off
  Duration max_lifetime = std::chrono::minutes(30);   ///< zero: off
  Duration keepalive_time = std::chrono::minutes(2);  ///< zero: off
  Duration initialization_fail_timeout = std::chrono::milliseconds(1);
  Duration alive_bypass_window = std::chrono::milliseconds(500);
  Duration housekeeping_period = std::chrono::seconds(30);
  double called_first = 0;  ///< chance that a called waiter is quicker than anybody running
};

class HikariPool final : public PoolPolicy {
 public:
  HikariPool(const HikariConfig& config, std::uint64_t seed);

  void on_start(TimePoint now, Actions& act) override;
  POOLGAUGE_QUEUED_POOL;
  void on_wake(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_deadline(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_checked(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  void on_tick(TimePoint now, Actions& act) override;
  DriverHabits habits() const override;

 private:
  using Version = HikariConfig::Version;
  using Task = HikariTask::Kind;
  enum class Phase : std::uint8_t { constructing, failed, running };
  struct Asking {
    enum class State : std::uint8_t { none, constructing, in_line, woken, testing };
    std::uint32_t serial = 0;
    State state = State::none;
    ClientId client;
    ConnId offered;       ///< for woken; for testing the connection under test
    bool has_it = false;  ///< woken, and was quicker than all who might take it
    TimePoint asked{};
  };
  /// What the exception's text says.
  struct TimedOut {
    std::int64_t after_ms = 0, total = 0, active = 0, idle = 0, waiting = 0;
  };

  /// How the library compares times.
  static std::int64_t whole_ms(Duration length) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(length).count();
  }
  bool before(Version version) const { return config_.version < version; }
  Asking& asking(WaiterId waiter) { return askings_[waiter.slot]; }
  TimePoint deadline_of(const Asking& self) const {
    return self.asked + config_.connection_timeout;
  }
  std::int64_t waiters() const { return static_cast<std::int64_t>(line_.size()) + woken_; }

  // The constructor (HikariPool.checkFailFast).
  void construct(TimePoint now, Actions& act);
  void constructed(TimePoint now, Actions& act);
  void constructor_made(TimePoint now, ConnId conn, Actions& act);
  void constructor_failed(TimePoint now);
  void give_up_constructing(Actions& act);

  // Taking a connection (HikariPool.getConnection, ConcurrentBag.borrow).
  void borrow(TimePoint now, WaiterId waiter, Actions& act);
  std::optional<ConnId> find_free(ClientId client, Actions& act);
  void stand_in_line(WaiterId waiter, Actions& act);
  bool present(TimePoint now, WaiterId waiter, ConnId conn, Actions& act);
  std::optional<ConnId> take_offered(const Asking& self);
  void call(WaiterId waiter, ConnId conn, Actions& act);
  void stop_waiting(Asking& self);
  void tested(TimePoint now, ConnId conn, bool alive, Actions& act);
  void time_out(TimePoint now, WaiterId waiter, Actions& act);

  // Release (ConcurrentBag.requite, add, unreserve).
  void recycle(TimePoint now, ConnId conn, Actions& act);
  void offer(ConnId conn, const ClientId* returned_by, Actions& act);
  void discard(ConnId conn, CloseReason why, Actions& act);

  // Growth (HikariPool.PoolEntryCreator, addBagItem, fillPool).
  bool need_one() const;
  void add_item(std::int64_t waiting, Actions& act);
  void fill(Actions& act);
  void order(Actions& act);
  void work(Actions& act);
  void connect(Actions& act);
  void probed(TimePoint now, ConnId conn, bool alive, Actions& act);
  void created(TimePoint now, ConnId conn, Actions& act);
  void creation_failed(TimePoint now);
  void join(TimePoint now, ConnId conn, Actions& act);

  // Background work.
  void schedule(TimePoint now, HikariBag::Entry& entry);
  Duration shortened(Duration length, std::int64_t parts);
  void keep_house(TimePoint now, Actions& act);
  void end_life(ConnId conn, Actions& act);
  void keep_alive(TimePoint now, ConnId conn, Actions& act);
  void kept_alive(TimePoint now, ConnId conn, bool alive, Actions& act);

  HikariConfig config_;
  Rng rng_;
  Rng race_;
  HikariBag bag_;
  HikariAdder adder_;
  HikariAgenda agenda_;
  ConnIds ids_;
  Phase phase_ = Phase::constructing;
  TimePoint construction_began_{};
  bool probed_ = false;  // the driver's validity test has worked once
  bool making_ = false;  // a connection is being made, or probed
  WaitLine before_;      // asked before the constructor had ended
  WaitLine line_;        // parked on the hand-off queue
  std::int64_t woken_ = 0;
  std::deque<ConnId> offers_;    // released when all waiters had been called already
  std::vector<Asking> askings_;  // by waiter slot
  TimedOut last_timed_out_;
};

}  // namespace poolgauge
