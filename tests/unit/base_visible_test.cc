// Nothing of a stranger's text may command a terminal, and no password may be shown.
#include <catch2/catch.hpp>

#include "base/visible_text.h"

namespace poolgauge {
namespace {

bool mentions(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

TEST_CASE("what a terminal obeys or nobody sees is written out") {
  CHECK(visible_text("plain ✓ µs 🐘") == "plain ✓ µs 🐘");
  CHECK(visible_text("\x1b[31mred") == "\\x1b[31mred");
  CHECK(visible_text(std::string("a\0b", 3)) == "a\\x00b");
  CHECK(visible_text("a\nb\rc\td\x7f") == "a\\nb\\rc d\\x7f");
  CHECK(visible_text("\xC2\x9B"
                     "31m") == "\\u009b31m");                // C1: as ESC [
  CHECK(visible_text("\xE2\x80\xAE") == "\\u202e");          // right-to-left override
  CHECK(visible_text("a\xE2\x80\x8B") == "a\\u200b");        // zero width
  CHECK(visible_text("\xF3\xA0\x81\x81") == "\\U000e0041");  // a tag
  CHECK(visible_text("caf\xE9") == "caf\\xe9");              // Latin-1
  CHECK(visible_text("\xED\xA0\x80\xC0\x80") == "\\xed\\xa0\\x80\\xc0\\x80");
  CHECK(visible_lines("a\n\tb\x1b") == "a\n\tb\\x1b");
  CHECK(visible_lines("") == "");
}

TEST_CASE("a JSON document stays the same document") {
  CHECK(visible_json("{\"a\": \"x\xC2\x9By\xE2\x80\xAE\"}\n") == "{\"a\": \"x\\u009by\\u202e\"}\n");
  CHECK(visible_json("\"\xF3\xA0\x81\x81\"") == "\"\\udb40\\udc41\"");
}

TEST_CASE("the first byte that is no UTF-8 is found") {
  CHECK(first_invalid_utf8("é\n✓") == std::string_view::npos);
  CHECK(first_invalid_utf8("ab\xE9 c") == 2);
  CHECK(first_invalid_utf8("ab\xE2\x9C") == 2);
}

TEST_CASE("passwords leave every text, whatever form they come in") {
  const char* const rows[][2] = {
      {"postgresql://u:s3cret@h/d", "postgresql://u:***@h/d"},
      {"POSTGRES://u:s3cret@h:5432/d?x=1", "POSTGRES://u:***@h:5432/d?x=1"},
      {"found \"postgres://u:a@b/c:s3cret@h/d\", expected",
       "found \"postgres://u:***@h/d\", expected"},
      {"postgresql://u:s3cr%65t@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:s3cret", "postgresql://u:***"},
      {"postgresql://h:5432/d, postgresql://h1:1,h2:2/d",
       "postgresql://h:5432/d, postgresql://h1:1,h2:2/d"},
      {"postgresql://h/d?user=u&password=s3cret&x=1", "postgresql://h/d?user=u&password=***&x=1"},
      {"postgresql://h/d?p%61ssword=s3cret", "postgresql://h/d?p%61ssword=***"},
      {"host=h password=s3cret user=u", "host=h password=*** user=u"},
      {"host=h password = 's3 \\' cret' user=u", "host=h password = '***' user=u"},
      {"PGPASSWORD=s3cret psql", "PGPASSWORD=*** psql"},
      {"sslpassword=s3cret", "sslpassword=***"},
      {"{\"password\": \"s3\\\"cret\", \"a\": 1}", "{\"password\": \"***\", \"a\": 1}"},
      {"\"{\\\"password\\\": \\\"s3cret\\\"}\"", "\"{\\\"password\\\": \\\"***\\\"}\""},
      {"ALTER ROLE a PASSWORD 's3''cret';", "ALTER ROLE a PASSWORD '***';"},
      {"jdbc:postgresql://h/d?user=u&password=s3cret", "jdbc:postgresql://h/d?user=u&password=***"},
      {"postgresql%3A%2F%2Fu%3As3cret%40h%2Fd", "postgresql://u:***@h/d"},
      {"a=host%3Dh%20password%3Ds3cret", "a=host=h password=***"},
  };
  for (const auto& [text, shown] : rows) {
    INFO(text);
    CHECK(without_secrets(text) == shown);
    CHECK(without_secrets(shown) == shown);
    CHECK_FALSE(mentions(without_secrets(text, Container::word), "cret"));
  }
}

TEST_CASE("what is no password stays") {
  for (const char* const text :
       {"UPDATE person SET password = :pw WHERE id = $1", "password=$1", "password=:pw",
        "SELECT secret FROM t", "check user, password and pg_hba.conf of the target",
        "password authentication failed for user \"u\"", "p95(latency) < 1s",
        "postgresql://u@h:5432/d?application_name=x", "https://example.org/a_b", "12 % of 100%",
        "{\"status\": \"pass\", \"passed\": 3}", "http://[::1]:80/"}) {
    CHECK(without_secrets(text) == text);
  }
}

TEST_CASE("a word is the container of its secret: spaces and quotes are part of it") {
  const std::string word = "target=postgresql://u:my \"s3cret@h/d";
  CHECK(without_secrets(word, Container::word) == "target=postgresql://u:***@h/d");
  CHECK(secrets_in(word, Container::word) == std::vector<std::string>{"my \"s3cret"});
  CHECK(secrets_in("postgresql://u:a%40b@h", Container::word) ==
        std::vector<std::string>{"a%40b", "a@b"});
}

}  // namespace
}  // namespace poolgauge
