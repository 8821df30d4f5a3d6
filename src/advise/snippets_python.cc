// Python's pools, and the environment variables people configure them by.
#include <fmt/core.h>

#include "advise/snippet_texts.h"

namespace poolgauge::snippets {

namespace {

const char* python_bool(bool value) {
  return value ? "True" : "False";
}

}  // namespace

std::string sqlalchemy(const Recommendation& r) {
  return fmt::format(
      "engine = create_engine(  # or create_async_engine\n"
      "    database_url,\n"
      "    pool_size={},\n"
      "    max_overflow={},\n"
      "    pool_timeout={:g},\n"
      "    pool_recycle={:.0f},\n"
      "    pool_pre_ping={},\n"
      ")\n",
      r.pool_size, r.max_overflow, r.pool_timeout_s, r.pool_recycle_s, python_bool(r.pre_ping));
}

std::string environment(const Recommendation& r) {
  return fmt::format(
      "DB_POOL_SIZE={}\n"
      "DB_MAX_OVERFLOW={}\n"
      "DB_POOL_TIMEOUT={:g}\n"
      "DB_POOL_RECYCLE={:.0f}\n"
      "DB_POOL_PRE_PING={}\n"
      "DB_CONNECT_TIMEOUT={:.0f}\n"
      "DB_COMMAND_TIMEOUT={:g}\n",
      r.pool_size, r.max_overflow, r.pool_timeout_s, r.pool_recycle_s, python_bool(r.pre_ping),
      r.connect_timeout_s, r.statement_timeout_s);
}

std::string psycopg_pool(const Recommendation& r) {
  return fmt::format(
      "pool = ConnectionPool(  # or AsyncConnectionPool\n"
      "    conninfo,\n"
      "    min_size={},\n"
      "    max_size={},\n"
      "    timeout={:g},\n"
      "    max_lifetime={:.0f},\n"
      "    open=False,\n"
      ")\n",
      r.pool_size, r.total(), r.pool_timeout_s, r.pool_recycle_s);
}

std::string asyncpg(const Recommendation& r) {
  return fmt::format(
      "pool = await asyncpg.create_pool(\n    dsn,\n    min_size={},\n    max_size={},\n    "
      "max_inactive_connection_lifetime={:.0f},\n    timeout={:.0f},  # to connect; "
      "acquire(timeout={:g}) limits the wait\n    command_timeout={:g},\n)\n",
      r.pool_size, r.total(), r.pool_recycle_s, r.connect_timeout_s, r.pool_timeout_s,
      r.statement_timeout_s);
}

std::string django(const Recommendation& r) {
  return fmt::format(
      "DATABASES = {{\n"
      "    \"default\": {{\n"
      "        \"ENGINE\": \"django.db.backends.postgresql\",\n"
      "        \"CONN_MAX_AGE\": 0,  # the pool keeps the connections\n"
      "        \"OPTIONS\": {{\n"
      "            \"pool\": {{\n"
      "                \"min_size\": {},\n"
      "                \"max_size\": {},\n"
      "                \"timeout\": {:g},\n"
      "                \"max_lifetime\": {:.0f},\n"
      "            }},\n"
      "        }},\n"
      "    }},\n"
      "}}\n",
      r.pool_size, r.total(), r.pool_timeout_s, r.pool_recycle_s);
}

}  // namespace poolgauge::snippets
