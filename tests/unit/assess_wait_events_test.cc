// Every wait event of PostgreSQL 13 to 18 that a client's statement can show, by what helps.
#include <cctype>
#include <set>
#include <sstream>

#include "assess/sentences.h"
#include "diagnosis_figures.h"

namespace poolgauge {
namespace {

using namespace test;
using Family = WaitFamily;

struct Row {
  const char* type;
  Family family;
  const char* names;  // as in PostgreSQL's wait_event_names.txt; LWLocks as they are shown
};

// The list of versions 17 and 18, with the names that only earlier ones have.
const Row kEvents[] = {
    {"Client", Family::client, "CLIENT_READ CLIENT_WRITE GSS_OPEN_SERVER SSL_OPEN_SERVER"},
    {"Client", Family::background,
     "LIBPQWALRECEIVER_CONNECT LIBPQWALRECEIVER_RECEIVE WAL_SENDER_WAIT_FOR_WAL "
     "WAL_SENDER_WRITE_DATA"},
    {"Activity", Family::background,
     "ARCHIVER_MAIN AUTOVACUUM_MAIN BGWRITER_HIBERNATE BGWRITER_MAIN CHECKPOINTER_MAIN "
     "LOGICAL_APPLY_MAIN LOGICAL_LAUNCHER_MAIN LOGICAL_PARALLEL_APPLY_MAIN RECOVERY_WAL_STREAM "
     "REPLICATION_SLOTSYNC_MAIN SYSLOGGER_MAIN WAL_RECEIVER_MAIN WAL_SENDER_MAIN "
     "WAL_SUMMARIZER_WAL WAL_WRITER_MAIN PG_STAT_MAIN IO_WORKER_MAIN"},
    {"BufferPin", Family::page, "BUFFER_PIN"},
    {"Extension", Family::extension, "EXTENSION"},
    {"Lock", Family::row_lock, "tuple transactionid spectoken"},
    {"Lock", Family::table_lock, "relation frozenid page virtualxid object"},
    {"Lock", Family::extend_lock, "extend"},
    {"Lock", Family::advisory_lock, "userlock advisory"},
    {"Lock", Family::replication, "applytransaction"},
    {"IPC", Family::log_flush, "SYNC_REP"},
    {"IPC", Family::buffer_table, "BUFFER_IO"},
    {"IPC", Family::snapshots, "PROCARRAY_GROUP_UPDATE"},
    {"IPC", Family::transactions, "XACT_GROUP_UPDATE MULTIXACT_CREATION"},
    {"IPC", Family::serializable, "SAFE_SNAPSHOT"},
    {"IPC", Family::checkpoint,
     "CHECKPOINT_DELAY_COMPLETE CHECKPOINT_DELAY_START CHECKPOINT_DONE CHECKPOINT_START"},
    {"IPC", Family::parallel,
     "APPEND_READY BGWORKER_SHUTDOWN BGWORKER_STARTUP BTREE_PAGE EXECUTE_GATHER "
     "HASH_BATCH_ALLOCATE HASH_BATCH_ELECT HASH_BATCH_LOAD HASH_BUILD_ALLOCATE HASH_BUILD_ELECT "
     "HASH_BUILD_HASH_INNER HASH_BUILD_HASH_OUTER HASH_GROW_BATCHES_DECIDE "
     "HASH_GROW_BATCHES_ELECT HASH_GROW_BATCHES_FINISH HASH_GROW_BATCHES_REALLOCATE "
     "HASH_GROW_BATCHES_REPARTITION HASH_GROW_BUCKETS_ELECT HASH_GROW_BUCKETS_REALLOCATE "
     "HASH_GROW_BUCKETS_REINSERT MESSAGE_QUEUE_INTERNAL MESSAGE_QUEUE_PUT_MESSAGE "
     "MESSAGE_QUEUE_RECEIVE MESSAGE_QUEUE_SEND PARALLEL_BITMAP_SCAN PARALLEL_CREATE_INDEX_SCAN "
     "PARALLEL_FINISH"},
    {"IPC", Family::replication,
     "LOGICAL_APPLY_SEND_DATA LOGICAL_PARALLEL_APPLY_STATE_CHANGE LOGICAL_SYNC_DATA "
     "LOGICAL_SYNC_STATE_CHANGE RECOVERY_CONFLICT_SNAPSHOT RECOVERY_CONFLICT_TABLESPACE "
     "REPLICATION_ORIGIN_DROP REPLICATION_SLOT_DROP"},
    {"IPC", Family::background,
     "ARCHIVE_CLEANUP_COMMAND ARCHIVE_COMMAND BACKEND_TERMINATION BACKUP_WAIT_WAL_ARCHIVE "
     "PROC_SIGNAL_BARRIER PROMOTE RECOVERY_END_COMMAND RECOVERY_PAUSE RESTORE_COMMAND "
     "WAL_RECEIVER_EXIT WAL_RECEIVER_WAIT_START WAL_SUMMARY_READY"},
    {"Timeout", Family::sleep, "PG_SLEEP"},
    {"Timeout", Family::spin, "SPIN_DELAY"},
    {"Timeout", Family::checkpoint, "REGISTER_SYNC_REQUEST"},
    {"Timeout", Family::background,
     "BASE_BACKUP_THROTTLE CHECKPOINT_WRITE_DELAY RECOVERY_APPLY_DELAY "
     "RECOVERY_RETRIEVE_RETRY_INTERVAL VACUUM_DELAY VACUUM_TRUNCATE"},
    {"IO", Family::log_flush,
     "WAL_SYNC WAL_WRITE WAL_INIT_SYNC WAL_INIT_WRITE TWOPHASE_FILE_READ TWOPHASE_FILE_SYNC "
     "TWOPHASE_FILE_WRITE"},
    {"IO", Family::temporary, "BUFFILE_READ BUFFILE_WRITE BUFFILE_TRUNCATE"},
    {"IO", Family::data_read,
     "DATA_FILE_READ DATA_FILE_PREFETCH SLRU_READ AIO_IO_COMPLETION AIO_IO_URING_EXECUTION "
     "AIO_IO_URING_SUBMIT"},
    {"IO", Family::data_write,
     "DATA_FILE_EXTEND DATA_FILE_FLUSH DATA_FILE_IMMEDIATE_SYNC DATA_FILE_SYNC "
     "DATA_FILE_TRUNCATE DATA_FILE_WRITE SLRU_FLUSH_SYNC SLRU_SYNC SLRU_WRITE COPY_FILE_READ "
     "COPY_FILE_WRITE COPY_FILE_COPY"},
    {"IO", Family::parallel, "DSM_ALLOCATE DSM_FILL_ZERO_WRITE"},
    {"IO", Family::catalog,
     "RELATION_MAP_READ RELATION_MAP_REPLACE RELATION_MAP_WRITE "
     "RELATION_MAP_SYNC"},
    {"IO", Family::replication,
     "LOGICAL_REWRITE_CHECKPOINT_SYNC LOGICAL_REWRITE_MAPPING_SYNC LOGICAL_REWRITE_MAPPING_WRITE "
     "LOGICAL_REWRITE_SYNC LOGICAL_REWRITE_TRUNCATE LOGICAL_REWRITE_WRITE REORDER_BUFFER_READ "
     "REORDER_BUFFER_WRITE REORDER_LOGICAL_MAPPING_READ REPLICATION_SLOT_READ "
     "REPLICATION_SLOT_RESTORE_SYNC REPLICATION_SLOT_SYNC REPLICATION_SLOT_WRITE SNAPBUILD_READ "
     "SNAPBUILD_SYNC SNAPBUILD_WRITE"},
    {"IO", Family::background,
     "BASEBACKUP_READ BASEBACKUP_SYNC BASEBACKUP_WRITE CONTROL_FILE_READ CONTROL_FILE_SYNC "
     "CONTROL_FILE_SYNC_UPDATE CONTROL_FILE_WRITE CONTROL_FILE_WRITE_UPDATE "
     "LOCK_FILE_ADDTODATADIR_READ LOCK_FILE_ADDTODATADIR_SYNC LOCK_FILE_ADDTODATADIR_WRITE "
     "LOCK_FILE_CREATE_READ LOCK_FILE_CREATE_SYNC LOCK_FILE_CREATE_WRITE "
     "LOCK_FILE_RECHECKDATADIR_READ TIMELINE_HISTORY_FILE_SYNC TIMELINE_HISTORY_FILE_WRITE "
     "TIMELINE_HISTORY_READ TIMELINE_HISTORY_SYNC TIMELINE_HISTORY_WRITE VERSION_FILE_SYNC "
     "VERSION_FILE_WRITE WALSENDER_TIMELINE_HISTORY_READ WAL_BOOTSTRAP_SYNC WAL_BOOTSTRAP_WRITE "
     "WAL_COPY_READ WAL_COPY_SYNC WAL_COPY_WRITE WAL_READ WAL_SUMMARY_READ WAL_SUMMARY_WRITE "
     "WAL_SYNC_METHOD_ASSIGN"},
    {"LWLock", Family::log_flush, "WALWrite SyncRep"},
    {"LWLock", Family::log_insert, "WALInsert WALBufMapping"},
    {"LWLock", Family::page, "BufferContent"},
    {"LWLock", Family::buffer_table, "BufferMapping BufferIO"},
    {"LWLock", Family::lock_table, "LockManager LockFastPath"},
    {"LWLock", Family::snapshots, "ProcArray XidGen"},
    {"LWLock", Family::transactions,
     "XactSLRU XactBuffer XactTruncation SubtransSLRU SubtransBuffer MultiXactGen "
     "MultiXactOffsetSLRU MultiXactOffsetBuffer MultiXactMemberSLRU MultiXactMemberBuffer "
     "MultiXactTruncation CommitTsSLRU CommitTsBuffer CommitTs TwoPhaseState"},
    {"LWLock", Family::serializable,
     "SerializableXactHash SerializableFinishedList SerializablePredicateList SerialSLRU "
     "SerialBuffer SerialControl PredicateLockManager PerXactPredicateList"},
    {"LWLock", Family::notify, "NotifySLRU NotifyBuffer NotifyQueue NotifyQueueTail"},
    {"LWLock", Family::checkpoint, "CheckpointerComm"},
    {"LWLock", Family::parallel,
     "ParallelHashJoin ParallelQueryDSA ParallelAppend ParallelBtreeScan PerSessionDSA "
     "PerSessionRecordType PerSessionRecordTypmod SharedTupleStore SharedTidBitmap "
     "DynamicSharedMemoryControl BackgroundWorker"},
    {"LWLock", Family::data_read, "SyncScan AioWorkerSubmissionQueue AioUringCompletion"},
    {"LWLock", Family::statistics, "PgStatsDSA PgStatsHash PgStatsData"},
    {"LWLock", Family::replication,
     "ReplicationSlotAllocation ReplicationSlotControl ReplicationSlotIO ReplicationOrigin "
     "ReplicationOriginState LogicalRepWorker LogicalRepLauncherDSA LogicalRepLauncherHash"},
    {"LWLock", Family::catalog,
     "SInvalRead SInvalWrite RelCacheInit RelationMapping OidGen ShmemIndex"},
    {"LWLock", Family::extension,
     "AddinShmemInit WaitEventExtension WaitEventCustom DSMRegistry DSMRegistryDSA "
     "DSMRegistryHash InjectionPoint pg_stat_statements"},
    {"LWLock", Family::background,
     "ControlFile TablespaceCreate BtreeVacuum Autovacuum AutovacuumSchedule AutoFile "
     "WrapLimitsVacuum WALSummarizer"},
};

/// "DATA_FILE_READ" -> "DataFileRead", as the server shows it; others stay as they are.
std::string shown(const std::string& name) {
  const bool constant = name.find_first_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos;
  if (!constant) return name;
  std::string text;
  bool first = true;
  for (const char c : name) {
    if (c == '_') {
      first = true;
      continue;
    }
    text += first ? c : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    first = false;
  }
  return text;
}

TEST_CASE("every wait event of PostgreSQL's own list has its family") {
  std::size_t count = 0;
  std::set<Family> families;
  for (const Row& row : kEvents) {
    std::istringstream names(row.names);
    for (std::string name; names >> name; ++count) {
      const std::string event = std::string(row.type) + ":" + shown(name);
      INFO(event);
      CHECK(wait_family(event) == row.family);
      families.insert(row.family);
    }
  }
  CHECK(count > 240);
  CHECK(families.size() == static_cast<std::size_t>(Family::extension) + 1);
}

TEST_CASE("the log's events are the same in the spelling of 16 and before") {
  for (const char* event : {"IO:WALSync", "IO:WalSync", "IO:WALWrite", "LWLock:WALWrite"}) {
    CHECK(wait_family(event) == Family::log_flush);
  }
  CHECK(wait_family("LWLock:SomebodysTranche") == Family::extension);
  CHECK(wait_family("Nonsense") == Family::background);
}

TEST_CASE("every family that a statement can wait for says what helps") {
  for (int i = 0; i <= static_cast<int>(Family::extension); ++i) {
    const auto family = static_cast<Family>(i);
    const bool nothing = family == Family::background || family == Family::client;
    INFO(i);
    CHECK(cure_of(family).empty() == nothing);
  }
  CHECK(has(std::string(cure_of(Family::lock_table)), "partitions"));
  CHECK_FALSE(has(std::string(cure_of(Family::log_flush)), "partitions"));
}

TEST_CASE("the cure fits the event that is waited for most") {
  Figures f = busy_database();
  f.server_lwlock_mean = 3;
  f.server_events = {{"LWLock:BufferContent", 2.5}, {"LWLock:LockManager", 0.5}};
  CHECK(found(f, "lwlock_bound").advice == cure_of(Family::page));
  f.server_events = {{"LWLock:LockManager", 2.5}, {"LWLock:BufferContent", 0.5}};
  CHECK(found(f, "lwlock_bound").advice == cure_of(Family::lock_table));
  f.server_events = {{"LWLock:WALWrite", 3.0}};
  CHECK(names(f) == Names{"commit_bound"});
  CHECK(has(found(f, "commit_bound").evidence, "3.0 of 7.8 running statements (38.5 %)"));
  CHECK_FALSE(has(found(f, "commit_bound").evidence, "0 %"));
  Figures locks = busy_database();
  locks.server_lock_mean = 4;
  locks.server_events = {{"Lock:advisory", 3.5}, {"Lock:tuple", 0.5}};
  CHECK(found(locks, "lock_bound").advice == cure_of(Family::advisory_lock));
  Figures storage = busy_database();
  storage.server_io_mean = 4;
  storage.server_events = {{"IO:BufFileWrite", 3.5}, {"IO:DataFileRead", 0.5}};
  CHECK(found(storage, "io_bound").advice == cure_of(Family::temporary));
}

}  // namespace
}  // namespace poolgauge
