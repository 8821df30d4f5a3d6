// The load: users, a rate, bursts, stages, or a replay.
#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "scenario/files.h"
#include "scenario/read/read_spec.h"

namespace poolgauge {

namespace {

constexpr std::int64_t kMostUsers = 1'000'000;
constexpr double kSlowestRate = 0.001;
constexpr double kFastestRate = 1'000'000;  // a microsecond between two: no clock here keeps more
constexpr std::size_t kMostStages = 10'000;
constexpr std::array kLoadKinds{"users", "rate", "burst", "stages", "replay"};
constexpr const char* kWhat = "users, rate, burst, stages, or replay";

std::optional<double> read_rate(const Node& node, double least) {
  const double value = node.json->is_number() ? node.json->get<double>() : -1;
  const bool none = value == 0 && least == 0;
  if (none || (value >= kSlowestRate && value <= kFastestRate)) return value;
  const std::string zero = least == 0 ? "0, or " : "";
  if (value > kFastestRate) {
    node.expected(fmt::format("{}a number from {} to {} (higher rates cannot be timed accurately)",
                              zero, kSlowestRate, kFastestRate));
  } else {
    node.expected(fmt::format("{}a number from {} to {}", zero, kSlowestRate, kFastestRate));
  }
  return std::nullopt;
}

void read_think(ObjectReader& object, DurationSpec& think) {
  if (const auto node = object.take("think")) think = read_duration_spec(*node);
}

void read_arrivals_kind(ObjectReader& object, bool& poisson) {
  if (const auto arrivals = object.take("arrivals")) {
    poisson = read_word(*arrivals, {"poisson", "constant"}) != "constant";
  }
}

ClosedLoad read_closed(const Node& users, ObjectReader& object) {
  ClosedLoad load;
  load.users = static_cast<std::uint32_t>(read_integer(users, 1, kMostUsers).value_or(1));
  read_think(object, load.think);
  return load;
}

OpenLoad read_open(const Node& rate, ObjectReader& object) {
  OpenLoad load;
  load.rate_per_s = read_rate(rate, kSlowestRate).value_or(1);
  read_arrivals_kind(object, load.poisson);
  return load;
}

/// Without `every` there is one burst, and a warm-up before it is a time without load.
BurstLoad read_burst(const Node& burst, ObjectReader& object, Duration warmup) {
  BurstLoad load;
  load.size = static_cast<std::uint32_t>(read_integer(burst, 1, kMostUsers).value_or(1));
  load.once_at = warmup;
  const auto every = object.take("every");
  if (!every) return load;
  load.every = read_duration(*every, Zero::refused).value_or(Duration{0});
  // As for a rate: what no clock keeps is no load, and a schedule without an end.
  const auto shortest = Duration(static_cast<std::int64_t>(load.size) * 1000);
  if (load.every > Duration{0} && load.every < shortest) {
    every->expected(fmt::format("{} or more for {} requests: the limit is {} requests per second",
                                format_duration(shortest), with_thousands(load.size),
                                with_thousands(static_cast<std::uint64_t>(kFastestRate))));
  }
  return load;
}

/// `key`: what the first stage has, users or rate.
Stage read_stage(const Node& node, const std::string& key) {
  Stage stage;
  stage.level = 1;  // where it cannot be read: the mistake is not that there is no load
  ObjectReader object(node, "a stage: an object with for, and users or rate");
  if (!object.is_object()) return stage;
  if (const auto length = object.require("for", "how long the stage lasts")) {
    stage.length = read_duration(*length, Zero::refused).value_or(std::chrono::seconds(1));
  }
  const std::string other = key == "users" ? "rate" : "users";
  object.refuse_here(
      {other}, fmt::format("the first stage has {}, and all stages must use the same key", key));
  // An unknown key beside it is most likely this one: it is named below.
  const bool misspelled = !node.json->contains(key) && !node.json->contains(other) &&
                          node.json->size() > 1 && !node.json->contains("ramp");
  if (misspelled) object.take(other);
  const auto level = misspelled
                         ? object.take(key)
                         : object.require(key, key == "users" ? "users (0 for no load), or rate"
                                                              : "a rate (0 for no load)");
  if (level) {
    stage.level = key == "users"
                      ? static_cast<double>(read_integer(*level, 0, kMostUsers).value_or(1))
                      : read_rate(*level, 0).value_or(1);
  }
  if (const auto ramp = object.take("ramp")) stage.ramp = read_boolean(*ramp).value_or(false);
  object.finish();
  return stage;
}

/// None when the list itself is wrong.
std::vector<Stage> read_stages(const Node& node, const std::string& key) {
  std::vector<Stage> stages;
  const auto elements = read_list(node, 1, "a list of at least one stage");
  if (!elements) return stages;
  if (elements->size() > kMostStages) {
    node.refuse("expected at most 10,000 stages", fmt::format("{}", elements->size()));
    return stages;
  }
  Duration left = kLongestDuration;
  for (const Node& element : *elements) {
    stages.push_back(read_stage(element, key));
    if (stages.back().length > left) {
      element.refuse("expected stages that last at most 365d in total");
      return {};
    }
    left -= stages.back().length;
  }
  if (highest_level(stages) == 0) node.refuse("expected at least one stage above zero");
  return stages;
}

Load read_staged(const Node& node, ObjectReader& object) {
  const Json* first = node.json->is_array() && !node.json->empty() ? &(*node.json)[0] : nullptr;
  const bool of_rate = first != nullptr && first->is_object() && first->contains("rate");
  if (of_rate) {
    RateStages load{read_stages(node, "rate")};
    read_arrivals_kind(object, load.poisson);
    return load;
  }
  UserStages load{read_stages(node, "users"), {}};
  read_think(object, load.think);
  return load;
}

ReplayLoad read_replay(const Node& node, ObjectReader& object, const LoadContext& context) {
  constexpr double kFastest = 1e6;
  ReplayLoad load;
  if (const auto speed = object.take("speed")) {
    load.speed = read_number_from(*speed, 1 / kFastest, kFastest).value_or(1);
  }
  const auto file = read_text(node, "the name of a CSV file next to the scenario");
  if (!file) return load;
  load.file = *file;
  const Result<std::string> text = read_file(beside(context.file, load.file), kLargestCsvFile);
  if (!text.ok()) {
    node.refuse("cannot read " + shown_text(load.file) + ": " + text.error().message);
    return load;
  }
  std::vector<std::string> names;
  for (const RequestSpec& request : context.requests) names.push_back(request.name);
  auto arrivals = read_arrivals(text.value(), load.speed, names);
  if (!arrivals.ok()) {
    node.refuse(shown_text(load.file) + ": " + arrivals.error().message);
    return load;
  }
  load.arrivals =
      std::make_shared<const std::vector<ReplayLoad::Arrival>>(std::move(arrivals).value());
  return load;
}

Load read_kind(ObjectReader& object, const LoadContext& context) {
  if (const auto users = object.take("users")) return read_closed(*users, object);
  if (const auto rate = object.take("rate")) return read_open(*rate, object);
  if (const auto burst = object.take("burst")) return read_burst(*burst, object, context.warmup);
  if (const auto stages = object.take("stages")) return read_staged(*stages, object);
  if (const auto replay = object.take("replay")) return read_replay(*replay, object, context);
  return {};
}

}  // namespace

Load read_load(const Node& node, const LoadContext& context) {
  ObjectReader object(node, std::string("an object with ") + kWhat);
  if (!object.is_object()) return {};
  int kinds = 0;
  for (const char* kind : kLoadKinds) kinds += int{node.json->contains(kind)};
  if (kinds > 1) node.refuse(fmt::format("expected exactly one of {}", kWhat));
  if (kinds == 0) node.refuse(fmt::format("expected one of {} in the load", kWhat));
  Load load = read_kind(object, context);
  for (const char* kind : kLoadKinds) object.take(kind);  // what else is there was reported
  object.refuse_here({"think"}, "think applies only to a load with users");
  object.refuse_here({"arrivals"}, "arrivals applies only to a load with a rate");
  object.refuse_here({"every"}, "every applies only to a load with bursts");
  object.refuse_here({"speed"}, "speed applies only to a replayed load");
  object.finish();
  return load;
}

std::optional<Duration> own_length(const Load& load) {
  if (const auto* users = std::get_if<UserStages>(&load)) return total_length(users->stages);
  if (const auto* rate = std::get_if<RateStages>(&load)) return total_length(rate->stages);
  const auto* replay = std::get_if<ReplayLoad>(&load);
  if (replay == nullptr || replay->arrivals == nullptr) return std::nullopt;
  // To the end of the second in which the last one comes.
  using std::chrono::seconds;
  return std::chrono::floor<seconds>(replay->arrivals->back().at) + seconds(1);
}

}  // namespace poolgauge
