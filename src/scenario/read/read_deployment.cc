// The deployment: how many processes, the pool in each and a pooler behind them, checked against
// what its kind knows.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "poolgauge/pool_flags.h"
#include "scenario/read/read_spec.h"

namespace poolgauge {

namespace {

constexpr std::int64_t kMostInstances = 10'000;
constexpr std::int64_t kMostProcesses = 10'000;
constexpr std::int64_t kLargestFleet = 100'000;
constexpr std::size_t kMostPools = 64;
constexpr std::size_t kLongestRole = 63;  // PostgreSQL's NAMEDATALEN, without the closing zero

const OptionInfo* find_option(const KindInfo& kind, std::string_view name) {
  for (const OptionInfo& option : kind.options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

const KindInfo* read_kind(const Node& node) {
  const std::vector<std::string> names = pool_kind_names();
  const auto name = read_text(node, listed(names));
  if (!name) return nullptr;
  const KindInfo* kind = find_kind(*name);
  if (kind != nullptr && !kind->is_pooler) return kind;
  node.expected(listed(names), nearest_or_empty(*name, names));
  return nullptr;
}

/// A duration, a bare number in the library's own unit, or -1 where that turns it off.
std::optional<OptionValue> read_duration_option(const Node& node, const OptionInfo& option) {
  if (node.json->is_string()) {
    const auto value = read_duration(node, Zero::allowed);
    if (!value) return std::nullopt;
    return OptionValue(*value);
  }
  const double number = node.json->is_number() ? node.json->get<double>() : NAN;
  if (number == -1 && option.minus_one_is_off) return OptionValue(Duration{-1});
  const double longest = static_cast<double>(kLongestDuration / option.bare_unit);
  if (number >= 0 && number <= longest) {
    return OptionValue(from_s(number * to_s(option.bare_unit)));
  }
  const bool in_seconds = option.bare_unit == std::chrono::seconds(1);
  node.expected(fmt::format("a duration such as \"30s\", a number of {}{}",
                            in_seconds ? "seconds" : "milliseconds",
                            option.minus_one_is_off ? ", or -1 for off" : ""));
  return std::nullopt;
}

/// Choices that look like numbers ("3.12") may be written as such.
std::optional<OptionValue> read_choice_option(const Node& node, const OptionInfo& option) {
  const std::string text = node.json->is_string()
                               ? node.json->get<std::string>()
                               : node.json->dump(-1, ' ', false, Json::error_handler_t::replace);
  const auto& choices = option.choices;
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) return OptionValue(text);
  node.expected(listed(choices), nearest_or_empty(text, choices));
  return std::nullopt;
}

template <class T>
std::optional<OptionValue> as_option(const std::optional<T>& value) {
  if (!value) return std::nullopt;
  return OptionValue(*value);
}

std::optional<OptionValue> read_option(const Node& node, const OptionInfo& option) {
  switch (option.type) {
    case OptionType::integer:
      return as_option(read_integer(node, option.min_value, option.max_value));
    case OptionType::boolean: return as_option(read_boolean(node));
    case OptionType::duration: return read_duration_option(node, option);
    case OptionType::choice: return read_choice_option(node, option);
  }
  return std::nullopt;
}

/// By what it means in another library, else by its letters.
std::string nearest_option(const std::string& name, const KindInfo& kind) {
  if (const auto same = option_by_synonym(kind, name)) return *same;
  std::vector<std::string> known{"kind", "target", "role", "role_by"};
  for (const OptionInfo& option : kind.options) known.push_back(option.name);
  return nearest_or_empty(name, known);
}

std::string options_text(const KindInfo& kind) {
  std::vector<std::string> names;
  for (const OptionInfo& option : kind.options) names.push_back(option.name);
  if (names.empty()) return fmt::format("kind \"{}\" has no options", kind.name);
  return fmt::format("options of \"{}\": {}", kind.name, fmt::join(names, ", "));
}

void refuse_unknown_option(const std::string& name, const Node& node, const KindInfo& kind) {
  std::vector<std::string> kinds_with_it;
  for (const KindInfo* other : pool_kinds()) {
    if (find_option(*other, name) != nullptr) kinds_with_it.push_back(other->name);
  }
  std::string hint = options_text(kind);
  if (!kinds_with_it.empty()) {
    hint += fmt::format("\nkinds that have it: {}", fmt::join(kinds_with_it, ", "));
  }
  node.problems->add({node.pointer, Part::key,
                      fmt::format("unknown option for kind \"{}\"", kind.name), "",
                      nearest_option(name, kind), hint});
}

std::string read_role(const Node& node) {
  const std::string what = fmt::format("a role's name, at most {} bytes", kLongestRole);
  const auto role = read_text(node, what);
  if (!role) return {};
  if (role->empty() || role->size() > kLongestRole) node.expected(what);
  return *role;
}

/// One option of the pool; false when it is wrong by itself.
bool read_into(PoolSpec& pool, const KindInfo& kind, const std::string& name, const Node& value) {
  const OptionInfo* option = find_option(kind, name);
  if (option == nullptr) {
    refuse_unknown_option(name, value, kind);
    return true;
  }
  auto read = read_option(value, *option);
  if (!read) return false;
  pool.set(name, std::move(*read));
  return true;
}

/// What a pool has besides its own library's options: where it connects to, and as whom.
void read_place(ObjectReader& object, DeployedPool& pool) {
  if (const auto target = object.take("target")) {
    if (read_word(*target, {"primary", "replica"}) == "replica") pool.target = PoolTarget::replica;
  }
  const auto role = object.take("role");
  if (role) pool.role = read_role(*role);
  if (const auto how = object.take("role_by")) {
    if (read_word(*how, {"connect", "set role"}) == "set role") pool.role_by = RoleBy::set_role;
    if (!role) how->problems->add({how->pointer, Part::key, "role_by needs a role"});
  }
}

DeployedPool read_pool(const Node& node, const std::string& pool_name) {
  DeployedPool pool;
  pool.name = pool_name;
  ObjectReader object(node, "an object with the pool's kind and options");
  if (!object.is_object()) return pool;
  read_place(object, pool);
  const KindInfo* kind = find_kind(pool.kind);
  if (const auto named = object.take("kind")) kind = read_kind(*named);
  if (kind == nullptr) return pool;
  pool.kind = kind->name;
  bool all_good = true;
  for (const auto& [name, value] : object.members()) {
    if (object.took(name)) continue;
    all_good = read_into(pool, *kind, name, value) && all_good;
  }
  // Rules between options make sense only for options that are right by themselves.
  if (all_good) {
    if (const auto complaint = check_options(pool)) node.refuse(*complaint);
  }
  return pool;
}

std::optional<Pooler> read_pooler(const Node& node) {
  Pooler pooler;
  ObjectReader object(node, "an object with the pooler's kind and options");
  if (!object.is_object()) return std::nullopt;
  const auto named = object.require("kind", "\"pgbouncer\"");
  const auto name = named ? read_word(*named, {"pgbouncer"}) : std::nullopt;
  if (!name) return std::nullopt;
  pooler.spec.kind = *name;
  const KindInfo& kind = *find_kind(*name);
  bool all_good = true;
  for (const auto& [key, value] : object.members()) {
    if (key == "kind") continue;
    if (key == "target") {
      pooler.given = read_word(value, {"given"}).has_value();
    } else {
      all_good = read_into(pooler.spec, kind, key, value) && all_good;
    }
  }
  if (all_good) {
    if (const auto complaint = check_options(pooler.spec)) node.refuse(*complaint);
  }
  return pooler;
}

/// Plain enough to stand before an option on the command line and in an application name.
bool is_pool_name(const std::string& name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !name.empty() && name.size() <= 30 && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), plain);
}

/// The pool named primary comes first, the others in the order of the file.
void read_pools(const Node& node, Deployment& deployment) {
  const std::string what = "an object with a pool for each name";
  const ObjectReader object(node, what);
  if (!object.is_object()) return;
  if (node.json->empty() || node.json->size() > kMostPools) {
    node.expected(fmt::format("{}, at most {}", what, kMostPools));
    return;
  }
  std::vector<DeployedPool> pools;
  for (const auto& [name, value] : object.members()) {
    if (!is_pool_name(name)) {
      value.problems->add({value.pointer, Part::key,
                           "expected a pool's name: at most 30 letters, digits, _, and -",
                           shown_text(name)});
    }
    pools.push_back(read_pool(value, name));
    if (name == "primary") std::rotate(pools.begin(), pools.end() - 1, pools.end());
  }
  deployment.pool = std::move(pools.front());
  deployment.others.assign(std::make_move_iterator(pools.begin() + 1),
                           std::make_move_iterator(pools.end()));
}

}  // namespace

