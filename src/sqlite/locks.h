// The locks of a SQLite database: who may read and write now, and who would wait in vain.
#pragma once

#include <cstdint>

namespace poolgauge::sqlite {

/// Pure: no time, no waiting. With a log (WAL), readers see the state of their first read, and one
/// connection writes. With a rollback journal, one connection writes as well, its commit needs to
/// be alone, and while it waits for that no reader begins.
class Locks {
 public:
  explicit Locks(bool log) : log_(log) {}

  /// What one connection has of it, until end().
  struct Part {
    bool reads = false, writes = false;
    std::uint64_t seen = 0;  ///< the version that it reads
  };
  enum class Answer : std::uint8_t {
    granted,
    wait,   ///< SQLITE_BUSY, after the busy timeout
    busy,   ///< SQLITE_BUSY at once: it reads, so waiting would not help
    stale,  ///< SQLITE_BUSY_SNAPSHOT at once: what it reads is no longer the latest
  };
  Answer read(Part& part);
  Answer write(Part& part);
  /// Before a commit; granted: nobody else is in its way until end().
  Answer commit(const Part& part);
  void end(Part& part, bool committed);

 private:
  const bool log_;
  const Part* writer_ = nullptr;
  bool closing_ = false;  // the writer waits for the readers: PENDING
  std::uint32_t readers_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace poolgauge::sqlite
