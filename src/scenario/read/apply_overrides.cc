// Each override replaces a value; some replace the kind of load or of pool.
#include "scenario/read/resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "poolgauge/pool_flags.h"
#include "poolgauge/pool_traits.h"

namespace poolgauge {

namespace {

constexpr std::string_view kOptionPrefix = "option:";
constexpr std::string_view kFlagPrefix = "pool:";

/// "4", "true" and "-1" as what they are, anything else as a text.
Json value_of(const std::string& text) {
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded() || value.is_structured() || value.is_null()) return Json(text);
  return value;
}

/// JSON that begins with `bracket`: a distribution, a list of stages. Anything else as a text.
Json structured_of(const std::string& text, char bracket) {
  if (!text.starts_with(bracket) || nesting_depth(text) > 10) return Json(text);
  Json value = Json::parse(text, nullptr, false);
  return value.is_discarded() ? Json(text) : value;
}

/// The keys that tell the kind of a load.
bool is_load_kind(std::string_view key) {
  return key == "users" || key == "rate" || key == "burst" || key == "stages" || key == "replay";
}

/// What belongs to a load of some kinds only, and how to name them.
struct LoadDetail {
  std::string_view key;
  std::string_view owner;  ///< the flag that makes such a load
  std::string_view name;
};
constexpr LoadDetail kLoadDetails[] = {{"think", "users", "a load with users"},
                                       {"arrivals", "rate", "a load with a rate"},
                                       {"every", "burst", "a load with bursts"},
                                       {"speed", "replay", "a replayed load"}};

const LoadDetail* find_detail(std::string_view key) {
  const auto* found = std::find_if(std::begin(kLoadDetails), std::end(kLoadDetails),
                                   [key](const LoadDetail& detail) { return detail.key == key; });
  return found != std::end(kLoadDetails) ? found : nullptr;
}

/// Stages are of users or of a rate.
bool belongs(const LoadDetail& detail, const Json& load) {
  if (load.contains(detail.owner)) return true;
  if (!load.contains("stages")) return false;
  const Json& stages = load["stages"];
  const bool of_rate =
      stages.is_array() && !stages.empty() && stages[0].is_object() && stages[0].contains("rate");
  return detail.owner == (of_rate ? "rate" : "users");
}

class Overrider {
 public:
  Overrider(Json& document, Problems& problems) : document_(document), problems_(problems) {}

  AppliedOverrides run(const std::vector<Override>& overrides) {
    // First the kind of load, then what belongs to a kind: POOLGAUGE_THINK=1s and --users 5 go
    // together in either order, and so do POOLGAUGE_POOL_SIZE=5 and --pool hikari.
    std::size_t last_kind = 0;
    for (std::size_t i = 0; i < overrides.size(); ++i) {
      if (is_load_kind(overrides[i].key)) set_load_kind(overrides[i], i);
      if (overrides[i].key == "pool") last_kind = i;
    }
    follow_load(overrides);
    std::vector<std::size_t> before_kind;
    for (std::size_t i = 0; i < overrides.size(); ++i) {
      if (i < last_kind && overrides[i].key.starts_with(kFlagPrefix)) {
        before_kind.push_back(i);
        continue;
      }
      apply(overrides[i], i);
      if (i != last_kind) continue;
      for (const std::size_t early : before_kind) apply(overrides[early], early);
    }
    // Last, because an option of its own may say what is kept.
    for (const auto& [size, kept] : minimums_) lower_kept(*size, kept);
    return {std::move(sources_), flags_note()};
  }

 private:
  void apply(const Override& o, std::size_t position) {
    const std::string& key = o.key;
    if (is_load_kind(key)) return;
    if (key == "pool") return set_pool_kind(o);
    if (const LoadDetail* detail = find_detail(key)) return set_of_load(*detail, o, position);
    if (key == "duration" || key == "warmup" || key == "deadline") {
      return set(document_, "", key, Json(o.value), o.source);
    }
    if (key == "slo") return add_goal(o);
    if (key == "instances" || key == "processes") {
      if (Json* deployment = object_at(document_, "deployment")) {
        set(*deployment, "/deployment", key, value_of(o.value), o.source);
      }
      return;
    }
    if (key.starts_with(kFlagPrefix)) return set_flag(o, key.substr(kFlagPrefix.size()));
    POOLGAUGE_CHECK(key.starts_with(kOptionPrefix), "an override whose key is known");
    set_option(o, key.substr(kOptionPrefix.size()));
  }

