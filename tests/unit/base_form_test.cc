// What a file is that should have been JSON.
#include <catch2/catch.hpp>

#include "base/json_layout.h"

using namespace poolgauge;

TEST_CASE("other formats are recognised by their first lines") {
  CHECK(form_of("") == FileForm::empty);
  CHECK(form_of(" \n\t\n") == FileForm::empty);
  CHECK(form_of("version: 1\nname: x\n") == FileForm::yaml);
  CHECK(form_of("---\n# a comment\nname: x\n") == FileForm::yaml);
  CHECK(form_of("# a comment\nname: x\n") == FileForm::yaml);
  CHECK(form_of("- name: x\n") == FileForm::yaml);
  CHECK(form_of("[load]\nusers = 5\n") == FileForm::toml);
  CHECK(form_of("users = 5\n") == FileForm::toml);
  CHECK(form_of("t,request\n0.1,chat\n") == FileForm::csv);
  CHECK(form_of("SELECT 1;\n") == FileForm::sql);
  CHECK(form_of("\\set aid random(1, 10)\nSELECT 1;\n") == FileForm::pgbench);
  CHECK(form_of("2026-01-31 12:00:00.1 UTC [7] LOG:  ready\n") == FileForm::server_log);
  CHECK(form_of("{\"timestamp\":\"x\",\"error_severity\":\"LOG\"}") == FileForm::jsonlog);
  CHECK(form_of("2026-01-31 12:00:00.1 UTC,,,,,,,,,,,,,,,,,,,,,,\n") == FileForm::csvlog);
  CHECK(form_of("<!doctype html>") == FileForm::xml);
  CHECK(form_of("# Report\n\nThe pool ...\n") == FileForm::markdown);
  CHECK(form_of("**chat-100 met its goal, 98 ms, 99 users.**\n\n- a, b\n") == FileForm::markdown);
  CHECK(form_of("\x1F\x8B\x08") == FileForm::compressed);
  CHECK(form_of(std::string_view("\xFF\xFE{\0", 4)) == FileForm::utf16);
  CHECK(form_of("# Report\n\n- one\n") == FileForm::markdown);
  CHECK_FALSE(form_of("# a comment\n{ \"version\": 1 }"));
  CHECK_FALSE(form_of("{ version: 1 }"));
  CHECK_FALSE(form_of("[ 1, 2 ]"));
  CHECK_FALSE(form_of("[\"a\"]"));
  CHECK_FALSE(form_of("hello"));
}
