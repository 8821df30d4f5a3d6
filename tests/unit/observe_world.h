// Worlds in virtual time whose truth is known: a pool, its users, and looks at its sessions.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <vector>

#include "base/rng.h"
#include "observe/observe.h"
#include "observe/tally.h"

namespace poolgauge::observe {

enum class Arrivals : std::uint8_t { poisson, constant, bursty };
enum class Holds : std::uint8_t { constant, exponential, wide };  // c^2 = 0, 1, 2

struct WorldSpec {
  double demand = 5;  ///< connections in use on average
  double hold_s = 0.1;
  Arrivals arrivals = Arrivals::poisson;
  Holds holds = Holds::exponential;
  std::size_t connections = 8;
  double seconds = 300;
  double look_s = 0.1, batch_s = 5;
  double gap_s = 0.01;
  bool last_first = false;  ///< reuses the connection returned last
  double counted = 1;       ///< share of the transactions that the server counts
  double tested = 0;        ///< connection tests per request, which the server counts as well
  ObserveKey key{"shop", "app", "web", "10.0.0.7"};
};

/// One world; time in seconds from its beginning, before which it has warmed up.
class World {
 public:
  World(const WorldSpec& spec, std::uint64_t seed) : spec_(spec), rng_(seed) {
    for (std::size_t i = 0; i < spec.connections; ++i) {
      sessions_.push_back({false, -1000});
      idle_.push_back(i);
    }
    next_arrival_ = now_ = -20 * spec.hold_s - 1;
    advance(0);
    commits_ = 0;
    finished_s_ = full_s_ = 0;
    arrived_ = waited_ = 0;
  }

  void advance(double to) {
    while (true) {
      const double end = ends_.empty() ? to + 1 : ends_.top().first;
      const double next = std::min(next_arrival_, end);
      if (next > to) break;
      move_to(next);
      if (end <= next_arrival_) {
        finish();
      } else {
        arrive();
      }
    }
    move_to(to);
  }

  ObserveLook look(std::size_t group) const {
    ObserveLook look{now_, {}};
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
      ObserveSession session;
      session.group = group;
      session.pid = static_cast<std::int64_t>(i) + 100;
      session.state = sessions_[i].busy ? ObserveState::idle_in_transaction : ObserveState::idle;
      session.state_age_s = now_ - sessions_[i].since;
      session.xact_age_s = sessions_[i].busy ? session.state_age_s : kNoAge;
      session.backend_age_s = now_ + 5000;
      look.sessions.push_back(session);
    }
    return look;
  }

  /// As the server has them: a state's time is added when the state ends.
  ObserveCounterLook counters() const {
    ObserveCounters of;
    of.database = spec_.key.database;
    of.transactions = 1e6 + spec_.counted * (1 + spec_.tested) * static_cast<double>(commits_);
    of.active_s = 0;
    of.idle_in_transaction_s = 500 + spec_.counted * finished_s_;
    of.sessions = 10;
    of.reset_at = "then";
    of.counted_for_s = 1e5;
    return {now_, {of}};
  }

  double full_share() const { return full_s_ / now_; }  ///< of the time, all were busy
  double waited_share() const { return waited_ / std::max(1.0, arrived_); }
  double commits() const { return static_cast<double>(commits_); }

 private:
  struct Connection {
    bool busy;
    double since;
  };

  void move_to(double time) {
    if (idle_.empty()) full_s_ += time - now_;
    now_ = time;
  }

  double hold() {
    switch (spec_.holds) {
      case Holds::constant: return spec_.hold_s;
      case Holds::exponential: return spec_.hold_s * rng_.exponential();
      case Holds::wide: {
        // Two exponentials of equal load: squared coefficient of variation 2.
        const double p = 0.5 * (1 + std::sqrt(1.0 / 3.0));
        const bool first = rng_.uniform() < p;
        return spec_.hold_s / (2 * (first ? p : 1 - p)) * rng_.exponential();
      }
    }
    return 0;
  }

  void arrive() {
    const double gap = spec_.hold_s / spec_.demand;
    std::size_t count = 1;
    switch (spec_.arrivals) {
      case Arrivals::poisson: next_arrival_ += gap * rng_.exponential(); break;
      case Arrivals::constant: next_arrival_ += gap; break;
      case Arrivals::bursty:  // two at a time on average
        while (rng_.uniform() < 0.5) ++count;
        next_arrival_ += 2 * gap * rng_.exponential();
        break;
    }
    for (std::size_t i = 0; i < count; ++i) {
      arrived_ += 1;
      if (idle_.empty()) {
        ++waiting_;
        waited_ += 1;
      } else {
        start();
      }
    }
  }

