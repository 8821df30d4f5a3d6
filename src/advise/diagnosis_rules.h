// The rules of the diagnosis, in four files; each looks at the figures and speaks or keeps quiet.
#pragma once

#include <optional>
#include <string>

#include "advise/diagnosis.h"

namespace poolgauge::rules {

using Verdict = std::optional<Finding>;

// diagnosis_requests.cc and diagnosis_stalls.cc: the requests, the load generator and the budget.
Verdict failing(const Figures& f);
Verdict client_bound(const Figures& f);
Verdict no_completions(const Figures& f);
Verdict stuck_requests(const Figures& f);
Verdict budget_bound(const Figures& f);
Verdict network_bound(const Figures& f);
Verdict healthy(const Figures& f);

// diagnosis_server.cc: what the server's processes do.
Verdict cpu_bound(const Figures& f);
Verdict lock_bound(const Figures& f);
Verdict lwlock_bound(const Figures& f);
Verdict io_bound(const Figures& f);
Verdict commit_bound(const Figures& f);
/// For a server that is busy with none of the above.
Verdict database_bound(const Figures& f);

// diagnosis_pool.cc: pools and their connections.
Verdict pooler_bound(const Figures& f);
Verdict pool_bound(const Figures& f);
Verdict unfair_pool(const Figures& f);
Verdict connect_bound(const Figures& f);
Verdict hold_bound(const Figures& f);
Verdict over_provisioned(const Figures& f);

// diagnosis_standstill.cc: times in which nothing went on.
Verdict client_standstill(const Figures& f);
Verdict standstill(const Figures& f);
/// Whether they took so much of the window that they come first.
bool stood_still_long(const Figures& f);

// Figures that several rules need.
std::string ms(double value);
double share(double part, double whole);
/// Of the mean latency.
double wait_share(const Figures& f);
/// BEGIN, statements and COMMIT of a request.
double sql_ms(const Figures& f);
/// Of the time a connection is used.
double database_share(const Figures& f);
/// Statements running at a time: as the server saw it, else by Little's law from our own timing.
double statements_at_a_time(const Figures& f);
std::uint64_t count_of(const Figures& f, FailureClass which);
double timeout_fraction(const Figures& f);
bool pool_was_full(const Figures& f);

/// A wait below a tenth of the latency is not what to fix first.
constexpr double kWaitShare = 0.10;

}  // namespace poolgauge::rules
