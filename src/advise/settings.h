// All settings except the total, and the limits on connections between the pools and the server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advise/fleet.h"
#include "poolgauge/recommendation.h"

namespace poolgauge {

/// What was seen at (or near) the recommended size. Times in seconds.
struct SettingsEvidence {
  double rate_per_s = 0;  ///< checkouts of one process
  double hold_mean_s = 0, hold_p99_s = 0, hold_p999_s = 0;
  double wait_p95_s = 0, wait_p99_s = 0, wait_max_s = 0;
  /// What is known of the longest wait: it had not ended with the run, or others ended without a
  /// connection.
  bool wait_unended = false, some_unserved = false;
  double connect_p99_s = 0;
  /// Which of the percentiles above the sample was large enough for; instead of the others stand
  /// the longest times that were seen.
  bool hold_p99_known = true, hold_p999_known = true, wait_p99_known = true,
       connect_p99_known = true;
  std::optional<double> connect_mean_s;    ///< nullopt: no connect was measured
  std::optional<double> own_age_s;         ///< at which the pool replaces a connection now
  double busy_mean = 0;                    ///< connections of one process checked out
  double round_trip_s = 0;                 ///< of a test at checkout (pre-ping)
  std::optional<double> deadline_s;        ///< of a request
  std::optional<double> confirmed_wait_s;  ///< the limit that the confirmed run had
  bool own_ping = true;                    ///< whether it tests connections now
  bool closes_at_return = false;           ///< SizingOptions
  bool goal_on_timeouts = false;           ///< no request may time out at this load
  /// The pool kind's names of its settings; empty: it has no such setting, which is then not
  /// mentioned. Without a limit of its own, the wait is limited by the caller.
  std::string kept_name = "pool_size", wait_name = "pool_timeout", age_name = "pool_recycle",
              ping_name = "pre_ping";
};

/// How many of `total` to keep open.
std::int64_t kept_of(const SettingsEvidence& seen, std::int64_t total);
/// Why to keep `kept` of `total`, with what was seen there; also of a `kept` that an earlier run
/// suggested.
std::string kept_words(const SettingsEvidence& seen, std::int64_t kept, std::int64_t total);

/// Sets pool_timeout, statement and other timeouts, recycle and pre-ping of `r`; adds to its why
/// and its warnings.
void set_times(const SettingsEvidence& seen, Recommendation& r);

// Maximum age of a connection, by the cost of replacing it.

/// What is known about one pool's connections; times in seconds. Nothing is assumed for what was
/// not measured.
struct RecycleEvidence {
  std::string option = "pool_recycle";  ///< what the pool's library calls the age
  double connections = 0;               ///< that the pool may open
  std::optional<double> connect_s;      ///< of one connect, on average
  std::optional<double> rate_per_s;     ///< checkouts of the pool
  std::optional<double> hold_s;         ///< of a checkout, on average
  std::optional<double> own_s;          ///< as it is set now, where it ends at all
  std::optional<double> idle_limit_s;   ///< the shortest idle timeout on the way, where it is known
};

struct Recycling {
  double age_s = 0;
  std::string why;  ///< one sentence with the cost, or what cannot be said
};

/// The age that is set (or the usual one), unless that has a measurable cost: then the
/// shortest that is not. Always below a known idle timeout, whatever it costs.
Recycling recycling(const RecycleEvidence& seen);

// The limits on connections between the pools and the server: which one binds, what each must be,
// and the statements that change it.

/// The server's own limit. `known`: its max_connections is that of the server the answer is for.
ConnectionLimit server_limit(const ServerSlots& slots, bool known);

/// The most connections that all limits allow together, with a share of each kept free; 0: none.
/// INT64_MAX where there is no limit.
std::int64_t usable_connections(const std::vector<ConnectionLimit>& limits, double headroom);
/// The one that allows the fewest; nullptr without limits.
const ConnectionLimit* tightest(const std::vector<ConnectionLimit>& limits);

/// Adds these limits to the recommendation: each one's need, and what it must be for `wanted`
/// connections with the headroom kept free, which is never less than it is. Of the server it also
/// sets max_connections and the budget. `wanted` is more than `needed` where the goals need a
/// limit to be raised.
void add_limits(std::vector<ConnectionLimit> limits, std::int64_t needed, std::int64_t wanted,
                double headroom, Recommendation& r);

/// "max_connections 100 − 3 reserved − 2 others = 95", "the CONNECTION LIMIT 10 of role "app" ...".
std::string limit_arithmetic(const ConnectionLimit& limit);
/// "the server", "role \"app\"", "database \"shop\"", "PgBouncer", "the server's memory".
std::string limit_owner(const ConnectionLimit& limit);

/// The statements that raise what must be raised, or nothing.
std::string limits_sql(const Recommendation& r);
/// The lines of pgbouncer.ini that must change, or nothing.
std::string limits_pgbouncer(const Recommendation& r);

// How much more load than today a recommendation is sized for.

/// The default of `--headroom-load`: growth of the load, as a fraction of today's.
inline constexpr double kDefaultHeadroomLoad = 0.25;

}  // namespace poolgauge
