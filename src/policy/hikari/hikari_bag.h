// HikariCP's ConcurrentBag: the connections, who may take which, and each thread's own list.
//
// Follows com/zaxxer/hikari/util/ConcurrentBag.java, the same in 5.0, 5.1, 6.0 and, by their
// change notes, in 7.x but for how threads yield.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "policy/agenda.h"
#include "poolgauge/pool_policy.h"

namespace poolgauge {

/// What is due at some time in a HikariCP pool.
struct HikariTask {
  enum class Kind : std::uint8_t { housekeeper, adder, constructor, end_of_life, keepalive };
  Kind kind{};
  ConnId conn;
};
using HikariAgenda = Agenda<HikariTask>;

class HikariBag {
 public:
  enum class State : std::uint8_t { absent, free, in_use, reserved };
  struct Entry {
    ConnId conn;
    State state = State::absent;
    bool evicted = false;     ///< to be closed as soon as nobody uses it
    std::uint64_t place = 0;  ///< in the order of creation
    ClientId holder;
    WaiterId tested_for;
    bool has_tester = false;
    TimePoint last_accessed{};
    std::optional<HikariAgenda::Key> end_of_life, keepalive;
    Duration keepalive_every{0};
  };

  bool contains(ConnId conn) const {
    return conn.slot < entries_.size() && entries_[conn.slot].conn == conn &&
           entries_[conn.slot].state != State::absent;
  }
  Entry& operator[](ConnId conn) { return entries_[conn.slot]; }

  Entry& add(ConnId conn, TimePoint now);
  void remove(ConnId conn);
  /// The one this thread used last, of those it still lists and nobody has taken. What is tried
  /// leaves the list.
  std::optional<ConnId> take_own(ClientId client);
  /// Of all that are free the one created first.
  std::optional<ConnId> take_oldest();
  /// False when it is not free any more.
  bool take(ConnId conn) { return change(conn, State::free, State::in_use); }
  bool reserve(ConnId conn) { return change(conn, State::free, State::reserved); }
  void set_free(ConnId conn) { change(conn, entries_[conn.slot].state, State::free); }
  /// Puts it on the list of the thread that returned it.
  void remember(ClientId client, ConnId conn);
  /// The free ones, those created last first.
  std::vector<ConnId> newest_first() const;

  std::int64_t total() const { return total_; }
  std::int64_t idle() const { return static_cast<std::int64_t>(free_.size()); }
  std::int64_t active() const { return active_; }

 private:
  bool change(ConnId conn, State from, State to);

  std::vector<Entry> entries_;                              // by connection slot
  std::set<std::pair<std::uint64_t, std::uint32_t>> free_;  // place, slot
  std::vector<std::vector<ConnId>> own_;                    // by client
  std::int64_t total_ = 0;
  std::int64_t active_ = 0;
  std::uint64_t added_ = 0;
};

}  // namespace poolgauge
