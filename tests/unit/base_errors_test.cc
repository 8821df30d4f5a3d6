// How mistakes and failures are put into words.
#include <array>
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "poolgauge/diagnostic.h"
#include "poolgauge/outcome.h"

using namespace poolgauge;

TEST_CASE("a diagnostic says where, what was expected and what was found") {
  Diagnostic d{"scenarios/checkout.json",   14, 22, "/load/rate", "-5",
               "expected a number above 0", ""};
  CHECK(to_text(d) ==
        "scenarios/checkout.json:14:22: /load/rate\n  expected a number above 0, found -5");
  d.found.clear();
  d.path = "/deployment/pool/max_overfow";
  d.message = "unknown option for kind \"sqlalchemy\"";
  d.nearest = "max_overflow";
  CHECK(to_text(d) ==
        "scenarios/checkout.json:14:22: /deployment/pool/max_overfow\n"
        "  unknown option for kind \"sqlalchemy\"; did you mean \"max_overflow\"?");
}

TEST_CASE("a diagnostic leaves out what it does not know") {
  CHECK(to_text(Diagnostic{"--users", 0, 0, "", "0", "expected a number above 0", ""}) ==
        "--users\n  expected a number above 0, found 0");
  CHECK(to_text(Diagnostic{"a.json", 3, 0, "", "", "expected a value", ""}) ==
        "a.json:3\n  expected a value");
  CHECK(to_text(Diagnostic{"", 0, 0, "/load", "", "missing", ""}) == "/load\n  missing");
  CHECK(to_text(Diagnostic{"", 0, 0, "", "", "missing", ""}) == "missing");
}

TEST_CASE("several diagnostics stand below each other") {
  const std::array both{Diagnostic{"a", 1, 1, "", "", "first", ""},
                        Diagnostic{"b", 2, 2, "", "", "second", ""}};
  CHECK(to_text(both) == "a:1:1\n  first\nb:2:2\n  second\n");
  CHECK(to_text(std::span<const Diagnostic>{}).empty());
}

TEST_CASE("every SQLSTATE has a class") {
  const std::pair<std::string_view, FailureClass> cases[] = {
      {"28P01", FailureClass::authentication},
      {"28000", FailureClass::authentication},
      {"53300", FailureClass::too_many_connections},
      {"53100", FailureClass::disk_full},
      {"53200", FailureClass::out_of_memory},
      {"53400", FailureClass::server_limit},
      {"53000", FailureClass::server_limit},
      {"57P01", FailureClass::server_shutdown},
      {"57P02", FailureClass::server_shutdown},
      {"57P03", FailureClass::server_starting},
      {"57P05", FailureClass::sql_error},
      {"57014", FailureClass::statement_timeout},
      {"55P03", FailureClass::lock_timeout},
      {"40001", FailureClass::serialization},
      {"40P01", FailureClass::deadlock},
      {"40002", FailureClass::sql_error},
      {"08006", FailureClass::connection_lost},
      {"08000", FailureClass::connection_lost},
      {"3D000", FailureClass::connect_error},
      {"23505", FailureClass::sql_error},
      {"42P01", FailureClass::sql_error},
      {"", FailureClass::sql_error},
      {"28", FailureClass::sql_error},
      {"28P01x", FailureClass::sql_error},
  };
  for (const auto& [state, expected] : cases) {
    INFO(state);
    CHECK(name_of(classify_sqlstate(state)) == name_of(expected));
  }
}

TEST_CASE("PgBouncer's own refusals are told by their words, and only with its SQLSTATE") {
  const struct {
    const char* state;
    const char* message;
    FailureClass failure;
  } cases[] = {
      {"08P01", "query_wait_timeout", FailureClass::pooler_refused},
      {"08P01", "no more connections allowed (max_client_conn)", FailureClass::pooler_refused},
      {"08P01", "client_idle_timeout", FailureClass::pooler_refused},
      {"08P01", "server login has been failing, try again later", FailureClass::connection_lost},
      {"08P01", "", FailureClass::connection_lost},
      {"08006", "query_wait_timeout", FailureClass::connection_lost},
      {"42601", "query_wait_timeout", FailureClass::sql_error},
  };
  for (const auto& c : cases) {
    INFO(c.state << " " << c.message);
    CHECK(name_of(classify_sqlstate(c.state, c.message)) == name_of(c.failure));
  }
}

TEST_CASE("phases and failure classes have names of their own") {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(FailureClass::stopped); ++i) {
    names.insert(name_of(static_cast<FailureClass>(i)));
  }
  CHECK(names.size() == static_cast<std::size_t>(FailureClass::stopped) + 1);
  CHECK(name_of(FailureClass::pool_timeout) == "pool_timeout");
  CHECK(name_of(FailureClass::deadline) == "deadline");

  std::set<std::string_view> phases;
  for (int i = 0; i <= static_cast<int>(Phase::deadline); ++i) {
    phases.insert(name_of(static_cast<Phase>(i)));
  }
  CHECK(phases ==
        std::set<std::string_view>{"checkout", "connect", "begin", "step", "commit", "deadline"});
}
