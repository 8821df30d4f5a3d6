// The parts of an http URL.
#pragma once

#include <optional>
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

/// Who asks, for errors.
struct HttpUse {
  std::string_view flag = "--guard-http";
  std::string_view example = "http://localhost:8080/may-load";
  std::string_view instead_of_https =
      "use an http URL on a trusted network, --guard-query, or --stop-file";
};

/// Without what follows '?', which may be a token: for messages and reports.
std::string without_query(std::string_view url);
std::string shown_url(const HttpUrl& url);

/// Reads "http://host[:port][/path]". The error (kind usage) says what is wrong: another scheme, a
/// user or a password, a port that is none, a blank.
Result<HttpUrl> parse_http_url(std::string_view text, const HttpUse& use = {});

/// A whole answer of a server that closes the connection after it.
struct HttpAnswer {
  int status = 0;
  std::string body;  ///< without the framing of its transfer
};
/// Nothing if the bytes are no answer of an HTTP server, or not all of it.
std::optional<HttpAnswer> read_http_answer(std::string_view bytes);

/// Whether an answer that says how long it is has come: to its Content-Length, or its last chunk.
/// One that does not say ends with the connection.
bool is_whole_http_answer(std::string_view bytes);

/// The status code in the first line of an answer; 0: it is no answer of an HTTP server.
int status_in(std::string_view answer);

}  // namespace poolgauge::guard
