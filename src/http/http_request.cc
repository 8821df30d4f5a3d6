// GET and HEAD of HTTP/1.0 and 1.1: a line, headers, and nothing after them.
#include "http/http_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include <fmt/format.h>

#include "base/letters.h"
#include "base/visible_text.h"

namespace poolgauge::http {

namespace {

constexpr std::string_view kEndOfHead = "\r\n\r\n";

/// Blanks and tabs alone: a line end inside of a header is no blank.
std::string_view trimmed_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Of a value in a query: %41 is A, and + a blank.
std::string query_decoded(std::string_view text) {
  std::string blanks(text);
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  return percent_decoded(blanks);
}

std::string application_in(std::string_view query) {
  constexpr std::string_view kName = "application=";
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    if (part.starts_with(kName)) return query_decoded(part.substr(kName.size()));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

/// "GET /path?query HTTP/1.1".
bool take_first_line(std::string_view line, HttpHead& head) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last <= first + 1) return false;
  if (!line.substr(last + 1).starts_with("HTTP/1.")) return false;
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (first == 0 || target.front() != '/' || target.find(' ') != std::string_view::npos) {
    return false;
  }
  const std::size_t query = std::min(target.find('?'), target.size());
  head.method = std::string(line.substr(0, first));
  head.request.path = std::string(target.substr(0, query));
  if (query < target.size())
    head.request.query_application = application_in(target.substr(query + 1));
  return true;
}

bool take_header(std::string_view line, HttpHead& head) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string name = lower_case(line.substr(0, colon));
  if (name.find_first_of(" \t") != std::string::npos) return false;
  const std::string_view value = trimmed_blanks(line.substr(colon + 1));
  if (name == "host") head.hosts.emplace_back(value);
  if (name == "authorization") head.authorization = std::string(value);
  if (name == "range") head.ranged = true;
  if (name == "transfer-encoding" || (name == "content-length" && value != "0")) {
    head.has_body = true;
  }
  if (name == "accept" && value.find("application/openmetrics-text") != std::string_view::npos) {
    head.request.open_metrics = true;
  }
  return true;
}

/// The same time for every wrong token of this length.
bool same_text(const std::string& a, const std::string& b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    difference |= static_cast<unsigned>(a[i] ^ b[i]);
  }
  return difference == 0;
}

HttpReply plain(int status, const char* text) {
  return {status, "text/plain", text};
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    default: return "Internal Server Error";
  }
}

}  // namespace

ReadHead read_http_head(std::string_view bytes) {
  const std::size_t end = bytes.find(kEndOfHead);
  if (std::min(end, bytes.size()) > kLargestHead) return {ReadHead::Kind::too_large};
  if (end == std::string_view::npos) return {ReadHead::Kind::incomplete};
  ReadHead read{ReadHead::Kind::malformed};
  std::string_view rest = bytes.substr(0, end);
  for (bool first = true; first || !rest.empty(); first = false) {
    const std::size_t stop = std::min(rest.find("\r\n"), rest.size());
    const std::string_view line = rest.substr(0, stop);
    rest.remove_prefix(std::min(stop + 2, rest.size()));
    if (first ? !take_first_line(line, read.head) : !take_header(line, read.head)) return read;
  }
  read.kind = ReadHead::Kind::whole;
  return read;
}

bool is_loopback_host(std::string_view host) {
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : std::string_view::npos;
  if (host.starts_with('[') && bracket == std::string_view::npos) return false;
  const std::size_t end = bracket != std::string_view::npos ? bracket + 1 : host.find(':');
  const std::string_view port = host.substr(std::min(end, host.size()));
  const bool digits =
      port.empty() ||
      (port.front() == ':' && port.find_first_not_of("0123456789", 1) == std::string_view::npos);
  if (!digits) return false;
  const std::string name = lower_case(host.substr(0, end));
  if (name == "localhost" || name == "[::1]") return true;
  in_addr four{};
  return ::inet_pton(AF_INET, name.c_str(), &four) == 1 && (ntohl(four.s_addr) >> 24U) == 127;
}

std::optional<HttpReply> refusal_of(const HttpHead& head, const std::string& token) {
  if (!token.empty() && !same_text(head.authorization, "Bearer " + token)) {
    return plain(401, "a token is needed: Authorization: Bearer TOKEN\n");
  }
  if (token.empty() && !std::all_of(head.hosts.begin(), head.hosts.end(), is_loopback_host)) {
    return plain(403, "without a token, the Host header must be localhost or a loopback address\n");
  }
  if (head.method != "GET" && head.method != "HEAD") {
    return plain(405, "only GET and HEAD are answered\n");
  }
  if (head.ranged || head.has_body)
    return plain(400, "range requests and request bodies are not supported\n");
  return std::nullopt;
}

std::string http_answer_text(const HttpReply& reply, bool without_body) {
  std::string text = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n",
      reply.status, reason_of(reply.status), reply.type, reply.body.size());
  if (reply.status == 401) text += "WWW-Authenticate: Bearer\r\n";
  if (reply.status == 405) text += "Allow: GET, HEAD\r\n";
  text += "\r\n";
  if (!without_body) text += reply.body;
  return text;
}

}  // namespace poolgauge::http
