// Three slashes and a path; nothing else.
#include "sqlite/url.h"

#include <optional>

namespace poolgauge::sqlite {

namespace {

constexpr std::string_view kScheme = "sqlite:";
constexpr std::string_view kBegin = "sqlite://";
constexpr const char* kForms =
    "use sqlite:///FILE (relative), sqlite:////DIRECTORY/FILE (absolute), or sqlite:// for a "
    "database in memory";

Error bad_url(const std::string& problem, const std::string& hint = kForms) {
  return Error{ErrorKind::usage, problem, hint};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// nullopt: an escape that is none.
std::optional<std::string> decoded(std::string_view text) {
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      path += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    path += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return path;
}

}  // namespace

std::string Place::url() const {
  return memory ? std::string(kBegin) : std::string(kBegin) + "/" + path;
}

bool is_sqlite_url(std::string_view text) {
  return text.starts_with(kScheme);
}

Result<Place> parse_url(std::string_view text) {
  const std::string whole(text);
  if (!text.starts_with(kBegin)) return bad_url("\"" + whole + "\": expected sqlite://");
  text.remove_prefix(kBegin.size());
  if (text.find('?') != std::string_view::npos) {
    return bad_url("\"" + whole + "\": a SQLite URL takes no parameters",
                   "set what the application's connections set with \"pragmas\" in the scenario's "
                   "\"server\"");
  }
  if (text.empty() || text == "/" || text == "/:memory:") return Place{"", true};
  if (text.front() != '/') {
    return bad_url("\"" + whole + "\": a SQLite database has no host");
  }
  const std::optional<std::string> path = decoded(text.substr(1));
  if (!path) return bad_url("\"" + whole + "\": % must be followed by two hexadecimal digits");
  return Place{*path, false};
}

}  // namespace poolgauge::sqlite
