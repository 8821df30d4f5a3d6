// The checks, and the queries that they read.
#pragma once

#include <array>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/doctor.h"

namespace poolgauge::doctor {

/// The oldest version that is supported: older ones are refused.
constexpr int kOldestMajor = 13;

/// All queries of groups A to G, in the order in which they are run.
std::span<const DoctorQuery> queries();
/// Of any group. nullptr: there is none of this id.
const DoctorQuery* find_query(std::string_view id);
/// The ids of all queries that a check reads, also those of other versions' servers.
std::vector<std::string_view> queries_of(std::string_view check);
/// How a check looks where no query does; empty: its queries say all.
std::string_view asks_otherwise(std::string_view check);

/// The groups, in order.
std::span<const DoctorGroup> groups();

/// What a check reads; a finding that starts as "ok" and is changed by whoever judges it.
struct Case {
  const DoctorFacts& facts;
  const DoctorPlan& plan;
  DoctorFinding& finding;
};

/// The result of a check in addition to its finding's level.
enum class Applies : std::uint8_t { yes, no };
using Judge = Applies (*)(const Case&);

struct Check {
  std::string_view id;
  std::string_view title;
  /// Queries without which there is nothing to judge; empty places behind them.
  std::array<std::string_view, 3> needs;
  bool of_others = false;  ///< about other users' sessions: needs pg_read_all_stats
  Judge judge = nullptr;
  std::string_view source, why;

  std::span<const std::string_view> needed() const {
    std::size_t count = 0;
    while (count < needs.size() && !needs[count].empty()) ++count;
    return {needs.data(), count};
  }
};

std::span<const Check> checks();
/// What a check reads beyond its `needs`, where the server has it: (check, query).
std::span<const std::pair<std::string_view, std::string_view>> also_read();

/// Which checks are wanted: ids ("B1") or groups ("B"). Empty `only`: all.
struct Selection {
  std::vector<std::string> only, skip;
  bool has(std::string_view id) const;
};
/// The names of `words` that no check and no group has.
std::vector<std::string> unknown_names(const std::vector<std::string>& words);

/// Queries that the selected checks read; those that tell what we may see are always among them.
std::set<std::string, std::less<>> queries_for(const Selection& selection);

/// Judges everything that was read; nothing is read here.
Diagnosed judge(const DoctorFacts& facts, const DoctorPlan& plan, const Selection& selection);

// The parts of the list of queries.

std::span<const DoctorQuery> server_queries();    ///< A to C, F, G: what the server is
std::span<const DoctorQuery> activity_queries();  ///< D, E: what happens there
std::span<const DoctorQuery> scenario_queries();  ///< I: not among queries(), see with_name()

/// A query of group I for this name, which is a quoted literal.
std::string with_name(std::string_view sql, std::string_view literal);

}  // namespace poolgauge::doctor
