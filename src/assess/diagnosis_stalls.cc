// Rules about requests that did not come to an end.
#include <fmt/format.h>

#include <algorithm>

#include "assess/diagnosis_rules.h"
#include "assess/sentences.h"
#include "base/text.h"
#include "stats/over_time.h"

namespace poolgauge::rules {

namespace {

/// "request \"slow\"", of several the one with the most.
std::string mostly_of(const InFlightSummary& in_flight) {
  const auto most =
      std::max_element(in_flight.requests.begin(), in_flight.requests.end(),
                       [](const auto& a, const auto& b) { return a.ages.count < b.ages.count; });
  if (most == in_flight.requests.end()) return "";
  const std::string all = with_thousands(in_flight.ages.count);
  const std::string some = most->ages.count == in_flight.ages.count
                               ? "All " + all
                               : fmt::format("{} of the {}", with_thousands(most->ages.count), all);
  return fmt::format(" {} requests in flight were of type \"{}\".", some, most->request);
}

}  // namespace

Verdict no_completions(const Figures& f) {
  if (f.stalls.empty()) return std::nullopt;
  std::string evidence = stalls_text(f.stalls, from_s(f.window_s)) + ".";
  evidence[0] = 'N';
  const Stall& longest =
      *std::max_element(f.stalls.begin(), f.stalls.end(),
                        [](const Stall& a, const Stall& b) { return a.length() < b.length(); });
  evidence +=
      fmt::format(" At the end of it, {} requests held a connection or were waiting for one.",
                  with_thousands(longest.in_flight));
  return Finding{"no_completions", evidence,
                 "find what blocked them: a lock (pg_locks, log_lock_waits), or a server that was "
                 "stopped or starved (check its log and its machine)"};
}

// A window that was locked as a whole has no completion from which a stall could be told.
Verdict nothing_ended(const Figures& f) {
  if (f.requests.ended() > 0 || f.requests.in_flight == 0) return std::nullopt;
  std::string evidence =
      fmt::format("No request finished in the {} measured; {} {} in flight at the end",
                  human_duration(from_s(f.window_s)), with_thousands(f.requests.in_flight),
                  f.requests.in_flight == 1 ? "was" : "were");
  if (f.in_flight.ages.max)
    evidence += fmt::format(", the oldest for {}", ms(*f.in_flight.ages.max));
  evidence += "." + mostly_of(f.in_flight);
  if (f.peak_checked_out > 0 && f.capacity >= 0) {
    evidence +=
        fmt::format(" {} of {} connections were in use, and {} requests were waiting for one.",
                    with_thousands(f.peak_checked_out), f.capacity, with_thousands(f.peak_waiting));
  }
  std::string advice = cure_of_waits(f, {"Lock", "LWLock", "IO"});
  if (const std::string waits = waits_text(f); !waits.empty()) {
    evidence += " " + waits;
  } else {
    advice.clear();
  }
  if (advice.empty()) {
    advice =
        "find what they wait for: a lock (pg_locks, log_lock_waits), a server or pooler that does "
        "not respond, or a step that takes longer than the measurement";
  }
  Finding finding{"no_completions", evidence, advice};
  finding.headline = "No request finished during the measurement.";
  return finding;
}

bool starved_waiters(const Figures& f) {
  constexpr double kTimes = 2;
  const std::uint64_t stuck = f.in_flight.older_than_completed;
  const std::uint64_t expired = expired_waiters(f);
  if (!lets_others_overtake(f) || !pool_was_full(f) || !f.stalls.empty() || !f.latency_max_ms) {
    return false;
  }
  const double apart = kTimes * *f.latency_max_ms;
  const bool waits_on =
      stuck > 0 && stuck <= f.peak_waiting && f.in_flight.ages.max.value_or(0) >= apart;
  // A deadline ends the wait that would have gone on.
  return waits_on || (failures_matter(f, expired) && f.deadline_ms.value_or(0) >= apart);
}

Verdict stuck_requests(const Figures& f) {
  if (starved_waiters(f)) return std::nullopt;  // the pool's doing
  constexpr double kShare = 0.01;
  constexpr double kTimes = 2;
  const InFlightSummary& in_flight = f.in_flight;
  const double all = static_cast<double>(f.requests.completed + f.requests.in_flight);
  const double stuck = static_cast<double>(in_flight.older_than_completed);
  const double oldest_ms = in_flight.ages.max.value_or(0);
  const bool many = stuck > 0 && stuck >= kShare * all;
  const bool ends_in_stall = !f.stalls.empty() && f.stalls.back().to_the_end;
  if (!many || ends_in_stall || !f.latency_max_ms || oldest_ms < kTimes * *f.latency_max_ms) {
    return std::nullopt;
  }
  const std::string evidence = fmt::format(
      "{} of {} requests were still in flight at the end and had already taken longer than the "
      "slowest completed one ({}): up to {}.{}",
      with_thousands(in_flight.older_than_completed),
      with_thousands(f.requests.completed + f.requests.in_flight), ms(*f.latency_max_ms),
      ms(oldest_ms), mostly_of(in_flight));
  return Finding{"stuck_requests", evidence,
                 "find what they wait for, and set a \"deadline\" for requests or a "
                 "statement_timeout for statements"};
}

}  // namespace poolgauge::rules
