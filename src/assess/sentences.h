// Findings about a run in words: failures, wait events, stalls, and what a simulation cannot show.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "assess/diagnosis.h"
#include "poolgauge/measurement.h"
#include "poolgauge/outcome.h"
#include "poolgauge/report.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// "no connection became free within the pool's timeout"
std::string meaning_of(FailureClass failure);
/// What to change, without a full stop.
std::string cure_of(FailureClass failure);

/// The same where the messages tell more than the class: prepared statements that exist already
/// (42P05) or not at all (26000).
std::string cure_of(std::span<const FailureCount> failures, FailureClass failure);

/// The class with the largest count over all phases; the first listed when equal; none when empty.
FailureClass most_frequent_class(std::span<const FailureCount> failures);
/// The first message seen of a class; empty when none was kept.
std::string example_of(std::span<const FailureCount> failures, FailureClass failure);

// PostgreSQL's wait events: what a statement that waits for one of them waits for.

/// What the wait events of pg_stat_activity have in common, as far as their cures do.
enum class WaitFamily : std::uint8_t {
  log_flush,    ///< the write-ahead log reaching the disk or a standby: COMMIT waits for it
  log_insert,   ///< room in the write-ahead log's buffers
  row_lock,     ///< another transaction's row
  table_lock,   ///< a lock on a table, a page or another object
  extend_lock,  ///< making a table longer
  advisory_lock,
  page,          ///< a page in shared memory that another statement uses
  buffer_table,  ///< finding or loading a page in shared memory
  lock_table,    ///< the list of all locks
  snapshots,     ///< the list of running transactions
  transactions,  ///< the states of transactions: commits, savepoints, row locks that are shared
  serializable,
  notify,
  parallel,   ///< the other processes of a parallel query
  temporary,  ///< temporary files
  data_read,
  data_write,
  checkpoint,
  catalog,  ///< the system catalogs and their caches
  replication,
  statistics,
  client,      ///< the client: to send or to read
  sleep,       ///< what the statement asked for: pg_sleep
  spin,        ///< spinning on a lock
  background,  ///< only the server's own processes, or maintenance commands
  extension,
};

/// Of an event as reports name it, "LWLock:WALWrite": its type and its name, of PostgreSQL 13 to
/// 18, upper or lower case. A name that is unknown is told by its type.
WaitFamily wait_family(std::string_view event);
/// What to do about such waits, as an instruction without a full stop; empty for `background`.
std::string_view cure_of(WaitFamily family);

// Which goals a simulation can judge if the cost of its statements is only assumed.

/// Why a goal cannot be judged with assumed costs, and how to give the costs; empty: holds and
/// pools decide it. Goals on latency, response, connect, hold time, SQL steps, and throughput
/// never can; pool waits and rates can where every request holds its connection for far longer
/// than its statements are likely to take.
std::string undecided_by_holds(const Scenario& scenario, const Goal& goal);

/// The same for the result of a simulation, which also judges nothing that depends on locks: empty
/// where its costs are known, and where refused connects alone miss a goal on a rate, which no cost
/// and no lock changes.
std::string not_judged_because(const Scenario& scenario, const Measurement& measured,
                               const Goal& goal);

/// Adds the cure to such a reason.
std::string how_to_give_costs();

// Scenarios whose requests wait for each other's row locks, which the simulator does not have.

/// The steps that lock the same rows each time they run, for the text "step \"count.update\"" or
/// "steps ... and ..."; empty: there is none, or never more than one request at a time. A statement
/// is taken to do so when it changes or locks rows and no value in it varies.
std::string steps_on_same_rows(const Scenario& scenario);

/// What a simulation of them reports instead of an answer.
std::string no_locks_words(const std::string& steps);

/// The same in a few words.
std::string no_locks_label();

// Seconds without a completion, put into words.

/// "no request completed from 1.0 s to 8.0 s (the end)"; of several the first three, and how many
/// more; empty without any. `window`: its length.
std::string stalls_text(const std::vector<Stall>& stalls, Duration window);

/// Where nothing was completed for half of the window or more: why its figures say little of the
/// deployment. Else empty.
std::string mostly_stalled(const std::vector<Stall>& stalls, Duration window);

// The times of a saved run in which nothing was served.

/// The stalls, standstills and outages of a report as one list: unserved() of stats/stalls.h.
std::vector<Stall> unserved(const Report& report);

// A goal's text, taken apart.

/// What a goal is about, without its limit: "p95(latency) < 300ms for request browse" becomes
/// "p95(latency) for request browse". A text without a limit comes back as it is.
std::string goal_subject(std::string_view goal);

// How each kind of pool is told to keep its connections open, in its own option names.

/// What to set so that a pool of this kind and size no longer closes connections that it opens
/// again: an instruction without a full stop. The total of connections stays the same.
std::string keep_open_cure(const Figures& figures);
/// The option that makes the pool keep that many: "min_size 10".
std::string keep_open_option(const Figures& figures);

}  // namespace poolgauge
