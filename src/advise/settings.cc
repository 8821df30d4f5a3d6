// The settings that follow from a size and from what was measured there.
#include "advise/settings.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "math/queues.h"

namespace poolgauge {

namespace {

constexpr double kLeastOpening = 0.005;  // of the checkouts may open a connection
constexpr double kConnectShare = 0.01;   // of the pool's capacity may go into connecting

std::string readable(double s) {
  return human_duration(from_s(s));
}

/// Rounded up to a figure people would type.
double round_up(double s) {
  if (s >= 1) return std::ceil(s - 1e-9);
  return std::max(0.1, std::ceil(s * 10 - 1e-9) / 10);
}

double round_down(double s) {
  if (s >= 1) return std::floor(s + 1e-9);
  return std::max(0.1, std::floor(s * 10 + 1e-9) / 10);
}

/// "p99", or what stands for it where the sample was too small.
std::string tail_name(bool known) {
  return known ? "p99" : "longest";
}

/// "p99 200 ms"
std::string hold_tail(const SettingsEvidence& seen) {
  return tail_name(seen.hold_p99_known) + " " + readable(seen.hold_p99_s);
}

/// "p99 4.00 ms"; where all took the same time, as in a simulation, it is no percentile.
std::string connect_words(const SettingsEvidence& seen) {
  const std::string time = readable(seen.connect_p99_s);
  if (seen.connect_mean_s && readable(*seen.connect_mean_s) == time) {
    return time + " for each connection in this run";
  }
  return (seen.connect_p99_known ? "p99 " : "up to ") + time;
}

std::string longest_wait(const SettingsEvidence& seen) {
  const std::string time = readable(seen.wait_max_s);
  if (seen.wait_unended) {
    return "the longest wait seen was at least " + time + " and had not ended when the run did";
  }
  return (seen.some_unserved ? "the longest wait that ended with a connection was "
                             : "the longest wait seen was ") +
         time;
}

/// Long enough for everybody who was served here, short enough to shed what an overload brings.
void set_wait(const SettingsEvidence& seen, Recommendation& r) {
  constexpr double kNoDeadline = 30;  // what most libraries wait unasked
  const double deadline = seen.deadline_s.value_or(kNoDeadline);
  const std::string whole = seen.deadline_s
                                ? "the deadline of " + seconds_text(deadline)
                                : seconds_text(deadline) + " (no request deadline is known)";
  const double left = deadline - seen.hold_p99_s;
  const double enough = std::max(4 * seen.wait_p99_s, 2 * seen.wait_max_s);
  const double wanted = std::max({enough, deadline / 5, 0.1});
  r.pool_timeout_s = round_up(wanted);
  const bool capped = left > 0.1 && r.pool_timeout_s > left;
  if (capped) r.pool_timeout_s = round_down(left);
  std::string rule =
      capped ? fmt::format("{} minus the hold time ({}), rounded down", whole, hold_tail(seen))
      : wanted > enough ? "at least a fifth of " + whole
      : 2 * seen.wait_max_s >= enough
          ? std::string("twice the longest wait")
          : fmt::format("four times the {} ({})",
                        seen.wait_p99_known ? "p99 of the waits" : "longest wait",
                        readable(seen.wait_p99_s));
  if (!capped && r.pool_timeout_s > wanted * 1.001) rule += ", rounded up";
  if (seen.confirmed_wait_s && *seen.confirmed_wait_s != r.pool_timeout_s) {
    rule = "as in the runs that confirmed it";  // by the waits of an earlier run
    r.pool_timeout_s = *seen.confirmed_wait_s;
  }
  r.why.push_back(fmt::format(
      "{} {}: {}; {}",
      seen.wait_name.empty() ? "wait limit (a deadline in the caller's context)" : seen.wait_name,
      seconds_text(r.pool_timeout_s), rule, longest_wait(seen)));
  if (left <= 0.1) {
    r.warnings.push_back(fmt::format(
        "a hold time of {} ({}) leaves no time to wait within a deadline of {}: no "
        "pool size helps",
        readable(seen.hold_p99_s), tail_name(seen.hold_p99_known), seconds_text(deadline)));
  }
}

void set_server_times(const SettingsEvidence& seen, Recommendation& r) {
  constexpr double kNoDeadline = 30;
  constexpr double kLeastIdle = 5;
  const double deadline = seen.deadline_s.value_or(kNoDeadline);
  r.statement_timeout_s =
      round_down(std::max(0.1, std::min(deadline - r.pool_timeout_s, deadline - seen.wait_p95_s)));
  r.idle_in_transaction_timeout_s = std::max(kLeastIdle, std::ceil(2 * seen.hold_p999_s));
  constexpr double kLeastConnect = 2, kMostConnect = 5;
  r.connect_timeout_s = std::clamp(std::ceil(10 * seen.connect_p99_s), kLeastConnect, kMostConnect);
  r.why.push_back(
      fmt::format("statement_timeout {}: a statement still ends within the deadline of {} if its "
                  "request waited for the full pool timeout",
                  seconds_text(r.statement_timeout_s), seconds_text(deadline)));
  r.why.push_back(fmt::format(
      "idle_in_transaction_session_timeout {}: twice the {} ({}), but at least {}",
      seconds_text(r.idle_in_transaction_timeout_s),
      seen.hold_p999_known ? "p99.9 of the connection hold time" : "longest connection hold time",
      readable(seen.hold_p999_s), seconds_text(kLeastIdle)));
  r.why.push_back(fmt::format(
      "connect_timeout {}: ten times the connect time ({}), but at least {} and at most {}",
      seconds_text(r.connect_timeout_s), connect_words(seen), seconds_text(kLeastConnect),
      seconds_text(kMostConnect)));
}

/// What the pings of all checkouts occupy; `pings` are connections, on average.
std::string pings_words(double pings) {
  if (pings <= 0) return "";
  if (pings >= 1) {
    return fmt::format("; all these round trips together keep {} connections busy",
                       significant(pings));
  }
  return fmt::format("; all these round trips together keep one connection busy for {} of the time",
                     percent(pings));
}

void set_lifetimes(const SettingsEvidence& seen, Recommendation& r) {
  constexpr double kSlowPing = 0.001;
  constexpr double kManyPings = 1000;
  RecycleEvidence age;
  age.option = seen.age_name;
  age.connections = static_cast<double>(r.total());
  age.rate_per_s = seen.rate_per_s;
  age.hold_s = seen.hold_mean_s;
  age.connect_s = seen.connect_mean_s;
  age.own_s = seen.own_age_s;
  const Recycling answer = recycling(age);
  r.pool_recycle_s = answer.age_s;
  if (!seen.age_name.empty() && !answer.why.empty()) r.why.push_back(answer.why);
  const double pings = seen.rate_per_s * seen.round_trip_s;
  const bool dear = seen.round_trip_s > kSlowPing && seen.rate_per_s > kManyPings;
  r.pre_ping = seen.own_ping && !dear;
  if (seen.ping_name.empty()) return;
  r.why.push_back(
      dear
          ? fmt::format(
                "{} off: at {}/s, a round trip of {} per checkout would keep {} connections busy",
                seen.ping_name, significant(seen.rate_per_s), readable(seen.round_trip_s),
                significant(pings))
          : fmt::format(
                "{} {}one round trip per checkout{}", seen.ping_name,
                r.pre_ping
                    ? "on: keep it where connections can drop silently; it costs "
                    : "off, as in the scenario: turn it on where connections can drop silently; it "
                      "costs ",
                pings_words(pings)));
}

/// So many would be opened and closed for nothing. Requests that failed held a connection, too.
bool always_busy(const SettingsEvidence& seen, std::int64_t total) {
  constexpr double kBusy = 0.95;
  constexpr std::int64_t kLargestChain = 1000;
  const double erlangs = std::max(seen.rate_per_s * seen.hold_mean_s, seen.busy_mean);
  return erlangs >= kBusy * static_cast<double>(total) || total > kLargestChain || erlangs <= 0;
}

/// Of the checkouts, that may open a connection.
double opening_share(const SettingsEvidence& seen, std::int64_t total) {
  if (seen.connect_p99_s <= 0) return kLeastOpening;
  return std::min(kLeastOpening, kConnectShare * static_cast<double>(total) /
                                     (seen.rate_per_s * seen.connect_p99_s));
}

}  // namespace

std::int64_t kept_of(const SettingsEvidence& seen, std::int64_t total) {
  if (total <= 1 || !seen.closes_at_return || always_busy(seen, total)) return total;
  return static_cast<std::int64_t>(math::pool_size_for_churn(seen.rate_per_s, seen.hold_mean_s,
                                                             static_cast<std::uint64_t>(total),
                                                             opening_share(seen, total)));
}

std::string kept_words(const SettingsEvidence& seen, std::int64_t kept, std::int64_t total) {
  if (total <= 1) return "one connection, kept open";
  if (seen.closes_at_return && kept >= total && !always_busy(seen, total)) {
    return fmt::format("{} {}: {} connections stay open", seen.kept_name, kept,
                       total == 2 ? "both" : "all");
  }
  if (!seen.closes_at_return) {
    return fmt::format("all {} connections stay open: reopening one would make a request wait",
                       total);
  }
  const std::string all = fmt::format(
      "{} {}, with no overflow: all connections are always in use, so overflow connections would "
      "only be opened and closed again",
      seen.kept_name, total);
  const bool busy = always_busy(seen, total);
  if (busy && kept >= total) return all;
  const double opens =
      math::opens_per_s({seen.rate_per_s, seen.hold_mean_s, static_cast<std::uint64_t>(kept),
                         static_cast<std::uint64_t>(total - kept)});
  const std::string cost = fmt::format("{} per second here; those requests wait {} for it",
                                       significant(opens), readable(seen.connect_p99_s));
  const std::string size = fmt::format("{} {} of {} connections", seen.kept_name, kept, total);
  if (!busy && kept == kept_of(seen, total)) {
    return fmt::format(
        "{}: with fewer kept open, more than {} of checkouts would open a connection ({})", size,
        percent(opening_share(seen, total)), cost);
  }
  // Runs scatter: what one suggested another would not, quite.
  return fmt::format("{}: {} of checkouts open a connection ({})", size,
                     percent(seen.rate_per_s > 0 ? opens / seen.rate_per_s : 0), cost);
}

void set_times(const SettingsEvidence& seen, Recommendation& r) {
  set_wait(seen, r);
  set_server_times(seen, r);
  set_lifetimes(seen, r);
}

}  // namespace poolgauge
