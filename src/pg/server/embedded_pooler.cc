// pgbouncer.ini, start, ready; and the end.
#include "pg/server/embedded_pooler.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "pg/conninfo/conninfo.h"
#include "pg/server/leftovers.h"
#include "pg/session/epoll_time.h"

namespace poolgauge {
namespace {

constexpr int kPoolerTickMs = 10;
constexpr Duration kPoolerPatience = std::chrono::seconds(10);
constexpr int kPort = 6432;
constexpr std::int64_t kOwnPlaces = 1;
constexpr const char* kUser = "poolgauge";
constexpr const char* kUsersFile = "/pgbouncer.users";
constexpr const char* kLogFile = "/pgbouncer.log";

/// Seconds, as PgBouncer counts them.
std::string ini_value(const OptionValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *integer);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "1" : "0";
  if (const auto* time = std::get_if<Duration>(&value)) return fmt::format("{:.6g}", to_s(*time));
  return std::get<std::string>(value);
}

/// Quoted as in PgBouncer's connection strings.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

bool write_file(const std::string& path, const std::string& text, const EmbeddedServer& server) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const ssize_t written = ::write(file, text.data(), text.size());
  const auto& user = server.user();
  const bool owned = !user || ::fchown(file, user->uid, user->gid) == 0;
  return ::close(file) == 0 && owned && written == static_cast<ssize_t>(text.size());
}

}  // namespace

std::string pooler_settings(const PoolSpec& spec, const std::string& directory) {
  std::string database = fmt::format("{} = host={} port=5432 dbname={}", kEmbeddedDatabase,
                                     quoted(directory), kEmbeddedDatabase);
  std::string options;
  for (const auto& [name, value] : spec.options) {
    if (name == "version") continue;  // for the model; this one has its own
    if (name == "max_client_conn") continue;
    if (name == "pool_size") {
      if (std::get<std::int64_t>(value) >= 0) database += " pool_size=" + ini_value(value);
      continue;
    }
    options += fmt::format("{} = {}\n", name, ini_value(value));
  }
  // Our own look at its console takes a place that the scenario counts for the load.
  const std::int64_t places = spec.integer("max_client_conn") + kOwnPlaces;
  // libpq sends what PG* variables ask for; what PgBouncer does not know would be refused.
  return fmt::format(
      "[databases]\n{}\n\n[pgbouncer]\n{}max_client_conn = {}\n"
      "listen_addr =\nlisten_port = {}\nunix_socket_dir = {}\nunix_socket_mode = 0700\n"
      "auth_type = trust\nauth_file = {}{}\nadmin_users = {}\n"
      "ignore_startup_parameters = extra_float_digits, options, geqo\n"
      "log_connections = 0\nlog_disconnections = 0\nlog_stats = 0\n",
      database, options, places, kPort, directory, directory, kUsersFile, kUser);
}

Result<EmbeddedPooler> EmbeddedPooler::start(const PoolSpec& spec, const EmbeddedServer& server,
                                             const BinarySearch& search, const StopFlag& stop) {
  const Result<std::string> program = find_pgbouncer(search);
  if (!program) return program.error();
  EmbeddedPooler pooler;
  pooler.directory_ = server.directory();
  if (const Status written = pooler.write_files(spec, server); !written) return written.error();
  if (const Status started = pooler.run(program.value(), server); !started) return started.error();
  if (const Status ready = pooler.wait_ready(program.value(), stop); !ready) return ready.error();
  if (const Status serves = pooler.look_inside(stop); !serves) return serves.error();
  return pooler;
}

