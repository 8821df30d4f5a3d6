// One thread, one poll, and a deadline for each connection: a client delays nobody, however slow.
#include "http/http_listener.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/quantities.h"

namespace poolgauge::http {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr Duration kLimit = std::chrono::seconds(5);  // of a connection, from accept to close
constexpr std::size_t kMostConnections = 32;
constexpr int kBacklog = 64;

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  int get() const { return number_; }

 private:
  int number_;
};

/// A client, from accept to close.
struct Client {
  enum class Phase { reading, writing, draining, over };
  Descriptor socket;
  SteadyClock::time_point until;
  Phase phase = Phase::reading;
  std::string bytes = {};  ///< what came, or what is still to be sent
  std::size_t sent = 0;
};

bool is_loopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    const auto* four = reinterpret_cast<const sockaddr_in*>(&address);
    return (ntohl(four->sin_addr.s_addr) >> 24U) == 127;
  }
  const auto* six = reinterpret_cast<const sockaddr_in6*>(&address);
  return address.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

int port_of(const sockaddr_storage& address) {
  return address.ss_family == AF_INET
             ? ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port)
             : ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
}

/// The first address of the host that can be bound.
Descriptor bound_to(const ListenPlace& place) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(place.port);
  if (::getaddrinfo(place.host.c_str(), port.c_str(), &hints, &found) != 0) return Descriptor();
  Descriptor bound;
  for (const addrinfo* one = found; one != nullptr && bound.get() < 0; one = one->ai_next) {
    Descriptor tried(::socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int yes = 1;
    if (tried.get() < 0) continue;
    ::setsockopt(tried.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(tried.get(), one->ai_addr, one->ai_addrlen) == 0) bound = std::move(tried);
  }
  ::freeaddrinfo(found);
  return bound;
}

class Listener : public HttpListener {
 public:
  Listener(std::string token, Answer answer)
      : token_(std::move(token)), answer_(std::move(answer)) {}
  ~Listener() override {
    if (!thread_.joinable()) return;
    const char byte = 0;
    while (::write(bell_.get(), &byte, 1) < 0 && errno == EINTR) {
    }
    thread_.join();
  }
  std::string address() const override { return address_; }

  Status start(const ListenPlace& place) {
    socket_ = bound_to(place);
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (socket_.get() < 0 ||
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      return cannot_listen(place);
    }
    if (token_.empty() && !is_loopback(address)) {
      return usage_error(
          fmt::format("--listen: others can reach {}, so a token is needed", place.host),
          "add --token-file FILE, or listen on 127.0.0.1 behind a proxy");
    }
    std::array<int, 2> ends{};
    if (::listen(socket_.get(), kBacklog) != 0 || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
      return cannot_listen(place);
    }
    stop_ = Descriptor(ends[0]);
    bell_ = Descriptor(ends[1]);
    const bool six = place.host.find(':') != std::string::npos;
    address_ = fmt::format("http://{}{}{}:{}", six ? "[" : "", place.host, six ? "]" : "",
                           port_of(address));
    thread_ = std::thread([this] { serve(); });
    return success();
  }

 private:
  static Error cannot_listen(const ListenPlace& place) {
    return usage_error(
        fmt::format("--listen: cannot listen on {}, port {}", place.host, place.port),
        "another program may listen there already, or this machine does not have "
        "the address");
  }

  void serve() {
    while (true) {
      std::vector<pollfd> wanted{{stop_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}};
      for (const Client& client : clients_) {
        const bool writes = client.phase == Client::Phase::writing;
        wanted.push_back({client.socket.get(), static_cast<short>(writes ? POLLOUT : POLLIN), 0});
      }
      ::poll(wanted.data(), wanted.size(), tick_ms());
      if (wanted[0].revents != 0) return;
      for (std::size_t i = 0; i < clients_.size(); ++i) {
        if (wanted[i + 2].revents != 0) step(clients_[i]);
      }
      const SteadyClock::time_point now = SteadyClock::now();
      std::erase_if(clients_, [now](const Client& client) {
        return client.phase == Client::Phase::over || client.until <= now;
      });
      if (wanted[1].revents != 0) accept_one();
    }
  }

