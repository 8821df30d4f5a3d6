// Everything one trial observed. Values only; parts from several threads merge into one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "poolgauge/calibration.h"
#include "poolgauge/histogram.h"
#include "poolgauge/outcome.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// Requests of the measured window. Identity, checked: scheduled == completed + failed + shed +
/// in_flight, where a request belongs to the window in which it ended, or is in flight at its end.
struct RequestCounts {
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  std::uint64_t shed = 0;       ///< due, but not started: the generator's own limit was reached
  std::uint64_t in_flight = 0;  ///< started or due before the end of the window, not ended in it
  std::uint64_t carried_in =
      0;  ///< of the above: due before the window began (part of the warm-up's load)

  std::uint64_t scheduled() const { return completed + failed + shed + in_flight; }
  std::uint64_t ended() const { return completed + failed; }
};

/// One line of the failure table: count of (phase, class, sqlstate), and the first message seen.
struct FailureCount {
  Phase phase = Phase::checkout;
  FailureClass failure = FailureClass::none;
  std::string sqlstate;
  std::uint64_t count = 0;
  std::string example;
};

/// Where the time of completed requests went; sums in nanoseconds over all completed requests.
struct PhaseTotals {
  double pool_wait_ns = 0;  ///< asking the pool until a usable connection, connects included
  double begin_ns = 0;
  double sql_ns = 0;
  double hold_ns = 0;
  double pause_ns = 0;
  double commit_ns = 0;
  double release_ns = 0;  ///< giving back: rollback or reset the caller waits for
  double other_ns = 0;    ///< latency minus all of the above: start lag and our own work
};

/// What happened within one second of the window. Gauges are read at the end of the second.
struct SecondSample {
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  Histogram latency{5};  ///< of completed requests, 3 % buckets
  std::uint32_t checked_out = 0;
  std::uint32_t open = 0;
  std::uint32_t overflow = 0;
  std::uint32_t waiting = 0;
  double server_active = -1;               ///< mean of the second's samples; negative: not seen
  double server_idle_in_transaction = -1;  ///< the same
  double server_lock_waits = -1;           ///< the same: of the active ones, waiting for a lock
};

/// A time in which the server, or the way to it, was gone, as the clients saw it. Times from the
/// window's begin.
struct Outage {
  Duration start{0};            ///< the first failure that said so
  std::optional<Duration> end;  ///< the first success after it; none: it lasted to the window's end
  std::uint64_t lost_connections = 0;  ///< established ones found dead
  std::uint64_t failed_connects = 0;
  std::string target = "primary";  ///< which server: primary or replica
};

/// One named pool summed over its processes. Peaks are the sums of the processes' own peaks, which
/// need not fall together: an upper bound.
struct PoolMeasurement {
  std::string name;
  std::uint32_t processes = 0;
  std::int64_t capacity = 0;  ///< over all processes; -1: unlimited
  std::uint32_t peak_checked_out = 0;
  std::uint32_t peak_open = 0;
  std::uint32_t peak_overflow = 0;
  std::uint32_t peak_waiting = 0;
  std::uint64_t connects = 0;  ///< opened over the whole run, warm-up included
  std::uint64_t connect_failures = 0;
  std::uint64_t direct_connects = 0;  ///< of `connects`: for those the pool refused (fallback)
  std::uint64_t closes = 0;           ///< closed by the pool before the run's end
  std::uint64_t checkouts = 0;        ///< granted in the window
  std::uint64_t pings = 0;
  std::uint64_t resets = 0;
  double checked_out_mean = 0;  ///< time average over the window
  double open_mean = 0;
  double waiting_mean = 0;
};

/// What the server said about itself, sampled on an extra connection. `samples == 0`: not seen.
/// With a replica the figures are the sums over both servers.
struct ServerView {
  std::uint32_t samples = 0;
  std::uint32_t connections_peak = 0;
  double active_mean = 0;  ///< statements running at a time, ours
  double idle_in_transaction_mean = 0;
  double idle_mean = 0;
  struct WaitEvent {
    std::string type;  ///< pg_stat_activity.wait_event_type of active backends; "CPU" for none
    double mean = 0;   ///< backends at a time
  };
  std::vector<WaitEvent> wait_events;
  /// Our own connections by who they say they are; from the same samples.
  struct Connections {
    std::string target;  ///< primary or replica
    std::string pool;    ///< empty: their application name does not tell
    std::string user;    ///< that logged in
    std::string application_name;
    std::uint32_t peak = 0;
    double mean = 0;
  };
  std::vector<Connections> connections;
  std::string note;  ///< why something is missing
};

/// The pooler's gauges at one instant, as its SHOW POOLS has them, summed over its pools.
struct PoolerSample {
  double t_s = 0;  ///< from the start of the window
  std::uint32_t sv_active = 0, sv_idle = 0, sv_used = 0, sv_tested = 0, sv_login = 0;
  std::uint32_t cl_active = 0;   ///< linked to a server, or idle
  std::uint32_t cl_waiting = 0;  ///< without one that they want
  double maxwait_s = 0;          ///< age of the first waiter's query
};

/// What the pooler said about itself, sampled each second. `series` empty: not seen.
struct PoolerView {
  std::vector<PoolerSample> series;
  /// SHOW STATS over `seconds`, from the first look to the last. The times are PgBouncer's own
  /// sums: query and transaction times include the wait for a server.
  double seconds = 0;
  std::uint64_t transactions = 0, queries = 0;
  double wait_s = 0, transaction_s = 0, query_s = 0;
  std::string note;  ///< why something is missing
};

/// How the load generator itself fared. Ratios are of one thread's capacity.
struct ClientView {
  unsigned threads = 0;
  double cpu_busy_ratio_max = 0;  ///< busiest worker thread
  double cpu_busy_ratio_mean = 0;
  double cpu_s = 0;        ///< user + system time of all workers over the window
  Histogram schedule_lag;  ///< actual start minus intended start of each request
};

/// The whole observation. Durations are on the run's own clock; `window` is what was measured.
struct Measurement {
  Duration warmup{0};
  Duration window{0};    ///< measured length; shorter than planned when interrupted
  bool partial = false;  ///< interrupted before the planned end
  bool simulated = false;
  RequestCounts requests;
  Histogram latency;             ///< completed requests: intended start to end
  Histogram response;            ///< completed requests: actual start to end
  Histogram pool_wait;           ///< every checkout that was granted in the window
  Histogram connect;             ///< every successful connect in the whole run
  Histogram connection_time;     ///< per completed request: sum of checkout to checkin
  std::vector<Histogram> steps;  ///< in the order of Scenario::requests[].steps[], flattened
  PhaseTotals phases;
  std::vector<FailureCount> failures;
  std::vector<SecondSample> series;
  std::vector<PoolMeasurement> pools;
  std::vector<Outage> outages;  ///< by start; at least 100 ms lie between two of one server
  ServerView server;
  PoolerView pooler;
  ClientView client;
  Calibration calibration;
  std::vector<std::string> notes;  ///< things a reader must know, one sentence each

  /// Adds what another thread of the same trial saw. Vectors are matched by position (steps,
  /// series), failures by their key, pools by name.
  void merge(const Measurement& other);
};

}  // namespace poolgauge
