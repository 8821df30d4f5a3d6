// initdb, postgres, ready; and everything back.
#include "pg/server/embedded_server.h"

#include <fcntl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/core.h>

#include "pg/conninfo/conninfo.h"
#include "pg/probe/server_counters.h"
#include "pg/server/leftovers.h"
#include "pg/session/control_connection.h"
#include "pg/session/epoll_time.h"

namespace poolgauge {
namespace {

constexpr int kTickMs = 10;
constexpr int kFillPatienceMs = 60'000;
constexpr Duration kReadyPatience = std::chrono::seconds(30);
/// sockaddr_un holds 108 bytes with the closing zero.
constexpr std::size_t kSocketPathMax = 107;
constexpr const char* kSocketName = "/.s.PGSQL.5432";

/// Without links, so that a later start recognises the server's command line by its text.
Result<std::string> base_of(const EmbeddedOptions& options) {
  std::string base = options.base_directory;
  if (base.empty()) {
    const char* temporary = std::getenv("TMPDIR");
    base = temporary != nullptr && *temporary == '/' ? temporary : "/tmp";
  }
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(base, error);
  if (!error) return real.string();
  return Error{ErrorKind::usage,
               fmt::format("the temporary directory {} cannot be used: {}", base, error.message()),
               "set TMPDIR to a directory you may write to"};
}

/// Settings that would open the server to others or move it out of its directory.
Status check_settings(const EmbeddedOptions& options) {
  constexpr std::array<const char*, 11> kOurs = {"listen_addresses",
                                                 "unix_socket_directories",
                                                 "unix_socket_permissions",
                                                 "unix_socket_group",
                                                 "port",
                                                 "data_directory",
                                                 "config_file",
                                                 "hba_file",
                                                 "ident_file",
                                                 "external_pid_file",
                                                 "logging_collector"};
  for (const auto& [name, value] : options.settings) {
    if (std::find(kOurs.begin(), kOurs.end(), name) != kOurs.end()) {
      return Error{ErrorKind::usage,
                   fmt::format("server.settings cannot set {}: the throwaway PostgreSQL always "
                               "uses its own directory and a private Unix socket",
                               name),
                   "remove it, or use your own server with --target"};
    }
  }
  return success();
}

Status check_socket_path(const std::string& base) {
  const std::size_t length =
      base.size() + std::strlen("/poolgauge-XXXXXX") + std::strlen(kSocketName);
  if (length <= kSocketPathMax) return success();
  return Error{ErrorKind::usage,
               fmt::format("the path of the temporary directory is too long for a Unix socket: {} "
                           "bytes, at most {}\n  {}",
                           length, kSocketPathMax, base),
               "set TMPDIR to a shorter path, such as /tmp"};
}

bool works_in(pid_t pid, const std::string& directory) {
  std::error_code error;
  return std::filesystem::read_symlink(fmt::format("/proc/{}/cwd", pid), error) == directory;
}

/// The few bytes by which a postmaster shows that it lives. One that was killed leaves them, and
/// its postmaster.pid says where: "KEY ID" in the seventh line.
void free_shared_memory(const std::string& data) {
  std::ifstream file(data + "/postmaster.pid");
  std::string line;
  for (int i = 0; i < 6; ++i) std::getline(file, line);
  key_t key = 0;
  int id = -1;
  shmid_ds facts{};
  if (!(file >> key >> id) || ::shmctl(id, IPC_STAT, &facts) != 0) return;
  if (facts.shm_perm.__key == key) ::shmctl(id, IPC_RMID, nullptr);
}

}  // namespace

Result<EmbeddedServer> EmbeddedServer::start(const EmbeddedOptions& options, const StopFlag& stop) {
  return launch(nullptr, options, stop);
}

Result<EmbeddedServer> EmbeddedServer::start_replica(const EmbeddedServer& primary,
                                                     const EmbeddedOptions& options,
                                                     const StopFlag& stop) {
  return launch(&primary, options, stop);
}

Result<EmbeddedServer> EmbeddedServer::launch(const EmbeddedServer* primary,
                                              const EmbeddedOptions& options,
                                              const StopFlag& stop) {
  if (const Status status = check_settings(options); !status) return status.error();
  const Result<PostgresBinaries> binaries = find_postgres(options.search);
  if (!binaries) return binaries.error();
  const Result<std::string> base = base_of(options);
  if (!base) return base.error();
  if (const Status status = check_socket_path(base.value()); !status) return status.error();

  EmbeddedServer server;
  server.user_ = unprivileged_user();
  if (const Status status = server.make_directory(base.value()); !status) return status.error();
  std::vector<uid_t> users = {::geteuid()};
  if (server.user_) users.push_back(server.user_->uid);
  remove_leftovers(base.value(), users, server.directory_, &stop);
  const Status filled = primary == nullptr ? server.run_initdb(binaries.value(), stop)
                                           : server.copy_from(*primary, binaries.value(), stop);
  if (!filled) return filled.error();
  if (const Status status = server.start_server(binaries.value(), options); !status) {
    return status.error();
  }
  if (const Status status = server.wait_ready(stop); !status) return status.error();
  return server;
}

Status EmbeddedServer::make_directory(const std::string& base) {
  std::string path = base + "/" + kDirectoryPrefix + "XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return Error{ErrorKind::target,
                 fmt::format("cannot create a directory for the throwaway PostgreSQL in {}: {}",
                             base, std::strerror(errno)),
                 "set TMPDIR to a directory you may write to"};
  }
  directory_ = path;
  const std::optional<Owner> self = this_process();
  log_fd_ =
      ::open((directory_ + "/log").c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (log_fd_ < 0 || (self && !write_owner(directory_, *self))) {
    return Error{ErrorKind::target,
                 fmt::format("cannot write to {}: {}", directory_, std::strerror(errno)),
                 "check that the disk is not full, or set TMPDIR to another directory"};
  }
  // 0700 stays: who can reach the socket is a superuser of this server without a password. Root
  // reaches it whoever owns the directory.
  if (user_ && ::chown(directory_.c_str(), user_->uid, user_->gid) != 0) {
    return Error{
        ErrorKind::target,
        fmt::format(
            "PostgreSQL refuses to run as root, and changing the owner of {} to {} failed: {}",
            directory_, user_->name, std::strerror(errno)),
        "run as a normal user, or use a server with --target"};
  }
  return success();
}

