// Reading the end of a log.
#include "pg/server/leftovers.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace poolgauge {
namespace {

constexpr std::size_t kLogTailBytes = 262'144;  // refusals included

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
  return last_lines(text, lines);
}

std::string last_lines(const std::string& text, std::size_t lines) {
  constexpr std::string_view kRefusal = "FATAL:  the database system is ";
  std::vector<std::string_view> kept;
  std::string_view left = text;
  while (!left.empty() && kept.size() < lines) {
    if (left.back() == '\n') left.remove_suffix(1);
    const std::size_t before = left.rfind('\n');
    const std::string_view line = left.substr(before == std::string_view::npos ? 0 : before + 1);
    left.remove_suffix(line.size());
    if (!line.empty() && line.find(kRefusal) == std::string_view::npos) kept.push_back(line);
  }
  std::string found;
  for (auto line = kept.rbegin(); line != kept.rend(); ++line) {
    found.append(found.empty() ? "" : "\n").append(*line);
  }
  return found;
}

}  // namespace poolgauge
