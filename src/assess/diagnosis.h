// What limited a run: figures in, findings out, the main one first. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/policies.h"
#include "poolgauge/report.h"

namespace poolgauge {

using PoolOptions = std::vector<std::pair<std::string, OptionValue>>;

/// A step that takes a noticeable part of a request; times in milliseconds.
struct StepFigure {
  std::string name;
  double mean_ms = 0;            ///< per execution
  std::optional<double> p95_ms;  ///< per execution
};

/// Everything the rules look at. Times are milliseconds, means are over the measured window.
struct Figures {
  RequestCounts requests;
  std::vector<FailureCount> failures;
  double window_s = 0;
  std::optional<double> open_rate_per_s;  ///< arrivals, where the load has a rate of its own
  bool arrivals_decide = false;  ///< arrivals are given and all served: throughput cannot rise

  Breakdown mean_ms;  ///< of completed requests; the sum is the mean latency
  std::optional<double> latency_p50_ms, pool_wait_p50_ms, pool_wait_p95_ms, connection_time_p95_ms;
  double connection_time_mean_ms = 0;
  double waited_fraction =
      0;  ///< share of checkouts with a wait worth mentioning (wait_worth_naming)
  double connect_mean_ms = 0;
  std::uint64_t connects = 0;
  std::uint64_t closes = 0, checkouts = 0;  ///< closed by the pools themselves; granted
  double open_mean = 0;                     ///< of the pool below
  double exchanges_per_request = 0;
  std::optional<double> round_trip_ms;  ///< of the shortest exchange there is: a ping

  // Of the pool for which most requests waited, where there are several.
  std::string pool_name;  ///< empty where there is only one
  std::string pool_kind;
  std::optional<double> pool_timeout_ms;  ///< the pool's own limit, where it has one
  std::optional<double> deadline_ms;      ///< of a request
  std::int64_t capacity = -1;             ///< over all processes; -1: unlimited
  std::uint32_t processes = 1;
  std::uint32_t peak_checked_out = 0, peak_waiting = 0;
  std::uint32_t peak_demand = 0;  ///< in use and waiting at the same moment
  double waiting_mean = 0;
  double checked_out_mean = 0;
  double checked_out_elsewhere_mean = 0;  ///< of the other pools
  /// One of several pools: what of it is in use on average.
  struct PoolUse {
    std::string name;
    double checked_out_mean = 0;
    std::int64_t capacity = -1;  ///< over all processes; -1: unlimited, or not its own
  };
  std::vector<PoolUse> other_pools;
  std::int64_t pooler_size = 0;           ///< its server connections; 0: no pooler, or no limit
  double pooler_servers_mean = 0;         ///< in use
  std::uint32_t pooler_servers_peak = 0;  ///< the same, the most of any second
  /// PoolerView::server_wait_ms and server_wait_share by the pooler's own counters; nullopt: they
  /// are not seen.
  std::optional<double> pooler_wait_ms, pooler_wait_share;
  double pooler_waiting_mean = 0;  ///< clients waiting for a server connection
  std::int64_t server_slots = 0;   ///< max_connections less the reserved ones; 0: unknown

  bool server_seen = false;
  double server_active_mean = 0, server_idle_in_transaction_mean = 0, server_lock_mean = 0;
  /// Of the active ones: on a processor (no wait event), and waiting for that type of event.
  double server_cpu_mean = 0, server_lwlock_mean = 0, server_io_mean = 0, server_client_mean = 0;
  /// Single events, "LWLock:WALWrite", where the server's view names them.
  std::vector<std::pair<std::string, double>> server_events;
  unsigned server_cores = 0;               ///< 0: unknown
  std::optional<double> server_cpu_busy;   ///< of its machine, 0 to 1, by all programs
  std::optional<double> server_cpu_share;  ///< of its machine: the server's own processes
  bool pooler_between = false;             ///< the pools' connections are the pooler's clients

