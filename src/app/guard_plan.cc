// A first look, to know what there is to see.
#include "app/guard_plan.h"

#include <unistd.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "guard/guard.h"
#include "guard/http_url.h"
#include "pg/guard/guard_looks.h"
#include "pg/session/control_connection.h"
#include "pg/session/epoll_time.h"

namespace poolgauge::app {

namespace {

constexpr int kBaselineLooks = 4;
constexpr const char* kSeeOthers =
    "GRANT pg_monitor TO the role, or use guards that it can see: free_slots, errors_53";

bool asks_server(Gauge gauge) {
  return gauge != Gauge::errors_53 && gauge != Gauge::http && gauge != Gauge::stop_file;
}

bool rule_asks_server(const GuardRule& rule) {
  return asks_server(rule.gauge);
}

/// Why a gauge of the server cannot be seen; empty: it can.
std::string unseen(Gauge gauge, const GuardSight& sight) {
  if (gauge == Gauge::free_slots || gauge == Gauge::query || !asks_server(gauge)) return {};
  if (!sight.others) return "this role cannot see what other users' sessions do";
  if (gauge == Gauge::replay_lag_s && !sight.standbys) return "no standby is connected";
  return {};
}

/// The mean time of others' transactions, over a few seconds without load; 0: too few to tell.
Result<double> usual_ms(GuardReader& reader, const StopFlag& stop) {
  guard::OthersTime others;
  for (int look = 0; look < kBaselineLooks; ++look) {
    const TimePoint next = monotonic_now() + std::chrono::seconds(1);
    if (look > 0 && !rest_until(next, stop)) return interrupted_error();
    const Result<GuardLook> seen = reader.look();
    if (!seen.ok()) return seen.error();
    others.add(reader.traffic());
  }
  return others.mean_ms().value_or(0);
}

Error refused(const GuardRule& rule, const std::string& why, const std::string& cure) {
  return Error{ErrorKind::target, fmt::format("the guard {} cannot be used: {}", rule.text, why),
               cure};
}

/// How many transactions a request makes: one, or one for each statement.
double transactions_per_request(const Scenario& scenario) {
  double all = 0;
  double weights = 0;
  for (const RequestSpec& request : scenario.requests) {
    const auto statements =
        std::count_if(request.steps.begin(), request.steps.end(),
                      [](const Step& step) { return step.kind == StepKind::sql; });
    const bool one = request.transaction != TransactionMode::none;
    all += request.weight * (one ? 1.0 : static_cast<double>(statements));
    weights += request.weight;
  }
  return weights > 0 ? all / weights : 1;
}

class Planner {
 public:
  Planner(const SafetyOptions& safety, const GuardPlace& place, const StopFlag& stop,
          std::vector<std::string>& notes)
      : safety_(safety), place_(place), stop_(stop), notes_(notes) {}
  Result<GuardOrders> plan(const Scenario& scenario);

 private:
  Status look_at_server();
  Status keep_what_is_seen(const GuardSight& sight);
  Status look_outside();
  Status check_unbroken(const GuardLook& seen) const;

