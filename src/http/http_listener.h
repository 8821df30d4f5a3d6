// A small HTTP server for monitoring: GET and HEAD only, answers from memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/result.h"

namespace poolgauge::http {

/// Where to listen.
struct ListenPlace {
  std::string host;  ///< without the brackets of an IPv6 address
  std::uint16_t port = 0;
};

/// Reads "127.0.0.1:9187", "[::1]:9187", "localhost:9187". Port 0 lets the system choose one. The
/// error (kind usage) says what was expected.
Result<ListenPlace> parse_listen_place(std::string_view text);

/// The token in a file's text: its first line. The error (kind usage): it has fewer than 16
/// characters, or blanks.
Result<std::string> token_in(std::string_view text);

struct HttpRequest {
  std::string path, query_application;  ///< "application" of the query; empty: none
  bool open_metrics = false;            ///< the client prefers OpenMetrics
};
struct HttpReply {
  int status = 200;
  std::string type, body;
};

/// Listens until it is destroyed. `answer` is called on a thread of its own. A connection lasts 5 s
/// at most, from accept to close; of more than 32, the oldest is closed. A request has at most 8
/// KiB.
class HttpListener {
 public:
  using Answer = std::function<HttpReply(const HttpRequest&)>;
  /// With a token, each request must have the header "Authorization: Bearer TOKEN". The error (kind
  /// usage): the address cannot be bound, or is none of the loopback and there is no token.
  static Result<std::unique_ptr<HttpListener>> start(const ListenPlace& place, std::string token,
                                                     Answer answer);
  virtual ~HttpListener() = default;
  /// "http://127.0.0.1:9187".
  virtual std::string address() const = 0;
};

// What is read of a request, and what is refused before anything is looked at. Pure.

/// All that a request's line and headers may take.
inline constexpr std::size_t kLargestHead = 8'192;

/// The parts of a request that matter.
struct HttpHead {
  std::string method;
  HttpRequest request;
  std::string authorization;       ///< empty: absent
  std::vector<std::string> hosts;  ///< of its Host headers, as they came
  bool ranged = false, has_body = false;
};

struct ReadHead {
  enum class Kind { incomplete, malformed, too_large, whole };
  Kind kind = Kind::incomplete;
  HttpHead head = {};
};
/// As far as a client has sent it. A body is not read.
ReadHead read_http_head(std::string_view bytes);

/// Why a request is not answered. Without a token (empty) only those are whose Host headers name
/// this machine's loopback: a page in a browser can make any other name mean 127.0.0.1.
std::optional<HttpReply> refusal_of(const HttpHead& head, const std::string& token);

/// Whether a Host header names this machine's loopback by number or as "localhost", whatever the
/// port.
bool is_loopback_host(std::string_view host);

/// The bytes of an answer; those of a HEAD request have no body.
std::string http_answer_text(const HttpReply& reply, bool without_body);

}  // namespace poolgauge::http
