// The queries of `observe`, and their rows as values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "poolgauge/observe.h"

namespace poolgauge {

/// A row of a reply; NULL is an empty text.
using ObserveRow = std::vector<std::string>;

/// What the server is: 11 columns, one row.
const char* observe_facts_sql();
inline constexpr std::size_t kObserveFacts = 11;
/// Names of databases and roles: kind ("d" or "r"), oid, name.
const char* observe_names_sql();
/// All sessions of clients but ours: 12 columns.
const char* observe_look_sql();
inline constexpr std::size_t kObserveLook = 12;
/// pg_stat_database: 7 columns. Before 14 there are no times.
const char* observe_counters_sql(bool has_times);
inline constexpr std::size_t kObserveCounters = 7;

/// Names by "d" or "r" followed by the oid.
using ObserveNames = std::map<std::string, std::string, std::less<>>;

/// Fills all but the version and the address. `started`: when the server was started, as it says.
struct ObserveIdentity {
  std::string started;
  std::int64_t pid = 0;
  bool may_see = false;
};
ObserveIdentity read_facts(const ObserveRow& row, ObserveServer& server);

/// False: a database or role that has no name here yet.
bool has_names(const ObserveRow& row, const ObserveNames& names);
ObserveKey key_of(const ObserveRow& row, const ObserveNames& names);
/// Nothing for a session that is only starting. The group is not set.
std::optional<ObserveSession> session_of(const ObserveRow& row);
/// How long the server had worked for the look when it came to this row, in seconds.
double cost_of(const ObserveRow& row);
std::optional<ObserveCounters> counters_of(const ObserveRow& row);

}  // namespace poolgauge
