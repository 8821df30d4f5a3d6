// A socket that never blocks, and poll.
#include "pg/guard/guard_http.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "pg/session/epoll_time.h"

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

}  // namespace

int http_status(const guard::HttpUrl& url, const StopFlag& stop, Duration limit) {
  const Waiting wait{stop, monotonic_now() + limit};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(url.host.c_str(), url.port.c_str(), &hints, &found) != 0) return 0;
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
  const std::string request = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: poolgauge\r\nAccept: */*\r\n"
      "Connection: close\r\n\r\n",
      url.path, url.authority);
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const Socket socket(
        ::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.get() < 0 || !connect_to(socket.get(), *address, wait)) continue;
    if (!send_all(socket.get(), request, wait)) return 0;
    return guard::status_in(status_line(socket.get(), wait));
  }
  return 0;
}

}  // namespace poolgauge
