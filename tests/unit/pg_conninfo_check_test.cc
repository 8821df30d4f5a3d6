// Connection strings of other programs: what is wrong, what to write, and no secret in it.
#include "pg/conninfo/conninfo.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

using namespace poolgauge;
using Catch::Matchers::Contains;

namespace {

class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

/// Message and cure in one text; empty: it is good.
std::string said(const std::string& conninfo, const std::string& source = "--target") {
  const Status status = check_conninfo(conninfo, source);
  if (status.ok()) return "";
  CHECK(status.error().kind == ErrorKind::usage);
  return status.error().message + "\n" + status.error().hint;
}

struct Row {
  std::string conninfo;
  std::vector<std::string> pieces;
};

}  // namespace

TEST_CASE("what libpq takes passes", "[pg]") {
  for (const char* good :
       {"", "app", "host=db dbname=app", "postgresql://app:pw@db:5433/app?sslmode=require",
        "postgres://db/app", "postgresql:///app?host=/run/pg", "postgresql://a:1,b:2/app",
        "postgresql://me@[::1]:5433/app", "postgresql://m%20e:p%40ss@db/a%2Fb",
        "host='/tmp/a b' user=me", "hostaddr=10.0.0.1 dbname=x port=1",
        "postgresql://db/app?options=-c%20search_path%3Dx&application_name=y"}) {
    INFO(good);
    CHECK(said(good) == "");
  }
}

TEST_CASE("each form of other programs is named and written anew", "[pg]") {
  const std::vector<Row> rows = {
      {"postgresql+asyncpg://app:hunter2@db.example:5432/app",
       {"\"postgresql+asyncpg\" names a driver", "'postgresql://app@db.example:5432/app'",
        "PGPASSWORD"}},
      {"postgresql+psycopg2://app@db/app?sslmode=require",
       {"psycopg2", "'postgresql://app@db/app?sslmode=require'"}},
      {"jdbc:postgresql://db:5432/app?user=app&password=hunter2&ssl=true",
       {"JDBC", "'postgresql://app@db:5432/app?sslmode=require'", "PGPASSWORD"}},
      {"jdbc:postgresql:app", {"JDBC", "'postgresql://localhost/app'"}},
      {"jdbc:mysql://db/app", {"MySQL", "measures PostgreSQL"}},
      {"postgresql://app:hunter2@db/app?schema=public&pgbouncer=true&connection_limit=5",
       {"connection_limit is an option of Prisma's pool", "schema is not a libpq parameter",
        "pgbouncer is Prisma's", "options=-c%20search_path%3Dpublic",
        "--pool prisma --pool-option connection_limit=5"}},
      {"postgres://db/app?pool_max_conns=10",
       {"pgx's pool", "'postgresql://db/app'", "--pool pgx --pool-option pool_max_conns=10"}},
      {"postgresql://db/app?sslmode=no-verify",
       {"node-postgres", "'postgresql://db/app?sslmode=require'"}},
      {"postgresql://db/app?sslmode=reqire", {"verify-full", "reqire"}},
      {"postgresql://db:99999/app",
       {"port 99999 is out of range", "1 to 65535", "'postgresql://db/app?port=PORT'"}},
      {"host=db port=99999", {"port 99999 is out of range", "port=PORT"}},
      {"Host=db;Port=5433;Username=app;Password=hunter2;Database=shop;Maximum Pool Size=20;SSL "
       "Mode=Require",
       {"ADO.NET", "'postgresql://app@db:5433/shop?sslmode=require'", "--pool-size 20",
        "PGPASSWORD"}},
      {"postgis://app@db/app", {"GeoDjango", "'postgresql://app@db/app'"}},
      {"postgres://db/app?pool=5&prepared_statements=false&encoding=utf8",
       {"Rails", "--pool rails --pool-option pool=5", "client_encoding=utf8"}},
      {"ecto://app:hunter2@db/app?pool_size=10", {"Ecto's pool", "add: --pool-size 10"}},
      {"db.example.com", {"a host"}},
      {"mysql://app:hunter2@db/app", {"MySQL"}},
      {"sqlite:///app.db", {"SQLite"}},
      {"prisma+postgres://accelerate.prisma-data.net/?api_key=hunter2", {"Prisma's own service"}},
      {"127.0.0.1",
       {"\"127.0.0.1\" is a host, not a database", "'postgresql://127.0.0.1/DATABASE'"}},
      {"localhost:5432", {"a host", "'postgresql://localhost:5432/DATABASE'"}},
      {"app:hunter2@db:5432/shop",
       {"must start with postgresql://", "'postgresql://app@db:5432/shop'"}},
      {"/var/run/postgresql", {"socket directory", "host=/var/run/postgresql"}},
      {"postgresql://app:hun@ter2/x@db/app", {"percent-encoding", "'postgresql://app@db/app'"}},
      {"postgresql://app:100%hunter2@db/app", {"%25", "'postgresql://app@db/app'"}},
      {"\"postgresql://db/app\"", {"quotes", "'postgresql://db/app'"}},
      {"psql postgresql://db/app", {"psql", "'postgresql://db/app'"}},
      {"DATABASE_URL=postgresql://db/app", {"name of the variable", "'postgresql://db/app'"}},
      {"host=db username=app database=shop", {"user", "dbname", "'postgresql://app@db/shop'"}},
      {"hots=db dbname=x", {"hots", "did you mean host?"}},
      {"Postgresql://db/app", {"scheme"}},
  };
  for (const Row& row : rows) {
    INFO(row.conninfo);
    const std::string text = said(row.conninfo);
    for (const std::string& piece : row.pieces) CHECK_THAT(text, Contains(piece));
    CHECK_THAT(text, Contains("--target"));
    for (const char* secret : {"hunter2", "ter2", "100%h"}) {
      CHECK(text.find(secret) == std::string::npos);
    }
  }
}

