// Families by name, in the order in which the patterns are tried; the first that fits decides.
#include "assess/sentences.h"

#include <array>
#include <string>

#include "base/letters.h"

namespace poolgauge {
namespace {

struct Pattern {
  std::string_view type;   // empty: any
  std::string_view start;  // of the name, in lower case
  WaitFamily family;
};

using enum WaitFamily;

// PostgreSQL 17 writes "WalSync" where 16 and before wrote "WALSync": only lower case is compared.
constexpr Pattern kPatterns[] = {
    {"activity", "", background},
    {"bufferpin", "", page},
    {"client", "walsender", background},
    {"client", "libpqwalreceiver", background},
    {"client", "", client},
    {"extension", "", extension},
    {"injectionpoint", "", extension},
    // Lock
    {"lock", "extend", extend_lock},
    {"lock", "tuple", row_lock},
    {"lock", "transactionid", row_lock},
    {"lock", "spectoken", row_lock},
    {"lock", "applytransaction", replication},
    {"lock", "userlock", advisory_lock},
    {"lock", "advisory", advisory_lock},
    {"lock", "", table_lock},
    // The write-ahead log
    {"ipc", "syncrep", log_flush},
    {"lwlock", "syncrep", log_flush},
    {"lwlock", "walwrite", log_flush},
    {"lwlock", "walinsert", log_insert},
    {"lwlock", "walbufmapping", log_insert},
    {"lwlock", "walsummarizer", background},
    {"io", "walsyncmethod", background},
    {"io", "walsync", log_flush},
    {"io", "walwrite", log_flush},
    {"io", "walinit", log_flush},
    {"io", "wal", background},
    // Timeout
    {"timeout", "pgsleep", sleep},
    {"timeout", "spindelay", spin},
    {"timeout", "registersync", checkpoint},
    {"timeout", "", background},
    // IO
    {"io", "buffile", temporary},
    {"io", "datafileread", data_read},
    {"io", "datafileprefetch", data_read},
    {"io", "aio", data_read},
    {"io", "slruread", data_read},
    {"io", "slru", data_write},
    {"io", "datafile", data_write},
    {"io", "copyf", data_write},
    {"io", "dsm", parallel},
    {"io", "relationmap", catalog},
    {"io", "twophasefile", log_flush},
    {"io", "reorder", replication},
    {"io", "replicationslot", replication},
    {"io", "snapbuild", replication},
    {"io", "logicalrewrite", replication},
    {"io", "", background},
    // IPC
    {"ipc", "bufferio", buffer_table},
    {"ipc", "procarraygroup", snapshots},
    {"ipc", "xactgroup", transactions},
    {"ipc", "clogroup", transactions},
    {"ipc", "multixactcreation", transactions},
    {"ipc", "safesnapshot", serializable},
    {"ipc", "checkpoint", checkpoint},
    {"ipc", "append", parallel},
    {"ipc", "bgworker", parallel},
    {"ipc", "btreepage", parallel},
    {"ipc", "executegather", parallel},
    {"ipc", "hash", parallel},
    {"ipc", "messagequeue", parallel},
    {"ipc", "parallel", parallel},
    {"ipc", "logical", replication},
    {"ipc", "replication", replication},
    {"ipc", "recoveryconflict", replication},
    {"ipc", "", background},
    // LWLock
    {"lwlock", "bufferio", buffer_table},
    {"lwlock", "buffermapping", buffer_table},
    {"lwlock", "buffercontent", page},
    {"lwlock", "lockmanager", lock_table},
    {"lwlock", "lockfastpath", lock_table},
    {"lwlock", "predicatelock", serializable},
    {"lwlock", "serial", serializable},
    {"lwlock", "perxactpredicate", serializable},
    {"lwlock", "procarray", snapshots},
    {"lwlock", "xidgen", snapshots},
    {"lwlock", "xact", transactions},
    {"lwlock", "subtrans", transactions},
    {"lwlock", "multixact", transactions},
    {"lwlock", "committs", transactions},
    {"lwlock", "twophasestate", transactions},
    {"lwlock", "notify", notify},
    {"lwlock", "checkpointercomm", checkpoint},
    {"lwlock", "parallel", parallel},
    {"lwlock", "persession", parallel},
    {"lwlock", "shared", parallel},
    {"lwlock", "dynamicsharedmemory", parallel},
    {"lwlock", "backgroundworker", parallel},
    {"lwlock", "syncscan", data_read},
    {"lwlock", "aio", data_read},
    {"lwlock", "pgstat", statistics},
    {"lwlock", "replication", replication},
    {"lwlock", "logicalrep", replication},
    {"lwlock", "sinval", catalog},
    {"lwlock", "relcacheinit", catalog},
    {"lwlock", "relationmapping", catalog},
    {"lwlock", "oidgen", catalog},
    {"lwlock", "shmemindex", catalog},
    {"lwlock", "dsmregistry", extension},
    {"lwlock", "addinshmem", extension},
    {"lwlock", "waiteventextension", extension},
    {"lwlock", "waiteventcustom", extension},
    {"lwlock", "injectionpoint", extension},
    {"lwlock", "extension", extension},
    {"lwlock", "pg_stat_statements", extension},
    {"lwlock", "controlfile", background},
    {"lwlock", "tablespacecreate", background},
    {"lwlock", "btreevacuum", background},
    {"lwlock", "autovacuum", background},
    {"lwlock", "autofile", background},
    {"lwlock", "wraplimits", background},
    // The tranches of other extensions have names of their own.
    {"lwlock", "", extension},
};

struct Cure {
  WaitFamily family;
  std::string_view text;
};

constexpr Cure kCures[] = {
    {log_flush,
     "put several changes into one transaction, use faster storage for the write-ahead log, or set "
     "synchronous_commit = off where losing the latest transactions is acceptable"},
    {log_insert,
     "write less WAL (fewer indexes, smaller rows, COPY instead of single inserts), and raise "
     "wal_buffers"},
    {row_lock,
     "shorten the transactions, and update hot rows last and in the same order; with a larger "
     "pool, more transactions would only wait for the same locks"},
    {table_lock,
     "find out what locks the table (pg_locks): run schema changes and LOCK TABLE with a short "
     "lock_timeout, outside peak load"},
    {extend_lock, "insert in larger batches (COPY), or spread the inserts over partitions"},
    {advisory_lock, "hold the advisory lock for a shorter time, or split it into several keys"},
    {page,
     "spread the writes: fewer updates of the same few rows, no index on an ever-growing "
     "key, a lower fillfactor"},
    {buffer_table, "raise shared_buffers, or add indexes so that statements read fewer pages"},
    {lock_table,
     "touch fewer tables, indexes, and partitions per statement, use prepared statements, and use "
     "fewer connections"},
    {snapshots, "use fewer connections (a smaller pool, or a pooler), and keep transactions short"},
    {transactions,
     "use fewer savepoints per transaction, avoid row locks shared by many transactions "
     "(foreign keys to one hot row), and end long transactions"},
    {serializable,
     "use a weaker isolation level where that is enough, and declare read-only transactions READ "
     "ONLY"},
    {notify, "send fewer NOTIFY messages per second: they serialize COMMIT"},
    {parallel,
     "lower max_parallel_workers_per_gather: with many connections, the CPUs are busy even without "
     "parallel queries"},
    {temporary,
     "raise work_mem for statements with large sorts or hashes, or add an index for them"},
    {data_read,
     "give the server more memory for its cache (shared_buffers), add indexes, or use "
     "faster disks"},
    {data_write,
     "use faster disks, and raise shared_buffers and max_wal_size so that pages are written "
     "less often"},
    {checkpoint, "raise max_wal_size and checkpoint_timeout so that checkpoints are less frequent"},
    {catalog,
     "create and drop fewer tables (temporary ones too) under load, and keep connections "
     "open so that their caches stay warm"},
    {replication, "check the standbys and replication slots: they slow this server down"},
    {statistics, "run fewer, larger statements, and set track_functions = none"},
    {sleep, "the statements sleep on purpose (pg_sleep)"},
    {spin, "use fewer connections than the CPUs can serve"},
    {extension, "check the extension named in the event"},
};

}  // namespace

WaitFamily wait_family(std::string_view event) {
  const std::string all = lower_case(event);
  const std::size_t colon = all.find(':');
  const std::string_view type = std::string_view(all).substr(0, colon);
  const std::string_view name =
      colon == std::string::npos ? std::string_view() : std::string_view(all).substr(colon + 1);
  for (const Pattern& pattern : kPatterns) {
    if (pattern.type == type && name.starts_with(pattern.start)) return pattern.family;
  }
  return background;
}

std::string_view cure_of(WaitFamily family) {
  for (const Cure& cure : kCures) {
    if (cure.family == family) return cure.text;
  }
  return "";
}

}  // namespace poolgauge
