// Only what a GET needs.
#include "guard/http_url.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/letters.h"

namespace poolgauge::guard {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr int kHexadecimal = 16;

Error bad(const HttpUse& use, const std::string& what, std::string_view cure = {}) {
  return Error{
      ErrorKind::usage, fmt::format("{}: {}", use.flag, what),
      cure.empty() ? fmt::format("for example {} {}", use.flag, use.example) : std::string(cure)};
}

bool is_port(std::string_view text) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  constexpr unsigned kMost = 65'535;
  return failed == std::errc() && stop == end && value >= 1 && value <= kMost;
}

}  // namespace

std::string without_query(std::string_view url) {
  return std::string(url.substr(0, url.find('?')));
}

std::string shown_url(const HttpUrl& url) {
  return fmt::format("http://{}{}", url.authority, without_query(url.path));
}

Result<HttpUrl> parse_http_url(std::string_view text, const HttpUse& use) {
  if (lower_case(text.substr(0, 8)) == "https://") {
    return bad(use, "https is not supported", use.instead_of_https);
  }
  if (lower_case(text.substr(0, kScheme.size())) != kScheme)
    return bad(use, "expected an http:// URL");
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f')
      return bad(use, "the URL contains a blank");
  }
  std::string_view rest = text.substr(kScheme.size());
  rest = rest.substr(0, rest.find('#'));
  const std::size_t slash = rest.find_first_of("/?");
  HttpUrl url;
  url.authority = std::string(rest.substr(0, slash));
  url.path = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
  if (url.path.starts_with("?")) url.path.insert(0, "/");
  if (url.authority.find('@') != std::string::npos) {
    return bad(use, "the URL contains a user name or a password");
  }
  std::string_view host = url.authority;
  std::string_view port;
  const std::size_t bracket = host.starts_with("[") ? host.find(']') : std::string_view::npos;
  if (bracket != std::string_view::npos) {
    port = host.substr(bracket + 1);
    host = host.substr(1, bracket - 1);
  } else if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    port = host.substr(colon);
    host = host.substr(0, colon);
  }
  if (host.empty()) return bad(use, "the URL names no host");
  if (!port.empty() && (port.front() != ':' || !is_port(port.substr(1)))) {
    return bad(use, fmt::format("\"{}\" is no port", port));
  }
  url.host = std::string(host);
  url.port = port.empty() ? "80" : std::string(port.substr(1));
  return url;
}

namespace {

/// The value of a header, by its name in lower case; empty: absent.
std::string header_of(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || lower_case(line.substr(0, colon)) != name) continue;
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    return lower_case(value);
  }
  return {};
}

/// Chunks, each with its length before it, without what frames them: calls `take` with each; false:
/// torn.
template <typename Take>
bool each_chunk(std::string_view bytes, const Take& take) {
  while (true) {
    const std::size_t line = bytes.find("\r\n");
    if (line == std::string_view::npos) return false;
    std::size_t length = 0;
    const auto [stop, failed] =
        std::from_chars(bytes.data(), bytes.data() + line, length, kHexadecimal);
    if (failed != std::errc() || stop == bytes.data()) return false;
    bytes.remove_prefix(line + 2);
    if (length == 0) return true;
    if (length > bytes.size() || bytes.size() - length < 2) return false;
    take(bytes.substr(0, length));
    bytes.remove_prefix(length + 2);
  }
}

/// How long the body is; nothing: it does not say, or nonsense.
std::optional<std::size_t> content_length(const std::string& text) {
  std::size_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, count);
  if (failed != std::errc() || stop == text.data()) return std::nullopt;
  return count;
}

}  // namespace

std::optional<HttpAnswer> read_http_answer(std::string_view bytes) {
  HttpAnswer answer;
  answer.status = status_in(bytes);
  const std::size_t end = bytes.find("\r\n\r\n");
  if (answer.status == 0 || end == std::string_view::npos) return std::nullopt;
  const std::string_view head = bytes.substr(0, end + 2);
  std::string_view body = bytes.substr(end + 4);
  if (header_of(head, "transfer-encoding") == "chunked") {
    const auto take = [&answer](std::string_view chunk) { answer.body += chunk; };
    if (!each_chunk(body, take)) return std::nullopt;
    return answer;
  }
  if (const std::string length = header_of(head, "content-length"); !length.empty()) {
    const auto count = content_length(length);
    if (!count || *count > body.size()) return std::nullopt;
    body = body.substr(0, *count);
  }
  answer.body = std::string(body);
  return answer;
}

bool is_whole_http_answer(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (status_in(bytes) == 0 || end == std::string_view::npos) return false;
  const std::string_view head = bytes.substr(0, end + 2), body = bytes.substr(end + 4);
  if (header_of(head, "transfer-encoding") == "chunked") {
    return each_chunk(body, [](std::string_view) {});
  }
  const auto count = content_length(header_of(head, "content-length"));
  return count && body.size() >= *count;
}

int status_in(std::string_view answer) {
  if (!answer.starts_with("HTTP/1.")) return 0;
  const std::size_t blank = answer.find(' ');
  if (blank == std::string_view::npos || answer.size() < blank + 4) return 0;
  int status = 0;
  const char* const begin = answer.data() + blank + 1;
  const auto [stop, failed] = std::from_chars(begin, begin + 3, status);
  return failed == std::errc() && stop == begin + 3 && status >= 100 ? status : 0;
}

}  // namespace poolgauge::guard
