// The rules of the diagnosis, by file; each returns a finding or nullopt.
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
/// No connection was refused yet, but the pools may open more than the server has slots for.
Verdict budget_risk(const Figures& f);
/// Failures of classes that none of these findings explains.
std::uint64_t unexplained_failures(const Figures& f, const std::vector<Finding>& told);
/// More than a hundredth, or more than a goal allows, of classes that `told` does not explain.
Verdict failures(const Figures& f, const std::vector<Finding>& told);
Verdict failures_allowed(const Figures& f);

/// A pool whose release does not hand over: whoever runs may acquire before the waiter.
bool lets_others_overtake(const Figures& f);
/// Requests that never got a connection while others got one repeatedly: a pool that lets the
/// releasing thread acquire again.
bool starved_waiters(const Figures& f);

// diagnosis_sqlite.cc: one writer at a time, and the log.
Verdict read_upgrade(const Figures& f);
Verdict writer_bound(const Figures& f);
Verdict log_kept(const Figures& f);

// diagnosis_stalls.cc: requests that did not end.
Verdict no_completions(const Figures& f);
Verdict stuck_requests(const Figures& f);
/// If no request ended at all.
Verdict nothing_ended(const Figures& f);

// diagnosis_requests.cc: the load generator and the network.
Verdict client_bound(const Figures& f);
Verdict network_bound(const Figures& f);
/// Of one exchange with the server, in milliseconds, where the network takes so much of them that
/// it has a finding; else 0.
double on_the_way_ms(const Figures& f);
/// How much of the connection hold time that is, in a word.
std::string_view most_or_much(const Figures& f);

// diagnosis_calm.cc: nothing limits.
Verdict healthy(const Figures& f);
Verdict own_time(const Figures& f);
Verdict too_few_requests(const Figures& f);
/// For a simulation whose requests would wait for each other's locks: it has none, so no other
/// finding is reported.
Verdict locks_not_simulated(const Figures& f);

// diagnosis_server.cc: what the backends do.
Verdict cpu_bound(const Figures& f);
Verdict lock_bound(const Figures& f);
Verdict lwlock_bound(const Figures& f);
Verdict io_bound(const Figures& f);
Verdict commit_bound(const Figures& f);
/// For a server that is busy for none of these reasons.
Verdict database_bound(const Figures& f);

// diagnosis_pool.cc: pools and their connections.
Verdict pooler_bound(const Figures& f);
Verdict pool_bound(const Figures& f);
Verdict unfair_pool(const Figures& f);
/// Holds, while requests wait for the pool.
Verdict hold_bound(const Figures& f);
/// Holds, while no request waits yet.
Verdict hold_unwaited(const Figures& f);
Verdict over_provisioned(const Figures& f);

// diagnosis_connects.cc: opening connections.
Verdict slow_connects(const Figures& f);
Verdict connect_churn(const Figures& f);
Verdict connect_bound(const Figures& f);

// diagnosis_standstill.cc: times without progress.
Verdict client_standstill(const Figures& f);
Verdict standstill(const Figures& f);
/// Whether they took so much of the window that they are the main finding.
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
/// By how much a user's latency would fall without this part of the connection hold time: the part
/// itself and, where users queue for connections, its share of the queueing.
double weight(const Figures& f, double part_ms);
/// From this weight on a resource is named as the bottleneck.
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
/// Requests that got no connection: until the pool's timeout or their deadline.
std::uint64_t unserved_waiters(const Figures& f);
/// The limit that most of these reached, in milliseconds.
double unserved_limit_ms(const Figures& f);
/// Failures of this share of the requests are worth a finding, or any that a goal does not allow.
bool failures_matter(const Figures& f, std::uint64_t count);
bool pool_was_full(const Figures& f);
/// Whether users queue for connections in use, so long or so often that it matters.
bool queue_matters(const Figures& f);
/// Whether there are enough requests to say anything about a resource.
bool enough_requests(const Figures& f);
/// Of the exchanges in progress as the clients saw them, how many the server was not working on: on
/// the network, or in a pooler.
double away(const Figures& f);
/// "8.0 of 8.0 running statements waited: Lock:relation 7.5, ..."; empty where few waited.
std::string waits_text(const Figures& f);
/// The advice for the longest wait event of these types; of all types if none is given.
std::string cure_of_waits(const Figures& f, std::initializer_list<std::string_view> types);

// diagnosis_room.cc: advice that fits the deployment.
/// How to enlarge the pool, within the limits of users, server, and memory; empty: not advisable.
std::string larger_pool(const Figures& f);
/// The usual experiment; where the server lacks the slots to double the pool, one that is possible.
std::string possible_experiment(std::string_view usual, const Figures& f);

/// A wait below a tenth of the latency is not the bottleneck.
constexpr double kWaitShare = 0.10;

}  // namespace poolgauge::rules