  /// "max_overflow" of the usual pool, or "replica.max_overflow".
  void set_option(const Override& o, const std::string& text) {
    const std::size_t dot = text.find('.');
    const bool named = dot != std::string::npos;
    const std::string option = named ? text.substr(dot + 1) : text;
    const Place pool = named ? pool_named(o, text.substr(0, dot)) : usual_pool(o);
    if (pool.object == nullptr) return;
    if (option == "kind") return set_kind_at(pool, o);
    set(*pool.object, pool.pointer, option, value_of(o.value), o.source);
  }

  /// --pool-size and its like, under the kind's own option.
  void set_flag(const Override& o, const std::string& name) {
    const std::optional<PoolFlag> flag = find_pool_flag(name);
    POOLGAUGE_CHECK(flag, "an override of a pool's flag that exists");
    const Place pool = usual_pool(o);
    if (pool.object == nullptr) return;
    const std::string kind = text_at(*pool.object, "kind", PoolSpec().kind);
    const KindInfo* info = find_kind(kind);
    if (info == nullptr || info->is_pooler) return;  // the reader says so
    const FlagMeaning meaning = meaning_of(*flag, kind, text_at(*pool.object, "version", ""));
    if (meaning.option.empty()) return refuse_flag(o, meaning, kind);
    const bool never = o.value == "-1" && !meaning.never.empty();
    // A library may refuse the former name and the present one at once.
    const std::string& former = pool_traits(kind).former_size_option;
    const bool old_name =
        !former.empty() && *flag == PoolFlag::size && pool.object->contains(former);
    const std::string option = old_name ? former : meaning.option;
    set(*pool.object, pool.pointer, option, value_of(never ? meaning.never : o.value), o.source);
    if (!meaning.kept.empty()) minimums_.emplace_back(&o, meaning.kept);
    if (option != name && "pool_" + option != name) {
      meanings_.emplace_back(kind, fmt::format("{} is {}", o.source, option));
    }
  }

  void refuse_flag(const Override& o, const FlagMeaning& meaning, const std::string& kind) {
    if (!meaning.neutral.empty() && o.value == meaning.neutral) return;
    problems_.add_for_source(
        o.source, fmt::format("does not apply to pool kind \"{}\": {}", kind, meaning.nearest), "");
  }

  /// A pool never keeps more than it may open: with a smaller size the minimum comes down, too.
  void lower_kept(const Override& o, const std::string& kept) {
    const Place pool = usual_pool(o);
    if (pool.object == nullptr) return;
    const Json size = value_of(o.value);
    const auto by = sources_.find(child_pointer(pool.pointer, kept));
    const bool said = by != sources_.end() && by->second != o.source;
    const std::string kind = text_at(*pool.object, "kind", PoolSpec().kind);
    const Json now = pool.object->value(kept, default_of(kind, kept));
    const bool above = size.is_number_integer() && now.is_number_integer() && now > size;
    if (said || !above || size < 0) return;
    set(*pool.object, pool.pointer, kept, size, o.source);
    meanings_.emplace_back(kind, fmt::format("{} lowers {} to {}", o.source, kept, o.value));
  }

  /// Of a whole number's option; null for any other.
  static Json default_of(const std::string& kind, const std::string& name) {
    for (const OptionInfo& option : find_kind(kind)->options) {
      const auto* value = std::get_if<std::int64_t>(&option.default_value);
      if (option.name == name && value != nullptr) return *value;
    }
    return {};
  }

  static std::string text_at(const Json& object, const char* key, const std::string& otherwise) {
    const auto at = object.find(key);
    return at != object.end() && at->is_string() ? at->get<std::string>() : otherwise;
  }

  /// "hikari: --pool-size is maximumPoolSize, --pool-timeout is connectionTimeout"; empty: every
  /// flag has the option's own name.
  std::string flags_note() const {
    std::vector<std::string> parts;
    for (const auto& [kind, meaning] : meanings_) {
      if (std::find(parts.begin(), parts.end(), meaning) == parts.end()) parts.push_back(meaning);
    }
    if (parts.empty()) return {};
    return fmt::format("for pool kind {}, {}", meanings_.back().first, fmt::join(parts, ", "));
  }

