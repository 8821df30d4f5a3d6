// The loop of looks, and what it does about a server that goes away.
#include "pg/observe/observe_read.h"

#include <sys/resource.h>

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/rng.h"
#include "base/text.h"
#include "base/visible_text.h"
#include "pg/conninfo/conninfo.h"
#include "pg/observe/observe_pace.h"
#include "pg/session/ask.h"
#include "pg/session/control_connection.h"
#include "pg/session/epoll_time.h"

namespace poolgauge {
namespace {

constexpr Duration kReopen = std::chrono::seconds(5);     // between two attempts
constexpr Duration kReopenFor = std::chrono::seconds(1);  // no look is taken meanwhile
constexpr Duration kComeBack = std::chrono::seconds(30);
constexpr int kMostRefused = 20;  // looks in a row
constexpr int kOldest = 130'000;

double processor_s() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

ControlLimits observe_limits() {
  ControlLimits limits;
  limits.answer = std::chrono::seconds(5);
  limits.whole = std::chrono::seconds(5);
  return limits;
}

class SessionWatcher {
 public:
  SessionWatcher(ControlConnection connection, double connect_s, const ObserveWishes& wishes,
                 const StopFlag& stop, ObserveSink& sink)
      : connection_(std::move(connection)),
        wishes_(wishes),
        stop_(stop),
        sink_(sink),
        jitter_(wishes.seed),
        interval_(wishes.interval) {
    end_.server.connect_s = connect_s;
  }

  Result<ObserveEnd> watch();
  Status open_console();

 private:
  Status introduce();
  Status read_names();
  bool take_look();
  void read_counters();
  bool come_back();
  void mind_cost();
  void reopen_console();
  void look_at_console(bool stats);
  double elapsed_s() const { return to_s(monotonic_now() - began_); }
  Status refused(const ControlReply& reply) const;
  Error cannot_look() const;

