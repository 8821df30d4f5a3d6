// Reading a server's limits, and the classes of trouble in reaching it.
#include "pg/session/epoll_time.h"
#include "pg/target/target_info.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "pg/session/connect_failure.h"
#include "pg_server_fixture.h"

using namespace poolgauge;
using namespace poolgauge::test;
using Catch::Matchers::Contains;

namespace {

Error info_error(const std::string& conninfo) {
  const Result<TargetInfo> info = read_target_info(conninfo, never());
  REQUIRE_FALSE(info.ok());
  CHECK(info.error().kind == ErrorKind::target);
  CHECK_FALSE(info.error().hint.empty());
  return info.error();
}

std::string setting(const TargetInfo& info, const std::string& name) {
  for (const auto& [known, value] : info.settings) {
    if (known == name) return value;
  }
  return "(none)";
}

/// A loopback port bound by us: nobody listens there, nobody else can.
class Loopback {
 public:
  explicit Loopback(bool listening) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    if (listening) REQUIRE(::listen(socket_, 5) == 0);
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Loopback() { ::close(socket_); }
  Loopback(const Loopback&) = delete;
  Loopback& operator=(const Loopback&) = delete;
  std::string conninfo() const {
    return "host=127.0.0.1 dbname=x user=x port=" + std::to_string(port_);
  }

 private:
  int socket_;
  int port_ = 0;
};

}  // namespace

TEST_CASE("limits and settings of a real server", "[pg]") {
  const std::string conninfo = shared_server().conninfo();
  Result<ControlConnection> other = ControlConnection::open(conninfo, never());
  REQUIRE(other.ok());
  const Result<TargetInfo> read = read_target_info(conninfo, never());
  if (!read) FAIL(read.error().message);
  const TargetInfo& info = read.value();
  CHECK(info.max_connections == 30);
  CHECK(info.reserved_connections == 3);
  CHECK(info.in_use >= 1);
  CHECK(info.superuser);
  CHECK_FALSE(info.in_recovery);
  CHECK_FALSE(info.through_pooler);
  CHECK(info.role_limit == -1);
  CHECK(info.database_limit == -1);
  CHECK(sql("SHOW server_version").rfind(info.server_version, 0) == 0);
  CHECK(info.server_version.find(' ') == std::string::npos);
  CHECK(setting(info, "work_mem") == "7MB");
  CHECK(setting(info, "fsync") == "on");
  CHECK(setting(info, "shared_preload_libraries").empty());
}

TEST_CASE("an ordinary role sees others' sessions, its limit, and not everything", "[pg]") {
  sql("DROP ROLE IF EXISTS limited");
  sql("CREATE ROLE limited LOGIN CONNECTION LIMIT 7");
  Result<ControlConnection> super = ControlConnection::open(shared_server().conninfo(), never());
  REQUIRE(super.ok());
  const Result<TargetInfo> read = read_target_info(as_user("limited"), never());
  if (!read) FAIL(read.error().message);
  CHECK_FALSE(read.value().superuser);
  CHECK(read.value().in_use >= 1);
  CHECK(read.value().role_limit == 7);
  CHECK(read.value().role_in_use == 0);
  CHECK(setting(read.value(), "shared_preload_libraries") == "(none)");
}

TEST_CASE("trouble in reaching the target has its class and cure", "[pg]") {
  const std::string conninfo = shared_server().conninfo();
  CHECK_THAT(info_error(as_user("nobody_here")).message,
             Contains("no such role\n  role \"nobody_here\" does not exist"));
  CHECK_THAT(info_error(conninfo + " dbname=nowhere").message,
             Contains("/nowhere: no such database\n  database \"nowhere\" does not exist"));
  const Loopback silent(false);
  const Error refused = info_error(silent.conninfo() + " password=hunter2");
  CHECK_THAT(refused.message, Contains("cannot connect to 127.0.0.1:") &&
                                  Contains("/x: unreachable\n  Connection refused") &&
                                  !Contains("hunter2"));
  CHECK_THAT(info_error("host=/tmp/no-such-directory-here dbname=x user=x").message,
             Contains("unreachable\n  No such file or directory"));
  const Result<TargetInfo> unreadable = read_target_info("password=my secret", never());
  REQUIRE_FALSE(unreadable.ok());
  CHECK(unreadable.error().kind == ErrorKind::usage);
  CHECK_THAT(unreadable.error().message, !Contains("secret"));
}

