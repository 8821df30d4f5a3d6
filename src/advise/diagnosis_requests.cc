// Rules about the requests, the load generator and the budget; figures that several rules need.
#include <fmt/format.h>

#include <algorithm>

#include "advise/diagnosis_rules.h"
#include "advise/failure_advice.h"
#include "base/text.h"

namespace poolgauge::rules {

std::string ms(double value) {
  return human_duration(from_ms(value));
}

double share(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

double wait_share(const Figures& f) {
  return share(f.mean_ms.pool_wait, f.mean_ms.total());
}

double sql_ms(const Figures& f) {
  return f.mean_ms.begin + f.mean_ms.sql + f.mean_ms.commit;
}

double statements_at_a_time(const Figures& f) {
  if (f.server_seen) return f.server_active_mean;
  return f.window_s > 0 ? static_cast<double>(f.requests.completed) / f.window_s * sql_ms(f) / 1e3
                        : 0;
}

std::uint64_t count_of(const Figures& f, FailureClass which) {
  std::uint64_t sum = 0;
  for (const FailureCount& failure : f.failures) {
    if (failure.failure == which) sum += failure.count;
  }
  return sum;
}

double timeout_fraction(const Figures& f) {
  return share(static_cast<double>(count_of(f, FailureClass::pool_timeout)),
               static_cast<double>(f.requests.ended()));
}

bool pool_was_full(const Figures& f) {
  return f.capacity >= 0 && f.peak_checked_out >= f.capacity && f.peak_waiting > 0;
}

double database_share(const Figures& f) {
  return share(sql_ms(f), f.connection_time_mean_ms);
}

Verdict failing(const Figures& f) {
  if (f.requests.failed <= f.requests.completed) return std::nullopt;
  const FailureClass top = most_frequent_class(f.failures);
  const std::uint64_t of_class = count_of(f, top);
  std::string evidence =
      fmt::format("{} of {} requests failed, {} of them with {}: {}.",
                  with_thousands(f.requests.failed), with_thousands(f.requests.ended()),
                  of_class == f.requests.failed ? "all" : with_thousands(of_class), name_of(top),
                  meaning_of(top));
  const std::string example = example_of(f.failures, top);
  if (!example.empty()) evidence += " The first one said: " + example;
  return Finding{"failing", evidence, cure_of(f.failures, top)};
}

Verdict client_bound(const Figures& f) {
  if (!f.client_saturated) return std::nullopt;
  return Finding{"client_bound", fmt::format("It could not keep up: {}.", f.client_troubles),
                 "give the client more --threads or a machine of its own, or ask for less load"};
}

Verdict budget_bound(const Figures& f) {
  const std::uint64_t refused = count_of(f, FailureClass::too_many_connections);
  const bool too_large = f.server_slots > 0 && f.capacity > f.server_slots && !f.pooler_between;
  if (refused == 0 && !too_large) return std::nullopt;
  std::string evidence;
  if (refused > 0) {
    evidence =
        fmt::format("The server had no slot left for {} connections. ", with_thousands(refused));
  }
  if (f.server_slots > 0 && f.capacity >= 0) {
    evidence += fmt::format(
        "{} connections may be open at a time ({} {}); the server has {} slots "
        "for clients.",
        with_thousands(static_cast<std::uint64_t>(f.capacity)), f.processes,
        f.processes == 1 ? "process" : "processes", f.server_slots);
  }
  std::string advice = "smaller pools, fewer processes, a higher max_connections, or a pooler";
  if (f.server_slots > 0 && f.processes > 0) {
    advice += fmt::format("; at most {} per process fit", f.server_slots / f.processes);
  }
  return Finding{"budget_bound", evidence, advice};
}

Verdict network_bound(const Figures& f) {
  constexpr double kShare = 0.3;
  const double on_the_way = f.round_trip_ms.value_or(0) * f.exchanges_per_request;
  const double travelling = share(on_the_way, f.connection_time_mean_ms);
  const double sending = share(f.server_client_mean, f.server_active_mean);
  const bool slow_reader = f.server_seen && f.server_active_mean >= 0.5 && sending >= kShare;
  if (travelling < kShare && !slow_reader) return std::nullopt;
  std::string evidence;
  if (travelling >= kShare) {
    evidence = fmt::format(
        "{:.1f} exchanges per request at a round trip of {} take {} of the "
        "time a connection is used. ",
        f.exchanges_per_request, ms(*f.round_trip_ms), percent(travelling));
  }
  if (slow_reader) {
    evidence += fmt::format("{} of {} running statements waited for their client to read or send.",
                            amount(f.server_client_mean), amount(f.server_active_mean));
  }
  return Finding{"network_bound", evidence,
                 "fewer exchanges per request (one statement for several, a pipeline), or a client "
                 "nearer to the server"};
}

Verdict healthy(const Figures& f) {
  std::string evidence = f.capacity >= 0
                             ? fmt::format("At most {} of {} connections were checked out",
                                           with_thousands(f.peak_checked_out), f.capacity)
                             : fmt::format("At most {} connections were checked out",
                                           with_thousands(f.peak_checked_out));
  if (f.pool_wait_p95_ms) {
    evidence += fmt::format(", a request waited {} (p95) for one", ms(*f.pool_wait_p95_ms));
    if (f.connection_time_p95_ms) {
      evidence += fmt::format(" and used it for {} (p95)", ms(*f.connection_time_p95_ms));
    }
  }
  return Finding{"healthy", evidence + ".", ""};
}

}  // namespace poolgauge::rules
