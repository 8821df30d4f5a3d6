// The file that `observe --record` appends to, and `observe FILE` reads.
#pragma once

#include <cstdint>
#include <string>

#include "poolgauge/result.h"
#include "report/json/observe_record.h"

namespace poolgauge::files {

/// A file that only grows, by whole lines, each of which is on disk before the next is written.
class RecordFile {
 public:
  RecordFile() = default;
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;
  /// Removes a file in which there is nothing: another try may have its name.
  ~RecordFile();
  /// Creates it; one that is there already is an error (kind usage).
  Status create(const std::string& path);
  bool is_open() const { return descriptor_ >= 0; }
  /// Appends whole lines. What cannot be written whole is cut off again, and the file is closed:
  /// complaint() says why, and nothing more is written.
  void append(const std::string& lines);
  const std::string& complaint() const { return complaint_; }

 private:
  std::string path_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
  std::string complaint_;
};

/// What a file holds; the error names it.
Result<observe::Recording> read_record_file(const std::string& path);
/// Whether a file begins as a recording does.
bool is_record_file(const std::string& path);

}  // namespace poolgauge::files
