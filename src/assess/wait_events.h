// PostgreSQL's wait events: what a statement that waits for one of them waits for.
#pragma once

#include <cstdint>
#include <string_view>

namespace poolgauge {

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

}  // namespace poolgauge
