// Requests and their steps.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "scenario/read/read_spec.h"
#include "scenario/read/statement.h"
#include "sqlite/presets/presets.h"

namespace poolgauge {

namespace {

constexpr double kLargestWeight = 1e9;

/// Names given, and where; a second use of one is reported.
class UniqueNames {
 public:
  /// The name under "name", or PREFIX and the number.
  std::string take(ObjectReader& object, const std::string& prefix, std::size_t number) {
    std::string name = fmt::format("{}{}", prefix, number);
    const Node& owner = object.node();
    std::string pointer = owner.pointer;
    if (const auto node = object.take("name")) {
      pointer = node->pointer;
      const auto written = read_name(*node);
      if (!written) return name;
      name = *written;
    }
    const auto [first, added] = first_.emplace(name, pointer);
    if (!added) {
      owner.problems->add({pointer, Part::value,
                           fmt::format("the name {} is already used by {}; choose another",
                                       shown_text(name), first->second)});
    }
    return name;
  }

  /// `wanted`, or with a number where that is taken.
  std::string fresh(const std::string& wanted, const std::string& pointer) {
    std::string name = wanted;
    for (int i = 2; !first_.emplace(name, pointer).second; ++i) {
      name = fmt::format("{} {}", wanted, i);
    }
    return name;
  }

 private:
  std::map<std::string, std::string> first_;
};

TransactionMode read_transaction(const Node& node) {
  if (node.json->is_boolean()) {
    return node.json->get<bool>() ? TransactionMode::read_write : TransactionMode::none;
  }
  std::vector<std::string> words;
  for (const TransactionWords& each : kTransactionWords) words.emplace_back(each.word);
  std::string what = "true, false";
  for (const std::string& word : words) {
    what += (word == words.back() ? " or " : ", ") + shown_text(word);
  }
  if (!node.json->is_string()) {
    node.expected(what);
    return TransactionMode::none;
  }
  const auto written = node.json->get<std::string>();
  for (const TransactionWords& each : kTransactionWords) {
    if (each.word == written) return each.mode;
  }
  if (written == "concurrent") {
    node.refuse("BEGIN CONCURRENT exists only in a branch of SQLite; use \"immediate\"");
    return TransactionMode::none;
  }
  node.expected(what, nearest_or_empty(written, words));
  return TransactionMode::none;
}

std::optional<SqlState> read_sqlstate(const Node& node) {
  constexpr std::string_view kCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const std::string what =
      "an SQLSTATE: five digits and capital letters, such as \"40001\"; or one of SQLite's result "
      "codes, such as \"5\"";
  const auto text = read_text(node, what);
  if (!text) return std::nullopt;
  SqlState state{};
  const bool code = text->size() < 5 && sqlite::is_result_code(*text);
  const bool whole = text->size() == 5 && text->find_first_not_of(kCharacters) == std::string::npos;
  if (!code && !whole) {
    node.expected(what);
    return std::nullopt;
  }
  std::copy(text->begin(), text->end(), state.begin());
  return state;
}

/// true, or an object whose keys all have a default.
RetrySpec read_retry(const Node& node) {
  constexpr std::int64_t kMostRetries = 1000;
  constexpr double kSteepest = 100;
  RetrySpec retry;
  // serialization_failure and deadlock_detected: PostgreSQL asks the application to try these
  // again.
  const std::vector<SqlState> usual{SqlState{"40001"}, SqlState{"40P01"}};
  if (node.json->is_boolean()) {
    if (node.json->get<bool>()) retry.on = usual;
    return retry;
  }
  ObjectReader object(node, "true, false, or an object with on, max, backoff, and factor");
  if (!object.is_object()) return retry;
  retry.on = usual;
  if (const auto on = object.take("on")) {
    retry.on.clear();
    const auto elements = read_list(*on, 1, "a list of at least one SQLSTATE");
    for (std::size_t i = 0; elements && i < elements->size(); ++i) {
      if (const auto state = read_sqlstate((*elements)[i])) retry.on.push_back(*state);
    }
  }
  if (const auto max = object.take("max")) {
    retry.max = static_cast<std::uint32_t>(read_integer(*max, 1, kMostRetries).value_or(1));
  }
  if (const auto backoff = object.take("backoff")) retry.backoff = read_duration_spec(*backoff);
  if (const auto factor = object.take("factor")) {
    retry.factor = read_number_from(*factor, 1, kSteepest).value_or(1);
  }
  object.finish();
  return retry;
}

Protocol read_protocol(const Node& node) {
  const auto word = read_word(node, {"simple", "extended", "prepared"});
  if (word == "simple") return Protocol::simple;
  return word == "extended" ? Protocol::extended : Protocol::prepared;
}

std::vector<std::string> pool_names(const Deployment& deployment) {
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    names.push_back(deployment.pool_at(i).name);
  }
  return names;
}

/// The place of the pool that is named; of the first when there is none such.
std::uint32_t read_pool_name(const Node& node, const Deployment& deployment) {
  const std::vector<std::string> names = pool_names(deployment);
  const auto name = read_word(node, names);
  const auto found = name ? std::find(names.begin(), names.end(), *name) : names.end();
  return found != names.end() ? static_cast<std::uint32_t>(found - names.begin()) : 0;
}

/// What a file says beside the request itself.
struct Surroundings {
  const std::vector<VariableSpec>& variables;
  const std::vector<std::string>& names;  ///< of the variables
  const Deployment& deployment;
  const IncludedScripts& scripts;
};

/// A request that names no pool uses the only one, or that named primary.
std::uint32_t read_request_pool(ObjectReader& object, const Deployment& deployment) {
  const bool has_usual = deployment.others.empty() || deployment.pool.name == "primary";
  if (has_usual) {
    const auto pool = object.take("pool");
    return pool ? read_pool_name(*pool, deployment) : 0;
  }
  const auto pool =
      object.require("pool", listed(pool_names(deployment)) + " (no pool is named primary)");
  return pool ? read_pool_name(*pool, deployment) : 0;
}

/// Judged by the server at each BEGIN, so better said before the first.
void check_transaction(const Node& node, const RequestSpec& request, const Deployment& deployment) {
  const DeployedPool& pool = deployment.pool_at(request.pool);
  const bool impossible =
      is_serializable(request.transaction) && pool.target == PoolTarget::replica;
  if (!impossible) return;
  node.refuse(
      fmt::format(
          "a standby cannot run serializable transactions, but pool \"{}\" is on the replica",
          pool.name),
      shown(*node.json), "repeatable read, read only");
}

class StepReader {
 public:
  StepReader(const Node& node, const Surroundings& around, const RequestSpec& request)
      : object_(node, "a step: an object with sql, hold, pause, or include"),
        around_(around),
        request_(request) {}