Deployment read_deployment(const Node& node) {
  Deployment deployment;
  ObjectReader object(node, "an object with instances, processes, and pool");
  if (!object.is_object()) return deployment;
  const auto instances = object.take("instances");
  const auto processes = object.take("processes");
  if (instances) {
    const auto count = read_integer(*instances, 1, kMostInstances).value_or(1);
    deployment.instances = static_cast<std::uint32_t>(count);
  }
  if (processes) {
    const auto count = read_integer(*processes, 1, kMostProcesses).value_or(1);
    deployment.processes = static_cast<std::uint32_t>(count);
  }
  if (deployment.fleet() > kLargestFleet) {
    processes->refuse(
        fmt::format("expected at most {} processes in total over all instances", kLargestFleet),
        fmt::format("{}", deployment.fleet()));
  }
  const auto pool = object.take("pool");
  const auto pools = object.take("pools");
  if (pool && pools) {
    pools->problems->add({pools->pointer, Part::key, "use either pool or pools, not both"});
  }
  if (pool) deployment.pool = read_pool(*pool, deployment.pool.name);
  if (pools) read_pools(*pools, deployment);
  if (const auto pooler = object.take("pooler")) deployment.pooler = read_pooler(*pooler);
  object.finish();
  return deployment;
}

}  // namespace poolgauge
