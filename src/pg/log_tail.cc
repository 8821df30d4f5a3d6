// Reading the end of a log.
#include "pg/log_tail.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace poolgauge {
namespace {

constexpr std::size_t kLogTailBytes = 16'384;

}  // namespace

std::string indented(const std::string& text) {
  std::string result;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) result += "\n  " + text.substr(begin, end - begin);
    begin = end + 1;
  }
  return result;
}

std::string log_tail(int log_fd, std::size_t lines) {
  struct stat info {};
  if (log_fd < 0 || ::fstat(log_fd, &info) != 0) return "";
  const auto size = static_cast<std::size_t>(info.st_size);
  std::string text(std::min(size, kLogTailBytes), '\0');
  const ssize_t got =
      ::pread(log_fd, text.data(), text.size(), static_cast<off_t>(size - text.size()));
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::size_t begin = text.size();
  for (std::size_t line = 0; line < lines && begin > 0 && begin != std::string::npos; ++line) {
    begin = text.rfind('\n', begin - 1);
  }
  return begin == std::string::npos ? text : text.substr(begin == 0 ? 0 : begin + 1);
}

}  // namespace poolgauge
