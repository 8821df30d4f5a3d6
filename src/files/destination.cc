// Following links by hand: what /proc offers as links are open files, and not to be replaced.
#include "files/files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/quantities.h"

namespace poolgauge::files {

namespace fs = std::filesystem;

namespace {

constexpr int kMostLinks = 40;  // as the kernel

Error cannot_write(const std::string& path, int error, std::string hint = {}) {
  return usage_error("cannot write " + path + ": " + std::strerror(error), std::move(hint));
}

/// An entry of /proc/PID/fd: whose, and which descriptor.
struct OpenFile {
  bool ours = false;
  int descriptor = -1;
};

std::optional<OpenFile> open_file_named(const std::string& path) {
  std::error_code error;
  const fs::path folder = fs::canonical(parent_of(path), error);
  const std::string number = fs::path(path).filename().string();
  const bool digits =
      !number.empty() && number.size() < 8 && number.find_first_not_of("0123456789") == number.npos;
  if (error || !digits || folder.filename() != "fd" || !folder.string().starts_with("/proc/")) {
    return std::nullopt;
  }
  const fs::path own = fs::canonical("/proc/self/fd", error);
  return OpenFile{!error && own == folder, std::atoi(number.c_str())};
}

/// Where the link leads, as seen from where this process is.
Result<std::string> target_of(const std::string& link) {
  std::error_code error;
  const fs::path target = fs::read_symlink(link, error);
  if (error) return cannot_write(link, error.value());
  return target.is_absolute() ? target.string() : (fs::path(parent_of(link)) / target).string();
}

Result<Destination> without_links(const std::string& path, const struct stat& facts) {
  using Kind = Destination::Kind;
  if (S_ISDIR(facts.st_mode)) return cannot_write(path, EISDIR, "give a file in that directory");
  if (S_ISREG(facts.st_mode)) return Destination{Kind::whole_file, path, -1, true};
  if (S_ISSOCK(facts.st_mode)) return Destination{Kind::socket, path, -1, true};
  return Destination{Kind::stream, path, -1, true};
}

/// A pause of a hundredth of a second.
void pause_briefly() {
  ::poll(nullptr, 0, 10);
}

/// Opening a FIFO for writing waits for its reader, deaf to signals and without an end: so it is
/// tried until there is one. -1 with errno set: it cannot be opened.
int open_stream(const std::string& path) {
  constexpr int kMostTries = 500;
  // O_TRUNC is for a regular file that another process has open; it means nothing to the others.
  constexpr int kFlags = O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_TRUNC;
  std::error_code ignored;
  const bool fifo = fs::is_fifo(path, ignored);
  int descriptor = ::open(path.c_str(), kFlags);
  for (int i = 0; fifo && descriptor < 0 && errno == ENXIO && i < kMostTries; ++i) {
    pause_briefly();
    descriptor = ::open(path.c_str(), kFlags);
  }
  if (descriptor < 0) return -1;
  const int flags = ::fcntl(descriptor, F_GETFL);
  ::fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
  return descriptor;
}

int connect_socket(const std::string& path) {
  sockaddr_un address{};
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  // The interface of sockets is made of casts.
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return descriptor;
  }
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return -1;
}

Status written(const std::string& path, int error) {
  if (error == 0 || error == EPIPE) return success();
  return cannot_write(path, error);
}

Status check_descriptor(const Destination& destination) {
  const int flags = ::fcntl(destination.descriptor, F_GETFL);
  if (flags < 0) return cannot_write(destination.path, errno);
  if ((flags & O_ACCMODE) != O_RDONLY) return success();
  return usage_error("cannot write " + destination.path + ": it is open only for reading");
}

}  // namespace

Result<Destination> destination_of(const std::string& path) {
  if (path == "-") return Destination{Destination::Kind::descriptor, path, STDOUT_FILENO, true};
  std::string at = path;
  for (int links = 0; links < kMostLinks; ++links) {
    if (const auto open = open_file_named(at)) {
      if (open->ours) return Destination{Destination::Kind::descriptor, at, open->descriptor, true};
      return Destination{Destination::Kind::stream, at, -1, true};
    }
    struct stat facts {};
    if (::lstat(at.c_str(), &facts) != 0) {
      if (errno != ENOENT) return cannot_write(path, errno);
      return Destination{Destination::Kind::whole_file, at, -1, false};
    }
    if (!S_ISLNK(facts.st_mode)) return without_links(at, facts);
    Result<std::string> target = target_of(at);
    if (!target.ok()) return target.error();
    at = std::move(target).value();
  }
  return cannot_write(path, ELOOP);
}

bool is_stdout(const std::string& path) {
  if (path.empty()) return false;
  const Result<Destination> destination = destination_of(path);
  return destination.ok() && destination.value().descriptor == STDOUT_FILENO;
}

Status check_destination(const Destination& destination) {
  switch (destination.kind) {
    case Destination::Kind::whole_file: return check_writable(parent_of(destination.path));
    case Destination::Kind::descriptor: return check_descriptor(destination);
    case Destination::Kind::stream:
    case Destination::Kind::socket:
      if (::access(destination.path.c_str(), W_OK) == 0) return success();
      return cannot_write(destination.path, errno);
  }
  return success();
}

Status write_into(const Destination& destination, std::string_view content) {
  if (destination.descriptor == STDOUT_FILENO) return print_out(content);  // after what is buffered
  if (destination.kind == Destination::Kind::descriptor) {
    return written(destination.path, write_all(destination.descriptor, content));
  }
  const bool socket = destination.kind == Destination::Kind::socket;
  const int descriptor = socket ? connect_socket(destination.path) : open_stream(destination.path);
  if (descriptor < 0) {
    return cannot_write(destination.path, errno,
                        errno == ENXIO ? "start the process that reads from it first" : "");
  }
  int error = write_all(descriptor, content);
  if (::close(descriptor) != 0 && error == 0) error = errno;
  return written(destination.path, error);
}

}  // namespace poolgauge::files
