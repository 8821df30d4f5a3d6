// All settings except the total: connections kept open, timeouts, and lifetimes, each with its
// reason.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

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

}  // namespace poolgauge
