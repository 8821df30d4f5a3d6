// Sampling pg_stat_activity.
#include "pg/server_probe.h"

#include <algorithm>
#include <cstdlib>

namespace poolgauge {

namespace {

// The load's backends are known by their application name, which is this run's own unless the
// conninfo gives one.
constexpr const char* kLook =
    "SELECT state, CASE WHEN state = 'active' THEN coalesce(wait_event_type, 'CPU') END, "
    "application_name = $name$, count(*) "
    "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
    "GROUP BY 1, 2, 3";

std::string with_name(const std::string& quoted_name) {
  std::string text = kLook;
  constexpr std::string_view kPlace = "$name$";
  return text.replace(text.find(kPlace), kPlace.size(), quoted_name);
}

}  // namespace

Result<ServerProbe> ServerProbe::open(const std::string& conninfo, const std::string& load_name,
                                      const StopFlag& stop) {
  Result<ControlConnection> connection = ControlConnection::open(conninfo, stop);
  if (!connection) return connection.error();
  ServerProbe probe(std::move(connection).value());
  ControlReply name = probe.connection_.run(
      "SELECT quote_literal(coalesce(nullif(nullif(current_setting('application_name'), ''), "
      "'poolgauge'), '" +
      load_name + "'))");
  if (name.ok()) probe.look_ = with_name(name.rows.at(0).at(0));
  if (name.ok()) name = probe.connection_.run("SET application_name = 'poolgauge-probe'");
  if (!name.ok()) return Error{ErrorKind::target, name.complaint.message, ""};
  return probe;
}

Result<ServerSample> ServerProbe::look() {
  const ControlReply reply = connection_.run(look_);
  if (!reply.ok()) return Error{ErrorKind::target, reply.complaint.message, ""};
  ServerSample sample;
  for (const std::vector<std::string>& row : reply.rows) {
    const auto count = static_cast<std::uint32_t>(std::strtoul(row[3].c_str(), nullptr, 10));
    sample.connections += count;
    if (row[2] != "t") continue;
    if (row[0] == "active" || row[0] == "fastpath function call") {
      sample.active += count;
      sample.waits.push_back({row[1], static_cast<double>(count)});
    } else if (row[0].starts_with("idle in transaction")) {
      sample.idle_in_transaction += count;
    } else if (row[0] == "idle") {
      sample.idle += count;
    }
  }
  return sample;
}

void ServerViewBuilder::add(const ServerSample& sample, std::size_t second) {
  ++view_.samples;
  view_.connections_peak = std::max(view_.connections_peak, sample.connections);
  view_.active_mean += sample.active;
  view_.idle_in_transaction_mean += sample.idle_in_transaction;
  view_.idle_mean += sample.idle;
  for (const ServerView::WaitEvent& wait : sample.waits) {
    const auto known = std::find_if(view_.wait_events.begin(), view_.wait_events.end(),
                                    [&](const auto& event) { return event.type == wait.type; });
    if (known != view_.wait_events.end()) {
      known->mean += wait.mean;
    } else {
      view_.wait_events.push_back(wait);
    }
  }
  if (second >= seconds_.size()) seconds_.resize(second + 1);
  seconds_[second].active += sample.active;
  seconds_[second].idle_in_transaction += sample.idle_in_transaction;
  ++seconds_[second].samples;
}

void ServerViewBuilder::write(Measurement& measured) const {
  measured.server = view_;
  ServerView& view = measured.server;
  if (view.samples == 0) return;
  view.active_mean /= view.samples;
  view.idle_in_transaction_mean /= view.samples;
  view.idle_mean /= view.samples;
  for (ServerView::WaitEvent& event : view.wait_events) event.mean /= view.samples;
  std::sort(view.wait_events.begin(), view.wait_events.end(),
            [](const auto& a, const auto& b) { return a.type < b.type; });
  const std::size_t seconds = std::min(seconds_.size(), measured.series.size());
  for (std::size_t i = 0; i < seconds; ++i) {
    if (seconds_[i].samples == 0) continue;
    measured.series[i].server_active = seconds_[i].active / seconds_[i].samples;
    measured.series[i].server_idle_in_transaction =
        seconds_[i].idle_in_transaction / seconds_[i].samples;
  }
}

}  // namespace poolgauge
