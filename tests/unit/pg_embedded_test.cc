// The embedded server: starts, is private, goes away, and cleans up after the killed.
#include "pg/server/embedded_server.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>

#include "pg/server/leftovers.h"
#include "pg/session/epoll_time.h"
#include "pg_server_fixture.h"

using namespace poolgauge;
using namespace poolgauge::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

/// With the server's own initdb.
EmbeddedOptions made_in(const TemporaryBase& base) {
  EmbeddedOptions options;
  options.base_directory = base.path();
  return options;
}

Error start_error(const EmbeddedOptions& options) {
  const Result<EmbeddedServer> started = EmbeddedServer::start(options, never());
  REQUIRE_FALSE(started.ok());
  return started.error();
}

bool process_exists(pid_t pid) {
  return ::kill(pid, 0) == 0;
}

/// A child of ours may be gone but for its entry; one of a dead parent's is reaped by init.
bool ended(pid_t pid) {
  return !process_exists(pid) || !fs::exists("/proc/" + std::to_string(pid) + "/exe");
}

uid_t user_of(pid_t pid) {
  struct stat info {};
  REQUIRE(::stat(("/proc/" + std::to_string(pid)).c_str(), &info) == 0);
  return info.st_uid;
}

void make_program(const fs::path& path) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << "#!/bin/sh\n";
  fs::permissions(path, fs::perms(0755));
}

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

/// Sets the directory's modification time far into the past.
void age(const std::string& directory) {
  const std::array<timespec, 2> times{};
  REQUIRE(::utimensat(AT_FDCWD, directory.c_str(), times.data(), 0) == 0);
}

struct Owned {
  pid_t owner = 0;
  pid_t postmaster = 0;
  std::string directory;
};

/// A process of its own that starts a server and then waits to be killed.
Owned start_in_child(const TemporaryBase& base) {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    Result<EmbeddedServer> server = EmbeddedServer::start(prepared_in(base), never());
    const std::string text =
        server ? std::to_string(server.value().pid()) + " " + server.value().directory() : "0 -";
    const ssize_t written = ::write(pipe[1], text.data(), text.size());
    ::close(pipe[1]);
    if (written > 0) ::pause();
    ::_exit(1);
  }
  ::close(pipe[1]);
  std::string text;
  std::array<char, 256> buffer{};
  // The server holds no copy of the pipe, or this would never end.
  while (true) {
    const ssize_t got = ::read(pipe[0], buffer.data(), buffer.size());
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(pipe[0]);
  Owned owned;
  owned.owner = child;
  std::istringstream(text) >> owned.postmaster >> owned.directory;
  return owned;
}

/// What a process that has ended, but was not waited for, wrote about itself.
Owner zombie() {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto self = this_process();
    const unsigned long long ticks = self ? self->start_ticks : 0;
    const ssize_t written = ::write(pipe[1], &ticks, sizeof ticks);
    ::_exit(written > 0 ? 0 : 1);
  }
  Owner owner = this_process().value();
  owner.pid = child;
  REQUIRE(::read(pipe[0], &owner.start_ticks, sizeof owner.start_ticks) > 0);
  siginfo_t info{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
  ::close(pipe[0]);
  ::close(pipe[1]);
  return owner;
}

}  // namespace

