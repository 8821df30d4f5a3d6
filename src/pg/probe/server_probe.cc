// Sampling pg_stat_activity.
#include "pg/probe/server_probe.h"

#include <algorithm>
#include <cstdlib>

#include "base/visible_text.h"
#include "pg/session/ask.h"

namespace poolgauge {

namespace {

// The load's backends are known by their application name, which is this run's own, alone or with
// a pool's after it, unless the conninfo gives one.
constexpr const char* kLook =
    "SELECT state, CASE WHEN state = 'active' THEN coalesce(wait_event_type, 'CPU') END, "
    "ours, count(*), CASE WHEN ours THEN usename END, application_name, "
    "CASE WHEN state = 'active' AND ours THEN wait_event END "
    "FROM (SELECT *, application_name = $name$ OR starts_with(application_name, $load$ || '-') "
    "AS ours FROM pg_stat_activity WHERE backend_type = 'client backend' "
    "AND pid <> pg_backend_pid()) AS client GROUP BY 1, 2, 3, 5, 6, 7";

// A pooler may lose the names (RESET ALL does so in PgBouncer): its backends for this user and
// database are those that come from where this one comes from.
constexpr const char* kLookThroughPooler =
    "SELECT state, CASE WHEN state = 'active' THEN coalesce(wait_event_type, 'CPU') END, "
    "ours, count(*), CASE WHEN ours THEN usename END, application_name, "
    "CASE WHEN state = 'active' AND ours THEN wait_event END "
    "FROM (SELECT a.*, a.usesysid = me.usesysid AND a.datid = me.datid "
    "AND a.client_addr IS NOT DISTINCT FROM me.client_addr "
    "AS ours FROM pg_stat_activity AS a, pg_stat_activity AS me WHERE me.pid = pg_backend_pid() "
    "AND a.backend_type = 'client backend' AND a.pid <> me.pid) AS client "
    "GROUP BY 1, 2, 3, 5, 6, 7";

// Who waits for a lock and who is in the way. A prepared transaction has no backend.
constexpr const char* kBlocking =
    "SELECT waits.wait_event, waits.application_name, coalesce(holder.application_name, ''), "
    "CASE WHEN way.pid = 0 THEN 'prepared transaction' "
    "ELSE coalesce(holder.state, 'not visible to us') END, count(*) "
    "FROM (SELECT * FROM pg_stat_activity WHERE wait_event_type = 'Lock' LIMIT 20) AS waits "
    "CROSS JOIN LATERAL unnest(pg_blocking_pids(waits.pid)) AS way(pid) "
    "LEFT JOIN pg_stat_activity AS holder ON holder.pid = way.pid GROUP BY 1, 2, 3, 4";

constexpr std::size_t kMostApplications = 20;
constexpr std::size_t kMostBlocking = 20;
constexpr std::size_t kMostEvents = 20;

void put_in_place(std::string& text, std::string_view place, const std::string& value) {
  text.replace(text.find(place), place.size(), value);
}

std::string look_for(const std::string& quoted_name, const std::string& load_name) {
  std::string text = kLook;
  put_in_place(text, "$name$", quoted_name);
  put_in_place(text, "$load$", "'" + load_name + "'");
  return text;
}

void add_ours(std::vector<ServerView::Connections>& all, const ServerView::Connections& more) {
  const auto same = std::find_if(all.begin(), all.end(), [&](const auto& known) {
    return known.user == more.user && known.application_name == more.application_name;
  });
  if (same == all.end()) {
    all.push_back(more);
  } else {
    same->mean += more.mean;
    same->peak = std::max(same->peak, more.peak);
  }
}

void add_wait(std::vector<ServerView::WaitEvent>& all, const ServerView::WaitEvent& more) {
  const auto same = std::find_if(all.begin(), all.end(),
                                 [&](const auto& known) { return known.type == more.type; });
  if (same == all.end()) {
    all.push_back(more);
  } else {
    same->mean += more.mean;
  }
}

void add_application(std::vector<ServerView::Application>& all,
                     const ServerView::Application& more) {
  const auto same = std::find_if(all.begin(), all.end(),
                                 [&](const auto& known) { return known.name == more.name; });
  if (same == all.end()) {
    all.push_back(more);
  } else {
    same->mean += more.mean;
    same->peak = std::max(same->peak, more.peak);
  }
}

void add_blocking_pairs(std::vector<ServerView::Blocking>& all, const ServerView::Blocking& more) {
  const auto same = std::find_if(all.begin(), all.end(), [&](const auto& known) {
    return known.wait == more.wait && known.blocked == more.blocked &&
           known.blocker == more.blocker && known.blocker_state == more.blocker_state;
  });
  if (same == all.end()) {
    all.push_back(more);
  } else {
    same->mean += more.mean;
    same->peak = std::max(same->peak, more.peak);
  }
}

template <typename T>
void keep_most(std::vector<T>& all, std::size_t most) {
  std::stable_sort(all.begin(), all.end(), [](const T& a, const T& b) { return a.mean > b.mean; });
  if (all.size() > most) all.resize(most);
}

/// 0 for what is no number of connections.
std::uint32_t whole(double count) {
  return count > 0 && count < 1e9 ? static_cast<std::uint32_t>(count) : 0;
}

// PostgreSQL's names have 63 bytes; others' may have megabytes, and a million rows.
constexpr std::size_t kLongestName = 200;
constexpr std::size_t kMostRows = 10'000;

std::string name_in(const std::string& cell) {
  return shortened(cell, kLongestName);
}

/// What is not sampled. Two servers' counters do not add up to anything: the primary's stay.
void add_unsampled(ServerView& into, const ServerView& from) {
  if (into.database.empty()) into.database = from.database;
  if (into.checkpoints.empty()) into.checkpoints = from.checkpoints;
  if (into.statements.empty()) into.statements = from.statements;
  if (from.cpu_s) {
    into.cpu_s = into.cpu_s.value_or(0) + *from.cpu_s;
    into.cores = from.cores;
  }
  if (!into.memory.seen() && (from.memory.seen() || into.memory.note.empty())) {
    into.memory = from.memory;
  }
  into.look_ms = std::max(into.look_ms, from.look_ms);
  if (from.look_cpu) into.look_cpu = into.look_cpu.value_or(0) + *from.look_cpu;
}

/// Gauges below zero were not seen.
void add_seen(double& gauge, double more) {
  gauge = gauge < 0 ? more : gauge + more;
}

/// Two servers' means side by side.
void add_view(ServerView& into, const ServerView& from) {
  into.samples = std::max(into.samples, from.samples);
  into.connections_peak += from.connections_peak;
  into.active_mean += from.active_mean;
  into.idle_in_transaction_mean += from.idle_in_transaction_mean;
  into.idle_mean += from.idle_mean;
  for (const ServerView::WaitEvent& event : from.wait_events) add_wait(into.wait_events, event);
  for (const ServerView::WaitEvent& event : from.single_events) add_wait(into.single_events, event);
  keep_most(into.single_events, kMostEvents);
  into.connections.insert(into.connections.end(), from.connections.begin(), from.connections.end());
  for (const ServerView::Application& more : from.applications) {
    add_application(into.applications, more);
  }
  keep_most(into.applications, kMostApplications);
  for (const ServerView::Blocking& more : from.blocking) add_blocking_pairs(into.blocking, more);
  keep_most(into.blocking, kMostBlocking);
  add_unsampled(into, from);
  if (into.note.empty()) into.note = from.note;
}

}  // namespace

Result<ServerProbe> ServerProbe::open(const std::string& conninfo, const std::string& load_name,
                                      bool through_pooler, const StopFlag& stop) {
  Result<ControlConnection> connection = ControlConnection::open(conninfo, stop);
  if (!connection) return connection.error();
  ServerProbe probe(std::move(connection).value());
  if (const Status ready = probe.prepare(load_name, through_pooler); !ready.ok()) {
    return ready.error();
  }
  if (through_pooler) return probe;
  probe.processes_ = ServerProcesses::of_backend(PQbackendPID(probe.connection_.raw()));
  return probe;
}

Status ServerProbe::prepare(const std::string& load_name, bool through_pooler) {
  look_ = kLookThroughPooler;
  blocking_ = kBlocking;
  if (through_pooler) return success();
  const ControlReply name =
      ask(connection_,
          "SELECT quote_literal(coalesce(nullif(nullif(current_setting('application_name'), ''), "
          "'poolgauge'), '" +
              load_name + "'))",
          1, 1);
  if (!name.ok()) return Error{ErrorKind::target, name.complaint.message, ""};
  look_ = look_for(name.rows[0][0], load_name);
  for (const std::string& statement :
       {std::string("SET application_name = 'poolgauge-probe'"),
        "PREPARE poolgauge_look AS " + look_, "PREPARE poolgauge_blocking AS " + blocking_}) {
    const ControlReply done = connection_.run(statement);
    if (!done.ok()) return Error{ErrorKind::target, done.complaint.message, ""};
  }
  look_ = "EXECUTE poolgauge_look";
  blocking_ = "EXECUTE poolgauge_blocking";
  return success();
}

Result<bool> ServerProbe::sees_all() {
  const ControlReply reply =
      ask(connection_, "SELECT pg_has_role(current_user, 'pg_read_all_stats', 'usage')", 1, 1);
  if (!reply.ok()) return Error{ErrorKind::target, reply.complaint.message, ""};
  return reply.rows[0][0] == "t";
}

Status ServerProbe::add_blocking(ServerSample& sample) {
  const ControlReply reply = ask(connection_, blocking_, 5);
  if (!reply.ok()) return Error{ErrorKind::target, reply.complaint.message, ""};
  for (const std::vector<std::string>& row : reply.rows) {
    const std::uint32_t pairs = whole(std::strtod(row[4].c_str(), nullptr));
    sample.blocking.push_back({name_in(row[0]), name_in(row[1]), name_in(row[2]), name_in(row[3]),
                               pairs, static_cast<double>(pairs)});
    if (sample.blocking.size() == kMostRows) break;
  }
  return success();
}

Result<ServerSample> ServerProbe::look(bool for_locks) {
  const ControlReply reply = ask(connection_, look_, 7);
  if (!reply.ok()) return Error{ErrorKind::target, reply.complaint.message, ""};
  ServerSample sample;
  sample.looked_for_locks = for_locks;
  bool locked = false;
  std::size_t rows = 0;
  for (const std::vector<std::string>& row : reply.rows) {
    if (++rows > kMostRows) break;
    const std::uint32_t count = whole(std::strtod(row[3].c_str(), nullptr));
    const std::string application = name_in(row[5]);
    const std::string event = name_in(row[1]);
    sample.connections += count;
    add_application(sample.applications, {application, 0, static_cast<double>(count)});
    locked = locked || row[1] == "Lock";
    if (row[2] != "t") continue;
    add_ours(sample.ours, {"", "", name_in(row[4]), application, 0, static_cast<double>(count)});
    if (row[0] == "active" || row[0] == "fastpath function call") {
      sample.active += count;
      if (row[1] == "Lock") sample.lock_waits += count;
      sample.waits.push_back({event, static_cast<double>(count)});
      if (!row[6].empty()) {
        const std::string single = event + ":" + name_in(row[6]);
        sample.single_waits.push_back({single, static_cast<double>(count)});
      }
    } else if (row[0].starts_with("idle in transaction")) {
      sample.idle_in_transaction += count;
    } else if (row[0] == "idle") {
      sample.idle += count;
    }
  }
  if (!for_locks || !locked) return sample;
  if (const Status asked = add_blocking(sample); !asked.ok()) return asked.error();
  return sample;
}

void ServerViewBuilder::add(const ServerSample& sample, std::size_t second) {
  ++view_.samples;
  view_.connections_peak = std::max(view_.connections_peak, sample.connections);
  view_.active_mean += sample.active;
  view_.idle_in_transaction_mean += sample.idle_in_transaction;
  view_.idle_mean += sample.idle;
  for (const ServerView::WaitEvent& wait : sample.waits) add_wait(view_.wait_events, wait);
  for (const ServerView::WaitEvent& wait : sample.single_waits) {
    add_wait(view_.single_events, wait);
  }
  for (ServerView::Connections ours : sample.ours) {
    ours.peak = whole(ours.mean);
    add_ours(view_.connections, ours);
  }
  for (ServerView::Application client : sample.applications) {
    client.peak = whole(client.mean);
    add_application(view_.applications, client);
  }
  if (sample.looked_for_locks) ++lock_looks_;
  for (const ServerView::Blocking& pairs : sample.blocking) {
    add_blocking_pairs(view_.blocking, pairs);
  }
  if (second >= seconds_.size()) seconds_.resize(second + 1);
  seconds_[second].active += sample.active;
  seconds_[second].idle_in_transaction += sample.idle_in_transaction;
  seconds_[second].lock_waits += sample.lock_waits;
  ++seconds_[second].samples;
}

void ServerViewBuilder::write(Measurement& measured) const {
  measured.notes.insert(measured.notes.end(), remarks_.begin(), remarks_.end());
  ServerView view = view_;
  if (view.samples > 0) {
    view.active_mean /= view.samples;
    view.idle_in_transaction_mean /= view.samples;
    view.idle_mean /= view.samples;
    for (ServerView::WaitEvent& event : view.wait_events) event.mean /= view.samples;
    for (ServerView::WaitEvent& event : view.single_events) event.mean /= view.samples;
    for (ServerView::Connections& ours : view.connections) ours.mean /= view.samples;
    for (ServerView::Application& client : view.applications) client.mean /= view.samples;
  }
  for (ServerView::Blocking& pairs : view.blocking) pairs.mean /= std::max(1U, lock_looks_);
  add_view(measured.server, view);
  std::sort(measured.server.wait_events.begin(), measured.server.wait_events.end(),
            [](const auto& a, const auto& b) { return a.type < b.type; });
  const std::size_t seconds = std::min(seconds_.size(), measured.series.size());
  for (std::size_t i = 0; i < seconds; ++i) {
    const Second& second = seconds_[i];
    if (second.samples == 0) continue;
    add_seen(measured.series[i].server_active, second.active / second.samples);
    add_seen(measured.series[i].server_idle_in_transaction,
             second.idle_in_transaction / second.samples);
    add_seen(measured.series[i].server_lock_waits, second.lock_waits / second.samples);
  }
}

}  // namespace poolgauge
