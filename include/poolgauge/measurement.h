// Everything one trial observed. Values only; parts from several threads merge into one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/backend_memory.h"
#include "poolgauge/calibration.h"
#include "poolgauge/histogram.h"
#include "poolgauge/in_flight.h"
#include "poolgauge/kinds.h"
#include "poolgauge/outcome.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// Requests of the measured window. Identity, checked: scheduled == completed + failed + shed +
/// in_flight, where a request belongs to the window in which it ended, or is in flight at its end.
struct RequestCounts {
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  std::uint64_t shed = 0;        ///< scheduled, but dropped: the generator's own limit was reached
  std::uint64_t in_flight = 0;   ///< scheduled before the end of the window, not ended in it
  std::uint64_t carried_in = 0;  ///< of the above: scheduled during the warm-up
  std::uint64_t not_started =
      0;  ///< of in_flight: scheduled before the end of the window, never started

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
  std::uint64_t waiting = 0;  ///< of class deadline: for a connection, when it passed
};

/// Requests that were retried, if the scenario says so. Their failed attempts are in no
/// FailureCount.
struct RetryCounts {
  std::uint64_t requests = 0;   ///< ended in the window after at least one retry
  std::uint64_t completed = 0;  ///< of these
  struct Cause {
    std::string sqlstate;
    std::uint64_t count = 0;  ///< retries that began in the window
  };
  std::vector<Cause> causes;  ///< each SQLSTATE once
  void add(std::string_view sqlstate, std::uint64_t count);
};

/// Where the time of completed requests went; sums in nanoseconds over all completed requests.
struct PhaseTotals {
  double start_ns = 0;      ///< intended to actual start: delay of the generator or the app's loop
  double pool_wait_ns = 0;  ///< requesting a connection until having one, including connects
  double begin_ns = 0;
  double sql_ns = 0;
  double hold_ns = 0;
  double pause_ns = 0;
  double commit_ns = 0;
  double release_ns = 0;  ///< release: the rollback or reset that the caller waits for
  double other_ns = 0;    ///< latency minus all the others: the residual
  double backoff_ns = 0;  ///< between an attempt that failed and the next
};

/// The same, one value for each completed request that spent time on it. Buckets of 0.8 %, sums
/// exact. `connect` lies within pool_wait, or within begin and sql where the first exchange
/// connects; all others are apart and sum to the latency.
struct PhaseTimes {
  Histogram start{7}, pool_wait{7}, connect{7}, begin{7}, sql{7}, hold{7}, pause{7}, commit{7},
      release{7}, backoff{7}, other{7};
  void merge(const PhaseTimes& from);
};

/// The parts of a connect, as the socket shows them. All zero: not seen.
struct ConnectTimes {
  Duration tcp{0};  ///< begun (the host's address is known by then) until the socket is connected
  Duration tls{0};  ///< until the connection is encrypted; zero without
  Duration authentication{0};  ///< start-up message sent until the server says yes
  Duration ready{0};           ///< until it accepts a statement
};

/// Of every successful connect in the whole run.
struct ConnectPhases {
  Histogram tcp{7}, tls{7}, authentication{7}, ready{7};
  void record(const ConnectTimes& times);
  void merge(const ConnectPhases& from);
};

enum class SpanKind : std::uint8_t {
  pool_wait,
  connect,
  begin,
  sql,
  hold,
  pause,
  commit,
  reset,
  backoff,  ///< between an attempt that failed and the next: of no step and no pool
};
/// The names used in reports: "pool_wait", "connect", ...
std::string_view name_of(SpanKind kind);

/// What a request did for one stretch of its time.
struct Span {
  Duration start{0};  ///< from the request's intended start
  Duration length{0};
  SpanKind kind = SpanKind::pool_wait;
  /// sql, hold, pause: which step of the request; else which pool (Deployment::pool_at).
  std::uint16_t place = 0;
};

