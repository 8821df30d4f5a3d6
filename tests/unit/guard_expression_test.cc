// Guards as they are typed, and what is wrong with others.
#include <catch2/catch.hpp>

#include "guard/guard.h"
#include "guard/http_url.h"

using namespace poolgauge;
using namespace poolgauge::guard;
using Op = GuardRule::Op;

TEST_CASE("guard expressions", "[guard]") {
  struct Row {
    const char* text;
    Gauge gauge;
    Op op;
    double limit;
  };
  const Row row =
      GENERATE(Row{"others_active<=4", Gauge::others_active, Op::at_most, 4},
               Row{" FREE_SLOTS >= 10 ", Gauge::free_slots, Op::at_least, 10},
               Row{"replay_lag_s<10s", Gauge::replay_lag_s, Op::less, 10},
               Row{"others_blocked_s <= 500ms", Gauge::others_blocked_s, Op::at_most, 0.5},
               Row{"others_slowdown<2.5", Gauge::others_slowdown, Op::less, 2.5},
               Row{"errors_53<1", Gauge::errors_53, Op::less, 1},
               Row{"others_blocked>0", Gauge::others_blocked, Op::more, 0});
  INFO(row.text);
  const auto rule = parse_guard(row.text, GuardAction::stop, "--guard-stop");
  REQUIRE(rule.ok());
  CHECK(rule.value().gauge == row.gauge);
  CHECK(rule.value().op == row.op);
  CHECK(rule.value().limit == row.limit);
  CHECK(rule.value().action == GuardAction::stop);
}

TEST_CASE("expressions that make no sense name the place", "[guard]") {
  struct Row {
    const char* text;
    const char* what;
  };
  const Row row = GENERATE(
      Row{"", "at character 1: expected the name of a gauge"},
      Row{"others_activ<=4", "there is no gauge \"others_activ\"; did you mean \"others_active\"?"},
      Row{"cpu<1", "at character 1: there is no gauge \"cpu\""},
      Row{"free_slots", "at character 11: expected <, <=, >, or >="},
      Row{"free_slots = 4", "at character 12: expected <, <=, >, or >="},
      Row{"free_slots>=", "at character 13: expected a number"},
      Row{"free_slots>=ten", "at character 13: expected a number"},
      Row{"free_slots>=-1", "at character 13: expected a number of at least 0"},
      Row{"free_slots>=4 slots", "at character 14: expected nothing after the number"},
      Row{"free_slots>=nan", "at character 13: expected a number"},
      Row{"replay_lag_s<4 parsecs", "at character 14: expected a time such as 2s or 500ms"});
  INFO(row.text);
  const auto rule = parse_guard(row.text, GuardAction::hold, "--guard");
  REQUIRE_FALSE(rule.ok());
  CHECK(rule.error().kind == ErrorKind::usage);
  INFO(rule.error().message);
  CHECK(rule.error().message.starts_with("--guard: "));
  CHECK(rule.error().message.find(row.what) != std::string::npos);
  CHECK(rule.error().hint.find("free_slots, others_active, others_blocked") != std::string::npos);
}

TEST_CASE("a rule holds or not", "[guard]") {
  GuardRule rule;
  rule.limit = 4;
  const auto holds = [&rule](Op op, double value) {
    rule.op = op;
    return rule.holds(value);
  };
  CHECK(holds(Op::less, 3.9));
  CHECK_FALSE(holds(Op::less, 4));
  CHECK(holds(Op::at_most, 4));
  CHECK_FALSE(holds(Op::at_most, 5));
  CHECK(holds(Op::more, 5));
  CHECK_FALSE(holds(Op::more, 4));
  CHECK(holds(Op::at_least, 4));
  CHECK_FALSE(holds(Op::at_least, 3));
  CHECK(holds(Op::equal, 4));
  CHECK_FALSE(holds(Op::equal, 5));
}

