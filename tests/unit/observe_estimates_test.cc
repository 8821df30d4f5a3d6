// What the answer says of worlds whose truth is known.
#include <catch2/catch.hpp>

#include <string>

#include "observe/batches.h"
#include "observe_world.h"

namespace poolgauge::observe {
namespace {

bool mentions(const std::vector<std::string>& all, std::string_view piece) {
  return std::any_of(all.begin(), all.end(), [piece](const std::string& one) {
    return one.find(piece) != std::string::npos;
  });
}

WorldSpec wide_open() {
  WorldSpec spec;
  spec.connections = 40;
  return spec;
}

}  // namespace

TEST_CASE("sizes are those of the specification's example", "[observe]") {
  CHECK(connections_for(10, 1, 0.05) == 17);
  CHECK(connections_for(1, 1, 0.05) == 4);  // one of ten processes
  CHECK(connections_for(0, 1, 0.05) == 1);
  // Bursts need more; a little noise in the peakedness does not.
  CHECK(connections_for(10, 1.1, 0.05) == 17);
  CHECK(connections_for(10, 3, 0.05) > 20);
  for (const double z : {1.0, 1.5, 2.0, 3.7}) {
    const std::int64_t size = connections_for(10, z, 0.05);
    CHECK(wait_probability(size, 10, z) <= 0.05);
    CHECK(wait_probability(size - 1, 10, z) > 0.05);
  }
}

TEST_CASE("looks of long holds make a rare share less sure than its batches show", "[observe]") {
  std::vector<Batch> batches(30);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    batches[i].looks = 100;
    batches[i].full = i % 2 == 0 ? 4 : 6;
  }
  const auto width = [&batches](double worth) {
    const ObserveFigure share = share_of(batches, &Batch::full, worth);
    CHECK(share.value == Approx(0.05));
    return *share.high - *share.low;
  };
  CHECK(width(3000) == Approx(width(1e9)));
  CHECK(width(100) > 1.5 * width(3000));
  CHECK(width(30) > width(100));
}

TEST_CASE("counters, corrected for what is running, are exact", "[observe]") {
  // Holds far longer than a batch: without the correction most of their time would be missing.
  WorldSpec spec = wide_open();
  spec.hold_s = 30;
  spec.seconds = 300;
  World world(spec, 3);
  Tally tally(spec.gap_s, 0.05);
  const std::size_t group = tally.group(spec.key);
  double busy_s = 0;  // by looking ten thousand times
  tally.look(world.look(group));
  tally.counters(world.counters(), "other", 0, 0);
  constexpr int kSteps = 10'000;
  for (int i = 1; i <= kSteps; ++i) {
    world.advance(spec.seconds * i / kSteps);
    const ObserveLook look = world.look(group);
    for (const ObserveSession& session : look.sessions) {
      if (session.state != ObserveState::idle) busy_s += spec.seconds / kSteps;
    }
    if (i % 1000 != 0) continue;
    tally.look(look);
    tally.counters(world.counters(), "other", 0, 0);
  }
  const DatabaseTally& database = tally.databases().at(0);
  CHECK(database.busy_s == Approx(busy_s).epsilon(0.002));
  CHECK(database.counted_s == Approx(spec.seconds));
  CHECK(database.transactions == world.commits());
}

TEST_CASE("our own transactions are not the application's", "[observe]") {
  Tally tally(0.01, 0.05);
  const std::size_t group = tally.group({"shop", "app", "web", ""});
  ObserveCounters counters{"shop", 1000, 1.0, 0.0, 5.0, "r", 1000.0};
  for (int i = 0; i <= 2; ++i) {
    tally.look({i * 5.0, {{group, 7, ObserveState::idle, ObserveWait::none, 1, kNoAge, 9}}});
    tally.look({i * 5.0 + 0.1, {{group, 7, ObserveState::idle, ObserveWait::none, 1, kNoAge, 9}}});
    tally.counters({i * 5.0 + 0.2, {counters}}, "shop", 50, 0.5);
    counters.transactions += 60;
    *counters.active_s += 0.5;
  }
  CHECK(tally.databases().at(0).transactions == 20);
  CHECK(tally.databases().at(0).busy_s == Approx(0).margin(1e-9));
  CHECK(*tally.databases().at(0).usual_transactions_per_s == Approx(1));
}

