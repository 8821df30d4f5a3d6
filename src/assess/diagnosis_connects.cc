// Rules about opening connections: too slow for the pool's limit, again and again, or from cold.
#include <fmt/format.h>

#include <algorithm>

#include "assess/diagnosis_rules.h"
#include "assess/sentences.h"
#include "base/text.h"
#include "poolgauge/pool_traits.h"

namespace poolgauge::rules {
namespace {

constexpr double kConnectWaitedFraction = 0.05;
constexpr double kOfWait = 0.25;  // of all waiting is connecting

bool connects_for_each(const Figures& f) {
  return pool_traits(f.pool_kind).connects_each_time;
}

/// Closed by the pool's own rules; those that were found dead are nobody's rule.
double closed_by_rule(const Figures& f) {
  return static_cast<double>(f.closes > f.lost_connections ? f.closes - f.lost_connections : 0);
}

double churn_of(const Figures& f) {
  return share(closed_by_rule(f), static_cast<double>(f.checkouts));
}

/// Waits for connects that are so many that a user sees them, or whose time is in the statements.
bool connects_cost(const Figures& f, double of_wait) {
  const bool rare_but_missed = f.goals.times_missed && wait_share(f) >= kWaitShare;
  const bool often = waited(f) >= kConnectWaitedFraction || (rare_but_missed && waited(f) >= 0.01);
  const double part = share(static_cast<double>(f.connects), static_cast<double>(f.checkouts));
  const bool in_statements = part >= kConnectWaitedFraction &&
                             share(f.connect_per_request_ms, f.mean_ms.total()) >= kWeight;
  return (often && f.connect_in_wait >= of_wait) || in_statements;
}

/// Reconnecting after an outage, or a queue that a stall left, is no habit of the pool.
bool something_else_explains(const Figures& f) {
  const bool trouble = f.outages_s > 0 || f.lost_connections > 0 || !f.stalls.empty();
  return trouble && churn_of(f) < kConnectWaitedFraction && !connects_for_each(f);
}

bool churns(const Figures& f) {
  constexpr double kChurn = 0.01, kFewest = 10;
  return !connects_for_each(f) && churn_of(f) >= kChurn && closed_by_rule(f) >= kFewest &&
         !something_else_explains(f) && connects_cost(f, kOfWait);
}

std::string wait_text(const Figures& f) {
  if (!f.pool_wait_p95_ms || f.connect_in_wait < kOfWait) return "";
  return fmt::format(
      " Requests wait {} for a connection (p95); connecting accounts for {} of all waiting.",
      ms(*f.pool_wait_p95_ms), percent(std::min(1.0, f.connect_in_wait)));
}

}  // namespace

Verdict slow_connects(const Figures& f) {
  const std::uint64_t timeouts = count_of(f, FailureClass::pool_timeout);
  const bool room = f.capacity < 0 || f.peak_checked_out < f.capacity;
  if (!failures_matter(f, timeouts) || !room || !f.pool_timeout_ms) return std::nullopt;
  constexpr double kNearly = 0.8;
  const bool slow = f.connects == 0 || f.connect_max_ms.value_or(0) >= kNearly * *f.pool_timeout_ms;
  if (!slow) return std::nullopt;
  const std::string limit = format_duration(from_ms(*f.pool_timeout_ms));
  std::string evidence = fmt::format(
      "{} of {} requests got no connection within the pool timeout of {}, although only {}{} "
      "connections were in use: they waited for new connections to open, not for each other. ",
      with_thousands(timeouts), with_thousands(f.requests.ended()), limit,
      with_thousands(f.peak_checked_out),
      f.capacity < 0 ? "" : " of " + with_thousands(static_cast<std::uint64_t>(f.capacity)));
  evidence += f.connects == 0 ? "No connection attempt finished in that time."
                              : fmt::format("Connecting took up to {} (mean {}).",
                                            ms(*f.connect_max_ms), ms(f.connect_mean_ms));
  const std::string option =
      f.pool_timeout_option.empty() ? "the pool timeout" : f.pool_timeout_option;
  const std::string above = f.connects == 0 ? "the connect time" : ms(*f.connect_max_ms);
  return Finding{
      "slow_connects", evidence,
      fmt::format("raise {} above {}, or open the connections before the load starts and keep them "
                  "open; then find out what makes connecting slow (name lookup, TLS, "
                  "authentication, a busy server); a larger pool will not help",
                  option, above)};
}

Verdict connect_churn(const Figures& f) {
  if (!churns(f)) return std::nullopt;
  const auto closes = static_cast<std::uint64_t>(closed_by_rule(f));
  return Finding{
      "connect_churn",
      fmt::format(
          "The pool opened {} connections and closed {} for {} checkouts; each connect took {}.",
          with_thousands(f.connects), with_thousands(closes), with_thousands(f.checkouts),
          ms(f.connect_mean_ms)) +
          wait_text(f),
      keep_open_cure(f)};
}

Verdict connect_bound(const Figures& f) {
  constexpr double kMostly = 0.5;
  if (churns(f) || something_else_explains(f) || !connects_cost(f, kMostly)) return std::nullopt;
  if (wait_share(f) < kWaitShare && f.connect_per_request_ms < kWeight * f.mean_ms.total()) {
    return std::nullopt;
  }
  const bool each = connects_for_each(f);
  std::string evidence = fmt::format(
      "Requests spend {} of their latency getting a connection, mostly opening it: {} connections "
      "were opened ({} each).",
      percent(shown_wait_share(f)), with_thousands(f.connects), ms(f.connect_mean_ms));
  if (!each && f.closes == 0) {
    evidence += " None was closed: the pool was cold when the load started.";
  }
  std::string advice = "keep connections open in a pool instead of connecting for every request";
  if (!each) {
    advice = f.closes == 0 ? "open the connections before the load starts (" + keep_open_option(f) +
                                 "), or use a longer warm-up"
                           : keep_open_cure(f);
  }
  return Finding{"connect_bound", evidence, advice};
}

}  // namespace poolgauge::rules
