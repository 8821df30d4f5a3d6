// The parts of an http URL.
#pragma once

#include <string>
#include <string_view>

#include "poolgauge/result.h"

namespace poolgauge::guard {

struct HttpUrl {
  std::string host;       ///< without the brackets of an IPv6 address
  std::string port;       ///< "80" where none is given
  std::string path;       ///< with the query; at least "/"
  std::string authority;  ///< as it goes into the Host header
};

/// Reads "http://host[:port][/path]". The error (kind usage) says what is wrong: another scheme, a
/// user or a password, a port that is none, a blank.
Result<HttpUrl> parse_http_url(std::string_view text);

/// The status code in the first line of an answer; 0: it is no answer of an HTTP server.
int status_in(std::string_view answer);

}  // namespace poolgauge::guard