  void start() {
    const std::size_t connection = spec_.last_first ? idle_.back() : idle_.front();
    spec_.last_first ? idle_.pop_back() : idle_.pop_front();
    sessions_[connection] = {true, now_};
    ends_.emplace(now_ + hold(), connection);
  }

  void finish() {
    const std::size_t connection = ends_.top().second;
    ends_.pop();
    ++commits_;
    finished_s_ += now_ - sessions_[connection].since;
    sessions_[connection] = {false, now_};
    idle_.push_back(connection);
    if (waiting_ == 0) return;
    --waiting_;
    start();
  }

  using End = std::pair<double, std::size_t>;
  WorldSpec spec_;
  Rng rng_;
  double now_ = 0, next_arrival_ = 0, finished_s_ = 0, full_s_ = 0, arrived_ = 0, waited_ = 0;
  std::int64_t commits_ = 0;
  std::size_t waiting_ = 0;
  std::vector<Connection> sessions_;
  std::deque<std::size_t> idle_;  ///< the longest idle first
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
};

/// Looks at it as the live reader does: with jitter, counters at the end of each batch.
inline void watch(const WorldSpec& spec, World& world, Tally& tally, std::uint64_t seed) {
  Rng jitter(seed, 7);
  const std::size_t group = tally.group(spec.key);
  double next_counters = spec.batch_s;
  tally.look(world.look(group));
  tally.counters(world.counters(), "other", 0, 0);
  for (double t = spec.look_s; t < spec.seconds; t += spec.look_s) {
    const double at = t + spec.look_s * (jitter.uniform() - 0.5);
    world.advance(std::max(at, 0.0));
    tally.look(world.look(group));
    if (at < next_counters) continue;
    tally.counters(world.counters(), "other", 0, 0);
    next_counters += spec.batch_s;
  }
  tally.counters(world.counters(), "other", 0, 0);
}

inline Circumstances world_circumstances(const ObserveQuestion& question = {}) {
  Circumstances circumstances;
  circumstances.server.version_num = 150008;
  circumstances.server.max_connections = 100;
  circumstances.server.reserved = 3;
  circumstances.question = question;
  return circumstances;
}

inline Observed observed_world(const WorldSpec& spec, std::uint64_t seed, World& world,
                               const ObserveQuestion& question = {}) {
  Tally tally(spec.gap_s, spec.look_s / 2);
  watch(spec, world, tally, seed);
  return answer_of(tally, world_circumstances(question));
}

/// Several worlds on one server, in the databases that their keys name; watched as the first says.
inline Observed observed_worlds(const std::vector<WorldSpec>& specs, std::vector<World>& worlds,
                                std::uint64_t seed) {
  const WorldSpec& first = specs.front();
  Tally tally(first.gap_s, first.look_s / 2);
  const auto look = [&] {
    ObserveLook all;
    for (std::size_t i = 0; i < worlds.size(); ++i) {
      ObserveLook own = worlds[i].look(tally.group(specs[i].key));
      all.t_s = own.t_s;
      for (ObserveSession session : own.sessions) {
        session.pid += static_cast<std::int64_t>(10'000 * i);
        all.sessions.push_back(session);
      }
    }
    tally.look(all);
  };
  const auto counters = [&] {
    ObserveCounterLook all;
    for (const World& world : worlds) {
      const ObserveCounterLook own = world.counters();
      all.t_s = own.t_s;
      const auto same = std::find_if(
          all.databases.begin(), all.databases.end(),
          [&own](const auto& one) { return one.database == own.databases[0].database; });
      if (same == all.databases.end()) {
        all.databases.push_back(own.databases[0]);
      } else {
        same->transactions += own.databases[0].transactions;
        *same->idle_in_transaction_s += *own.databases[0].idle_in_transaction_s;
      }
    }
    tally.counters(all, "other", 0, 0);
  };
  Rng jitter(seed, 7);
  look();
  counters();
  double next_counters = first.batch_s;
  for (double t = first.look_s; t < first.seconds; t += first.look_s) {
    const double at = std::max(0.0, t + first.look_s * (jitter.uniform() - 0.5));
    for (World& world : worlds) world.advance(at);
    look();
    if (at < next_counters) continue;
    counters();
    next_counters += first.batch_s;
  }
  counters();
  return answer_of(tally, world_circumstances());
}

inline Observed observed_world(const WorldSpec& spec, std::uint64_t seed,
                               const ObserveQuestion& question = {}) {
  World world(spec, seed);
  return observed_world(spec, seed, world, question);
}

}  // namespace poolgauge::observe
