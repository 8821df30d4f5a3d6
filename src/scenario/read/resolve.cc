// Values to JSON, in the order in which the documentation describes them.
#include "scenario/read/resolve.h"

#include <charconv>
#include <cmath>

#include "base/check.h"
#include "base/text.h"
#include "scenario/json.h"

namespace poolgauge {

namespace {

template <class... Visitors>
struct Overload : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overload(Visitors...) -> Overload<Visitors...>;

/// Whole numbers without a fraction, so that 1.0 stays 1.
Json number(double value) {
  constexpr double kExact = 9007199254740992.0;
  if (std::trunc(value) == value && std::abs(value) < kExact) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

Json to_json(Duration duration) {
  return format_duration(duration);
}

Json to_json(const DurationSpec& spec) {
  return std::visit(
      Overload{
          [](const FixedDuration& d) { return to_json(d.value); },
          [](const ExponentialDuration& d) {
            return Json{{"exponential", to_json(d.mean)}};
          },
          [](const UniformDuration& d) {
            return Json{{"uniform", Json::array({to_json(d.low), to_json(d.high)})}};
          },
          [](const LognormalDuration& d) {
            return Json{{"lognormal", {{"median", to_json(d.median)}, {"p95", to_json(d.p95)}}}};
          },
          [](const NormalDuration& d) {
            return Json{{"normal", {{"mean", to_json(d.mean)}, {"stddev", to_json(d.stddev)}}}};
          },
          [](const EmpiricalDuration& d) {
            Json values = Json::array();
            for (const Duration value : d.values) values.push_back(to_json(value));
            return Json{{"empirical", std::move(values)}};
          },
      },
      spec);
}

Json shaped(const char* tag, std::int64_t low, std::int64_t high, const char* name, double shape) {
  Json inner{{"range", Json::array({low, high})}, {name, number(shape)}};
  return Json{{tag, std::move(inner)}};
}

Json choice(const ChoiceVariable& variable) {
  if (variable.weights.empty()) return Json{{"choice", variable.values}};
  Json weights = Json::array();
  for (const double weight : variable.weights) weights.push_back(number(weight));
  Json inner{{"values", variable.values}, {"weights", std::move(weights)}};
  return Json{{"choice", std::move(inner)}};
}

Json csv(const CsvVariable& variable) {
  Json inner{{"file", variable.file},
             {"column", variable.column},
             {"order", variable.in_turn ? "in turn" : "random"}};
  if (variable.together) inner["together"] = true;
  if (!variable.request.empty()) inner["request"] = variable.request;
  if (variable.null) inner["null"] = *variable.null;
  return Json{{"csv", std::move(inner)}};
}

Json to_json(const VariableSpec& spec) {
  return std::visit(
      Overload{
          [](const UniformVariable& v) {
            return Json{{"uniform", Json::array({v.low, v.high})}};
          },
          [](const ZipfVariable& v) { return shaped("zipf", v.low, v.high, "s", v.s); },
          [](const GaussianVariable& v) {
            return shaped("gaussian", v.low, v.high, "parameter", v.parameter);
          },
          [](const ExponentialVariable& v) {
            return shaped("exponential", v.low, v.high, "parameter", v.parameter);
          },
          [](const SequenceVariable& v) {
            return Json{{"sequence", {{"start", v.start}, {"step", v.step}}}};
          },
          [](const TextVariable& v) {
            return Json{{"text", v.length}};
          },
          [](const ChoiceVariable& v) { return choice(v); },
          [](const CsvVariable& v) { return csv(v); },
          [](const ScriptVariable&) { return Json(); },  // comes with its script
      },
      spec.value);
}

const char* protocol_name(Protocol protocol) {
  switch (protocol) {
    case Protocol::simple: return "simple";
    case Protocol::extended: return "extended";
    case Protocol::prepared: return "prepared";
  }
  return "prepared";
}

Json transaction(TransactionMode mode) {
  for (const TransactionWords& words : kTransactionWords) {
    if (words.mode == mode) return words.word;
  }
  return mode == TransactionMode::read_write;
}

Json to_json(const Step& step) {
  Json json{{"name", step.name}};
  switch (step.kind) {
    case StepKind::sql:
      json["sql"] = step.sql.source;
      if (step.on_sqlite) {
        json["sql"] = Json{{"sqlite", step.on_sqlite->source}};
        if (!step.sql.source.empty()) json["sql"]["postgresql"] = step.sql.source;
      }
      json["protocol"] = protocol_name(step.protocol);
      if (step.cost) json["cost"] = to_json(*step.cost);
      break;
    case StepKind::hold: json["hold"] = to_json(step.time); break;
    case StepKind::pause: json["pause"] = to_json(step.time); break;
  }
  return json;
}

/// With its text, so that it can be played where the file is not.
Json to_json(const Include& include) {
  Json json{{"include", include.file}, {"text", include.text}};
  if (!include.prefix.empty()) json["name"] = include.prefix;
  json["protocol"] = protocol_name(include.protocol);
  return json;
}

Json to_json(const RetrySpec& retry) {
  Json states = Json::array();
  for (const SqlState& state : retry.on) states.push_back(state.data());
  return Json{{"on", std::move(states)},
              {"max", retry.max},
              {"backoff", to_json(retry.backoff)},
              {"factor", number(retry.factor)}};
}

Json to_json(const std::vector<Step>& steps, const RequestSpec& request,
             const Deployment& deployment) {
  Json list = Json::array();
  const auto note_pool = [&list, &request, &deployment](std::uint32_t pool) {
    if (pool != request.pool) list.back()["pool"] = deployment.pool_at(pool).name;
  };
  auto include = request.includes.begin();
  std::size_t i = 0;
  while (true) {
    if (include != request.includes.end() && include->first_step == i) {
      list.push_back(to_json(*include));
      note_pool(include->pool);
      i += include->steps;
      ++include;
      continue;
    }
    if (i == steps.size()) break;
    list.push_back(to_json(steps[i]));
    if (steps[i].kind == StepKind::sql) note_pool(steps[i].pool);
    ++i;
  }
  return list;
}

Json to_json(const RequestSpec& request, const Deployment& deployment) {
  Json steps = to_json(request.steps, request, deployment);
  Json json{{"name", request.name}, {"weight", number(request.weight)}};
  if (!deployment.others.empty()) json["pool"] = deployment.pool_at(request.pool).name;
  json["transaction"] = transaction(request.transaction);
  if (!request.retry.on.empty()) json["retry"] = to_json(request.retry);
  json["steps"] = std::move(steps);
  return json;
}

Json to_json(const std::vector<Stage>& stages, const char* key) {
  Json list = Json::array();
  for (const Stage& stage : stages) {
    list.push_back({{"for", to_json(stage.length)}, {key, number(stage.level)}});
    if (stage.ramp) list.back()["ramp"] = true;
  }
  return list;
}

Json to_json(const Load& load) {
  return std::visit(
      Overload{
          [](const ClosedLoad& l) {
            return Json{{"users", l.users}, {"think", to_json(l.think)}};
          },
          [](const OpenLoad& l) {
            return Json{{"rate", number(l.rate_per_s)},
                        {"arrivals", l.poisson ? "poisson" : "constant"}};
          },
          [](const BurstLoad& l) {
            Json json = Json::object();
            json["burst"] = l.size;
            if (l.every > Duration{0}) json["every"] = to_json(l.every);
            return json;
          },
          [](const UserStages& l) {
            return Json{{"stages", to_json(l.stages, "users")}, {"think", to_json(l.think)}};
          },
          [](const RateStages& l) {
            return Json{{"stages", to_json(l.stages, "rate")},
                        {"arrivals", l.poisson ? "poisson" : "constant"}};
          },
          [](const ReplayLoad& l) {
            return Json{{"replay", l.file}, {"speed", number(l.speed)}};
          },
      },
      load);
}

Json to_json(const OptionValue& value) {
  return std::visit(Overload{
                        [](std::int64_t v) { return Json(v); },
                        [](bool v) { return Json(v); },
                        [](Duration v) { return v.count() < 0 ? Json(-1) : to_json(v); },
                        [](const std::string& v) { return Json(v); },
                    },
                    value);
}

/// Only what was set: the defaults are those of the PgBouncer that is met.
Json to_json(const Pooler& pooler) {
  Json json{{"kind", pooler.spec.kind}};
  if (pooler.given) json["target"] = "given";
  for (const auto& [name, value] : pooler.spec.options) json[name] = to_json(value);
  return json;
}

Json to_json(const DeployedPool& pool) {
  const KindInfo* kind = find_kind(pool.kind);
  POOLGAUGE_CHECK(kind != nullptr, "a scenario's pool kind is known");
  Json json{{"kind", kind->name}};
  if (pool.target == PoolTarget::replica) json["target"] = "replica";
  if (!pool.role.empty()) {
    json["role"] = pool.role;
    json["role_by"] = pool.role_by == RoleBy::connect ? "connect" : "set role";
  }
  for (const OptionInfo& option : kind->options) {
    json[option.name] = to_json(pool.get(option.name));
  }
  return json;
}

Json to_json(const Deployment& deployment) {
  Json json{{"instances", deployment.instances}, {"processes", deployment.processes}};
  if (deployment.pooler) json["pooler"] = to_json(*deployment.pooler);
  if (deployment.others.empty() && deployment.pool.name == DeployedPool{}.name) {
    json["pool"] = to_json(deployment.pool);
    return json;
  }
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    json["pools"][deployment.pool_at(i).name] = to_json(deployment.pool_at(i));
  }
  return json;
}

Json to_json(const Goal& goal) {
  if (!goal.abort_on_fail) return goal.text;
  return {{"goal", goal.text}, {"abort_on_fail", true}, {"grace", to_json(goal.grace)}};
}

/// Settings that are numbers are written as such.
Json setting(const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ptr == end && std::to_string(value) == text) return value;
  return text;
}

Json paths(const std::vector<SqlFile>& files) {
  Json list = Json::array();
  for (const SqlFile& file : files) list.push_back(file.path);
  return list;
}

void add_data(Json& root, const char* key, const std::vector<SqlFile>& files,
              const std::optional<std::vector<SqlFile>>& on_sqlite) {
  if (on_sqlite) {
    root["data"][key] = Json{{"sqlite", paths(*on_sqlite)}, {"postgresql", paths(files)}};
  } else if (!files.empty()) {
    root["data"][key] = paths(files);
  }
}

void add_surroundings(Json& root, const Scenario& scenario) {
  if (!scenario.server_settings.empty()) {
    Json settings = Json::object();
    for (const auto& [name, value] : scenario.server_settings) settings[name] = setting(value);
    root["server"]["settings"] = std::move(settings);
  }
  if (scenario.sqlite) {
    root["server"]["kind"] = "sqlite";
    if (!scenario.sqlite->preset.empty()) root["server"]["preset"] = scenario.sqlite->preset;
    for (const auto& [name, value] : scenario.sqlite->pragmas) {
      root["server"]["pragmas"][name] = setting(value);
    }
  }
  add_data(root, "setup", scenario.setup, scenario.setup_on_sqlite);
  add_data(root, "teardown", scenario.teardown, scenario.teardown_on_sqlite);
  for (const VariableSpec& variable : scenario.variables) {
    if (std::holds_alternative<ScriptVariable>(variable.value)) continue;
    root["variables"][variable.name] = to_json(variable);
  }
}

}  // namespace

std::string resolved(const Scenario& scenario) {
  Json root{{"version", 1}, {"name", scenario.name}};
  if (!scenario.description.empty()) root["description"] = scenario.description;
  add_surroundings(root, scenario);
  root["requests"] = Json::array();
  for (const RequestSpec& request : scenario.requests) {
    root["requests"].push_back(to_json(request, scenario.deployment));
  }
  root["load"] = to_json(scenario.load);
  root["warmup"] = scenario.warmup_auto ? Json("auto") : to_json(scenario.warmup);
  root["duration"] = to_json(scenario.duration);
  if (scenario.deadline) root["deadline"] = to_json(*scenario.deadline);
  root["deployment"] = to_json(scenario.deployment);
  if (!scenario.goals.empty()) root["slo"] = Json::array();
  for (const Goal& goal : scenario.goals) root["slo"].push_back(to_json(goal));
  return root.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace poolgauge