TEST_CASE("the corrected string is one that libpq takes", "[pg]") {
  for (const char* bad :
       {"postgresql+asyncpg://app:x@db:5432/app?ssl=require",
        "jdbc:postgresql://h1:1,h2:2/app?currentSchema=a,b&targetServerType=primary",
        "Server=db;User Id=me;Database=x y;Search Path=s",
        "postgresql://db/app?connectTimeout=5"}) {
    INFO(bad);
    const std::string text = said(bad);
    const std::size_t begin = text.find("'postgresql://") + 1;
    const std::string better = text.substr(begin, text.find('\'', begin) - begin);
    CHECK(said(better) == "");
    CHECK(parse_conninfo(better).has_value());
  }
}

TEST_CASE("how to give the string again depends on where it came from", "[pg]") {
  const std::string bad = "postgresql+psycopg://db/app";
  CHECK_THAT(said(bad, "POOLGAUGE_TARGET"), Contains("POOLGAUGE_TARGET='postgresql://db/app'"));
  CHECK_THAT(said(bad, "DATABASE_URL"), Contains("use: --target 'postgresql://db/app'"));
  CHECK_THAT(said("mysql://db/app", "DATABASE_URL"), Contains("--embedded"));
}

TEST_CASE("services and variables are looked at before anything is connected", "[pg]") {
  const std::string file = std::string(P_tmpdir) + "/pg_service_test_" + std::to_string(::getpid());
  std::ofstream(file) << "[staging]\nhost=staging.example\ndbname=shop\n";
  const Variable services("PGSERVICEFILE", file);
  CHECK_THAT(said("service=stagin"),
             Contains("unknown service \"stagin\"; did you mean \"staging\"?"));
  CHECK_THAT(said("service=stagin"), Contains(file));
  CHECK(said("service=staging") == "");
  CHECK(describe("service=staging") == "staging.example:5432/shop");
  {
    const Variable service("PGSERVICE", "none");
    CHECK_THAT(said("", ""), Contains("PGSERVICE: unknown service \"none\""));
  }
  {
    const Variable port("PGPORT", "99999");
    CHECK_THAT(said("", ""), Contains("PGPORT: port 99999 is out of range"));
    CHECK(said("host=db port=5432") == "");
  }
  const Variable mode("PGSSLMODE", "no-verify");
  CHECK_THAT(said("host=db"), Contains("PGSSLMODE"));
  std::remove(file.c_str());
}
