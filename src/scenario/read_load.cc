// The load: users, a rate, or bursts.
#include "scenario/read_spec.h"

namespace poolgauge {

namespace {

constexpr std::int64_t kMostUsers = 1'000'000;
constexpr double kSlowestRate = 0.001;
constexpr double kFastestRate = 10'000'000;

ClosedLoad read_closed(const Node& users, ObjectReader& object) {
  ClosedLoad load;
  load.users = static_cast<std::uint32_t>(read_integer(users, 1, kMostUsers).value_or(1));
  if (const auto think = object.take("think")) load.think = read_duration_spec(*think);
  return load;
}

OpenLoad read_open(const Node& rate, ObjectReader& object) {
  OpenLoad load;
  load.rate_per_s = read_number_from(rate, kSlowestRate, kFastestRate).value_or(1);
  if (const auto arrivals = object.take("arrivals")) {
    load.poisson = read_word(*arrivals, {"poisson", "constant"}) != "constant";
  }
  return load;
}

BurstLoad read_burst(const Node& burst, ObjectReader& object, Duration duration) {
  BurstLoad load;
  load.size = static_cast<std::uint32_t>(read_integer(burst, 1, kMostUsers).value_or(1));
  load.every = duration;
  if (const auto every = object.take("every")) {
    load.every = read_duration(*every, Zero::refused).value_or(duration);
  }
  return load;
}

}  // namespace

Load read_load(const Node& node, Duration duration) {
  ObjectReader object(node, "an object with users, rate or burst");
  if (!object.is_object()) return {};
  object.refuse_later({"stages", "replay"});
  const auto users = object.take("users");
  const auto rate = object.take("rate");
  const auto burst = object.take("burst");
  const int kinds = int{users.has_value()} + int{rate.has_value()} + int{burst.has_value()};
  if (kinds > 1) node.refuse("expected one of users, rate or burst, not several");
  const bool later = node.json->contains("stages") || node.json->contains("replay");
  if (kinds == 0 && !later) node.refuse("expected one of users, rate or burst in the load");
  Load load;
  if (users) {
    load = read_closed(*users, object);
  } else if (rate) {
    load = read_open(*rate, object);
  } else if (burst) {
    load = read_burst(*burst, object, duration);
  }
  if (!users) object.refuse_here({"think"}, "only a load of users has a think time");
  if (!rate) object.refuse_here({"arrivals"}, "only a load with a rate has arrivals");
  if (!burst) object.refuse_here({"every"}, "only a load of bursts has every");
  object.finish();
  return load;
}

}  // namespace poolgauge