Status EmbeddedServer::run_initdb(const PostgresBinaries& binaries, const StopFlag& stop) {
  return run_to_end({binaries.initdb, "-D", directory_ + "/data", "-A", "trust", "-U", "poolgauge",
                     "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"},
                    stop);
}

Status EmbeddedServer::copy_from(const EmbeddedServer& primary, const PostgresBinaries& binaries,
                                 const StopFlag& stop) {
  const std::string program =
      (std::filesystem::path(binaries.postgres).parent_path() / "pg_basebackup").string();
  if (::access(program.c_str(), X_OK) != 0) {
    return Error{
        ErrorKind::target,
        fmt::format("the throwaway replica needs pg_basebackup, but {} does not exist", program),
        "install the client programs of the same version (Debian: apt-get install "
        "postgresql-client), or use servers with --target and --replica-target"};
  }
  return run_to_end({program, "-D", directory_ + "/data", "-d", primary.conninfo(), "-R", "-w",
                     "-X", "stream", "-c", "fast", "--no-sync"},
                    stop);
}

/// A program that fills the data directory.
Status EmbeddedServer::run_to_end(const std::vector<std::string>& command, const StopFlag& stop) {
  const std::string name = std::filesystem::path(command.front()).filename().string();
  ChildOptions options;
  options.arguments = command;
  options.directory = directory_;
  options.user = user_;
  options.output_fd = log_fd_;
  options.death_signal = SIGTERM;
  Result<ChildProcess> started = ChildProcess::start(options);
  if (!started) {
    Error error = started.error();
    if (user_) {
      error.hint = fmt::format("user {} must be able to access {} and run {}", user_->name,
                               directory_, command.front());
    }
    return error;
  }
  // SIGTERM lets it end after its present phase; a harder end would leave the shared memory of the
  // postgres that initdb runs behind, for ever.
  ChildProcess child = std::move(started).value();
  for (int waited = 0; child.running(); waited += kTickMs) {
    if (stop.requested()) {
      child.stop({{SIGTERM, 5000}}, &stop);
      return interrupted_error();
    }
    if (waited >= kFillPatienceMs) {
      child.stop({{SIGTERM, 5000}}, &stop);
      return Error{ErrorKind::target,
                   fmt::format("{} did not finish within 60 s", name) + indented(log_tail(5)),
                   "the disk may be very slow; set TMPDIR to another directory"};
    }
    wait_ms(kTickMs);
  }
  if (child.succeeded()) return success();
  return Error{ErrorKind::target, name + " failed" + indented(log_tail(8)),
               "check that the disk is not full, set TMPDIR to another directory, or use a running "
               "server with --target"};
}

