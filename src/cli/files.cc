// Whole files: written under a temporary name in the same directory, synced, then renamed.
#include "cli/files.h"

#include <fcntl.h>
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

#include "cli/messages.h"

namespace poolgauge::cli {

namespace fs = std::filesystem;

namespace {

Error cannot(const std::string& what, const std::string& path, int error, std::string hint = {}) {
  return usage_error("cannot " + what + " " + path + ": " + std::strerror(error), std::move(hint));
}

/// 0, or the errno of what failed.
int write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
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

bool is_device_or_pipe(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode);
}

Status write_directly(const std::string& path, std::string_view content) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return cannot("write", path, errno);
  int error = write_all(descriptor, content);
  if (::close(descriptor) != 0 && error == 0) error = errno;
  if (error != 0) return cannot("write", path, error);
  return success();
}

}  // namespace

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
  constexpr mode_t kMode = 0644;
  constexpr int kMostAttempts = 1000;
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  std::string temporary;
  int descriptor = -1;
  for (int attempt = 0; descriptor < 0 && attempt < kMostAttempts; ++attempt) {
    temporary = temporary_beside(final_path, attempt);
    descriptor = ::open(temporary.c_str(), flags, kMode);
    if (descriptor < 0 && errno != EEXIST) break;
  }
  if (descriptor < 0) return cannot("write", final_path, errno);
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

Status write_whole_file(const std::string& path, std::string_view content) {
  if (is_device_or_pipe(path)) return write_directly(path, content);
  Result<PendingFile> pending = PendingFile::write(path, content);
  if (!pending.ok()) return pending.error();
  if (pending.value().publish_over(path) != PendingFile::Publish::done) {
    return cannot("write", path, errno);
  }
  return success();
}

Status check_writable(const std::string& directory) {
  const std::string hint = "choose another place with --out, --json or --markdown";
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
                       "choose another place with --out");
  }
  return success();
}

std::string parent_of(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace poolgauge::cli
