// `observe` in the Prometheus text format. Figures of a finished window: gauges.
#include <functional>

#include "base/visible_text.h"
#include "poolgauge/observe.h"
#include "report/export/exposition.h"

namespace poolgauge {
namespace {

using prometheus::Exposition;
using prometheus::Labels;
using prometheus::Value;

Labels group_labels(const ObserveKey& key) {
  return {{"database", visible_text(key.database)},
          {"role", visible_text(key.role)},
          {"application_name", visible_text(key.application)},
          {"client_addr", visible_text(key.address)}};
}

void add_pooler(Exposition& out, const ObservedPooler& pooler) {
  const auto add = [&out, &pooler](std::string_view name, std::string_view help,
                                   const std::function<Value(const ObservedPool&)>& value) {
    out.family("observe_pgbouncer_" + std::string(name), help);
    for (const ObservedPool& pool : pooler.pools) {
      out.add({{"database", visible_text(pool.database)}, {"user", visible_text(pool.user)}},
              value(pool));
    }
  };
  add("servers_busy", "Mean number of server connections in use.",
      [](const ObservedPool& pool) { return pool.servers_busy.value; });
  add("clients_waiting", "Mean number of clients waiting for a server connection.",
      [](const ObservedPool& pool) { return pool.clients_waiting.value; });
  add("wait_seconds", "Mean wait for a server connection.",
      [](const ObservedPool& pool) { return pool.mean_wait_s; });
  add("recommended_pool_size", "Server connections the pool needs.",
      [](const ObservedPool& pool) { return static_cast<double>(pool.size); });
}

}  // namespace

std::string to_prometheus(const Observed& observed) {
  Exposition out;
  const auto add = [&out, &observed](std::string_view name, std::string_view help,
                                     const std::function<Value(const ObservedGroup&)>& value) {
    out.family("observe_" + std::string(name), help);
    for (const ObservedGroup& group : observed.groups) {
      out.add(group_labels(group.key), value(group));
    }
  };
  const auto add_single = [&out](std::string_view name, std::string_view help, double value) {
    out.family("observe_" + std::string(name), help);
    out.add({}, value);
  };
  add_single("window_seconds", "Length of the observed window.", observed.seconds);
  add_single("looks", "Samples of the server's sessions.", static_cast<double>(observed.looks));
  if (observed.knows_server()) {
    add_single("available_slots", "max_connections without reserved slots.",
               static_cast<double>(observed.room()));
  }
  add_single("needed_connections", "Sum of the sizes of all groups.",
             static_cast<double>(observed.needed));
  add("sessions", "Mean number of open sessions.",
      [](const ObservedGroup& g) { return g.sessions_mean; });
  add("in_use", "Mean number of sessions in a statement or a transaction.",
      [](const ObservedGroup& g) { return g.in_use.value; });
  add("in_use_low", "Lower end of its 95 % confidence interval.",
      [](const ObservedGroup& g) { return g.in_use.low; });
  add("in_use_high", "Upper end of its 95 % confidence interval.",
      [](const ObservedGroup& g) { return g.in_use.high; });
  add("in_use_busiest_minute", "Mean number in use in the busiest minute.",
      [](const ObservedGroup& g) { return g.busiest_minute; });
  add("idle_in_transaction", "Mean number of sessions idle in a transaction.",
      [](const ObservedGroup& g) { return g.idle_in_transaction; });
  add("transactions_per_second", "Transactions per second.", [](const ObservedGroup& g) -> Value {
    return g.rate_per_s ? Value(g.rate_per_s->value) : Value();
  });
  add("hold_seconds", "Mean time a transaction keeps its connection in use.",
      [](const ObservedGroup& g) -> Value { return g.hold_s ? Value(g.hold_s->value) : Value(); });
  add("all_in_use_ratio", "Share of the samples that found all sessions in use.",
      [](const ObservedGroup& g) { return g.all_in_use.value; });
  add("demand_cut_off", "1 if the pool's own limit kept requests waiting, otherwise 0.",
      [](const ObservedGroup& g) { return g.cut == ObserveCut::no ? 0.0 : 1.0; });
  add("recommended_connections", "Connections the group needs, of all its processes.",
      [](const ObservedGroup& g) { return static_cast<double>(g.size.total); });
  const auto waiting = [&add](std::string_view name, std::string_view help,
                              const std::function<Value(const ObservedWaiting&)>& value) {
    add(name, help, [&value](const ObservedGroup& g) -> Value {
      return g.waiting ? value(*g.waiting) : Value();
    });
  };
  waiting("waiting_requests", "Mean number of requests waiting for a connection.",
          [](const ObservedWaiting& w) { return w.waiting.value; });
  waiting("wait_seconds", "Mean wait for a connection.",
          [](const ObservedWaiting& w) { return w.mean_s; });
  if (observed.pooler) add_pooler(out, *observed.pooler);
  return std::move(out).text();
}

}  // namespace poolgauge