  std::vector<Stall> stalls;  ///< except those in which the server was down
  InFlightSummary in_flight;
  std::optional<double> latency_max_ms;  ///< of completed requests
  std::vector<Standstill> standstills;   ///< of servers, and of the load generator itself
  /// Share of seconds at whose end a request waited for a connection, without the seconds of a
  /// standstill and of the queue that it left; nullopt: there were no others.
  std::optional<double> waiting_otherwise;

  /// Goals that the verdict judged: on what share of requests may fail, and on times.
  struct GoalStates {
    bool any = false, all_met = false;
    bool on_failures = false, failures_missed = false;
    bool times_missed = false;
  } goals;

  std::string unsimulated_locks;  ///< SimulationFacts::locks

  // Of all waiting for a connection: the share that was connecting.
  double connect_in_wait = 0;
  /// Figures of checkouts after the window's first second, as parts of those of all of them;
  /// nullopt: too few were later, or nobody can tell.
  std::optional<double> later_wait, later_waited_fraction;
  std::optional<double> connect_max_ms;
  double connect_per_request_ms = 0;   ///< of completed requests: connects in any of their parts
  std::uint32_t peak_open = 0;         ///< of all pools
  std::uint64_t lost_connections = 0;  ///< found dead
  double outages_s = 0;  ///< time in which the server, or the path to it, was unavailable
  std::optional<std::int64_t> users;  ///< the most there are at a time
  std::int64_t burst = 0;             ///< requests that arrive at once; 0: no such load
  double think_ms = 0;                ///< mean, of users between two requests
  double exchanges_under_way = 0;  ///< concurrent exchanges with the server, as the clients saw it
  std::optional<double> way_ms;    ///< connecting a socket: one round trip
  bool server_near = false;        ///< on the load generator's machine
  bool over_socket = false;        ///< a Unix socket: no network
  bool on_sqlite = false;
  ServerView::Counters sqlite;          ///< its counters over the window
  std::uint64_t server_memory_mib = 0;  ///< of its machine; 0: unknown
  std::int64_t other_connections = 0;   ///< other clients' connections to the server
  std::int64_t own_limit = -1;          ///< TargetFacts::own_limit
  std::int64_t pooler_max_clients = 0;  ///< 0: no pooler, or no limit
  std::string pool_timeout_option;      ///< by its own name
  PoolOptions pool_options;             ///< those of the pool above
  double client_cpu_busy = 0;           ///< busiest worker thread, 0 to 1

  bool client_saturated = false;
  std::string client_troubles;  ///< why, with figures
  bool threads_help = false;    ///< its threads are busy, and there are CPUs for more of them

  std::optional<StepFigure> longest_hold;  ///< the hold step with the most time in all
  std::optional<StepFigure> longest_sql;   ///< the SQL step with the most time in all
};

/// The findings that the figures support, the main one first: in the order of docs/diagnosis.md,
/// a standstill that took a twentieth of the window before all others. What binds nothing (a hold
/// that nobody waits for, a budget that was not reached, a pool that is larger than needed,
/// failures that the goals allow) comes last, after healthy when nothing limits. Never empty,
/// unless no request was scheduled.
std::vector<Finding> diagnose(const Figures& figures);

/// A mean count of things: "14.1", "0.6", "1,340"; below 0.05 one digit that is not zero.
std::string amount(double value);

/// A finding's name as a sentence: "pool_bound" -> "The pool is the bottleneck."; a name of a
/// later version comes back as it is.
std::string headline(std::string_view finding);
/// The finding's own sentence where it has one, else that of its name.
std::string headline(const Finding& finding);
/// The sentence of a finding after the main one: what is called the bottleneck there is a further
/// limit.
std::string further_headline(const Finding& finding);
/// The same in a word or two, for a table: "pool", "database", "none".
std::string short_name(std::string_view finding);

}  // namespace poolgauge
