// Server, role, database, pooler and memory: what each limit allows, what it must be, and what
// changes it. Nothing is ever lowered.
#include <catch2/catch.hpp>

#include "advise/settings.h"
#include "advise/snippets.h"

using namespace poolgauge;

namespace {

constexpr double kHeadroom = 0.1;

ConnectionLimit own(const char* of, const char* name, std::int64_t limit, std::int64_t in_use = 0) {
  return {of, name, "CONNECTION LIMIT", limit, 0, in_use, 0, limit};
}

std::vector<ConnectionLimit> server_and_role(std::int64_t role) {
  return {server_limit({100, 3, 2, 0}, true), own("role", "app", role, 1)};
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the tightest limit decides how many connections may be opened") {
  CHECK(usable_connections(server_and_role(50), 0) == 49);
  CHECK(usable_connections(server_and_role(10), 0) == 9);
  CHECK(usable_connections(server_and_role(10), kHeadroom) == 8);
  CHECK(usable_connections(server_and_role(200), kHeadroom) == 85);
  CHECK(usable_connections(server_and_role(0), 0) == 0);
  CHECK(usable_connections({}, kHeadroom) == INT64_MAX);
  CHECK(tightest(server_and_role(10))->of == "role");
  CHECK(tightest(server_and_role(200))->of == "server");
}

TEST_CASE("a role's limit is not the server's, and neither changes where it is enough") {
  Recommendation r;
  add_limits(server_and_role(10), 8, 8, kHeadroom, r);
  CHECK(r.max_connections == 100);
  CHECK(r.budget.max_connections == 100);
  CHECK(r.budget.available == 95);
  CHECK_FALSE(r.sets_server());
  REQUIRE(r.limit("role") != nullptr);
  CHECK(r.limit("role")->recommended == 10);
  CHECK_FALSE(r.limit("role")->must_change());
  CHECK(r.fits());
  CHECK(limits_sql(r).empty());
}

TEST_CASE("only the limit that is too small is raised, each in its own way") {
  Recommendation role;
  add_limits(server_and_role(10), 8, 20, kHeadroom, role);
  CHECK(role.limit("role")->recommended == 24);  // 20 / 0.9, and 1 in use
  CHECK(limits_sql(role) == "ALTER ROLE \"app\" CONNECTION LIMIT 24;  -- now 10\n");
  CHECK(role.max_connections == 100);

  Recommendation database;
  add_limits({server_limit({100, 3, 0, 0}, true), own("database", "sh\"op", 5)}, 4, 10, 0,
             database);
  CHECK(limits_sql(database) == "ALTER DATABASE \"sh\"\"op\" CONNECTION LIMIT 10;  -- now 5\n");

  Recommendation server;
  add_limits({server_limit({20, 3, 0, 0}, true)}, 15, 40, kHeadroom, server);
  CHECK(server.max_connections == 50);
  CHECK(server.sets_server());
  CHECK(has(limits_sql(server), "ALTER SYSTEM SET max_connections = 50;  -- now 20;"));
}

TEST_CASE("no recommendation lowers a limit, whatever is needed") {
  for (const std::int64_t needed : {1, 5, 20, 80, 500}) {
    for (const std::int64_t present : {0, 10, 100, 1000}) {
      Recommendation r;
      add_limits({server_limit({present, 3, 0, 0}, true), own("role", "app", present),
                  own("database", "shop", present)},
                 needed, needed, kHeadroom, r);
      for (const ConnectionLimit& limit : r.limits) CHECK(limit.recommended >= present);
      CHECK(r.max_connections >= present);
      if (r.fits() && needed <= usable_connections(r.limits, kHeadroom)) {
        CHECK(limits_sql(r).empty());
      }
    }
  }
}

TEST_CASE("a throwaway server is nobody's: what is needed is said, nothing is changed") {
  Recommendation r;
  add_limits({server_limit({100, 3, 0, 0}, false)}, 40, 40, kHeadroom, r);
  CHECK(r.max_connections == 50);
  CHECK_FALSE(r.limit("server")->present);
  CHECK(limits_sql(r).empty());
}

TEST_CASE("of a server whose max_connections nobody knows, nothing is set that could lower it") {
  Recommendation r;
  add_limits({server_limit({100, 3, 0, 0}, false)}, 40, 40, kHeadroom, r);
  for (const Snippet& snippet : make_snippets(r)) {
    INFO(snippet.id << ": " << snippet.text);
    CHECK_FALSE(has(snippet.text, "SET max_connections"));
    CHECK_FALSE(has(snippet.text, "max_connections ="));
    CHECK_FALSE(has(snippet.text, "max_connections="));
    const bool server = snippet.id == "alter-system" || snippet.id == "postgresql.conf" ||
                        snippet.id == "docker-compose";
    CHECK(has(snippet.text, "raise it to 50 if it is lower") == server);
  }
}

TEST_CASE(
    "behind a pooler that shares connections, no driver prepares statements or sets timeouts") {
  Recommendation r;
  r.pool_size = 10;
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"asyncpg", "statement_cache_size=0"},
      {"psycopg_pool", "\"prepare_threshold\": None"},
      {"pgx", "pgx.QueryExecModeExec"},
      {"hikari", "dataSource.prepareThreshold=0"},
      {"spring", "data-source-properties.prepareThreshold=0"},
      {"rails", "prepared_statements: false"},
      {"database-sql", "default_query_exec_mode=exec"},
      {"prisma", "pgbouncer=true"},
      {"django", "DISABLE_SERVER_SIDE_CURSORS"},
      {"sqlalchemy", "prepare_threshold"},
      {"node-postgres", "ALTER ROLE"}};
  const auto text_of = [&r](const std::string& id) {
    for (const Snippet& snippet : make_snippets(r)) {
      if (snippet.id == id) return snippet.text;
    }
    return std::string();
  };
  for (const auto& [id, line] : lines) {
    INFO(id);
    r.pooler.reset();
    CHECK_FALSE(has(text_of(id), line));
    r.pooler.emplace();
    CHECK(has(text_of(id), line));
    CHECK_FALSE(has(text_of(id), "statement_timeout:"));
  }
}

TEST_CASE("memory is a limit that no setting raises") {
  ConnectionLimit memory;
  memory.of = "memory";
  memory.present = 30;
  Recommendation r;
  add_limits({server_limit({100, 3, 0, 0}, true), memory}, 30, 60, kHeadroom, r);
  CHECK(r.limit("memory")->recommended == 30);
  CHECK_FALSE(r.limit("memory")->must_change());
  CHECK(usable_connections(r.limits, kHeadroom) == 30);
}

TEST_CASE("a pooler's settings are changed in its own file") {
  Recommendation r;
  r.limits = {{"pooler", "", "max_client_conn", 100, 0, 0, 150, 170},
              {"pooler", "", "default_pool_size", 20, 0, 0, 8, 20}};
  CHECK(limits_pgbouncer(r) == "[pgbouncer]\n; now 100\nmax_client_conn = 170\n");
  CHECK(limits_sql(r).empty());
}
