// The three renderings of a sizing say the same, in the order people and scripts rely on.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/text.h"
#include "poolgauge/sizing.h"

using namespace poolgauge;
using Json = nlohmann::ordered_json;

namespace {

Sizing classic() {
  SizeInputs in;
  in.processes = 10;
  in.pool_size = 20;
  in.max_overflow = 40;
  in.rate_per_s = 300;
  in.hold_s = 0.05;
  in.sql_s = 0.01;
  return size_pools(in).value();
}

TerminalStyle plain(unsigned width) {
  TerminalStyle style;
  style.width = width;
  return style;
}

std::size_t position(const std::string& text, const std::string& piece) {
  INFO(piece);
  const std::size_t at = text.find(piece);
  REQUIRE(at != std::string::npos);
  return at;
}

}  // namespace

TEST_CASE("A sizing's screen: mistake, answer, reason, snippet, then the rules") {
  const std::string text = to_terminal(classic(), plain(80), {"sqlalchemy", false, false});
  const std::size_t mistake = position(text, "10 processes × 60 = 600 connections");
  const std::size_t answer = position(text, "SET ");
  const std::size_t reason = position(text, "Erlang C");
  const std::size_t snippet = position(text, "create_engine(");
  const std::size_t rules = position(text, "Rules of thumb");
  CHECK(mistake < answer);
  CHECK(answer < reason);
  CHECK(reason < snippet);
  CHECK(snippet < rules);
  position(text, "calculated, not measured");
}

TEST_CASE("A sizing fits the terminal's width, snippets excepted") {
  for (const unsigned width : {60U, 80U, 120U}) {
    std::istringstream lines(to_terminal(classic(), plain(width), {"none", width > 60, false}));
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      CHECK(display_width(line) <= width);
    }
  }
}

TEST_CASE("A sizing's JSON has every name of the contract's recommendation") {
  const Json root = Json::parse(to_json(classic(), {"1.2.3", "poolgauge size", "now"}));
  CHECK(root["schema_version"] == 1);
  CHECK(root["tool"]["version"] == "1.2.3");
  const Json& r = root["recommendation"];
  for (const char* name :
       {"pool_size", "max_overflow", "pool_timeout_s", "pool_recycle_s", "max_connections", "per",
        "capacity", "budget", "confidence", "confirmed", "formulas", "predicted", "measured",
        "alternatives", "why", "warnings", "snippets"}) {
    INFO(name);
    CHECK(r.contains(name));
  }
  for (const char* name : {"max_connections", "reserved", "other_clients", "available", "needed",
                           "headroom", "fits"}) {
    INFO(name);
    CHECK(r["budget"].contains(name));
  }
  CHECK(r["budget"]["headroom"] ==
        r["budget"]["available"].get<int>() - r["budget"]["needed"].get<int>());
  for (const char* name : {"sqlalchemy", "hikari", "postgresql.conf"}) {
    CHECK(r["snippets"].contains(name));
  }
  CHECK(r["predicted"]["latency_p95_ms"].is_null());  // no formula knows it
  CHECK(root["judged"]["fits"] == false);
}

TEST_CASE("A sizing's Markdown begins with the answer and its worst warning") {
  const std::string text = to_markdown(classic());
  const std::string first = text.substr(0, text.find('\n'));
  CHECK(first.rfind("**Per process: pool\\_size ", 0) == 0);
  CHECK(first.find("600 connections") != std::string::npos);
  CHECK(text.find("<details><summary>HikariCP</summary>") != std::string::npos);
  CHECK(text.back() == '\n');
}

TEST_CASE("Only the snippets that were asked for are shown") {
  const Sizing sizing = classic();
  CHECK(to_terminal(sizing, plain(80), {"none", false, false}).find("pool_recycle=") ==
        std::string::npos);
  const std::string all = to_terminal(sizing, plain(80), {"all", false, false});
  for (const Snippet& snippet : sizing.recommendation.snippets) {
    INFO(snippet.id);
    CHECK(all.find("--- " + snippet.title) != std::string::npos);
  }
}

TEST_CASE("Everything said of a sizing stands before what is to be pasted") {
  SizeInputs in;
  in.instances = 2;
  in.processes = 4;
  in.rate_per_s = 500;
  in.hold_s = 0.03;
  in.sql_s = 0.01;
  in.pgbouncer = true;
  in.max_client_conn = 90;
  const Sizing sizing = size_pools(in).value();
  const std::string text = to_terminal(sizing, plain(80), {"all", false, false});
  INFO(text);
  const std::size_t snippets = text.find("\n--- ");
  REQUIRE(snippets != std::string::npos);
  for (const char* said : {"one connection fewer per pool", "assumed  ", "trust  "}) {
    CHECK(position(text, said) < snippets);
  }
}

TEST_CASE("What fits with too little headroom says so") {
  SizeInputs in;
  in.processes = 4;
  in.pool_size = 20;
  in.max_overflow = 2;  // 88 of 92
  const Sizing sizing = size_pools(in).value();
  const std::string text = to_terminal(sizing, plain(200), {"none", false, false});
  position(text, "less than 10 % of the slots stay free");
  in.replica_pool_size = 10;
  in.replica_max_connections = 50;  // 40 of 42
  in.pool_size = 5;
  const Sizing replica = size_pools(in).value();
  position(to_terminal(replica, plain(200), {"none", false, false}),
           "less than 10 % of the slots stay free (replica)");
  position(to_markdown(replica), "fits, with little headroom");
}

TEST_CASE("A sizing's first screen has 24 lines of 80 columns and loses nothing") {
  SizeInputs in;
  in.processes = 10;
  in.pool_size = 20;
  in.max_overflow = 40;
  in.rate_per_s = 300;
  in.hold_s = 0.05;
  in.sql_s = 0.01;
  in.threads = 90;
  in.connections_per_request = 3;
  in.memory_mib = 1024;
  in.replica_pool_size = 30;
  const Sizing sizing = size_pools(in).value();
  const std::string screen = to_terminal(sizing, plain(80), {"none", false, true});
  CHECK(std::count(screen.begin(), screen.end(), '\n') <= 24);
  const std::string whole = to_terminal(sizing, plain(80), {"none", false, false});
  for (const std::string& assumed : sizing.assumed) {
    INFO(assumed);
    CHECK(whole.find(assumed.substr(0, 12)) != std::string::npos);
  }
}

TEST_CASE("What was assumed stands before how far to trust it, on whichever screen") {
  for (const bool load : {false, true}) {
    SizeInputs in;
    if (load) {
      in.rate_per_s = 300;
      in.hold_s = 0.05;
    }
    const std::string text = to_terminal(size_pools(in).value(), plain(80), {"none", false, false});
    CHECK(position(text, "assumed ") < position(text, "trust "));
  }
}

TEST_CASE("A rule that sets the server, too, says what the fleet would open") {
  SizeInputs in;
  in.processes = 10;
  in.max_connections = 90;
  Sizing sizing = size_pools(in).value();
  FormulaAnswer rule;
  rule.id = "copied";
  rule.pool_size = 20;
  rule.max_overflow = 40;
  rule.max_connections = 90;
  rule.fleet = 600;
  rule.fits = false;
  sizing.recommendation.formulas = {rule};
  const std::string text = to_terminal(sizing, plain(160), {"none", false, false});
  position(
      text,
      "20 + 40 overflow per process and max_connections 90 according to the rule; all processes "
      "together would open 600: does not fit");
  sizing.recommendation.formulas[0].max_connections.reset();
  position(to_terminal(sizing, plain(160), {"none", false, false}),
           "20 + 40 overflow per process; 600 in total: does not fit");
}
