// The decisions of Prisma's pool where they are not pg-pool's; the rules are stated in the header.
#include "policy/prisma/prisma_pool.h"

#include <fmt/format.h>

namespace poolgauge {

namespace {

NodePostgresConfig underlying(const PrismaConfig& config) {
  NodePostgresConfig pool;
  pool.max = config.connection_limit;
  pool.idle_timeout = Duration::zero();
  return pool;
}

}  // namespace

PrismaPool::PrismaPool(const PrismaConfig& config)
    : NodePostgresPool(underlying(config)), config_(config) {}

void PrismaPool::on_start(TimePoint now, Actions& act) {
  open_client(now, nullptr, act);
}

void PrismaPool::on_acquire(TimePoint now, WaiterId waiter, ClientId client, Actions& act) {
  if (config_.pool_timeout > Duration::zero()) act.park(waiter, now + config_.pool_timeout);
  NodePostgresPool::on_acquire(now, waiter, client, act);
}

void PrismaPool::on_deadline(TimePoint now, WaiterId waiter, Actions& act) {
  if (break_off(now, waiter, act)) return act.refuse(waiter, Refusal::timeout);
  NodePostgresPool::on_deadline(now, waiter, act);
}

void PrismaPool::on_give_up(TimePoint now, WaiterId waiter, Actions& act) {
  if (break_off(now, waiter, act)) return act.refuse(waiter, Refusal::gave_up);
  NodePostgresPool::on_give_up(now, waiter, act);
}

// Unlike pg-pool, the engine ends the transactions it opened.
void PrismaPool::on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) {
  if (condition == Condition::in_transaction) return act.reset(conn);
  NodePostgresPool::on_release(now, conn, condition, act);
}

void PrismaPool::on_reset(TimePoint now, ConnId conn, bool alive, Actions& act) {
  if (alive) return give_back(now, conn, act);
  remove(now, conn, CloseReason::broken, act);
}

std::vector<PoolStatistic> PrismaPool::statistics() const {
  const PoolCounts now = counts();
  return {{"prisma_pool_connections_open", now.open},
          {"prisma_pool_connections_busy", now.checked_out},
          {"prisma_pool_connections_idle", now.idle},
          {"prisma_client_queries_wait", now.waiting}};
}

std::string PrismaPool::refusal_text(Refusal why) const {
  if (why != Refusal::timeout) return {};
  return fmt::format(
      "P2024: Timed out fetching a new connection from the connection pool. (Current connection "
      "pool timeout: {:g}, connection limit: {})",
      to_s(config_.pool_timeout), config_.connection_limit);
}

}  // namespace poolgauge
