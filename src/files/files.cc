// Whole files: written under a temporary name in the same directory, synced, then renamed.
#include "files/files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/quantities.h"
#include "base/visible_text.h"

namespace poolgauge::files {

namespace fs = std::filesystem;

namespace {

Error cannot(const std::string& what, const std::string& path, int error, std::string hint = {}) {
  return usage_error("cannot " + what + " " + path + ": " + std::strerror(error), std::move(hint));
}

int write_and_sync(int descriptor, std::string_view content) {
  int error = write_all(descriptor, content);
  if (error == 0 && ::fsync(descriptor) != 0) error = errno;
  if (::close(descriptor) != 0 && error == 0) error = errno;
  return error;
}

void sync_directory_of(const std::string& path) {
  const int descriptor = ::open(parent_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

/// A hidden name with our process id. Somebody in another container may have the same one.
std::string temporary_beside(const std::string& path, int attempt) {
  const fs::path final_path(path);
  const std::string name = "." + final_path.filename().string() + "." + std::to_string(::getpid()) +
                           "-" + std::to_string(attempt) + ".tmp";
  return (fs::path(parent_of(path)) / name).string();
}

/// An existing file keeps who may read it: it may have been closed to others for a reason.
void take_mode_of(const std::string& existing, int descriptor) {
  struct stat facts {};
  if (::stat(existing.c_str(), &facts) == 0 && S_ISREG(facts.st_mode)) {
    ::fchmod(descriptor, facts.st_mode & 07777U);
  }
}

/// A file that is a mount point of its own, as in a container, cannot be renamed over.
Status overwrite(const std::string& path, std::string_view content) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  if (descriptor < 0) return cannot("write", path, errno);
  const int error = write_and_sync(descriptor, content);
  if (error != 0) return cannot("write", path, error);
  return success();
}

/// The temporary file of `path`, open. -1 with errno set: none can be made.
int open_temporary(const std::string& path, std::string& temporary) {
  constexpr mode_t kMode = 0644;
  constexpr int kMostAttempts = 1000;
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  int descriptor = -1;
  for (int attempt = 0; descriptor < 0 && attempt < kMostAttempts; ++attempt) {
    temporary = temporary_beside(path, attempt);
    descriptor = ::open(temporary.c_str(), flags, kMode);
    if (descriptor < 0 && errno != EEXIST) break;
  }
  return descriptor;
}

}  // namespace

int write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {  // whoever gave us the descriptor does not wait
      pollfd writable{descriptor, POLLOUT, 0};
      ::poll(&writable, 1, -1);
      continue;
    }
    if (written < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

Status print_out(std::string_view rendered) {
  const std::string text = without_secrets(rendered);
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if ((written && std::fflush(stdout) == 0) || errno == EPIPE) return success();
  return usage_error("cannot write to standard output: " + std::string(std::strerror(errno)));
}

Result<std::string> read_file(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return cannot("read", path, EISDIR);
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return cannot("read", path, errno == 0 ? EIO : errno);
  std::ostringstream content;
  content << in.rdbuf();
  if (in.bad()) return cannot("read", path, EIO);
  return std::move(content).str();
}

Result<PendingFile> PendingFile::write(const std::string& final_path, std::string_view content) {
  std::string temporary;
  const int descriptor = open_temporary(final_path, temporary);
  if (descriptor < 0) return cannot("write", final_path, errno);
  take_mode_of(final_path, descriptor);
  const int error = write_and_sync(descriptor, content);
  PendingFile pending(temporary);
  if (error != 0) return cannot("write", final_path, error);
  return pending;
}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : temporary_(std::exchange(other.temporary_, std::string())) {}

PendingFile::~PendingFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

PendingFile::Publish PendingFile::publish_new(const std::string& path) {
  // A hard link fails when the name is taken, which rename does not; some file systems have none.
  if (::link(temporary_.c_str(), path.c_str()) == 0) {
    sync_directory_of(path);
    return Publish::done;
  }
  if (errno == EEXIST) return Publish::exists;
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(path, ignored))) return Publish::exists;
  return publish_over(path);
}

PendingFile::Publish PendingFile::publish_over(const std::string& path) {
  if (::rename(temporary_.c_str(), path.c_str()) != 0) return Publish::failed;
  temporary_.clear();
  sync_directory_of(path);
  return Publish::done;
}

Status write_output(const std::string& path, std::string_view rendered) {
  const std::string content = without_secrets(rendered);
  const Result<Destination> found = destination_of(path);
  if (!found.ok()) return found.error();
  const Destination& to = found.value();
  if (to.kind != Destination::Kind::whole_file) return write_into(to, content);
  Result<PendingFile> pending = PendingFile::write(to.path, content);
  if (!pending.ok()) return pending.error();
  if (pending.value().publish_over(to.path) == PendingFile::Publish::done) return success();
  if (errno == EBUSY) return overwrite(to.path, content);
  return cannot("write", path, errno);
}

Status check_new_output(const std::string& path) {
  if (path.empty()) return success();
  const Result<Destination> found = destination_of(path);
  if (!found.ok()) return found.error();
  if (found.value().kind != Destination::Kind::whole_file || !found.value().exists) {
    return success();
  }
  return usage_error(path + " already exists", "choose another file, or remove this one first");
}

Status write_new_output(const std::string& path, std::string_view rendered) {
  const std::string content = without_secrets(rendered);
  if (const Status free = check_new_output(path); !free.ok()) return free.error();
  const Result<Destination> found = destination_of(path);
  if (!found.ok()) return found.error();
  const Destination& to = found.value();
  if (to.kind != Destination::Kind::whole_file) return write_into(to, content);
  Result<PendingFile> pending = PendingFile::write(to.path, content);
  if (!pending.ok()) return pending.error();
  switch (pending.value().publish_new(to.path)) {
    case PendingFile::Publish::done: return success();
    case PendingFile::Publish::exists:
      return usage_error(path + " already exists", "choose another file");
    case PendingFile::Publish::failed: break;
  }
  return cannot("write", path, errno);
}

Status check_writable(const std::string& directory) {
  std::string hint = "choose another location with --out, --json, or --markdown";
  std::error_code ignored;
  if (!fs::exists(directory, ignored))
    hint = "create it first (mkdir -p " + directory + "), or " + hint;
  const std::string probe =
      (fs::path(directory) / (".poolgauge." + std::to_string(::getpid()) + ".tmp")).string();
  const int descriptor = ::open(probe.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) return cannot("write reports into", directory, errno, hint);
  ::close(descriptor);
  ::unlink(probe.c_str());
  return success();
}

Status make_directory(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    return usage_error("cannot create the report directory " + directory + ": " + error.message(),
                       "choose another directory with --out");
  }
  return success();
}

std::string parent_of(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace poolgauge::files
