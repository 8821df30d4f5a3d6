// `observe` in the Prometheus text format (0.0.4). Figures of a finished window: gauges.
#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string_view>

#include "base/visible_text.h"
#include "poolgauge/observe.h"

namespace poolgauge {
namespace {

using GroupValue = std::function<std::optional<double>(const ObservedGroup&)>;

std::string label_text(std::string_view text) {
  std::string out;
  for (const char c : visible_text(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

std::string group_labels(const ObserveKey& key) {
  return fmt::format("database=\"{}\",role=\"{}\",application_name=\"{}\",client_addr=\"{}\"",
                     label_text(key.database), label_text(key.role), label_text(key.application),
                     label_text(key.address));
}

void add_family(std::string& out, const Observed& observed, std::string_view name,
                std::string_view help, const GroupValue& value) {
  std::string lines;
  for (const ObservedGroup& group : observed.groups) {
    const std::optional<double> one = value(group);
    if (!one) continue;
    lines +=
        fmt::format("poolgauge_observe_{}{{{}}} {:.6g}\n", name, group_labels(group.key), *one);
  }
  if (lines.empty()) return;
  out += fmt::format("# HELP poolgauge_observe_{0} {1}\n# TYPE poolgauge_observe_{0} gauge\n{2}",
                     name, help, lines);
}

void add_single(std::string& out, std::string_view name, std::string_view help, double value) {
  out += fmt::format(
      "# HELP poolgauge_observe_{0} {1}\n# TYPE poolgauge_observe_{0} gauge\n"
      "poolgauge_observe_{0} {2:.6g}\n",
      name, help, value);
}

using PoolValue = std::function<std::optional<double>(const ObservedPool&)>;

void add_pools(std::string& out, const ObservedPooler& pooler, std::string_view name,
               std::string_view help, const PoolValue& value) {
  std::string lines;
  for (const ObservedPool& pool : pooler.pools) {
    const std::optional<double> one = value(pool);
    if (!one) continue;
    lines += fmt::format("poolgauge_observe_pgbouncer_{}{{database=\"{}\",user=\"{}\"}} {:.6g}\n",
                         name, label_text(pool.database), label_text(pool.user), *one);
  }
  if (lines.empty()) return;
  out += fmt::format(
      "# HELP poolgauge_observe_pgbouncer_{0} {1}\n# TYPE poolgauge_observe_pgbouncer_{0} "
      "gauge\n{2}",
      name, help, lines);
}

void add_pooler(std::string& out, const ObservedPooler& pooler) {
  add_pools(out, pooler, "servers_busy", "Mean number of server connections in use.",
            [](const ObservedPool& pool) { return pool.servers_busy.value; });
  add_pools(out, pooler, "clients_waiting", "Mean number of clients that wait for a server.",
            [](const ObservedPool& pool) { return pool.clients_waiting.value; });
  add_pools(out, pooler, "wait_seconds", "Mean wait for a server connection.",
            [](const ObservedPool& pool) { return pool.mean_wait_s; });
  add_pools(out, pooler, "recommended_pool_size", "Server connections the pool needs.",
            [](const ObservedPool& pool) { return static_cast<double>(pool.size); });
}

}  // namespace

std::string to_prometheus(const Observed& observed) {
  std::string out;
  const auto add = [&out, &observed](std::string_view name, std::string_view help,
                                     const GroupValue& value) {
    add_family(out, observed, name, help, value);
  };
  add_single(out, "window_seconds", "Length of the observed window.", observed.seconds);
  add_single(out, "looks", "Looks at the server's sessions.", static_cast<double>(observed.looks));
  add_single(out, "available_slots", "max_connections without reserved slots.",
             static_cast<double>(observed.room()));
  add_single(out, "needed_connections", "Sum of the sizes of all groups.",
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
  add("transactions_per_second", "Transactions per second.",
      [](const ObservedGroup& g) -> std::optional<double> {
        return g.rate_per_s ? std::optional(g.rate_per_s->value) : std::nullopt;
      });
  add("hold_seconds", "Mean time a transaction is in use.",
      [](const ObservedGroup& g) -> std::optional<double> {
        return g.hold_s ? std::optional(g.hold_s->value) : std::nullopt;
      });
  add("all_in_use_ratio", "Share of the looks with all sessions in use.",
      [](const ObservedGroup& g) { return g.all_in_use.value; });
  add("demand_cut_off", "1 if the pool's own limit kept requests waiting, otherwise 0.",
      [](const ObservedGroup& g) { return g.cut == ObserveCut::no ? 0.0 : 1.0; });
  add("recommended_connections", "Connections the group needs, of all its processes.",
      [](const ObservedGroup& g) { return static_cast<double>(g.size.total); });
  if (observed.pooler) add_pooler(out, *observed.pooler);
  return out;
}

}  // namespace poolgauge