TEST_CASE("a server that accepts and says nothing is given up, or left at a stop request", "[pg]") {
  const Loopback mute(true);
  CHECK_THAT(info_error(mute.conninfo() + " connect_timeout=2").message,
             Contains("unreachable\n  no answer within 2 s"));
  StopFlag stop;
  stop.request();
  const Result<TargetInfo> info = read_target_info(mute.conninfo(), stop);
  REQUIRE_FALSE(info.ok());
  CHECK(info.error().kind == ErrorKind::interrupted);
}

TEST_CASE("a wrong or missing password is told without repeating it", "[pg]") {
  sql("DROP ROLE IF EXISTS guarded");
  sql("CREATE ROLE guarded LOGIN PASSWORD 'right-one'");
  const std::string hba = shared_server().directory() + "/data/pg_hba.conf";
  std::ofstream(hba) << "local all guarded scram-sha-256\nlocal all all trust\n";
  sql("SELECT pg_reload_conf()");
  const std::string wrong = as_user("guarded") + " password=wrong-one passfile=/none";
  // The reload takes effect in its own time.
  for (int attempt = 0; attempt < 500 && ControlConnection::open(wrong, never()); ++attempt) {
    wait_ms(10);
  }
  CHECK(ControlConnection::open(as_user("guarded") + " password=right-one", never()).ok());
  const Error error = info_error(wrong);
  CHECK_THAT(error.message,
             Contains("authentication failed\n  password authentication failed for user "
                      "\"guarded\"") &&
                 !Contains("wrong-one"));
  CHECK_THAT(error.hint, Contains("pg_hba.conf"));
  CHECK_THAT(info_error(as_user("guarded") + " passfile=/none").message,
             Contains("authentication failed\n") && Contains("no password supplied"));
}

TEST_CASE("a full server is told as full", "[pg]") {
  sql("DROP ROLE IF EXISTS single");
  sql("CREATE ROLE single LOGIN CONNECTION LIMIT 1");
  Result<ControlConnection> first = ControlConnection::open(as_user("single"), never());
  REQUIRE(first.ok());
  CHECK_THAT(info_error(as_user("single")).message,
             Contains("all connection slots are in use\n  too many connections for role"));
}

TEST_CASE("classes come from the SQLSTATE, in any language", "[pg]") {
  const auto of = [](const char* text) { return classify_connect_failure(text); };
  const char* prefix = "connection to server at \"db\" (10.0.0.1), port 5432 failed: ";
  const auto with = [prefix](const char* rest) { return std::string(prefix) + rest; };

  ConnectTrouble trouble =
      of(with("FATAL:  57P03: das Datenbanksystem startet\nLOCATION:  x, y.c:1\n").c_str());
  CHECK(trouble.failure == ConnectFailure::starting_up);
  CHECK(trouble.sqlstate == "57P03");
  CHECK(trouble.text == "das Datenbanksystem startet");
  CHECK(of(with("FATAL:  53300: sorry, too many clients already\n").c_str()).failure ==
        ConnectFailure::full);
  CHECK(of(with("FATAL:  28000: role \"x\" is not permitted to log in\n").c_str()).failure ==
        ConnectFailure::not_permitted);
  CHECK(of(with("FATAL:  28000: no pg_hba.conf entry for host\n").c_str()).failure ==
        ConnectFailure::authentication);
  CHECK(of(with("FATAL:  42501: permission denied for database \"x\"\n").c_str()).failure ==
        ConnectFailure::not_permitted);
  CHECK(of(with("FATAL:  08P01: no such database: x\n").c_str()).failure ==
        ConnectFailure::refused);
  CHECK(of(with("fe_sendauth: no password supplied\n").c_str()).failure ==
        ConnectFailure::authentication);
  trouble = of("could not translate host name \"db\" to address: Name or service not known\n");
  CHECK(trouble.failure == ConnectFailure::unreachable);
  CHECK(trouble.sqlstate.empty());
  trouble = of(with("server does not support SSL, but SSL was required\n").c_str());
  CHECK(trouble.failure == ConnectFailure::tls);
  trouble = of(with("SSL error: certificate verify failed\n").c_str());
  CHECK(trouble.failure == ConnectFailure::tls);
  trouble = of(with("server certificate for \"a\" does not match host name \"b\"\n").c_str());
  CHECK(trouble.failure == ConnectFailure::tls);
  trouble = of(with("Resource temporarily unavailable\n\tIs the server running?\n").c_str());
  CHECK(trouble.failure == ConnectFailure::backlog_full);
  trouble = of(with("FATAL:  08P01: no more connections allowed (max_client_conn)\n").c_str());
  CHECK(trouble.failure == ConnectFailure::pooler);
  trouble = of(with("Connection refused\n\tIs the server running?\n").c_str());
  CHECK(trouble.text == "Connection refused");
  CHECK(of("").failure == ConnectFailure::unreachable);
}
