// What the tests against a real server share: one embedded server per process, small conveniences.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "pg/server/embedded_server.h"
#include "pg/session/control_connection.h"

namespace poolgauge::test {

inline const StopFlag& never() {
  static const StopFlag flag;
  return flag;
}

/// A base directory of a test's own; the server's unprivileged user may enter it.
class TemporaryBase {
 public:
  TemporaryBase() {
    const char* const temporary = std::getenv("TMPDIR");
    std::string path = temporary != nullptr && *temporary == '/' ? temporary : "/tmp";
    path += "/pgtest-XXXXXX";
    REQUIRE(mkdtemp(path.data()) != nullptr);
    path_ = path;
    std::filesystem::permissions(path_, std::filesystem::perms(0711));
  }
  ~TemporaryBase() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TemporaryBase(const TemporaryBase&) = delete;
  TemporaryBase& operator=(const TemporaryBase&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  bool empty() const { return std::filesystem::is_empty(path_); }

 private:
  std::string path_;
};

/// Of a server in there. It begins as a copy where the run of tests keeps one (see
/// tests/cli/prepared_cluster.py): that takes a fifth of initdb's time.
inline EmbeddedOptions prepared_in(const TemporaryBase& base) {
  EmbeddedOptions options;
  options.base_directory = base.path();
  const char* const clusters = std::getenv("POOLGAUGE_TEST_CLUSTERS");
  if (clusters != nullptr && *clusters == '/') {
    options.search.path = std::string(clusters) + "/bin:" + options.search.path;
  }
  return options;
}

/// Started at first use, stopped at the process's end.
inline EmbeddedServer& shared_server() {
  static TemporaryBase base;
  static EmbeddedServer server = [] {
    EmbeddedOptions options = prepared_in(base);
    options.settings = {{"max_connections", "30"}, {"work_mem", "7MB"}};
    Result<EmbeddedServer> started = EmbeddedServer::start(options, never());
    if (!started) FAIL(started.error().message);
    return std::move(started).value();
  }();
  return server;
}

inline std::string as_user(const std::string& user) {
  return shared_server().conninfo() + " user=" + user;
}

/// Runs SQL as the superuser and returns the first field of the first row, if any.
inline std::string sql(const std::string& text) {
  Result<ControlConnection> connection =
      ControlConnection::open(shared_server().conninfo(), never());
  if (!connection) FAIL(connection.error().message);
  const ControlReply reply = connection.value().run(text);
  if (!reply.ok()) FAIL(reply.complaint.message);
  return reply.rows.empty() || reply.rows[0].empty() ? "" : reply.rows[0][0];
}

}  // namespace poolgauge::test
