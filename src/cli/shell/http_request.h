// What is read of a request, and what is refused before anything is looked at. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/shell/http_listener.h"

namespace poolgauge::cli {

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

}  // namespace poolgauge::cli