TEST_CASE("our own transactions are not the application's when they are counted late",
          "[observe]") {
  Tally tally(0.01, 0.05);
  const std::size_t group = tally.group({"shop", "app", "web", ""});
  ObserveCounters counters{"shop", 1000, 1.0, 0.0, 5.0, "r", 1000.0};
  for (int i = 0; i <= 100; ++i) {
    tally.look({i * 0.2, {{group, 7, ObserveState::idle, ObserveWait::none, 1, kNoAge, 9}}});
    tally.look({i * 0.2 + 0.1, {{group, 7, ObserveState::idle, ObserveWait::none, 1, kNoAge, 9}}});
    // Once a second: ours of five readings, and two of the application.
    if (i % 5 == 0 && i > 0) counters.transactions += 5 * 3 + 2;
    tally.counters({i * 0.2 + 0.15, {counters}}, "shop", 3, 0);
  }
  CHECK(tally.databases().at(0).transactions == 40);
}

TEST_CASE("a rate that no counted batch shows stays unknown", "[observe]") {
  Tally tally(0.01, 0.05);
  const std::size_t one = tally.group({"shop", "app", "web", ""});
  const std::size_t other = tally.group({"shop", "app", "jobs", ""});
  const auto look = [&](double t_s, double idle_since_s) {
    tally.look(
        {t_s,
         {{one, 7, ObserveState::idle_in_transaction, ObserveWait::client, 90, 60 + t_s, 60 + t_s},
          {other, 8, ObserveState::idle, ObserveWait::none, 90, kNoAge, idle_since_s}}});
  };
  ObserveCounters counters{"shop", 1000, 1.0, 0.0, 5.0, "r", 1000.0};
  look(0, 60);
  tally.counters({0.1, {counters}}, "other", 0, 0);
  look(0.5, 60.5);
  counters.transactions += 10;
  tally.counters({1, {counters}}, "other", 0, 0);
  look(1.1, 0.001);  // has just become idle, after the last reading of the counters
  tally.end(1.2);
  const Observed observed = answer_of(tally, {});
  REQUIRE(observed.groups.size() == 2);
  for (const ObservedGroup& group : observed.groups) {
    CHECK_FALSE(group.rate_per_s);
    CHECK_FALSE(group.hold_s);
  }
}

TEST_CASE("hold times come back as their distribution", "[observe]") {
  for (const auto& [kind, p50, p95] :
       {std::tuple(Holds::exponential, 0.0693, 0.2996), {Holds::constant, 0.1, 0.1}}) {
    WorldSpec spec = wide_open();
    spec.holds = kind;
    const Observed observed = observed_world(spec, 5);
    const ObservedGroup& group = observed.groups.at(0);
    REQUIRE(group.hold_s);
    CHECK(group.hold_s->value == Approx(0.1).epsilon(0.05));
    CHECK(group.hold_p50_s == Approx(p50).epsilon(0.15));
    CHECK(group.hold_p95_s == Approx(p95).epsilon(0.15));
    double mean = 0;
    for (const double value : group.hold_quantiles_s) mean += value / 50;
    CHECK(mean == Approx(group.hold_s->value));
  }
}

TEST_CASE("transactions that the server does not count leave the hold time unknown", "[observe]") {
  WorldSpec spec = wide_open();
  spec.counted = 0.2;
  const Observed missing = observed_world(spec, 5);
  CHECK_FALSE(missing.groups.at(0).hold_s);
  CHECK_FALSE(missing.groups.at(0).rate_per_s);
  CHECK(missing.groups.at(0).hold_quantiles_s.empty());
  CHECK(mentions(missing.warnings, "touch no table"));
  CHECK(missing.groups.at(0).size.total > 5);  // the looks alone show what is in use
  spec.counted = 1;
  const Observed whole = observed_world(spec, 5);
  CHECK(whole.groups.at(0).hold_s);
  CHECK_FALSE(mentions(whole.warnings, "touch no table"));
}

TEST_CASE("bursty arrivals show as peakedness, and need more connections", "[observe]") {
  WorldSpec spec = wide_open();
  const Observed even = observed_world(spec, 6);
  spec.arrivals = Arrivals::bursty;
  const Observed bursty = observed_world(spec, 6);
  CHECK(even.groups.at(0).peakedness == Approx(1).margin(0.15));
  CHECK(bursty.groups.at(0).peakedness > 1.2);
  CHECK(bursty.groups.at(0).size.total > even.groups.at(0).size.total);
}

TEST_CASE("a pool that holds requests back is found, one that does not is not", "[observe]") {
  WorldSpec spec;
  spec.connections = 6;
  const Observed observed = observed_world(spec, 8);
  const ObservedGroup& group = observed.groups.at(0);
  CHECK(group.cut == ObserveCut::likely);
  CHECK(group.all_in_use.value > 0.3);
  CHECK(group.size.lower_bound);
  CHECK(group.size.total >= 6);
  ObserveQuestion question;
  question.limits = {{"web", 6}};
  CHECK(observed_world(spec, 8, question).groups.at(0).cut == ObserveCut::certain);
  question.limits = {{"web", 60}};  // of more pools than are seen
  CHECK(observed_world(spec, 8, question).groups.at(0).cut == ObserveCut::no);
  const Observed calm = observed_world(wide_open(), 8);
  CHECK(calm.groups.at(0).cut == ObserveCut::no);
  CHECK_FALSE(calm.groups.at(0).size.lower_bound);
  CHECK(calm.groups.at(0).size.total < 20);
}

