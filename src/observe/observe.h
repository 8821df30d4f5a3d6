// From what was summed up to the answer.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "observe/tally.h"
#include "poolgauge/observe.h"

namespace poolgauge::observe {

/// What happened besides looking.
struct Circumstances {
  ObserveServer server;
  ObserveCost cost;
  ObserveQuestion question;
  bool interrupted = false;
  std::optional<std::int64_t> started_s;  ///< since 1970, UTC: tells the hour of the day
};

/// Pure: the same sums give the same answer.
Observed answer_of(const Tally& tally, const Circumstances& circumstances);

// Its parts.

/// Fills `recent` and `all_recent` of the groups' batches, whose ratio is a group's share of its
/// database's transactions: both are transactions per second times looks. `recent_s` is Tally's.
void share_transactions(std::vector<GroupTally>& groups, double recent_s);
/// Where a database counts clearly more transactions than begin and end on its sessions, takes the
/// latter for the batches' transactions. Returns the others per second, by database: tests of
/// connections, for which the server counts transactions that take no time.
std::map<std::string, double> leave_out_tests(std::vector<GroupTally>& groups, double recent_s);
/// Widens the intervals of rates and holds by what the looks and the database's counters leave
/// open: a figure that could be ten times another is omitted.
void doubt_shares(std::vector<ObservedGroup>& groups, const std::vector<GroupTally>& tallies);
/// Whether the group is the only one of its database, which then has all of its transactions.
bool is_alone(const std::vector<GroupTally>& groups, std::size_t number);
/// Makes the hold times unknown.
void forget_holds(ObservedGroup& group);
/// Everything about one group but its size.
ObservedGroup figures_of(const GroupTally& tally, const Circumstances& circumstances, bool alone,
                         double seconds);
/// Decides whether demand was cut off, and how many connections the group needs.
void size_group(ObservedGroup& group, const GroupTally& tally, const Circumstances& circumstances,
                double seconds);
/// What the size is for: in use in the busiest minute, plus its error and growth.
double demand_of(const ObservedGroup& group, double looks, double seconds, double growth);
/// The size for that demand in so many processes, and how many requests then wait.
ObserveSize size_for(const ObservedGroup& group, double demand, std::int64_t processes,
                     double wait_goal);
/// The fewest connections with which at most `wait_goal` of the requests wait: Erlang C for
/// `demand` connections in use on average; from a peakedness of 1.2 on by Hayward's rule.
std::int64_t connections_for(double demand, double peakedness, double wait_goal);
/// What share of the requests waits with so many.
double wait_probability(std::int64_t connections, double demand, double peakedness);
/// What wait_probability() computed for this group in so many processes: "Erlang C", or for bursty
/// load "Hayward's rule, peakedness 1.40".
std::string waiting_formula(const ObservedGroup& group, std::int64_t processes);
ObserveGuess guess_of(const ObservedGroup& group, const GroupTally& tally);
/// Whether each client of this application keeps a connection of its own, so that none ever waits
/// for one and no limit can be reached.
bool has_no_pool(const ObserveKey& key);
/// What makes figures doubtful, and what the window cannot show.
/// Whether the server's counters show less than half of what the looks found in use: sessions hand
/// in their counters with those of tables, so transactions that touch none stay uncounted.
bool misses_transactions(const ObservedDatabase& database, const Observed& observed);
std::vector<std::string> warnings_of(const Tally& tally, const Observed& observed);
std::vector<std::string> limits_of(const Observed& observed);
/// What was left out of a database's transactions: so many tests of connections per second.
std::string tests_words(const ObservedDatabase& database, double tests_per_s);
/// Of the first group, in the form of `size`; nothing where its rate is not known.
std::optional<Recommendation> recommendation_of(const Observed& observed);

/// "web (database shop, role app, from 10.0.0.7)".
std::string group_name(const ObserveKey& key);

}  // namespace poolgauge::observe