  const SafetyOptions& safety_;
  const GuardPlace& place_;
  const StopFlag& stop_;
  std::vector<std::string>& notes_;
  GuardOrders orders_;
};

Result<GuardOrders> Planner::plan(const Scenario& scenario) {
  Result<std::vector<GuardRule>> rules = guard_rules(safety_);
  if (!rules.ok()) return rules.error();
  orders_.rules = std::move(rules).value();
  orders_.own_per_request = transactions_per_request(scenario);
  orders_.query = safety_.guard_query;
  orders_.http = safety_.guard_http;
  orders_.stop_file = safety_.stop_file;
  if (const Status outside = look_outside(); !outside.ok()) return outside.error();
  const auto server = std::find_if(orders_.rules.begin(), orders_.rules.end(), rule_asks_server);
  if (place_.through_pooler) {
    if (server != orders_.rules.end()) {
      return refused(*server, "the server can only be reached through a pooler",
                     "use --guard-http or --stop-file, or errors_53");
    }
    if (safety_.shared) {
      notes_.emplace_back(
          "The guards of --shared did not watch the server: it can only be reached through a "
          "pooler.");
    }
    return std::move(orders_);
  }
  if (!guards_ask_server(safety_)) return std::move(orders_);
  orders_.conninfo = place_.conninfo;
  if (const Status looked = look_at_server(); !looked.ok()) return looked.error();
  return std::move(orders_);
}

Status Planner::look_outside() {
  if (!orders_.stop_file.empty() && ::access(orders_.stop_file.c_str(), F_OK) == 0) {
    return Error{ErrorKind::guard, "not started: the stop file " + orders_.stop_file + " exists",
                 "remove it when the server may be loaded"};
  }
  if (orders_.http.empty()) return success();
  const Result<guard::HttpUrl> url = guard::parse_http_url(orders_.http);
  if (!url.ok()) return url.error();
  constexpr Duration kLimit = std::chrono::seconds(3);
  constexpr int kGood = 200;
  const int status = http_status(url.value(), stop_, kLimit);
  if (stop_.requested()) return interrupted_error();
  if (status == kGood) return success();
  return Error{ErrorKind::guard, "not started: " + guard::seen_text(Gauge::http, status),
               "--guard-http allows the load only while the URL answers with status 200"};
}

Status Planner::look_at_server() {
  Result<GuardReader> opened = GuardReader::open(orders_.conninfo, "poolgauge", stop_);
  if (!opened.ok()) return opened.error();
  GuardReader& reader = opened.value();
  if (safety_.shared) {
    for (GuardRule& rule : guard::default_rules(reader.sight().slots)) {
      const bool named =
          std::any_of(orders_.rules.begin(), orders_.rules.end(), [&rule](const GuardRule& own) {
            return own.gauge == rule.gauge && own.action == GuardAction::stop;
          });
      if (!named) orders_.rules.push_back(std::move(rule));
    }
  }
  if (const Status kept = keep_what_is_seen(reader.sight()); !kept.ok()) return kept;
  Result<GuardLook> seen = reader.look();
  if (!seen.ok()) return seen.error();
  GuardLook look = seen.value();
  if (!orders_.query.empty()) {
    const Result<double> answer = reader.ask(orders_.query);
    if (!answer.ok()) {
      return Error{answer.error().kind, "--guard-query: " + answer.error().message, ""};
    }
    look[static_cast<std::size_t>(Gauge::query)] = answer.value();
  }
  const auto slowdown =
      std::find_if(orders_.rules.begin(), orders_.rules.end(),
                   [](const GuardRule& rule) { return rule.gauge == Gauge::others_slowdown; });
  if (slowdown != orders_.rules.end()) {
    const Result<double> usual = usual_ms(reader, stop_);
    if (!usual.ok()) return usual.error();
    if (usual.value() <= 0) {
      return refused(*slowdown, "other sessions completed too few transactions in 3 s",
                     "use others_active, others_blocked_s, or --guard-query");
    }
    orders_.usual_ms = usual.value();
  }
  return check_unbroken(look);
}

Status Planner::keep_what_is_seen(const GuardSight& sight) {
  std::vector<GuardRule> kept;
  for (GuardRule& rule : orders_.rules) {
    const std::string why = unseen(rule.gauge, sight);
    if (why.empty()) {
      kept.push_back(std::move(rule));
    } else if (!rule.by_default) {
      return refused(rule, why, sight.others ? "" : kSeeOthers);
    } else if (rule.gauge != Gauge::replay_lag_s || !sight.others) {
      notes_.push_back(fmt::format("The guard {} of --shared was omitted: {}.", rule.text, why));
    }
  }
  orders_.rules = std::move(kept);
  return success();
}

Status Planner::check_unbroken(const GuardLook& seen) const {
  for (const guard::Effect& broken : guard::broken_by(orders_.rules, seen)) {
    const GuardRule& rule = orders_.rules[broken.rule];
    if (rule.action != GuardAction::stop) continue;
    return Error{ErrorKind::guard,
                 fmt::format("not started: the guard {} is already violated: {}", rule.text,
                             guard::seen_text(rule.gauge, broken.value)),
                 ""};
  }
  return success();
}

}  // namespace

Result<std::vector<GuardRule>> guard_rules(const SafetyOptions& safety) {
  std::vector<GuardRule> rules;
  for (const auto& [typed, action, flag] :
       {std::tuple(&safety.guards, GuardAction::hold, "--guard"),
        std::tuple(&safety.stop_guards, GuardAction::stop, "--guard-stop")}) {
    for (const std::string& text : *typed) {
      Result<GuardRule> rule = guard::parse_guard(text, action, flag);
      if (!rule.ok()) return rule.error();
      rules.push_back(std::move(rule).value());
    }
  }
  using Op = GuardRule::Op;
  if (!safety.guard_query.empty()) {
    rules.push_back({Gauge::query, Op::at_most, 0, GuardAction::hold, "--guard-query", false});
  }
  if (!safety.guard_http.empty()) {
    const Result<guard::HttpUrl> url = guard::parse_http_url(safety.guard_http);
    if (!url.ok()) return url.error();
    rules.push_back({Gauge::http, Op::equal, 200, GuardAction::hold, "--guard-http", false});
  }
  if (!safety.stop_file.empty()) {
    rules.push_back({Gauge::stop_file, Op::equal, 0, GuardAction::stop, "--stop-file", false});
  }
  return rules;
}

bool guards_ask_server(const SafetyOptions& safety) {
  const Result<std::vector<GuardRule>> rules = guard_rules(safety);
  return safety.shared ||
         (rules.ok() && std::any_of(rules.value().begin(), rules.value().end(), rule_asks_server));
}

Result<GuardOrders> guard_orders(const SafetyOptions& safety, const Scenario& scenario,
                                 const GuardPlace& place, const StopFlag& stop,
                                 std::vector<std::string>& notes) {
  return Planner(safety, place, stop, notes).plan(scenario);
}

}  // namespace poolgauge::app