TEST_CASE("a larger pool is not advised where most sessions wait for locks", "[observe]") {
  const auto watched = [](int waiting) {
    Tally tally(0.01, 0.05);
    const std::size_t group = tally.group({"shop", "app", "web", ""});
    for (int i = 0; i < 600; ++i) {
      ObserveLook look{i * 0.1, {}};
      for (int pid = 0; pid < 4; ++pid) {
        const bool waits = pid < waiting;
        look.sessions.push_back({group, pid,
                                 waits ? ObserveState::active : ObserveState::idle_in_transaction,
                                 waits ? ObserveWait::lock : ObserveWait::client, 0.03,
                                 0.01 * ((i * 7 + pid * 5) % 13), 100});
      }
      tally.look(look);
      if (i % 10 != 0) continue;
      tally.counters({i * 0.1, {{"shop", i * 3.0, i * 0.1, i * 0.3, 10.0, "r", {}}}}, "x", 0, 0);
    }
    return answer_of(tally, world_circumstances());
  };
  const Observed locks = watched(3);
  CHECK(locks.groups.at(0).held_by_locks);
  CHECK(locks.groups.at(0).size.total == 4);
  CHECK_FALSE(locks.groups.at(0).size.lower_bound);
  const ObserveSize& kept = locks.groups.at(0).size;
  CHECK(kept.wait_probability == wait_probability(kept.per_process, kept.demand,
                                                  std::max(1.0, locks.groups.at(0).peakedness)));
  CHECK_FALSE(locks.recommendation);
  CHECK(locks.needed == 4);
  const Observed held = watched(1);
  CHECK_FALSE(held.groups.at(0).held_by_locks);
  CHECK(held.groups.at(0).size.total > 4);
  CHECK(held.recommendation);
}

TEST_CASE("several processes need more in all", "[observe]") {
  ObserveQuestion question;
  const Observed one = observed_world(wide_open(), 9, question);
  question.processes = 5;
  const Observed five = observed_world(wide_open(), 9, question);
  CHECK(five.groups.at(0).size.total == 5 * five.groups.at(0).size.per_process);
  CHECK(five.groups.at(0).size.total > one.groups.at(0).size.total);
  REQUIRE(five.recommendation);
  CHECK(five.recommendation->pool_size == five.groups.at(0).size.per_process);
  CHECK_FALSE(five.recommendation->snippets.empty());
}

TEST_CASE("a reset and a restart lose only their own moment", "[observe]") {
  WorldSpec spec = wide_open();
  World world(spec, 4);
  Tally tally(0.01, 0.05);
  const std::size_t group = tally.group(spec.key);
  double offset = 0;
  std::string reset = "then";
  for (int i = 0; i <= 600; ++i) {
    const double t = i * 0.5;
    world.advance(t);
    tally.look(world.look(group));
    if (i == 200) {
      offset = -world.counters().databases[0].transactions;
      reset = "later";
    }
    if (i == 400) tally.gap(t, "the server was restarted");
    if (i % 10 != 0) continue;
    ObserveCounterLook counters = world.counters();
    counters.databases[0].transactions += offset;
    counters.databases[0].reset_at = reset;
    tally.counters(counters, "other", 0, 0);
  }
  Circumstances circumstances;
  const Observed observed = answer_of(tally, circumstances);
  CHECK(mentions(observed.warnings, "were reset"));
  CHECK(mentions(observed.warnings, "restarted"));
  REQUIRE(observed.groups.at(0).rate_per_s);
  CHECK(observed.groups.at(0).rate_per_s->value == Approx(50).epsilon(0.05));
  CHECK(observed.groups.at(0).in_use.value == Approx(5).epsilon(0.1));
}

