// Addresses and tokens, as they are typed.
#include <charconv>

#include <fmt/format.h>

#include "base/quantities.h"
#include "http/http_listener.h"

namespace poolgauge::http {

namespace {

constexpr std::size_t kShortestToken = 16;

Error no_place(std::string_view text) {
  return usage_error(fmt::format("--listen: \"{}\" is not an address with a port", text),
                     "for example --listen 127.0.0.1:9187");
}

}  // namespace

Result<ListenPlace> parse_listen_place(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return no_place(text);
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return no_place(text);
  }
  if (host.empty() || host.find_first_of(" /\t[]") != std::string_view::npos) return no_place(text);
  ListenPlace place{std::string(host), 0};
  const auto [stop, failed] = std::from_chars(port.data(), port.data() + port.size(), place.port);
  if (failed != std::errc() || stop != port.data() + port.size()) return no_place(text);
  return place;
}

Result<std::string> token_in(std::string_view text) {
  std::string token(text.substr(0, text.find('\n')));
  if (!token.empty() && token.back() == '\r') token.pop_back();
  for (const char c : token) {
    if (c <= ' ' || c == '\x7f') {
      return usage_error("--token-file: the token contains a blank or a control character");
    }
  }
  if (token.size() < kShortestToken) {
    return usage_error(fmt::format("--token-file: the token has {} characters, at least {} are "
                                   "needed",
                                   token.size(), kShortestToken),
                       "for example: openssl rand -hex 24 > FILE");
  }
  return token;
}

}  // namespace poolgauge::http