  Step read(UniqueNames& names, std::size_t number) {
    Step step;
    if (!object_.is_object()) return step;
    step.name = names.take(object_, "step", number);
    step.pool = request_.pool;
    read_kind(step);
    object_.finish();
    return step;
  }

 private:
  void read_kind(Step& step) {
    const auto sql = object_.take("sql");
    const auto hold = object_.take("hold");
    const auto pause = object_.take("pause");
    const int kinds = int{sql.has_value()} + int{hold.has_value()} + int{pause.has_value()};
    if (kinds > 1) {
      object_.node().refuse("expected exactly one of sql, hold, pause, or include");
    }
    if (kinds == 0) {
      object_.node().refuse("expected one of sql, hold, pause, or include");
    }
    if (sql) {
      read_texts(*sql, around_.names, step);
      if (const auto protocol = object_.take("protocol")) step.protocol = read_protocol(*protocol);
      if (const auto cost = object_.take("cost")) step.cost = read_duration_spec(*cost);
      if (const auto pool = object_.take("pool")) {
        step.pool = read_pool_name(*pool, around_.deployment);
      }
      return;
    }
    object_.refuse_here({"protocol"}, "protocol applies only to an sql step");
    object_.refuse_here({"pool"}, "pool applies only to an sql step");
    object_.refuse_here({"cost"}, "cost applies only to an sql step");
    if (hold) {
      step.kind = StepKind::hold;
      step.time = read_duration_spec(*hold);
    } else if (pause) {
      step.kind = StepKind::pause;
      step.time = read_duration_spec(*pause);
      if (request_.transaction != TransactionMode::none) {
        object_.node().problems->add({pause->pointer, Part::key,
                                      "a transaction keeps its connection, so a pause is not "
                                      "possible; use hold, or set transaction to false"});
      }
    }
  }