  void set(Json& object, const std::string& pointer, const std::string& key, Json value,
           const std::string& source) {
    complain_if_contradicted(object, pointer, key, value, source);
    object[key] = std::move(value);
    sources_[child_pointer(pointer, key)] = source;
  }

  /// The same flag again or a variable is replaced; another flag that sets the same key is a doubt.
  void complain_if_contradicted(const Json& object, const std::string& pointer,
                                const std::string& key, const Json& value,
                                const std::string& source) {
    const auto before = sources_.find(child_pointer(pointer, key));
    if (before == sources_.end() || before->second == source) return;
    const bool flags = before->second.starts_with("--") && source.starts_with("--");
    if (!flags || !object.contains(key) || object[key] == value) return;
    problems_.add_for_source(
        source,
        fmt::format("sets this key to {}, but {} sets it to {}; use only one of them", shown(value),
                    before->second, shown(object[key])),
        "");
  }

  /// The object under the key, made when absent; nullptr if something else is there, which the
  /// reader will report.
  static Json* object_at(Json& parent, const char* key) {
    if (!parent.contains(key)) parent[key] = Json::object();
    return parent[key].is_object() ? &parent[key] : nullptr;
  }

  /// An object of the document; none when something else is there, or after a complaint.
  struct Place {
    Json* object = nullptr;
    std::string pointer;
  };

  /// The deployment's pools by name; nullptr when it has only the one under "pool".
  Json* several_pools() {
    Json* deployment = object_at(document_, "deployment");
    return deployment != nullptr && deployment->contains("pools") ? &(*deployment)["pools"]
                                                                  : nullptr;
  }

  Place pool_at(Json& pools, const std::string& name) {
    if (!pools.is_object() || !pools[name].is_object()) return {};
    return {&pools[name], child_pointer("/deployment/pools", name)};
  }

  /// The only pool, or that named primary.
  Place usual_pool(const Override& o) {
    Json* pools = several_pools();
    if (pools == nullptr) {
      Json* deployment = object_at(document_, "deployment");
      return {deployment == nullptr ? nullptr : object_at(*deployment, "pool"), "/deployment/pool"};
    }
    if (!pools->is_object() || pools->empty()) return {};
    if (pools->size() == 1) return pool_at(*pools, pools->begin().key());
    if (pools->contains("primary")) return pool_at(*pools, "primary");
    problems_.add_for_source(o.source,
                             fmt::format("no pool is named primary; select one with "
                                         "--pool-option NAME.OPTION=VALUE, where NAME is one of {}",
                                         fmt::join(names_of(*pools), ", ")),
                             "");
    return {};
  }

  Place pool_named(const Override& o, const std::string& name) {
    Json* pools = several_pools();
    if (pools == nullptr && name == "primary") return usual_pool(o);
    if (pools != nullptr && pools->is_object() && pools->contains(name)) {
      return pool_at(*pools, name);
    }
    std::vector<std::string> known{"primary"};
    if (pools != nullptr && pools->is_object()) known = names_of(*pools);
    const auto nearest = nearest_name(name, known);
    problems_.add_for_source(
        o.source,
        fmt::format("unknown pool {}{} scenario has {} \"{}\"", shown_text(name),
                    nearest ? "; did you mean \"" + *nearest + "\"? The" : "; the",
                    known.size() == 1 ? "only the pool" : "the pools", fmt::join(known, "\", \"")),
        "");
    return {};
  }

  static std::vector<std::string> names_of(const Json& pools) {
    std::vector<std::string> names;
    for (const auto& [name, value] : pools.items()) names.push_back(name);
    return names;
  }

  /// A load of the same kind keeps what else it says; any other is replaced.
  void set_load_kind(const Override& o, std::size_t position) {
    const bool same = document_.contains("load") && document_["load"].is_object() &&
                      document_["load"].contains(o.key);
    if (!same) complain_of_second_kind(o);
    load_source_ = o.source;
    if (!same) {
      document_["load"] = Json::object();
      sources_["/load"] = o.source;
    }
    set(document_["load"], "/load", o.key, load_value_of(o), o.source);
    load_kind_set_at_ = position + 1;
  }

