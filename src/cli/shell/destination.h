// Where a path given for an output leads: a file to replace, or something to write into.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "poolgauge/result.h"

namespace poolgauge::cli {

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

}  // namespace poolgauge::cli
