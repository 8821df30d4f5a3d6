// The only file that sees the HTTP library: it takes seconds to compile.
#include "cli/shell/http_listener.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <httplib.h>

#include "cli/shell/wall_clock.h"

namespace poolgauge::cli {

namespace {

constexpr int kLimit_s = 5;
constexpr std::size_t kThreads = 2;
constexpr std::size_t kLargestRequest = 4096;

/// The same time for every wrong token of this length.
bool same_text(const std::string& a, const std::string& b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    difference |= static_cast<unsigned>(a[i] ^ b[i]);
  }
  return difference == 0;
}

/// The library would share the port with another process that listens there.
void only_reuse_address(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

class Listener : public HttpListener {
 public:
  Listener(std::string token, Answer answer)
      : token_(std::move(token)), answer_(std::move(answer)) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_socket_options(only_reuse_address);
    server_.set_read_timeout(kLimit_s);
    server_.set_write_timeout(kLimit_s);
    server_.set_payload_max_length(kLargestRequest);
    server_.set_keep_alive_max_count(1);
    server_.Get(".*", [this](const httplib::Request& request, httplib::Response& response) {
      reply(request, response);
    });
  }
  ~Listener() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  std::string address() const override { return address_; }

  bool bind(const ListenPlace& place) {
    int port = place.port;
    if (port == 0) {
      port = server_.bind_to_any_port(place.host);
    } else if (!server_.bind_to_port(place.host, port)) {
      port = -1;
    }
    if (port < 0) return false;
    const bool six = place.host.find(':') != std::string::npos;
    address_ = fmt::format("http://{}{}{}:{}", six ? "[" : "", place.host, six ? "]" : "", port);
    return true;
  }
  /// Returns when requests are answered.
  void serve() {
    thread_ = std::thread([this] {
      server_.listen_after_bind();
      ended_ = true;
    });
    while (!server_.is_running() && !ended_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

 private:
  void reply(const httplib::Request& request, httplib::Response& response) {
    if (!token_.empty() &&
        !same_text(request.get_header_value("Authorization"), "Bearer " + token_)) {
      response.status = 401;
      response.set_header("WWW-Authenticate", "Bearer");
      response.set_content("a token is needed: Authorization: Bearer TOKEN\n", "text/plain");
      return;
    }
    const std::string accepted = request.get_header_value("Accept");
    const HttpReply made =
        answer_({request.path, request.get_param_value("application"),
                 accepted.find("application/openmetrics-text") != std::string::npos});
    response.status = made.status;
    response.set_content(made.body, made.type);
  }

  httplib::Server server_;
  std::string token_, address_;
  Answer answer_;
  std::thread thread_;
  std::atomic<bool> ended_{false};
};

}  // namespace

Result<std::unique_ptr<HttpListener>> HttpListener::start(const ListenPlace& place,
                                                          std::string token, Answer answer) {
  auto listener = std::make_unique<Listener>(std::move(token), std::move(answer));
  if (!listener->bind(place)) {
    return usage_error(
        fmt::format("--listen: cannot listen on {}, port {}", place.host, place.port),
        "another program may listen there already, or this machine does not have "
        "the address");
  }
  listener->serve();
  return std::unique_ptr<HttpListener>(std::move(listener));
}

}  // namespace poolgauge::cli
