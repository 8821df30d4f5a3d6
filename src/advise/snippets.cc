// Snippets. A pool of "pool_size + max_overflow" becomes minimum and maximum where a library has no
// overflow. Passwords are never part of them.
#include "advise/snippets.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "advise/snippet_texts.h"
#include "poolgauge/sizing.h"

namespace poolgauge {

std::vector<Snippet> make_snippets(const Recommendation& r) {
  std::vector<Snippet> all = {
      {"sqlalchemy", "SQLAlchemy", "python", snippets::sqlalchemy(r)},
      {"env", "environment", "sh", snippets::environment(r)},
      {"psycopg_pool", "psycopg_pool", "python", snippets::psycopg_pool(r)},
      {"hikari", "HikariCP", "properties", snippets::hikari(r)},
      {"spring", "Spring Boot", "properties", snippets::spring(r)},
      {"asyncpg", "asyncpg", "python", snippets::asyncpg(r)},
      {"node-postgres", "node-postgres", "js", snippets::node_postgres(r)},
      {"pgx", "pgx", "go", snippets::pgx(r)},
      {"database-sql", "Go database/sql", "go", snippets::database_sql(r)},
      {"rails", "Rails config/database.yml", "yaml", snippets::rails(r)},
      {"prisma", "Prisma", "sh", snippets::prisma(r)},
      {"django", "Django (5.1 and later)", "python", snippets::django(r)},
      {"postgresql.conf", "postgresql.conf", "ini", snippets::postgresql_conf(r)},
      {"alter-system", "SQL", "sql", snippets::alter_system(r)},
      {"docker-compose", "docker-compose", "yaml", snippets::docker_compose(r)}};
  if (r.pooler) {
    all.push_back({"pgbouncer.ini", "pgbouncer.ini", "ini", snippets::pgbouncer_ini(*r.pooler)});
  }
  return all;
}

const std::vector<std::string>& snippet_names() {
  static const std::vector<std::string> ids = [] {
    Recommendation sample;
    sample.pooler.emplace();
    std::vector<std::string> all;
    for (const Snippet& snippet : make_snippets(sample)) all.push_back(snippet.id);
    return all;
  }();
  return ids;
}

}  // namespace poolgauge
