// Whole files with a limit, and their checksum.
#include "scenario/files.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "base/check.h"

namespace poolgauge {

namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Error file_error(const std::string& what) {
  return Error{ErrorKind::usage, what, ""};
}

std::string reason(int error_number) {
  if (error_number == ENOENT || error_number == ENOTDIR) return "no such file";
  if (error_number == EISDIR) return "this is a directory, not a file";
  if (error_number == EACCES) return "permission denied";
  return "cannot read the file: " + std::generic_category().message(error_number);
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t largest) {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return file_error(reason(errno));
  std::string content;
  std::array<char, 65536> block;
  std::size_t got = block.size();
  while (got == block.size()) {
    errno = 0;
    got = std::fread(block.data(), 1, block.size(), file.get());
    if (std::ferror(file.get()) != 0) return file_error(reason(errno));
    content.append(block.data(), got);
    if (content.size() > largest) {
      return file_error(fmt::format("the file is larger than {} MiB", largest >> 20U));
    }
  }
  return content;
}

std::string beside(const std::string& scenario_file, const std::string& named) {
  const std::filesystem::path folder = std::filesystem::path(scenario_file).parent_path();
  return (folder / named).string();
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
  POOLGAUGE_CHECK(done == 1, "SHA-256 is always there");
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace poolgauge
