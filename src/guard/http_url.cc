// Only what a GET needs.
#include "guard/http_url.h"

#include <charconv>

#include <fmt/format.h>

#include "base/letters.h"

namespace poolgauge::guard {
namespace {

constexpr std::string_view kScheme = "http://";

Error bad(const std::string& what, const std::string& cure = {}) {
  return Error{ErrorKind::usage, "--guard-http: " + what,
               cure.empty() ? "for example --guard-http http://localhost:8080/may-load" : cure};
}

bool is_port(std::string_view text) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  constexpr unsigned kMost = 65'535;
  return failed == std::errc() && stop == end && value >= 1 && value <= kMost;
}

}  // namespace

Result<HttpUrl> parse_http_url(std::string_view text) {
  if (lower_case(text.substr(0, 8)) == "https://") {
    return bad("https is not supported",
               "use an http URL on a trusted network, --guard-query, or --stop-file");
  }
  if (lower_case(text.substr(0, kScheme.size())) != kScheme) return bad("expected an http:// URL");
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') return bad("the URL contains a blank");
  }
  std::string_view rest = text.substr(kScheme.size());
  rest = rest.substr(0, rest.find('#'));
  const std::size_t slash = rest.find_first_of("/?");
  HttpUrl url;
  url.authority = std::string(rest.substr(0, slash));
  url.path = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
  if (url.path.starts_with("?")) url.path.insert(0, "/");
  if (url.authority.find('@') != std::string::npos) {
    return bad("the URL contains a user name or a password");
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
  if (host.empty()) return bad("the URL names no host");
  if (!port.empty() && (port.front() != ':' || !is_port(port.substr(1)))) {
    return bad(fmt::format("\"{}\" is no port", port));
  }
  url.host = std::string(host);
  url.port = port.empty() ? "80" : std::string(port.substr(1));
  return url;
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
