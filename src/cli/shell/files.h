// Reading whole files and writing whole files: never half of one.
#pragma once

#include <string>
#include <string_view>

#include "poolgauge/result.h"

namespace poolgauge::cli {

/// The content of a file; the error names it.
Result<std::string> read_file(const std::string& path);

/// A finished temporary file next to its destination. Removed again unless it was published.
class PendingFile {
 public:
  /// Writes `content` to disk, complete and synced, next to `final_path`.
  static Result<PendingFile> write(const std::string& final_path, std::string_view content);
  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile();

  enum class Publish { done, exists, failed };
  /// Gives it its name if no file has that name yet. `failed` leaves errno set.
  Publish publish_new(const std::string& path);
  /// Gives it its name, in place of what was there.
  Publish publish_over(const std::string& path);

 private:
  explicit PendingFile(std::string path) : temporary_(std::move(path)) {}
  std::string temporary_;  ///< empty once published by rename
};

/// Writes to where `path` leads, "-" being standard output: the one way to everything a user asks
/// for by name. A regular file is replaced as a whole (in the folder it is in: a link to it stays)
/// or created; devices, FIFOs, sockets and open descriptors (/dev/stdout) are written into.
Status write_output(const std::string& path, std::string_view content);
/// The same, but no file that is there already is replaced.
Status write_new_output(const std::string& path, std::string_view content);
/// Whether write_new_output would find a file there.
Status check_new_output(const std::string& path);

/// Writes all of it; 0, or the errno of what failed.
int write_all(int descriptor, std::string_view content);

/// Whether files can be created in `directory`: tries it. The error names directory and cure.
Status check_writable(const std::string& directory);
/// Creates the directory and its parents when missing.
Status make_directory(const std::string& directory);
/// The directory a path lies in: "." for a bare name.
std::string parent_of(const std::string& path);

}  // namespace poolgauge::cli