  /// Stages and a replay last as long as they say; the scenario's own duration was meant for the
  /// load that they replace.
  void follow_load(const std::vector<Override>& overrides) {
    const auto given = [&overrides](std::string_view key) {
      return std::any_of(overrides.begin(), overrides.end(),
                         [key](const Override& o) { return o.key == key; });
    };
    if (given("duration") || !document_.is_object() || !document_.contains("load")) return;
    const Json& load = document_["load"];
    const bool stages = given("stages") && load.contains("stages") && load["stages"].is_array() &&
                        !load["stages"].empty();
    if (stages || given("replay")) document_.erase("duration");
  }

  /// A number, a list of stages as JSON, or a file's name.
  Json load_value_of(const Override& o) {
    if (o.key == "replay") return Json(o.value);
    if (o.key != "stages") return value_of(o.value);
    Json stages = structured_of(o.value, '[');
    if (stages.is_array() || !o.value.starts_with('[')) return stages;
    problems_.add_for_source(
        o.source, "not valid JSON; expected a list such as [{\"for\": \"30s\", \"rate\": 100}]",
        shown(stages));
    return Json::array({{{"for", "365d"}, {"users", 1}}});  // so that nothing else is complained of
  }

  /// Two flags, or two variables, that each choose a kind of load.
  void complain_of_second_kind(const Override& o) {
    if (load_source_.empty()) return;
    // A flag replaces a variable.
    if (load_source_.starts_with("--") != o.source.starts_with("--")) return;
    problems_.add_for_source(
        o.source,
        fmt::format("cannot be used together with {}; use only one of them", load_source_), "");
  }

  void set_of_load(const LoadDetail& detail, const Override& o, std::size_t position) {
    if (!document_.contains("load") || !document_["load"].is_object()) return;
    Json& load = document_["load"];
    if (belongs(detail, load)) {
      Json value = o.key == "speed" ? value_of(o.value) : structured_of(o.value, '{');
      return set(load, "/load", o.key, std::move(value), o.source);
    }
    // A later override has chosen another kind of load, and with it put this one aside.
    if (position + 1 < load_kind_set_at_) return;
    problems_.add_for_source(
        o.source,
        fmt::format("applies only to {}, but the scenario has a different load; add --{}",
                    detail.name, detail.owner),
        "");
  }

  void add_goal(const Override& o) {
    if (!document_.contains("slo")) document_["slo"] = Json::array();
    Json& goals = document_["slo"];
    if (!goals.is_array()) return;
    sources_[child_pointer("/slo", goals.size())] = o.source;
    goals.push_back(o.value);
  }

  void set_pool_kind(const Override& o) {
    const Place pool = usual_pool(o);
    if (pool.object != nullptr) set_kind_at(pool, o);
  }

  /// Options that the new kind does not have are dropped; it keeps those of the same name, and its
  /// place.
  void set_kind_at(const Place& pool, const Override& o) {
    complain_if_contradicted(*pool.object, pool.pointer, "kind", Json(o.value), o.source);
    if (const KindInfo* kind = find_kind(o.value)) {
      Json kept = Json::object();
      for (const auto& [name, value] : pool.object->items()) {
        const auto same_name = [&name = name](const OptionInfo& info) { return info.name == name; };
        const bool of_place = name == "target" || name == "role" || name == "role_by";
        if (of_place || std::any_of(kind->options.begin(), kind->options.end(), same_name)) {
          kept[name] = value;
        }
      }
      *pool.object = std::move(kept);
    }
    set(*pool.object, pool.pointer, "kind", Json(o.value), o.source);
  }

  Json& document_;
  Problems& problems_;
  OverrideSources sources_;
  std::vector<std::pair<std::string, std::string>> meanings_;      // kind, what a flag was there
  std::vector<std::pair<const Override*, std::string>> minimums_;  // a size, the option below it
  std::size_t load_kind_set_at_ = 0;  // 1 + position; 0: by no override
  std::string load_source_;           // of the override that chose the kind of load
};

}  // namespace

AppliedOverrides apply_overrides(Json& document, const std::vector<Override>& overrides,
                                 Problems& problems) {
  return Overrider(document, problems).run(overrides);
}

}  // namespace poolgauge