TEST_CASE("sessions just idle may be held: two sizes", "[observe]") {
  Tally tally(0.01, 0.05);
  const ObserveKey key{"shop", "app", "", "10.0.0.1"};
  const std::size_t group = tally.group(key);
  for (int i = 0; i < 600; ++i) {
    ObserveLook look{i * 0.1, {}};
    for (int pid = 0; pid < 10; ++pid) {
      // Two run a statement, three are between two statements, five rest.
      const double age = pid < 5 ? 0.004 : 60;
      look.sessions.push_back({group, pid, pid < 2 ? ObserveState::active : ObserveState::idle,
                               ObserveWait::none, age, pid < 2 ? 0.001 : kNoAge, 100});
    }
    tally.look(look);
    if (i % 10 != 0) continue;
    tally.counters({i * 0.1, {{"shop", i * 20.0, i * 0.2, 0.0, 10.0, "r", {}}}}, "other", 0, 0);
  }
  Circumstances circumstances;
  const Observed observed = answer_of(tally, circumstances);
  const ObservedGroup& only = observed.groups.at(0);
  CHECK(only.in_use.value == Approx(2));
  CHECK(only.in_use_high == Approx(5));
  CHECK(only.autocommit);
  REQUIRE(only.size_high);
  CHECK(only.size_high->total > only.size.total);
  CHECK(mentions(observed.limits, "10 of 10 sessions have none"));
  CHECK(mentions(observed.limits, "--gap"));
  CHECK(mentions(observed.limits, "simulate predicts and run measures this; observe does neither"));
}

TEST_CASE("the kind of pool is guessed from how connections are reused", "[observe]") {
  const Observed round = observed_world(wide_open(), 12);
  CHECK(round.groups.at(0).guess.kind == "psycopg");
  WorldSpec java = wide_open();
  java.key.application = "PostgreSQL JDBC Driver";
  CHECK(observed_world(java, 12).groups.at(0).guess.kind == "hikari");
  WorldSpec bench = wide_open();
  bench.key.application = "pgbench";
  CHECK(observed_world(bench, 12).groups.at(0).guess.pattern.ends_with("so there is no pool"));
}

TEST_CASE("clients without a pool are not limited by one", "[observe]") {
  WorldSpec spec;
  spec.connections = 6;  // often all in use
  REQUIRE(observed_world(spec, 8).groups.at(0).cut == ObserveCut::likely);
  spec.key.application = "pgbench";
  const ObservedGroup bench = observed_world(spec, 8).groups.at(0);
  CHECK(bench.all_in_use.value > 0.01);
  CHECK(bench.cut == ObserveCut::no);
  CHECK_FALSE(bench.size.lower_bound);
}

TEST_CASE("looks keep their sums in bounded memory", "[observe]") {
  Tally tally(0.01, 0.05);
  const std::size_t group = tally.group({"shop", "app", "web", ""});
  constexpr int kBatches = 5000;
  for (int i = 0; i < kBatches; ++i) {
    for (int k = 0; k < 2; ++k) {
      tally.look({i * 5.0 + k, {{group, 7, ObserveState::active, ObserveWait::lock, 1, 1, 9}}});
    }
    tally.counters({i * 5.0 + 2, {}}, "other", 0, 0);
  }
  CHECK(tally.lengths().size() <= 1441);
  const Observed observed = answer_of(tally, {});
  CHECK(observed.looks == 2 * kBatches);
  CHECK(observed.groups.at(0).in_use.value == 1);
  CHECK(observed.groups.at(0).waits[1] == 1);
  CHECK(observed.seconds == Approx(5.0 * kBatches).epsilon(0.01));
  for (std::size_t i = 0; i < 3 * Tally::kMostGroups; ++i) {
    tally.group({"shop", "app", std::to_string(i), ""});
  }
  CHECK(tally.groups().size() <= Tally::kMostGroups);
}

TEST_CASE("nothing seen, a short window, hidden states: all said", "[observe]") {
  Tally nothing(0.01, 0.05);
  nothing.look({0, {}});
  nothing.look({1, {}});
  nothing.end(2);
  Observed observed = answer_of(nothing, world_circumstances());
  CHECK(observed.groups.empty());
  CHECK(observed.limits.empty());
  CHECK(mentions(observed.warnings, "below a minute"));
  CHECK_FALSE(observed.recommendation);
  Tally hidden(0.01, 0.05);
  const std::size_t group = hidden.group({"shop", "app", "web", ""});
  hidden.look({0, {{group, 7, ObserveState::hidden, ObserveWait::none, 1, kNoAge, 9}}});
  Circumstances standby;
  standby.server.standby = standby.server.through_pooler = true;
  standby.server.version_num = 130010;
  observed = answer_of(hidden, standby);
  CHECK(mentions(observed.warnings, "track_activities"));
  CHECK(mentions(observed.limits, "standby"));
  CHECK(mentions(observed.limits, "PostgreSQL 13 has no counters"));
  CHECK(mentions(observed.limits, "pooler"));
  CHECK_FALSE(observed.groups.at(0).in_use.low);
}

TEST_CASE("quantiles of a list", "[observe]") {
  CHECK(quantile_in({}, 0.5) == 0);
  CHECK(quantile_in({1, 2, 3, 4}, 0.5) == Approx(2.5));
  CHECK(quantile_in({1, 2, 3, 4}, 0) == 1);
  CHECK(quantile_in({1, 2, 3, 4}, 1) == 4);
}

}  // namespace poolgauge::observe
