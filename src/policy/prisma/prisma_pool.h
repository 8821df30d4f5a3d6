// Prisma's own pool, up to version 6 (its Rust query engine): Prisma's documentation of connection
// pools, and prisma/orm issue 12858. From version 7 on a driver adapter brings pg-pool instead. The
// rules that surprise:
//
//  - One connection is opened at the start, the rest on demand, each in its requester's time.
//  - pool_timeout covers the wait and the connect: P2024 also comes with the limit far away, when
//    the server is slow to let somebody in. The connect is then broken off.
//  - The queue is served first come first served, and what comes back goes straight to its head.
//
// Derived, not replayed: that is pg-pool's order with another limit, so the decisions are shared.
#pragma once

#include <string>

#include "policy/node_postgres/node_postgres_pool.h"

namespace poolgauge {

struct PrismaConfig {
  std::int64_t connection_limit = 9;
  Duration pool_timeout = std::chrono::seconds(10);  ///< 0: no limit
};

class PrismaPool final : public NodePostgresPool {
 public:
  explicit PrismaPool(const PrismaConfig& config);

  void on_start(TimePoint now, Actions& act) override;
  void on_acquire(TimePoint now, WaiterId waiter, ClientId client, Actions& act) override;
  void on_deadline(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_give_up(TimePoint now, WaiterId waiter, Actions& act) override;
  void on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) override;
  void on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) override;
  std::vector<PoolStatistic> statistics() const override;
  std::string refusal_text(Refusal why) const override;

 private:
  PrismaConfig config_;
};

}  // namespace poolgauge