TEST_CASE("what was seen, in words", "[guard]") {
  CHECK(seen_text(Gauge::others_active, 7) == "others_active was 7");
  CHECK(seen_text(Gauge::others_blocked_s, 2.5) == "others_blocked_s was 2.50 s");
  CHECK(seen_text(Gauge::http, 0) == "the URL did not answer");
  CHECK(seen_text(Gauge::http, 503) == "the URL answered with status 503");
  CHECK(seen_text(Gauge::query, 1) == "the query returned 1");
  CHECK(seen_text(Gauge::stop_file, 1) == "the file exists");
}

TEST_CASE("http URLs", "[guard]") {
  const auto url = parse_http_url("http://localhost:8080/may-load?x=1#frag");
  REQUIRE(url.ok());
  CHECK(url.value().host == "localhost");
  CHECK(url.value().port == "8080");
  CHECK(url.value().path == "/may-load?x=1");
  CHECK(url.value().authority == "localhost:8080");
  const auto six = parse_http_url("HTTP://[::1]");
  REQUIRE(six.ok());
  CHECK(six.value().host == "::1");
  CHECK(six.value().port == "80");
  CHECK(six.value().path == "/");
  for (const char* bad : {"https://a/", "ftp://a/", "localhost:80", "http://", "http://a:0/",
                          "http://a:99999/", "http://a:x/", "http://u:p@a/", "http://a/b c"}) {
    INFO(bad);
    const auto read = parse_http_url(bad);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().kind == ErrorKind::usage);
    CHECK(read.error().message.starts_with("--guard-http: "));
  }
  CHECK(status_in("HTTP/1.1 200 OK\r\n") == 200);
  CHECK(status_in("HTTP/1.0 503\r\n") == 503);
  for (const char* bad : {"", "SSH-2.0-x", "HTTP/1.1", "HTTP/1.1 20", "HTTP/1.1 abc"}) {
    INFO(bad);
    CHECK(status_in(bad) == 0);
  }
}

TEST_CASE("a URL is shown without its query", "[guard]") {
  CHECK(shown_url(parse_http_url("http://a:81/metrics?token=t0ps3cret").value()) ==
        "http://a:81/metrics");
  CHECK(shown_url(parse_http_url("http://a?t0ps3cret").value()) == "http://a/");
  CHECK(without_query("http://a:81/metrics?x") == "http://a:81/metrics");
}

TEST_CASE("an answer is whole when all it announces has come", "[guard]") {
  const std::string length = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nup 1";
  const std::string chunks =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nup 1\r\n0\r\n";
  for (const std::string& whole : {length, chunks}) {
    for (std::size_t most = 0; most < whole.size(); ++most) {
      CHECK_FALSE(is_whole_http_answer(whole.substr(0, most)));
    }
    CHECK(is_whole_http_answer(whole));
  }
  CHECK_FALSE(is_whole_http_answer("HTTP/1.1 200 OK\r\n\r\nup 1"));
  CHECK_FALSE(is_whole_http_answer("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nup 1"));
}

TEST_CASE("whole answers of HTTP servers", "[guard]") {
  const auto body = [](const std::string& bytes) {
    const auto answer = read_http_answer(bytes);
    return answer ? answer->body : std::string("none");
  };
  CHECK(body("HTTP/1.1 200 OK\r\nA: b\r\n\r\nup 1\n") == "up 1\n");
  CHECK(body("HTTP/1.1 200 OK\r\ncontent-LENGTH: 2\r\n\r\nup 1\n") == "up");
  CHECK(body("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nup \r\n2;x=1\r\n1\n\r\n"
             "0\r\n\r\n") == "up 1\n");
  CHECK(read_http_answer("HTTP/1.1 404 Not Found\r\n\r\n")->status == 404);
  for (const char* torn :
       {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nup 1",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nup",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff0\r\nup",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "SSH-2.0\r\n\r\n"}) {
    INFO(torn);
    CHECK_FALSE(read_http_answer(torn));
  }
  const HttpUse use{"--metrics", "http://a/metrics", "save the pages"};
  CHECK(parse_http_url("https://a/", use).error().message == "--metrics: https is not supported");
  CHECK(parse_http_url("https://a/", use).error().hint == "save the pages");
  CHECK(parse_http_url("ftp://a/", use).error().hint == "for example --metrics http://a/metrics");
}
