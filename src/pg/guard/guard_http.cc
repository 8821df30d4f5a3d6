// A socket that never blocks, and poll.
#include "pg/guard/guard_looks.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "pg/session/epoll_time.h"
#include "pg/session/live_canceller.h"

namespace poolgauge {
namespace {

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

struct Waiting {
  const StopFlag& stop;
  TimePoint until;
};

/// False when the time is over, or a stop was requested.
bool wait_for(int descriptor, short events, const Waiting& wait) {
  constexpr int kTick_ms = 20;
  while (!wait.stop.requested() && monotonic_now() < wait.until) {
    pollfd one{descriptor, events, 0};
    const int ready = ::poll(&one, 1, kTick_ms);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

bool connect_to(int descriptor, const addrinfo& address, const Waiting& wait) {
  if (::connect(descriptor, address.ai_addr, address.ai_addrlen) == 0) return true;
  if (errno != EINPROGRESS || !wait_for(descriptor, POLLOUT, wait)) return false;
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

bool send_all(int descriptor, const std::string& text, const Waiting& wait) {
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t now =
        ::send(descriptor, text.data() + sent, text.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (now > 0) {
      sent += static_cast<std::size_t>(now);
    } else if (errno != EAGAIN || !wait_for(descriptor, POLLOUT, wait)) {
      return false;
    }
  }
  return true;
}

/// The first line of the answer, as far as it came.
std::string status_line(int descriptor, const Waiting& wait) {
  constexpr std::size_t kMost = 1024;
  std::string answer;
  while (answer.find('\n') == std::string::npos && answer.size() < kMost) {
    if (!wait_for(descriptor, POLLIN, wait)) return {};
    char bytes[256];
    const ssize_t got = ::recv(descriptor, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got <= 0) break;
    answer.append(bytes, static_cast<std::size_t>(got));
  }
  return answer;
}

using Addresses = std::shared_ptr<addrinfo>;

/// A look-up, which may take longer than anyone waits for it.
struct LookUp {
  guard::HttpUrl url;
  std::mutex mutex;
  std::condition_variable bell;
  Addresses found;
  bool over = false;
  void run() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    const bool known = ::getaddrinfo(url.host.c_str(), url.port.c_str(), &hints, &first) == 0;
    const std::lock_guard lock(mutex);
    if (known) found = Addresses(first, ::freeaddrinfo);
    over = true;
    bell.notify_all();
  }
};

/// On a thread that is left behind when it hangs. Null: unknown, or not known in time.
Addresses addresses_of(const guard::HttpUrl& url, const Waiting& wait) {
  constexpr Duration kTick = std::chrono::milliseconds(20);
  const auto look_up = std::make_shared<LookUp>();
  look_up->url = url;
  if (!run_aside([look_up] { look_up->run(); })) look_up->run();
  std::unique_lock lock(look_up->mutex);
  const auto over = [&look_up] { return look_up->over; };
  while (!over() && !wait.stop.requested() && monotonic_now() < wait.until) {
    look_up->bell.wait_for(lock, kTick, over);
  }
  return look_up->found;
}

std::string request_for(const guard::HttpUrl& url) {
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: poolgauge\r\nAccept: */*\r\n"
      "Connection: close\r\n\r\n",
      url.path, url.authority);
}

/// The first of the addresses that accepts.
std::unique_ptr<Socket> connected(const addrinfo* address, const Waiting& wait) {
  for (; address != nullptr; address = address->ai_next) {
    auto socket = std::make_unique<Socket>(
        ::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket->get() >= 0 && connect_to(socket->get(), *address, wait)) return socket;
  }
  return nullptr;
}

/// To the end of the answer, which is that of the connection where it does not say how long it is.
/// False: it did not come in time, was cut off, or is larger than `most` bytes.
bool read_to_end(int descriptor, std::size_t most, const Waiting& wait, std::string& bytes) {
  constexpr std::size_t kPiece = 65'536;
  std::string piece(kPiece, '\0');
  while (bytes.size() <= most) {
    if (guard::is_whole_http_answer(bytes)) return true;
    if (!wait_for(descriptor, POLLIN, wait)) return false;
    const ssize_t got = ::recv(descriptor, piece.data(), piece.size(), MSG_DONTWAIT);
    if (got == 0) return true;
    if (got > 0) {
      bytes.append(piece.data(), static_cast<std::size_t>(got));
    } else if (errno != EAGAIN && errno != EINTR) {
      return false;
    }
  }
  return false;
}

Error no_answer(const guard::HttpUrl& url, const std::string& why) {
  return {ErrorKind::target, fmt::format("{}: {}", guard::shown_url(url), why), ""};
}

}  // namespace

int http_status(const guard::HttpUrl& url, const StopFlag& stop, Duration limit) {
  const Waiting wait{stop, monotonic_now() + limit};
  const Addresses addresses = addresses_of(url, wait);
  const std::unique_ptr<Socket> socket = connected(addresses.get(), wait);
  if (socket == nullptr || !send_all(socket->get(), request_for(url), wait)) return 0;
  return guard::status_in(status_line(socket->get(), wait));
}

Result<guard::HttpAnswer> http_get(const guard::HttpUrl& url, const StopFlag& stop,
                                   Duration limit) {
  constexpr std::size_t kMost = 32U << 20U;
  const Waiting wait{stop, monotonic_now() + limit};
  const Addresses addresses = addresses_of(url, wait);
  if (addresses == nullptr) {
    return no_answer(url, monotonic_now() < wait.until
                              ? "the host name is unknown"
                              : "no address for the host name was found in time");
  }
  const std::unique_ptr<Socket> socket = connected(addresses.get(), wait);
  if (socket == nullptr) return no_answer(url, "nobody accepts a connection there");
  std::string bytes;
  if (!send_all(socket->get(), request_for(url), wait) ||
      !read_to_end(socket->get(), kMost, wait, bytes)) {
    return no_answer(url, bytes.size() > kMost ? "the answer is larger than 32 MiB"
                                               : "no whole answer came in time");
  }
  auto answer = guard::read_http_answer(bytes);
  if (!answer) return no_answer(url, "what answers there is not an HTTP server");
  return std::move(*answer);
}

}  // namespace poolgauge
