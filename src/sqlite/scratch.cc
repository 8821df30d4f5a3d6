// mkdtemp, and a lock that the kernel gives back whatever becomes of this process.
#include "sqlite/scratch.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace poolgauge::sqlite {

namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "poolgauge-sqlite-";
constexpr const char* kLock = "/owner.lock";

/// The descriptor of a lock that nobody has; -1: somebody has it, or it cannot be opened.
int lock_of(const std::string& directory, int flags) {
  const int lock = ::open((directory + kLock).c_str(), flags | O_RDWR | O_CLOEXEC, 0600);
  if (lock < 0) return -1;
  if (::flock(lock, LOCK_EX | LOCK_NB) == 0) return lock;
  ::close(lock);
  return -1;
}

/// Only our own: a directory of another user cannot be opened.
void remove_leftovers(const fs::path& place) {
  std::error_code trouble;
  for (const fs::directory_entry& entry : fs::directory_iterator(place, trouble)) {
    if (!entry.path().filename().string().starts_with(kPrefix)) continue;
    const int lock = lock_of(entry.path().string(), 0);
    if (lock < 0) continue;
    std::error_code ignored;
    fs::remove_all(entry.path(), ignored);
    ::close(lock);
  }
}

}  // namespace

Result<std::unique_ptr<Scratch>> Scratch::make() {
  std::error_code trouble;
  const fs::path place = fs::temp_directory_path(trouble);
  if (!trouble) remove_leftovers(place);
  std::string directory = (place / (std::string(kPrefix) + "XXXXXX")).string();
  if (trouble || ::mkdtemp(directory.data()) == nullptr) {
    return Error{ErrorKind::target,
                 "a throwaway database could not be created in " + place.string() + ": " +
                     (trouble ? trouble.message() : std::strerror(errno)),
                 "set TMPDIR to a directory with write permission"};
  }
  return std::unique_ptr<Scratch>(new Scratch(directory, lock_of(directory, O_CREAT)));
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace poolgauge::sqlite
