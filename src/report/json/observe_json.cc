// `observe` as JSON: scenarios/observe.schema.json.
#include <nlohmann/json.hpp>

#include <array>

#include "base/visible_text.h"
#include "observe/observe.h"
#include "report/json/json_number.h"
#include "report/json/json_parts.h"
#include "report/observe_words.h"

namespace poolgauge {
namespace {

using ObserveJson = nlohmann::ordered_json;

ObserveJson figure_json(const ObserveFigure& figure) {
  ObserveJson interval = nullptr;
  if (figure.low && figure.high) {
    interval = ObserveJson::array({rounded(*figure.low), rounded(*figure.high)});
  }
  return {{"value", rounded(figure.value)}, {"ci95", interval}};
}

ObserveJson figure_json(const std::optional<ObserveFigure>& figure, double scale = 1) {
  if (!figure) return nullptr;
  ObserveFigure scaled = *figure;
  scaled.value *= scale;
  if (scaled.low) *scaled.low *= scale;
  if (scaled.high) *scaled.high *= scale;
  return figure_json(scaled);
}

ObserveJson size_json(const ObserveSize& size, std::int64_t processes) {
  return {{"per_process", size.per_process},
          {"processes", processes},
          {"total", size.total},
          {"demand", rounded(size.demand)},
          {"wait_probability", rounded(size.wait_probability)},
          {"lower_bound", size.lower_bound}};
}

const char* cut_name(ObserveCut cut) {
  switch (cut) {
    case ObserveCut::no: return "no";
    case ObserveCut::likely: return "likely";
    case ObserveCut::certain: return "certain";
  }
  return "no";
}

ObserveJson waits_json(const ObservedGroup& group) {
  static constexpr std::array<const char*, kObserveWaits> kNames = {"none",   "lock",  "io",
                                                                    "client", "other", "internal"};
  ObserveJson waits = ObserveJson::object();
  for (std::size_t i = 0; i < kNames.size(); ++i) waits[kNames[i]] = rounded(group.waits[i]);
  return waits;
}

ObserveJson in_use_json(const ObservedGroup& group) {
  ObserveJson shares = ObserveJson::array();
  for (const double share : group.in_use_shares) shares.push_back(rounded(share));
  return {{"mean", figure_json(group.in_use)},
          {"counted_mean", rounded(group.in_use_counted)},
          {"high_mean", rounded(group.in_use_high)},
          {"active_mean", rounded(group.active)},
          {"idle_in_transaction_mean", rounded(group.idle_in_transaction)},
          {"busiest_minute", rounded(group.busiest_minute)},
          {"busiest_minute_at_s", rounded(group.busiest_minute_at_s)},
          {"p50", rounded(group.in_use_p50)},
          {"p95", rounded(group.in_use_p95)},
          {"p99", rounded(group.in_use_p99)},
          {"p999", rounded(group.in_use_p999)},
          {"most", group.in_use_most},
          {"peakedness", rounded(group.peakedness)},
          {"effective_looks", rounded(group.effective_looks)},
          {"share_of_looks", shares}};
}

ObserveJson hours_json(const ObservedGroup& group) {
  ObserveJson hours = ObserveJson::array();
  for (const ObserveHour& one : group.hours) {
    hours.push_back({{"hour", one.hour}, {"in_use", rounded(one.in_use)}});
  }
  return hours;
}

ObserveJson hold_json(const ObservedGroup& group) {
  const bool known = !group.hold_quantiles_s.empty();
  const auto ms = [known](double s) {
    return known ? rounded(std::optional(s * 1e3)) : ObserveJson(nullptr);
  };
  return {{"mean_ms", figure_json(group.hold_s, 1e3)},
          {"p50_ms", ms(group.hold_p50_s)},
          {"p95_ms", ms(group.hold_p95_s)},
          {"squared_variation", figure_json(group.hold_spread)}};
}

ObserveJson waiting_json(const ObservedWaiting& waiting) {
  const auto ms = [](const std::optional<double>& s) {
    return s ? rounded(*s * 1e3) : ObserveJson(nullptr);
  };
  return {{"library", waiting.library},
          {"mean", figure_json(waiting.waiting)},
          {"share", waiting.share_of.empty() ? ObserveJson(nullptr) : figure_json(waiting.share)},
          {"share_of", text_or_null(waiting.share_of)},
          {"mean_wait_ms", ms(waiting.mean_s)},
          {"waiters_mean_wait_ms", ms(waiting.waiters_mean_s)},
          {"predicted_wait_ms", ms(waiting.predicted_s)},
          {"p95_wait_ms", ms(waiting.p95_s)},
          {"p99_wait_ms", ms(waiting.p99_s)},
          {"timeouts_per_s", rounded(waiting.timeouts_per_s)},
          {"from_counters", waiting.from_counters},
          {"bursts", waiting.bursts},
          {"saturated", waiting.saturated}};
}

ObserveJson group_json(const ObservedGroup& group) {
  const ObserveVerdict verdict = observe_verdict(group);
  ObserveJson json = {
      {"database", group.key.database},
      {"role", group.key.role},
      {"application_name", text_or_null(group.key.application)},
      {"client_addr", text_or_null(group.key.address)},
      {"verdict", verdict.text},
      {"sessions",
       {{"mean", rounded(group.sessions_mean)},
        {"least", group.sessions_least},
        {"most", group.sessions_most},
        {"hidden", group.hidden_most},
        {"new_per_s", rounded(group.new_sessions_per_s)}}},
      {"in_use", in_use_json(group)},
      {"hours", hours_json(group)},
      {"transactions_per_s", figure_json(group.rate_per_s)},
      {"hold", hold_json(group)},
      {"waits", waits_json(group)},
      {"limit", group.limit ? ObserveJson(*group.limit) : ObserveJson(nullptr)},
      {"all_in_use", figure_json(group.all_in_use)},
      {"cut_off", cut_name(group.cut)},
      {"held_by_locks", group.held_by_locks},
      {"autocommit", group.autocommit},
      {"processes_told", group.processes_told},
      {"pool_guess", {{"kind", group.guess.kind}, {"pattern", group.guess.pattern}}},
      {"size", size_json(group.size, group.processes)}};
  json["size_now"] =
      group.size_now ? size_json(*group.size_now, group.processes) : ObserveJson(nullptr);
  json["size_high"] =
      group.size_high ? size_json(*group.size_high, group.processes) : ObserveJson(nullptr);
  json["size_guessed"] = group.size_guessed
                             ? size_json(*group.size_guessed, group.processes_guessed)
                             : ObserveJson(nullptr);
  json["waiting"] = group.waiting ? waiting_json(*group.waiting) : ObserveJson(nullptr);
  return json;
}

ObserveJson database_json(const ObservedDatabase& database) {
  return {{"name", database.name},
          {"in_use_sampled", rounded(database.in_use_sampled)},
          {"in_use_counted", rounded(database.in_use_counted)},
          {"transactions_per_s", rounded(database.transactions_per_s)},
          {"usual_transactions_per_s", rounded(database.usual_transactions_per_s)},
          {"new_sessions_per_s", rounded(database.new_sessions_per_s)}};
}

ObserveJson point_json(const ObservePoint& point) {
  const auto list = [](const std::vector<double>& values) {
    ObserveJson json = ObserveJson::array();
    for (const double value : values) json.push_back(rounded(value));
    return json;
  };
  return {{"t_s", rounded(point.t_s)},
          {"seconds", rounded(point.seconds)},
          {"in_use", list(point.in_use)},
          {"idle_in_transaction", list(point.idle_in_transaction)},
          {"sessions", list(point.sessions)},
          {"waiting", point.waiting.empty() ? ObserveJson(nullptr) : list(point.waiting)}};
}

ObserveJson pooler_json(const ObservedPooler& pooler) {
  ObserveJson pools = ObserveJson::array();
  for (const ObservedPool& pool : pooler.pools) {
    const auto ms = [](const std::optional<double>& s) {
      return s ? rounded(*s * 1e3) : ObserveJson(nullptr);
    };
    pools.push_back(
        {{"database", pool.database},
         {"user", pool.user},
         {"pool_mode", pool.mode},
         {"pool_size", pool.pool_size ? ObserveJson(*pool.pool_size) : ObserveJson(nullptr)},
         {"servers_busy", figure_json(pool.servers_busy)},
         {"servers_busy_counted", rounded(pool.busy_counted)},
         {"busiest_minute", rounded(pool.busiest_minute)},
         {"clients_waiting", figure_json(pool.clients_waiting)},
         {"clients_waiting_counted", rounded(pool.waiting_counted)},
         {"waiting_looks", figure_json(pool.waiting_looks)},
         {"longest_wait_ms", rounded(pool.longest_wait_s * 1e3)},
         {"hold_ms", ms(pool.hold_s)},
         {"transactions_per_s", rounded(pool.transactions_per_s)},
         {"mean_wait_ms", ms(pool.mean_wait_s)},
         {"predicted_wait_ms", ms(pool.predicted_wait_s)},
         {"recommended_pool_size", pool.size}});
  }
  return {{"version", pooler.version},
          {"looks", pooler.looks},
          {"pools", pools},
          {"notes", pooler.notes}};
}

ObserveJson target_json(const ObserveServer& server) {
  return {{"address", server.address},
          {"role", server.role},
          {"database", server.database},
          {"server_version", server.version},
          {"max_connections", server.max_connections},
          {"reserved_connections", server.reserved},
          {"standby", server.standby},
          {"through_pooler", server.through_pooler},
          {"prepared_transactions", server.prepared_transactions}};
}

ObserveJson totals_json(const Observed& observed) {
  return {{"room", observed.knows_server() ? ObserveJson(observed.room()) : ObserveJson(nullptr)},
          {"sessions_mean", rounded(observed.sessions_mean)},
          {"sessions_most", observed.sessions_most},
          {"could_open", observed.could_open},
          {"needed", observed.needed},
          {"idle_surplus", rounded(observed.idle_surplus)}};
}

}  // namespace

std::string to_json(const Observed& observed, const ObserveRun& run) {
  ObserveJson groups = ObserveJson::array(), databases = ObserveJson::array();
  ObserveJson points = ObserveJson::array();
  for (const ObservedGroup& group : observed.groups) groups.push_back(group_json(group));
  for (const ObservedDatabase& one : observed.databases) databases.push_back(database_json(one));
  for (const ObservePoint& point : observed.points) points.push_back(point_json(point));
  ObserveJson document = {
      {"schema_version", 1},
      {"tool", {{"name", "poolgauge"}, {"version", run.tool_version}}},
      {"command", "observe"},
      {"command_line", run.command_line},
      {"started_at", run.started_at},
      {"partial", observed.interrupted},
      {"exit_code", run.exit_code},
      {"target", observed.metrics_of.empty() ? target_json(observed.server) : ObserveJson(nullptr)},
      {"metrics_of", text_or_null(observed.metrics_of)},
      {"window", {{"seconds", rounded(observed.seconds)}, {"looks", observed.looks}}},
      {"cost",
       {{"server_cores", rounded(observed.cost.server)},
        {"client_cores", rounded(observed.cost.here)},
        {"interval_s", rounded(observed.cost.interval_s)}}},
      {"profile", observed.question.profile},
      {"gap_s", rounded(observed.question.gap_s)},
      {"verdict", observe_headline(observed).text},
      {"groups", groups},
      {"databases", databases},
      {"totals", totals_json(observed)}};
  document["pooler"] = observed.pooler ? pooler_json(*observed.pooler) : ObserveJson(nullptr);
  document["recommendation"] = nullptr;
  if (observed.recommendation) {
    document["recommendation"] = recommendation_json(*observed.recommendation);
    document["recommendation"]["confidence"] = "observed";
    if (!observed.knows_server()) document["recommendation"]["budget"] = nullptr;
  }
  document["warnings"] = observed.warnings;
  document["limits"] = observed.limits;
  document["timeline"] = points;
  return visible_json(document.dump(2, ' ', false, ObserveJson::error_handler_t::replace)) + "\n";
}

}  // namespace poolgauge