  ControlConnection connection_;
  const ObserveWishes& wishes_;
  const StopFlag& stop_;
  ObserveSink& sink_;
  Rng jitter_;
  Duration interval_;
  ObserveEnd end_;
  StatementCounts statements_;
  std::optional<ObserveConsole> console_;
  TimePoint next_console_{}, next_reopening_{};
  ObserveNames names_;
  std::string started_, lost_, complaint_;
  TimePoint began_{};
  double cost_s_ = 0, cost_since_counters_s_ = 0, processor_before_s_ = 0, watched_s_ = 0;
  double since_counters_ = 0;  // our own statements
  int refused_ = 0;
  std::uint64_t looks_ = 0;
};

Status SessionWatcher::refused(const ControlReply& reply) const {
  if (reply.ending == ControlReply::Ending::interrupted || stop_.requested()) {
    return interrupted_error();
  }
  return Error{ErrorKind::target,
               fmt::format("cannot read the statistics of the server at {}\n  {}",
                           end_.server.address, reply.complaint.message),
               ""};
}

Error SessionWatcher::cannot_look() const {
  return {ErrorKind::target,
          fmt::format("cannot read the sessions of the server at {}\n  {}", end_.server.address,
                      complaint_),
          ""};
}

Status SessionWatcher::read_names() {
  const ControlReply reply = ask(connection_, observe_names_sql(), 3);
  since_counters_ += 1;
  if (!reply.ok()) return refused(reply);
  for (const ObserveRow& row : reply.rows) names_[row[0] + row[1]] = row[2];
  return success();
}

Status SessionWatcher::introduce() {
  ObserveServer& server = end_.server;
  PGconn* const raw = connection_.raw();
  server.address = scrub(describe(connection_.conninfo()), connection_.conninfo());
  server.version_num = PQserverVersion(raw);
  const char* const version = PQparameterStatus(raw, "server_version");
  const std::string whole = version != nullptr ? version : "";
  server.version = shortened(whole.substr(0, whole.find(' ')), 100);
  if (is_pooler_console(connection_)) {
    return Error{ErrorKind::usage, "the target is PgBouncer's console, not a server",
                 "name the PostgreSQL server behind it with --target"};
  }
  if (server.version_num < kOldest) {
    return Error{ErrorKind::target,
                 fmt::format("observe needs PostgreSQL 13 or later; the server at {} is {}",
                             server.address, server.version),
                 ""};
  }
  const ControlReply reply = ask(connection_, observe_facts_sql(), kObserveFacts, 1);
  if (!reply.ok()) return refused(reply);
  const ObserveIdentity identity = read_facts(reply.rows[0], server);
  started_ = identity.started;
  if (!identity.may_see) {
    return Error{ErrorKind::target,
                 fmt::format("role {} may not see what sessions of other roles are doing",
                             quoted_identifier(server.role)),
                 fmt::format("GRANT pg_read_all_stats TO {};", quoted_identifier(server.role))};
  }
  server.through_pooler = PQbackendPID(raw) != identity.pid;
  // Behind a pooler in transaction mode a setting would stay in somebody else's session.
  if (!server.through_pooler) {
    const ControlReply set = connection_.run(
        "SET default_transaction_read_only = on; SET statement_timeout = '3s'; "
        "SET lock_timeout = '200ms'; SET idle_in_transaction_session_timeout = '10s'");
    if (!set.ok()) return refused(set);
  }
  return read_names();
}

/// False: the connection is gone.
bool SessionWatcher::take_look() {
  const TimePoint asked_at = monotonic_now();
  ControlReply reply = ask(connection_, observe_look_sql(), kObserveLook);
  since_counters_ += 1;
  if (!reply.ok()) {
    if (reply.ending == ControlReply::Ending::failed) {
      complaint_ = reply.complaint.message;
      return ++refused_ < kMostRefused;
    }
    lost_ = reply.complaint.message.empty() ? "no answer" : reply.complaint.message;
    return false;
  }
  refused_ = 0;
  ObserveLook look{elapsed_s(), {}, to_s(monotonic_now() - asked_at)};
  double cost = 0;
  bool asked = false;
  for (const ObserveRow& row : reply.rows) {
    cost = std::max(cost, cost_of(row));
    std::optional<ObserveSession> session = session_of(row);
    if (!session) continue;
    if (!has_names(row, names_) && !asked) {
      asked = true;  // a database or role that is new; one that is gone again keeps its number
      if (!read_names().ok()) return connection_.usable();
    }
    session->group = sink_.group(key_of(row, names_));
    look.sessions.push_back(*session);
  }
  cost_s_ += cost;
  cost_since_counters_s_ += cost;
  ++looks_;
  sink_.look(look);
  return true;
}

void SessionWatcher::read_counters() {
  const ControlReply reply =
      ask(connection_, observe_counters_sql(end_.server.has_times()), kObserveCounters);
  if (!reply.ok()) {  // the next look says whether the connection is gone
    if (reply.ending == ControlReply::Ending::failed) {
      end_.no_counters = reply.complaint.message;
    }
    return;
  }
  ObserveCounterLook look{elapsed_s(), {}};
  for (const ObserveRow& row : reply.rows) {
    if (auto counters = counters_of(row)) look.databases.push_back(std::move(*counters));
  }
  sink_.counters(look, end_.server.database, since_counters_, cost_since_counters_s_);
  since_counters_ = 1;  // this question itself is counted after it was answered
  cost_since_counters_s_ = 0;
}

/// Whether the server answers again in time.
bool SessionWatcher::come_back() {
  const double gone_s = elapsed_s();
  const TimePoint until = std::min(monotonic_now() + kComeBack, began_ + wishes_.length);
  while (rest_until(monotonic_now() + std::chrono::milliseconds(500), stop_) &&
         monotonic_now() < until) {
    ControlLimits limits = observe_limits();
    limits.connect = std::chrono::seconds(5);
    auto opened = ControlConnection::open(connection_.conninfo(), stop_, limits);
    if (!opened.ok()) continue;
    connection_ = std::move(opened).value();
    const std::string before = started_;
    if (!introduce().ok()) continue;
    sink_.gap(
        gone_s,
        fmt::format("{} {:.0f} s into the window ({}); the figures cover the time before "
                    "and after, without the {:.0f} s between",
                    started_ == before ? "the connection was lost" : "the server was restarted",
                    gone_s, lost_, elapsed_s() - gone_s));
    since_counters_ = cost_since_counters_s_ = 0;
    return true;
  }
  return false;
}

/// Looks less often where they are too dear.
void SessionWatcher::mind_cost() {
  if (looks_ % kLooksOfAPace != 0) return;
  const double spent_s = std::max(cost_s_, processor_s() - processor_before_s_);
  interval_ = paced_interval(spent_s, looks_, elapsed_s(), wishes_.interval);
}

Status SessionWatcher::open_console() {
  if (wishes_.console.empty()) return success();
  Result<ObserveConsole> opened = ObserveConsole::open(wishes_.console, stop_);
  if (!opened.ok()) return opened.error();
  console_ = std::move(opened).value();
  return success();
}

/// One that went away, as when PgBouncer restarts, is looked for again.
void SessionWatcher::reopen_console() {
  if (wishes_.console.empty() || console_ || monotonic_now() < next_reopening_) return;
  Result<ObserveConsole> opened = ObserveConsole::open(wishes_.console, stop_, kReopenFor);
  if (opened.ok()) {
    console_ = std::move(opened).value();
  } else {
    next_reopening_ = monotonic_now() + kReopen;
  }
}

void SessionWatcher::look_at_console(bool stats) {
  reopen_console();
  if (!console_ || (!stats && monotonic_now() < next_console_)) return;
  next_console_ = monotonic_now() + std::chrono::seconds(1);
  const Result<ObservePoolerLook> look = console_->look(elapsed_s(), stats);
  if (look.ok()) return sink_.pooler(look.value());
  if (!stop_.requested()) end_.no_console = look.error().message;
  if (console_->usable()) return;
  console_.reset();
  next_reopening_ = monotonic_now() + kReopen;
}

Result<ObserveEnd> SessionWatcher::watch() {
  if (const Status met = introduce(); !met.ok()) return met.error();
  if (wishes_.met) wishes_.met(end_.server);
  if (wishes_.statements) statements_.begin(connection_);
  began_ = monotonic_now();
  processor_before_s_ = processor_s();
  const TimePoint until = began_ + wishes_.length;
  TimePoint next = began_;
  TimePoint next_counters = began_;
  while (rest_until(next, stop_) && monotonic_now() < until) {
    if (!take_look()) {
      if (stop_.requested()) break;
      if (connection_.usable()) {
        return cannot_look();
      }
      if (!come_back()) {
        if (!stop_.requested()) end_.lost = lost_;
        break;
      }
      next = next_counters = monotonic_now();
      continue;
    }
    const TimePoint now = monotonic_now();
    if (now >= next_counters) {
      read_counters();
      look_at_console(true);
      next_counters = now + wishes_.batch;
    }
    look_at_console(false);
    mind_cost();
    if (wishes_.progress) wishes_.progress(elapsed_s());
    const Duration wait = from_s(to_s(interval_) * (0.5 + jitter_.uniform()));
    next = std::min(std::max(next + wait, now), until);
  }
  if (end_.lost.empty() && !stop_.requested()) {
    read_counters();
    look_at_console(true);
    if (wishes_.statements) end_.statements = statements_.end(connection_);
  }
  if (looks_ == 0 && !stop_.requested()) return cannot_look();
  sink_.end(elapsed_s());
  end_.interrupted = stop_.requested();
  watched_s_ = std::max(elapsed_s(), 1e-3);
  end_.cost = {cost_s_ / watched_s_, (processor_s() - processor_before_s_) / watched_s_,
               to_s(interval_)};
  return std::move(end_);
}

}  // namespace

Result<ObserveEnd> watch_sessions(const std::string& conninfo, const ObserveWishes& wishes,
                                  const StopFlag& stop, ObserveSink& sink) {
  const TimePoint began = monotonic_now();
  Result<ControlConnection> opened = ControlConnection::open(conninfo, stop, observe_limits());
  if (!opened.ok()) return opened.error();
  SessionWatcher watcher(std::move(opened).value(), to_s(monotonic_now() - began), wishes, stop,
                         sink);
  if (const Status console = watcher.open_console(); !console.ok()) return console.error();
  return watcher.watch();
}

}  // namespace poolgauge
