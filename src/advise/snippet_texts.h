// One function for each kind of snippet.
#pragma once

#include <string>

#include "poolgauge/recommendation.h"

namespace poolgauge::snippets {

std::string sqlalchemy(const Recommendation& r);
std::string environment(const Recommendation& r);
std::string psycopg_pool(const Recommendation& r);
std::string asyncpg(const Recommendation& r);
std::string django(const Recommendation& r);

std::string hikari(const Recommendation& r);
std::string spring(const Recommendation& r);
std::string node_postgres(const Recommendation& r);
std::string pgx(const Recommendation& r);
std::string database_sql(const Recommendation& r);
std::string rails(const Recommendation& r);
std::string prisma(const Recommendation& r);

std::string postgresql_conf(const Recommendation& r);
std::string alter_system(const Recommendation& r);
std::string docker_compose(const Recommendation& r);
std::string pgbouncer_ini(const PoolerSizes& sizes);

}  // namespace poolgauge::snippets
