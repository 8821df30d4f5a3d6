// Reading and writing whole files: where a path leads, never half of one, one process at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge::files {

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

/// Prints what a renderer made on standard output, without secrets. Writing to a pipe whose reader
/// has left is no error.
Status print_out(std::string_view rendered);

/// Writes all of it; 0, or the errno of what failed.
int write_all(int descriptor, std::string_view content);

/// Whether files can be created in `directory`: tries it. The error names directory and cure.
Status check_writable(const std::string& directory);
/// Creates the directory and its parents when missing.
Status make_directory(const std::string& directory);
/// The directory a path lies in: "." for a bare name.
std::string parent_of(const std::string& path);

// Where a path given for an output leads: a file to replace, or something to write into.

struct Destination {
  enum class Kind : std::uint8_t {
    whole_file,  ///< a regular file or a new name: written next to it, then renamed over it
    descriptor,  ///< open in this process: /dev/stdout, /dev/fd/N, a process substitution
    stream,      ///< a device, a FIFO, or what another process has open: opened and written into
    socket       ///< a Unix socket that somebody listens on
  };
  Kind kind = Kind::whole_file;
  std::string path;     ///< with the last component's symbolic links followed
  int descriptor = -1;  ///< of Kind::descriptor
  bool exists = false;  ///< of Kind::whole_file
};

/// Follows the links of `path` ("-": standard output), also one to a file that is not there yet.
/// The error names the path: a directory, a loop of links, a folder on the way that is missing or
/// closed.
Result<Destination> destination_of(const std::string& path);

/// Whether `path` means this process's standard output: "-", /dev/stdout, a link to it.
bool is_stdout(const std::string& path);

/// Whether it can be written to, as far as that is known beforehand; nothing is left behind.
Status check_destination(const Destination& destination);

/// Writes into a stream, descriptor, or socket. A reader that has left is no error; opening a FIFO
/// waits for a reader, five seconds at most.
Status write_into(const Destination& destination, std::string_view content);

// A file that several processes add to, one after the other.

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

}  // namespace poolgauge::files