Status EmbeddedServer::start_server(const PostgresBinaries& binaries,
                                    const EmbeddedOptions& options) {
  if (::ftruncate(log_fd_, 0) != 0) return early_end();  // initdb's chatter is of no more use
  ChildOptions child;
  child.arguments = {binaries.postgres, "-D", directory_ + "/data"};
  const auto set = [&child](const std::string& name, const std::string& value) {
    child.arguments.emplace_back("-c");
    child.arguments.push_back(name + "=" + value);
  };
  set("cluster_name", "poolgauge");
  set("log_line_prefix", "");
  for (const auto& [name, value] : options.settings) set(name, value);
  set("listen_addresses", "");
  set("unix_socket_directories", directory_);
  set("port", "5432");
  child.directory = directory_;
  child.user = user_;
  child.output_fd = log_fd_;
  child.death_signal = SIGINT;  // fast shutdown
  Result<ChildProcess> started = ChildProcess::start(child);
  if (!started) return started.error();
  server_ = std::move(started).value();
  return success();
}

Status EmbeddedServer::wait_ready(const StopFlag& stop) {
  const std::string socket = directory_ + kSocketName;
  const TimePoint until = monotonic_now() + kReadyPatience;
  while (monotonic_now() < until) {
    if (stop.requested()) return interrupted_error();
    if (!server_.running()) return early_end();
    // The socket appears late in the start; before that an attempt could only be refused.
    if (::access(socket.c_str(), F_OK) == 0) {
      const Result<ControlConnection> attempt = ControlConnection::open(conninfo(), stop);
      if (attempt) return success();
      if (attempt.error().kind == ErrorKind::interrupted) return attempt.error();
    }
    wait_ms(kTickMs);
  }
  return Error{ErrorKind::target,
               "the throwaway PostgreSQL did not answer within 30 s" + indented(log_tail(5)),
               "check server.settings, or use your own server with --target"};
}

Error EmbeddedServer::early_end() const {
  return Error{ErrorKind::target, "the throwaway PostgreSQL did not start" + indented(log_tail(6)),
               "correct the scenario's server.settings (names and values as in postgresql.conf)"};
}

EmbeddedServer::EmbeddedServer(EmbeddedServer&& other) noexcept
    : directory_(std::exchange(other.directory_, {})),
      log_fd_(std::exchange(other.log_fd_, -1)),
      user_(std::move(other.user_)),
      server_(std::move(other.server_)) {}

EmbeddedServer& EmbeddedServer::operator=(EmbeddedServer&& other) noexcept {
  if (this != &other) {
    const Status stopped = stop();
    static_cast<void>(stopped);
    directory_ = std::exchange(other.directory_, {});
    log_fd_ = std::exchange(other.log_fd_, -1);
    user_ = std::move(other.user_);
    server_ = std::move(other.server_);
  }
  return *this;
}

EmbeddedServer::~EmbeddedServer() {
  const Status stopped = stop();
  static_cast<void>(stopped);  // nobody is left to tell; the next start tries again
}

Status EmbeddedServer::stop(const StopFlag* hurry) {
  end_processes(hurry);
  if (log_fd_ >= 0) ::close(std::exchange(log_fd_, -1));
  const std::string directory = std::exchange(directory_, {});
  if (directory.empty() || remove_tree(directory)) return success();
  return Error{ErrorKind::internal, fmt::format("cannot remove {}", directory),
               "remove it manually; no server uses it any more"};
}

// Its backends have sessions of their own: no signal to its group reaches them, and a frozen one
// would hold up an orderly end.
void EmbeddedServer::end_processes(const StopFlag* hurry) {
  if (!server_.running()) return;
  const std::string data = directory_ + "/data";
  const std::vector<pid_t> backends = children_of(server_.pid());
  for (const pid_t backend : backends) ::kill(backend, SIGCONT);
  server_.stop({{SIGINT, 4000}, {SIGQUIT, 6000}}, hurry);
  for (const pid_t backend : backends) {
    if (works_in(backend, data)) ::kill(backend, SIGKILL);
  }
  free_shared_memory(data);
}

std::string EmbeddedServer::conninfo() const {
  // An empty hostaddr keeps PGHOSTADDR of the environment out.
  return conninfo_pair("host", directory_) +
         " hostaddr='' port=5432 user=poolgauge dbname=postgres";
}

std::string EmbeddedServer::log_tail(std::size_t lines) const {
  return poolgauge::log_tail(log_fd_, lines);
}

}  // namespace poolgauge
