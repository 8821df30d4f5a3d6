// Field by field: the scenario as it was run, the server, the machine.
#include "gate/gate_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;
using Effect = GateDifference::Effect;

constexpr std::size_t kLongestValue = 60;
constexpr const char* kAbsent = "(absent)";
/// Machines whose memory differs by less are of one class: firmware takes its share.
constexpr double kSameMemory = 0.1;

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// The place, or the start of the sign that it lies in.
std::size_t sign_start(const std::string& text, std::size_t place) {
  while (place > 0 && place < text.size() &&
         (static_cast<unsigned char>(text[place]) & 0xC0U) == 0x80U) {
    --place;
  }
  return std::min(place, text.size());
}

/// At most kLongestValue bytes of a text from `start` on, with "…" for what is left out.
std::string cut_text(const std::string& text, std::size_t start) {
  start = sign_start(text, start);
  const std::string head = start > 0 ? "…" : "";
  if (text.size() - start <= kLongestValue) return head + text.substr(start);
  const std::size_t end = sign_start(text, start + kLongestValue);
  return head + text.substr(start, end - start) + "…";
}

std::string shown(const Json& value) {
  return cut_text(text_of(value), 0);
}

/// Two values that differ, so that it can be seen where: long ones from shortly before it on.
std::pair<std::string, std::string> shown_apart(const Json& before, const Json& after) {
  const std::string a = text_of(before), b = text_of(after);
  if (cut_text(a, 0) != cut_text(b, 0)) return {cut_text(a, 0), cut_text(b, 0)};
  constexpr std::size_t kBefore = 20;
  const auto apart = static_cast<std::size_t>(
      std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  const std::size_t start = apart > kBefore ? apart - kBefore : 0;
  return {cut_text(a, start), cut_text(b, start)};
}

/// "/deployment/pool/pool_size" as "deployment.pool.pool_size".
std::string dotted(const std::string& pointer) {
  std::string name = pointer.substr(pointer.empty() ? 0 : 1);
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

std::map<std::string, Json> fields_of(const std::string& text) {
  std::map<std::string, Json> fields;
  const Json root = Json::parse(text, nullptr, false);
  if (!root.is_object()) return fields;
  const Json flat = root.flatten();  // named: items() refers to it
  for (const auto& [pointer, value] : flat.items()) fields[dotted(pointer)] = value;
  return fields;
}

Effect effect_of(const std::string& field) {
  for (const char* harmless : {"name", "description", "slo", "warmup", "duration", "version"}) {
    if (field == harmless || field.starts_with(std::string(harmless) + ".")) return Effect::noted;
  }
  return Effect::refused;
}

class Differences {
 public:
  void add(const std::string& field, const std::string& a, const std::string& b, Effect effect) {
    if (a != b) found_.push_back({field, a.empty() ? kAbsent : a, b.empty() ? kAbsent : b, effect});
  }
  void add_scenario(const Report& a, const Report& b) {
    const std::map<std::string, Json> before = fields_of(a.scenario_json);
    const std::map<std::string, Json> after = fields_of(b.scenario_json);
    for (const auto& [field, value] : before) {
      const auto other = after.find(field);
      if (other == after.end()) {
        add(field, shown(value), kAbsent, effect_of(field));
      } else if (value != other->second) {
        auto [left, right] = shown_apart(value, other->second);
        found_.push_back({field, std::move(left), std::move(right), effect_of(field)});
      }
    }
    for (const auto& [field, value] : after) {
      if (!before.contains(field)) add(field, kAbsent, shown(value), effect_of(field));
    }
  }
  std::vector<GateDifference> take() { return std::move(found_); }

 private:
  std::vector<GateDifference> found_;
};

std::string setting_of(const TargetFacts& target, const std::string& name) {
  for (const auto& [known, value] : target.settings) {
    if (known == name) return value;
  }
  return "";
}

void add_target(Differences& differences, const TargetFacts& a, const TargetFacts& b) {
  differences.add("target.kind", a.kind, b.kind, Effect::refused);
  differences.add("target.server_version", a.server_version, b.server_version, Effect::doubt);
  if (a.kind == "server" && b.kind == "server") {
    differences.add("target.address", a.address, b.address, Effect::noted);
  }
  const auto pooler = [](const TargetFacts& t) { return t.pooler ? t.pooler->version : "none"; };
  differences.add("target.pooler", pooler(a), pooler(b), Effect::doubt);
  std::vector<std::string> names;
  for (const auto* settings : {&a.settings, &b.settings}) {
    for (const auto& [name, value] : *settings) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  for (const std::string& name : names) {
    const std::string before = setting_of(a, name);
    const std::string after = setting_of(b, name);
    // An earlier version did not ask for it, or the role could not see it.
    const bool both = !before.empty() && !after.empty();
    differences.add("server." + name, before, after, both ? Effect::doubt : Effect::noted);
  }
}

/// "Linux 6.1.0-18-amd64" as "Linux 6.1": later releases of one series behave alike.
std::string series_of(const std::string& kernel) {
  const std::size_t dot = kernel.find('.');
  if (dot == std::string::npos) return kernel;
  const std::size_t end = kernel.find_first_not_of("0123456789", dot + 1);
  return kernel.substr(0, end);
}

void add_machine(Differences& differences, const MachineFacts& a, const MachineFacts& b) {
  if (a.cores == 0 && b.cores == 0) return;
  if (a.cores == 0 || b.cores == 0) {
    const auto told = [](const MachineFacts& m) {
      return m.cores == 0 ? "not recorded" : "recorded";
    };
    return differences.add("machine", told(a), told(b), Effect::doubt);
  }
  differences.add("machine.arch", a.arch, b.arch, Effect::doubt);
  differences.add("machine.kernel", series_of(a.kernel), series_of(b.kernel), Effect::doubt);
  differences.add("machine.cpu", a.cpu, b.cpu, Effect::doubt);
  differences.add("machine.cores", fmt::format("{}", a.cores), fmt::format("{}", b.cores),
                  Effect::doubt);
  const double larger = static_cast<double>(std::max(a.memory_mib, b.memory_mib));
  const double smaller = static_cast<double>(std::min(a.memory_mib, b.memory_mib));
  if (smaller < (1 - kSameMemory) * larger) {
    differences.add("machine.memory_mib", fmt::format("{}", a.memory_mib),
                    fmt::format("{}", b.memory_mib), Effect::doubt);
  }
}

}  // namespace

std::vector<GateDifference> report_differences(const Report& baseline, const Report& candidate) {
  Differences differences;
  differences.add_scenario(baseline, candidate);
  add_target(differences, baseline.target, candidate.target);
  const bool real = baseline.target.kind != "simulated" || candidate.target.kind != "simulated";
  if (real) add_machine(differences, baseline.machine, candidate.machine);
  differences.add("tool.version", baseline.tool_version, candidate.tool_version, Effect::noted);
  return differences.take();
}

std::vector<std::string> comparable_fields(const Report& report) {
  std::vector<std::string> names = {"target.kind",   "target.server_version", "target.address",
                                    "target.pooler", "machine.arch",          "machine.kernel",
                                    "machine.cpu",   "machine.cores",         "machine.memory_mib",
                                    "tool.version"};
  for (const auto& [field, value] : fields_of(report.scenario_json)) names.push_back(field);
  for (const auto& [name, value] : report.target.settings) names.push_back("server." + name);
  return names;
}

bool changes_what_is_measured(const std::string& key) {
  return effect_of(key) == Effect::refused;
}

bool has_open_load(const Report& report) {
  const Json root = Json::parse(report.scenario_json, nullptr, false);
  if (!root.is_object() || !root.contains("load") || !root["load"].is_object()) return false;
  const Json& load = root["load"];
  if (load.contains("users")) return false;
  const bool staged = load.contains("stages") && load["stages"].is_array();
  return !staged ||
         std::none_of(load["stages"].begin(), load["stages"].end(), [](const Json& stage) {
           return stage.is_object() && stage.contains("users");
         });
}

}  // namespace poolgauge
