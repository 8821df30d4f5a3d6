// Names end with their unit; counters with _total.
#include "report/export/live_metrics.h"

#include <algorithm>
#include <functional>

#include "base/visible_text.h"
#include "report/export/exposition.h"

namespace poolgauge {
namespace {

using observe::LiveGroup;
using observe::LiveState;
using prometheus::Exposition;
using prometheus::Labels;
using prometheus::Value;

Labels live_labels(const ObserveKey& key) {
  return {{"database", visible_text(key.database)},
          {"role", visible_text(key.role)},
          {"application_name", visible_text(key.application)},
          {"client_addr", visible_text(key.address)}};
}

/// One family with a sample for each group.
class GroupFamilies {
 public:
  GroupFamilies(Exposition& out, const LiveState& state) : out_(out), state_(state) {}
  void add(std::string_view name, std::string_view type, std::string_view help,
           const std::function<Value(const LiveGroup&)>& value) {
    out_.family("observe_" + std::string(name), help, type);
    for (const LiveGroup& group : state_.groups) out_.add(live_labels(group.key), value(group));
  }

 private:
  Exposition& out_;
  const LiveState& state_;
};

void add_figure(Exposition& out, std::string_view name, std::string_view type,
                std::string_view help, double value) {
  out.family("observe_" + std::string(name), help, type);
  out.add({}, value);
}

void add_watch(Exposition& out, const LiveState& state, const observe::LiveTarget& target) {
  add_figure(out, "connected", "gauge", "1 if the server answers, otherwise 0.",
             target.connected ? 1 : 0);
  out.family("observe_samples_total", "Samples of the server's sessions.", "counter");
  out.add_count({}, state.looks);
  add_figure(out, "observed_seconds_total", "counter", "Time that the samples cover.",
             state.observed_s);
  if (target.last_sample_at_s > 0) {
    out.family("observe_last_sample_timestamp_seconds", "When the last sample was taken.");
    out.add_count({}, static_cast<std::uint64_t>(target.last_sample_at_s));
  }
  add_figure(out, "sample_duration_seconds", "gauge", "How long the last sample took.",
             state.took_s);
  const ObserveServer& server = target.server;
  add_figure(out, "available_slots", "gauge", "max_connections without reserved slots.",
             static_cast<double>(server.max_connections - server.reserved));
  add_figure(out, "used_slots", "gauge", "Client sessions, without that of poolgauge.",
             state.sessions);
}

void add_groups(Exposition& out, const LiveState& state) {
  GroupFamilies groups(out, state);
  groups.add("sessions", "gauge", "Open sessions.", [](const LiveGroup& g) { return g.sessions; });
  groups.add("in_use_sessions", "gauge", "Sessions in a statement or a transaction.",
             [](const LiveGroup& g) { return g.in_use; });
  groups.add("idle_in_transaction_sessions", "gauge", "Sessions idle in a transaction.",
             [](const LiveGroup& g) { return g.idle_in_transaction; });
  groups.add("lock_waiting_sessions", "gauge", "Sessions that wait for a lock.",
             [](const LiveGroup& g) { return g.lock_waiting; });
  groups.add("oldest_transaction_seconds", "gauge", "Age of the oldest transaction.",
             [](const LiveGroup& g) { return g.oldest_transaction_s; });
  groups.add("limit_connections", "gauge", "Limit of the group's pools, as --group states it.",
             [](const LiveGroup& g) -> Value {
               return g.limit ? Value(static_cast<double>(*g.limit)) : Value();
             });
  groups.add("in_use_seconds_total", "counter", "Time in use, summed over all sessions.",
             [](const LiveGroup& g) { return g.in_use_s; });
  groups.add("idle_in_transaction_seconds_total", "counter",
             "Time idle in a transaction, summed over all sessions.",
             [](const LiveGroup& g) { return g.idle_in_transaction_s; });
  groups.add("lock_waiting_seconds_total", "counter",
             "Time spent waiting for locks, summed over all sessions.",
             [](const LiveGroup& g) { return g.lock_waiting_s; });
  groups.add("all_in_use_seconds_total", "counter",
             "Time with all sessions in use, or all that --group allows.",
             [](const LiveGroup& g) { return g.all_in_use_s; });
  groups.add("opened_sessions_total", "counter", "Sessions that were new in a sample.",
             [](const LiveGroup& g) { return static_cast<double>(g.opened); });
  out.family("observe_transactions_total", "Transactions of all sessions.", "counter");
  for (const observe::LiveDatabase& one : state.databases) {
    out.add({{"database", visible_text(one.name)}}, one.transactions);
  }
}

void add_window(Exposition& out, const Observed& window) {
  const auto add = [&out, &window](std::string_view name, std::string_view help,
                                   const std::function<Value(const ObservedGroup&)>& value) {
    out.family("observe_window_" + std::string(name), help);
    for (const ObservedGroup& group : window.groups) {
      out.add(live_labels(group.key), value(group));
    }
  };
  add_figure(out, "window_seconds", "gauge", "Length of the last complete window (--for).",
             window.seconds);
  add("recommended_connections", "Connections the group needs, of all its processes.",
      [](const ObservedGroup& g) { return static_cast<double>(g.size.total); });
  add("in_use_sessions", "Mean number of sessions in use.",
      [](const ObservedGroup& g) { return g.in_use.value; });
  add("busiest_minute_sessions", "Mean number in use in the busiest minute.",
      [](const ObservedGroup& g) { return g.busiest_minute; });
  add("transactions_per_second", "Transactions per second.", [](const ObservedGroup& g) -> Value {
    return g.rate_per_s ? Value(g.rate_per_s->value) : Value();
  });
  add("hold_seconds", "Mean time a transaction keeps its connection in use.",
      [](const ObservedGroup& g) -> Value { return g.hold_s ? Value(g.hold_s->value) : Value(); });
  add("demand_cut_off", "1 if the pool's own limit kept requests waiting, otherwise 0.",
      [](const ObservedGroup& g) { return g.cut == ObserveCut::no ? 0.0 : 1.0; });
}

void add_live_pooler(Exposition& out, const ObservePoolerLook& look) {
  const auto add = [&out, &look](std::string_view name, std::string_view help,
                                 const std::function<Value(const ObservePoolRow&)>& value) {
    out.family("observe_pgbouncer_" + std::string(name), help);
    for (const ObservePoolRow& row : look.pools) {
      out.add({{"database", visible_text(row.database)}, {"user", visible_text(row.user)}},
              value(row));
    }
  };
  add("waiting_clients", "Clients that wait for a server connection.",
      [](const ObservePoolRow& row) { return row.clients_waiting; });
  add("busy_servers", "Server connections in use.",
      [](const ObservePoolRow& row) { return row.servers_active; });
  add("longest_wait_seconds", "How long the first client in the queue has waited.",
      [](const ObservePoolRow& row) { return row.longest_wait_s; });
}

}  // namespace

std::string live_metrics(const LiveState& state, const observe::LiveTarget& target) {
  Exposition out;
  add_watch(out, state, target);
  add_groups(out, state);
  if (state.window) add_window(out, *state.window);
  if (state.pooler_seen) {
    add_figure(out, "pgbouncer_connected", "gauge",
               "1 if PgBouncer's console answers, otherwise 0.",
               state.pooler && target.connected ? 1 : 0);
  }
  if (state.pooler && target.connected) add_live_pooler(out, *state.pooler);
  return std::move(out).text();
}

std::string open_metrics(std::string_view metrics) {
  constexpr std::string_view kTotal = "_total ";
  std::string text;
  while (!metrics.empty()) {
    const std::size_t end = std::min(metrics.find('\n'), metrics.size());
    std::string line(metrics.substr(0, end));
    metrics.remove_prefix(std::min(end + 1, metrics.size()));
    // A counter's samples have the ending, its family does not.
    const std::size_t total = line.find(kTotal);
    if (line.starts_with("# ") && total != std::string::npos &&
        line.find(' ', 7) == total + kTotal.size() - 1) {
      line.erase(total, kTotal.size() - 1);
    }
    text += line + "\n";
  }
  return text + "# EOF\n";
}

}  // namespace poolgauge