TEST_CASE("the embedded server is up, private, ours, and gone after stop", "[pg]") {
  const TemporaryBase base;
  EmbeddedOptions options = made_in(base);
  options.settings = {{"max_connections", "37"}, {"cluster_name", "mine"}};
  Result<EmbeddedServer> started = EmbeddedServer::start(options, never());
  REQUIRE(started.ok());
  EmbeddedServer server = std::move(started).value();
  const pid_t pid = server.pid();
  const std::string directory = server.directory();
  CHECK(directory.rfind(base.path() + "/poolgauge-", 0) == 0);

  CHECK(user_of(pid) != 0);
  CHECK(::getsid(pid) == pid);
  struct stat info {};
  REQUIRE(::stat(directory.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0700U);
  {
    Result<ControlConnection> connection = ControlConnection::open(server.conninfo(), never());
    REQUIRE(connection.ok());
    const ControlReply reply = connection.value().run(
        "SELECT current_setting('listen_addresses'), current_setting('max_connections'),"
        " current_setting('cluster_name'), current_setting('fsync'),"
        " current_setting('server_encoding'), current_user::text");
    REQUIRE(reply.ok());
    CHECK(reply.rows[0] == std::vector<std::string>{"", "37", "mine", "on", "UTF8", "poolgauge"});
    // An open connection does not hold up the stop.
    CHECK(server.stop().ok());
  }
  CHECK_FALSE(process_exists(pid));
  CHECK(base.empty());
  CHECK(server.stop().ok());
  CHECK_FALSE(server.running());
}

TEST_CASE("PGHOSTADDR does not lead away from the embedded server", "[pg]") {
  REQUIRE(::setenv("PGHOSTADDR", "127.0.0.1", 1) == 0);
  const bool connected = ControlConnection::open(shared_server().conninfo(), never()).ok();
  ::unsetenv("PGHOSTADDR");
  CHECK(connected);
}

TEST_CASE("a setting the server does not know is named, nothing is left", "[pg]") {
  const TemporaryBase base;
  EmbeddedOptions options = prepared_in(base);
  options.settings = {{"no_such_setting", "1"}};
  const Error error = start_error(options);
  CHECK(error.kind == ErrorKind::target);
  CHECK_THAT(error.message, Contains("unrecognized configuration parameter \"no_such_setting\""));
  CHECK_THAT(error.hint, Contains("server.settings"));
  CHECK(base.empty());
}

TEST_CASE("settings that would open the server are refused before anything starts", "[pg]") {
  const TemporaryBase base;
  EmbeddedOptions options = prepared_in(base);
  for (const char* name : {"listen_addresses", "hba_file", "unix_socket_directories", "port"}) {
    options.settings = {{name, "*"}};
    const Error error = start_error(options);
    CHECK(error.kind == ErrorKind::usage);
    CHECK_THAT(error.message, Contains(name));
  }
  CHECK(base.empty());
}

TEST_CASE("a temporary directory that cannot serve is refused with the reason", "[pg]") {
  EmbeddedOptions options;
  options.base_directory = "/tmp/no-such-directory-here";
  Error error = start_error(options);
  CHECK(error.kind == ErrorKind::usage);
  CHECK_THAT(error.message, Contains("No such file or directory"));

  const TemporaryBase base;
  const std::string deep = base / std::string(90, 'x');
  fs::create_directory(deep);
  options.base_directory = deep;
  error = start_error(options);
  CHECK(error.kind == ErrorKind::usage);
  CHECK_THAT(error.message, Contains("too long for a Unix socket"));
  CHECK_THAT(error.hint, Contains("TMPDIR"));
  CHECK(fs::is_empty(deep));

  if (::geteuid() != 0) return;
  const std::string closed = base / "closed";
  fs::create_directory(closed);
  fs::permissions(closed, fs::perms(0700));
  options.base_directory = closed;
  error = start_error(options);
  CHECK(error.kind == ErrorKind::target);
  CHECK_THAT(error.message, Contains("change to its directory"));
  CHECK_THAT(error.hint, Contains("must be able to access"));
  CHECK(fs::is_empty(closed));
}

TEST_CASE("a stop request during the start ends it, nothing is left", "[pg]") {
  const TemporaryBase base;
  StopFlag stop;
  stop.request();
  const Result<EmbeddedServer> started = EmbeddedServer::start(prepared_in(base), stop);
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().kind == ErrorKind::interrupted);
  CHECK(base.empty());
}

TEST_CASE("without server programs the error says what was looked for", "[pg]") {
  const TemporaryBase base;
  EmbeddedOptions options = prepared_in(base);
  options.search = {base / "bin", base / "versions"};
  const Error error = start_error(options);
  CHECK(error.kind == ErrorKind::target);
  CHECK_THAT(error.message, Contains("initdb") && Contains(base / "versions/*/bin"));
  CHECK_THAT(error.hint, Contains("apt-get install postgresql") && Contains("--target"));
}

TEST_CASE("server programs: PATH before versions, newest before older, both together", "[pg]") {
  const TemporaryBase base;
  const fs::path root = base.path();
  const BinarySearch search{(root / "links").string() + ":" + (root / "half").string() + "::rel",
                            (root / "v").string()};
  for (const char* version : {"9.6", "15", "14"}) {
    make_program(root / "v" / version / "bin/initdb");
    make_program(root / "v" / version / "bin/postgres");
  }
  make_program(root / "v/16/bin/initdb");     // only the half of an installation
  make_program(root / "v/99old/bin/initdb");  // no version
  make_program(root / "v/99old/bin/postgres");
  make_program(root / "half/initdb");
  CHECK(find_postgres(search).value().postgres == (root / "v/15/bin/postgres").string());

  fs::create_directory(root / "links");
  fs::create_symlink(root / "v/14/bin/initdb", root / "links/initdb");
  CHECK(find_postgres(search).value().initdb == (root / "v/14/bin/initdb").string());
  CHECK(find_postgres(search).value().postgres == (root / "v/14/bin/postgres").string());

  fs::permissions(root / "v/14/bin/postgres", fs::perms(0644));
  CHECK(find_postgres(search).value().postgres == (root / "v/15/bin/postgres").string());
}

TEST_CASE("the next start removes what a killed tool left, and nothing of the living", "[pg]") {
  const TemporaryBase base;
  const Owned living = start_in_child(base);
  const Owned killed = start_in_child(base);
  REQUIRE(living.postmaster > 0);
  REQUIRE(killed.postmaster > 0);
  REQUIRE(::kill(killed.owner, SIGKILL) == 0);
  REQUIRE(::waitpid(killed.owner, nullptr, 0) == killed.owner);

  Result<EmbeddedServer> next = EmbeddedServer::start(prepared_in(base), never());
  REQUIRE(next.ok());
  CHECK_FALSE(fs::exists(killed.directory));
  CHECK(ended(killed.postmaster));
  CHECK(fs::exists(living.directory));
  CHECK(process_exists(living.postmaster));

  REQUIRE(::kill(living.owner, SIGKILL) == 0);
  REQUIRE(::waitpid(living.owner, nullptr, 0) == living.owner);
  const auto removed =
      remove_leftovers(base.path(), {user_of(next.value().pid())}, next.value().directory());
  CHECK(removed == std::vector<std::string>{living.directory});
  CHECK(next.value().stop().ok());
  CHECK(base.empty());
}

