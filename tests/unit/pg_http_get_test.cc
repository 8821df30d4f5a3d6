// Whole answers of servers that close late, never, or too early.
#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "pg/guard/guard_looks.h"

namespace poolgauge {
namespace {

/// Sends `answer` to the first who connects, and then closes, resets, or waits to be closed.
class OneAnswer {
 public:
  enum class Ending { close, reset, wait };
  OneAnswer(std::string answer, Ending ending) {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof place;
    REQUIRE(::bind(listening_, reinterpret_cast<sockaddr*>(&place), size) == 0);
    REQUIRE(::listen(listening_, 1) == 0);
    REQUIRE(::getsockname(listening_, reinterpret_cast<sockaddr*>(&place), &size) == 0);
    port_ = ntohs(place.sin_port);
    thread_ = std::thread([this, answer = std::move(answer), ending] { serve(answer, ending); });
  }
  ~OneAnswer() {
    thread_.join();
    ::close(listening_);
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/?s3cret"; }

 private:
  void serve(const std::string& answer, Ending ending) const {
    const int client = ::accept(listening_, nullptr, nullptr);
    char bytes[1024];
    std::string asked;
    while (asked.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = ::recv(client, bytes, sizeof bytes, 0);
      if (got <= 0) break;
      asked.append(bytes, static_cast<std::size_t>(got));
    }
    (void)!::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
    const linger now{1, 0};
    if (ending == Ending::reset) ::setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    if (ending == Ending::wait) ::recv(client, bytes, sizeof bytes, 0);  // until it is closed
    ::close(client);
  }

  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// The body, or "failed: " and why.
std::string got(const std::string& answer, OneAnswer::Ending ending) {
  const OneAnswer server(answer, ending);
  StopFlag stop;
  const auto read =
      http_get(guard::parse_http_url(server.url()).value(), stop, std::chrono::seconds(20));
  return read.ok() ? read.value().body : "failed: " + read.error().message;
}

}  // namespace

TEST_CASE("an answer ends where it says, though the connection stays open", "[cli]") {
  const auto wait = OneAnswer::Ending::wait;
  CHECK(got("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nup 1", wait) == "up 1");
  CHECK(got("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nup 1\r\n0\r\n\r\n", wait) ==
        "up 1");
  CHECK(got("HTTP/1.1 200 OK\r\n\r\nup 1", OneAnswer::Ending::close) == "up 1");
}

TEST_CASE("an answer that a reset cuts off is none, and its URL is shown without the query",
          "[cli]") {
  const std::string why = got("HTTP/1.1 200 OK\r\n\r\nup 1", OneAnswer::Ending::reset);
  CHECK(why.starts_with("failed: http://127.0.0.1:"));
  CHECK(why.find("s3cret") == std::string::npos);
}

}  // namespace poolgauge
