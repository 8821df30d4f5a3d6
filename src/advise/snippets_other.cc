// Pools of other languages. HikariCP and node-postgres count in milliseconds.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "advise/snippet_texts.h"

namespace poolgauge::snippets {

namespace {

double ms(double s) {
  return std::round(s * 1000);
}

/// HikariCP's lower limits: a connection timeout of 250 ms, a lifetime of 30 s.
double hikari_timeout_ms(const Recommendation& r) {
  return std::max(250.0, ms(r.pool_timeout_s));
}
double hikari_lifetime_ms(const Recommendation& r) {
  return std::max(30'000.0, ms(r.pool_recycle_s));
}

/// Go's way of writing a duration.
std::string go_duration(double s) {
  return fmt::format("{:.0f} * time.Millisecond", ms(s));
}

}  // namespace

std::string hikari(const Recommendation& r) {
  return fmt::format(
      "maximumPoolSize={}\n"
      "minimumIdle={}\n"
      "connectionTimeout={:.0f}\n"
      "maxLifetime={:.0f}\n",
      r.total(), r.pool_size, hikari_timeout_ms(r), hikari_lifetime_ms(r));
}

std::string spring(const Recommendation& r) {
  return fmt::format(
      "spring.datasource.hikari.maximum-pool-size={}\n"
      "spring.datasource.hikari.minimum-idle={}\n"
      "spring.datasource.hikari.connection-timeout={:.0f}\n"
      "spring.datasource.hikari.max-lifetime={:.0f}\n",
      r.total(), r.pool_size, hikari_timeout_ms(r), hikari_lifetime_ms(r));
}

std::string node_postgres(const Recommendation& r) {
  return fmt::format(
      "const pool = new Pool({{\n"
      "  max: {},\n"
      "  connectionTimeoutMillis: {:.0f},\n"
      "  idleTimeoutMillis: 10000,\n"
      "  maxLifetimeSeconds: {:.0f},\n"
      "  statement_timeout: {:.0f},\n"
      "  idle_in_transaction_session_timeout: {:.0f},\n"
      "}});\n",
      r.total(), ms(r.pool_timeout_s), r.pool_recycle_s, ms(r.statement_timeout_s),
      ms(r.idle_in_transaction_timeout_s));
}

std::string pgx(const Recommendation& r) {
  return fmt::format(
      "config.MinConns = {}\nconfig.MaxConns = {}\nconfig.MaxConnLifetime = "
      "{}\nconfig.ConnConfig.ConnectTimeout = {}\n// wait limit: ctx, cancel := "
      "context.WithTimeout(ctx, {})\n",
      r.pool_size, r.total(), go_duration(r.pool_recycle_s), go_duration(r.connect_timeout_s),
      go_duration(r.pool_timeout_s));
}

std::string database_sql(const Recommendation& r) {
  return fmt::format(
      "db.SetMaxOpenConns({})\ndb.SetMaxIdleConns({})\ndb.SetConnMaxLifetime({})\n// wait limit: "
      "ctx, cancel := context.WithTimeout(ctx, {})\n",
      r.total(), r.pool_size, go_duration(r.pool_recycle_s), go_duration(r.pool_timeout_s));
}

std::string rails(const Recommendation& r) {
  return fmt::format(
      "production:\n"
      "  adapter: postgresql\n"
      "  pool: {}\n"
      "  checkout_timeout: {:g}\n"
      "  connect_timeout: {:.0f}\n"
      "  variables:\n"
      "    statement_timeout: {:.0f}\n"
      "    idle_in_transaction_session_timeout: {:.0f}\n",
      r.total(), r.pool_timeout_s, r.connect_timeout_s, ms(r.statement_timeout_s),
      ms(r.idle_in_transaction_timeout_s));
}

std::string prisma(const Recommendation& r) {
  const double timeout = std::max(1.0, std::floor(r.pool_timeout_s));
  return fmt::format(
      "DATABASE_URL=\"postgresql://USER@HOST:5432/DATABASE?connection_limit={}&pool_timeout={:.0f}"
      "&connect_timeout={:.0f}{}\"\n",
      r.total(), timeout, r.connect_timeout_s, r.pooler ? "&pgbouncer=true" : "");
}

}  // namespace poolgauge::snippets
