// Connection strings: nothing secret is ever shown.
#include "pg/conninfo/conninfo.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>

using namespace poolgauge;
using Catch::Matchers::Contains;

namespace {

/// Sets a variable for the length of a test.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Environment() { ::unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
};

void clear_environment() {
  for (const char* name :
       {"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE", "PGPASSWORD"}) {
    ::unsetenv(name);
  }
}

}  // namespace

TEST_CASE("redact keeps the form and loses every secret", "[pg]") {
  struct Row {
    const char* conninfo;
    const char* shown;
  };
  const std::array<Row, 12> rows = {{
      {"", ""},
      {"shop", "dbname=shop"},
      {"host=db password=hunter2 dbname=shop", "dbname=shop host=db"},
      {"password = 'hun ter\\'2' host=db", "host=db"},
      {"host=db sslpassword=hunter2 passfile=/home/me/.pgpass user=a", "user=a host=db"},
      {"host='/tmp/a b' port=5433", "host='/tmp/a b' port=5433"},
      {"postgresql://me:hunter2@db:5433/shop", "postgresql://me@db:5433/shop"},
      {"postgres://me:p%40ss@db/shop", "postgresql://me@db/shop"},
      {"postgresql://db/shop?password=hunter2&sslmode=require",
       "postgresql://db/shop?sslmode=require"},
      {"postgresql://me@[::1]:5433/shop", "postgresql://me@[::1]:5433/shop"},
      {"postgresql://a:1,b:2/shop?target_session_attrs=read-write",
       "postgresql://a:1,b:2/shop?target_session_attrs=read-write"},
      {"postgresql://m%20e:x@db/a%2Fb", "postgresql://m%20e@db/a%2Fb"},
  }};
  for (const Row& row : rows) {
    INFO(row.conninfo);
    CHECK(redact(row.conninfo) == row.shown);
  }
}

TEST_CASE("a string libpq cannot read is not shown at all", "[pg]") {
  for (const char* bad : {"password=two words host=x", "host=x password='open", "nonsense=1",
                          "postgresql://me:hun/ter2@db:port/x", "postgresql://me:hun@ter2@db/x",
                          "me:hunter2@db/x", "postgre://a:b@c/d", "postgresql://[::1/x"}) {
    INFO(bad);
    CHECK(redact(bad) == "(unreadable connection string)");
    CHECK(describe(bad) == "(unreadable connection string)");
  }
}

TEST_CASE("describe names host, port and database as libpq would connect", "[pg]") {
  clear_environment();
  CHECK(describe("host=db port=5433 dbname=shop user=me password=x") == "db:5433/shop");
  CHECK(describe("postgresql://me:x@db/shop") == "db:5432/shop");
  CHECK(describe("hostaddr=10.0.0.1 dbname=shop") == "10.0.0.1:5432/shop");
  CHECK(describe("host=::1 dbname=shop") == "[::1]:5432/shop");
  CHECK(describe("host=a,b port=1,2 dbname=shop") == "a:1,b:2/shop");
  CHECK(describe("host=a,b dbname=shop") == "a:5432,b:5432/shop");
  CHECK(describe("host=/run/pg dbname=shop") == "/run/pg:5432/shop");
  const Environment host("PGHOST", "envhost");
  const Environment port("PGPORT", "6000");
  CHECK(describe("shop") == "envhost:6000/shop");
  CHECK(describe("host=own dbname=shop") == "own:6000/shop");
}

TEST_CASE("scrub removes passwords wherever they come from", "[pg]") {
  clear_environment();
  CHECK(scrub("login hunter2 failed", "password=hunter2") == "login *** failed");
  CHECK(scrub("p@ss and p%40ss", "postgres://me:p%40ss@db/x") == "*** and ***");
  CHECK(scrub("x hunter2hunter2 y", "postgres://db/x?password=hunter2") == "x ****** y");
  CHECK(scrub("role \"me\" has no a", "password=a") == "role \"me\" has no ***");
  CHECK(scrub("nothing here", "host=db password=''") == "nothing here");
  CHECK(scrub("secret1 secret12", "password=secret1 sslpassword=secret12") == "*** ***");
  const Environment password("PGPASSWORD", "from-env");
  CHECK(scrub("it was from-env", "host=db") == "it was ***");
}

TEST_CASE("one option is set to another value, the others stay", "[pg]") {
  CHECK(with_option("host=/tmp user=a dbname=x", "user", "it's me") ==
        "dbname=x host=/tmp user='it\\'s me'");
  CHECK(describe(with_option("postgresql://a:pw@h1:1,h2:2/x", "user", "b")) ==
        describe("postgresql://a@h1:1,h2:2/x"));
  CHECK(with_option("", "user", "b") == "user=b");
  CHECK(with_option("host='", "user", "b") == "host='");  // libpq will say what is wrong with it
}

TEST_CASE("the environment names a target only with values that say where or who", "[pg]") {
  clear_environment();
  CHECK_FALSE(target_in_environment());
  {
    const Environment password("PGPASSWORD", "x");
    const Environment empty("PGHOST", "");
    CHECK_FALSE(target_in_environment());
  }
  for (const char* name : {"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE"}) {
    INFO(name);
    const Environment variable(name, "x");
    CHECK(target_in_environment());
  }
}

TEST_CASE("a keyword's value is quoted only where libpq needs it", "[pg]") {
  CHECK(conninfo_pair("host", "/tmp/x") == "host=/tmp/x");
  CHECK(conninfo_pair("host", "") == "host=''");
  CHECK(conninfo_pair("host", "a b'c\\d") == "host='a b\\'c\\\\d'");
  const auto parsed = parse_conninfo(conninfo_pair("host", "a b'c\\d"));
  REQUIRE(parsed);
  CHECK(parsed->at(0).value == "a b'c\\d");
}

TEST_CASE("a URL's query is not shown, whatever it is called", "[conninfo]") {
  CHECK(shown_word("http://a:81/metrics?x=t0ps3cret") == "http://a:81/metrics?***");
  CHECK(shown_word("--metrics=http://a:81/metrics?x=t0ps3cret") ==
        "--metrics=http://a:81/metrics?***");
  CHECK(shown_word("http://a:81/metrics") == "http://a:81/metrics");
  CHECK(shown_word("http://app:t0ps3cret@a:81/metrics").find("t0ps3cret") == std::string::npos);
  for (const char* name : {"token", "api_key", "access_token", "key"}) {
    INFO(name);
    const std::string text = redacted("http://a/?" + std::string(name) + "=t0ps3cret failed");
    CHECK(text.find("t0ps3cret") == std::string::npos);
  }
  CHECK(redacted("duplicate key=5") == "duplicate key=5");
}
