// PgBouncer's tables, from a pool whose truth is known.
#include <catch2/catch.hpp>

#include "observe/pooler.h"

namespace poolgauge::observe {
namespace {

/// 40 transactions a second that hold a server for 50 ms and wait 25 ms for it: 2 busy, 1 waiting.
ObservePoolerLook pooler_look(double t_s, bool stats, double restarted_at_s = -1) {
  ObservePoolerLook look;
  look.t_s = t_s;
  look.pools = {{"shop", "app", "transaction", 1, 2, 1, 0.1}};
  if (!stats) return look;
  const double since =
      restarted_at_s >= 0 && t_s > restarted_at_s ? t_s - restarted_at_s : t_s + 1000;
  look.stats = {{"shop", 40 * since, since, 3 * since, {}}};
  look.pool_sizes = {{"shop", 3}};
  return look;
}

}  // namespace

TEST_CASE("transaction time less wait is the servers' time", "[observe]") {
  PoolerTally tally;
  CHECK_FALSE(tally.answer("production"));
  for (int i = 0; i <= 120; ++i) tally.add(pooler_look(i, i % 5 == 0));
  const auto pooler = tally.answer("production");
  REQUIRE(pooler);
  REQUIRE(pooler->pools.size() == 1);
  const ObservedPool& pool = pooler->pools[0];
  CHECK(pool.servers_busy.value == Approx(2));
  CHECK(*pool.busy_counted == Approx(2));
  CHECK(*pool.waiting_counted == Approx(1));
  CHECK(*pool.hold_s == Approx(0.05));
  CHECK(*pool.mean_wait_s == Approx(0.025));
  CHECK(*pool.transactions_per_s == Approx(40));
  CHECK(pool.waiting_looks.value == 1);
  CHECK(*pool.pool_size == 3);
  CHECK(pool.size > 3);
  // Erlang C(3, 2) = 4/9, times the hold time, over one spare server.
  CHECK(*pool.predicted_wait_s == Approx(4.0 / 9 * 0.05));
}

TEST_CASE("a restart of the pooler loses one difference", "[observe]") {
  PoolerTally tally;
  for (int i = 0; i <= 120; ++i) tally.add(pooler_look(i, i % 5 == 0, 61));
  const auto pooler = tally.answer("production");
  REQUIRE(pooler);
  REQUIRE(pooler->notes.size() == 1);
  CHECK(*pooler->pools[0].busy_counted == Approx(2));
  CHECK(*pooler->pools[0].transactions_per_s == Approx(40));
}

TEST_CASE("in session mode a transaction's time is not the server's", "[observe]") {
  PoolerTally tally;
  for (int i = 0; i <= 20; ++i) {
    ObservePoolerLook look = pooler_look(i, true);
    look.pools[0].mode = "session";
    tally.add(look);
  }
  const auto pooler = tally.answer("production");
  CHECK_FALSE(pooler->pools[0].hold_s);
  CHECK(pooler->pools[0].servers_busy.value == Approx(2));
}

}  // namespace poolgauge::observe
