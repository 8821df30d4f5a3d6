// A TCP port of the loopback that passes everything on to a Unix socket, until it is told to cut.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace poolgauge::test {

class TcpRelay {
 public:
  explicit TcpRelay(std::string socket_path) : path_(std::move(socket_path)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(listener_, as_address(&address), sizeof address) == 0);
    REQUIRE(listen(listener_, 64) == 0);
    socklen_t size = sizeof address;
    REQUIRE(getsockname(listener_, as_address(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~TcpRelay() {
    ending_ = true;
    thread_.join();
    for (const Pair& pair : pairs_) hang_up(pair);
    close(listener_);
  }
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  std::string conninfo() const { return "host=127.0.0.1 port=" + std::to_string(port_); }
  /// Every connection there is now ends without a word.
  void cut() { cutting_ = true; }

 private:
  struct Pair {
    int client;
    int server;
  };
  template <typename Address>
  static sockaddr* as_address(Address* address) {
    return static_cast<sockaddr*>(static_cast<void*>(address));
  }
  static void hang_up(const Pair& pair) {
    close(pair.client);
    close(pair.server);
  }
  void accept_one() {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    if (connect(server, as_address(&address), sizeof address) != 0) {
      close(client);
      close(server);
      return;
    }
    pairs_.push_back({client, server});
  }
  static bool pass(int from, int to) {
    std::array<char, 16384> bytes{};
    const ssize_t got = recv(from, bytes.data(), bytes.size(), 0);
    if (got <= 0) return false;
    return send(to, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
  }
  void serve() {
    while (!ending_) {
      std::vector<pollfd> fds{{listener_, POLLIN, 0}};
      for (const Pair& pair : pairs_) {
        fds.push_back({pair.client, POLLIN, 0});
        fds.push_back({pair.server, POLLIN, 0});
      }
      poll(fds.data(), fds.size(), 20);
      const bool cut_now = cutting_.exchange(false);
      std::vector<Pair> alive;
      for (std::size_t i = 0; i < pairs_.size(); ++i) {
        const Pair& pair = pairs_[i];
        bool ok = !cut_now;
        if (ok && fds[2 * i + 1].revents != 0) ok = pass(pair.client, pair.server);
        if (ok && fds[2 * i + 2].revents != 0) ok = pass(pair.server, pair.client);
        if (ok) alive.push_back(pair);
        if (!ok) hang_up(pair);
      }
      pairs_ = std::move(alive);
      if (fds[0].revents != 0) accept_one();
    }
  }

  std::string path_;
  int listener_ = -1;
  int port_ = 0;
  std::vector<Pair> pairs_;
  std::atomic<bool> cutting_{false};
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace poolgauge::test
