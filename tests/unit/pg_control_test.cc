// What is asked outside the load has a limit, and hears the stop.
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pg/session/epoll_time.h"
#include "pg_server_fixture.h"

using namespace poolgauge;
using namespace poolgauge::test;
using namespace std::chrono_literals;

namespace {

/// A port of the loopback that takes connects; it lets who comes log in, or says nothing at all,
/// and never answers a statement.
class MuteServer {
 public:
  explicit MuteServer(bool greets) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(listener_, 16) == 0);
    socklen_t size = sizeof address;
    REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    if (greets) thread_ = std::thread([this] { greet(); });
  }
  ~MuteServer() {
    shutdown(listener_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    if (peer_ >= 0) close(peer_);
    close(listener_);
  }
  MuteServer(const MuteServer&) = delete;
  MuteServer& operator=(const MuteServer&) = delete;
  std::string conninfo() const {
    return "host=127.0.0.1 user=x dbname=x sslmode=disable gssencmode=disable port=" +
           std::to_string(port_);
  }

 private:
  void greet() {
    peer_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer_ < 0) return;
    char bytes[1024];
    if (recv(peer_, bytes, sizeof bytes, 0) <= 0) return;
    constexpr char kReady[] = "R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\0\x01\0\0\0\x01Z\0\0\0\x05I";
    static_cast<void>(send(peer_, kReady, sizeof kReady - 1, MSG_NOSIGNAL));
  }
  int listener_ = -1;
  int peer_ = -1;
  int port_ = 0;
  std::thread thread_;
};

ControlLimits within(Duration limit) {
  ControlLimits limits;
  limits.connect = 20s;
  limits.answer = limit;
  limits.pulse = limit;
  return limits;
}

TEST_CASE("a server that answers nothing is given up, and stays so", "[pg][control]") {
  const MuteServer mute(true);
  auto opened = ControlConnection::open(mute.conninfo(), never(), within(100ms));
  REQUIRE(opened);
  const ControlReply reply = opened.value().run("SELECT 1");
  CHECK(reply.ending == ControlReply::Ending::lost);
  CHECK(reply.silent);
  CHECK(reply.complaint.message == "no answer within 0.1 s");
  const ControlReply again = opened.value().run("SELECT 2");
  CHECK(again.ending == ControlReply::Ending::lost);
  CHECK_FALSE(again.silent);  // nobody was asked
}

TEST_CASE("a large statement to a server that does not read is given up, too", "[pg][control]") {
  const MuteServer mute(true);
  auto opened = ControlConnection::open(mute.conninfo(), never(), within(100ms));
  REQUIRE(opened);
  const std::string large = "SELECT '" + std::string(32'000'000, 'x') + "'";
  CHECK(opened.value().run(large).silent);
}

TEST_CASE("a statement that may last is given up with a server that is silent", "[pg][control]") {
  const MuteServer mute(true);
  ControlLimits limits = within(100ms);
  limits.long_statements = true;
  auto opened = ControlConnection::open(mute.conninfo(), never(), limits);
  REQUIRE(opened);
  const ControlReply reply = opened.value().run("SELECT 1");
  CHECK(reply.silent);
  CHECK(reply.complaint.message == "no answer within 0.1 s, and no answer to a new connection");
}

TEST_CASE("a statement that may last does, as long as the server lives", "[pg][control]") {
  ControlLimits limits = within(20ms);
  limits.pulse = 20s;
  limits.long_statements = true;
  auto opened = ControlConnection::open(shared_server().conninfo(), never(), limits);
  REQUIRE(opened);
  CHECK(opened.value().run("SELECT pg_sleep(0.3)").ok());
}

TEST_CASE("a second request to stop waits for nothing", "[pg][control]") {
  const MuteServer mute(true);
  StopFlag stop;
  auto opened = ControlConnection::open(mute.conninfo(), stop, within(1h));
  REQUIRE(opened);
  stop.request();
  stop.request();
  const TimePoint began = monotonic_now();
  CHECK(opened.value().run("SELECT 1").ending == ControlReply::Ending::interrupted);
  CHECK(monotonic_now() - began < 3s);  // the patience after the first
}

TEST_CASE("a refusal is an answer, silence is none", "[pg][control]") {
  const MuteServer mute(false);
  CHECK_FALSE(server_answers(mute.conninfo(), never(), 100ms));
  const MuteServer greets(true);
  CHECK_FALSE(server_answers(greets.conninfo(), never(), 100ms));
  CHECK(server_answers(shared_server().conninfo(), never(), 20s));
  CHECK(server_answers(as_user("nobody_here"), never(), 20s));
  CHECK(server_answers("host=127.0.0.1 port=1 user=x dbname=x", never(), 20s));
  StopFlag stop;
  stop.request();
  CHECK(server_answers(mute.conninfo(), stop, 20s));  // not known
}

TEST_CASE("a flag that listens to later requests of another", "[pg][control]") {
  StopFlag first;
  StopFlag second(first, 2);
  first.request();
  CHECK_FALSE(second.requested());
  first.request();
  CHECK(second.requests() == 1);
  first.request();
  CHECK(second.requests() == 2);
  second.request();
  CHECK(second.requests() == 3);
  CHECK(first.requests() == 3);
}

}  // namespace

TEST_CASE("a statement that takes too long is cancelled, and others go on", "[pg][control]") {
  ControlLimits limits;
  limits.long_statements = true;
  limits.whole = 200ms;
  Result<ControlConnection> opened =
      ControlConnection::open(shared_server().conninfo(), never(), limits);
  REQUIRE(opened.ok());
  const ControlReply reply = opened.value().run("SELECT pg_sleep(600)");
  CHECK(reply.ending == ControlReply::Ending::failed);
  CHECK(reply.complaint.message == "did not finish within 0.2 s, and was canceled");
  CHECK(opened.value().usable());
}