Status EmbeddedPooler::write_files(const PoolSpec& spec, const EmbeddedServer& server) {
  const bool written =
      write_file(directory_ + kPoolerSettings, pooler_settings(spec, directory_), server) &&
      write_file(directory_ + kUsersFile, fmt::format("\"{}\" \"\"\n", kUser), server);
  const std::string log = directory_ + kLogFile;
  if (written)
    log_fd_ = ::open(log.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (log_fd_ >= 0) return success();
  return Error{
      ErrorKind::target,
      fmt::format("cannot write PgBouncer's settings in {}: {}", directory_, std::strerror(errno)),
      "check that the disk is not full, or set TMPDIR to another directory"};
}

Status EmbeddedPooler::run(const std::string& program, const EmbeddedServer& server) {
  ChildOptions child;
  child.arguments = {program, directory_ + kPoolerSettings};
  child.directory = directory_;
  child.user = server.user();
  child.output_fd = log_fd_;
  child.death_signal = SIGTERM;
  Result<ChildProcess> started = ChildProcess::start(child);
  if (!started) return started.error();
  process_ = std::move(started).value();
  return success();
}

Error EmbeddedPooler::refuses(const std::string& what) const {
  return Error{ErrorKind::target, what + indented(log_tail(log_fd_, 6)),
               "correct deployment.pooler (names and values as in pgbouncer.ini), or check whether "
               "this PgBouncer version is too old for them"};
}

Status EmbeddedPooler::wait_ready(const std::string& program, const StopFlag& stop) {
  const std::string socket = fmt::format("{}/.s.PGSQL.{}", directory_, kPort);
  const TimePoint until = monotonic_now() + kPoolerPatience;
  while (monotonic_now() < until) {
    if (stop.requested()) return interrupted_error();
    if (!process_.running()) return refuses(fmt::format("PgBouncer ({}) did not start", program));
    if (::access(socket.c_str(), F_OK) == 0) {
      const Result<ControlConnection> attempt = ControlConnection::open(console(), stop);
      if (attempt) return success();
      if (attempt.error().kind == ErrorKind::interrupted) return attempt.error();
    }
    wait_ms(kPoolerTickMs);
  }
  return refuses(fmt::format("PgBouncer ({}) did not answer within 10 s", program));
}

// Reads what it is, and asks the server one thing through it.
Status EmbeddedPooler::look_inside(const StopFlag& stop) {
  Result<PoolerConsole> console_connection = PoolerConsole::open(console(), stop);
  if (!console_connection) return console_connection.error();
  Result<PoolerInfo> info = console_connection.value().info(kEmbeddedDatabase);
  if (!info) return info.error();
  info_ = std::move(info).value();
  info_.clients = 0;  // only ourselves
  info_.max_client_conn -= kOwnPlaces;
  Result<ControlConnection> through = ControlConnection::open(conninfo(), stop);
  if (!through) {
    if (through.error().kind == ErrorKind::interrupted) return through.error();
    return refuses("PgBouncer refuses the connection\n  " + through.error().message);
  }
  const ControlReply reply = through.value().run("SELECT 1");
  if (reply.ok()) return success();
  if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
  return refuses("PgBouncer cannot reach the server: " + reply.complaint.message);
}

EmbeddedPooler::EmbeddedPooler(EmbeddedPooler&& other) noexcept
    : directory_(std::move(other.directory_)),
      log_fd_(std::exchange(other.log_fd_, -1)),
      info_(std::move(other.info_)),
      process_(std::move(other.process_)) {}

EmbeddedPooler::~EmbeddedPooler() {
  stop();
}

// SIGTERM ends the releases up to 1.22 at once; later ones wait for their clients, SIGQUIT does
// not.
void EmbeddedPooler::stop(const StopFlag* hurry) {
  process_.stop({{SIGTERM, 1000}, {SIGQUIT, 1000}}, hurry);
  if (log_fd_ >= 0) ::close(std::exchange(log_fd_, -1));
}

std::string EmbeddedPooler::conninfo() const {
  return conninfo_pair("host", directory_) +
         fmt::format(" hostaddr='' port={} user={} dbname={}", kPort, kUser, kEmbeddedDatabase);
}

}  // namespace poolgauge