  /// Until the first deadline. Where nothing can be accepted, as without free descriptors, poll
  /// returns at once: accept_one rests then.
  int tick_ms() const {
    if (clients_.empty()) return -1;
    const Duration left = clients_.front().until - SteadyClock::now();  // the oldest
    const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
    return static_cast<int>(std::max<std::int64_t>(0, whole)) + 1;
  }

  void accept_one() {
    Descriptor socket(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() < 0) {
      constexpr int kRest_ms = 50;
      pollfd stop{stop_.get(), POLLIN, 0};
      if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) ::poll(&stop, 1, kRest_ms);
      return;
    }
    // An answer takes milliseconds. With this many open, the oldest client has stalled.
    if (clients_.size() >= kMostConnections) clients_.erase(clients_.begin());
    clients_.push_back({std::move(socket), SteadyClock::now() + kLimit});
  }

  void step(Client& client) {
    switch (client.phase) {
      case Client::Phase::reading: return read(client);
      case Client::Phase::writing: return write(client);
      case Client::Phase::draining: return drain(client);
      case Client::Phase::over: return;
    }
  }

  void read(Client& client) {
    std::array<char, 4096> piece{};
    const ssize_t got = ::recv(client.socket.get(), piece.data(), piece.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
      client.phase = Client::Phase::over;
      return;
    }
    client.bytes.append(piece.data(), static_cast<std::size_t>(got));
    const ReadHead read = read_http_head(client.bytes);
    if (read.kind == ReadHead::Kind::incomplete) return;
    client.bytes = http_answer_text(reply_to(read), read.head.method == "HEAD");
    client.phase = Client::Phase::writing;
    write(client);
  }

  HttpReply reply_to(const ReadHead& read) const {
    if (read.kind == ReadHead::Kind::too_large) {
      return {431, "text/plain", "the request is too large\n"};
    }
    if (read.kind == ReadHead::Kind::malformed) return {400, "text/plain", "not a request\n"};
    if (std::optional<HttpReply> refusal = refusal_of(read.head, token_)) return *refusal;
    try {
      return answer_(read.head.request);
    } catch (const std::exception&) {  // such as of memory: the next request may find some
      return {500, "text/plain", "no answer could be made\n"};
    }
  }

  void write(Client& client) {
    while (client.sent < client.bytes.size()) {
      const ssize_t now = ::send(client.socket.get(), client.bytes.data() + client.sent,
                                 client.bytes.size() - client.sent, MSG_NOSIGNAL);
      if (now > 0) {
        client.sent += static_cast<std::size_t>(now);
      } else if (errno == EAGAIN) {
        return;
      } else if (errno != EINTR) {
        client.phase = Client::Phase::over;
        return;
      }
    }
    // Closing while bytes are unread would take the answer back.
    ::shutdown(client.socket.get(), SHUT_WR);
    client.bytes.clear();
    client.phase = Client::Phase::draining;
  }

  static void drain(Client& client) {
    std::array<char, 4096> piece{};
    const ssize_t got = ::recv(client.socket.get(), piece.data(), piece.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
      client.phase = Client::Phase::over;
    }
  }

  std::string token_, address_;
  Answer answer_;
  Descriptor socket_, stop_, bell_;
  std::vector<Client> clients_;  // the oldest first
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<HttpListener>> HttpListener::start(const ListenPlace& place,
                                                          std::string token, Answer answer) {
  auto listener = std::make_unique<Listener>(std::move(token), std::move(answer));
  if (const Status started = listener->start(place); !started.ok()) return started.error();
  return std::unique_ptr<HttpListener>(std::move(listener));
}

}  // namespace poolgauge::http