  ObjectReader object_;
  const Surroundings& around_;
  const RequestSpec& request_;
};

bool includes_script(const Node& node) {
  return node.json->is_object() && node.json->contains("include");
}

/// What {"include": "select.sql"} says beside the script: of a step, or of a whole request.
void read_include(ObjectReader& object, const Surroundings& around, const std::string& prefix,
                  UniqueNames& step_names, RequestSpec& request) {
  object.take("include");
  object.take("text");  // both read before
  ScriptUse use{Protocol::prepared, request.pool,           prefix, nullptr,
                around.variables,   *object.node().problems};
  if (const auto protocol = object.take("protocol")) use.protocol = read_protocol(*protocol);
  const std::string& pointer = object.node().pointer;
  use.fresh_name = [&step_names, &pointer](const std::string& wanted) {
    return step_names.fresh(wanted, pointer);
  };
  const auto script = around.scripts.find(pointer);
  if (script == around.scripts.end()) return;
  add_script(request, script->second, use);
}

/// The weight after the @ of "select.sql@3".
void read_script_weight(const Node& node, bool is_whole_request, RequestSpec& request) {
  const Json& include = node.json->at("include");
  if (!include.is_string()) return;
  const WeightedFile named = weighted_file(include.get<std::string>());
  if (!named.has_weight) return;
  const Node value{&include, child_pointer(node.pointer, "include"), node.problems};
  if (named.weight <= 0 || named.weight > kLargestWeight) {
    value.expected("a number above 0 after the @");
  } else if (!is_whole_request) {
    value.refuse("a weight applies to a request; set \"weight\" on the request");
  } else {
    request.weight = named.weight;
  }
}

void read_step_include(const Node& node, const Surroundings& around, bool is_whole_request,
                       UniqueNames& names, RequestSpec& request) {
  ObjectReader object(node);
  std::string prefix;
  if (const auto name = object.take("name")) prefix = read_name(*name).value_or("");
  read_script_weight(node, is_whole_request, request);
  const std::uint32_t own = request.pool;
  if (const auto pool = object.take("pool")) {
    request.pool = read_pool_name(*pool, around.deployment);
  }
  read_include(object, around, prefix, names, request);
  request.pool = own;
  object.finish();
}

void read_steps(const Node& node, const Surroundings& around, bool weight_given,
                RequestSpec& request) {
  UniqueNames step_names;
  const auto elements = read_list(node, 1, "a list of at least one step");
  for (std::size_t i = 0; elements && i < elements->size(); ++i) {
    const Node& element = (*elements)[i];
    if (includes_script(element)) {
      const bool whole = elements->size() == 1 && !weight_given;
      read_step_include(element, around, whole, step_names, request);
      continue;
    }
    StepReader reader(element, around, request);
    request.steps.push_back(reader.read(step_names, request.steps.size() + 1));
  }
}

/// The name of a request that is a script: the file's, without folder and ending.
void name_after_script(const Node& node, UniqueNames& names, RequestSpec& request) {
  const Json& include = node.json->at("include");
  if (!include.is_string()) return;
  const std::string file = weighted_file(include.get<std::string>()).file;
  request.name = names.fresh(std::filesystem::path(file).stem().string(), node.pointer);
}

void read_script_request(ObjectReader& object, const Surroundings& around, bool weight_given,
                         RequestSpec& request) {
  object.refuse_here({"steps"}, "use either include or steps, not both");
  read_script_weight(object.node(), !weight_given, request);
  UniqueNames step_names;
  read_include(object, around, "", step_names, request);
}

/// Whether all its scripts were understood: of the others each mistake has been said.
bool scripts_are_whole(const std::string& pointer, const IncludedScripts& scripts) {
  return std::all_of(scripts.begin(), scripts.end(), [&pointer](const auto& script) {
    return !script.first.starts_with(pointer) || script.second.script.problems.empty();
  });
}

RequestSpec read_request(const Node& node, const Surroundings& around, UniqueNames& names,
                         std::size_t number) {
  RequestSpec request;
  ObjectReader object(node, "a request: an object with steps");
  if (!object.is_object()) return request;
  const bool is_script = includes_script(node);
  if (is_script && !node.json->contains("name")) {
    name_after_script(node, names, request);
  } else {
    request.name = names.take(object, "request", number);
  }
  request.pool = read_request_pool(object, around.deployment);
  const auto weight = object.take("weight");
  if (weight) {
    request.weight = read_number_above(*weight, 0, kLargestWeight).value_or(1);
  }
  if (const auto mode = object.take("transaction")) {
    request.transaction = read_transaction(*mode);
    check_transaction(*mode, request, around.deployment);
  }
  if (const auto retry = object.take("retry")) request.retry = read_retry(*retry);
  if (is_script) {
    read_script_request(object, around, weight.has_value(), request);
  } else if (const auto steps = object.require("steps", "a list of steps, or include")) {
    read_steps(*steps, around, weight.has_value(), request);
  }
  finish_lines(request);
  if (request.steps.empty() && !request.includes.empty() &&
      scripts_are_whole(node.pointer, around.scripts)) {
    node.refuse("the script has no SQL command and no \\sleep", request.includes[0].file);
  }
  object.finish();
  return request;
}

}  // namespace

std::vector<RequestSpec> read_requests(const Node& node, std::vector<VariableSpec>& variables,
                                       const Deployment& deployment,
                                       const std::string& scenario_file) {
  const IncludedScripts scripts = read_included_scripts(node, scenario_file, variables);
  std::vector<std::string> variable_names;
  for (const VariableSpec& variable : variables) variable_names.push_back(variable.name);
  const Surroundings around{variables, variable_names, deployment, scripts};
  std::vector<RequestSpec> requests;
  UniqueNames names;
  const auto elements = read_list(node, 1, "a list of at least one request");
  for (std::size_t i = 0; elements && i < elements->size(); ++i) {
    requests.push_back(read_request((*elements)[i], around, names, i + 1));
  }
  return requests;
}

}  // namespace poolgauge