/// One complete request, as an example.
struct RequestSample {
  enum class Why : std::uint8_t { slowest, typical, failed };
  Why why = Why::typical;
  std::uint32_t part = 0;     ///< of the window, for typical ones: the first to complete in it
  std::uint32_t request = 0;  ///< which of the scenario's
  std::uint32_t user = 0;     ///< who; in open loads: which place for a request in flight
  Duration started{0};        ///< intended start, from the window's begin; negative: before it
  Duration latency{0};
  FailureClass outcome = FailureClass::none;
  std::vector<Span> spans;           ///< in the order of their starts
  std::uint32_t spans_left_out = 0;  ///< because of the limit
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

/// A slice of the window, for what must be known over time: how much adjacent values depend on each
/// other, and interval logs. All slices together are exactly the window.
struct Slice {
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  using Failures = ClassCount;
  std::vector<Failures> failures;  ///< each class once
  PackedHistogram latency, response, pool_wait, connection_time, schedule_lag;
  std::vector<PackedAt> steps;  ///< of Measurement::steps those with a value, by index
  std::vector<PackedAt> kinds;  ///< the same of Measurement::kinds: their latencies
};

/// Length of a slice: at least 40 in a window of 4 s or longer, but at most 3,600 up
/// to ten hours; each a whole part or a multiple of a second.
Duration slice_length(Duration window);
/// What is counted for a goal over sliding windows, or on one kind of request.
struct GoalTally {
  explicit GoalTally(unsigned bits) : GoalTally(bits, bits) {}
  GoalTally(unsigned bits, unsigned age_bits) : times(bits), ages(age_bits) {}
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  std::uint64_t hits = 0;  ///< of failed: of the goal's class
  Histogram times;         ///< of the goal's metric
  /// Lower bounds of it, of requests in flight at the end of the window or of this second; of those
  /// that failed later there is none.
  Histogram ages;
};

struct GoalTrack {
  static constexpr unsigned kWholeBits = 10;
  static constexpr unsigned kSecondBits = 6;  ///< 1.6 % buckets: a long run has many seconds
  static constexpr unsigned kAgeBits = 5;     ///< of a second's ages
  GoalTally whole{kWholeBits};
  std::vector<GoalTally> seconds;  ///< of a goal over windows
};

/// A time in which the server, or the path to it, was unavailable to the clients. Times are
/// relative to the start of the window.
struct Outage {
  Duration start{0};            ///< the first failure that shows it
  std::optional<Duration> end;  ///< the first success after it; none: it lasted to the window's end
  std::uint64_t lost_connections = 0;  ///< established ones found dead
  std::uint64_t failed_connects = 0;
  std::string target = "primary";  ///< which server: primary or replica
};

/// A time without progress: a server that did not answer for a second or more, or the load
/// generator itself. Times are relative to the start of the window.
struct Standstill {
  Duration start{0};
  std::optional<Duration> end;   ///< none: it lasted to the window's end
  std::string whose = "server";  ///< server, replica, pooler, or client: this program
  bool confirmed = true;         ///< the probe got no answer either
};

/// One named pool, summed over its processes. Peaks are sums of the processes' peaks, which may
/// occur at different times: an upper bound.
struct PoolMeasurement {
  std::string name;
  std::uint32_t processes = 0;
  std::int64_t capacity = 0;  ///< over all processes; -1: unlimited
  std::uint32_t peak_checked_out = 0;
  std::uint32_t peak_open = 0;
  std::uint32_t peak_overflow = 0;
  std::uint32_t peak_waiting = 0;
  /// The most requests of a process that held or awaited a connection at the same moment.
  std::uint32_t peak_demand = 0;
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

/// The server's own statistics, sampled on an extra connection. `samples == 0`: not seen.
/// With a replica the figures are the sums over both servers.
struct ServerView {
  std::uint32_t samples = 0;
  std::uint32_t connections_peak = 0;
  double active_mean = 0;  ///< statements of the load running concurrently
  double idle_in_transaction_mean = 0;
  double idle_mean = 0;
  struct WaitEvent {
    std::string type;  ///< pg_stat_activity.wait_event_type of active backends; "CPU" for none
    double mean = 0;   ///< backends at a time
  };
  std::vector<WaitEvent> wait_events;
  /// The same by single event, "LWLock:WALWrite"; the longest waits first, at most 20.
  std::vector<WaitEvent> single_events;
  /// The load's connections by application name; from the same samples.
  struct Connections {
    std::string target;  ///< primary or replica
    std::string pool;    ///< empty: the application name does not tell
    std::string user;    ///< that logged in
    std::string application_name;
    std::uint32_t peak = 0;
    double mean = 0;
  };
  std::vector<Connections> connections;
  /// All clients of the server by application name; the most numerous first.
  struct Application {
    std::string name;
    std::uint32_t peak = 0;
    double mean = 0;
  };
  std::vector<Application> applications;
  /// Who blocked whom on a lock: concurrent pairs, grouped.
  struct Blocking {
    std::string wait;              ///< pg_stat_activity.wait_event of the blocked one
    std::string blocked, blocker;  ///< application names
    std::string blocker_state;     ///< such as "idle in transaction"
    std::uint32_t peak = 0;
    double mean = 0;
  };
  std::vector<Blocking> blocking;
  /// Counters of the server over the window, under its own names.
  using Counters = std::vector<std::pair<std::string, double>>;
  Counters database;     ///< pg_stat_database, of our database
  Counters checkpoints;  ///< and what was written for them and to the WAL
  struct Statement {
    std::string query;  ///< as pg_stat_statements has it: constants taken out
    std::uint64_t calls = 0;
    double total_ms = 0;
    std::uint64_t rows = 0;
  };
  std::vector<Statement> statements;  ///< the most expensive first; empty without the extension
  std::optional<double> cpu_s;        ///< of the server's processes; nullopt: not on this machine
  unsigned cores = 0;                 ///< of this machine, where cpu_s is known
  BackendMemory memory;               ///< of the first server that showed it
  double look_ms = 0;                 ///< mean time of a sample, as seen by the client
  std::optional<double> look_cpu;     ///< our own backend's CPU time / window
  std::string note;                   ///< why something is missing
};

/// The pooler's gauges at one instant, as its SHOW POOLS has them, summed over its pools.
struct PoolerSample {
  double t_s = 0;  ///< from the start of the window
  std::uint32_t sv_active = 0, sv_idle = 0, sv_used = 0, sv_tested = 0, sv_login = 0;
  std::uint32_t cl_active = 0;   ///< linked to a server, or idle
  std::uint32_t cl_waiting = 0;  ///< waiting for a server connection
  double maxwait_s = 0;          ///< age of the first waiter's query
};

/// The pooler's own statistics, sampled each second. `series` empty: not seen.
struct PoolerView {
  std::vector<PoolerSample> series;
  /// SHOW STATS over `seconds`, from the first reading to the last. The times are PgBouncer's own
  /// sums: query and transaction times include the wait for a server.
  double seconds = 0;
  std::uint64_t transactions = 0, queries = 0;
  double wait_s = 0, transaction_s = 0, query_s = 0;
  /// Mean wait of a transaction for a server connection, and where it is from: "counters" of the
  /// pooler (wait_s / transactions), else "begin": the mean BEGIN as its client saw it, which holds
  /// that wait and one round trip. nullopt: cannot be distinguished from the statements.
  std::optional<double> server_wait_ms;
  std::string server_wait_from;
  /// Of the mean latency, at most 1: all such waits of a request. From the counters they are those
  /// of the pooler's other clients, too; from the client BEGIN and what it sent behind COMMIT.
  std::optional<double> server_wait_share;
  std::string note;  ///< why something is missing
};

/// CPU use of one worker thread over the window.
struct ThreadView {
  double cpu_busy_ratio = 0;
  double run_wait_ratio = 0;  ///< of the window: runnable, but CPU-starved
};

/// Who used the generator's machine over the window, in CPUs. Negative: not seen.
struct MachineView {
  double others = -1;     ///< neither this process nor PostgreSQL or PgBouncer here
  double databases = -1;  ///< PostgreSQL and PgBouncer here, whoever started them
  double own = -1;        ///< this process
  double stolen = -1;     ///< steal time, if this machine is virtual
  unsigned processors = 0;
};

/// Statistics of the load generator itself. Ratios are of one thread's capacity.
struct ClientView {
  unsigned threads = 0;
  double cpu_busy_ratio_max = 0;  ///< busiest worker thread
  double cpu_busy_ratio_mean = 0;
  double cpu_s = 0;  ///< user + system time of all workers over the window
  std::vector<ThreadView> by_thread;
  Histogram loop_lag{7};  ///< how late a timer of each worker, due every 10 ms, was seen
  std::uint64_t descriptors_peak = 0;   ///< files and sockets open in this process; 0: not seen
  std::uint64_t descriptors_limit = 0;  ///< that it may open
  MachineView machine;
  Histogram schedule_lag;  ///< actual start minus intended start of each request
};

/// How the warm-up ended.
struct WarmUp {
  bool automatic = false;  ///< when steady state was detected, not by the clock
  bool steady = false;     ///< where automatic: steady before its limit
};

/// The whole observation. Durations are on the run's own clock; `window` is what was measured.
struct Measurement {
  Duration warmup{0};                 ///< that was taken
  std::uint64_t ended_in_warmup = 0;  ///< requests, completed or failed
  WarmUp warmup_end;
  Duration window{0};    ///< measured length; shorter than planned when interrupted
  bool partial = false;  ///< interrupted before the planned end
  bool simulated = false;
  bool costs_assumed = false;     ///< simulated, and the cost of some statement is only assumed
  std::string unsimulated_locks;  ///< SimulationFacts::locks
  std::string ended_by;           ///< the goal with abort_on_fail that ended it early, or empty
  RequestCounts requests;
  Histogram latency;                   ///< completed requests: intended start to end
  Histogram response;                  ///< completed requests: actual start to end
  Histogram pool_wait;                 ///< every checkout that was granted in the window
  Histogram connect;                   ///< every successful connect in the whole run
  Histogram connection_time;           ///< per completed request: sum of checkout to checkin
  std::vector<Histogram> steps;        ///< in the order of Scenario::requests[].steps[], flattened
  std::vector<KindMeasurement> kinds;  ///< by Scenario::requests
  InFlightAges in_flight;
  FailedTimes failed_times;
  CompletionGaps gaps;
  PhaseTotals phases;
  PhaseTimes phase_times;
  ConnectPhases connect_phases;
  std::vector<RequestSample> samples;  ///< see join_samples for which and how many
  std::vector<FailureCount> failures;
  RetryCounts retries;
  std::vector<SecondSample> series;
  Duration slice_length{0};
  std::vector<Slice> slices;      ///< from the window's begin; the last one may be shorter
  std::vector<GoalTrack> tracks;  ///< by Scenario::goals; empty unless one is narrowed
  std::vector<PoolMeasurement> pools;
  std::vector<Outage> outages;          ///< by start; at least 100 ms lie between two of one server
  std::vector<Standstill> standstills;  ///< by start; those of the same do not overlap
  ServerView server;
  PoolerView pooler;
  ClientView client;
  Calibration calibration;
  std::vector<std::string> notes;  ///< notes for the reader, one sentence each

  /// Adds what another thread of the same trial saw. Vectors are matched by position (steps,
  /// series, slices), failures by their key, pools by name.
  void merge(const Measurement& other);
};

/// Called once a second with the measurement so far; returns why the run must end now (ended_by).
using EndsEarly = std::function<std::optional<std::string>(const Measurement& so_far)>;

}  // namespace poolgauge