TEST_CASE("leftovers: only real directories of ours whose owner is dead", "[pg]") {
  const TemporaryBase base;
  const auto make = [&base](const std::string& name) {
    fs::create_directory(base / name);
    write_text(base / (name + "/keep"), "x");
    return base / name;
  };
  const Owner self = this_process().value();
  const Owner dead = zombie();
  Owner reused = self;
  --reused.start_ticks;
  Owner elsewhere = dead;
  elsewhere.pid_namespace = "pid:[1]";

  const std::string newest = make("poolgauge-newest");
  REQUIRE(write_owner(make("poolgauge-mine"), self));
  REQUIRE(write_owner(make("poolgauge-reused"), reused));
  REQUIRE(write_owner(make("poolgauge-zombie"), dead));
  REQUIRE(write_owner(make("poolgauge-elsewhere"), elsewhere));
  REQUIRE(write_owner(make("other-name"), dead));
  make("poolgauge-young");
  age(make("poolgauge-old"));
  write_text(make("poolgauge-damaged") + "/owner", "rubbish");
  REQUIRE(write_owner(make("target"), dead));
  fs::create_symlink(base / "target", base / "poolgauge-link");
  write_text(base / "poolgauge-file", "");

  auto removed = remove_leftovers(base.path(), {::geteuid()}, newest);
  std::sort(removed.begin(), removed.end());
  CHECK(removed == std::vector<std::string>{base / "poolgauge-old", base / "poolgauge-reused",
                                            base / "poolgauge-zombie"});
  for (const char* kept :
       {"poolgauge-newest", "poolgauge-mine", "poolgauge-elsewhere", "other-name",
        "poolgauge-young", "poolgauge-damaged", "target/keep", "poolgauge-file"}) {
    INFO(kept);
    CHECK(fs::exists(base / kept));
  }
  CHECK(fs::is_symlink(base / "poolgauge-link"));
  ::waitpid(dead.pid, nullptr, 0);

  REQUIRE(write_owner(make("poolgauge-foreign"), dead));
  CHECK(remove_leftovers(base.path(), {::geteuid() + 1}, newest).empty());
  CHECK(remove_leftovers(base / "missing", {::geteuid()}, newest).empty());
}

TEST_CASE("leftovers: the server on the directory is stopped, no other process", "[pg]") {
  const TemporaryBase base;
  const std::string newest = base / "poolgauge-newest";
  const std::string left = base / "poolgauge-left";
  fs::create_directories(left + "/data");
  fs::create_directory(newest);
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const auto stand_in = [&pipe](const std::string& data) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(pipe[0], 0);
      ::execl("/bin/sh", "sh", "-c", "read line", "sh", "-D", data.c_str(), nullptr);
      ::_exit(1);
    }
    // Until the program runs, its command line is still ours.
    std::string arguments;
    for (int i = 0; i < 1000 && arguments.find(data) == std::string::npos; ++i) {
      wait_ms(1);
      std::ifstream file("/proc/" + std::to_string(child) + "/cmdline");
      arguments.assign(std::istreambuf_iterator<char>(file), {});
    }
    REQUIRE(arguments.find(data) != std::string::npos);
    return child;
  };
  const pid_t server = stand_in(left + "/data");
  const pid_t bystander = stand_in(left + "/data2");
  // A process file is no proof.
  write_text(left + "/data/postmaster.pid", std::to_string(bystander) + "\n" + left + "/data\n");
  age(left);
  CHECK(remove_leftovers(base.path(), {::geteuid()}, newest) == std::vector<std::string>{left});
  int status = 0;
  CHECK(::waitpid(server, &status, 0) == server);
  CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGINT));
  CHECK(::waitpid(bystander, nullptr, WNOHANG) == 0);
  ::kill(bystander, SIGKILL);
  ::waitpid(bystander, nullptr, 0);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST_CASE("a tool killed during initdb leaves nothing after the next start", "[pg]") {
  const TemporaryBase base;
  const pid_t tool = ::fork();
  if (tool == 0) {
    const auto server = EmbeddedServer::start(made_in(base), never());
    ::_exit(server ? 0 : 1);
  }
  const auto initdb_works = [&base] {
    for (const auto& entry : fs::directory_iterator(base.path())) {
      if (fs::exists(entry.path() / "data/global")) return true;
    }
    return false;
  };
  for (int i = 0; i < 3000 && !initdb_works(); ++i) wait_ms(5);
  REQUIRE(initdb_works());
  REQUIRE(::kill(tool, SIGKILL) == 0);
  REQUIRE(::waitpid(tool, nullptr, 0) == tool);
  StopFlag stop;
  stop.request();
  CHECK_FALSE(EmbeddedServer::start(made_in(base), stop).ok());
  CHECK(base.empty());
}
