// A file that several processes add to, one after the other.
#pragma once

#include <string>

#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge::cli {

/// Holds a file's lock (flock) until it goes. The file may be replaced by its holder meanwhile: who
/// waited then takes the lock of the new one. No lock file is left behind.
class LockedFile {
 public:
  /// Creates the file, empty, when there is none. Waits for other holders, a minute at most, and
  /// gives up when `stop` is requested.
  static Result<LockedFile> take(const std::string& path, const StopFlag& stop);
  LockedFile(LockedFile&& other) noexcept;
  LockedFile& operator=(LockedFile&&) = delete;
  ~LockedFile();

 private:
  explicit LockedFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;  ///< -1: moved away
};

}  // namespace poolgauge::cli
