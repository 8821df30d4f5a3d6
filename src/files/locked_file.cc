// flock on the file itself; whoever got the lock of a file that was replaced begins anew.
#include "files/files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/quantities.h"

namespace poolgauge::files {

namespace {

constexpr int kPauseMs = 10;
constexpr int kMostPauses = 6000;  // a minute

Error cannot_lock(const std::string& path, const std::string& why, std::string hint = {}) {
  return usage_error("cannot lock " + path + ": " + why, std::move(hint));
}

int open_existing_or_new(const std::string& path) {
  constexpr mode_t kMode = 0644;
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
  if (descriptor >= 0 || errno != EACCES) return descriptor;
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC);  // the folder is writable, the file is not
}

/// Whether `descriptor` is what `path` names now.
bool is_current(int descriptor, const std::string& path) {
  struct stat ours {};
  struct stat named {};
  return ::fstat(descriptor, &ours) == 0 && ::stat(path.c_str(), &named) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

}  // namespace

Result<LockedFile> LockedFile::take(const std::string& path, const StopFlag& stop) {
  for (int pauses = 0; pauses < kMostPauses; ++pauses) {
    const int descriptor = open_existing_or_new(path);
    if (descriptor < 0) return cannot_lock(path, std::strerror(errno));
    LockedFile file(descriptor);
    while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno != EWOULDBLOCK) return cannot_lock(path, std::strerror(errno));
      if (stop.requested()) {
        return Error{ErrorKind::interrupted,
                     "interrupted while waiting for another process to unlock " + path, ""};
      }
      if (++pauses >= kMostPauses) break;
      ::poll(nullptr, 0, kPauseMs);
    }
    if (pauses < kMostPauses && is_current(descriptor, path)) return file;
  }
  return cannot_lock(path, "another process has kept it locked for a minute",
                     "stop that process, or append to another file");
}

LockedFile::LockedFile(LockedFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

LockedFile::~LockedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace poolgauge::files
