// The rules of the diagnosis, by file; each looks at the figures and speaks or keeps quiet.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assess/diagnosis.h"

namespace poolgauge::rules {

using Verdict = std::optional<Finding>;

// diagnosis_failures.cc: requests that failed.
Verdict failing(const Figures& f);
Verdict pooler_refuses(const Figures& f);
/// The server, the role or the database refused connections.
Verdict budget_bound(const Figures& f);
/// Refused none yet, but the pools may open more than there is.
Verdict budget_risk(const Figures& f);
/// Failures of classes that no finding told explains.
std::uint64_t unexplained_failures(const Figures& f, const std::vector<Finding>& told);
/// More than a hundredth, or more than a goal allows, of classes that `told` does not explain.
Verdict failures(const Figures& f, const std::vector<Finding>& told);
Verdict failures_allowed(const Figures& f);

/// A pool whose release does not hand over: whoever runs may acquire before the waiter.
bool lets_others_overtake(const Figures& f);
/// Requests that never got a connection while others got one again and again: a pool that lets
/// whoever returns one take it again.
bool starved_waiters(const Figures& f);

// diagnosis_stalls.cc: requests that did not come to an end.
Verdict no_completions(const Figures& f);
Verdict stuck_requests(const Figures& f);
/// Where not one request ended.
Verdict nothing_ended(const Figures& f);

// diagnosis_requests.cc: the load generator and the way to the server.
Verdict client_bound(const Figures& f);
Verdict network_bound(const Figures& f);

// diagnosis_calm.cc: nothing binds.
Verdict healthy(const Figures& f);
Verdict own_time(const Figures& f);
Verdict too_few_requests(const Figures& f);
/// Of a simulation whose requests wait for each other's locks: it has none, so nothing else is
/// said of what binds.
Verdict locks_not_simulated(const Figures& f);

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
/// Holds that others wait for.
Verdict hold_bound(const Figures& f);
/// Holds that nobody waits for yet.
Verdict hold_unwaited(const Figures& f);
Verdict over_provisioned(const Figures& f);

// diagnosis_connects.cc: opening connections.
Verdict slow_connects(const Figures& f);
Verdict connect_churn(const Figures& f);
Verdict connect_bound(const Figures& f);

// diagnosis_standstill.cc: times in which nothing went on.
Verdict client_standstill(const Figures& f);
Verdict standstill(const Figures& f);
/// Whether they took so much of the window that they come first.
bool stood_still_long(const Figures& f);

// diagnosis_weight.cc: figures that several rules need.
std::string ms(double value);
double share(double part, double whole);
/// Of the mean latency, as the breakdown shows it.
double shown_wait_share(const Figures& f);
/// Of the mean latency, without the window's first second where more was seen than that.
double wait_share(const Figures& f);
/// Checkouts whose wait is worth naming, likewise.
double waited(const Figures& f);
/// How much of the latency of a user goes if a part of the time a connection is used goes: the part
/// itself and, where users queue for connections, its share of the queue.
double weight(const Figures& f, double part_ms);
/// From this weight on something is what to look at first.
constexpr double kWeight = 0.10;
/// BEGIN, statements and COMMIT of a request.
double sql_ms(const Figures& f);
/// Of the time a connection is used.
double database_share(const Figures& f);
double hold_share(const Figures& f);
/// Statements running at a time: as the server saw it, else by Little's law from our own timing.
double statements_at_a_time(const Figures& f);
double throughput_per_s(const Figures& f);
std::uint64_t count_of(const Figures& f, FailureClass which);
/// Requests whose deadline passed while they waited for a connection.
std::uint64_t expired_waiters(const Figures& f);
/// Requests that waited for a connection in vain: until the pool's limit or until their deadline.
std::uint64_t unserved_waiters(const Figures& f);
/// How long most of these waited at the most.
double unserved_limit_ms(const Figures& f);
/// Failures of this share of the requests are worth a finding, or any that a goal does not allow.
bool failures_matter(const Figures& f, std::uint64_t count);
bool pool_was_full(const Figures& f);
/// Users queue for connections that others use, so long or so often that it matters.
bool queue_matters(const Figures& f);
/// So few requests say nothing of a resource.
bool enough_requests(const Figures& f);
/// Of what the clients saw under way at a time, how many exchanges the server did not work on:
/// on their way, or in a pooler.
double away(const Figures& f);
/// "8.0 of 8.0 running statements waited: Lock:relation 7.5, ..."; empty where few waited.
std::string waits_text(const Figures& f);
/// The cure of the longest of the events of these families; of all when none is named.
std::string cure_of_waits(const Figures& f, std::initializer_list<std::string_view> types);

// diagnosis_room.cc: advice that fits the place.
/// How to make the pool larger, as far as users, server and memory allow; empty: it should not be.
std::string larger_pool(const Figures& f);

/// A wait below a tenth of the latency is not what to fix first.
constexpr double kWaitShare = 0.10;

}  // namespace poolgauge::rules
