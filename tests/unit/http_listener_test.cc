// Requests of strangers: what is read, what is refused, and that none delays another or the end.
#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "http/http_listener.h"

namespace poolgauge::http {
namespace {

constexpr const char* kToken = "correct-horse-battery";

/// A connection to the listener, as raw as a hostile client's.
class RawClient {
 public:
  explicit RawClient(const HttpListener& listener) {
    const std::string address = listener.address();
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    place.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&place), sizeof place) == 0);
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  void send(const std::string& text) {
    (void)!::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
  }
  /// To the end.
  std::string receive() {
    std::string all;
    char piece[4096];
    for (ssize_t got = 0; (got = ::recv(socket_, piece, sizeof piece, 0)) > 0;) {
      all.append(piece, static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  int socket_ = -1;
};

std::unique_ptr<HttpListener> listening(const std::string& token = "") {
  auto listener = HttpListener::start({"127.0.0.1", 0}, token, [](const HttpRequest& request) {
    if (request.path == "/throw") throw std::bad_alloc();
    return HttpReply{200, "text/plain", request.path + " " + request.query_application};
  });
  REQUIRE(listener.ok());
  return std::move(listener).value();
}

std::string ask(const HttpListener& listener, const std::string& request) {
  RawClient client(listener);
  client.send(request);
  return client.receive();
}

HttpHead head_of(const std::string& text) {
  const ReadHead read = read_http_head(text);
  REQUIRE(read.kind == ReadHead::Kind::whole);
  return read.head;
}

int status_for(const std::string& text, const std::string& token = "") {
  const auto refusal = refusal_of(head_of(text), token);
  return refusal ? refusal->status : 200;
}

}  // namespace

TEST_CASE("a request's line and headers", "[cli]") {
  const HttpHead head = head_of(
      "GET /health/pool?x=1&application=a%20b%2fc+d HTTP/1.1\r\nhost: localhost:91\r\n"
      "ACCEPT: application/openmetrics-text;q=0.9,*/*\r\nAuthorization:  Bearer abc \r\n\r\n");
  CHECK(head.method == "GET");
  CHECK(head.request.path == "/health/pool");
  CHECK(head.request.query_application == "a b/c d");
  CHECK(head.request.open_metrics);
  CHECK(head.authorization == "Bearer abc");
  CHECK(head.hosts == std::vector<std::string>{"localhost:91"});
  CHECK(head_of("GET /?application=%4 HTTP/1.0\r\n\r\n").request.query_application == "%4");
}

TEST_CASE("requests that are none", "[cli]") {
  using Kind = ReadHead::Kind;
  CHECK(read_http_head("").kind == Kind::incomplete);
  CHECK(read_http_head("GET / HTTP/1.1\r\nHost: a\r\n").kind == Kind::incomplete);
  for (const char* bad :
       {"\r\n\r\n", "GET\r\n\r\n", "GET / SPDY/3\r\n\r\n", "GET  HTTP/1.1\r\n\r\n",
        "GET a HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n", " / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\n: x\r\n\r\n", "GET / HTTP/1.1\r\nHost : x\r\n\r\n"}) {
    INFO(bad);
    CHECK(read_http_head(bad).kind == Kind::malformed);
  }
  const std::string endless = "GET / HTTP/1.1\r\nX: " + std::string(kLargestHead, 'x');
  CHECK(read_http_head(endless).kind == Kind::too_large);
  CHECK(read_http_head(endless + "\r\n\r\n").kind == Kind::too_large);
}

TEST_CASE("what is refused before anything is looked at", "[cli]") {
  const std::string host = "Host: localhost\r\n";
  CHECK(status_for("GET / HTTP/1.1\r\n" + host + "\r\n") == 200);
  CHECK(status_for("HEAD / HTTP/1.1\r\n" + host + "\r\n") == 200);
  CHECK(status_for("GET / HTTP/1.0\r\n\r\n") == 200);
  CHECK(status_for("POST / HTTP/1.1\r\n" + host + "\r\n") == 405);
  CHECK(status_for("GET / HTTP/1.1\r\n" + host + "Range: bytes=0-,0-\r\n\r\n") == 400);
  CHECK(status_for("GET / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n") == 400);
  CHECK(status_for("GET / HTTP/1.1\r\n" + host + "Content-Length: 9\r\n\r\n") == 400);
  CHECK(status_for("GET / HTTP/1.1\r\nHost: rebound.example\r\n\r\n") == 403);
  CHECK(status_for("GET / HTTP/1.1\r\n" + host + "Host: rebound.example\r\n\r\n") == 403);
  // With a token, any name may lead here; without the right one, nothing else is looked at.
  const std::string with = "Authorization: Bearer " + std::string(kToken) + "\r\n";
  CHECK(status_for("GET / HTTP/1.1\r\nHost: db.example\r\n" + with + "\r\n", kToken) == 200);
  CHECK(status_for("POST / HTTP/1.1\r\n" + host + "\r\n", kToken) == 401);
  CHECK(status_for("GET / HTTP/1.1\r\nAuthorization: Bearer x\r\n\r\n", kToken) == 401);
}

TEST_CASE("names of the loopback", "[cli]") {
  for (const char* host :
       {"localhost", "LOCALHOST:9187", "127.0.0.1", "127.8.9.10:80", "[::1]", "[::1]:9187"}) {
    INFO(host);
    CHECK(is_loopback_host(host));
  }
  for (const char* host : {"", "127.example.net", "127.0.0.1.example.net", "localhost.example",
                           "10.0.0.1", "[::2]:1", "[::1", "127.0.0.1:x", "0.0.0.0"}) {
    INFO(host);
    CHECK_FALSE(is_loopback_host(host));
  }
}

TEST_CASE("who listens for others needs a token, whatever the address is called", "[cli]") {
  const auto answer = [](const HttpRequest&) { return HttpReply{200, "text/plain", "x"}; };
  const auto open = HttpListener::start({"0.0.0.0", 0}, "", answer);
  REQUIRE_FALSE(open.ok());
  CHECK(open.error().message.find("so a token is needed") != std::string::npos);
  CHECK(HttpListener::start({"0.0.0.0", 0}, kToken, answer).ok());
  CHECK_FALSE(HttpListener::start({"127.example.invalid", 0}, "", answer).ok());
}

TEST_CASE("a listener answers", "[cli]") {
  const auto listener = listening();
  const std::string host = " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  const std::string got = ask(*listener, "GET /a?application=b" + host);
  CHECK(got.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(got.ends_with("\r\n\r\n/a b"));
  const std::string head = ask(*listener, "HEAD /a" + host);
  CHECK(head.find("Content-Length: 3\r\n") != std::string::npos);
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(ask(*listener, "GET /throw" + host).starts_with("HTTP/1.1 500 "));
  CHECK(ask(*listener, "GET /a" + host).starts_with("HTTP/1.1 200 "));
  CHECK(ask(*listener, std::string(3 * kLargestHead, 'x')).starts_with("HTTP/1.1 431 "));
  CHECK(ask(*listener, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n").starts_with("HTTP/1.1 403 "));
}

TEST_CASE("slow clients delay neither others nor the end", "[cli]") {
  auto listener = listening();
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 80; ++i) {
    slow.push_back(std::make_unique<RawClient>(*listener));
    slow.back()->send("GET /a HT");
  }
  CHECK(ask(*listener, "GET /a HTTP/1.0\r\n\r\n").ends_with("/a "));
  listener.reset();  // and none of them is waited for
  CHECK(slow.back()->receive().empty());
}

}  // namespace poolgauge::http
