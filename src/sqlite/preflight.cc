// stat, access, statfs and the first hundred bytes.
#include "sqlite/preflight.h"

#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace poolgauge::sqlite {

namespace {

constexpr std::size_t kHeader = 100;
constexpr std::string_view kMagic("SQLite format 3\0", 16);
/// Where the header says which version may write and read it: 1 or 2 (WAL).
constexpr std::size_t kReadVersion = 19;

Error refused(const std::string& path, const std::string& what, const std::string& cure) {
  return Error{ErrorKind::target, path + ": " + what, cure};
}

Status check_header(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, kHeader> header{};
  file.read(header.data(), kHeader);
  const auto length = static_cast<std::size_t>(file.gcount());
  if (length == 0) return success();  // an empty file is an empty database
  const std::string_view text(header.data(), length);
  if (length < kHeader || !text.starts_with(kMagic)) {
    return refused(path, "this is not a SQLite database, or it is encrypted",
                   "give the path of an unencrypted SQLite 3 file");
  }
  constexpr unsigned char kNewest = 2;
  if (static_cast<unsigned char>(header[kReadVersion]) > kNewest) {
    return refused(path, "the file has a newer format than this SQLite can read",
                   "use a newer libsqlite3");
  }
  return success();
}

/// statfs(2) and the kernel's magic.h.
const char* network_file_system(const std::string& path) {
  struct statfs info {};
  if (::statfs(path.c_str(), &info) != 0) return nullptr;
  switch (static_cast<unsigned long>(info.f_type) & 0xffffffffUL) {
    case 0x6969UL: return "NFS";
    case 0xff534d42UL:
    case 0xfe534d42UL: return "SMB";
    case 0x01021997UL: return "9P";
    case 0x00c36400UL: return "Ceph";
    default: return nullptr;
  }
}

Status check_place(const std::string& path, const std::string& directory) {
  const char* network = network_file_system(directory);
  if (network == nullptr) return success();
  return refused(path, std::string("the file is on a network file system (") + network + ")",
                 "use a local disk: SQLite's locks and write-ahead log are unreliable there");
}

}  // namespace

Status check_file(const Settings& settings, bool creates, bool writes) {
  if (settings.place.memory) return success();
  const std::string& path = settings.place.path;
  std::string directory = std::filesystem::path(path).parent_path().string();
  if (directory.empty()) directory = ".";
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno != ENOENT) return refused(path, std::strerror(errno), "check the path");
    if (!creates) {
      return refused(path, "there is no such file",
                     "check the path; a file is created only where the scenario has data.setup");
    }
    if (::access(directory.c_str(), W_OK | X_OK) != 0) {
      return refused(path, "the file cannot be created: " + std::string(std::strerror(errno)),
                     "use a directory that exists and that you may write to");
    }
    return check_place(path, directory);
  }
  if (S_ISDIR(info.st_mode)) return refused(path, "this is a directory", "give a file");
  if (!S_ISREG(info.st_mode)) return refused(path, "this is not a regular file", "give a file");
  if (::access(path.c_str(), R_OK) != 0) {
    return refused(path, "no permission to read the file", "change the file's permissions");
  }
  if (writes && ::access(path.c_str(), W_OK) != 0) {
    return refused(path, "the scenario writes, but the file is read-only",
                   "change the file's permissions, or use a copy");
  }
  if (writes && ::access(directory.c_str(), W_OK | X_OK) != 0) {
    return refused(path, "the scenario writes, but no journal can be created in " + directory,
                   "change the directory's permissions, or use a copy");
  }
  if (const Status place = check_place(path, directory); !place.ok()) return place;
  return check_header(path);
}

}  // namespace poolgauge::sqlite
