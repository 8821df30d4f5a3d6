// Which policy a vector's pool is, and its parameters in that library's own units.
#include "vectors/make_pool.h"

#include "policy/null_pool.h"
#include "policy/static_pool.h"
#include "poolgauge/policies.h"

namespace poolgauge::vectors {

namespace {

// A bare number of a duration is in the library's unit; null and false switch things off.
OptionValue value_of(const OptionInfo& info, const Json& value) {
  switch (info.type) {
    case OptionType::integer: return value.get<std::int64_t>();
    case OptionType::boolean: return value.get<bool>();
    case OptionType::duration: {
      const double number = value.get<double>();
      if (number < 0) return Duration{-1};
      return from_s(number * to_s(info.bare_unit));
    }
    case OptionType::choice: break;
  }
  if (value.is_null() || value == false) return std::string("none");
  if (value == true) return std::string("rollback");
  return value.get<std::string>();
}

std::string set_parameters(const Json& vector, PoolSpec& spec) {
  const KindInfo* kind = find_kind(spec.kind);
  for (const auto& [name, value] : vector["params"].items()) {
    const OptionInfo* known = nullptr;
    for (const OptionInfo& info : kind->options) {
      if (info.name == name) known = &info;
    }
    if (known == nullptr) return "unknown parameter " + name;
    spec.set(name, value_of(*known, value));
  }
  return "";
}

bool only_before_2_0(const Json& vector) {
  if (!vector.contains("versions")) return false;
  for (const Json& version : vector["versions"]) {
    if (!version.get<std::string>().starts_with("1.4")) return false;
  }
  return true;
}

}  // namespace

MadePool make_pool(const Json& vector) {
  const std::string pool = vector["pool"].get<std::string>();
  if (pool == "sqlalchemy.NullPool") return {std::make_unique<NullPool>(), ""};
  if (pool == "sqlalchemy.StaticPool") return {std::make_unique<StaticPool>(), ""};
  PoolSpec spec;
  if (pool == "sqlalchemy.QueuePool") {
    spec.kind = "sqlalchemy";
  } else if (pool == "sqlalchemy.AsyncAdaptedQueuePool") {
    spec.kind = "sqlalchemy-async";
    const std::string python = vector["env"].value("python_wait_for", "3.11");
    spec.set("python", python == "3.12" ? python : "3.11");
  } else {
    return {nullptr, "unknown pool"};
  }
  if (only_before_2_0(vector)) spec.set("version", std::string("1.4"));
  const std::string trouble = set_parameters(vector, spec);
  if (!trouble.empty()) return {nullptr, trouble};
  return {make_policy(spec), ""};
}

}  // namespace poolgauge::vectors
