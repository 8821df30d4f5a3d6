// Figures that several rules need: shares, and how much of a user's time something costs.
#include <fmt/format.h>

#include <algorithm>

#include "assess/diagnosis_rules.h"
#include "assess/sentences.h"
#include "base/text.h"

namespace poolgauge::rules {
namespace {

constexpr double kWaitedFraction = 0.05;
constexpr double kFailureFraction = 0.01;
constexpr std::uint64_t kFewestRequests = 20;

std::string_view type_of(std::string_view event) {
  return event.substr(0, event.find(':'));
}

}  // namespace

std::string ms(double value) {
  return human_duration(from_ms(value));
}

double share(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

double shown_wait_share(const Figures& f) {
  return share(f.mean_ms.pool_wait, f.mean_ms.total());
}

double wait_share(const Figures& f) {
  return shown_wait_share(f) * std::min(1.0, f.later_wait.value_or(1));
}

double waited(const Figures& f) {
  return f.later_waited_fraction.value_or(f.waited_fraction);
}

double weight(const Figures& f, double part_ms) {
  const double queue = pool_was_full(f) ? wait_share(f) * (1 - f.connect_in_wait) : 0;
  return share(part_ms, f.mean_ms.total()) +
         queue * std::min(1.0, share(part_ms, f.connection_time_mean_ms));
}

double sql_ms(const Figures& f) {
  return f.mean_ms.begin + f.mean_ms.sql + f.mean_ms.commit;
}

double database_share(const Figures& f) {
  return share(sql_ms(f), f.connection_time_mean_ms);
}

double hold_share(const Figures& f) {
  return std::min(1.0, share(f.mean_ms.hold, f.connection_time_mean_ms));
}

double throughput_per_s(const Figures& f) {
  return f.window_s > 0 ? static_cast<double>(f.requests.completed) / f.window_s : 0;
}

double statements_at_a_time(const Figures& f) {
  return f.server_seen ? f.server_active_mean : throughput_per_s(f) * sql_ms(f) / 1e3;
}

std::uint64_t count_of(const Figures& f, FailureClass which) {
  std::uint64_t sum = 0;
  for (const FailureCount& failure : f.failures) {
    if (failure.failure == which) sum += failure.count;
  }
  return sum;
}

std::uint64_t expired_waiters(const Figures& f) {
  std::uint64_t sum = 0;
  for (const FailureCount& failure : f.failures) sum += failure.waiting;
  return sum;
}

std::uint64_t unserved_waiters(const Figures& f) {
  return count_of(f, FailureClass::pool_timeout) + expired_waiters(f);
}

double unserved_limit_ms(const Figures& f) {
  const bool mostly_expired = expired_waiters(f) > count_of(f, FailureClass::pool_timeout);
  return (mostly_expired ? f.deadline_ms : f.pool_timeout_ms).value_or(0);
}

bool failures_matter(const Figures& f, std::uint64_t count) {
  const double part = share(static_cast<double>(count), static_cast<double>(f.requests.ended()));
  return count > 0 && (part >= kFailureFraction || f.goals.failures_missed);
}

bool pool_was_full(const Figures& f) {
  return f.capacity >= 0 && f.peak_checked_out >= f.capacity && f.peak_waiting > 0;
}

// A mean alone does not decide: where 95 of 100 wait for nothing, a few long waits of a start or a
// pause make a handsome share of it.
bool queue_matters(const Figures& f) {
  if (!pool_was_full(f)) return false;
  if (failures_matter(f, unserved_waiters(f))) return true;
  const bool rare_but_missed = f.goals.times_missed && wait_share(f) >= kWaitShare;
  // Where every goal is met, waits that are a small part of the latency bind nothing.
  const bool harmless = f.goals.all_met && wait_share(f) < kWaitShare;
  const bool often =
      (waited(f) >= kWaitedFraction && !harmless) || (rare_but_missed && waited(f) >= 0.01);
  constexpr double kMostlyConnecting = 0.5;
  return often && f.connect_in_wait < kMostlyConnecting;
}

bool enough_requests(const Figures& f) {
  return f.requests.ended() >= kFewestRequests;
}

double away(const Figures& f) {
  if (!f.server_seen) return 0;
  return std::max(0.0, f.exchanges_under_way - f.server_active_mean);
}

std::string waits_text(const Figures& f) {
  constexpr double kMany = 0.3;
  constexpr std::size_t kMost = 3;
  double waiting = 0;
  std::string events;
  std::size_t named = 0;
  for (const auto& [event, mean] : f.server_events) {
    if (!event.starts_with("Lock:") && !event.starts_with("LWLock:") && !event.starts_with("IO:")) {
      continue;
    }
    waiting += mean;
    if (++named <= kMost) {
      events += fmt::format("{}{} {}", events.empty() ? ": " : ", ", event, amount(mean));
    }
  }
  if (f.server_active_mean <= 0 || waiting < kMany * f.server_active_mean) return "";
  return fmt::format("On the server, {} of {} running statements waited{}.",
                     amount(std::min(waiting, f.server_active_mean)), amount(f.server_active_mean),
                     events);
}

std::string cure_of_waits(const Figures& f, std::initializer_list<std::string_view> types) {
  const std::pair<std::string, double>* longest = nullptr;
  for (const auto& event : f.server_events) {
    const bool asked = types.size() == 0 ||
                       std::find(types.begin(), types.end(), type_of(event.first)) != types.end();
    // The log has a rule of its own.
    if (!asked || wait_family(event.first) == WaitFamily::log_flush) continue;
    if (longest == nullptr || event.second > longest->second) longest = &event;
  }
  return longest != nullptr ? std::string(cure_of(wait_family(longest->first))) : "";
}

}  // namespace poolgauge::rules
